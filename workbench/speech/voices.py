"""Which voices there are, by id, whatever engine speaks them.

A shipped voice has a plain id (``af_heart``), one of espeak-ng its tag (``espeak:fr``), perhaps with a
variant (``espeak:fr+f2``). The catalogue and the style vectors of the shipped voices lie in ``data/voices``;
whoever made them and under which licence stands in its ``NOTICE``.
"""

import difflib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.data import data_folder
from workbench.errors import EngineFailed, ParameterError

VARIANTS = (*("f1", "f2", "f3", "f4", "f5"), *("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8"))
"""Other speakers of espeak-ng's voices, female and male."""

DEFAULT_VOICE = "af_heart"
"""The assistant's voice unless an assistant file says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One voice of one engine."""

    id: str
    name: str
    engine: str
    language: str
    """BCP 47 tag of what it speaks here."""
    gender: str
    """One of female, male."""
    licence: str
    """SPDX identifier."""
    file: str
    """Name of its data below the folder of voices; empty where the engine brings it."""
    made_for: str = ""
    """BCP 47 tag of what its speaker spoke, where nothing here reads that for it; else empty."""

    @property
    def within(self) -> str:
        """Return what its engine calls it."""
        return self.id.removeprefix(f"{self.engine}:")


def voices(folder: Path | None = None) -> tuple[Voice, ...]:
    """Return the catalogue, in its own order.

    Parameters
    ----------
    folder : a folder that holds ``voices.json``; the shipped one unless given

    Raises
    ------
    EngineFailed
        If the catalogue is absent or not readable: the installation is damaged.
    """
    return _catalogue(folder or _shipped())


def find(voice_id: str, *, folder: Path | None = None) -> Voice:
    """Return the voice called ``voice_id``.

    Raises
    ------
    ParameterError
        If there is none; names the closest ones.
    """
    known = {voice.id: voice for voice in voices(folder)}
    if voice_id in known:
        return known[voice_id]
    close = difflib.get_close_matches(voice_id, known, n=3, cutoff=0.4) or list(known)[:3]
    raise ParameterError(f"voice {voice_id!r} is not known, close ones are {', '.join(close)}")


def named(voice_id: str, *, folder: Path | None = None) -> Voice:
    """Return the voice called ``voice_id``: a shipped one, or ``espeak:TAG[+VARIANT]`` for one of espeak-ng.

    Whether espeak-ng is installed and speaks the tag shows when it is asked to.

    Raises
    ------
    ParameterError
        If there is none.
    """
    engine, _, tag = voice_id.partition(":")
    if engine == "espeak" and tag:
        return espeak_voice(tag)
    return find(voice_id, folder=folder)


def espeak_voice(name: str) -> Voice:
    """Return the voice of espeak-ng that is called ``name``: a tag, perhaps ``+`` and one of ``VARIANTS``.

    Its licence is that of the program.

    Raises
    ------
    ParameterError
        If the variant is none.
    """
    tag, plus, variant = name.partition("+")
    if plus and variant.lower() not in VARIANTS:
        raise ParameterError(
            f"espeak variant {variant!r} is not known, expected one of {', '.join(VARIANTS)}"
        )
    return Voice(
        id=f"espeak:{name}",
        name=f"espeak {name}",
        engine="espeak",
        language="cmn" if tag == "zh" else tag,
        gender="female" if variant.lower().startswith("f") else "male",
        licence="GPL-3.0-or-later",
        file="",
    )


def load_style(voice: Voice, *, folder: Path | None = None) -> npt.NDArray[np.float32]:
    """Return the style vectors of a Kokoro voice, shape (510, 256): row n is for n phonemes.

    Raises
    ------
    EngineFailed
        If the file is absent or of another shape.
    """
    path = (folder or _shipped()) / voice.file
    try:
        style = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise EngineFailed(f"voice {voice.id} could not be read from {path}") from error
    if style.ndim != 2 or style.shape[1] != 256:
        raise EngineFailed(f"voice {voice.id} has shape {style.shape}, expected (n, 256)")
    return np.asarray(style, dtype=np.float32)


def _shipped() -> Path:
    return data_folder() / "voices"


def _catalogue(folder: Path) -> tuple[Voice, ...]:
    path = folder / "voices.json"
    try:
        entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["voices"]
        names = set(Voice.__dataclass_fields__)
        return tuple(Voice(**{key: entry[key] for key in names & entry.keys()}) for entry in entries)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineFailed(f"the catalogue of voices could not be read from {path}") from error
