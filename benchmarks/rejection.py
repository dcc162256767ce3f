"""How often an assistant takes speech about something else for a request.

Every audio file in the given folders goes through voice activity, the recogniser (expecting the assistant's
vocabulary, as in a session) and understanding. A file is accepted if any of its utterances is taken for an
intent that acts; where the recordings are about something else, all should be rejected. ``--skip`` leaves out
files by name: a folder may hold requests the assistant is there for.
"""

import argparse
import fnmatch
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.audio.files import load_audio
from workbench.audio.voice_activity import RATE, SileroVoiceActivity
from workbench.conversation.assistants import load_assistant
from workbench.conversation.understanding import Understanding
from workbench.core.events import FinalTranscript
from workbench.errors import AudioFileError, ParameterError, WorkbenchError
from workbench.speech.recognizers.stream import Listening, transcripts
from workbench.speech.recognizers.whisper import WhisperRecognizer

SUFFIXES = {".wav", ".flac", ".ogg", ".mp3"}


def recordings(folders: Sequence[Path], skip: Sequence[str], limit: int | None) -> list[Path]:
    """Return the audio files of ``folders`` whose names match none of ``skip``."""
    for folder in folders:
        if not folder.is_dir():
            raise ParameterError(f"{folder}: no such folder, expected recordings")
    files = sorted(file for folder in folders for file in folder.iterdir() if file.suffix.lower() in SUFFIXES)
    wanted = [file for file in files if not any(fnmatch.fnmatch(file.name, one) for one in skip)]
    return wanted[:limit]


def requests(
    file: Path, name: str, recognizer: WhisperRecognizer, understanding: Understanding
) -> Iterator[dict[str, object]]:
    """Yield what is taken for a request in ``file``."""
    assistant = load_assistant(name)
    listening = Listening(vocabulary=assistant.vocabulary, interval=60.0)  # no partials
    samples = load_audio(file, rate=RATE)
    for heard in transcripts(samples, recognizer, SileroVoiceActivity(), listening):
        if isinstance(heard, FinalTranscript):
            meant = understanding.interpret(heard.text, alternatives=heard.alternatives)
            if meant.intent is not None and assistant.intents[meant.intent].action:
                yield {"file": file.name, "slots": meant.slots, "confidence": meant.confidence}


def run(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the figures."""
    files = recordings(arguments.folder, arguments.skip, arguments.limit)
    recognizer = WhisperRecognizer.load()
    understanding = Understanding(load_assistant(arguments.assistant))
    accepted: list[dict[str, object]] = []
    unreadable = 0
    for place, file in enumerate(files, start=1):
        print(f"\r{place} of {len(files)} ", end="", file=sys.stderr, flush=True)
        try:
            accepted += list(requests(file, arguments.assistant, recognizer, understanding))[:1]
        except AudioFileError:
            unreadable += 1
    print(file=sys.stderr)
    heard = len(files) - unreadable
    if not heard:
        raise ParameterError("no recordings were found")
    return {
        "assistant": arguments.assistant,
        "n": heard,
        "unreadable": unreadable,
        "rejected": 1 - len(accepted) / heard,
        "accepted": accepted,
    }


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--assistant", default="coffee", help="who listens (coffee)")
    parser.add_argument("--skip", nargs="*", default=(), metavar="PATTERN", help="file names to leave out")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N recordings")
    parser.add_argument("--json", action="store_true", help="print one object to standard output")
    arguments = parser.parse_args()
    try:
        figures = run(arguments)
    except WorkbenchError as error:
        print(f"rejection: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(json.dumps(figures) if arguments.json else "\n".join(f"{k:12} {v}" for k, v in figures.items()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
