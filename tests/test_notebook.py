"""What a notebook holds over its cells, in a real kernel."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import httpx
import nbformat
import pytest
from nbclient import NotebookClient
from patience import PATIENCE

from workbench import notebook
from workbench.client.local import open_endpoint
from workbench.errors import ConnectionLost, ParameterError
from workbench.security.tokens import Scope, mint_token

ENVIRONMENT = """
import os
os.environ |= {"WORKBENCH_ENGINES": "scripted", "WORKBENCH_SCRIPT": '["a large latte"]'}
"""
IMPORTS = "from workbench import notebook, open_session"
ENDPOINT = """
endpoint = await notebook.endpoint()
print(endpoint is await notebook.endpoint(), endpoint.alive())
"""
HOLD = """
held = await notebook.hold(open_session("coffee", endpoint=endpoint))
print(held, held.value.opened.assistant)
"""
USE = "print(held.value.over)"
CLOSE = """
await held.close()
print(held)
"""
USE_CLOSED = "held.value"
TALK = """
panel = await notebook.talk("coffee", presenter=True)
print(panel.endpoint == endpoint.url, panel.session_id == "", panel.presenter)
"""
BARE = 'await notebook.talk("coffee")'
MISTAKE = 'await notebook.talk("nobody.yaml")'
CELLS = (ENVIRONMENT, IMPORTS, ENDPOINT, HOLD, USE, CLOSE, USE_CLOSED, TALK, BARE, MISTAKE)
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_cells_hold_sessions_and_show_panels():
    """A notebook user would see nothing, a panel twice, or an exception group on standard error."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    client = NotebookClient(
        made, timeout=120, kernel_name="python3", allow_errors=True, store_widget_state=False
    )
    client.execute()
    outputs = dict(zip(CELLS, (cell.outputs for cell in made.cells), strict=True))
    assert outputs[ENDPOINT][0].text == "True True\n"
    assert outputs[HOLD][0].text == "<Held: open> coffee\n"
    assert outputs[USE][0].text == "False\n"
    assert outputs[CLOSE][0].text == "<Held: closed>\n"
    assert outputs[USE_CLOSED][0].evalue.startswith("what was held has been closed")
    assert [VIEW in (out.get("data") or {}) for out in outputs[TALK]] == [True, False]
    assert outputs[TALK][1].text == "True True True\n"
    assert [VIEW in (out.get("data") or {}) for out in outputs[BARE]] == [True]
    assert outputs[MISTAKE][0].ename == "ParameterError"
    assert not [out for cell in outputs.values() for out in cell if out.get("name") == "stderr"]


@pytest.mark.anyio
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_the_end_of_the_kernel_ends_what_it_held():
    """Each closed notebook would leave a session at the endpoint until its time is up."""
    scripted = {"WORKBENCH_ENGINES": "scripted"}
    async with open_endpoint(environment=scripted) as where:
        token = mint_token(where.key, scopes=(Scope.ADMIN,))
        address = where.url.replace("ws", "http", 1) + "/v1/sessions"

        def sessions() -> int:
            return httpx.get(address, headers={"Authorization": f"Bearer {token}"}, trust_env=False).json()[
                "total"
            ]

        cells = (
            f"import os; os.environ['WORKBENCH_ENDPOINT'] = {where.url!r}",
            f"os.environ['WORKBENCH_KEY'] = {where.key!r}",
            IMPORTS,
            "held = await notebook.hold(open_session('coffee', endpoint=await notebook.endpoint()))",
        )
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        client = NotebookClient(made, timeout=120, kernel_name="python3", store_widget_state=False)
        async with client.async_setup_kernel():
            for index, cell in enumerate(made.cells):
                await client.async_execute_cell(cell, index)
            assert await anyio.to_thread.run_sync(sessions) == 1
        with anyio.fail_after(PATIENCE):
            while await anyio.to_thread.run_sync(sessions):  # noqa: ASYNC110
                await anyio.sleep(0.1)


class Opened:
    """Counts how often it is opened and closed."""

    def __init__(self) -> None:
        self.now = self.ever = 0

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[int]:
        """Open it until the end of the block."""
        self.now += 1
        self.ever += 1
        yield self.ever
        self.now -= 1


@pytest.mark.anyio
async def test_what_the_same_cell_opens_again_closes_what_it_held():
    """Each run of a cell would leave a session, or an endpoint, behind."""
    opened = Opened()
    first = await notebook.hold(opened())
    second = await notebook.hold(opened())
    assert (opened.now, opened.ever) == (1, 2)
    assert (first.open, second.open, second.value) == (False, True, 2)
    await notebook.close_all()
    assert opened.now == 0
    await second.close()


@pytest.mark.anyio
async def test_one_cell_holds_as_much_as_it_opens_in_one_run(monkeypatch):
    """Two sessions side by side would close each other."""
    opened, runs = Opened(), iter((1, 1, 2, 2))
    monkeypatch.setattr(notebook, "_run_number", lambda: next(runs))
    first, second = await notebook.hold(opened()), await notebook.hold(opened())
    assert first.open
    assert second.open
    third = await notebook.hold(opened())
    fourth = await notebook.hold(opened())
    assert [held.open for held in (first, second, third, fourth)] == [False, False, True, True]
    await notebook.close_all()
    assert opened.now == 0


@pytest.mark.anyio
async def test_opening_that_fails_is_told_and_nothing_is_held():
    """The cell would hang, or the next use would fail with another error."""

    @asynccontextmanager
    async def refused() -> AsyncIterator[None]:
        raise ConnectionLost("no endpoint answered")
        yield

    with pytest.raises(ConnectionLost, match="no endpoint answered"):
        await notebook.hold(refused())
    await notebook.close_all()


@pytest.mark.anyio
async def test_what_breaks_later_is_raised_by_the_next_use():
    """A session would be dead and look alive."""

    @asynccontextmanager
    async def breaks() -> AsyncIterator[None]:
        yield
        raise ConnectionLost("the endpoint went away")

    held = await notebook.hold(breaks())
    with pytest.raises(ConnectionLost):
        await held.close()
    with pytest.raises(ConnectionLost):
        _ = held.value
    assert repr(held) == "<Held: failed, the endpoint went away>"
    await notebook.close_all()


@pytest.mark.anyio
async def test_a_panel_outside_of_a_notebook_is_refused_in_one_sentence():
    """A script would show nothing and wait for nobody."""
    with pytest.raises(ParameterError, match="^a live panel needs a Jupyter notebook, and this is none"):
        await notebook.talk("coffee")


@pytest.mark.anyio
async def test_the_endpoint_of_a_lab_is_used_where_there_is_one(monkeypatch):
    """Each notebook of a lab would load engines of its own."""
    monkeypatch.setenv("WORKBENCH_ENDPOINT", "ws://127.0.0.1:9/prefix/")
    where = await notebook.endpoint()
    assert (where.url, where.process) == ("ws://127.0.0.1:9/prefix", None)
