"""The rhythm of voices and languages: tempo, pauses, and how voice and voicelessness take turns."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from workbench.analysis.voices import Cell
from workbench.analysis.voices_figures import COLOURS, SYMBOLS
from workbench.errors import ParameterError
from workbench.prosody.contours import f0_contour
from workbench.prosody.rhythm import npvi, rhythm, share_of, voiced_spans

if TYPE_CHECKING:
    from pandas import DataFrame
    from plotly.graph_objects import Figure

_HIGHEST_HZ = 500.0
_LEAST = 3  # voiced stretches below which their variability says nothing


def rhythm_frame(cells: Sequence[Cell]) -> "DataFrame":
    """Return a row a cell: voice, language, syllables a second, %VO, nPVI of the voiced stretches, pauses.

    Voiced stretches stand in for vowels (Dellwo & Fourcin 2013); figures are NaN where there is no speech.

    Raises
    ------
    ParameterError
        If a cell's sound lies in its folder: compare without ``keep``.
    """
    import pandas

    return pandas.DataFrame([_row(cell) for cell in cells])


def _row(cell: Cell) -> dict[str, object]:
    if not cell.flac:
        raise ParameterError("a cell's sound lies in its folder, expected cells compared without keep")
    samples, rate = soundfile.read(io.BytesIO(cell.flac), dtype="float32")
    figures = cell.figures
    told: dict[str, object] = {
        "voice": cell.job.voice.id,
        "language": cell.job.text.language,
        "text": cell.job.text.text,
        "syllables_a_second": figures.syllables / figures.articulating
        if figures.syllables and figures.articulating > 0
        else np.nan,
        "pausing": figures.pausing,
    }
    timing = rhythm(samples, rate)
    if timing is None:
        return told | {"voiced_share": np.nan, "voiced_npvi": np.nan}
    voiced, unvoiced = voiced_spans(f0_contour(samples, rate, high=_HIGHEST_HZ), timing)
    lengths = [end - start for start, end in voiced]
    return told | {
        "voiced_share": share_of(voiced, unvoiced),
        "voiced_npvi": npvi(lengths) if len(lengths) >= _LEAST else np.nan,
    }


def rhythm_figure(frame: "DataFrame") -> "Figure":
    """Return every sentence by how much of it is voiced and how uneven its voiced stretches are.

    Small and pale marks are sentences, large ones the medians of a voice in a language.

    Raises
    ------
    ParameterError
        If there is none.
    """
    from plotly.graph_objects import Figure

    if not len(frame):
        raise ParameterError("there are no cells to draw the rhythm of, expected one or more")
    figure = Figure()
    for place, ((language, voice), own) in enumerate(frame.groupby(["language", "voice"], sort=False)):
        looks = {"color": COLOURS[place % len(COLOURS)], "symbol": SYMBOLS[place % len(SYMBOLS)]}
        figure.add_scatter(
            x=own.voiced_share,
            y=own.voiced_npvi,
            text=own.text,
            mode="markers",
            marker={**looks, "size": 7, "opacity": 0.35},
            hovertemplate="%{text}<extra></extra>",
            showlegend=False,
        )
        figure.add_scatter(
            x=[own.voiced_share.median()],
            y=[own.voiced_npvi.median()],
            mode="markers",
            marker={**looks, "size": 15, "line": {"width": 1.5, "color": "#333333"}},
            name=f"{voice} ({language})",
        )
    figure.update_layout(
        title="Rhythm: how much is voiced, and how uneven the voiced stretches are; large marks are medians",
        title_font_size=16,
        xaxis_title="%VO: share of the speech that is voiced, %",
        yaxis_title="nPVI of voiced stretches (0: all alike)",
        template="plotly_white",
        height=440,
        showlegend=True,
    )
    return figure
