"""JupyterLab as ``workbench lab`` starts it, in a real browser."""

from in_jupyter import open_notebook, run_cell, wait_until


def test_a_notebook_opens_and_its_kernel_can_reach_the_endpoint(lab, watched):
    """The first thing a user does would fail, or the panel would find no endpoint."""
    page = watched().page
    open_notebook(page, lab, "00_start_here.ipynb")
    run_cell(page, "import os; print('endpoint', os.environ['WORKBENCH_ENDPOINT'][:15])")
    page.get_by_text("endpoint ws://127.0.0.1").wait_for()
    wait_until(page, "idle")
