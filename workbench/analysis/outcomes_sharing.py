"""How much longer recognition and synthesis take beside each other than alone, from recorded sessions.

They share the processors. Which of them runs beside which depends on the policy: an early reply is
synthesised while the final is found, one that waits for the final is not. So a duration recorded under the
one policy holds for another only after it is freed of its neighbour.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from workbench.core.events import (
    Event,
    FinalTranscript,
    PartialTranscript,
    SpeechStarted,
    SynthesisFirstByte,
    SynthesisReady,
)

KNOWN_MIN = 4
"""Fewer pieces of work of a kind, alone or beside another, tell nothing."""
ALONE, BESIDE = 0.1, 0.5
"""Work is alone with a neighbour for less than this share of its time, beside one for more than that."""

Kind = Literal["partial", "careful", "clause"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One pass of the recogniser, or one clause of the synthesiser; session seconds."""

    kind: Kind
    begun: float
    done: float
    amount: float
    """Seconds of sound heard or made."""
    beside: float = 0.0
    """Share of its time in which work of the other sort was done."""

    @property
    def taken(self) -> float:
        """Return the seconds it took."""
        return self.done - self.begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """How many times as long work takes beside the other sort, at least 1; 1 where it is not known."""

    careful: float = 1.0
    clause: float = 1.0

    def alone(self, kind: Literal["careful", "clause"], taken: float, beside: float) -> float:
        """Return what work would have taken alone that took so long, so much of it beside other work."""
        factor = getattr(self, kind)
        return float(taken / (1 + (factor - 1) * beside))

    def together(self, kind: Literal["careful", "clause"], taken: float, beside: float) -> float:
        """Return what it would have taken beside other work all the time."""
        return float(self.alone(kind, taken, beside) * getattr(self, kind))


def works(events: Iterable[Event]) -> list[Work]:
    """Return the passes and clauses of a session, each with how much of it was beside the other sort."""
    found: list[Work] = []
    began = 0.0
    before: dict[int, float | None] = {}
    heard: dict[int, float] = {}
    for event in events:
        body = event.body
        match body:
            case SpeechStarted():
                began = body.position / body.rate
            case PartialTranscript() if body.duration > 0:
                began = heard.setdefault(body.utterance, began)
                kind: Kind = "partial" if body.kind == "partial" else "careful"
                found.append(_pass(kind, event.at, body.duration, body.position / 16_000 - began))
            case FinalTranscript() if body.duration > 0 and not body.early:
                found.append(_pass("careful", event.at, body.duration, body.audio_end - body.audio_start))
            case SynthesisFirstByte():
                before[body.reply] = None if body.cached else body.requested
            case SynthesisReady():
                begun, before[body.reply] = before.get(body.reply), event.at
                if begun is not None:
                    amount = body.samples / body.rate
                    found.append(Work(kind="clause", begun=begun, done=event.at, amount=amount))
            case _:
                pass
    return [replace(one, beside=share_beside(one, near)) for one, near in _neighbours(found)]


def _neighbours(found: Sequence[Work]) -> Iterator[tuple[Work, Sequence[Work]]]:
    """Yield each work with those that may have been done at its time."""
    rising = sorted(found, key=lambda one: one.begun)
    begins = [one.begun for one in rising]
    longest = max((one.taken for one in found), default=0.0)
    for one in found:
        yield one, rising[bisect_left(begins, one.begun - longest) : bisect_left(begins, one.done)]


def _pass(kind: Kind, done: float, duration: float, amount: float) -> Work:
    return Work(kind=kind, begun=done - duration, done=done, amount=max(0.0, amount))


def share_beside(one: Work, others: Iterable[Work]) -> float:
    """Return the share of the time of ``one`` in which work of the other sort was done."""
    spans = sorted(
        (max(one.begun, other.begun), min(one.done, other.done))
        for other in others
        if (other.kind == "clause") != (one.kind == "clause")
        and other.begun < one.done
        and other.done > one.begun
    )
    covered, until = 0.0, one.begun
    for begin, end in spans:
        covered += max(0.0, end - max(begin, until))
        until = max(until, end)
    return covered / one.taken if one.taken > 0 else 0.0


def sharing_of(found: Sequence[Work]) -> Sharing:
    """Return how work of many sessions slows down beside other work.

    Careful passes are seldom seen both alone and beside a synthesis; the quick ones, done by the same engine,
    tell as well.
    """
    ratios = {kind: _ratios([one for one in found if one.kind == kind]) for kind in get_args(Kind)}
    return Sharing(
        careful=_slower([*ratios["partial"], *ratios["careful"]]), clause=_slower(ratios["clause"])
    )


def _ratios(found: Sequence[Work]) -> list[float]:
    """Return how many times as long each work beside other work takes as such work does alone."""
    alone = [one for one in found if one.beside < ALONE]
    if len(alone) < KNOWN_MIN:
        return []
    amounts = np.array([[1.0, one.amount] for one in alone])
    wanted, *_ = np.linalg.lstsq(amounts, np.array([one.taken for one in alone]), rcond=None)
    beside = [one for one in found if one.beside > BESIDE]
    usual = [one.taken / max(0.01, float(wanted @ (1.0, one.amount))) for one in beside]
    return [1 + (ratio - 1) / one.beside for ratio, one in zip(usual, beside, strict=True)]


def _slower(ratios: Sequence[float]) -> float:
    return max(1.0, float(np.median(ratios))) if len(ratios) >= KNOWN_MIN else 1.0
