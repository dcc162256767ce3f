"""The notebook of the timeline, top to bottom, without a browser."""

from pathlib import Path

import nbclient
import nbformat
import pytest

NOTEBOOK = Path(__file__).parent.parent / "notebooks" / "02_transcript_timeline.ipynb"


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_it_runs_from_top_to_bottom(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first thing a reader of a recorded session tries would fail."""
    monkeypatch.setenv("PYTHONPATH", str(NOTEBOOK.parent.parent))
    notebook = nbformat.read(NOTEBOOK, 4)
    nbclient.NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOK.parent)}}
    ).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [one for one in outputs if one.get("name") == "stderr"]
    assert any("application/vnd.jupyter.widget-view+json" in one.get("data", {}) for one in outputs)
    printed = "".join(one.get("text", "") for one in outputs)
    assert printed.startswith("WEBVTT")
    assert "<v Agent>One large iced mocha with a\n" in printed


def test_it_is_stored_without_outputs_and_is_thin() -> None:
    """Somebody's session would be in the repository, or code that belongs into the package."""
    notebook = nbformat.read(NOTEBOOK, 4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert "widgets" not in notebook.metadata
    for cell in cells:
        assert (cell.outputs, cell.execution_count) == ([], None)
        assert len(cell.source.splitlines()) <= 12
        assert not [word for word in ("def ", "class ", "for ", "try:") if cell.source.startswith(word)]
