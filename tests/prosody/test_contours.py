import numpy as np
import praat
import pytest

from workbench.audio.files import load_audio_with_rate, save_flac
from workbench.errors import EngineMissing, ParameterError
from workbench.prosody.contours import STEP, Contour, energy_contour, f0_contour

RATE = 16_000


def voiced_sound(f0_hz: np.ndarray, rate: int = RATE) -> np.ndarray:
    """Return a sound with twelve harmonics that has ``f0_hz`` at each sample."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / rate
    return (0.05 * sum(np.sin(k * phase) / k for k in range(1, 13))).astype(np.float32)


def middle(contour: Contour, margin: int = 5) -> np.ndarray:
    return contour.f0_hz[margin:-margin]


@pytest.mark.parametrize("f0", [70.0, 119.3, 220.0, 391.0])
@pytest.mark.parametrize("rate", [8_000, 24_000])
def test_a_steady_voice_has_its_f0(f0: float, rate: int) -> None:
    """Every figure of pitch would be off by what is off here."""
    found = f0_contour(voiced_sound(np.full(rate, f0), rate), rate)
    assert np.isfinite(middle(found)).all()
    assert np.abs(middle(found) / f0 - 1).max() < 0.002


def test_a_glide_is_followed_at_its_time() -> None:
    """Contours would lag behind the words under them."""
    rising = np.linspace(110, 220, 2 * RATE)
    found = f0_contour(voiced_sound(rising), RATE)
    expected = np.interp(found.at, np.arange(2 * RATE) / RATE, rising)
    assert np.abs(middle(found) / middle(Contour(found.at, expected)) - 1).max() < 0.01


def test_silence_and_noise_have_no_voice(rng: np.random.Generator) -> None:
    """Pauses would get an f0."""
    noise = rng.normal(0, 0.1, RATE).astype(np.float32)
    assert not f0_contour(np.zeros(RATE, np.float32), RATE).voiced.any()
    assert np.mean(f0_contour(noise, RATE).voiced) < 0.05


def test_f0_between_frames_is_known_only_where_both_are_voiced() -> None:
    """The edges of voicing would be smeared into pauses."""
    contour = Contour(np.array([0.0, 0.01, 0.02]), np.array([100.0, 110.0, np.nan]))
    found = contour.at_times([0.005, 0.01, 0.015, 0.05])
    assert found[0] == 105
    assert np.isnan(found[2:]).all()


@pytest.mark.parametrize(
    ("samples", "low", "high", "problem"),
    [
        (RATE, 400.0, 65.0, "f0 range is 400 to 65 Hz, expected a range within 30 to 1000"),
        (RATE, 65.0, 9000.0, "f0 range is 65 to 9000 Hz, expected a range within 30 to 1000"),
        (100, 65.0, 400.0, "samples last 0.006 s, expected at least 0.050 s for f0"),
    ],
)
def test_what_can_not_be_measured_is_refused(samples: int, low: float, high: float, problem: str) -> None:
    """A traceback of the library would come instead."""
    with pytest.raises(ParameterError, match=problem):
        f0_contour(np.zeros(samples, np.float32), RATE, low=low, high=high)


def test_samples_that_are_not_numbers_are_refused() -> None:
    """They would spread over the whole contour."""
    with pytest.raises(ParameterError, match="samples hold values that are not numbers"):
        f0_contour(np.full(RATE, np.nan, np.float32), RATE)


def test_the_level_of_a_tone_is_its_root_mean_square() -> None:
    """Energy contours would be in a unit of their own."""
    tone = 0.5 * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE).astype(np.float32)
    levels = energy_contour(tone, RATE)
    assert levels[5:-5] == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.05)
    assert len(levels) == len(f0_contour(tone, RATE).at)
    assert (energy_contour(np.zeros(RATE, np.float32), RATE) == -120).all()


def test_a_recording_shorter_than_the_window_has_its_levels_in_place() -> None:
    """A click at the start of 15 ms would be drawn at their end, and no sound at all be a traceback."""
    click = np.zeros(240, np.float32)
    click[0] = 1.0
    first, second = energy_contour(click, RATE)
    longer = energy_contour(np.concatenate([click, np.zeros(RATE, np.float32)]), RATE)
    assert (first, second) == pytest.approx(longer[:2])
    assert first > second > -120
    assert list(energy_contour(np.zeros(0, np.float32), RATE)) == [-120]


# --- Praat, a separate program -----------------------------------------------------------------------------

HUMAN = ("leopard_de", "leopard_fr", "leopard_pt", "cheetah_en", "cheetah_es", "cheetah_it", "deepspeech_ru")
"""Seven languages; the others are in the benchmark."""

SPOKEN = {
    "en-us": "The train to the coast leaves at noon.",
    "de": "Der Zug an die Küste fährt um zwölf.",
    "es": "El tren a la costa sale a las doce.",
    "fr": "Le train pour la côte part à midi.",
    "it": "Il treno per la costa parte a mezzogiorno.",
    "pl": "Pociąg na wybrzeże odjeżdża w południe.",
}


def apart(file, folder) -> float:
    """Return the median distance to Praat's f0 as a share, over the frames both call voiced."""
    at, expected = praat.f0(file, folder, low=65, high=400)
    found = f0_contour(*load_audio_with_rate(file)).at_times(at)
    both = np.isfinite(found) & np.isfinite(expected)
    assert np.count_nonzero(both) > 20
    return float(np.median(np.abs(found[both] / expected[both] - 1)))


@pytest.mark.shared_data
@pytest.mark.skipif(not praat.installed(), reason="Praat is not installed")
@pytest.mark.parametrize("name", HUMAN)
def test_f0_of_human_speech_is_what_praat_finds(name: str, shared_data, tmp_path) -> None:
    """Nobody could compare these figures with the literature's."""
    assert apart(shared_data / "speech_multilingual" / f"{name}.wav", tmp_path) < 0.005


@pytest.mark.skipif(not praat.installed(), reason="Praat is not installed")
def test_f0_of_synthetic_speech_is_what_praat_finds(tmp_path) -> None:
    """Voices would be compared by a measure that is off for some of them."""
    from workbench.speech.synthesizers.espeak import EspeakSynthesizer

    try:
        espeak = EspeakSynthesizer.load()
    except EngineMissing as missing:
        pytest.skip(str(missing))
    try:
        for voice, text in SPOKEN.items():
            sound = np.concatenate([clause.samples for clause in espeak.synthesize(text, voice=voice)])
            save_flac(tmp_path / f"{voice}.flac", sound, 24_000)
            assert apart(tmp_path / f"{voice}.flac", tmp_path) < 0.01, voice
    finally:
        espeak.close()


def test_frames_are_a_step_apart() -> None:
    """Times would drift over a long recording."""
    found = f0_contour(np.zeros(3 * RATE, np.float32), RATE)
    assert np.diff(found.at) == pytest.approx(STEP)
