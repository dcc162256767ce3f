"""A comparison of voices as figures; colours of Okabe and Ito, and a symbol for each language."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from workbench.analysis.risk import Interval
from workbench.analysis.voices_table import Row

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
Reading = Callable[[Row], float]
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "triangle-down", "pentagon")


def name_of(row: Row) -> str:
    """Return what a row is called in every figure and table."""
    plain = row.setting.name == "plain"
    return row.voice.id if plain else f"{row.voice.id}, {row.setting.name}"


def figures(rows: Sequence[Row]) -> list["Figure"]:
    """Return the figures that have something to show."""
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
            y=[f"{name_of(row)} ({language})" for row in own],
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
    figure.update_yaxes(autorange="reversed")
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
    figure.update_xaxes(type="log")
    return figure


def _pitch(rows: Sequence[Row]) -> "Figure":
    figure = _figure(
        "Melody: how high a voice speaks, and how much it moves",
        "median f0, Hz (each octave as wide)",
        "range of f0 (5th to 95th percentile), semitones",
    )
    _scatter(figure, rows, lambda row: row.f0_median_hz, lambda row: row.f0_range_semitones)
    figure.update_xaxes(type="log", tickvals=[80, 100, 125, 160, 200, 250, 320])
    return figure


def _tempo(rows: Sequence[Row]) -> "Figure | None":
    known = [row for row in rows if math.isfinite(row.articulation_rate)]
    if not known:
        return None
    figure = _figure(
        "Tempo and pauses: languages differ in both, compare voices of one symbol",
        "articulation rate, syllables a second without pauses",
        "pauses, seconds a text",
    )
    _scatter(figure, known, lambda row: row.articulation_rate, lambda row: row.pausing)
    return figure


def _obedience(rows: Sequence[Row]) -> "Figure | None":
    """Draw what was asked and what was done, in percent of tempo."""
    asked = [row for row in rows if row.setting.rate != 1 and math.isfinite(row.rate_done)]
    pitched = [row for row in rows if row.setting.pitch and math.isfinite(row.pitch_done)]
    if not asked and not pitched:
        return None
    from plotly.subplots import make_subplots

    figure = make_subplots(cols=2, subplot_titles=("rate, factor", "pitch, semitones"))
    figure.update_layout(
        title="Was what was asked done? On the dotted line it was", template="plotly_white", height=460
    )
    wanted: tuple[Reading, ...] = (lambda row: row.setting.rate, lambda row: row.setting.pitch)
    measured: tuple[Reading, ...] = (lambda row: row.rate_done, lambda row: row.pitch_done)
    for column, own in enumerate((asked, pitched), start=1):
        want, got = wanted[column - 1], measured[column - 1]
        if not own:
            continue
        values = [1.0 if column == 1 else 0.0, *map(want, own), *map(got, own)]
        margin = 0.05 * (max(values) - min(values))
        ends = [min(values) - margin, max(values) + margin]
        figure.add_scatter(
            x=ends,
            y=ends,
            mode="lines",
            line={"dash": "dot", "color": "#666666"},
            showlegend=False,
            row=1,
            col=column,
        )
        for language, some, looks in _by_language(own):
            figure.add_scatter(
                x=[want(row) for row in some],
                y=[got(row) for row in some],
                text=[name_of(row) for row in some],
                hovertemplate="%{text}: asked %{x}, done %{y:.3f}<extra></extra>",
                mode="markers",
                marker=looks,
                name=language,
                showlegend=column == 1 or not asked,
                row=1,
                col=column,
            )
        figure.update_xaxes(title="asked", row=1, col=column)
        figure.update_yaxes(title="measured", row=1, col=column)
    return figure


def _scatter(figure: "Figure", rows: Sequence[Row], across: Reading, up: Reading) -> None:
    labelled = len(rows) <= 8  # more names than that lie on one another; they show on hovering
    for language, own, looks in _by_language(rows):
        figure.add_scatter(
            x=[across(row) for row in own],
            y=[up(row) for row in own],
            text=[name_of(row) for row in own],
            textposition="top center",
            hovertemplate="%{text}: %{x:.3g}, %{y:.3g}<extra></extra>",
            mode="markers+text" if labelled else "markers",
            marker=looks,
            name=language,
        )


def _by_language(rows: Sequence[Row]) -> list[tuple[str, list[Row], dict[str, object]]]:
    languages = list(dict.fromkeys(row.language for row in rows))
    return [
        (
            language,
            [row for row in rows if row.language == language],
            {
                "size": 10,
                "color": COLOURS[place % len(COLOURS)],
                "symbol": SYMBOLS[place % len(SYMBOLS)],
                "line": {"width": 1, "color": "#333333"},
            },
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
