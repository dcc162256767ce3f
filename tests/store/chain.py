"""An audit trail of nine records, what somebody with access does to it by hand, and what a check finds."""

from chain_keys import KEYS
from sqlalchemy import text

from workbench.core.audit import AuditEntry
from workbench.core.audit_chain import ChainKeys
from workbench.core.audit_check import Verdict
from workbench.store.database import Database
from workbench.store.store import open_store
from workbench.store.urls import place_of

HOSTILE = "'; drop table audit_head; --"
RECORDS = 9


def entry(number: int) -> AuditEntry:
    return AuditEntry(
        at=1000.0 + number / 3,
        kind="used" if number % 2 else "minted",
        token_id=f"t{number}",
        project="lab" if number % 3 else None,
        session=f"s{number // 4}",
        client="tab",
        address="192.0.2.1",
        reason=HOSTILE,
    )


def fill(chained: str, count: int = RECORDS - 1) -> None:
    """Write a chain of ``count`` records and its beginning."""
    with open_store(chained, audit_keys=KEYS) as store:
        for number in range(count):
            store.audit([entry(number)])


def checked(chained: str, keys: ChainKeys = KEYS, start: int | None = None) -> Verdict:
    with open_store(chained) as store:
        verdict = store.trail.check(keys, start=start)
    assert verdict is not None
    return verdict


def wrong(chained: str) -> list[tuple[str, int | None]]:
    return [(problem.wrong, problem.seq) for problem in checked(chained).problems]


def by_hand(chained: str, *statements: str, **values: object) -> None:
    """Do to the database what somebody with access to it could do."""
    database = Database(place_of(chained))
    with database.writing() as connection:
        for statement in statements:
            connection.execute(text(statement), values)
    database.close()
