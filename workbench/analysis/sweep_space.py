"""Which policies to try: settings by dotted name, grids of them and random draws."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from itertools import product
from types import MappingProxyType

import numpy as np

from workbench.analysis.policies import Policy
from workbench.conversation.endpointing import EndpointingSettings
from workbench.errors import ParameterError

POLICIES_MAX = 200_000
"""Most policies of one sweep."""

Setting = bool | int | float

GRID: Mapping[str, tuple[Setting, ...]] = MappingProxyType(
    {
        "early.enabled": (False, True),
        "early.confidence": (0.3, 0.6, 0.9),
        "early.stability": (0.2, 0.6),
        "endpointing.hangover_min": (0.2, 0.35, 0.5, 0.7, 1.0),
        "endpointing.hangover_max": (0.8, 1.1, 1.4, 2.0),
        "endpointing.sure": (0.6, 0.8, 1.0),
        "endpointing.unknown": (0.0, 1.0),
        "endpointing.long": (1.0, 2.0),
    }
)
"""What is tried when nothing is said."""


def settings_of(policy: Policy) -> dict[str, Setting]:
    """Return a policy's settings by dotted name, all that are numbers or switches."""
    named = ((part, name, value) for part, own in asdict(policy).items() for name, value in own.items())
    return {f"{part}.{name}": value for part, name, value in named if not isinstance(value, tuple)}


NAMES = tuple(settings_of(Policy()))
"""Every setting there is."""


def policy_with(base: Policy, changes: Mapping[str, Setting]) -> Policy:
    """Return ``base`` with some settings changed.

    Raises
    ------
    ParameterError
        If there is no such setting, or its value makes no sense.
    """
    unknown = [name for name in changes if name not in NAMES]
    if unknown:
        raise ParameterError(f"there is no setting {unknown[0]!r}, expected one of {', '.join(NAMES)}")
    parts = {}
    for part in fields(base):
        own = getattr(base, part.name)
        changed = {name.split(".")[1]: value for name, value in changes.items() if name.startswith(part.name)}
        parts[part.name] = replace(own, **changed)
    return Policy(**parts)


@dataclass(frozen=True, slots=True)
class Space:
    """Settings to try: every value of each."""

    values: Mapping[str, tuple[Setting, ...]]
    base: Policy = Policy()
    """What the settings not named are."""

    def grid(self) -> tuple[Policy, ...]:
        """Return every combination that makes sense, without repeats.

        What differs only in thresholds of an early synthesis, or a leading, that is off is the same policy.

        Raises
        ------
        ParameterError
            If there are more than :data:`POLICIES_MAX`, or a value makes sense in none.
        """
        count = int(np.prod([len(one) for one in self.values.values()], dtype=np.float64))
        if count > POLICIES_MAX:
            raise ParameterError(f"the grid has {count} policies, expected at most {POLICIES_MAX}")
        combinations = (dict(zip(self.values, one, strict=True)) for one in product(*self.values.values()))
        used: dict[str, set[Setting]] = {name: set() for name in self.values}
        found = self._sensible(combinations, used)
        for name, values in self.values.items():
            idle = [value for value in values if value not in used[name]]
            if idle:
                raise ParameterError(
                    f"no policy can have {name} {idle[0]:g} with the other settings, "
                    "expected values that make sense with some of them"
                )
        return found

    def random(self, count: int, *, seed: int = 0) -> tuple[Policy, ...]:
        """Return ``count`` draws, uniform between the least and the greatest value of each setting.

        Settings that are counted or switched are drawn from their values.
        """
        if not 1 <= count <= POLICIES_MAX:
            raise ParameterError(f"{count} random policies are asked for, expected 1 to {POLICIES_MAX}")
        rng = np.random.default_rng(seed)
        drawn = ({n: _drawn(rng, v) for n, v in self.values.items()} for _ in range(count))
        return self._sensible(drawn, {})

    def _sensible(
        self, combinations: Iterator[dict[str, Setting]], used: Mapping[str, set[Setting]]
    ) -> tuple[Policy, ...]:
        """Return the policies that make sense; into ``used`` go the values they have."""
        kept: dict[Policy, None] = {}
        problem: ParameterError | None = None
        for changes in combinations:
            try:
                policy = policy_with(self.base, changes)
            except ParameterError as error:
                if problem is None:
                    problem = error
                continue
            kept[_plain(policy, self.base)] = None
            for name, seen in used.items():
                seen.add(changes[name])
        if not kept:
            raise problem or ParameterError("the space has no policy, expected at least one value of each")
        return tuple(kept)


def _plain(policy: Policy, base: Policy) -> Policy:
    """Return the policy with what makes no difference in it as in ``base``."""
    early, lead = policy.early, policy.lead
    if not early.enabled:
        early = replace(base.early, enabled=False)
    if lead.clauses:
        lead = replace(lead, sentences=base.lead.sentences)
    elif not lead.sentences:
        lead = replace(lead, confidence=base.lead.confidence)
    if lead.clauses < 2:
        lead = replace(lead, further_confidence=base.lead.further_confidence)
    if not lead.prefixes:
        lead = replace(lead, prefix_confidence=base.lead.prefix_confidence)
    return replace(policy, early=early, lead=lead)


def _drawn(rng: np.random.Generator, values: Sequence[Setting]) -> Setting:
    if all(isinstance(one, float) for one in values):
        return round(float(rng.uniform(min(values), max(values))), 4)
    return values[int(rng.integers(len(values)))]


def silence_alone(base: Policy, waits: Iterable[float]) -> dict[float, Policy]:
    """Return ``base`` with one wait whatever was said, by that wait in seconds."""
    return {
        wait: replace(
            base,
            endpointing=EndpointingSettings(
                hangover_min=wait, hangover_max=wait, pause_margin=0.0, turn_max=base.endpointing.turn_max
            ),
        )
        for wait in waits
    }


def parse_space(texts: Sequence[str], base: Policy) -> Space:
    """Return the space of settings written as ``name=0.3,0.6`` or ``name=first:last:step``.

    >>> parse_space(["early.confidence=0.3:0.5:0.1"], Policy()).values
    {'early.confidence': (0.3, 0.4, 0.5)}

    Raises
    ------
    ParameterError
        If one is not written so, or names no setting.
    """
    values: dict[str, tuple[Setting, ...]] = {}
    for text in texts:
        name, equals, written = text.partition("=")
        if not equals or name not in NAMES:
            near = get_close_matches(name, NAMES, n=1)
            meant = f", perhaps {near[0]}; there are" if near else ":"
            raise ParameterError(
                f"setting {text!r} to try, expected NAME=VALUE,VALUE or NAME=FIRST:LAST:STEP with a known "
                f"name{meant} {', '.join(NAMES)}"
            )
        if name in values:
            raise ParameterError(f"setting {name} is given twice, expected all its values in one")
        kind = type(settings_of(base)[name])
        try:
            values[name] = _values(written, kind)
        except ValueError:
            raise ParameterError(
                f"values {written!r} of {name}, expected {kind.__name__} values such as "
                f"{'true,false' if kind is bool else '1,2' if kind is int else '0.3,0.6 or 0.3:0.9:0.1'}"
            ) from None
    return Space(values or dict(GRID), base)


def _values(written: str, kind: type) -> tuple[Setting, ...]:
    if ":" in written and kind is not bool:
        first, last, step = (float(one) for one in written.split(":"))
        count = int(np.floor((last - first) / step + 1e-9)) + 1 if step > 0 else 0
        if not 1 <= count <= POLICIES_MAX:
            raise ValueError(written)
        return tuple(kind(round(first + place * step, 9)) for place in range(count))
    if kind is bool:
        known = {"true": True, "false": False}
        if any(one.strip().lower() not in known for one in written.split(",")):
            raise ValueError(written)
        return tuple(known[one.strip().lower()] for one in written.split(","))
    return tuple(kind(one) for one in written.split(","))
