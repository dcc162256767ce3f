"""A log tells that something happened, by names that lead nobody to a caller; never what was said."""

import json
import logging
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from patience import PATIENCE

from workbench.client.caller import call
from workbench.client.local import Endpoint
from workbench.client.session import SessionSettings
from workbench.core.events import ActionTaken, SessionOpened
from workbench.core.log_names import log_name, use_log_key
from workbench.endpoint.logs import QUIET, quieten
from workbench.security.keys import new_key
from workbench.security.tokens import mint_token

pytestmark = pytest.mark.anyio

SCRIPT = ["I want a large latte with soy milk", "thank you"]
CALLER = "caller-4711"
LOUD = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, format="%(levelname)s %(name)s %(message)s")
from workbench.cli import main
sys.exit(main(["serve", "--port", "0", "--managed", "--verbose"]))
"""
DAY = 1_750_000_000.0


def tone(text: str) -> np.ndarray:
    count = 4000 * max(3, len(text.split()))
    return (0.3 * np.sin(2 * np.pi * 300 * np.arange(count) / 16_000)).astype(np.float32)


async def test_a_whole_conversation_at_debug_level_gives_nothing_away(tmp_path, caplog):
    """Whoever switches on details to find a mistake would write down what callers say, and their tokens."""
    caplog.set_level(logging.DEBUG)
    key, tokens = new_key(), []
    settings = {
        "KEY": key,
        "ENGINES": "scripted",
        "SCRIPT": json.dumps(SCRIPT),
        "STORE": f"sqlite:///{tmp_path / 'a.db'}",
        "RECORD": str(tmp_path / "recordings"),
    }
    environment = {**os.environ, **{f"WORKBENCH_{name}": value for name, value in settings.items()}}

    def fresh() -> str:
        tokens.append(mint_token(key, client=CALLER))
        return tokens[-1]

    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: ASYNC220  waited for below, and nothing else is going on
            [sys.executable, "-c", LOUD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
        )
        try:
            url = json.loads(process.stdout.readline())["url"]
            endpoint = Endpoint(url=url, tokens=fresh, process=process.pid)
            recording = await call(
                "coffee",
                [tone(text) for text in SCRIPT],
                endpoint=endpoint,
                settings=SessionSettings(persistent=True, greet=True),
            )
        finally:
            process.stdin.close()
            process.stdout.close()
            process.wait(timeout=PATIENCE)
    events = recording.timeline.events
    assert any(isinstance(event.body, ActionTaken) for event in events)
    opened = next(event.body for event in events if isinstance(event.body, SessionOpened))
    told = (tmp_path / "log").read_text(errors="replace")
    assert re.search(r"INFO workbench\.endpoint\.session session ~[0-9a-f]{10} opened", told)
    assert re.search(r"INFO workbench\.endpoint\.session session ~[0-9a-f]{10} closed", told)
    for where, text in (("endpoint", told), ("client", caplog.text)):
        for secret in ("latte", "soy", "thank you", "Hi there", CALLER, opened.session, key):
            assert secret.lower() not in text.lower(), (where, secret)
        for token in tokens:
            assert not any(part in text for part in token.split("."))
        assert not re.search(r"[0-9A-Fa-f]{64}|[A-Za-z0-9+/_-]{100}", text), where  # sound, a token, a handle
    assert tokens
    assert "127.0.0.1" not in told  # where the caller is


async def test_a_name_is_the_same_for_a_day_and_tells_nobody_whose_it_is():
    """Lines of one session could not be put together, or those of a caller over the years."""
    key = b"k" * 32
    first = log_name("abc123", at=DAY, key=key)
    assert re.fullmatch("~[0-9a-f]{10}", first)
    assert log_name("abc123", at=DAY + 3600, key=key) == first
    others = {
        log_name("abc124", at=DAY, key=key),
        log_name("abc123", at=DAY + 86_400, key=key),
        log_name("abc123", at=DAY, key=b"l" * 32),
    }
    assert first not in others
    assert len(others) == 3
    use_log_key(key)
    assert log_name("abc123", at=DAY) == first


async def test_no_level_makes_a_library_talk(monkeypatch):
    """A root logger at DEBUG would have every message on the wire written down."""
    monkeypatch.setattr(logging.getLogger(), "level", logging.DEBUG)
    before = {name: logging.getLogger(name).level for name in QUIET}
    try:
        quieten()
        for name in QUIET:
            assert not logging.getLogger(f"{name}.inner").isEnabledFor(logging.INFO)
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
