"""What any test may ask for."""

import os
from pathlib import Path

import numpy as np
import pytest


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
