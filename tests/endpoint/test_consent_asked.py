"""Who is asked for consent is stored as they answer, and not before."""

import json
from collections.abc import Iterator
from pathlib import Path

import anyio
import numpy as np
import pytest
from chain_keys import KEYS
from consents import WORD, everything, kinds, name_of, numbered, spoken, wish
from endpoints import running_endpoint
from in_process import bench
from patience import PATIENCE

from workbench.client.caller import call, open_caller
from workbench.client.session import SessionSettings, open_session
from workbench.core.consent import Consent
from workbench.core.events import ConsentSettled, FinalTranscript, SessionOpened
from workbench.endpoint.consenting import settled_before
from workbench.store.store import Store, open_store

pytestmark = pytest.mark.anyio

NONE, TRANSCRIPT, FULL = Consent


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return the folder of a store."""
    return tmp_path / "data"


@pytest.fixture
def store(place: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{place / 'a.db'}", audit_keys=KEYS) as opened:
        yield opened


@pytest.fixture
def asking(tmp_path: Path) -> Path:
    """Return the file of an assistant that asks."""
    path = tmp_path / "asking.yaml"
    path.write_text(
        "name: asking\nextends: english\nvoice: af_heart\ngreeting: Which light?\n"
        'consent:\n  level: full\n  ask: "May I record this call?"\n'
        'intents:\n  light:\n    sentences: ["[the] (kitchen|hall) [light]"]\n    reply: "Done."\n'
        'prompts:\n  out_of_scope: "Sorry, only lights."\n  help: "Say kitchen."\n'
    )
    return path


async def test_before_the_answer_nothing_is_stored_and_after_a_client_s_yes_all_is(place, store, asking):
    """The question itself would be stored before its answer, or the beginning be missing after it."""
    async with bench(store, record=place / "recordings", assistants=(asking,)) as made:
        client = await made.opened(wish(greet=True) | {"assistant": "asking"})
        assert client.of("welcome")[0]["consent"] == "asked"
        await client.first("reply-text")
        await spoken(client)
        assert store.sessions() == []
        assert WORD.encode() not in everything(place)
        numbered(client, {"type": "consent", "level": "transcript"})
        await client.first("consent-settled")
        await client.until(lambda: any("Which light" in str(one) for one in client.of("reply-text")))
        numbered(client, {"type": "close"})
        await made.gone()
    stored = store.load(name_of(client))
    assert stored is not None
    assert [event.seq for event in stored.events] == client.events
    assert any(WORD in repr(event.body) for event in stored.events)
    assert stored.row.phase == "ended"
    assert settled_before(stored.events, otherwise=FULL).level is TRANSCRIPT
    assert list(place.glob("recordings/*")) == []
    assert kinds(made) == [("consent", "none, by asked"), ("consent", "transcript, by the client")]


async def test_who_leaves_before_the_answer_leaves_nothing(place, store, asking):
    """A caller who hangs up at the question would be recorded."""
    async with bench(store, record=place / "recordings", assistants=(asking,)) as made:
        client = await made.opened(wish(greet=True) | {"assistant": "asking"})
        await spoken(client)
        numbered(client, {"type": "close"})
        await made.gone()
    assert store.sessions() == []
    assert list(place.glob("recordings/*")) == []
    assert WORD.encode() not in everything(place)


def tones(*utterances: str) -> list[np.ndarray]:
    lengths = [16_000 // 4 * max(3, len(text.split())) for text in utterances]
    return [
        (0.3 * np.sin(2 * np.pi * 300 * np.arange(length) / 16_000)).astype(np.float32) for length in lengths
    ]


@pytest.mark.parametrize(("answer", "kept"), [("yes please", True), ("no thank you", False)])
async def test_a_caller_is_asked_and_the_answer_counts(answer, kept, tmp_path, asking):
    """Asked by voice, answered by voice: what is stored would have to be believed."""
    place = tmp_path / "data"
    url = f"sqlite:///{place / 'a.db'}"
    script = [answer, "the kitchen light"]
    settings = SessionSettings(persistent=True, greet=True)
    with running_endpoint(
        script=json.dumps(script),
        store=url,
        record=str(place / "recordings"),
        assistants=json.dumps([str(asking)]),
    ) as endpoint:
        recording = await call("asking", tones(*script), endpoint=endpoint, settings=settings)
    bodies = [event.body for event in recording.timeline.events]
    assert [body.text for body in bodies if isinstance(body, FinalTranscript)] == script
    opened = next(body for body in bodies if isinstance(body, SessionOpened))
    assert opened.settings["consent"] == {"level": "none", "by": "asked"}
    [settled_so] = [body for body in bodies if isinstance(body, ConsentSettled)]
    assert (settled_so.level, settled_so.how) == ("full" if kept else "none", "answered")
    with open_store(url) as store:
        sessions = store.sessions()
        reasons = [record.reason for record in store.trail.records() if record.kind == "consent"]
    assert reasons == ["none, by asked", f"{settled_so.level}, answered by the caller"]
    folders = [path.name for path in place.glob("recordings/*")]
    if kept:
        assert [one.session for one in sessions] == [opened.session]
        assert sessions[0].events == len(bodies)
        assert folders == [opened.session]
    else:
        assert sessions == []
        assert folders == []
        assert b"kitchen" not in everything(place)


async def test_a_client_withdraws_by_one_call(tmp_path):
    """A program would have to know the wire."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    script = ["I want a large latte with soy milk"]
    with running_endpoint(script=json.dumps(script), store=url, record=str(tmp_path / "r")) as endpoint:
        async with (
            open_session("coffee", endpoint=endpoint, settings=SessionSettings(persistent=True)) as session,
            open_caller(session) as caller,
        ):
            await caller.say(tones(*script)[0])
            session.withdraw_consent()
            with anyio.fail_after(PATIENCE):
                while not any(isinstance(e.body, ConsentSettled) for e in session.timeline.events):
                    await session.news()
            with open_store(url) as store:
                assert store.sessions() == []
    assert list((tmp_path / "r").glob("*")) == []
