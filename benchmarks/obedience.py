"""Was what SSML asks for done? Each element is spoken by each embedded engine, and measured in the sound.

Durations are those of the audible part, pauses the longest silence between two words (5 ms windows under
-46 dBFS), f0 that of librosa's pYIN (changes of it are the median, frame by frame, where both are voiced),
volume the RMS of the audible part. What is read otherwise (``sub``, ``say-as``, ``phoneme``) is compared with
the sound of the words written out.
``--write FILE`` puts the table into a document, between its two comments.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import librosa
import numpy as np
import numpy.typing as npt
from documents import put_between

from workbench.core.audio import Samples
from workbench.errors import EngineMissing, ParameterError, WorkbenchError
from workbench.speech.ports import Clause, Synthesizer
from workbench.speech.synthesizers.clauses import EDGES, PARAGRAPH_PAUSE, SENTENCE_PAUSE
from workbench.speech.synthesizers.shaping import speech_span

FIRST, LAST = "We will meet you at the station", "at a quarter to nine"
NEUTRAL = f"{FIRST} {LAST}"
WINDOW = 0.005
SILENT = 10 ** (-46 / 20)
F0_RATE = 12_000
BEGIN = "<!-- measured -->"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing asked, and what was measured."""

    engine: str
    element: str
    asked: str
    measured: str
    obeyed: bool
    """Within the tolerance of the table."""


@dataclass(frozen=True, eq=False)
class Spoken:
    """A text as sound."""

    samples: Samples
    rate: int
    clauses: tuple[Clause, ...]

    @property
    def audible(self) -> Samples:
        """Return it without the silence around it."""
        first, end = speech_span(self.samples, self.rate)
        return self.samples[first:end]

    @property
    def seconds(self) -> float:
        """Return how long it is heard."""
        return len(self.audible) / self.rate

    @property
    def level_db(self) -> float:
        """Return the RMS of what is heard."""
        return float(20 * np.log10(np.sqrt(np.mean(np.square(self.audible))) + 1e-9))

    @property
    def pause(self) -> float:
        """Return the longest silence inside, in seconds."""
        size = round(WINDOW * self.rate)
        windows = self.audible[: len(self.audible) // size * size].reshape(-1, size)
        quiet = np.sqrt(np.mean(np.square(windows), axis=1)) < SILENT
        edges = np.flatnonzero(np.diff(np.concatenate(([0], quiet.astype(int), [0]))))
        return float(max((edges[1::2] - edges[::2]), default=0)) * WINDOW

    @cached_property
    def f0(self) -> npt.NDArray[np.float64]:
        """Return f0 in Hz of each frame, NaN where there is no voice."""
        slower = librosa.resample(self.audible, orig_sr=self.rate, target_sr=F0_RATE)
        found, _, _ = librosa.pyin(slower, fmin=60, fmax=500, sr=F0_RATE, frame_length=1024)
        return np.asarray(found)


class Engine(Protocol):
    """An engine with the voices it is asked to use."""

    def __call__(self, inner: str) -> Spoken: ...  # noqa: D102


def engines(names: list[str]) -> Iterator[tuple[str, Synthesizer, str, str]]:
    """Yield each engine with its name, a voice and another one."""
    from workbench.speech.synthesizers.espeak import EspeakSynthesizer
    from workbench.speech.synthesizers.kokoro import KokoroSynthesizer

    for name in names:
        if name == "kokoro":
            yield name, KokoroSynthesizer.load(), "af_heart", "am_michael"
        else:
            synthesizer = EspeakSynthesizer.load()
            yield name, synthesizer, "en-us", "en-gb"
            synthesizer.close()


def semitones(found: Spoken, neutral: Spoken) -> float:
    """Return how much higher the median f0 of one is."""
    return float(12 * np.log2(np.nanmedian(found.f0) / np.nanmedian(neutral.f0)))


def speaker(synthesizer: Synthesizer, voice: str) -> Engine:
    """Return what speaks a text between ``<speak>`` tags."""

    def speak(inner: str) -> Spoken:
        clauses = tuple(synthesizer.synthesize(f"<speak>{inner}</speak>", voice=voice))
        return Spoken(np.concatenate([clause.samples for clause in clauses]), clauses[0].rate, clauses)

    return speak


def rates(speak: Engine, neutral: Spoken) -> Iterator[tuple[str, str, str, bool]]:
    """Yield speaking rates."""
    for asked in (0.5, 0.7, 0.85, 1.2, 1.5, 2.0):
        got = neutral.seconds / speak(f'<prosody rate="{asked * 100:.0f}%">{NEUTRAL}</prosody>').seconds
        yield "prosody rate", f"{asked - 1:+.0%}", f"{got - 1:+.0%}", abs(got / asked - 1) < 0.08


def pitches(speak: Engine, neutral: Spoken) -> Iterator[tuple[str, str, str, bool]]:
    """Yield changes of pitch, of its course and of its range."""
    for asked in (-4.0, -2.0, 2.0, 4.0):
        spoken = speak(f'<prosody pitch="{asked:+g}st">{NEUTRAL}</prosody>')
        got = float(np.nanmedian(moved(spoken, neutral)))
        yield "prosody pitch", f"{asked:+g} st", f"{got:+.1f} st", abs(got - asked) < 0.75
    for end in (-5, 5):
        contour = f"(0%,+0st) (100%,{end:+d}st)"
        thirds = np.array_split(moved(speak(f'<prosody contour="{contour}">{NEUTRAL}</prosody>'), neutral), 3)
        got = float(np.nanmedian(thirds[2]) - np.nanmedian(thirds[0]))
        wanted = end * 2 / 3
        asked_for = f"{wanted:+.1f} st from the first third to the last"
        yield "prosody contour", asked_for, f"{got:+.1f} st", abs(got - wanted) < 1.5
    for change in ("-60%", "+60%"):
        got = _spread(speak(f'<prosody range="{change}">{NEUTRAL}</prosody>')) / _spread(neutral) - 1
        yield "prosody range", change, f"{got:+.0%}", abs(got - float(change[:-1]) / 100) < 0.25


def moved(spoken: Spoken, neutral: Spoken) -> npt.NDArray[np.float64]:
    """Return how much higher one is than the other at the same share of its length, in semitones."""
    found, plain = spoken.f0, neutral.f0
    same = np.linspace(0, len(plain) - 1, len(found)).round().astype(int)
    return np.asarray(12 * np.log2(found / plain[same]))


def _spread(spoken: Spoken) -> float:
    """Return the standard deviation of f0 in semitones."""
    return float(np.nanstd(12 * np.log2(spoken.f0)))


def volumes(speak: Engine, neutral: Spoken) -> Iterator[tuple[str, str, str, bool]]:
    """Yield volumes."""
    for asked in (-12.0, -6.0, 3.0, 6.0):
        got = speak(f'<prosody volume="{asked:+g}dB">{NEUTRAL}</prosody>').level_db - neutral.level_db
        yield "prosody volume", f"{asked:+g} dB", f"{got:+.1f} dB", abs(got - asked) < 1.0


def pauses(speak: Engine, neutral: Spoken) -> Iterator[tuple[str, str, str, bool]]:
    """Yield breaks and the ends of sentences and paragraphs."""
    for seconds in (0.25, 0.5, 1.0, 2.0):
        got = speak(f'{FIRST} <break time="{seconds}s"/> {LAST}').pause
        yield "break time", f"{seconds * 1000:.0f} ms", f"{got * 1000:.0f} ms", abs(got - seconds) < 0.12
    for strength, seconds in (("weak", 0.1), ("medium", 0.25), ("strong", 0.5), ("x-strong", 0.8)):
        got = speak(f'{FIRST} <break strength="{strength}"/> {LAST}').pause
        asked = f"{strength}: {seconds * 1000:.0f} ms"
        yield "break strength", asked, f"{got * 1000:.0f} ms", abs(got - seconds) < 0.12
    for tag, seconds in (("s", SENTENCE_PAUSE + EDGES), ("p", PARAGRAPH_PAUSE + EDGES)):
        got = speak(f"<{tag}>{FIRST}.</{tag}><{tag}>{LAST}.</{tag}>").pause
        yield tag, f"{seconds * 1000:.0f} ms", f"{got * 1000:.0f} ms", abs(got - seconds) < 0.12


def stresses(speak: Engine, neutral: Spoken) -> Iterator[tuple[str, str, str, bool]]:
    """Yield emphasis of one word: longer if it is stressed, shorter if reduced."""
    plain = _word(neutral, "station")
    for level in ("reduced", "moderate", "strong"):
        text = NEUTRAL.replace("station", f'<emphasis level="{level}">station</emphasis>')
        spoken = speak(text)
        word = _word(spoken, "station")
        longer = len(word) / len(plain)
        louder = 20 * np.log10(np.sqrt(np.mean(np.square(word))) / np.sqrt(np.mean(np.square(plain))))
        right = longer < 1 if level == "reduced" else longer > 1 and louder > 0
        yield "emphasis", level, f"{longer - 1:+.0%} long, {louder:+.1f} dB", bool(right)


def _word(spoken: Spoken, text: str) -> Samples:
    """Return the samples of one word."""
    at = 0
    for clause in spoken.clauses:
        for word in clause.words:
            if word.text.strip(".,") == text:
                first, end = (at + round(each * clause.rate) for each in (word.start, word.end))
                return spoken.samples[first:end]
        at += len(clause.samples)
    raise ParameterError(f"the word {text} was not spoken")


def readings(speak: Engine, neutral: Spoken) -> Iterator[tuple[str, str, str, bool]]:
    """Yield what is read otherwise than written."""
    for element, tagged, plain in (
        ("sub", '<sub alias="doctor">Dr.</sub> Ray', "doctor Ray"),
        ("say-as characters", '<say-as interpret-as="characters">ok</say-as> then', "oh kay then"),
        (
            "say-as digits",
            'a <say-as interpret-as="digits">407</say-as> then',
            "a four zero seven then",
        ),
        ("say-as cardinal", '<say-as interpret-as="cardinal">21</say-as> then', "twenty-one then"),
        ("say-as ordinal", 'the <say-as interpret-as="ordinal">3</say-as> then', "the third then"),
        (
            "say-as date",
            'on <say-as interpret-as="date" format="dmy">1/2/2003</say-as> then',
            "on February first, two thousand three then",
        ),
        ("say-as time", 'at <say-as interpret-as="time">2:30</say-as> then', "at two thirty then"),
        ("say-as fraction", '<say-as interpret-as="fraction">2/3</say-as> then', "two thirds then"),
        ("say-as currency", '<say-as interpret-as="currency">$4</say-as> then', "four dollars then"),
    ):
        got, wanted = speak(tagged), speak(plain)
        same = abs(got.seconds / wanted.seconds - 1) < 0.1
        measured = f"{got.seconds:.2f} s, written out {wanted.seconds:.2f} s"
        yield element, "as written out", measured, same
    given, written = speak('<phoneme alphabet="ipa" ph="təˈmɑːtoʊ">x</phoneme> now'), speak("x now")
    changed = abs(given.seconds - written.seconds) > 0.05
    yield "phoneme ipa", "təˈmɑːtoʊ for x", f"{given.seconds:.2f} s, x {written.seconds:.2f} s", changed


def marks(speak: Engine, neutral: Spoken) -> Iterator[tuple[str, str, str, bool]]:
    """Yield a mark after a pause: it is to lie where sound begins again."""
    spoken = speak(f'{FIRST} <break time="800ms"/><mark name="m"/>{LAST}')
    at = 0.0
    marked = None
    for clause in spoken.clauses:
        for mark in clause.marks:
            marked = at + mark.start
        at += len(clause.samples) / clause.rate
    size = round(WINDOW * spoken.rate)
    levels = np.sqrt(
        np.mean(np.square(spoken.samples[: len(spoken.samples) // size * size].reshape(-1, size)), 1)
    )
    quiet = levels < SILENT
    edges = np.flatnonzero(np.diff(np.concatenate(([0], quiet.astype(int), [0]))))
    starts, ends = edges[::2], edges[1::2]
    inner = [place for place in range(len(starts)) if starts[place] > 0 and ends[place] < len(levels)]
    onset = float(ends[max(inner, key=lambda place: ends[place] - starts[place])]) * WINDOW
    late = (marked - onset) * 1000 if marked is not None else float("nan")
    yield "mark", "where sound begins again", f"{late:+.0f} ms", abs(late) < 60


PARTS = (rates, pitches, volumes, pauses, stresses, readings, marks)


def run(names: list[str], parts: list[str]) -> list[Row]:
    """Return what was measured: of all parts, or of some."""
    rows: list[Row] = []
    for name, synthesizer, voice, other in engines(names):
        speak = speaker(synthesizer, voice)
        neutral = speak(NEUTRAL)
        for part in (part for part in PARTS if part.__name__ in parts):
            for element, asked, measured, obeyed in part(speak, neutral):
                rows.append(Row(name, element, asked, measured, obeyed))
                print(f"\r{name}: {element:30}", end="", file=sys.stderr, flush=True)
        if "marks" not in parts:
            continue
        changed = speak(f'<voice name="{other}">{NEUTRAL}</voice>')
        moved = semitones(changed, neutral)
        different = len(changed.samples) != len(neutral.samples)
        rows.append(Row(name, "voice name", f"{voice} -> {other}", f"{moved:+.1f} st", different))
    print(file=sys.stderr)
    return rows


def table(rows: list[Row]) -> str:
    """Return the rows as Markdown."""
    lines = ["| element | asked | kokoro | espeak |", "|---|---|---|---|"]
    asked = list(dict.fromkeys((row.element, row.asked) for row in rows if row.element != "voice name"))
    for element, wanted in asked:
        cells = {
            row.engine: row.measured + ("" if row.obeyed else " ✗")
            for row in rows
            if (row.element, row.asked) == (element, wanted)
        }
        lines.append(f"| {element} | {wanted} | {cells.get('kokoro', '')} | {cells.get('espeak', '')} |")
    voices = {row.engine: f"{row.asked}: {row.measured}" for row in rows if row.element == "voice name"}
    lines.append(f"| voice name | another voice | {voices.get('kokoro', '')} | {voices.get('espeak', '')} |")
    return "\n".join(lines)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--engine", action="append", choices=("kokoro", "espeak"), help="repeatable (both)")
    names = [part.__name__ for part in PARTS]
    parser.add_argument("--part", action="append", choices=names, help="only this, repeatable (all)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table into this document")
    parser.add_argument("--json", action="store_true", help="print one object to standard output")
    arguments = parser.parse_args()
    try:
        rows = run(arguments.engine or ["kokoro", "espeak"], arguments.part or names)
        if arguments.write is not None:
            put_between(arguments.write, BEGIN, table(rows))
    except EngineMissing as error:
        print(f"obedience: {error}", file=sys.stderr)
        return 2
    except WorkbenchError as error:
        print(f"obedience: {error}", file=sys.stderr)
        return 2
    print(json.dumps([asdict(row) for row in rows]) if arguments.json else table(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
