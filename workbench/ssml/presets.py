"""Settings that make a voice sound calm, warm, apologetic, urgent or celebratory, and whose finding each is.

They lie in a YAML file, ``data/presets/empathy.yaml``, to be read, copied and edited.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from workbench.data import data_folder
from workbench.errors import ParameterError
from workbench.ssml.setting import Setting, setting_from

LARGEST = 100_000
"""Bytes of a file of presets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """Which way a figure goes in speech that is heard as something, by the literature."""

    sign: int
    """1 higher, -1 lower."""
    sources: tuple[str, ...]
    """Keys into :attr:`Presets.sources`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One setting and where its directions come from."""

    setting: Setting
    near: str
    """The emotion or manner that the directions were found for."""
    directions: Mapping[str, Direction]
    """By the setting's field; a field that is not in it has no source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presets:
    """A file of presets."""

    presets: Mapping[str, Preset]
    sources: Mapping[str, str]
    """Whole references by key."""

    def setting(self, name: str) -> Setting:
        """Return the setting called ``name``.

        Raises
        ------
        ParameterError
            If there is none.
        """
        if name not in self.presets:
            raise ParameterError(f"preset {name!r} is not known, expected one of {', '.join(self.presets)}")
        return self.presets[name].setting


def load_presets(path: Path | None = None) -> Presets:
    """Return the presets of a file; the shipped ones without one.

    Raises
    ------
    ParameterError
        If it can't be read, or holds something else than presets.
    """
    return _shipped() if path is None else _read(path)


@cache
def _shipped() -> Presets:
    return _read(data_folder() / "presets" / "empathy.yaml")


def _read(path: Path) -> Presets:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ParameterError(f"{path}: more than {LARGEST} bytes, expected presets")
        told = YAML(typ="safe", pure=True).load(content.decode("utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        problem = getattr(error, "strerror", None) or "is no YAML"
        raise ParameterError(f"{path}: can't be read: {problem.lower()}") from error
    whole = _mapping(told, f"{path}")
    sources = {
        key: str(text) for key, text in _mapping(whole.get("sources") or {}, f"{path}: sources").items()
    }
    presets = {
        name: _preset(name, value, sources, path)
        for name, value in _mapping(whole.get("presets"), f"{path}: presets").items()
    }
    return Presets(presets=MappingProxyType(presets), sources=MappingProxyType(sources))


def _preset(name: str, value: object, sources: Mapping[str, str], path: Path) -> Preset:
    where = f"{path}: {name}"
    told = _mapping(value, where)
    directions: dict[str, Direction] = {}
    for field, entry in _mapping(told.get("directions") or {}, f"{where}: directions").items():
        named = _mapping(entry, f"{where}: {field}")
        toward, keys = named.get("toward"), named.get("sources") or []
        if toward not in ("higher", "lower") or not isinstance(keys, list):
            raise ParameterError(f"{where}: {field} lacks toward (higher or lower) and sources (a list)")
        missing = next((key for key in keys if key not in sources), None)
        if missing is not None:
            raise ParameterError(f"{where}: source {missing!r} stands not under sources")
        directions[field] = Direction(sign=1 if toward == "higher" else -1, sources=tuple(map(str, keys)))
    return Preset(
        setting=setting_from(name, _mapping(told.get("setting"), f"{where}: setting")),
        near=str(told.get("near") or "nothing in particular"),
        directions=MappingProxyType(directions),
    )


def _mapping(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ParameterError(f"{where}: holds {type(value).__name__}, expected names with values")
    return {str(key): entry for key, entry in value.items()}
