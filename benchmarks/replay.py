"""Make a session of every recording of speech in a data folder, then take all their decisions again.

``python benchmarks/replay.py record KEEP DATA`` lets each recording that DATA's ``MANIFEST.tsv`` lists in one
of ``SETS`` (of ``speech_digits_fsdd`` some) be said to an assistant, in its language, in real time and with
the embedded engines. What else happens in the session differs by the scene: other settings of turn taking,
settings changed meanwhile, a caller who speaks into the replies, a connection that is cut, other audio
formats, lookups, no replies. Scenes take turns recording by recording; ``--rounds N`` lets each recording
have N of them. Sessions are kept in KEEP and not made again, so it may be interrupted, or done in pieces
(``--seconds``).

``python benchmarks/replay.py check KEEP`` replays every session with the settings it had, and once more with
the same given as changes, compares all decisions and ends with status 1 if one differs.
"""

import argparse
import csv
import json
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import soxr
from replay_check import check_all

from workbench.aio import task_group
from workbench.audio.files import load_audio
from workbench.client.device import Device
from workbench.client.floor import Floor
from workbench.client.fragile import Fragile, fragile_way
from workbench.client.local import Endpoint, open_endpoint
from workbench.client.session import Session, SessionSettings, open_session
from workbench.conversation.calibration import Calibration, Curve
from workbench.core.audio import AudioFormat, Encoding, Samples
from workbench.core.events import Event, PlaybackStarted, PlaybackStopped, TurnTakingTuned
from workbench.data import data_folder
from workbench.errors import ConnectionLost, ParameterError, WorkbenchError
from workbench.security.tokens import Scope, mint_token
from workbench.store.recording import is_whole

SETS: Mapping[str, int | None] = {
    "speech_barista_intents": None,
    "speech_multilingual": None,
    "speech_english_misc": None,
    "speech_watson_multilingual": None,
    "conversation_audio": None,
    "speech_digits_fsdd": 20,
}
"""Sets of recordings, and how many of each are said, spread over it; None for all."""

SOUNDS = (".wav", ".flac", ".raw")
RAW_RATE = 16_000
"""Samples per second of files without a head, whole numbers of 16 bits."""

LEAD, TAIL = 0.3, 0.5
"""Seconds of quiet before and after what is said."""
PATIENCE = 12.0
"""Seconds to wait for the floor to be free after the last word."""
INTO = 0.6
"""Seconds of a reply that are heard before somebody speaks into it."""
EVERY = 1.3
"""Seconds between changes of settings, cuts of the connection and texts of the client."""

RISING = Curve((0.0, 0.5, 1.0), (0.1, 0.4, 0.9))


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A session at hand, for what disturbs it."""

    session: Session
    device: Device
    said: Samples
    fragile: Fragile


Disturbs = Callable[[Live], Awaitable[None]]


async def nothing(live: Live) -> None:
    """Let the caller be heard out."""


async def tunes(live: Live) -> None:
    """Change the settings of turn taking, to and fro."""
    patient = {"endpointing.hangover_min": 1.1, "early.confidence": 0.95, "endpointing.pace": 0.8}
    hasty = {"endpointing.hangover_min": 0.2, "early.confidence": 0.2, "early.stability": 0.0}
    while True:
        for changes in (hasty, patient):
            await anyio.sleep(EVERY)
            live.session.tune(changes)


async def interrupts(live: Live) -> None:
    """Speak into two replies, first briefly: a little of the same words again, then all of them."""
    brief = live.said[: round(0.8 * live.session.settings.input.rate)]
    for words in (brief, live.said):
        await seen(live.session, PlaybackStarted)
        await anyio.sleep(INTO)
        live.device.speak(words)
        await live.device.spoken()


async def cuts(live: Live) -> None:
    """Cut the connection twice."""
    for blackout in (0.1, 0.4):
        await anyio.sleep(EVERY)
        await live.fragile.cut(blackout=blackout)


async def says(live: Live) -> None:
    """Let the assistant's voice say something of the client's, twice."""
    for text in ("One moment please.", "I am still here, and I listen to all that you say."):
        await anyio.sleep(EVERY)
        await live.session.say(text)


async def seen(session: Session, kind: type) -> None:
    """Wait for the next event of a kind."""
    async for event in session.events(session.timeline.next_seq):
        if isinstance(event.body, kind):
            return


MULAW = AudioFormat(Encoding.MULAW, 8_000)
OPUS = AudioFormat(Encoding.OPUS, 48_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a session is like."""

    assistant: Mapping[str, Any] = field(default_factory=dict)
    """What its assistant's file says otherwise."""
    settings: SessionSettings = SessionSettings()
    disturbs: Disturbs = nothing
    scopes: tuple[Scope, ...] = (Scope.CONVERSE, Scope.SPEAK)
    client: str | None = None


SCENES: Mapping[str, Scene] = {
    "as-shipped": Scene(),
    "led": Scene(
        assistant={
            "lead": {"prefixes": ["Sure.", "One moment."], "sentences": True, "confidence": 0.3},
            "early": {"confidence": 0.3, "stability": 0.0},
        }
    ),
    "own-pace": Scene(
        assistant={
            "endpointing": {
                "hangover_min": 0.4, "hangover_max": 1.2, "patience": 3.0, "pace": 0.7, "unknown": 0.5,
                "yes_no": 0.7, "choice": 1.4, "date": 1.6, "list": 2.0,
            }
        }
    ),
    "hasty": Scene(
        assistant={
            "early": {"confidence": 0.1, "stability": 0.0, "starts_max": 8},
            "endpointing": {"hangover_min": 0.15, "hangover_max": 0.35, "pause_margin": 0.0},
        }
    ),
    "calibrated": Scene(assistant={"calibration": "calibration.json", "early": {"confidence": 0.3}}),
    "tuned": Scene(disturbs=tunes),
    "interrupted": Scene(disturbs=interrupts),
    "led-interrupted": Scene(
        disturbs=interrupts,
        assistant={
            "lead": {"prefixes": ["Well."], "sentences": True, "confidence": 0.2},
            "endpointing": {"hangover_min": 0.2, "hangover_max": 0.6},
        },
    ),
    "cut": Scene(disturbs=cuts),
    "telephone": Scene(settings=SessionSettings(input=MULAW, output=MULAW)),
    "opus": Scene(settings=SessionSettings(input=OPUS, output=OPUS, greet=True), disturbs=cuts),
    "no-replies": Scene(scopes=(Scope.TRANSCRIBE,)),
    "spoken-for": Scene(disturbs=says, settings=SessionSettings(early_synthesis=False)),
    "known": Scene(client="anna", settings=SessionSettings(greet=True), disturbs=interrupts),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One recording of a data folder."""

    path: Path
    group: str
    language: str | None

    @property
    def name(self) -> str:
        """Return its name among the sessions."""
        return f"{self.group}.{self.path.stem}"

    @property
    def assistant(self) -> str:
        """Return whom it is said to."""
        return "coffee" if self.group == "speech_barista_intents" else "rooms"

    def said(self, rate: int) -> Samples:
        """Return what is said, at ``rate``, with some quiet around it."""
        if self.path.suffix == ".raw":
            whole = np.fromfile(self.path, "<i2").astype(np.float32) / 32_768
            sound = soxr.resample(whole, RAW_RATE, rate)
        else:
            sound = load_audio(self.path, rate=rate)
        return np.pad(sound, (round(LEAD * rate), round(TAIL * rate)))


def clips(data: Path) -> list[Clip]:
    """Return the recordings of ``SETS`` that the manifest of a data folder lists."""
    manifest = data / "MANIFEST.tsv"
    if not manifest.is_file():
        raise ParameterError(f"{manifest}: no such file, expected the list of recordings")
    with manifest.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    found = []
    for group, most in SETS.items():
        own = [one for one in rows if one["set"] == group and one["path"].endswith(SOUNDS)]
        step = 1 if most is None else max(1, len(own) // most)
        found += [
            Clip(path=data / group / one["path"], group=group, language=one["language"] or None)
            for one in own[::step][:most]
        ]
    return found


def assistant_files(keep: Path) -> dict[tuple[str, str], Path]:
    """Write an assistant for each scene that changes one, and return all by scene and name."""
    folder = keep / "assistants"
    folder.mkdir(parents=True, exist_ok=True)
    Calibration({(kind, "", ""): RISING for kind in ("word", "intent")}).save(folder / "calibration.json")
    found = {}
    for scene, how in SCENES.items():
        for name in ("coffee", "rooms"):
            shipped = data_folder() / "assistants" / f"{name}.yaml"
            if not how.assistant:
                found[scene, name] = Path(name)
                continue
            lines = shipped.read_text(encoding="utf-8").splitlines()
            named = [f"name: {name}-{scene}" if line.startswith("name:") else line for line in lines]
            told = [f"{part}: {json.dumps(value)}" for part, value in how.assistant.items()]
            found[scene, name] = folder / f"{name}-{scene}.yaml"
            found[scene, name].write_text("\n".join([*named, *told, ""]), encoding="utf-8")
    return found


def missing(keep: Path, found: Sequence[Clip], rounds: int, only: str | None) -> Iterator[tuple[str, Clip]]:
    """Yield scene and recording of each session that was not yet made, round by round."""
    names = list(SCENES) if only is None else [only]
    for turn in range(min(rounds, len(names))):
        for number, clip in enumerate(found):
            scene = names[(number + 5 * turn) % len(names)]
            if not is_whole(keep / "sessions" / scene / clip.name):
                yield scene, clip


async def record(keep: Path, todo: list[tuple[str, Clip]], seconds: float, at_once: int) -> int:
    """Make the sessions for at most so many seconds, some at once; return how many are still missing."""
    files = assistant_files(keep)
    until = anyio.current_time() + seconds
    offered = [path for path in files.values() if path.suffix == ".yaml"]
    async with AsyncExitStack() as stack:
        endpoint = await stack.enter_async_context(open_endpoint(assistants=offered))

        async def make() -> None:
            while todo and anyio.current_time() < until:
                scene, clip = todo.pop(0)
                try:
                    await session(endpoint, scene, clip, files[scene, clip.assistant], keep)
                except ConnectionLost as error:  # on a busy machine; it may be made again
                    print(f"\r{scene}/{clip.name}: {error}", file=sys.stderr)
                print(f"\r{len(todo)} sessions to go ", end="", file=sys.stderr, flush=True)

        async with task_group() as group:
            for _ in range(at_once):
                group.start_soon(make)
    print(file=sys.stderr)
    return len(todo)


async def session(endpoint: Endpoint, name: str, clip: Clip, assistant: Path, keep: Path) -> None:
    """Say a recording in a session of its own, and keep that."""
    scene = SCENES[name]
    settings = replace(scene.settings, language=clip.language)
    token = partial(mint_token, str(endpoint.key), scopes=scene.scopes, client=scene.client)
    async with AsyncExitStack() as stack:
        way, fragile = await stack.enter_async_context(fragile_way(replace(endpoint, tokens=token)))
        live = await stack.enter_async_context(open_session(assistant.stem, endpoint=way, settings=settings))
        floor, device = Floor(), Device(live)
        live.timeline.subscribe(floor.take)
        said = clip.said(settings.input.rate)
        async with task_group() as group:
            group.start_soon(device.run)
            device.speak(said)
            group.start_soon(scene.disturbs, Live(session=live, device=device, said=said, fragile=fragile))
            await device.spoken()
            await answered(live, floor, device)
            group.cancel_scope.cancel()
    meta = {"assistant": str(assistant), "scene": name, "recording": clip.name, "language": clip.language}
    device.recording(live.timeline, meta).save(keep / "sessions" / name / clip.name)


async def answered(session: Session, floor: Floor, device: Device) -> None:
    """Wait until nothing is due and nobody has spoken for a while."""
    with anyio.move_on_after(PATIENCE):
        while not session.over:
            before = session.timeline.next_seq
            await anyio.sleep(2 * INTO)
            quiet = not any(_is_news(event) for event in session.timeline.since(before))
            if floor.free and quiet and not device.speaking:
                return


def _is_news(event: Event) -> bool:
    return isinstance(event.body, PlaybackStarted | PlaybackStopped | TurnTakingTuned)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, dest="command")
    making = commands.add_parser("record", help="make the sessions")
    making.add_argument("keep", type=Path, metavar="KEEP")
    making.add_argument("data", type=Path, metavar="DATA")
    making.add_argument("--seconds", type=float, default=1e9, help="begin no further session after so long")
    making.add_argument("--rounds", type=int, default=1, help="scenes for each recording")
    making.add_argument("--only", choices=list(SCENES), help="this scene for all recordings")
    making.add_argument("--at-once", type=int, default=2, metavar="N", help="sessions at once")
    checking = commands.add_parser("check", help="replay them and compare all decisions")
    checking.add_argument("keep", type=Path, metavar="KEEP")
    arguments = parser.parse_args()
    try:
        if arguments.command == "check":
            return 1 if check_all(arguments.keep) else 0
        todo = list(missing(arguments.keep, clips(arguments.data), arguments.rounds, arguments.only))
        left = anyio.run(record, arguments.keep, todo, arguments.seconds, arguments.at_once)
    except WorkbenchError as error:
        print(f"replay: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(json.dumps({"missing": left}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
