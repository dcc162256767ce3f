"""What authentication and sequencing cost: the same load with and without them, in turn.

Four runs (with, without, without, with): a machine that gets slower or faster favours neither. The figure
is the ratio of the endpoint's processor seconds over whole runs, openings and all: 1.03 means 3 % more.

    python benchmarks/overhead.py --sessions 50 --seconds 30
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path

import psutil
from load import endpoint, load

from workbench.security.keys import new_key

PROGRAMS = {"with": ("-m", "workbench"), "without": (str(Path(__file__).with_name("bare_endpoint.py")),)}


def processor_seconds(program: str, arguments: argparse.Namespace) -> float:
    """Return what one run cost the endpoint, per session and second."""
    key = new_key()
    with endpoint(key, arguments.sessions, PROGRAMS[program]) as (url, number):
        process = psutil.Process(number)
        before = sum(process.cpu_times()[:2])
        noted, used = asyncio.run(load(url, number, key, arguments))
        spent = sum(process.cpu_times()[:2]) - before
    if noted.errors or not noted.kinds["final-transcript"]:
        raise SystemExit(f"overhead: the run {program} them failed: {dict(noted.errors)}")
    return float(spent) / arguments.sessions / used.seconds


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--assistant", default="coffee")
    arguments = parser.parse_args()
    runs: dict[str, list[float]] = {"with": [], "without": []}
    for program in ("with", "without", "without", "with"):
        runs[program].append(processor_seconds(program, arguments))
        print(f"{program:8} {runs[program][-1] * 1000:.3f} ms a session second", flush=True)
    print(json.dumps({"ratio": round(sum(runs["with"]) / sum(runs["without"]), 3)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
