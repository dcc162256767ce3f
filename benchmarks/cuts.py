"""Conversations with the connection cut at a random moment of every turn, compared with the uncut one.

Each session says the given recordings; in every turn the connection is blacked out for a moment and reset,
while the caller speaks, while the endpoint thinks, or while the reply plays. What is compared: the finals,
the intents, the actions, what was heard of each reply; and nothing may be missing of the timeline or the
audio. With ``--engines scripted`` the recordings are tones and the words a script.

    python benchmarks/cuts.py --sessions 200 --engines scripted
    python benchmarks/cuts.py --sessions 12 --together 1 recordings/*.wav
"""

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import anyio
import numpy as np

from workbench.aio import task_group
from workbench.audio.files import load_audio
from workbench.client.device import Device
from workbench.client.floor import Floor
from workbench.client.fragile import Fragile, fragile_way
from workbench.client.local import Endpoint, open_endpoint
from workbench.client.session import Session, SessionSettings, open_session
from workbench.core.audio import Samples
from workbench.core.events import (
    ActionTaken,
    AudioIn,
    FinalTranscript,
    IntentRecognized,
    OrderBroken,
    PlaybackStopped,
    SessionResumed,
    SpeechEnded,
)
from workbench.core.timeline import Timeline
from workbench.errors import WorkbenchError

MOMENTS = ("speaking", "thinking", "replying")
SCRIPT = ("I want a large latte with soy milk", "make it a small one", "thank you")
TURN_MAX = 120.0
"""Seconds for one turn and its reply."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What must be the same, cut or not."""

    finals: tuple[str, ...]
    intents: tuple[tuple[str | None, tuple[tuple[str, str], ...]], ...]
    actions: tuple[tuple[str, str], ...]
    heard: tuple[str, ...]


def facts(timeline: Timeline) -> Facts:
    """Return what ``timeline`` says was understood, done and heard."""
    bodies = [event.body for event in timeline.events]
    return Facts(
        finals=tuple(body.text for body in bodies if isinstance(body, FinalTranscript)),
        intents=tuple(
            (body.intent, tuple(sorted(body.slots.items())))
            for body in bodies
            if isinstance(body, IntentRecognized) and body.origin == "final"
        ),
        actions=tuple((body.action, body.key) for body in bodies if isinstance(body, ActionTaken)),
        heard=tuple(body.text_heard for body in bodies if isinstance(body, PlaybackStopped)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one session."""

    timeline: Timeline
    """As the client has it."""
    moments: tuple[str, ...]
    missing: tuple[str, ...]
    """What was lost on the way, in words; nothing if all is well."""

    @property
    def facts(self) -> Facts:
        """Return what was understood, done and heard."""
        return facts(self.timeline)

    @property
    def resumed(self) -> int:
        """Return how often the session was resumed."""
        return sum(isinstance(event.body, SessionResumed) for event in self.timeline.events)


async def converse(
    endpoint: Endpoint,
    assistant: str,
    recordings: Sequence[Samples],
    chance: random.Random | None,
    *,
    settings: SessionSettings | None = None,
) -> Outcome:
    """Hold one conversation, cut in every turn at a moment of ``chance``; uncut without it."""
    moments, stuck = [], []
    settings = replace(settings or SessionSettings(), closing=TURN_MAX)
    async with (
        fragile_way(endpoint) as (way, fragile),
        open_session(assistant, endpoint=way, settings=settings) as session,
        task_group() as group,
    ):
        device, floor = Device(session), Floor()
        session.timeline.subscribe(floor.take)
        group.start_soon(device.run)
        for recording in recordings:
            moment = chance.choice(MOMENTS) if chance else None
            moments.append(moment or "")
            with anyio.move_on_after(TURN_MAX + len(recording) / 16_000) as limit:
                await _turn(recording, session, device, floor, moment, chance, fragile)
            if limit.cancelled_caught:
                stuck.append(f"the end of turn {len(moments)}")
                break
        group.cancel_scope.cancel()
    return Outcome(
        timeline=session.timeline,
        moments=tuple(moments),
        missing=(*stuck, *_missing(session)),
    )


async def _turn(  # noqa: PLR0913  one conversation's parts
    recording: Samples,
    session: Session,
    device: Device,
    floor: Floor,
    moment: str | None,
    chance: random.Random | None,
    fragile: Fragile,
) -> None:
    await anyio.sleep(0.3)
    replies, finals = floor.replies, _count(session, FinalTranscript)
    device.speak(recording)
    async with task_group() as group:
        if moment and chance:
            group.start_soon(_cut, moment, chance, len(recording) / 16_000, session, floor, fragile)
        await device.spoken()
        while not (floor.replies > replies and floor.free and _count(session, FinalTranscript) > finals):
            await session.news()


async def _cut(  # noqa: PLR0913  one cut's parts
    moment: str, chance: random.Random, length: float, session: Session, floor: Floor, fragile: Fragile
) -> None:
    silences, replies = _count(session, SpeechEnded), floor.replies
    if moment == "speaking":
        await anyio.sleep(chance.uniform(0, length))
    elif moment == "thinking":
        while _count(session, SpeechEnded) == silences:
            await session.news()
        await anyio.sleep(chance.uniform(0, 0.8))
    else:
        while not session.playout.playing and floor.replies == replies:
            await session.news()
        await anyio.sleep(chance.uniform(0, 1.5))
    await fragile.cut(blackout=chance.choice((0.0, 0.05, 0.2, 0.5)))


def _count(session: Session, kind: type) -> int:
    return sum(isinstance(event.body, kind) for event in session.timeline.events)


def _missing(session: Session) -> list[str]:
    missing = []
    seqs = [event.seq for event in session.timeline.events]
    if seqs != list(range(len(seqs))):
        missing.append("events of the timeline")
    for event in session.timeline.events:
        match event.body:
            case AudioIn(lost=lost) if lost:
                missing.append(f"{lost} samples of the caller")
            case OrderBroken(kind="gap", stream=stream, count=count):
                missing.append(f"{count} {stream}")
    if session.lost_samples:
        missing.append(f"{session.lost_samples} samples of a reply")
    return missing


async def compare(  # noqa: PLR0913  one comparison's parts
    endpoint: Endpoint,
    assistant: str,
    recordings: Sequence[Samples],
    *,
    sessions: int,
    together: int,
    seed: int,
    settings: SessionSettings | None = None,
) -> tuple[Facts, list[Outcome]]:
    """Return the facts of an uncut session and the outcomes of ``sessions`` cut ones."""
    uncut = await converse(endpoint, assistant, recordings, None, settings=settings)
    outcomes: list[Outcome] = []
    places = anyio.CapacityLimiter(together)

    async def one(number: int) -> None:
        async with places:
            chance = random.Random(seed + number)
            outcomes.append(await converse(endpoint, assistant, recordings, chance, settings=settings))

    async with task_group() as group:
        for number in range(sessions):
            group.start_soon(one, number)
    return uncut.facts, outcomes


def tones(script: Sequence[str]) -> list[Samples]:
    """Return one tone for each scripted utterance, as long as its words take."""
    return [
        (0.3 * np.sin(2 * np.pi * 150 * np.arange(len(text.split()) * 4_000) / 16_000)).astype(np.float32)
        for text in script
    ]


async def _main(arguments: argparse.Namespace) -> int:
    scripted = arguments.engines == "scripted"
    recordings = tones(SCRIPT) if scripted else [load_audio(file) for file in arguments.recordings]
    environment = {
        "WORKBENCH_ENGINES": arguments.engines,
        "WORKBENCH_SCRIPT": json.dumps(SCRIPT),
        "WORKBENCH_MAX_SESSIONS": str(arguments.together + 2),
    }
    async with open_endpoint(environment=environment) as endpoint:
        uncut, outcomes = await compare(
            endpoint,
            arguments.assistant,
            recordings,
            sessions=arguments.sessions,
            together=arguments.together,
            seed=arguments.seed,
        )
    return _report(uncut, outcomes, arguments.keep)


def _report(uncut: Facts, outcomes: Sequence[Outcome], keep: Path | None) -> int:
    same = sum(outcome.facts == uncut for outcome in outcomes)
    whole = sum(not outcome.missing for outcome in outcomes)
    moments = [moment for outcome in outcomes for moment in outcome.moments]
    print(f"cuts: {len(moments)} ({', '.join(f'{moments.count(name)} {name}' for name in MOMENTS)})")
    print(f"sessions resumed: {sum(outcome.resumed for outcome in outcomes)} times")
    print(f"the same finals, intents, actions and words heard as uncut: {same} of {len(outcomes)}")
    print(f"nothing missing: {whole} of {len(outcomes)}")
    for number, outcome in enumerate(outcomes):
        if outcome.facts != uncut or outcome.missing:
            if keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                outcome.timeline.save(keep / f"{number}.jsonl")
            print(f"  cut while {', '.join(outcome.moments)}: {plain_difference(uncut, outcome)}")
    return 0 if same == whole == len(outcomes) else 1


def plain_difference(uncut: Facts, outcome: Outcome) -> str:
    """Return in words what a cut session has otherwise."""
    names = [name for name in Facts.__slots__ if getattr(uncut, name) != getattr(outcome.facts, name)]
    return "; ".join((*(f"other {name}" for name in names), *outcome.missing))


def main() -> int:
    """Run the comparison; 0 if every session came out as the uncut one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recordings", nargs="*", type=Path, help="what the caller says, turn by turn")
    parser.add_argument("--assistant", default="coffee")
    parser.add_argument("--engines", choices=("embedded", "scripted"), default="embedded")
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--together", type=int, default=1, help="sessions at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--keep", type=Path, help="folder for the timelines of sessions that came out otherwise"
    )
    arguments = parser.parse_args()
    if arguments.engines == "embedded" and not arguments.recordings:
        parser.error("real engines need recordings")
    try:
        return anyio.run(_main, arguments)
    except WorkbenchError as error:
        print(f"cuts: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
