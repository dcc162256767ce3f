"""Predict policies on recorded sessions, then run the same audio live under each and compare.

``python benchmarks/prediction.py record KEEP AUDIO...`` makes a session of every recording AUDIO (files, or
folders of ``.wav``) in real time: once under patient settings, to predict from, once under each of five
policies, and twice under the first of them, to know how far two live runs of one policy differ by
themselves. All go to one endpoint process that keeps no synthesised sound; the policies take turns recording
by recording, beginning with another each time. A session during which other processes took more than a
tenth of the machine (``--others``) is made again, once. Sessions are kept in KEEP and not made again, so it
may be interrupted, or done in pieces (``--seconds``). With ``--callers DATA`` the conversations of
``callers.json`` are said instead, from the folder of data DATA and, with ``--packages FOLDER``, from source
distributions fetched there.

``python benchmarks/prediction.py compare KEEP`` prints the table, over the policies that have sessions and
the recordings that have one under each. What stages take is read off all that were recorded to predict from.
``--policy "NAME SETTING=VALUE ..."`` adds a policy to either.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import anyio
import psutil
from callers import Caller, clips, listed

from workbench.aio import task_group
from workbench.analysis.outcomes import RATE, TurnRecord
from workbench.analysis.outcomes_reading import turn_records
from workbench.analysis.policies import Policy
from workbench.analysis.prediction import Agreement, Came, agreement, measured, predicted
from workbench.analysis.sweep_space import Setting, parse_space, policy_with
from workbench.analysis.sweep_yaml import policy_yaml
from workbench.client.device import Device
from workbench.client.floor import Floor
from workbench.client.local import Endpoint, open_endpoint
from workbench.client.session import SessionSettings, open_session
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

ENOUGH = 0.5
"""Seconds of the last reply that are heard, where the session is not predicted from."""
PATIENCE = 20.0
"""Seconds to wait for the last reply."""
OTHERS = 0.1
"""Share of the machine's processors that other processes may have had during a session."""
TRIES = 2


def assistant_file(folder: Path, assistant: str, place: int, policy: Policy) -> Path:
    """Write one of the shipped assistants under a policy, and return its file."""
    lines = (data_folder() / "assistants" / f"{assistant}.yaml").read_text(encoding="utf-8").splitlines()
    path = folder / f"{assistant}-{place}.yaml"
    named = [f"name: {path.stem}" if line.startswith("name:") else line for line in lines]
    path.write_text("\n".join(named) + "\n" + policy_yaml(policy), encoding="utf-8")
    return path


async def record(
    keep: Path, callers: Sequence[Caller], policies: Mapping[str, Policy], seconds: float, others: float
) -> int:
    """Make the sessions that are missing, for at most so many seconds; return how many still are."""
    todo = list(missing_sessions(keep, callers, list(policies)))
    until = anyio.current_time() + seconds
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        wanted = dict.fromkeys((caller.assistant, name) for name, caller in todo)
        files = {
            (assistant, name): assistant_file(folder, assistant, place, policies[name])
            for place, (assistant, name) in enumerate(wanted)
        }
        environment = {"WORKBENCH_SYNTHESIS_CACHE": "0"}
        async with open_endpoint(assistants=list(files.values()), environment=environment) as endpoint:
            tries = 0
            if todo:
                name, caller = todo[0]
                await session(endpoint, files[caller.assistant, name].stem, caller, whole=False)  # warms up
            while todo and anyio.current_time() < until:
                (name, caller), tries = todo[0], tries + 1
                stem = files[caller.assistant, name].stem
                made = await session(endpoint, stem, caller, whole=name == RECORDED)
                if float(str(made.meta["others"])) <= others or tries == TRIES:
                    made.save(session_folder(keep, name, caller.name))
                    todo, tries = todo[1:], 0
                print(f"\r{len(todo)} sessions to go ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return len(todo)


def session_folder(keep: Path, policy: str, caller: str) -> Path:
    """Return where the session of a caller under a policy is kept."""
    return keep / policy.replace(" ", "-") / caller


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


def missing_sessions(
    keep: Path, callers: Sequence[Caller], names: Sequence[str]
) -> Iterator[tuple[str, Caller]]:
    """Yield policy and caller of each session that was not yet made, caller by caller."""
    for number, caller in enumerate(callers):
        turn = number % len(names)
        for name in (*names[turn:], *names[:turn]):
            if not is_whole(session_folder(keep, name, caller.name)):
                yield name, caller


async def session(endpoint: Endpoint, assistant: str, caller: Caller, *, whole: bool) -> Recording:
    """Say a caller's turns, each once no reply is heard any more, and hear the last reply ``whole``.

    The first turn is said from the session's first sample on; ``turns`` of the recording's ``meta`` are
    positions in the caller's stream at which each began and ended.
    """
    pieces = [piece.samples(SessionSettings().input.rate) for piece in caller.turns]
    load, said = Load(endpoint), list[tuple[int, int]]()
    async with open_session(assistant, endpoint=endpoint) as live:
        floor, device = Floor(), Device(live)
        live.timeline.subscribe(floor.take)
        async with task_group() as group:
            for number, samples in enumerate(pieces):
                said.append((device.sent, device.sent + len(samples)))
                device.speak(samples)
                if number == 0:
                    group.start_soon(device.run)
                await device.spoken()
                last = number == len(pieces) - 1
                with anyio.move_on_after(PATIENCE):
                    while not (floor.free or (floor.replying and last and not whole)) and not live.over:
                        await live.news()
                    await anyio.sleep(ENOUGH)
            group.cancel_scope.cancel()
    meta = {"assistant": assistant, "engines": "embedded", "others": round(load.others(), 3), "turns": said}
    return device.recording(live.timeline, meta)


def compare(keep: Path, policies: Mapping[str, Policy]) -> dict[str, Agreement]:
    """Return how far prediction and reality agree, and, last, two live runs of one policy."""
    folders = {name: session_folder(keep, name, "") for name in policies}
    whole = {
        name: {one.name for one in folder.glob("*") if is_whole(one)} for name, folder in folders.items()
    }
    whole = {name: stems for name, stems in whole.items() if stems}
    stems = sorted(set.intersection(*whole.values())) if RECORDED in whole else []
    if not stems:
        raise ParameterError(f"{keep}: no recording has sessions to predict from and under every policy")
    recorded = sorted(whole[RECORDED])
    recordings = {stem: load_recording(folders[RECORDED] / stem) for stem in recorded}
    records = [one for one in turn_records(list(recordings.values()), recorded) if one.conversation in stems]
    came: dict[str, list[Came]] = {
        name: live_turns(folders[name], {stem: recordings[stem] for stem in stems}, records) for name in whole
    }
    found = {
        name: agreement(predicted(records, policies[name]), came[name]) for name in whole if name != AGAIN
    }
    first = next(name for name in POLICIES if name != RECORDED)
    if AGAIN in whole and first in whole:
        found[AGAIN] = agreement(came[AGAIN], came[first])
    return found


def live_turns(
    folder: Path, recordings: Mapping[str, Recording], records: Sequence[TurnRecord]
) -> list[Came]:
    """Return what the recorded turns came to in the sessions of a folder."""
    found: list[Came] = []
    for stem, recorded in recordings.items():
        own = [one for one in records if one.conversation == stem]
        live = load_recording(folder / stem)
        began = [said_at(one.began / RATE, recorded, live) for one in own]
        found += measured(live, own, began=began) if own else []
    return found


def said_at(second: float, recorded: Recording, live: Recording) -> float:
    """Return where what was said at that second of a recorded session was said in a live one."""
    moved = 0.0
    for (begin, _), (begins, _) in zip(_said(recorded), _said(live), strict=False):
        if begin / recorded.caller_rate <= second:
            moved = begins / live.caller_rate - begin / recorded.caller_rate
    return second + moved


def _said(recording: Recording) -> Sequence[tuple[int, int]]:
    """Return where each turn began and ended in the caller's stream; nothing of a session of one clip."""
    return cast(Sequence[tuple[int, int]], recording.meta.get("turns", ()))


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


def policies_of(texts: Sequence[str], patience: float | None) -> dict[str, Policy]:
    """Return the policies by name: ours, and those written as ``NAME SETTING=VALUE ...``.

    Parameters
    ----------
    patience : seconds of silence waited in the sessions predicted from; None for ours
    """
    found = dict(POLICIES)
    if patience is not None:
        waits = {"endpointing.hangover_min": patience, "endpointing.hangover_max": patience}
        found[RECORDED] = policy_with(found[RECORDED], waits)
    for text in texts:
        name, *settings = text.split()
        values = parse_space(settings, BASE).values if settings else {}
        found[name] = policy_with(BASE, {setting: one[0] for setting, one in values.items()})
    return found


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, dest="command")
    making = commands.add_parser("record", help="make the sessions")
    comparing = commands.add_parser("compare", help="print the table")
    for one in (making, comparing):
        one.add_argument("keep", type=Path, metavar="KEEP")
        one.add_argument("--policy", action="append", default=[], metavar='"NAME SETTING=VALUE ..."')
        one.add_argument("--patience", type=float, metavar="SECONDS", help="of the sessions predicted from")
    making.add_argument("audio", type=Path, nargs="*", metavar="AUDIO")
    making.add_argument("--callers", type=Path, metavar="DATA", help="say the conversations of callers.json")
    making.add_argument("--packages", type=Path, metavar="FOLDER", help="fetch those in packages there")
    making.add_argument("--seconds", type=float, default=1e9, help="begin no further session after so long")
    making.add_argument("--only", nargs="+", metavar="NAME", help="make the sessions of these policies")
    making.add_argument(
        "--others",
        type=float,
        default=OTHERS,
        metavar="SHARE",
        help="share of the processors that others may have meanwhile (by default %(default)s; 1 where this "
        "runs at a priority that others do not disturb)",
    )
    making.add_argument("--limit", type=int, metavar="N", help="only the first N recordings")
    arguments = parser.parse_args()
    try:
        policies = policies_of(arguments.policy, arguments.patience)
        if arguments.command == "compare":
            print(table(compare(arguments.keep, policies)))
            return 0
        unknown = [name for name in arguments.only or () if name not in policies]
        if unknown:
            raise ParameterError(f"there is no policy {unknown[0]!r}, expected one of {', '.join(policies)}")
        chosen = {name: policies[name] for name in arguments.only or policies}
        said = clips(arguments.audio) if arguments.audio or arguments.callers is None else []
        said += listed(arguments.callers, arguments.packages) if arguments.callers is not None else []
        limits = arguments.seconds, arguments.others
        left = anyio.run(record, arguments.keep, said[: arguments.limit], chosen, *limits)
    except WorkbenchError as error:
        print(f"prediction: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(json.dumps({"missing": left}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
