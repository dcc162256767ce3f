"""A lab for realtime voice assistants: talk to one, see every decision on one timeline, tune it on evidence.

>>> from workbench import open_session
>>> async with open_session("coffee") as session:  # doctest: +SKIP
...     ...

``open_session`` talks to an assistant, in a script or a notebook cell: it opens a ``Session``, with
``SessionSettings``, at an ``Endpoint`` or at one of its own (``open_endpoint``: several sessions at one). A
``Device`` is a sound card made of arrays, in real time; the session's ``Timeline`` has all that happened.

Further in: ``workbench.notebook`` (the live panel, sessions held over cells), ``workbench.client.caller`` (a
conversation from recordings), ``workbench.store.recording`` (session folders), ``workbench.analysis`` (what
reads them), ``workbench.errors`` (what can go wrong).
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.client.device import Device
    from workbench.client.local import Endpoint, open_endpoint
    from workbench.client.session import Session, SessionSettings, open_session
    from workbench.core.timeline import Timeline

__version__ = "0.1.0"

# From 1.29 on onnxruntime tells its makers about each use, unless this is set before it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__all__ = [
    "Device",
    "Endpoint",
    "Session",
    "SessionSettings",
    "Timeline",
    "__version__",
    "open_endpoint",
    "open_session",
]

_HOMES = {
    "Device": "workbench.client.device",
    "Endpoint": "workbench.client.local",
    "open_endpoint": "workbench.client.local",
    "Session": "workbench.client.session",
    "SessionSettings": "workbench.client.session",
    "open_session": "workbench.client.session",
    "Timeline": "workbench.core.timeline",
}


def __getattr__(name: str) -> Any:
    """Load a name of ``__all__`` when it is first used: importing the package stays cheap."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Name what is loaded when it is first used as well, for completion and ``help``."""
    return sorted({*globals(), *__all__})
