"""That an endpoint runs with other settings than before goes on the audit trail, without their values."""

from pydantic import SecretStr

from workbench.core.audit_chain import ChainKeys
from workbench.core.clock import unix_now
from workbench.endpoint.settings import EndpointSettings
from workbench.security import audit
from workbench.store.store import Store
from workbench.store.trail import Wanted

KIND = "settings"
DIGITS = 12
"""Hex digits of the keyed hash that stands for all values."""


def note_settings(store: Store, settings: EndpointSettings, keys: ChainKeys) -> None:
    """Add a record to the audit trail of ``store`` unless the newest of its kind tells of the same settings.

    Raises
    ------
    StoreError
        If it can't be written.
    """
    digest = settings_digest(settings, keys)
    newest = store.trail.records(limit=1, wanted=Wanted(kind=KIND))
    before = newest[0].reason.partition(",")[0].partition(";")[0] if newest else None
    if digest != before:
        names = sorted(settings.model_fields_set)
        store.audit([audit.settled(unix_now(), digest, names, before=before)])


def settings_digest(settings: EndpointSettings, keys: ChainKeys) -> str:
    """Return a keyed hash of all values: two that differ in any have different ones."""
    values = [(name, _plain(value)) for name, value in sorted(settings)]
    return (keys.signed(keys.signing.key_id, "workbench-settings", *values) or "")[:DIGITS]


def _plain(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else repr(value)
