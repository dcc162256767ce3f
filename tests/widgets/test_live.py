"""The live panel's half in the kernel, with neither kernel nor browser: the comm is a recording fake."""

import json
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import comm
import pytest
from comm.base_comm import BaseComm
from ipywebrtc import AudioStream, CameraStream
from patience import PATIENCE

from workbench.aio import task_group
from workbench.analysis.contributions import contributions
from workbench.analysis.turn_events import by_turn, of_kind, replies
from workbench.client.ending import end_session
from workbench.client.local import Endpoint
from workbench.client.session import open_session
from workbench.core.consent import Consent
from workbench.core.events import AudioIn, TurnEnded
from workbench.core.timeline import Timeline
from workbench.errors import ConnectionLost, ParameterError
from workbench.security.tokens import Scope, check_token
from workbench.widgets.live import LivePanel, server_base_path

KEY = "k" * 43
HERE = Endpoint(url="ws://127.0.0.1:1/prefix", key=KEY)
JAVASCRIPT = Path(__file__).parents[1] / "javascript"
PAGE = {"page": "p1", "ask": 1}


class RecordingComm(BaseComm):
    """Keeps what Python would have sent to the pages."""

    def __init__(self, **opened: Any) -> None:
        self.sent: list[dict[str, Any]] = []
        self.opened: dict[str, Any] = {}
        super().__init__(**opened)

    def publish_msg(self, msg_type: str, data: Any = None, **more: Any) -> None:
        """Keep what is sent."""
        if msg_type == "comm_open":
            self.opened = data
        elif data.get("method") == "custom":
            self.sent.append(data["content"])

    def from_page(self, **content: Any) -> None:
        """Deliver a message as if a page had sent it."""
        self.handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the messages of a kind."""
        return [message for message in self.sent if message["kind"] == kind]


@pytest.fixture(autouse=True)
def recording_comm(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(comm, "create_comm", lambda **opened: RecordingComm(**opened))
    return


async def until(condition: Callable[[], object]) -> None:
    """Wait for what another task does, a few seconds at most."""
    with anyio.fail_after(PATIENCE):
        while not condition():  # noqa: ASYNC110
            await anyio.sleep(0.01)


@asynccontextmanager
async def attended(panel: LivePanel) -> Any:
    async with task_group() as group:
        group.start_soon(panel.run)
        await anyio.wait_all_tasks_blocked()
        yield panel
        group.cancel_scope.cancel()


def test_a_page_is_told_all_it_starts_from_at_once():
    """A page that begins under another name than it goes on with would hold two sessions."""
    panel = LivePanel(HERE, assistant="rooms")
    state = panel.comm.opened["state"]
    assert len(state["panel"]) == 16
    assert (state["endpoint"], state["assistant"], state["session"]) == (HERE.url, "rooms", "")
    assert state["source"] == f"IPY_MODEL_{panel.source.model_id}"
    assert KEY not in json.dumps(panel.comm.opened, default=str)


def test_the_caller_is_the_microphone_without_a_camera_or_any_stream_given():
    """A camera's light would go on, or a file could not play the caller."""
    source = LivePanel(HERE).source
    assert isinstance(source, CameraStream)
    assert source.constraints["video"] is False
    assert source.constraints["audio"]["echoCancellation"] is True
    file = AudioStream.from_file(Path(__file__).parents[2] / "data/callers/coffee_1.flac")
    assert LivePanel(HERE, source=file).source is file


def test_a_page_gets_a_token_for_its_own_origin_and_this_assistant_only():
    """A token that leaks would be good for any page, any assistant, or forever."""
    panel = LivePanel(HERE)
    panel.comm.from_page(kind="token", origin="http://localhost:8888", **PAGE)
    answer = panel.comm.of("answer")[0]
    grant = check_token(answer["token"], KEY)
    assert grant.origins == ("http://localhost:8888",)
    assert grant.assistants == ("coffee",)
    assert grant.scopes == {Scope.CONVERSE}
    assert grant.client == panel.panel
    assert (answer["page"], answer["ask"]) == ("p1", 1)


@pytest.mark.parametrize("origin", ["null", "", "http://a b", "file://"])
def test_a_page_without_an_origin_gets_no_token(origin):
    """A token for no origin in particular would be good for all of them."""
    panel = LivePanel(HERE)
    panel.comm.from_page(kind="token", origin=origin, **PAGE)
    answer = panel.comm.of("answer")[0]
    assert answer["reason"] == "no-token"
    assert "token" not in answer


@pytest.mark.parametrize("content", [None, 3, [], {}, {"kind": 7}, {"kind": "opened", "session": {"a": 1}}])
def test_what_no_page_of_ours_says_is_passed_over(content):
    """A message from elsewhere would show a traceback in the notebook."""
    panel = LivePanel(HERE)
    panel._received(panel, content, [])
    assert panel.comm.sent == []


@pytest.mark.anyio
async def test_a_check_says_that_nobody_answers():
    """The panel would open a microphone for an endpoint that is not there."""
    async with attended(LivePanel(HERE)) as panel:
        panel.comm.from_page(kind="check", **PAGE)
        await until(lambda: panel.comm.of("answer"))
        assert panel.comm.of("answer")[0]["reason"] == "endpoint-down"


def test_a_check_is_answered_even_when_nobody_attends():
    """Talk would wait for a panel that is shown without being held."""
    panel = LivePanel(HERE)
    panel.comm.from_page(kind="check", **PAGE)
    assert panel.comm.of("answer") == [{"kind": "answer", "page": "p1", "ask": 1}]


@pytest.mark.anyio
async def test_a_session_is_followed_and_told_to_pages_that_watch(endpoint):
    """``panel.timeline`` would stay empty, and a second tab would show nothing."""
    async with attended(LivePanel(endpoint)) as panel:
        looked_at = panel.timeline
        async with open_session("coffee", endpoint=endpoint) as session:
            panel.session = session.opened.session
            panel.comm.from_page(
                kind="opened", session=session.opened.session, state={"handle": "h"}, page="p1"
            )
            await until(lambda: len(looked_at))
            assert panel.timeline is looked_at
            assert panel.session_id == session.opened.session
            assert not panel.over
            with pytest.raises(ParameterError, match="still goes on"):
                await panel.save("anywhere")
            assert panel.comm.of("events") == []
            panel.comm.from_page(kind="follow", since=0, page="p2")
            await until(lambda: panel.comm.of("events"))
        await until(lambda: panel.over)
        await until(lambda: panel.session == "")
        told = [event["type"] for message in panel.comm.of("events") for event in message["events"]]
        assert (told[0], told[-1]) == ("session-opened", "session-closed")
        assert panel.timeline.events[-1].body.type == "session-closed"
        assert panel.problem == ""
        with pytest.raises(ParameterError, match="out of reach"):
            await panel.save("anywhere")


@pytest.mark.anyio
async def test_a_session_that_its_page_has_just_stopped_is_saved_once_it_is_over(endpoint):
    """Who saves in a cell right behind Stop would be told that the session still goes on."""
    refused: list[ParameterError] = []

    async def save(panel: LivePanel) -> None:
        with pytest.raises(ParameterError, match="out of reach") as raised:
            await panel.save("anywhere")
        refused.append(raised.value)

    async with (
        attended(LivePanel(endpoint)) as panel,
        task_group() as group,
        open_session("coffee", endpoint=endpoint) as session,
    ):
        panel.session = session.opened.session
        panel.comm.from_page(kind="opened", session=session.opened.session, page="p1")
        await until(lambda: len(panel.timeline))
        panel.session = ""  # as its page has it, once Stop is pressed
        group.start_soon(save, panel)
        await anyio.wait_all_tasks_blocked()
        assert not panel.over
        assert not refused
    assert refused


@pytest.mark.anyio
async def test_a_session_that_its_endpoint_does_not_end_is_no_stopped_one(endpoint, monkeypatch):
    """A cell would say nothing, and the next one that the session still goes on: stop it."""

    async def unheard(where: Endpoint, session: str) -> None:
        pass

    monkeypatch.setattr("workbench.widgets.live.end_session", unheard)
    monkeypatch.setattr("workbench.widgets.live.STOP_TIMEOUT", 0.1)
    monkeypatch.setattr("workbench.widgets.live.END_TIMEOUT", 0.1)
    async with attended(LivePanel(endpoint)) as panel, open_session("coffee", endpoint=endpoint) as session:
        panel.comm.from_page(kind="opened", session=session.opened.session, page="p1")
        await until(lambda: len(panel.timeline))
        with pytest.raises(ConnectionLost, match=r"was to end, its endpoint has not ended it in 0.1 s$"):
            await panel.stop()


@pytest.mark.anyio
async def test_a_session_whose_page_is_gone_is_ended_at_the_endpoint(endpoint, monkeypatch):
    """Stopping would leave it there until the endpoint tires of waiting."""
    monkeypatch.setattr("workbench.widgets.live.STOP_TIMEOUT", 0.5)
    async with attended(LivePanel(endpoint)) as panel:
        async with open_session("coffee", endpoint=endpoint) as session:
            panel.comm.from_page(kind="opened", session=session.opened.session, page="p1")
            await until(lambda: len(panel.timeline))
            panel.tune({"early.confidence": 0.8})
            assert panel.comm.of("tune") == [{"kind": "tune", "settings": {"early.confidence": 0.8}}]
            panel.withdraw_consent()
            assert panel.comm.of("consent") == [{"kind": "consent", "level": "none"}]
            await panel.stop()
        assert panel.timeline.events[-1].body.reason == "revoked"
        assert panel.over


@pytest.mark.anyio
async def test_a_session_that_can_not_be_ended_is_told_of():
    """A notebook would say that it stopped what goes on."""
    with pytest.raises(ConnectionLost, match="^session s could not be ended: ConnectError$"):
        await end_session(HERE, "s")


@pytest.mark.anyio
async def test_a_session_goes_from_page_to_page_by_its_holder_or_by_what_that_said_last():
    """Taking over would begin another session, or the handle would be in the saved notebook."""
    async with attended(LivePanel(HERE)) as panel:
        panel.comm.from_page(kind="opened", session="s", state={"handle": "old"}, page="p1")
        panel.comm.from_page(kind="take-over", session="s", page="p2", ask=5)
        await until(lambda: panel.comm.of("hand-over"))
        assert panel.comm.of("hand-over") == [{"kind": "hand-over", "ask": 5, "page": "p2"}]
        panel.comm.from_page(kind="handed", ask=5, to="p2", page="p1", state={"handle": "new"})
        await until(lambda: panel.comm.of("answer"))
        assert panel.comm.of("answer")[0]["state"] == {"handle": "new"}
        panel.comm.from_page(kind="take-over", session="s", page="p3", ask=6)
        await until(lambda: len(panel.comm.of("answer")) > 1)
        assert panel.comm.of("answer")[1]["state"] == {"handle": "new"}
        assert "new" not in json.dumps(panel.get_state(), default=str).split("_esm")[0]


@pytest.mark.anyio
async def test_there_is_nothing_to_save_or_to_stop_before_a_session():
    """A notebook run from top to bottom would wait, or fail obscurely."""
    panel = LivePanel(HERE)
    with anyio.fail_after(PATIENCE):
        await panel.stop()
    assert panel.over
    assert len(panel.timeline) == 0
    with pytest.raises(ParameterError, match="press Talk first"):
        await panel.save("anywhere")
    with pytest.raises(ParameterError, match="no session is under way"):
        panel.tune({"early.confidence": 0.8})
    with pytest.raises(ParameterError, match="no session is under way"):
        panel.withdraw_consent()


@pytest.mark.anyio
async def test_what_consent_was_withdrawn_for_is_not_waited_for(endpoint, tmp_path):
    """Saving would wait for a recording that never comes, and then not say why."""
    async with attended(LivePanel(endpoint, recordings=tmp_path)) as panel:
        async with open_session("coffee", endpoint=endpoint) as session:
            panel.comm.from_page(kind="opened", session=session.opened.session, page="p1")
            session.withdraw_consent(Consent.TRANSCRIPT)
            await until(lambda: any(event.body.type == "consent-settled" for event in panel.timeline.events))
        await until(lambda: panel.over)
        with pytest.raises(ParameterError, match="consent to this session is transcript, so no recording"):
            await panel.save(tmp_path / "saved")


@pytest.mark.parametrize(
    ("name", "path", "found"),
    [
        ("VOILA_BASE_URL", "/voila", "/voila/"),
        ("JUPYTERHUB_SERVICE_PREFIX", "/user/a/", "/user/a/"),
        ("X", "", "/"),
    ],
)
def test_the_server_says_where_its_pages_lie(monkeypatch, name, path, found):
    """Behind a hub, or in Voila, the endpoint would not be found."""
    for known in ("VOILA_BASE_URL", "JUPYTERHUB_SERVICE_PREFIX"):
        monkeypatch.delenv(known, raising=False)
    monkeypatch.setenv(name, path)
    assert server_base_path() == found


def test_the_panel_and_the_report_tell_the_same_times():
    """The page's waterfall would contradict the report: this file is what its tests compare with."""
    events = Timeline.load(JAVASCRIPT.parents[1] / "data/sessions/coffee/events.jsonl").events
    arrivals = of_kind(events, AudioIn)
    _, newest = arrivals[-1]
    zero = newest.captured - newest.position / newest.rate
    expected = []
    for turn, own in by_turn(events).items():
        answer = next(
            story for story in replies(events) if story.turn == turn and story.committed is not None
        )
        ended = of_kind(own, TurnEnded)[-1][1]
        shares = contributions(
            own, answer, end_of_speech=zero + ended.position / ended.rate, arrivals=arrivals, device_zero=zero
        )
        expected.append({name: round(seconds, 9) for name, seconds in shares.items()})
    assert json.loads((JAVASCRIPT / "live_waterfall.json").read_text()) == expected
