import io
import math
from pathlib import Path

import numpy as np
import pytest
import soundfile

from workbench.analysis.listening import ANCHOR, Design, Method
from workbench.analysis.listening_folder import open_test, prepare
from workbench.analysis.listening_sounds import (
    PEAK_MAX,
    Sound,
    low_passed,
    matched,
    sounds_of_cells,
    sounds_of_folder,
    sounds_of_ssml,
    true_peak_db,
)
from workbench.analysis.voices import compare, jobs_for
from workbench.analysis.voices_cell import Setting, Text
from workbench.errors import ParameterError
from workbench.speech.scripted import ScriptedSynthesizer
from workbench.speech.speakers import Speakers
from workbench.speech.voices import Voice

RATE = 24_000
TONE = Voice(
    id="scripted:tone",
    name="Tone",
    engine="scripted",
    language="en-US",
    gender="female",
    licence="Apache-2.0",
    file="",
)


def noise(level: float, *, seed: int = 0, seconds: float = 1.0, rate: int = RATE) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (level * rng.uniform(-1, 1, round(seconds * rate))).astype(np.float32)


def sounds(**levels: float) -> list[Sound]:
    return [
        Sound(system=system, item=item, samples=noise(level, seed=seed), rate=RATE)
        for system, level in levels.items()
        for seed, item in enumerate(("one", "two"))
    ]


def test_all_sounds_are_equally_loud_by_pyloudnorms_own_meter() -> None:
    """The louder voice would win."""
    import pyloudnorm

    quiet = Sound(system="c", item="one", samples=noise(0.2, rate=48_000), rate=48_000)
    made, told = matched([*sounds(a=0.02, b=0.3), quiet])
    for sound, level in zip(made, told, strict=True):
        assert sound.rate == 48_000
        measured = pyloudnorm.Meter(sound.rate).integrated_loudness(sound.samples.astype(np.float64))
        assert measured == pytest.approx(-23, abs=0.05)
        assert level.lufs == pytest.approx(measured, abs=0.01)
        assert level.lufs_before + level.gain_db == pytest.approx(level.lufs, abs=0.05)
        assert level.peak_db < PEAK_MAX


def test_a_sound_with_peaks_makes_all_quieter_rather_than_clip() -> None:
    """A click would be cut off, and one voice be quieter than the others."""
    peaked = noise(0.01)
    peaked[RATE // 2] = 0.9
    made, told = matched([*sounds(a=0.1), Sound(system="b", item="one", samples=peaked, rate=RATE)])
    assert max(level.peak_db for level in told) == pytest.approx(PEAK_MAX, abs=0.01)
    assert max(np.abs(sound.samples).max() for sound in made) <= 10 ** (PEAK_MAX / 20) + 1e-6
    loudness = [level.lufs for level in told]
    assert loudness == pytest.approx([loudness[0]] * 3, abs=0.05)
    assert loudness[0] < -24


def test_peaks_between_samples_are_seen() -> None:
    """A sound would be clipped by the loudspeaker's own interpolation."""
    at = np.arange(RATE) / RATE
    between = np.sin(2 * np.pi * RATE / 4 * at + np.pi / 4).astype(np.float32)
    assert np.abs(between).max() == pytest.approx(math.sqrt(0.5), abs=1e-3)
    assert true_peak_db(between, RATE) == pytest.approx(0, abs=0.15)


@pytest.mark.parametrize("rate", [16_000, 24_000, 48_000])
def test_the_anchor_is_filtered_as_bs_1534_says(rate: int) -> None:
    """The low anchor would be another one than in every other test."""

    def gain_db(hertz: float) -> float:
        at = np.arange(rate) / rate
        tone = np.sin(2 * np.pi * hertz * at).astype(np.float32)
        middle = slice(rate // 4, -rate // 4)
        return 20 * math.log10(np.std(low_passed(tone, rate)[middle]) / np.std(tone[middle]))

    assert max(abs(gain_db(hertz)) for hertz in (100, 1_000, 3_000, 3_400, 3_500)) < 0.1
    assert gain_db(4_000) < -25
    assert gain_db(4_500) < -50


def test_the_anchor_is_in_time_with_its_reference() -> None:
    """Switching between them would jump."""
    click = np.zeros(RATE, np.float32)
    click[7_000] = 1
    assert np.argmax(low_passed(click, RATE)) == 7_000
    assert len(low_passed(click, RATE)) == RATE
    with pytest.raises(ParameterError, match="rate is 8000 Hz, expected at least 9000 for a low-pass"):
        low_passed(click, 8_000)


def test_sounds_come_from_folders_cells_and_ssml(tmp_path: Path) -> None:
    """What was compared could not be listened to blind."""
    for sound in sounds(a=0.1, b=0.2):
        (tmp_path / sound.system).mkdir(exist_ok=True)
        soundfile.write(tmp_path / sound.system / f"{sound.item}.wav", sound.samples, RATE)
    found = sounds_of_folder(tmp_path)
    assert [(one.system, one.item) for one in found] == [
        ("a", "one"),
        ("a", "two"),
        ("b", "one"),
        ("b", "two"),
    ]

    assert len(sounds_of_folder(str(tmp_path))) == 4
    with pytest.raises(ParameterError, match="holds no sounds, expected <system>/<item>.wav"):
        sounds_of_folder(tmp_path / "a")
    with pytest.raises(ParameterError, match="is no folder, expected one with a folder for each system"):
        sounds_of_folder(tmp_path / "none")

    jobs = jobs_for(
        [Text("Two of these.", "en")], [TONE], [Setting(), Setting(name="fast", rate=1.5)], recognised=False
    )
    keep = tmp_path / "cells"
    kept = sounds_of_cells(compare(jobs, keep=keep), keep)
    fresh = sounds_of_cells(compare(jobs))
    assert [one.system for one in kept] == ["scripted:tone", "scripted:tone, fast"]
    assert [one.item for one in fresh] == ["Two of these."] * 2
    np.testing.assert_array_equal(kept[1].samples, fresh[1].samples)
    with pytest.raises(ParameterError, match="no sound of scripted:tone is at hand, expected keep="):
        sounds_of_cells(compare(jobs, keep=keep))

    variants = {"plain": "<speak>hello there</speak>", "break": "<speak>hello <break/> there</speak>"}
    speakers = Speakers({"scripted": ScriptedSynthesizer})
    said = sounds_of_ssml(variants, TONE, speakers=speakers)
    assert [one.system for one in said] == ["plain", "break"]
    assert all(len(one.samples) for one in said)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.zeros(RATE, np.float32), "a sound of a is silent or shorter than 0.4 s"),
        (noise(0.1, seconds=0.3), "a sound of a is silent or shorter than 0.4 s"),
        (noise(0.1, seconds=61), "a lasts 61 s in one item, expected at most 60 s"),
    ],
)
def test_a_sound_that_can_not_be_matched(samples: np.ndarray, said: str) -> None:
    """A test would be prepared with silence in it."""
    with pytest.raises(ParameterError) as caught:
        matched([Sound(system="a", item="one", samples=samples, rate=RATE)])
    assert said in str(caught.value)


def test_a_prepared_test_is_found_again_and_no_other_in_its_place(tmp_path: Path) -> None:
    """A second run of a cell would lose the answers, or mix two tests."""
    design = Design(method=Method.PREFERENCE)
    made = prepare(design, sounds(a=0.1, b=0.2), tmp_path)
    assert prepare(design, sounds(a=0.1, b=0.2), tmp_path) == made == open_test(tmp_path)
    with pytest.raises(ParameterError, match="holds another listening test, expected an empty folder"):
        prepare(design, sounds(a=0.1, c=0.2), tmp_path)
    with pytest.raises(ParameterError, match="b lacks one of the 2 items, expected each item once"):
        prepare(design, sounds(a=0.1, b=0.2)[:3], tmp_path / "other")
    with pytest.raises(ParameterError, match="holds no listening test"):
        open_test(tmp_path / "none")
    (tmp_path / "test.json").write_text("{}")
    with pytest.raises(ParameterError, match="can't be read as a listening test"):
        open_test(tmp_path)


def test_the_files_tell_nothing_and_hold_what_was_measured(tmp_path: Path) -> None:
    """A listener would see in a file's name which voice it is."""
    design = Design(method=Method.MUSHRA, reference="ann")
    made = prepare(design, sounds(ann=0.1, bob=0.2), tmp_path)
    names = [file.name for file in (tmp_path / "sounds").iterdir()]
    assert len(names) == 6
    assert not [name for name in names if "ann" in name or "bob" in name or ANCHOR in name]
    samples, rate = made.sound(ANCHOR, "one")
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert spectrum[4_100:].max() < spectrum[:3_500].max() / 500  # a second of sound: a bin is 1 Hz
    assert rate == RATE
    (level,) = [one for one in made.levels if (one.system, one.item) == (ANCHOR, "one")]
    assert level.lufs == pytest.approx(-23, abs=0.05)


def test_a_broken_cell_is_told() -> None:
    """A traceback of a library would be shown."""
    from workbench.analysis.listening_sounds import _read
    from workbench.errors import AudioFileError

    with pytest.raises(AudioFileError, match="cell: can't be read as sound"):
        _read(io.BytesIO(b"no sound"))
