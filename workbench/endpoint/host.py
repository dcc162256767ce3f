"""What the sessions of one process share."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.calibration import AS_SCORED, Worth
from workbench.core.audit import AuditEntry
from workbench.endpoint.destroying import Destroying
from workbench.endpoint.enriching import LookupThreads
from workbench.endpoint.finishing import Masking, masking_of
from workbench.endpoint.projects import ProjectBook
from workbench.endpoint.settings import EndpointSettings
from workbench.endpoint.speakers import Speakers
from workbench.endpoint.storing import Storing
from workbench.endpoint.thinking import Thinking, ThinkingThread
from workbench.errors import GatewayRefused
from workbench.lookups.shipped import Lookups
from workbench.security.tokens import Grant
from workbench.speech.engines import Engines


async def _any(grant: Grant, session: str) -> None:
    """Let any token create any number of sessions."""


def _never(grant: Grant, session: str) -> bool:
    """Know of no revocation."""
    return False


def _none(token: str, old: Grant, session: str) -> Grant:
    """Take no token."""
    raise GatewayRefused(401, "this endpoint takes no new tokens")


def _process() -> str:
    """Return a name for this process."""
    return secrets.token_hex(8)


def _nowhere(entry: AuditEntry) -> None:
    """Keep no audit trail."""


@dataclass(slots=True)
class Host:
    """Settings, engines, store and what decides who may come in."""

    settings: EndpointSettings
    engines: Engines
    assistant: Callable[[str], Assistant]
    """Finds an assistant by name; raises ParameterError."""
    renew: Callable[[str, Grant, str], Grant] = _none
    """Checks a token that is to take another's place in the named session; raises GatewayRefused."""
    storing: Storing | None = None
    """Writes persistent sessions; None where there is no store for them."""
    use: Callable[[Grant, str], Awaitable[None]] = _any
    """Lets a token create the named session once; raises GatewayRefused."""
    revoked: Callable[[Grant, str], bool] = _never
    """Says whether a token, or the named session, was revoked."""
    process: str = field(default_factory=_process)
    """What the store calls this process."""
    destroying: Destroying = field(default_factory=lambda: Destroying(None, ""))
    """Destroys what was stored of sessions whose consent was withdrawn."""
    note: Callable[[AuditEntry], None] = _nowhere
    """Takes entries of the audit trail, without waiting."""
    projects: ProjectBook = field(default_factory=lambda: ProjectBook(None))
    """What the projects of tokens allow."""
    speakers: Speakers = field(default_factory=Speakers)
    """How callers of earlier sessions speak."""
    worth: Callable[[str, str], Worth] = lambda assistant, language: AS_SCORED
    """What scores of partials are worth in sessions with an assistant, by its name, in a language."""
    lookups: Lookups | None = None
    """Where sessions look things up; None where they don't."""
    hearing_threads: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(2))
    speaking_threads: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(2))
    lookup_threads: LookupThreads = field(default_factory=LookupThreads)
    thinking: Thinking = field(default_factory=ThinkingThread)
    """Where sessions find out what words mean."""
    live: int = 0
    """Sessions in memory now, connected or held."""

    def masking(self, project: str) -> Masking:
        """Return what of a project's sessions is hidden once they have ended."""
        return masking_of(self.settings, self.projects.of(project))
