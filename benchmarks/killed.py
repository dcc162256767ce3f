"""Conversations in persistent sessions while their endpoint is killed, compared with the unkilled one.

In every turn the endpoint's process gets SIGKILL at a random moment (while nobody speaks, while the caller
speaks, between the end of the turn and the reply, while the reply plays, right after the client came back
from the kill before) and is started again at the same address, with the same key and store. The client comes
back by itself. After each kill, what the client has seen is compared with the store; at the end the
conversation with the unkilled one.

    python benchmarks/killed.py --kills 100
    python benchmarks/killed.py --kills 100 --store postgresql://tester@127.0.0.1/killed
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import anyio
import numpy as np
from mortal import SCRIPT, Mortal, left_behind, mortal

from workbench.aio import task_group
from workbench.client.device import Device
from workbench.client.floor import Floor
from workbench.client.resume import ResumeSettings
from workbench.client.session import Session, SessionSettings, open_session
from workbench.core.audio import Samples
from workbench.core.events import (
    ActionTaken,
    AudioIn,
    ErrorRaised,
    Event,
    FinalTranscript,
    IntentRecognized,
    OrderBroken,
    PlaybackStarted,
    PlaybackStopped,
    ReplyChosen,
    SessionOpened,
    SessionResumed,
)
from workbench.core.timeline import Timeline
from workbench.errors import WorkbenchError
from workbench.store.store import open_store

MOMENTS = ("idle", "speaking", "thinking", "replying", "resumed")
TURN_MAX = 120.0
"""Seconds for one turn with its kills."""
CLOCK_JUMP = 0.1
"""Seconds the session clock may jump across a restart, as the client sees it: a few milliseconds, and what a
processor takes that is busy with the start."""


# --- what is compared


@dataclass(frozen=True, slots=True)
class Facts:
    """What must be the same, killed or not: by turn, for a turn may be heard twice but is answered once."""

    finals: tuple[tuple[int, frozenset[str]], ...]
    intents: tuple[tuple[int, frozenset[str]], ...]
    replies: tuple[tuple[int, tuple[str, ...]], ...]
    """What was begun to be heard, reply by reply."""
    actions: tuple[tuple[str, str], ...]
    heard: tuple[str, ...]
    """The words heard of each reply, in order."""


def facts(events: Sequence[Event]) -> Facts:
    """Return what ``events`` say was understood, said, done and heard."""
    finals: dict[int, set[str]] = {}
    intents: dict[int, set[str]] = {}
    texts: dict[int, str] = {}
    begun: dict[int, dict[int, str]] = {}
    stopped: dict[int, str] = {}
    for event in events:
        match event.body:
            case FinalTranscript(text=text):
                finals.setdefault(event.turn, set()).add(text)
            case IntentRecognized(origin="final") as body:
                what = f"{body.intent} {sorted(body.slots.items())}"
                intents.setdefault(event.turn, set()).add(what)
            case ReplyChosen(reply=reply, text=text):
                texts[reply] = text
            case PlaybackStarted(reply=reply):
                begun.setdefault(event.turn, {})[reply] = texts[reply]
            case PlaybackStopped(reply=reply) as body:
                stopped[reply] = f"{body.reason}: {body.text_heard}"
    return Facts(
        finals=tuple((turn, frozenset(found)) for turn, found in sorted(finals.items())),
        intents=tuple((turn, frozenset(found)) for turn, found in sorted(intents.items())),
        replies=tuple((turn, tuple(found.values())) for turn, found in sorted(begun.items())),
        actions=tuple(
            (event.body.action, event.body.key) for event in events if isinstance(event.body, ActionTaken)
        ),
        heard=tuple(stopped.values()),
    )


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of one conversation."""

    timeline: Timeline
    """As the client has it."""
    sounded: int = 0
    """Samples of replies that sounded at the client's device."""
    moments: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """What was not as it should be, in words; nothing if all is well."""
    jumps: list[float] = field(default_factory=list)
    """How far the session clock jumped across each restart, seconds."""
    away: list[float] = field(default_factory=list)
    """Seconds from each kill until a connection carried the session again."""

    @property
    def facts(self) -> Facts:
        """Return what was understood, said, done and heard."""
        return facts(self.timeline.events)


# --- one conversation


@dataclass(slots=True)
class _Call:
    """One conversation and the endpoint it is held with."""

    session: Session
    device: Device
    floor: Floor
    mortal: Mortal
    outcome: Outcome

    @property
    def offset(self) -> float:
        """Return the session clock against this process's own."""
        return self.session.now() - anyio.current_time()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for ``condition`` to hold; a lost connection is no news of the endpoint, so look again."""
        while not condition():
            assert not self.session.over, "the session ended"
            with anyio.move_on_after(0.02):
                await self.session.news()

    def count(self, kind: type) -> int:
        """Return how many events of ``kind`` there are."""
        return sum(isinstance(event.body, kind) for event in self.session.timeline.events)

    async def turn(self, recording: Samples, moment: str, chance: random.Random | None) -> None:
        """Say ``recording`` and hear the reply, killed at ``moment``."""
        session, device = self.session, self.device
        if moment == "idle" and chance:
            await anyio.sleep(chance.uniform(0.0, 0.4))
            await self.killed("idle", chance)
        await anyio.sleep(0.3)
        replies, finals = self.floor.replies, self.count(FinalTranscript)
        device.speak(recording)
        async with task_group() as group:
            if chance and moment != "idle":
                group.start_soon(self._kill_while, moment, len(recording) / 16_000, chance)
            await device.spoken()
            await self.until(
                lambda: (
                    self.floor.replies > replies
                    and self.count(FinalTranscript) > finals
                    and not self.session.playout.playing
                    and session.connection.status == "connected"
                    and self._answered()
                )
            )

    def _answered(self) -> bool:
        """Return whether the last turn's reply was heard to its end."""
        final = next(
            e.turn for e in reversed(self.session.timeline.events) if isinstance(e.body, FinalTranscript)
        )
        return any(
            isinstance(e.body, PlaybackStopped) and e.turn == final
            for e in reversed(self.session.timeline.events)
        )

    async def _kill_while(self, moment: str, length: float, chance: random.Random) -> None:
        if moment in ("speaking", "resumed"):
            await anyio.sleep(chance.uniform(0, length))
        else:
            await self.device.spoken()
            await anyio.sleep(chance.uniform(0, 0.8))
        if moment == "replying":
            await self.until(lambda: self.session.playout.playing)
            await anyio.sleep(chance.uniform(0, 1.5))
        await self.killed("speaking" if moment == "resumed" else moment, chance)
        if moment == "resumed":
            await anyio.sleep(chance.uniform(0, 0.15))
            await self.killed("resumed", chance)

    async def killed(self, moment: str, chance: random.Random) -> None:
        """Kill the endpoint, look at what is left, start it again, and wait for the session to go on."""
        outcome, session = self.outcome, self.session
        offset, status = self.offset, session.connection
        await self.mortal.kill()
        died = anyio.current_time()
        outcome.moments.append(moment)
        await self.until(lambda: session.connection is not status)  # what was on its way is here
        name = session.opened.session
        stored = await anyio.to_thread.run_sync(left_behind, self.mortal.store, name)
        seen = session.timeline.events
        if stored is None or stored.events[: len(seen)] != seen:
            outcome.faults.append(f"killed while {moment}: an event the client has seen is not stored so")
        resumed = self.count(SessionResumed)
        await self.mortal.start()
        await self.until(lambda: self.count(SessionResumed) > resumed)
        outcome.away.append(anyio.current_time() - died)
        found = [e.body for e in session.timeline.events if isinstance(e.body, SessionResumed)][-1]
        if not found.restored or found.session != name:
            outcome.faults.append(f"killed while {moment}: the session was not restored")
        outcome.jumps.append(self.offset - offset)


async def converse(
    mortal: Mortal, script: Sequence[str], chance: random.Random | None, first: int
) -> Outcome:
    """Hold one conversation, killed in every turn at a moment of ``chance``; unkilled without it."""
    patient = ResumeSettings(longest=0.3, patience=TURN_MAX)
    settings = SessionSettings(persistent=True, resume=patient, closing=TURN_MAX)
    async with open_session("coffee", endpoint=mortal.endpoint, settings=settings) as session:
        outcome = Outcome(timeline=session.timeline)
        async with task_group() as group:
            device, floor = Device(session), Floor()
            session.timeline.subscribe(floor.take)
            group.start_soon(device.run)
            call = _Call(session, device, floor, mortal, outcome)
            for number, recording in enumerate(tones(script)):
                moment = MOMENTS[(first + number) % len(MOMENTS)] if chance else ""
                with anyio.move_on_after(TURN_MAX) as limit:
                    await call.turn(recording, moment, chance)
                if limit.cancelled_caught:
                    outcome.faults.append(f"turn {number} did not end within {TURN_MAX:g} s")
                    break
            await anyio.sleep(0.3)
            outcome.faults += _missing(session)
            group.cancel_scope.cancel()
        agent = device.recording(session.timeline, {}).agent
        outcome.sounded = int(np.count_nonzero(np.abs(agent) > 1e-3))
    stored = await anyio.to_thread.run_sync(left_behind, mortal.store, session.opened.session)
    if stored is None or stored.events != session.timeline.events or stored.row.phase != "ended":
        outcome.faults.append("the ended session is not in the store as the client saw it")
    return outcome


def _missing(session: Session) -> list[str]:
    missing = []
    for event in session.timeline.events:
        match event.body:
            case AudioIn(lost=lost) if lost:
                missing.append(f"{lost} samples of the caller never came")
            case OrderBroken(kind="gap", stream=stream, count=count):
                missing.append(f"{count} {stream} of the client never came")
            case ErrorRaised(code=code):
                missing.append(f"error {code}")
    if session.lost_samples:
        missing.append(f"{session.lost_samples} samples of a reply never came")
    if sum(isinstance(event.body, SessionOpened) for event in session.timeline.events) != 1:
        missing.append("the session was opened twice")
    return missing


def tones(script: Sequence[str]) -> list[Samples]:
    """Return one tone for each scripted utterance, as long as its words take."""
    return [
        (0.3 * np.sin(2 * np.pi * 150 * np.arange(len(text.split()) * 4_000) / 16_000)).astype(np.float32)
        for text in script
    ]


def faults(outcome: Outcome, unkilled: Outcome, *, jump_max: float = CLOCK_JUMP) -> list[str]:
    """Return in words what went otherwise than in the unkilled conversation; seconds."""
    found = list(outcome.faults)
    for name in Facts.__slots__:
        ours, theirs = getattr(outcome.facts, name), getattr(unkilled.facts, name)
        if ours != theirs:
            found.append(f"other {name}: {ours}, expected {theirs}")
    if abs(outcome.sounded - unkilled.sounded) > 0.01 * unkilled.sounded:
        found.append(f"{outcome.sounded} samples sounded, expected {unkilled.sounded}")
    found += [f"the clock jumped by {jump:.3f} s" for jump in outcome.jumps if abs(jump) > jump_max]
    return found


async def run(store: str, *, kills: int, together: int, seed: int) -> tuple[Outcome, list[Outcome]]:
    """Return the unkilled conversation and as many killed ones as it takes for ``kills``."""
    await anyio.to_thread.run_sync(lambda: open_store(store).close())
    outcomes: list[Outcome] = []
    async with mortal(store) as endpoint:
        unkilled = await converse(endpoint, SCRIPT, None, 0)
    begun = kills_begun = 0

    async def one() -> None:
        nonlocal begun, kills_begun
        async with mortal(store) as endpoint:
            while kills_begun < kills:
                number, begun, kills_begun = begun, begun + 1, kills_begun + _kills(begun)
                await endpoint.start()  # where a turn did not end, it may not have been started again
                outcomes.append(await converse(endpoint, SCRIPT, random.Random(seed + number), number))

    async with task_group() as group:
        for _ in range(together):
            group.start_soon(one)
    return unkilled, outcomes


def _kills(first: int) -> int:
    """Return the kills of a conversation whose first turn is killed at moment ``first``."""
    moments = [MOMENTS[(first + number) % len(MOMENTS)] for number in range(len(SCRIPT))]
    return len(moments) + moments.count("resumed")


def report(unkilled: Outcome, outcomes: Sequence[Outcome], keep: Path | None) -> int:
    """Print what was checked; return 0 if every conversation came out as the unkilled one."""
    moments = [moment for outcome in outcomes for moment in outcome.moments]
    jumps = sorted(abs(jump) for outcome in outcomes for jump in outcome.jumps)
    away = sorted(seconds for outcome in outcomes for seconds in outcome.away)
    print(f"kills: {len(moments)} ({', '.join(f'{moments.count(name)} {name}' for name in MOMENTS)})")
    events = sum(len(outcome.timeline) for outcome in outcomes)
    print(f"conversations: {len(outcomes)}, {events} events, each seen one stored just so")
    print(f"away for {np.median(away):.1f} s (median), {away[-1]:.1f} s at most, the start included")
    print(
        f"the session clock jumped by {1e3 * np.median(jumps):.1f} ms (median), "
        f"{1e3 * jumps[-1]:.1f} ms at most"
    )
    wrong = {id(outcome): faults(outcome, unkilled) for outcome in outcomes}
    print(f"as the unkilled conversation: {sum(not found for found in wrong.values())} of {len(outcomes)}")
    for outcome in outcomes:
        for fault in wrong[id(outcome)]:
            print(f"  killed while {', '.join(outcome.moments)}: {fault}")
        if wrong[id(outcome)] and keep is not None:
            outcome.timeline.save(keep / f"killed-{outcomes.index(outcome)}.jsonl")
    return 1 if any(wrong.values()) else 0


def main() -> int:
    """Run the conversations; 0 if every one came out as the unkilled one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=100, help="at least so many (100)")
    parser.add_argument("--store", metavar="URL", help="an empty store; a temporary SQLite file without it")
    parser.add_argument("--together", type=int, default=2, help="endpoints at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="for the timelines that came out otherwise"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = arguments.store or f"sqlite:///{Path(folder) / 'killed.db'}"
        work = partial(run, kills=arguments.kills, together=arguments.together, seed=arguments.seed)
        try:
            return report(*anyio.run(work, store), arguments.keep)
        except WorkbenchError as error:
            print(f"killed: {error}", file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main())
