"""The endpoint as a process: engines loaded, socket bound, readiness announced."""

import ctypes
import gc
import logging
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path

import anyio
import uvicorn

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.assistants import load_assistant, shipped_assistants
from workbench.endpoint.app import Application
from workbench.endpoint.calibrating import worths
from workbench.endpoint.certificates import Certificates
from workbench.endpoint.host import Host
from workbench.endpoint.logs import name_by
from workbench.endpoint.orchestrator import Orchestrator
from workbench.endpoint.production import check_projects
from workbench.endpoint.put_back import check_noted
from workbench.endpoint.request_heads import prefix_of
from workbench.endpoint.session_voice import by_default
from workbench.endpoint.settings import EndpointSettings
from workbench.endpoint.settings_noted import note_settings
from workbench.endpoint.synthesis_policy import with_policy
from workbench.endpoint.thinking import ThinkingProcess
from workbench.endpoint.warming import Warming
from workbench.errors import AssistantError, ParameterError
from workbench.lookups.shipped import open_lookups
from workbench.protocol.native import MAX_MESSAGE_BYTES
from workbench.security.audit_keys import ensure_audit_keys, passing_audit_keys
from workbench.security.head_notes import head_notes
from workbench.security.keyring import Keyring
from workbench.security.tls import TlsFiles
from workbench.speech.engines import Engines, load_embedded, load_scripted
from workbench.speech.recognizers.languages import check_recognized
from workbench.speech.voices import named
from workbench.store.store import Store, open_store
from workbench.store.urls import default_url, place_of

log = logging.getLogger(__name__)

SWITCH_INTERVAL = 0.0005
"""Seconds a worker thread may keep the interpreter from the event loop; Python's own 5 ms let events wait."""

GC_THRESHOLDS = (1_000, 5, 500)
"""For Python's cyclic collector: a look through all events of many sessions takes 50 ms, so it is rare.

What a session leaves is freed at once but for cycles, which wait until 2.5 million objects have come.
"""

_M_ARENA_MAX = -8
"""The number of glibc's setting, from malloc.h."""

GRACE = 5
"""Seconds that open sessions are given to say goodbye at shutdown."""

COMPILE_MAX = 30.0
"""Seconds that the assistants may take before connections are accepted all the same; sessions wait then."""


def engines_for(settings: EndpointSettings) -> Engines:
    """Load the engines that ``settings`` names; raises EngineMissing or ModelMissing."""
    if settings.engines == "scripted":
        return load_scripted(settings.script)
    return load_embedded(settings.models, cache_bytes=settings.synthesis_cache)


def offered(files: Sequence[Path]) -> Callable[[str], Assistant]:
    """Return what finds an assistant by name: of ``files``, then shipped; clients never name files.

    Raises
    ------
    AssistantError
        If one of ``files`` is not valid.
    """
    given = {assistant.name: assistant for assistant in map(load_assistant, files)}

    @lru_cache(maxsize=32)
    def find(name: str) -> Assistant:
        if name in given:
            return given[name]
        if name not in shipped_assistants():
            known = ", ".join((*given, *shipped_assistants()))
            raise ParameterError(f"no assistant of that name, this endpoint offers {known}")
        return load_assistant(name)

    return find


def serve(settings: EndpointSettings, keys: Callable[[], Keyring], *, ready: Callable[[str], None]) -> None:
    """Serve until interrupted; call ``ready`` with the base URL once sessions are accepted.

    Raises
    ------
    ParameterError
        If the address can't be bound, or the certificate, a calibration or a folder can't be used.
    StoreError
        If the store can't be used, or what is in it can't be opened for want of a key.
    """
    _expect_folders(settings)
    given = {file: load_assistant(file) for file in settings.assistants}
    _expect_voices(settings, given)
    _few_heaps()
    sys.setswitchinterval(SWITCH_INTERVAL)
    if settings.engines == "embedded":
        check_recognized(settings.language, "setting language")
    certificates = _certificates(settings)
    listener = _bind(settings)
    find = offered(settings.assistants)
    names = dict.fromkeys((*(assistant.name for assistant in given.values()), *shipped_assistants()))
    assistants = [by_default(find(name), settings.language) for name in names]
    with (
        listener,
        ThinkingProcess(assistants) as thinking,  # which compiles while the rest starts
        _audited_store(settings) as store,
        open_lookups(knowledge=settings.knowledge, customers=settings.customers) as lookups,
    ):
        if settings.profile == "production":
            check_projects(store)
        engines = with_policy(engines_for(settings), settings, keys)
        worth = worths(settings.calibration, assistants, engine=engines.name)
        host = Host(settings, engines, find, lookups=lookups, thinking=thinking, worth=worth)
        beside = () if certificates is None else (certificates.run,)
        application = Application(host, keys, store, beside=beside)
        tls = None if certificates is None else certificates.context
        config = uvicorn.Config(
            application.gateway,
            ws_max_size=MAX_MESSAGE_BYTES,
            ws_per_message_deflate=False,
            log_level="warning",
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=GRACE,
            **application.edge.uvicorn_options(application.gateway, tls),
        )
        name, port = listener.getsockname()[:2]
        name = f"[{name}]" if ":" in name else name
        with Warming(host, assistants):
            scheme = "ws" if tls is None else "wss"
            announce = partial(ready, f"{scheme}://{name}:{port}{prefix_of(settings).decode()}")
            _Server(config, announce, application.orchestrator, thinking).run(sockets=[listener])


def _audited_store(settings: EndpointSettings) -> Store:
    url = settings.store or default_url()
    place = place_of(url)
    in_memory = place.is_sqlite and place.file is None  # the trail ends with the process, and so may its key
    keys = passing_audit_keys() if in_memory else ensure_audit_keys()
    name_by(keys)
    notes = head_notes(settings.audit_note)
    store = open_store(url, audit_keys=keys, audit_archive=settings.audit_archive, audit_notes=notes)
    try:
        store.keys.check()
        store.projects.all()  # one that can't be read would have its sessions kept as if it said nothing
        check_noted(store, settings)
        note_settings(store, settings, keys)
    except BaseException:
        store.close()
        raise
    return store


class _Server(uvicorn.Server):
    """Uvicorn, saying when it is ready, and letting the sessions go before the connections."""

    def __init__(
        self,
        config: uvicorn.Config,
        ready: Callable[[], None],
        orchestrator: Orchestrator,
        thinking: ThinkingProcess,
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._orchestrator = orchestrator
        self._thinking = thinking

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        with anyio.move_on_after(COMPILE_MAX):  # a client would give up the first session before it is open
            while not (self._thinking.compiled or self.should_exit):  # noqa: ASYNC110  a signal sets it
                await anyio.sleep(0.02)
        if self.should_exit:
            return
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # what is loaded by now stays: looking through all of it again takes 40 to 160 ms
        gc.set_threshold(*GC_THRESHOLDS)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._orchestrator.drain()
        await super().shutdown(sockets)


def _expect_folders(settings: EndpointSettings) -> None:
    """Refuse folders that would be found out to be none in the middle of a session, or never."""
    if settings.models is not None and not settings.models.is_dir():
        raise ParameterError(f"setting models: {settings.models} is no folder, expected one with weights")
    if settings.record is not None:
        there = next(
            place for place in (settings.record, *settings.record.absolute().parents) if place.exists()
        )
        if not there.is_dir():
            raise ParameterError(f"setting record: {there} is a file, expected a folder for recordings")
        if not os.access(there, os.W_OK | os.X_OK):
            raise ParameterError(f"setting record: the folder {there} is not writable")


def _expect_voices(settings: EndpointSettings, given: Mapping[Path, Assistant]) -> None:
    """Refuse an assistant's file with a voice that nobody has: each of its replies would be silent."""
    if settings.engines != "embedded" or settings.synthesis == "remote":  # others' voices are not known here
        return
    for file, assistant in given.items():
        try:
            named(assistant.voice)
        except ParameterError as error:
            raise AssistantError(str(file), None, "voice", str(error)) from None


def _certificates(settings: EndpointSettings) -> Certificates | None:
    """Return what the endpoint answers with, None where it speaks without TLS."""
    if (settings.certificate is None) != (settings.certificate_key is None):
        given, lacking = ("certificate", "certificate_key")
        if settings.certificate is None:
            given, lacking = lacking, given
        raise ParameterError(f"setting {given} is there without {lacking}, expected both or none")
    if settings.certificate is None or settings.certificate_key is None:
        if settings.client_ca is not None:
            raise ParameterError("setting client_ca is there without a certificate, expected both or none")
        return None
    return Certificates(
        TlsFiles(certificate=settings.certificate, key=settings.certificate_key, client_ca=settings.client_ca)
    )


def _few_heaps() -> None:
    """Keep glibc from giving each worker thread a heap of its own: a tenth less memory."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library has no such setting
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def _bind(settings: EndpointSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # with the protocol named, what it accepts is sent at once, not held back for an acknowledgement (Nagle)
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        problem = error.strerror or type(error).__name__
        advice = "--host" if isinstance(error, socket.gaierror) else "--port"
        raise ParameterError(
            f"can't listen on {settings.host}:{settings.port}: {problem.lower()}; choose another {advice}"
        ) from None
    return listener
