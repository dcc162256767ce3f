"""HTML and SVG from nested calls; whatever is not markup already is escaped."""

from collections.abc import Iterable, Mapping
from html import escape


class Markup(str):
    """Text that is markup and must not be escaped again."""

    __slots__ = ()


Attributes = Mapping[str, object]


def element(name: str, attributes: Attributes | None = None, *children: object) -> Markup:
    """Return an element; attributes that are None or False are left out, True stands for a bare name."""
    written = "".join(_attribute(key, value) for key, value in (attributes or {}).items())
    return Markup(f"<{name}{written}>{joined(children)}</{name}>")


def joined(children: Iterable[object]) -> Markup:
    """Return markup and escaped text one after the other."""
    return Markup("".join(_safe(child) for child in children))


def number(value: float, digits: int = 1) -> str:
    """Return a coordinate without needless digits."""
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") or "0"


def milliseconds(seconds: float | None) -> str:
    """Return a duration for reading: ``620 ms``; a dash if there is none."""
    return "–" if seconds is None else f"{seconds * 1000:.0f} ms".replace("-", "−").replace("−0 ms", "0 ms")


def _safe(child: object) -> str:
    if child is None:
        return ""
    return str(child) if isinstance(child, Markup) else escape(str(child))


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return f" {key}"
    text = number(value, 2) if isinstance(value, float) else str(value)
    return f' {key}="{escape(text)}"'


def legend(entries: Iterable[tuple[str, str]]) -> Markup:
    """Return a list of coloured keys; each entry is a style class and its name."""
    return element(
        "ul",
        {"class": "legend"},
        *(
            element(
                "li",
                None,
                element(
                    "svg",
                    {"width": 26, "height": 12, "aria-hidden": "true"},
                    element("rect", {"width": 26, "height": 12, "rx": 3, "class": kind}),
                ),
                name,
            )
            for kind, name in entries
        ),
    )
