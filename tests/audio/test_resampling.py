"""Streaming resampling against the one-shot result of an independent library, and against known tones."""

import numpy as np
import pytest
import soxr
from hypothesis import given, settings, strategies as st

from workbench.audio.resampling import Resampler
from workbench.errors import ParameterError

PAIRS = [
    (8_000, 16_000),
    (16_000, 8_000),
    (16_000, 24_000),
    (24_000, 16_000),
    (24_000, 8_000),
    (48_000, 16_000),
    (24_000, 48_000),
    (44_100, 16_000),
]


def tone(hz: float, rate: int, seconds: float = 0.5) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def stream(samples: np.ndarray, rate_in: int, rate_out: int, size: int) -> np.ndarray:
    resampler = Resampler(rate_in, rate_out)
    pieces = [resampler.feed(samples[at : at + size]) for at in range(0, len(samples), size)]
    return np.concatenate([*pieces, resampler.flush()])


def error_db(got: np.ndarray, wanted: np.ndarray) -> float:
    edge = len(got) // 10
    error = got[edge:-edge] - wanted[edge:-edge]
    return float(20 * np.log10(np.sqrt(np.mean(error**2)) / np.sqrt(np.mean(wanted[edge:-edge] ** 2))))


@pytest.mark.parametrize(("rate_in", "rate_out"), PAIRS)
def test_a_tone_stays_that_tone_without_shift(rate_in: int, rate_out: int) -> None:
    """Wrong gain, pitch or time shift would fail this: the answer is the tone computed at the new rate."""
    hz = 0.4 * min(rate_in, rate_out)
    got = stream(tone(hz, rate_in), rate_in, rate_out, rate_in // 50)
    assert len(got) == rate_out // 2
    assert error_db(got, tone(hz, rate_out)) < -75


@pytest.mark.parametrize(("rate_in", "rate_out"), PAIRS)
def test_agrees_with_soxr_in_the_voice_band(rate_in: int, rate_out: int) -> None:
    """A filter that colours or shifts speech would fail this: soxr is an independent implementation."""
    rng, low = np.random.default_rng(7), min(rate_in, rate_out)
    partials = [
        tone(hz, rate_in) * level
        for hz, level in zip(rng.uniform(60, 0.4 * low, 40), rng.uniform(0, 0.05, 40), strict=True)
    ]
    voice = np.sum(partials, axis=0).astype(np.float32)
    got = stream(voice, rate_in, rate_out, 200)
    assert error_db(got, soxr.resample(voice, rate_in, rate_out)) < -70


@pytest.mark.parametrize(("rate_in", "rate_out"), [pair for pair in PAIRS if pair[0] > pair[1]])
def test_what_the_new_rate_cant_hold_is_removed(rate_in: int, rate_out: int) -> None:
    """Aliases of what lies above half the new rate would fail this."""
    got = stream(tone(0.52 * rate_out, rate_in), rate_in, rate_out, 320)
    edge = len(got) // 10
    assert 20 * np.log10(np.abs(got[edge:-edge]).max() / 0.5) < -75


@pytest.mark.parametrize(("rate_in", "rate_out"), PAIRS)
def test_holds_back_no_more_than_its_delay(rate_in: int, rate_out: int) -> None:
    """A resampler that gathers blocks would add tens of milliseconds to every turn."""
    resampler = Resampler(rate_in, rate_out)
    frame = np.zeros(rate_in // 50, dtype=np.float32)
    given = 0
    for count in range(1, 20):
        given += len(resampler.feed(frame))
        assert count * len(frame) / rate_in - given / rate_out <= resampler.delay + 1 / rate_out
    assert resampler.delay <= 0.004


@given(sizes=st.lists(st.integers(0, 700), min_size=1, max_size=12), pair=st.sampled_from(PAIRS))
@settings(max_examples=40, deadline=None)
def test_the_cut_does_not_matter(sizes: list[int], pair: tuple[int, int]) -> None:
    """Samples lost, doubled or changed at frame borders would fail this."""
    samples = np.random.default_rng(len(sizes)).uniform(-1, 1, sum(sizes)).astype(np.float32)
    resampler = Resampler(*pair)
    pieces, at = [], 0
    for size in sizes:
        pieces.append(resampler.feed(samples[at : at + size]))
        at += size
    pieces.append(resampler.flush())
    got = np.concatenate(pieces)
    whole = stream(samples, *pair, max(1, len(samples)))
    assert len(got) == -(-len(samples) * pair[1] // pair[0])
    np.testing.assert_allclose(got, whole, atol=1e-6)


def test_a_flushed_resampler_starts_afresh() -> None:
    """The tail of one reply leaking into the next would fail this."""
    resampler = Resampler(24_000, 16_000)
    first = np.concatenate([resampler.feed(tone(300, 24_000)), resampler.flush()])
    second = np.concatenate([resampler.feed(tone(300, 24_000)), resampler.flush()])
    np.testing.assert_array_equal(first, second)


def test_equal_rates_pass_through() -> None:
    """Needless filtering or delay at equal rates would fail this."""
    resampler = Resampler(16_000, 16_000)
    samples = tone(300, 16_000)
    assert resampler.feed(samples) is samples
    assert len(resampler.flush()) == 0
    assert resampler.delay == 0


def test_refuses_a_rate_below_one() -> None:
    """A zero rate would otherwise divide by zero somewhere inside."""
    with pytest.raises(ParameterError, match="rates are 0 and 16000 Hz, expected at least 1"):
        Resampler(0, 16_000)
