"""The best policy that keeps to a budget, with a promise that does not depend on any distribution.

Learn then Test, in a fixed sequence: on one part of the conversations the policies are put in order, safest
first; on the other part they are tested in that order until the first fails. Whatever passed keeps to the
whole budget, with the stated confidence, however many policies were tried; the fastest of them is chosen,
and of those that are as fast as makes no difference the safest.

Source: Angelopoulos, Bates, Candes, Jordan, Lei (2021), Learn then Test.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.analysis.risk import Floats, conversations_needed, p_value
from workbench.errors import ParameterError

Ints = npt.NDArray[np.int64]

CONFIDENCE = 0.9
"""How sure a promise is when nothing else is said."""

AS_FAST = 0.01
"""Seconds of response time that nobody would exchange for a mistake: recordings don't tell them apart."""

_TESTED = 0.6  # share of the conversations that the promise is tested on
_RISKS = ("wrong", "cut")


@dataclass(frozen=True, slots=True)
class Budget:
    """The largest shares of turns in which something may go wrong, by name: wrong, cut."""

    limits: Mapping[str, float]

    def __post_init__(self) -> None:
        for name, limit in self.limits.items():
            if name not in _RISKS or not 0 < limit < 1:
                raise ParameterError(
                    f"the budget says {name}={limit}, expected {' or '.join(_RISKS)} above 0 and below 1"
                )
        if not self.limits:
            raise ParameterError(f"the budget is empty, expected {' or '.join(_RISKS)}")


def parse_budget(text: str) -> Budget:
    """Return the budget written as ``wrong=0.01,cut=0.05``."""
    limits = {}
    for part in text.split(","):
        name, _, value = part.partition("=")
        if name.strip() in limits:
            raise ParameterError(f"the budget names {name.strip()} twice, expected one limit for it")
        try:
            limits[name.strip()] = float(value)
        except ValueError:
            raise ParameterError(f"budget {part!r}, expected such as wrong=0.01,cut=0.05") from None
    return Budget(limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A policy chosen."""

    place: int
    """Which of the policies."""
    promised: bool
    """Whether the budget is kept, with the confidence asked for; else it was kept in the recordings, or the
    policy is the one that came nearest."""
    passed: tuple[int, ...]
    """All policies of which it is promised."""
    tested: int
    """Conversations the promise was tested on."""
    warning: str = ""
    """What is missing for a promise."""


def choose(
    speed: Sequence[float],
    losses: Mapping[str, Floats],
    budget: Budget,
    *,
    responses: Floats,
    confidence: float = CONFIDENCE,
    seed: int = 0,
) -> Choice:
    """Return the fastest policy of which it can be promised that it keeps to the budget.

    Parameters
    ----------
    speed : of each policy, what is to be small
    losses : by the names of the budget, shape (policies, conversations), each 0..1
    responses : mean response times, shape (policies, conversations): of policies that seem equally safe the
        slower is tested first
    confidence : how sure the promise is
    """
    missing = [name for name in budget.limits if name not in losses]
    if missing or not 0 < confidence < 1:
        raise ParameterError(
            f"the confidence is {confidence} and losses are known of {', '.join(losses)}, "
            f"expected one above 0 and below 1, and {', '.join(budget.limits)}"
        )
    held = {name: losses[name] for name in budget.limits}
    speeds = np.asarray(speed, dtype=np.float64)
    count = next(iter(held.values())).shape[1]
    tested = int(_TESTED * count)
    order = np.random.default_rng(seed).permutation(count)
    testing, ordering = order[:tested], order[tested:]
    passed: list[int] = []
    if tested and len(ordering):
        doubt = 1 - confidence
        risky = np.max([p_value(held[n][:, ordering], limit) for n, limit in budget.limits.items()], axis=0)
        strict = np.max([p_value(held[n][:, testing], limit) for n, limit in budget.limits.items()], axis=0)
        slow = -responses[:, ordering].mean(axis=1)
        for place in np.lexsort((np.arange(len(risky)), slow, risky)):
            if strict[place] > doubt:
                break
            passed.append(int(place))
    if passed:
        best = _fastest(np.array(sorted(passed)), speeds, held, budget, responses)
        return Choice(place=best, promised=True, passed=tuple(passed), tested=tested)
    best = _nearest(speeds, held, budget, responses)
    warning = _warning(held, best, budget, confidence, tested=tested, count=count)
    return Choice(place=best, promised=False, passed=(), tested=tested, warning=warning)


def _nearest(speeds: Floats, losses: Mapping[str, Floats], budget: Budget, responses: Floats) -> int:
    """Return the fastest policy that kept to the budget, or the one that went beyond it least."""
    beyond = _beyond(losses, budget)
    within = np.flatnonzero(beyond <= max(1.0, beyond.min()))
    return _fastest(within, speeds, losses, budget, responses)


def _fastest(
    places: Ints, speeds: Floats, losses: Mapping[str, Floats], budget: Budget, responses: Floats
) -> int:
    """Return which of the policies at ``places`` is the fastest, of those :data:`AS_FAST` the safest.

    Of policies that are as safe too, the one that answers sooner on average.
    """
    fast = places[speeds[places] <= speeds[places].min() + AS_FAST]
    mean = responses[fast].mean(axis=1)
    mistakes = np.sum([losses[name][fast].mean(axis=1) for name in budget.limits], axis=0)
    order = np.lexsort((fast, mean, mistakes, _beyond(losses, budget)[fast]))
    return int(fast[order[0]])


def _beyond(losses: Mapping[str, Floats], budget: Budget) -> Floats:
    """Return the largest mistake of each policy as a share of what the budget allows."""
    return np.asarray(np.max([losses[n].mean(axis=1) / limit for n, limit in budget.limits.items()], axis=0))


def _warning(
    losses: Mapping[str, Floats],
    place: int,
    budget: Budget,
    confidence: float,
    *,
    tested: int,
    count: int,
) -> str:
    parts = []
    for name, limit in budget.limits.items():
        rate = float(losses[name][place].mean())
        needed = conversations_needed(rate, limit, doubt=1 - confidence)
        seen = f"{name} at most {limit:.3g} can't be promised"
        if needed is None:
            parts.append(f"{seen}: it is {rate:.3g} in these {count} conversations")
        elif needed > tested:
            whole = int(np.ceil(needed / _TESTED))
            rates = f" at {rate:.3g} of a conversation's turns, as seen" if rate else ""
            parts.append(f"{seen}: about {whole} conversations would be needed{rates}, there are {count}")
    return "; ".join(parts) or (
        "no policy passed the test although this one kept to the budget: "
        f"more conversations are needed than {count}"
    )
