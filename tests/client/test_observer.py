"""Following somebody else's session."""

from collections.abc import Iterator
from dataclasses import replace

import anyio
import numpy as np
import pytest
from endpoints import running_endpoint
from patience import PATIENCE

from workbench.aio import task_group
from workbench.client.endpoint_check import what_is_wrong
from workbench.client.local import Endpoint
from workbench.client.observer import Observer, observing_token
from workbench.client.resume import ResumeSettings
from workbench.client.session import open_session
from workbench.errors import ConnectionLost, GatewayRefused, ParameterError
from workbench.security.keys import new_key
from workbench.security.tokens import Scope, check_token

pytestmark = pytest.mark.anyio

BRIEFLY = ResumeSettings(first=0.05, longest=0.1, patience=0.5)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with running_endpoint(script='["a latte"]', path_prefix="hidden-prefix-of-the-endpoint") as started:
        yield started


async def test_an_observer_has_every_event_of_the_session_and_ends_with_it(endpoint):
    """A notebook's timeline would differ from what happened, or never end."""
    async with open_session("coffee", endpoint=endpoint) as session:
        observer = Observer(endpoint, session.opened.session)
        async with task_group() as group:
            group.start_soon(observer.run)
            with anyio.fail_after(PATIENCE):
                while not len(observer.timeline):  # noqa: ASYNC110
                    await anyio.sleep(0.01)
            assert not observer.ended
            await session._close()
    assert observer.ended
    assert observer.timeline.events == session.timeline.events


async def test_an_observer_comes_back_where_it_was(endpoint):
    """A lost connection would cost events, or bring them twice."""
    async with open_session("coffee", endpoint=endpoint) as session:
        observer = Observer(endpoint, session.opened.session)
        async with task_group() as group:
            group.start_soon(observer.run)
            with anyio.fail_after(PATIENCE):
                while not len(observer.timeline):  # noqa: ASYNC110
                    await anyio.sleep(0.01)
            group.cancel_scope.cancel()
        had = len(observer.timeline)
        await session.send(np.zeros(32_000, np.float32))  # leads to events, one a second
        async with task_group() as group:
            group.start_soon(observer.run)
            with anyio.fail_after(PATIENCE):
                while len(observer.timeline) == had:  # noqa: ASYNC110
                    await anyio.sleep(0.01)
            await session._close()
    assert observer.timeline.events == session.timeline.events


async def test_a_session_nobody_knows_is_told_of(endpoint):
    """An observer would try for ever."""
    with anyio.fail_after(PATIENCE), pytest.raises(ConnectionLost, match="can't be followed further: .*4412"):
        await Observer(endpoint, "nobody", settings=BRIEFLY).run()


async def test_another_key_is_refused_and_an_absent_endpoint_given_up(endpoint):
    """A wrong key would be tried over and over, or an absent endpoint waited for without end."""
    with anyio.fail_after(PATIENCE), pytest.raises(GatewayRefused):
        await Observer(replace(endpoint, key=new_key()), "s", settings=BRIEFLY).run()
    with anyio.fail_after(PATIENCE), pytest.raises(ConnectionLost, match="no endpoint answered"):
        await Observer(Endpoint(url="ws://127.0.0.1:1", key=new_key()), "s", settings=BRIEFLY).run()


def test_the_token_only_observes_this_session():
    """Whoever got hold of it could talk in the caller's place."""
    key = new_key()
    grant = check_token(observing_token(Endpoint(url="ws://x", key=key), "s"), key)
    assert (grant.scopes, grant.session) == ({Scope.OBSERVE}, "s")


def test_tokens_of_someone_else_can_not_observe():
    """The first use would fail with a refusal that explains nothing."""
    with pytest.raises(ParameterError, match="without the endpoint's key"):
        Observer(Endpoint(url="ws://x", tokens=lambda: "t"), "s")


async def test_a_check_tells_a_good_endpoint_from_an_absent_one_and_a_wrong_key(endpoint):
    """A panel would say the wrong sentence, or none."""
    assert await what_is_wrong(endpoint) is None
    assert await what_is_wrong(replace(endpoint, tokens=lambda: "t")) is None
    wrong = await what_is_wrong(replace(endpoint, key=new_key()))
    assert (wrong.reason, wrong.sentence) == ("wrong-token", "the endpoint refuses our key: status 401")
    absent = await what_is_wrong(Endpoint(url="ws://127.0.0.1:1", key=new_key()))
    assert absent.reason == "endpoint-down"
    assert absent.sentence == "no endpoint answered at ws://127.0.0.1:1: connection refused"
    elsewhere = await what_is_wrong(replace(endpoint, url=endpoint.url.rpartition("/")[0] + "/another"))
    assert elsewhere.reason == "endpoint-down"
    ended = await what_is_wrong(replace(endpoint, alive=lambda: False))
    assert ended.sentence == "the endpoint has ended"
