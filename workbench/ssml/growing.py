"""One document grown from starts, ends and text, in order; knows nothing of XML.

Whatever is not SSML is a :class:`Misuse` that says what to write instead, at the element it is about.
"""

import difflib
from dataclasses import dataclass, field

from workbench.ssml.document import Node, Place, Speak, Text, joined
from workbench.ssml.elements import KINDS, Content, Kind, kind_of
from workbench.ssml.nodes import Given, Misuse, Raw, node_from, speak_from

DEEPEST = 32
"""Elements inside one another."""
_SHOWN = 40
"""Characters of a name that an error repeats."""


@dataclass(slots=True)
class _Open:
    raw: Raw
    kind: Kind
    children: list[Node] = field(default_factory=list)


class Growing:
    """A document on its way."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._done: Speak | None = None

    def start(self, name: str, attributes: Given, place: Place) -> None:
        """Open an element that begins at ``place``."""
        self._open.append(_Open(Raw(name, attributes, place), self.fitting(name, attributes, place)))

    def unwrap(self) -> None:
        """Take away the tag that was opened last; what it contains belongs to the one around it."""
        gone = self._open.pop()
        around = self._open[-1]
        around.children = list(joined((*around.children, *gone.children)))

    def fitting(self, name: str, attributes: Given, place: Place) -> Kind:
        """Return what kind of element it is that may begin at ``place``.

        Raises
        ------
        Misuse
            If it may not.
        """
        kind = kind_of(name)
        if kind is None:
            spoken = sorted(known for known in KINDS if ":" not in known)
            close = "".join(
                f"<{one}>, or " for one in difflib.get_close_matches(name[:_SHOWN], spoken, 1, cutoff=0.7)
            )
            advice = f"write {close}one of {', '.join(spoken)}"
            raise Misuse(f"<{_short(name)}> is not known: {advice}", place)
        self._check_place(name, kind, place)
        self._check_attributes(name, kind, attributes, place)
        return kind

    def _check_place(self, name: str, kind: Kind, place: Place) -> None:
        around = [each.raw.name for each in self._open]
        inner = around[-1:] == ["media"] and name == "speak"  # Google's way
        if (name == "speak") != (not around) and not inner:
            raise Misuse("<speak> must be the outermost element, and only that", place)
        if len(around) >= DEEPEST:
            raise Misuse(f"elements are nested more than {DEEPEST} deep", place)
        if not around:
            return
        last = self._open[-1]
        if last.kind.content in (Content.TEXT, Content.EMPTY):
            raise Misuse(f"<{_short(last.raw.name)}> can't contain <{_short(name)}>", place)
        if last.kind.contains and name not in last.kind.contains and ":" not in name:
            allowed = ", ".join(last.kind.contains)
            raise Misuse(
                f"<{_short(last.raw.name)}> can't contain <{_short(name)}>: write one of {allowed}", place
            )
        if kind.inside and last.raw.name not in kind.inside:
            wanted = " or ".join(f"<{each}>" for each in kind.inside)
            raise Misuse(f"<{name}> can't stand in <{_short(last.raw.name)}>: put it in {wanted}", place)
        since = around[len(around) - 1 - around[::-1].index("speak") :]
        wrong = next((each for each in since if each in kind.never_inside), None)
        if wrong is not None:
            raise Misuse(f"<{name}> can't stand in <{wrong}>: close <{wrong}> before it", place)

    def _check_attributes(self, name: str, kind: Kind, attributes: Given, place: Place) -> None:
        for attribute, value in attributes.items():
            if kind.anything or attribute in kind.reads or attribute.startswith("xmlns:"):
                continue
            check = kind.carries.get(attribute)
            if check is None:
                known = ", ".join(kind.known) or "none"
                raise Misuse(
                    f"<{name}> has no attribute {_short(attribute)}: write {known}",
                    place,
                    attribute=attribute,
                )
            try:
                check(value)
            except ValueError as error:
                raise Misuse(
                    f"{attribute} of <{name}> is not understood: {error}", place, attribute=attribute
                ) from None
        for attribute in kind.needs:
            if not attributes.get(attribute, "").strip():
                raise Misuse(
                    f'<{name}> needs {attribute}: write <{name} {attribute}="...">',
                    place,
                )

    def text(self, text: str) -> None:
        """Add characters to the element that is open."""
        around = self._open[-1]
        if around.kind.content in (Content.EMPTY, Content.ELEMENTS):
            if text.strip():
                name = around.raw.name
                empty = around.kind.content is Content.EMPTY
                wanted = f"<{name} .../>" if empty else f"{', '.join(around.kind.contains)} inside it"
                raise Misuse(f"<{name}> can't contain text: write {wanted}", around.raw.place)
            return
        last = around.children[-1] if around.children else None
        if isinstance(last, Text):
            around.children[-1] = Text(last.text + text)
        else:
            around.children.append(Text(text))

    def end(self) -> None:
        """Close the element that is open."""
        closed = self._open.pop()
        if closed.raw.name == "speak" and not self._open:
            self._done = speak_from(closed.raw, tuple(closed.children))
        else:
            self._open[-1].children.append(node_from(closed.raw, tuple(closed.children)))

    def document(self) -> Speak:
        """Return the document; it has ended."""
        if self._done is None:
            raise Misuse("the document is not closed: write </speak>", Place(1, 1))
        return self._done


def _short(name: str) -> str:
    """Return a name as an error shows it: it may be of any length."""
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}..."
