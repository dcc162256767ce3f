"""The head of the page: what this session was, and its few key figures."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from workbench.analysis.latency import TurnReport
from workbench.analysis.report.markup import Markup, element, milliseconds
from workbench.analysis.turn_events import of_kind
from workbench.core.events import SessionOpened
from workbench.store.recording import Recording


def header(recording: Recording) -> Markup:
    """Return the title and the facts of the session, its settings folded away."""
    opened = [body for _, body in of_kind(recording.timeline.events, SessionOpened)]
    facts: dict[str, object] = {}
    settings: Mapping[str, object] = {}
    if opened:
        first = opened[0]
        facts["session"] = first.session
        facts["caller's stream"] = f"{first.input_encoding}, {first.input_rate} Hz"
        facts["agent's stream"] = f"{first.output_encoding}, {first.output_rate} Hz"
        settings = first.settings
    facts["length"] = f"{recording.duration:.1f} s, {len(recording.timeline)} events"
    assistant = recording.meta.get("assistant") or (opened[0].assistant if opened else "an assistant")
    facts.update({key: value for key, value in _flat(recording.meta) if key != "assistant"})
    return element(
        "header",
        None,
        element("p", {"class": "kind"}, "Session report"),
        element("h1", None, f"A conversation with the {assistant} assistant"),
        _pairs(facts.items(), "facts"),
        _settings(settings),
    )


def key_figures(reports: Sequence[TurnReport]) -> Markup:
    """Return the tiles: answered turns, response time, early synthesis, wrong audio, partials, agreement."""
    answered = [one.response_time for one in reports if one.response_time is not None]
    partials = [one.first_partial for one in reports if one.first_partial is not None]
    rests = [abs(one.unexplained) for one in reports if one.unexplained is not None]
    wrong = sum(one.wrong_audio_heard for one in reports)
    started, committed = (
        sum(one.early_started for one in reports),
        sum(one.early_committed for one in reports),
    )
    tiles = (
        ("response time", milliseconds(median(answered)) if answered else "–", _span(answered)),
        ("turns answered", f"{len(answered)} of {len(reports)}", "with a sound the caller heard"),
        ("early synthesis", f"{committed} of {started}", "replies prepared early were committed"),
        (
            "wrong audio heard",
            str(wrong),
            "nothing unconfirmed was heard" if not wrong else "turns: a defect",
        ),
        (
            "first partial",
            milliseconds(median(partials)) if partials else "–",
            "after the end of the first word",
        ),
        (
            "unexplained",
            milliseconds(max(rests)) if rests else "–",
            "at most, between events and recording",
        ),
    )
    return element(
        "dl",
        {"class": "tiles"},
        *(
            element(
                "div",
                {"class": "tile bad" if name == "wrong audio heard" and wrong else "tile"},
                element("dt", None, name),
                element("dd", None, value, element("small", None, note)),
            )
            for name, value, note in tiles
        ),
    )


def _span(answered: Sequence[float]) -> str:
    if len(answered) < 2:
        return "end of speech to first sound"
    return f"median; {milliseconds(min(answered))} to {milliseconds(max(answered))}"


def _settings(settings: Mapping[str, object]) -> Markup:
    if not settings:
        return Markup("")
    return element(
        "details",
        None,
        element("summary", None, f"{len(settings)} settings"),
        _pairs(sorted(settings.items()), "facts settings"),
    )


def _pairs(pairs: Iterable[tuple[str, object]], kind: str) -> Markup:
    return element(
        "dl",
        {"class": kind},
        *(
            element("div", None, element("dt", None, name.replace("_", " ")), element("dd", None, value))
            for name, value in pairs
        ),
    )


def _flat(meta: Mapping[str, object], before: str = "") -> list[tuple[str, object]]:
    """Return nested facts as one list, names joined by spaces."""
    pairs: list[tuple[str, object]] = []
    for key, value in meta.items():
        name = f"{before} {key}".strip()
        if isinstance(value, Mapping):
            pairs += _flat(value, name)
        elif isinstance(value, list | tuple):
            pairs.append((name, ", ".join(map(str, value))))
        else:
            pairs.append((name, value))
    return pairs
