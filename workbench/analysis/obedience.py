"""Was what one document asks for done? Rate, pitch, volume, breaks and emphasis, measured in its sound.

The document is said twice, as it stands and without what it asks for; marks, which make no sound, say where
in either an element begins and ends. What is compared is the same words of the same voice.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from workbench.core.audio import Samples
from workbench.prosody.contours import Contour, f0_contour
from workbench.speech.ports import Clause
from workbench.ssml.document import (
    Break,
    Container,
    Emphasis,
    Mark,
    Node,
    Place,
    Prosody,
    Speak,
    Text,
    joined,
)
from workbench.ssml.scales import Pitch

MOST = 40
"""Elements of one document that are measured; the rest are said, and not measured."""
TOLERANCES = {"rate": 0.08, "pitch": 0.75, "volume": 1.0, "break": 0.12}
"""Share of the rate, semitones, dB and seconds; those of the table in docs/ssml.md."""

_MARK = "workbench-"
_WINDOW = 0.005
_SILENT_DB = -35.0
"""Level of a window that is silence, against the loudest of the sound."""
_GAP = 0.1
"""Seconds of silence that are no part of a word."""
_SHORT = 0.25
"""Seconds of sound under which nothing is said of rate and pitch."""
_F0_RANGE = (65.0, 500.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One element that asks for something that can be measured."""

    element: Break | Prosody | Emphasis
    rate: float = 1.0
    """Asked for, with what the elements around it ask for."""
    pitches: tuple[Pitch, ...] = ()
    gain_db: float = 0.0
    seconds: float = 0.0
    """Of breaks in a row, together."""
    inside: tuple[int, ...] = ()
    """Probes within it, which are left out of its measurement."""


@dataclass(frozen=True, slots=True)
class Probed:
    """A document made to be measured."""

    asked: Speak
    """As it stands, with marks."""
    plain: Speak
    """The same words and marks, without prosody, breaks and emphasis."""
    probes: tuple[Probe, ...]
    """The marks around the n-th are called by ``2 n`` and ``2 n + 1``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obeyed:
    """One thing asked, and what was measured."""

    what: str
    """One of rate, pitch, volume, break, emphasis."""
    place: Place | None
    asked: str
    measured: str
    done: bool | None
    """Whether it is within :data:`TOLERANCES`; None where it can't be told."""


def probed(document: Speak) -> Probed:
    """Return ``document`` with marks around all that can be measured, and the same without what it asks."""
    walk = _Walk()
    asked, plain = walk.nodes(document.children, Probe(element=Prosody()))
    return Probed(
        replace(document, children=joined(asked)),
        replace(document, children=joined(plain)),
        tuple(walk.probes),
    )


@dataclass(slots=True)
class _Walk:
    """Goes through a document once and keeps what can be measured."""

    probes: list[Probe] = field(default_factory=list)
    _pausing: bool = False
    """Whether nothing was said since the last break."""

    def nodes(self, nodes: Iterable[Node], around: Probe) -> tuple[list[Node], list[Node]]:
        """Return ``nodes`` as they stand with marks, and without what they ask for."""
        asked: list[Node] = []
        plain: list[Node] = []
        for node in nodes:
            for into, found in zip((asked, plain), self._node(node, around), strict=True):
                into.extend(found)
        return asked, plain

    def _node(self, node: Node, around: Probe) -> tuple[Sequence[Node], Sequence[Node]]:
        match node:
            case Break():
                return self._break(node)
            case Prosody():
                inner = replace(
                    around,
                    element=node,
                    rate=around.rate * (node.rate or 1.0),
                    pitches=around.pitches if node.pitch is None else (*around.pitches, node.pitch),
                    gain_db=around.gain_db + (node.gain_db or 0.0),
                )
                return self._around(node, inner, probed=not _has_prosody(node.children))
            case Emphasis():
                return self._around(node, replace(around, element=node), probed=node.level != "none")
            case _:
                self._pausing = self._pausing and isinstance(node, Text) and not node.text.strip()
                if not isinstance(node, Container):
                    return (node,), (node,)
                asked, plain = self.nodes(node.children, around)
                return (replace(node, children=joined(asked)),), (replace(node, children=joined(plain)),)

    def _break(self, node: Break) -> tuple[Sequence[Node], Sequence[Node]]:
        if self._pausing:
            last = self.probes[-1]
            self.probes[-1] = replace(last, seconds=last.seconds + node.pause)
            return (node,), ()
        if len(self.probes) == MOST:
            return (node,), (Text(" "),)
        opening, closing = self._marks(Probe(element=node, seconds=node.pause))
        self._pausing = True
        return (opening, node, closing), (Text(" "), opening, closing)

    def _around(
        self, node: Prosody | Emphasis, probe: Probe, *, probed: bool
    ) -> tuple[Sequence[Node], Sequence[Node]]:
        self._pausing = False
        if not probed or len(self.probes) == MOST:
            asked, plain = self.nodes(node.children, probe)
            return (replace(node, children=joined(asked)),), plain
        opening, closing = self._marks(probe)
        number = len(self.probes) - 1
        asked, plain = self.nodes(node.children, probe)
        self.probes[number] = replace(probe, inside=tuple(range(number + 1, len(self.probes))))
        self._pausing = False
        return (opening, replace(node, children=joined(asked)), closing), (opening, *plain, closing)

    def _marks(self, probe: Probe) -> tuple[Mark, Mark]:
        number = 2 * len(self.probes)
        self.probes.append(probe)
        return Mark(name=f"{_MARK}{number}"), Mark(name=f"{_MARK}{number + 1}")


def _has_prosody(nodes: Iterable[Node]) -> bool:
    return any(isinstance(node, Prosody) or _has_prosody(getattr(node, "children", ())) for node in nodes)


class Said:
    """The sound of one document, to be measured.

    Parameters
    ----------
    clauses : as the synthesiser gave them, at least one
    """

    def __init__(self, clauses: Sequence[Clause]) -> None:
        self.rate = clauses[0].rate
        self.left_out = clauses[0].fell_back
        """What is not said as it was asked, and why; else empty."""
        self.samples: Samples = np.concatenate([clause.samples for clause in clauses])
        self.marks: dict[str, float] = {}
        at = 0.0
        for clause in clauses:
            self.marks |= {mark.text: at + mark.start for mark in clause.marks}
            at += len(clause.samples) / clause.rate
        self.seconds = at
        self._contour: Contour | None = None
        size = round(_WINDOW * self.rate)
        whole = self.samples[: len(self.samples) // size * size].reshape(-1, size)
        level = np.sqrt(np.mean(np.square(whole, dtype=np.float64), axis=1))
        self._levels: npt.NDArray[np.float64] = 20 * np.log10(level + 1e-9)
        self._loudest = float(self._levels.max(initial=-180.0))

    def span(self, number: int) -> tuple[float, float] | None:
        """Return where the ``number``-th probe is heard; None where the engine tells no marks."""
        start, end = (self.marks.get(f"{_MARK}{2 * number + more}") for more in (0, 1))
        if start is None:
            return None
        return start, self.seconds if end is None else end

    def loud(
        self, span: tuple[float, float], without: Sequence[tuple[float, float]] = ()
    ) -> npt.NDArray[np.float64]:
        """Return the levels in dB of the windows of ``span`` that are no pause, in order."""
        levels = self._levels[_windows(span)].copy()
        for start, end in without:
            first, last = (max(0, round((edge - span[0]) / _WINDOW)) for edge in (start, end))
            levels[first:last] = -math.inf
        quiet = levels < levels.max(initial=-180.0) + _SILENT_DB
        kept = np.ones(len(levels), bool)
        for start, end in _runs(quiet):
            kept[start:end] = (end - start) * _WINDOW < _GAP and start > 0 and end < len(levels)
        found: npt.NDArray[np.float64] = levels[kept & np.isfinite(levels)]
        return found

    def silence(self, span: tuple[float, float]) -> float:
        """Return the seconds of the longest silence that touches ``span``."""
        quiet = self._levels < self._loudest + _SILENT_DB
        first, last = (round(edge / _WINDOW) for edge in span)
        return max(
            (end - start for start, end in _runs(quiet) if end > first and start < last), default=0
        ) * float(_WINDOW)

    def f0_hz(self, span: tuple[float, float]) -> npt.NDArray[np.float64]:
        """Return f0 from the first sound of ``span`` to its last, NaN where nothing is voiced."""
        if self._contour is None:
            low, high = _F0_RANGE
            self._contour = f0_contour(self.samples, self.rate, low=low, high=high)
        contour = self._contour
        heard = np.flatnonzero(self._levels[_windows(span)] > self._loudest + _SILENT_DB)
        if not len(heard):
            return np.zeros(0)
        start, end = (span[0] + edge * _WINDOW for edge in (heard[0], heard[-1] + 1))
        found: npt.NDArray[np.float64] = contour.f0_hz[(contour.at >= start) & (contour.at < end)]
        return found


def _windows(span: tuple[float, float]) -> slice:
    return slice(round(span[0] / _WINDOW), round(span[1] / _WINDOW))


def _runs(flags: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(int), [0]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def obeyed(probes: Sequence[Probe], asked: Said, plain: Said) -> tuple[Obeyed, ...]:
    """Return what was asked and what was measured, in the order of the document."""
    return tuple(row for number in range(len(probes)) for row in _rows(number, probes, asked, plain))


def _rows(number: int, probes: Sequence[Probe], asked: Said, plain: Said) -> list[Obeyed]:
    span, before = asked.span(number), plain.span(number)
    probe, element = probes[number], probes[number].element
    if isinstance(element, Break):
        return [_pause(probe, asked, None if span is None else span[1])]
    made = np.zeros(0), np.zeros(0)
    if span and before:
        inside = [[one for n in probe.inside if (one := said.span(n))] for said in (asked, plain)]
        made = asked.loud(span, inside[0]), plain.loud(before, inside[1])
    long_enough = min(map(len, made)) * _WINDOW >= _SHORT
    level = _level(made[0]) - _level(made[1])
    if isinstance(element, Emphasis):
        return [_stress(probe, element, made, level - probe.gain_db)]
    rows = []
    if element.rate is not None:
        got = len(made[1]) / len(made[0]) if long_enough else math.nan
        done = abs(got / probe.rate - 1) < TOLERANCES["rate"]
        rows.append(_row("rate", probe, _percent(probe.rate), _percent(got), got, done=done))
    if element.pitch is not None:
        usual, got = math.nan, math.nan
        if span and before and long_enough:
            usual, got = _moved(asked.f0_hz(span), plain.f0_hz(before))
        wanted = _semitones(math.prod(one.factor(usual) for one in probe.pitches))
        done = abs(got - wanted) < TOLERANCES["pitch"]
        told = f"{wanted:+.1f} st" if math.isfinite(wanted) else _told_pitches(probe.pitches)
        rows.append(_row("pitch", probe, told, f"{got:+.1f} st", got, done=done))
    if element.gain_db is not None:
        done = abs(level - probe.gain_db) < TOLERANCES["volume"] or max(level, probe.gain_db) < _SILENT_DB
        rows.append(_row("volume", probe, f"{probe.gain_db:+.1f} dB", f"{level:+.1f} dB", level, done=done))
    return rows


def _pause(probe: Probe, asked: Said, end: float | None) -> Obeyed:
    """Return a break as measured: the silence before the word that follows it."""
    seconds = math.nan
    if end is not None and end < asked.seconds - probe.seconds / 2:
        seconds = asked.silence((end - probe.seconds, end + 2 * _WINDOW))
    done = abs(seconds - probe.seconds) < TOLERANCES["break"]
    told = f"{probe.seconds * 1000:.0f} ms", f"{seconds * 1000:.0f} ms"
    return _row("break", probe, *told, seconds, done=done)


def _stress(
    probe: Probe, element: Emphasis, made: tuple[npt.NDArray[np.float64], ...], louder: float
) -> Obeyed:
    longer = len(made[0]) / len(made[1]) * probe.rate - 1 if len(made[1]) else math.nan
    done = longer < 0 if element.level == "reduced" else longer > 0 and louder > 0
    return _row(
        "emphasis", probe, element.level, f"{longer:+.0%} long, {louder:+.1f} dB", longer + louder, done=done
    )


def _row(what: str, probe: Probe, asked: str, measured: str, value: float, *, done: bool) -> Obeyed:
    known = math.isfinite(value)
    return Obeyed(
        what=what,
        place=probe.element.place,
        asked=asked,
        measured=measured if known else "–",
        done=done if known else None,
    )


def _moved(asked: npt.NDArray[np.float64], plain: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return the usual f0 in Hz, and how many semitones higher it is at the same share of the words."""
    if not (len(asked) and len(plain)):
        return math.nan, math.nan
    same = plain[np.linspace(0, len(plain) - 1, len(asked)).round().astype(int)]
    both = np.isfinite(asked) & np.isfinite(same)
    if not both.any():
        return math.nan, math.nan
    return float(np.median(same[both])), float(np.median(12 * np.log2(asked[both] / same[both])))


def _level(levels: npt.NDArray[np.float64]) -> float:
    """Return the level of all windows together, dBFS; NaN for none."""
    return float(10 * np.log10(np.mean(10 ** (levels / 10)))) if len(levels) else math.nan


def _percent(factor: float) -> str:
    return f"{(factor - 1) * 100:+.0f} %" if math.isfinite(factor) else "–"


def _semitones(factor: float) -> float:
    return 12 * math.log2(factor) if math.isfinite(factor) and factor > 0 else math.nan


def _told_pitches(pitches: Sequence[Pitch]) -> str:
    return ", ".join(f"{one.amount:+g} {one.unit}" for one in pitches)
