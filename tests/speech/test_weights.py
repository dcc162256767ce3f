"""Weights are found where the user says, else in packages, and only the published ones are used."""

import hashlib
import threading
from pathlib import Path

import pytest

from workbench.errors import EngineFailed, ModelMissing
from workbench.speech.weights import WeightFile, cache_folder, locate, locate_together

HALVES = (b"first half, ", b"second half")
WHOLE = b"".join(HALVES)


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _package(site: Path, name: str, files: dict[str, bytes]) -> None:
    """Install a distribution as pip would leave it: files, METADATA and RECORD."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    for path, data in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(data)
    (info / "RECORD").write_text("".join(f"{path},,\n" for path in files))


@pytest.fixture
def site(tmp_path, monkeypatch):
    """An empty cache and a folder of installed packages."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("WORKBENCH_MODELS", raising=False)
    folder = tmp_path / "site"
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def split(site):
    """A file in two packages."""
    _package(site, "toy_part1", {"toy_part1/part.bin": HALVES[0]})
    _package(site, "toy_part2", {"toy_part2/part.bin": HALVES[1]})
    return WeightFile(
        "toy/model.bin", _sha(WHOLE), (("toy-part1", "toy_part1/part.bin"), ("toy-part2", "*/part.bin"))
    )


def _find(file: WeightFile, folder: Path | None = None) -> Path:
    return locate(file, engine="toy", extra="speech", folder=folder)


def test_parts_are_joined_in_order_into_the_cache(split):
    """Joined in the wrong order or place, no engine would load."""
    path = _find(split)
    assert path == cache_folder() / "models" / "toy" / "model.bin"
    assert path.read_bytes() == WHOLE


def test_second_use_does_not_write_again(split):
    """Joining at each start would cost seconds."""
    before = _find(split).stat().st_ino
    assert _find(split).stat().st_ino == before


def test_corrupted_join_is_made_anew(split):
    """A damaged cache would break the engine until the user finds and deletes it."""
    _find(split).write_bytes(b"damaged")
    assert _find(split).read_bytes() == WHOLE


def test_wrong_content_is_refused_and_leaves_nothing(split):
    """Weights that are not the published ones would be used unnoticed."""
    wrong = WeightFile(split.name, _sha(b"something else"), split.parts)
    with pytest.raises(EngineFailed, match=r"toy refuses part\.bin of .*: its sha256 is not the published"):
        _find(wrong)
    assert [path for path in (cache_folder() / "models").rglob("*") if path.is_file()] == []


def test_whole_file_in_a_package_is_used_in_place(site):
    """Copying every model would double the disk space."""
    _package(site, "toy_whole", {"toy_whole/model.bin": WHOLE})
    file = WeightFile("toy/model.bin", _sha(WHOLE), (("toy-whole", "toy_whole/*.bin"),))
    assert _find(file) == (site / "toy_whole" / "model.bin").resolve()
    (site / "toy_whole" / "model.bin").write_bytes(b"another file now")
    with pytest.raises(EngineFailed):
        _find(file)


def test_given_folder_wins_over_environment_over_packages(split, tmp_path, monkeypatch):
    """The user's own choice of weights would be ignored."""
    named, given = tmp_path / "models", tmp_path / "mine"
    (named / "deep" / "toy").mkdir(parents=True)
    (named / "deep" / "toy" / "model.bin").write_bytes(b"from the environment")
    (given / "toy").mkdir(parents=True)
    (given / "toy" / "model.bin").write_bytes(b"given")
    monkeypatch.setenv("WORKBENCH_MODELS", str(named))
    assert _find(split).read_bytes() == b"from the environment"
    assert _find(split, folder=given).read_bytes() == b"given"
    assert _find(split, folder=given / "toy").read_bytes() == b"given"


def test_missing_weights_say_where_was_looked(site, tmp_path, monkeypatch):
    """The user would not know what to install or where to put the file."""
    monkeypatch.setenv("WORKBENCH_MODELS", str(tmp_path / "models"))
    file = WeightFile("toy/model.bin", _sha(WHOLE), (("toy-none", "a"), ("toy-none", "b")))
    with pytest.raises(ModelMissing) as caught:
        _find(file, folder=tmp_path / "mine")
    assert caught.value.looked == (str(tmp_path / "mine"), str(tmp_path / "models"), "package toy-none")


def test_half_installed_parts_count_as_missing(site):
    """Half a model would be joined and then refused as tampered with."""
    _package(site, "toy_half", {"toy_half/part.bin": HALVES[0]})
    file = WeightFile(
        "toy/model.bin", _sha(WHOLE), (("toy-half", "toy_half/part.bin"), ("toy-other", "part.bin"))
    )
    with pytest.raises(ModelMissing):
        _find(file)


def test_unwritable_cache_is_one_sentence(split, tmp_path, monkeypatch):
    """A read-only home would end in a traceback."""
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "file"))
    with pytest.raises(EngineFailed, match=r"toy could not write .*WORKBENCH_CACHE"):
        _find(split)


def test_two_at_once_both_get_the_whole_file(split):
    """Two endpoints starting together would read a half-written model."""
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(_find(split).read_bytes())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [WHOLE] * 4


def test_folder_of_several_files_is_put_together(split, site):
    """An engine that takes a folder would miss its vocabulary."""
    _package(site, "toy_small", {"toy_small/vocabulary.txt": b"words"})
    small = WeightFile("toy/vocabulary.txt", _sha(b"words"), (("toy-small", "toy_small/vocabulary.txt"),))
    folder = locate_together((split, small), engine="toy", extra="speech")
    assert sorted(path.name for path in folder.iterdir()) == ["model.bin", "vocabulary.txt"]
    assert (folder / "vocabulary.txt").read_bytes() == b"words"
    assert locate_together((small,), engine="toy", extra="speech") == (site / "toy_small").resolve()


def test_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    """The cache would land in a place the user did not choose."""
    monkeypatch.delenv("WORKBENCH_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "realtime-voice-workbench"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder() == tmp_path / "home" / ".cache" / "realtime-voice-workbench"
