"""What an endpoint refuses before it listens."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from workbench.endpoint.server import serve
from workbench.endpoint.settings import EndpointSettings
from workbench.errors import ParameterError
from workbench.security.keyring import Keyring

READY = "it listened"


def started(settings: EndpointSettings) -> None:
    """Start an endpoint that must not come to listen."""

    def keys() -> Keyring:
        raise AssertionError(READY)

    serve(settings, keys, ready=lambda url: pytest.fail(READY))


def test_a_folder_of_models_that_is_none_is_refused(tmp_path: Path) -> None:
    """Other weights than those that were named would be used, and nobody be told."""
    with pytest.raises(
        ParameterError, match=r"setting models: .*gone is no folder, expected one with weights"
    ):
        started(EndpointSettings(models=tmp_path / "gone"))


def test_recordings_that_could_not_be_written_are_refused(tmp_path: Path) -> None:
    """Sessions would be held, and at the end of each its recording be lost."""
    (tmp_path / "file").touch()
    with pytest.raises(
        ParameterError, match=r"setting record: .*file is a file, expected a folder for record"
    ):
        started(EndpointSettings(record=tmp_path / "file"))
    with pytest.raises(ParameterError, match=r"setting record: .*file is a file"):
        started(EndpointSettings(record=tmp_path / "file" / "below"))


def test_an_empty_host_is_refused() -> None:
    """An empty variable would open the endpoint to every network."""
    with pytest.raises(ValidationError, match="host"):
        EndpointSettings(host="")
