"""A caller that costs little: one socket, prepared frames, a playback that only counts samples.

It talks the native protocol like a device does (a frame every 20 ms, playback reports, pings) and notes how
long the endpoint took, but decodes no audio and keeps no timeline, so that many fit into one process.
"""

import asyncio
import json
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

import numpy as np
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.uri import parse_uri

from workbench.audio.codecs import encode
from workbench.core.audio import AudioFormat, Encoding
from workbench.protocol.native import (
    MAX_MESSAGE_BYTES,
    Acknowledged,
    AudioClock,
    Close,
    Open,
    Ping,
    Playback,
    Seen,
    SessionWish,
)
from workbench.protocol.packets import AudioPacket, Direction, pack, unpack

INPUT = AudioFormat(Encoding.PCM16, 16_000)
OUTPUT = AudioFormat(Encoding.PCM16, 24_000)
TICK = 0.02
"""Seconds of a frame."""
REPORT_TICKS = 10
"""Frames between playback reports while a reply plays."""
PATIENCE = 6.0
"""Seconds a caller waits for a reply before speaking again."""
_KEPT = 1024
"""Send times kept: 20 s."""


def _tone() -> list[bytes]:
    """Return one second of what the energy detector takes for speech, frame by frame."""
    at = np.arange(INPUT.rate) / INPUT.rate
    samples = (0.2 * np.sin(2 * np.pi * 150 * at)).astype(np.float32)
    return [encode(samples[n : n + 320], INPUT) for n in range(0, len(samples), 320)]


_SPEECH = _tone()
_SILENCE = bytes(INPUT.frame_samples * INPUT.bytes_per_sample)


@dataclass(slots=True)
class Noted:
    """What all callers saw."""

    events: list[float] = field(default_factory=list)
    """Seconds from a frame's way out to the ``audio-in`` event that covers it."""
    pongs: list[float] = field(default_factory=list)
    """Seconds from ``ping`` to ``pong``."""
    late: list[float] = field(default_factory=list)
    """Seconds the generator itself sent a frame behind its time."""
    kinds: Counter[str] = field(default_factory=Counter)
    """Events by type."""
    errors: Counter[str] = field(default_factory=Counter)
    """Error events by code, and connections that ended unasked."""
    frames_sent: int = 0
    frames_received: int = 0
    on: bool = False
    """Whether times are being kept."""


class _Player:
    """Counts a reply's samples as a device would play them."""

    def __init__(self) -> None:
        self.reply = 0
        self.held = 0
        self.heard = 0
        self.total: int | None = None
        self.started = False
        self.paused = False

    def begin(self, reply: int) -> None:
        self.__init__()  # type: ignore[misc]  # a player of the next reply
        self.reply = reply


class Caller(asyncio.Protocol):
    """One full-duplex session, moved on by :meth:`tick`.

    Parameters
    ----------
    url, token : where to, and what lets it in
    assistant : whom to talk to
    noted : where what it sees is kept
    random : decides when it speaks
    """

    def __init__(self, url: str, token: str, assistant: str, noted: Noted, random: Random) -> None:
        self._ws = ClientProtocol(parse_uri(url), max_size=4 * MAX_MESSAGE_BYTES)
        self._token = token
        self._assistant = assistant
        self._noted = noted
        self._random = random
        self._transport: Any = None
        self._player = _Player()
        self._packets = 0
        self._messages = 0
        self._events = 0
        self._controls = 0
        self._audio = 0
        self._sent: deque[float] = deque([0.0] * _KEPT, maxlen=_KEPT)
        self._zero = 0.0
        self._speak_until = 0
        self._speak_at = random.randrange(25, 300)
        self._replied = True
        self.ready = asyncio.Event()
        self.over = asyncio.Event()
        self._leaving = False

    # --- the socket

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = transport
        request = self._ws.connect()
        request.headers["Authorization"] = f"Bearer {self._token}"
        self._ws.send_request(request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Take what came, all at one time of arrival."""
        now = time.perf_counter()
        self._ws.receive_data(data)
        for event in self._ws.events_received():
            if isinstance(event, Response):
                self._upgraded()
            elif isinstance(event, Frame):
                self._frame(event, now)
        self._flush()

    def eof_received(self) -> None:
        """Let the protocol know."""
        self._ws.receive_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note an end that was not asked for."""
        if not self._leaving:
            code = self._ws.close_code or (self._ws.handshake_exc and "handshake") or "lost"
            self._noted.errors[f"connection ended: {code}"] += 1
        self.ready.set()
        self.over.set()

    def _flush(self) -> None:
        for data in self._ws.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()

    # --- what comes

    def _upgraded(self) -> None:
        if self._ws.state is State.OPEN:
            self._say(Open(assistant=self._assistant, settings=SessionWish()))

    def _frame(self, frame: Frame, now: float) -> None:
        if frame.opcode is Opcode.BINARY:
            packet = unpack(bytes(frame.data))
            self._noted.frames_received += 1
            self._audio = packet.seq + 1
            player = self._player
            if packet.reply > player.reply:
                player.begin(packet.reply)
            if packet.reply == player.reply:
                player.held += len(packet.payload) // 2
        elif frame.opcode is Opcode.TEXT:
            self._message(json.loads(bytes(frame.data)), now)

    def _message(self, wire: dict[str, Any], now: float) -> None:
        noted, kind = self._noted, wire["type"]
        if kind == "audio-in":
            frame = wire["position"] // INPUT.frame_samples - 1
            age = self._packets - 1 - frame
            if noted.on and 0 <= age < _KEPT:
                noted.events.append(now - self._sent[-1 - age])
        elif kind == "pong":
            if noted.on:
                noted.pongs.append(now - wire["sent"])
            return
        elif kind in ("ack", "welcome"):
            return
        elif kind == "playback-control":
            self._controls = wire["seq"] + 1
            self._control(wire)
            return
        elif kind == "session-opened":
            self._zero = now
            self._say(AudioClock(seq=self._number(), at=0.0, device_zero=0.0))
            self.ready.set()
        elif kind == "error":
            noted.errors[wire["code"]] += 1
        self._events = wire["seq"] + 1
        noted.kinds[kind] += 1

    def _control(self, wire: dict[str, Any]) -> None:
        player = self._player
        if wire["reply"] != player.reply:
            return
        match wire["action"]:
            case "pause" | "resume":
                player.paused = wire["action"] == "pause"
                if player.started:
                    self._report("paused" if player.paused else "resumed")
            case "flush":
                self._stopped("barge-in")
            case "end":
                player.total = wire["samples"]

    # --- what goes

    def tick(self, due: float) -> None:
        """Play and send one frame, which was due at ``due``."""
        if self._ws.state is not State.OPEN or not self._zero:
            return
        self._play()
        speaking = self._speaks()
        payload = _SPEECH[self._packets % len(_SPEECH)] if speaking else _SILENCE
        packet = AudioPacket(
            direction=Direction.CALLER,
            seq=self._packets,
            position=self._packets * INPUT.frame_samples,
            payload=payload,
        )
        now = time.perf_counter()
        self._sent.append(now)
        self._packets += 1
        self._ws.send_binary(pack(packet))
        if self._packets % 50 == 0:
            self._ws.send_text(Ping(sent=now).model_dump_json().encode())
            seen = Seen(events=self._events, controls=self._controls, audio=self._audio)
            self._ws.send_text(Acknowledged(seen=seen).model_dump_json().encode())
        self._flush()
        self._noted.frames_sent += 1
        if self._noted.on:
            self._noted.late.append(now - due)

    def leave(self) -> None:
        """Close the session."""
        self._leaving = True
        if self._ws.state is State.OPEN:
            self._say(Close(seq=self._number(), at=self._packets * TICK))

    def _speaks(self) -> bool:
        now = self._packets
        if now < self._speak_until:
            return True
        waited = (now - self._speak_until) * TICK
        if self._replied or waited > PATIENCE:
            if self._speak_at <= now:
                self._speak_until = now + self._random.randrange(90, 130)
                self._replied = False
                return True
        else:
            self._speak_at = now + self._random.randrange(25, 75)
        return False

    def _play(self) -> None:
        player = self._player
        if not player.reply or player.paused:
            return
        if not player.started:
            if player.held < 2 * OUTPUT.frame_samples and player.total is None:
                return
            player.started = True
            self._report("started")
        before = player.heard
        player.heard = min(player.held, player.heard + OUTPUT.frame_samples)
        if player.total is not None and player.heard >= player.total:
            self._stopped("finished")
        elif before // (REPORT_TICKS * 480) != player.heard // (REPORT_TICKS * 480):
            self._report("playing")

    def _stopped(self, reason: Literal["finished", "barge-in"]) -> None:
        self._report("stopped", reason)
        reply = self._player.reply
        self._player = _Player()
        self._player.reply = reply
        self._player.paused = True  # until the next reply begins
        self._replied = True

    def _report(
        self,
        state: Literal["started", "playing", "paused", "resumed", "stopped"],
        reason: Literal["", "finished", "barge-in"] = "",
    ) -> None:
        report = Playback(
            seq=self._number(),
            state=state,
            reply=self._player.reply,
            heard=self._player.heard,
            device_position=self._packets * OUTPUT.frame_samples,
            at=self._packets * TICK,
            reason=reason,
        )
        self._say(report)

    def _number(self) -> int:
        self._messages += 1
        return self._messages - 1

    def _say(self, message: Open | AudioClock | Playback | Close) -> None:
        if self._ws.state is State.OPEN:
            self._ws.send_text(message.model_dump_json().encode())
            self._flush()
