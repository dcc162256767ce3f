"""The caller's packets in order: gaps filled, duplicates dropped, nothing shifted."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench.audio.codecs import encode
from workbench.audio.opus import OpusEncoder
from workbench.core.audio import AudioFormat, Encoding
from workbench.core.events import AudioIn
from workbench.endpoint.receiving import GAP_MAX, Receiving
from workbench.errors import ProtocolError
from workbench.protocol.native import MAX_PACKET_SAMPLES
from workbench.protocol.packets import AudioPacket, Direction

PCM = AudioFormat()
FORMATS = [PCM, AudioFormat(rate=24_000), AudioFormat(rate=48_000), AudioFormat(Encoding.MULAW, 8_000)]
SIZE = 320


def ramp(position: int, count: int) -> np.ndarray:
    """Return samples that tell their own place: (place + 1) / 32768, never 0."""
    return (np.arange(position + 1, position + count + 1) / 32_768).astype(np.float32)


def packet(position: int, samples: np.ndarray, audio_format: AudioFormat = PCM) -> AudioPacket:
    return AudioPacket(
        direction=Direction.CALLER, seq=0, position=position, payload=encode(samples, audio_format)
    )


@settings(deadline=None)
@given(order=st.lists(st.integers(0, 20), max_size=40))
def test_whatever_arrives_in_whatever_order_nothing_is_shifted(order: list[int]) -> None:
    """After a lost, doubled or late packet, every word would be placed at a wrong time."""
    receiving = Receiving(PCM)
    heard, lost = [], 0
    for number in order:
        taken = receiving.take(packet(number * SIZE, ramp(number * SIZE, SIZE)))
        expected = sum(map(len, heard))
        if taken is None:
            assert number * SIZE < expected
            continue
        assert taken.frame.position == expected
        assert not taken.frame.samples[: taken.gap].any()
        assert np.array_equal(taken.frame.samples[taken.gap :], taken.samples)  # 16 kHz passes unchanged
        heard.append(taken.frame.samples)
    stream = np.concatenate(heard) if heard else np.zeros(0, np.float32)
    there = stream != 0
    assert np.array_equal(stream[there], ramp(0, len(stream))[there])
    lost = int(np.count_nonzero(~there))
    assert (receiving.position, receiving.lost) == (len(stream), lost)


@pytest.mark.parametrize("audio_format", FORMATS, ids=lambda one: f"{one.encoding.value}-{one.rate}")
def test_every_format_reaches_the_recogniser_in_time(audio_format: AudioFormat) -> None:
    """Times on the caller's stream would stretch with its rate, or audio wait for what follows."""
    receiving = Receiving(audio_format)
    size, end = audio_format.frame_samples, 0
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(audio_format.rate) / audio_format.rate)
    pieces = []
    for position in range(0, audio_format.rate, size):
        taken = receiving.take(packet(position, tone[position : position + size], audio_format))
        assert len(taken.samples) == size
        frame = taken.frame
        assert (frame.position, frame.rate) == (end, 16_000)
        end = frame.end
        pieces.append(frame.samples)
    assert 0.995 * 16_000 < end <= 16_000
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(end) / 16_000)
    middle = slice(800, end - 800)
    assert np.abs(np.concatenate(pieces)[middle] - expected[middle]).max() < 0.02


def opus_packets(samples: np.ndarray, audio_format: AudioFormat) -> list[AudioPacket]:
    encoder = OpusEncoder(audio_format)
    return [
        AudioPacket(direction=Direction.CALLER, seq=0, position=one.position, payload=one.payload)
        for one in (*encoder.feed(samples), *encoder.flush())
    ]


@pytest.mark.parametrize("rate", [16_000, 48_000])
@pytest.mark.parametrize("lost", [set(), {10}, set(range(8, 12)), set(range(8, 30))])
def test_opus_reaches_the_recogniser_in_time_whatever_is_lost(rate: int, lost: set[int]) -> None:
    """After a loss words would be placed wrongly, or 6.5 ms late from the start."""
    samples = np.zeros(rate, np.float32)
    click = np.sin(2 * np.pi * 1_000 * np.arange(rate // 50) / rate) * np.hanning(rate // 50)
    samples[round(0.8 * rate) :][: len(click)] = 0.5 * click
    receiving, heard = Receiving(AudioFormat(Encoding.OPUS, rate)), []
    for number, one in enumerate(opus_packets(samples, receiving.audio_format)):
        if number not in lost:
            taken = receiving.take(one)
            assert taken.frame.position == sum(map(len, heard))
            heard.append(taken.frame.samples)
    stream = np.concatenate(heard)
    assert receiving.lost == len(lost) * rate // 50
    loudest = np.argmax(np.convolve(np.abs(stream), np.ones(160), "same"))
    assert loudest / 16_000 == pytest.approx(0.81, abs=0.001)


def test_opus_sent_again_after_another_process_had_its_beginning_is_taken_from_its_place() -> None:
    """A session restored in the middle of a packet would hear its first part twice."""
    audio_format = AudioFormat(Encoding.OPUS, 48_000)
    samples = (0.3 * np.sin(2 * np.pi * 440 * np.arange(24_000) / 48_000)).astype(np.float32)
    packets = opus_packets(samples, audio_format)
    receiving = Receiving(audio_format, position=packets[10].position + 100)
    taken = receiving.take(packets[10])
    assert (taken.gap, len(taken.samples)) == (0, 860)
    assert receiving.position == packets[11].position


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        (
            AudioPacket(direction=Direction.AGENT, seq=0, position=0, payload=b"\0\0"),
            "an agent's packet came from the caller (bad-packet)",
        ),
        (packet(0, np.zeros(0)), "0 samples in a packet, expected 1 to 24000 (bad-packet)"),
        (
            packet(0, np.zeros(MAX_PACKET_SAMPLES + 1)),
            "24001 samples in a packet, expected 1 to 24000 (bad-packet)",
        ),
        (
            AudioPacket(direction=Direction.CALLER, seq=0, position=0, payload=b"\0\0\0"),
            "3 bytes of pcm16, expected a multiple of 2 (bad-audio)",
        ),
        (
            packet(2**64 - 1, np.zeros(2)),
            "audio came faster than real time (bad-packet)",
        ),
    ],
)
def test_a_bad_packet_is_refused_and_changes_nothing(bad: AudioPacket, text: str) -> None:
    """Garbage would shift the stream, fill the memory or end the session."""
    receiving = Receiving(PCM)
    receiving.take(packet(0, ramp(0, SIZE)))
    with pytest.raises(ProtocolError) as raised:
        receiving.take(bad, until=3600.0)
    assert str(raised.value) == text
    taken = receiving.take(packet(SIZE, ramp(SIZE, SIZE)))
    assert (len(taken.samples), taken.frame.position, receiving.lost) == (SIZE, SIZE, 0)


@pytest.mark.parametrize("beyond", [0, 1, 100 * PCM.rate])
def test_a_long_gap_is_passed_over_after_some_silence(beyond: int) -> None:
    """A client that was away for minutes could not go on, or would fill the memory with silence."""
    receiving = Receiving(PCM)
    silence = round(GAP_MAX * PCM.rate)
    gap = silence + beyond
    taken = receiving.take(packet(gap, ramp(0, SIZE)))
    assert taken.gap == receiving.lost == gap
    assert len(taken.frame.samples) == silence + SIZE
    assert not taken.frame.samples[:silence].any()
    assert taken.frame.end == receiving.position == gap + SIZE


def test_of_a_packet_that_is_partly_known_the_rest_is_taken() -> None:
    """What a client sends again after a lost connection would be heard twice, or its rest not at all."""
    receiving = Receiving(PCM, position=SIZE + 100)
    assert receiving.take(packet(0, ramp(0, SIZE))) is None
    taken = receiving.take(packet(SIZE, ramp(SIZE, SIZE)))
    assert taken.frame.position == SIZE + 100
    assert np.allclose(taken.samples, ramp(SIZE + 100, SIZE - 100))


def test_arrival_is_reported_once_a_second_and_at_each_gap() -> None:
    """The timeline would be flooded, or a loss stay invisible."""
    receiving = Receiving(PCM)
    reports = []
    for number in range(120):
        if number != 70:
            receiving.take(packet(number * SIZE, ramp(number * SIZE, SIZE)))
            reports.append(receiving.report(captured=number / 100))
    assert [report for report in reports if report] == [
        AudioIn(position=16_000, rate=16_000, lost=0, captured=0.49),
        AudioIn(position=72 * SIZE, rate=16_000, lost=SIZE, captured=0.71),
    ]


def test_a_stream_full_of_holes_is_told_of_ten_times_a_second_and_no_hole_is_left_out() -> None:
    """One client could fill the timeline with thousands of gaps a second."""
    receiving = Receiving(PCM)
    reports = []
    for position in range(1, 2 * PCM.rate, 2):
        receiving.take(packet(position, ramp(0, 1)))
        reports.append(receiving.report(captured=None))
    told = [report for report in reports if report]
    assert len(told) == 20
    assert sum(report.lost for report in told) + receiving.lost == PCM.rate
