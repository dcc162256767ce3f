"""The figures of a tuning report: every policy, both curves of endpointing, what confidence was worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.analysis.calibration import Fit
from workbench.analysis.policy_results import Result
from workbench.analysis.sweep_space import settings_of
from workbench.analysis.tuning import CHOSEN, RECORDED, WAITING, Tuning

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

DRAWN_MAX = 2_000
"""Policies drawn; of more, every so manieth, and all that no other is better than."""

_INK, _BLUE, _ORANGE, _GREEN, _PURPLE = "#555555", "#0072b2", "#d55e00", "#007f5f", "#a3578a"
_LOOKS = {
    RECORDED: {"symbol": "square", "color": _ORANGE},
    WAITING: {"symbol": "triangle-up", "color": _PURPLE},
    CHOSEN: {"symbol": "star", "color": _GREEN},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A figure and what it shows in words."""

    title: str
    caption: str
    figure: "Figure"


def figures(tuning: Tuning) -> list[Drawn]:
    """Return the figures of a report, in order."""
    return [_policies(tuning), _curves(tuning), *(_reliability(fit) for fit in tuning.fits)]


def _figure(across: str, up: str) -> "Figure":
    from plotly.graph_objects import Figure

    figure = Figure()
    figure.update_layout(
        xaxis_title=across,
        yaxis_title=up,
        yaxis_rangemode="nonnegative",
        template="plotly_white",
        height=420,
        margin={"l": 60, "r": 20, "t": 20, "b": 60},
        legend={"orientation": "h", "y": -0.25, "yanchor": "top", "x": 0},
        font={"size": 13, "color": "#222222"},
    )
    return figure


def _times(values: Sequence[float]) -> list[float]:
    return [round(value * 1000, 1) for value in values]


def _shares(values: Sequence[float]) -> list[float]:
    return [round(value * 100, 2) for value in values]


def _policies(tuning: Tuning) -> Drawn:
    figure = _figure("median response time, ms", "turns cut off, %")
    results, front = tuning.results, set(tuning.front)
    step = -(-len(results) // DRAWN_MAX)
    drawn = [place for place in range(len(results)) if place % step == 0 or place in front]
    for name, places, looks in (
        ("tried", [one for one in drawn if one not in front], {"symbol": "circle", "color": _INK}),
        ("not beaten", [one for one in drawn if one in front], {"symbol": "diamond-open", "color": _BLUE}),
    ):
        marker = {**looks, "size": 5 if name == "tried" else 9, "opacity": 0.45 if name == "tried" else 1.0}
        own = [results[place] for place in places]
        hover = [_settings(tuning, place) for place in places]
        _points(figure, own, name, marker=marker, hovertext=hover)
    for name, one in tuning.named.items():
        _points(figure, [one], name, marker={**_LOOKS[name], "size": 14}, hovertext=[name])
    part = f"{len(drawn)} of {len(results)} policies are drawn. " if len(drawn) < len(results) else ""
    return Drawn(
        title="Every policy",
        caption=f"{part}Left and low is better. Not beaten: no other policy is better in response time, "
        "share cut off and share with wrong audio heard. Point at one for its settings.",
        figure=figure,
    )


def _points(figure: "Figure", results: Sequence[Result], name: str, **looks: Any) -> None:
    figure.add_scatter(
        x=_times([one.response_median for one in results]),
        y=_shares([one.cut for one in results]),
        name=name,
        mode="markers",
        hovertemplate="%{x} ms, %{y} %<br>%{hovertext}<extra>" + name + "</extra>",
        **looks,
    )


def _settings(tuning: Tuning, place: int) -> str:
    """Return in which settings a policy differs from the chosen one."""
    own = settings_of(tuning.policies[place])
    chosen = settings_of(tuning.policies[tuning.choice.place])
    told = [f"{name} {value}" for name, value in own.items() if value != chosen[name]]
    return "<br>".join(told) or "the chosen settings"


def _curves(tuning: Tuning) -> Drawn:
    figure = _figure("mean endpoint delay, ms", "turns cut off, %")
    best: list[Result] = []
    for one in sorted(tuning.results, key=lambda one: (one.delay_mean, one.cut)):
        if not best or one.cut < best[-1].cut:
            best.append(one)
    for name, curve, line, mode in (
        ("silence alone", tuning.silence_only, {"dash": "dot", "color": _ORANGE}, "lines"),
        ("all evidence, the best of it", best, {"color": _BLUE, "shape": "hv"}, "lines+markers"),
    ):
        figure.add_scatter(
            x=_times([one.delay_mean for one in curve]),
            y=_shares([one.cut for one in curve]),
            name=name,
            mode=mode,
            line={**line, "width": 2.5},
            hovertemplate="%{x} ms, %{y} %<extra>" + name + "</extra>",
        )
    chosen = tuning.named[CHOSEN]
    figure.add_scatter(
        x=_times([chosen.delay_mean]),
        y=_shares([chosen.cut]),
        name=CHOSEN,
        mode="markers",
        marker={**_LOOKS[CHOSEN], "size": 14},
        hovertemplate="%{x} ms, %{y} %<extra>" + CHOSEN + "</extra>",
    )
    return Drawn(
        title="Silence alone and all evidence",
        caption="Left and low is better. Dotted: one wait whatever is said, in steps of 10 ms. The best of "
        "all evidence is chosen on these very turns; the table of two budgets says what is left of it.",
        figure=figure,
    )


def _reliability(fit: Fit) -> Drawn:
    figure = _figure("score", "share right")
    figure.add_scatter(x=[0, 1], y=[0, 1], name="honest", mode="lines", line={"dash": "dot", "color": _INK})
    for name, bins, symbol, colour in (
        ("before", fit.before, "square", _ORANGE),
        ("after, on other conversations", fit.after, "circle", _BLUE),
    ):
        figure.add_scatter(
            x=[round(one.score, 4) for one in bins],
            y=[round(one.right, 4) for one in bins],
            name=name,
            mode="lines+markers",
            line={"color": colour},
            marker={"size": [6 + 20 * one.count / fit.count for one in bins], "symbol": symbol},
            hovertext=[f"{one.count} scores" for one in bins],
        )
    kept = "" if fit.helps else " That is no better, so it is left out."
    return Drawn(
        title=f"{fit.kind.capitalize()} confidence, {fit.engine or 'any engine'}, "
        f"{fit.language or 'any language'}",
        caption=f"Calibrated by {fit.method}: calibration error {fit.error_before:.3f} to "
        f"{fit.error_after:.3f}, Brier score {fit.brier_before:.3f} to {fit.brier_after:.3f}, {fit.count} "
        f"scores of {fit.conversations} conversations.{kept} The larger a mark, the more scores; on the "
        "dotted line, scores are what they say.",
        figure=figure,
    )
