"""Load one endpoint with many live conversations and measure how quickly it answers.

``python benchmarks/load.py [--sessions 100] [--seconds 60] [--json]`` starts ``workbench serve`` with
scripted engines on loopback and, in this one other process, that many callers in real time: a frame of 20 ms
at a time, talking in turns, listening to the replies, reporting their playback. An ``audio-in`` event is
recorded when the frame that ends at its position arrived, so its arrival here less that frame's way out is
*frame in to event out*: the time on both sockets, in the endpoint, and of this generator, whose own lag is
given beside it. Callers begin spread over the 20 ms of a frame, as callers do, and say different things, so
that little of what they mean is known from before.
"""

import argparse
import asyncio
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random

import numpy as np
import psutil
from light_caller import TICK, Caller, Noted

from workbench.protocol.native import PATH
from workbench.security.keys import new_key
from workbench.security.tokens import mint_token

SIZES = ("small", "medium", "large", "twelve ounce")
DRINKS = ("latte", "cappuccino", "espresso", "mocha", "iced coffee", "house coffee", "americano")
MILKS = ("soy milk", "almond milk", "oat milk", "a little milk", "whole milk")
WAYS = ("I want a {0} {1} with {2}", "can I have a {0} {1}", "one {1} with {2} please", "a {0} {1} please")
SETTLING = 5.0
"""Seconds after the last session opened that are not measured."""
SAMPLE_EVERY = 10.0
"""Seconds between looks at the endpoint's memory."""
OPENING_GAP = 0.03
"""Seconds between the openings of two sessions."""
MAX_SECONDS = 3000
"""A session may last an hour; a run ends well before."""


@dataclass(slots=True)
class Process:
    """What the endpoint's process used."""

    at: list[float] = field(default_factory=list)
    rss: list[float] = field(default_factory=list)
    """Megabytes, at each ``at``."""
    cpu: float = 0.0
    """Processor seconds while it was measured."""
    seconds: float = 0.0
    generator_cpu: float = 0.0


@contextmanager
def endpoint(
    key: str, sessions: int, program: Sequence[str] = ("-m", "workbench")
) -> Iterator[tuple[str, int]]:
    """Start an endpoint with scripted engines; yield its URL and process id; stop it."""
    environment = {
        **os.environ,
        "WORKBENCH_KEY": key,
        "WORKBENCH_ENGINES": "scripted",
        "WORKBENCH_SCRIPT": json.dumps(said(1200)),
        "WORKBENCH_MAX_SESSIONS": str(sessions + 10),
        "WORKBENCH_STORE": "sqlite://",
        "WORKBENCH_CONNECTIONS_PER_ADDRESS": str(sessions + 10),
        "WORKBENCH_CONNECTIONS_MAX": str(sessions + 20),
    }
    command = [sys.executable, *program, "serve", "--port", "0", "--managed"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"], process.pid
        finally:
            process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            process.kill()


def said(count: int) -> list[str]:
    """Return what a caller says, turn by turn."""
    random = Random(5)
    return [
        random.choice(WAYS).format(random.choice(SIZES), random.choice(DRINKS), random.choice(MILKS))
        for _ in range(count)
    ]


async def load(url: str, process: int, key: str, arguments: argparse.Namespace) -> tuple[Noted, Process]:
    """Hold the conversations; return what was seen and used."""
    noted, used = Noted(), Process()
    callers: list[Caller] = []
    running = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        ticking = group.create_task(tick(callers, arguments.sessions, noted))
        for number in range(arguments.sessions):
            callers.append(await _open(url, key, arguments.assistant, noted, Random(number)))
            await asyncio.sleep(OPENING_GAP)
        await asyncio.sleep(SETTLING)
        gc.collect()
        gc.freeze()
        noted.on = True
        group.create_task(sample(process, used, running))
        await asyncio.sleep(arguments.seconds)
        noted.on = False
        running.set()
        for caller in callers:
            caller.leave()
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                for caller in callers:
                    await caller.over.wait()
        ticking.cancel()
    return noted, used


async def _open(url: str, key: str, assistant: str, noted: Noted, random: Random) -> Caller:
    host, port = url.removeprefix("ws://").rsplit(":", 1)
    token = mint_token(key, lifetime=3600)
    _, caller = await asyncio.get_running_loop().create_connection(
        lambda: Caller(url + PATH, token, assistant, noted, random), host, int(port)
    )
    async with asyncio.timeout(20):
        await caller.ready.wait()
    return caller


async def tick(callers: Sequence[Caller], count: int, noted: Noted) -> None:
    """Move the callers on, each in its own place of the 20 ms, for ever; what is late is made up at once."""
    zero, done = time.perf_counter(), 0
    while True:
        now = time.perf_counter()
        while (due := zero + done * TICK / count) <= now:
            place = done % count
            if place < len(callers):
                callers[place].tick(due)
            done += 1
        await asyncio.sleep(max(0.0, due - time.perf_counter()))


async def sample(number: int, used: Process, over: asyncio.Event) -> None:
    """Look at the endpoint's memory and processor time until ``over``."""
    process = psutil.Process(number)
    began, cpu, own = time.perf_counter(), _cpu(process), time.process_time()
    while True:
        used.at.append(time.perf_counter() - began)
        used.rss.append(process.memory_info().rss / 1e6)
        with suppress(TimeoutError):
            async with asyncio.timeout(SAMPLE_EVERY):
                await over.wait()
        if over.is_set():
            break
    used.seconds = time.perf_counter() - began
    used.cpu = _cpu(process) - cpu
    used.generator_cpu = time.process_time() - own
    used.at.append(used.seconds)
    used.rss.append(process.memory_info().rss / 1e6)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def summary(noted: Noted, used: Process, arguments: argparse.Namespace) -> dict[str, object]:
    """Return the figures; times in milliseconds."""
    warm = [place for place, at in enumerate(used.at) if at >= min(60.0, used.seconds / 5)]
    minutes = [used.at[place] / 60 for place in warm]
    slope = float(np.polyfit(minutes, [used.rss[place] for place in warm], 1)[0]) if len(warm) > 2 else None
    return {
        "sessions": arguments.sessions,
        "seconds": round(used.seconds, 1),
        "frame_in_to_event_out_ms": _spread(noted.events),
        "ping_to_pong_ms": _spread(noted.pongs),
        "generator_lag_ms": _spread(noted.late),
        "endpoint_cpu": round(used.cpu / used.seconds, 3),
        "endpoint_cpu_per_session_second": round(used.cpu / used.seconds / arguments.sessions, 5),
        "generator_cpu": round(used.generator_cpu / used.seconds, 3),
        "rss_mb": [round(megabytes, 1) for megabytes in used.rss],
        "rss_slope_mb_per_minute": None if slope is None else round(slope, 2),
        "load_average": round(os.getloadavg()[0], 2),
        "frames_sent": noted.frames_sent,
        "frames_received": noted.frames_received,
        "events": dict(noted.kinds.most_common()),
        "errors": dict(noted.errors),
    }


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    if not seconds:
        return {"count": 0}
    p50, p95, p99, most = np.percentile(np.array(seconds) * 1000, (50, 95, 99, 100))
    return {
        "count": len(seconds),
        "p50": round(float(p50), 2),
        "p95": round(float(p95), 2),
        "p99": round(float(p99), 2),
        "max": round(float(most), 2),
    }


def main() -> int:
    """Run the benchmark and print its figures; 1 if a session failed or nothing was answered."""
    parser = argparse.ArgumentParser(description="latency, memory and processor time of a loaded endpoint")
    parser.add_argument("--sessions", type=int, default=100, metavar="N")
    parser.add_argument(
        "--seconds", type=float, default=60.0, metavar="S", help="measured time, after settling"
    )
    parser.add_argument("--assistant", default="coffee")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    if not (1 <= arguments.sessions <= 1000 and 1 <= arguments.seconds <= MAX_SECONDS):
        parser.error(f"expected 1 to 1000 sessions and 1 to {MAX_SECONDS} seconds")
    key = new_key()
    with endpoint(key, arguments.sessions) as (url, process):
        noted, used = asyncio.run(load(url, process, key, arguments))
    figures = summary(noted, used, arguments)
    if arguments.json:
        print(json.dumps(figures, indent=1))
    else:
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):34} {value}")
    return 1 if noted.errors or not noted.kinds["final-transcript"] else 0


if __name__ == "__main__":
    sys.exit(main())
