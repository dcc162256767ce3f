"""Measure the recogniser on a folder of recordings: ``python benchmarks/transcription.py FOLDER [--json]``.

The folder holds ``labels.csv`` with ``file, text``. Each recording is streamed as it would arrive: a reading
takes the time it takes, and the next begins when it is done and its audio is there. Latency counts from the
end of a word (as the final has it) to its first showing in final form, in any partial or as a stable word.
"""

import argparse
import csv
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import jiwer
import numpy as np

from workbench.audio.files import load_audio
from workbench.audio.voice_activity import RATE, SileroVoiceActivity
from workbench.core.audio import Samples
from workbench.core.events import FinalTranscript, PartialTranscript
from workbench.errors import ParameterError, WorkbenchError
from workbench.speech.recognizers.agreement import comparable
from workbench.speech.recognizers.stream import Listening, transcripts
from workbench.speech.recognizers.whisper import WhisperRecognizer

_ONES = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
)
_TENS = re.findall(r"\w+", "_ _ twenty thirty forty fifty sixty seventy eighty ninety")
_SAME = {"oh": "zero", "mr": "mister", "mrs": "missus", "dr": "doctor", "pm": "p m", "am": "a m"}


@dataclass
class Measured:
    """What one recording gave."""

    file: str
    seconds: float
    reference: str
    final: str
    stable: str
    cpu: float
    """Seconds of processor time, voice activity included."""
    first_shown: list[float] = field(default_factory=list)
    """Seconds from each word's end to its first showing in final form."""
    first_stable: list[float] = field(default_factory=list)
    finals: list[float] = field(default_factory=list)
    """Seconds each final pass took."""


def main() -> int:
    """Run the benchmark and print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description="word error rate, latency and cost of the recogniser")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N recordings")
    parser.add_argument("--language", default="en")
    args = parser.parse_args()
    try:
        rows = read_labels(args.folder)[: args.limit]
        recognizer = WhisperRecognizer.load()
        measured, left_out = [], []
        for place, (file, text) in enumerate(rows):
            print(f"\r{place + 1}/{len(rows)} {file[:40]:40}", end="", file=sys.stderr, flush=True)
            if Path(file).suffix == ".raw":
                left_out.append(f"{file} has no header that says what it holds")
                continue
            try:
                samples = load_audio(args.folder / file, rate=RATE)
            except WorkbenchError as error:
                left_out.append(str(error))
                continue
            measured.append(measure(file, text, samples, recognizer, args.language))
        print(file=sys.stderr)
    except WorkbenchError as error:
        print(error, file=sys.stderr)
        return 2
    result = summary(measured, left_out)
    print(json.dumps(result, indent=1, ensure_ascii=False) if args.json else table(result))
    return 0


def read_labels(folder: Path) -> list[tuple[str, str]]:
    """Return file and text of each row of ``labels.csv``; channels transcribed apart (``|``) are left out."""
    path = folder / "labels.csv"
    if not path.is_file():
        raise ParameterError(f"{path} is not there, expected a table with file and text")
    with path.open(newline="", encoding="utf-8") as opened:
        reader = csv.DictReader(opened)
        if not {"file", "text"} <= set(reader.fieldnames or ()):
            raise ParameterError(f"{path} has columns {reader.fieldnames}, expected file and text")
        return [(row["file"], row["text"]) for row in reader if " | " not in row["text"]]


def measure(file: str, text: str, samples: Samples, recognizer: WhisperRecognizer, language: str) -> Measured:
    """Stream one recording and return what it gave."""
    began = time.process_time()
    found = list(
        _timed(transcripts(samples, recognizer, SileroVoiceActivity(), Listening(language=language)))
    )
    cpu = time.process_time() - began
    result = Measured(file, len(samples) / RATE, plain(text), "", "", cpu)
    finals, stables, partials = [], [], []
    for shown, took, transcript in found:
        if isinstance(transcript, PartialTranscript):
            partials.append((shown, transcript))
            continue
        finals.append(transcript.text)
        if partials:
            last = partials[-1][1]
            stables.append(" ".join(word.text for word in last.words[: last.stable]))
        result.finals.append(took)
        _latencies(result, shown, partials, transcript)
        partials = []
    result.final, result.stable = plain(" ".join(finals)), plain(" ".join(stables))
    return result


def _timed(
    heard: Iterator[PartialTranscript | FinalTranscript],
) -> Iterator[tuple[float, float, PartialTranscript | FinalTranscript]]:
    """Yield when each transcript would have been shown, how long it took, and itself."""
    now = 0.0
    while True:
        began = time.perf_counter()
        transcript = next(heard, None)
        if transcript is None:
            return
        took = time.perf_counter() - began
        now = max(now, transcript.audio_end) + took
        yield now, took, transcript


def _latencies(
    result: Measured, shown: float, partials: list[tuple[float, PartialTranscript]], final: FinalTranscript
) -> None:
    """Add when each word of the final was first shown, and first stable, in its final form."""
    for place, word in enumerate(final.words):
        key = comparable(word.text)
        seen = [
            (at, place < partial.stable)
            for at, partial in partials
            if place < len(partial.words) and comparable(partial.words[place].text) == key
        ]
        result.first_shown.append(min((at for at, _ in seen), default=shown) - word.end)
        result.first_stable.append(min((at for at, stable in seen if stable), default=shown) - word.end)


def plain(text: str) -> str:
    """Return ``text`` as it would be spoken: no case or punctuation, numbers as words.

    >>> plain("At 2:30pm, Mr. Dashwood's 12-ounce (silence)")
    "at two thirty p m mister dashwood's twelve ounce"
    """
    text = re.sub(r"\(.*?\)", " ", text.casefold()).replace("’", "'")
    text = re.sub(r"(\d)([a-z])", r"\1 \2", text).replace("p.m", "pm").replace("a.m", "am")
    words = re.findall(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)*", text)
    return " ".join(_spoken(word) for word in words)


def _spoken(word: str) -> str:
    if not word.isdigit():
        return _SAME.get(word, word)
    number = int(word)
    if len(word) > 4 or (len(word) > 1 and word[0] == "0"):
        return " ".join(_ONES[int(digit)] for digit in word)
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10] + (f" {_ONES[number % 10]}" if number % 10 else "")
    if number < 1000:
        rest = f" {_spoken(str(number % 100))}" if number % 100 else ""
        return f"{_ONES[number // 100]} hundred{rest}"
    if number % 1000 == 0:
        return f"{_ONES[number // 1000]} thousand"
    return f"{_spoken(word[:2])} {_spoken(word[2:])}"


def summary(measured: list[Measured], left_out: list[str]) -> dict[str, object]:
    """Return the figures of all recordings and of each."""
    seconds = sum(item.seconds for item in measured)
    shown = [value for item in measured for value in item.first_shown]
    stable = [value for item in measured for value in item.first_stable]
    took = [value for item in measured for value in item.finals]
    return {
        "n": len(measured),
        "seconds": round(seconds, 1),
        "words": sum(len(item.reference.split()) for item in measured),
        "word_error_rate": _error_rate([(item.reference, item.final) for item in measured]),
        "word_error_rate_stable": _error_rate([(item.reference, item.stable) for item in measured]),
        "partial_latency_p50": _percentile(shown, 50),
        "partial_latency_p90": _percentile(shown, 90),
        "stable_latency_p50": _percentile(stable, 50),
        "stable_latency_p90": _percentile(stable, 90),
        "final_pass_p50": _percentile(took, 50),
        "final_pass_p90": _percentile(took, 90),
        "cpu_per_audio_second": round(sum(item.cpu for item in measured) / seconds, 3) if seconds else None,
        "left_out": left_out,
        "files": [
            {
                "file": item.file,
                "seconds": round(item.seconds, 2),
                "word_error_rate": _error_rate([(item.reference, item.final)]),
                "word_error_rate_stable": _error_rate([(item.reference, item.stable)]),
                "cpu_per_audio_second": round(item.cpu / item.seconds, 3),
            }
            for item in measured
        ],
    }


def _error_rate(pairs: list[tuple[str, str]]) -> float | None:
    scored = [(reference, found) for reference, found in pairs if reference]
    if not scored:
        return None
    return round(jiwer.wer([pair[0] for pair in scored], [pair[1] for pair in scored]), 4)


def _percentile(values: list[float], share: float) -> float | None:
    return round(float(np.percentile(values, share)), 3) if values else None


def table(result: dict[str, object]) -> str:
    """Return the figures as text."""
    lines = [f"{name:24} {value}" for name, value in result.items() if name not in ("files", "left_out")]
    files = result["files"]
    assert isinstance(files, list)
    for item in files:
        lines.append(
            f"{item['file'][:44]:44} {item['seconds']:7.2f} s  wer {item['word_error_rate']}  "
            f"stable {item['word_error_rate_stable']}  cpu {item['cpu_per_audio_second']}"
        )
    left_out = result["left_out"]
    assert isinstance(left_out, list)
    return "\n".join([*lines, *(f"left out: {reason}" for reason in left_out)])


if __name__ == "__main__":
    raise SystemExit(main())
