"""The sounds of a listening test: from where they come, made equally loud, with anchor and muffled copies."""

import io
import math
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
import soxr
from scipy.signal import fftconvolve, firwin, kaiserord

from workbench.analysis.voices import Cell, job_hash
from workbench.audio.files import load_audio_with_rate
from workbench.core.audio import Samples
from workbench.errors import AudioFileError, EngineFailed, ParameterError
from workbench.prosody.loudness import loudness_lufs
from workbench.speech.speakers import Speakers
from workbench.speech.voices import Voice

LOUDNESS = -23.0
"""LUFS that all sounds are brought to, if none is clipped by that: EBU R 128."""
PEAK_MAX = -1.0
"""Largest true peak in dB below full scale: EBU R 128."""
ANCHOR_HZ = 3_500.0
"""ITU-R BS.1534: where the low anchor ends."""
MUFFLED_HZ = 1_000.0
LONGEST = 60.0
"""Seconds a sound may last."""
SOUNDS_MAX = 2_000

_TRANSITION_HZ = 500.0  # BS.1534: 25 dB at 4 kHz and 50 dB at 4.5 kHz, 0.1 dB of ripple below 3.5 kHz
_ATTENUATION = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """One item, as one system says it."""

    system: str
    item: str
    samples: Samples
    rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What was measured of a sound before and after its loudness was matched."""

    system: str
    item: str
    lufs_before: float
    gain_db: float
    lufs: float
    peak_db: float
    """True peak, dB of full scale."""


def sounds_of_cells(cells: Sequence[Cell], keep: Path | None = None) -> list[Sound]:
    """Return the sounds of a comparison of voices; a system is a voice with a setting, an item is a text.

    Parameters
    ----------
    keep : the folder where the comparison kept its cells, if it did

    Raises
    ------
    ParameterError
        If the sound of a cell is neither in it nor there.
    """
    found = []
    for cell in cells:
        job = cell.job
        plain = job.setting.name == "plain"
        system = job.voice.id if plain else f"{job.voice.id}, {job.setting.name}"
        if cell.flac:
            samples, rate = _read(io.BytesIO(cell.flac))
        elif keep is not None and (keep / f"{job_hash(job)}.flac").is_file():
            samples, rate = load_audio_with_rate(keep / f"{job_hash(job)}.flac")
        else:
            raise ParameterError(f"no sound of {system} is at hand, expected keep= where it was kept")
        found.append(Sound(system=system, item=job.text.text, samples=samples, rate=rate))
    return found


def sounds_of_folder(folder: Path | str) -> list[Sound]:
    """Return the sounds in ``folder``: ``<system>/<item>.wav``, or whatever else libsndfile reads.

    Raises
    ------
    ParameterError
        If there are none, or too many.
    AudioFileError
        If one can't be read.
    """
    folder = Path(folder)
    kinds = {f".{name.lower()}" for name in (*soundfile.available_formats(), "opus")}
    if not folder.is_dir():
        raise ParameterError(f"{folder} is no folder, expected one with a folder for each system")
    files = sorted(file for file in folder.glob("*/*") if file.suffix.lower() in kinds)
    if not files:
        raise ParameterError(f"{folder} holds no sounds, expected <system>/<item>.wav")
    if len(files) > SOUNDS_MAX:
        raise ParameterError(f"{folder} holds {len(files)} sounds, expected at most {SOUNDS_MAX}")
    return [
        Sound(system=file.parent.name, item=file.stem, samples=samples, rate=rate)
        for file in files
        for samples, rate in [load_audio_with_rate(file)]
    ]


def sounds_of_ssml(
    variants: Mapping[str, str], voice: Voice, *, item: str = "text", speakers: Speakers | None = None
) -> list[Sound]:
    """Return one text in several ways: each variant's SSML, said by ``voice``; the keys are the systems.

    Raises
    ------
    SsmlError, EngineMissing, EngineFailed
        As the engine does; also if it says nothing.
    """
    if speakers is None:
        with closing(Speakers()) as own:
            return sounds_of_ssml(variants, voice, item=item, speakers=own)
    speaker = speakers.warm(voice)
    found = []
    for system, ssml in variants.items():
        parts = [clause.samples for clause in speaker.synthesize(ssml, voice=voice.within)]
        if not sum(map(len, parts)):
            raise EngineFailed(f"voice {voice.id} said nothing to variant {system!r}")
        samples: Samples = np.concatenate(parts)
        found.append(Sound(system=system, item=item, samples=samples, rate=speaker.capabilities.rate))
    return found


def low_passed(samples: Samples, rate: int, *, edge: float = ANCHOR_HZ) -> Samples:
    """Return the sound below ``edge`` Hz, in place: 60 dB less from 500 Hz above it on.

    Raises
    ------
    ParameterError
        If the rate leaves nothing to take away.

    Source: ITU-R BS.1534-3, annex on the anchors.
    """
    if rate < 2 * (edge + 2 * _TRANSITION_HZ):
        raise ParameterError(
            f"rate is {rate} Hz, expected at least {2 * (edge + 2 * _TRANSITION_HZ):.0f} for a low-pass at "
            f"{edge:.0f} Hz"
        )
    taps, beta = kaiserord(_ATTENUATION, _TRANSITION_HZ / (rate / 2))
    kernel = firwin(taps | 1, edge + _TRANSITION_HZ / 2, window=("kaiser", beta), fs=rate)
    return np.asarray(fftconvolve(samples, kernel)[len(kernel) // 2 :][: len(samples)], dtype=np.float32)


def true_peak_db(samples: Samples, rate: int) -> float:
    """Return the peak between samples too, dB of full scale: four times oversampled, as in BS.1770."""
    between = np.asarray(soxr.resample(np.asarray(samples, np.float64), rate, 4 * rate))
    peak = max(float(np.abs(between).max(initial=0.0)), float(np.abs(samples).max(initial=0.0)))
    return 20 * math.log10(peak) if peak else -math.inf


def matched(sounds: Sequence[Sound], *, loudness: float = LOUDNESS) -> tuple[list[Sound], list[Level]]:
    """Return the sounds at one rate and one loudness, and what was measured.

    If one would pass -1 dB at its peaks, all are made quieter by the same.

    Raises
    ------
    ParameterError
        If there are none or too many, one is too long, or too short or silent to have a loudness.
    """
    if not 0 < len(sounds) <= SOUNDS_MAX:
        raise ParameterError(f"a test has {len(sounds)} sounds, expected 1 to {SOUNDS_MAX}")
    rate = max(sound.rate for sound in sounds)
    level = [_at_rate(sound, rate) for sound in sounds]
    before = [_loudness(sound) for sound in level]
    peaks = [true_peak_db(sound.samples, rate) for sound in level]
    room = min(PEAK_MAX - peak + own for peak, own in zip(peaks, before, strict=True))
    target = min(loudness, room)
    made, told = [], []
    for sound, own in zip(level, before, strict=True):
        gain = target - own
        samples = np.asarray(sound.samples * 10 ** (gain / 20), dtype=np.float32)
        made.append(replace(sound, samples=samples))
        told.append(
            Level(
                system=sound.system,
                item=sound.item,
                lufs_before=own,
                gain_db=gain,
                lufs=loudness_lufs(samples, rate),
                peak_db=true_peak_db(samples, rate),
            )
        )
    return made, told


def _at_rate(sound: Sound, rate: int) -> Sound:
    seconds = len(sound.samples) / sound.rate
    if seconds > LONGEST:
        raise ParameterError(
            f"{sound.system} lasts {seconds:.0f} s in one item, expected at most {LONGEST:.0f} s"
        )
    if sound.rate == rate:
        return sound
    return replace(sound, samples=np.asarray(soxr.resample(sound.samples, sound.rate, rate)), rate=rate)


def _loudness(sound: Sound) -> float:
    found = loudness_lufs(sound.samples, sound.rate)
    if math.isnan(found):
        raise ParameterError(
            f"a sound of {sound.system} is silent or shorter than 0.4 s, expected one with a loudness"
        )
    return found


def _read(held: io.BytesIO) -> tuple[Samples, int]:
    try:
        samples, rate = soundfile.read(held, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise AudioFileError("cell", "can't be read as sound") from error
    return np.ascontiguousarray(samples.mean(axis=1)), int(rate)
