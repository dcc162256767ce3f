"""A lab for realtime voice assistants: talk to one, see every decision on one timeline, tune it on evidence.

>>> from workbench import open_session
>>> async with open_session("coffee") as session:  # doctest: +SKIP
...     ...
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
