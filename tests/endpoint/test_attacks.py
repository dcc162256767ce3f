"""Attacks over real sockets on a real endpoint: each is refused with its code, and leaves nothing behind."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from attacking import KEY, PAGE, exchange, forge, frame, plain, request
from attacks import BEFORE_SESSIONS, INJECTED
from attacks_in_session import IN_SESSIONS, OPEN
from patience import PATIENCE
from websockets.asyncio.client import connect

from workbench.client.local import Endpoint
from workbench.protocol.native import PATH
from workbench.store.store import open_store

pytestmark = pytest.mark.anyio

ATTACKS = [*BEFORE_SESSIONS, *IN_SESSIONS]


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
            process.wait(timeout=PATIENCE)


def address_of(endpoint: Endpoint) -> tuple[str, int]:
    host, _, port = endpoint.url.removeprefix("ws://").rpartition(":")
    return host, int(port)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name.replace(" ", "-"))
async def test_attack_is_refused_with_its_code(attacked, attack):
    """What an attacker sends would get through, or would not be told apart from a failure."""
    code, kind = await exchange(address_of(attacked), attack.first(), *attack.then)
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
async def test_revocation_ends_a_live_session_long_before_its_token(attacked, kind, claims):
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
        with anyio.fail_after(PATIENCE):
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
    with anyio.fail_after(PATIENCE):
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
    wanted = {"bad-signature (401)", "expired (401)"}
    reasons: set[str] = set()
    for attack in BEFORE_SESSIONS:
        if attack.kind in ("bad-signature", "expired"):
            await exchange(address_of(attacked), attack.first())
    with open_store(f"sqlite:///{log.parent / 'store.db'}") as store, anyio.fail_after(PATIENCE):
        while not wanted <= reasons:  # another process writes it once a second
            await anyio.sleep(0.1)
            entries = [record.entry for record in store.trail.records(limit=2000)]
            refused = [entry for entry in entries if entry.kind == "refused"]
            reasons = {entry.reason.partition(",")[0] for entry in refused}
        assert store.sessions() == []
    assert {entry.address for entry in refused if entry.address} == {"127.0.0.1"}  # sessions name none
    for entry in entries:
        assert INJECTED not in repr(entry)
        assert "drop table" not in repr(entry)
        assert not re.search(r"e[yw][A-Za-z0-9_-]{8,}\.", repr(entry))
