"""A session in notebook cells, with top-level await."""

import nbformat
import pytest
from nbclient import NotebookClient

ENVIRONMENT = """
import os
os.environ |= {"WORKBENCH_ENGINES": "scripted", "WORKBENCH_SCRIPT": '["a large latte"]'}
"""
IMPORTS = """
import numpy as np
from workbench import open_session
from workbench.client.caller import call
"""
CONVERSATION = """
tone = (0.2 * np.sin(np.arange(16_000) / 17)).astype("float32")
recording = await call("coffee", [tone])
"""
TRANSCRIPT = """
bodies = [event.body for event in recording.timeline.events]
print([body.text for body in bodies if body.type == "final-transcript"])
"""
SESSION = """
async with open_session("coffee") as session:
    print(session.opened.assistant, session.opened.settings["engines"])
"""
MISTAKE = """
async with open_session("nobody") as session:
    pass
"""
CELLS = (ENVIRONMENT, IMPORTS, CONVERSATION, TRANSCRIPT, SESSION, MISTAKE)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_cells_hold_sessions_and_show_plain_errors():
    """A notebook user would see nothing, or an exception group on standard error."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True).execute()
    outputs = [cell.outputs for cell in notebook.cells]
    assert outputs[0] == outputs[1] == outputs[2] == []
    assert outputs[3][0].text == "['a large latte']\n"
    assert outputs[4][0].text == "coffee scripted\n"
    assert outputs[5][0].ename == "ParameterError"
    assert outputs[5][0].evalue.startswith("there is no assistant 'nobody'")
    assert not [out for cell in outputs for out in cell if out.get("name") == "stderr"]
