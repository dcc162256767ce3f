"""A comparison of voices as tables: a row a cell, and a row a voice with what was asked and what was done."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.analysis.intelligibility import Errors, character_error_rate, word_error_rate
from workbench.analysis.risk import Interval
from workbench.analysis.voices import Cell
from workbench.analysis.voices_cell import Figures
from workbench.speech.voices import Voice
from workbench.ssml.setting import Setting

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One voice in one language with one setting, over all its texts. Figures are medians."""

    voice: Voice
    language: str
    setting: Setting
    cells: Sequence[Cell]
    first_byte: float
    first_audio: float
    real_time_factor: float
    speaking_rate: float
    """Syllables a second, pauses included; NaN where they can't be counted."""
    articulation_rate: float
    """Syllables a second, pauses left out."""
    words_per_second: float
    pausing: float
    """Seconds of pauses a text."""
    f0_median_hz: float
    f0_range_semitones: float
    f0_declination: float
    level_db: float
    loudness_lufs: float
    clipped: int
    """Flat tops in all texts."""
    word_error: Interval | None
    character_error: Interval | None
    rate_done: float
    """How much faster than the plain cells of the voice, as a factor; NaN without plain ones."""
    pitch_done: float
    """Semitones above them."""
    range_done: float
    """How much further f0 moves than in theirs, as a factor."""
    volume_done: float
    """Loudness above theirs in LU."""


def rows(cells: Sequence[Cell]) -> list[Row]:
    """Return a row for each voice, language and setting, in the order of the cells."""
    groups: dict[tuple[str, str, str], list[Cell]] = {}
    for cell in cells:
        job = cell.job
        groups.setdefault((job.voice.id, job.text.language, job.setting.name), []).append(cell)
    plain = {
        (cell.job.voice.id, cell.job.text): cell.figures
        for cell in cells
        if cell.job.setting == Setting(name=cell.job.setting.name)
    }
    return [
        _row(group, [plain.get((cell.job.voice.id, cell.job.text)) for cell in group])
        for group in groups.values()
    ]


def _row(cells: Sequence[Cell], plain: Sequence[Figures | None]) -> Row:
    job = cells[0].job
    figures = [cell.figures for cell in cells]
    told = [_errors(one) for one in figures] if job.recognised else []

    def done(change: Callable[[Figures, Figures], float]) -> float:
        return _median(
            [change(own, other) for own, other in zip(figures, plain, strict=True) if other is not None]
        )

    return Row(
        voice=job.voice,
        language=job.text.language,
        setting=job.setting,
        cells=cells,
        first_byte=_median([one.first_byte for one in figures]),
        first_audio=_median([one.first_audio for one in figures]),
        real_time_factor=_median([one.real_time_factor for one in figures]),
        speaking_rate=_median([_over(one.syllables, one.speech) for one in figures]),
        articulation_rate=_median([_over(one.syllables, one.articulating) for one in figures]),
        words_per_second=_median([_over(one.words, one.speech) for one in figures]),
        pausing=_median([one.pausing for one in figures]),
        f0_median_hz=_median([one.f0_median_hz for one in figures]),
        f0_range_semitones=_median([one.f0_range_semitones for one in figures]),
        f0_declination=_median([one.f0_declination for one in figures]),
        level_db=_median([one.level_db for one in figures]),
        loudness_lufs=_median([one.loudness_lufs for one in figures]),
        clipped=sum(one.clipped for one in figures),
        word_error=word_error_rate(told),
        character_error=character_error_rate(told),
        rate_done=done(lambda own, other: _over(other.articulating, own.articulating)),
        pitch_done=done(lambda own, other: 12 * math.log2(own.f0_median_hz / other.f0_median_hz)),
        range_done=done(lambda own, other: own.f0_range_semitones / other.f0_range_semitones),
        volume_done=done(lambda own, other: own.loudness_lufs - other.loudness_lufs),
    )


def to_frame(cells: Sequence[Cell]) -> "DataFrame":
    """Return a row a cell: text, voice, setting and every figure."""
    import pandas

    return pandas.DataFrame(
        {
            "voice": cell.job.voice.id,
            "engine": cell.job.voice.engine,
            "language": cell.job.text.language,
            "setting": cell.job.setting.name,
            "text": cell.job.text.text,
            **asdict(cell.figures),
            "speaking_rate": _over(cell.figures.syllables, cell.figures.speech),
            "articulation_rate": _over(cell.figures.syllables, cell.figures.articulating),
            "words_per_second": _over(cell.figures.words, cell.figures.speech),
        }
        for cell in cells
    )


def _errors(figures: Figures) -> Errors:
    return Errors(
        word_errors=figures.word_errors,
        words=figures.words_said,
        character_errors=figures.character_errors,
        characters=figures.characters_said,
    )


def _over(count: float, seconds: float) -> float:
    return count / seconds if count and seconds > 0 else math.nan


def _median(values: Sequence[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return float(np.median(known)) if known else math.nan
