"""Sessions and the connections that carry them: attached, detached, replaced, refused, ended."""

from collections.abc import Iterator

import anyio
import pytest
from in_process import OPEN, PERSISTENT, bench, grant, resume
from patience import PATIENCE

from workbench.core.clock import unix_now
from workbench.endpoint.opening import SessionOver, refuse
from workbench.errors import ConnectionLost, GatewayRefused
from workbench.protocol.native import CloseCode
from workbench.security.tokens import Scope
from workbench.store.store import Store, open_store

pytestmark = pytest.mark.anyio


@pytest.fixture
def memory() -> Iterator[Store]:
    with open_store("sqlite://") as opened:
        yield opened


async def test_a_lost_connection_is_followed_by_one_that_gets_the_rest():
    """What happened while the network was away would never be seen, or be seen twice."""
    async with bench() as made:
        first = await made.opened()
        await made.held(first)
        second = made.client(resume(first, seen={"events": len(first.events)}))
        assert (await second.first("welcome"))["how"] == "resumed"
        await second.first("session-resumed")
        assert first.events + second.events == list(range(len(first.events) + len(second.events)))
        assert [held["reason"] for held in second.of("session-held")] == ["connection-lost"]
        assert made.session(first.of("welcome")[0]["session"]).phase == "resumed"
        second.say({"type": "ack", "seen": {"events": len(first.events + second.events)}})
        second.say({"type": "ping", "sent": 1.0})
        await second.first("pong")
        assert made.session(first.of("welcome")[0]["session"]).phase == "live"


async def test_a_second_connection_takes_the_session_over():
    """A client behind a dead connection could not come back before the endpoint has noticed."""
    async with bench() as made:
        first = await made.opened()
        second = made.client(resume(first))
        await second.first("session-resumed")
        assert await first.closed() == CloseCode.REPLACED
        assert second.events == list(range(len(second.events)))
        assert len(made.orchestrator.sessions) == 1


async def test_what_a_replaced_connection_still_says_is_not_heard():
    """What was under way when the session was taken over would end it for the new client."""
    async with bench() as made:
        first = await made.opened()
        session = made.session(first.of("welcome")[0]["session"])
        line = session._line
        second = made.client(resume(first))
        await second.first("session-resumed")
        for late in ('{"type":"suspend"}', '{"type":"close","seq":0,"at":0}', b"garbage"):
            session._take(line, late)
        second.say({"type": "ping", "sent": 1.0})
        await second.first("pong")
        assert (second.code, second.of("error"), session.over) == (None, [], False)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"seen": {"events": 1000}}, CloseCode.BAD_MESSAGE),
        ({"seen": {"controls": 1}}, CloseCode.BAD_MESSAGE),
        ({"seen": {"audio": 2**32 - 1}}, CloseCode.BAD_MESSAGE),
        ({"seen": {"events": 10**12}}, CloseCode.BAD_MESSAGE),
        ({"reply": 2**32 - 1}, CloseCode.BAD_MESSAGE),
        ({"handle": "guessed"}, CloseCode.GONE),
        ({"session": "nobody"}, CloseCode.GONE),
    ],
)
async def test_a_resume_that_claims_what_can_not_be_is_refused_and_the_session_goes_on(change, code):
    """One forged number would end another's session, or make the endpoint drop what its client needs."""
    async with bench() as made:
        first = await made.opened()
        other = made.client(resume(first) | change)
        assert await other.closed() == code
        assert other.of("error")[0]["fatal"]
        assert other.of("welcome") == []
        first.say({"type": "ping", "sent": 1.0})
        await first.first("pong")


@pytest.mark.parametrize(
    "held",
    [
        grant(project="another"),
        grant(Scope.TRANSCRIBE),
        grant(Scope.SPEAK),
        grant(session="another"),
        grant(assistants=("rooms",)),
    ],
)
async def test_a_session_is_resumed_with_no_less_than_it_was_led_with(held):
    """A token that may only transcribe would get replies, by resuming a session that has them."""
    async with bench() as made:
        first = await made.opened()
        other = made.client(resume(first), held)
        assert await other.closed() == CloseCode.FORBIDDEN
        assert first.code is None


async def test_a_client_of_its_own_is_not_resumed_by_another():
    """Whoever sees a handle could go on as somebody else."""
    async with bench() as made:
        first = await made.opened(held=grant(client="alice"))
        other = made.client(resume(first), grant(client="mallory"))
        assert await other.closed() == CloseCode.FORBIDDEN
        same = made.client(resume(first), grant(client="alice", name="u"))
        await same.first("session-resumed")


async def test_a_session_is_held_no_longer_than_it_is_said():
    """Sessions that nobody comes back to would fill the endpoint."""
    async with bench(hold=0.1) as made:
        first = await made.opened()
        assert first.of("welcome")[0]["hold"] == 0.1
        await made.held(first)
        await made.gone()
        late = made.client(resume(first))
        assert await late.closed() == CloseCode.GONE


async def test_a_session_that_is_gone_is_begun_anew_where_the_client_asks_for_it():
    """The caller would be left without an assistant, or the numbers begin again without a word."""
    async with bench() as made:
        first = await made.opened()
        first.say({"type": "close", "seq": 0, "at": 0})
        await first.closed()
        await made.gone()
        wish = resume(first, seen={"events": 7, "controls": 3, "audio": 5}, at=12.5, turn=2, otherwise=OPEN)
        second = made.client(wish, grant(name="u"))
        assert (await second.first("welcome"))["how"] == "reset"
        assert (await second.first("session-reset"))["previous"] == wish["session"]
        assert second.events[0] == 7
        assert second.of("session-reset")[0]["at"] >= 12.5
        assert second.of("welcome")[0]["session"] != wish["session"]


async def test_a_claim_of_hours_does_not_let_audio_in_faster_than_real_time():
    """A client that says its session is months old could pour in audio without end."""
    from test_faults import frame

    async with bench() as made:
        client = made.client({"type": "resume", "session": "x", "handle": "y", "at": 9e6, "otherwise": OPEN})
        await client.first("session-opened")
        client.say(frame(69 * 16_000))
        client.say(frame(72 * 16_000))
        assert (await client.first("error"))["code"] == "bad-packet"
        assert client.of("audio-in")[0]["position"] == 69 * 16_000 + 320


async def test_two_sessions_of_one_name_can_not_be():
    """Two tokens bound to one session, used at once, would run it twice and lose one of them."""
    async with bench() as made:
        arrived, go = [], anyio.Event()

        async def use(held, session):
            arrived.append(session)
            await go.wait()

        made.host.use = use
        clients = [made.client(OPEN, grant(session="mine", name=name)) for name in "ab"]
        await anyio.wait_all_tasks_blocked()
        with anyio.fail_after(PATIENCE):
            while len(arrived) < 2:  # noqa: ASYNC110  they come out of threads
                await anyio.sleep(0.01)
        go.set()
        for client in clients:
            await client.until(lambda one=client: one.code or one.of("session-opened"))
        assert sorted(client.code or 0 for client in clients) == [0, CloseCode.FORBIDDEN]
        assert len(made.orchestrator.sessions) == 1


async def test_clients_that_come_at_once_do_not_exceed_the_limit():
    """A burst would open more sessions than the machine was given."""
    async with bench(max_sessions=2) as made:
        clients = [made.client(OPEN, grant(name=str(number))) for number in range(6)]
        for client in clients:
            await client.until(lambda one=client: one.code or one.of("session-opened"))
        codes = sorted(client.code or 0 for client in clients)
        assert codes == [0, 0] + [CloseCode.TOO_MANY_SESSIONS] * 4
        assert made.orchestrator.full


async def test_a_token_that_is_used_up_opens_nothing():
    """One stolen token would open any number of sessions."""
    async with bench() as made:

        async def use(held, session):
            raise GatewayRefused(403, "the session token was used for another session", "replayed")

        made.host.use = use
        client = made.client(OPEN)
        assert await client.closed() == CloseCode.FORBIDDEN
        assert not made.orchestrator.sessions


@pytest.mark.parametrize("how", ["open", "resume", "observe"])
async def test_what_was_revoked_after_the_gateway_is_refused_all_the_same(how):
    """A connection that waits with its first message would outlive the revocation of its token."""
    async with bench() as made:
        first = await made.opened()
        made.host.revoked = lambda held, session: held.token_id == "bad"
        message = {
            "open": OPEN,
            "resume": resume(first),
            "observe": {"type": "observe", "session": first.of("welcome")[0]["session"]},
        }[how]
        client = made.client(message, grant(Scope.CONVERSE, Scope.OBSERVE, name="bad"))
        assert await client.closed() == CloseCode.FORBIDDEN
        assert first.code is None


async def test_an_observer_sees_the_events_and_may_only_ping():
    """A supervisor would see nothing, or could speak for the caller."""
    async with bench() as made:
        first = await made.opened()
        name = first.of("welcome")[0]["session"]
        watching = made.client({"type": "observe", "session": name}, grant(Scope.OBSERVE))
        welcome = await watching.first("welcome")
        assert (welcome["how"], welcome["handle"]) == ("observed", "")
        first.say({"type": "say", "seq": 0, "at": 0, "text": "Hello."})
        await watching.first("reply-text")
        assert watching.events[0] == 0
        assert watching.events == sorted(set(watching.events))
        watching.say({"type": "ping", "sent": 1.0})
        await watching.first("pong")
        watching.say({"type": "say", "seq": 0, "at": 0, "text": "I am the caller."})
        assert await watching.closed() == CloseCode.BAD_MESSAGE
        assert first.code is None


@pytest.mark.parametrize(
    ("held", "name", "code"),
    [
        (grant(Scope.OBSERVE, project="another"), None, CloseCode.FORBIDDEN),
        (grant(Scope.CONVERSE), None, CloseCode.FORBIDDEN),
        (grant(Scope.OBSERVE, session="another"), None, CloseCode.FORBIDDEN),
        (grant(Scope.OBSERVE), "nobody", CloseCode.GONE),
    ],
)
async def test_who_may_not_observe_sees_nothing(held, name, code):
    """Conversations would be open to whoever has any token."""
    async with bench() as made:
        first = await made.opened()
        name = name or first.of("welcome")[0]["session"]
        watching = made.client({"type": "observe", "session": name}, held)
        assert await watching.closed() == code
        assert watching.events == [0]  # the refusal itself
        assert watching.of("welcome") == []


@pytest.mark.parametrize("why", ["expired", "revoked", "slow", "over"])
async def test_an_observer_is_let_go_when_it_may_observe_no_longer(why):
    """A conversation would be overheard with a token that was taken away; or with holes, unnoticed."""
    async with bench(outbox_max=10, silence_timeout=0.2 if why != "over" else 300) as made:
        first = await made.opened()
        session = made.session(first.of("welcome")[0]["session"])
        session._settings = session._settings.model_copy(update={"silence_timeout": 300.0})
        held = grant(Scope.OBSERVE, name="o", expires=unix_now() + (0 if why == "expired" else 60))
        watching = made.client({"type": "observe", "session": session.name}, held)
        await watching.first("welcome")
        if why == "revoked":
            made.host.revoked = lambda held, name: held.token_id == "o"
        elif why == "slow":
            (line,) = session._observing._grants
            line.outbox.overflowed = True
        elif why == "over":
            first.say({"type": "close", "seq": 0, "at": 0})
        codes = {"expired": 4401, "revoked": 4403, "slow": 4411, "over": 1000}
        assert await watching.closed() == codes[why]
        assert (first.code is None) == (why != "over")


async def test_an_observer_gets_a_long_session_from_its_beginning():
    """It would be cut off for reading too slowly what is sent all at once."""
    async with bench() as made:
        first = await made.opened()
        session = made.session(first.of("welcome")[0]["session"])
        session._observing._limit = 3
        for number in range(8):
            first.say({"type": "say", "seq": number, "at": 0, "text": "Hello."})
        await first.until(lambda: len(first.of("reply-text")) == 8)
        count = session._timeline.next_seq
        assert count > 8
        watching = made.client({"type": "observe", "session": session.name}, grant(Scope.OBSERVE))
        await watching.until(lambda: len(watching.events) >= count)
        assert watching.events[:count] == list(range(count))


async def test_a_session_that_is_being_put_away_can_be_tried_again(memory):
    """A client that comes back during a restart would be told that its session is gone, and give up."""
    async with bench(memory) as made:
        first = await made.opened(PERSISTENT)
        session = made.session(first.of("welcome")[0]["session"])
        session.end(SessionOver(CloseCode.RESTARTING, "shutdown", "the endpoint restarts"))
        late = made.client(resume(first))
        assert await late.closed() == CloseCode.RESTARTING
        assert await first.closed() == CloseCode.RESTARTING
        await made.gone()
        again = made.client(resume(first, seen={"events": len(first.events)}))
        assert (await again.first("welcome"))["how"] == "restored"


async def test_a_session_that_fails_before_it_is_carried_leaves_no_trace(monkeypatch):
    """Whoever waits to carry it would wait for ever."""
    from workbench.endpoint.stages import Stages

    async def fails(stages):
        raise SessionOver(CloseCode.FORBIDDEN, "revoked", "the session's token was revoked")

    monkeypatch.setattr(Stages, "greet", fails)
    async with bench() as made:
        client = made.client(OPEN | {"settings": {"greet": True}})
        assert await client.closed() == CloseCode.FORBIDDEN
        await made.gone()


async def test_a_bound_persistent_session_is_not_opened_over_the_stored_one(memory):
    """A second opening would end the stored session, or write into it."""
    async with bench(memory) as made:
        first = await made.opened(PERSISTENT, grant(session="mine"))
        first.say({"type": "close", "seq": 0, "at": 0})
        await first.closed()
        await made.gone()
        again = made.client(PERSISTENT, grant(session="mine", name="u"))
        assert await again.closed() == CloseCode.FORBIDDEN
        assert memory.load("mine").row.phase == "ended"


async def test_drain_tells_everybody_and_lets_nobody_in(memory):
    """A restart would look like a fault, and sessions begin that can't last."""
    async with bench(memory) as made:
        clients = [await made.opened(first, grant(name=str(first))) for first in (OPEN, PERSISTENT)]
        await made.orchestrator.drain()
        assert [client.code for client in clients] == [CloseCode.RESTARTING] * 2
        assert [client.of("session-closed") != [] for client in clients] == [True, False]
        assert await made.client(OPEN, grant(name="late")).closed() == CloseCode.RESTARTING
        assert memory.load(clients[1].of("welcome")[0]["session"]).row.phase == "held"


class Gone:
    """A socket whose client has left."""

    def __init__(self) -> None:
        self.codes: list[int] = []

    async def receive(self) -> str:
        """Return a message of no kind."""
        return "garbage"

    async def send(self, message: str | bytes) -> None:
        """Fail as a socket does then."""
        raise ConnectionLost("the client has left")

    async def close(self, code: int, reason: str) -> None:
        """Keep the code."""
        self.codes.append(code)


async def test_a_client_that_leaves_while_it_is_refused_is_no_fault():
    """Each such client would put a traceback into the log."""
    socket = Gone()
    async with bench() as made:
        await made.orchestrator.serve(socket, grant())
    assert socket.codes == [CloseCode.BAD_MESSAGE]


async def test_a_client_that_does_not_read_its_refusal_is_not_waited_for(monkeypatch):
    """Refusals would pile up, one for each client that does not read."""
    monkeypatch.setattr("workbench.endpoint.opening.REFUSE_TIMEOUT", 0.05)
    socket = Gone()
    socket.send = lambda message: anyio.sleep_forever()
    with anyio.fail_after(PATIENCE):
        await refuse(socket, SessionOver(CloseCode.GONE, "error", "gone"))
