"""When the packets of a reply are sent: a little ahead of when they are due."""

from collections.abc import Callable
from typing import Protocol

import anyio

from workbench.core.audio import Encoded
from workbench.endpoint.sending import Action


class Output(Protocol):
    """Where audio and control messages go."""

    def audio(self, reply: int, position: int, payload: bytes) -> None: ...  # noqa: D102
    def control(self, action: Action, reply: int, *, at: float, samples: int = 0) -> None: ...  # noqa: D102
    @property
    def is_connected(self) -> bool: ...  # noqa: D102
    async def connected(self) -> None:
        """Wait while there is no connection."""


class Pacing:
    """Sends one reply's packets, at most ``ahead`` seconds before they are due.

    The time without a connection is not counted: what waits at the client stays as bounded as it was.
    """

    def __init__(self, output: Output, rate: int, *, ahead: float, now: Callable[[], float]) -> None:
        self._output, self._rate, self._ahead, self._now = output, rate, ahead, now
        self._began: float | None = None

    async def send(self, reply: int, packets: list[Encoded]) -> None:
        """Send packets of ``reply``, each when it is time."""
        for packet in packets:
            if self._began is None:
                self._began = self._now() - packet.position / self._rate
            if not self._output.is_connected:
                lost = self._now()
                await self._output.connected()
                self._began += self._now() - lost
            early = packet.position / self._rate - (self._now() - self._began) - self._ahead
            if early > 0:
                await anyio.sleep(early)
            self._output.audio(reply, packet.position, packet.payload)
