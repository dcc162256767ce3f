"""One element, its attributes and children as a node of a document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from workbench.ssml import attributes as values
from workbench.ssml.document import (
    Audio,
    Break,
    Emphasis,
    Extension,
    Mark,
    Node,
    Paragraph,
    Phoneme,
    Place,
    Prosody,
    SayAs,
    Sentence,
    Settings,
    Speak,
    Substitute,
    Text,
    Token,
    UseLanguage,
    UseVoice,
)
from workbench.ssml.elements import SPEECH
from workbench.ssml.scales import ALPHABETS, AMAZON_ROLES, EMPHASES, SAY_AS
from workbench.ssml.xsampa import ipa_from

Given: TypeAlias = Mapping[str, str]
_T = TypeVar("_T")

_IMPLIED = ("version", "xmlns", "xsi:schemaLocation")
"""Attributes that every document has, or that nothing depends on."""


class Misuse(Exception):
    """The document is not SSML; the text says what to write instead."""

    def __init__(self, problem: str, place: Place, *, attribute: str = "") -> None:
        super().__init__(problem)
        self.place = place
        self.attribute = attribute
        """The one that is at fault; empty if the element is."""


@dataclass(frozen=True, slots=True)
class Raw:
    """An element as it was written."""

    name: str
    attributes: Given
    place: Place

    def read(self, attribute: str, reader: Callable[[str], _T]) -> _T | None:
        """Return what an attribute means, or none if it is absent."""
        value = self.attributes.get(attribute)
        if value is None:
            return None
        try:
            return reader(value)
        except ValueError as error:
            raise Misuse(
                f"{attribute} of <{self.name}> is not understood: {error}", self.place, attribute=attribute
            ) from None

    @property
    def language(self) -> str | None:
        """Return the language it names."""
        return self.read("xml:lang", values.language_from)

    @property
    def settings(self) -> Settings:
        """Return the attributes that are carried along."""
        kind = SPEECH.get(self.name)
        read = () if kind is None else kind.reads
        kept = (pair for pair in self.attributes.items() if pair[0] not in (*read, *_IMPLIED))
        return tuple(sorted(pair for pair in kept if not pair[0].startswith("xmlns:")))


def speak_from(raw: Raw, children: tuple[Node, ...]) -> Speak:
    """Return the document whose outermost element is ``raw``."""
    return Speak(language=raw.language, children=children, settings=raw.settings, place=raw.place)


def node_from(raw: Raw, children: tuple[Node, ...]) -> Node:
    """Return the node of an element whose attributes are known to be its own.

    Raises
    ------
    Misuse
        If the value of an attribute is not understood.
    """
    return _MAKERS.get(raw.name, _extension)(raw, children)


def _extension(raw: Raw, children: tuple[Node, ...]) -> Extension:
    if raw.name == "speak" and raw.language is not None:  # inside Google's <media>: the language of all in it
        children = (UseLanguage(language=raw.language, children=children, place=raw.place),)
    return Extension(name=raw.name, children=children, settings=raw.settings, place=raw.place)


def _paragraph(raw: Raw, children: tuple[Node, ...]) -> Paragraph:
    return Paragraph(language=raw.language, children=children, settings=raw.settings, place=raw.place)


def _sentence(raw: Raw, children: tuple[Node, ...]) -> Sentence:
    return Sentence(language=raw.language, children=children, settings=raw.settings, place=raw.place)


def _break(raw: Raw, _: tuple[Node, ...]) -> Break:
    return Break(
        seconds=raw.read("time", values.seconds_from),
        strength=raw.read("strength", values.strength_from),
        settings=raw.settings,
        place=raw.place,
    )


def _emphasis(raw: Raw, children: tuple[Node, ...]) -> Emphasis:
    level = raw.read("level", values.among(*EMPHASES)) or "moderate"
    return Emphasis(level=level, children=children, settings=raw.settings, place=raw.place)


def _mark(raw: Raw, _: tuple[Node, ...]) -> Mark:
    return Mark(raw.attributes["name"].strip(), settings=raw.settings, place=raw.place)


def _language(raw: Raw, children: tuple[Node, ...]) -> UseLanguage:
    return UseLanguage(language=raw.language or "", children=children, settings=raw.settings, place=raw.place)


def _token(raw: Raw, children: tuple[Node, ...]) -> Token:
    return Token(
        role=raw.read("role", _role) or "",
        language=raw.language,
        children=children,
        settings=raw.settings,
        place=raw.place,
    )


def _audio(raw: Raw, children: tuple[Node, ...]) -> Audio:
    source = raw.attributes["src"].strip()
    return Audio(source=source, children=children, settings=raw.settings, place=raw.place)


def prosody_from(raw: Raw, children: tuple[Node, ...]) -> Prosody:
    """Return the node of a ``prosody`` element.

    Raises
    ------
    Misuse
        If it changes nothing, or a value is not understood.
    """
    if not any(name in raw.attributes for name in SPEECH["prosody"].reads):
        raise Misuse("<prosody> changes nothing: write rate, pitch or volume", raw.place)
    return Prosody(
        rate=raw.read("rate", values.rate_from),
        pitch=raw.read("pitch", values.pitch_from),
        range=raw.read("range", values.range_from),
        contour=raw.read("contour", values.contour_from) or (),
        seconds=raw.read("duration", values.duration_from),
        gain_db=raw.read("volume", values.gain_db_from),
        children=children,
        settings=raw.settings,
        place=raw.place,
    )


def _voice(raw: Raw, children: tuple[Node, ...]) -> UseVoice:
    if not any(name in raw.attributes for name in ("name", "gender", "xml:lang", "languages", "language")):
        raise Misuse('<voice> names no voice: write <voice name="...">', raw.place)
    return UseVoice(
        name=raw.attributes.get("name", "").strip(),
        language=raw.language,
        gender=raw.read("gender", values.among("male", "female", "neutral")) or "",
        children=children,
        settings=raw.settings,
        place=raw.place,
    )


def _spoken_otherwise(raw: Raw, children: tuple[Node, ...]) -> Substitute | Phoneme | SayAs:
    text = "".join(child.text for child in children if isinstance(child, Text))
    given, settings, place = raw.attributes, raw.settings, raw.place
    if raw.name == "sub":
        return Substitute(text=text, alias=given["alias"].strip(), settings=settings, place=place)
    if raw.name == "phoneme":
        alphabet = raw.read("alphabet", _alphabet) or "ipa"
        sounds = given["ph"].strip()
        if alphabet == "x-sampa" and ipa_from(sounds) is None:
            raise Misuse(
                'ph of <phoneme> is not X-SAMPA: write it as in t@"meIt_hoU', raw.place, attribute="ph"
            )
        return Phoneme(
            text=text,
            sounds=sounds,
            alphabet=alphabet,
            settings=settings,
            place=place,
        )
    kind = raw.read("interpret-as", values.among(*SAY_AS)) or ""
    form = given.get("format", "").strip()
    if kind == "date" and form:
        raw.read("format", values.date_format_from)
    return SayAs(
        text=text,
        interpret_as=kind,
        format=form,
        detail=given.get("detail", "").strip(),
        settings=settings,
        place=place,
    )


def _role(value: str) -> str:
    name = value.strip()
    if name.startswith("amazon:") and name not in AMAZON_ROLES:
        raise ValueError(f"write {', '.join(AMAZON_ROLES)}")
    return name


def _alphabet(value: str) -> str:
    name = value.strip().lower()
    if name in ALPHABETS or (name.startswith("x-") and len(name) > 2):
        return name
    raise ValueError(f"write {', '.join(ALPHABETS)}")


_MAKERS: Mapping[str, Callable[[Raw, tuple[Node, ...]], Node]] = {
    "p": _paragraph,
    "s": _sentence,
    "break": _break,
    "prosody": prosody_from,
    "emphasis": _emphasis,
    "mark": _mark,
    "voice": _voice,
    "lang": _language,
    "w": _token,
    "token": _token,
    "audio": _audio,
    "sub": _spoken_otherwise,
    "phoneme": _spoken_otherwise,
    "say-as": _spoken_otherwise,
}
