"""Nothing is stored without consent, all of it with, and nothing is left once it is withdrawn."""

from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from chain_keys import KEYS
from consents import WORD, everything, kinds, name_of, numbered, spoken, wish
from in_process import bench, grant, resume
from patience import PATIENCE

from workbench.conversation.assistant_model import Consents
from workbench.conversation.assistants import load_assistant
from workbench.core.consent import Consent, least
from workbench.endpoint.consenting import Settled, settled, settled_before
from workbench.endpoint.keeping import Keeping
from workbench.errors import KeyMissing, ProtocolError, StoreFailed
from workbench.protocol.native import CloseCode
from workbench.store.store import Store, open_store
from workbench.store.trail import Wanted

pytestmark = pytest.mark.anyio

NONE, TRANSCRIPT, FULL = Consent
COFFEE = load_assistant("coffee")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return the folder of a store."""
    return tmp_path / "data"


@pytest.fixture
def store(place: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{place / 'a.db'}", audit_keys=KEYS) as opened:
        yield opened


# --- whose word counts


@pytest.mark.parametrize(
    ("token", "client", "consents", "project", "expected"),
    [
        (None, None, Consents(), None, (FULL, "settings", None)),
        (None, None, Consents(), NONE, (NONE, "project", None)),
        (None, None, Consents(level=NONE), FULL, (NONE, "assistant", None)),
        (None, None, Consents(level=FULL, ask=("May I?",)), FULL, (NONE, "asked", FULL)),
        (None, TRANSCRIPT, Consents(level=FULL, ask=("May I?",)), FULL, (TRANSCRIPT, "client", None)),
        (FULL, None, Consents(level=NONE), FULL, (FULL, "token", None)),
        (TRANSCRIPT, FULL, Consents(), FULL, (TRANSCRIPT, "token", None)),
        (FULL, NONE, Consents(), FULL, (NONE, "client", None)),
        (NONE, FULL, Consents(level=FULL, ask=("May I?",)), FULL, (NONE, "token", None)),
    ],
)
async def test_the_token_bounds_the_client_and_both_stand_above_the_file(
    token, client, consents, project, expected
):
    """A page could allow more than the backend knows of, or a caller be asked though all is settled."""
    assistant = COFFEE.model_copy(update={"consent": consents})
    found = settled(token=token, client=client, assistant=assistant, project=project, otherwise=FULL)
    assert (found.level, found.by, found.asking) == expected


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [(FULL, TRANSCRIPT, TRANSCRIPT), (FULL, NONE, NONE), (TRANSCRIPT, TRANSCRIPT, TRANSCRIPT)],
)
async def test_consent_can_be_withdrawn(before, wanted, after):
    """What was given once would hold for ever."""
    assert Settled(level=before, by="token").changed(wanted).level is after


@pytest.mark.parametrize(("before", "wanted"), [(NONE, TRANSCRIPT), (TRANSCRIPT, FULL), (NONE, FULL)])
async def test_consent_can_t_be_given_later(before, wanted):
    """A page could turn recording on unseen."""
    with pytest.raises(ProtocolError, match=f"consent is {before.value}, it can be withdrawn in a session"):
        Settled(level=before, by="token").changed(wanted)


async def test_the_least_is_the_least():
    """The order of three words decides what is stored."""
    assert [least(FULL, TRANSCRIPT), least(TRANSCRIPT, NONE, FULL), least(FULL)] == [TRANSCRIPT, NONE, FULL]
    assert not TRANSCRIPT.keeps_sound
    assert TRANSCRIPT.keeps_text
    assert not NONE.keeps_text


# --- before the first byte


async def test_without_consent_no_byte_is_stored(place, store):
    """What was said would be in a file, a log ahead or a free page, whoever agreed to nothing."""
    async with bench(store, record=place / "recordings") as made:
        client = await made.opened(wish(consent="none"))
        assert client.of("welcome")[0]["consent"] == "none"
        assert client.of("welcome")[0]["stored"] is False
        await spoken(client)
        assert store.sessions() == []
        assert WORD.encode() not in everything(place)
        assert name_of(client).encode() not in everything(place)
        numbered(client, {"type": "close"})
        await made.gone()
    assert store.sessions() == []
    assert WORD.encode() not in everything(place)
    assert name_of(client).encode() not in everything(place)
    assert list(place.glob("recordings/*")) == []
    assert kinds(made) == [("consent", "none, by client")]


async def test_with_consent_all_is_stored(place, store):
    """The test above would pass with a store that keeps nothing."""
    async with bench(store) as made:
        client = await made.opened(wish(), grant(consent=FULL))
        assert (client.of("welcome")[0]["consent"], client.of("welcome")[0]["stored"]) == ("full", True)
        await spoken(client)
        numbered(client, {"type": "close"})
        await made.gone()
    stored = store.load(name_of(client))
    assert stored is not None
    assert any(WORD in repr(event.body) for event in stored.events)
    assert stored.events[0].body.settings["consent"] == {"level": "full", "by": "token"}
    assert kinds(made) == [("consent", "full, by token")]


async def test_without_storage_a_lost_connection_is_survived_from_memory_only(store):
    """A refusal to be recorded would cost the caller the conversation, or quietly be recorded after all."""
    async with bench(store) as made:
        first = await made.opened(wish(consent="none"))
        await made.held(first)
        second = made.client(resume(first, seen={"events": len(first.events)}))
        assert (await second.first("welcome"))["how"] == "resumed"
    async with bench(store) as made:  # as another process: nothing is there to go on with
        third = made.client(resume(first, seen={"events": 3}))
        assert await third.closed() == 4412


# --- withdrawn


async def test_what_was_stored_is_destroyed_and_nothing_more_is_stored(place, store):
    """Somebody who changes their mind would stay in the store."""
    async with bench(store, record=place / "recordings") as made:
        client = await made.opened(wish())
        name = name_of(client)
        await spoken(client)
        assert store.load(name) is not None
        (place / "recordings" / name).mkdir(parents=True)  # of the process before
        (place / "recordings" / name / "caller.flac").write_bytes(b"sound")
        numbered(client, {"type": "consent", "level": "none"})
        assert (await client.first("consent-settled"))["how"] == "withdrawn"
        assert store.load(name) is None
        assert not (place / "recordings" / name).exists()
        await spoken(client, "gooseberry")
        assert client.events == list(range(len(client.events)))
        assert store.load(name) is None
        numbered(client, {"type": "close"})
        await made.gone()
    assert store.sessions() == []
    assert b"gooseberry" not in everything(place)
    assert list(place.glob("recordings/*")) == []
    assert kinds(made) == [("consent", "full, by settings"), ("consent", "none, withdrawn by the client")]
    [deleted] = store.trail.records(wanted=Wanted(kind="deleted"))
    assert (deleted.session, deleted.project) == (name, "default")
    assert deleted.reason == "the stored session and its recording; consent was withdrawn"
    assert store.withdrawals.of(name) is None


async def test_sound_alone_can_be_withdrawn(place, store):
    """Who minds their voice being kept would lose the notes of the call too."""
    async with bench(store, record=place / "recordings") as made:
        client = await made.opened(wish())
        numbered(client, {"type": "consent", "level": "transcript"})
        assert (await client.first("consent-settled"))["level"] == "transcript"
        await spoken(client)
        numbered(client, {"type": "close"})
        await made.gone()
    stored = store.load(name_of(client))
    assert stored is not None
    assert any(WORD in repr(event.body) for event in stored.events)
    assert list(place.glob("recordings/*")) == []
    assert settled_before(stored.events, otherwise=FULL).level is TRANSCRIPT


async def test_more_can_not_be_had_in_mid_session(store):
    """A page could switch recording on."""
    async with bench(store) as made:
        client = await made.opened(wish(consent="none"))
        numbered(client, {"type": "consent", "level": "full"})
        assert (await client.first("error"))["code"] == "bad-consent"
        numbered(client, {"type": "consent", "level": "all"})
        await client.until(lambda: len(client.of("error")) == 2)
        assert store.sessions() == []


async def test_while_it_is_not_destroyed_the_client_is_told_nothing_else(store, monkeypatch):
    """A store that is away would make a withdrawal forgotten, or freeze the conversation."""
    real, failing = store.delete, [True]

    def delete(session: str) -> object:
        if failing[0]:
            raise StoreFailed("here", "is away")
        return real(session)

    monkeypatch.setattr(store, "delete", delete)
    async with bench(store) as made:
        client = await made.opened(wish())
        numbered(client, {"type": "consent", "level": "none"})
        await spoken(client)  # goes on
        acknowledged = [message["messages"] for message in client.of("ack")]
        assert max(acknowledged, default=0) == 0
        assert client.of("consent-settled") == []
        failing[0] = False
        await client.first("consent-settled")
        assert store.sessions() == []
        await client.until(lambda: any(message["messages"] == 2 for message in client.of("ack")))


async def test_a_restored_session_keeps_its_consent(store):
    """A restart would make everybody agree to what the settings say."""
    async with bench(store) as made:
        client = await made.opened(wish(consent="transcript"))
        made.orchestrator.end_where(lambda _: True, code=CloseCode.RESTARTING, reason="shutdown", message="x")
        await made.gone()
    async with bench(store) as made:
        again = made.client(resume(client, seen={"events": len(client.events)}))
        welcome = await again.first("welcome")
        assert (welcome["how"], welcome["consent"], welcome["stored"]) == ("restored", "transcript", True)
        numbered(again, {"type": "consent", "level": "full"})
        assert (await again.first("error"))["code"] == "bad-consent"


async def test_a_later_token_may_allow_less(place, store):
    """A backend that is told not to store could not stop what is stored already."""
    async with bench(store, record=place / "recordings") as made:
        client = await made.opened(wish(), held=grant(consent=FULL))
        await spoken(client)
        await made.held(client)
        again = made.client(resume(client, seen={"events": len(client.events)}), grant(consent=NONE))
        assert (await again.first("welcome"))["consent"] == "none"
        assert (await again.first("consent-settled"))["how"] == "withdrawn"
        assert store.sessions() == []
        await made.held(again)
        last = made.client(resume(client, seen={"events": len(again.events)}), grant(consent=FULL))
        assert (await last.first("welcome"))["consent"] == "none"
        last.say(None)
        await last.closed()
    assert list(place.glob("recordings/*")) == []
    assert ("consent", "none, withdrawn by a later token") in kinds(made)


async def test_who_deletes_a_session_deletes_the_recording_that_is_not_written_yet(place, store):
    """What was deleted could be heard, as the recording is written when the session has ended."""
    async with bench(store, record=place / "recordings") as made:
        client = await made.opened(wish())
        await spoken(client)
        store.delete(name_of(client))
        client.say(None)
        await client.closed()
        made.orchestrator.end_where(lambda _: True, code=CloseCode.FORBIDDEN, reason="revoked", message="x")
        await made.gone()
    assert store.sessions() == []
    assert list(place.glob("recordings/*")) == []


async def test_a_failure_of_masking_ends_no_other_session(place, store, monkeypatch, caplog):
    """A text that the masking did not foresee would end all sessions of the endpoint."""

    async def put_away(_):
        raise IndexError(WORD)

    monkeypatch.setattr(Keeping, "put_away", put_away)
    async with bench(store) as made:
        first, second = await made.opened(wish()), await made.opened(wish(), held=grant(name="u"))
        numbered(first, {"type": "close"})
        await first.closed()
        with anyio.fail_after(PATIENCE):
            while len(made.orchestrator.sessions) > 1:  # noqa: ASYNC110
                await anyio.sleep(0.01)
        await spoken(second)
    assert "IndexError" in caplog.text
    assert WORD not in caplog.text


async def test_a_client_is_not_told_where_keys_and_files_are(store, monkeypatch, caplog):
    """Anybody with a token would learn paths and key ids of the machine."""

    def load(*_):
        raise KeyMissing("/srv/voice/a.db", "1234abcd", "/home/voice/.config/store-key")

    async with bench(store) as made:
        client = await made.opened(wish())
        made.orchestrator.end_where(lambda _: True, code=CloseCode.RESTARTING, reason="shutdown", message="x")
        await made.gone()
    monkeypatch.setattr(store, "load", load)
    async with bench(store) as made:
        for first, held in ((resume(client), grant()), (wish(), grant(session="s1"))):
            refused = made.client(first, held)
            assert await refused.closed() == CloseCode.INTERNAL
            assert "srv" not in repr(refused.got)
            assert "1234abcd" not in repr(refused.got)
    assert caplog.text.count("1234abcd") == 2
