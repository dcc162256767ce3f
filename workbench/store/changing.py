"""One session, while a transaction changes it: what it comes to, before anything is executed."""

from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select

from workbench.errors import Damage, StoreDamaged, StoreError
from workbench.security.sealing import DataKey
from workbench.store import parts
from workbench.store.heads import Head
from workbench.store.rows import Append, Lease, NewVault, PhaseChange, SessionRow, Snapshot
from workbench.store.schema import events, openings


@dataclass(slots=True, kw_only=True)
class Changing:
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
    sealed_head: bytes | None = None
    """Its head as it is stored at the end; None while it is the former one."""

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

    def columns(self) -> dict[str, object]:
        """Return the columns of its row that change, its head sealed among them."""
        head = self.head
        self.sealed_head = head.sealed(self.key, self.session)
        return {
            "events": head.events,
            "head": self.sealed_head,
            "phase": head.phase,
            "reason": head.reason,
            "closed": head.closed,
        }
