"""A comparison of voices as figures; colours of Okabe and Ito, and a symbol for each language."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from workbench.analysis.intelligibility import percent
from workbench.analysis.risk import Interval
from workbench.analysis.voices_table import Row

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
FEW = 8
"""Rows that each have a mark of their own; more can't be told apart."""
Reading = Callable[[Row], float]
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "triangle-down", "pentagon")


def name_of(row: Row) -> str:
    """Return what a row is called in every figure and table."""
    plain = row.setting.name == "plain"
    return row.voice.id if plain else f"{row.voice.id}, {row.setting.name}"


def figures(rows: Sequence[Row]) -> list["Figure"]:
    """Return the figures that have something to show; none without rows."""
    if not rows:
        return []
    drawn = [_errors(rows), _times(rows), _pitch(rows), _tempo(rows), _obedience(rows)]
    return [figure for figure in drawn if figure is not None]


def _errors(rows: Sequence[Row]) -> "Figure | None":
    """Draw what is misheard in each voice, with its interval."""
    known = [row for row in rows if row.character_error is not None]
    if not known:
        return None
    figure = _figure(
        "How much is misheard: character errors of the recogniser, lines are 95 % intervals",
        "share of characters wrong",
        "",
        height=160 + 26 * len(known),
    )
    for language, own, looks in _by_language(known):
        rates = [row.character_error or Interval(math.nan, math.nan, math.nan) for row in own]
        figure.add_scatter(
            x=[rate.value for rate in rates],
            y=[_named(row) for row in own],
            text=[percent(row.character_error) for row in own],
            hovertemplate="%{y}: %{text}<extra></extra>",
            cliponaxis=False,
            error_x={
                "type": "data",
                "array": [rate.high - rate.value for rate in rates],
                "arrayminus": [rate.value - rate.low for rate in rates],
            },
            mode="markers",
            marker=looks,
            name=language,
        )
    figure.update_xaxes(tickformat=".0%", rangemode="tozero")
    figure.update_yaxes(autorange="reversed", ticks="outside", ticklen=9, tickcolor="rgba(0, 0, 0, 0)")
    return figure


def _times(rows: Sequence[Row]) -> "Figure":
    figure = _figure(
        "How soon it speaks, and whether it keeps up: left and low is better, right of the dotted line it is "
        "slower than speech",
        "real-time factor (time to make it / how long it lasts)",
        "time to first audible sample, s",
    )
    _scatter(figure, rows, lambda row: row.real_time_factor, lambda row: row.first_audio)
    figure.add_vline(x=1, line_dash="dot")
    figure.update_xaxes(type="log", range=_log_range([1.0, *(row.real_time_factor for row in rows)]))
    return figure


def _pitch(rows: Sequence[Row]) -> "Figure":
    figure = _figure(
        "Melody: how high a voice speaks, and how much it moves",
        "median f0, Hz (each octave as wide)",
        "range of f0 (5th to 95th percentile), semitones",
    )
    _scatter(figure, rows, lambda row: row.f0_median_hz, lambda row: row.f0_range_semitones)
    figure.update_xaxes(
        type="log",
        tickvals=[80, 100, 125, 160, 200, 250, 320],
        range=_log_range([row.f0_median_hz for row in rows]),
    )
    return figure


def _tempo(rows: Sequence[Row]) -> "Figure | None":
    known = [row for row in rows if math.isfinite(row.articulation_rate)]
    if not known:
        return None
    figure = _figure(
        "Tempo and pauses: languages differ in both, compare voices of one language",
        "articulation rate, syllables a second without pauses",
        "pauses, seconds a text",
    )
    _scatter(figure, known, lambda row: row.articulation_rate, lambda row: row.pausing)
    return figure


def _obedience(rows: Sequence[Row]) -> "Figure | None":
    """Draw what was asked and what was done, a line for each voice with a setting."""
    asked = [row for row in rows if row.setting.rate != 1 and math.isfinite(row.rate_done)]
    pitched = [row for row in rows if row.setting.pitch and math.isfinite(row.pitch_done)]
    columns: list[tuple[str, list[Row], Reading, Reading, float]] = [
        ("rate, factor", asked, lambda row: row.setting.rate, lambda row: row.rate_done, 1.0),
        ("pitch, semitones", pitched, lambda row: row.setting.pitch, lambda row: row.pitch_done, 0.0),
    ]
    columns = [one for one in columns if one[1]]
    if not columns:
        return None
    from plotly.subplots import make_subplots

    names = list(dict.fromkeys(_named(row) for row in rows if row in asked or row in pitched))
    figure = make_subplots(cols=len(columns), shared_yaxes=True, horizontal_spacing=0.04)
    for column, (title, own, want, got, usual) in enumerate(columns, start=1):
        figure.add_scatter(
            x=[want(row) for row in own],
            y=[_named(row) for row in own],
            hovertemplate="asked: %{x:.3g}<extra></extra>",
            mode="markers",
            marker={"size": 17, "symbol": "circle-open", "color": "#666666", "line": {"width": 1.5}},
            name="asked",
            showlegend=column == 1,
            row=1,
            col=column,
        )
        for language, some, looks in _by_language(rows):
            some = [row for row in some if row in own]
            figure.add_scatter(
                x=[got(row) for row in some],
                y=[_named(row) for row in some],
                customdata=[want(row) for row in some],
                hovertemplate="%{y}: asked %{customdata:.3g}, measured %{x:.3g}<extra></extra>",
                mode="markers",
                marker=looks,
                name=f"measured, {language}",
                showlegend=column == 1 or not any(row in asked for row in some),
                row=1,
                col=column,
            )
        figure.add_vline(x=usual, line_dash="dot", line_color="#666666", row=1, col=column)
        figure.update_xaxes(title=title, row=1, col=column)
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1])
    figure.update_layout(
        title="Was what was asked done? Rings were asked, the dotted line is the voice's usual way",
        title_font_size=16,
        template="plotly_white",
        height=190 + 26 * len(names),
    )
    return figure


def _named(row: Row) -> str:
    return f"{name_of(row)} ({row.language})"


def _scatter(figure: "Figure", rows: Sequence[Row], across: Reading, up: Reading) -> None:
    """Draw a point a row: of few rows each has a mark of its own, of many each language."""
    few = len(rows) <= FEW
    groups = (
        [(_named(row), [row], _looks(place)) for place, row in enumerate(rows)] if few else _by_language(rows)
    )
    for name, own, looks in groups:
        figure.add_scatter(
            x=[across(row) for row in own],
            y=[up(row) for row in own],
            text=[_named(row) for row in own],
            hovertemplate="%{text}: %{x:.3g}, %{y:.3g}<extra></extra>",
            mode="markers",
            marker=looks,
            name=name,
            cliponaxis=False,
        )
    figure.update_layout(legend_title="voice" if few else "language")


def _looks(place: int) -> dict[str, object]:
    return {
        "size": 10,
        "color": COLOURS[place % len(COLOURS)],
        "symbol": SYMBOLS[place % len(SYMBOLS)],
        "line": {"width": 1, "color": "#333333"},
    }


def _log_range(values: Sequence[float]) -> list[float] | None:
    """Return the ends of a logarithmic axis with room beside the outermost points."""
    known = [math.log10(value) for value in values if math.isfinite(value) and value > 0]
    if not known:
        return None
    room = max(0.08 * (max(known) - min(known)), 0.03)
    return [min(known) - room, max(known) + room]


def _by_language(rows: Sequence[Row]) -> list[tuple[str, list[Row], dict[str, object]]]:
    languages = list(dict.fromkeys(row.language for row in rows))
    return [
        (
            language,
            [row for row in rows if row.language == language],
            _looks(place),
        )
        for place, language in enumerate(languages)
    ]


def _figure(title: str, across: str, up: str, *, height: int = 460) -> "Figure":
    from plotly.graph_objects import Figure

    figure = Figure()
    figure.update_layout(
        title=title, xaxis_title=across, yaxis_title=up, template="plotly_white", height=height
    )
    figure.update_layout(legend_title="language", showlegend=True, title_font_size=16)
    return figure
