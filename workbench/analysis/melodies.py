"""One text in several voices, as contours that can be laid over one another."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from workbench.analysis.prosody_figure import Spoken
from workbench.analysis.voices_cell import Job, Text, check_said, joined_clauses
from workbench.core.audio import Samples
from workbench.core.events import SpokenWord
from workbench.errors import EngineFailed
from workbench.prosody.alignment import align
from workbench.prosody.contours import f0_contour
from workbench.speech.speakers import Speakers
from workbench.speech.voices import Voice
from workbench.ssml.setting import Setting

_HIGHEST_HZ = 500.0


def melodies(
    text: Text,
    voices: Sequence[Voice],
    settings: Sequence[Setting] = (Setting(),),
    *,
    speakers: Speakers | None = None,
) -> list[Spoken]:
    """Return how each voice says ``text`` with each setting, aligned with the first.

    The voices may speak at different rates of samples; all are brought to that of the first to be aligned.

    Raises
    ------
    EngineMissing, EngineFailed, ParameterError
        If a voice can't speak, or says nothing.
    """
    import soxr

    check_said([text], voices)
    own = Speakers() if speakers is None else speakers
    try:
        jobs = [Job(text=text, voice=voice, setting=one) for voice in voices for one in settings]
        said = [(job, *_said(job, own)) for job in jobs]
    finally:
        if speakers is None:
            own.close()
    found: list[Spoken] = []
    for job, samples, rate, words in said:
        name = job.voice.id if len(settings) == 1 else f"{job.voice.id}, {job.setting.name}"
        spoken = Spoken(name=name, contour=f0_contour(samples, rate, high=_HIGHEST_HZ), words=words)
        if found:
            first, first_rate = said[0][1], said[0][2]
            at_rate = np.asarray(soxr.resample(samples, rate, first_rate), dtype=np.float32)
            spoken = replace(spoken, alignment=align(first, at_rate, first_rate))
        found.append(spoken)
    return found


def _said(job: Job, speakers: Speakers) -> tuple[Samples, int, tuple[SpokenWord, ...]]:
    """Return the sound of a job, its rate, and the words with their times in all of it."""
    engine = speakers.of(job.voice)
    samples, words = joined_clauses(list(engine.synthesize(job.ssml, voice=job.voice.within)))
    if not len(samples):
        raise EngineFailed(f"voice {job.voice.id} said nothing to a text of {len(job.text.text)} characters")
    return samples, engine.capabilities.rate, words
