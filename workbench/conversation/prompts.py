"""A prompt with its placeholders filled in: the text to show and the SSML to speak.

A prompt is SSML without the ``<speak>`` around it. ``{slot}`` is a value (of a slot, or a fact),
``{one+other}`` joins those that are there with "and", and a part in ``[...]`` is left out when none of its
placeholders has a value.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from xml.sax.saxutils import escape

_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_PLACEHOLDER = re.compile(r"\{([\w+ ]+)\}")
_FIRST_SENTENCE = re.compile(r"([^<]*?[.!?])\s+(?=\S)")
_TAG = re.compile(r"<[^<>]*>")
_HALF_OF_DAY = re.compile(r"(?<= )(am|pm)$")


@dataclass(frozen=True, slots=True)
class Said:
    """One rendered prompt."""

    text: str
    ssml: str


def placeholders(template: str) -> tuple[str, ...]:
    """Return the slots a prompt mentions.

    >>> placeholders("one {size} {drink} [with {milk+sugar}]")
    ('size', 'drink', 'milk', 'sugar')
    """
    return tuple(name for found in _PLACEHOLDER.findall(template) for name in found.split("+"))


def render(template: str, values: Mapping[str, str]) -> Said:
    """Return a prompt with the values in place; a missing value outside brackets leaves nothing.

    >>> render("One [{size}] latte [with {milk+sugar}].", {"sugar": "lots of sugar"}).text
    'One latte with lots of sugar.'
    """
    kept = _OPTIONAL.sub(
        lambda part: part.group(1) if any(values.get(name) for name in placeholders(part.group(1))) else "",
        template,
    )
    filled = _PLACEHOLDER.sub(lambda found: escape(_joined(found.group(1).split("+"), values)), kept)
    return render_plain(_tidy(filled))


def fixed(template: str, absent: Collection[str]) -> str:
    """Return what a prompt says, as SSML, when nothing but the ``absent`` could vary it; else nothing.

    >>> fixed("Hello[, {caller}]!", ("caller",)), fixed("Hello, {caller}!", ("caller",))
    ('Hello!', '')
    """
    needed = placeholders(_OPTIONAL.sub("", template))
    if needed or not set(placeholders(template)) <= set(absent):
        return ""
    return _inner(render(template, {}))


def joined(parts: Sequence[Said]) -> Said:
    """Return prompts said one after another."""
    inner = " ".join(map(_inner, parts))
    return Said(text=" ".join(part.text for part in parts), ssml=f"<speak>{inner}</speak>")


def parted(ssml: str) -> tuple[Said, Said] | None:
    """Return the first sentence of what is said and the rest; None if there is one, or it has elements.

    >>> first, rest = parted("<speak>One latte. Coming right up.</speak>")
    >>> first.text, rest.ssml
    ('One latte.', '<speak>Coming right up.</speak>')
    """
    inner = _inner(Said("", ssml))
    found = _FIRST_SENTENCE.match(inner)
    if found is None:
        return None
    first, rest = (render_plain(part) for part in (found.group(1), inner[found.end() :]))
    return first, rest


def in_parts(clauses: Sequence[str], most: int) -> tuple[Said, ...]:
    """Return the first clauses of what is said, at most so many and never the last, and the rest as one.

    >>> clauses = ["<speak>So.</speak>", "<speak>Two</speak>", "<speak>lattes.</speak>"]
    >>> [part.text for part in in_parts(clauses, 1)]
    ['So.', 'Two lattes.']
    """
    ahead = min(most, len(clauses) - 1)
    inner = [_inner(Said("", clause)) for clause in clauses]
    return tuple(render_plain(part) for part in (*inner[:ahead], " ".join(inner[ahead:])))


def said_in(ssml: str) -> str:
    """Return the text of what is said."""
    return render_plain(_inner(Said("", ssml))).text


def render_plain(inner: str) -> Said:
    """Return SSML without its ``<speak>``, and without placeholders, as what is said."""
    return Said(text=_tidy(unescape(_TAG.sub(" ", inner))), ssml=f"<speak>{inner}</speak>")


def spoken(value: str) -> str:
    """Return a slot value as it is written for speaking.

    >>> spoken("two thirty pm")
    'two thirty PM'
    """
    return _HALF_OF_DAY.sub(lambda found: found.group().upper(), value)


def variant(templates: Sequence[str], turn: int) -> str:
    """Return the template for this turn: they take turns, so a re-run says the same."""
    return templates[turn % len(templates)]


def _inner(said: Said) -> str:
    return said.ssml.removeprefix("<speak>").removesuffix("</speak>")


def _joined(names: Sequence[str], values: Mapping[str, str]) -> str:
    present = [spoken(values[name]) for name in names if values.get(name)]
    return " and ".join(present)


def _tidy(text: str) -> str:
    return re.sub(r" +([,.;:!?])", r"\1", re.sub(r"\s+", " ", text)).strip()
