"""A page by WebRTC, made with aiortc: it offers, speaks what it is given, keeps what it hears."""

import json
from contextlib import asynccontextmanager
from fractions import Fraction

import anyio
import httpx
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame
from patience import PATIENCE

from workbench.client.local import Endpoint

FRAME = 960


class Microphone(MediaStreamTrack):
    """Silence, until something is said."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.samples = np.zeros(0, np.float32)
        self.said = []
        """Loop times at which something began to be said."""
        self._due: float | None = None
        self._time = 0

    def say(self, samples: np.ndarray) -> None:
        """Say samples at 48 kHz from the next frame on."""
        self.samples = samples

    async def recv(self) -> AudioFrame:
        """Return the next frame when it is due."""
        now = anyio.current_time()
        self._due = now if self._due is None else self._due
        await anyio.sleep(max(0.0, self._due - now))
        self._due += FRAME / 48_000
        piece, self.samples = self.samples[:FRAME], self.samples[FRAME:]
        if len(piece):
            self.said.append(anyio.current_time())
        pcm = np.zeros(FRAME, np.int16)
        pcm[: len(piece)] = np.rint(piece * 32_767)
        frame = AudioFrame.from_ndarray(np.repeat(pcm, 2).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.time_base = 48_000, Fraction(1, 48_000)
        frame.pts, self._time = self._time, self._time + FRAME
        return frame


class Page:
    """One connection of a page."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.microphone = Microphone()
        self.connection.addTrack(self.microphone)
        self.channel = self.connection.createDataChannel("workbench")
        self.got: list[dict] = []
        self.when: list[float] = []
        self.heard: list[tuple[float, np.ndarray]] = []
        """When each frame was heard, and its samples."""
        self.open = anyio.Event()
        self._news = anyio.Event()
        self._seq = 0
        self.channel.on("open", self.open.set)
        self.channel.on("message", self._take)
        self.track = None
        self.connection.on("track", lambda track: setattr(self, "track", track))

    def _take(self, text: str) -> None:
        self.got.append(json.loads(text))
        self.when.append(anyio.current_time())
        news, self._news = self._news, anyio.Event()
        news.set()

    async def offer(self) -> dict:
        """Return the body to post."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return {"type": "offer", "sdp": self.connection.localDescription.sdp}

    async def accept(self, answer: dict) -> None:
        """Take the endpoint's answer."""
        await self.connection.setRemoteDescription(RTCSessionDescription(**answer))

    def say(self, message: dict) -> None:
        """Send a message."""
        self.channel.send(json.dumps(message))

    def number(self, kind: str, at: float, **fields) -> None:
        """Say a numbered message."""
        self.say({"type": kind, "seq": self._seq, "at": at, **fields})
        self._seq += 1

    def of(self, *kinds: str) -> list[dict]:
        """Return the messages of these types."""
        return [message for message in self.got if message["type"] in kinds]

    async def until(self, *kinds: str, count: int = 1, seconds: float = PATIENCE) -> dict:
        """Return the newest message of a type, once there are so many."""
        with anyio.fail_after(seconds):
            while len(self.of(*kinds)) < count:
                await self._news.wait()
        return self.of(*kinds)[-1]

    async def listen(self) -> None:
        """Keep what is heard, until the track ends."""
        while True:
            try:
                frame = await self.track.recv()
            except MediaStreamError:
                return
            samples = frame.to_ndarray().reshape(-1, 2)[:, 0] / 32_768
            self.heard.append((anyio.current_time(), samples))


async def lone_offer() -> dict:
    """Return the offer of a page that goes away without waiting for the answer."""
    made = Page()
    try:
        return await made.offer()
    finally:
        made.microphone.stop()
        await made.connection.close()


def interfaces() -> bool:
    """Return whether this machine has an address that WebRTC can use."""
    from aioice.ice import get_host_addresses

    return bool(get_host_addresses(use_ipv4=True, use_ipv6=True))


async def post(endpoint: Endpoint, token: str, body: object, **headers: str) -> httpx.Response:
    """Post an offer."""
    url = endpoint.url.replace("ws", "http", 1) + "/v1/webrtc"
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(url, json=body, headers={"Authorization": f"Bearer {token}", **headers})


@asynccontextmanager
async def page(endpoint: Endpoint, token: str):
    """Connect a page; its data channel is open."""
    made = Page()
    try:
        answer = await post(endpoint, token, await made.offer())
        assert answer.status_code == 200, answer.text
        await made.accept(answer.json())
        with anyio.fail_after(PATIENCE):
            await made.open.wait()
        async with anyio.create_task_group() as group:
            group.start_soon(made.listen)
            yield made
            group.cancel_scope.cancel()
    finally:
        with anyio.move_on_after(3, shield=True):
            await made.connection.close()
