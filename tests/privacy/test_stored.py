"""Stored sessions are written anew without personal data, whole or not at all."""

from dataclasses import replace
from pathlib import Path

import pytest
from conversations import booking, events, final, reply

from workbench.core.events import Event
from workbench.core.wire import event_to_json
from workbench.errors import ParameterError, StoreError
from workbench.privacy.stored import mask_in_store, mask_stored
from workbench.privacy.vault import kept_tokens
from workbench.store.rows import Append, NewSession, PhaseChange, SessionRow, Snapshot, StoredSession, Write
from workbench.store.store import Store


def row(session: str = "s1", phase: str = "live") -> SessionRow:
    """Return the row of a session."""
    return SessionRow(
        session=session,
        project="p",
        client=None,
        assistant="rooms",
        token_id="t",
        phase=phase,
        opened=1.0,
        wish="{}",
    )


def keep(store: Store, happened: tuple[Event, ...], *, ended: bool = True) -> None:
    """Store a session with a snapshot that knows what was said."""
    writes: list[Write] = [NewSession(row()), *(Append("s1", event) for event in happened)]
    writes.append(Snapshot("s1", len(happened) - 1, '{"said": "Anna Meier"}'))
    if ended:
        writes.append(PhaseChange("s1", "ended", "client-left", 9.0))
    store.write(writes)


def test_an_ended_session_is_masked_where_it_is_stored(store: Store) -> None:
    """What a caller said would stay in the store, in an event or in the snapshot."""
    keep(store, booking())
    assert mask_in_store(store, "s1")
    stored = store.load("s1")
    assert stored is not None
    text = "\n".join(map(event_to_json, stored.events)).lower()
    assert "anna" not in text
    assert "four" not in text
    assert (stored.row.phase, stored.row.reason, stored.row.closed) == ("ended", "client-left", 9.0)
    assert stored.row.snapshot is None
    assert len(stored.events) == len(booking())
    assert not mask_in_store(store, "s1")  # there is nothing left to mask


def test_what_its_tokens_stand_for_is_kept_apart(store: Store) -> None:
    """A booking's name would be lost, or a name found later be taken for it."""
    keep(store, booking())
    assert mask_in_store(store, "s1")
    tokens = kept_tokens(store, "s1")
    assert [(one.token, one.value, one.said) for one in tokens] == [
        ("[PERSON_1]", "anna meier", "Anna Meier")
    ]
    (more,) = events([final("My name is Peter Schmidt.")])
    store.write([Append("s1", replace(more, seq=len(booking()), turn=9))])  # as if it were found only now
    assert mask_in_store(store, "s1")
    assert [(one.token, one.value, one.said) for one in kept_tokens(store, "s1")] == [
        ("[PERSON_1]", "anna meier", "Anna Meier"),
        ("[PERSON_2]", "peter schmidt", "Peter Schmidt"),
    ]


def test_nothing_leads_back_if_that_is_wanted(store: Store) -> None:
    """A setting to keep no names would keep them."""
    keep(store, booking())
    assert mask_in_store(store, "s1", keeps=False)
    assert kept_tokens(store, "s1") == ()
    assert store.left_of("s1").keys() == {"sessions", "session_keys", "openings", "events"}


def test_a_session_that_may_be_resumed_is_left_alone(store: Store) -> None:
    """A caller who comes back would talk to an assistant that has forgotten the name."""
    keep(store, booking(), ended=False)
    with pytest.raises(ParameterError, match="session s1 is live, expected one that has ended"):
        mask_in_store(store, "s1")
    stored = store.load("s1")
    assert stored is not None
    assert stored.events == booking() or [e.body for e in stored.events] == [e.body for e in booking()]


def test_what_needs_no_mask_is_not_written_again(store: Store) -> None:
    """Every session would be written twice, and lose its snapshot."""
    happened = events([final("A large latte, please."), *reply("Coming right up.")])
    keep(store, happened)
    assert not mask_in_store(store, "s1")
    stored = store.load("s1")
    assert stored is not None
    assert stored.row.snapshot is not None
    assert mask_stored(stored) == stored


def test_a_session_that_is_gone_is_no_error(store: Store) -> None:
    """A session that was deleted meanwhile would be reported as a failure."""
    assert not mask_in_store(store, "s1")


def test_a_refused_rewrite_leaves_all_as_it_was(store: Store) -> None:
    """A failure in the middle would lose the session."""
    keep(store, booking())
    before = store.load("s1")
    with pytest.raises(StoreError):
        store.replace("s1", [NewSession(row()), Append("s1", booking()[3])])
    assert store.load("s1") == before
    with pytest.raises(StoreError, match="has no session s2"):
        store.replace("s2", [NewSession(row("s2"))])


def test_an_export_of_a_stored_session_is_masked(tmp_path: Path) -> None:
    """The exported folder would hold what the store does not show."""
    from workbench.store.exchange import export_session, read_export

    stored = mask_stored(StoredSession(row=row(phase="ended"), events=booking()))
    folder = export_session(stored, tmp_path / "out")
    assert "meier" not in (folder / "events.jsonl").read_text("utf-8").lower()
    assert len(read_export(folder).events) == len(booking())
