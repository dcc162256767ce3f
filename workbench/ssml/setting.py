"""How a text is said against a voice's usual way: tempo, height, melody, loudness, pauses and stress.

A setting is applied to a whole document, whatever its engine: a reply, a prompt, or a sentence of an
experiment.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from workbench.errors import ParameterError
from workbench.ssml.document import (
    Break,
    Container,
    Emphasis,
    Node,
    Prosody,
    Speak,
    Text,
    joined,
)
from workbench.ssml.parse import parse
from workbench.ssml.render import render
from workbench.ssml.scales import EMPHASES, LONGEST_BREAK, Pitch

BOUNDS = {
    "rate": (0.3, 3.0),
    "pitch": (-12.0, 12.0),
    "range": (-80.0, 100.0),
    "volume": (-30.0, 20.0),
    "pause": (0.0, LONGEST_BREAK),
}
"""What each number of a setting may be."""

_BREATH = re.compile(r"(?<=[,;:.!?…])(?=\s+\S)")
"""Where a text is parted by punctuation."""
_STRESSED = re.compile(r"\*([^*\n]+)\*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How it is said, against the voice's usual way."""

    name: str = "plain"
    rate: float = 1.0
    """Factor: 1.2 is a fifth faster."""
    pitch: float = 0.0
    """Semitones."""
    range: float = 0.0
    """Change of how far f0 moves, in percent."""
    volume: float = 0.0
    """Decibels."""
    pause: float | None = None
    """Seconds of silence at punctuation inside the text; None leaves them to the voice."""
    emphasis: str = "none"
    """How the words between asterisks are stressed: none, reduced, moderate or strong."""

    def __post_init__(self) -> None:
        for name, (low, high) in BOUNDS.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float | None):
                raise ParameterError(f"{name} of {self.name} is {value!r}, expected {low:g} to {high:g}")
            if value is not None and not low <= value <= high:
                raise ParameterError(f"{name} of {self.name} is {value:g}, expected {low:g} to {high:g}")
        if self.emphasis not in EMPHASES:
            told = ", ".join(EMPHASES)
            raise ParameterError(f"emphasis of {self.name} is {self.emphasis!r}, expected one of {told}")

    def ssml(self, text: str, language: str = "") -> str:
        """Return ``text`` as a document that asks for this, and for a language if one is named.

        >>> Setting(rate=0.9, emphasis="strong").ssml("I want *two*, not *three*.")
        '<speak><prosody rate="90%">I want <emphasis level="strong">two</emphasis>, not <emphasis \
level="strong">three</emphasis>.</prosody></speak>'
        """
        parts: list[Node] = []
        for place, part in enumerate(_STRESSED.split(text)):
            stressed = place % 2 == 1 and self.emphasis != "none"
            parts.append(Emphasis(level=self.emphasis, children=(Text(part),)) if stressed else Text(part))
        return render(apply(self, Speak(language=language or None, children=joined(parts))))


def together(name: str, *settings: Setting) -> Setting:
    """Return all of ``settings`` at once: factors multiply, semitones and decibels add up, last pauses count.

    >>> together("both", Setting(rate=0.9, pitch=-1), Setting(rate=0.9, pitch=3)).pitch
    2.0
    """
    rate, pitch, spread, volume = 1.0, 0.0, 1.0, 0.0
    pause, emphasis = None, "none"
    for one in settings:
        rate, pitch, volume = rate * one.rate, pitch + one.pitch, volume + one.volume
        spread *= 1 + one.range / 100
        pause = pause if one.pause is None else one.pause
        emphasis = emphasis if one.emphasis == "none" else one.emphasis
    return Setting(
        name=name,
        rate=rate,
        pitch=pitch,
        range=round(100 * (spread - 1), 9),
        volume=volume,
        pause=pause,
        emphasis=emphasis,
    )


def apply(setting: Setting, document: Speak) -> Speak:
    """Return ``document`` said with ``setting``; what it asks for itself multiplies with it."""
    children = document.children
    if setting.pause is not None:
        children = _paused(children, setting.pause)
    prosody = Prosody(
        rate=setting.rate if setting.rate != 1 else None,
        pitch=Pitch(setting.pitch, "st") if setting.pitch else None,
        range=Pitch(setting.range, "%") if setting.range else None,
        gain_db=setting.volume or None,
        children=children,
    )
    plain = prosody == Prosody(children=children)
    return replace(document, children=children if plain else (prosody,))


def said_with(setting: Setting, text: str, language: str = "") -> str:
    """Return ``text``, SSML or plain, as SSML that is said with ``setting``; unchanged if that is plain.

    A ``language`` is what the text is in unless it says so itself.

    >>> said_with(Setting(rate=0.9, pitch=-1.0), "I am sorry.")
    '<speak><prosody rate="90%" pitch="-1st">I am sorry.</prosody></speak>'

    Raises
    ------
    SsmlError
        If the text is not the SSML it claims to be.
    """
    if setting == replace(PLAIN, name=setting.name) and not language:
        return text
    document = apply(setting, parse(text))
    return render(replace(document, language=document.language or language or None))


PLAIN = Setting()
"""The voice's usual way."""


def _paused(nodes: Iterable[Node], seconds: float) -> tuple[Node, ...]:
    """Return ``nodes`` with a break after every punctuation mark inside a text."""
    found: list[Node] = []
    for node in nodes:
        if isinstance(node, Text):
            for place, part in enumerate(_BREATH.split(node.text)):
                found += [Break(seconds=seconds)] if place else []
                found.append(Text(part))
        elif isinstance(node, Container):
            found.append(replace(node, children=_paused(node.children, seconds)))
        else:
            found.append(node)
    return joined(found)


def setting_from(name: str, values: dict[str, object]) -> Setting:
    """Return the setting that a file or a command line writes down.

    Raises
    ------
    ParameterError
        If a name is none of a setting's, or a value is of another kind or out of range.
    """
    known = [field.name for field in fields(Setting) if field.name != "name"]
    told: dict[str, object] = {}
    for key, value in values.items():
        if key not in known:
            raise ParameterError(f"setting {name!r}: {key!r}, expected {', '.join(known)}")
        if key == "emphasis":
            told[key] = str(value)
            continue
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ParameterError(f"setting {name!r}: {key} is {type(value).__name__}, expected a number")
        try:
            told[key] = float(value)
        except ValueError as error:
            raise ParameterError(f"setting {name!r}: {value!r} is no number") from error
    return Setting(name=name, **told)  # type: ignore[arg-type]
