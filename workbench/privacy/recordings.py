"""Recorded sessions without the personal data: texts masked, and what says it silenced on both tracks."""

from collections.abc import Iterable

import numpy as np

from workbench.core.audio import Samples
from workbench.core.timeline import Timeline
from workbench.privacy.masking import Token
from workbench.privacy.sessions import MARGIN, MaskedSession, mask_session
from workbench.store.playback import place, played_spans
from workbench.store.recording import Recording

FADE = 0.005
"""Seconds over which sound fades into silence, so that nothing clicks."""


def mask_recording(
    recording: Recording, *, sensitive: Iterable[str] = (), known: Iterable[Token] = ()
) -> Recording:
    """Return a recording with masks in its events and silence in its sound.

    Parameters
    ----------
    recording : what was recorded; it stays as it is
    sensitive : slots whose values are hidden whatever they are
    known : tokens given before
    """
    hidden = mask_session(recording.timeline.events, sensitive=sensitive, known=known)
    return masked_recording(recording, hidden)


def masked_recording(recording: Recording, hidden: MaskedSession) -> Recording:
    """Return ``recording`` with the events of ``hidden``, and silent where it says."""
    timeline = Timeline(first=hidden.events[0].seq if hidden.events else 0)
    for event in hidden.events:
        timeline.append(event)
    return Recording(
        timeline=timeline,
        caller=silenced(recording.caller, recording.caller_rate, hidden.caller),
        caller_rate=recording.caller_rate,
        agent=silenced(recording.agent, recording.agent_rate, _agent(recording, hidden)),
        agent_rate=recording.agent_rate,
        device_zero=recording.device_zero,
        meta={**recording.meta, "masked": True},
    )


def silenced(samples: Samples, rate: int, stretches: Iterable[tuple[float, float]]) -> Samples:
    """Return samples with silence in ``stretches``, seconds; it fades within them, nothing outside changes.

    Parameters
    ----------
    samples : float array, shape (n,), in -1..1
    rate : samples per second
    stretches : from and to, in seconds
    """
    result = np.array(samples, np.float32, copy=True)
    for start, end in stretches:
        first, last = max(0, round(start * rate)), min(len(result), round(end * rate))
        if first >= last:
            continue
        fade = min(round(FADE * rate), (last - first) // 2)
        ramp = np.linspace(1.0, 0.0, fade, dtype=np.float32)
        result[first : first + fade] *= ramp
        result[last - fade : last] *= ramp[::-1]
        result[first + fade : last - fade] = 0.0
    return result


def _agent(recording: Recording, hidden: MaskedSession) -> list[tuple[float, float]]:
    """Return what to silence of the agent's track, in its seconds: replies may have been played in pieces."""
    rate = recording.agent_rate
    found = []
    for reply, start, end in hidden.agent:
        spans = played_spans(recording, reply)
        if spans:
            first = place(spans, max(0, round((start - MARGIN) * rate)))
            found.append((first / rate, place(spans, round((end + MARGIN) * rate)) / rate))
    return found
