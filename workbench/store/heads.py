"""The head of a session: what its parts must come to, sealed anew with every change.

Each part authenticates itself: it is one that was written at its place. The head says that it is the one
that counts: how many events there are and a digest over their tags, which snapshot is the newest, which vault
there is, the phase.
So an end that was cut off, or a part put back from an older copy, is noticed, as long as the head is not put
back with all the rest (``docs/store.md`` says what that takes).
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.security.sealing import DataKey, Label, tag_of

_DIGEST_START = bytes(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the parts of a session must come to."""

    phase: str
    reason: str
    closed: float | None
    events: int = 0
    digest: bytes = _DIGEST_START
    """Of the events' tags, in order."""
    snapshot_seq: int = -1
    snapshot: bytes = b""
    """The tag of the newest snapshot; empty while there is none."""
    vault: bytes | None = b""
    """The tag of the vault; empty while there is none, None if it is of a time that did not count it."""

    def with_events(self, sealed: Sequence[bytes]) -> "Head":
        """Return the head with more events, in order."""
        digest = digest_of(sealed, self.digest)
        return replace(self, events=self.events + len(sealed), digest=digest)

    def with_snapshot(self, seq: int, sealed: bytes) -> "Head":
        """Return the head with another snapshot."""
        return replace(self, snapshot_seq=seq, snapshot=tag_of(sealed))

    def sealed(self, key: DataKey, session: str) -> bytes:
        """Return it sealed for its session."""
        facts = {
            "phase": self.phase,
            "reason": self.reason,
            "closed": self.closed,
            "events": self.events,
            "digest": self.digest.hex(),
            "snapshot_seq": self.snapshot_seq,
            "snapshot": self.snapshot.hex(),
            "vault": None if self.vault is None else self.vault.hex(),
        }
        return key.seal(_label(session), json.dumps(facts, separators=(",", ":")).encode())


def opened_head(key: DataKey, session: str, sealed: bytes | None) -> Head | None:
    """Return the head that was sealed for ``session``; None if this is not one."""
    content = None if sealed is None else key.open(_label(session), sealed)
    if content is None:
        return None
    facts: dict[str, Any] = json.loads(content)
    tags = {name: facts.get(name) for name in ("digest", "snapshot", "vault")}
    facts |= {name: None if tag is None else bytes.fromhex(tag) for name, tag in tags.items()}
    return Head(**facts)


def digest_of(events: Iterable[bytes], digest: bytes = _DIGEST_START) -> bytes:
    """Return the digest of sealed events, in order, behind those of ``digest``."""
    for sealed in events:
        digest = hashlib.sha256(digest + tag_of(sealed)).digest()[: len(_DIGEST_START)]
    return digest


def _label(session: str) -> Label:
    return Label(session, "head")
