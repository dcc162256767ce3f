"""How stored sessions stand while nothing is done with them, as the audit trail tells.

A session's head vouches for its parts, but not for itself: with all its rows put back as they once were, it
is whole. So whenever a transaction leaves a session at rest (held or ended), or deletes it, a record on the
audit trail says how it stands: its phase, how many events it has, and the tag of its sealed head, which no
other head has. It takes no master key to compare the two. An event of a session that goes on costs nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from workbench.core.audit import AuditEntry
from workbench.core.audit_chain import AuditRecord, ChainKeys
from workbench.core.audit_check import Problem, Unreadable
from workbench.errors import Damage
from workbench.security.sealing import tag_of
from workbench.store.schema import sessions
from workbench.store.trail import StoredTrail, Wanted, newest

KIND = "stands"
"""Of the records that tell how a session stands."""
GONE = "deleted"
AT_REST = ("held", "ended")
"""The phases in which nothing is done with a session; held ones may be resumed."""
NAMED_MAX = 100
"""Sessions named by one check."""

_ROW: Select[Any] = select(sessions.c.session, sessions.c.phase, sessions.c.events, sessions.c.head)
_TOLD = re.compile(r"(\w+), (\d{1,9}) events, head ([0-9a-f]{32})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a session stands, by its row or by a record."""

    phase: str
    """One of the session's phases, or ``GONE``."""
    events: int = 0
    tag: str = ""
    """Of its sealed head, in hex."""

    def entry(self, at: float, session: str) -> AuditEntry:
        """Return the entry of the audit trail that tells it."""
        reason = GONE if self.phase == GONE else f"{self.phase}, {self.events} events, head {self.tag}"
        return AuditEntry(at=at, kind=KIND, session=session, reason=reason)

    def problem(self, told: "Standing", seq: int) -> str | None:
        """Return what is wrong with a session that stands so, where record ``seq`` tells of it otherwise."""
        if told.phase == GONE:
            return f"was deleted, as record {seq} of the audit trail tells, and put back"
        goes_on = told.phase == "held" and self.phase not in AT_REST
        if self.events >= told.events if goes_on else self == told:
            return None
        known = f"{told.phase} with {told.events} events"
        return f"is not as record {seq} of the audit trail tells, {known}: an older one was put back"


def standing_of(head: bytes | None, phase: str, events: int) -> Standing:
    """Return how a session stands whose sealed head this is."""
    return Standing(phase=phase, events=events, tag=tag_of(head or b"").hex())


def damage_of(connection: Connection, session: str, keys: ChainKeys | None) -> list[Damage]:
    """Return whether a session is another one than the newest record in the store tells of.

    Parameters
    ----------
    connection : a transaction
    session : one that is there
    keys : of the audit trail; without them the record is believed
    """
    records = newest(connection, 1, Wanted(kind=KIND, session=session))
    told = _told(records[0]) if records else None
    if told is None:
        return []
    record = records[0]
    if keys is not None and keys.find(record.key_id) is not None and not record.is_sealed(keys, record.seq):
        problem = f"can't be vouched for: record {record.seq} of the audit trail is not what was written"
        return [Damage("session", None, problem)]
    row = connection.execute(_ROW.where(sessions.c.session == session)).one()
    other = _of(row).problem(told, record.seq)
    return [Damage("session", None, other)] if other else []


class Followed:
    """A trail that is read from end to end once, and what its newest records tell of sessions after that.

    Parameters
    ----------
    trail : the records
    connection : the transaction they are read in
    """

    def __init__(self, trail: StoredTrail, connection: Connection) -> None:
        self._trail = trail
        self._there = {row.session: _of(row) for row in connection.execute(_ROW)}
        self._told: dict[str, tuple[int, Standing]] = {}

    def from_record(self, seq: int) -> Iterator[AuditRecord | Unreadable]:
        """Return the records from ``seq`` on, and take up what they tell."""
        for record in self._trail.from_record(seq):
            if isinstance(record, AuditRecord) and record.kind == KIND and record.session is not None:
                told = _told(record)
                if told is not None:
                    self._take(record.session, record.seq, told)
            yield record

    def holds(self, digest: str) -> bool:
        """Return whether a record in the store has this digest."""
        return self._trail.holds(digest)

    def problems(self) -> tuple[Problem, ...]:
        """Return which sessions are not as they are told to be, once all records were read."""
        found = list(_problems(self._told, self._there))
        more = len(found) - NAMED_MAX
        if more > 0:
            rest = f"{more} more sessions are not as they are told to be"
            found[NAMED_MAX:] = [Problem("put-back", None, rest)]
        return tuple(found)

    @property
    def compared(self) -> int:
        """Return how many sessions records tell of."""
        return len(self._told)

    def _take(self, session: str, seq: int, told: Standing) -> None:
        if told.phase == GONE and session not in self._there:  # all is well: nothing to keep in mind
            self._told.pop(session, None)
        else:
            self._told[session] = (seq, told)


def _problems(told: Mapping[str, tuple[int, Standing]], there: Mapping[str, Standing]) -> Iterable[Problem]:
    for session, (seq, standing) in told.items():
        found = there.get(session)
        if found is None:
            sentence = f"session {session} is gone, record {seq} tells of it, and none of its deletion"
            yield Problem("gone", seq, sentence)
        elif problem := found.problem(standing, seq):
            yield Problem("put-back", seq, f"session {session} {problem}")


def _of(row: Row[Any]) -> Standing:
    return standing_of(row.head, row.phase, row.events)


def _told(record: AuditRecord) -> Standing | None:
    """Return what a record tells; None if it is none of ours."""
    if record.reason == GONE:
        return Standing(phase=GONE)
    match = _TOLD.fullmatch(record.reason)
    return None if match is None else Standing(phase=match[1], events=int(match[2]), tag=match[3])
