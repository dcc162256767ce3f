"""A real endpoint with scripted engines, for widgets that follow sessions."""

from collections.abc import Iterator

import pytest
from endpoints import running_endpoint

from workbench.client.local import Endpoint


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    """Start an endpoint."""
    with running_endpoint(script='["a large latte"]') as started:
        yield started
