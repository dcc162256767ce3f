"""The life of a session as a table: created, live, held, resumed, ended.

::

    created --connected--> live --lost--> held --connected--> resumed --caught-up--> live
       |                    |              |                    |  |
       |                    |              |                    |  +--lost--> held
       +-------ended--------+----ended-----+-------ended--------+-----------> ended
"""

from enum import StrEnum

from workbench.errors import ParameterError


class Phase(StrEnum):
    """Where a session stands."""

    CREATED = "created"
    """It has a name; no connection carries it yet."""
    LIVE = "live"
    """A connection carries it."""
    HELD = "held"
    """The connection was lost; the client may come back."""
    RESUMED = "resumed"
    """The client came back; what either side missed is being sent again."""
    ENDED = "ended"
    """It is over."""


class Happening(StrEnum):
    """What moves a session on."""

    CONNECTED = "connected"
    CAUGHT_UP = "caught-up"
    LOST = "lost"
    ENDED = "ended"


_NEXT = {
    (Phase.CREATED, Happening.CONNECTED): Phase.LIVE,
    (Phase.CREATED, Happening.ENDED): Phase.ENDED,
    (Phase.LIVE, Happening.LOST): Phase.HELD,
    (Phase.LIVE, Happening.CAUGHT_UP): Phase.LIVE,
    (Phase.LIVE, Happening.ENDED): Phase.ENDED,
    (Phase.HELD, Happening.CONNECTED): Phase.RESUMED,
    (Phase.HELD, Happening.ENDED): Phase.ENDED,
    (Phase.RESUMED, Happening.CAUGHT_UP): Phase.LIVE,
    (Phase.RESUMED, Happening.LOST): Phase.HELD,
    (Phase.RESUMED, Happening.ENDED): Phase.ENDED,
}


def next_phase(phase: Phase, happening: Happening) -> Phase:
    """Return the phase after ``happening``.

    Raises
    ------
    ParameterError
        If it can't happen in ``phase``.
    """
    try:
        return _NEXT[phase, happening]
    except KeyError:
        raise ParameterError(f"a session that is {phase} can't be {happening}") from None
