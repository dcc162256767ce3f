"""What may be a name or an origin, wherever it is written down."""

import re

LIST_MAX = 32
"""Most entries of a list of names or origins."""

ORIGIN = re.compile(r"[a-z][a-z0-9+.-]{0,30}://(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?")
"""An origin as a browser writes it."""

_NAME = re.compile(r"(?!\.+\Z)[A-Za-z0-9._:-]{1,64}")  # of dots alone it would lead out of a folder


def is_name(text: str) -> bool:
    """Return whether ``text`` may name a token, project, session or client."""
    return _NAME.fullmatch(text) is not None
