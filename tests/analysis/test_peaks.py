"""The pyramid of peaks, against the samples it was made of."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench.analysis.peaks import FACTOR, LEVELS, TILE, Peaks
from workbench.errors import ParameterError

RATE = 16_000
SIZE = 40  # samples of a bin of level 0


def noise(count: int) -> np.ndarray:
    return (0.4 * np.random.default_rng(5).standard_normal(count)).clip(-1, 1).astype(np.float32)


def straight(samples: np.ndarray, level: int) -> list[tuple[int, int]]:
    """Return the bins of a level, one by one."""
    size = SIZE * FACTOR**level
    pieces = [samples[start : start + size] for start in range(0, len(samples), size)]
    return [(int(np.floor(p.min() * 127)), int(np.ceil(p.max() * 127))) for p in pieces]


@pytest.mark.parametrize("level", range(LEVELS))
def test_every_level_holds_the_extremes_of_its_samples(level: int) -> None:
    """A click would vanish when zoomed out, which is what peaks are for."""
    samples = noise(5 * SIZE * FACTOR**3 + 17)
    found = Peaks.of(samples, RATE).bins(level)
    assert [tuple(pair) for pair in found.tolist()] == straight(samples, level)


@settings(max_examples=40)
@given(cuts=st.lists(st.integers(0, 9000), max_size=8))
def test_a_growing_track_looks_like_a_whole_one(cuts: list[int]) -> None:
    """A live waveform would differ from that of its recording."""
    samples = noise(9000)
    grown = Peaks(RATE)
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), 9000], strict=True):
        grown.append(samples[start:end])
    whole = Peaks.of(samples, RATE)
    assert grown.seconds == pytest.approx(9000 / RATE)
    for level in range(LEVELS):
        assert np.array_equal(grown.bins(level), whole.bins(level))


def test_tiles_are_the_bins_in_order() -> None:
    """Waveforms would jump where two tiles meet."""
    peaks = Peaks.of(noise(SIZE * (TILE + 10)), RATE)
    joined = peaks.tile(0, 0) + peaks.tile(0, 1) + peaks.tile(0, 2)
    assert joined == peaks.bins(0).tobytes()
    assert (len(peaks.tile(0, 0)), len(peaks.tile(0, 1)), len(peaks.tile(0, 2))) == (2 * TILE, 20, 0)


def test_both_rates_have_bins_of_the_same_length() -> None:
    """The two sides would lie on different clocks."""
    assert Peaks(24_000).bin_seconds == Peaks(16_000).bin_seconds == Peaks(8_000).bin_seconds == 0.0025


def test_what_is_no_number_is_silence() -> None:
    """One broken sample would be drawn as full scale, or stop the drawing."""
    assert Peaks.of(np.full(SIZE, np.nan, np.float32), RATE).bins(0).tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Peaks(100), "rate is 100 Hz, expected at least 400 Hz"),
        (lambda: Peaks(RATE).tile(7, 0), "level is 7, expected 0 to 6"),
        (lambda: Peaks(RATE).tile(0, -1), "tile is -1, expected at least 0"),
    ],
)
def test_what_a_page_asks_wrongly_is_refused(wrong: object, message: str) -> None:
    """A page's request would slice the wrong way round and be answered with nonsense."""
    with pytest.raises(ParameterError, match=message):
        wrong()
