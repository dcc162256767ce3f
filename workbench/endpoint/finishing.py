"""What a process that died has left undone: withdrawals, and sessions that nobody can go on with any more."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from workbench.core.audit import AuditEntry
from workbench.core.clock import unix_now
from workbench.core.consent import Consent, consent_told
from workbench.core.events import Body, ConsentSettled, Event, SessionClosed, Source
from workbench.core.log_names import log_name
from workbench.core.projects import Project
from workbench.endpoint.leasing import LASTS
from workbench.endpoint.settings import EndpointSettings
from workbench.errors import StoreDamaged, StoreFailed
from workbench.privacy.stored import mask_in_store
from workbench.protocol.native import CloseCode
from workbench.security import audit
from workbench.store.erasing import recorded
from workbench.store.leases import Abandoned
from workbench.store.recording import remove_recording
from workbench.store.rows import Append, PhaseChange, StoredSession, Withdrawal
from workbench.store.store import Store

log = logging.getLogger(__name__)

ABANDONED = "abandoned"
"""Why a session ended that nobody came back to."""


@dataclass(frozen=True, slots=True)
class Masking:
    """What of a session is hidden once it has ended."""

    wanted: bool
    """Whether personal data is."""
    vault: bool
    """Whether what leads back from its tokens is kept."""


def masking_of(settings: EndpointSettings, project: Project | None) -> Masking:
    """Return what of a project's sessions is hidden: as it says itself, or else the settings."""
    own = None if project is None else project.mask
    return Masking(settings.mask if own is None else own, settings.mask_vault)


def folder_name(recordings: Path | None) -> str:
    """Return how a withdrawal names the folder of recordings; empty for none."""
    return "" if recordings is None else str(recordings.resolve())


def deletion(withdrawal: Withdrawal, gone: Collection[str], *, by: str = "") -> AuditEntry:
    """Return the record of a withdrawal carried out; ``by`` says who finished what another began."""
    why = "consent was withdrawn"
    return audit.deleted(
        unix_now(),
        session=withdrawal.session,
        project=withdrawal.project,
        client=withdrawal.client,
        what=" and ".join(gone) or "nothing more was left",
        why=f"{why}, finished by {by}" if by else why,
    )


def finish_withdrawal(store: Store, withdrawal: Withdrawal, recordings: Path | None, *, by: str) -> bool:
    """Destroy what is left of a session whose consent was withdrawn from a process that died meanwhile.

    Returns whether nothing is left; if not, a recording may be in a folder that is not at hand.

    Raises
    ------
    StoreError
        If the store did not take it; then it is tried again.
    OSError
        If the recording can't be deleted.
    """
    gone = []
    if not withdrawal.level.keeps_text:
        if store.delete(withdrawal.session):
            gone.append("the stored session")
        news = bool(gone)
    else:
        news = _lower(store, withdrawal.session, withdrawal.level)
    if withdrawal.recordings not in ("", folder_name(recordings)):
        if news:  # else it was told before
            named = log_name(withdrawal.session)
            log.warning("a recording of session %s may be in a folder that is not at hand here", named)
        return False
    folder = recorded(recordings, withdrawal.session)
    if withdrawal.recordings and folder is not None and remove_recording(folder):
        gone.append("its recording")
    store.withdrawn(deletion(withdrawal, gone, by=by))
    return True


def put_away_abandoned(store: Store, left: Abandoned, masking: Masking) -> None:
    """Do what the end of a session does to what is stored of it: it has ended when somebody had it last.

    Raises
    ------
    StoreError
        If it can't be read or written; then it is as it was.
    """
    if left.phase != "ended":
        stored = store.load(left.session)
        if stored is None:
            return
        closed = SessionClosed(reason=ABANDONED, code=int(CloseCode.GONE))
        last = _next(stored, closed, at=left.since - LASTS - stored.row.opened)
        ended = PhaseChange(left.session, "ended", ABANDONED, stored.row.opened + last.event.at)
        store.write([last, ended])
    if masking.wanted:
        mask_in_store(store, left.session, keeps=masking.vault)
    store.leases.give_back(left.session)


def _lower(store: Store, session: str, level: Consent) -> bool:
    """Write down in a session that less of it may be kept, for who goes on; return whether that was news."""
    try:
        stored = store.load(session)
    except StoreFailed:
        raise
    except StoreDamaged:  # nobody can go on with it
        return False
    if stored is None or stored.row.phase == "ended":
        return False
    told = consent_told(stored.events)
    news = told is None or not level.allows(told[0])
    if news:
        store.write([_next(stored, ConsentSettled(level=level.value, how="withdrawn"), at=0.0)])
    return news


def _next(stored: StoredSession, body: Body, *, at: float) -> Append:
    """Return ``body`` as the next event of a session, no earlier than its last."""
    last = stored.events[-1] if stored.events else None
    event = Event(
        seq=0 if last is None else last.seq + 1,
        at=max(at, 0.0 if last is None else last.at),
        turn=0 if last is None else last.turn,
        source=Source.ENDPOINT,
        body=body,
    )
    return Append(stored.row.session, event)
