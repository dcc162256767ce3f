"""Turn by turn: what was said and understood on the left, where the time went on the right."""

from collections.abc import Sequence

from workbench.analysis.latency import TurnReport
from workbench.analysis.report.markup import Markup, element, joined, legend, milliseconds
from workbench.analysis.report.waterfall_figure import FAMILIES, waterfall_figure
from workbench.analysis.transcript import PartialRow, TranscriptRow
from workbench.core.events import Word

_SURE = 0.85  # confidence from which a word is not shaded


def turn_cards(reports: Sequence[TurnReport], rows: Sequence[TranscriptRow]) -> Markup:
    """Return a section with one card a turn; utterances outside any turn stand before it."""
    scale = max((report.response_time or 0.0 for report in reports), default=0.0) or 1.0
    cards = []
    known = {report.turn: report for report in reports}
    for turn in sorted({row.turn for row in rows} | set(known)):
        own = [row for row in rows if row.turn == turn]
        cards.append(_card(turn, known.get(turn), own, scale=scale))
    return element(
        "section",
        None,
        element("h2", None, "Turn by turn"),
        *cards,
        _families(),
        element(
            "p",
            {"class": "how"},
            element("b", None, "How to read this. "),
            "Words the recogniser was unsure of are shaded, the darker the less sure. Under them is how the "
            "text settled while it was being spoken: what stands in plain type was already stable, the grey "
            "italics could still change. On the right each bar begins where the last one ended; together "
            "they are the response time. All turns share one scale. Work done while the caller was still "
            "speaking, or being waited for, costs nothing and shows as 0 ms.",
        ),
    )


def _card(turn: int, report: TurnReport | None, rows: Sequence[TranscriptRow], *, scale: float) -> Markup:
    said = [_utterance(row, first=turn == 0) for row in rows]
    if report is not None:  # between what was said and what was answered
        place = max((index + 1 for index, row in enumerate(rows) if row.who == "caller"), default=0)
        said.insert(place, _understood(report))
    chart: Markup | None = None
    if report is not None and report.response_time is not None:
        chart = waterfall_figure(report, scale=scale)
    elif report is not None:
        chart = element("p", {"class": "none"}, f"No response time: {report.reason}.")
    return element(
        "article",
        {"class": "turn"},
        element("h3", None, f"Turn {turn}", None if report is None else _badges(report)),
        element(
            "div",
            {"class": "columns"},
            element("div", {"class": "talk"}, *said),
            element("figure", None, chart),
        ),
    )


def _badges(report: TurnReport) -> Markup:
    badges = []
    if report.response_time is not None:
        badges.append(("time", milliseconds(report.response_time)))
    if report.early != "none":
        badges.append((report.early, f"early synthesis {report.early}"))
    if report.barge_in is not None:
        stop = report.barge_in.stop_time
        badges.append(
            ("barge", "barge-in" if stop is None else f"barge-in, silent after {milliseconds(stop)}")
        )
    if report.wrong_audio_heard:
        badges.append(("bad", "wrong audio heard"))
    return joined(element("span", {"class": f"badge {kind}"}, text) for kind, text in badges)


def _utterance(row: TranscriptRow, *, first: bool) -> Markup:
    words: str = row.text
    if row.who == "caller" and row.words:
        words = joined(_word(word) for word in row.words)
    cut = element("span", {"class": "faint"}, " … interrupted") if row.interrupted else None
    return element(
        "div",
        {"class": f"bubble {row.who}"},
        element("p", {"class": "who"}, f"{row.who}, {row.start:.1f} to {row.end:.1f} s"),
        element("p", {"class": "text"}, words, cut),
        _history(row.partials, row.end, shown=first) if row.partials else None,
    )


def _word(word: object) -> Markup:
    if not isinstance(word, Word):
        return Markup("")
    doubt = min(1.0, max(0.0, (_SURE - word.confidence) / _SURE))
    style = f"--doubt:{doubt:.2f}" if doubt > 0 else None
    attributes = {
        "class": "unsure" if style else None,
        "style": style,
        "title": f"confidence {word.confidence:.2f}",
    }
    return joined((element("span", attributes, word.text), " "))


def _history(partials: Sequence[PartialRow], end: float, *, shown: bool) -> Markup:
    rows = [
        element(
            "tr",
            None,
            element("td", {"class": "when"}, f"{(row.at - end) * 1000:+.0f} ms".replace("-", "−")),
            element(
                "td",
                None,
                " ".join(row.words[: row.stable]),
                " ",
                element("i", None, " ".join(row.words[row.stable :])),
            ),
        )
        for row in partials
    ]
    count = f"{len(partials)} partial transcripts" if len(partials) > 1 else "1 partial transcript"
    return element(
        "details",
        {"open": shown},
        element("summary", None, f"{count}, timed from the end of the last word"),
        element("table", {"class": "partials"}, *rows),
    )


def _understood(report: TurnReport) -> Markup:
    slots = [
        element("span", {"class": "slot"}, element("b", None, name), " ", value)
        for name, value in report.slots.items()
    ]
    intent = report.intent or ("out of scope" if report.final else "nothing")
    return element(
        "p",
        {"class": "understood"},
        element("span", {"class": "faint"}, "understood "),
        element("span", {"class": "intent"}, intent),
        " ",
        *slots,
    )


def _families() -> Markup:
    names = dict.fromkeys(FAMILIES.values())
    return legend((name, name) for name in names)
