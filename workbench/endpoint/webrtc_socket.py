"""A WebRTC connection as the endpoint's other connections are: messages by a data channel, audio beside it.

What the session sees is the native protocol, audio packets and all. What a page by WebRTC can't know is added
here: it gets no audio packets, so what it has *heard* (its ``playback`` reports) stands for what it has
received; a reply that a lost connection cut short goes on where it was heard last.

Two messages exist only here: ``voice`` tells when a reply begins to sound in the track, or falls silent;
``closed`` tells the close code, for which a data channel has no place.
"""

import json
from collections import deque
from typing import Any, Protocol

import anyio
import numpy as np

from workbench.core.audio import Samples
from workbench.endpoint.media import Streams
from workbench.endpoint.webrtc_ear import Ear
from workbench.endpoint.webrtc_voice import FRAME, Voice
from workbench.errors import ConnectionLost
from workbench.protocol.native import MAX_MESSAGE_BYTES, CloseCode
from workbench.protocol.packets import unpack

READ_AHEAD_MAX = 256
"""Messages and frames that wait for the session; a message more ends the connection, a frame more is lost."""

ZERO_MAX = 1_000_000.0
"""Seconds a page's device may have begun before or after the session; what is beyond is no clock."""

BUFFERED_MAX = 262_144
"""Bytes that may wait in the data channel; then sending waits."""

CLOSE_WAIT = 1.0
"""Seconds for the last messages to leave before the connection is closed."""


class Channel(Protocol):
    """What the connection needs of a data channel."""

    def send(self, text: str) -> None:
        """Queue a message; raises ConnectionLost if the channel is gone."""

    async def below(self, limit: int) -> None:
        """Wait until at most ``limit`` bytes wait to be sent, or the channel is gone."""

    async def close(self) -> None:
        """Close the whole connection."""


class RtcSocket:
    """One peer's connection.

    Parameters
    ----------
    channel : the data channel, open
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._waiting: deque[str | bytes] = deque()
        self._news = anyio.Event()
        self._left = False
        self._ear: Ear | None = None
        self._voice: Voice | None = None
        self._sent: deque[tuple[int, int, int]] = deque(maxlen=1_000)
        """Number, reply and end of each reply packet that was not heard whole."""
        self._seen = {"events": 0, "controls": 0, "audio": 0}
        self._failure: tuple[CloseCode, str] | None = None
        self._closed = False
        self.lost_frames = 0
        """Frames dropped because the session did not take them."""

    # --- the peer's side

    def told(self, message: str | bytes) -> None:
        """Take a message of the data channel."""
        if isinstance(message, bytes):
            message = b""  # audio goes beside: the session refuses this as a packet that is none
        elif len(message.encode()) > MAX_MESSAGE_BYTES:
            return self._fail(CloseCode.TOO_BIG, f"a message has over {MAX_MESSAGE_BYTES} bytes")
        else:
            message = self._noted(message)
        if not self._put(message):
            self._fail(CloseCode.BAD_MESSAGE, "messages came faster than they can be taken")
        return None

    def heard(self, time: int, samples: Samples) -> None:
        """Take 20 ms of the caller, at their RTP time; before a session is carried they are nobody's."""
        if self._ear is None:
            return
        for packet in self._ear.hear(time, samples):
            self.lost_frames += not self._put(packet)

    def frame(self) -> Samples:
        """Return the next 20 ms for the caller to hear, and tell the page what changes with them."""
        if self._voice is None:
            return np.zeros(FRAME, np.float32)
        samples, changes = self._voice.pull()
        for change in changes:
            state = "playing" if change.sounding else "silent"
            told = {"type": "voice", "reply": change.reply, "position": change.position, "state": state}
            self._say(told)
        return samples

    def left(self) -> None:
        """Learn that the peer is gone; what it said before is still taken."""
        self._left = True
        self._news.set()

    # --- the session's side

    def carries(self, streams: Streams) -> None:
        """Learn which session's streams these are."""
        self._ear, self._voice = Ear(streams), Voice(streams.output)

    async def receive(self) -> str | bytes | None:
        """Return the next message or audio packet; None when the peer has left."""
        while not self._waiting:
            if self._left:
                if self._failure is not None:
                    await self.close(*self._failure)
                return None
            await self._news.wait()
            self._news = anyio.Event()
        return self._waiting.popleft()

    async def send(self, message: str | bytes) -> None:
        """Send one message, or let a packet be heard; raises ConnectionLost when the peer has left."""
        if isinstance(message, bytes):
            packet = unpack(message)
            if self._voice is not None:
                self._sent.append((packet.seq, packet.reply, self._voice.add(packet)))
            return
        if '"playback-control"' in message:
            self._obey(json.loads(message))
        await self._channel.below(BUFFERED_MAX)
        self._channel.send(message)

    async def close(self, code: int, reason: str) -> None:
        """Say why, and close; closing twice is harmless."""
        if self._closed:
            return
        self._closed = True
        self.left()
        self._say({"type": "closed", "code": int(code), "reason": reason[:120]})
        with anyio.move_on_after(CLOSE_WAIT):
            await self._channel.below(0)
        await self._channel.close()

    # --- within

    def _put(self, message: str | bytes) -> bool:
        """Let a message wait for the session; return whether there was room."""
        if self._left:
            return True  # nobody will take it
        if len(self._waiting) >= READ_AHEAD_MAX:
            return False
        self._waiting.append(message)
        self._news.set()
        return True

    def _obey(self, wire: dict[str, Any]) -> None:
        if self._voice is not None and wire.get("type") == "playback-control":
            self._voice.control(wire["action"], wire["reply"], wire["samples"])

    def _noted(self, text: str) -> str:
        """Return a message of the page, completed with what it can't know; one that is none as it is."""
        try:
            wire = json.loads(text)
        except ValueError:
            return text
        kind = wire.get("type") if isinstance(wire, dict) else None
        if kind == "audio-clock" and self._ear is not None:
            zero = wire.get("device_zero")
            if isinstance(zero, int | float) and abs(zero) < ZERO_MAX:
                self._ear.zero = float(zero)
        elif kind == "playback":
            self._played(wire)
        elif kind == "ack" and isinstance(wire.get("seen"), dict):
            self._seen = {
                **wire["seen"],
                "audio": max(self._seen["audio"], _count(wire["seen"].get("audio"))),
            }
            return json.dumps({**wire, "seen": self._seen})
        return text

    def _played(self, wire: dict[str, Any]) -> None:
        """Count reply packets as received once they were heard, and acknowledge them."""
        reply, heard = _count(wire.get("reply")), _count(wire.get("heard"))
        whole = wire.get("state") == "stopped"
        before = self._seen["audio"]
        while self._sent:
            number, of, end = self._sent[0]
            if of > reply or (of == reply and end > heard and not whole):
                break
            self._sent.popleft()
            self._seen["audio"] = number + 1
        if self._seen["audio"] != before:
            self._put(json.dumps({"type": "ack", "seen": self._seen}))

    def _say(self, wire: dict[str, Any]) -> None:
        try:
            self._channel.send(json.dumps(wire))
        except ConnectionLost:
            self.left()

    def _fail(self, code: CloseCode, reason: str) -> None:
        self._failure = self._failure or (code, reason)
        self.left()


def _count(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
