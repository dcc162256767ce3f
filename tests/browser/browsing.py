"""Chromium with a fake microphone, and pages of which every word on the console is kept."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.core.audio import Samples

ELSEWHERE = "elsewhere.test"
"""A name of the loopback address that by plain http is as little secure as another computer's."""

FLAGS = (
    f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LONGEST = 60.0
"""Seconds that anything may take on a machine that is busy with much else, in a page or in a kernel."""
LISTENER = (Path(__file__).parent / "listener.js").read_text(encoding="utf-8")
"""Hears what a page plays, and lets a test speak into its microphone at any moment."""

HARMLESS = (
    "Unsatisfied version",  # ipywebrtc asks for widgets of its time
    "was preloaded using link preload but not used",
)
"""Of JupyterLab and its extensions, whatever is done in it; nothing of ours."""


def chromium_program() -> str | None:
    """Return the program of the system's Chromium, or ``WORKBENCH_CHROMIUM``."""
    named = os.environ.get("WORKBENCH_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


@dataclass
class Watched:
    """A page, and what it complained about."""

    page: Any
    lines: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)
    """Parts of complaints that a test expects."""

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(f"page error: {error}"))

    def _console(self, message: Any) -> None:
        line = f"{message.type}: {message.text}"
        self.lines.append(line)
        if message.type == "error":
            self.errors.append(line)

    def complaints(self) -> list[str]:
        """Return the errors that nobody expects."""
        known = (*HARMLESS, *self.allowed)
        return [line for line in self.errors if not any(part in line for part in known)]

    def said(self) -> str:
        """Return the last words on the console, for a report."""
        return "\n".join([*self.lines[-40:], *self.errors[-10:]])

    def photograph(self, picture: Path) -> None:
        """Keep what a person sees; a page that is gone has nothing to show."""
        if not self.page.is_closed():
            self.page.screenshot(path=picture, full_page=False)

    def close(self) -> None:
        """Close the page and all it kept."""
        self.page.context.close()


class Chromium:
    """A running browser; every page has a profile of its own."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser

    def page(
        self, *, permissions: tuple[str, ...] = ("microphone",), script: str = "", **more: Any
    ) -> Watched:
        """Open an empty page that may use the microphone, with ``script`` run first in whatever it loads."""
        context = self._browser.new_context(
            permissions=list(permissions), viewport={"width": 1280, "height": 900}, **more
        )
        context.set_default_timeout(1000 * LONGEST)
        context.add_init_script(LISTENER + script)
        return Watched(context.new_page())


@contextmanager
def running_chromium(program: str, microphone: Path) -> Iterator[Chromium]:
    """Run the browser; its microphone plays ``microphone`` again and again once it is opened."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=[*FLAGS, f"--use-file-for-fake-audio-capture={microphone}"],
            ignore_default_args=["--mute-audio"],
        )
        try:
            yield Chromium(browser)
        finally:
            browser.close()


def heard(page: Any, since: float = 0.0) -> tuple[Samples, int]:
    """Return what the page has played from ``since``, seconds of its own hearing, and the sample rate."""
    import base64

    import numpy as np

    found = page.evaluate("since => window.listener.heard(since)", since)
    return np.frombuffer(base64.b64decode(found["samples"]), np.float32), int(found["rate"])
