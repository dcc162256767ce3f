"""Texts without the personal data in them: a mask for each, or a token, the same for the same value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workbench.privacy.finding import find
from workbench.privacy.spans import Pii, Span

MASKS: Mapping[Pii, str] = {kind: f"[{kind.value.upper()}]" for kind in Pii}
"""What stands for each kind: ``[PHONE]``, ``[DATE-OF-BIRTH]``."""


def mask(text: str, language: str = "en") -> str:
    """Return ``text`` with a mask for each piece of personal data.

    >>> mask("Call me on 020 7946 0958, I'm Anna Meier.")
    "Call me on [PHONE], I'm [PERSON]."
    """
    return masked(text, find(text, language))


def masked(text: str, spans: Iterable[Span], tokens: "Tokens | None" = None) -> str:
    """Return ``text`` with a mask, or a token, for each of ``spans``, which lie apart and in order."""
    parts, behind = [], 0
    for span in spans:
        said = text[span.start : span.end]
        parts += [text[behind : span.start], MASKS[span.type] if tokens is None else tokens.of(span, said)]
        behind = span.end
    return "".join((*parts, text[behind:]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What stands for one value, and what it stands for."""

    token: str
    type: Pii
    value: str = field(repr=False)
    """The same however it was said."""
    said: str = field(default="", repr=False)
    """As it was first said or written."""


class Tokens:
    """Tokens of one session or project: the same value gets the same one.

    Parameters
    ----------
    kinds : which kinds get tokens; the others get masks, from which nothing leads back
    known : tokens given before
    """

    def __init__(self, kinds: Iterable[Pii] = (Pii.PERSON,), known: Iterable[Token] = ()) -> None:
        self._kinds = frozenset(kinds)
        self._tokens = {(one.type, one.value): one for one in known}
        self._said: dict[tuple[Pii, str], str] = {}

    def learn(self, span: Span, said: str) -> None:
        """Remember how the value of a span is written, if nobody has told that yet."""
        self._said.setdefault((span.type, span.value), said)

    def of(self, span: Span, said: str = "") -> str:
        """Return the token or mask of a span; ``said`` is how it is written if that was not learned."""
        if span.type not in self._kinds:
            return MASKS[span.type]
        key = span.type, span.value
        if key not in self._tokens:
            number = 1 + sum(kind is span.type for kind, _ in self._tokens)
            token = f"[{span.type.value.upper()}_{number}]"
            self._tokens[key] = Token(
                token=token, type=span.type, value=span.value, said=self._said.get(key) or said or span.value
            )
        return self._tokens[key].token

    @property
    def given(self) -> tuple[Token, ...]:
        """Return all tokens so far, oldest first: what leads back, to be kept apart, under its own key."""
        return tuple(self._tokens.values())
