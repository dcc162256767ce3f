"""Whether a session has had its time: too long, held in vain, or nobody speaks."""

from workbench.endpoint.opening import SessionOver
from workbench.endpoint.settings import EndpointSettings
from workbench.protocol.native import CloseCode


def overdue(
    settings: EndpointSettings, *, longest: float, age: float, held_for: float | None, silent_for: float
) -> SessionOver | None:
    """Return why a session is to end now, None if it may go on.

    Parameters
    ----------
    settings : the limits
    longest : seconds it may last
    age : seconds since it began in this process
    held_for : seconds without a connection; None while one carries it
    silent_for : seconds since either side last spoke, or the connection came
    """
    if age > longest:
        problem = f"the session has lasted {longest:g} s"
        return SessionOver(CloseCode.TOO_LONG, "too-long", problem)
    if held_for is not None:
        return SessionOver(CloseCode.GONE, "connection-lost") if held_for > settings.hold else None
    if silent_for > settings.silence_timeout:
        problem = f"nobody spoke for {settings.silence_timeout:g} s"
        return SessionOver(CloseCode.IDLE, "idle", problem)
    return None
