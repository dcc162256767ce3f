"""Audio by WebRTC without a network: where frames are placed, what replies become, when it is told."""

import numpy as np
import pytest

from workbench.audio.streams import encoder_for
from workbench.core.audio import AudioFormat, Encoding
from workbench.endpoint.media import Streams
from workbench.endpoint.receiving import Receiving
from workbench.endpoint.webrtc_ear import CLOCK_WAIT, DELAY, Ear
from workbench.endpoint.webrtc_voice import FADE, FRAME, Change, Voice
from workbench.errors import ProtocolError
from workbench.protocol.packets import AudioPacket, Direction, unpack

FORMATS = [AudioFormat(), AudioFormat(Encoding.MULAW, 8_000), AudioFormat(Encoding.OPUS, 48_000)]
PCM = AudioFormat(rate=24_000)


def tone(count: int, rate: int = 48_000, level: float = 0.3) -> np.ndarray:
    return (level * np.sin(2 * np.pi * 250 * np.arange(count) / rate)).astype(np.float32)


class Call:
    """Frames that arrive every 20 ms, and what the endpoint makes of them."""

    def __init__(self, audio_format: AudioFormat, *, position: int = 0, packet: int = 0, at: float = 0.0):
        self.now = at
        self.ear = Ear(
            Streams(
                input=audio_format,
                output=PCM,
                position=position,
                packet=packet,
                zero=None,
                now=lambda: self.now,
            )
        )
        self.receiving = Receiving(audio_format, position)
        self.packets: list[AudioPacket] = []
        self.heard: list[np.ndarray] = []

    def hear(self, time: int, samples: np.ndarray) -> None:
        """Let a frame arrive."""
        for data in self.ear.hear(time, samples):
            packet = unpack(data)
            self.packets.append(packet)
            taken = self.receiving.take(packet)
            if taken is not None:
                self.heard.append(taken.frame.samples)

    def run(self, samples: np.ndarray, *, lost: tuple[int, ...] = (), late: dict[int, float] | None = None):
        """Let ``samples`` arrive frame by frame, some lost, some late."""
        began = self.now
        for number, start in enumerate(range(0, len(samples), FRAME)):
            self.now = began + (number + 1) * 0.02 + (late or {}).get(number, 0.0)
            if number not in lost:
                self.hear(start, samples[start : start + FRAME])

    @property
    def stream(self) -> np.ndarray:
        """Return what the recogniser got."""
        return np.concatenate(self.heard)


@pytest.mark.parametrize("audio_format", FORMATS, ids=lambda one: f"{one.encoding.value}-{one.rate}")
def test_frames_lie_where_the_clock_says_and_follow_each_other(audio_format: AudioFormat) -> None:
    """Every time on the caller's side would be off by what the network takes, or by a slow first frame."""
    call = Call(audio_format, at=1.0)
    call.ear.zero = 0.5
    samples = np.zeros(96_000, np.float32)
    samples[48_000:57_600] = tone(9_600)
    call.run(samples, late={0: 0.3, 1: 0.2, 5: 0.1})
    assert [one.seq for one in call.packets] == list(range(len(call.packets)))
    assert call.packets[0].position == 0
    assert call.receiving.lost == 0
    onset = np.flatnonzero(np.abs(call.stream) > 0.05)[0] / 16_000
    arrived = 1.0 + 0.02 + 1.0  # of the frame the tone begins with, on the session clock
    assert 0.5 + onset == pytest.approx(arrived - DELAY, abs=0.004)


def test_what_was_captured_before_the_stream_began_is_no_part_of_it() -> None:
    """A stream would begin before its zero, and everything in it be late."""
    call = Call(AudioFormat(), at=0.0)
    call.ear.zero = 0.4
    samples = np.zeros(96_000, np.float32)
    samples[48_000:57_600] = tone(9_600)
    call.run(samples)
    assert call.packets[0].position == 0
    onset = np.flatnonzero(np.abs(call.stream) > 0.05)[0] / 16_000
    assert 0.4 + onset == pytest.approx(1.02 - DELAY, abs=0.004)


def test_without_a_clock_the_stream_begins_where_it_is_expected() -> None:
    """A page that never says when it began would never be heard."""
    call = Call(AudioFormat())
    call.run(tone(FRAME * (CLOCK_WAIT - 1)))
    assert not call.packets
    call.run(tone(FRAME * 2))
    assert call.packets[0].position == 0
    assert len(call.stream) / 16_000 == pytest.approx(CLOCK_WAIT * 0.02, abs=0.05)


@pytest.mark.parametrize("audio_format", FORMATS, ids=lambda one: f"{one.encoding.value}-{one.rate}")
def test_a_resumed_stream_goes_on_in_its_place_and_number_and_says_what_is_missing(audio_format) -> None:
    """What was said while the connection was away would be closed up, or the endpoint refuse its numbers."""
    rate = audio_format.rate
    call = Call(audio_format, position=2 * rate, packet=77, at=5.0)
    call.ear.zero = 0.0
    call.run(tone(48_000))
    assert call.packets[0].seq == 77
    assert call.receiving.lost / rate == pytest.approx(3.02 - DELAY, abs=0.03)
    assert call.receiving.position / rate == pytest.approx(6.02 - DELAY, abs=0.03)


@pytest.mark.parametrize("audio_format", FORMATS, ids=lambda one: f"{one.encoding.value}-{one.rate}")
def test_lost_frames_leave_a_gap_of_their_length(audio_format: AudioFormat) -> None:
    """After a lost packet every word would be too early."""
    call = Call(audio_format)
    call.ear.zero = 0.0
    samples = np.zeros(144_000, np.float32)
    samples[96_000:105_600] = tone(9_600)
    call.run(samples, lost=(30, 31, 60))
    assert call.receiving.lost / audio_format.rate == pytest.approx(0.06, abs=0.016)
    onset = np.flatnonzero(np.abs(call.stream) > 0.05)[0] / 16_000
    assert onset == pytest.approx(2.02 - DELAY, abs=0.006)


def test_a_frame_that_comes_twice_or_late_is_left_out() -> None:
    """The caller's words would be heard twice."""
    call = Call(AudioFormat())
    call.ear.zero = 0.0
    call.run(tone(48_000))
    count = len(call.packets)
    call.hear(47_040, tone(FRAME))
    call.hear(0, tone(FRAME))
    assert len(call.packets) == count


# --- the voice


def packets(samples: np.ndarray, audio_format: AudioFormat, reply: int = 1) -> list[AudioPacket]:
    encoder = encoder_for(audio_format, packet=5 * audio_format.frame_samples)
    return [
        AudioPacket(Direction.AGENT, 0, one.position, one.payload, reply)
        for one in (*encoder.feed(samples), *encoder.flush())
    ]


def pulled(voice: Voice, frames: int) -> tuple[np.ndarray, list[tuple[int, Change]]]:
    """Return so many frames as one, and what changed with which."""
    sound, changes = [], []
    for number in range(frames):
        frame, changed = voice.pull()
        assert len(frame) == FRAME
        sound.append(frame)
        changes += [(number, one) for one in changed]
    return np.concatenate(sound), changes


@pytest.mark.parametrize("audio_format", [PCM, *FORMATS], ids=lambda one: f"{one.encoding.value}-{one.rate}")
def test_a_reply_sounds_whole_and_both_its_ends_are_told(audio_format: AudioFormat) -> None:
    """A reply would be cut, softer, or its page believe it goes on for ever."""
    voice = Voice(audio_format)
    rate = audio_format.rate
    count = round(0.73 * rate)
    assert not pulled(voice, 2)[0].any()
    for one in packets(tone(count, rate), audio_format):
        voice.add(one)
    voice.control("end", 1, count)
    sound, changes = pulled(voice, 50)
    assert changes == [(0, Change(1, 0, sounding=True)), (36, Change(1, count, sounding=False))]
    wanted = tone(round(0.73 * 48_000))
    assert np.sqrt(np.mean((sound[: len(wanted)] - wanted)[1_000:-200] ** 2)) < 0.03
    assert not sound[len(wanted) + FADE :].any()


def test_a_flush_is_silence_with_the_next_frame_and_tells_how_far_it_came() -> None:
    """The assistant would talk on for a second after it was interrupted."""
    voice = Voice(PCM)
    for one in packets(tone(48_000, 24_000), PCM):
        voice.add(one)
    pulled(voice, 10)
    voice.control("flush", 1, 0)
    sound, changes = pulled(voice, 5)
    assert changes == [(0, Change(1, 4_800, sounding=False))]
    assert np.abs(np.diff(sound)).max() < 0.02  # it fades: no click
    assert not sound[FADE:].any()
    for one in packets(tone(2_400, 24_000), PCM):
        voice.add(one)  # what was on its way
    assert pulled(voice, 5)[1] == []
    for one in packets(tone(2_400, 24_000), PCM, reply=2):
        voice.add(one)
    assert pulled(voice, 1)[1] == [(0, Change(2, 0, sounding=True))]


def test_a_pause_holds_the_reply_where_it_is() -> None:
    """Words would be lost whenever the caller says "mhm"."""
    voice = Voice(PCM)
    for one in packets(tone(24_000, 24_000), PCM):
        voice.add(one)
    first, _ = pulled(voice, 10)
    voice.control("pause", 1, 0)
    sound, changes = pulled(voice, 10)
    assert not sound[FADE:].any()
    assert changes == [(0, Change(1, 4_800, sounding=False))]
    voice.control("resume", 1, 0)
    rest, changes = pulled(voice, 30)
    assert changes[0] == (0, Change(1, 4_800, sounding=True))
    both = np.concatenate([first, rest])
    assert np.sqrt(np.mean((both[:38_000] - tone(38_000)) ** 2)) < 0.01


def test_a_reply_that_comes_too_slowly_tells_where_it_stood_still() -> None:
    """What was heard would run ahead of what was said."""
    voice = Voice(PCM)
    first, *rest = packets(tone(24_000, 24_000), PCM)
    voice.add(first)
    _, changes = pulled(voice, 10)
    assert [one.sounding for _, one in changes] == [True, False]
    stood = changes[-1][1].position
    assert stood == pytest.approx(2_400, abs=40)  # the resampler holds a little back
    voice.add(rest[0])
    assert pulled(voice, 1)[1] == [(0, Change(1, stood, sounding=True))]


def test_a_reply_taken_up_in_its_middle_is_told_from_there() -> None:
    """After a lost connection more would count as heard than was, or less."""
    voice = Voice(PCM)
    for one in packets(tone(24_000, 24_000), PCM)[3:]:
        voice.add(one)
    assert pulled(voice, 1)[1] == [(0, Change(1, 7_200, sounding=True))]


def test_two_replies_meet_in_one_frame() -> None:
    """The second one's begin, or the first one's end, would never be told."""
    voice = Voice(PCM)
    for reply in (1, 2):
        for one in packets(tone(700, 24_000), PCM, reply):
            voice.add(one)
        voice.control("end", reply, 700)
    _, changes = pulled(voice, 4)
    assert [one for _, one in changes] == [
        Change(1, 0, sounding=True),
        Change(1, 700, sounding=False),
        Change(2, 0, sounding=True),
        Change(2, 700, sounding=False),
    ]


def test_a_packet_that_is_none_is_refused() -> None:
    """Garbage would be heard as noise."""
    with pytest.raises(ProtocolError, match="bad-audio"):
        Voice(PCM).add(AudioPacket(Direction.AGENT, 0, 0, b"\0\0\0", 1))
