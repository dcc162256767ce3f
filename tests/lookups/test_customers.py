"""Customer books: what is in them, and what is none."""

import sqlite3
from contextlib import closing

import pytest

from workbench.data import data_folder
from workbench.errors import LookupFailed, ParameterError
from workbench.lookups.customers import open_customers
from workbench.lookups.ports import Customer
from workbench.lookups.shipped import open_lookups

HEAD = "id,name,spoken,place\n"


@pytest.fixture
def book(tmp_path):
    """Return what writes and opens a CSV file."""

    def opened(text):
        path = tmp_path / "book.csv"
        path.write_text(text, encoding="utf-8")
        return open_customers(path)

    return opened


def test_the_shipped_book_knows_its_customers():
    """A known caller would be greeted like a stranger."""
    with open_customers(data_folder() / "customers" / "customers.csv") as customers:
        assert customers.find("anna") == Customer(
            id="anna", name="Anna Lindqvist", spoken="Anna", place="Zurich"
        )
        assert customers.find("wei").spoken == "Wei"
        assert customers.find("okafor").spoken == "Doctor Okafor"
        assert customers.find("nobody") is None
        assert customers.find("") is None


@pytest.mark.parametrize(
    "caller", ["' OR '1'='1", "anna'; DROP TABLE customers; --", "%", "ANNA", "x" * 10**6]
)
def test_an_identifier_is_only_a_value(book, caller):
    """A forged identifier would find somebody, or destroy the book."""
    with book(HEAD + "anna,Anna Berg,,\n") as customers:
        assert customers.find(caller) is None
        assert customers.find("anna").name == "Anna Berg"


def test_a_database_is_opened_and_only_read(tmp_path):
    """A book kept by somebody else could not be used, or would be changed."""
    path = tmp_path / "our book #1.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE customers (id, name, spoken, place, phone)")
        database.execute("INSERT INTO customers VALUES ('7', 'Ben\n  Stone', NULL, NULL, '1')")
    with open_customers(path) as customers:
        assert customers.find("7") == Customer(id="7", name="Ben Stone", spoken="Ben", place="")
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            customers._database.execute("DELETE FROM customers")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", r"book\.csv:1: the columns are not id, name, spoken, place"),
        ("id,name\n1,Ann\n", r"book\.csv:1: the columns are not"),
        (HEAD + "1,Ann\n", r"book\.csv:2: expected 4 columns, id and name not empty"),
        (HEAD + "1,Ann,,\n,Bob,,\n", r"book\.csv:3: expected 4 columns, id and name not empty"),
        (HEAD + "1,Ann,,\n1,Bob,,\n", r"book\.csv:3: the id is there already"),
        (HEAD + '1,"Ann,,\n', r"book\.csv: can't be read: Error"),
    ],
)
def test_a_file_that_is_no_book(book, text, problem):
    """A wrong file would show only when the first customer calls."""
    with pytest.raises(ParameterError, match=problem):
        book(text)


def test_what_is_not_there_or_no_database(tmp_path):
    """A wrong setting would show only when the first customer calls."""
    with pytest.raises(ParameterError, match="no such file, expected a customer book"):
        open_customers(tmp_path / "book.db")
    path = tmp_path / "odd.db"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(ParameterError, match="is no customer book, expected a table customers with id, name"):
        open_customers(path)
    assert path.read_bytes().startswith(b"no database")


def test_a_closed_book_fails_without_a_name(book):
    """A library's error would reach the session, or a customer's name a log."""
    customers = book(HEAD + "anna,Anna Berg,,\n")
    customers.close()
    with pytest.raises(LookupFailed) as caught:
        customers.find("anna")
    assert str(caught.value) == "the customer book did not answer: ProgrammingError"


def test_given_books_take_the_place_of_the_shipped_ones(tmp_path):
    """An endpoint would answer out of the example's books."""
    (tmp_path / "own.md").write_text("# Sauna\n\nThere is a sauna.\n")
    (tmp_path / "own.csv").write_text(HEAD + "9,Zoe Park,,\n")
    with open_lookups(knowledge=tmp_path, customers=tmp_path / "own.csv") as lookups:
        assert [found.text for found in lookups.knowledge.find("a sauna", limit=1)] == ["There is a sauna."]
        assert lookups.customers.find("9").spoken == "Zoe"
        assert lookups.customers.find("anna") is None
    with open_lookups() as lookups:
        assert lookups.customers.find("anna") is not None
