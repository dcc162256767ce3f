"""Formats that are offered, and frames cut anew without losing a sample."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from workbench.core.audio import AudioFormat, Encoding, Frame, Reframer, expect_samples, reframe
from workbench.errors import ParameterError

RATES = (16_000, 24_000, 48_000)
OFFERED = {("mulaw", 8_000), *(("pcm16", rate) for rate in RATES), *(("opus", rate) for rate in RATES)}


@pytest.mark.parametrize("encoding", ["pcm16", "mulaw", "opus"])
@pytest.mark.parametrize("rate", [0, 8_000, 11_025, 16_000, 24_000, 44_100, 48_000])
def test_exactly_the_offered_formats_exist(encoding: str, rate: int) -> None:
    """A session could be opened in a format no code path was made for."""
    if (encoding, rate) in OFFERED:
        assert AudioFormat(Encoding(encoding), rate).rate == rate
    else:
        with pytest.raises(ParameterError, match=str(rate)):
            AudioFormat(Encoding(encoding), rate)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"bitrate": 5_999}, "bitrate is 5999 bits per second, expected 6000 to 128000"),
        ({"bitrate": 128_001}, "bitrate is 128001 bits per second, expected 6000 to 128000"),
        ({"encoding": Encoding.PCM16, "fec": True}, "pcm16 has neither bitrate nor fec, expected opus"),
        ({"encoding": Encoding.PCM16, "bitrate": 6_000}, "pcm16 has neither bitrate nor fec, expected opus"),
    ],
)
def test_options_are_opus_s_and_within_bounds(options: dict[str, object], text: str) -> None:
    """A client would believe to save bits, or an endpoint be asked for what no codec does."""
    with pytest.raises(ParameterError) as raised:
        AudioFormat(**{"encoding": Encoding.OPUS, "rate": 48_000, **options})
    assert str(raised.value) == text
    assert AudioFormat(Encoding.OPUS, 48_000, 6_000, fec=True).fec


def test_opus_has_no_bytes_per_sample() -> None:
    """Whoever counts samples by bytes would count wrongly."""
    with pytest.raises(ParameterError, match=r"^opus has no fixed number of bytes per sample"):
        _ = AudioFormat(Encoding.OPUS, 48_000).bytes_per_sample


def test_a_format_knows_its_sizes() -> None:
    """Frames of the wrong length would drift against the clock."""
    sizes = [
        (one.bytes_per_sample, one.frame_samples)
        for one in (AudioFormat(Encoding.MULAW, 8_000), AudioFormat(), AudioFormat(rate=48_000))
    ]
    assert sizes == [(1, 160), (2, 320), (2, 960)]


def frames_of(start: int, runs: list[tuple[int, int]]) -> list[Frame]:
    """Return frames of (gap before, length); each sample's value is its position."""
    frames, position = [], start
    for gap, length in runs:
        position += gap
        samples = np.arange(position, position + length).astype(np.float32)
        frames.append(Frame(position, samples, 16_000))
        position += length
    return frames


def positions(frames: list[Frame]) -> list[int]:
    return [int(value) for frame in frames for value in frame.samples]


RUNS = st.lists(st.tuples(st.sampled_from([0, 0, 0, 1, 7]), st.integers(0, 40)), max_size=12)


@given(start=st.integers(0, 1000), runs=RUNS, size=st.integers(1, 50))
def test_reframe_keeps_every_sample_in_order(start: int, runs: list[tuple[int, int]], size: int) -> None:
    """A sample lost, doubled or moved would be heard as a click and shift every later time."""
    frames = frames_of(start, runs)
    cut = list(reframe(frames, size))
    assert positions(cut) == positions(frames)
    for frame in cut:
        assert positions([frame]) == list(range(frame.position, frame.end))
        assert 1 <= len(frame.samples) <= size


@given(runs=RUNS, size=st.integers(1, 50))
def test_only_a_frame_before_a_gap_is_short(runs: list[tuple[int, int]], size: int) -> None:
    """A short frame in mid-stream would upset whoever needs whole windows."""
    cut = list(reframe(frames_of(0, runs), size))
    for frame, following in zip(cut, cut[1:], strict=False):
        assert len(frame.samples) == size or following.position > frame.end


@given(runs=RUNS, sizes=st.lists(st.integers(1, 50), min_size=2, max_size=3))
def test_cutting_twice_is_cutting_once(runs: list[tuple[int, int]], sizes: list[int]) -> None:
    """What comes out must not depend on how the network cut it."""
    frames = frames_of(0, runs)
    twice = reframe(list(reframe(frames, sizes[0])), sizes[-1])
    once = reframe(frames, sizes[-1])
    assert [(f.position, len(f.samples)) for f in twice] == [(f.position, len(f.samples)) for f in once]


def test_a_frame_is_given_as_soon_as_it_is_whole() -> None:
    """Held back longer, every frame would add to the response time."""
    reframer = Reframer(4)
    first, second = frames_of(0, [(0, 3), (0, 6)])
    assert reframer.feed(first) == []
    assert [(f.position, len(f.samples)) for f in reframer.feed(second)] == [(0, 4), (4, 4)]
    assert [(f.position, len(f.samples)) for f in reframer.flush()] == [(8, 1)]
    assert reframer.flush() == []


def test_what_is_no_stream_is_refused() -> None:
    """Overlaps and a changed rate would be played as if they belonged together."""
    samples = np.zeros(10, np.float32)
    with pytest.raises(ParameterError, match=r"^frame size is 0 samples, expected at least 1$"):
        Reframer(0)
    with pytest.raises(ParameterError, match=r"^frame starts at 9, expected at least 10$"):
        list(reframe([Frame(0, samples, 16_000), Frame(9, samples, 16_000)], 4))
    with pytest.raises(ParameterError, match=r"^rate changed from 16000 to 8000 Hz inside one stream$"):
        list(reframe([Frame(0, samples, 16_000), Frame(10, samples, 8_000)], 4))


@pytest.mark.parametrize(
    ("samples", "problem"),
    [
        (np.zeros(320, np.int16), r"samples are int16 of shape \(320,\), expected floats in -1..1 of shape"),
        (np.zeros((2, 320), np.float32), r"samples are float32 of shape \(2, 320\), expected floats"),
        (np.array([0.0, np.nan]), "samples hold values that are not numbers"),
        ("hello", "samples are <U5 of shape"),
    ],
)
def test_what_would_be_heard_as_noise_is_refused(samples: object, problem: str) -> None:
    """Integers would be taken for full scale, two channels for one."""
    with pytest.raises(ParameterError, match=problem):
        expect_samples(samples)  # type: ignore[arg-type]


def test_samples_are_taken_as_they_are() -> None:
    """A copy of each frame would be made, or a list of numbers be refused."""
    frame = np.full(320, 0.5, np.float32)
    assert expect_samples(frame) is frame
    assert expect_samples([0.25, -0.5]).dtype == np.float32
