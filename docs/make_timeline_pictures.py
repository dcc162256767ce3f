"""Take the pictures of ``timeline.md``: the shipped session and a made-up hour, light and dark.

Usage: ``python docs/make_timeline_pictures.py [--folder docs/images]``; needs Chromium and playwright.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "benchmarks"))

from hour_session import hour_session  # noqa: E402  beside the benchmarks

from workbench.analysis.export_page import render_page  # noqa: E402
from workbench.data import data_folder  # noqa: E402
from workbench.store.recording import Recording, load_recording  # noqa: E402
from workbench.widgets.esm import bundle, source  # noqa: E402

GUTTER = 112
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu"]


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=HERE / "images")
    parser.add_argument(
        "--no-hour", action="store_true", help="without the made-up hour, which takes longest"
    )
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as held, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        recording = load_recording(data_folder() / "sessions" / "coffee")
        coffee = _written(recording, Path(held) / "coffee.html")
        for scheme in ("light", "dark"):
            page = browser.new_context(
                color_scheme=scheme, viewport={"width": 1120, "height": 830}
            ).new_page()
            page.goto(coffee)
            page.wait_for_timeout(500)
            page.screenshot(path=arguments.folder / f"timeline_{scheme}.png")
            _scrub(page, 5.0 / recording.duration)
            page.screenshot(path=arguments.folder / f"timeline_scrub_{scheme}.png")
            page.keyboard.press("Escape")
            _nearer(page, 7.9 / recording.duration, 6)
            page.screenshot(path=arguments.folder / f"timeline_near_{scheme}.png")
        if not arguments.no_hour:
            hour = _written(hour_session(), Path(held) / "hour.html")
            page = browser.new_context(viewport={"width": 1120, "height": 830}).new_page()
            page.goto(hour)
            page.wait_for_timeout(1500)
            page.screenshot(path=arguments.folder / "timeline_hour.png")
            _nearer(page, 0.4, 16)
            page.screenshot(path=arguments.folder / "timeline_minutes.png")
        browser.close()


def _written(recording: Recording, path: Path) -> str:
    page = render_page(recording, script=bundle("timeline_page.js"), style=source("timeline.css"))
    path.write_text(page.text, encoding="utf-8")
    return path.as_uri()


def _place(page: Page, share: float, y: float) -> tuple[float, float]:
    box = page.locator(".wt-board").bounding_box()
    assert box is not None
    return box["x"] + GUTTER + (box["width"] - GUTTER) * share, box["y"] + y


def _scrub(page: Page, share: float) -> None:
    page.mouse.move(*_place(page, share, 10))
    page.mouse.down()
    page.mouse.up()
    page.wait_for_timeout(300)


def _nearer(page: Page, share: float, turns: int) -> None:
    page.locator(".wt-board").focus()
    page.mouse.move(*_place(page, share, 200))
    for _ in range(turns):
        page.mouse.wheel(0, -100)
    page.mouse.move(*_place(page, share, 10))
    page.wait_for_timeout(400)


if __name__ == "__main__":
    main()
