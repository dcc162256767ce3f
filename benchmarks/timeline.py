"""How soon the timeline of an hour opens and how smoothly it moves, in headless Chromium.

Two ways: a notebook in a real JupyterLab (``lab``), and the exported page from a file (``page``). A session
of an hour is made up (``hour_session``). Opening is timed from running the cell, which reads the session's
folder (or from asking for the page), to the first drawn frame; waveforms and response times come after it.
Moving is timed by frames: each pans, zooms or scrubs, so everything visible is drawn anew. Other work on the
machine counts: how many cores it took is told, and of each frame the time its drawing took by itself
(``script_ms``).

Usage: ``python benchmarks/timeline.py [--way lab|page] [--seconds 3600] [--shots FOLDER]``.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from other_work import OtherWork
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
FRAMES = 120
"""Frames of each kind of movement."""

_WATCH = """() => {
  window.opened = {};
  const begun = performance.now();
  const look = () => {
    const lanes = document.querySelector(".wt-lanes");
    if (lanes && lanes.width > 300 && !window.opened.drawn) {
      const data = lanes.getContext("2d").getImageData(0, 0, lanes.width, lanes.height).data;
      if (data.some((value) => value)) window.opened.drawn = performance.now() - begun;
    }
    if (!window.opened.drawn) requestAnimationFrame(look);
  };
  look();
}"""

_MOVE = """async ({ kind, frames }) => {
  const board = document.querySelector(".wt-board");
  const box = board.getBoundingClientRect();
  const at = (x, y) => ({ clientX: box.left + x, clientY: box.top + y, bubbles: true, cancelable: true });
  const frame = () => new Promise((done) => plain.call(window, done));
  const plain = window.requestAnimationFrame;
  const middle = 112 + (box.width - 112) / 2;
  board.focus();
  const [times, costs] = [[], []];
  window.requestAnimationFrame = (act) => plain.call(window, (at) => {
    const began = performance.now();
    act(at);
    costs.push(performance.now() - began);
  });
  let last = await frame();
  for (let n = 0; n < frames; n += 1) {
    if (kind === "pan") board.dispatchEvent(new WheelEvent("wheel", { ...at(middle, 200), deltaX: 45 }));
    if (kind === "zoom") {
      const deltaY = n % 60 < 30 ? -60 : 60;
      board.dispatchEvent(new WheelEvent("wheel", { ...at(middle, 200), deltaY }));
    }
    if (kind === "scrub") {
      board.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    }
    const now = await frame();
    times.push(now - last);
    last = now;
  }
  window.requestAnimationFrame = plain;
  return [times, costs];
}"""


def main() -> None:
    """Measure and print one object."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--way", choices=("lab", "page"), default="lab")
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--shots", type=Path, help="folder for pictures of what was measured")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            way = _lab if arguments.way == "lab" else _page
            with way(page, Path(folder), arguments.seconds) as opened:
                moved = {name: _moved(page, **how) for name, how in _MOVES.items()}
                if arguments.shots:
                    arguments.shots.mkdir(parents=True, exist_ok=True)
                    page.screenshot(path=arguments.shots / f"hour_{arguments.way}.png")
        finally:
            browser.close()
    told = {"way": arguments.way, **opened, "moving": moved, "errors": errors}
    print(json.dumps(told, indent=2))
    if errors:
        sys.exit(1)


_MOVES: dict[str, dict[str, Any]] = {
    "pan, whole hour nearly": {"kind": "pan", "scale": 2},
    "pan, minutes": {"kind": "pan", "scale": 30},
    "pan, words readable": {"kind": "pan", "scale": 300},
    "pan, close": {"kind": "pan", "scale": 2000},
    "zoom in and out": {"kind": "zoom", "scale": 100},
    "scrub what was known": {"kind": "scrub", "scale": 300},
}


def _moved(page: Page, *, kind: str, scale: float) -> dict[str, float]:
    """Return frames a second, and the slowest ones, of one kind of movement at ``scale`` times the whole."""
    board = page.locator(".wt-board")
    board.focus()
    page.keyboard.press("Escape")
    page.keyboard.press("0")
    box = board.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 112 + (box["width"] - 112) * 0.4, box["y"] + 200)
    done = 1.0
    while done < scale:
        page.keyboard.press("+")
        done *= 1.5
    if kind == "scrub":
        page.keyboard.press("k")
    page.wait_for_timeout(400)
    told, costs = page.evaluate(_MOVE, {"kind": kind, "frames": FRAMES})
    times, costs = sorted(told), sorted(costs)
    return {
        "frames_per_second": round(1000 * len(times) / sum(times), 1),
        "median_ms": round(times[len(times) // 2], 1),
        "p95_ms": round(times[int(len(times) * 0.95)], 1),
        "worst_ms": round(times[-1], 1),
        "script_ms": round(costs[len(costs) // 2], 1),
    }


@contextmanager
def _page(page: Page, folder: Path, seconds: float) -> Iterator[dict[str, float]]:
    """Open the exported page from a file."""
    from hour_session import hour_session

    from workbench.analysis.export_page import render_page
    from workbench.widgets.esm import bundle, source

    recording, others = hour_session(seconds), OtherWork()
    began = time.perf_counter()
    text = render_page(recording, script=bundle("timeline_page.js"), style=source("timeline.css")).text
    made = time.perf_counter() - began
    path = folder / "hour.html"
    path.write_text(text, encoding="utf-8")
    began = time.perf_counter()
    page.goto(path.as_uri())
    page.wait_for_selector(".wt-lanes")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    yield {
        "events": len(recording.timeline),
        "page_megabytes": round(len(text) / 1e6, 1),
        "seconds_to_make": round(made, 2),
        "cores_of_others": others.cores(),
        "seconds_to_drawn": round(time.perf_counter() - began, 2),
    }


@contextmanager
def _lab(page: Page, folder: Path, seconds: float) -> Iterator[dict[str, float]]:
    """Open the widget in a notebook of a JupyterLab of its own."""
    from hour_session import hour_session

    hour_session(seconds).save(folder / "session")
    cells = [
        f"import sys, time; sys.path.insert(0, {str(HERE.parent)!r})\n"
        "from workbench.widgets.timeline import TranscriptTimeline\nprint('ready', 1)",
        "began, cpu = time.perf_counter(), time.process_time()\n"
        "timeline = TranscriptTimeline('session')\n"
        "print('constructed', time.perf_counter() - began)\nprint('computed', time.process_time() - cpu)\n"
        "timeline",
        "timeline.wait()\nprint('complete', time.perf_counter() - began)\n"
        "print('events', len(timeline.recording.timeline))",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "hour.ipynb")
    with _server(folder) as url:
        page.goto(f"{url}/lab/tree/hour.ipynb")
        page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.sessionContext", timeout=60_000)
        page.wait_for_function(_IDLE, timeout=60_000)
        page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
        page.evaluate(_RUN, 0)
        page.wait_for_function(_SAYS, arg="ready ", timeout=60_000)
        others = OtherWork()
        page.evaluate(_WATCH)
        page.evaluate(_RUN, 1)
        page.wait_for_function("() => window.opened.drawn", timeout=60_000)
        page.evaluate(_RUN, 2)
        page.wait_for_function(_SAYS, arg="events ", timeout=60_000)
        page.locator(".wt-board").scroll_into_view_if_needed()
        told = page.locator(".jp-OutputArea-output pre").all_inner_texts()
        said = dict(line.split(" ", 1) for text in told for line in text.strip().splitlines() if " " in line)
        yield {
            "events": int(said["events"]),
            "cores_of_others": others.cores(),
            "seconds_to_construct": round(float(said["constructed"]), 2),
            "processor_seconds_to_construct": round(float(said["computed"]), 2),
            "seconds_to_drawn": round(page.evaluate("() => window.opened.drawn") / 1000, 2),
            "seconds_to_complete": round(float(said["complete"]), 2),
        }


_IDLE = "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"

_RUN = """(index) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = index;
  notebook.deselectAll();
  window.jupyterapp.commands.execute("notebook:run-cell");
}"""

_SAYS = """(word) => [...document.querySelectorAll(".jp-OutputArea-output pre")]
  .some((pre) => pre.textContent.includes(word))"""


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
        "--ip=127.0.0.1", "--LabApp.expose_app_in_browser=True", "--IdentityProvider.token=",
        "--ServerApp.disable_check_xsrf=True",
        f"--ServerApp.root_dir={folder}",
    ]  # fmt: skip
    settings = {**os.environ, "JUPYTER_CONFIG_DIR": str(folder / "config")}
    shutil.rmtree(folder / "config", ignore_errors=True)
    with (folder / "lab.log").open("wb") as log:
        lab = subprocess.Popen(command, stdout=log, stderr=log, env=settings)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/status")
        yield f"http://127.0.0.1:{port}"
    finally:
        lab.terminate()
        try:
            lab.wait(10)
        except subprocess.TimeoutExpired:
            lab.kill()


def _wait_for(url: str) -> None:
    for _ in range(120):
        try:
            urllib.request.urlopen(url, timeout=2)
            return
        except OSError:
            time.sleep(0.25)
    raise SystemExit(f"no answer at {url} within 30 s")


if __name__ == "__main__":
    main()
