"""A page with nothing but a session on it, and the endpoint it talks to: no Jupyter, no panel."""

import json
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import endpoints

from workbench.client.local import Endpoint
from workbench.security.keys import new_key
from workbench.security.tokens import mint_token
from workbench.widgets.esm import bundle

SCRIPT = ("I want a large latte with soy milk", "no make it a small one", "thank you")

HTML = """<!doctype html><meta charset="utf-8"><title>session</title>
<link rel="icon" href="data:,"><script type="module" src="/page.js"></script><p>a session</p>"""

PAGE = """
import { PageSession } from "/bundle.js";

const page = { told: [], session: null, states: 0 };
window.page = page;
const kept = () => JSON.parse(sessionStorage.getItem("state") ?? "null");

page.begin = async (options) => {
  page.told.length = 0;
  const audio = { echoCancellation: false, autoGainControl: false, noiseSuppression: false };
  const stream = await navigator.mediaDevices.getUserMedia({ audio });
  page.session = new PageSession({
    open: { assistant: "coffee", settings: {} },
    token: async () => {
      const answer = await fetch("/token");
      if (!answer.ok) throw new Error("no token");
      return answer.text();
    },
    on: (what, detail) => {
      if (what === "state") sessionStorage.setItem("state", JSON.stringify(detail));
      else page.told.push({ what, detail, at: performance.now() / 1000 });
      if (page.told.length > 20000) page.told.shift();
    },
    state: options.resume ? kept() : null,
    ...options,
  });
  await page.session.start(stream);
};
page.all = () => page.told.filter((one) => one.what === "event").map((one) => one.detail);
page.events = (type) => page.all().filter((event) => event.type === type);
page.last = (what) => page.told.findLast((one) => one.what === what)?.detail ?? null;
page.levels = () => page.told.filter((one) => one.what === "levels").map((one) => one.detail);
page.loudest = (side) => Math.max(...page.levels().map((one) => one[side]));
page.statuses = () => page.told.filter((one) => one.what === "status").map((one) => one.detail.status);
page.ready = true;
"""


@dataclass
class PageServer:
    """Serves the page, the bundle of the widgets' modules, and tokens."""

    url: str
    key: str = field(default_factory=new_key)
    tokens: int = 0
    """How many were given."""
    refuses: bool = False
    """Whether no more are given."""
    lifetime: float = 300.0

    def token(self) -> str:
        """Return a fresh token for the page."""
        self.tokens += 1
        return mint_token(self.key, origins=(self.url,), lifetime=self.lifetime)


@contextmanager
def serving() -> Iterator[PageServer]:
    """Serve on a free loopback port until the end of the block."""
    files = {"/": ("text/html", HTML), "/page.js": ("text/javascript", PAGE)}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, text = "text/plain", ""
            if self.path == "/token" and not pages.refuses:
                text = pages.token()
            elif self.path == "/bundle.js":
                kind, text = "text/javascript", bundle("page_session.js")
            elif self.path == "/opus.js":
                kind, text = "text/javascript", bundle("opus.js")
            elif self.path in files:
                kind, text = files[self.path]
            self.send_response(200 if text else 404)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pages = PageServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield pages
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def running_endpoint(key: str, *, port: int = 0, **settings: str) -> AbstractContextManager[Endpoint]:
    """Run an endpoint with scripted engines; ``port`` lets a second one take the first one's place."""
    return endpoints.running_endpoint(key, port=port, **{"script": json.dumps(SCRIPT)} | settings)
