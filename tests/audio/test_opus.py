"""Opus at true positions: delay, quality, losses, and packets that are none."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench.audio.opus import CONCEALED_MAX, OpusDecoder, OpusEncoder, pre_skip
from workbench.core.audio import AudioFormat, Encoded, Encoding
from workbench.errors import ParameterError, ProtocolError

RATES = [16_000, 24_000, 48_000]


def opus(rate: int = 48_000, **options) -> AudioFormat:
    return AudioFormat(Encoding.OPUS, rate, **options)


def chirp(rate: int) -> np.ndarray:
    """Return 100 ms from 300 to 3500 Hz: found again to a fraction of a millisecond."""
    time = np.arange(rate // 10) / rate
    sweep = np.sin(2 * np.pi * (300 * time + 3_200 / 0.2 * time**2))
    return (0.5 * sweep * np.hanning(len(time))).astype(np.float32)


def voice(rate: int, seconds: float = 2.0) -> np.ndarray:
    """Return something like a voice: harmonics of a gliding fundamental, in syllables."""
    time = np.arange(round(rate * seconds)) / rate
    phase = 2 * np.pi * np.cumsum(120 + 20 * np.sin(2 * np.pi * 0.7 * time)) / rate
    harmonics = sum(np.sin(k * phase) / k for k in range(1, 12))
    return (0.15 * harmonics * np.clip(np.sin(2 * np.pi * 3 * time), 0, 1)).astype(np.float32)


def encoded(samples: np.ndarray, audio_format: AudioFormat, position: int = 0) -> list[Encoded]:
    encoder = OpusEncoder(audio_format, position)
    return [*encoder.feed(samples), *encoder.flush()]


def decoded(packets: list[Encoded], rate: int) -> np.ndarray:
    decoder = OpusDecoder(rate)
    return np.concatenate([decoder.decode(one.payload, one.position) for one in packets])


def snr(source: np.ndarray, result: np.ndarray) -> float:
    """Return the signal to noise ratio, dB."""
    length = min(len(source), len(result))
    noise = result[:length] - source[:length]
    return float(10 * np.log10(np.sum(source[:length] ** 2) / np.sum(noise**2)))


def place(sound: np.ndarray, samples: np.ndarray) -> int:
    return int(np.argmax(np.abs(np.correlate(samples, sound, "valid"))))


@pytest.mark.parametrize("rate", RATES)
def test_what_is_decoded_lies_where_it_was_put_in(rate: int) -> None:
    """Words, barge-in and what was heard would all be placed 6.5 ms late."""
    sound = chirp(rate)
    samples = np.zeros(2 * rate, np.float32)
    for at in (rate // 5, rate // 2 + 77, round(1.7 * rate)):
        samples[:] = 0
        samples[at : at + len(sound)] = sound
        found = place(sound, decoded(encoded(samples, opus(rate)), rate))
        assert abs(found - at) / rate <= 0.0005


@pytest.mark.parametrize("rate", RATES)
def test_positions_follow_each_other_and_cover_the_stream(rate: int) -> None:
    """A client or the endpoint would see gaps that are none, or lack the last 6.5 ms."""
    samples = voice(rate, 0.533)
    packets = encoded(samples, opus(rate))
    assert packets[0].position == 0
    assert packets[0].samples == rate // 50 - pre_skip(rate)
    assert all(one.end == next_one.position for one, next_one in zip(packets, packets[1:], strict=False))
    assert len(samples) <= packets[-1].end < len(samples) + rate // 50
    assert len(decoded(packets, rate)) == packets[-1].end


@given(cuts=st.lists(st.integers(0, 3_000), max_size=12))
@settings(deadline=None, max_examples=30)
def test_however_a_stream_is_cut_its_packets_are_the_same(cuts: list[int]) -> None:
    """A client that sends 10 ms at a time would be heard otherwise than one that sends a second."""
    samples = voice(16_000, 1.0)
    encoder = OpusEncoder(opus(16_000))
    packets, done = [], 0
    for cut in (*cuts, len(samples)):
        packets += encoder.feed(samples[done : done + cut])
        done += cut
    assert [*packets, *encoder.flush()] == encoded(samples[:done], opus(16_000))


@pytest.mark.parametrize(("rate", "least"), [(16_000, 20.0), (24_000, 15.0), (48_000, 15.0)])
def test_a_voice_comes_through(rate: int, least: float) -> None:
    """A recogniser would hear noise, or another loudness."""
    source = voice(rate)
    result = decoded(encoded(source, opus(rate)), rate)
    assert snr(source, result) > least
    assert np.std(result) == pytest.approx(np.std(source), rel=0.1)


def test_more_bits_sound_better_and_cost_more() -> None:
    """The bitrate would be told to nobody."""
    source = voice(48_000)
    few, many = (encoded(source, opus(bitrate=bitrate)) for bitrate in (8_000, 64_000))
    assert sum(len(one.payload) for one in few) * 3 < sum(len(one.payload) for one in many)
    assert snr(source, decoded(few, 48_000)) + 3 < snr(source, decoded(many, 48_000))


def test_the_bitrate_changes_inside_a_stream() -> None:
    """Stepping down when the network gets worse would need a new session."""
    source = voice(48_000, 4.0)
    encoder = OpusEncoder(opus(bitrate=64_000))
    before = sum(len(one.payload) for one in encoder.feed(source[:96_000]))
    encoder.set_bitrate(8_000)
    assert sum(len(one.payload) for one in encoder.feed(source[96_000:])) < before / 3


def with_loss(packets: list[Encoded], lost: int, rate: int) -> np.ndarray:
    """Return the stream without one packet, its place concealed."""
    decoder, pieces = OpusDecoder(rate), []
    for number, one in enumerate(packets):
        if number == lost:
            continue
        if number == lost + 1:
            pieces.append(decoder.conceal(one.payload, packets[lost].samples))
        pieces.append(decoder.decode(one.payload, one.position))
    return np.concatenate(pieces)


def test_a_lost_packet_is_made_up_from_the_next_one_if_it_repeats_it() -> None:
    """In-band FEC would be paid for and not used."""
    rate, source = 16_000, voice(16_000)
    packets = encoded(source, opus(rate, fec=True, bitrate=24_000))
    loud = [
        k for k in range(5, len(packets) - 2) if np.std(source[packets[k].position : packets[k].end]) > 0.1
    ]
    better = 0
    for lost in loud[::5]:
        whole, result = decoded(packets, rate), with_loss(packets, lost, rate)
        assert len(result) == len(whole)
        here = slice(packets[lost].position, packets[lost].end)
        better += snr(whole[here], result[here]) > 3
    assert better > 0.8 * len(loud[::5])


def test_a_gap_is_concealed_at_its_exact_length_and_what_follows_lies_right() -> None:
    """After a loss every word would be placed wrongly."""
    rate, sound = 48_000, chirp(48_000)
    samples = voice(rate)
    samples[60_000:] = 0
    samples[70_000 : 70_000 + len(sound)] = sound
    packets = encoded(samples, opus(rate))
    for missing in range(1, CONCEALED_MAX + 1):
        decoder = OpusDecoder(rate)
        before = [decoder.decode(one.payload, one.position) for one in packets[:20]]
        gap = packets[20 + missing].position - packets[19].end
        concealed = decoder.conceal(packets[20 + missing].payload, gap)
        assert len(concealed) == gap == missing * 960
        assert np.abs(concealed).max() <= 1
        after = [decoder.decode(one.payload, one.position) for one in packets[20 + missing :]]
        assert abs(place(sound, np.concatenate([*before, concealed, *after])) - 70_000) <= 24


def test_a_long_gap_is_silence_and_what_follows_lies_right() -> None:
    """The last vowel before a lost connection would drone on, or a decoder fill memory."""
    rate, sound = 48_000, chirp(48_000)
    samples = voice(rate)
    samples[70_000 : 70_000 + len(sound)] = sound
    packets = encoded(samples, opus(rate))
    decoder = OpusDecoder(rate)
    decoder.decode(packets[0].payload, 0)
    assert not len(decoder.conceal(packets[40].payload, packets[40].position - packets[0].end))
    after = np.concatenate([decoder.decode(one.payload, one.position) for one in packets[40:]])
    assert abs(packets[40].position + place(sound, after) - 70_000) <= 24


@pytest.mark.parametrize("rate", RATES)
def test_a_stream_begun_inside_another_converges_before_it_is_listened_to(rate: int) -> None:
    """A reply taken up by another process would begin with a crackle, or at a wrong place."""
    source = voice(rate)
    listened = 20 * rate // 25
    begins = listened - OpusEncoder(opus(rate)).preroll
    packets = encoded(source[begins:], opus(rate), begins)
    assert packets[0].position == begins - pre_skip(rate)
    whole = np.zeros(packets[-1].end, np.float32)
    whole[packets[0].position :] = decoded(packets, rate)
    assert snr(source[listened:], whole[listened:]) > 10


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (b"", "0 bytes of opus, expected 1 to 1275 (bad-audio)"),
        (bytes(1_276), "1276 bytes of opus, expected 1 to 1275 (bad-audio)"),
        (b"\x03\x3f", "2 bytes that are no opus packet (bad-audio)"),  # 63 frames: 630 ms
        (b"\x00", "an opus packet of 480 samples, expected 960 (bad-audio)"),  # 10 ms
        (b"\x0b\x02", "an opus packet of 1920 samples, expected 960 (bad-audio)"),  # two of 20 ms
    ],
)
def test_what_is_no_packet_of_20_ms_is_refused_and_leaves_no_trace(payload: bytes, text: str) -> None:
    """Garbage would shift the stream, write beyond a buffer or end the session."""
    packets = encoded(voice(48_000, 0.5), opus())
    clean, hit = OpusDecoder(48_000), OpusDecoder(48_000)
    for one in packets:
        with pytest.raises(ProtocolError) as raised:
            hit.decode(payload, one.position)
        assert str(raised.value) == text
        assert np.array_equal(clean.decode(one.payload, one.position), hit.decode(one.payload, one.position))


@given(payload=st.binary(max_size=200), gap=st.integers(0, 10_000))
@settings(deadline=None)
def test_whatever_bytes_come_are_samples_or_refused(payload: bytes, gap: int) -> None:
    """A peer's garbage would end a session with an error nobody handles."""
    decoder = OpusDecoder(48_000)
    try:
        concealed = decoder.conceal(payload, gap)
        samples = decoder.decode(payload, 960)
    except ProtocolError:
        return
    assert len(concealed) in (0, gap // 960 * 960)
    assert len(samples) == 960
    assert np.all(np.abs(samples) <= 1)


def test_what_is_no_number_is_not_heard_for_long() -> None:
    """One broken sample of a device would silence or distort the rest of a stream."""
    broken, source = voice(48_000), voice(48_000)
    broken[1_000], broken[1_001], broken[1_002] = np.nan, np.inf, -np.inf
    result = decoded(encoded(broken, opus()), 48_000)
    assert np.all(np.isfinite(result))
    assert snr(source[9_600:], result[9_600:]) > 10


def test_an_encoder_begins_at_the_start_or_with_a_preroll() -> None:
    """The position of its first packet would be before the stream."""
    with pytest.raises(ParameterError, match="^position is 100, expected 0 or at least 3840$"):
        OpusEncoder(opus(), 100)
