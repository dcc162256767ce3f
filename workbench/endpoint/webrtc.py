"""Sessions by WebRTC: ``POST /v1/webrtc`` with a session token answers an offer; its peer is led from there.

The token is checked by the gateway as a WebSocket's is; it is used for a session by the first message on the
data channel, as there. A lost peer holds its session, and a new offer resumes it.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import anyio
from anyio.abc import TaskGroup
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from workbench.endpoint.failing import log_failure
from workbench.endpoint.outbox import Socket
from workbench.endpoint.request_heads import WEBRTC_PATH
from workbench.endpoint.webrtc_offer import Offer
from workbench.errors import EngineMissing, GatewayRefused
from workbench.security.tokens import Grant

if TYPE_CHECKING:
    from workbench.endpoint.webrtc_peer import Peer

log = logging.getLogger(__name__)

Serve = Callable[[Socket, Grant], Awaitable[None]]


class Places(Protocol):
    """Counts connections of addresses and projects."""

    def enter(self, address: str, project: str) -> None:
        """Count one more; raises GatewayRefused."""

    def leave(self, address: str, project: str) -> None:
        """Count one less."""


@dataclass(frozen=True, slots=True)
class _Guest:
    """Who a peer is."""

    grant: Grant
    address: str


class Peers:
    """The peers of one process.

    Parameters
    ----------
    serve : leads one connection from its first message to its end
    places : counts them with the other connections
    peers_max : peers at once, connecting ones included
    """

    def __init__(self, serve: Serve, places: Places, *, peers_max: int) -> None:
        self._serve = serve
        self._places = places
        self._peers_max = peers_max
        self._count = 0
        self._group: TaskGroup | None = None

    async def run(self, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Host the peers until cancelled."""
        async with anyio.create_task_group() as group:
            self._group = group
            task_status.started()
            await anyio.sleep_forever()

    @property
    def count(self) -> int:
        """Return how many peers there are."""
        return self._count

    def router(self) -> APIRouter:
        """Return the route."""
        router = APIRouter()

        @router.post(WEBRTC_PATH.decode("ascii"))
        async def webrtc(request: Request) -> JSONResponse:
            """Answer an offer."""
            guest = _Guest(request.state.grant, request.state.address)
            try:
                answer = await self._welcome(await request.body(), guest)
            except GatewayRefused as refusal:
                error = {"code": refusal.code, "kind": refusal.kind, "message": refusal.reason}
                return JSONResponse({"error": error}, status_code=refusal.code)
            return JSONResponse({"type": "answer", "sdp": answer})

        return router

    async def _welcome(self, body: bytes, guest: _Guest) -> str:
        """Return the answer to the offer in ``body``; its peer is led from here on."""
        if self._group is None:
            raise RuntimeError("peers came outside of run()")
        try:
            offer = Offer.model_validate_json(body)
        except ValidationError:
            problem = "the body is no offer, expected an object with type and sdp"
            raise GatewayRefused(422, problem, "bad-offer") from None
        if self._count >= self._peers_max:
            raise GatewayRefused(503, f"{self._count} peers are connected, the most allowed", "busy")
        self._places.enter(guest.address, guest.grant.project)
        self._count += 1
        peer = None
        try:
            peer = (await anyio.to_thread.run_sync(_library))()
            answer = await peer.answer(offer.sdp)
        except BaseException:
            self._gone(guest)
            if peer is not None:
                await peer.close()
            raise
        self._group.start_soon(self._lead, peer, guest)
        return answer

    async def _lead(self, peer: "Peer", guest: _Guest) -> None:
        try:
            await peer.run(lambda socket: self._serve(socket, guest.grant))
        except Exception as error:
            log_failure("a peer", error)
        finally:
            self._gone(guest)

    def _gone(self, guest: _Guest) -> None:
        self._count -= 1
        self._places.leave(guest.address, guest.grant.project)


def _library() -> "type[Peer]":
    """Return what makes peers; the first time that takes half a second."""
    try:
        from workbench.endpoint.webrtc_peer import Peer
    except ImportError:
        missing = EngineMissing("WebRTC", "aiortc", "webrtc")
        raise GatewayRefused(501, str(missing), "not-installed") from None
    return Peer
