"""The conversation as rows, on sessions written by hand."""

import pytest
from spoken_sessions import AGENT_RATE, plain_session, recording, stopped

from workbench.analysis.latency import turns
from workbench.analysis.transcript import to_pandas, transcript
from workbench.core.events import PlaybackPosition
from workbench.store.playback import played_spans


def test_both_sides_stand_in_order_with_their_times() -> None:
    """Rows in the wrong order, or times on the wrong clock, would put words beside the wrong sound."""
    caller, agent = transcript(plain_session())
    assert (caller.who, caller.turn, caller.text, caller.confidence) == ("caller", 0, "A large latte.", 0.9)
    assert (caller.start, caller.end) == (1.0, 2.4)
    assert [word.start for word in caller.words] == [1.0, 1.25, 1.75]
    assert (agent.who, agent.text, agent.confidence) == ("agent", "One large latte.", None)
    # played at session second 3.65, track 3.40; its first word 30 ms in
    assert agent.start == pytest.approx(3.40)
    assert agent.end == pytest.approx(4.45)
    assert [word.start for word in agent.words] == pytest.approx([3.43, 3.75, 4.05])


def test_partials_tell_what_was_stable_when() -> None:
    """The history of a text is what early synthesis is tuned on."""
    caller, _ = transcript(plain_session())
    assert [(row.words, row.stable) for row in caller.partials] == [(("A",), 0), (("A", "large"), 1)]
    assert [row.at for row in caller.partials] == pytest.approx([1.5, 2.0])


def test_an_underrun_moves_the_words_behind_it() -> None:
    """Words after a gap in playback would be drawn where nothing sounds."""
    whole = plain_session()
    events = [(e.at, e.turn, e.body) for e in whole.timeline.events]
    gap = PlaybackPosition(
        reply=1,
        heard=round(0.5 * AGENT_RATE),
        rate=AGENT_RATE,
        device_position=round((3.40 + 0.5 + 0.2) * AGENT_RATE),
        underrun=round(0.2 * AGENT_RATE),
    )
    late = [(4.40, 0, gap), (4.92, 0, stopped(4.90, 1.05))]
    events = [one for one in events if type(one[2]).__name__ != "PlaybackStopped"]
    session = recording([*events, *late], (3.43, 3.72), (3.92, 4.63))
    session.agent[round(3.72 * AGENT_RATE) : round(3.92 * AGENT_RATE)] = 0.0
    # 0.32 s were played before the gap of 0.2 s: the word at 0.35 s begins behind it
    assert played_spans(session, 1) == (
        (round(3.40 * AGENT_RATE), round(3.72 * AGENT_RATE)),
        (round(3.92 * AGENT_RATE), round(4.65 * AGENT_RATE)),
    )
    _, agent = transcript(session)
    assert [word.start for word in agent.words] == pytest.approx([3.43, 3.95, 4.25])
    (report,) = turns(session)
    assert report.underrun == pytest.approx(0.2)


@pytest.mark.parametrize(("heard", "words"), [(0.4, ["One"]), (0.6, ["One", "large"])])
def test_an_interrupted_reply_shows_what_was_heard(heard: float, words: list[str]) -> None:
    """Text the caller never heard must not stand in the conversation, nor words its text lacks."""
    whole = plain_session()
    events = [
        (e.at, e.turn, e.body) for e in whole.timeline.events if type(e.body).__name__ != "PlaybackStopped"
    ]
    _, agent = transcript(
        recording([*events, (4.1, 0, stopped(4.05, heard, reason="barge-in"))], (3.43, 3.8))
    )
    assert agent.interrupted
    assert [word.text for word in agent.words] == words


def test_a_reply_that_was_not_played_is_left_out() -> None:
    """What was prepared and dropped was not said."""
    whole = plain_session()
    rows = transcript(recording([(e.at, e.turn, e.body) for e in whole.timeline.events if e.at < 3.65]))
    assert [row.who for row in rows] == ["caller"]


def test_rows_become_a_dataframe() -> None:
    """Notebooks read the conversation as a table."""
    frame = to_pandas(transcript(plain_session()))
    assert list(frame["who"]) == ["caller", "agent"]
    assert frame.loc[0, "text"] == "A large latte."
