"""The shipped data is found in a checkout and in an installed wheel."""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from workbench import data


def copied_to(folder: Path) -> ModuleType:
    """Return the module as it is when the package lies in ``folder``."""
    folder.mkdir()
    shutil.copy(data.__file__, folder / "data.py")
    spec = importlib.util.spec_from_file_location("copied_data", folder / "data.py")
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "inside",
    [
        "assistants/coffee.yaml",
        "assistants/rooms.yaml",
        "presets",
        "voices",
        "names/names.txt",
        "callers",
        "sessions/coffee/meta.json",
        "knowledge",
        "customers",
    ],
)
def test_the_data_is_there(inside: str) -> None:
    """No assistant, voice or caller would be found."""
    assert (data.data_folder() / inside).exists()


def test_a_checkout_has_its_data_beside_the_package(tmp_path: Path) -> None:
    """A developer would run with the data of another installation."""
    assert copied_to(tmp_path / "workbench").data_folder() == tmp_path / "data"


def test_a_wheel_has_its_data_inside_the_package(tmp_path: Path) -> None:
    """An installed workbench would look for its data in site-packages."""
    module = copied_to(tmp_path / "workbench")
    (tmp_path / "workbench" / "_data").mkdir()
    (tmp_path / "data").mkdir()
    assert module.data_folder() == tmp_path / "workbench" / "_data"
