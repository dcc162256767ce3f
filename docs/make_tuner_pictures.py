"""Take the pictures of ``tuner.md``: shipped recordings in the tuner, as recorded and with thresholds moved.

Usage: ``python docs/make_tuner_pictures.py [--folder docs/images]``; needs Chromium and playwright. The half
in the page runs in Chromium, the kernel's half here, without Jupyter between them.
"""

import argparse
import base64
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import comm
from comm.base_comm import BaseComm
from playwright.sync_api import Page, sync_playwright

from workbench.data import data_folder
from workbench.widgets.esm import bundle, source
from workbench.widgets.tuner import TurnTakingTuner

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu"]
TRAITS = ("info", "settings", "recorded", "decided", "outcome", "front", "selected", "turn", "wave", "live")
MODEL = """
const listeners = {};
const held = {};
const binary = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
const take = (told) => {
  const fresh = Object.entries(told).map(([name, { json, bytes }]) => {
    held[name] = bytes === undefined ? json : binary(bytes);
    return name;
  });
  for (const name of fresh) for (const one of listeners[`change:${name}`] ?? []) one();
};
let changes = {};
window.model = {
  get: (name) => held[name],
  set: (name, value) => { held[name] = changes[name] = value; },
  save_changes: async () => {
    const sent = changes;
    changes = {};
    take(await window.kernel(JSON.stringify(sent)));
  },
  send: () => {},
  on: (name, call) => (listeners[name] ??= []).push(call),
  off: (name, call) => { listeners[name] = (listeners[name] ?? []).filter((one) => one !== call); },
};
window.take = take;
"""


class _SilentComm(BaseComm):
    def publish_msg(self, *_: Any, **__: Any) -> None:
        """Send nothing."""


def told(tuner: TurnTakingTuner) -> dict[str, Any]:
    """Return all traits as a page can be given them."""
    values = {name: getattr(tuner, name) for name in TRAITS}
    return {
        name: {"bytes": base64.b64encode(value).decode()} if isinstance(value, bytes) else {"json": value}
        for name, value in values.items()
    }


def opened(page: Page, tuner: TurnTakingTuner) -> None:
    """Show the tuner in a page."""

    def kernel(changes: str) -> dict[str, Any]:
        for name, value in json.loads(changes).items():
            setattr(tuner, name, value)
        return told(tuner)

    page.expose_function("kernel", kernel)
    page.set_content(
        f"<!doctype html><meta charset=utf-8><style>{source('tuner.css')}</style>"
        "<body style='margin:0'><div id=tuner></div>"
    )
    page.evaluate(f"(told) => {{ {MODEL} take(told); }}", told(tuner))
    program = base64.b64encode(bundle("tuner.js").encode()).decode()
    page.evaluate(
        """async (program) => {
          const module = await import(`data:text/javascript;base64,${program}`);
          module.default.render({ model: window.model, el: document.getElementById("tuner") });
        }""",
        program,
    )


def pictures(page: Page, name: Callable[[str], Path]) -> None:
    """Take the pictures of one page."""
    page.wait_for_timeout(300)
    page.screenshot(path=name("recorded"), full_page=True)
    waits = page.get_by_role("slider", name="wait when the turn sounds complete").first
    waits.focus()
    for _ in range(3):
        waits.press("Shift+ArrowDown")
    longest = page.get_by_role("slider", name="wait when it does not").first
    longest.focus()
    for _ in range(8):
        longest.press("Shift+ArrowDown")
    page.wait_for_timeout(300)
    page.locator(".tu-changed button").first.click()
    page.wait_for_timeout(300)
    page.screenshot(path=name("moved"), full_page=True)


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "images")
    folder = parser.parse_args().folder
    comm.create_comm = _SilentComm
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for scheme in ("light", "dark"):
            tuner = TurnTakingTuner(data_folder() / "tuning").wait()
            page = browser.new_page(color_scheme=scheme, viewport={"width": 1280, "height": 900})
            page.on("console", lambda message: sys.stderr.write(f"{message.type}: {message.text}\n"))
            page.on("pageerror", lambda error: sys.stderr.write(f"page error: {error}\n"))
            opened(page, tuner)
            pictures(page, lambda what, scheme=scheme: folder / f"tuner_{what}_{scheme}.png")
            page.close()
            tuner.close()
        browser.close()


if __name__ == "__main__":
    main()
