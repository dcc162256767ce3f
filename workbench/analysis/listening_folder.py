"""A listening test as a folder: what is asked, the sounds under names that tell nothing, and the answers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import soundfile

from workbench.analysis.listening import ANCHOR, MUFFLED, Design, Method, Trial, check, plan
from workbench.analysis.listening_sounds import LOUDNESS, MUFFLED_HZ, Level, Sound, low_passed, matched
from workbench.audio.files import load_audio_with_rate
from workbench.core.audio import Samples
from workbench.errors import AudioFileError, ParameterError

VERSION = 1
_FILE = "test.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeningTest:
    """A test that is ready for its listeners."""

    folder: Path
    design: Design
    systems: tuple[str, ...]
    items: tuple[str, ...]
    levels: tuple[Level, ...]
    """What was measured of each sound, anchor and muffled copies included."""
    files: Mapping[tuple[str, str], str]
    """The file of each system and item."""
    name: str
    """Changes with anything that is asked or heard."""

    @property
    def answers(self) -> Path:
        """Return the folder of the answers."""
        return self.folder / "answers"

    def trials(self, listener: int) -> list[Trial]:
        """Return the trials of a listener, from 0, in order."""
        return plan(self.design, self.systems, self.items, listener)

    def sound(self, system: str, item: str) -> tuple[Samples, int]:
        """Return a sound and its sample rate; raises AudioFileError if it is no longer there."""
        return load_audio_with_rate(self.folder / "sounds" / self.files[system, item])


def prepare(
    design: Design, sounds: Sequence[Sound], folder: Path | str, *, loudness: float = LOUDNESS
) -> ListeningTest:
    """Return a test made from ``sounds``, equally loud, and keep it in ``folder``.

    The same test asked for again is found there, with its answers.

    Raises
    ------
    ParameterError
        If the sounds make no such test, a system lacks an item, or the folder holds another test or can't be
        written.
    """
    folder = Path(folder)
    systems = tuple(dict.fromkeys(sound.system for sound in sounds))
    items = tuple(dict.fromkeys(sound.item for sound in sounds))
    check(design, systems, items)
    found = {(sound.system, sound.item): sound for sound in sounds}
    lacking = [(system, item) for system in systems for item in items if (system, item) not in found]
    if lacking or len(found) < len(sounds):
        told = f"{lacking[0][0]} lacks one of the {len(items)} items" if lacking else "a sound comes twice"
        raise ParameterError(f"{told}, expected each item once from each system")
    made, levels = matched([*found.values(), *_worse(design, list(found.values()))], loudness=loudness)
    parts = [[design.method, asdict(design), systems, items, made[0].rate]]
    parts += [[one.system, one.item, sha256(one.samples.tobytes()).hexdigest()] for one in made]
    name = sha256(json.dumps(parts).encode()).hexdigest()[:16]
    if (folder / _FILE).exists():
        known = open_test(folder)
        if known.name != name:
            raise ParameterError(f"{folder} holds another listening test, expected an empty folder")
        return known
    files = {(one.system, one.item): f"{_blind(name, number)}.flac" for number, one in enumerate(made)}
    test = ListeningTest(
        folder=folder,
        design=design,
        systems=systems,
        items=items,
        levels=tuple(levels),
        files=files,
        name=name,
    )
    _write(test, made)
    return test


def open_test(folder: Path | str) -> ListeningTest:
    """Return the test that ``prepare`` keeps in ``folder``.

    Raises
    ------
    ParameterError
        If there is none, or none of this version.
    """
    folder = Path(folder)
    try:
        told = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        if told["version"] != VERSION:
            raise ParameterError(
                f"{folder}: the listening test has version {told['version']}, expected {VERSION}"
            )
        design = {**told["design"], "method": Method(told["design"]["method"])}
        return ListeningTest(
            folder=folder,
            design=Design(**design),
            systems=tuple(told["systems"]),
            items=tuple(told["items"]),
            levels=tuple(Level(**one) for one in told["levels"]),
            files={(one["system"], one["item"]): one["file"] for one in told["sounds"]},
            name=told["name"],
        )
    except OSError as error:
        raise ParameterError(f"{folder} holds no listening test, expected its {_FILE}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ParameterError(f"{folder / _FILE} can't be read as a listening test") from error


def _worse(design: Design, sounds: Sequence[Sound]) -> list[Sound]:
    """Return the anchor of each item, or the muffled copy of each sound, as the method needs them."""
    if design.method is Method.MUSHRA:
        held = [sound for sound in sounds if sound.system == design.reference]
        return [replace(one, system=ANCHOR, samples=low_passed(one.samples, one.rate)) for one in held]
    if not design.catches:
        return []
    return [
        replace(
            one,
            system=one.system + MUFFLED,
            samples=low_passed(one.samples, one.rate, edge=MUFFLED_HZ),
        )
        for one in sounds
    ]


def _blind(name: str, number: int) -> str:
    return sha256(f"{name} {number}".encode()).hexdigest()[:12]


def _write(test: ListeningTest, sounds: Sequence[Sound]) -> None:
    told = {
        "version": VERSION,
        "name": test.name,
        "design": asdict(test.design),
        "systems": test.systems,
        "items": test.items,
        "levels": [asdict(one) for one in test.levels],
        "sounds": [
            {"system": system, "item": item, "file": file} for (system, item), file in test.files.items()
        ],
    }
    try:
        (test.folder / "sounds").mkdir(parents=True, exist_ok=True)
        for sound in sounds:
            file = test.folder / "sounds" / test.files[sound.system, sound.item]
            soundfile.write(file, np.clip(sound.samples, -1, 1), sound.rate, subtype="PCM_24")
        (test.folder / _FILE).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    except (OSError, soundfile.SoundFileError) as error:
        raise AudioFileError(test.folder, "the listening test can't be kept there") from error
