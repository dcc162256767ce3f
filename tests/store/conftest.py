"""A store on each database in turn."""

from collections.abc import Iterator

import pytest

from workbench.store.store import Store, open_store


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with open_store(store_url) as opened:
        yield opened
