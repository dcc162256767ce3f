"""Who follows a session's events without taking part in it."""

from collections.abc import Callable, Sequence

from workbench.core.events import Event
from workbench.endpoint.line import Line, Take
from workbench.endpoint.outbox import Socket
from workbench.endpoint.sending import Sending
from workbench.errors import ProtocolError
from workbench.protocol.native import CloseCode, Ping, Pong, Welcome, parse_client
from workbench.security.tokens import Grant


class Observing:
    """The observers of one session, each let in by a token of its own.

    Parameters
    ----------
    sending : gives them the events
    limit : messages that may wait for one of them, besides the events there were when it came
    revoked : whether a token was revoked
    now : the session clock
    """

    def __init__(
        self,
        sending: Sending,
        *,
        limit: int,
        revoked: Callable[[Grant], bool],
        now: Callable[[], float],
    ) -> None:
        self._sending = sending
        self._limit = limit
        self._revoked = revoked
        self._now = now
        self._grants: dict[Line, Grant] = {}

    async def follow(
        self, socket: Socket, grant: Grant, *, welcome: Welcome, events: Sequence[Event]
    ) -> None:
        """Send ``events`` and all later ones to ``socket`` until it leaves or is ended."""
        line = Line(socket, limit=self._limit + len(events))
        line.outbox.put(welcome.model_copy(update={"handle": ""}).model_dump_json())
        self._sending.observe(line, events)
        self._grants[line] = grant
        try:
            await line.run(_only_pings(line, self._now))
        finally:
            self._sending.forget(line)
            del self._grants[line]

    def look(self, unix: float) -> None:
        """End those that read too slowly, or whose token has expired by ``unix`` or was revoked."""
        for line, grant in self._grants.items():
            if line.outbox.overflowed:
                line.end(CloseCode.TOO_SLOW, "the client reads too slowly")
            elif self._revoked(grant):
                line.end(CloseCode.FORBIDDEN, "the session's token was revoked")
            elif grant.expires < unix:
                line.end(CloseCode.TOKEN_EXPIRED, "the session token has expired; observe with a new one")

    def end(self, code: CloseCode, reason: str) -> None:
        """End all of them."""
        for line in self._grants:
            line.end(code, reason)


def _only_pings(line: Line, now: Callable[[], float]) -> Take:
    """Return what takes an observer's messages: pings, and nothing else."""

    def take(message: str | bytes) -> bool:
        try:
            parsed = None if isinstance(message, bytes) else parse_client(message)
        except ProtocolError:
            parsed = None
        if isinstance(parsed, Ping):
            line.outbox.put(Pong(sent=parsed.sent, at=now()).model_dump_json())
        else:
            line.end(CloseCode.BAD_MESSAGE, "an observer may only ping")
        return True

    return take
