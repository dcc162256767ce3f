"""A PostgreSQL server crashes while sessions are written: each event told as stored is there, each once."""

from pathlib import Path

import anyio
import postgres
import pytest
from patience import PATIENCE

from workbench.core.events import ErrorRaised, Event, Source
from workbench.endpoint.storing import Storing
from workbench.errors import StoreError
from workbench.store.rows import Append, NewSession, SessionRow
from workbench.store.store import open_store

CRASHES = 3
SESSIONS = ("a", "b", "c")


def row(session: str) -> SessionRow:
    facts = {"project": "default", "client": None, "assistant": "coffee", "token_id": "t", "wish": "{}"}
    return SessionRow(session=session, phase="live", opened=1.0, **facts)


def append(session: str, seq: int) -> Append:
    body = ErrorRaised(code="x", message="y" * 200)
    return Append(session, Event(seq=seq, at=seq * 0.01, turn=0, source=Source.ENDPOINT, body=body))


@pytest.mark.anyio
async def test_nothing_that_was_told_is_lost_and_nothing_is_there_twice(postgres_binaries: Path) -> None:
    """A server's restart would lose what a caller was told is safe, or end every session."""
    told = dict.fromkeys(SESSIONS, 0)
    put = dict.fromkeys(SESSIONS, 0)
    refused: list[StoreError] = []

    def tell(session: str, seq: int) -> None:
        assert told[session] == seq
        told[session] += 1

    async def write() -> None:
        while True:
            for session in SESSIONS:
                seq = put[session]
                put[session] += 1
                storing.put(append(session, seq), lambda session=session, seq=seq: tell(session, seq))
            await anyio.sleep(0.002)

    with postgres.running(postgres_binaries) as server, open_store(f"{server.url}/postgres") as store:
        store.write([NewSession(row(session)) for session in SESSIONS])
        storing = Storing(store, retry=120.0)
        storing.on_refusal(lambda _, error: refused.append(error))
        async with anyio.create_task_group() as group:
            group.start_soon(storing.run)
            async with anyio.create_task_group() as writers:
                writers.start_soon(write)
                for _ in range(CRASHES):
                    before = told["a"]
                    while told["a"] < before + 20:  # noqa: ASYNC110  the store tells of it one by one
                        await anyio.sleep(0.005)
                    await anyio.to_thread.run_sync(server.crash)
                    await anyio.to_thread.run_sync(server.start)
                writers.cancel_scope.cancel()
            with anyio.fail_after(PATIENCE):
                await storing.settled()
            group.cancel_scope.cancel()
        assert refused == []
        assert told == put
        for session in SESSIONS:
            assert [event.seq for event in store.load(session).events] == list(range(put[session]))
