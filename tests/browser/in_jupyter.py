"""Notebooks, opened and run in JupyterLab as its menu would."""

from typing import Any

from labs import Lab


def open_notebook(page: Any, lab: Lab, name: str, *, host: str = "127.0.0.1") -> None:
    """Open a notebook in JupyterLab, in a workspace without others, and wait for its kernel."""
    workspace = name.partition(".")[0]
    base = lab.base.replace("127.0.0.1", host)
    page.goto(f"{base}lab/workspaces/{workspace}/tree/{name}?token={lab.token}")
    _wait_for_kernel(page)


def open_in_notebook(page: Any, lab: Lab, name: str) -> None:
    """Open a notebook in Notebook 7, which the same server offers, and wait for its kernel."""
    page.goto(f"{lab.base}notebooks/{name}?token={lab.token}")
    _wait_for_kernel(page)


def _wait_for_kernel(page: Any) -> None:
    page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.sessionContext")
    wait_until(page, "idle")


def wait_until(page: Any, status: str, seconds: float = 60) -> None:
    """Wait until the notebook's kernel is ``idle`` or ``busy``."""
    page.wait_for_function(
        "status => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === status",
        arg=status,
        timeout=seconds * 1000,
    )


def save(page: Any) -> None:
    """Save the notebook."""
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")


def run_first(page: Any, count: int) -> None:
    """Run the first ``count`` code cells and wait for each."""
    page.evaluate(
        """async count => {
          const notebook = window.jupyterapp.shell.currentWidget.content;
          for (let index = 0; index < notebook.widgets.length && count > 0; index += 1) {
            if (notebook.widgets[index].model.type !== "code") continue;
            notebook.activeCellIndex = index;
            notebook.deselectAll();
            await window.jupyterapp.commands.execute("notebook:run-cell");
            count -= 1;
          }
        }""",
        count,
    )


def run_cell(page: Any, source: str) -> None:
    """Add a cell at the end and run it, without waiting."""
    page.evaluate(
        """source => {
          const notebook = window.jupyterapp.shell.currentWidget;
          const cells = notebook.content.model.sharedModel;
          cells.insertCell(cells.cells.length, { cell_type: "code", source });
          notebook.content.activeCellIndex = cells.cells.length - 1;
          window.jupyterapp.commands.execute("notebook:run-cell");
        }""",
        source,
    )
