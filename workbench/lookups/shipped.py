"""The books a process looks things up in: those it was given, else the shipped ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workbench.data import data_folder
from workbench.lookups.customers import open_customers
from workbench.lookups.knowledge import open_knowledge
from workbench.lookups.ports import Customers, Knowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookups:
    """What may be looked up; the sessions of a process share it."""

    knowledge: Knowledge
    customers: Customers


@contextmanager
def open_lookups(*, knowledge: Path | None = None, customers: Path | None = None) -> Iterator[Lookups]:
    """Open a folder of Markdown files and a customer book (``.csv`` or ``.db``).

    Raises
    ------
    ParameterError
        If one of them is not there, or is not what it should be.
    """
    folder = data_folder()
    with (
        open_knowledge(knowledge or folder / "knowledge") as passages,
        open_customers(customers or folder / "customers" / "customers.csv") as book,
    ):
        yield Lookups(knowledge=passages, customers=book)
