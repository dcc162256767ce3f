"""``workbench lab``: which folder, what JupyterLab is told, and that all of it ends together."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from labs import Lab, running_lab
from patience import PATIENCE
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from workbench.cli import main
from workbench.client.local import Endpoint
from workbench.commands import lab_folder as folders
from workbench.commands.lab import jupyter_arguments, kernel_environment
from workbench.commands.lab_folder import copy_missing, lab_folder
from workbench.data import notebooks_folder
from workbench.errors import ParameterError
from workbench.security.tokens import mint_token

SCRIPTED = {"WORKBENCH_ENGINES": "scripted"}
GONE = 30.0
"""Seconds for a lab to end, and for its endpoint to notice, on a busy machine."""


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of notebooks as a wheel would bring it, read-only."""
    folder = tmp_path / "site-packages" / "workbench" / "_notebooks"
    folder.mkdir(parents=True)
    for name in ("00_a.ipynb", "01_b.ipynb"):
        (folder / name).write_text(f"shipped {name}")
        (folder / name).chmod(0o444)
    monkeypatch.setattr(folders, "notebooks_folder", lambda: folder)
    monkeypatch.setattr(folders, "in_checkout", lambda: False)
    monkeypatch.chdir(tmp_path)
    return folder


def test_notebooks_of_a_checkout_are_opened_where_they_are(tmp_path, monkeypatch):
    """What somebody changes in a clone would end up in a copy that nobody commits."""
    monkeypatch.chdir(tmp_path)
    assert lab_folder(None) == notebooks_folder()
    assert not list(tmp_path.iterdir())


def test_notebooks_of_a_wheel_are_copied_and_can_be_written(shipped, tmp_path):
    """A notebook could not be saved, or the installed one would be changed."""
    assert lab_folder(None) == tmp_path / "workbench-notebooks"
    copied = tmp_path / "workbench-notebooks" / "00_a.ipynb"
    assert copied.read_text() == "shipped 00_a.ipynb"
    assert copied.stat().st_mode & 0o200


def test_a_file_that_is_there_is_never_overwritten(shipped, tmp_path):
    """The work of an afternoon would be gone at the next start."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "00_a.ipynb").write_text("edited")
    (own / "01_b.ipynb").symlink_to(tmp_path / "nowhere")
    assert lab_folder(Path("own")) == own
    assert (own / "00_a.ipynb").read_text() == "edited"
    assert not (tmp_path / "nowhere").exists()
    (own / "01_b.ipynb").unlink()
    assert copy_missing(shipped, own) == ("01_b.ipynb",)
    assert copy_missing(shipped, own) == ()


def test_a_folder_that_is_none_is_one_sentence(shipped, tmp_path):
    """A traceback would be all a user sees."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(ParameterError, match="file: is a file, expected a folder for the notebooks"):
        lab_folder(tmp_path / "file")
    with pytest.raises(ParameterError, match="the notebooks can't be copied there: not a directory"):
        lab_folder(tmp_path / "file" / "below")
    for notebook in shipped.iterdir():
        notebook.unlink()
    with pytest.raises(ParameterError, match="holds no notebooks, expected those that come with the package"):
        lab_folder(None)


def test_jupyter_is_told_to_stay_on_loopback_and_to_keep_the_port():
    """A stranger on the network could run code, or a script would look at the wrong port."""
    told = jupyter_arguments(Path("/n"), port=9000, browser=False)
    assert "--ServerApp.ip=127.0.0.1" in told
    assert {"--ServerApp.port=9000", "--ServerApp.port_retries=0", "--ServerApp.open_browser=False"} <= {
        *told
    }
    assert {
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    } <= {*told}
    assert not [each for each in jupyter_arguments(Path("/n"), port=None, browser=True) if "port" in each]


def test_kernels_are_told_where_the_endpoint_is():
    """A notebook would start a second endpoint, with engines of its own."""
    told = kernel_environment(Endpoint(url="ws://127.0.0.1:1/x", key="k" * 32), "/recorded")
    assert told == {
        "WORKBENCH_ENDPOINT": "ws://127.0.0.1:1/x",
        "WORKBENCH_KEY": "k" * 32,
        "WORKBENCH_RECORDINGS": "/recorded",
    }


def test_a_port_that_is_taken_is_one_sentence(capsys):
    """JupyterLab would say it in ten lines, after the engines were loaded."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["lab", "--port", str(port)]) == 2
    said = capsys.readouterr().err
    assert (
        said
        == f"workbench: can't listen on 127.0.0.1:{port}: address already in use; choose another --port\n"
    )


@pytest.mark.parametrize("port", ["0", "70000", "-1"])
def test_a_port_that_is_none_is_one_sentence(port, capsys):
    """It would be told by a traceback."""
    assert main(["lab", "--port", port]) == 2
    assert capsys.readouterr().err == f"workbench: port is {port}, expected 1 to 65535\n"


def test_jupyterlab_that_is_missing_is_one_sentence(monkeypatch, capsys):
    """A traceback of an import would be all a user sees."""
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", None)
    assert main(["lab", "--no-browser"]) == 2
    assert (
        "JupyterLab is not installed beside the workbench: pip install jupyterlab" in capsys.readouterr().err
    )


def test_an_endpoint_that_cannot_start_is_one_sentence(monkeypatch, capsys, tmp_path):
    """JupyterLab would open on notebooks in which nothing answers."""
    monkeypatch.setenv("WORKBENCH_ENGINES", "steam")
    assert main(["lab", "--no-browser", "--dir", str(tmp_path / "n")]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "workbench: setting engines: input should be 'embedded' or 'scripted' (WORKBENCH_ENGINES)"
    )


def endpoint_of(lab: Lab) -> psutil.Process:
    """Return the endpoint that the lab has started."""
    children = psutil.Process(lab.process.pid).children()
    return next(child for child in children if "serve" in child.cmdline())


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_the_endpoint_ends_with_its_lab(sign, tmp_path):
    """Endpoints that nobody uses would pile up, a gigabyte each, and what was said would stay on disk."""
    with running_lab(tmp_path, **SCRIPTED) as lab:
        endpoint = endpoint_of(lab)
        recordings = Path(endpoint.environ()["WORKBENCH_RECORD"])
        assert recordings.is_dir()
        assert "deprecat" not in (tmp_path / "log.txt").read_text(encoding="utf-8").lower()
        lab.process.send_signal(sign)
        code = lab.process.wait(GONE)
        endpoint.wait(GONE)
        assert recordings.is_dir() == (sign == signal.SIGKILL)
        shutil.rmtree(recordings, ignore_errors=True)
    assert code == (-signal.SIGKILL if sign == signal.SIGKILL else 0)


@pytest.mark.parametrize(("daemon", "code"), [(False, 7), (True, 0)])
def test_a_thread_of_a_request_keeps_no_lab(daemon, code):
    """A lab that was told to end would stay for ever, silently."""
    program = (
        "import threading; from workbench.commands.lab import leave_if_held;"
        f"threading.Thread(target=threading.Event().wait, daemon={daemon}).start(); leave_if_held(7)"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=PATIENCE, check=False).returncode == code


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab"), **SCRIPTED) as started:
        yield started


def test_what_is_shipped_lies_in_the_folder(lab):
    """JupyterLab would open on an empty folder."""
    shipped = {notebook.name for notebook in notebooks_folder().glob("*.ipynb")}
    assert shipped
    assert {notebook.name for notebook in lab.notebooks.iterdir() if notebook.suffix == ".ipynb"} == shipped


def proxied(lab: Lab, cookie: str, *, token: str, origin: str):
    """Connect to the endpoint as a page of JupyterLab would: through it, by its cookie."""
    server = psutil.Process(endpoint_of(lab).pid)
    port = next(each.laddr.port for each in server.net_connections() if each.status == "LISTEN")
    prefix = server.environ()["WORKBENCH_PATH_PREFIX"]
    return connect(
        f"{lab.base.replace('http', 'ws')}proxy/{port}/{prefix}/v1/session",
        subprotocols=["workbench.v1", f"workbench-token.{token}"],
        additional_headers={"Cookie": cookie},
        origin=origin,
        proxy=None,
    )


@pytest.fixture(scope="module")
def cookie(lab: Lab) -> str:
    """Return what JupyterLab gives a browser that has shown its token."""
    with httpx.Client() as browser:
        browser.get(f"{lab.base}lab?token={lab.token}")
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def key_of(lab: Lab) -> str:
    return str(endpoint_of(lab).environ()["WORKBENCH_KEY"])


def test_a_session_goes_through_jupyter_server_proxy(lab, cookie):
    """On JupyterHub nobody could talk: the proxy is the only way to the endpoint."""
    origin = lab.base.rstrip("/")
    token = mint_token(key_of(lab), origins=(origin,))
    with proxied(lab, cookie, token=token, origin=origin) as socket:
        assert socket.subprotocol == "workbench.v1"
        socket.send(json.dumps({"type": "open", "version": 1, "assistant": "coffee"}))
        welcome = json.loads(socket.recv(timeout=PATIENCE))
    assert (welcome["type"], welcome["how"]) == ("welcome", "opened")


def test_the_way_through_the_proxy_asks_for_both_credentials(lab, cookie):
    """Whoever reaches the notebook server could talk, or any page of it with another page's token."""
    origin = lab.base.rstrip("/")
    elsewhere = mint_token(key_of(lab), origins=("https://lab.example",))
    with pytest.raises(InvalidStatus):
        proxied(lab, "", token=mint_token(key_of(lab), origins=(origin,)), origin=origin)
    with (
        proxied(lab, cookie, token=elsewhere, origin=origin) as refused,
        pytest.raises(ConnectionClosed) as closed,
    ):
        refused.recv(timeout=PATIENCE)
    assert closed.value.rcvd is None  # the proxy upgrades first, and keeps the reason to itself


def test_an_endpoint_that_ends_is_told(tmp_path):
    """A user would look for the fault in the notebook."""
    with running_lab(tmp_path, **SCRIPTED) as lab:
        endpoint_of(lab).kill()
        give_up = time.monotonic() + GONE
        while "the endpoint has ended" not in (said := (tmp_path / "log.txt").read_text()):
            assert time.monotonic() < give_up, said
            time.sleep(0.1)
        assert lab.process.poll() is None
