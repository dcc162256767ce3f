"""Contours in semitones with the words under them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.analysis.voices_figures import COLOURS
from workbench.core.events import SpokenWord
from workbench.errors import ParameterError
from workbench.prosody.alignment import Alignment
from workbench.prosody.contours import Contour, Floats
from workbench.prosody.pitch import semitones

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST = 7
"""Contours in one figure: as many as there are colours to tell apart."""

_ROOM = 0.18
"""Share of the height kept free for the words."""

_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One utterance to draw."""

    name: str
    contour: Contour
    words: Sequence[SpokenWord] = ()
    alignment: Alignment | None = None
    """From the first utterance of the figure to this one; without it each has its own time."""


def contour_figure(spoken: Sequence[Spoken], *, title: str = "") -> "Figure":
    """Return the contours, each in semitones around its own median, over the time of the first.

    The words are those of the first utterance that has any; where another is aligned with it, its melody lies
    over the same words. Gaps are where nothing is voiced.

    Raises
    ------
    ParameterError
        If there are none or too many to tell apart.
    """
    from plotly.graph_objects import Figure

    if not 1 <= len(spoken) <= MOST:
        raise ParameterError(f"{len(spoken)} contours are to be drawn, expected 1 to {MOST}")
    figure = Figure()
    for place, one in enumerate(spoken):
        at, levels, median = heights(one)
        named = f"{one.name}, around {median:.0f} Hz" if np.isfinite(median) else f"{one.name}, no voice"
        figure.add_scatter(
            x=at,
            y=levels,
            name=named,
            mode="lines",
            line={"color": COLOURS[place], "dash": _DASHES[place], "width": 3},
            hovertemplate="%{y:+.1f} st at %{x:.2f} s<extra>" + one.name + "</extra>",
        )
    figure.add_hline(y=0, line_color="#bbbbbb", line_width=1)
    words = next((one.words for one in spoken if one.words), ())
    for word in words:
        figure.add_annotation(
            x=(word.start + word.end) / 2,
            y=0,
            yref="paper",
            yanchor="bottom",
            text=word.text,
            showarrow=False,
            textangle=-45 if len(words) > 12 else 0,
        )
        figure.add_vline(x=word.start, line_color="#dddddd", line_width=1, line_dash="dot")
    drawn = np.concatenate([heights(one)[1] for one in spoken])
    if np.isfinite(drawn).any():
        low, high = float(np.nanmin(drawn)), float(np.nanmax(drawn))
        span = max(high - low, 2.0)
        figure.update_yaxes(range=[low - _ROOM * span, high + 0.05 * span])
    figure.update_layout(
        title=title or "Melody: f0 in semitones around each voice's own median",
        xaxis_title="time in the first voice, s",
        yaxis_title="semitones",
        template="plotly_white",
        height=420,
        legend={"orientation": "h", "y": -0.25},
        showlegend=True,
    )
    return figure


def heights(one: Spoken) -> tuple[Floats, Floats, float]:
    """Return times in the first utterance, heights in semitones, and the median in Hz."""
    at = one.contour.at if one.alignment is None else one.alignment.to_one(one.contour.at)
    voiced = one.contour.f0_hz[one.contour.voiced]
    if not len(voiced):
        return at, one.contour.f0_hz, math.nan
    median = float(np.median(voiced))
    return at, semitones(one.contour.f0_hz, median), median
