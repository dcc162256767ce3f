"""Which folder JupyterLab opens: the shipped notebooks of a checkout, or a copy of one's own."""

import os
import shutil
from pathlib import Path

from workbench.data import in_checkout, notebooks_folder
from workbench.errors import ParameterError, system_reason

OWN_FOLDER = Path("workbench-notebooks")
"""Where an installed package's notebooks are copied to, below the working directory."""


def lab_folder(wanted: Path | None) -> Path:
    """Return a folder with the shipped notebooks that the user may write to.

    A checkout's own notebooks are opened where they are. Otherwise those that are missing are copied to
    ``wanted`` or ``workbench-notebooks``; a file that is there is never touched, for it may have been edited.

    Raises
    ------
    ParameterError
        If the folder is a file, or can't be made or written to, or no notebooks were shipped.
    """
    shipped = notebooks_folder()
    if not any(shipped.glob("*.ipynb")):
        raise ParameterError(f"{shipped}: holds no notebooks, expected those that come with the package")
    if wanted is None and in_checkout() and os.access(shipped, os.W_OK):
        return shipped
    folder = (wanted or OWN_FOLDER).absolute()
    copy_missing(shipped, folder)
    return folder


def copy_missing(shipped: Path, folder: Path) -> tuple[str, ...]:
    """Copy those of the ``shipped`` notebooks that ``folder`` lacks; return their names.

    Raises
    ------
    ParameterError
        If ``folder`` is a file, or can't be made or written to.
    """
    if folder.exists() and not folder.is_dir():
        raise ParameterError(f"{folder}: is a file, expected a folder for the notebooks")
    missing = [each for each in sorted(shipped.glob("*.ipynb")) if not os.path.lexists(folder / each.name)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for notebook in missing:
            shutil.copyfile(notebook, folder / notebook.name)  # not its mode: it may be read-only
    except OSError as error:
        problem = system_reason(error)
        raise ParameterError(f"{folder}: the notebooks can't be copied there: {problem}") from None
    return tuple(notebook.name for notebook in missing)
