"""Where an engine's weights are: a folder the user names, the environment, or installed packages.

Looked up in this order: the folder given, the folder in ``WORKBENCH_MODELS``, the packages that ship it.
Packages may hold a file in several parts; these are joined once into the user's cache folder. What comes from
a package must match its published sha256, checked when first used. Files in a folder the user named are taken
as they are, so that other weights of the same shape can be tried.
"""

import contextlib
import hashlib
import importlib.metadata
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO

from workbench.errors import EngineFailed, ModelMissing

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file of an engine's weights."""

    name: str
    """Path below a folder of models, as ``whisper-base/model.bin``."""
    sha256: str
    """Of the whole file, 64 hexadecimal digits."""
    parts: tuple[tuple[str, str], ...]
    """Distribution and path (or glob) inside it, in the order they are joined."""


def locate(file: WeightFile, *, engine: str, extra: str, folder: Path | None = None) -> Path:
    """Return the path of ``file``, joining and checking its parts when first used.

    Parameters
    ----------
    engine : what needs the file, for the error text
    extra : the optional dependency group that brings the packages
    folder : searched first, with its sub-folders

    Raises
    ------
    ModelMissing
        If the file is nowhere; names the places.
    EngineFailed
        If a package's file is not the published one, or the cache can't be written.
    """
    looked = []
    for place in _named_folders(folder):
        looked.append(str(place))
        if (found := _below(place, file.name)) is not None:
            return found
    looked.extend(dict.fromkeys(f"package {distribution}" for distribution, _ in file.parts))
    parts = [_in_package(distribution, pattern) for distribution, pattern in file.parts]
    present = [part for part in parts if part is not None]
    if not present or len(present) < len(parts):
        raise ModelMissing(engine, tuple(looked), extra)
    if len(present) > 1:
        return _joined(file, present, engine)
    if not _is_published(present[0], file.sha256):
        raise _not_published(engine, present[0], file)
    return present[0]


def locate_together(
    files: Sequence[WeightFile], *, engine: str, extra: str, folder: Path | None = None
) -> Path:
    """Return one folder that holds all ``files``, copying the small ones beside a joined one if need be.

    Raises as :func:`locate`.
    """
    found = [locate(file, engine=engine, extra=extra, folder=folder) for file in files]
    homes = {path.parent for path in found}
    if len(homes) == 1:
        return homes.pop()
    home = cache_folder() / "models" / Path(files[0].name).parent
    for path in found:
        target = home / path.name
        if path == target or _same_file(path, target):
            continue
        with _replacing(target, engine) as written, path.open("rb") as source:
            shutil.copyfileobj(source, written, _BLOCK)
    return home


def cache_folder() -> Path:
    """Return the user's cache folder for this project; it may not exist yet."""
    if given := os.environ.get("WORKBENCH_CACHE"):
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "realtime-voice-workbench"


def _named_folders(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
    if given := os.environ.get("WORKBENCH_MODELS"):
        yield Path(given)


def _below(folder: Path, name: str) -> Path | None:
    direct = folder / name
    if direct.is_file():
        return direct
    # The folder of one model may be named directly: .../whisper-base for whisper-base/model.bin.
    alone = folder / Path(name).name
    if folder.name == Path(name).parent.name and alone.is_file():
        return alone
    return next((path for path in sorted(folder.glob(f"**/{name}")) if path.is_file()), None)


def _in_package(distribution: str, pattern: str) -> Path | None:
    try:
        files = importlib.metadata.files(distribution) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        if fnmatchcase(file.as_posix(), pattern):
            path = Path(str(file.locate())).resolve()
            if path.is_file():
                return path
    return None


def _joined(file: WeightFile, parts: Sequence[Path], engine: str) -> Path:
    target = cache_folder() / "models" / file.name
    if target.is_file() and _is_published(target, file.sha256):
        return target
    digest = hashlib.sha256()
    with _replacing(target, engine) as written:
        for part in parts:
            with part.open("rb") as source:
                while block := source.read(_BLOCK):
                    digest.update(block)
                    written.write(block)
        if digest.hexdigest() != file.sha256:
            raise _not_published(engine, parts[0], file)
    _remember(target, file.sha256)
    return target


@contextlib.contextmanager
def _replacing(target: Path, engine: str) -> Iterator[BinaryIO]:
    """Write beside ``target`` and put it in place at the end; two processes may do so at once."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as written:
                yield written
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise EngineFailed(
            f"{engine} could not write {target}: {error.strerror or type(error).__name__}, "
            "set WORKBENCH_CACHE to a folder that can be written"
        ) from error


def _is_published(path: Path, sha256: str) -> bool:
    """Tell whether ``path`` has this sha256; read once, then known by path, size and time of change."""
    stamp = _stamp(path)
    with contextlib.suppress(OSError):
        if stamp.read_text() == sha256:
            return True
    with path.open("rb") as opened:
        if hashlib.file_digest(opened, "sha256").hexdigest() != sha256:
            return False
    _remember(path, sha256)
    return True


def _remember(path: Path, sha256: str) -> None:
    stamp = _stamp(path)
    # Without a stamp the file is only read again next time.
    with contextlib.suppress(OSError):
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(sha256)


def _stamp(path: Path) -> Path:
    state = path.stat()
    key = hashlib.sha256(f"{path}\n{state.st_size}\n{state.st_mtime_ns}".encode()).hexdigest()
    return cache_folder() / "checked" / key


def _same_file(path: Path, target: Path) -> bool:
    return target.is_file() and target.read_bytes() == path.read_bytes()


def _not_published(engine: str, path: Path, file: WeightFile) -> EngineFailed:
    return EngineFailed(
        f"{engine} refuses {path.name} of {path.parent}: its sha256 is not the published "
        f"{file.sha256[:8]}...{file.sha256[-4:]} of {file.name}"
    )
