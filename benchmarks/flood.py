"""Flood an endpoint with bad tokens and measure what its running sessions feel of it.

``python benchmarks/flood.py [--sessions 10] [--seconds 15] [--rate 300] [--json]`` starts ``workbench serve``
with scripted engines on loopback and a few callers as in ``load.py``. Then, in turn and ``--rounds`` times:
nothing else; connections with bad tokens from 200 loopback addresses, each of which is refused only after
its signature was checked; the same from one address, which is soon blocked. Latencies of the running
sessions are compared with those of the quiet spells around them, and the endpoint's processor time above
the quiet one is divided by the refusals.

The flood is another process of lower priority. It only connects to 127.0.0.0/8, stops by itself, and sends
at most ``--rate`` requests a second; ``--rate 0`` sends as many as two processors allow, which then measures
how the machine is shared more than what a refusal costs.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import jwt
import numpy as np
import psutil
from light_caller import Caller, Noted
from load import endpoint, tick

from workbench.protocol.native import PATH
from workbench.security.keyring import keyring_from
from workbench.security.keys import new_key
from workbench.security.tokens import mint_token

ADDRESSES = 200
"""Loopback addresses a flood from many comes from."""
AT_ONCE = 50
"""Connections of the flood at one time."""
SPARE = 500
"""Connections allowed beyond the sessions: the flood must meet the gateway, not that limit."""
MAX_SECONDS = 120.0
SETTLING = 3.0
"""Seconds between two spells that are not measured."""
LEAD = 2.0
"""Seconds a flood lasts before the measured time begins."""
SPELLS = ("quiet", "many addresses", "one address")


@dataclass(slots=True)
class Spell:
    """What was seen during all spells of one kind."""

    events: list[float] = field(default_factory=list)
    pongs: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    cpu: float = 0.0
    seconds: float = 0.0
    answers: Counter[str] = field(default_factory=Counter)
    rate: float = 0.0
    """Answers a second, summed over the rounds."""


class _Shot(asyncio.Protocol):
    """One request with a bad token: the status it was answered with, empty if there was none."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self.status: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        if not self.status.done():
            self.status.set_result(data[9:12].decode("ascii", "replace"))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.status.done():
            self.status.set_result("")


async def flood(port: int, seconds: float, rate: float, addresses: int, key_id: str) -> Counter[str]:
    """Send bad tokens for ``seconds``; return how many had which answer."""
    loop = asyncio.get_running_loop()
    forged = _forged(key_id)
    head = (
        f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        f"Authorization: Bearer {forged}\r\n\r\n"
    ).encode("ascii")
    answers: Counter[str] = Counter()
    began, sent = loop.time(), 0

    async def shoot() -> None:
        nonlocal sent
        while (now := loop.time()) < began + seconds:
            due = began + sent / rate if rate else now
            sent += 1
            await asyncio.sleep(max(0.0, due - now))
            source = (f"127.0.1.{1 + sent % addresses}", 0)
            try:
                async with asyncio.timeout(5):
                    transport, shot = await loop.create_connection(
                        lambda: _Shot(head), "127.0.0.1", port, local_addr=source
                    )
                    answers[await shot.status or "cut"] += 1
                    transport.abort()
            except (OSError, TimeoutError) as error:
                answers[type(error).__name__] += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(shoot())
    return answers


def _forged(key_id: str) -> str:
    """Return a token that names the right key and is signed with another: the dearest one to refuse."""
    now = int(datetime.now(UTC).timestamp())
    claims = {
        "aud": "workbench-session",
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "jti": "f",
        "scope": "speak",
    }
    return jwt.encode(claims, new_key(), algorithm="HS256", headers={"kid": key_id})


async def measure(url: str, process: int, key: str, arguments: argparse.Namespace) -> dict[str, Spell]:
    """Hold the sessions, and flood beside them."""
    seen = {name: Spell() for name in SPELLS}
    watched = psutil.Process(process)
    noted = Noted()
    callers: list[Caller] = []
    host, port = url.removeprefix("ws://").rsplit(":", 1)
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as group:
        ticking = group.create_task(tick(callers, arguments.sessions, noted))
        for number in range(arguments.sessions):
            token = mint_token(key)
            _, caller = await loop.create_connection(
                lambda token=token, number=number: Caller(  # type: ignore[misc]
                    url + PATH, token, "coffee", noted, Random(number)
                ),
                host,
                int(port),
            )
            async with asyncio.timeout(20):
                await caller.ready.wait()
            callers.append(caller)
        for place in range(arguments.rounds * len(SPELLS) + 1):
            name = SPELLS[place % len(SPELLS)]
            await asyncio.sleep(SETTLING)
            await _spell(
                seen[name], noted, watched, _flooder(name, int(port), key, arguments), arguments.seconds
            )
        for caller in callers:
            caller.leave()
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                for caller in callers:
                    await caller.over.wait()
        ticking.cancel()
    if noted.errors:
        raise SystemExit(f"sessions failed: {dict(noted.errors)}")
    return seen


def _flooder(name: str, port: int, key: str, arguments: argparse.Namespace) -> list[str]:
    """Return the command that floods, none in a quiet spell."""
    if name == "quiet":
        return []
    command = [sys.executable, __file__, "--flooder", str(port), "--seconds", str(arguments.seconds + LEAD)]
    command += ["--rate", str(arguments.rate), "--addresses", str(ADDRESSES if "many" in name else 1)]
    return [*command, "--key-id", keyring_from(key).signing.key_id]


async def _spell(
    spell: Spell, noted: Noted, watched: psutil.Process, command: list[str], seconds: float
) -> None:
    shooting = None
    if command:
        shooting = await asyncio.create_subprocess_exec(
            *command, stdout=subprocess.PIPE, preexec_fn=lambda: os.nice(10)
        )
    await asyncio.sleep(LEAD)
    noted.on = True
    began, times = time.perf_counter(), watched.cpu_times()
    await asyncio.sleep(seconds)
    noted.on = False
    now = watched.cpu_times()
    spell.seconds += time.perf_counter() - began
    spell.cpu += now.user + now.system - times.user - times.system
    for kept, new in ((spell.events, noted.events), (spell.pongs, noted.pongs), (spell.late, noted.late)):
        kept += new
        new.clear()
    if shooting is not None:
        told, _ = await shooting.communicate()
        answers = json.loads(told)
        spell.rate += answers.pop("per second")
        spell.answers.update(answers)


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    if not seconds:
        return {"count": 0}
    p50, p99, most = np.percentile(np.array(seconds) * 1000, (50, 99, 100))
    return {
        "count": len(seconds),
        "p50": round(float(p50), 2),
        "p99": round(float(p99), 2),
        "max": round(float(most), 2),
    }


def summary(seen: dict[str, Spell], rounds: int) -> dict[str, object]:
    """Return the figures; times in milliseconds unless named otherwise."""
    quiet = seen["quiet"]
    base = _spread(quiet.events)
    figures: dict[str, object] = {"load_average": round(os.getloadavg()[0], 2)}
    for name, spell in seen.items():
        events = _spread(spell.events)
        told: dict[str, object] = {
            "frame_in_to_event_out_ms": events,
            "ping_to_pong_ms": _spread(spell.pongs),
            "generator_lag_ms": _spread(spell.late),
            "endpoint_cpu": round(spell.cpu / spell.seconds, 3),
        }
        if spell.rate:
            rate = spell.rate / rounds
            more = spell.cpu / spell.seconds - quiet.cpu / quiet.seconds
            told |= {
                "p50_to_quiet": round(events["p50"] / base["p50"], 2),
                "p99_to_quiet": round(events["p99"] / base["p99"], 2),
                "answers": dict(spell.answers),
                "refusals_per_second": round(rate),
                "cpu_microseconds_per_refusal": round(more / rate * 1e6),
            }
        figures[name] = told
    return figures


def main() -> int:
    """Run the benchmark and print its figures; 1 if a session failed or a token was taken."""
    parser = argparse.ArgumentParser(
        description="what a flood of bad tokens costs, and what sessions feel of it"
    )
    parser.add_argument("--sessions", type=int, default=10, metavar="N")
    parser.add_argument("--seconds", type=float, default=15.0, metavar="S", help="of each spell")
    parser.add_argument("--rounds", type=int, default=1, metavar="N", help="how often each spell is repeated")
    parser.add_argument("--rate", type=float, default=300.0, help="requests a second, 0 for no limit")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    for name in ("--flooder", "--addresses"):
        parser.add_argument(name, type=int, help=argparse.SUPPRESS)
    parser.add_argument("--key-id", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not (1 <= arguments.seconds <= MAX_SECONDS and 1 <= arguments.rounds <= 10):
        parser.error(f"expected 1 to {MAX_SECONDS:g} seconds and 1 to 10 rounds")
    if arguments.flooder:
        shots = flood(
            arguments.flooder, arguments.seconds, arguments.rate, arguments.addresses, arguments.key_id
        )
        began = time.perf_counter()
        answers = asyncio.run(shots)
        print(json.dumps(answers | {"per second": sum(answers.values()) / (time.perf_counter() - began)}))
        return 0
    key = new_key()
    with endpoint(key, arguments.sessions + SPARE) as (url, process):
        seen = asyncio.run(measure(url, process, key, arguments))
    figures = summary(seen, arguments.rounds)
    if arguments.json:
        print(json.dumps(figures, indent=1))
    else:
        for name, value in figures.items():
            print(name)
            for what, figure in value.items() if isinstance(value, dict) else [("", value)]:
                print(f"  {what.replace('_', ' '):32} {figure}")
    taken = sum(spell.answers["101"] for spell in seen.values())
    return 1 if taken else 0


if __name__ == "__main__":
    sys.exit(main())
