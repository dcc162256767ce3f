"""Whether the store that an endpoint starts with was put back as it once was; in production it stays down."""

import logging

from workbench.core.clock import unix_now
from workbench.endpoint.settings import EndpointSettings
from workbench.errors import ParameterError, StoreError
from workbench.security import audit
from workbench.store.store import Store

log = logging.getLogger(__name__)


def check_noted(store: Store, settings: EndpointSettings) -> None:
    """Compare the audit trail with its end as it was noted outside the store, and note it anew.

    Raises
    ------
    StoreError
        If it was put back and the endpoint is one of production; in others a record on the trail says so,
        which is no fault of the trail if the store is a new one.
    ParameterError
        If the notes can't be read; or not written, where a setting says where they are.
    """
    unlike = store.trail.unlike(store.trail.noted())
    if unlike is not None:
        if settings.profile == "production":
            problem = f"was put back: {unlike.sentence}; `workbench audit accept` goes on with it"
            raise StoreError(store.place, problem)
        by, is_new = f"at the start of an endpoint, {settings.profile}", store.trail.head() is None
        if is_new:  # whoever experiments deletes stores: their next ones are as good as any
            by = f"a new store, {by}: {unlike.sentence}"
            log.warning("the store is %s", by)
        store.trail.add([audit.accepted(unix_now(), by=by)], anew=is_new)
    try:
        store.trail.note_now()
    except (ParameterError, OSError) as error:
        if settings.audit_note is not None:
            raise ParameterError(str(error)) from None
        log.warning("a store put back whole would not be noticed: %s", error)
