"""Slot values that are better described by a grammar than by a list: clock times, days, durations, people.

Each :class:`Kind` is a template in the hassil syntax, the rules it uses, and a function that turns the words
of a match into the one phrase that stands for that value, however it was said.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from workbench.conversation.spoken_text import number_from, number_words

Words = tuple[str, ...]

_HOURS = "|".join(number_words(hour)[0] for hour in range(1, 13))
_LATE_HOURS = "|".join(" ".join(number_words(hour)) for hour in range(13, 24))
_MINUTES = "|".join(["oh five", *(" ".join(number_words(minute)) for minute in range(10, 60, 5))])
_HALVES = "am|pm|in the morning|in the afternoon|in the evening|at night"
_WEEKDAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_SMALL = "|".join(" ".join(number_words(number)) for number in range(2, 31))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A family of slot values."""

    template: str
    rules: Mapping[str, str]
    """Parts of the template by name."""
    value: Callable[[Words], str]
    """The phrase for the words of a match."""


def clock_time(words: Words) -> str:
    """Return a clock time as hour, minutes and am or pm.

    Without am or pm a time from one to seven is in the afternoon, from eight to eleven in the morning.

    >>> clock_time(("half", "past", "two"))
    'two thirty pm'
    """
    if words[0] in ("noon", "midnight"):
        return words[0]
    rest, half = _without_half(words)
    hour, minute = _hour_and_minute(rest)
    if hour > 12:
        hour, half = hour - 12, "pm"
    if not half:
        half = "am" if 8 <= hour <= 11 else "pm"
    minutes = () if not minute else (("oh",) if minute < 10 else ()) + number_words(minute)
    return " ".join((*number_words(hour), *minutes, half))


def _without_half(words: Words) -> tuple[Words, str]:
    if words[-1] in ("am", "pm"):
        return words[:-1], words[-1]
    if words[-1] in ("morning", "afternoon", "evening"):
        return words[:-3], "am" if words[-1] == "morning" else "pm"
    if words[-1] == "night":
        return words[:-2], "pm"
    return words, ""


def _hour_and_minute(words: Words) -> tuple[int, int]:
    if words[:2] == ("half", "past"):
        return number_from(words[2:]) or 0, 30
    if words[0] == "quarter":
        named = number_from(words[2:]) or 0
        return (named, 15) if words[1] == "past" else ((named - 2) % 12 + 1, 45)
    spoken = tuple(word for word in words if word not in ("o'clock", "oh"))
    for split in range(len(spoken), 0, -1):
        hour = number_from(spoken[:split])
        if hour is not None and hour < 24:
            return hour, number_from(spoken[split:]) or 0
    return 0, 0


def duration(words: Words) -> str:
    """Return a duration in its shortest spoken form.

    >>> duration(("thirty", "minutes")), duration(("an", "hour", "and", "a", "half"))
    ('half an hour', 'one and a half hours')
    """
    minutes = _minutes(words)
    if minutes == 30:
        return "half an hour"
    hours, rest = divmod(minutes, 60)
    if rest == 0:
        return "one hour" if hours == 1 else " ".join((*number_words(hours), "hours"))
    if rest == 30:
        return " ".join((*number_words(hours), "and a half hours"))
    if hours == 0:
        return " ".join((*number_words(minutes), "minutes"))
    lead = "one hour" if hours == 1 else " ".join((*number_words(hours), "hours"))
    return " ".join((lead, "and", *number_words(rest), "minutes"))


def _minutes(words: Words) -> int:
    if words[:2] == ("half", "an") or words == ("half", "hour") or words == ("a", "half", "hour"):
        return 30
    if any(word.startswith("quarter") for word in words):
        return 45 if words[0] == "three" else 15
    total = 0
    extra = 30 if "half" in words else 0
    spoken = tuple(word for word in words if word not in ("and", "half"))
    start = 0
    for place, word in enumerate(spoken):
        if word.startswith(("hour", "minute")):
            said = tuple(part for part in spoken[start:place] if part not in ("a", "an"))
            number = number_from(said) or 1
            total += number * (60 if word.startswith("hour") else 1)
            start = place + 1
    return total + extra


def people(words: Words) -> str:
    """Return how many people.

    >>> people(("two",)), people(("just", "me"))
    ('two people', 'one person')
    """
    for split in range(len(words), 0, -1):
        number = number_from(words[:split])
        if number is not None:
            return "one person" if number == 1 else " ".join((*number_words(number), "people"))
    return "one person"


def day(words: Words) -> str:
    """Return a day without its preposition.

    >>> day(("this", "monday")), day(("next", "friday")), day(("today",))
    ('Monday', 'next Friday', 'today')
    """
    kept = (word for word in words if word not in ("on", "this", "coming"))
    return " ".join(word.capitalize() if word in _WEEKDAYS.split("|") else word for word in kept)


KINDS: Mapping[str, Kind] = {
    "clock-time": Kind(
        template=(
            "(noon|midnight|half past <hour> [<part>]|quarter (past|to) <hour> [<part>]"
            "|<hour> [(o'clock|<minute>)] [<part>]|<late> (o'clock|<minute>))"
        ),
        rules={
            "hour": f"({_HOURS})",
            "late": f"({_LATE_HOURS})",
            "minute": f"({_MINUTES})",
            "part": f"({_HALVES})",
        },
        value=clock_time,
    ),
    "day": Kind(
        template="(today|tomorrow|the day after tomorrow|[(this|next|this coming)] <weekday>)",
        rules={"weekday": f"({_WEEKDAYS})"},
        value=day,
    ),
    "duration": Kind(
        template=(
            "([a] half [an] hour|[a] quarter of an hour|three quarters of an hour"
            "|(an|one) hour [and a half]|(an|one) hour and <minute> minutes"
            "|<small> hours|(one|<small>) and a half hours|<minute> minutes)"
        ),
        rules={
            "minute": "(" + "|".join(" ".join(number_words(m)) for m in (*range(5, 65, 5), 90, 75)) + ")",
            "small": "(" + "|".join(number_words(n)[0] for n in range(2, 13)) + ")",
        },
        value=duration,
    ),
    "people": Kind(
        template=(
            "(<small> [(people|persons|of us|participants|attendees|guests)]"
            "|one person|just me|only me|one)"
        ),
        rules={"small": f"({_SMALL})"},
        value=people,
    ),
}  # fmt: skip
"""The built-in kinds by the name an assistant file uses."""
