"""Where the shipped data and notebooks lie: inside an installed wheel, or beside the package."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def data_folder() -> Path:
    """Return the folder of the shipped assistants, voices, callers, sessions, knowledge and customers."""
    installed = _PACKAGE / "_data"
    return installed if installed.is_dir() else _PACKAGE.parent / "data"


def notebooks_folder() -> Path:
    """Return the folder of the shipped notebooks; not to be written to unless :func:`in_checkout`."""
    return _PACKAGE.parent / "notebooks" if in_checkout() else _PACKAGE / "_notebooks"


def in_checkout() -> bool:
    """Tell whether the package lies in a checkout, whose notebooks are the user's own."""
    return not (_PACKAGE / "_notebooks").is_dir()
