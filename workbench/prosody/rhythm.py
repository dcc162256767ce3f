"""Where an utterance pauses, how fast it is spoken, and how even it is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.audio.levels import SILENT, speech_span, without_rumble
from workbench.core.audio import Samples
from workbench.errors import ParameterError
from workbench.prosody.contours import STEP, Contour
from workbench.prosody.edges import Decibels, begin_of_sound, edge_levels, end_of_sound

PAUSE = 0.15
"""Seconds of silence that count as a pause; what is shorter is the closure of a stop."""

_WINDOW = 0.005  # seconds; pauses begin and end in these steps
_SMOOTH = 3  # windows a level is the mean of
_BELOW = 32.0  # dB under the loud speech, below which there is silence
_OVER = 10.0  # dB over the background
_NEVER_BELOW = 14.0  # dB under the loud speech; what is louder is speech, however loud the background
_ROUGH = 0.7  # of a pause; a silence may turn out longer than it seemed at first
_BLIP = 0.05  # seconds; sound shorter than this inside a pause is a click

Span = tuple[float, float]
"""Start and end in seconds from the first sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How an utterance is timed."""

    speech: Span
    """From its first sound to its last."""
    pauses: tuple[Span, ...]
    """Silences of at least :data:`PAUSE` inside it."""

    @property
    def duration(self) -> float:
        """Return the seconds from first sound to last."""
        return self.speech[1] - self.speech[0]

    @property
    def pausing(self) -> float:
        """Return the seconds of all pauses."""
        return sum(end - start for start, end in self.pauses)

    @property
    def articulating(self) -> float:
        """Return the seconds without pauses."""
        return self.duration - self.pausing

    def speaking_rate(self, units: int) -> float:
        """Return units (syllables, words) a second, pauses included."""
        return units / self.duration if self.duration > 0 else math.nan

    def articulation_rate(self, units: int) -> float:
        """Return units (syllables, words) a second, pauses left out."""
        return units / self.articulating if self.articulating > 0 else math.nan


def rhythm(samples: Samples, rate: int, *, pause: float = PAUSE) -> Rhythm | None:
    """Return how the speech in a recording of one speaker is timed; None without speech.

    Silence is what lies 32 dB under the loud speech, or within 10 dB of the background where that is louder;
    noise that comes and goes less than 30 dB under the speech is taken for speech. Where exactly sound ends
    and begins is then read off beside each silence (:mod:`workbench.prosody.edges`).

    Parameters
    ----------
    samples : float array, shape (n,), in -1..1
    rate : sample rate in Hz, at least 8000
    pause : seconds of silence that count as a pause, at least 0.02

    Raises
    ------
    ParameterError
        If ``pause`` is too short.
    """
    if pause < 0.02:
        raise ParameterError(f"pause is {pause:g} s, expected at least 0.02")
    span = speech_span(samples, rate)
    if span is None:
        return None
    size = max(1, round(_WINDOW * rate))
    wave = without_rumble(samples, rate)
    inside = _levels(wave[span[0] : span[1]], size)
    loud = float(np.median(np.sort(inside)[-max(1, round(0.2 / _WINDOW)) :]))
    quiet = float(np.percentile(_levels(wave, size), 5))
    silent = inside < min(max(loud - _BELOW, quiet + _OVER), loud - _NEVER_BELOW)
    silent |= np.roll(silent, 1) | np.roll(silent, -1)  # the window beside a sound has some of it
    _without_blips(silent, round(_BLIP / _WINDOW))
    rough = [
        ((span[0] + start * size) / rate, (span[0] + end * size) / rate)
        for start, end in _runs(silent)
        if (end - start) * size / rate >= pause * _ROUGH
    ]
    levels = edge_levels(samples, wave, rate)
    return _exact(levels, len(samples) / rate, (span[0] / rate, span[1] / rate), rough, pause)


def _exact(
    levels: tuple[Decibels, Decibels], seconds: float, speech: Span, rough: Sequence[Span], pause: float
) -> Rhythm:
    """Return the rhythm of roughly known speech and pauses with its edges in their exact places."""
    begin = begin_of_sound(levels, speech[0], 0.0)
    end = end_of_sound(levels, speech[1], seconds)
    exact = [(end_of_sound(levels, one[0], one[1]), begin_of_sound(levels, one[1], one[0])) for one in rough]
    pauses = tuple(one for one in exact if one[1] - one[0] >= pause and begin < one[0] and one[1] < end)
    return Rhythm(speech=(begin, end), pauses=pauses)


def npvi(durations: Sequence[float]) -> float:
    """Return the normalised pairwise variability index of successive intervals; NaN for fewer than two.

    Near 0 all are alike, 100 would be every other three times as long as its neighbours. For vocalic
    intervals, English and German lie near 57 to 60, French and Spanish near 30 to 44.

    >>> npvi([0.1, 0.3, 0.1])
    100.0

    Source: Grabe & Low (2002).
    """
    if len(durations) < 2:
        return math.nan
    if min(durations) <= 0:
        raise ParameterError(f"the shortest interval lasts {min(durations):g} s, expected more than 0")
    values = np.asarray(durations, dtype=np.float64)
    pairs = np.abs(np.diff(values)) / ((values[1:] + values[:-1]) / 2)
    return float(round(100 * pairs.mean(), 10))


def share_of(intervals: Sequence[Span], others: Sequence[Span]) -> float:
    """Return the percentage of time in ``intervals`` of that in both; for vowels and consonants: %V.

    >>> share_of([(0.0, 0.1), (0.2, 0.3)], [(0.1, 0.2)])
    66.66666666666667

    Source: Ramus, Nespor & Mehler (1999).
    """
    one, two = (math.fsum(end - start for start, end in each) for each in (intervals, others))
    return 100 * one / (one + two) if one + two > 0 else math.nan


def voiced_spans(contour: Contour, timing: Rhythm) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Return the voiced and the unvoiced stretches of the speech, pauses left out.

    They stand in for vowels and consonants where no phonemes are known: ``npvi`` of the voiced and
    ``share_of`` (%VO) separate languages much as the vocalic measures do. Source: Dellwo & Fourcin (2013).
    """
    start, end = timing.speech
    speaking = (contour.at >= start) & (contour.at < end)
    for pause_start, pause_end in timing.pauses:
        speaking &= (contour.at < pause_start) | (contour.at >= pause_end)
    kinds = (speaking & contour.voiced, speaking & ~contour.voiced)
    voiced, unvoiced = (tuple((first * STEP, last * STEP) for first, last in _runs(kind)) for kind in kinds)
    return voiced, unvoiced


def _levels(wave: npt.NDArray[np.float64], size: int) -> npt.NDArray[np.float64]:
    """Return the level of each window in dBFS, over three windows."""
    count = -(-len(wave) // size)
    power = np.square(np.pad(wave, (0, count * size - len(wave))))
    means = power.reshape(count, size).mean(axis=1)
    smooth = np.convolve(np.pad(means, _SMOOTH // 2, mode="edge"), np.ones(_SMOOTH) / _SMOOTH, mode="valid")
    return np.asarray(10 * np.log10(np.maximum(smooth, 10 ** (SILENT / 10))))


def _without_blips(silent: npt.NDArray[np.bool_], longest: int) -> None:
    """Join silences over sounds of at most ``longest`` windows."""
    for start, end in _runs(~silent):
        if start > 0 and end < len(silent) and end - start <= longest:
            silent[start:end] = True


def _runs(flags: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
