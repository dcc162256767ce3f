"""How a client reaches its endpoint."""

import pytest

from workbench.client.dialling import dial
from workbench.client.local import Endpoint
from workbench.errors import ConnectionLost, ParameterError
from workbench.security.keys import new_key

pytestmark = pytest.mark.anyio


async def test_an_address_of_the_web_is_refused_with_what_was_wanted() -> None:
    """Whoever copies it from a browser would read a library's word for it."""
    with pytest.raises(ParameterError) as refused:
        await dial(Endpoint(url="http://127.0.0.1:1", key=new_key()))
    wanted = "expected ws:// or wss://host:port"
    assert str(refused.value) == f"'http://127.0.0.1:1' is no address of a session, {wanted}"


async def test_nobody_there_is_told_in_words() -> None:
    """A user would read the name of a Python exception."""
    with pytest.raises(
        ConnectionLost, match="^no endpoint answered at ws://127.0.0.1:1: connection refused$"
    ):
        await dial(Endpoint(url="ws://127.0.0.1:1", key=new_key()))
