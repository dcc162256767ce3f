"""The effects of an experiment as one figure: a row a level, a column a measure, a symbol a voice."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.analysis.effects import LEAST
from workbench.analysis.experiment_effects import ALL, Row
from workbench.analysis.voices_figures import COLOURS, SYMBOLS
from workbench.errors import ParameterError

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SHOWN = ("rate", "pitch", "range", "volume", "pause")
"""Measures of a figure unless others are named."""

_MOST_VOICES = 8
_ROW, _ROOM = 17, 210  # pixels a point, and around the points
_SPREAD = 0.7  # of the room between two levels that the voices of one take


def effect_figure(rows: Sequence[Row], *, measures: Sequence[str] = SHOWN, title: str = "") -> "Figure":
    """Return how far each level moved each measure, with 95 % intervals; a ring is what was asked for.

    Of more voices than can be told apart, only what holds over all of them is drawn.

    Raises
    ------
    ParameterError
        If there is nothing to draw.
    """
    from plotly.subplots import make_subplots

    drawn = [row for row in rows if row.measure.name in measures and math.isfinite(row.difference.value)]
    if not drawn:
        raise ParameterError(f"no effect on {', '.join(measures)} is known, expected one to draw")
    voices = list(dict.fromkeys((row.voice, row.language) for row in drawn if row.voice != ALL))
    if len(voices) > _MOST_VOICES:
        voices = [(ALL, ALL)]
    levels = list(dict.fromkeys(_label(row) for row in drawn))[::-1]
    columns = [name for name in measures if any(row.measure.name == name for row in drawn)]
    shown = {row.measure.name: row.measure for row in drawn}
    figure = make_subplots(
        cols=len(columns),
        shared_yaxes=True,
        horizontal_spacing=0.025,
        subplot_titles=[shown[name].title for name in columns],
    )
    for place, (voice, language) in enumerate(voices):
        own = [row for row in drawn if (row.voice, row.language) == (voice, language)]
        offset = _SPREAD * ((place + 0.5) / len(voices) - 0.5)
        for column, name in enumerate(columns, start=1):
            some = [row for row in own if row.measure.name == name]
            _points(figure, some, levels, (column, place, -offset, _name(voice, language)))
    for column, name in enumerate(columns, start=1):
        _asked(figure, [row for row in drawn if row.measure.name == name], levels, column)
        figure.add_vline(x=0, line_color="#666666", line_width=1, row=1, col=column)
        figure.update_xaxes(title_text=shown[name].unit, zeroline=False, row=1, col=column)
    figure.update_yaxes(
        tickvals=list(range(len(levels))), ticktext=levels, range=[-0.6, len(levels) - 0.4], showgrid=False
    )
    for line in range(1, len(levels)):
        figure.add_hline(y=line - 0.5, line_color="#e5e5e5", line_width=1)
    figure.update_layout(
        title=title or f"What each level changed: points {_told_ends(drawn)}, rings as asked",
        title_font_size=16,
        template="plotly_white",
        height=_ROOM + len(levels) * (22 + _ROW * len(voices)),
        legend={"orientation": "h", "y": 0, "yref": "container", "yanchor": "bottom"},
        margin={"b": 110, "t": 90},
    )
    figure.update_annotations(font_size=13)
    return figure


def _told_ends(rows: Sequence[Row]) -> str:
    known = [row for row in rows if math.isfinite(row.difference.low)]
    if len(known) == len(rows):
        return "with 95 % intervals over sentences"
    few = f"without intervals below {LEAST} sentences"
    return f"with 95 % intervals over sentences, {few}" if known else f"({few})"


def _points(
    figure: "Figure", rows: Sequence[Row], levels: Sequence[str], how: tuple[int, int, float, str]
) -> None:
    column, place, offset, name = how
    figure.add_scatter(
        x=[row.difference.value for row in rows],
        y=[levels.index(_label(row)) + offset for row in rows],
        error_x={
            "type": "data",
            "array": [_length(row.difference.high - row.difference.value) for row in rows],
            "arrayminus": [_length(row.difference.value - row.difference.low) for row in rows],
            "thickness": 1.5,
            "width": 3,
        },
        customdata=[[_label(row), told_effect(row)] for row in rows],
        hovertemplate="%{customdata[0]}: %{customdata[1]}<extra>" + name + "</extra>",
        mode="markers",
        marker={
            "size": 9,
            "color": COLOURS[place % len(COLOURS)],
            "symbol": SYMBOLS[place % len(SYMBOLS)],
            "line": {"width": 1, "color": "#333333"},
        },
        name=name,
        legendgroup=name,
        showlegend=column == 1,
        row=1,
        col=column,
    )


def told_effect(row: Row) -> str:
    """Return an effect for reading, with its interval or why there is none."""
    found, unit = row.difference, f" {row.measure.unit}" if row.measure.unit else ""
    sentences = f"{row.sentences} sentence{'' if row.sentences == 1 else 's'}"
    if math.isfinite(found.low):
        return f"{found.value:+.3g}{unit} ({found.low:+.3g} to {found.high:+.3g}), {sentences}"
    return f"{found.value:+.3g}{unit}; {sentences}, an interval needs {LEAST}"


def _asked(figure: "Figure", rows: Sequence[Row], levels: Sequence[str], column: int) -> None:
    asked = {_label(row): row.asked for row in rows if math.isfinite(row.asked)}
    if not asked:
        return
    figure.add_scatter(
        x=list(asked.values()),
        y=[levels.index(label) for label in asked],
        mode="markers",
        marker={"size": 17, "symbol": "circle-open", "color": "#666666", "line": {"width": 1.5}},
        hovertemplate="asked: %{x:.3g}<extra></extra>",
        name="asked",
        legendgroup="asked",
        showlegend=not any(trace.name == "asked" for trace in figure.data),
        row=1,
        col=column,
    )


def _label(row: Row) -> str:
    return f"{row.factor}: {row.level}"


def _name(voice: str, language: str) -> str:
    return "all voices" if voice == ALL else f"{voice} ({language})"


def _length(value: float) -> float:
    return value if math.isfinite(value) else 0.0
