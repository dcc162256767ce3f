"""What an endpoint refuses before it listens."""

import sqlite3
from pathlib import Path

import pytest
from pydantic import ValidationError

from workbench.core.projects import Project
from workbench.data import data_folder
from workbench.endpoint.server import serve
from workbench.endpoint.settings import EndpointSettings
from workbench.errors import AssistantError, ParameterError, StoreError
from workbench.security.keyring import Keyring
from workbench.store.store import open_store

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


def test_a_voice_that_nobody_has_is_refused(tmp_path: Path) -> None:
    """An assistant with a slip in its voice would be silent, and only its sessions tell why."""
    coffee = (data_folder() / "assistants" / "coffee.yaml").read_text(encoding="utf-8")
    file = tmp_path / "coffee.yaml"
    file.write_text(coffee.replace("voice: af_heart", "voice: af_hart"), encoding="utf-8")
    told = r"coffee\.yaml: voice: voice 'af_hart' is not known, close ones are af_heart"
    with pytest.raises(AssistantError, match=told):
        started(EndpointSettings(assistants=(file,)))


def test_a_project_that_can_t_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions would be stored, masked and deleted as if no project said anything."""
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "config"))
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with open_store(url) as store:
        store.projects.put(Project(name="shop", retention_days=365))
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("update projects set facts = '{\"of_a_newer_version\": 1}'")
    connection.close()
    settings = EndpointSettings(engines="scripted", port=0, store=url)
    with pytest.raises(StoreError, match="holds project shop, which can't be read"):
        started(settings)
