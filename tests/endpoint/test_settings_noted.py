"""Other settings than before leave one record, which tells no value."""

import pytest
from chain_keys import KEYS

from workbench.endpoint.settings import EndpointSettings
from workbench.endpoint.settings_noted import note_settings
from workbench.store.store import open_store

SECRET = "the-key-of-another-endpoint-which-nobody-may-see"


def test_other_settings_leave_a_record_and_the_same_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reviewer would not learn that recording was switched on for an hour."""
    monkeypatch.delenv("WORKBENCH_AUDIT_NOTE")
    quiet = EndpointSettings(engines="scripted")
    loud = EndpointSettings(engines="scripted", synthesis_key=SECRET, origins=("https://lab.example",))
    other_key = EndpointSettings(engines="scripted", synthesis_key=SECRET[::-1], origins=loud.origins)
    with open_store("sqlite://", audit_keys=KEYS) as store:
        for settings in (quiet, quiet, loud, loud, other_key, quiet):
            note_settings(store, settings, KEYS)
        reasons = [record.reason for record in store.trail.records() if record.kind == "settings"]
    assert len(reasons) == 4
    first, second, third, last = (reason.partition(";")[0].partition(",")[0] for reason in reasons)
    assert len({first, second, third}) == 3
    assert last == first
    assert reasons[0] == f"{first}; set: engines"
    assert reasons[1] == f"{second}, before {first}; set: engines origins synthesis_key"
    assert not any(SECRET in reason or "lab.example" in reason for reason in reasons)
