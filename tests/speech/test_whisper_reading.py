"""What surrounds the model: features, loops, belief and word times, without any model."""

import numpy as np
import pytest

from workbench.core.events import Word
from workbench.speech.recognizers import evidence
from workbench.speech.recognizers.evidence import Plausible
from workbench.speech.recognizers.features import LogMel, mel_filters
from workbench.speech.recognizers.repetition import before_loop, before_repeat, too_fast
from workbench.speech.recognizers.whisper_decoder import Reading
from workbench.speech.recognizers.word_times import fitted

RATE = 16_000


def _word(text: str, start: float, end: float, confidence: float = 0.9) -> Word:
    return Word(text=text, start=start, end=end, confidence=confidence)


def _reading(text: str, **changes: object) -> Reading:
    facts: dict[str, object] = {
        "text": text,
        "words": tuple(_word(word, 0.0, 0.1) for word in text.split()),
        "log_probability": -0.2,
        "no_speech": 0.02,
    }
    return Reading(**(facts | changes))


def test_filters_equal_librosas():
    """Other filters than those Whisper was trained with would cost accuracy unnoticed."""
    librosa = pytest.importorskip("librosa")
    expected = librosa.filters.mel(sr=RATE, n_fft=400, n_mels=80)
    np.testing.assert_allclose(mel_filters(80), expected, atol=1e-7)


def test_features_equal_the_published_formula(rng):
    """The model would see something else than it was trained on."""
    librosa = pytest.importorskip("librosa")
    samples = rng.normal(0.0, 0.1, RATE + 77).astype(np.float32)
    padded = np.concatenate([samples, np.zeros(2 * RATE, np.float32)])
    spectrum = librosa.stft(padded, n_fft=400, hop_length=160, window="hann", pad_mode="reflect")
    power = np.abs(spectrum[:, :-1]) ** 2
    logs = np.log10(np.maximum(librosa.filters.mel(sr=RATE, n_fft=400, n_mels=80) @ power, 1e-10))
    expected = (np.maximum(logs, logs.max() - 8.0) + 4.0) / 4.0
    found = LogMel().features(samples, frames=300)
    np.testing.assert_allclose(found, expected[:, :300], atol=1e-5)


@pytest.mark.parametrize("length", [1, 150, 200, 201, 399])
def test_features_of_very_short_audio(length):
    """A frame shorter than a window would raise instead of being read as silence."""
    found = LogMel().features(np.zeros(length, np.float32), frames=10)
    assert found.shape == (80, 10)
    np.testing.assert_allclose(found, -1.5, atol=1e-6)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("book a room book a room book", 3),
        ("ten of clubs ten of clubs", 3),
        ("today today", 1),
        ("and two people two people two", 3),
        ("a lot of milk and a lot of sugar", 9),
        ("", 0),
    ],
)
def test_repeats_are_found(text, kept):
    """A loop would reach the caller's transcript, or honest words would be cut."""
    assert before_repeat(text.split()) == kept


def test_loop_has_no_time_but_repeating_oneself_has():
    """Either loops stay in the text, or "no, no" becomes "no"."""
    said = [_word("no", 0.2, 0.4), _word("no", 0.6, 0.8)]
    looped = [_word("no", 0.2, 0.8), _word("no", 0.8, 0.8)]
    assert before_loop(said, ["no", "no"]) == 2
    assert before_loop(looped, ["no", "no"]) == 1


def test_too_fast_needs_a_repeat():
    """Fast speech without repeats would be thrown away."""
    assert too_fast(["mountain", "view"] * 3, 1.0)
    assert not too_fast(["mountain", "view"] * 3, 4.0)
    assert not too_fast(["mountains", "viewed", "quickly"], 0.5)


def test_likely_reading_is_believed():
    """Real speech would be dropped."""
    reading = _reading("I want a latte")
    assert evidence.believed(reading, np.ones(RATE, np.float32), Plausible()) is reading


@pytest.mark.parametrize(
    "reading",
    [
        _reading("you", log_probability=-1.9),
        _reading("you", words=(_word("you", 0.0, 0.5, 0.15),)),
        _reading("Thank you.", log_probability=-0.9, no_speech=0.7),
        _reading("beep, beep, beep", no_speech=0.7),
        _reading("ooooooooh", log_probability=-0.1),
        _reading("..."),
        _reading(""),
    ],
)
def test_invented_readings_are_not_believed(reading):
    """Words nobody said would start a turn."""
    assert evidence.believed(reading, np.ones(RATE, np.float32), Plausible()) is None


def test_level_is_relative_to_full_scale():
    """Thresholds in dB would mean something else."""
    levels = evidence.levels_db(np.concatenate([np.ones(160), np.full(160, 0.1), np.zeros(160)]))
    np.testing.assert_allclose(levels, [0.0, -20.0, -120.0])


def test_words_are_cut_back_to_the_sound():
    """A first word would start seconds before it was said."""
    sounding = np.zeros(300, np.bool_)
    sounding[100:130] = True
    sounding[150:200] = True
    words = fitted([_word("and", 0.0, 1.4), _word("so", 1.4, 2.5)], sounding)
    assert [(word.start, word.end) for word in words] == [(1.0, 1.3), (1.5, 2.0)]


def test_word_times_are_ordered_and_plausible():
    """Overlapping or endless words would break alignment with the audio."""
    sounding = np.ones(1000, np.bool_)
    words = fitted([_word("a", 0.0, 5.0), _word("b", 4.0, 4.0), _word("c", 9.99, 12.0)], sounding)
    assert words[0].end - words[0].start <= 0.4 + 1e-9
    for before, after in zip(words, words[1:], strict=False):
        assert before.end <= after.start
    assert all(word.start <= word.end <= 10.0 for word in words)
