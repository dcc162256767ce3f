"""What is written down about tokens, keys and sessions: one constructor for each thing that can happen."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import Literal, TypeAlias

from workbench.core.audit import AuditEntry
from workbench.core.consent import Consent
from workbench.core.projects import NAMES, Project
from workbench.errors import GatewayRefused
from workbench.security.claims import Grant

__all__ = [
    "Access",
    "AuditEntry",
    "Revocable",
    "accepted",
    "accessed",
    "consented",
    "deleted",
    "forgotten",
    "holder",
    "lost",
    "minted",
    "observed",
    "project_changed",
    "project_removed",
    "refreshed",
    "refused",
    "revoked",
    "rewrapped",
    "rotated",
    "settled",
    "used",
]

Revocable: TypeAlias = Literal["token", "session", "client", "project"]
"""What a revocation may name."""

Access: TypeAlias = Literal["listed", "read", "exported", "imported", "revealed"]
"""What somebody may do with what is stored."""


def minted(at: float, grant: Grant) -> AuditEntry:
    """Return that a token was made, for what and until when."""
    scopes = " ".join(sorted(grant.scopes))
    return _of(grant, at, "minted", reason=f"{scopes} for {ceil(grant.expires - at)} s")


def used(at: float, grant: Grant, *, session: str, address: str | None) -> AuditEntry:
    """Return that a token opened, resumed or observed ``session``."""
    return _of(grant, at, "used", session=session, address=address)


def refreshed(at: float, grant: Grant, *, session: str, address: str | None) -> AuditEntry:
    """Return that a running session was given this token in place of its former one."""
    return _of(grant, at, "refreshed", session=session, address=address)


def refused(
    at: float, refusal: GatewayRefused, *, address: str | None, grant: Grant | None = None, times: int = 1
) -> AuditEntry:
    """Return that somebody was not let in, ``times`` times; ``grant`` only if the token itself was good."""
    reason = f"{refusal.kind} ({refusal.code})" + (f", {times} times" if times > 1 else "")
    if grant is None:
        return AuditEntry(at=at, kind="refused", address=address, reason=reason)
    return _of(grant, at, "refused", address=address, reason=reason)


def revoked(at: float, what: Revocable, name: str, *, by: Grant | None = None) -> AuditEntry:
    """Return that a ``token``, ``session``, ``client`` or ``project`` was revoked, and by whose token."""
    reason = f"{what}, by {holder(by)}" if by else f"{what}, on the command line"
    entry = AuditEntry(at=at, kind="revoked", reason=reason)
    match what:
        case "token":
            return replace(entry, token_id=name)
        case "session":
            return replace(entry, session=name)
        case "client":
            return replace(entry, client=name)
        case "project":
            return replace(entry, project=name)


def rotated(at: float, key_id: str, *, retired: Sequence[str]) -> AuditEntry:
    """Return that ``key_id`` signs from now on, and which keys before it still verify."""
    still = f", {' '.join(retired)} verify for a while" if retired else ""
    return AuditEntry(at=at, kind="rotated", reason=f"key {key_id} signs{still}")


def rewrapped(at: float, key_id: str, counts: str) -> AuditEntry:
    """Return that keys are wrapped with master key ``key_id`` now; ``counts`` says of how many of what."""
    reason = f"store key {key_id} wraps, {counts} wrapped anew"
    return AuditEntry(at=at, kind="rotated", reason=reason)


def forgotten(at: float, key_id: str, *, by: str) -> AuditEntry:
    """Return that master key ``key_id`` was thrown away, and by whom."""
    return AuditEntry(at=at, kind="forgotten", reason=f"store key {key_id}, {by}")


def accepted(at: float, *, by: str) -> AuditEntry:
    """Return that a store that was put back is gone on with, and by whom."""
    return AuditEntry(at=at, kind="accepted", reason=by)


def holder(grant: Grant) -> str:
    """Return who holds a token: its id, and the client it is bound to, such as an administrator's name."""
    return f"token {grant.token_id}" + (f" of {grant.client}" if grant.client else "")


def observed(at: float, grant: Grant, *, session: str) -> AuditEntry:
    """Return that a token's holder follows the events of ``session``."""
    return _of(grant, at, "observed", session=session)


def accessed(
    at: float,
    kind: Access,
    *,
    by: str,
    session: str | None = None,
    project: str | None = None,
    client: str | None = None,
    grant: Grant | None = None,
) -> AuditEntry:
    """Return that sessions were listed, or one read, exported, imported or revealed; ``by`` says by whom."""
    token = grant.token_id if grant else None
    return AuditEntry(
        at=at, kind=kind, session=session, project=project, client=client, token_id=token, reason=by
    )


def deleted(
    at: float, *, session: str, project: str | None, client: str | None, why: str, what: str
) -> AuditEntry:
    """Return that a session was deleted: why or by whom, and ``what`` of it was there, in numbers."""
    reason = f"{what}; {why}"
    return AuditEntry(at=at, kind="deleted", session=session, project=project, client=client, reason=reason)


def consented(at: float, grant: Grant, *, session: str, level: Consent, how: str) -> AuditEntry:
    """Return what may be stored of a session from now on, and on whose word."""
    return _of(grant, at, "consent", session=session, reason=f"{level}, {how}")


def settled(at: float, digest: str, names: Sequence[str], *, before: str | None) -> AuditEntry:
    """Return that an endpoint runs with other settings than the one before; no value is named."""
    former = f", before {before}" if before else ""
    return AuditEntry(at=at, kind="settings", reason=f"{digest}{former}; set: {' '.join(names) or 'none'}")


def project_changed(at: float, project: Project, *, before: Project | None, by: str) -> AuditEntry:
    """Return that a project was registered, or what of it was changed, and by whom; no value is named."""
    changed = [name for name in NAMES if getattr(project, name) != getattr(before, name, None)]
    what = "registered" if before is None else f"changed: {' '.join(changed) or 'nothing'}"
    return AuditEntry(at=at, kind="project", project=project.name, reason=f"{what}; {by}")


def project_removed(at: float, name: str, *, by: str) -> AuditEntry:
    """Return that a project was deleted, and by whom."""
    return AuditEntry(at=at, kind="project", project=name, reason=f"deleted; {by}")


def lost(at: float, count: int) -> AuditEntry:
    """Return that ``count`` entries could not be kept: too many came at once."""
    return AuditEntry(at=at, kind="lost", reason=f"{count} entries were dropped")


def _of(grant: Grant, at: float, kind: str, **facts: str | None) -> AuditEntry:
    named = {"session": grant.session, **facts}
    return AuditEntry(
        at=at,
        kind=kind,
        token_id=grant.token_id,
        project=grant.project,
        client=grant.client,
        session=named["session"],
        address=named.get("address"),
        reason=named.get("reason") or "",
    )
