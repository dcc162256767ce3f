"""What the values of SSML attributes mean: times, rates, pitches, gains.

Each reader takes the text of one attribute and raises :class:`ValueError` with what to write instead; the
parser adds the place.
"""

import math
import re
from collections.abc import Iterable

from workbench.ssml.document import BREAK_SECONDS, LONGEST_BREAK, PITCHES, RATES, VOLUMES, Pitch

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_TIME = re.compile(rf"({_NUMBER})(ms|s)")
_RATE = re.compile(rf"({_NUMBER})(%?)")
_PITCH = re.compile(rf"({_NUMBER})(st|%|Hz)", re.IGNORECASE)
_GAIN = re.compile(rf"({_NUMBER})(dB|%?)", re.IGNORECASE)
SLOWEST, FASTEST = 0.2, 4.0
"""Range of a single rate factor."""


def seconds_from(value: str) -> float:
    """Return a break's time in seconds: ``250ms`` or ``1.5s``, 0 to 10 s."""
    if (match := _TIME.fullmatch(value.strip())) is None:
        raise ValueError('write a time like "250ms" or "1.5s"')
    seconds = float(match[1]) / (1000 if match[2] == "ms" else 1)
    if not 0 <= seconds <= LONGEST_BREAK:
        raise ValueError(f"write a time from 0 to {LONGEST_BREAK:g} s")
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


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)
