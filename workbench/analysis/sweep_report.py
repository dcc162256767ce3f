"""The page of a sweep: data, method, what was chosen, figures, and the command that makes it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.analysis.calibration import Fit
from workbench.analysis.report.markup import Markup, element, milliseconds
from workbench.analysis.risk import Interval
from workbench.analysis.risk_choice import Budget, Choice
from workbench.analysis.sweep import Result

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


CHOSEN, WAITING = "chosen", "waiting for the final"
"""Names of the policy that was chosen, and of the same without early synthesis and its early final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """What a sweep found."""

    command: str
    """The command that makes it again."""
    content: str
    """The content hash of the turns."""
    sessions: int
    turns: int
    results: Sequence[Result]
    front: Sequence[int]
    """Places of the results that no other is better than."""
    named: Mapping[str, Result]
    """Policies to compare with, by name; the chosen one is among them."""
    intervals: Mapping[str, Interval]
    """Median response time of the named ones, with its confidence interval."""
    silence_only: Sequence[Result]
    """Endpointing by silence alone, by rising wait."""
    budget: Budget
    confidence: float
    choice: Choice
    yaml: str
    fits: Sequence[Fit] = ()
    price: float = 0.0
    """Of a thousand characters synthesised; costs are told if there is one."""


def promise(tuning: Tuning) -> str:
    """Return in a sentence what can be said of the budget."""
    return promise_of(tuning.budget, tuning.confidence, tuning.choice)


def promise_of(budget: Budget, confidence: float, choice: Choice) -> str:
    """Return in a sentence what can be said of ``budget`` under the policy chosen."""
    limits = " and ".join(f"{name} at most {limit:.3g}" for name, limit in budget.limits.items())
    if choice.promised:
        return (
            f"With {confidence:.0%} confidence: {limits}, as shares of a conversation's turns. "
            f"Tested on {choice.tested} conversations not used to order the policies; "
            f"{len(choice.passed)} policies passed."
        )
    return f"No promise of {limits}: {choice.warning}."


def findings(tuning: Tuning) -> tuple[str, ...]:
    """Return in sentences what early synthesis and the evidence for the end of a turn are worth here."""
    chosen, waiting = tuning.named[CHOSEN], tuning.named[WAITING]
    faster = waiting.response_median - chosen.response_median
    early = (
        f"Early synthesis answers {milliseconds(abs(faster))} {'sooner' if faster >= 0 else 'later'} than "
        f"waiting for the final (median), with wrong audio heard in {chosen.wrong:.1%} of the turns."
    )
    as_soon = [one for one in tuning.silence_only if one.delay_mean <= chosen.delay_mean]
    if not as_soon:
        return early, (
            f"Silence alone never ends turns as soon as the chosen policy, {milliseconds(chosen.delay_mean)} "
            "after the last sound on average, whatever it waits."
        )
    silence = min(as_soon, key=lambda one: one.cut)
    return early, (
        f"The chosen policy ends turns {milliseconds(chosen.delay_mean)} after the last sound on average and "
        f"cuts off {chosen.cut:.1%} of them; silence alone, if it is to end them as soon, {silence.cut:.1%}."
    )


def render_tuning(tuning: Tuning) -> str:
    """Return the page; it needs nothing but itself."""
    figures = [_front(tuning), _curves(tuning), *(_reliability(fit) for fit in tuning.fits)]
    drawn = [
        Markup(one.to_html(full_html=False, include_plotlyjs="inline" if number == 0 else False))
        for number, one in enumerate(figures)
    ]
    body = element(
        "body",
        None,
        element("h1", None, "Turn taking and early synthesis, tuned on recorded conversations"),
        element("h2", None, "Data"),
        element(
            "p",
            None,
            f"{tuning.turns} turns in {tuning.sessions} recorded sessions (content {tuning.content}), "
            f"{len(tuning.results)} policies.",
        ),
        element("h2", None, "What was chosen"),
        *(element("p", None, sentence) for sentence in findings(tuning)),
        element("p", None, promise(tuning)),
        element("pre", None, tuning.yaml),
        _table(tuning),
        element("h2", None, "Figures"),
        *drawn,
        element("h2", None, "Method"),
        *(element("p", None, text) for text in _METHOD),
        element("h2", None, "Again"),
        element("pre", None, tuning.command),
    )
    head = element(
        "head",
        None,
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", None, "Tuning report"),
        element("style", None, Markup(_STYLE)),
    )
    return "<!doctype html>\n" + element("html", {"lang": "en"}, head, body) + "\n"


_METHOD = (
    "Each policy decides every recorded turn anew, by the rules of the live pipeline, from the voice "
    "activity, partial transcripts and interpretations that were recorded. Response times "
    "are the new moments of "
    "decision with the measured durations of the turn's own stages, recognition and synthesis freed of each "
    "other where the policy does not let them run at once. The words after a false cut-off are "
    "scored with those before it, and its final is taken to ask for what the last partial before it did.",
    "Response time: from the caller's last sound to the first audible sample of the reply to the whole turn; "
    "on a small machine recognition and synthesis set its least. Endpoint delay: from the last sound to the "
    "decision that the turn is over; it is what endpointing alone decides.",
    "Wrong: a reply other than the one the whole turn asks for was heard before the caller went on. Cut: the "
    "end of the turn was decided in a pause after which the caller went on.",
    "The promise is Learn then Test (Angelopoulos et al., 2021) with fixed-sequence testing: policies are "
    "ordered on part of the conversations, safest first, and tested on the others until the first fails, "
    "with Hoeffding-Bentkus p-values. It supposes that conversations to come are like these, no more.",
    "Intervals are 95 % bootstrap intervals that draw whole conversations.",
)

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1000px; margin: 2em auto; }
table { border-collapse: collapse; font-size: 14px; } td, th { padding: 2px 8px; text-align: right; }
td { white-space: nowrap; } td:first-child, th:first-child { text-align: left; }
pre { background: #f2f4f6; padding: 1em; white-space: pre-wrap; overflow-wrap: anywhere; }
"""


def _table(tuning: Tuning) -> Markup:
    names = (
        "",
        "median",
        "95 % interval",
        "nine of ten",
        "endpoint delay",
        "saved",
        "starts",
        "discards",
        "wrong",
        "cut",
        "wasted",
        *(["cost a turn"] if tuning.price else []),
    )
    rows = [element("tr", None, *(element("th", None, name) for name in names))]
    for name, one in tuning.named.items():
        interval = tuning.intervals[name]
        cells = (
            name,
            milliseconds(one.response_median),
            f"{milliseconds(interval.low)} to {milliseconds(interval.high)}",
            milliseconds(one.response_p90),
            milliseconds(one.delay_mean),
            milliseconds(one.saved_mean),
            f"{one.starts:.2f}",
            f"{one.discards:.2f}",
            f"{one.wrong:.1%}",
            f"{one.cut:.1%}",
            f"{one.wasted_mean:.2f} s",
            *([f"{one.cost_mean:.5f}"] if tuning.price else []),
        )
        rows.append(element("tr", None, *(element("td", None, cell) for cell in cells)))
    return element("table", None, *rows)


def _figure(title: str, across: str, up: str) -> "Figure":
    from plotly.graph_objects import Figure

    figure = Figure()
    figure.update_layout(title=title, xaxis_title=across, yaxis_title=up, template="plotly_white", height=460)
    return figure


def _points(figure: "Figure", results: Sequence[Result], name: str, **looks: Any) -> None:
    figure.add_scatter(
        x=[one.response_median for one in results], y=[one.cut for one in results], name=name, **looks
    )


def _front(tuning: Tuning) -> "Figure":
    figure = _figure("Every policy", "median response time, s", "share of turns cut off")
    _points(figure, tuning.results, "tried", mode="markers", marker={"size": 4, "opacity": 0.4})
    front = sorted((tuning.results[place] for place in tuning.front), key=lambda one: one.response_median)
    _points(figure, front, "not beaten", mode="lines+markers")
    for name, one in tuning.named.items():
        _points(figure, [one], name, mode="markers", marker={"size": 13, "symbol": "star"})
    return figure


def _curves(tuning: Tuning) -> "Figure":
    figure = _figure("Silence alone and all evidence", "mean endpoint delay, s", "share of turns cut off")
    best: list[Result] = []
    for one in sorted(tuning.results, key=lambda one: (one.delay_mean, one.cut)):
        if not best or one.cut < best[-1].cut:
            best.append(one)
    for name, curve in (("silence alone", tuning.silence_only), ("all evidence, the best of it", best)):
        figure.add_scatter(
            x=[one.delay_mean for one in curve],
            y=[one.cut for one in curve],
            name=name,
            mode="lines+markers",
            line={"shape": "hv"},
        )
    chosen = tuning.named[CHOSEN]
    star = {"size": 13, "symbol": "star"}
    figure.add_scatter(x=[chosen.delay_mean], y=[chosen.cut], name=CHOSEN, mode="markers", marker=star)
    return figure


def _reliability(fit: Fit) -> "Figure":
    title = (
        f"{fit.kind} confidence, {fit.engine or 'any engine'}, {fit.language or 'any language'}, "
        f"{fit.method}:<br>"
        f"calibration error {fit.error_before:.3f} to {fit.error_after:.3f}, "
        f"Brier {fit.brier_before:.3f} to {fit.brier_after:.3f}, {fit.count} scores"
    )
    figure = _figure(title, "score", "share right")
    figure.add_scatter(x=[0, 1], y=[0, 1], name="honest", mode="lines", line={"dash": "dot"})
    for name, bins in (("before", fit.before), ("after, on other conversations", fit.after)):
        figure.add_scatter(
            x=[one.score for one in bins],
            y=[one.right for one in bins],
            name=name,
            mode="lines+markers",
            marker={"size": [6 + 20 * one.count / fit.count for one in bins]},
        )
    return figure
