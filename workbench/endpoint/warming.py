"""Fixed prompts, synthesised while nobody talks, so that they start at once when they are needed."""

import logging
import threading
import time
from collections.abc import Iterable

from workbench.conversation.assistant_model import Assistant
from workbench.endpoint.host import Host
from workbench.endpoint.session_voice import spoken_language
from workbench.errors import WorkbenchError
from workbench.ssml.setting import said_with

log = logging.getLogger(__name__)

IDLE = 5.0
"""Seconds without a session before the next prompt is synthesised."""

LOOK_EVERY = 0.5


class Warming:
    """A background thread that ends with its work, or when told to.

    Parameters
    ----------
    host : whose sessions have precedence and whose cache is filled
    assistants : whose prompts are wanted, as they speak by default
    """

    def __init__(self, host: Host, assistants: Iterable[Assistant]) -> None:
        self._host = host
        self._wanted = [(text, one) for one in assistants for text in one.fixed_prompts]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warming", daemon=True)

    def __enter__(self) -> "Warming":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()

    def _run(self) -> None:
        for text, assistant in self._wanted:
            if not self._idle():
                return
            try:
                language = spoken_language(assistant)
                said = said_with(assistant.style.setting, f"<speak>{text}</speak>", language)
                self._host.engines.warm(said, assistant.voice)
            except WorkbenchError as error:
                log.warning("a fixed prompt could not be synthesised: %s", error)

    def _idle(self) -> bool:
        """Wait until nobody has talked for a while; False when told to stop."""
        since = time.monotonic()
        while not self._stop.wait(LOOK_EVERY):
            if self._host.live:
                since = time.monotonic()
            elif time.monotonic() - since >= IDLE:
                return True
        return False
