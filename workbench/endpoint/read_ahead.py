"""How a socket is read and written: straight to and from the session where that can be, else through tasks.

The server's own protocol stops reading after every single message, which costs two system calls for each
20 ms of a caller's audio, and passes each through a queue to a task, which costs more than taking it. So does
a task that is woken to send one message.
"""

from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from workbench.endpoint.outbox import Taker

try:  # as the library itself does
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

READ_AHEAD_MAX = 32
"""Messages read and not yet taken by the session; then its socket is read no further."""

READ_AGAIN = 8
"""Messages left when reading goes on."""

PROMPTLY = "promptly"
"""Where the application finds, in the state of its scope, its ``ShortWay``."""

_TEXT, _BINARY = b"\x81", b"\x82"
"""First byte of a frame that is a whole message."""


def frame_at(data: bytes, at: int) -> tuple[int, int] | None:
    """Return where the payload of the masked frame that starts at ``at`` begins and ends (RFC 6455, 5.2).

    None if its header is not all there.
    """
    if len(data) < at + 2:
        return None
    length, began = data[at + 1] & 0x7F, at + 6
    if length > 125:
        size = 2 if length == 126 else 8
        length, began = int.from_bytes(data[at + 2 : at + 2 + size]), began + size
    return (began, began + length) if len(data) >= began else None


def left_open(data: bytes, skip: int) -> int | None:
    """Return how many bytes of the last frame are still to come after ``data``; None if that can't be told.

    The first ``skip`` bytes of ``data`` belong to the frame before.
    """
    at = skip
    while at < len(data):
        frame = frame_at(data, at)
        if frame is None:
            return None
        at = frame[1]
    return at - len(data)


class ReadAhead(WebSocketsSansIOProtocol):
    """The server's WebSocket protocol, pausing a connection that is ahead instead of every connection."""

    _take: Taker | None = None
    _left_open: int | None = 0
    """Bytes of a frame under way that are still to come; None once that is not known any more."""

    def handle_connect(self, event: Request) -> None:
        """Let the application know of the short way."""
        self.app_state = {**self.app_state, PROMPTLY: self}
        super().handle_connect(event)

    def promptly(self, take: Taker) -> None:
        """Offer each whole message to ``take`` first, in order; what it does not take is received."""
        self._take = take

    def send_at_once(self, message: str | bytes) -> bool:
        """Send a message now, if the client reads as fast as it is sent to; return whether it was sent."""
        conn, transport = self.conn, self.transport
        open_ = self.handshake_complete and not self.close_sent and conn.state is State.OPEN
        if not open_ or not self.writable.is_set() or transport.is_closing():
            return False
        if isinstance(message, str):
            conn.send_text(message.encode())
        else:
            conn.send_binary(message)
        transport.write(b"".join(conn.data_to_send()))
        return True

    def data_received(self, data: bytes) -> None:
        """Hand over whole messages if nothing comes before them; leave all else to the library."""
        if self.handshake_initiated:
            data = self._handed_over(data)
            if not data:
                return
            if self._left_open is not None:
                self._left_open = left_open(data, self._left_open)
        super().data_received(data)

    def _handed_over(self, data: bytes) -> bytes:
        """Return ``data`` without the messages that were taken.

        A frame that is no whole message, masked and below 64 KiB, is not for here, nor is any after it.
        """
        take = self._take
        if take is None or self._left_open != 0 or self.frames or self.conn.state is not State.OPEN:
            return data
        at = 0
        while self.queue.empty() and (kind := data[at : at + 1]) in (_BINARY, _TEXT):
            frame = frame_at(data, at)
            if frame is None or not data[at + 1] & 0x80:
                break
            began, end = frame
            if end > len(data) or end - began > 0xFFFF:
                break
            message: str | bytes = (payload := apply_mask(data[began:end], data[began - 4 : began]))
            if kind == _TEXT:
                try:
                    message = str(payload, "utf-8")
                except UnicodeDecodeError:  # the library closes such a connection
                    break
            if not take(message):
                break
            at = end
        return data[at:] if at else data

    def send_receive_event_to_app(self) -> None:
        """Hand over a message; stop reading if too many wait."""
        resumed, self.read_paused = self.read_paused, True  # keeps the inherited method from pausing
        super().send_receive_event_to_app()
        self.read_paused = resumed
        if not resumed and not self.close_sent and self.queue.qsize() >= READ_AHEAD_MAX:
            self.read_paused = True
            self.transport.pause_reading()

    async def receive(self) -> ASGIReceiveEvent:
        """Return the next message; read on once few are left."""
        message = await self.queue.get()
        if self.read_paused and self.queue.qsize() <= READ_AGAIN:
            self.read_paused = False
            self.transport.resume_reading()
        return message
