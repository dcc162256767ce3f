"""Where replies were really played, on hand-written reports."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from spoken_sessions import AGENT_RATE, DEVICE_ZERO, plain_session, recording, started, stopped

from workbench.core.events import PlaybackPaused, PlaybackResumed
from workbench.store.playback import place, played_spans, underrun


def test_an_undisturbed_reply_is_one_span() -> None:
    """From the first sample played, track 3.40, to the last, track 4.45."""
    spans = played_spans(plain_session(), 1)
    assert spans == ((round(3.40 * AGENT_RATE), round(4.45 * AGENT_RATE)),)
    assert played_spans(plain_session(), 7) == ()
    assert underrun(plain_session().timeline.events, 1) == 0


def test_a_pause_cuts_it_in_two() -> None:
    """A reply held back while the caller may be interrupting must not count as heard meanwhile."""
    half = round(0.5 * AGENT_RATE)
    start = round((3.65 - DEVICE_ZERO) * AGENT_RATE)
    paused = PlaybackPaused(reply=1, heard=half, rate=AGENT_RATE, device_position=start + half)
    resumed = PlaybackResumed(reply=1, heard=half, rate=AGENT_RATE, device_position=start + 3 * half)
    events = [
        (3.66, 0, started(3.65)),
        (4.16, 0, paused),
        (5.16, 0, resumed),
        (5.72, 0, stopped(5.70, 1.05)),
    ]
    spans = played_spans(recording(events), 1)
    assert spans == ((start, start + half), (start + 3 * half, round(5.45 * AGENT_RATE)))
    assert place(spans, half - 1) == start + half - 1
    assert place(spans, half) == start + 3 * half


@given(
    lengths=st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), min_size=1, max_size=6),
    first=st.integers(0, 100),
)
def test_places_keep_order_and_lie_in_the_spans(lengths: list[tuple[int, int]], first: int) -> None:
    """Words put out of order, or into a gap, would fail this."""
    spans, at = [], first
    for length, gap in lengths:
        spans.append((at, at + length))
        at += length + gap
    total = sum(length for length, _ in lengths)
    places = [place(tuple(spans), sample) for sample in range(total)]
    assert places == np.concatenate([np.arange(*span) for span in spans]).tolist()
    assert place(tuple(spans), total) == spans[-1][1]
    assert place((), 5) == pytest.approx(5)
