"""A real endpoint with scripted engines, for widgets that follow sessions."""

import json
from collections.abc import AsyncIterator

import pytest

from workbench.client.local import Endpoint, open_endpoint

SCRIPT = ["a large latte"]


@pytest.fixture
async def endpoint(anyio_backend: object) -> AsyncIterator[Endpoint]:
    """Start an endpoint of the test's own."""
    scripted = {"WORKBENCH_ENGINES": "scripted", "WORKBENCH_SCRIPT": json.dumps(SCRIPT)}
    async with open_endpoint(environment=scripted) as started:
        yield started
