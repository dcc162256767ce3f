"""Sentence templates as one network of words: what may be said, and which slot each word fills.

Templates use the hassil syntax: ``[optional]``, ``(one|other)``, ``(any;order)``, ``{slot}`` and ``<rule>``.
Unlike in hassil, the items of ``(any;order)`` may also be left out, as people do.
The network has junctions and arcs: an arc is one word between two junctions, a skip joins two junctions
without a word. One network holds all intents of an assistant; each begins and ends at its own junction.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hassil.errors import HassilError
from hassil.expression import (
    Alternative,
    Expression,
    Group,
    ListReference,
    Permutation,
    RuleReference,
    TextChunk,
)
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError

from workbench.conversation.assistant_model import Assistant, Slot
from workbench.conversation.slots import KINDS
from workbench.conversation.spoken_text import words_from

_DEPTH = 12
_GLUED = re.compile(r"[\w'][\[({<]|[\])}>][\w']")

NEXT_ITEM = 0.05
"""Cost of each item of an ``(any;order)`` list."""
NEXT_SENTENCE = 0.15
"""Cost of going on with another sentence of the same intent, or one of its slots."""


class TemplateProblem(ValueError):
    """A template can't be used; ``keys`` lead to it in the assistant file."""

    def __init__(self, keys: tuple[str | int, ...], problem: str) -> None:
        super().__init__(problem)
        self.keys = keys
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Fill:
    """The part of a slot value a word stands for."""

    slot: str
    piece: str | None
    """Phrase that becomes part of the value; None for a word of a built-in kind, which counts itself."""
    ends: bool = False
    """Whether the value ends with this phrase; an amount before it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """One word that may be said between two junctions."""

    start: int
    end: int
    word: str
    fill: Fill | None
    correction: bool
    """Whether saying it takes something back ("actually", "no")."""


@dataclass(slots=True, kw_only=True)
class Network:
    """Words and skips between numbered junctions."""

    arcs: list[Arc] = field(default_factory=list)
    skips: list[tuple[int, int, float]] = field(default_factory=list)
    """From, to, cost."""
    junctions: int = 0
    starts: dict[str, int] = field(default_factory=dict)
    """First junction by intent."""
    ends: dict[str, int] = field(default_factory=dict)
    """Last junction by intent."""
    answers: dict[str, int] = field(default_factory=dict)
    """First junction of the answers that fill one slot, by slot."""
    correction: int | None = None
    """First junction of the words that take something back, which lead to the answers."""

    def add_junction(self) -> int:
        """Return a new junction."""
        self.junctions += 1
        return self.junctions - 1


class _Writer:
    """Writes expressions into a network, each from a junction to a new one."""

    def __init__(self, assistant: Assistant, network: Network) -> None:
        self._assistant = assistant
        self._network = network
        self._rules: list[Mapping[str, str]] = [assistant.rules]
        self._fill: Fill | None = None
        self._correction = False
        self._depth = 0
        self._written: dict[tuple[int, str, Fill | None, bool], int] = {}

    def template(self, text: str, start: int, keys: tuple[str | int, ...]) -> int:
        """Write one template and return the junction after it."""
        glued = _GLUED.search(text)
        if glued:
            raise TemplateProblem(keys, f"put a space inside {glued.group()!r}: brackets hold whole words")
        try:
            expression = parse_sentence(text).expression
        except (HassilError, ParseError, ValueError, IndexError, AssertionError) as problem:
            raise TemplateProblem(keys, "is not a template: check the brackets") from problem
        return self._write(expression, start, keys)

    def _write(self, expression: Expression, start: int, keys: tuple[str | int, ...]) -> int:
        match expression:
            case TextChunk():
                return self._words(expression.text, start)
            case Permutation():
                return self._any_order(expression.items, start, keys)
            case Alternative():
                return self._join([self._write(item, start, keys) for item in expression.items])
            case Group():
                return self._sequence(expression.items, start, keys)
            case RuleReference():
                return self._rule(expression.rule_name, start, keys)
            case ListReference():
                return self.slot(expression.list_name, start, keys)
            case _:
                raise TemplateProblem(keys, f"{type(expression).__name__} is not supported")

    def _sequence(self, items: list[Expression], start: int, keys: tuple[str | int, ...]) -> int:
        for item in items:
            start = self._write(item, start, keys)
        return start

    def _any_order(self, items: list[Expression], start: int, keys: tuple[str | int, ...]) -> int:
        again = self._join([start])
        for item in items:
            self._network.skips.append((self._write(item, again, keys), again, NEXT_ITEM))
        return again

    def _words(self, text: str, start: int) -> int:
        """Write words; those that another template begins with from here are shared."""
        for word in words_from(text):
            label = (start, word, self._fill, self._correction)
            end = self._written.get(label)
            if end is None:
                end = self._written[label] = self._network.add_junction()
                self._network.arcs.append(
                    Arc(start=start, end=end, word=word, fill=self._fill, correction=self._correction)
                )
            start = end
        return start

    def _join(self, ends: list[int]) -> int:
        joined = self._network.add_junction()
        self._network.skips.extend((end, joined, 0.0) for end in ends)
        return joined

    def _rule(self, name: str, start: int, keys: tuple[str | int, ...]) -> int:
        text = next((rules[name] for rules in reversed(self._rules) if name in rules), None)
        if text is None:
            raise TemplateProblem(keys, f"uses <{name}>, which is not one of the rules")
        if self._depth >= _DEPTH:
            raise TemplateProblem(keys, f"<{name}> goes round in circles")
        self._depth += 1
        outer, self._correction = self._correction, self._correction or name == "correction"
        end = self.template(text, start, ("rules", name) if name in self._assistant.rules else keys)
        self._correction = outer
        self._depth -= 1
        return end

    def slot(self, name: str, start: int, keys: tuple[str | int, ...]) -> int:
        """Write every way to say a value of a slot."""
        slot = self._assistant.slots.get(name)
        if slot is None:
            known = ", ".join(self._assistant.slots) or "none"
            raise TemplateProblem(keys, f"uses {{{name}}}, which is not one of the slots: {known}")
        if self._fill is not None:
            raise TemplateProblem(keys, f"{{{name}}} stands inside the slot {self._fill.slot}")
        place = ("slots", name)
        if slot.kind is not None:
            return self._kind(name, slot.kind, start, place)
        return self._values(name, slot, start, place)

    def _kind(self, name: str, kind_name: str, start: int, keys: tuple[str | int, ...]) -> int:
        kind = KINDS.get(kind_name)
        if kind is None:
            raise TemplateProblem((*keys, "kind"), f"is {kind_name!r}, expected one of {', '.join(KINDS)}")
        self._rules.append(kind.rules)
        self._fill = Fill(name, None)
        end = self.template(kind.template, start, keys)
        self._fill = None
        self._rules.pop()
        return end

    def _values(self, name: str, slot: Slot, start: int, keys: tuple[str | int, ...]) -> int:
        after = [start]
        for modifier in slot.modifiers:
            self._fill = Fill(name, modifier.name)
            after += [self.template(way, start, (*keys, "modifiers")) for way in modifier.spoken]
        entry = self._join(after)
        ends = []
        for value in slot.values:
            self._fill = Fill(name, value.name, ends=True)
            place = (*keys, "values", value.name)
            ends += [self.template(way, entry, place) for way in value.spoken]
        self._fill = Fill(name, "", ends=True)
        ends += [self.template(way, start, (*keys, "removed_by")) for way in slot.removed_by]
        self._fill = None
        return self._join(ends)


def network_from(assistant: Assistant) -> Network:
    """Return the network of everything the assistant understands.

    Raises
    ------
    TemplateProblem
        If a template can't be read, or uses a rule or slot that is not there.
    """
    network = Network()
    writer = _Writer(assistant, network)
    users: dict[str, str] = {}
    for name, intent in sorted(assistant.intents.items(), key=lambda item: item[1].lookup is not None):
        before = len(network.arcs)
        start, end = network.add_junction(), network.add_junction()
        network.starts[name], network.ends[name] = start, end
        for place, text in enumerate(intent.sentences):
            keys = ("intents", name, "sentences", place)
            last = writer.template(text, start, keys)
            network.skips.append((last, end, 0.0))
        network.skips.append((end, start, NEXT_SENTENCE))
        said = (arc.fill.slot for arc in network.arcs[before:] if arc.fill is not None)
        for slot_name in (*intent.required, *intent.optional, *said):
            users.setdefault(slot_name, name)
    _write_answers(assistant, network, writer, users)
    return network


def _write_answers(assistant: Assistant, network: Network, writer: _Writer, users: Mapping[str, str]) -> None:
    """Write what fills one slot alone: after a question, a correction, or another sentence of its intent."""
    corrected = None
    if "correction" in assistant.rules:
        network.correction = network.add_junction()
        corrected = writer.template(
            "<correction> [<correction>]", network.correction, ("rules", "correction")
        )
        for name in (name for name, intent in assistant.intents.items() if intent.required):
            network.skips.append((corrected, network.starts[name], 0.0))
            network.skips.append((network.ends[name], network.correction, 2 * NEXT_SENTENCE))
    for name, slot in assistant.slots.items():
        intent_name = users.get(name)
        if intent_name is None:
            raise TemplateProblem(("slots", name), "is used by no intent")
        start = network.answers[name] = network.add_junction()
        network.skips.append((network.ends[intent_name], start, NEXT_SENTENCE))
        if corrected is not None:
            network.skips.append((corrected, start, 0.0))
        for place, text in enumerate(("{" + name + "}",) if slot.answers is None else slot.answers):
            last = writer.template(text, start, ("slots", name, "answers", place))
            network.skips.append((last, network.ends[intent_name], 0.0))


def check_templates(assistant: Assistant) -> None:
    """Raise TemplateProblem for the first template that can't be used."""
    network_from(assistant)
