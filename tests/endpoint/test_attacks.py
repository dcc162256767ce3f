"""Attacks over real sockets on a real endpoint: each is refused with its code, and leaves nothing behind."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
from attacking import KEY, PAGE, audio, base64url, exchange, forge, frame, plain, request
from websockets.asyncio.client import connect

from workbench.client.local import Endpoint
from workbench.protocol.native import PATH
from workbench.security.keyring import Key
from workbench.store.store import open_store

pytestmark = pytest.mark.anyio

NOW = int(datetime.now(UTC).timestamp())
OTHER = "the-attackers-own-key-0123456789abcdef"
INJECTED = "INJECTED by a stranger"
SQL = "x'; drop table sessions; --"
OPEN = {"type": "open", "assistant": "coffee"}


@dataclass(frozen=True, slots=True)
class Attack:
    """What is sent, and what must be answered."""

    name: str
    head: bytes | Callable[[], bytes]
    """The first bytes of the connection."""
    code: int
    """HTTP status, or close code once upgraded."""
    kind: str = ""
    """Kind of the refusal, or code of the last error event; not looked at if empty."""
    then: tuple[bytes, ...] = ()
    """Frames sent after the upgrade."""


def bearer(name: str, code: int, kind: str, **forged: object) -> Attack:
    return Attack(name, lambda: request(forge(**forged)), code, kind)


def raw_token(name: str, kind: str, make: Callable[[], str]) -> Attack:
    return Attack(name, lambda: request(make()), 401, kind)


def origin(name: str, value: str, **claims: object) -> Attack:
    return Attack(name, lambda: request(forge(**claims), f"Origin: {value}"), 403, "wrong-origin")


def head(name: str, code: int, kind: str, *more: str, **changed: object) -> Attack:
    return Attack(name, lambda: request(forge(), *more, **changed), code, kind)


def path(name: str, target: str, code: int = 404, kind: str = "unknown-path") -> Attack:
    return Attack(name, lambda: request(forge(), line=f"GET {target} HTTP/1.1"), code, kind)


def admin(name: str, code: int, kind: str, line: str, body: bytes = b"", *more: str) -> Attack:
    return Attack(name, lambda: plain(line, forge(scope="admin"), *more, body=body), code, kind)


def frames(name: str, code: int, *sent: bytes) -> Attack:
    return Attack(name, lambda: request(forge()), code, then=sent)


def messages(name: str, code: int, kind: str, *sent: object) -> Attack:
    """Send these, the last one again and again with another number until it is too much."""
    *before, last = sent
    many = [last(n) if callable(last) else last for n in range(5)]
    return Attack(name, lambda: request(forge()), code, kind, tuple(map(_wire, [*before, *many])))


def _wire(message: object) -> bytes:
    return message if isinstance(message, bytes) else frame(1, json.dumps(message).encode())


def _without_signature() -> str:
    return forge().rpartition(".")[0] + "."


def _tampered() -> str:
    header, _, signature = forge().split(".")
    claims = {
        "aud": "workbench-session",
        "iat": NOW,
        "nbf": NOW,
        "exp": NOW + 60,
        "jti": "x",
        "scope": "admin",
    }
    return f"{header}.{base64url(json.dumps(claims).encode())}.{signature}"


def _twice(name: str, one: object, two: object) -> bytes:
    rest = json.dumps({"aud": "workbench-session", "iat": NOW, "nbf": NOW, "jti": "x", "scope": "converse"})
    return f'{rest[:-1]}, "{name}": {json.dumps(one)}, "{name}": {json.dumps(two)}}}'.encode()


REVOKE = "POST /v1/revocations HTTP/1.1"

TOKENS = [
    Attack("no token", request(), 401, "missing-token"),
    Attack("empty token", request(""), 401, "missing-token"),
    Attack("garbage for a token", request("nonsense"), 401, "malformed"),
    Attack("password for a token", request(None, "Authorization: Basic dTpw"), 401, "missing-token"),
    bearer("expired", 401, "expired", iat=NOW - 700, nbf=NOW - 700, exp=NOW - 100),
    bearer("not yet valid", 401, "not-yet-valid", nbf=NOW + 600, exp=NOW + 900),
    bearer("issued in the future", 401, "not-yet-valid", iat=NOW + 600, exp=NOW + 900),
    bearer("good for a day", 401, "too-long-lived", exp=NOW + 86_400),
    bearer("ends before it begins", 401, "bad-claim", iat=NOW, exp=NOW - 1),
    bearer("wrong audience", 401, "wrong-audience", aud="another-service"),
    bearer("audience in a list", 401, "wrong-audience", aud=["workbench-session", "other"]),
    bearer("without an end", 401, "missing-claim", exp=None),
    bearer("without an id", 401, "missing-claim", jti=None),
    bearer("end that is no number", 401, "bad-claim", exp="9999999999"),
    bearer("end that is endless", 401, "malformed", body=_twice("exp", NOW, float("inf"))),
    bearer("claim given twice", 401, "malformed", body=_twice("exp", NOW - 1, NOW + 60)),
    bearer("scope that does not exist", 403, "unknown-scope", scope="converse root"),
    bearer("scope of an administrator", 403, "wrong-scope", scope="admin"),
    bearer("SQL in the id", 401, "bad-claim", jti=SQL),
    bearer("line break in the project", 401, "bad-claim", project=f"x\n{INJECTED}"),
    bearer("wrong key, right name", 401, "bad-signature", key=OTHER),
    bearer("wrong key, its own name", 401, "unknown-key", key=OTHER, head={"kid": Key(OTHER).key_id}),
    bearer("no key name", 401, "unknown-key", head={"kid": None}),
    bearer("path for a key name", 401, "unknown-key", head={"kid": "../../../../dev/null"}, key="x"),
    bearer("SQL for a key name", 401, "unknown-key", head={"kid": "' union select 'x"}, key="x"),
    bearer(
        "brings its own key", 401, "unknown-key", head={"kid": "x", "jwk": {"kty": "oct", "k": "eA"}}, key="x"
    ),
    bearer("algorithm none", 401, "wrong-algorithm", head={"alg": "none"}),
    bearer("algorithm nOnE", 401, "wrong-algorithm", head={"alg": "nOnE"}),
    bearer("algorithm RS256 over our key", 401, "wrong-algorithm", head={"alg": "RS256"}),
    bearer("another hash", 401, "wrong-algorithm", head={"alg": "HS512"}, digest="sha512"),
    bearer("another hash under our name", 401, "bad-signature", digest="sha512"),
    bearer("critical extension", 401, "malformed", head={"crit": ["exp"]}),
    raw_token("no signature", "bad-signature", _without_signature),
    raw_token(
        "none and no signature",
        "wrong-algorithm",
        lambda: forge(head={"alg": "none"}).rpartition(".")[0] + ".",
    ),
    raw_token("tampered claims", "bad-signature", _tampered),
    raw_token("tampered signature", "bad-signature", lambda: forge()[:-8] + "AAAAAAAA"),
    raw_token("five parts", "malformed", lambda: forge() + ".e30.e30"),
    raw_token("too large", "too-large", lambda: "e30." + "A" * 5000 + ".e30"),
    Attack("two tokens", lambda: request(forge(), f"Authorization: Bearer {forge()}"), 400, "malformed"),
    Attack(
        "token in the address",
        lambda: request(None, line=f"GET /v1/session?token={forge()} HTTP/1.1"),
        400,
        "query",
    ),
    Attack(
        "token in header and subprotocol",
        lambda: request(forge(), f"Sec-WebSocket-Protocol: workbench.v1, workbench-token.{forge()}"),
        400,
        "malformed",
    ),
]

ORIGINS = [
    origin("page not on the list", "https://evil.example"),
    origin("null origin", "null"),
    origin("empty origin", ""),
    origin("listed origin as a prefix", f"{PAGE}.evil.example"),
    origin("listed origin as a suffix", "https://evil-lab.example"),
    origin("listed origin as user name", "https://lab.example@evil.example"),
    origin("listed origin as a path", "https://evil.example/https://lab.example"),
    origin("listed origin, another port", f"{PAGE}:444"),
    origin("listed origin, another scheme", "http://lab.example"),
    origin("listed origin in capitals", "HTTPS://LAB.EXAMPLE"),
    origin("listed origin and another", f"{PAGE}, https://evil.example"),
    origin("star", "*"),
    origin("page the token is not for", PAGE, origins=["https://other.example"]),
]

PATHS = [
    path("step up", "/v1/session/../sessions"),
    path("step up, encoded", "/v1/session/%2e%2e/sessions"),
    path("double slash", "//v1/session"),
    path("encoded slash", "/v1%2Fsession"),
    path("encoded letter", "/v1/%73ession"),
    path("trailing slash", "/v1/session/"),
    path("null byte", "/v1/session%00"),
    path("parameter", "/v1/session;admin=1"),
    path("back slash", "\\v1\\session"),
    path("capitals", "/V1/SESSION"),
    path("whole address of another host", "http://evil.example/v1/session"),
    path("upgrade on an administrator's path", "/v1/sessions"),
    path("health by way of a session", "/v1/session/../../healthz"),
    Attack(
        "session without an upgrade", lambda: plain("GET /v1/session HTTP/1.1", forge()), 426, "no-upgrade"
    ),
    Attack("documentation", lambda: plain("GET /docs HTTP/1.1", forge()), 404, "unknown-path"),
    Attack(
        "description of the routes", lambda: plain("GET /openapi.json HTTP/1.1", forge()), 404, "unknown-path"
    ),
    Attack("tunnel", lambda: plain("CONNECT evil.example:443 HTTP/1.1", forge()), 404, "unknown-path"),
    Attack("trace", lambda: plain("TRACE /healthz HTTP/1.1", forge()), 404, "unknown-path"),
]

HEADERS = [
    head("two hosts", 400, "malformed", "Host: evil.example"),
    head("no host", 400, "malformed", drop=("Host",)),
    head("two origins", 400, "", f"Origin: {PAGE}", "Origin: https://evil.example"),
    head("two lengths", 400, "malformed", "Content-Length: 0", "Content-Length: 5"),
    head(
        "length and chunks",
        400,
        "malformed",
        "Content-Length: 4",
        "Transfer-Encoding: chunked",
        body=b"0\r\n\r\n",
    ),
    head("chunks, hidden", 400, "malformed", "Transfer-Encoding: xchunked"),
    head("body on an upgrade", 400, "", "Content-Length: 5", body=b"GET /"),
    head("second request in the same breath", 400, "malformed", body=b"GET /v1/sessions HTTP/1.1\r\n\r\n"),
    head("frames before the answer", 400, "malformed", body=frame(1, b"{}")),
    head("space before the colon", 400, "malformed", "Content-Length : 5"),
    head("null byte in a header", 400, "malformed", "X-One: a\0b"),
    head("line break in a header", 400, "malformed", "X-One: a\rTransfer-Encoding: chunked"),
    head("header without a name", 400, "malformed", ": x"),
    head("huge header", 431, "too-large", f"X-One: {'a' * 12_000}"),
    head("huge head", 431, "too-large", *[f"X-{number}: {'a' * 1000}" for number in range(60)]),
    head("a hundred headers", 431, "too-large", *[f"X-{number}: a" for number in range(100)]),
    Attack("head without an end", lambda: request(forge())[:-2], 408, "too-slow"),
    head("unknown subprotocol", 400, "subprotocol", "Sec-WebSocket-Protocol: graphql-ws"),
    head("old WebSocket version", 400, "", "Sec-WebSocket-Version: 8", drop=("Sec-WebSocket-Version",)),
    head("no WebSocket key", 400, "", drop=("Sec-WebSocket-Key",)),
    head(
        "HTTP/2 in disguise",
        426,
        "",
        "HTTP2-Settings: AAMAAABk",
        drop=("Upgrade", "Connection"),
        line="GET /v1/session HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings",
    ),
    Attack("HTTP/2 at once", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 404, "unknown-path"),
    Attack(
        "TLS on a plain socket",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 60,
        400,
        "malformed",
    ),
    Attack("no HTTP at all", b"\0\xff\0\xff\r\n\r\n", 400, "malformed"),
    Attack(
        "forwarded by nobody", lambda: request("x", "X-Forwarded-For: 127.0.0.1", "X-Forwarded-For: ::1"), 400
    ),
]

ADMIN = [
    Attack("caller lists sessions", lambda: plain("GET /v1/sessions HTTP/1.1", forge()), 403, "wrong-scope"),
    Attack("caller revokes", lambda: plain(REVOKE, forge(), body=b"{}"), 403, "wrong-scope"),
    Attack("nobody lists sessions", plain("GET /v1/sessions HTTP/1.1", None), 401, "missing-token"),
    admin("wrong method", 405, "wrong-method", "DELETE /v1/sessions HTTP/1.1"),
    admin("no body", 400, "malformed", REVOKE),
    admin("unknown field", 400, "malformed", REVOKE, b'{"kind":"token","name":"x","all":true}'),
    admin("unknown kind", 400, "malformed", REVOKE, b'{"kind":"table","name":"x"}'),
    admin("SQL for a name", 400, "malformed", REVOKE, json.dumps({"kind": "token", "name": SQL}).encode()),
    admin(
        "line break in a name",
        400,
        "malformed",
        REVOKE,
        json.dumps({"kind": "token", "name": f"x\n{INJECTED}"}).encode(),
    ),
    admin("nested deeply", 400, "malformed", REVOKE, b"[" * 4000),
    admin("large body", 413, "too-large", REVOKE, b" " * 5000),
    admin("body of unknown length", 400, "malformed", REVOKE, b"", "Transfer-Encoding: chunked"),
]

BOMB = b"\xec\xc1\x01\x01" + b"\0" * 200  # as a deflated message would begin

FRAMES = [
    frames("reserved opcode", 1002, frame(3, b"x")),
    frames("reserved control opcode", 1002, frame(11)),
    frames("compressed though not agreed", 1002, frame(1, BOMB, first=0xC1)),
    frames("reserved bit 2", 1002, frame(1, b"{}", first=0xA1)),
    frames("reserved bit 3", 1002, frame(2, b"{}", first=0x92)),
    frames("not masked", 1002, frame(1, b"{}", masked=False)),
    frames("fragmented ping", 1002, frame(9, b"x", first=0x09)),
    frames("large ping", 1002, frame(9, b"x" * 126)),
    frames("continues nothing", 1002, frame(0, b"x")),
    frames("begins anew in the middle", 1002, frame(1, b"{", first=0x01), frame(1, b"}")),
    frames("no UTF-8", 1007, frame(1, b"\xff\xfe{}")),
    frames("surrogates in UTF-8", 1007, frame(1, b'"\xed\xa0\x80"')),
    frames("close code that does not exist", 1002, frame(8, b"\x00\x01")),
    frames("half a close code", 1002, frame(8, b"\x03")),
    frames("longer than any message", 1009, frame(1, b" " * 70_000)),
    frames("says it has 2^62 bytes", 1009, b"\x81\xff" + (2**62).to_bytes(8) + b"\0\0\0\0"),
    frames("says it has 2^63 bytes", 1009, b"\x82\xff" + (2**63).to_bytes(8) + b"\0\0\0\0"),
    frames(
        "too long in fragments",
        1009,
        frame(1, b" " * 40_000, first=0x01),
        frame(0, b" " * 40_000, first=0x00),
    ),
    frames("endless empty fragments", 1009, frame(1, b"{", first=0x01), frame(0, first=0x00) * 1000),
]

PLAYBACK = {
    "type": "playback", "state": "playing", "reply": 0, "heard": 2**50, "device_position": 2**50, "at": 0.0,
}  # fmt: skip

OPENINGS = [
    messages("nothing like JSON", 4400, "bad-message", frame(1, b"open sesame")),
    messages("nested deeply", 4400, "bad-message", frame(1, b"[" * 30_000)),
    messages("audio first", 4400, "bad-message", frame(2, b"WB\x01\x01" + b"\0" * 16)),
    messages("path for an assistant", 4404, "unknown-assistant", OPEN | {"assistant": "../../etc/passwd"}),
    messages("SQL for an assistant", 4404, "unknown-assistant", OPEN | {"assistant": SQL}),
    messages(
        "line break for an assistant", 4404, "unknown-assistant", OPEN | {"assistant": f"x\n{INJECTED}"}
    ),
    messages("unknown field", 4400, "bad-message", OPEN | {"admin": True}),
    messages("wrong version", 4400, "bad-message", OPEN | {"version": 2**70}),
    messages(
        "rate of audio that is none",
        4406,
        "unknown-format",
        OPEN | {"input": {"encoding": "pcm16", "rate": 1}},
    ),
    messages("second open", 4400, "bad-message", OPEN, OPEN),
    messages("unknown message", 4400, "bad-message", OPEN, {"type": "shutdown"}),
    messages("not a number", 4400, "bad-message", OPEN, frame(1, b'{"type":"ping","sent":NaN}')),
    messages("audio of another version", 4400, "bad-packet", OPEN, lambda n: audio(n, version=9)),
    messages("audio of the agent", 4400, "bad-packet", OPEN, lambda n: audio(n, direction=2)),
    messages("half a sample", 4400, "bad-audio", OPEN, lambda n: audio(n, payload=b"abc")),
    messages("audio from the far future", 4400, "bad-packet", OPEN, lambda n: audio(n, 2**62 + n)),
    messages("audio far ahead of its number", 4400, "bad-seq", OPEN, lambda n: audio(2**31 + n)),
    messages("playback of what was never sent", 4400, "", OPEN, lambda n: PLAYBACK | {"seq": n}),
]


def scoped(name: str, scope: str, kind: str, *sent: object) -> Attack:
    attack = messages(name, 4400, kind, OPEN, *sent)
    return replace(attack, head=lambda: request(forge(scope=scope)))


def resume(name: str, code: int, kind: str, **changed: object) -> Attack:
    wish = {
        "type": "resume", "version": 1, "session": "5a1c5a1c5a1c", "handle": "h" * 43,
        "seen": {"events": 0, "controls": 0, "audio": 0}, "at": 0.0, "turn": 0,
        "messages": 0, "position": 0,
    }  # fmt: skip
    return messages(name, code, kind, wish | changed)


SAY = {"type": "say", "seq": 0, "at": 0.0, "text": "I was never asked to say this"}

MESSAGES = [
    scoped("audio with a token to speak", "speak", "wrong-scope", audio),
    scoped("speech with a token to transcribe", "transcribe", "wrong-scope", lambda n: SAY | {"seq": n}),
    scoped(
        "number far ahead",
        "converse",
        "bad-seq",
        lambda n: {"type": "audio-end", "seq": 20_000 + n, "at": 0.0},
    ),
    scoped("number below zero", "converse", "bad-message", {"type": "audio-end", "seq": -1, "at": 0.0}),
    scoped("text without an end", "speak", "bad-message", SAY | {"text": "x" * 40_000}),
    scoped(
        "acknowledges what was never sent",
        "converse",
        "",
        {"type": "ack", "seen": {"events": 2**20, "controls": 2**20, "audio": 2**20}},
    ),
    scoped("refreshes with garbage", "converse", "", {"type": "refresh", "token": "nonsense"}),
    resume("resumes what never was", 4412, ""),
    resume("SQL for a session", 4412, "", session=SQL),
    resume("SQL for a handle", 4412, "", handle="' or 1=1 --"),
    resume("line break for a session", 4412, "", session=f"x\n{INJECTED}"),
    resume("path for a session", 4412, "", session="../../../etc/passwd"),
    messages(
        "observes without the scope", 4403, "", {"type": "observe", "session": "5a1c5a1c5a1c", "since": 0}
    ),
]

ATTACKS = [*TOKENS, *ORIGINS, *PATHS, *HEADERS, *ADMIN, *FRAMES, *OPENINGS, *MESSAGES]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("attacked") / "log"


@pytest.fixture(scope="module")
def attacked(log: Path) -> Iterator[Endpoint]:
    """An endpoint that counts refusals generously, for all attacks come from one address."""
    environment = {
        **os.environ,
        "WORKBENCH_KEY": KEY,
        "WORKBENCH_ENGINES": "scripted",
        "WORKBENCH_STORE": f"sqlite:///{log.parent / 'store.db'}",
        "WORKBENCH_ORIGINS": json.dumps([PAGE]),
        "WORKBENCH_REFUSALS_PER_ADDRESS": "100000",
        "WORKBENCH_HANDSHAKE_TIMEOUT": "1",
        "WORKBENCH_OPEN_TIMEOUT": "3",
        "WORKBENCH_HOLD": "1",
        "WORKBENCH_MAX_SESSIONS": "200",
        "WORKBENCH_BAD_MESSAGES_MAX": "2",
    }
    command = [sys.executable, "-m", "workbench", "serve", "--port", "0", "--managed", "--verbose"]
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environment
        ) as process,
    ):
        try:
            url = json.loads(process.stdout.readline())["url"]
            yield Endpoint(url=url, key=KEY, process=process.pid)
        finally:
            process.stdin.close()
            process.wait(timeout=10)


def address_of(endpoint: Endpoint) -> tuple[str, int]:
    host, _, port = endpoint.url.removeprefix("ws://").rpartition(":")
    return host, int(port)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name.replace(" ", "-"))
async def test_attack_is_refused_with_its_code(attacked, attack):
    """What an attacker sends would get through, or would not be told apart from a failure."""
    first = attack.head if isinstance(attack.head, bytes) else attack.head()
    code, kind = await exchange(address_of(attacked), first, *attack.then)
    assert code == attack.code
    assert not attack.kind or kind == attack.kind


def test_table_names_each_attack_once():
    """An attack would be shadowed by its namesake."""
    names = [attack.name for attack in ATTACKS]
    assert len(names) >= 50
    assert len({(attack.name, attack.code, attack.kind) for attack in ATTACKS}) == len(names)


async def test_token_opens_one_session_only(attacked):
    """Whoever overhears a token could open sessions of their own with it."""
    token = forge()
    opened = (frame(1, json.dumps(OPEN).encode()), frame(1, b'{"type": "close", "seq": 0, "at": 0.0}'))
    assert (await exchange(address_of(attacked), request(token), *opened))[0] == 1000
    assert (await exchange(address_of(attacked), request(token), *opened))[0] == 4403


@pytest.mark.parametrize(
    ("kind", "claims"),
    [
        ("token", {"jti": "revoked-1"}),
        ("client", {"client": "revoked-1"}),
        ("project", {"project": "revoked-1"}),
        ("session", {"session": "revoked-1"}),
    ],
)
async def test_revocation_ends_a_live_session_within_a_second(attacked, kind, claims):
    """A stolen token would keep its session for an hour."""
    token = forge(**claims)
    body = json.dumps({"kind": kind, "name": "revoked-1"}).encode()
    async with connect(
        attacked.url + PATH, additional_headers={"Authorization": f"Bearer {token}"}, proxy=None
    ) as socket:
        await socket.send(json.dumps(OPEN))
        assert json.loads(await socket.recv())["type"] == "welcome"
        order = plain("POST /v1/revocations HTTP/1.1", forge(scope="admin"), body=body)
        assert (await exchange(address_of(attacked), order))[0] == 201
        with anyio.fail_after(1):
            await socket.wait_closed()
    assert socket.close_code == 4403
    assert await exchange(address_of(attacked), request(token)) == (403, "revoked")


async def test_after_all_of_it_a_session_is_led_as_ever(attacked, log):
    """Some attack would have taken a place, broken something or left the token in the log."""
    ready = attacked.url.replace("ws:", "http:") + "/readyz"
    token = attacked.token()
    async with connect(
        attacked.url + PATH, additional_headers={"Authorization": f"Bearer {token}"}, proxy=None
    ) as socket:
        await socket.send(json.dumps(OPEN))
        assert json.loads(await socket.recv())["type"] == "welcome"
    with anyio.fail_after(5):
        while True:
            with await anyio.to_thread.run_sync(urllib.request.urlopen, ready) as answer:
                if json.load(answer)["sessions"] == 0:
                    break
            await anyio.sleep(0.05)
    text = log.read_text()
    assert not re.search(r"e[yw][A-Za-z0-9_-]{8,}\.", text), "a token is in the log"
    assert KEY not in text
    assert not [line for line in text.splitlines() if line.startswith(INJECTED)]
    assert "Traceback" not in text
    assert "ASGI" not in text
    strangers = [line for line in text.splitlines() if " INFO " not in line]
    assert len(strangers) < 10, "attacks fill the log"


async def test_refusals_are_in_the_audit_trail_counted_together(attacked, log):
    """Nobody would know of the attack; or the trail would hold what the attacker wrote."""
    await anyio.sleep(1.5)  # another process writes it once a second
    with open_store(f"sqlite:///{log.parent / 'store.db'}") as store:
        entries = store.audit_entries(limit=2000)
        assert store.sessions() == []
    refused = [entry for entry in entries if entry.kind == "refused"]
    assert {"bad-signature (401)", "expired (401)"} <= {entry.reason.partition(",")[0] for entry in refused}
    assert {entry.address for entry in refused if entry.address} == {"127.0.0.1"}  # sessions name none
    for entry in entries:
        assert INJECTED not in repr(entry)
        assert "drop table" not in repr(entry)
        assert not re.search(r"e[yw][A-Za-z0-9_-]{8,}\.", repr(entry))
