"""What a client has of the endpoint's messages: each once, none missing."""

import numpy as np
import pytest

from workbench.audio.codecs import encode
from workbench.audio.opus import OpusEncoder
from workbench.client.mirror import Mirror
from workbench.core.audio import AudioFormat, Encoding
from workbench.core.events import AudioOut, Body, Event, SessionOpened, SessionReset, Source
from workbench.core.wire import event_to_wire
from workbench.errors import ProtocolError
from workbench.protocol.native import PlaybackControl, Seen
from workbench.protocol.packets import AudioPacket, Direction

FORMAT = AudioFormat(Encoding.PCM16, 24_000)
OPUS = AudioFormat(Encoding.OPUS, 48_000)
OPENED = SessionOpened(
    session="s",
    assistant="a",
    input_encoding="pcm16",
    input_rate=16_000,
    output_encoding="pcm16",
    output_rate=24_000,
)


def wire(seq: int, body: Body | None = None) -> dict[str, object]:
    body = body or AudioOut(position=seq, rate=24_000)
    return event_to_wire(Event(seq=seq, at=float(seq), turn=0, source=Source.ENDPOINT, body=body))


def packet(seq: int, position: int, values: list[float], reply: int = 1) -> AudioPacket:
    payload = encode(np.array(values, np.float32), FORMAT)
    return AudioPacket(direction=Direction.AGENT, seq=seq, reply=reply, position=position, payload=payload)


def control(seq: int, action: str = "end", samples: int = 0) -> PlaybackControl:
    return PlaybackControl(seq=seq, at=0.0, action=action, reply=1, samples=samples)


def test_what_comes_again_is_taken_once() -> None:
    """After a lost connection the caller would hear a word twice, or an event would count twice."""
    mirror = Mirror(FORMAT)
    for _ in range(2):
        mirror.event(wire(0, OPENED))
        mirror.event(wire(1))
        mirror.audio(packet(0, 0, [0.5] * 100))
        mirror.audio(packet(1, 100, [0.25] * 100))
        mirror.control(control(0, samples=200))
    assert mirror.duplicates == 5
    assert mirror.seen == Seen(events=2, controls=1, audio=2)
    assert (mirror.reply, mirror.received) == (1, 200)
    played = mirror.playout.pull(300)
    assert np.flatnonzero(played).tolist() == list(range(200))
    assert mirror.opened == OPENED


def opus_packets(samples: np.ndarray, reply: int, first: int = 0) -> list[AudioPacket]:
    encoder = OpusEncoder(OPUS)
    encoded = [*encoder.feed(samples), *encoder.flush()]
    return [
        AudioPacket(
            direction=Direction.AGENT,
            seq=first + seq,
            reply=reply,
            position=one.position,
            payload=one.payload,
        )
        for seq, one in enumerate(encoded)
    ]


def test_opus_replies_are_played_in_full_and_their_padding_is_not() -> None:
    """The end of a reply would be cut off, or more be reported as heard than the reply has."""
    mirror = Mirror(OPUS)
    sound = (0.4 * np.sin(2 * np.pi * 300 * np.arange(10_000) / 48_000)).astype(np.float32)
    first = opus_packets(sound, 1)
    for one in (*first, *first, *opus_packets(sound, 2, len(first))):
        mirror.audio(one)
    mirror.control(control(0, samples=len(sound)))
    played = mirror.playout.pull(2 * len(sound))
    assert mirror.duplicates == len(first)
    for heard in (played[: len(sound)], played[len(sound) :]):
        assert np.sqrt(np.mean((heard - sound)[500:] ** 2)) < 0.05
    stopped = next(report for report in mirror.playout.reports() if report.state == "stopped")
    assert (stopped.reply, stopped.reason, stopped.heard) == (1, "finished", len(sound))


def test_a_lost_opus_packet_is_concealed_and_counted() -> None:
    """A dropped packet would shift the rest of the reply, or be heard as a click."""
    mirror = Mirror(OPUS)
    sound = (0.4 * np.sin(2 * np.pi * 300 * np.arange(19_200) / 48_000)).astype(np.float32)
    packets = opus_packets(sound, 1)
    for one in packets:
        if one is not packets[8]:
            mirror.audio(one)
    mirror.control(control(0, samples=len(sound)))
    played = mirror.playout.pull(len(sound))
    assert mirror.lost == 960
    assert np.abs(played[packets[8].position : packets[9].position]).max() > 0.2
    assert np.sqrt(np.mean((played - sound)[14_400:] ** 2)) < 0.05


@pytest.mark.parametrize("kind", ["event", "control"])
def test_a_missing_message_is_noticed_and_the_next_one_not_taken(kind: str) -> None:
    """The timeline would have a hole, or a flush be missed, without anyone knowing."""
    mirror = Mirror(FORMAT)
    with pytest.raises(ProtocolError, match=f"{kind} 1 came, expected 0"):
        mirror.event(wire(1)) if kind == "event" else mirror.control(control(1))
    assert mirror.seen == Seen()


def test_missing_audio_becomes_silence_of_its_length() -> None:
    """What follows would be played too early, and counted wrong."""
    mirror = Mirror(FORMAT)
    mirror.audio(packet(0, 0, [0.5] * 1000))
    mirror.audio(packet(2, 1500, [0.5] * 1000))
    assert (mirror.lost, mirror.received) == (500, 2500)
    played = mirror.playout.pull(2500)
    assert not played[1000:1500].any()
    assert played[1500:].all()


def test_of_a_packet_that_began_earlier_only_the_rest_is_played() -> None:
    """A new process cuts its packets elsewhere: the caller would hear a stutter."""
    mirror = Mirror(FORMAT)
    mirror.audio(packet(0, 0, [0.5] * 1000))
    mirror.audio(packet(1, 900, [0.5] * 100 + [0.25] * 1000))
    assert mirror.received == 2000
    mirror.audio(packet(2, 0, [0.5] * 100))
    assert mirror.received == 2000
    played = mirror.playout.pull(2000)
    assert np.allclose(played[:1000], 0.5, atol=1e-3)
    assert np.allclose(played[1000:], 0.25, atol=1e-3)


def test_a_reset_stops_what_plays_and_goes_on_with_the_numbers() -> None:
    """The rest of a reply that will never come would be waited for."""
    mirror = Mirror(FORMAT)
    mirror.event(wire(0, OPENED))
    mirror.audio(packet(0, 0, [0.5] * 2000))
    mirror.playout.pull(500)
    mirror.event(wire(1, SessionReset(session="t", previous="s")))
    assert not mirror.playout.playing
    assert [report.reason for report in mirror.playout.reports()][-1] == "closed"
    mirror.event(wire(2, OPENED))
    mirror.audio(packet(1, 0, [0.5] * 2000, reply=2))
    assert mirror.playout.playing
