"""An experiment on voices as one page: design, effects, figures, sound, and how it was worked out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.analysis.effects import DRAWS, LEAST
from workbench.analysis.experiment import Experiment
from workbench.analysis.experiment_effects import ALL, Row
from workbench.analysis.experiment_figure import SHOWN, effect_figure
from workbench.analysis.report.markup import Markup, element
from workbench.analysis.risk import Interval
from workbench.analysis.voices_page import STYLE, players
from workbench.analysis.voices_table import rows as voice_rows
from workbench.errors import ParameterError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What a page tells."""

    experiment: Experiment
    effects: Sequence[Row]
    command: str
    """The command that makes it again."""


def render_experiment(reported: Reported) -> str:
    """Return the page; it needs nothing but itself."""
    design = reported.experiment.design
    body = element(
        "body",
        None,
        element("h1", None, "An experiment on voices"),
        *(element("p", None, text) for text in _told(reported)),
        element("h2", None, "Effects"),
        *_figures(reported.effects),
        _table(reported.effects),
        element("h2", None, "Design"),
        element("ul", None, *(element("li", None, _factor(one.name, one.levels)) for one in design.factors)),
        element("h2", None, "Listen"),
        *players(voice_rows(reported.experiment.cells)),
        element("h2", None, "Method"),
        *(element("p", None, text) for text in _METHOD),
        element("h2", None, "Again"),
        element("pre", None, reported.command),
    )
    head = element(
        "head",
        None,
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", None, "An experiment on voices"),
        element("style", None, Markup(STYLE)),
    )
    return "<!doctype html>\n" + element("html", {"lang": "en"}, head, body) + "\n"


def effect_text(interval: Interval, *, digits: int = 1) -> str:
    """Return an effect for reading, with its interval if known: ``+2.0 (+1.8 to +2.1)``; a dash for none.

    >>> effect_text(Interval(-1.04, -1.5, -0.6)), effect_text(Interval(0.0, math.nan, math.nan))
    ('−1.0 (−1.5 to −0.6)', '0.0')
    """
    if not math.isfinite(interval.value):
        return "–"
    told = _signed(interval.value, digits)
    if not math.isfinite(interval.low):
        return told
    return f"{told} ({_signed(interval.low, digits)} to {_signed(interval.high, digits)})"


def _signed(value: float, digits: int) -> str:
    told = f"{value:+.{digits}f}"
    return told[1:] if float(told) == 0 else told.replace("-", "−")


def _told(reported: Reported) -> tuple[str, ...]:
    design = reported.experiment.design
    conditions, cells = len(design.conditions), len(reported.experiment.cells)
    languages = ", ".join(dict.fromkeys(text.language for text in design.texts))
    return (
        f"{len(design.factors)} factors, {conditions} conditions ({design.plan.value}), {len(design.voices)} "
        f"voices, {len(design.texts)} sentences in {languages}: {cells} cells, made in a random order (seed "
        f"{design.seed}).",
        "Every level is compared with the reference of its factor in the same sentence and voice.",
    )


def _factor(name: str, levels: Sequence[object]) -> str:
    names = [str(getattr(level, "name", level)) for level in levels]
    return f"{name}: {names[0]} (reference), {', '.join(names[1:])}"


def _figures(rows: Sequence[Row]) -> list[Markup]:
    names = list(dict.fromkeys(row.measure.name for row in rows))
    groups = [SHOWN, tuple(name for name in names if name not in SHOWN)]
    found: list[Markup] = []
    for group in groups:
        try:
            drawn = effect_figure(rows, measures=group)
        except ParameterError as problem:
            if not found and group == SHOWN:
                found.append(element("p", None, f"No figure: {problem}."))
            continue
        plot = drawn.to_html(full_html=False, include_plotlyjs="inline" if not found else False)
        found.append(Markup(plot))
    return found


_HEADINGS = (
    "factor",
    "level",
    "voice",
    "language",
    "measure",
    "asked",
    "effect (95 %)",
    "Hedges' g (95 %)",
    "n",
)


def _table(rows: Sequence[Row]) -> Markup:
    heads = [element("th", {"scope": "col"}, name) for name in _HEADINGS]
    body = [element("tr", None, *(element("td", None, text) for text in _cells(row))) for row in rows]
    table = element(
        "table",
        None,
        element("thead", None, element("tr", None, *heads)),
        element("tbody", None, *body),
    )
    return element("div", {"class": "wide"}, table)


def _cells(row: Row) -> tuple[str, ...]:
    asked = "–" if math.isnan(row.asked) else _signed(row.asked, 1)
    everyone = row.voice == ALL
    return (
        row.factor,
        row.level,
        "all voices" if everyone else row.voice,
        "all" if row.language == ALL else row.language,
        f"{row.measure.title}, {row.measure.unit}",
        asked,
        effect_text(row.difference),
        effect_text(row.size),
        str(row.sentences),
    )


_METHOD = (
    "Effects are means over sentences of the difference to the reference, with all other factors the same; "
    "in a full plan, over all levels of the others as well. Tempo, length and range are compared as ratios "
    f"and told in percent. Intervals draw whole sentences {DRAWS:,} times and are widened for few of them "
    f"(Hesterberg 2015); below {LEAST} sentences there are none. They speak of other sentences, not of other "
    "voices.",
    "Hedges' g is the effect over the spread between sentences (the mean of both levels' standard "
    "deviations): compare it within a voice, some vary little. An interaction is how much more two levels do "
    "together than each for itself.",
    "Tempo: speech without pauses. f0: pYIN, refined; range from the 5th to the 95th percentile. Loudness: "
    "ITU-R BS.1770-4. Pauses: silences of at least 0.15 s.",
)
