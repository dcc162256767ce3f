"""Where one turn's response time went, drawn: a bar a contribution, each beginning where the last ended."""

from collections.abc import Mapping
from types import MappingProxyType

from workbench.analysis.contributions import CONTRIBUTIONS
from workbench.analysis.latency import TurnReport
from workbench.analysis.report.markup import Markup, element, joined, milliseconds

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "capture_and_transport": "carrying",
        "endpointing": "listening",
        "transcription_tail": "listening",
        "understanding": "thinking",
        "reply": "thinking",
        "synthesis_first_byte": "speaking",
        "leading_silence": "speaking",
        "transport": "carrying",
        "playout": "carrying",
    }
)
"""Who is at work in each contribution; gives the bars their colours."""

_WIDTH, _LEFT, _RIGHT = 640.0, 168.0, 72.0
_ROW, _TOP = 24.0, 6.0


def waterfall_figure(turn: TurnReport, *, scale: float) -> Markup:
    """Return an SVG; ``scale`` is the seconds its full width stands for, the same for all turns of a page."""
    room = _WIDTH - _LEFT - _RIGHT
    rows: list[Markup] = []
    since = 0.0
    for index, (name, seconds) in enumerate(turn.contributions.items()):
        y = _TOP + index * _ROW
        x = _LEFT + since / scale * room
        width = max(seconds / scale * room, 1.5 if seconds > 0 else 0.0)
        rows.append(_row(name, seconds, x=x, width=width, y=y))
        since += seconds
    bottom = _TOP + len(turn.contributions) * _ROW
    rows.append(_total(turn.response_time or 0.0, room / scale, bottom))
    label = (
        f"Turn {turn.turn}: {milliseconds(turn.response_time)} from end of speech to first sound. "
        + ", ".join(
            f"{name.replace('_', ' ')} {milliseconds(seconds)}"
            for name, seconds in turn.contributions.items()
        )
    )
    return element(
        "svg",
        {
            "class": "waterfall",
            "viewBox": f"0 0 {_WIDTH:.0f} {bottom + _ROW + 8:.0f}",
            "role": "img",
            "aria-label": label,
        },
        *rows,
    )


def _row(name: str, seconds: float, *, x: float, width: float, y: float) -> Markup:
    middle = y + _ROW / 2
    family = FAMILIES[name]
    return element(
        "g",
        {"class": "zero" if seconds < 0.0005 else None},
        element("title", None, f"{name.replace('_', ' ')}: {CONTRIBUTIONS[name]}"),
        element(
            "text",
            {"x": _LEFT - 12, "y": middle, "class": "label", "text-anchor": "end"},
            name.replace("_", " "),
        ),
        element(
            "line", {"x1": _LEFT, "x2": _WIDTH - _RIGHT, "y1": y + _ROW, "y2": y + _ROW, "class": "rule"}
        ),
        element(
            "rect",
            {"x": x, "y": y + 4, "width": width, "height": _ROW - 8, "rx": 3, "class": family},
        ),
        element("text", {"x": x + width + 7, "y": middle, "class": "value"}, milliseconds(seconds)),
    )


def _total(seconds: float, pixels: float, y: float) -> Markup:
    middle = y + _ROW / 2 + 4
    return joined(
        (
            element(
                "text",
                {"x": _LEFT - 12, "y": middle, "class": "label total", "text-anchor": "end"},
                "response time",
            ),
            element(
                "rect",
                {
                    "x": _LEFT,
                    "y": y + 10,
                    "width": seconds * pixels,
                    "height": _ROW - 12,
                    "rx": 3,
                    "class": "sum",
                },
            ),
            element(
                "text",
                {"x": _LEFT + seconds * pixels + 7, "y": middle, "class": "value total"},
                milliseconds(seconds),
            ),
        )
    )
