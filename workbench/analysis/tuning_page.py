"""The page of a sweep: data, method, what was chosen, figures, and the command that makes it again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from workbench.analysis.report.markup import Markup, element, milliseconds
from workbench.analysis.sweep_budgets import POINTS
from workbench.analysis.tuning import CHOSEN, Tuning
from workbench.analysis.tuning_figures import Drawn, figures
from workbench.analysis.tuning_told import (
    FAMILIES,
    data_facts,
    findings,
    held_text,
    point_name,
    promise,
    reached_text,
    warnings,
)

TITLE = "Turn taking and early synthesis, tuned on recorded conversations"


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningReport:
    """What a page tells."""

    tunings: Mapping[str, Tuning]
    """By the name of what each is for; a single one for everything has none."""
    command: str
    """The command that makes it again."""
    version: str
    """Of the workbench that made it."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """What was wrong with sessions that could not be judged."""


def render_tuning(report: TuningReport) -> str:
    """Return the page; it needs nothing but itself, and is the same whenever the command is run."""
    several = len(report.tunings) > 1
    parts: list[Markup] = []
    for number, (name, tuning) in enumerate(report.tunings.items()):
        if name:
            parts.append(element("h2", {"id": f"part-{number}"}, name))
        parts += _told(tuning, level=3 if name else 2, first=number * 100)
    body = element(
        "body",
        None,
        element(
            "main",
            None,
            element("h1", None, TITLE),
            _contents(report.tunings) if several else None,
            *parts,
            *_left_out(report.left_out),
            element("h2", None, "Method"),
            *(element("p", None, text) for text in _METHOD),
            element("h2", None, "Again"),
            element(
                "p", None, f"Made by version {report.version} with this command; it makes the same page."
            ),
            element("pre", None, report.command),
        ),
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


def _contents(names: Iterable[str]) -> Markup:
    links = [
        element("li", None, element("a", {"href": f"#part-{number}"}, name))
        for number, name in enumerate(names)
    ]
    return element("nav", {"aria-label": "contents"}, element("ul", None, *links))


def _told(tuning: Tuning, *, level: int, first: int) -> list[Markup]:
    """Return what is told of one choice; ``level`` of its headings, ``first`` number of its figures."""
    heading = f"h{level}"
    drawn = figures(tuning)
    return [
        element(heading, None, "Data"),
        element("dl", None, *(_fact(*one) for one in data_facts(tuning))),
        *(element("p", {"class": "warning"}, f"Warning: {text}.") for text in warnings(tuning)),
        element(heading, None, "What was chosen"),
        *(element("p", None, sentence) for sentence in findings(tuning)),
        element("p", None, promise(tuning)),
        element("p", None, "The settings, for the assistant's file:"),
        element("pre", None, tuning.yaml),
        _compared(tuning),
        element(heading, None, "Two budgets"),
        _budgets(tuning),
        element(heading, None, "Figures"),
        *(_figure(one, f"h{level + 1}", first + number) for number, one in enumerate(drawn)),
    ]


def _fact(name: str, value: str) -> Markup:
    return element("div", None, element("dt", None, name), element("dd", None, value))


def _left_out(left_out: Mapping[str, str]) -> list[Markup]:
    if not left_out:
        return []
    rows = [element("li", None, f"{name}: {problem}") for name, problem in left_out.items()]
    return [element("h2", None, "Sessions left out"), element("ul", None, *rows)]


def _figure(drawn: Drawn, heading: str, number: int) -> Markup:
    plot = drawn.figure.to_html(
        full_html=False,
        include_plotlyjs="inline" if number == 0 else False,
        div_id=f"figure-{number}",
        config={"responsive": True, "displaylogo": False},
    )
    label = f"{drawn.title}. {drawn.caption}"
    return element(
        "figure",
        None,
        element(heading, None, drawn.title),
        element("div", {"role": "img", "aria-label": label}, Markup(plot)),
        element("figcaption", None, drawn.caption),
    )


def _table(caption: str, names: Sequence[str], rows: Iterable[Sequence[str]], looks: str = "") -> Markup:
    """Return a table whose first column names its rows; narrow screens scroll it."""
    head = element("tr", None, *(element("th", {"scope": "col"}, name) for name in names))
    body = [
        element(
            "tr",
            None,
            element("th", {"scope": "row"}, row[0]),
            *(element("td", None, cell) for cell in row[1:]),
        )
        for row in rows
    ]
    table = element(
        "table",
        {"class": looks or None},
        element("caption", None, caption),
        element("thead", None, head),
        element("tbody", None, *body),
    )
    return element("div", {"class": "wide", "role": "region", "tabindex": 0, "aria-label": caption}, table)


def _compared(tuning: Tuning) -> Markup:
    priced = bool(tuning.asked.price)
    names = (
        *("settings", "median response", "95 % interval", "nine of ten within", "mean endpoint delay"),
        *("mean saved", "early starts a turn", "discards a turn", "wrong heard", "cut off", "wasted a turn"),
        *(["cost a turn"] if priced else []),
    )
    rows = []
    for name, one in tuning.named.items():
        interval = tuning.intervals[name]
        rows.append(
            (
                name,
                milliseconds(one.response_median),
                f"{milliseconds(interval.low)} to {milliseconds(interval.high)}"
                if len(tuning.sizes.turns) > 1
                else "–",
                milliseconds(one.response_p90),
                milliseconds(one.delay_mean),
                milliseconds(one.saved_mean),
                f"{one.starts:.2f}",
                f"{one.discards:.2f}",
                f"{one.wrong:.1%}",
                f"{one.cut:.1%}",
                f"{one.wasted_mean:.2f} s",
                *([f"{one.cost_mean:.5f}"] if priced else []),
            )
        )
    return _table("The chosen settings and what they are compared with", names, rows)


def _budgets(tuning: Tuning) -> Markup:
    names = ["mean", *(name for family in FAMILIES for name in (family, "on others") if _has(family, name))]
    rows = []
    for number, point in enumerate(POINTS):
        cells = [point_name(point)]
        for family in FAMILIES:
            found = tuning.budgets[family][number]
            cells.append(reached_text(point, found))
            if family != CHOSEN:
                cells.append(held_text(point, found))
        rows.append(cells)
    return _table("The least mean that is reached, with its 95 % interval", names, rows, looks="budgets")


def _has(family: str, name: str) -> bool:
    return family != CHOSEN or name == CHOSEN


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
    "Wrong: a reply other than the one the whole turn asks for was heard before the caller went on. Cut off: "
    "the end of the turn was decided in a pause after which the caller went on. A pause after which a reply "
    "had been heard when the session was recorded counts as the end of a turn.",
    "Chosen is the policy with the least median response time within the budget; of those within 10 ms of it "
    "the one with the fewest mistakes. Silence alone has the chosen early synthesis.",
    "Two budgets, after livekit/eot-bench: of all policies tried, the least mean within each limit. The "
    "interval chooses anew in each of 1,000 draws of whole conversations. On others: the conversations are "
    "dealt into five parts, the policy is chosen without each and judged on it; beside the figure stands "
    "what became of the limit there. eot-bench counts false cut-offs by the pause, in other recordings with "
    " other knobs: figures by the turn are not comparable with its own, those by the pause in kind only.",
    "The promise is Learn then Test (Angelopoulos et al., 2021) with fixed-sequence testing: policies are "
    "ordered on part of the conversations, safest first, and tested on the others until the first fails, "
    "with Hoeffding-Bentkus p-values. It supposes that conversations to come are like these, no more.",
    "Intervals are 95 % bootstrap intervals that draw whole conversations.",
)

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; color: #16191d; background: #fff; }
main { max-width: 1000px; margin: 2em auto; padding: 0 16px; }
h1 { line-height: 1.2; } figure > * { margin: 0 0 4px; font-size: 16px; }
dl { display: grid; gap: 4px 16px; } dl div { display: grid; grid-template-columns: 9em 1fr; gap: 8px; }
dt { color: #5b646f; } dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; margin: 1em 0; }
.wide:focus-visible { outline: 2px solid #0072b2; }
table { border-collapse: collapse; font-size: 14px; } caption { text-align: left; padding: 4px 8px; }
td, th { padding: 3px 8px; text-align: right; border-bottom: 1px solid #d8dde3; font-weight: 400; }
thead th { font-weight: 600; vertical-align: bottom; } td { white-space: nowrap; }
.budgets td { white-space: normal; } .budgets th { min-width: 9em; }
th[scope="row"], thead th:first-child { text-align: left; }
pre { background: #f2f4f6; padding: 1em; white-space: pre-wrap; overflow-wrap: anywhere; }
figure { margin: 1.5em 0; max-width: 680px; } figcaption { color: #5b646f; font-size: 14px; }
.warning { border-left: 4px solid #b3261e; padding: 4px 12px; background: #fdf1f0; }
@media (max-width: 600px) { dl div { grid-template-columns: 1fr; gap: 0; } }
@media print {
  main { max-width: none; margin: 0; padding: 0; } .wide { overflow: visible; }
  table { font-size: 9.5px; } td, th { padding: 2px 3px; } td { white-space: normal; }
  figure, table, pre { break-inside: avoid; } h2, h3 { break-after: avoid; }
}
"""
