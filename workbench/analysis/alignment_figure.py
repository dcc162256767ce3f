"""Where other voices are in a sentence while the first says it: who lingers, and who hurries."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from workbench.analysis.prosody_figure import MOST, Spoken
from workbench.analysis.voices_figures import COLOURS, SYMBOLS
from workbench.errors import ParameterError

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_ROOM = 0.18
"""Share of the height kept free for the words."""


def alignment_figure(spoken: Sequence[Spoken], *, title: str = "") -> "Figure":
    """Return how far each voice is behind (up) or ahead of the first, over the time of the first.

    A line is the path of the alignment; a rising line is a voice that takes longer there. The marks are the
    beginnings of words, as each voice itself tells them: where they lie on the line, it can be trusted.

    Raises
    ------
    ParameterError
        If there are not two or more contours, aligned with the first, or too many.
    """
    from plotly.graph_objects import Figure

    aligned = [one for one in spoken[1:] if one.alignment is not None]
    if not aligned or len(aligned) < len(spoken) - 1 or len(spoken) > MOST:
        raise ParameterError(
            f"{len(aligned)} contours are aligned with the first, expected 1 to {MOST - 1}, and all others"
        )
    figure = Figure()
    words = spoken[0].words
    for place, one in enumerate(aligned):
        path = one.alignment
        if path is None:
            continue
        looks = {"color": COLOURS[place], "width": 2.5}
        figure.add_scatter(
            x=path.one,
            y=path.other - path.one,
            mode="lines",
            line=looks,
            name=one.name,
            hovertemplate="%{y:+.2f} s at %{x:.2f} s<extra>" + one.name + "</extra>",
        )
        if len(one.words) == len(words):
            figure.add_scatter(
                x=[word.start for word in words],
                y=[own.start - word.start for own, word in zip(one.words, words, strict=True)],
                mode="markers",
                marker={
                    "color": COLOURS[place],
                    "symbol": SYMBOLS[place],
                    "size": 9,
                    "line": {"width": 1, "color": "#333333"},
                },
                text=[word.text for word in words],
                hovertemplate="%{text}: %{y:+.2f} s<extra>" + one.name + "</extra>",
                name=f"{one.name}, its words",
            )
    for word in words:
        figure.add_annotation(
            x=(word.start + word.end) / 2,
            y=0,
            yref="paper",
            yanchor="bottom",
            text=word.text,
            showarrow=False,
        )
        figure.add_vline(x=word.start, line_color="#dddddd", line_width=1, line_dash="dot")
    figure.add_hline(y=0, line_color="#666666", line_width=1)
    behind = np.concatenate([np.append(one.y, 0.0) for one in figure.data]).astype(float)
    span = max(float(np.ptp(behind)), 0.1)
    low, high = float(behind.min()), float(behind.max())
    figure.update_yaxes(range=[low - _ROOM * span, high + 0.05 * span])
    figure.update_layout(
        title=title or f"Behind {spoken[0].name} (up) or ahead of it (down): lines aligned, marks as told",
        title_font_size=16,
        xaxis_title=f"time in {spoken[0].name}, s",
        yaxis_title="seconds behind",
        template="plotly_white",
        height=400,
        legend={"orientation": "h", "y": -0.25},
        showlegend=True,
    )
    return figure
