"""What a sweep found, in sentences and rows for the terminal and the page."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from workbench.analysis.policies import Policy
from workbench.analysis.report.markup import milliseconds
from workbench.analysis.risk_choice import Budget, Choice
from workbench.analysis.sweep_budgets import Point, Reached
from workbench.analysis.sweep_space import settings_of
from workbench.analysis.tuning import CHOSEN, EVIDENCE, SILENCE, Tuning
from workbench.analysis.tuning_data import counted

NOT_REACHED = "not reached"


def promise(tuning: Tuning) -> str:
    """Return in a sentence what can be said of the budget."""
    return promise_of(tuning.asked.budget, tuning.asked.confidence, tuning.choice)


def promise_of(budget: Budget, confidence: float, choice: Choice) -> str:
    """Return in a sentence what can be said of ``budget`` under the policy chosen."""
    limits = " and ".join(f"{name} at most {limit:.3g}" for name, limit in budget.limits.items())
    if choice.promised:
        return (
            f"With {confidence:.0%} confidence: {limits}, as shares of a conversation's turns. "
            f"Tested on {choice.tested} conversations not used to order the policies; "
            f"{len(choice.passed)} policies passed."
        )
    return f"No promise of {limits}: {choice.warning}."


def findings(tuning: Tuning) -> tuple[str, ...]:
    """Return in sentences what early synthesis and the evidence for the end of a turn are worth here."""
    return _early(tuning), _ends(tuning), *_held(tuning)


def _early(tuning: Tuning) -> str:
    judged = tuning.judged
    return (
        f"Early synthesis answers {_sooner(judged.sooner.value)} than waiting for the final "
        f"(median{_interval(judged.sooner.low, judged.sooner.high)}), "
        f"with wrong audio heard in {_share(judged.wrong, judged.turns)}."
    )


def _ends(tuning: Tuning) -> str:
    judged, silence = tuning.judged, tuning.silence
    ends = (
        f"The chosen policy ends turns {milliseconds(judged.delay)} after the last sound on average and cuts "
        f"off {_share(judged.cut, judged.turns)}; silence alone"
    )
    if math.isnan(silence.cut):
        return f"{ends} never ends them as soon, whatever it waits."
    more = silence.more
    points = f"{abs(more.value) * 100:.1f} points {'more' if more.value > 0 else 'fewer'}"
    than = f"{'as many' if points.startswith('0.0') else points}{_points_interval(more.low, more.high)}"
    return (
        f"{ends} that ends them as soon, by waiting {milliseconds(silence.wait)}, cuts off "
        f"{silence.cut:.1%}: {than}."
    )


def _held(tuning: Tuning) -> Iterator[str]:
    if tuning.held is None:
        yield "With a single conversation nothing can be said of others: what is told is told of it alone."
        return
    judged, silence = tuning.held.judged, tuning.held.silence_cut
    alone = (
        "never ends them as soon" if math.isnan(silence) else f"cuts off {silence:.1%} ending them as soon"
    )
    yield (
        f"Chosen on other conversations than it is judged on ({tuning.held.parts} times, each time without "
        f"one part): {_sooner(judged.sooner.value)} than waiting for the final"
        f"{_interval(judged.sooner.low, judged.sooner.high, ' (', ')')}, wrong audio heard in "
        f"{_share(judged.wrong, judged.turns)}; turns end after {milliseconds(judged.delay)}, "
        f"{_share(judged.cut, judged.turns)} cut off, and silence alone {alone}."
    )


def _sooner(seconds: float) -> str:
    return f"{milliseconds(abs(seconds))} {'sooner' if seconds >= 0 else 'later'}"


def _share(count: int, turns: int) -> str:
    return f"{count} of {turns} turns ({count / turns:.1%})"


def _interval(low: float, high: float, before: str = "; ", after: str = "") -> str:
    if math.isnan(low):
        return ""
    return f"{before}95 %: {_end(low, 'time')} to {milliseconds(high)}{after}"


def _points_interval(low: float, high: float) -> str:
    return "" if math.isnan(low) else f" (95 %: {low * 100:.1f} to {high * 100:.1f})".replace("-", "−")


def figure(value: float, kind: str) -> str:
    """Return a figure for reading.

    >>> figure(0.388, "time"), figure(0.037, "share"), figure(math.inf, "time"), figure(math.nan, "share")
    ('388 ms', '3.7%', 'not reached', '–')
    """
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return NOT_REACHED
    return milliseconds(value) if kind == "time" else f"{value:.1%}"


_NAMES = {
    "delay": "endpoint delay",
    "response": "response time",
    "cut": "turns cut off",
    "cut_a_pause": "pauses cut off",
}
FAMILIES = (EVIDENCE, SILENCE, CHOSEN)
"""What is told of at two budgets, in this order."""


def point_name(point: Point) -> str:
    """Return what is told at a point.

    >>> point_name(Point(least='delay', within='cut', limit=0.05))
    'endpoint delay at ≤ 5% turns cut off'
    """
    limit = milliseconds(point.limit) if _kind(point.within) == "time" else f"{point.limit:.0%}"
    return f"{_NAMES[point.least]} at ≤ {limit} {_NAMES[point.within]}"


def reached_text(point: Point, found: Reached) -> str:
    """Return what was reached at a point, with its interval."""
    kind = _kind(point.least)
    told = figure(found.value, kind)
    if math.isnan(found.low) or math.isinf(found.value):
        return told
    return f"{told} ({_end(found.low, kind)} to {_end(found.high, kind)})"


def _end(value: float, kind: str) -> str:
    """Return an end of an interval: in brackets behind its figure the unit need not be said again."""
    return figure(value, kind).removesuffix(" ms").removesuffix("%")


def held_text(point: Point, found: Reached) -> str:
    """Return what is left of it on conversations that were not used to choose."""
    if math.isnan(found.held):
        return "–"
    if math.isinf(found.held):
        return NOT_REACHED
    return f"{figure(found.held, _kind(point.least))} at {figure(found.held_within, _kind(point.within))}"


def _kind(name: str) -> str:
    return "time" if name in ("delay", "response") else "share"


def data_facts(tuning: Tuning) -> list[tuple[str, str]]:
    """Return what the recordings are: names and values."""
    facts, sizes = tuning.facts, tuning.sizes
    dates = sorted(one.date for one in facts if one.date)
    masked = sum(one.masked for one in facts)
    told = [
        ("sessions", f"{len(facts)}" + (f", {masked} of them masked" if masked else "")),
        (
            "turns",
            f"{tuning.turns}, {sizes.answered.sum():.0f} of them answered, with {sizes.pauses.sum():.0f} "
            "pauses of at least 0.2 s within them",
        ),
        ("assistants", counted([one.assistant for one in facts])),
        ("languages", counted([one.language for one in facts])),
        ("engines", counted([one.engines for one in facts])),
        ("voices", counted([one.voice for one in facts])),
        ("machines", counted([one.machine for one in facts])),
        ("recorded", _dates(dates)),
        ("recorded under", "; ".join(_recorded_under([one.policy for one in facts]))),
        ("content", tuning.content),
    ]
    return told


def _dates(dates: Sequence[str]) -> str:
    if not dates:
        return "not recorded"
    first, last = dates[0][:10], dates[-1][:10]
    return first if first == last else f"{first} to {last}"


def _recorded_under(policies: Sequence[Policy | None]) -> Iterator[str]:
    """Yield the settings recorded under that differ from an assistant's that names none."""
    usual = settings_of(Policy())
    found = Counter(policies).most_common()
    for policy, count in found[:3]:
        if policy is None:
            told = "not recorded"
        else:
            own = settings_of(policy)
            changed = [f"{name} {_plain(value)}" for name, value in own.items() if value != usual[name]]
            told = ", ".join(changed) or "the usual settings"
        yield told if len(found) == 1 else f"{told} ({count})"
    if len(found) > 3:
        yield f"and {len(found) - 3} more"


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"


def warnings(tuning: Tuning) -> tuple[str, ...]:
    """Return what a reader should know before trusting the figures."""
    masked = sum(one.masked for one in tuning.facts)
    found = [mixture(tuning)]
    if tuning.copies:
        found.append(
            f"{tuning.copies} of {len(tuning.sizes.turns)} sessions are copies of others, and counted as "
            "conversations of their own: intervals are too narrow and promises too bold"
        )
    if masked:
        found.append(
            f"{masked} of {len(tuning.facts)} sessions are masked: replies that differ in nothing but what "
            "is hidden count as the same, so wrong audio may be missed"
        )
    return tuple(one for one in found if one)


def mixture(tuning: Tuning) -> str | None:
    """Return a warning if the sessions are of several assistants or languages; None if they are not."""
    told = []
    for name, values in (
        ("assistant", [one.assistant for one in tuning.facts]),
        ("language", [one.language for one in tuning.facts]),
    ):
        if len(set(values)) > 1:
            told.append((name, f"{len(set(values))} {name}s: {counted(values)}"))
    if not told:
        return None
    return (
        f"one choice for {' and '.join(text for _, text in told)}; callers of each may pause and be "
        f"understood differently: --by {','.join(name for name, _ in told)} chooses for each"
    )
