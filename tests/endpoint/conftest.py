"""A real endpoint process with scripted engines and short time limits."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from endpoints import running_endpoint

from workbench.client.local import Endpoint

SCRIPT = ["I want a large latte with soy milk", "thank you"]

Start = Callable[..., AbstractContextManager[Endpoint]]


def _start(**settings: str) -> AbstractContextManager[Endpoint]:
    return running_endpoint(**{"script": json.dumps(SCRIPT)} | settings)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with _start(
        open_timeout="2",
        message_timeout="2",
        silence_timeout="3",
        hold="0.5",
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
