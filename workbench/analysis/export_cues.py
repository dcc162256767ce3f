"""What was said, cut into stretches that can be exported: who, from when to when, which words.

The caller's text is the final transcript, the agent's is what was heard of the reply: one that was
interrupted ends where the caller stopped it. Times lie within the recording, every stretch lasts, and the
words of one utterance follow each other: formats rely on all three.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from workbench.analysis.transcript import TranscriptRow, spoken
from workbench.store.recording import Recording

SHORTEST = 0.001
"""Seconds the shortest stretch lasts: what captions can tell apart."""

_LETTERS_MAX = 84  # two lines of 42, what subtitles are held to
_SECONDS_MAX = 7.0
_TOGETHER = 0.3  # seconds; what begins closer than this can't be read one after the other


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedWord:
    """One word and where it sounded, track seconds."""

    text: str
    start: float
    end: float
    confidence: float | None
    """How likely it is right, 0..1; None for the agent's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What one side said without a break. Times are track seconds."""

    who: str
    turn: int
    start: float
    end: float
    text: str
    words: tuple[TimedWord, ...]
    interrupted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """What is read at once. Times are track seconds."""

    start: float
    end: float
    lines: tuple[tuple[str, str], ...]
    """Who and what, one line each."""


def utterances(recording: Recording) -> tuple[Utterance, ...]:
    """Return what both sides said, by start."""
    rows = (_utterance(row, recording.duration) for row in spoken(recording))
    return tuple(sorted((one for one in rows if one is not None), key=lambda one: one.start))


def cues(said: Iterable[Utterance]) -> tuple[Cue, ...]:
    """Return utterances cut to what can be read at once, by start; those of two sides may overlap."""
    cut = [cue for one in said for cue in _cut(one)]
    return tuple(sorted(cut, key=lambda cue: (cue.start, cue.end)))


def one_after_the_other(overlapping: Iterable[Cue]) -> tuple[Cue, ...]:
    """Return cues, by start, of which none overlaps the next: an earlier one ends where a later one begins.

    Those that begin within 0.3 s of each other become one with several lines.
    """
    result: list[Cue] = []
    for cue in overlapping:
        if result and cue.start - result[-1].start < _TOGETHER:
            last = result[-1]
            result[-1] = replace(last, end=max(last.end, cue.end), lines=last.lines + cue.lines)
        else:
            if result and result[-1].end > cue.start:
                result[-1] = replace(result[-1], end=cue.start)
            result.append(cue)
    return tuple(result)


def _utterance(row: TranscriptRow, duration: float) -> Utterance | None:
    """Return a row within the recording, None if it has no text or no time."""
    start, end = max(0.0, row.start), min(row.end, duration)
    tokens = row.text.split()
    if not tokens or end - start < SHORTEST:
        return None
    return Utterance(
        who=row.who,
        turn=row.turn,
        start=start,
        end=end,
        text=" ".join(tokens),
        words=_ordered(_timed(row, tokens), start, end),
        interrupted=row.interrupted,
    )


def _timed(row: TranscriptRow, tokens: Sequence[str]) -> list[TimedWord]:
    """Return the text's words with the times known of them, or spread over the row by their letters."""
    known = row.words[: len(tokens)]
    if [word.text for word in known] == list(tokens):
        return [
            TimedWord(
                text=word.text, start=word.start, end=word.end, confidence=getattr(word, "confidence", None)
            )
            for word in known
        ]
    whole = sum(len(token) for token in tokens)
    at, spread = row.start, []
    for token in tokens:
        length = (row.end - row.start) * len(token) / whole
        spread.append(TimedWord(text=token, start=at, end=at + length, confidence=row.confidence))
        at += length
    return spread


def _ordered(words: Iterable[TimedWord], since: float, until: float) -> tuple[TimedWord, ...]:
    """Return the words within ``since``..``until``, each lasting, none before the end of the one it follows.

    A word that has no room left is left out of them: the utterance's text still has it.
    """
    ordered = []
    for word in words:
        start = max(word.start, since)
        end = min(max(word.end, start + SHORTEST), until)
        if end - start >= SHORTEST * 0.999:
            ordered.append(replace(word, start=start, end=end))
            since = end
    return tuple(ordered)


def _cut(said: Utterance) -> Iterable[Cue]:
    """Cut an utterance between words where it is too long to be read at once."""
    if " ".join(word.text for word in said.words) != said.text:
        yield Cue(start=said.start, end=said.end, lines=((said.who, said.text),))
        return
    held: list[TimedWord] = []
    for word in said.words:
        letters = sum(len(one.text) + 1 for one in held) + len(word.text)
        if held and (letters > _LETTERS_MAX or word.end - held[0].start > _SECONDS_MAX):
            yield _cue(said.who, held)
            held = []
        held.append(word)
    yield _cue(said.who, held)


def _cue(who: str, words: Sequence[TimedWord]) -> Cue:
    text = " ".join(word.text for word in words)
    return Cue(start=words[0].start, end=words[-1].end, lines=((who, text),))
