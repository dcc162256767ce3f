"""A real endpoint process with scripted engines and short time limits."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from workbench.client.local import Endpoint
from workbench.security.keys import new_key

SCRIPT = ["I want a large latte with soy milk", "thank you"]

Start = Callable[..., AbstractContextManager[Endpoint]]


@contextmanager
def _start(**settings: str) -> Iterator[Endpoint]:
    key = new_key()
    environment = {
        **os.environ,
        "WORKBENCH_KEY": key,
        "WORKBENCH_ENGINES": "scripted",
        "WORKBENCH_SCRIPT": json.dumps(SCRIPT),
        "WORKBENCH_STORE": "sqlite://",
        **{f"WORKBENCH_{name.upper()}": value for name, value in settings.items()},
    }
    command = [sys.executable, "-m", "workbench", "serve", "--port", "0", "--managed"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        try:
            yield Endpoint(url=json.loads(process.stdout.readline())["url"], key=key, process=process.pid)
        finally:
            process.stdin.close()
            process.wait(timeout=10)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with _start(
        open_timeout="1",
        message_timeout="1",
        silence_timeout="1.5",
        hold="0.5",
        max_sessions="3",
        bad_messages_max="5",
    ) as started:
        yield started


@pytest.fixture
def start_endpoint() -> Start:
    return _start


@pytest.fixture(scope="module")
def start_module() -> Start:
    """Return what starts endpoints for the tests of a module."""
    return _start


@pytest.fixture(scope="module")
def speaker() -> Iterator[Endpoint]:
    """Start an endpoint that speaks for others."""
    with _start(speech_requests_max="2") as started:
        yield started
