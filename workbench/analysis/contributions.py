"""Where the response time of one turn went: named stretches that add up.

The stretches are a chain of moments, each not before the last: the end of the caller's speech, its arrival,
the end of the turn, the final transcript, the intent, the reply, its first byte, its first sample at the
speaker, its first audible sample. A moment that lies before the one it follows (a first byte of an early
reply) costs nothing; a moment that was not recorded costs nothing and its time shows in the next.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from workbench.analysis.turn_events import ReplyStory, of_kind
from workbench.core.events import AudioIn, Event, FinalTranscript, IntentRecognized, TurnEnded

CONTRIBUTIONS: Mapping[str, str] = MappingProxyType(
    {
        "capture_and_transport": "the caller's last sound on its way to the endpoint",
        "endpointing": "waiting to be sure that the caller has finished",
        "transcription_tail": "the final pass over the utterance",
        "understanding": "finding intent and slots in the final text",
        "reply": "choosing what to say",
        "synthesis_first_byte": "waiting for the first synthesised clause",
        "leading_silence": "silence before the first audible sample of that clause",
        "transport": "the reply on its way to the client",
        "playout": "the client's buffer and its next frame",
    }
)
"""Every contribution by name, in order, with what it is."""

_NEAR = 8  # reports looked at to either side: a client that corrects its clock may put some out of order


def contributions(
    turn: Sequence[Event],
    reply: ReplyStory,
    *,
    end_of_speech: float,
    arrivals: Sequence[tuple[float, AudioIn]],
    device_zero: float,
) -> dict[str, float]:
    """Return seconds by the names of :data:`CONTRIBUTIONS`, each at least 0.

    Parameters
    ----------
    turn : the turn's events
    reply : the reply that answered it, or the first part of it, which was played
    end_of_speech : session seconds
    arrivals : all reports of audio arrived in the session
    device_zero : session seconds of the caller's first sample
    """
    if reply.started is None:
        return {}
    told, started = reply.started
    ended = max((at for at, _ in of_kind(turn, TurnEnded)), default=None)
    finals = [at for at, _ in of_kind(turn, FinalTranscript) if ended is None or at >= ended]
    intents = [at for at, body in of_kind(turn, IntentRecognized) if body.origin == "final"]
    waited: list[tuple[str, float | None]] = [
        ("transcription_tail", max(finals, default=None)),
        ("understanding", max(intents, default=None)),
    ]
    given = max(reply.chosen, reply.committed or 0.0)
    if reply.led is not None:  # neither was waited for
        waited, given = [], reply.led
    chain: list[tuple[str, float | None]] = [
        ("capture_and_transport", end_of_speech + _uplink(arrivals, end_of_speech, device_zero)),
        ("endpointing", ended),
        *waited,
        ("reply", given),
        ("synthesis_first_byte", reply.first_byte),
    ]
    result = dict.fromkeys(CONTRIBUTIONS, 0.0)
    now = end_of_speech
    for name, at in chain:
        following = now if at is None else max(now, at)
        result[name], now = following - now, following
    # Of the way from the endpoint to the speaker only the ends are known. The client's report of it took the
    # same road back, so the road is given that time and the client's buffer the rest.
    downlink = max(0.0, started.played - now)
    result["transport"] = min(downlink, max(0.0, told - started.played))
    result["playout"] = downlink - result["transport"]
    result["leading_silence"] = reply.leading_silence
    return result


def _uplink(arrivals: Sequence[tuple[float, AudioIn]], moment: float, device_zero: float) -> float:
    """Return how long audio captured near ``moment`` took to arrive, from the nearest report of it."""

    def captured(arrival: tuple[float, AudioIn]) -> float:
        body = arrival[1]
        return device_zero + body.position / body.rate if body.captured is None else body.captured

    place = bisect_left(arrivals, moment, key=captured)
    near = arrivals[max(0, place - _NEAR) : place + _NEAR]
    delays = [(abs(captured(one) - moment), one[0] - captured(one)) for one in near]
    return max(0.0, min(delays)[1]) if delays else 0.0
