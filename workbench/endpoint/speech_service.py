"""Speech for other endpoints: ``POST /v1/speech`` streams a text clause by clause as it is synthesised."""

import logging
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Annotated

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from workbench.aio import close_within
from workbench.endpoint.host import Host
from workbench.endpoint.request_heads import SPEECH_BODY_MAX
from workbench.errors import NotSpoken, ParameterError, WorkbenchError
from workbench.speech.clause_stream import pack_clause, pack_end, pack_failure
from workbench.speech.ports import Clause, Synthesizer
from workbench.speech.synthesizers.remote import PATH

log = logging.getLogger(__name__)

TEXT_MAX = 5_000
"""Most characters of one text, marked up or not."""

_Text = Annotated[str, StringConstraints(max_length=TEXT_MAX)]


class SpeechRequest(BaseModel):
    """What shall be spoken: ``text`` or ``ssml``, and by whom."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: _Text = ""
    ssml: _Text = ""
    voice: Annotated[str, StringConstraints(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _one_of_both(self) -> "SpeechRequest":
        if bool(self.text.strip()) == bool(self.ssml.strip()):
            raise ValueError("expected either text or ssml")
        return self


def speech_router(host: Host) -> APIRouter:
    """Return the route; it speaks with the synthesiser of this process, never with a further endpoint's."""
    router = APIRouter()
    places = anyio.Semaphore(host.settings.speech_requests_max)
    make = host.engines.own_synthesizer or host.engines.synthesizer

    @router.post(PATH)
    async def speech(request: Request) -> Response:
        """Stream the clauses; 422 for what can't be spoken, 503 when too many texts are being spoken."""
        try:
            wanted = SpeechRequest.model_validate_json(await _body(request))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]
            place = ".".join(map(str, first["loc"]))
            return _refusal(422, "bad-request", f"{place}: {first['msg'].lower()}".removeprefix(": "))
        except ParameterError as error:
            return _refusal(413, "too-large", str(error))
        try:
            places.acquire_nowait()
        except anyio.WouldBlock:
            return _refusal(503, "busy", f"{host.settings.speech_requests_max} texts are being spoken")
        speaking = _Speaking(make(), wanted, host.speaking_threads, places)
        try:
            await speaking.begin()
        except WorkbenchError as error:
            await speaking.close()
            if not isinstance(error, ParameterError):
                return _refusal(500, "synthesis-failed", str(error))
            lacking = (error.feature, error.value) if isinstance(error, NotSpoken) else None
            return _refusal(422, "unspeakable", str(error), lacking)
        except BaseException:
            await speaking.close()
            raise
        return _Streamed(speaking)

    return router


class _Speaking:
    """One text being spoken; holds its place until closed."""

    def __init__(
        self,
        synthesizer: Synthesizer,
        wanted: SpeechRequest,
        threads: anyio.CapacityLimiter,
        places: anyio.Semaphore,
    ) -> None:
        self._synthesizer = synthesizer
        self._wanted = wanted
        self._threads = threads
        self._places: anyio.Semaphore | None = places
        self._clauses: Iterator[Clause] = iter(())
        self._first: Clause | None = None

    async def begin(self) -> None:
        """Synthesise the first clause, so that what can't be spoken is refused as a whole."""
        text = self._wanted.ssml or self._wanted.text
        begin = partial(self._synthesizer.synthesize, text, voice=self._wanted.voice)
        self._clauses = await anyio.to_thread.run_sync(begin, limiter=self._threads)
        self._first = await self._next()

    async def stream(self) -> AsyncIterator[bytes]:
        """Yield the clauses, encoded; a failure on the way is told as the last line."""
        try:
            clause = self._first
            while clause is not None:
                yield await anyio.to_thread.run_sync(pack_clause, clause)
                clause = await self._next()
            yield pack_end()
        except WorkbenchError as error:
            yield pack_failure("synthesis-failed", str(error))
        except Exception as error:
            log.error("a text could not be spoken: %s", type(error).__name__)
            yield pack_failure("synthesis-failed", "the synthesiser failed")

    async def _next(self) -> Clause | None:
        return await anyio.to_thread.run_sync(next, self._clauses, None, limiter=self._threads)

    async def close(self) -> None:
        """Stop the synthesis after the clause at hand and give the place back; twice is harmless."""
        places, self._places = self._places, None
        if places is None:
            return
        places.release()
        close = getattr(self._clauses, "close", None)
        if close is not None:
            await close_within(2, lambda: anyio.to_thread.run_sync(close, limiter=self._threads))


class _Streamed(StreamingResponse):
    """Streams a text being spoken, and stops the synthesis whenever the streaming ends: all sent, or left."""

    def __init__(self, speaking: _Speaking) -> None:
        super().__init__(speaking.stream(), media_type="application/octet-stream")
        self._speaking = speaking

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except ClientDisconnect:
            log.info("a client left while it was spoken to")
        finally:
            await self._speaking.close()


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > SPEECH_BODY_MAX:
            raise ParameterError(f"the body has over {SPEECH_BODY_MAX} bytes")
    return bytes(body)


def _refusal(status: int, kind: str, message: str, lacking: tuple[str, str] | None = None) -> JSONResponse:
    """Return a refusal; ``lacking`` is a voice, a language or a sound that the synthesiser does not have."""
    error = {"code": status, "kind": kind, "message": message}
    return JSONResponse(
        {"error": error if lacking is None else error | {"lacking": lacking}}, status_code=status
    )
