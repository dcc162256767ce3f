"""One peer by WebRTC: the only module that knows aiortc.

The media and the data channel go by DTLS-SRTP and DTLS: aiortc checks the peer's certificate against all
fingerprints of the offer (``rtcdtlstransport.py``, "fingerprint mismatch") and fails the connection else; the
offer came with a session token. No STUN or TURN server is asked: peers find each other by their addresses.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from fractions import Fraction

import anyio
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpCodecCapability,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc.exceptions import InvalidStateError
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame

from workbench.aio import close_within
from workbench.core.audio import Samples
from workbench.endpoint.webrtc_ear import RTC_RATE
from workbench.endpoint.webrtc_offer import checked
from workbench.endpoint.webrtc_socket import RtcSocket
from workbench.endpoint.webrtc_voice import FRAME
from workbench.errors import ConnectionLost, GatewayRefused, ParameterError

log = logging.getLogger(__name__)

LABEL = "workbench"
"""Name of the data channel that carries the messages."""

GATHER_TIMEOUT = 5.0
"""Seconds to find out this machine's addresses and answer an offer."""

CONNECT_TIMEOUT = 10.0
"""Seconds from the answer until the data channel must be open; then the peer is given up."""

LATE_MAX = 0.06
"""Seconds a frame may be late before the pace begins anew: what is made up for in a burst stays as delay."""

CLOSE_TIMEOUT = 3.0


class Peer:
    """One peer connection, from its offer to its end."""

    def __init__(self) -> None:
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._socket: RtcSocket | None = None
        self._opened = anyio.Event()
        self._over = anyio.Event()
        self._caller: MediaStreamTrack | None = None
        self._connection.on("datachannel", self._channel_opened)
        self._connection.on("track", self._track_opened)
        self._connection.on("connectionstatechange", self._state_changed)

    async def answer(self, offer: str) -> str:
        """Return the answer to an offer, with this machine's candidates.

        Raises
        ------
        GatewayRefused
            422 if the offer can't be used, 503 if no address is found to be reached at.
        """
        connection = self._connection
        try:
            description = RTCSessionDescription(sdp=checked(offer), type="offer")
            transceiver = connection.addTransceiver(_VoiceTrack(self._frame), direction="sendrecv")
            transceiver.setCodecPreferences(_opus())
            await connection.setRemoteDescription(description)
            with anyio.fail_after(GATHER_TIMEOUT):
                await connection.setLocalDescription(await connection.createAnswer())
        except ParameterError as error:
            raise GatewayRefused(422, str(error), "bad-offer") from None
        except TimeoutError:
            problem = f"no answer could be made within {GATHER_TIMEOUT:g} s"
            raise GatewayRefused(503, problem, "too-slow") from None
        except Exception as error:  # aiortc fails on a bad offer with whatever its parser meets
            log.info("an offer could not be used: %s", type(error).__name__)
            problem = "the offer is none that can be answered, expected audio in Opus"
            raise GatewayRefused(422, problem, "bad-offer") from None
        sdp = connection.localDescription.sdp
        if "a=candidate:" not in sdp:
            problem = (
                "this machine has no network interface but loopback, which WebRTC can't use; use a WebSocket"
            )
            raise GatewayRefused(503, problem, "no-interface")
        return sdp

    async def run(self, serve: Callable[[RtcSocket], Awaitable[None]]) -> None:
        """Let ``serve`` lead the connection once it is open, and close it; give up one that never opens."""
        try:
            with anyio.move_on_after(CONNECT_TIMEOUT) as limit:
                await self._opened.wait()
            if limit.cancelled_caught or self._socket is None:
                log.info("a peer did not connect within %g s", CONNECT_TIMEOUT)
                return
            async with anyio.create_task_group() as group:
                group.start_soon(self._listen, self._socket)
                await serve(self._socket)
                group.cancel_scope.cancel()
        finally:
            await self.close()

    async def close(self) -> None:
        """Close the connection; twice is harmless."""
        self._over.set()
        await close_within(CLOSE_TIMEOUT, self._connection.close)

    # --- what aiortc tells

    def _channel_opened(self, channel: RTCDataChannel) -> None:
        if channel.label != LABEL or self._socket is not None:
            channel.close()
            return
        self._socket = RtcSocket(_Channel(channel, self.close))
        channel.on("message", self._socket.told)
        channel.on("close", self._socket.left)
        self._opened.set()

    def _track_opened(self, track: MediaStreamTrack) -> None:
        self._caller = track

    def _state_changed(self) -> None:
        if self._connection.connectionState in ("failed", "closed"):
            self._opened.set()
            if self._socket is not None:
                self._socket.left()

    # --- audio

    async def _listen(self, socket: RtcSocket) -> None:
        """Hand on what the caller says, until the track ends."""
        if self._caller is None:
            return
        while True:
            try:
                frame = await self._caller.recv()
            except MediaStreamError:
                return
            if isinstance(frame, AudioFrame) and frame.pts is not None:
                stereo = frame.to_ndarray().reshape(-1, len(frame.layout.channels))
                mono: Samples = stereo.mean(axis=1, dtype=np.float32) / np.float32(32_768)
                socket.heard(frame.pts, mono)

    def _frame(self) -> Samples:
        return np.zeros(FRAME, np.float32) if self._socket is None else self._socket.frame()


def _opus() -> list[RTCRtpCodecCapability]:
    capabilities = RTCRtpReceiver.getCapabilities("audio")
    return [one for one in capabilities.codecs if one.mimeType == "audio/opus"] if capabilities else []


class _Channel:
    """aiortc's data channel as the socket wants it."""

    def __init__(self, channel: RTCDataChannel, close: Callable[[], Awaitable[None]]) -> None:
        self._channel = channel
        self._close = close
        self._news = anyio.Event()
        channel.on("bufferedamountlow", self._tell)
        channel.on("close", self._tell)

    def send(self, text: str) -> None:
        try:
            self._channel.send(text)
        except (InvalidStateError, ConnectionError, ValueError):
            raise ConnectionLost("the client left while it was sent to") from None

    async def below(self, limit: int) -> None:
        while self._channel.readyState == "open" and self._channel.bufferedAmount > limit:
            self._channel.bufferedAmountLowThreshold = limit
            await self._news.wait()

    async def close(self) -> None:
        await self._close()

    def _tell(self) -> None:
        news, self._news = self._news, anyio.Event()
        news.set()


class _VoiceTrack(MediaStreamTrack):
    """The agent's track: a frame each 20 ms.

    Its frames are stereo: of mono ones aiortc's resampler makes stereo 3 dB softer.
    """

    kind = "audio"

    def __init__(self, pull: Callable[[], Samples]) -> None:
        super().__init__()
        self._pull = pull
        self._due: float | None = None
        self._time = 0

    async def recv(self) -> AudioFrame:
        """Return the next frame when it is due; after a stall the pace begins anew."""
        if self.readyState != "live":
            raise MediaStreamError
        now = anyio.current_time()
        if self._due is None or now > self._due + LATE_MAX:
            self._due = now
        if self._due > now:
            await asyncio.sleep(self._due - now)
        self._due += FRAME / RTC_RATE
        pcm = np.clip(np.rint(self._pull() * 32_768), -32_768, 32_767).astype(np.int16)
        frame = AudioFrame.from_ndarray(np.repeat(pcm, 2).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = RTC_RATE
        frame.pts, self._time = self._time, self._time + len(pcm)
        frame.time_base = Fraction(1, RTC_RATE)
        return frame
