"""Predict five policies on recorded sessions, then run the same audio live under each and compare.

``python benchmarks/prediction.py record KEEP AUDIO...`` makes a session of every recording AUDIO (files, or
folders of ``.wav``) in real time: once under patient settings, to predict from, once under each of the
policies, and twice under the first of them, to know how far two live runs of one policy differ by
themselves. All go to one endpoint process that keeps no synthesised sound; the policies take turns recording
by recording, beginning with another each time. A session during which other processes took more than a
tenth of the machine (``--others``) is made again, once. Sessions are kept in KEEP and not made again, so it
may be interrupted, or done in pieces (``--seconds``).

``python benchmarks/prediction.py compare KEEP`` prints the table, over the recordings that have sessions
under every policy. What stages take is read off all that were recorded to predict from.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import anyio
import psutil

from workbench.aio import task_group
from workbench.analysis.outcomes import TurnRecord
from workbench.analysis.outcomes_reading import turn_records
from workbench.analysis.policies import Policy
from workbench.analysis.prediction import Agreement, Came, agreement, measured, predicted
from workbench.analysis.sweep_space import Setting, policy_with
from workbench.analysis.sweep_yaml import policy_yaml
from workbench.audio.files import load_audio
from workbench.audio.levels import speech_span
from workbench.client.device import Device
from workbench.client.floor import Floor
from workbench.client.local import Endpoint, open_endpoint
from workbench.client.session import SessionSettings, open_session
from workbench.core.audio import Samples
from workbench.data import data_folder
from workbench.errors import ParameterError, WorkbenchError
from workbench.store.recording import Recording, is_whole, load_recording

BASE = policy_with(Policy(), {"early.stability": 0.2, "endpointing.turn_max": 60.0})

RECORDED = "recorded"
AGAIN = "again"
CHANGES: Mapping[str, Mapping[str, Setting]] = {
    RECORDED: {
        "endpointing.hangover_min": 1.2,
        "endpointing.hangover_max": 1.2,
        "endpointing.pause_margin": 0.0,
    },
    "as shipped": {},
    "quick": {"endpointing.hangover_min": 0.3, "endpointing.hangover_max": 0.9, "endpointing.sure": 0.6},
    "careful": {
        "endpointing.hangover_min": 0.7,
        "endpointing.hangover_max": 1.1,
        "endpointing.unknown": 0.0,
        "early.confidence": 0.85,
        "early.stability": 0.6,
    },
    "waiting for the final": {"early.enabled": False},
    "silence alone": {
        "endpointing.hangover_min": 0.6,
        "endpointing.hangover_max": 0.6,
        "endpointing.pause_margin": 0.0,
        "early.confidence": 0.3,
        "early.stability": 0.0,
    },
    AGAIN: {},
}
"""What each run changes of the shipped settings.

Predictions are made from a patient one, which tells pauses from ends by their length alone; ``again`` is the
first policy once more.
"""

POLICIES = {name: policy_with(BASE, changes) for name, changes in CHANGES.items()}

LEAD, TAIL = 0.5, 0.3
"""Seconds of a recording before its first sound and after its last that are sent; silence follows."""
ENOUGH = 0.5
"""Seconds of the last reply that are heard, where the session is not predicted from."""
PATIENCE = 20.0
"""Seconds to wait for the last reply."""
OTHERS = 0.1
"""Share of the machine's processors that other processes may have had during a session."""
TRIES = 2


def assistant_file(folder: Path, name: str, place: int) -> Path:
    """Write the coffee bar under the policy of that name, and return its file."""
    lines = (data_folder() / "assistants" / "coffee.yaml").read_text(encoding="utf-8").splitlines()
    named = [f"name: policy-{place}" if line.startswith("name:") else line for line in lines]
    path = folder / f"policy-{place}.yaml"
    path.write_text("\n".join(named) + "\n" + policy_yaml(POLICIES[name]), encoding="utf-8")
    return path


def clips(paths: Sequence[Path]) -> list[Path]:
    """Return the recordings among ``paths`` and in the folders among them."""
    found = [one for path in paths for one in (sorted(path.glob("*.wav")) if path.is_dir() else [path])]
    missing = [one for one in found if not one.is_file()]
    if missing or not found:
        raise ParameterError(f"{missing[0] if missing else paths[0]}: no recording, expected .wav files")
    return found


async def record(
    keep: Path, paths: Sequence[Path], names: Sequence[str], seconds: float, others: float
) -> int:
    """Make the sessions that are missing, for at most so many seconds; return how many still are."""
    todo = list(missing_sessions(keep, paths, names))
    until = anyio.current_time() + seconds
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        files = {name: assistant_file(folder, name, place) for place, name in enumerate(POLICIES)}
        environment = {"WORKBENCH_SYNTHESIS_CACHE": "0"}
        async with open_endpoint(assistants=list(files.values()), environment=environment) as endpoint:
            tries = 0
            if todo:
                await session(endpoint, files[RECORDED].stem, stream(todo[0][1]), whole=False)  # warms up
            while todo and anyio.current_time() < until:
                (name, path), tries = todo[0], tries + 1
                made = await session(endpoint, files[name].stem, stream(path), whole=name == RECORDED)
                if float(str(made.meta["others"])) <= others or tries == TRIES:
                    made.save(keep / name.replace(" ", "-") / path.stem)
                    todo, tries = todo[1:], 0
                print(f"\r{len(todo)} sessions to go ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return len(todo)


class Load:
    """What other processes than ours take of the machine, from its making on."""

    def __init__(self, endpoint: Endpoint) -> None:
        own = psutil.Process(endpoint.process)
        self._ours = [psutil.Process(), own, *own.children(recursive=True)]
        self._before = self._now()

    def others(self) -> float:
        """Return their share of all processors since."""
        busy, own, at = (now - before for now, before in zip(self._now(), self._before, strict=True))
        return max(0.0, busy - own) / (at * (psutil.cpu_count() or 1))

    def _now(self) -> tuple[float, float, float]:
        times = psutil.cpu_times()
        busy = sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0)
        own = sum(sum(one.cpu_times()[:2]) for one in self._ours)
        return busy, own, time.monotonic()


def stream(path: Path) -> Samples:
    """Return what the caller's device sends before it falls silent: one and the same in every run."""
    rate = SessionSettings().input.rate
    said = load_audio(path, rate=rate)
    begin, end = speech_span(said, rate) or (0, len(said))
    return said[max(0, begin - round(LEAD * rate)) : end + round(TAIL * rate)]


def missing_sessions(keep: Path, paths: Sequence[Path], names: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """Yield policy and recording of each session that was not yet made, recording by recording."""
    for number, path in enumerate(paths):
        turn = number % len(names)
        for name in (*names[turn:], *names[:turn]):
            if not is_whole(keep / name.replace(" ", "-") / path.stem):
                yield name, path


async def session(endpoint: Endpoint, assistant: str, said: Samples, *, whole: bool) -> Recording:
    """Say a stream from the session's first sample on and hear the replies to it, the last one ``whole``."""
    load = Load(endpoint)
    async with open_session(assistant, endpoint=endpoint) as live:
        floor, device = Floor(), Device(live)
        live.timeline.subscribe(floor.take)
        device.speak(said)
        async with task_group() as group:
            group.start_soon(device.run)
            await device.spoken()
            with anyio.move_on_after(PATIENCE):
                while not (floor.free or (floor.replying and not whole)) and not live.over:
                    await live.news()
                await anyio.sleep(ENOUGH)
            group.cancel_scope.cancel()
    meta = {"assistant": assistant, "engines": "embedded", "others": round(load.others(), 3)}
    return device.recording(live.timeline, meta)


def compare(keep: Path) -> dict[str, Agreement]:
    """Return how far prediction and reality agree, and, last, two live runs of one policy."""
    folders = [keep / name.replace(" ", "-") for name in POLICIES]
    whole = [
        {one.name for one in folder.glob("*") if is_whole(one)} if folder.is_dir() else set()
        for folder in folders
    ]
    stems = sorted(set.intersection(*whole))
    if not stems:
        raise ParameterError(f"{keep}: no recording has sessions under every policy, make them first")
    recorded = sorted(whole[0])
    recordings = [load_recording(folders[0] / stem) for stem in recorded]
    records = [one for one in turn_records(recordings, recorded) if one.conversation in stems]
    came: dict[str, list[Came]] = {}
    for name, folder in zip(POLICIES, folders, strict=True):
        came[name] = live_turns(folder, stems, records)
    found = {
        name: agreement(predicted(records, policy), came[name])
        for name, policy in POLICIES.items()
        if name != AGAIN
    }
    first = next(name for name in POLICIES if name != RECORDED)
    return {**found, AGAIN: agreement(came[AGAIN], came[first])}


def live_turns(folder: Path, stems: Sequence[str], records: Sequence[TurnRecord]) -> list[Came]:
    """Return what the recorded turns came to in the sessions of a folder."""
    found: list[Came] = []
    for stem in stems:
        own = [one for one in records if one.conversation == stem]
        found += measured(load_recording(folder / stem), own) if own else []
    return found


def table(found: Mapping[str, Agreement]) -> str:
    """Return the table, as Markdown."""
    lines = [
        "| policy | turns | predicted median | measured median | difference "
        "| turn by turn, median / nine of ten | early synthesis alike | cut off alike | wrong audio heard |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, one in found.items():
        first, second = (f"{1000 * median:.0f} ms" for median in one.medians)
        difference = one.medians[0] - one.medians[1]
        lines.append(
            f"| {name} | {one.turns} | {first} | {second} "
            f"| {1000 * difference:+.0f} ms ({difference / one.medians[1]:+.1%}) "
            f"| {1000 * one.apart[0]:.0f} / {1000 * one.apart[1]:.0f} ms "
            f"| {one.same_early:.0%} | {one.same_cuts:.0%} | {one.wrong[0]} / {one.wrong[1]} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, dest="command")
    making = commands.add_parser("record", help="make the sessions")
    making.add_argument("keep", type=Path, metavar="KEEP")
    making.add_argument("audio", type=Path, nargs="+", metavar="AUDIO")
    making.add_argument("--seconds", type=float, default=1e9, help="begin no further session after so long")
    making.add_argument("--only", choices=list(POLICIES), help="make the sessions of one run")
    making.add_argument(
        "--others",
        type=float,
        default=OTHERS,
        metavar="SHARE",
        help="share of the processors that others may have meanwhile (by default %(default)s; 1 where this "
        "runs at a priority that others do not disturb)",
    )
    making.add_argument("--limit", type=int, metavar="N", help="only the first N recordings")
    comparing = commands.add_parser("compare", help="print the table")
    comparing.add_argument("keep", type=Path, metavar="KEEP")
    arguments = parser.parse_args()
    try:
        if arguments.command == "compare":
            print(table(compare(arguments.keep)))
            return 0
        names = list(POLICIES) if arguments.only is None else [arguments.only]
        audio = clips(arguments.audio)[: arguments.limit]
        left = anyio.run(record, arguments.keep, audio, names, arguments.seconds, arguments.others)
    except WorkbenchError as error:
        print(f"prediction: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(json.dumps({"missing": left}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
