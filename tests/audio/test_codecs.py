"""Samples to bytes and back, against a library and recordings nobody here wrote."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, strategies as st

from workbench.audio.codecs import decode, encode
from workbench.core.audio import AudioFormat, Encoding
from workbench.errors import ProtocolError

PCM = AudioFormat()
MULAW = AudioFormat(Encoding.MULAW, 8_000)
EVERY_SAMPLE = np.arange(-32_768, 32_768).astype(np.int16)


def as_float(pcm: np.ndarray) -> np.ndarray:
    return (pcm / 32_768).astype(np.float32)


def library_mulaw(pcm: np.ndarray) -> bytes:
    """Return mu-law bytes as libsndfile writes them."""
    file = io.BytesIO()
    soundfile.write(file, pcm, 8_000, format="RAW", subtype="ULAW")
    return file.getvalue()


def library_samples(data: bytes) -> np.ndarray:
    """Return the 16-bit samples libsndfile reads from mu-law bytes."""
    return soundfile.read(
        io.BytesIO(data), dtype="int16", format="RAW", subtype="ULAW", samplerate=8_000, channels=1
    )[0]


def test_every_mulaw_byte_means_what_the_library_says() -> None:
    """Callers on the telephone would hear another voice."""
    data = bytes(range(256))
    assert np.array_equal(decode(data, MULAW) * 32_768, library_samples(data).astype(np.float32))


def test_positive_samples_become_the_library_s_bytes() -> None:
    """Our mu-law would be louder, softer or noisier than everyone else's."""
    positive = EVERY_SAMPLE[32_768:]
    assert encode(as_float(positive), MULAW) == library_mulaw(positive)


def test_negative_samples_follow_the_reference_s_complement() -> None:
    """Negative samples would be rounded to another step than in ITU-T G.191.

    The reference takes -(x + 1) where the library takes -x: a negative sample codes as the mirror of the
    positive one before it.
    """
    negative = EVERY_SAMPLE[:32_768]
    mirrored = np.frombuffer(library_mulaw(~negative), np.uint8) ^ 0x80
    assert encode(as_float(negative), MULAW) == mirrored.tobytes()


def test_mulaw_never_errs_by_more_than_half_a_step() -> None:
    """A wrong segment is heard as distortion of loud or of soft speech."""
    coded = decode(encode(as_float(EVERY_SAMPLE), MULAW), MULAW) * 32_768
    pcm = EVERY_SAMPLE.astype(np.int32)
    magnitude = np.abs(pcm)
    step = 8 << np.clip(np.floor(np.log2(np.maximum(magnitude, 1) + 132)).astype(int) - 7, 0, 7)
    within = magnitude <= 32_635  # the largest value mu-law reaches
    assert np.all(np.abs(coded - pcm)[within] <= step[within] / 2 + 4)  # 4: 14 of 16 bits are coded
    assert np.all(np.diff(coded) >= 0)


def test_mulaw_bytes_survive_a_round_trip() -> None:
    """Speech passed on through several gateways would get worse with each."""
    data = bytes(range(256))
    again = encode(decode(data, MULAW), MULAW)
    # 0x7F is minus zero, which samples can't tell from zero
    assert again == data.replace(b"\x7f", b"\xff")


def test_every_pcm_sample_survives_a_round_trip() -> None:
    """Recordings would differ from what was sent."""
    data = EVERY_SAMPLE.astype("<i2").tobytes()
    assert encode(decode(data, PCM), PCM) == data


def test_pcm_is_little_endian_and_clipped() -> None:
    """Loud passages would wrap around into noise."""
    samples = np.array([0.0, 0.5, -0.5, 1.0, -1.0, 3.0, -3.0, np.inf], np.float32)
    assert np.frombuffer(encode(samples, PCM), "<i2").tolist() == [
        *(0, 16_384, -16_384, 32_767, -32_768, 32_767, -32_768, 32_767)
    ]
    assert encode(np.array([1 / 32_768], np.float32), PCM) == b"\x01\x00"


@given(data=st.binary(max_size=64), audio_format=st.sampled_from([PCM, MULAW]))
def test_whole_samples_decode_and_halves_are_refused(data: bytes, audio_format: AudioFormat) -> None:
    """A peer's garbage would end a session with an error nobody handles."""
    if len(data) % audio_format.bytes_per_sample:
        with pytest.raises(ProtocolError, match=r"bytes of pcm16, expected a multiple of 2 \(bad-audio\)$"):
            decode(data, audio_format)
    else:
        samples = decode(data, audio_format)
        assert samples.dtype == np.float32
        assert len(samples) == len(data) // audio_format.bytes_per_sample
        assert np.all(np.abs(samples) <= 1)


@pytest.mark.shared_data
def test_a_recorded_mulaw_file_reads_as_the_library_reads_it(shared_data: Path) -> None:
    """Speech recorded elsewhere would sound wrong here."""
    path = shared_data / "codec_vectors" / "mulaw" / "audio_long8mulaw.wav"
    if not path.exists():
        pytest.skip("the recorded mu-law file is not there")
    expected = soundfile.read(path, dtype="int16", frames=80_000)[0]
    data = path.read_bytes()
    start = data.index(b"data") + 8
    assert np.array_equal(decode(data[start : start + 80_000], MULAW) * 32_768, expected.astype(np.float32))
