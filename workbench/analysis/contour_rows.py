"""Contours under one another, each with its own words: the same sentence in several languages."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from workbench.analysis.prosody_figure import MOST, Spoken, heights
from workbench.analysis.voices_figures import COLOURS
from workbench.errors import ParameterError

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_ROW, _ROOM = 150, 130  # pixels of one contour, and around all
_LEAST = 2.0  # semitones that a row shows at least either way


def contour_rows(spoken: Sequence[Spoken], *, title: str = "") -> "Figure":
    """Return the contours under one another on one scale, each over its own time with its words below.

    Unlike :func:`workbench.analysis.prosody_figure.contour_figure` nothing is aligned: what is said need not
    be the same words.

    Raises
    ------
    ParameterError
        If there are none or too many.
    """
    from plotly.subplots import make_subplots

    if not 1 <= len(spoken) <= MOST:
        raise ParameterError(f"{len(spoken)} contours are to be drawn, expected 1 to {MOST}")
    figure = make_subplots(rows=len(spoken), shared_xaxes=True, vertical_spacing=0.03)
    known = np.concatenate([heights(one)[1] for one in spoken])
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    low, high = min(low, -_LEAST), max(high, _LEAST)
    span = high - low
    for row, one in enumerate(spoken, start=1):
        _, levels, median = heights(one)
        figure.add_scatter(
            x=one.contour.at,
            y=levels,
            mode="lines",
            line={"color": COLOURS[row - 1], "width": 3},
            hovertemplate="%{y:+.1f} st at %{x:.2f} s<extra>" + one.name + "</extra>",
            name=one.name,
            showlegend=False,
            row=row,
            col=1,
        )
        figure.add_hline(y=0, line_color="#bbbbbb", line_width=1, row=row, col=1)
        for word in one.words:
            figure.add_annotation(
                x=(word.start + word.end) / 2,
                y=low - 0.22 * span,
                text=word.text,
                showarrow=False,
                font_size=12,
                row=row,
                col=1,
            )
            figure.add_vline(
                x=word.start, line_color="#dddddd", line_width=1, line_dash="dot", row=row, col=1
            )
        around = f"{median:.0f} Hz" if np.isfinite(median) else "no voice"
        figure.update_yaxes(
            title_text=f"<b>{one.name}</b><br>{around}",
            title_font_size=12,
            range=[low - 0.4 * span, high + 0.05 * span],
            zeroline=False,
            row=row,
            col=1,
        )
    figure.update_xaxes(title_text="seconds", row=len(spoken), col=1)
    figure.update_layout(
        title=title or "Melody: semitones around each voice's own median, words under them",
        title_font_size=16,
        template="plotly_white",
        height=_ROOM + _ROW * len(spoken),
    )
    return figure
