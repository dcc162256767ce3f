"""``workbench rerun FOLDER``: a recorded caller said again to other engines, and what became of it."""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import anyio
from rich.console import Console

from workbench.analysis.intelligibility import character_error_rate, errors_in, percent, word_error_rate
from workbench.analysis.replay_outcomes import TurnOutcome, outcomes
from workbench.analysis.replay_settings import recorded_assistant
from workbench.client.local import Endpoint, open_endpoint
from workbench.client.rerun import rerun
from workbench.client.session import SessionSettings, is_file
from workbench.client.trust import Trust
from workbench.commands.turn_table import print_turns, seconds
from workbench.conversation.assistants import load_assistant, save_with_voice
from workbench.core.events import Event, FinalTranscript, SessionOpened
from workbench.errors import ParameterError
from workbench.privacy.spans import is_mask
from workbench.speech.voices import named
from workbench.store.folders import has_part
from workbench.store.recording import CALLER, EVENTS, Recording, load_recording


def add_parser(commands: Any) -> None:
    """Add ``rerun`` to the command line."""
    parser = commands.add_parser(
        "rerun",
        description="Say the caller's track of a recorded session again, pauses and all, in real time, to "
        "other engines or another endpoint, and print turn by turn what became of it then and now. The "
        "caller says the same whatever is replied. Response times are from the endpoint's end of speech.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a session folder, as demo writes it")
    parser.add_argument("--engines", choices=("embedded", "scripted"), help="which hear and speak (embedded)")
    parser.add_argument(
        "--models", type=Path, metavar="DIR", help="folder with model weights, looked at first"
    )
    parser.add_argument("--voice", metavar="NAME", help="the assistant's voice, such as bm_george (its own)")
    parser.add_argument("--language", metavar="TAG", help="what the caller speaks (as recorded)")
    parser.add_argument("--assistant", metavar="NAME|FILE", help="whom the caller talks to (as recorded)")
    parser.add_argument("--no-early", action="store_true", help="without early synthesis")
    parser.add_argument(
        "--url", help="an endpoint that runs already, wss://host:port, with engines of its own"
    )
    parser.add_argument(
        "--trust",
        type=Path,
        metavar="FILE",
        help="authorities of its certificate (WORKBENCH_TRUST, system's)",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep the new session in this folder")
    parser.add_argument(
        "--masked", action="store_true", help="also where personal data was silenced: the caller pauses there"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Say it again and print the comparison; return 0, or 1 if nothing was understood."""
    _check(arguments)
    if has_part(arguments.folder, EVENTS) and not has_part(arguments.folder, CALLER):
        raise ParameterError(
            f"{arguments.folder}: holds events and no sound, as is kept where consent is for the transcript "
            "alone and exported by workbench sessions; there is nothing to say again"
        )
    recording = load_recording(arguments.folder)
    _expect_sound(arguments.folder, recording, masked=arguments.masked)
    with tempfile.TemporaryDirectory() as place:
        assistant = _assistant(arguments, recording.timeline.events, Path(place))
        again = anyio.run(partial(_again, arguments, assistant, recording))
    if arguments.out is not None:
        again.save(arguments.out)
    before, after = recording.timeline.events, again.timeline.events
    _show_engines(before, after)
    print_turns(outcomes(before), outcomes(after), name="rerun", texts=(_finals(before), _finals(after)))
    print()
    for line in _sums(before, after):
        print(line)
    if arguments.out is not None:
        print(f"session: {arguments.out}")
    return 0 if _finals(after) else 1


def _check(arguments: argparse.Namespace) -> None:
    """Refuse what does not go together before anything is said."""
    if arguments.trust is not None and not arguments.url:
        raise ParameterError("--trust is for the endpoint of --url, expected both or none")
    own = {"--engines": arguments.engines, "--models": arguments.models, "--voice": arguments.voice}
    given = [name for name, value in own.items() if value is not None]
    if arguments.url and given:
        raise ParameterError(f"{given[0]} is for an endpoint started here, the one of --url has its own")
    if arguments.url and arguments.assistant and is_file(arguments.assistant):
        raise ParameterError("--assistant is a file, expected a name that the endpoint of --url offers")
    if arguments.out is not None and arguments.out.resolve() == arguments.folder.resolve():
        raise ParameterError(
            f"--out is the recorded session itself, {arguments.out}, expected another folder"
        )
    if arguments.out is not None and arguments.out.exists() and not arguments.out.is_dir():
        raise ParameterError(f"{arguments.out}: is a file, expected a folder for the session")
    if arguments.models is not None and not arguments.models.is_dir():
        raise ParameterError(f"--models is {arguments.models}, expected a folder with model weights")
    if arguments.voice is not None:
        named(arguments.voice)
    SessionSettings(language=arguments.language)


def _expect_sound(folder: Path, recording: Recording, *, masked: bool) -> None:
    """Refuse a session in which the caller can't be heard as then."""
    if not len(recording.caller):
        raise ParameterError(f"{folder}: holds no sound of the caller, there is nothing to say again")
    finals = (e.body for e in recording.timeline.events if isinstance(e.body, FinalTranscript))
    hidden = sum(is_mask(word.text.strip(".,?!")) for final in finals for word in final.words)
    if recording.meta.get("masked") and hidden and not masked:
        raise ParameterError(
            f"{folder}: the session is masked and {hidden} of the caller's words are silent, engines would "
            "hear pauses there; --masked says it all the same"
        )


def _assistant(arguments: argparse.Namespace, events: Sequence[Event], place: Path) -> str:
    """Return whom to talk to: the recorded assistant or the given one, in the given voice."""
    opened = next((event.body for event in events if isinstance(event.body, SessionOpened)), None)
    name = arguments.assistant or (opened.assistant if opened is not None else "")
    if not name:
        raise ParameterError(f"{arguments.folder}: has no session-opened, expected --assistant")
    if arguments.url:
        return str(name)
    if arguments.assistant is None:
        recorded_assistant(events)
    if arguments.voice is None:
        load_assistant(name)
        return str(name)
    file = place / "assistant.yaml"
    save_with_voice(name, arguments.voice, file)
    return str(file)


async def _again(arguments: argparse.Namespace, assistant: str, recording: Recording) -> Recording:
    console = Console(stderr=True, highlight=False)
    console.print(f"{recording.duration:.0f} s are said again, in real time", markup=False)
    async with AsyncExitStack() as stack:
        if arguments.url:
            endpoint = Endpoint(url=arguments.url.rstrip("/"), trust=Trust(authorities=arguments.trust))
        else:
            files = (Path(assistant),) if is_file(assistant) else ()
            wanted = {"WORKBENCH_ENGINES": arguments.engines, "WORKBENCH_MODELS": arguments.models}
            environment = {name: str(value) for name, value in wanted.items() if value is not None}
            endpoint = await stack.enter_async_context(
                open_endpoint(assistants=files, environment=environment)
            )
        return await rerun(
            recording,
            assistant=load_assistant(assistant).name if is_file(assistant) else assistant,
            endpoint=endpoint,
            early_synthesis=False if arguments.no_early else None,
            language=arguments.language,
        )


def _finals(events: Sequence[Event]) -> Mapping[int, str]:
    """Return what was understood in each turn."""
    found: dict[int, str] = {}
    for event in events:
        if isinstance(event.body, FinalTranscript) and event.body.text:
            found[event.turn] = f"{found.get(event.turn, '')} {event.body.text}".strip()
    return found


def _show_engines(before: Sequence[Event], after: Sequence[Event]) -> None:
    for name, events in (("recorded", before), ("rerun", after)):
        opened = next((event.body for event in events if isinstance(event.body, SessionOpened)), None)
        told = {} if opened is None else opened.settings
        language = told.get("language")
        tag = language.get("tag", "-") if isinstance(language, dict) else "-"
        print(f"{name:9} engines {told.get('engines', '-')}, voice {told.get('voice', '-')}, language {tag}")


def _sums(before: Sequence[Event], after: Sequence[Event]) -> list[str]:
    """Return what the sessions come to, and how far the transcripts agree, whatever turns they fell into."""
    language = next((e.body.language for e in before if isinstance(e.body, FinalTranscript)), "en")
    texts = [" ".join(_finals(events).values()) for events in (before, after)]
    told = [errors_in(texts[0], texts[1], language=language)]
    rates = [f"words {percent(word_error_rate(told))}", f"characters {percent(character_error_rate(told))}"]
    return [
        f"transcripts of the rerun against the recorded ones, error rates: {', '.join(rates)}",
        *(_sum(name, outcomes(events)) for name, events in (("recorded", before), ("rerun", after))),
    ]


def _sum(name: str, turns: Sequence[TurnOutcome]) -> str:
    times = [one.response_time for one in turns if one.response_time is not None]
    early = f"{sum(one.commits for one in turns)} of {sum(one.starts for one in turns)} early replies given"
    cut = sum(one.cut_off for one in turns)
    return (
        f"{name:9} turns {len(turns)}, median response {seconds(median(times) if times else None)}, {early}, "
        f"cut off {cut}"
    )
