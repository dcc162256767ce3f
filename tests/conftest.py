"""What any test may ask for.

Properties are tried with the same examples in every run; ``--hypothesis-profile=explore`` tries new ones.
"""

import gc
import logging
import os
import secrets
import signal
import sys
import tempfile
import warnings
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
import postgres
import pytest
from dealing import Dealing, processes_for, turn
from hypothesis import HealthCheck, settings
from xdist.remote import Producer

from workbench.store.store import Store, open_store

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For properties: a busy machine is no fault of theirs."""
settings.register_profile("steady", UNHURRIED, derandomize=True, database=None)
settings.register_profile("explore", UNHURRIED, print_blob=True)
settings.load_profile("steady")

FAILED = pytest.StashKey[bool]()

SLOW = "Executing %s took %.3f seconds"
"""How asyncio logs callbacks that took long."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Deal the tests among processes, unless they are of a single file."""
    return processes_for(config.args)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Dealing:
    """Deal whole files."""
    return Dealing(config, log)


def pytest_configure() -> None:
    """Keep what surrounds the tests out of them.

    The keys of the audit trail and of what is stored, and the notes of where trails end, are the tests' own,
    also in processes that they start.
    An interrupt ends what they start even where it is ignored, as shells have it for jobs. And asyncio, in
    its debug mode, logs callbacks that took long: on a busy machine any may, among lines that a test expects.
    """
    os.environ["WORKBENCH_AUDIT_KEY"] = "the-tests-sign-their-audit-trail-with-this"
    os.environ["WORKBENCH_STORE_KEY"] = "the-tests-seal-what-is-stored-with-this"
    notes = Path(tempfile.gettempdir()) / f"workbench-tests-{os.getuid()}" / "audit-heads"
    os.environ["WORKBENCH_AUDIT_NOTE"] = str(notes)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    logging.getLogger("asyncio").addFilter(lambda record: record.msg != SLOW)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest."""
    items.sort(key=lambda item: turn(item.nodeid))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note which test failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let go of what a failed test has left open, with its traceback: a later one would answer for it."""
    done = yield
    if item.stash.get(FAILED, False):
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):
            if hasattr(sys, name):
                delattr(sys, name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()
    return done


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Run async tests on asyncio with its debug mode on."""
    return "asyncio", {"debug": True}


@pytest.fixture
def rng() -> np.random.Generator:
    """Return random numbers that are the same in every run."""
    return np.random.default_rng(20_240_607)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real recordings; skip where there is none."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("WORKBENCH_SHARED_DATA", beside))
    if not folder.is_dir():
        pytest.skip("the optional folder of real recordings is not there")
    return folder


@pytest.fixture(scope="session")
def postgres_binaries() -> Path:
    """Return where PostgreSQL's programs are; skip where it is not installed."""
    folder = postgres.binaries()
    if folder is None:
        pytest.skip("PostgreSQL's initdb is not installed")
    pytest.importorskip("psycopg", reason="needs the postgres extra")
    return folder


@pytest.fixture(scope="session")
def postgres_server(postgres_binaries: Path) -> Iterator[str]:
    """Return the URL of a PostgreSQL server, without a database."""
    with postgres.running(postgres_binaries) as server:
        yield server.url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Return the URL of a new, empty database."""
    import psycopg

    name = f"test_{secrets.token_hex(4)}"
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as connection:
        connection.execute(f"create database {name}")
        yield f"{postgres_server}/{name}"
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty store that outlives its process, on each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store' / 'sessions.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """Return an empty store, on each database in turn."""
    with open_store(store_url) as opened:
        yield opened
