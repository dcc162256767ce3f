"""The live panel: talk to an assistant in the page, and watch what is heard, understood and answered.

The page holds the session. This half mints its tokens, follows its events into a timeline, and answers what
the page asks; the key stays here.
"""

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anyio
import anywidget
import traitlets
from IPython.core.getipython import get_ipython
from IPython.display import display
from ipywebrtc import CameraStream
from ipywidgets import Widget, widget_serialization

from workbench.client.ending import end_session
from workbench.client.local import Endpoint
from workbench.conversation.tuning import Setting
from workbench.core.consent import Consent, consent_told
from workbench.core.timeline import Timeline
from workbench.errors import ConnectionLost, ParameterError, WorkbenchError
from workbench.security.keys import load_key
from workbench.security.tokens import MAX_LIFETIME, mint_token
from workbench.store.recording import is_whole, load_recording
from workbench.widgets.attending import Attending
from workbench.widgets.esm import bundle, source

TOKEN_LIFETIME = MAX_LIFETIME
"""Seconds: a cell may keep the kernel busy for long, and meanwhile nobody could renew it."""

STOP_TIMEOUT = 4.0
"""Seconds a page has to end its session when it is told to."""

END_TIMEOUT = 30.0
"""Seconds an endpoint has to end a session: it finishes what it was about to recognise."""

LET_GO = 1.0
"""Seconds in which a page that has just stopped its session may say so; then it counts as holding it."""

RECORD_TIMEOUT = 10.0
"""Seconds the endpoint may take to write a recording after the session's end."""


def microphone() -> CameraStream:
    """Return the microphone as a source, with the browser's echo cancellation."""
    wanted = {"echoCancellation": True, "noiseSuppression": True, "autoGainControl": True}
    return CameraStream(constraints={"audio": wanted, "video": False})


class LivePanel(anywidget.AnyWidget):
    """A panel that holds a conversation in the page. ``notebook.talk`` makes and shows one.

    Parameters
    ----------
    where : the endpoint, with its key
    recordings : folder in which that endpoint records its sessions, if it does and this process may read it
    traits : values of the traits
    """

    _esm = bundle("live.js")
    _css = source("live.css")

    panel = traitlets.Unicode().tag(sync=True)
    """This panel's own name; a page keeps its session under it over a reload."""
    endpoint = traitlets.Unicode().tag(sync=True)
    """Base URL of the endpoint."""
    base_path = traitlets.Unicode("/").tag(sync=True)
    """Path of the notebook server, for pages that don't say."""
    assistant = traitlets.Unicode("coffee").tag(sync=True)
    settings = traitlets.Dict().tag(sync=True)
    """``early_synthesis``, ``greet``, ``persistent``, ``consent``, ``language`` of the sessions."""
    codec = traitlets.Enum(("pcm16", "mulaw", "opus"), default_value="pcm16").tag(sync=True)
    transport = traitlets.Enum(("websocket", "webrtc"), default_value="websocket").tag(sync=True)
    presenter = traitlets.Bool(default_value=False).tag(sync=True)
    """Whether it is to be read at the back of a room."""
    session = traitlets.Unicode("").tag(sync=True)
    """Name of the session that is under way in some page; the pages set it."""
    source = traitlets.Instance(Widget).tag(sync=True, **widget_serialization)
    """The caller: any ipywebrtc MediaStream."""

    def __init__(self, where: Endpoint, *, recordings: Path | None = None, **traits: Any) -> None:
        traits.setdefault("source", microphone())
        # all that a page starts from is there when it is first told of the panel
        super().__init__(panel=secrets.token_hex(8), endpoint=where.url, **traits)
        self._where = where
        self._recordings = recordings
        self._displayed: object = None
        self._attending = Attending(where, send=self.send, ended=self._ended)
        self.on_msg(self._received)

    @property
    def session_id(self) -> str:
        """Return the name of the newest session, empty before the first."""
        observer = self._attending.observer
        return "" if observer is None else observer.session

    @property
    def timeline(self) -> Timeline:
        """Return what is known of the newest session; it grows with it, and is there before the first."""
        return self._attending.timeline

    @property
    def problem(self) -> str:
        """Return why the newest session's events can't be followed, empty as long as they can."""
        return self._attending.problem

    @property
    def over(self) -> bool:
        """Return whether no session is under way, as far as its events tell."""
        observer = self._attending.observer
        return observer is None or observer.ended or bool(self.problem)

    async def run(self) -> None:
        """Answer the pages and follow the sessions until cancelled: what ``notebook.talk`` holds."""
        await self._attending.run()

    async def stop(self) -> None:
        """End the session, if there is one, and wait until its last event is here.

        Its page ends it; where no page does, because it was closed, the endpoint is told to.

        Raises
        ------
        ConnectionLost, GatewayRefused
            If the endpoint had to be told and could not be, or does not end the session within half a minute.
        """
        self.send({"kind": "stop"})
        await _within(STOP_TIMEOUT, lambda: self.over)
        if not self.over:
            await end_session(self._where, self.session_id)
            if not await _within(END_TIMEOUT, lambda: self.over):
                raise ConnectionLost(
                    f"session {self.session_id} was to end, its endpoint has not ended it in "
                    f"{END_TIMEOUT:g} s"
                )
        self.session = ""

    def _expect_session(self) -> None:
        if self.problem:
            raise ParameterError(f"the session of this panel is out of reach: {self.problem}")
        if not self.session_id or self.over:
            raise ParameterError("no session is under way in this panel, press Talk first")

    def tune(self, changes: Mapping[str, Setting]) -> None:
        """Let the session go on under changed settings of turn taking, by names as ``early.confidence``.

        Its page asks the endpoint; the event ``turn-taking-tuned`` on the timeline tells that they count.

        Raises
        ------
        ParameterError
            If no session is under way.
        """
        self._expect_session()
        self.send({"kind": "tune", "settings": dict(changes)})

    def withdraw_consent(self, level: Consent = Consent.NONE) -> None:
        """Have no more than ``level`` kept of the session, and what was kept destroyed.

        Its page asks the endpoint; the event ``consent-settled`` on the timeline tells that it is done.

        Raises
        ------
        ParameterError
            If no session is under way.
        """
        self._expect_session()
        self.send({"kind": "consent", "level": level.value})

    async def save(self, folder: Path | str) -> Path:
        """Save the newest session, timeline and both tracks, into ``folder`` and return it.

        One that its page has just stopped is waited for: the page says so before the endpoint has ended it.

        Raises
        ------
        ParameterError
            If there is none, it still goes on, its sound was not to be kept, its recording is out of reach,
            or ``folder`` can't be written.
        """
        if not self.session_id:
            raise ParameterError("no session was held in this panel, press Talk first")
        if await _within(LET_GO, lambda: self.over or not self.session):
            await _within(END_TIMEOUT, lambda: self.over)
        if not self.over:
            raise ParameterError("the session still goes on: await panel.stop(), then save it")
        told = consent_told(self.timeline.events)
        if told is not None and not told[0].keeps_sound:
            raise ParameterError(f"the consent to this session is {told[0]}, so no recording of it is kept")
        if self._recordings is None:
            raise ParameterError(
                "the recordings of this endpoint are out of reach: start it with --record DIR and look there"
            )
        recorded = self._recordings / self.session_id
        await _within(RECORD_TIMEOUT, lambda: is_whole(recorded))
        recording = await anyio.to_thread.run_sync(load_recording, recorded)
        return await anyio.to_thread.run_sync(recording.save, folder)

    def show(self) -> None:
        """Show the panel under the cell that runs; as the value of that cell it is not shown again."""
        self._display()
        self._displayed = _run_of_cell()

    def _ipython_display_(self) -> None:
        if self._displayed is None or self._displayed != _run_of_cell():
            self._display()

    def _display(self) -> None:
        shown = self._repr_mimebundle_()
        if shown is not None:
            display(shown[0], metadata=shown[1], raw=True)  # type: ignore[no-untyped-call]

    def _received(self, _: object, content: object, buffers: object) -> None:
        """Take a message of a page, on whichever thread it comes."""
        if isinstance(content, Mapping):
            if content.get("kind") == "token":
                self._attending.answer(content, **self._token(str(content.get("origin", ""))))
            else:
                self._attending.put(content)

    def _token(self, origin: str) -> dict[str, object]:
        try:
            if self._where.tokens is not None:
                return {"token": self._where.tokens(), "lifetime": 120.0}
            token = mint_token(
                self._where.key or load_key(),
                lifetime=TOKEN_LIFETIME,
                origins=(origin,),
                assistants=(self.assistant,),
                client=self.panel,
            )
        except WorkbenchError as error:
            return {"reason": "no-token", "sentence": str(error)}
        return {"token": token, "lifetime": TOKEN_LIFETIME}

    def _ended(self, session: str) -> None:
        if self.session == session:
            self.session = ""  # whichever page had it is gone, or says so itself


def server_base_path() -> str:
    """Return the notebook server's base path, as far as a kernel is told; pages usually know better."""
    for name in ("VOILA_BASE_URL", "JUPYTERHUB_SERVICE_PREFIX"):
        path = os.environ.get(name, "")
        if path.startswith("/"):
            return path if path.endswith("/") else path + "/"
    return "/"


async def _within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Wait for what another task, thread or process does; return whether it came in time."""
    with anyio.move_on_after(seconds):
        while not condition():  # noqa: ASYNC110  bounded, and rare
            await anyio.sleep(0.05)
    return condition()


def _run_of_cell() -> object:
    """Return what differs from one run of a cell to the next."""
    shell = get_ipython()
    return None if shell is None else shell.execution_count
