"""Recorded sessions by what thresholds are chosen for: an assistant, a language, or each pair of them."""

from collections.abc import Mapping, Sequence

from workbench.analysis.tuning_data import SessionFacts
from workbench.errors import ParameterError

BY = ("assistant", "language")
"""What sessions can be told apart by."""


def parse_by(text: str) -> tuple[str, ...]:
    """Return what is named, as ``assistant`` or ``assistant,language``.

    Raises
    ------
    ParameterError
        If it names something else, or one twice.
    """
    names = tuple(one.strip() for one in text.split(","))
    if not set(names) <= set(BY) or len(set(names)) != len(names):
        raise ParameterError(f"sessions by {text!r}, expected {', '.join(BY)} or both with a comma")
    return names


def grouped(facts: Sequence[SessionFacts], by: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the names of sessions by what they are of; all together, without a name, by nothing.

    >>> grouped([], ["assistant"])
    {}
    """
    found: dict[str, list[str]] = {}
    for one in sorted(facts, key=lambda one: [getattr(one, name) for name in by]):
        told = [f"{name} {getattr(one, name) or 'not recorded'}" for name in by]
        found.setdefault(", ".join(told), []).append(one.name)
    return found
