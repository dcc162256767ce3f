"""Results of a listening test as figures; colours of Okabe and Ito, names beside what they belong to."""

from typing import TYPE_CHECKING

from workbench.analysis.listening_ratings import listener_means, ratings
from workbench.analysis.listening_results import SCALES, Compared, Results
from workbench.analysis.listening_sequential import confidence_sequence
from workbench.analysis.risk import Interval
from workbench.errors import ParameterError

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

INK, BAND, POINT = "#0072B2", "rgba(0, 114, 178, 0.18)", "#D55E00"


def results_figure(found: Results) -> "Figure":
    """Return what the systems came to: worths, ratings, or right answers, with 95 % intervals.

    Raises
    ------
    ParameterError
        If nobody is counted yet.
    """
    method = found.test.design.method
    if found.worths is not None:
        ends = sorted(
            zip(found.worths.systems, found.worths.worth, strict=True), key=lambda one: one[1].value
        )
        figure = _intervals([one for one, _ in ends], [worth for _, worth in ends])
        note = "" if found.worths.by_listener else "; answers taken as independent: few listeners"
        _titled(figure, f"Preferred, {found.counted} listeners, 95 % intervals{note}")
        figure.update_xaxes(title="worth in log-odds, 0 is the mean: 1.1 more is chosen three times of four")
        return figure
    if method in SCALES:
        own = list(reversed(found.rated))
        figure = _intervals([one.system for one in own], [one.mean for one in own])
        scores = ratings(found.answers)
        for one in own:
            means = list(listener_means(scores, one.system).values())
            figure.add_scatter(
                x=means,
                y=[one.system] * len(means),
                mode="markers",
                marker={"symbol": "line-ns-open", "size": 12, "color": "#666666"},
                hovertemplate="one listener's mean: %{x:.2f}<extra></extra>",
                showlegend=False,
            )
        _titled(figure, f"Rated, {found.counted} listeners (strokes), mean with 95 % interval")
        low, high = SCALES[method]
        figure.update_xaxes(title=found.test.design.asked, range=[low - 0.02 * high, high * 1.02])
        return figure
    if found.discrimination is None:
        raise ParameterError("there are no results to draw")
    figure = _intervals(["X told"], [found.discrimination.share])
    figure.add_vline(x=0.5, line_dash="dot", annotation_text="guessing")
    _titled(figure, f"{found.discrimination.right} of {found.discrimination.trials} right, 95 % interval")
    figure.update_xaxes(title="share of right answers", range=[0, 1], tickformat=".0%")
    return figure


def evidence_figure(compared: Compared) -> "Figure":
    """Return how a pair's mean share and the interval that holds at all looks came about, by listener."""
    from plotly.graph_objects import Figure

    ends = confidence_sequence(compared.scores, alpha=compared.alpha)
    count = list(range(1, len(compared.scores) + 1))
    means = [sum(compared.scores[:place]) / place for place in count]
    figure = Figure()
    figure.add_scatter(
        x=count, y=ends[:, 1], mode="lines", line={"width": 0}, showlegend=False, hoverinfo="skip"
    )
    figure.add_scatter(
        x=count,
        y=ends[:, 0],
        mode="lines",
        line={"width": 0},
        fill="tonexty",
        fillcolor=BAND,
        name=f"{100 * (1 - compared.alpha):.3g} % interval, all looks together",
        hoverinfo="skip",
    )
    figure.add_scatter(x=count, y=means, mode="lines", line={"color": INK, "width": 3}, name="mean so far")
    figure.add_scatter(
        x=count,
        y=compared.scores,
        mode="markers",
        marker={"color": POINT, "size": 7, "symbol": "diamond"},
        name="one listener",
    )
    figure.add_hline(y=0.5, line_dash="dot")
    if compared.evidence.stop != "go on":
        figure.add_vline(x=compared.evidence.after, line_dash="dash", annotation_text="enough")
    _titled(figure, f"Share preferring {compared.first} to {compared.second}", legend=True)
    figure.update_xaxes(title="listeners")
    figure.update_yaxes(
        title=f"{compared.second}  ←  share  →  {compared.first}",
        range=[-0.04, 1.14],
        tickvals=[0, 0.25, 0.5, 0.75, 1],
    )
    return figure


def _intervals(names: list[str], ends: list[Interval]) -> "Figure":
    from plotly.graph_objects import Figure

    figure = Figure()
    figure.add_scatter(
        x=[one.value for one in ends],
        y=names,
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [one.high - one.value for one in ends],
            "arrayminus": [one.value - one.low for one in ends],
            "thickness": 2.5,
        },
        mode="markers",
        marker={"size": 12, "color": INK},
        showlegend=False,
        hovertemplate="%{y}: %{x:.2f}<extra></extra>",
    )
    figure.update_layout(height=170 + 42 * len(names))
    return figure


def _titled(figure: "Figure", title: str, *, legend: bool = False) -> None:
    figure.update_layout(title=title, template="plotly_white", title_font_size=16, showlegend=legend)
