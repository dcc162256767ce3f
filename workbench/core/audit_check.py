"""Whether an audit trail is what was written: the first record that is not, and what is wrong with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Literal, Protocol, TypeAlias

from workbench.core.audit_chain import BROKEN, AuditHead, AuditRecord, ChainKeys

SEARCHED = 200_000
"""Most numbers a record is tried under to find out where it belongs."""

Wrong: TypeAlias = Literal[
    "changed", "missing", "reordered", "inserted", "cut-off", "unknown-key", "broken", "put-back", "gone"
]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where first."""

    wrong: Wrong
    seq: int | None
    """Number of the record; None if it is the head."""
    sentence: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is there, but can't be read as one."""

    seq: int


class Trail(Protocol):
    """The records of a chain."""

    def from_record(self, seq: int) -> Iterable[AuditRecord | Unreadable]:
        """Return the records from ``seq`` on, in the order of their numbers, archived ones included."""

    def holds(self, digest: str) -> bool:
        """Return whether any record in the store has this digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of a check."""

    head: AuditHead
    first: int
    """Number of the first record looked at."""
    count: int
    """Records that are as they were written."""
    problems: tuple[Problem, ...]
    """None if all is well; at most the head's and the first record's."""
    sessions: tuple[Problem, ...] = ()
    """Sessions that are not as the newest records about them tell; none if that can't be compared."""
    compared: int = 0
    """Sessions that records tell of."""


def check_trail(head: AuditHead, trail: Trail, keys: ChainKeys, *, start: int | None = None) -> Verdict:
    """Return whether every record is as it was written, none is missing, and none was added.

    Parameters
    ----------
    head : as stored
    trail : the records
    keys : all that have signed
    start : look at the records from this one on only, and take the hash in it on trust
    """
    problems = [] if head.is_signed(keys) else [_of_head(head, keys)]
    first = head.kept if start is None else max(start, head.kept)
    expected, previous = first, head.kept_before if first == head.kept else None
    records = iter(trail.from_record(first))
    for record in records:
        if expected >= head.count:
            wrong = f"record {record.seq} stands behind the end of the chain, {head.count} records"
            problems.append(Problem("inserted", record.seq, wrong))
            break
        if isinstance(record, Unreadable) or not _fits(record, expected, previous, keys):
            following = next(records, None)
            own = _own_place(record, head.count, keys)
            problems.append(_diagnosis(record, following, expected, previous, own, trail, keys))
            break
        if record.kind == BROKEN:
            sentence = f"record {record.seq} tells that the chain was found broken before it: {record.reason}"
            problems.append(Problem("broken", record.seq, sentence))
            break
        expected, previous = record.seq + 1, record.digest
    else:
        problems += _at_the_end(head, expected, previous)
    return Verdict(head=head, first=first, count=expected - first, problems=tuple(problems))


def _of_head(head: AuditHead, keys: ChainKeys) -> Problem:
    if keys.find(head.key_id) is None:
        return Problem("unknown-key", None, f"the head of the chain is signed with key {_signer(head, keys)}")
    return Problem("changed", None, "the head of the chain was changed: its signature does not match")


def _fits(record: AuditRecord, seq: int, previous: str | None, keys: ChainKeys) -> bool:
    return record.seq == seq and previous in (None, record.previous) and record.is_sealed(keys, seq)


def _at_the_end(head: AuditHead, expected: int, previous: str | None) -> list[Problem]:
    if expected < head.count:
        last = head.count - 1
        which = f"record {last} is" if last == expected else f"records {expected} to {last} are"
        return [Problem("cut-off", expected, f"{which} missing from the end of the chain")]
    if previous is not None and previous != head.digest:
        return [Problem("changed", None, "the head of the chain names another last record than the last")]
    return []


def _diagnosis(
    record: AuditRecord | Unreadable,
    following: AuditRecord | Unreadable | None,
    expected: int,
    previous: str | None,
    own: int | None,
    trail: Trail,
    keys: ChainKeys,
) -> Problem:
    """Return what is wrong with the first record that does not fit; ``own`` is the number it was made for."""
    if record.seq > expected:
        last = record.seq - 1
        which = f"record {last} is" if last == expected else f"records {expected} to {last} are"
        return Problem("missing", expected, f"{which} missing")
    if isinstance(record, Unreadable):
        return Problem("changed", expected, f"record {expected} was changed: it can't be read as a record")
    if own is not None and own != expected:
        if trail.holds(record.previous):
            sentence = f"record {expected} is out of order: record {own} stands in its place"
            return Problem("reordered", expected, sentence)
        return Problem("missing", expected, f"record {expected} is missing: record {own} took its number")
    if own is None and isinstance(following, AuditRecord) and following.previous == previous:
        sentence = f"record {expected} was inserted: the one after it follows the one before it"
        return Problem("inserted", expected, sentence)
    if keys.find(record.key_id) is None and record.digest_at(expected) == record.digest:
        sentence = f"record {expected} is signed with key {_signer(record, keys)}"
        return Problem("unknown-key", expected, sentence)
    return Problem("changed", expected, f"record {expected} was changed: {_what(record, expected, previous)}")


def _own_place(record: AuditRecord | Unreadable, count: int, keys: ChainKeys) -> int | None:
    """Return the number under which a record is good; None if it was never written so."""
    if isinstance(record, Unreadable):
        return None
    after = range(record.seq, min(count, record.seq + SEARCHED // 2))
    before = range(max(0, record.seq - SEARCHED // 2), min(count, record.seq))
    found = (seq for seq in chain(after, before) if record.digest_at(seq) == record.digest)
    return next((seq for seq in found if record.is_sealed(keys, seq)), None)


def _what(record: AuditRecord, seq: int, previous: str | None) -> str:
    if record.digest_at(seq) != record.digest:
        return "its hash does not match its content"
    if previous not in (None, record.previous):
        return "it does not hold the hash of the record before"
    return "its signature does not match"


def _signer(signed: AuditHead | AuditRecord, keys: ChainKeys) -> str:
    known = ", ".join(key.key_id for key in keys.keys)
    shown = signed.key_id if isinstance(signed.key_id, str) and signed.key_id.isalnum() else "?"
    return f"{shown[:16]}, and those at hand are {known}"
