"""Take the pictures of ``listening.md``: a test of each method in a page, and results of simulated listeners.

Usage: ``python docs/make_listening_pictures.py [--folder docs/images]``; needs Chromium and playwright. The
half in the page runs in Chromium, the kernel's half here, without Jupyter between them. Sounds are tones.
"""

import argparse
import base64
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import comm
import numpy as np
from comm.base_comm import BaseComm
from playwright.sync_api import Page, sync_playwright

from workbench.analysis.listening import Design, Method
from workbench.analysis.listening_figures import evidence_figure, results_figure
from workbench.analysis.listening_folder import ListeningTest, prepare
from workbench.analysis.listening_results import results
from workbench.analysis.listening_simulated import Panel, take_part
from workbench.analysis.listening_sounds import Sound
from workbench.widgets.esm import bundle, source
from workbench.widgets.listening_test import ListeningTestPanel

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
RATE = 24_000
MODEL = """
const listeners = {};
let page = null;
const tell = (event, ...more) => { for (const one of listeners[event] ?? []) one(...more); };
const binary = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
window.take = ({ shown, messages }) => {
  const changed = JSON.stringify(shown) !== JSON.stringify(page);
  page = shown;
  if (changed) tell("change:page");
  for (const [content, buffers] of messages) tell("msg:custom", content, buffers.map(binary));
};
window.model = {
  get: () => page,
  send: async (content) => window.take(await window.kernel(content)),
  on: (name, call) => (listeners[name] ??= []).push(call),
  off: (name, call) => { listeners[name] = (listeners[name] ?? []).filter((one) => one !== call); },
};
"""


class _KeptComm(BaseComm):
    def __init__(self, **kwargs: Any) -> None:
        self.custom: list[Any] = []
        super().__init__(**kwargs)

    def publish_msg(self, _kind: str, data: Any = None, buffers: Any = None, **_: Any) -> None:
        """Keep what was sent besides traits."""
        if (data or {}).get("method") == "custom":
            self.custom.append((data["content"], [base64.b64encode(one).decode() for one in buffers]))


def tones(*systems: str) -> list[Sound]:
    """Return three items from each system: harmonics that swell, another timbre for each."""
    at = np.arange(2 * RATE) / RATE
    found = []
    for number, system in enumerate(systems):
        for place, item in enumerate(("one", "two", "three")):
            voice = sum(
                np.sin(2 * np.pi * (150 + 20 * place) * n * at) / n ** (1 + number / 2) for n in range(1, 40)
            )
            swelling = (0.1 * voice * np.sin(np.pi * at / 2) ** 2).astype(np.float32)
            found.append(Sound(system=system, item=item, samples=swelling, rate=RATE))
    return found


def opened(page: Page, panel: ListeningTestPanel) -> None:
    """Show a test in a page."""

    def told() -> dict[str, Any]:
        messages, panel.comm.custom = panel.comm.custom, []
        return {"shown": dict(panel.page), "messages": messages}

    def kernel(content: dict[str, Any]) -> dict[str, Any]:
        panel.comm.handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})
        panel.wait()
        return told()

    page.expose_function("kernel", kernel)
    page.set_content(
        f"<!doctype html><meta charset=utf-8><style>{source('listening.css')}</style>"
        "<body style='margin:16px'><div id=test></div>"
    )
    page.evaluate(f"(told) => {{ {MODEL} window.take(told); }}", told())
    program = base64.b64encode(bundle("listening.js").encode()).decode()
    page.evaluate(
        """async (program) => {
          const module = await import(`data:text/javascript;base64,${program}`);
          module.default.render({ model: window.model, el: document.getElementById("test") });
        }""",
        program,
    )


def walked(page: Page, method: Method, name: Callable[[str], Path]) -> None:
    """Begin a test by keyboard, take a picture of its first trial with an answer, and keep that."""
    if method is Method.PREFERENCE:
        page.locator(".lt").screenshot(path=name("name"))
    page.get_by_label("Name").fill("Kim")
    page.keyboard.press("Enter")
    page.locator(".lt-play:enabled").first.wait_for()
    keys = {
        Method.PREFERENCE: ["1", "2", "ArrowRight"],
        Method.ABX: ["1", "2", "x", "ArrowLeft"],
        Method.MOS: [" ", "4"],
        Method.MUSHRA: ["0", "1", "PageDown", "2", "PageUp", "PageUp", "PageUp", "3", "PageUp", "4", "End"],
    }
    for key in keys[method]:
        page.keyboard.press(key)
        page.wait_for_timeout(150)
    page.locator(".lt").screenshot(path=name(method.value))
    page.keyboard.press("Enter")
    page.get_by_text("Practice 2 of 2").wait_for()


def drawn(page: Page, figure: Any, path: Path) -> None:
    """Take a picture of a figure."""
    figure.update_layout(width=900)
    page.set_content(figure.to_html(include_plotlyjs=True, full_html=False))
    page.locator(".plot-container").first.wait_for()
    page.wait_for_timeout(500)
    page.locator(".js-plotly-plot").screenshot(path=path)


def simulated(folder: Path) -> ListeningTest:
    """Return a test that thirty simulated listeners have answered, the first preferred."""
    test = prepare(Design(method=Method.PREFERENCE), tones("first", "second", "third"), folder)
    panel = Panel(worth={"first": 1.6, "second": 0.4, "third": 0.0}, between=0.4, ties=0.4, bad=0.2)
    take_part(test, panel, listeners=30, seed=3)
    return test


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "images")
    folder = parser.parse_args().folder
    comm.create_comm = _KeptComm
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as made:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for scheme in ("light", "dark"):
            for method in Method:
                reference = "first" if method is Method.MUSHRA else ""
                where = Path(made) / f"{scheme}-{method.value}"
                test = prepare(
                    Design(method=method, reference=reference), tones("first", "second", "third"), where
                )
                page = browser.new_page(color_scheme=scheme, viewport={"width": 920, "height": 760})
                page.on("console", lambda message: sys.stderr.write(f"{message.type}: {message.text}\n"))
                page.on("pageerror", lambda error: sys.stderr.write(f"page error: {error}\n"))
                opened(page, ListeningTestPanel(test))
                walked(page, method, lambda what, scheme=scheme: folder / f"listening_{what}_{scheme}.png")
                page.close()
        found = results(simulated(Path(made) / "answered"))
        page = browser.new_page(viewport={"width": 920, "height": 600})
        drawn(page, results_figure(found), folder / "listening_results.png")
        drawn(page, evidence_figure(found.compared[0]), folder / "listening_evidence.png")
        browser.close()


if __name__ == "__main__":
    main()
