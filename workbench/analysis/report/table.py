"""Every number of every turn, as a table."""

from collections.abc import Callable, Sequence

from workbench.analysis.contributions import CONTRIBUTIONS
from workbench.analysis.latency import TurnReport
from workbench.analysis.report.markup import Markup, element, milliseconds


def numbers_table(reports: Sequence[TurnReport]) -> Markup:
    """Return a section with one column a turn and one row a measure."""
    head = element(
        "tr",
        None,
        element("th", {"scope": "col"}, "turn"),
        *(element("th", {"scope": "col"}, report.turn) for report in reports),
    )
    table = element(
        "table",
        {"class": "numbers"},
        element("caption", {"class": "unseen"}, "Every measure of every turn"),
        element("thead", None, head),
        element("tbody", None, *(_row(name, kind, show, reports) for name, kind, show in _measures())),
    )
    return element(
        "section",
        None,
        element("h2", None, "The numbers"),
        element("div", {"class": "scroll", "tabindex": 0, "aria-label": "table of numbers"}, table),
        element(
            "p",
            {"class": "how"},
            element("b", None, "How to read this. "),
            "The response time is measured on the two recorded tracks, the contributions come from the "
            "events of the session. “Unexplained” is what is left when the one is taken from the other: it "
            "should stay within 10 ms. “Endpoint's error” is how much later than the recording the endpoint "
            "put the end of speech.",
        ),
    )


_Show = Callable[[TurnReport], str]


def _measures() -> list[tuple[str, str, _Show]]:
    def share(name: str) -> _Show:
        return lambda report: milliseconds(report.contributions.get(name))

    return [
        ("response time", "main", lambda report: milliseconds(report.response_time)),
        *((name.replace("_", " "), "part", share(name)) for name in CONTRIBUTIONS),
        ("unexplained", "rest", lambda report: milliseconds(report.unexplained)),
        ("endpoint's error", "", lambda report: milliseconds(report.endpoint_error)),
        ("hangover", "", lambda report: milliseconds(report.hangover)),
        ("turn ended because", "", lambda report: report.end_reason or "–"),
        ("first partial", "", lambda report: milliseconds(report.first_partial)),
        (
            "confidence",
            "",
            lambda report: "–" if report.confidence is None else f"{report.confidence:.2f}",
        ),
        ("early synthesis", "", lambda report: report.early),
        (
            "started / committed / discarded",
            "",
            lambda report: f"{report.early_started} / {report.early_committed} / {report.early_discarded}",
        ),
        ("wrong audio heard", "", lambda report: "yes" if report.wrong_audio_heard else "no"),
        ("underrun", "", lambda report: milliseconds(report.underrun)),
        ("stop time of barge-in", "", _stop_time),
    ]


def _stop_time(report: TurnReport) -> str:
    return "–" if report.barge_in is None else milliseconds(report.barge_in.stop_time)


def _row(name: str, kind: str, show: _Show, reports: Sequence[TurnReport]) -> Markup:
    return element(
        "tr",
        {"class": kind or None},
        element("th", {"scope": "row"}, name),
        *(element("td", None, show(report)) for report in reports),
    )
