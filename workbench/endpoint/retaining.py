"""Deleting what was kept long enough, some at a time, and telling how much it was."""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.core.audit import AuditEntry
from workbench.core.clock import unix_now
from workbench.core.log_names import log_name
from workbench.endpoint.finishing import Masking, finish_withdrawal, folder_name, put_away_abandoned
from workbench.errors import StoreFailed, WorkbenchError
from workbench.security import audit
from workbench.store.erasing import Erased, erase_sessions, recorded
from workbench.store.leases import Abandoned
from workbench.store.recording import remove_recording
from workbench.store.retention import DAY, Period, due_recordings
from workbench.store.rows import SessionSummary, Withdrawal
from workbench.store.store import Store

log = logging.getLogger(__name__)

AT_ONCE = 50
"""Most sessions, and most recordings without one, that are deleted in one go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long what is kept."""

    period: Period
    """Seconds for which a project's sessions are kept after their end, their recordings too."""
    recordings: Path | None = None
    """The folder of recordings."""
    recordings_period: float | None = None
    """Seconds for which recordings in it are kept that belong to no session in the store; None for ever."""
    resumable: float = DAY
    """Seconds for which a stored session that nobody has can be gone on with."""
    masking: Callable[[str], Masking] = lambda project: Masking(wanted=True, vault=True)
    """What is hidden in a project's sessions that have ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What was deleted, or would be."""

    sessions: tuple[SessionSummary, ...]
    recordings: tuple[Path, ...]
    """Those of no session in the store."""
    withdrawn: tuple[Withdrawal, ...] = ()
    """Sessions of withdrawn consent whose process died before it had destroyed them."""
    abandoned: tuple[Abandoned, ...] = ()
    """Sessions that nobody can go on with: not deleted, but ended and masked."""
    failed: frozenset[str] = frozenset()
    """Names of those among the last that can't be read or written."""
    undone: frozenset[str] = frozenset()
    """Names of sessions whose withdrawal could not be carried out: something of them is still there."""

    @property
    def is_full(self) -> bool:
        """Return whether there may be more."""
        counts = map(len, (self.sessions, self.recordings, self.abandoned))
        return AT_ONCE in counts or self.withdrawals_full

    @property
    def withdrawals_full(self) -> bool:
        """Return whether there may be more withdrawals."""
        return len(self.withdrawn) + len(self.undone) == AT_ONCE


def to_sweep(
    store: Store,
    retention: Retention,
    *,
    now: float,
    spare: Collection[str] = (),
    skip: Collection[str] = (),
    undone: Collection[str] = (),
) -> Swept:
    """Return what is due at ``now``, Unix seconds, but sessions of ``spare``; raises StoreError, OSError.

    Of the abandoned ones those of ``skip`` are left out as well, of the withdrawals those of ``undone``.
    """
    found = store.due(now, retention.period, resumable=retention.resumable, limit=AT_ONCE, spare=spare)
    recordings: list[Path] = []
    if retention.recordings is not None and retention.recordings_period is not None:
        before = now - retention.recordings_period
        recordings = due_recordings(retention.recordings, before, limit=AT_ONCE, spare=spare)
        recordings = [path for path in recordings if not store.left_of(path.name)]
    at_hand = folder_name(retention.recordings)
    gone = frozenset(one.session for one in found).union(spare, skip)
    return Swept(
        sessions=tuple(found),
        recordings=tuple(recordings),
        withdrawn=tuple(store.withdrawals.left(now, recordings=at_hand, limit=AT_ONCE, skip=undone)),
        abandoned=tuple(store.leases.abandoned(now, retention.resumable, limit=AT_ONCE, skip=gone)),
    )


def sweep(
    store: Store,
    retention: Retention,
    *,
    by: str,
    now: float,
    spare: Collection[str] = (),
    skip: Collection[str] = (),
    undone: Collection[str] = (),
) -> Swept:
    """Finish what processes that died have left, then delete what is due; ``by`` says who does.

    Each deletion is a record on the audit trail. What can't be finished keeps nobody from the others.

    Parameters
    ----------
    store, retention : where, and how long
    by : who does it, for the audit trail
    now : Unix seconds
    spare : names of sessions that are live here
    skip : names of sessions that could not be put away before
    undone : names of sessions whose withdrawals could not be carried out before

    Raises
    ------
    StoreError
        If the store did not take it; what is on the trail is gone.
    OSError
        If a recording can't be deleted.
    """
    swept = to_sweep(store, retention, now=now, spare=spare, skip=skip, undone=undone)

    def why(one: SessionSummary) -> str:
        return f"kept for {retention.period(one.project) / DAY:g} days, {by}"

    withdrawn = _finish(store, swept.withdrawn, retention.recordings, by=by)
    left = frozenset(one.session for one in swept.withdrawn if one not in withdrawn)
    erase(store, swept.sessions, retention.recordings, why=why)
    for path in swept.recordings:
        remove_recording(path)
        days = (retention.recordings_period or 0.0) / DAY
        store.audit([_deletion(path.name, "0 events, 1 recordings", f"kept for {days:g} days, {by}")])
    failed = _put_away(store, swept.abandoned, retention)
    return replace(swept, withdrawn=withdrawn, failed=failed, undone=left)


def _finish(
    store: Store, withdrawals: Sequence[Withdrawal], recordings: Path | None, *, by: str
) -> tuple[Withdrawal, ...]:
    """Carry withdrawals out; return those of which nothing is left."""
    done = []
    for withdrawal in withdrawals:
        try:
            if finish_withdrawal(store, withdrawal, recordings, by=by):
                done.append(withdrawal)
        except StoreFailed:
            raise
        except (WorkbenchError, OSError) as error:
            log.error("a withdrawal can't be finished yet: %s", type(error).__name__)
    return tuple(done)


def _put_away(store: Store, abandoned: Sequence[Abandoned], retention: Retention) -> frozenset[str]:
    """End and mask what nobody can go on with; return the names of those of which that failed."""
    failed = set()
    for one in abandoned:
        try:
            put_away_abandoned(store, one, retention.masking(one.project))
        except StoreFailed:
            raise
        except WorkbenchError as error:
            named = log_name(one.session)
            problem = str(error).replace(one.session, named)
            log.error("session %s, which nobody has any more, can't be put away: %s", named, problem)
            failed.add(one.session)
    return frozenset(failed)


def erase(
    store: Store,
    found: Sequence[SessionSummary],
    recordings: Path | None,
    *,
    why: Callable[[SessionSummary], str],
) -> Erased:
    """Delete sessions and their recordings, and write down which are gone, whether or not all went well.

    Parameters
    ----------
    found : the sessions
    recordings : the folder of recordings
    why : says of a session why it is deleted, or by whom

    Raises
    ------
    StoreError
        As ``store.erasing.erase_sessions`` does, or if the audit trail can't be written.
    ParameterError
        If a recording can't be deleted.
    """
    heard = {one.session for one in found if recorded(recordings, one.session) is not None}
    done, failed = Erased(0, 0), None
    try:
        done = erase_sessions(store, [one.session for one in found], recordings)
    except StoreFailed as error:  # they may be gone all the same
        failed = error
    entries = [
        _deletion(
            one.session,
            f"{one.events} events, {int(one.session in heard)} recordings, their keys",
            why(one),
            project=one.project,
            client=one.client,
        )
        for one in found
        if not store.left_of(one.session)
    ]
    if done.sessions or failed is not None:  # else somebody else was faster
        store.audit(entries)
    if failed is not None:
        raise failed
    return done


def _deletion(
    session: str, what: str, why: str, *, project: str | None = None, client: str | None = None
) -> AuditEntry:
    return audit.deleted(unix_now(), session=session, project=project, client=client, what=what, why=why)
