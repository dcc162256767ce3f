"""The audit trail as a chain: each record holds the hash of the one before and is signed, and so is the end.

A record's digest is SHA-256 over its fields as canonical JSON, the digest of the record before among them;
its mac is HMAC-SHA256 over that digest. The head says how many records there are and what the last one's
digest is, and is signed too: so a missing tail is noticed. Who has no key can't make records that fit, nor a
head. What none of this shows is that a whole former state was put back, head and all: for that, note a head
elsewhere (``workbench audit head``) and verify against it.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field, fields, replace
from operator import attrgetter

from workbench.core.audit import AuditEntry

BEGUN, BROKEN = "begun", "broken"
"""Kinds of the records a chain writes about itself: its beginning, and that its head was found changed."""

_RECORD, _HEAD, _CHAIN = "workbench-audit-record", "workbench-audit-head", "workbench-audit-chain"


@dataclass(frozen=True, slots=True)
class ChainKey:
    """One secret that signs records."""

    key_id: str
    octets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChainKeys:
    """At least one key: the first signs, all verify."""

    keys: tuple[ChainKey, ...]

    @property
    def signing(self) -> ChainKey:
        """Return the key that signs."""
        return self.keys[0]

    def find(self, key_id: str) -> ChainKey | None:
        """Return the key of that id."""
        return next((key for key in self.keys if key.key_id == key_id), None)

    def signed(self, key_id: str, *content: object) -> str | None:
        """Return the signature of ``content`` by one of the keys, in hex; None if it is not at hand."""
        key = self.find(key_id)
        return None if key is None else hmac.digest(key.octets, _canonical(content), "sha256").hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One entry in its place in the chain; its values are as stored, nothing is mended."""

    seq: int
    """From 0, without gaps."""
    at: float
    kind: str
    token_id: str | None
    project: str | None
    session: str | None
    client: str | None
    address: str | None
    reason: str
    previous: str
    """Digest of the record before; of the chain's name for the first."""
    key_id: str
    """The key that signed."""
    digest: str
    mac: str

    @property
    def entry(self) -> AuditEntry:
        """Return what it tells."""
        return AuditEntry(**{each.name: getattr(self, each.name) for each in fields(AuditEntry)})

    def digest_at(self, seq: int) -> str | None:
        """Return what the digest has to be if this is record ``seq``; None if its values are not of one."""
        try:
            return hashlib.sha256(_canonical((_RECORD, seq, *_sealed_values(self)))).hexdigest()
        except (TypeError, ValueError):
            return None

    def is_sealed(self, keys: ChainKeys, seq: int) -> bool:
        """Return whether digest and signature are those of record ``seq``."""
        digest = self.digest_at(seq)
        if digest is None or digest != self.digest:
            return False
        mac = keys.signed(self.key_id, _RECORD, digest)
        return mac is not None and mac == self.mac


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditHead:
    """The end of a chain, and where what is kept of it begins."""

    chain: str
    """The chain's name, random."""
    count: int
    """Records ever written; the next one's number."""
    digest: str
    """Of the last."""
    live: int
    """Number of the first record in the store; those before are archived or dropped."""
    live_before: str
    """Digest of the record before that one."""
    kept: int
    """Number of the first record in the archive; ``live`` if there is none."""
    kept_before: str
    """Digest of the record before that one."""
    key_id: str = ""
    mac: str = ""

    def signed(self, keys: ChainKeys) -> "AuditHead":
        """Return it with a signature."""
        bare = replace(self, key_id=keys.signing.key_id, mac="")
        return replace(bare, mac=keys.signed(bare.key_id, _HEAD, *astuple(bare)) or "")

    def is_signed(self, keys: ChainKeys) -> bool:
        """Return whether its signature is one of ``keys``."""
        try:
            return keys.signed(self.key_id, _HEAD, *astuple(replace(self, mac=""))) == self.mac
        except (TypeError, ValueError):
            return False


def first_digest(chain: str) -> str:
    """Return what the first record of a chain holds as the digest before."""
    return hashlib.sha256(_canonical((_CHAIN, chain))).hexdigest()


def empty_head(chain: str) -> AuditHead:
    """Return the head of a chain without records, not signed."""
    before = first_digest(chain)
    return AuditHead(
        chain=chain, count=0, digest=before, live=0, live_before=before, kept=0, kept_before=before
    )


def linked(head: AuditHead, entries: Iterable[AuditEntry], keys: ChainKeys) -> Sequence[AuditRecord]:
    """Return ``entries`` as the records that follow ``head``."""
    records: list[AuditRecord] = []
    previous = head.digest
    for seq, entry in enumerate(entries, start=head.count):
        facts = {each.name: getattr(entry, each.name) for each in fields(entry)}
        facts["at"] = float(entry.at)
        bare = AuditRecord(seq=seq, **facts, previous=previous, key_id=keys.signing.key_id, digest="", mac="")
        previous = bare.digest_at(seq) or ""
        mac = keys.signed(bare.key_id, _RECORD, previous) or ""
        records.append(replace(bare, digest=previous, mac=mac))
    return records


_sealed_values = attrgetter(
    *(each.name for each in fields(AuditRecord) if each.name not in ("seq", "digest", "mac"))
)
"""All of a record but its number and its seals."""


def _canonical(content: Iterable[object]) -> bytes:
    """Return values in one way of writing them: JSON without spaces, ASCII, no NaN."""
    return json.dumps(list(content), separators=(",", ":"), allow_nan=False).encode("ascii")
