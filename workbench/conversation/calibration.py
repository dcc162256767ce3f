"""What a score is worth: how often those who said it were right, as a saved table.

Fitted elsewhere on recorded sessions; here it is only looked up, in a microsecond.
"""

import json
import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from workbench.core.hypothesis import Hypothesis
from workbench.core.languages import primary
from workbench.errors import ParameterError, system_reason

VERSION = 1

KINDS = ("word", "intent")
"""What is scored."""

POINTS_MAX = 400
"""Most points of a curve: two of them travel with every session's opening."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A rising line through points; scores beyond its ends get what the ends say.

    A curve without points leaves scores as they are.
    """

    scores: tuple[float, ...] = ()
    """Rising, 0..1."""
    shares: tuple[float, ...] = ()
    """How often those with that score were right, never falling, 0..1."""

    def __post_init__(self) -> None:
        values = (*self.scores, *self.shares)
        rising = all(a < b for a, b in zip(self.scores, self.scores[1:], strict=False))
        never_falling = all(a <= b for a, b in zip(self.shares, self.shares[1:], strict=False))
        within = all(isinstance(one, int | float) and 0 <= one <= 1 for one in values)
        if len(self.scores) != len(self.shares) or not (within and rising and never_falling):
            raise ParameterError(
                f"a calibration curve has {len(self.scores)} scores and {len(self.shares)} shares, "
                "expected as many, in 0..1, scores rising and shares not falling"
            )
        if len(self.scores) > POINTS_MAX:
            raise ParameterError(
                f"a calibration curve has {len(self.scores)} points, expected at most {POINTS_MAX}"
            )

    def apply(self, score: float) -> float:
        """Return how likely something with this score is right; NaN stays NaN."""
        scores, shares = self.scores, self.shares
        if not scores or math.isnan(score):
            return score
        place = bisect_right(scores, score)
        if place == 0:
            return shares[0]
        if place == len(scores):
            return shares[-1]
        share = (score - scores[place - 1]) / (scores[place] - scores[place - 1])
        return shares[place - 1] + share * (shares[place] - shares[place - 1])


AS_IT_IS = Curve()
"""Leaves every score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What the scores of one session are worth: those of its engines in its language."""

    word: Curve = Curve()
    """Of a word in a partial: how likely the final has it in that place."""
    intent: Curve = Curve()
    """Of the meaning of a partial: how likely it is the final's, with all its slots."""

    def calibrated(self, hypothesis: Hypothesis) -> Hypothesis:
        """Return a partial with its words' confidence as they are worth; their own scores stay beside it."""
        if not self.word.scores:
            return hypothesis
        words = tuple(
            replace(word, confidence=self.word.apply(word.confidence), score=word.confidence)
            for word in hypothesis.words
        )
        return replace(hypothesis, words=words)


AS_SCORED = Worth()
"""Scores are taken as they are."""


def worth_from(held: Any) -> Worth:
    """Return what is written of it among a session's settings.

    Raises
    ------
    ParameterError
        If it is no such thing.
    """
    try:
        return Worth(
            **{kind: Curve(tuple(one["scores"]), tuple(one["shares"])) for kind, one in held.items()}
        )
    except (AttributeError, KeyError, TypeError):
        raise ParameterError("the calibration among the session's settings is not one") from None


@dataclass(frozen=True, slots=True)
class Calibration:
    """Curves by what is scored, the engine that scored it and the language."""

    curves: Mapping[tuple[str, str, str], Curve] = field(default_factory=dict)
    """By kind, engine and language; the empty text stands for any engine or language."""

    def curve(self, kind: str, *, engine: str = "", language: str = "") -> Curve:
        """Return the curve that fits best: of the engine and language, of either, of any; else none.

        A language without a curve of its own has that of its first part: ``en-GB`` that of ``en``.
        """
        languages = dict.fromkeys((language, primary(language), ""))
        for key in ((one, tag) for one in dict.fromkeys((engine, "")) for tag in languages):
            found = self.curves.get((kind, *key))
            if found is not None:
                return found
        return Curve()

    def worth(self, *, engine: str, language: str) -> Worth | None:
        """Return what scores of an engine in a language are worth; None if no curve fits them."""
        found = {kind: self.curve(kind, engine=engine, language=language) for kind in KINDS}
        return Worth(**found) if any(curve.scores for curve in found.values()) else None

    @property
    def known(self) -> str:
        """Return, in words, what there are curves for."""
        names = {f"{engine or 'any engine'} in {tag or 'any language'}" for _, engine, tag in self.curves}
        return ", ".join(sorted(names)) or "nothing"

    def apply(self, score: float, kind: str, *, engine: str = "", language: str = "") -> float:
        """Return how likely something with this score is right."""
        return self.curve(kind, engine=engine, language=language).apply(score)

    def save(self, path: Path) -> None:
        """Write the calibration as JSON.

        Raises
        ------
        ParameterError
            If the file can't be written.
        """
        curves = [
            {"kind": kind, "engine": engine, "language": language, **asdict(curve)}
            for (kind, engine, language), curve in sorted(self.curves.items())
        ]
        text = json.dumps({"version": VERSION, "curves": curves}, indent=1) + "\n"
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ParameterError(f"{path}: can't write the calibration: {system_reason(error)}") from error


def load_calibration(path: Path) -> Calibration:
    """Return the calibration saved in a file.

    Raises
    ------
    ParameterError
        If it can't be read, or is not a calibration of this version.
    """
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
        version = described["version"]
        if version != VERSION:
            raise ParameterError(f"{path}: the calibration has version {version!r}, expected {VERSION}")
        curves = {}
        for one in described["curves"]:
            if one["kind"] not in KINDS:
                raise ParameterError(
                    f"{path}: a curve is of kind {one['kind']!r}, expected {' or '.join(KINDS)}"
                )
            key = (str(one["kind"]), str(one["engine"]), str(one["language"]))
            try:
                curves[key] = Curve(tuple(one["scores"]), tuple(one["shares"]))
            except ParameterError as error:
                raise ParameterError(f"{path}: {error}") from None
    except OSError as error:
        raise ParameterError(f"{path}: can't read the calibration: {system_reason(error)}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ParameterError(f"{path}: not a calibration, expected the JSON that tuning writes") from error
    return Calibration(curves)
