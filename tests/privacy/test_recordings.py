"""Recorded sound without what was hidden, and all else as it was."""

from dataclasses import replace

import numpy as np
from conversations import booking

from workbench.core.timeline import Timeline
from workbench.privacy.recordings import FADE, mask_recording, silenced
from workbench.privacy.sessions import mask_session
from workbench.store.recording import Recording


def recorded() -> Recording:
    """Return the booking with noise on both tracks: ten seconds, the reply from the fourth on."""
    timeline = Timeline()
    for event in booking():
        timeline.append(event)
    noise = np.random.default_rng(7)
    return Recording(
        timeline=timeline,
        caller=noise.uniform(0.1, 0.5, 160_000).astype(np.float32),
        caller_rate=16_000,
        agent=noise.uniform(0.1, 0.5, 240_000).astype(np.float32),
        agent_rate=24_000,
        device_zero=0.0,
    )


def test_both_tracks_are_silent_where_it_is_said_and_nowhere_else() -> None:
    """The card would be heard, or the rest of the conversation lost."""
    before = recorded()
    after = mask_recording(before)
    for track, rate, stretches in (
        ("caller", 16_000, mask_session(booking()).caller),
        ("agent", 24_000, ((4.0 + 0.5 - 0.12, 4.0 + 0.75 + 0.12), (4.0 + 2.5 - 0.12, 4.0 + 3.5 + 0.12))),
    ):
        old, new = getattr(before, track), getattr(after, track)
        outside = np.ones(len(old), bool)
        for start, end in stretches:
            first, last, fade = round(start * rate), round(end * rate), round(FADE * rate)
            assert not new[first + fade : last - fade].any()
            outside[first:last] = False
        assert np.array_equal(new[outside], old[outside])
        assert old.all()  # the recording itself stays as it was


def test_silence_fades_without_a_click() -> None:
    """Each masked word would begin and end with a click."""
    tone = np.sin(np.arange(16_000) * 2 * np.pi * 220 / 16_000).astype(np.float32)
    result = silenced(tone, 16_000, [(0.25, 0.5)])
    assert np.abs(np.diff(result)).max() < 1.2 * np.abs(np.diff(tone)).max()


def test_stretches_beyond_the_end_are_cut() -> None:
    """A last word's margin would make the masking fail."""
    result = silenced(np.ones(100, np.float32), 100, [(-1.0, 0.1), (0.9, 5.0)])
    assert result[:5].sum() == 0
    assert result[-5:].sum() == 0
    assert result[20:80].all()


def test_a_session_that_goes_on_with_anothers_numbers_keeps_them() -> None:
    """A session begun in another's place could not be recorded."""
    timeline = Timeline(first=63)
    for event in booking():
        timeline.append(replace(event, seq=event.seq + 63))
    quiet = np.zeros(16_000, np.float32)
    later = Recording(
        timeline=timeline, caller=quiet, caller_rate=16_000, agent=quiet, agent_rate=16_000, device_zero=0.0
    )
    assert mask_recording(later).timeline.events[0].seq == 63
