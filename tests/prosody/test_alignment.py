import numpy as np
import pytest
from test_contours import voiced_sound

from workbench.errors import EngineMissing, ParameterError
from workbench.prosody.alignment import Alignment, align, contour_difference
from workbench.prosody.contours import Contour

RATE = 16_000


@pytest.fixture(scope="module")
def espeak():
    from workbench.speech.synthesizers.espeak import EspeakSynthesizer

    try:
        synthesizer = EspeakSynthesizer.load()
    except EngineMissing as missing:
        pytest.skip(str(missing))
    yield synthesizer
    synthesizer.close()


def said(espeak, ssml: str, voice: str = "en-us"):
    (clause,) = espeak.synthesize(ssml, voice=voice)
    return clause.samples, np.array([word.start for word in clause.words])


TEXT = "The old man walked along the quiet river"


def test_words_are_found_at_another_tempo(espeak) -> None:
    """Contours would be laid over one another a word apart: the engine's own word times are the answer."""
    plain, starts = said(espeak, TEXT)
    slow, slow_starts = said(espeak, f'<speak><prosody rate="75%">{TEXT}</prosody></speak>')
    assert len(slow) > 1.2 * len(plain)
    found = align(plain, slow, 24_000)
    assert np.median(np.abs(found.to_other(starts[1:]) - slow_starts[1:])) < 0.03
    assert np.median(np.abs(found.to_one(slow_starts[1:]) - starts[1:])) < 0.03


def test_words_are_found_in_another_voice(espeak) -> None:
    """Two voices could not be compared, only one with itself."""
    plain, starts = said(espeak, TEXT)
    other, other_starts = said(espeak, TEXT, "en-gb-scotland")
    found = align(plain, other, 24_000)
    assert np.median(np.abs(found.to_other(starts[1:]) - other_starts[1:])) < 0.06


def test_a_recording_is_aligned_with_itself(espeak) -> None:
    """Moments would be moved where nothing is to be moved, or the path would run backwards."""
    plain, starts = said(espeak, TEXT)
    found = align(plain, plain, 24_000)
    assert found.to_other(starts) == pytest.approx(starts, abs=0.011)
    assert (np.diff(found.one) >= 0).all()
    assert (np.diff(found.other) >= 0).all()


def test_melodies_differ_by_what_they_differ() -> None:
    """The same melody, higher and slower, would count as another."""
    at = np.arange(200) / 100
    wave = 2 * np.sin(2 * np.pi * at / 1.0)
    low = Contour(at, 100 * 2 ** (wave / 12))
    high = Contour(2 * np.arange(200) / 100, 180 * 2 ** (wave / 12))
    same = contour_difference(low, high, Alignment(at, 2 * at))
    assert same.rms_semitones == pytest.approx(0, abs=1e-9)
    assert same.correlation == pytest.approx(1)
    flipped = Contour(high.at, 180 * 2 ** (-wave / 12))
    other = contour_difference(low, flipped, Alignment(at, 2 * at))
    assert other.correlation == pytest.approx(-1)
    assert other.rms_semitones == pytest.approx(2 * 2 / np.sqrt(2), rel=0.01)


def test_without_voice_melodies_can_not_be_compared() -> None:
    """A whisper would be just like any melody."""
    at = np.arange(50) / 100
    none = contour_difference(
        Contour(at, np.full(50, np.nan)), Contour(at, np.full(50, 100.0)), Alignment(at, at)
    )
    assert none.frames == 0
    assert np.isnan(none.correlation)


def test_what_is_too_short_is_refused() -> None:
    """The library would fail in words of its own."""
    with pytest.raises(ParameterError, match=r"samples last 0\.01 s, expected 0\.1 to 60 to align"):
        align(np.zeros(160, np.float32), voiced_sound(np.full(RATE, 100.0)), RATE)
