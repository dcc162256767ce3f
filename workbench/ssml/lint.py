"""Where a document uses SSML more than does good: findings with line, column and advice.

SSML is to be applied conservatively: a listener takes a long silence for the end, a word stressed among
stressed ones is not, and prosody within prosody goes further than its writer hears in either.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from workbench.ssml.document import (
    Audio,
    Break,
    Element,
    Emphasis,
    Extension,
    Mark,
    Node,
    Paragraph,
    Phoneme,
    Place,
    Prosody,
    SayAs,
    Sentence,
    Speak,
    Substitute,
    Text,
    UseVoice,
)
from workbench.ssml.render import plain_text
from workbench.ssml.scales import Pitch

LONG_BREAK = 2.0
"""Seconds of silence that sound like the end: callers begin to speak after 1 to 2 s."""
MOST_EMPHASISED = 0.3
"""Share of the words."""
LONG_EMPHASIS = 8
"""Words."""
RATES = (0.6, 1.5)
"""Rate factors that stay intelligible."""
MOST_SEMITONES = 6.0
LOUDEST = 6.0
"""dB over the voice's own."""
MOST_VOICES = 3
_EMOJI = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff](?:[\ufe0f\U0001f3fb-\U0001f3ff]|\u200d.)*")
"""One emoji, with what changes its colour and what it is joined with."""
_TYPICAL_F0 = 160.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place that could be better."""

    rule: str
    place: Place | None
    problem: str
    advice: str
    """What to write instead, beginning with a verb."""
    wrong: bool = False
    """Whether it is a mistake, not a matter of taste."""

    def __str__(self) -> str:
        """Return it as one line."""
        where = f"{self.place.line}:{self.place.column}: " if self.place is not None else ""
        return f"{where}{self.problem}: {self.advice} [{self.rule}]"


def lint(document: Speak) -> tuple[Finding, ...]:
    """Return what could be better in ``document``, in its order."""
    found = [
        *_breaks(document.children),
        *_each(document.children, _Around()),
        *_emphasis(document),
        *_voices(document),
        *_marks(document),
        *_emoji(document),
    ]
    return tuple(sorted(found, key=lambda finding: finding.place or Place(0, 0)))


@dataclass(frozen=True, slots=True)
class _Around:
    """What holds where a node stands."""

    rate: float = 1.0
    semitones: float = 0.0
    gain_db: float = 0.0
    changed: frozenset[str] = frozenset()
    emphasised: bool = False


def _breaks(nodes: Sequence[Node]) -> Iterator[Finding]:
    """Yield breaks that are long by themselves or together, and one before the first word."""
    spoken, silence = False, 0.0
    for node in flat(nodes):
        if isinstance(node, Break):
            if not spoken and node.pause > 0 and silence == 0:
                problem = f"a break of {node.pause:g} s before the first word makes every hearer wait"
                yield _finding("break-first", node, problem, "leave it out")
            silence += node.pause
            if node.pause > LONG_BREAK:
                problem = f"a break of {node.pause:g} s sounds like the end"
                yield _finding("break-long", node, problem, f"write at most {LONG_BREAK:g} s")
            elif silence > LONG_BREAK:
                problem = f"breaks in a row make {silence:g} s of silence"
                yield _finding("break-row", node, problem, f"write one break of at most {LONG_BREAK:g} s")
        elif isinstance(node, SayAs | Substitute | Phoneme) or (isinstance(node, Text) and node.text.strip()):
            spoken, silence = True, 0.0


def _each(nodes: Iterable[Node], around: _Around) -> Iterator[Finding]:
    for node in nodes:
        match node:
            case Prosody():
                inside = _inside(node, around)
                yield from _prosody(node, around, inside)
                yield from _each(node.children, inside)
            case Emphasis():
                if around.emphasised and node.level != "none":
                    yield _finding(
                        "emphasis-stacked", node, "emphasis stands within emphasis", "leave one of them out"
                    )
                inside = replace(around, emphasised=True)
                yield from _hollow(node, "emphasis")
                yield from _each(node.children, inside)
            case Audio():
                if not plain_text(Speak(children=node.children)):
                    yield _finding(
                        "text-lost",
                        node,
                        "nothing is heard where the recording can't be played",
                        "write what shall be said between <audio> and </audio>",
                    )
            case SayAs() | Substitute():
                yield from _said_otherwise(node)
            case Paragraph() | Sentence():
                yield from _hollow(node, "p" if isinstance(node, Paragraph) else "s")
                yield from _each(node.children, around)
            case Text() | Break() | Mark():
                pass
            case _:
                yield from _each(getattr(node, "children", ()), around)


def _inside(node: Prosody, around: _Around) -> _Around:
    asked = (("rate", node.rate), ("pitch", node.pitch), ("volume", node.gain_db))
    return _Around(
        rate=around.rate * (node.rate or 1.0),
        semitones=around.semitones + _semitones(node.pitch),
        gain_db=around.gain_db + (node.gain_db or 0.0),
        changed=around.changed | {name for name, value in asked if value is not None},
        emphasised=around.emphasised,
    )


def _prosody(node: Prosody, around: _Around, inside: _Around) -> Iterator[Finding]:
    asked = (("rate", node.rate), ("pitch", node.pitch), ("volume", node.gain_db))
    again = [name for name, value in asked if value is not None and name in around.changed]
    if again:
        together = {
            "rate": f"{inside.rate * 100:.0f}%",
            "pitch": f"{inside.semitones:+.1f}st",
            "volume": f"{inside.gain_db:+.1f}dB",
        }
        problem = "; ".join(f"{name} within {name} adds up to {together[name]}" for name in again)
        yield _finding("prosody-stacked", node, problem, "close the outer <prosody> before the inner one")
    if node.rate is not None and not RATES[0] <= inside.rate <= RATES[1]:
        low, high = (f"{rate * 100:.0f}%" for rate in RATES)
        problem = f"a rate of {inside.rate * 100:.0f}% is hard to follow"
        yield _finding("rate-extreme", node, problem, f"write a rate from {low} to {high}")
    if node.pitch is not None and abs(inside.semitones) > MOST_SEMITONES:
        problem = f"a pitch {inside.semitones:+.1f} semitones from the voice's own sounds like somebody else"
        advice = f"write at most {MOST_SEMITONES:g}st, or choose another voice"
        yield _finding("pitch-extreme", node, problem, advice)
    if node.gain_db is not None and inside.gain_db > LOUDEST:
        problem = f"a volume of {inside.gain_db:+.1f} dB will be limited or clip"
        yield _finding("volume-extreme", node, problem, f"write at most +{LOUDEST:g}dB")
    if node.gain_db is not None and inside.gain_db <= -60 and plain_text(Speak(children=node.children)):
        yield _finding("text-lost", node, "this text will not be heard", "leave it out, or write a volume")
    if (node.rate, node.gain_db) in ((1.0, None), (None, 0.0), (1.0, 0.0)) and not (
        node.pitch or node.range or node.contour or node.seconds
    ):
        yield _finding("prosody-nothing", node, "this prosody changes nothing", "leave it out")
    yield from _hollow(node, "prosody")


def _hollow(node: Prosody | Emphasis | Paragraph | Sentence, name: str) -> Iterator[Finding]:
    if not plain_text(Speak(children=node.children)) and not any(
        isinstance(inner, Audio | Break) for inner in flat(node.children)
    ):
        yield _finding("empty", node, f"<{name}> has no text", "write the text inside it, or leave it out")


def _said_otherwise(node: SayAs | Substitute) -> Iterator[Finding]:
    if isinstance(node, Substitute):
        if not node.text.strip():
            yield _finding(
                "text-lost", node, "a transcript shows nothing for this alias", "write what it stands for"
            )
        return
    numeric = ("digits", "number", "cardinal", "ordinal", "telephone", "date", "time", "fraction", "currency")
    if node.interpret_as in numeric and not any(char.isdigit() for char in node.text):
        yield _finding(
            "say-as-kind",
            node,
            f"there is no digit in what is read as {node.interpret_as}",
            "write the number in digits, or leave the <say-as> out",
        )


def _emphasis(document: Speak) -> Iterator[Finding]:
    """Yield what is stressed too much or too long."""
    found = [node for node in flat(document.children) if isinstance(node, Emphasis)]
    stressed = [(node, len(plain_text(Speak(children=node.children)).split())) for node in found]
    stressed = [(node, words) for node, words in stressed if node.level in ("moderate", "strong")]
    for node, words in stressed:
        if words > LONG_EMPHASIS:
            problem = f"{words} words in a row are stressed, so none stands out"
            yield _finding("emphasis-long", node, problem, "stress the one word that matters")
    whole = len(plain_text(document).split())
    total = sum(words for _, words in stressed)
    if len(stressed) > 1 and total > MOST_EMPHASISED * whole:
        problem = f"{total} of {whole} words are stressed"
        yield _finding("emphasis-everywhere", stressed[0][0], problem, "stress one word a sentence at most")


def _voices(document: Speak) -> Iterator[Finding]:
    found = [node for node in flat(document.children) if isinstance(node, UseVoice)]
    if len({node.name or node.gender for node in found}) > MOST_VOICES:
        problem = f"{len(found)} changes of voice make one speaker hard to recognise"
        yield _finding("voices-many", found[0], problem, f"use at most {MOST_VOICES} voices")


def _marks(document: Speak) -> Iterator[Finding]:
    seen: set[str] = set()
    for node in flat(document.children):
        if isinstance(node, Mark):
            if node.name in seen:
                yield _finding(
                    "mark-twice", node, "two marks have this name, and can't be told apart", "rename one"
                )
            seen.add(node.name)


def _emoji(document: Speak) -> Iterator[Finding]:
    """Yield a finding if there are pictures among the letters."""
    count = len(_EMOJI.findall(plain_text(document)))
    if count:
        problem = f"{count} emoji: Kokoro leaves them out, espeak-ng says their names"
        advice = "write the words they stand for, or leave them out"
        yield Finding(rule="emoji", place=None, problem=problem, advice=advice)


def flat(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield nodes and all that is in them, but for what is in ``metadata`` and ``desc``."""
    for node in nodes:
        yield node
        if not (isinstance(node, Extension) and node.name in ("metadata", "desc")):
            yield from flat(getattr(node, "children", ()))


def _semitones(pitch: Pitch | None) -> float:
    if pitch is None:
        return 0.0
    factor = max(pitch.factor(_TYPICAL_F0), 0.01) if pitch.unit != "=Hz" else 1.0
    return 12 * math.log2(factor)


def _finding(rule: str, node: Element, problem: str, advice: str) -> Finding:
    return Finding(rule=rule, place=node.place, problem=problem, advice=advice)
