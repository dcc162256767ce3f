"""A session as a Praat TextGrid, long form: utterances and words of both sides, and the ends of turns."""

from collections.abc import Iterable, Sequence

from workbench.analysis.export_cues import Utterance, utterances
from workbench.analysis.turn_events import of_kind
from workbench.core.events import TurnEnded
from workbench.store.recording import Recording

_DIGITS = 6

Span = tuple[float, float, str]
"""From when to when, and what stands there."""


def render_textgrid(recording: Recording) -> str:
    """Return the session as a TextGrid over the whole recording.

    The intervals of a tier lie one after the other and cover it, as Praat demands: where an utterance
    overlaps the one before on its own side, it begins at that one's end.
    """
    end = round(recording.duration, _DIGITS)
    said = utterances(recording)
    tiers = []
    for who in ("caller", "agent"):
        own = [one for one in said if one.who == who]
        tiers.append((who, _covering(((one.start, one.end, one.text) for one in own), end)))
        tiers.append((f"{who} words", _covering(_words(own), end)))
    ends = [
        (round(min(max(0.0, recording.second(at)), end), _DIGITS), body.reason)
        for at, body in of_kind(recording.timeline.events, TurnEnded)
    ]
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0 ",
        f"xmax = {_time(end)} ",
    ]
    lines += ["tiers? <exists> ", f"size = {len(tiers) + 1} ", "item []: "]
    for number, (name, spans) in enumerate(tiers, start=1):
        lines += _interval_tier(number, name, spans, end)
    lines += _point_tier(len(tiers) + 1, "ends of turns", ends, end)
    return "\n".join(lines) + "\n"


def _words(said: Iterable[Utterance]) -> Iterable[Span]:
    return ((word.start, word.end, word.text) for one in said for word in one.words)


def _covering(spans: Iterable[Span], until: float) -> list[Span]:
    """Return the spans one after the other with empty ones between, from 0 to ``until``."""
    covering: list[Span] = []
    now = 0.0
    for start, end, text in sorted(spans):
        start, end = max(round(start, _DIGITS), now), min(round(end, _DIGITS), until)
        if end <= start:
            continue
        if start > now:
            covering.append((now, start, ""))
        covering.append((start, end, text))
        now = end
    if now < until or not covering:
        covering.append((now, until, ""))
    return covering


def _interval_tier(number: int, name: str, spans: Sequence[Span], end: float) -> list[str]:
    lines = _tier_head(number, "IntervalTier", name, end)
    lines.append(f"        intervals: size = {len(spans)} ")
    for index, (start, stop, text) in enumerate(spans, start=1):
        lines += [
            f"        intervals [{index}]:",
            f"            xmin = {_time(start)} ",
            f"            xmax = {_time(stop)} ",
            f"            text = {_quoted(text)} ",
        ]
    return lines


def _point_tier(number: int, name: str, points: Iterable[tuple[float, str]], end: float) -> list[str]:
    apart = dict(sorted(points))  # two points of a tier can't stand at one time
    lines = _tier_head(number, "TextTier", name, end)
    lines.append(f"        points: size = {len(apart)} ")
    for index, (at, text) in enumerate(apart.items(), start=1):
        lines += [
            f"        points [{index}]:",
            f"            number = {_time(at)} ",
            f"            mark = {_quoted(text)} ",
        ]
    return lines


def _tier_head(number: int, kind: str, name: str, end: float) -> list[str]:
    return [
        f"    item [{number}]:",
        f'        class = "{kind}" ',
        f"        name = {_quoted(name)} ",
        "        xmin = 0 ",
        f"        xmax = {_time(end)} ",
    ]


def _time(seconds: float) -> str:
    return f"{seconds:.{_DIGITS}f}".rstrip("0").rstrip(".") or "0"


def _quoted(text: str) -> str:
    """Return a string as Praat writes it: quotes doubled, on one line."""
    return '"' + " ".join(text.split()).replace('"', '""') + '"'
