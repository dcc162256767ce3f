"""``workbench listen FILE``: hear a recording through the recogniser, partials while it plays.

Stable words are bold, unstable ones dim, with the confidence of the whole in front; each final stands on a
line of its own with its times.
"""

import argparse
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.text import Text

from workbench.audio.files import load_audio
from workbench.audio.voice_activity import RATE, SileroVoiceActivity
from workbench.core.clock import Clock, MonotonicClock
from workbench.core.events import FinalTranscript, PartialTranscript
from workbench.speech.recognizers.stream import Listening, transcripts

Transcript = PartialTranscript | FinalTranscript


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command and its arguments."""
    parser = subparsers.add_parser("listen")
    parser.add_argument("file", type=Path, metavar="FILE", help="an audio file")
    parser.add_argument("--language", default="en", help="language spoken, as en or pt-BR (default en)")
    parser.add_argument(
        "--vocabulary",
        default="",
        metavar="PHRASE,PHRASE",
        help="phrases likely to be said, separated by commas",
    )
    parser.add_argument(
        "--speed", choices=("real", "fast"), default="real", help="as it was spoken, or as fast as it goes"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.set_defaults(run=listen)


def listen(args: argparse.Namespace) -> int:
    """Show what is understood of ``args.file`` and return 0.

    Raises
    ------
    WorkbenchError
        If the file is no audio, the language is unknown, or the recogniser is not installed.
    """
    samples = load_audio(args.file, rate=RATE)
    console = Console()
    with nullcontext() if args.json else console.status("loading the recogniser"):
        # Imported here: a wrong file name should not wait for the engines.
        from workbench.speech.recognizers.whisper import WhisperRecognizer

        recognizer = WhisperRecognizer.load()
        activity = SileroVoiceActivity()
    phrases = tuple(phrase.strip() for phrase in args.vocabulary.split(",") if phrase.strip())
    heard: Iterable[Transcript] = transcripts(
        samples, recognizer, activity, Listening(language=args.language, vocabulary=phrases)
    )
    if args.speed == "real":
        heard = paced(heard, MonotonicClock())
    if args.json:
        print(json.dumps(_summary(heard, args.file, len(samples) / RATE), ensure_ascii=False))
    else:
        show(heard, console)
    return 0


def paced(heard: Iterable[Transcript], clock: Clock) -> Iterator[Transcript]:
    """Yield each transcript no sooner than its audio would have been heard."""
    for transcript in heard:
        if (early := transcript.audio_end - clock.now()) > 0:
            time.sleep(early)
        yield transcript


def show(heard: Iterable[Transcript], console: Console) -> None:
    """Draw partials in place and finals below each other; without a terminal only the finals."""
    finals = 0
    with Live(console=console, auto_refresh=False, transient=True) as live:
        for transcript in heard:
            if isinstance(transcript, FinalTranscript):
                finals += 1
                live.update(Text(""), refresh=True)
                console.print(final_line(transcript))
            elif console.is_terminal:
                live.update(partial_line(transcript), refresh=True)
    if not finals:
        console.print("no speech found")


def partial_line(partial: PartialTranscript) -> Text:
    """Return a partial as one line: time, confidence, stable words bold, the others dim."""
    line = Text(f"{partial.audio_end:6.1f} s  {partial.confidence:4.0%}  ", style="cyan")
    words = [word.text for word in partial.words]
    line.append(" ".join(words[: partial.stable]), style="bold default")
    if partial.stable and partial.stable < len(words):
        line.append(" ")
    line.append(" ".join(words[partial.stable :]), style="dim default")
    return line


def final_line(final: FinalTranscript) -> Text:
    """Return a final as one line: from when to when, confidence, text."""
    start = final.words[0].start if final.words else final.audio_start
    end = final.words[-1].end if final.words else final.audio_end
    line = Text(f"{start:6.2f} - {end:.2f} s  {final.confidence:4.0%}  ", style="green")
    line.append(final.text, style="default")
    return line


def _summary(heard: Iterable[Transcript], file: Path, duration: float) -> dict[str, object]:
    everything = list(heard)
    return {
        "file": str(file),
        "duration": duration,
        "finals": [asdict(item) for item in everything if isinstance(item, FinalTranscript)],
        "partials": [asdict(item) for item in everything if isinstance(item, PartialTranscript)],
    }
