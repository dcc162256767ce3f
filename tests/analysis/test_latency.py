"""Response times and their contributions on sessions whose answers are worked out by hand."""

import pytest
from spoken_sessions import (
    AGENT_RATE,
    CALLER_RATE,
    early_session,
    ended,
    final,
    hearing,
    intent,
    plain_session,
    recording,
    started,
    stopped,
    synthesis,
)

from workbench.analysis.contributions import CONTRIBUTIONS
from workbench.analysis.latency import to_pandas, turn_to_json, turns
from workbench.core.events import (
    BargedIn,
    EarlySynthesisDiscarded,
    EarlySynthesisStarted,
    ReplyChosen,
    SpeechStarted,
)

READ = 0.01
"""The end of speech and the first sound are read off in steps of 5 ms each."""


def test_a_plain_turn_adds_up() -> None:
    """Every stretch is known here: an event read wrongly, or time lost between two, would fail this.

    The caller ends at 2.40 on the track, 2.65 on the session clock; audio takes 20 ms to arrive.
    """
    (turn,) = turns(plain_session())
    assert turn.end_of_speech == pytest.approx(2.40, abs=READ)
    assert turn.first_audible == pytest.approx(3.43, abs=READ)
    assert turn.response_time == pytest.approx(1.03, abs=READ)
    expected = {
        "capture_and_transport": 0.02,  # 2.65 to 2.67
        "endpointing": 0.43,  # to 3.10
        "transcription_tail": 0.09,  # to 3.19
        "understanding": 0.01,  # to 3.20
        "reply": 0.02,  # to 3.22
        "synthesis_first_byte": 0.38,  # to 3.60
        "leading_silence": 0.03,
        "transport": 0.01,  # the report of playback took 10 ms back
        "playout": 0.04,  # the rest of 3.60 to 3.65
    }
    assert list(turn.contributions) == list(CONTRIBUTIONS)
    for name, seconds in expected.items():
        assert turn.contributions[name] == pytest.approx(seconds, abs=READ), name
    assert sum(expected.values()) == pytest.approx(1.03)
    assert turn.unexplained is not None
    assert abs(turn.unexplained) < 0.01


def test_an_early_reply_costs_no_synthesis() -> None:
    """Counting synthesis that ran while the caller was waited for would hide what early synthesis saves."""
    (turn,) = turns(early_session())
    assert turn.response_time == pytest.approx(0.62, abs=READ)
    assert turn.contributions["synthesis_first_byte"] == 0
    assert turn.contributions["reply"] == pytest.approx(0.02, abs=1e-6)
    assert turn.unexplained is not None
    assert abs(turn.unexplained) < 0.01
    assert (turn.early, turn.early_started, turn.early_committed, turn.early_discarded) == (
        "committed",
        1,
        1,
        0,
    )
    assert not turn.wrong_audio_heard


def test_what_was_understood_and_answered_is_reported() -> None:
    """A report that mixes up partials and finals, or replies, would fail this."""
    (turn,) = turns(plain_session())
    assert turn.final == "A large latte."
    assert (turn.intent, turn.slots) == ("orderDrink", {"coffeeDrink": "latte"})
    assert turn.reply == "One large latte."
    assert (turn.early, turn.reason, turn.end_reason) == ("none", "", "silence")
    assert turn.endpoint_error == pytest.approx(0.03, abs=READ)
    # the first partial came at 1.75, track 1.50; the first word ended at 1.20
    assert turn.first_partial == pytest.approx(0.30, abs=1e-6)


def test_a_disagreement_between_events_and_recording_shows() -> None:
    """If the client misreports its playback by 80 ms, the recording must tell: no hidden correction."""
    honest = plain_session()
    late = recording([(e.at, e.turn, e.body) for e in honest.timeline.events], (3.43 + 0.08, 4.43 + 0.08))
    (turn,) = turns(late)
    assert turn.response_time == pytest.approx(1.11, abs=READ)
    assert turn.unexplained == pytest.approx(0.08, abs=READ)


def test_a_discarded_reply_that_was_played_is_wrong_audio() -> None:
    """Hearing what was taken back is the one thing early synthesis must never do."""
    early = EarlySynthesisStarted(reply=1, intent="x", slots={}, confidence=0.9, stability=0.8)
    before = [
        *hearing(),
        *synthesis(1, chosen=2.30, first_byte=2.50),
        (2.31, 0, early),
        (2.90, 0, EarlySynthesisDiscarded(reply=1, reason="intent-changed")),
        (3.10, 0, ended()),
        (3.19, 0, final()),
        (3.20, 0, intent()),
        *synthesis(2, chosen=3.22, first_byte=3.60),
    ]
    after = [(3.66, 0, started(3.65, reply=2)), (4.72, 0, stopped(4.70, 1.05, reply=2))]
    (quiet,) = turns(recording([*before, *after], (3.43, 4.43)))
    assert (quiet.early, quiet.early_discarded, quiet.wrong_audio_heard) == ("discarded", 1, False)
    assert quiet.response_time == pytest.approx(1.03, abs=READ)
    played = [(2.80, 0, started(2.78)), (2.95, 0, stopped(2.93, 0.15, reason="closed"))]
    (heard,) = turns(recording([*before, *played, *after], (2.53, 2.68), (3.43, 4.43)))
    assert heard.wrong_audio_heard


def test_audio_that_no_event_accounts_for_is_wrong_audio() -> None:
    """A leak that the events deny is still heard: the recording decides."""
    honest = plain_session()
    events = [(e.at, e.turn, e.body) for e in honest.timeline.events]
    (turn,) = turns(recording(events, (2.0, 2.2), (3.43, 4.43)))
    assert turn.wrong_audio_heard


def test_a_reply_played_before_the_turn_ended_is_wrong_audio() -> None:
    """An early reply let out before the caller had finished would fail this."""
    honest = early_session()
    events = [
        (e.at, e.turn, e.body)
        for e in honest.timeline.events
        if type(e.body).__name__ not in ("PlaybackStarted", "PlaybackStopped")
    ]
    events += [(3.01, 0, started(3.00)), (4.06, 0, stopped(4.05, 1.05))]
    (turn,) = turns(recording(events, (2.78, 3.78)))
    assert turn.wrong_audio_heard


@pytest.mark.parametrize(("ahead", "wrong"), [(0.005, False), (0.05, True)])
def test_the_block_in_which_a_reply_was_let_go_is_not_wrong_audio(ahead: float, wrong: bool) -> None:
    """A block begins a little before what it was given meanwhile: nobody heard anything too early."""
    honest = early_session()
    (committed,) = (
        e.at for e in honest.timeline.events if type(e.body).__name__ == "EarlySynthesisCommitted"
    )
    played = committed - ahead
    events = [
        (e.at, e.turn, e.body)
        for e in honest.timeline.events
        if type(e.body).__name__ not in ("PlaybackStarted", "PlaybackStopped")
    ]
    events += [(committed + 0.01, 0, started(played)), (4.26, 0, stopped(played + 1.05, 1.05))]
    (turn,) = turns(recording(events, (played - 0.22, played + 0.78)))
    assert turn.wrong_audio_heard is wrong


def test_a_greeting_is_neither_an_answer_nor_wrong() -> None:
    """The assistant speaking first belongs to turn 0 and must not count as its answer."""
    greeting = [
        (0.1, 0, ReplyChosen(reply=9, text="Hello!", ssml="<speak/>")),
        (0.31, 0, started(0.30, reply=9)),
        (0.91, 0, stopped(0.90, 0.6, reply=9)),
    ]
    plain = plain_session()
    events = [(e.at, e.turn, e.body) for e in plain.timeline.events]
    (turn,) = turns(recording([*greeting, *events], (0.1, 0.6), (3.43, 4.43)))
    assert turn.reply == "One large latte."
    assert turn.response_time == pytest.approx(1.03, abs=READ)
    assert not turn.wrong_audio_heard


@pytest.mark.parametrize(
    ("until", "reason"),
    [
        (3.05, "the turn never ended"),
        (3.15, "the turn got no reply"),
        (3.62, "the reply was never played"),
    ],
)
def test_a_turn_without_an_answer_says_why(until: float, reason: str) -> None:
    """A session cut at any place must still give a report, with the reason for what is missing."""
    whole = plain_session()
    events = [(e.at, e.turn, e.body) for e in whole.timeline.events if e.at <= until]
    (turn,) = turns(recording(events))
    assert (turn.response_time, turn.contributions, turn.unexplained) == (None, {}, None)
    assert turn.reason == reason


def test_a_silent_reply_is_not_an_answer() -> None:
    """Playback that was reported but never sounded must not get a response time."""
    whole = plain_session()
    (turn,) = turns(recording([(e.at, e.turn, e.body) for e in whole.timeline.events]))
    assert turn.response_time is None
    assert turn.reason == "the reply was never audible"


def test_barge_in_is_read_off_the_recording() -> None:
    """The stop time runs from the interrupting speech to the last sample heard, here 4.30 to 4.55."""
    whole = plain_session()
    events = [
        (e.at, e.turn, e.body) for e in whole.timeline.events if type(e.body).__name__ != "PlaybackStopped"
    ]
    began = round(4.30 * CALLER_RATE)
    events += [
        (4.62, 1, SpeechStarted(position=began, rate=CALLER_RATE, probability=0.9)),
        (4.75, 1, BargedIn(reply=1, position=began, rate=CALLER_RATE, reason="words")),
        (4.82, 0, stopped(4.80, 1.15, reason="barge-in")),
        (5.50, 1, ended(4.9)),
    ]
    first, second = turns(recording(events, (3.43, 4.55)))
    assert first.barge_in is None
    assert second.barge_in is not None
    assert second.barge_in.began == pytest.approx(4.30)
    assert second.barge_in.stop_time == pytest.approx(0.25, abs=READ)
    assert second.barge_in.text_heard == "One large latte."
    assert not first.wrong_audio_heard
    assert not second.wrong_audio_heard


def test_rows_and_json_hold_every_number() -> None:
    """A column or key lost on the way to a notebook or a script would fail this."""
    reports = turns(plain_session())
    frame = to_pandas(reports)
    assert len(frame) == 1
    assert frame.loc[0, "response_time"] == reports[0].response_time
    assert set(CONTRIBUTIONS) <= set(frame.columns)
    row = turn_to_json(reports[0])
    assert row["contributions"] == reports[0].contributions
    assert to_pandas(()).empty


def test_a_session_without_turns_has_no_reports() -> None:
    """A session in which nobody spoke must not invent a turn."""
    silent = recording([])
    assert turns(silent) == ()
    assert len(silent.agent) == 6 * AGENT_RATE
