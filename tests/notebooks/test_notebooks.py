"""The shipped notebooks: stored clean, thin, and run from top to bottom without devices."""

import ast
import json
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from workbench.data import notebooks_folder

NOTEBOOKS = sorted(notebooks_folder().glob("*.ipynb"))
LINES_MAX = 12
"""Most lines of a cell: what needs more is a function that the package lacks."""
SECONDS_MAX = 120
SCRIPT = ["a large iced mocha with a little bit of soy milk", "make it a small one please"] * 4

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_of(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_the_shipped_notebooks_are_there():
    """The tests below would run over nothing."""
    names = {path.name for path in NOTEBOOKS}
    assert {"00_start_here.ipynb", "01_live_session.ipynb", "presenter.ipynb"} <= names


@each_notebook
def test_stored_without_outputs_and_widget_state(path):
    """A repository would fill with megabytes of what was once on a screen, and perhaps with a voice."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    nbformat.validate(stored)
    code = [cell for cell in stored["cells"] if cell["cell_type"] == "code"]
    assert code
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert set(stored["metadata"]) <= {"kernelspec", "language_info", "title"}
    assert set(stored["metadata"]["language_info"]) == {"name"}
    assert stored["metadata"]["kernelspec"]["name"] == "python3"
    assert path.stat().st_size < 20_000


@each_notebook
def test_prose_first_and_thin(path):
    """A notebook would be a program that nothing tests."""
    cells = nbformat.read(path, as_version=4).cells
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith("# ")
    for source in code_of(path):
        assert len(source.splitlines()) <= LINES_MAX, source
        parsed = compile(source, path.name, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        heavy = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Try, ast.For, ast.While)
        assert not [node for node in ast.walk(parsed) if isinstance(node, heavy)], source


@each_notebook
@pytest.mark.timeout(2 * SECONDS_MAX)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_runs_from_top_to_bottom_without_devices(path, tmp_path, monkeypatch):
    """A user's first minute would end in a traceback."""
    for name in [name for name in os.environ if name.startswith("WORKBENCH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WORKBENCH_ENGINES", "scripted")
    monkeypatch.setenv("WORKBENCH_SCRIPT", json.dumps(SCRIPT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=SECONDS_MAX,
        kernel_name="python3",
        store_widget_state=False,
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert outputs
    complaints = [output.text for output in outputs if output.get("name") == "stderr"]
    assert not complaints  # a hidden failure shows only there
