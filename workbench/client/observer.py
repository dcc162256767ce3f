"""Follow a session that someone else holds: its events, into a timeline of one's own."""

import json
import random
from dataclasses import replace

import anyio
import websockets
from websockets.asyncio.client import ClientConnection

from workbench.aio import close_within
from workbench.client.dialling import CONNECT_TIMEOUT, dial
from workbench.client.local import Endpoint
from workbench.client.resume import Decision, GiveUp, Reconnecting, ResumeSettings
from workbench.core.clock import MonotonicClock
from workbench.core.events import SessionClosed
from workbench.core.timeline import Timeline
from workbench.core.wire import event_from_wire
from workbench.errors import ConnectionLost, GatewayRefused, ParameterError, ProtocolError
from workbench.protocol.native import Observe, parse_control
from workbench.security.keys import load_key
from workbench.security.tokens import Scope, mint_token

LIFETIME = 3600.0
"""Seconds an observer's token lives; when it ends, the next connection brings a new one."""


class Observer:
    """Follows one session, over one connection after another, until the session ends.

    What is kept is bounded as the session is: by the longest one the endpoint allows.

    Parameters
    ----------
    endpoint : where the session is; its key signs the tokens
    session : the session's name
    settings : how patiently to come back
    timeline : an empty one to fill, if somebody looks at it already
    """

    def __init__(
        self,
        endpoint: Endpoint,
        session: str,
        *,
        settings: ResumeSettings | None = None,
        timeline: Timeline | None = None,
    ) -> None:
        if endpoint.key is None and endpoint.tokens is not None:
            raise ParameterError("can't observe a session without the endpoint's key, whose tokens are given")
        self.session = session
        self.timeline = Timeline() if timeline is None else timeline
        """The session's events so far; it begins later than 0 where the endpoint no longer has the first."""
        self._endpoint = replace(endpoint, tokens=lambda: observing_token(endpoint, session))
        self._decider = Reconnecting(settings or ResumeSettings(), random.random)
        self._clock = MonotonicClock()

    @property
    def ended(self) -> bool:
        """Return whether the session's end was seen."""
        events = self.timeline.since(self.timeline.next_seq - 1)
        return any(isinstance(event.body, SessionClosed) for event in events)

    async def run(self) -> None:
        """Follow the session to its end; cancelling it loses nothing that is on the timeline.

        Raises
        ------
        GatewayRefused
            If the token is refused.
        ConnectionLost
            If no connection came about for as long as the settings allow, or the session went away unseen.
        """
        while not self.ended:
            decision: Decision
            try:
                connection = await dial(self._endpoint)
            except GatewayRefused as refusal:
                decision = self._decider.failed(self._clock.now(), refusal.code)
                if isinstance(decision, GiveUp):
                    raise
            except ConnectionLost:
                decision = self._decider.failed(self._clock.now(), None)
            else:
                decision = self._decider.lost(self._clock.now(), await self._follow(connection))
            if self.ended:
                return
            if isinstance(decision, GiveUp) or not self._endpoint.alive():
                why = decision.reason if isinstance(decision, GiveUp) else "the endpoint has ended"
                raise ConnectionLost(f"session {self.session} can't be followed further: {why}")
            await anyio.sleep(decision.seconds)

    async def _follow(self, connection: ClientConnection) -> int | None:
        """Take what comes over one connection; return its close code."""
        try:
            wish = Observe(session=self.session, since=self.timeline.next_seq)
            await connection.send(wish.model_dump_json())
            with anyio.fail_after(CONNECT_TIMEOUT):
                self._take(await connection.recv())
            self._decider.connected(self._clock.now())
            async for message in connection:
                self._take(message)
        except (websockets.ConnectionClosed, TimeoutError):  # the close code tells, if there is one
            pass
        finally:
            await close_within(3, connection.close)
        return connection.close_code

    def _take(self, message: str | bytes) -> None:
        try:
            wire = json.loads(message)
            if not isinstance(wire, dict):
                raise ProtocolError("bad-message", f"a message came as {type(wire).__name__}, not an object")
            if parse_control(wire) is not None:
                return
            event = event_from_wire(wire)
        except (ValueError, ProtocolError) as error:
            raise ConnectionLost(f"the endpoint broke the protocol: {type(error).__name__}") from None
        if event.seq < self.timeline.next_seq or (event.seq == 0 and event.body.type == "error"):
            return
        if event.seq > self.timeline.next_seq:
            if len(self.timeline):
                gone = f"{self.timeline.next_seq} to {event.seq - 1}"
                raise ConnectionLost(f"events {gone} of session {self.session} are no longer kept")
            self.timeline = Timeline(first=event.seq)
        self.timeline.append(event)


def observing_token(endpoint: Endpoint, session: str) -> str:
    """Return a token that may only follow ``session``."""
    key = endpoint.key or load_key()
    return mint_token(key, scopes=(Scope.OBSERVE,), session=session, lifetime=LIFETIME)
