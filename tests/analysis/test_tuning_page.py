"""The tuning report: what a reader is told, and that it can be read."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from workbench.analysis.outcomes import outcomes
from workbench.analysis.outcomes_made import made_turns
from workbench.analysis.policies import Policy, decide
from workbench.analysis.policy_results import evaluate
from workbench.analysis.risk_choice import Budget
from workbench.analysis.sweep_space import Space
from workbench.analysis.tuning import Asked, Tuning, tuning_of
from workbench.analysis.tuning_data import SessionFacts
from workbench.analysis.tuning_figures import figures
from workbench.analysis.tuning_groups import grouped, parse_by
from workbench.analysis.tuning_page import TuningReport, render_tuning
from workbench.analysis.tuning_told import data_facts, findings, warnings
from workbench.errors import ParameterError

TURNS = made_turns(31, 60)
POLICIES = Space(
    {"endpointing.hangover_min": (0.2, 0.5, 0.9), "early.confidence": (0.2, 0.8)}, Policy()
).grid()


def fact(number: int, **changes: object) -> SessionFacts:
    known = SessionFacts(
        name=f"made-{number}",
        assistant="coffee",
        language="en-US",
        engines="embedded",
        voice="anna",
        date=f"2026-11-{20 + number % 5}T10:00:00+00:00",
        machine="Linux x86_64, 2 processors",
        policy=Policy(),
        masked=False,
    )
    return replace(known, **changes)


FACTS = [fact(number) for number in range(12)]


def tuned(facts: list[SessionFacts] | None = None) -> Tuning:
    asked = Asked(budget=Budget({"wrong": 0.2, "cut": 0.3}), confidence=0.9)
    results = evaluate(TURNS, POLICIES)
    return tuning_of(TURNS, Policy(), (POLICIES, results), asked, facts=FACTS if facts is None else facts)


@pytest.fixture(scope="module")
def tuning() -> Tuning:
    return tuned()


class Elements(HTMLParser):
    """Collects what a screen reader goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element."""
        self.found.append((tag, dict(attrs)))


def elements(page: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = Elements()
    reader.feed(re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))
    return reader.found


def test_the_page_can_be_read_by_ear(tuning: Tuning) -> None:
    """Who can't see the figures would get nothing from them, and numbers without what they are of."""
    page = render_tuning(TuningReport(tunings={"": tuning}, command="workbench tune x", version="1"))
    found = elements(page)
    names = [name for name, _ in found]
    assert names.count("figure") == names.count("figcaption") == 2
    pictures = [own for _, own in found if own.get("role") == "img"]
    assert len(pictures) == 2
    assert all(len(own["aria-label"] or "") > 40 for own in pictures)
    assert names.count("table") == names.count("caption") == 2
    assert {own.get("scope") for name, own in found if name == "th"} == {"col", "row"}
    levels = [int(name[1]) for name in names if re.fullmatch(r"h[1-6]", name)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    assert found[0] == ("html", {"lang": "en"})


def test_the_figures_in_the_table_are_those_of_the_chosen_policy(tuning: Tuning) -> None:
    """A reader would be told of another policy than the lines to paste are of."""
    chosen = POLICIES[tuning.choice.place]
    came = outcomes(decide(TURNS, [chosen]), TURNS)
    page = render_tuning(TuningReport(tunings={"": tuning}, command="c", version="1"))
    (row,) = re.findall(r'<tr><th scope="row">chosen</th>(.*?)</tr>', page)
    cells = re.findall(r"<td>(.*?)</td>", row)
    assert cells[0] == f"{np.nanmedian(came.response_time) * 1000:.0f} ms"
    assert cells[3] == f"{np.nanmean(came.endpoint_delay) * 1000:.0f} ms"
    assert cells[8] == f"{np.mean(came.cut_offs > 0):.1%}"
    cut = int((came.cut_offs > 0).sum())
    assert f"cuts off {cut} of 60 turns" in findings(tuning)[1]
    assert f"hangover_min: {chosen.endpointing.hangover_min:g}" in page


def test_each_part_of_a_page_has_its_own_figures(tuning: Tuning) -> None:
    """Of two assistants one would get both figures, or none."""
    page = render_tuning(TuningReport(tunings={"a": tuning, "b": tuning}, command="c", version="1"))
    ids = [own["id"] for name, own in elements(page) if name == "div" and own.get("id")]
    assert len(ids) == len(set(ids)) == 4
    assert page.count("plotly.js v") == 1
    assert page.count('<a href="#part-1">') == 1


def test_what_was_recorded_is_told() -> None:
    """Nobody could say what the figures hold for."""
    patient = replace(Policy(), early=replace(Policy().early, enabled=False))
    told = dict(data_facts(tuned([*FACTS[:9], *(fact(n, policy=patient, engines="x") for n in (9, 10, 11))])))
    assert told["sessions"] == "12"
    assert re.fullmatch(
        r"60, \d+ of them answered, with \d+ pauses of at least 0.2 s within them", told["turns"]
    )
    assert told["engines"] == "embedded (9), x (3)"
    assert told["recorded"] == "2026-11-20 to 2026-11-24"
    assert told["machines"] == "Linux x86_64, 2 processors"
    assert told["recorded under"] == "the usual settings (9); early.enabled false (3)"
    unknown = dict(data_facts(tuned([fact(0, date="", machine="", policy=None)])))
    assert unknown["recorded"] == unknown["machines"] == unknown["recorded under"] == "not recorded"


def test_what_makes_figures_doubtful_is_warned_of(tuning: Tuning) -> None:
    """Thresholds of a mixture would look like those of each."""
    assert warnings(tuning) == ()
    mixed = tuned([fact(0, masked=True), fact(1, assistant="rooms", language="es"), fact(2)])
    first, masked = warnings(mixed)
    assert first.startswith(
        "one choice for 2 assistants: coffee (2), rooms (1) and 2 languages: en-US (2), es"
    )
    assert first.endswith("--by assistant,language chooses for each")
    assert masked.startswith("1 of 3 sessions are masked")
    twice = [*TURNS[:5], *(replace(turn, conversation="again") for turn in TURNS[:5])]
    asked = Asked(budget=Budget({"cut": 0.3}), confidence=0.9)
    found = tuning_of(twice, Policy(), (POLICIES, evaluate(twice, POLICIES)), asked)
    assert warnings(found)[0].startswith("1 of 2 sessions are copies of others")


def test_of_many_policies_some_are_drawn_and_all_that_matter(
    tuning: Tuning, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of a large sweep would be too large to open."""
    monkeypatch.setattr("workbench.analysis.tuning_figures.DRAWN_MAX", 2)
    drawn = figures(tuning)[0]
    shown = sum(len(trace.x) for trace in drawn.figure.data[:2])
    assert len(tuning.front) <= shown < len(POLICIES)
    assert drawn.caption.startswith(f"{shown} of {len(POLICIES)} policies are drawn.")


def test_sessions_are_told_apart_by_what_is_asked() -> None:
    """Settings of one language would be chosen on another's callers."""
    facts = [fact(0), fact(1, language="es"), fact(2, assistant="rooms", language=""), fact(3)]
    assert grouped(facts, ()) == {"": ["made-0", "made-1", "made-2", "made-3"]}
    assert grouped(facts, parse_by("language")) == {
        "language not recorded": ["made-2"],
        "language en-US": ["made-0", "made-3"],
        "language es": ["made-1"],
    }
    assert list(grouped(facts, parse_by("assistant, language"))) == [
        "assistant coffee, language en-US",
        "assistant coffee, language es",
        "assistant rooms, language not recorded",
    ]
    for text in ("", "assistant,assistant", "voice"):
        with pytest.raises(ParameterError, match="expected assistant, language or both with a comma"):
            parse_by(text)
