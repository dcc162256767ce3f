"""A shorthand for SSML that can be typed in a chat: ``Wait [500ms] for (it)[emphasis:"strong"]``.

It is SpeechMarkdown's: ``[3s]`` and ``[break:"strong"]`` are pauses, ``(text)[name:"value";...]`` modifies a
text, ``++text++`` stresses it, ``#[voice:"Kendra";lang:"en-US"]`` begins a section and ``#[defaults]`` ends
it. Whatever is not understood stays text.

Source: the SpeechMarkdown specification (speechmarkdown.org), standard and advanced syntax.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from workbench.errors import SsmlError
from workbench.ssml import attributes as values
from workbench.ssml.document import (
    Audio,
    Break,
    Emphasis,
    Extension,
    Mark,
    Node,
    Phoneme,
    Prosody,
    SayAs,
    Speak,
    Substitute,
    Text,
    UseLanguage,
    UseVoice,
    joined,
)
from workbench.ssml.parse import MOST_CHARACTERS, place_of, printable
from workbench.ssml.scales import EMPHASES

_VALUE = r"""(?::\s*(?:"[^"\n]*"|'[^'\n]*'))?"""
_PAIR = rf"[A-Za-z][\w-]*{_VALUE}"
_PAIRS = rf"{_PAIR}(?:\s*;\s*{_PAIR})*"
_TOKEN = re.compile(
    rf"""
    (?P<section>\#\[(?P<of>{_PAIRS})\])
    | \((?P<text>[^()\n]{{1,1000}})\)\[(?P<with>{_PAIRS})?\]
    | \[(?P<time>\d+(?:\.\d+)?m?s)\]
    | \[(?P<alone>(?:break|mark){_VALUE})\]
    | !\[(?P<audio>"[^"\n]+"|'[^'\n]+')\]
    | (?<![+\w])\+\+(?P<strong>[^+\n]{{1,1000}})\+\+(?![+\w])
    """,
    re.VERBOSE,
)
_SPLIT = re.compile(rf"([A-Za-z][\w-]*)({_VALUE})")

_SAY_AS = {
    **{kind: kind for kind in ("address", "date", "time", "fraction", "ordinal", "unit", "interjection")},
    **{kind: kind for kind in ("number", "cardinal", "digits", "characters", "telephone", "expletive")},
    "chars": "characters",
    "phone": "telephone",
    "bleep": "expletive",
}
_INTENSITIES = ("low", "medium", "high")


def parse_shorthand(text: str) -> Speak:
    """Return the document a text in shorthand stands for.

    Of several modifiers that say how one text is read, the last counts.

    Raises
    ------
    SsmlError
        If it is too long, or a value is not understood; with line and column.
    """
    if len(text) > MOST_CHARACTERS:
        raise SsmlError(f"the text has {len(text)} characters, expected at most {MOST_CHARACTERS}")
    text = printable(text)
    nodes: list[Node] = []
    section: list[Node] = []
    wrap: Callable[[tuple[Node, ...]], tuple[Node, ...]] = tuple
    at = 0
    for match in _TOKEN.finditer(text):
        section.append(Text(text[at : match.start()]))
        at = match.end()
        try:
            if match["section"]:
                nodes.extend(wrap(joined(section)))
                section, wrap = [], _section(_pairs(match["of"]))
            else:
                section.extend(_nodes(match))
        except ValueError as error:
            place = place_of(text, match.start())
            advice = str(error)
            problem = f"a value here is not understood: {advice}" if advice.startswith("write") else advice
            raise SsmlError(problem, line=place.line, column=place.column) from None
    section.append(Text(text[at:]))
    nodes.extend(wrap(joined(section)))
    return Speak(children=joined(nodes))


_Pairs: TypeAlias = Mapping[str, str | None]


def _pairs(text: str) -> _Pairs:
    found = _SPLIT.findall(text)
    return {name.lower(): value[1:].strip()[1:-1].strip() if value else None for name, value in found}


def _nodes(match: re.Match[str]) -> Iterator[Node]:
    if match["time"]:
        yield Break(seconds=values.seconds_from(match["time"]))
    elif match["alone"]:
        yield _alone(_pairs(match["alone"]))
    elif match["audio"]:
        source = match["audio"][1:-1].strip()
        if not source:
            raise ValueError('a recording has no address: write !["beep.wav"]')
        yield Audio(source=source)
    elif match["strong"]:
        yield Emphasis(level="strong", children=(Text(match["strong"]),))
    else:
        yield _modified(match["text"], _pairs(match["with"] or ""))


def _alone(given: _Pairs) -> Break | Mark:
    if "mark" in given:
        if not given["mark"]:
            raise ValueError('mark has no name: write [mark:"name"]')
        return Mark(given["mark"])
    value = given["break"] or "medium"
    if value[:1].isdigit():
        return Break(seconds=values.seconds_from(value))
    return Break(strength=values.strength_from(value))


def _modified(text: str, given: _Pairs) -> Node:
    """Return one text with all its modifiers, what it is read as innermost."""
    node: Node = _read_as(text, given)
    rate = values.rate_from(given["rate"] or "medium") if "rate" in given else None
    pitch = values.pitch_from(given["pitch"] or "medium") if "pitch" in given else None
    loudness = next((name for name in ("volume", "vol") if name in given), None)
    gain = values.gain_db_from(given[loudness] or "medium") if loudness else None
    if (rate, pitch, gain) != (None, None, None):
        node = Prosody(rate=rate, pitch=pitch, gain_db=gain, children=(node,))
    if "whisper" in given:
        node = Extension(name="amazon:effect", settings=(("name", "whispered"),), children=(node,))
    if "emphasis" in given:
        level = values.one_of(given["emphasis"] or "moderate", EMPHASES)
        node = Emphasis(level=level, children=(node,))
    return _in_section(given, (node,))[0]


def _read_as(text: str, given: _Pairs) -> Node:
    node: Node = Text(text)
    for name, value in given.items():
        if name in _SAY_AS:
            form = values.date_format_from(value) if name == "date" and value else value or ""
            node = SayAs(text=text, interpret_as=_SAY_AS[name], format=form)
        elif name == "sub" and value:
            node = Substitute(text=text, alias=value)
        elif name == "ipa" and value:
            node = Phoneme(text=text, sounds=value)
    return node


def _section(given: _Pairs) -> Callable[[tuple[Node, ...]], tuple[Node, ...]]:
    _in_section(given, ())  # a value that is not understood is found here, at its place
    return lambda nodes: _in_section(given, nodes)


def _in_section(given: _Pairs, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Return ``nodes`` in the voice, language and mood that are named."""
    language, voice = given.get("lang"), given.get("voice")
    if language:
        nodes = (UseLanguage(language=values.language_from(language), children=nodes),)
    for mood in ("excited", "disappointed"):
        intensity = (given.get(mood) or "medium").lower()
        if mood in given and intensity in _INTENSITIES:
            settings = (("intensity", intensity), ("name", mood))
            nodes = (Extension(name="amazon:emotion", settings=settings, children=nodes),)
    if voice and voice != "device":
        nodes = (UseVoice(name=voice, children=nodes),)
    return nodes
