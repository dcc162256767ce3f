"""What is written down about tokens: one constructor for each thing that can happen to one."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import Literal, TypeAlias

from workbench.core.audit import AuditEntry
from workbench.errors import GatewayRefused
from workbench.security.claims import Grant

__all__ = ["AuditEntry", "Revocable", "minted", "refreshed", "refused", "revoked", "rotated", "used"]

Revocable: TypeAlias = Literal["token", "session", "client", "project"]
"""What a revocation may name."""


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
    reason = f"{what}, by token {by.token_id}" if by else f"{what}, on the command line"
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
