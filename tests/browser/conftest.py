"""One JupyterLab and one Chromium for all tests of this folder, and a caller whose voice they hear."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from browsing import Chromium, Watched, chromium_program, running_chromium
from calling import Caller
from labs import Lab, running_lab
from session_page import PageServer, running_endpoint, serving

from workbench.client.local import Endpoint
from workbench.data import notebooks_folder

COLLECTED = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is collected here, and give it the time that engines and browsers take."""
    for item in items:
        if item.path.is_relative_to(COLLECTED):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(300))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Tell fixtures whether their test failed."""
    report = yield
    if call.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="package")
def program() -> str:
    """Return the browser's program; skip where there is none, or nothing to drive it with."""
    pytest.importorskip("playwright.sync_api", reason="needs playwright, of the dev extra")
    found = chromium_program()
    if found is None:
        pytest.skip("Chromium is not installed")
    return found


@pytest.fixture(scope="package")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Caller:
    """Return who speaks into the fake microphone: a human recording, or the shipped caller without it."""
    return Caller(tmp_path_factory.mktemp("microphone") / "caller.wav")


@pytest.fixture(scope="package")
def chromium(program: str, caller: Caller) -> Iterator[Chromium]:
    """Return a browser that hears the caller and may be heard."""
    caller.order()
    with running_chromium(program, caller.file) as browser:
        yield browser


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Return a running ``workbench lab`` with the real engines, on a copy of the notebooks."""
    pytest.importorskip("ctranslate2", reason="needs the embedded engines")
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(notebooks_folder(), home / "notebooks")
    with running_lab(home) as started:
        yield started


@pytest.fixture
def kernels_end(lab: Lab) -> Iterator[None]:
    """End the kernels that a test has started, once its pages are closed."""
    yield
    with httpx.Client(base_url=lab.base, headers={"Authorization": f"token {lab.token}"}) as server:
        for session in server.get("api/sessions").json():
            server.delete(f"api/sessions/{session['id']}")


@pytest.fixture
def watched(
    chromium: Chromium, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[..., Watched]]:
    """Return what opens a page; it is photographed if the test fails, and must not have complained."""
    opened: list[Watched] = []

    def open_page(**context: Any) -> Watched:
        opened.append(chromium.page(**context))
        return opened[-1]

    yield open_page
    failed = request.node.stash.get(FAILED, True)
    for number, each in enumerate(opened):
        if failed:
            picture = tmp_path / f"failed-{number}.png"
            each.photograph(picture)
            request.node.add_report_section("call", "browser", f"{picture}\n{each.said()}")
        each.close()
    if not failed:
        complaints = [line for each in opened for line in each.complaints()]
        assert not complaints, "the page complained:\n" + "\n".join(complaints)


@pytest.fixture(scope="module")
def pages() -> Iterator[PageServer]:
    """Serve a page that holds a session without Jupyter."""
    with serving() as served:
        yield served


@pytest.fixture(scope="module")
def endpoint(pages: PageServer) -> Iterator[Endpoint]:
    """Run an endpoint with scripted engines for those pages."""
    with running_endpoint(pages.key) as started:
        yield started
