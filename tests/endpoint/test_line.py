"""One connection from its first message to its close."""

import math
from collections.abc import Callable

import anyio
import pytest
from patience import PATIENCE

from workbench.endpoint.line import Line
from workbench.errors import ConnectionLost
from workbench.protocol.native import CloseCode

pytestmark = pytest.mark.anyio


class Peer:
    """A client as the endpoint's socket shows it."""

    def __init__(self, *, reads: bool = True) -> None:
        self.say, self._heard = anyio.create_memory_object_stream[str | None](math.inf)
        self.reads = reads
        self.got: list[str | bytes] = []
        self.closed: list[tuple[int, str]] = []

    async def receive(self) -> str | None:
        """Return what the client said."""
        return await self._heard.receive()

    async def send(self, message: str | bytes) -> None:
        """Keep what the client reads; one that does not read keeps us waiting."""
        if message == "broken":
            raise ConnectionLost("the client has left")
        if not self.reads:
            await anyio.sleep_forever()
        self.got.append(message)

    async def close(self, code: int, reason: str) -> None:
        """Keep the code."""
        self.closed.append((code, reason))
        self.say.close()
        self._heard.close()


async def carried(peer: Peer, *, during: Callable[[Line], object], idle: float = math.inf):
    """Run a line, do something once it waits; return its code and what was taken."""
    line, taken, codes = Line(peer, limit=10, idle=idle), [], []

    def take(message: str | bytes) -> bool:
        taken.append(message)
        return True

    async def run() -> None:
        codes.append(await line.run(take))

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as group:
            group.start_soon(run)
            await anyio.wait_all_tasks_blocked()
            during(line)
    return codes[0], taken


async def test_a_client_that_leaves_ends_it_without_a_code_of_ours() -> None:
    """A lost connection would be taken for one that the endpoint ended, and the session not be held."""
    peer = Peer()
    for message in ("one", "two", None):
        peer.say.send_nowait(message)
    code, taken = await carried(peer, during=lambda line: None)
    assert (code, taken) == (None, ["one", "two"])
    assert peer.closed == [(1000, "")]


async def test_what_waits_is_sent_before_it_ends_with_the_first_code() -> None:
    """The last words, the reason among them, would be lost; or a takeover hide why it was ended."""
    peer = Peer()

    def end(line: Line) -> None:
        line.outbox.put("last words")
        line.end(CloseCode.TOKEN_EXPIRED, "expired")
        line.end(CloseCode.REPLACED, "replaced")

    code, _ = await carried(peer, during=end)
    assert code is CloseCode.TOKEN_EXPIRED
    assert peer.got == ["last words"]
    assert peer.closed == [(4401, "expired")]


async def test_a_client_that_does_not_read_can_not_keep_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """An attacker would hold a connection, and a shutdown, for ever."""
    monkeypatch.setattr("workbench.endpoint.line.DRAIN", 0.05)
    peer = Peer(reads=False)

    def end(line: Line) -> None:
        line.outbox.put("never read")
        line.end(CloseCode.RESTARTING, "restarts")

    code, _ = await carried(peer, during=end)
    assert code is CloseCode.RESTARTING
    assert peer.closed == [(1012, "restarts")]


async def test_a_connection_that_breaks_while_it_is_sent_to_ends() -> None:
    """A session would be carried by a connection that is gone."""
    code, _ = await carried(Peer(), during=lambda line: line.outbox.put("broken"))
    assert code is None


async def test_a_client_that_says_nothing_for_too_long_is_stalled() -> None:
    """A dead network would keep its connection for ever."""
    peer = Peer()
    code, _ = await carried(peer, during=lambda line: None, idle=0.05)
    assert code is CloseCode.STALLED
    assert peer.closed == [(4407, "nothing came for 0.05 s")]


async def test_what_was_taken_is_caught_up_with_also_when_the_connection_ends_meanwhile() -> None:
    """A sentence half dealt with would be acknowledged, and never be answered."""
    peer, goes_on, taken, caught_up = Peer(), anyio.Event(), [], []
    line = Line(peer, limit=10)

    def take(message: str | bytes) -> bool:
        taken.append(message)
        return False

    async def catch_up() -> None:
        await goes_on.wait()
        await anyio.lowlevel.checkpoint()
        caught_up.extend(taken)

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as group:
            peer.say.send_nowait("a sentence")
            peer.say.send_nowait("too late")
            group.start_soon(line.run, take, catch_up)
            await anyio.wait_all_tasks_blocked()
            group.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                await anyio.wait_all_tasks_blocked()
                assert caught_up == []
                goes_on.set()
                await line.ended()
    assert taken == caught_up == ["a sentence"]
    assert len(peer.closed) == 1


class PromptPeer(Peer):
    """A client whose binary messages are handed over as they come."""

    def promptly(self, take: Callable[[bytes], bool]) -> None:
        """Keep who takes them."""
        self.hand_over = take

    def send_at_once(self, message: str | bytes) -> bool:
        """Send nothing at once."""
        return False


async def test_a_prompt_message_waits_for_those_before_it_and_for_what_is_behind() -> None:
    """Audio would overtake what was said before it, or fill the memory of a session that can't keep up."""
    peer, taken, goes_on = PromptPeer(), [], anyio.Event()
    line = Line(peer, limit=10)

    def take(message: str | bytes) -> bool:
        taken.append(message)
        return message != b"too much"

    async def catch_up() -> None:
        await goes_on.wait()

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as group:
            group.start_soon(line.run, take, catch_up)
            await anyio.wait_all_tasks_blocked()
            assert peer.hand_over(b"at once")
            assert peer.hand_over(b"too much")
            assert not peer.hand_over(b"next")
            peer.say.send_nowait("next")
            await anyio.wait_all_tasks_blocked()
            assert taken == [b"at once", b"too much"]
            goes_on.set()
            await anyio.wait_all_tasks_blocked()
            assert taken == [b"at once", b"too much", "next"]
            assert peer.hand_over(b"again at once")
            peer.say.send_nowait(None)
    assert not peer.hand_over(b"after the end")
