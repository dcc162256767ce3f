"""What a client is told of the session that its connection carries."""

from collections.abc import Mapping

from workbench.core.clock import unix_now
from workbench.endpoint.beginning import Beginning
from workbench.protocol.native import Received, Welcome
from workbench.security.tokens import Grant


def welcome(
    begin: Beginning,
    grant: Grant,
    received: Received,
    *,
    how: str,
    hold: float,
    kept: Mapping[str, object],
) -> Welcome:
    """Return the answer to a client's first message.

    Parameters
    ----------
    begin : the session's opening
    grant : of the token that the connection came with
    received : what the endpoint has of the client's stream and messages, now
    how : what became of the session
    hold : seconds it is held after a lost connection
    kept : what may be stored, and what is, as ``Welcome`` names it
    """
    return Welcome.model_validate(
        {
            "session": begin.name,
            "handle": begin.handle,
            "how": how,
            "hold": hold,
            "expires_in": max(0.0, grant.expires - unix_now()),
            "messages": received.messages,
            "position": received.position,
            "at": received.at,
            **kept,
        }
    )
