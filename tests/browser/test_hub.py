"""A user of a JupyterHub talks to the coffee bar: through the hub's proxy and the user's own server.

Wants what no other test does: ``pip install jupyterhub``, and npm's ``configurable-http-proxy`` in the path.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest
from browsing import Watched
from calling import Caller
from in_jupyter import run_first, wait_until
from labs import environment, free_port
from panels import Panel
from patience import PATIENCE
from test_live_session import order

from workbench.data import notebooks_folder

HOST = "lab.localhost"
"""A name from which no page reaches the endpoint directly."""
START = 60.0
USER = "ann"
CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub_port}
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.Authenticator.allow_all = True
c.DummyAuthenticator.password = "password"
c.Spawner.cmd = [{python!r}, "-m", "jupyterhub.singleuser", "--allow-root"]
c.Spawner.environment = {environment!r}
c.Spawner.notebook_dir = {notebooks!r}
c.SimpleLocalProcessSpawner.home_dir_template = {home!r}
"""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[str]:
    """Run a JupyterHub with one user's notebooks, and return its address."""
    pytest.importorskip("jupyterhub", reason="needs jupyterhub, of no extra")
    if shutil.which("configurable-http-proxy") is None:
        pytest.skip("configurable-http-proxy is not in the path")
    shutil.copytree(notebooks_folder(), tmp_path / "notebooks")
    around = environment(tmp_path)
    port, hub_port, api_port = free_port(), free_port(), free_port()
    config = tmp_path / "jupyterhub_config.py"
    names = {"python": sys.executable, "environment": around, "home": str(tmp_path)}
    ports = {"port": port, "hub_port": hub_port, "api_port": api_port}
    config.write_text(CONFIG.format(**names, **ports, notebooks=str(tmp_path / "notebooks")))
    log, command = tmp_path / "hub.txt", [sys.executable, "-m", "jupyterhub", "-f", str(config)]
    with (
        log.open("wb") as said,
        subprocess.Popen(command, stdout=said, stderr=said, env=around, cwd=tmp_path) as process,
    ):
        try:
            _wait_for(f"http://127.0.0.1:{port}/hub/login", log)
            yield f"http://{HOST}:{port}"
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _wait_for(url: str, log: Path) -> None:
    until = monotonic() + START
    while monotonic() < until:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            sleep(0.2)
    raise AssertionError(f"the hub did not start: {log.read_text(encoding='utf-8')[-3000:]}")


def test_a_user_of_a_hub_talks_through_its_proxies(
    hub: str, watched: Callable[..., Watched], caller: Caller
) -> None:
    """On a JupyterHub nobody could talk: between the page and the endpoint stand two proxies and a login."""
    page = watched().page
    page.goto(f"{hub}/hub/login")
    page.get_by_label("Username").fill(USER)
    page.get_by_label("Password").fill("password")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**/user/{USER}/**")
    page.goto(f"{hub}/user/{USER}/lab/workspaces/hub/tree/presenter.ipynb")
    page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.sessionContext")
    wait_until(page, "idle")
    run_first(page, 2)
    panel = Panel(page)
    panel.root.wait_for()
    order(page, panel, caller)
    assert "proxied" in panel.way()
    panel.press("Stop")
    panel.wait_for("ended")
