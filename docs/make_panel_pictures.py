"""Photograph the live panel in each of its states: ``python docs/make_panel_pictures.py [FOLDER]``.

The shipped session (``data/sessions/coffee``) is played into the panel's own reducer and view, in Chromium,
up to the moment that shows the state.
"""

import json
import shutil
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parent
EVENTS = [
    json.loads(line)
    for line in (ROOT / "data/sessions/coffee/events.jsonl").read_text(encoding="utf-8").splitlines()
]
WIDTH = 980

MICROPHONES = {
    "devices": [{"id": "a", "label": "Built-in microphone"}, {"id": "b", "label": "USB headset"}],
    "device": "a",
}
QUALITY = {
    "roundTrip": 0.0018, "jitter": 0.0024, "lost": 0.0, "underruns": 0, "buffered": 0.06,
    "codec": "pcm16", "bitrate": 264_000, "mode": "full",
}  # fmt: skip

WITHDRAWN = {
    "seq": 9999, "at": 9, "turn": 1, "type": "consent-settled", "level": "none", "how": "withdrawn",
}  # fmt: skip

POOR = {
    "roundTrip": 0.41, "jitter": 0.09, "lost": 0.06, "underruns": 7, "codec": "opus", "bitrate": 12_000,
    "mode": "push-to-talk",
}  # fmt: skip


def note(what: str, detail: Any = None, *, now: float = 100.0) -> dict[str, Any]:
    """Return a notification."""
    return {"what": what, "detail": detail, "now": now}


def levels(
    caller: float, agent: float, *, clipping: bool = False, silent: float = 0.0, now: float = 100.0
) -> dict[str, Any]:
    """Return a notification of levels, dBFS."""
    told = {"caller": caller, "agent": agent, "clipping": clipping, "silent": silent}
    return note("levels", told, now=now)


def live(*, way: str = "direct", **quality: Any) -> list[dict[str, Any]]:
    """Return what a session tells until it is live."""
    return [
        note("devices", MICROPHONES),
        note("status", {"status": "live", "way": way}),
        note("quality", QUALITY | quality),
    ]


def kept(consent: str = "full", **told: Any) -> dict[str, Any]:
    """Return what an endpoint tells of what it keeps."""
    all_of_it = {"session": "s", "consent": consent, "asks": "none", "stored": True, "records": True}
    return note("welcome", all_of_it | told)


def until(kind: str, occurrence: int = 0, **fields: Any) -> list[dict[str, Any]]:
    """Return the recorded events up to the given one."""
    found = [
        index
        for index, event in enumerate(EVENTS)
        if event["type"] == kind and all(event.get(name) == value for name, value in fields.items())
    ]
    return [note("event", event) for event in EVENTS[: found[occurrence] + 1]]


def degraded(step: str, transport: str, **quality: Any) -> dict[str, Any]:
    """Return what a session tells when it steps down; the page knows the sentence."""
    return {**note("quality", QUALITY | quality), "step": step, "transport": transport}


def refused(reason: str) -> list[dict[str, Any]]:
    """Return what the panel is told when it can't begin; the page knows the sentence."""
    return [note("asking"), {"what": "refused", "reason": reason}]


STATES: dict[str, dict[str, Any]] = {
    "idle": {"notes": []},
    "asking": {"notes": [note("asking"), note("unanswered")]},
    "connecting": {"notes": [note("asking"), note("status", {"status": "connecting", "way": "direct"})]},
    "listening": {"notes": [*live(), *until("partial-transcript", 3), levels(-18, -100)]},
    "prepared": {"notes": [*live(), *until("early-synthesis-started", 1), levels(-52, -100)]},
    "replying": {"notes": [*live(), *until("playback-position", 0, reply=2), levels(-55, -22)]},
    "barge-in": {"notes": [*live(), *until("partial-transcript", -2), levels(-20, -100)]},
    "answered": {"notes": [*live(), *until("session-closed"), levels(-60, -100)]},
    "held": {"notes": [*live(), *until("playback-stopped", 0, reply=2), note("status", {"status": "held"})]},
    "reconnecting": {
        "notes": [*live(), *until("playback-stopped", 0, reply=2), note("status", {"status": "reconnecting"})]
    },
    "push-to-talk": {"notes": [*live(way="proxied"), *until("playback-stopped", 0), note("push", "up")]},
    "muted": {"notes": [*live(), *until("playback-stopped", 0), note("muted", detail=True)]},
    "too-loud": {
        "notes": [*live(), *(levels(-1, -100, clipping=True, now=now) for now in (100.0, 102.0))],
        "now": 102.5,
    },
    "not-heard": {"notes": [*live(), levels(-100, -100, silent=8)]},
    "elsewhere": {"notes": [note("elsewhere", {"session": "s"}), *until("playback-position", 0, reply=2)]},
    "fewer-bits": {
        "notes": [
            *live(way="webrtc"),
            *until("playback-stopped", 0),
            degraded("low-bitrate", "webrtc", **POOR | {"mode": "reduced", "bitrate": 16_000}),
        ]
    },
    "poor-connection": {
        "notes": [
            *live(way="proxied"),
            *until("playback-stopped", 0),
            degraded("push-to-talk", "websocket", **POOR | {"lost": 0.0}),
        ]
    },
    "consent-asked": {"notes": [*live(), kept("asked", asks="full", stored=False)]},
    "consent-confirm": {
        "notes": [*live(), kept(), *until("playback-stopped", 0, reply=2), note("withdraw", detail=True)]
    },
    "consent-withdrawn": {
        "notes": [
            *live(),
            kept(),
            *until("playback-stopped", 0, reply=2),
            note("withdrawing", "none"),
            note("event", WITHDRAWN),
        ]
    },
    "dark": {"notes": [*live(), *until("partial-transcript", -2), levels(-20, -100)], "dark": True},
    "dark-answered": {"notes": [*live(), *until("session-closed")], "dark": True},
    "presenter": {
        "notes": [*live(), *until("playback-position", 0, reply=2), levels(-55, -22)],
        "given": {"presenter": True}, "width": 1600,
    },
    "narrow": {"notes": [*live(), *until("playback-position", 0, reply=2)], "width": 460},
}  # fmt: skip
REASONS = (
    "NotAllowedError", "NotFoundError", "NotReadableError", "endpoint-down", "wrong-token", "insecure-page",
    "old-browser", "no-kernel",
)  # fmt: skip


def main(folder: Path) -> None:
    """Write one PNG a state."""
    folder.mkdir(parents=True, exist_ok=True)
    states = STATES | {f"refused-{reason}": {"notes": refused(reason)} for reason in REASONS}
    with TemporaryDirectory() as served:
        shutil.copytree(ROOT / "workbench/widgets/static", served, dirs_exist_ok=True)
        shutil.copy(HERE / "panel_page.html", served)
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=served))
        Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            program = shutil.which("chromium")
            browser = playwright.chromium.launch(
                executable_path=program, args=["--no-sandbox", "--disable-gpu"]
            )
            for name, state in states.items():
                page = browser.new_page(viewport={"width": state.get("width", WIDTH), "height": 700})
                page.goto(f"http://127.0.0.1:{server.server_port}/panel_page.html")
                page.wait_for_function("() => Boolean(window.picture)")
                page.evaluate(
                    "state => window.picture(state)", {"given": {}, "dark": False, "now": 200.0} | state
                )
                page.locator(".wb-live").screenshot(path=folder / f"panel-{name}.png", animations="disabled")
                page.close()
            browser.close()
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, without a log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "images")
