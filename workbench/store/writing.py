"""Writes of one transaction: what each does to its session, then all of it sealed and in few statements."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from workbench.errors import Damage, StoreDamaged, StoreError
from workbench.security.keyring import Key
from workbench.security.sealing import DataKey, tag_of
from workbench.security.store_keys import StoreKeys
from workbench.store import parts
from workbench.store.fields import checked_session, checked_text, event_text, insert
from workbench.store.heads import Head, opened_head
from workbench.store.rows import (
    Append,
    Lease,
    NewSession,
    NewVault,
    PhaseChange,
    SessionRow,
    Snapshot,
    Write,
)
from workbench.store.schema import events, leases, openings, session_keys, sessions, snapshots, vaults
from workbench.store.vaults import sealed_vault

SNAPSHOT_BYTES_MAX = 262_144
"""Largest snapshot."""

_CHANGE = (
    update(sessions)
    .where(sessions.c.session == bindparam("of"), sessions.c.events == bindparam("before"))
    .values({name: bindparam(f"new_{name}") for name in ("events", "head", "phase", "reason", "closed")})
)


_THERE = (
    select(sessions, session_keys.c.key_id, session_keys.c.wrapped)
    .join_from(sessions, session_keys, isouter=True)
    .where(sessions.c.session.in_(bindparam("names", expanding=True)))
    .order_by(sessions.c.session)
    .with_for_update(of=sessions)
)


def prepared(writes: Iterable[Write], place: str) -> list[Write]:
    """Return ``writes`` with their texts rendered and checked, ready for a short transaction.

    Raises
    ------
    StoreError
        If a text is too long, or one that a database can't hold.
    """
    ready: list[Write] = []
    for write in writes:
        match write:
            case NewSession(row, lease):
                if lease is not None:
                    checked_text(lease.process, "the name of a process", place)
                checked_session(row, place)
                if row.snapshot is not None:
                    raise StoreError(place, f"session {row.session} came with a snapshot, expected one apart")
            case Append(session, event, text):
                write = Append(session, event, event_text(event, text, session, place))
            case Snapshot(session, _, text):
                checked_text(text, f"snapshot of session {session}", place, SNAPSHOT_BYTES_MAX)
            case PhaseChange(session, phase, reason, _):
                for value in (phase, reason):
                    checked_text(value, f"phase or reason of session {session}", place)
        ready.append(write)
    return ready


def write(connection: Connection, writes: Sequence[Write], keys: StoreKeys, place: str) -> None:
    """Write what :func:`prepared` returned, in order.

    Raises
    ------
    StoreError
        If a session is there already, or missing, or an event is not its next one.
    StoreDamaged
        If a session's key or head is not what was written.
    KeyMissing
        If a master key is not at hand.
    """
    changed = _changing(connection, {write.session for write in writes}, keys, place)
    for write in writes:
        known = changed.get(write.session)
        if isinstance(write, NewSession):
            if known is None:
                changed[write.session] = _new(write.row, write.lease)
            else:
                known.begun = write.row
        elif known is None:
            if isinstance(write, Snapshot):
                raise StoreError(place, f"session {write.session} has no event {write.seq} for its snapshot")
            raise StoreError(place, f"has no session {write.session}")
        elif isinstance(write, Append):
            known.append(write, place)
        elif isinstance(write, Snapshot):
            known.remember(write, place)
        elif isinstance(write, NewVault):
            known.lock_away(write, place)
        else:
            known.move(write)
    for one in changed.values():
        one.compare(connection, place)
    _execute(connection, list(changed.values()), keys, place)


@dataclass(slots=True, kw_only=True)
class _Changing:
    """One session, while a transaction changes it."""

    session: str
    key: DataKey
    head: Head
    before: Head | None
    """What was stored; None if it is new."""
    facts: dict[str, object]
    """What of the opening is readable."""
    row: SessionRow | None = None
    """If it is new."""
    lease: Lease | None = None
    """Whose it is, if it is new."""
    events: list[bytes] = field(default_factory=list)
    snapshot: bytes | None = None
    secrets: str | None = None
    """What its vault is to hold."""
    repeated: dict[int, str] = field(default_factory=dict)
    """Events that have to be stored already, just so."""
    begun: SessionRow | None = None
    """What has to have been its opening."""

    def move(self, change: PhaseChange) -> None:
        """Change its phase."""
        self.head = replace(self.head, phase=change.phase, reason=change.reason, closed=change.closed)

    @property
    def count(self) -> int:
        """Return how many events it has by now."""
        return self.head.events + len(self.events)

    def append(self, write: Append, place: str) -> None:
        """Add an event, or expect that it is stored already."""
        seq, count, text = write.event.seq, self.count, str(write.text)
        if seq == count:
            self.events.append(self.key.seal(parts.event_label(self.session, seq), text.encode()))
        elif self.events or (self.repeated and seq > count):
            raise StoreError(place, f"event {seq} of session {self.session} came, expected {count}")
        elif seq > count:
            raise self._out_of_order(seq, place)
        else:
            self.repeated[seq] = text

    def remember(self, write: Snapshot, place: str) -> None:
        """Take a snapshot, unless a newer one is there."""
        if write.seq >= self.count:
            raise StoreError(place, f"session {self.session} has no event {write.seq} for its snapshot")
        if write.seq >= self.head.snapshot_seq:
            label = parts.snapshot_label(self.session, write.seq)
            self.snapshot = self.key.seal(label, write.text.encode())
            self.head = self.head.with_snapshot(write.seq, self.snapshot)

    def lock_away(self, write: NewVault, place: str) -> None:
        """Have its vault made."""
        if self.row is None:
            raise StoreError(
                place, f"session {self.session} is there already, expected a new one for a vault"
            )
        self.secrets = write.text

    def compare(self, connection: Connection, place: str) -> None:
        """Raise unless what had to be stored already is."""
        if self.begun is not None and not self._begun_so(connection, self.begun, place):
            raise StoreError(place, f"session {self.session} is there already")
        if not self.repeated:
            return
        wanted = select(events.c.seq, events.c.sealed).where(
            events.c.session == self.session, events.c.seq.between(min(self.repeated), max(self.repeated))
        )
        found = {seq: sealed for seq, sealed in connection.execute(wanted)}
        for seq, text in self.repeated.items():
            sealed = found.get(seq)
            stored = (
                None
                if sealed is None
                else parts.text_of(self.key, parts.event_label(self.session, seq), sealed)
            )
            if stored is None:
                problem = parts.MISSING if sealed is None else parts.CHANGED
                raise StoreDamaged(place, self.session, [Damage("event", seq, problem)])
            if stored != text:
                raise self._out_of_order(seq, place)

    def _begun_so(self, connection: Connection, row: SessionRow, place: str) -> bool:
        if self.row is not None:  # begun twice in one transaction
            return self.row == row
        if any(self.facts[name] != getattr(row, name) for name in parts.FACTS):
            return False
        sealed = connection.scalar(select(openings.c.sealed).where(openings.c.session == self.session))
        label = parts.opening_label(self.facts, self.session)
        wish = None if sealed is None else parts.text_of(self.key, label, sealed)
        if wish is None:
            problem = parts.MISSING if sealed is None else parts.CHANGED
            raise StoreDamaged(place, self.session, [Damage("opening", None, problem)])
        return wish == row.wish

    def _out_of_order(self, seq: int, place: str) -> StoreError:
        there = f"does not follow the {self.head.events} that are there"
        return StoreError(place, f"event {seq} of session {self.session} {there}")


def _new(row: SessionRow, lease: Lease | None) -> _Changing:
    return _Changing(
        session=row.session,
        key=DataKey.new(),
        head=Head(phase=row.phase, reason=row.reason, closed=row.closed),
        before=None,
        facts={name: getattr(row, name) for name in parts.FACTS},
        row=row,
        lease=lease,
    )


def _changing(connection: Connection, names: set[str], keys: StoreKeys, place: str) -> dict[str, _Changing]:
    """Return those of the sessions that are there, locked until the transaction's end."""
    rows = [row for some in parts.batches(names) for row in connection.execute(_THERE, {"names": some}).all()]
    found = {}
    for row in rows:
        key = parts.opened_key(row, keys, place)
        head = opened_head(key, row.session, row.head)
        if head is None:
            raise StoreDamaged(place, row.session, [Damage("head", None, parts.CHANGED)])
        if head.events != row.events:
            raise StoreDamaged(place, row.session, [Damage("head", None, parts.OLD)])
        facts = {name: row._mapping[name] for name in parts.FACTS}
        found[row.session] = _Changing(session=row.session, key=key, head=head, before=head, facts=facts)
    return found


def _execute(connection: Connection, changed: list[_Changing], keys: StoreKeys, place: str) -> None:
    """Execute what the sessions have come to, rows of one kind in one statement."""
    appended = [
        {"session": one.session, "seq": seq, "sealed": sealed}
        for one in changed
        for seq, sealed in enumerate(one.events, start=one.head.events)
    ]
    for one in changed:
        one.head = one.head.with_events(one.events)
    begun = [(one, one.row) for one in changed if one.row is not None]
    if begun:
        _begin(connection, begun, parts.wrapping_key(connection, keys, place))
    if appended:
        connection.execute(events.insert(), appended)
    shots = [
        {"session": one.session, "seq": one.head.snapshot_seq, "sealed": one.snapshot}
        for one in changed
        if one.snapshot is not None
    ]
    if shots:
        new = insert(connection, snapshots)
        values = {"seq": new.excluded.seq, "sealed": new.excluded.sealed}
        connection.execute(new.on_conflict_do_update(index_elements=["session"], set_=values), shots)
    moved = [
        {"of": one.session, "before": one.before.events}
        | {f"new_{name}": value for name, value in _columns(one).items()}
        for one in changed
        if one.before is not None and one.head != one.before
    ]
    if moved and connection.execute(_CHANGE, moved).rowcount != len(moved):
        raise StoreError(place, "has changed under a transaction's hands")


def _begin(connection: Connection, new: list[tuple[_Changing, SessionRow]], master: Key) -> None:
    locked_away: list[dict[str, Any]] = []
    for one, _ in new:
        if one.secrets is not None:
            vault = sealed_vault(one.session, one.secrets, master)
            one.head = replace(one.head, vault=tag_of(vault["sealed"]))
            locked_away.append(vault)
    facts = [{k: v for k, v in asdict(row).items() if k in sessions.c} | _columns(one) for one, row in new]
    connection.execute(sessions.insert(), facts)
    wrapped = [
        {
            "session": one.session,
            "key_id": master.key_id,
            "wrapped": one.key.wrapped(master, one.session),
        }
        for one, _ in new
    ]
    connection.execute(session_keys.insert(), wrapped)
    sealed = [
        {
            "session": row.session,
            "sealed": one.key.seal(parts.opening_label(row, row.session), row.wish.encode()),
        }
        for one, row in new
    ]
    connection.execute(openings.insert(), sealed)
    if locked_away:
        connection.execute(vaults.insert(), locked_away)
    taken = [{"session": one.session, **asdict(one.lease)} for one, _ in new if one.lease is not None]
    if taken:
        connection.execute(leases.insert(), taken)


def _columns(one: _Changing) -> dict[str, object]:
    """Return the columns of a session that change."""
    head = one.head
    return {
        "events": head.events,
        "head": head.sealed(one.key, one.session),
        "phase": head.phase,
        "reason": head.reason,
        "closed": head.closed,
    }
