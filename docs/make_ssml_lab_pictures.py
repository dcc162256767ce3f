"""Take the pictures of ``ssml_lab.md``: a text, its losses, and two voices that were measured; and a mistake.

Usage: ``python docs/make_ssml_lab_pictures.py [--folder docs/images]``; needs Chromium, playwright and the
``speech`` extra. The half in the page runs in Chromium, the kernel's half here, without Jupyter between them.
"""

import argparse
import base64
import json
import sys
from pathlib import Path
from typing import Any

import comm
from comm.base_comm import BaseComm
from playwright.sync_api import Page, sync_playwright

from workbench.widgets.esm import bundle, source
from workbench.widgets.ssml_lab import SsmlLab

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu"]
TRAITS = ("info", "draft", "found", "spoken")
MODEL = """
const listeners = {};
const held = {};
window.take = ({ traits, sounds }) => {
  Object.assign(held, traits);
  for (const name of Object.keys(traits)) for (const one of listeners[`change:${name}`] ?? []) one();
  for (const { content, data } of sounds) {
    const buffer = Uint8Array.from(atob(data), (c) => c.charCodeAt(0)).buffer;
    for (const one of listeners["msg:custom"] ?? []) one(content, [new DataView(buffer)]);
  }
};
window.model = {
  get: (name) => held[name],
  set: (name, value) => { held[name] = value; },
  save_changes: async () => window.take(await window.kernel(JSON.stringify(held.draft))),
  send: () => {},
  on: (name, call) => (listeners[name] ??= []).push(call),
  off: () => {},
};
"""


class _KeepingComm(BaseComm):
    """Keeps the sounds that a page would have been sent."""

    sounds: list[dict[str, Any]] = []  # noqa: RUF012

    def publish_msg(
        self, msg_type: str, data: dict[str, Any] | None = None, buffers: Any = None, **_: Any
    ) -> None:
        """Keep a sound."""
        content = (data or {}).get("content", {})
        if content.get("kind") == "sound":
            self.sounds.append({"content": content, "data": base64.b64encode(bytes(buffers[0])).decode()})


def told(lab: SsmlLab) -> dict[str, Any]:
    """Return all traits and the sounds as a page can be given them."""
    sounds = list(_KeepingComm.sounds)
    _KeepingComm.sounds.clear()
    return {"traits": {name: getattr(lab, name) for name in TRAITS}, "sounds": sounds}


def opened(page: Page, lab: SsmlLab) -> None:
    """Show the lab in a page."""

    def kernel(draft: str) -> dict[str, Any]:
        lab.draft = json.loads(draft)
        return told(lab.wait(600))

    page.expose_function("kernel", kernel)
    page.set_content(
        f"<!doctype html><meta charset=utf-8><style>{source('ssml_lab.css')}</style>"
        "<body style='margin:0'><div id=lab></div>"
    )
    page.evaluate(f"(told) => {{ {MODEL} window.take(told); }}", {**told(lab.wait(600)), "sounds": []})
    program = base64.b64encode(bundle("ssml_lab.js").encode()).decode()
    page.evaluate(
        """async (program) => {
          const module = await import(`data:text/javascript;base64,${program}`);
          module.default.render({ model: window.model, el: document.getElementById("lab") });
        }""",
        program,
    )
    lab.comm.handle_msg(
        {"content": {"data": {"method": "custom", "content": {"kind": "sounds"}}}, "buffers": []}
    )
    page.evaluate("(told) => window.take(told)", told(lab))


def pictures(page: Page, folder: Path, scheme: str) -> None:
    """Take the pictures of one page: as it opens, and with a mistake typed."""
    page.locator("[data-target=elevenlabs]").click()
    page.wait_for_timeout(500)
    page.screenshot(path=folder / f"ssml_lab_{scheme}.png", full_page=True)
    if scheme == "light":
        area = page.locator("textarea")
        area.fill(area.input_value().replace("<break", "<brake"))
        page.get_by_text("1 mistake,").wait_for()
        page.screenshot(path=folder / "ssml_lab_mistake.png")


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "images")
    folder = parser.parse_args().folder
    comm.create_comm = _KeepingComm
    lab = SsmlLab(voices=["af_heart", "am_michael"]).wait(600)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for scheme in ("dark", "light"):
            page = browser.new_page(color_scheme=scheme, viewport={"width": 1280, "height": 900})
            page.on("console", lambda message: sys.stderr.write(f"{message.type}: {message.text}\n"))
            page.on("pageerror", lambda error: sys.stderr.write(f"page error: {error}\n"))
            opened(page, lab)
            pictures(page, folder, scheme)
            page.close()
        browser.close()
    lab.close()


if __name__ == "__main__":
    main()
