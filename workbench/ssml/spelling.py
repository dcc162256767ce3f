"""How targets write the values of prosody: rates as share or factor, volumes in dB or per cent."""

import math
from collections.abc import Sequence

from workbench.ssml.document import Prosody, Settings
from workbench.ssml.render import contour_text, number, pitch_text, rate_text, signed
from workbench.ssml.scales import VOLUMES, Pitch


def prosody(node: Prosody, *, factor: bool, share: bool) -> Settings:
    """Return the attributes of ``node``.

    Parameters
    ----------
    factor : whether a rate is written as ``0.8``, not ``80%``
    share : whether a volume is written as ``-50%``, not ``-6dB``
    """
    written = {
        "rate": None if node.rate is None else (number(node.rate) if factor else rate_text(node.rate)),
        "pitch": None if node.pitch is None else pitch_text(node.pitch),
        "range": None if node.range is None else pitch_text(node.range),
        "contour": contour_text(node.contour) if node.contour else None,
        "duration": None if node.seconds is None else f"{number(node.seconds)}s",
        "volume": None if node.gain_db is None else _volume(node.gain_db, share=share),
    }
    return tuple((name, value) for name, value in written.items() if value is not None) + node.settings


def _volume(gain_db: float, *, share: bool) -> str:
    if gain_db <= VOLUMES["silent"]:
        return "silent"
    if not share:
        return f"{signed(gain_db)}dB"
    return f"{signed(round(100 * (10 ** (gain_db / 20) - 1), 2))}%"


def pitch_in(pitch: Pitch, units: Sequence[str]) -> Pitch | None:
    """Return ``pitch`` in one of ``units``; none if that takes the f0 of the voice.

    >>> pitch_in(Pitch(12, "st"), ["%"]), pitch_in(Pitch(20, "Hz"), ["%"])
    (Pitch(amount=100.0, unit='%'), None)
    """
    if pitch.unit in units:
        return pitch
    if pitch.unit == "st" and "%" in units:
        return Pitch(round(100 * (pitch.factor(1.0) - 1), 2), "%")
    if pitch.unit == "%" and "st" in units and pitch.amount > -100:
        return Pitch(round(12 * math.log2(pitch.factor(1.0)), 3), "st")
    return None
