"""What the values of SSML attributes mean: times, rates, pitches, gains.

Each reader takes the text of one attribute and raises :class:`ValueError` with what to write instead; the
parser adds the place.
"""

import math
import re
from collections.abc import Callable, Iterable

from workbench.ssml.scales import (
    BREAK_SECONDS,
    DATE_FORMATS,
    LONGEST_BREAK,
    PITCH_RANGES,
    PITCHES,
    RATES,
    VOLUMES,
    ContourPoint,
    Pitch,
)

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_TIME = re.compile(rf"({_NUMBER})(ms|s)")
_RATE = re.compile(rf"({_NUMBER})(%?)")
_PITCH = re.compile(rf"({_NUMBER})(st|%|Hz)", re.IGNORECASE)
_GAIN = re.compile(rf"({_NUMBER})(dB|%?)", re.IGNORECASE)
_POINT = re.compile(rf"\(\s*({_NUMBER})%\s*,\s*([^()\s]+)\s*\)")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
SLOWEST, FASTEST = 0.2, 4.0
"""Range of a single rate factor."""
LONGEST_SPEECH = 600.0
"""Seconds a text may be wanted to take."""
MOST_POINTS = 64
"""Targets of one pitch contour."""


def seconds_from(value: str) -> float:
    """Return a break's time in seconds: ``250ms`` or ``1.5s``, 0 to 10 s."""
    return _time(value, LONGEST_BREAK)


def duration_from(value: str) -> float:
    """Return how many seconds a text shall take: ``800ms`` or ``2.5s``, up to 10 minutes."""
    seconds = _time(value, LONGEST_SPEECH)
    if seconds == 0:
        raise ValueError("write a time over 0 s")
    return seconds


def _time(value: str, longest: float) -> float:
    if (match := _TIME.fullmatch(value.strip())) is None:
        raise ValueError('write a time like "250ms" or "1.5s"')
    seconds = float(match[1]) / (1000 if match[2] == "ms" else 1)
    if not 0 <= seconds <= longest:
        raise ValueError(f"write a time from 0 to {longest:g} s")
    return seconds


def strength_from(value: str) -> str:
    """Return a break's strength."""
    return one_of(value, BREAK_SECONDS)


def rate_from(value: str) -> float:
    """Return the factor of a rate: a label, ``80%``, ``+10%`` or ``-10%``, or a bare factor like ``1.2``."""
    text = value.strip()
    if text in RATES:
        return RATES[text]
    if (match := _RATE.fullmatch(text)) is None:
        raise ValueError(f'write {_list(RATES)}, or a rate like "80%", "+10%" or "1.2"')
    number = float(match[1])
    if match[2]:
        number = (100 + number if text[0] in "+-" else number) / 100
    if not SLOWEST <= number <= FASTEST:
        raise ValueError(f"write a rate from {SLOWEST * 100:g}% to {FASTEST * 100:g}%")
    return number


def pitch_from(value: str) -> Pitch:
    """Return a pitch: a label, ``+2st``, ``-10%``, ``+20Hz`` or, without a sign, ``200Hz``."""
    text = value.strip()
    if text in PITCHES:
        return Pitch(PITCHES[text], "st")
    if (match := _PITCH.fullmatch(text)) is None:
        raise ValueError(f'write {_list(PITCHES)}, or a pitch like "+2st", "-10%", "+20Hz" or "200Hz"')
    number, unit = float(match[1]), match[2].lower().replace("hz", "Hz")
    if unit == "Hz" and text[0] not in "+-":
        if not 40 <= number <= 600:
            raise ValueError("write an f0 from 40Hz to 600Hz")
        return Pitch(number, "=Hz")
    limit = {"st": 24.0, "%": 90.0, "Hz": 300.0}[unit]
    if abs(number) > limit:
        raise ValueError(f"write a change of at most {limit:g}{unit}")
    return Pitch(number, unit)


def range_from(value: str) -> Pitch:
    """Return a change of the range of f0: a label, ``+40%``, ``-2st`` or ``+20Hz``."""
    text = value.strip()
    if text in PITCH_RANGES:
        return Pitch(PITCH_RANGES[text], "%")
    match = _PITCH.fullmatch(text)
    if match is None or text[0] not in "+-":
        raise ValueError(f'write {_list(PITCH_RANGES)}, or a change like "+40%", "-2st" or "+20Hz"')
    number, unit = float(match[1]), match[2].lower().replace("hz", "Hz")
    least, most = {"st": (-24.0, 24.0), "%": (-100.0, 200.0), "Hz": (-300.0, 300.0)}[unit]
    if not least <= number <= most:
        raise ValueError(f"write a change from {least:g}{unit} to {most:+g}{unit}")
    return Pitch(number, unit)


def contour_from(value: str) -> tuple[ContourPoint, ...]:
    """Return the points of a contour like ``(0%,+20Hz) (50%,-10%) (100%,+2st)``, by their place."""
    text = value.strip()
    found = list(_POINT.finditer(text))
    if not found or _POINT.sub("", text).strip():
        raise ValueError('write points like "(0%,+20Hz) (50%,-10%) (100%,+2st)"')
    if len(found) > MOST_POINTS:
        raise ValueError(f"write at most {MOST_POINTS} points")
    points = [ContourPoint(float(match[1]), pitch_from(match[2])) for match in found]
    if any(not 0 <= point.at <= 100 for point in points):
        raise ValueError("write places from 0% to 100%")
    return tuple(sorted(points, key=lambda point: point.at))


def language_from(value: str) -> str:
    """Return a language tag of BCP 47; only its form is looked at."""
    text = value.strip()
    if len(text) > 35 or _LANGUAGE.fullmatch(text) is None:
        raise ValueError('write a language tag like "en-US" or "fr"')
    return text


def date_format_from(value: str) -> str:
    """Return the order of a date's parts, as ``dmy``."""
    text = value.strip()
    if text.lower().replace("-", "") not in DATE_FORMATS:
        raise ValueError(f"write one of {_list(DATE_FORMATS)}")
    return text


def gain_db_from(value: str) -> float:
    """Return a gain in dB: a label, ``+6dB``, or SSML 1.0's ``0`` to ``100`` (100 is unchanged)."""
    text = value.strip()
    if text in VOLUMES:
        return VOLUMES[text]
    match = _GAIN.fullmatch(text)
    if match is None or (match[2] == "%" and text[0] not in "+-"):
        raise ValueError(f'write {_list(VOLUMES)}, or a volume like "+6dB"')
    number = float(match[1])
    if match[2].lower() == "db":
        gain = number
    else:
        share = 1 + number / 100 if text[0] in "+-" else number / 100
        gain = 20 * math.log10(share) if share > 0 else VOLUMES["silent"]
    if not -120 <= gain <= 20:
        raise ValueError("write a volume from -120dB to +20dB")
    return gain


def one_of(value: str, allowed: Iterable[str]) -> str:
    """Return ``value`` if it is one of ``allowed``."""
    text = value.strip()
    if text not in allowed:
        raise ValueError(f"write {_list(allowed)}")
    return text


def matching(pattern: str, advice: str) -> Callable[[str], str]:
    """Return a reader of what matches ``pattern`` as a whole; others are told ``advice``."""
    form = re.compile(pattern)

    def read(value: str) -> str:
        if form.fullmatch(value.strip()) is None:
            raise ValueError(advice)
        return value.strip()

    return read


def among(*allowed: str) -> Callable[[str], str]:
    """Return a reader of one of ``allowed``."""
    return lambda value: one_of(value, allowed)


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)
