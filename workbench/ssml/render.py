"""An SSML document to text: as SSML, or as the plain words it stands for."""

from collections.abc import Iterable
from xml.sax.saxutils import escape as _escape, quoteattr

from workbench.ssml.document import (
    Break,
    Container,
    Emphasis,
    Mark,
    Node,
    Paragraph,
    Phoneme,
    Pitch,
    Prosody,
    SayAs,
    Sentence,
    Speak,
    Substitute,
    Text,
    UseLanguage,
    UseVoice,
)


def render(document: Speak) -> str:
    """Return ``document`` as SSML; ``parse(render(document)) == document``."""
    return _element("speak", {"xml:lang": document.language}, document.children)


def plain_text(document: Speak) -> str:
    """Return what is read on a screen while ``document`` is spoken: no tags, single spaces."""
    return " ".join("".join(_plain(document.children)).split())


def escape(text: str) -> str:
    """Return ``text`` fit to stand between SSML tags."""
    return _escape(text)


def _plain(nodes: Iterable[Node]) -> Iterable[str]:
    for node in nodes:
        match node:
            case Text() | Phoneme() | SayAs() | Substitute():
                yield node.text
            case Break() | Mark():
                pass
            case Paragraph() | Sentence():
                yield " "
                yield from _plain(node.children)
                yield " "
            case _:
                yield from _plain(node.children)


def _render(node: Node) -> str:
    match node:
        case Text():
            return _escape(node.text)
        case Break() | Mark() | Substitute() | Phoneme() | SayAs():
            return _leaf(node)
        case _:
            return _container(node)


def _leaf(node: Break | Mark | Substitute | Phoneme | SayAs) -> str:
    match node:
        case Break():
            time = None if node.seconds is None else f"{node.seconds!r}s"
            return _element("break", {"time": time, "strength": node.strength})
        case Mark():
            return _element("mark", {"name": node.name})
        case Substitute():
            return _element("sub", {"alias": node.alias}, (Text(node.text),))
        case Phoneme():
            return _element("phoneme", {"alphabet": "ipa", "ph": node.ipa}, (Text(node.text),))
        case SayAs():
            kind = {"interpret-as": node.interpret_as, "format": node.format or None}
            return _element("say-as", kind, (Text(node.text),))


def _container(node: Container) -> str:
    match node:
        case Emphasis():
            return _element("emphasis", {"level": node.level}, node.children)
        case Prosody():
            return _element("prosody", _prosody(node), node.children)
        case UseVoice():
            return _element("voice", {"name": node.name}, node.children)
        case UseLanguage():
            return _element("lang", {"xml:lang": node.language}, node.children)
        case Paragraph():
            return _element("p", {"xml:lang": node.language}, node.children)
        case Sentence():
            return _element("s", {"xml:lang": node.language}, node.children)


def _prosody(node: Prosody) -> dict[str, str | None]:
    return {
        "rate": None if node.rate is None else repr(node.rate),
        "pitch": None if node.pitch is None else _pitch(node.pitch),
        "volume": None if node.gain_db is None else f"{node.gain_db!r}dB",
    }


def _pitch(pitch: Pitch) -> str:
    if pitch.unit == "=Hz":
        return f"{pitch.amount!r}Hz"
    sign = "+" if not str(pitch.amount).startswith("-") else ""
    return f"{sign}{pitch.amount!r}{pitch.unit}"


def _element(name: str, attributes: dict[str, str | None], children: tuple[Node, ...] = ()) -> str:
    given = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items() if value is not None)
    inside = "".join(_render(child) for child in children)
    return f"<{name}{given}>{inside}</{name}>" if inside else f"<{name}{given}/>"
