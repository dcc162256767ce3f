"""Who has the floor, event by event."""

import pytest

from workbench.client.floor import Floor
from workbench.core.events import (
    AudioOut,
    Backchannelled,
    Body,
    Event,
    FinalTranscript,
    PlaybackPosition,
    PlaybackStarted,
    PlaybackStopped,
    Source,
    SpeechEnded,
    SpeechStarted,
    TurnEnded,
)

SPEECH = SpeechStarted(position=0, rate=16_000, probability=0.9)
SILENCE = SpeechEnded(position=16_000, rate=16_000)
TURN = TurnEnded(reason="complete", score=0.9, hangover=0.4, position=16_000, rate=16_000)
MHM = Backchannelled(reply=1, text="mhm", reason="backchannel")
PLAYING = PlaybackStarted(reply=1, played=2.0, device_position=0)
HEARD = PlaybackPosition(reply=1, heard=4800, rate=24_000, device_position=4800)
CUT = PlaybackStopped(reply=1, reason="barge-in", heard=4800, rate=24_000, device_position=4800)
DONE = PlaybackStopped(reply=1, reason="finished", heard=9600, rate=24_000, device_position=9600)


def final(text: str) -> FinalTranscript:
    return FinalTranscript(text=text, words=(), confidence=0.9, language="en", audio_start=0.0, audio_end=1.0)


def after(*bodies: Body) -> Floor:
    floor = Floor()
    for seq, body in enumerate(bodies):
        floor.take(Event(seq=seq, at=float(seq), turn=0, source=Source.ENDPOINT, body=body))
    return floor


@pytest.mark.parametrize(
    ("bodies", "free"),
    [
        ([], True),
        ([AudioOut(position=0, rate=24_000)], True),
        ([SPEECH], False),
        ([SPEECH, SILENCE], False),
        ([SPEECH, SILENCE, TURN], False),
        ([SPEECH, TURN, final("")], True),
        ([SPEECH, TURN, final("a latte")], False),
        ([SPEECH, TURN, final("a latte"), PLAYING], False),
        ([SPEECH, TURN, final("a latte"), PLAYING, HEARD], False),
        ([SPEECH, TURN, final("a latte"), PLAYING, DONE], True),
        ([SPEECH, TURN, SPEECH, final(""), TURN], False),
        ([SPEECH, TURN, SPEECH, TURN, final("")], False),
        ([SPEECH, TURN, SPEECH, TURN, final(""), final("")], True),
        ([SPEECH, TURN, SPEECH, TURN, final("a latte"), final("")], False),
        ([PLAYING, SPEECH, MHM], False),
        ([PLAYING, SPEECH, MHM, DONE], True),
        ([PLAYING, SPEECH, CUT], False),
        ([PLAYING, SPEECH, CUT, TURN, final("stop"), PLAYING, DONE], True),
    ],
)
def test_the_floor_is_free_when_nothing_is_due(bodies: list[Body], free: bool) -> None:
    """A recorded caller would speak into the reply, or wait forever for one that was given."""
    assert after(*bodies).free is free


def test_replies_are_counted_however_they_end() -> None:
    """A caller that was interrupted would wait for another reply."""
    assert after(PLAYING, CUT, PLAYING, DONE).replies == 2
    assert after(PLAYING).replies == 0
