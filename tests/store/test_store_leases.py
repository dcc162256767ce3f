"""Which process has a session, which nobody has any more, and which withdrawals are left."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from chain_keys import KEYS
from rows_of import session_row

from workbench.core.consent import Consent
from workbench.errors import StoreError
from workbench.security import audit
from workbench.store.leases import SPARED
from workbench.store.retention import DAY
from workbench.store.rows import Lease, NewSession, PhaseChange, Withdrawal
from workbench.store.store import Store, open_store
from workbench.store.trail import Wanted

NOW = 2_000_000_000.0


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with open_store(store_url, audit_keys=KEYS) as opened:
        yield opened


def add(store: Store, name: str, *, until: float | None, ended: bool = False, opened: float = NOW) -> None:
    """Put a session into the store whose lease holds until then."""
    lease = None if until is None else Lease("p1", until)
    store.write([NewSession(session_row(name, opened=opened), lease)])
    if ended:
        store.write([PhaseChange(name, "ended", "client-left", opened)])


def abandoned(store: Store, **more: object) -> list[str]:
    return [one.session for one in store.leases.abandoned(NOW, DAY, limit=10, **more)]


def test_what_some_process_has_is_not_abandoned_however_old_it_is(store: Store) -> None:
    """A sweeper would end the live session of another endpoint under its hands."""
    long_ago = NOW - 100 * DAY
    add(store, "live", until=NOW + 30, opened=long_ago)
    add(store, "late", until=NOW - DAY, opened=long_ago)
    add(store, "left", until=NOW - DAY - SPARED - 1, opened=long_ago)
    add(store, "of-old", until=None, opened=NOW - DAY - SPARED - 2)
    add(store, "new", until=None)
    assert abandoned(store) == ["of-old", "left"]
    assert abandoned(store, skip={"of-old"}) == ["left"]
    assert store.leases.held(NOW) == {"live"}
    found = store.due(NOW, lambda project: DAY, resumable=DAY, limit=10)
    assert [one.session for one in found] == []
    found = store.due(NOW + 3 * DAY, lambda project: DAY, resumable=DAY, limit=10)
    assert [one.session for one in found] == ["of-old", "left", "late", "new", "live"]


def test_a_session_that_ended_is_left_until_it_was_put_away(store: Store) -> None:
    """What was said would stay as it was if the process died after the end and before the masking."""
    add(store, "masked", until=NOW - DAY, ended=True)
    store.leases.give_back("masked")
    add(store, "dying", until=NOW - 1, ended=True)
    add(store, "dead", until=NOW - SPARED - 1, ended=True)
    add(store, "imported", until=None, ended=True, opened=NOW - 10 * DAY)
    assert abandoned(store) == ["dead"]


def test_who_goes_on_with_a_session_has_it_and_the_former_no_more(store: Store) -> None:
    """Two processes would each keep it alive, or none."""
    add(store, "a", until=NOW - 50)
    assert store.leases.take("a", Lease("p2", NOW + 30), unless_before=NOW - DAY)
    store.leases.renew(["a", "unknown"], Lease("p1", NOW + 999))
    assert store.leases.held(NOW + 30 + SPARED + 1) == set()
    store.leases.renew(["a"], Lease("p2", NOW + 60))
    assert store.leases.held(NOW + 60 + SPARED) == {"a"}
    assert not store.leases.take("unknown", Lease("p2", NOW + 30))


def test_what_was_left_for_too_long_is_not_gone_on_with(store: Store) -> None:
    """A session would be resumed while it is being masked."""
    add(store, "a", until=NOW - DAY - 1)
    assert not store.leases.take("a", Lease("p2", NOW + 30), unless_before=NOW - DAY)
    assert store.leases.take("a", Lease("p2", NOW + 30), unless_before=NOW - DAY - 2)


def test_a_lease_goes_with_its_session(store: Store) -> None:
    """Something would be left of what was deleted."""
    add(store, "a", until=NOW)
    assert "leases" in store.left_of("a")
    store.delete("a")
    assert store.left_of("a") == {}


# --- withdrawals


WITHDRAWN = Withdrawal(session="a", project="lab", client="tab", level=Consent.NONE, at=NOW)


def test_a_withdrawal_is_another_s_once_its_process_has_not_renewed_it(store: Store) -> None:
    """Two would destroy the same, or nobody."""
    store.withdrawals.put(WITHDRAWN, Lease("p1", NOW + 30))
    store.withdrawals.renew(Lease("p2", NOW + 999))
    assert store.withdrawals.of("a") == WITHDRAWN
    assert store.withdrawals.left(NOW + 30, recordings="", limit=10) == []
    assert store.withdrawals.left(NOW + 31, recordings="", limit=10) == [WITHDRAWN]
    store.withdrawals.renew(Lease("p1", NOW + 60))
    assert store.withdrawals.left(NOW + 31, recordings="", limit=10) == []


def test_what_is_to_be_destroyed_grows_but_never_shrinks(store: Store) -> None:
    """An earlier withdrawal of the sound, tried again, would have the later one of all forgotten."""
    sound = replace(WITHDRAWN, level=Consent.TRANSCRIPT, recordings="/srv/a")
    for one, level in ((sound, Consent.TRANSCRIPT), (WITHDRAWN, Consent.NONE), (sound, Consent.NONE)):
        store.withdrawals.put(one, Lease("p1", NOW))
        found = store.withdrawals.of("a")
        assert (found.level, found.recordings) == (level, one.recordings)


def test_who_has_not_the_folder_only_sees_it_as_long_as_there_are_rows(store: Store) -> None:
    """Sound on another machine would be called deleted, or the rows wait for that machine."""
    add(store, "a", until=None)
    elsewhere = replace(WITHDRAWN, recordings="/srv/a")
    store.withdrawals.put(elsewhere, Lease("p1", NOW))
    assert store.withdrawals.left(NOW + 1, recordings="/srv/b", limit=10) == [elsewhere]
    store.delete("a")
    assert store.withdrawals.left(NOW + 1, recordings="/srv/b", limit=10) == []
    assert store.withdrawals.left(NOW + 1, recordings="/srv/a", limit=10) == [elsewhere]
    assert "withdrawals" in store.left_of("a")


def test_it_is_done_once_and_told_in_the_same_transaction(store: Store) -> None:
    """The trail would tell of two deletions, or of none."""
    store.withdrawals.put(WITHDRAWN, Lease("p1", NOW))
    entry = audit.deleted(
        NOW, session="a", project="lab", client="tab", what="it", why="consent was withdrawn"
    )
    assert store.withdrawn(entry)
    assert not store.withdrawn(entry)
    assert len(store.trail.records(wanted=Wanted(kind="deleted"))) == 1
    assert store.left_of("a") == {}
    with open_store("sqlite://") as unsigned, pytest.raises(StoreError, match="without the keys"):
        unsigned.withdrawn(entry)
