"""Stored sessions without the personal data: written anew once they have ended."""

from dataclasses import replace

from workbench.errors import ParameterError
from workbench.privacy.sessions import MaskedSession, mask_session
from workbench.privacy.vault import kept_tokens, rendered
from workbench.store.rows import Append, NewSession, StoredSession, Write
from workbench.store.store import Store


def mask_stored(stored: StoredSession) -> StoredSession:
    """Return a stored session, all its events there, without personal data.

    Its snapshot, which knows what was said too, goes if anything is masked.
    """
    hidden = mask_session(stored.events)
    return _with(stored, hidden)


def mask_in_store(store: Store, session: str, *, keeps: bool = True) -> bool:
    """Write a session that has ended anew, masked; return whether there was anything to mask.

    Parameters
    ----------
    store : where it is
    session : its name
    keeps : whether what leads back from its tokens is kept, in its vault

    Raises
    ------
    ParameterError
        If it has not ended: it could not be resumed any more.
    StoreError
        If it can't be read or written; then all stays as it was.
    """
    stored = store.load(session)
    if stored is None:
        return False
    if stored.row.phase != "ended":
        raise ParameterError(f"session {session} is {stored.row.phase}, expected one that has ended")
    hidden = mask_session(stored.events, known=kept_tokens(store, session))
    masked = _with(stored, hidden)
    if masked.events == stored.events:
        return False
    writes: list[Write] = [NewSession(masked.row)]
    writes += [Append(session, event) for event in masked.events]
    store.replace(session, writes, vault=rendered(hidden.tokens) if keeps and hidden.tokens else None)
    return True


def _with(stored: StoredSession, hidden: MaskedSession) -> StoredSession:
    if hidden.events == stored.events:
        return stored
    return StoredSession(row=replace(stored.row, snapshot=None, snapshot_seq=-1), events=hidden.events)
