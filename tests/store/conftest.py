"""What tests of a store may ask for."""

from pathlib import Path

import pytest
from chain import fill


@pytest.fixture
def chained(store_url: str) -> str:
    """Return the URL of a store with an audit trail, on each database in turn."""
    fill(store_url)
    return store_url


@pytest.fixture
def chained_file(tmp_path: Path) -> str:
    """Return the URL of a store with an audit trail, in a file."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    fill(url)
    return url
