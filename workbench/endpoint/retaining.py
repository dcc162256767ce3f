"""Deleting what was kept long enough, some at a time, and telling how much it was."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.core.audit import AuditEntry
from workbench.core.clock import unix_now
from workbench.errors import StoreFailed
from workbench.security import audit
from workbench.store.erasing import Erased, erase_sessions, recorded
from workbench.store.recording import remove_recording
from workbench.store.retention import DAY, Period, due_recordings
from workbench.store.rows import SessionSummary
from workbench.store.store import Store

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What was deleted, or would be."""

    sessions: tuple[SessionSummary, ...]
    recordings: tuple[Path, ...]
    """Those of no session in the store."""

    @property
    def is_full(self) -> bool:
        """Return whether there may be more."""
        return AT_ONCE in (len(self.sessions), len(self.recordings))


def to_sweep(store: Store, retention: Retention, *, now: float, spare: Collection[str] = ()) -> Swept:
    """Return what is due at ``now``, Unix seconds, but sessions of ``spare``; raises StoreError, OSError."""
    found = store.due(now, retention.period, limit=AT_ONCE, spare=spare)
    recordings: list[Path] = []
    if retention.recordings is not None and retention.recordings_period is not None:
        before = now - retention.recordings_period
        recordings = due_recordings(retention.recordings, before, limit=AT_ONCE, spare=spare)
        recordings = [path for path in recordings if not store.left_of(path.name)]
    return Swept(sessions=tuple(found), recordings=tuple(recordings))


def sweep(store: Store, retention: Retention, *, by: str, now: float, spare: Collection[str] = ()) -> Swept:
    """Delete what is due, with a record on the audit trail for each; ``by`` says who does.

    Raises
    ------
    StoreError
        If the store did not take it; what is on the trail is gone.
    OSError
        If a recording can't be deleted.
    """
    swept = to_sweep(store, retention, now=now, spare=spare)

    def why(one: SessionSummary) -> str:
        return f"kept for {retention.period(one.project) / DAY:g} days, {by}"

    erase(store, swept.sessions, retention.recordings, why=why)
    for path in swept.recordings:
        remove_recording(path)
        days = (retention.recordings_period or 0.0) / DAY
        store.audit([_deletion(path.name, "0 events, 1 recordings", f"kept for {days:g} days, {by}")])
    return swept


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
