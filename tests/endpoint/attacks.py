"""Attacks before a session: tokens, origins, paths, headers and administrators' requests."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from attacking import PAGE, base64url, forge, frame, plain, request

from workbench.security.keyring import Key

NOW = int(datetime.now(UTC).timestamp())
OTHER = "the-attackers-own-key-0123456789abcdef"
INJECTED = "INJECTED by a stranger"
SQL = "x'; drop table sessions; --"


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

    def first(self) -> bytes:
        """Return the first bytes of a new connection."""
        return self.head if isinstance(self.head, bytes) else self.head()


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
    bearer("expired", 401, "expired", times={"iat": -700, "nbf": -700, "exp": -100}),
    bearer("not yet valid", 401, "not-yet-valid", times={"nbf": 600, "exp": 900}),
    bearer("issued in the future", 401, "not-yet-valid", times={"iat": 600, "exp": 900}),
    bearer("good for a day", 401, "too-long-lived", times={"exp": 86_400}),
    bearer("ends before it begins", 401, "bad-claim", times={"iat": 0, "exp": -1}),
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

BEFORE_SESSIONS = [*TOKENS, *ORIGINS, *PATHS, *HEADERS, *ADMIN]
