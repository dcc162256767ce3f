"""An endpoint masks what it has stored of a session, and keeps what the tokens stand for, if wanted."""

import json
from pathlib import Path

import anyio
import pytest
from endpoints import running_endpoint
from killing import killed
from patience import PATIENCE

from workbench.client.caller import call
from workbench.client.session import SessionSettings
from workbench.core.wire import event_to_json
from workbench.privacy.vault import kept_tokens
from workbench.store.store import Store, open_store

pytestmark = pytest.mark.anyio

SAID = "my name is anna meier"


@pytest.mark.parametrize("kept", [True, False])
async def test_a_name_leads_back_from_the_vault_only_and_only_if_that_is_wanted(
    tmp_path: Path, kept: bool
) -> None:
    """The setting would be read and then forgotten on the way to where masking is done."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    settings = SessionSettings(persistent=True)
    with running_endpoint(script=json.dumps([SAID]), store=url, mask_vault=str(kept)) as endpoint:
        await call("coffee", killed.tones((SAID,)), endpoint=endpoint, settings=settings)
        with open_store(url) as store, anyio.fail_after(PATIENCE):
            while "[PERSON_1]" not in (text := stored_text(store)):  # noqa: ASYNC110  another process
                await anyio.sleep(0.05)
            (summary,) = store.sessions()
            tokens = [(one.token, one.said) for one in kept_tokens(store, summary.session)]
    assert "meier" not in text
    assert tokens == ([("[PERSON_1]", "anna meier")] if kept else [])


def stored_text(store: Store) -> str:
    """Return all events of the only session."""
    (summary,) = store.sessions()
    stored = store.load(summary.session)
    assert stored is not None
    return "".join(map(event_to_json, stored.events))
