"""``workbench demo``: a recorded caller talks to an assistant, in real time, through a real endpoint."""

import argparse
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from rich.console import Console

from workbench.analysis.latency import TurnReport, turns
from workbench.analysis.report import write_report
from workbench.analysis.waterfall import waterfall_lines
from workbench.audio.files import load_audio
from workbench.client.caller import call
from workbench.client.local import Endpoint, open_endpoint
from workbench.client.session import SessionSettings, is_file
from workbench.client.shipped import shipped_caller
from workbench.client.trust import Trust
from workbench.commands.transcript_view import TranscriptView
from workbench.conversation.assistants import load_assistant
from workbench.core.audio import Samples
from workbench.errors import ParameterError, system_reason
from workbench.privacy.recordings import mask_recording
from workbench.store.recording import Recording


def add_parser(commands: Any) -> None:
    """Add ``demo`` to the command line."""
    parser = commands.add_parser(
        "demo",
        description="Play recordings of a caller to an assistant, in real time, through a real endpoint: the "
        "live transcript, what was understood and decided, the reply, and where the response time went. "
        "Without arguments a shipped caller orders a coffee.",
    )
    parser.add_argument("--assistant", default="coffee", metavar="NAME|FILE", help="whom to talk to (coffee)")
    parser.add_argument(
        "--audio", nargs="+", type=Path, metavar="FILE", help="own recordings, one turn after another"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for the session and its report (sessions/<date>)"
    )
    parser.add_argument("--json", action="store_true", help="print one object to standard output")
    parser.add_argument("--no-early", action="store_true", help="without early synthesis, to compare")
    parser.add_argument("--language", metavar="TAG", help="what the caller speaks (the assistant's language)")
    parser.add_argument("--greet", action="store_true", help="let the assistant speak first")
    parser.add_argument("--unmasked", action="store_true", help="personal data in the report as it was said")
    parser.add_argument("--url", help="an endpoint that runs already, wss://host:port")
    parser.add_argument(
        "--trust",
        type=Path,
        metavar="FILE",
        help="authorities of its certificate (WORKBENCH_TRUST, system's)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Hold the conversation; return 0 if every turn was answered, else 1."""
    if arguments.trust is not None and not arguments.url:
        raise ParameterError("--trust is for the endpoint of --url, expected both or none")
    assistant = load_assistant(arguments.assistant)
    settings = SessionSettings(
        early_synthesis=not arguments.no_early, greet=arguments.greet, language=arguments.language
    )
    files = arguments.audio or shipped_caller(assistant.name)
    recordings = [load_audio(file, rate=settings.input.rate) for file in files]
    folder, is_new = _folder(arguments.out)
    console = Console(stderr=arguments.json, highlight=False)
    view = TranscriptView(console)
    conversation = partial(_talk, arguments, assistant.name, settings, recordings, view)
    try:
        recording = anyio.run(conversation)
    except BaseException:
        if is_new:
            with suppress(OSError):
                folder.rmdir()
        raise
    recording.save(folder)
    report = folder / "report.html"
    write_report(recording if arguments.unmasked else mask_recording(recording), report)
    reports = turns(recording)
    if arguments.json:
        print(json.dumps(_summary(folder, reports)))
    else:
        _show(console, reports, folder, report)
    return 0 if reports and all(turn.reply for turn in reports) else 1


async def _talk(
    arguments: argparse.Namespace,
    name: str,
    settings: SessionSettings,
    recordings: Sequence[Samples],
    view: TranscriptView,
) -> Recording:
    async with AsyncExitStack() as stack:
        if arguments.url:
            endpoint = Endpoint(url=arguments.url.rstrip("/"), trust=Trust(authorities=arguments.trust))
        else:
            files = (Path(arguments.assistant),) if is_file(arguments.assistant) else ()
            with view.busy("loading the speech engines"):
                endpoint = await stack.enter_async_context(open_endpoint(assistants=files))
        with view:
            return await call(name, recordings, endpoint=endpoint, settings=settings, watch=view.take)


def _folder(wanted: Path | None) -> tuple[Path, bool]:
    """Return the session's folder, and whether it was made."""
    folder = wanted or Path("sessions") / datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    if folder.exists() and not folder.is_dir():
        raise ParameterError(f"{folder}: is a file, expected a folder for the session")
    is_new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ParameterError(f"{folder}: can't be made: {system_reason(error)}") from None
    return folder, is_new


def _summary(folder: Path, reports: Sequence[TurnReport]) -> dict[str, object]:
    names = ("final", "intent", "slots", "reply", "early", "response_time", "contributions")
    return {
        "session": str(folder),
        "turns": [{name: getattr(turn, name) for name in names} for turn in reports],
    }


def _show(console: Console, reports: Sequence[TurnReport], folder: Path, report: Path) -> None:
    if not reports:
        console.print("[bold]nothing was understood[/]: is there speech in the recording?")
    for turn in reports:
        console.print()
        for line in waterfall_lines(turn, console.width):
            console.print(line, markup=False)
    console.print(f"\nsession: {folder}\nreport:  {report}", markup=False)
