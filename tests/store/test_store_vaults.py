"""Vaults are sealed apart from their sessions, go with them, and are wrapped anew with them."""

import json
from pathlib import Path

import pytest
from rows_of import appends, session_row
from searching import found
from sqlalchemy import text
from tampering import Tampering

from workbench.errors import KeyMissing, StoreDamaged, StoreError
from workbench.security.keyring import Key, Keyring
from workbench.security.sealing import Label, unwrapped
from workbench.security.store_keys import StoreKeys
from workbench.store.database import Database
from workbench.store.rows import NewSession, NewVault
from workbench.store.schema import session_keys, sessions, vaults
from workbench.store.session_keys import Rewrapped
from workbench.store.store import Store, open_existing_store, open_store
from workbench.store.urls import place_of
from workbench.store.vaults import KEY_KIND

FIRST, SECOND = (Key(letter * 40) for letter in "ab")
NAMES = "marmalade quicksilver"


def ring(*keys: Key) -> StoreKeys:
    return StoreKeys(Keyring(keys))


def fill(store: Store, session: str = "a1", vault: str | None = NAMES) -> None:
    """Store a session with a vault, as masking does."""
    row = session_row(session)
    store.write([NewSession(row)])
    store.replace(session, [NewSession(row), *appends(session, 0, 3)], vault=vault)


def test_a_vault_opens_with_a_key_of_its_own(store_url: str) -> None:
    """Whoever is given the key of a session would get the names with it."""
    with open_store(store_url, ring(FIRST)) as store:
        fill(store)
        fill(store, "b1", vault=None)
        assert (store.vaults.opened("a1"), store.vaults.opened("b1")) == (NAMES, None)
        assert store.vaults.opened("c1") is None
    hand = Tampering(store_url)
    (vault,), (key,) = hand.rows(vaults), hand.rows(session_keys)
    hand.close()
    own = unwrapped(FIRST, "a1", vault.wrapped, KEY_KIND)
    assert own is not None
    assert unwrapped(FIRST, "a1", vault.wrapped) is None  # it is no session's key
    assert unwrapped(FIRST, "a1", key.wrapped, KEY_KIND) is None
    with (
        open_existing_store(store_url, ring(SECOND)) as store,
        pytest.raises(KeyMissing, match=FIRST.key_id),
    ):
        store.vaults.opened("a1")


def test_no_file_holds_what_is_in_a_vault_and_deleting_leaves_nothing_of_it(tmp_path: Path) -> None:
    """The names that were masked away would lie beside the masked text, or stay when it goes."""
    url = f"sqlite:///{tmp_path / 'data' / 'sessions.db'}"
    with open_store(url) as store:
        fill(store)
        fill(store, "b1")
        hand = Tampering(url)
        (row,) = hand.rows(vaults)
        hand.close()
        assert found([word.encode() for word in NAMES.split()], tmp_path) == {}
        secret = [row.wrapped[13:45], row.sealed[13:34]]
        assert found(secret, tmp_path) != {}
        assert store.delete("a1") == 1
        assert store.left_of("a1") == {}
        assert found(secret, tmp_path) == {}
        assert store.vaults.opened("b1") == NAMES


def test_deleting_destroys_a_vault_s_key_on_a_server(postgres_url: str) -> None:
    """A page of the server's would keep it until it is used again."""
    where = text("select pg_relation_filepath('vaults')")
    with open_store(postgres_url) as store:
        fill(store)
        database = Database(place_of(postgres_url))
        with database.reading() as connection:
            before = connection.scalar(where)
        store.delete("a1")
        with database.reading() as connection:
            assert connection.scalar(where) != before
        database.close()


def test_a_session_that_is_written_anew_loses_its_former_vault(store: Store) -> None:
    """What nobody wants to keep any more would stay."""
    fill(store)
    store.replace("a1", [NewSession(session_row("a1"))])
    assert store.vaults.opened("a1") is None


def test_a_refused_rewrite_leaves_the_vault_as_it_was(store: Store) -> None:
    """The masked events would be gone and the names stay, or the other way round."""
    fill(store)
    before = store.load("a1")
    with pytest.raises(StoreError):
        store.replace("a1", [NewSession(session_row("a1")), *appends("a1", 3, 1)], vault="other")
    assert store.vaults.opened("a1") == NAMES
    assert store.load("a1") == before


@pytest.mark.parametrize(
    ("column", "what"), [("sealed", "the vault is not what"), ("wrapped", "the key of its vault is not what")]
)
def test_what_is_changed_or_another_s_is_noticed(store_url: str, column: str, what: str) -> None:
    """A caller would be taken for another."""
    with open_store(store_url) as store:
        fill(store)
        fill(store, "b1", vault="zeppelin")
        hand = Tampering(store_url)
        kept, others = (getattr(hand.rows(vaults, name)[0], column) for name in ("a1", "b1"))
        for value in (others, kept[:-1], kept[:-1] + bytes([kept[-1] ^ 1])):
            hand.set(vaults, "a1", **{column: value})
            with pytest.raises(StoreDamaged, match=what):
                store.vaults.opened("a1")
        hand.close()
        assert store.load("a1") is not None  # nothing else is lost
        assert store.vaults.opened("b1") == "zeppelin"


def test_an_older_one_put_back_or_taken_away_is_noticed(store: Store, store_url: str) -> None:
    """A caller would be taken for the one that was named before a correction, or the names be gone unseen."""
    fill(store, vault="zeppelin")
    hand = Tampering(store_url)
    older = hand.rows(vaults)
    store.replace("a1", [NewSession(session_row("a1")), *appends("a1", 0, 3)], vault=NAMES)
    newest = hand.rows(vaults)
    assert store.vaults.opened("a1") == NAMES
    for rows, what in ((older, "is an older one"), ([], "is missing")):
        hand.remove(vaults)
        if rows:
            hand.put(vaults, rows)
        with pytest.raises(StoreDamaged, match=f"session a1: the vault {what}$"):
            store.vaults.opened("a1")
        assert len(store.load("a1").events) == 3  # nothing else is lost
        if not rows:
            hand.put(vaults, newest)
    store.replace("a1", [NewSession(session_row("a1")), *appends("a1", 0, 3)])
    assert store.vaults.opened("a1") is None
    hand.put(vaults, newest)
    with pytest.raises(StoreDamaged, match="the vault is one too many, there was none"):
        store.vaults.opened("a1")
    hand.close()


def test_a_vault_is_read_though_its_session_is_damaged(store: Store, store_url: str) -> None:
    """One flipped bit would take all names along; or an older vault pass where nothing vouches for it."""
    fill(store)
    hand = Tampering(store_url)
    for table, column, what in ((sessions, "head", "the head"), (session_keys, "wrapped", "the key")):
        kept = getattr(hand.rows(table)[0], column)
        hand.set(table, **{column: kept[:-1] + bytes([kept[-1] ^ 1])})
        with pytest.raises(StoreDamaged, match=f"session a1: {what} is not what was written"):
            store.vaults.opened("a1")
        found = store.vaults.examine("a1")
        assert (found.text, [one.kind for one in found.damage]) == (NAMES, [what.removeprefix("the ")])
        hand.set(table, **{column: kept})
    assert store.vaults.examine("a1").damage == ()
    hand.close()


def test_a_vault_of_a_time_when_heads_did_not_count_it_opens(store: Store, store_url: str) -> None:
    """What was masked by an older version could not be revealed any more."""
    fill(store)
    hand = Tampering(store_url)
    (row,), (key,) = hand.rows(sessions), hand.rows(session_keys)
    opened = unwrapped(StoreKeys(makes=False).find(key.key_id, "here"), "a1", key.wrapped)
    facts = json.loads(opened.open(Label("a1", "head"), row.head))
    del facts["vault"]
    hand.set(sessions, head=opened.seal(Label("a1", "head"), json.dumps(facts).encode()))
    assert store.vaults.opened("a1") == NAMES
    assert store.load("a1") is not None
    hand.close()


def test_a_vault_is_of_a_session_that_begins_with_it(store: Store) -> None:
    """A second vault would take the place of the first, and what it led back to be lost."""
    fill(store)
    with pytest.raises(StoreError, match="session a1 is there already, expected a new one for a vault"):
        store.write([NewVault("a1", "other")])
    assert store.vaults.opened("a1") == NAMES


def test_rotation_wraps_vaults_too(store_url: str) -> None:
    """A key that is still needed would be thrown away."""
    with open_store(store_url, ring(FIRST)) as store:
        fill(store)
        fill(store, "b1")
        fill(store, "c1", vault=None)
    hand = Tampering(store_url)
    (other,) = hand.rows(session_keys, "b1")
    hand.set(vaults, "b1", wrapped=other.wrapped)
    sealed = hand.rows(vaults)[0].sealed
    with open_store(store_url, ring(SECOND, FIRST)) as store:
        assert store.keys.vaults_wrapped_by() == {FIRST.key_id: 2}
        assert store.keys.rewrap() == Rewrapped(sessions=3, vaults=1, damaged=("the vault of session b1",))
        assert store.keys.vaults_wrapped_by() == {FIRST.key_id: 1, SECOND.key_id: 1}
    assert hand.rows(vaults)[0].sealed == sealed
    hand.close()
    with open_store(store_url, ring(SECOND)) as store:
        assert store.vaults.opened("a1") == NAMES
        with pytest.raises(KeyMissing):  # a vault still needs it, if no session does
            store.keys.check()
