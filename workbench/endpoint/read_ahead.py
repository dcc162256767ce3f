"""How far a socket is read ahead of its session: a few messages, then not until the session has caught up.

The server's own protocol stops reading after every single message, which costs two system calls for each
20 ms of a caller's audio.
"""

from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

READ_AHEAD_MAX = 32
"""Messages read and not yet taken by the session; then its socket is read no further."""

READ_AGAIN = 8
"""Messages left when reading goes on."""


class ReadAhead(WebSocketsSansIOProtocol):
    """The server's WebSocket protocol, pausing a connection that is ahead instead of every connection."""

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
