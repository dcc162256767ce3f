"""What may be stored of a session: whose word counts, and how that can change while it goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from workbench.conversation.assistant_model import Assistant
from workbench.core.consent import Consent, consent_told, least
from workbench.core.events import Event
from workbench.errors import ProtocolError

By: TypeAlias = Literal["token", "client", "assistant", "project", "settings", "asked"]
"""Whose word it is that counts; ``asked``: the caller's own, once there is an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What may be stored of a session."""

    level: Consent
    by: By
    asking: Consent | None = None
    """What a yes would allow, while the caller is to be asked; nothing is stored before."""

    def told(self) -> dict[str, str]:
        """Return what the event of the session's opening says of it."""
        return {"level": self.level.value, "by": self.by}

    def changed(self, wanted: Consent) -> "Settled":
        """Return it after the client has said so; raises ProtocolError if that would allow more."""
        if self.asking is not None:
            most, by = self.asking, "client"
        else:
            most, by = self.level, self.by
        if not most.allows(wanted):
            problem = f"consent is {most.value}, it can be withdrawn in a session but not given later"
            raise ProtocolError("bad-consent", problem)
        return Settled(level=wanted, by="client" if by == "client" else self.by)


def may_keep_sound(consent: Settled) -> bool:
    """Return whether the sound may be stored, or will be if the caller agrees."""
    return (consent.asking or consent.level).keeps_sound


def settled(
    *,
    token: Consent | None,
    client: Consent | None,
    assistant: Assistant,
    project: Consent | None,
    otherwise: Consent,
) -> Settled:
    """Return what may be stored of a new session.

    Parameters
    ----------
    token : what the backend says
    client : what the session's client says; it may allow less than the token, not more
    assistant : says, or asks, if neither of them does
    project : what its project says, if none of them does
    otherwise : counts if nobody says
    """
    said = [level for level in (token, client) if level is not None]
    if said:
        level = least(*said)
        return Settled(level=level, by="token" if level is token else "client")
    if assistant.consent.ask and assistant.consent.level is not None:
        return Settled(level=Consent.NONE, by="asked", asking=assistant.consent.level)
    if assistant.consent.level is not None:
        return Settled(level=assistant.consent.level, by="assistant")
    if project is not None:
        return Settled(level=project, by="project")
    return Settled(level=otherwise, by="settings")


def settled_before(events: Sequence[Event], *, otherwise: Consent) -> Settled:
    """Return what the events of a stored session say last.

    One that was stored before sessions told of it may be stored as ``otherwise`` says.
    """
    told = consent_told(events)
    if told is None:
        return Settled(level=otherwise, by="settings")
    level, by = told
    return Settled(level=level, by=cast(By, by))
