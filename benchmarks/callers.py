"""Callers of the evidence: recordings as conversations of one or more turns, each turn whole."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labelled import fetched

from workbench.audio.files import load_audio
from workbench.audio.levels import speech_span
from workbench.core.audio import Samples
from workbench.errors import ParameterError

LISTED = Path(__file__).with_name("callers.json")
LEAD, TAIL = 0.5, 0.3
"""Seconds of a recording before a turn's first sound and after its last that are sent; silence follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A turn: a recording, or some seconds of one from the first sound to the last."""

    file: Path
    span: tuple[float, float] | None = None

    def samples(self, rate: int) -> Samples:
        """Return what the caller's device sends before it falls silent: one and the same in every run."""
        said = load_audio(self.file, rate=rate)
        if self.span is None:
            begin, end = speech_span(said, rate) or (0, len(said))
        else:
            begin, end = (round(edge * rate) for edge in self.span)
        return said[max(0, begin - round(LEAD * rate)) : end + round(TAIL * rate)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A conversation: its turns are said one after the other, each when nothing is heard any more."""

    name: str
    turns: tuple[Piece, ...]
    assistant: str = "coffee"


def clips(paths: Sequence[Path]) -> list[Caller]:
    """Return the recordings among ``paths`` and in the folders among them, each a caller of one turn."""
    found = [one for path in paths for one in (sorted(path.glob("*.wav")) if path.is_dir() else [path])]
    missing = [one for one in found if not one.is_file()]
    if missing or not found:
        raise ParameterError(f"{missing[0] if missing else paths[0]}: no recording, expected .wav files")
    return [Caller(name=one.stem, turns=(Piece(file=one),)) for one in found]


def listed(data: Path, packages: Path | None) -> list[Caller]:
    """Return the callers of ``callers.json`` whose recordings are in ``data``, the folder of data.

    Parameters
    ----------
    packages : where source distributions are fetched to; None leaves out who is in one
    """
    content = json.loads(LISTED.read_text("utf-8"))
    found = []
    for name, one in content["conversations"].items():
        if packages is None and any(":" in turn[0] for turn in one["turns"]):
            continue
        turns = tuple(_piece(turn, data, packages, content["packages"]) for turn in one["turns"])
        found.append(Caller(name=name, turns=turns, assistant=one.get("assistant", "coffee")))
    return found


def _piece(
    turn: tuple[str] | tuple[str, float, float],
    data: Path,
    packages: Path | None,
    versions: Mapping[str, str],
) -> Piece:
    package, colon, inside = turn[0].partition(":")
    if colon and packages is not None:
        file = fetched(package, versions[package], packages) / inside
    else:
        file = data / turn[0]
    if not file.is_file():
        raise ParameterError(f"{file}: no recording, expected the folder of data")
    return Piece(file=file, span=(turn[1], turn[2]) if len(turn) == 3 else None)
