"""Tables that a benchmark writes into a document, between two comments that stay."""

from pathlib import Path

from workbench.errors import ParameterError

END = "<!-- end -->"


def put_between(file: Path, begin: str, text: str) -> None:
    """Put ``text`` between the comment ``begin`` and the next :data:`END`.

    Raises
    ------
    ParameterError
        If the document lacks one of them.
    """
    before, found, rest = file.read_text("utf-8").partition(begin)
    _, end, after = rest.partition(END)
    if not found or not end:
        raise ParameterError(f"{file} has no place for the table, expected {begin} and {END}")
    file.write_text(f"{before}{begin}\n\n{text}\n\n{END}{after}", "utf-8")
