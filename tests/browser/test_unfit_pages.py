"""Pages that can't talk at all, in JupyterLab in a real browser: one sentence, and nothing else."""

from collections.abc import Callable
from itertools import count

import pytest
from browsing import ELSEWHERE, Watched
from in_jupyter import open_notebook, run_cell
from labs import Lab
from panels import Panel

COPIES = count()
INSECURE = "Browsers give a microphone only to https pages and to this very computer"
OLD_BROWSER = "This browser is too old to send live audio"
WITHOUT_WORKLET = """
window.kept = { AudioWorkletNode: window.AudioWorkletNode, Worker: window.Worker };
delete window.AudioWorkletNode;
"""
WITHOUT_WORKER = "() => { window.AudioWorkletNode = window.kept.AudioWorkletNode; delete window.Worker; }"
FAILED_OUTPUT = '[data-mime-type$="stderr"], [data-mime-type$="error"]'


@pytest.fixture
def talking(lab: Lab, kernels_end: None, watched: Callable[..., Watched]) -> Callable[..., Panel]:
    """Return what opens a notebook with a panel in it, in a page of its own."""

    def open_panel(*, host: str = "127.0.0.1", **context: object) -> Panel:
        name = f"unfit_{next(COPIES)}.ipynb"
        (lab.notebooks / name).write_bytes((lab.notebooks / "presenter.ipynb").read_bytes())
        page = watched(**context).page
        open_notebook(page, lab, name, host=host)
        run_cell(page, 'from workbench import notebook\nawait notebook.talk("coffee")')
        panel = Panel(page)
        panel.root.wait_for()
        return panel

    return open_panel


def refused(panel: Panel) -> str:
    """Press Talk, and return the one sentence that is all that comes of it."""
    panel.press("Talk")
    panel.wait_for("failed")
    assert panel.page.locator(FAILED_OUTPUT).count() == 0
    sentence = panel.sentence()
    assert sentence.count(". ") == 0
    return sentence


def test_a_page_of_another_computer_by_plain_http_says_what_it_takes(talking):
    """Browsers hide the microphone there: a person would read of a property of undefined."""
    panel = talking(host=ELSEWHERE)
    assert panel.page.evaluate("[isSecureContext, navigator.mediaDevices === undefined]") == [False, True]
    assert refused(panel).startswith(
        "Browsers give a microphone only to https pages and to this very computer"
    )


def test_a_browser_without_worklets_or_workers_says_that_it_is_too_old(talking):
    """A person would press a button that does nothing."""
    panel = talking(script=WITHOUT_WORKLET)
    assert refused(panel).startswith(OLD_BROWSER)
    panel.page.evaluate(WITHOUT_WORKER)
    assert refused(panel).startswith(OLD_BROWSER)
