"""A document cut into clauses: what is synthesised, cached and sent as one.

A clause ends where a sentence ends, where a break, another voice or another language begins, and at commas
inside a long sentence. The first clause of a long sentence is short, so that its sound is there early. Where
a sentence is cut does not depend on what stands before it, except at the start of a document, where a long
first sentence may also be cut before a conjunction.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from workbench.speech.reading import read_as, readings
from workbench.speech.stretches import Reading
from workbench.ssml.flatten import Boundary, Marked, Pause, Piece, Spoken, Style

SENTENCE_PAUSE = 0.30
PARAGRAPH_PAUSE = 0.60
COMMA_PAUSE = 0.14
PHRASE_PAUSE = 0.0
"""Seconds of silence after a clause, by what ended it."""
EDGES = 0.05
"""Seconds of silence that two clauses keep at their edges, measured: a break is that much longer."""

_SHORT = 7
"""Words of a sentence that is never cut."""
_EARLY = (2, 7)
"""Words the first clause of a cut sentence may have."""
_LONG = 8
"""Words a clause has before it is cut at a comma."""
_LONGEST_WORDS, _LONGEST_WORD = 28, 40
"""Words of a clause, characters of a word: keeps a clause within what the engine takes."""

_SENTENCE_END = re.compile(r"[.!?…।]+[\"”’')\]]*$")
_CLAUSE_END = re.compile(r"[,;:—–][\"”’')\]]*$")
_INITIALS = re.compile(r"^(?:[A-Za-z]\.)+$")
_JOINTS = frozenset({"and", "but", "or", "so", "with", "because", "which", "for", "that", "if", "when"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One written word, or part of one, in one style."""

    written: str
    spoken: str
    """What is said; more words than one when the text is a number or an abbreviation."""
    style: Style = field(default_factory=Style)
    ipa: str | None = None
    spaced: bool = True
    """Whether a space stands before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedClause:
    """What is synthesised at once; equal clauses sound the same."""

    voice: str
    language: str
    items: tuple[Unit | Marked, ...]
    closing: bool
    """Whether a sentence ends here, for the melody when there is no punctuation."""

    @property
    def units(self) -> tuple[Unit, ...]:
        """Return the words, without the marks."""
        return tuple(item for item in self.items if isinstance(item, Unit))

    @property
    def text(self) -> str:
        """Return the clause as written."""
        return "".join((" " if unit.spaced else "") + unit.written for unit in self.units).strip()


@dataclass(frozen=True, slots=True)
class Step:
    """A clause and the silence after it."""

    clause: PlannedClause
    pause: float
    """Seconds."""


def plan(pieces: Iterable[Piece], *, voice: str, language: str) -> tuple[Step, ...]:
    """Return the clauses of a flat document; ``voice`` and ``language`` hold where it names none."""
    runs = list(_runs(_items(pieces, voice, language)))
    steps: list[Step] = []
    opening = True
    for run in runs:
        for part, pause, closing in _cut(run, opening=opening):
            setting = next((unit.style for unit in part if isinstance(unit, Unit)), Style())
            clause = PlannedClause(
                voice=setting.voice or voice,
                language=setting.language or language,
                items=_from_its_start(part),
                closing=closing,
            )
            steps.append(Step(clause, pause))
        opening = opening and not any(isinstance(item, Unit) for item in run.items)
    if steps and runs[-1].ended_by_text:
        steps[-1] = replace(steps[-1], pause=0.0)
    return tuple(steps)


def _from_its_start(items: Sequence[Unit | Marked]) -> tuple[Unit | Marked, ...]:
    """Return ``items`` without the space before the first word: a clause is the same wherever it stands."""
    first = next((item for item in items if isinstance(item, Unit)), None)
    return tuple(
        replace(item, spaced=False) if item is first and first is not None else item for item in items
    )


@dataclass(slots=True)
class _Run:
    """One sentence, or the part of it between two breaks."""

    items: list[Unit | Marked] = field(default_factory=list)
    pause: float = 0.0
    closing: bool = True
    ended_by_text: bool = True


def _items(pieces: Iterable[Piece], voice: str, language: str) -> Iterator[Unit | Marked | Pause | Boundary]:
    spaced = False
    for piece in pieces:
        if not isinstance(piece, Spoken):
            spaced = spaced or isinstance(piece, Pause | Boundary)
            yield piece
            continue
        style = replace(
            piece.style, voice=piece.style.voice or voice, language=piece.style.language or language
        )
        for unit in _glided(tuple(_units(piece, style))):
            yield replace(unit, spaced=unit.spaced or spaced)
            spaced = False
        spaced = spaced or piece.text[-1:].isspace()


def _glided(units: Sequence[Unit]) -> Iterator[Unit]:
    """Yield ``units``, each with its own part of the pitch contour of their piece, by letters."""
    whole, done = sum(len(unit.written) for unit in units) or 1, 0
    for unit in units:
        glide = unit.style.glide
        if glide is None:
            yield unit
            continue
        step = (glide.end - glide.start) / whole
        start, done = glide.start + step * done, done + len(unit.written)
        part = replace(glide, start=start, end=glide.start + step * done)
        yield replace(unit, style=replace(unit.style, glide=part))


def _units(piece: Spoken, style: Style) -> Iterator[Unit]:
    written = " ".join(piece.text.split())
    spaced = piece.text[:1].isspace()
    language = style.language or "en"
    if piece.ipa is not None or piece.alias is not None or piece.say_as is not None:
        spoken = _said(piece, written, language)
        yield Unit(written=written, spoken=spoken or "it", style=style, ipa=piece.ipa, spaced=spaced)
        return
    found = readings(piece.text, language)
    gap = False
    for reading in found:
        if reading.written == reading.spoken:
            words = _words(reading.written, style)
        else:
            words = iter((_read(reading, style),))
        for unit in words:
            yield replace(unit, spaced=unit.spaced or gap)
            gap = False
        gap = reading.written[-1:].isspace()


def _said(piece: Spoken, written: str, language: str) -> str:
    """Return what is said of a piece for which that is laid down."""
    if piece.say_as is not None:
        return read_as(written, piece.say_as, piece.say_format, language=language)
    return read_as(piece.alias, "text", language=language) if piece.alias else written


def _read(reading: Reading, style: Style) -> Unit:
    spaced = reading.written[:1].isspace()
    return Unit(written=reading.written.strip(), spoken=reading.spoken, style=style, spaced=spaced)


def _words(text: str, style: Style) -> Iterator[Unit]:
    for match in re.finditer(rf"(\s*)(\S{{1,{_LONGEST_WORD}}})", text):
        yield Unit(written=match[2], spoken=match[2], style=style, spaced=bool(match[1]))


def _runs(items: Iterable[Unit | Marked | Pause | Boundary]) -> Iterator[_Run]:
    """Cut at sentence ends, breaks, boundaries and changes of voice, language or speed beyond the model's."""
    run = _Run()
    held: Unit | None = None  # the last word, which ends a sentence if a space follows
    for item in items:
        match item:
            case Pause():
                run.pause, run.closing, run.ended_by_text = silence(item.seconds), held is not None, False
                yield run
                run, held = _Run(), None
            case Boundary():
                if any(isinstance(part, Unit) for part in run.items):
                    run.pause = PARAGRAPH_PAUSE if item.paragraph else SENTENCE_PAUSE
                    yield run
                    run = _Run()
                held = None
            case Marked():
                run.items.append(item)
            case Unit():
                last = next((part for part in reversed(run.items) if isinstance(part, Unit)), None)
                ended = held is not None and item.spaced
                if last is not None and (ended or _setting(last.style) != _setting(item.style)):
                    run.pause = SENTENCE_PAUSE if ended else PHRASE_PAUSE
                    run.closing = ended
                    marks = _trailing_marks(run.items)
                    yield run
                    run = _Run(items=marks)
                run.items.append(item)
                held = item if ends_sentence(item.spoken) else None
    if run.items:
        yield run


def silence(seconds: float) -> float:
    """Return what silence makes a break of ``seconds``: clauses bring some at their edges."""
    return max(0.0, seconds - EDGES)


def _trailing_marks(items: list[Unit | Marked]) -> list[Unit | Marked]:
    """Take marks off the end: they belong to what follows."""
    taken: list[Unit | Marked] = []
    while items and isinstance(items[-1], Marked):
        taken.insert(0, items.pop())
    return taken


def _setting(style: Style) -> tuple[object, ...]:
    return style.voice, style.language, stretch(style)


def stretch(style: Style) -> float:
    """Return how much faster than the model's own range a style is: 1 inside it."""
    return style.rate / min(max(style.rate, SLOWEST), FASTEST)


SLOWEST, FASTEST = 0.6, 1.3
"""Rates the model speaks well by itself: word error rate 2 % or less inside, 12 % at 1.6."""


def _cut(run: _Run, *, opening: bool) -> Iterator[tuple[Sequence[Unit | Marked], float, bool]]:
    """Yield the clauses of one run with their pause and whether a sentence ends there."""
    words = [place for place, item in enumerate(run.items) if isinstance(item, Unit)]
    start = 0
    for end in _cuts([run.items[place] for place in words], opening=opening):
        stop = words[end - 1] + 1  # marks go with the word they stand before
        yield run.items[start:stop], _pause_after(run.items[stop - 1]), False
        start = stop
    yield run.items[start:], run.pause, run.closing


def _pause_after(item: Unit | Marked) -> float:
    return pause_inside(item.spoken) if isinstance(item, Unit) else PHRASE_PAUSE


def pause_inside(word: str) -> float:
    """Return the silence after a clause that ends with ``word`` inside a sentence, seconds."""
    return COMMA_PAUSE if _CLAUSE_END.search(word) else PHRASE_PAUSE


def ends_sentence(word: str) -> bool:
    """Return whether ``word``, as it is said, ends a sentence."""
    return bool(_SENTENCE_END.search(word)) and not _INITIALS.match(word)


def _cuts(units: Sequence[Unit | Marked], *, opening: bool) -> Iterator[int]:
    """Yield the places, counted in words, where a new clause begins."""
    texts = [unit.spoken for unit in units if isinstance(unit, Unit)]
    start = 0
    for place in range(1, len(texts)):
        length, rest = place - start, len(texts) - place
        first = start == 0
        comma = _CLAUSE_END.search(texts[place - 1]) is not None
        early = first and len(texts) > _SHORT and _EARLY[0] <= length and rest >= 3
        joint = texts[place].lower() in _JOINTS
        if (
            (comma and early)
            or (comma and length >= _LONG and rest >= 3)
            or (
                joint
                and early
                and opening
                and 3 <= length <= _EARLY[1]
                and rest >= 4
                and not _comma_soon(texts)
            )
            or (joint and length >= 2 * _LONG and rest >= 4)
            or length >= _LONGEST_WORDS
        ):
            yield place
            start = place


def _comma_soon(texts: Sequence[str]) -> bool:
    """Tell whether the sentence offers a better place for an early cut."""
    return any(_CLAUSE_END.search(text) for text in texts[_EARLY[0] - 1 : _EARLY[1]])
