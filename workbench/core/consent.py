"""What of a conversation may be kept beyond its end: nothing, what was said, or the sound as well."""

from collections.abc import Iterable
from enum import StrEnum

from workbench.core.events import ConsentSettled, Event, SessionOpened


class Consent(StrEnum):
    """What somebody agreed to, the least first."""

    NONE = "none"
    """Nothing is stored."""
    TRANSCRIPT = "transcript"
    """Events with what was said are, no sound."""
    FULL = "full"
    """Both are."""

    @property
    def keeps_text(self) -> bool:
        """Return whether what was said may be stored."""
        return self is not Consent.NONE

    @property
    def keeps_sound(self) -> bool:
        """Return whether the sound may be stored."""
        return self is Consent.FULL

    def allows(self, other: "Consent") -> bool:
        """Return whether ``other`` is no more than this."""
        order = list(Consent)
        return order.index(other) <= order.index(self)


def least(first: Consent, *others: Consent) -> Consent:
    """Return the one that allows least."""
    found = first
    for other in others:
        found = other if found.allows(other) else found
    return found


def consent_told(events: Iterable[Event]) -> tuple[Consent, str] | None:
    """Return what a session's events say last of what may be stored, and on whose word; None if nothing."""
    found: tuple[Consent, str] | None = None
    for event in events:
        match event.body:
            case SessionOpened(settings={"consent": {"level": str(level), "by": str(by)}}):
                found = Consent(level), by
            case ConsentSettled(level=level) if found is not None:
                found = Consent(level), found[1]
            case ConsentSettled(level=level):
                found = Consent(level), "settings"
    return found
