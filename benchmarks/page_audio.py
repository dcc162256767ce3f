"""How long a frame takes from a page to the recogniser, what is lost, and how soon a barge-in is silence.

All in one page of JupyterLab in the system's Chromium, with a session over the WebSocket of ``PageSession``::

    python benchmarks/page_audio.py --seconds 60

- browser to recogniser: from the moment a frame's last sample was captured (the capture worklet's count; its
  zero is the least that frames took to reach the session's worker, and leaves out the sound card's own
  delay) to the moment the endpoint hands the frame to its listening stage. The clocks are compared by the
  quickest round trip; half of it is how wrong that can be. Each of the 50 frames a second counts, over
  ``--seconds`` in which the page's thread is kept busy for ``--busy`` of its time, after 5 s without.
- comm: afterwards, for 15 s, the same frames at the same time from the same kind of worklet by the widget's
  comm to the kernel's ``on_msg``, with an idle kernel: what audio through the notebook would be like. It
  takes more of the processors than all the rest, so the WebSocket is measured without it first, and once
  more beside it.
- the page, its spinning, the browser, the notebook server and the endpoint share the processors that are
  there; what others used of them meanwhile is told as ``cores_of_others``.
- lost: frames missing at the endpoint, or at the kernel, among those that were captured.
- barge-in: the caller speaks while a reply is heard; from the first audible sample of the microphone to the
  last audible one of the output, both on one sound card's clock, at the graph's output: a loudspeaker adds
  the output latency told beside it. With the embedded engines unless ``--engines scripted``.
"""

import argparse
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from other_work import OtherWork

from workbench.audio.files import load_audio
from workbench.data import data_folder
from workbench.security.keys import new_key
from workbench.security.tokens import mint_token

HERE = Path(__file__).parent
FLAGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
)
WARM = 5.0
BESIDE = 15.0
AUDIBLE_MIC = 0.02
AUDIBLE_OUT = 0.005

CELL = """
import time
from pathlib import Path
import anywidget
import traitlets
from workbench.widgets.esm import bundle

class Bench(anywidget.AnyWidget):
    _esm = bundle("page_session.js") + Path({js!r}).read_text()
    url = traitlets.Unicode({url!r}).tag(sync=True)
    token = traitlets.Unicode({token!r}).tag(sync=True)

    def __init__(self):
        super().__init__()
        self.frames = []
        self.on_msg(self.take)

    def take(self, _, content, buffers):
        now = time.monotonic()
        if "ping" in content:
            self.send({{"pong": content["ping"], "at": now}})
        else:
            self.frames.append((content["number"], content["captured"], now))

bench = Bench()
bench
"""


@contextmanager
def _child(command: list[str], **more: Any) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **more) as child:
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(timeout=15)
            except subprocess.TimeoutExpired:
                child.kill()


@contextmanager
def _endpoint(folder: Path, key: str, engines: str) -> Iterator[str]:
    environment = {
        **os.environ,
        "WORKBENCH_KEY": key,
        "WORKBENCH_STORE": "sqlite://",
        "WORKBENCH_ENGINES": engines,
        "WORKBENCH_SCRIPT": json.dumps(["a large latte", "no a small one"] * 20),
        "WORKBENCH_BENCHMARK_TIMES": str(folder / "times"),
    }
    command = [sys.executable, str(HERE / "timed_endpoint.py"), "serve", "--port", "0", "--managed"]
    with _child(command, env=environment) as child:
        assert child.stdout is not None
        yield json.loads(child.stdout.readline())["url"]


@contextmanager
def _jupyter(folder: Path) -> Iterator[str]:
    home = {
        name: str(folder / name.lower())
        for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    }
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--port=0"]
    command += [
        "--LabApp.expose_app_in_browser=True",
        "--ServerApp.token=bench",
        f"--ServerApp.root_dir={folder}",
    ]
    home["PYTHONPATH"] = str(HERE.parent)
    with (folder / "jupyter.log").open("w") as log, _child(command, env={**os.environ, **home}, stderr=log):
        for _ in range(300):
            for found in (folder / "jupyter_runtime_dir").glob("jpserver-*.json"):
                yield str(json.loads(found.read_text())["url"])
                return
            subprocess.run(["sleep", "0.1"], check=True)
        raise SystemExit(f"JupyterLab did not start: {(folder / 'jupyter.log').read_text()[-2000:]}")


@contextmanager
def _page(url: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(FLAGS), ignore_default_args=["--mute-audio"]
        )
        try:
            page = browser.new_context(permissions=["microphone"]).new_page()
            page.goto(f"{url}lab/tree/bench.ipynb?token=bench")
            status = "window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status"
            page.wait_for_function(f"{status} === 'idle'", timeout=90_000)
            page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
            page.wait_for_function("window.bench?.ready", timeout=60_000)
            yield page
        finally:
            browser.close()


def _notebook(folder: Path, url: str, token: str) -> None:
    import nbformat

    source = CELL.format(js=str(HERE / "page_audio.js"), url=f"{url}/v1/session", token=token)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [nbformat.v4.new_code_cell(source)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / "bench.ipynb")


def _figures(late: np.ndarray) -> dict[str, float]:
    if not len(late):
        return {}
    p50, p95, p99 = np.percentile(late * 1000, [50, 95, 99])
    return {"p50_ms": round(p50, 2), "p95_ms": round(p95, 2), "p99_ms": round(p99, 2), "frames": len(late)}


def _latency(page: Any, folder: Path, seconds: float, share: float) -> dict[str, Any]:
    """Measure the WebSocket alone, then both ways side by side; with an idle page, then with a busy one."""
    alone = _websocket(page, folder, seconds, share)
    page.evaluate("bench.startComm()")
    page.wait_for_timeout(WARM * 1000)
    sent = [page.evaluate("bench.comm.sent")]
    beside = _websocket(page, folder, min(seconds, BESIDE), share)
    sent.append(page.evaluate("bench.comm.sent"))
    page.wait_for_timeout(1000)
    quick = page.evaluate("bench.comm.trips.reduce((best, one) => (one.trip < best.trip ? one : best))")
    code = "import json; print('FRAMES', json.dumps(bench.frames))"
    frames = np.array(_run(page, code))
    late = frames[:, 2] - (frames[:, 1] + quick["offset"])
    idle_comm, busy_comm = frames[:, 0] <= sent[0], (frames[:, 0] > sent[0]) & (frames[:, 0] <= sent[1])
    return {
        "websocket": alone,
        "side_by_side": {
            "websocket": beside,
            "comm": {
                "idle": _figures(late[idle_comm]),
                "busy": _figures(late[busy_comm]),
                "lost_frames": int(sent[1] - sent[0] - busy_comm.sum()),
                "captured_but_never_sent": max(0, beside["busy"]["frames"] - (sent[1] - sent[0])),
                "quickest_round_trip_ms": round(quick["trip"] * 1000, 2),
            },
        },
    }


def _websocket(page: Any, folder: Path, seconds: float, share: float) -> dict[str, Any]:
    """Measure what the session's socket does while the page is busy, and just before."""
    before = np.loadtxt(folder / "times")
    lost = _lost(page)
    others = OtherWork()
    page.evaluate("share => bench.busy(share)", share)
    page.wait_for_timeout(seconds * 1000)
    page.evaluate("bench.busy(0)")
    elsewhere = others.cores()
    busy = np.loadtxt(folder / "times")[len(before) :]
    warm = before[before[:, 0] > before[-1, 0] - WARM / 2]
    page.wait_for_timeout(1500)  # what was lost is told once a second
    return {
        "idle": _figures(warm[:, 1] - warm[:, 2]),
        "busy": _figures(busy[:, 1] - busy[:, 2]),
        "lost_frames": _lost(page) - lost,
        "seconds": round(float(busy[-1, 0] - busy[0, 0]), 1),
        "cores_of_others": elsewhere,
    }


def _lost(page: Any) -> float:
    return round(sum(e["lost"] for e in page.evaluate("bench.events('audio-in')")) / 320, 2)


def _run(page: Any, code: str) -> Any:
    """Run a cell and return what it prints, read as JSON after its first word."""
    page.evaluate(
        """source => {
          const notebook = window.jupyterapp.shell.currentWidget;
          const cells = notebook.content.model.sharedModel;
          cells.insertCell(cells.cells.length, { cell_type: "code", source });
          notebook.content.activeCellIndex = cells.cells.length - 1;
          window.jupyterapp.commands.execute("notebook:run-cell");
        }""",
        code,
    )
    last = "window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells.at(-1).getOutputs?.()"
    page.wait_for_function(f"({last} ?? []).length > 0", timeout=30_000)
    text = page.evaluate(f"({last}).map((one) => [one.text].flat().join('')).join('')")
    return json.loads(text.partition(" ")[2])


def playwright_timeout() -> type[Exception]:
    """Return what Playwright raises when a wait is over."""
    from playwright.sync_api import TimeoutError as Timeout

    return Timeout


def _reply(page: Any, spoken: str) -> None:
    """Wait until a reply is heard; say something if nothing that was said leads to one."""
    for _ in range(3):
        if page.evaluate("bench.playing()"):
            return
        try:
            page.wait_for_function("bench.playing()", timeout=20_000)
        except playwright_timeout():
            page.evaluate("text => { bench.speak(text); }", spoken)
    types = page.evaluate("bench.told.map((one) => one.detail.type ?? one.detail.status)")
    came = ", ".join(each for each in types if each not in ("audio-in", "playback-position"))
    raise SystemExit(f"no reply was heard to anything that was said; what came: {came}")


def _barge_in(page: Any, trials: int) -> dict[str, Any]:
    """Interrupt each reply with the next thing to say."""
    callers = [data_folder() / "callers" / name for name in ("coffee_1.flac", "coffee_2.flac")]
    spoken = [base64.b64encode(load_audio(file, rate=16_000).tobytes()).decode() for file in callers]
    took: list[float] = []
    page.evaluate("text => { bench.speak(text); }", spoken[0])
    for trial in range(trials):
        _reply(page, spoken[trial % 2])
        page.wait_for_timeout(500 + 50 * (trial % 5))
        at = page.evaluate("text => bench.speak(text)", spoken[(trial + 1) % 2])
        stopped = page.evaluate("bench.events('playback-stopped').length")
        page.wait_for_function(f"bench.events('playback-stopped').length > {stopped}", timeout=20_000)
        levels = np.array(page.evaluate("bench.levels"))
        rate = page.evaluate("bench.context.sampleRate")
        reason = page.evaluate("bench.events('playback-stopped').at(-1).reason")
        times = levels[:, 0] / rate
        onsets = times[(times >= at) & (levels[:, 1] > AUDIBLE_MIC)]
        if reason != "barge-in" or not len(onsets):
            continue  # the reply had ended by itself
        loud = times[(times > onsets[0]) & (levels[:, 2] > AUDIBLE_OUT)]
        took.append(float(loud[-1] - onsets[0]) if len(loud) else 0.0)
    return {
        "barge_ins": len(took),
        "median_ms": round(float(np.median(took)) * 1000) if took else None,
        "all_ms": [round(each * 1000) for each in sorted(took)],
        "output_latency_ms": round(1000 * page.evaluate("bench.context.outputLatency"), 1),
    }


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="with a busy page; 0 leaves it out")
    parser.add_argument("--busy", type=float, default=0.75, help="share of the page thread's time, 0..1")
    parser.add_argument("--codec", choices=["pcm16", "mulaw", "opus"], default="pcm16")
    parser.add_argument("--engines", choices=["embedded", "scripted"], default="embedded")
    parser.add_argument("--barge-ins", type=int, default=10, help="0 leaves them out")
    given = parser.parse_args()
    key = new_key()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(_endpoint(folder, key, given.engines))
        lab = stack.enter_context(_jupyter(folder))
        origin = lab.rstrip("/")
        _notebook(folder, url, mint_token(key, origins=(origin,), lifetime=3600))
        page = stack.enter_context(_page(lab))
        page.evaluate("given => bench.start(given)", {"codec": given.codec})
        page.wait_for_function("bench.told.some((one) => ['live', 'failed'].includes(one.detail.status))")
        status = page.evaluate("bench.told.findLast((one) => one.what === 'status').detail")
        if status["status"] != "live":
            raise SystemExit(f"no session: {status}")
        page.wait_for_timeout(WARM * 1000)
        told: dict[str, Any] = {"codec": given.codec, "engines": given.engines, "cores": os.cpu_count()}
        if given.barge_ins:
            told["barge_in"] = _barge_in(page, given.barge_ins)
        if given.seconds:
            told |= {"busy": given.busy, **_latency(page, folder, given.seconds, given.busy)}
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
