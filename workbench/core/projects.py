"""Projects: whose sessions they are, who may open them from where, and how much of them there may be."""

import re
from dataclasses import dataclass, fields
from math import isfinite

from workbench.core.consent import Consent
from workbench.core.languages import is_tag
from workbench.core.names import LIST_MAX, ORIGIN, is_name
from workbench.errors import ParameterError

SESSIONS_MAX = 10_000
MINUTES_MAX = 1_000_000.0
"""Most minutes a day: 700 sessions around the clock."""
SESSION_MAX = 4 * 3600.0
"""Most seconds of one session."""
RETENTION_MAX = 3650
"""Most days."""

_VOICE = re.compile(r"[A-Za-z0-9_.:+-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What counts for the sessions of one project; None is no limit of its own, or no default."""

    name: str
    origins: tuple[str, ...] = ()
    """Origins whose pages may connect; empty for those of the token, or of the endpoint."""
    clients: tuple[str, ...] = ()
    """Clients that tokens have to be bound to, one of them; empty for any token."""
    voice: str | None = None
    """Speaks in place of an assistant's own voice, where it speaks the assistant's language."""
    language: str | None = None
    """BCP 47 tag of sessions in which neither the client nor the assistant names a language."""
    sessions_max: int | None = None
    """Sessions at once, live and held, in one endpoint process."""
    minutes_a_day: float | None = None
    """Minutes of live sessions a day (UTC), of all endpoint processes together."""
    session_max: float | None = None
    """Seconds of one session."""
    retention_days: int | None = None
    """Days that stored sessions are kept."""
    consent: Consent | None = None
    """What may be stored of a session if neither token nor client nor assistant says."""
    mask: bool | None = None
    """Whether personal data is masked in what is stored of a session once it has ended."""
    disabled: bool = False
    """Whether nobody may hold sessions; those that are live end."""

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem:
            raise ParameterError(problem)


LISTS = ("origins", "clients")
NAMES = tuple(field.name for field in fields(Project))


def unfit(project: Project, client: str | None, origin: str | None) -> str | None:
    """Return which of a token's client and its page's origin the project does not allow, None if it fits."""
    if project.origins and origin is not None and origin not in project.origins:
        return "origin"
    if project.clients and client not in project.clients:
        return "client"
    return None


def _problem(project: Project) -> str | None:
    if not is_name(project.name):
        return "the project is no name of 1 to 64 letters, digits or any of . _ : -"
    for name, shape, what in (
        ("origins", ORIGIN, "origin such as https://shop.example"),
        ("clients", None, "name of 1 to 64 letters, digits or any of . _ : -"),
    ):
        values = getattr(project, name)
        if len(values) > LIST_MAX:
            return f"{name} has {len(values)} entries, expected at most {LIST_MAX}"
        for value in values:
            if not (is_name(value) if shape is None else shape.fullmatch(value)):
                return f"{name} has {value[:100]!r}, which is no {what}"
    if project.voice is not None and not _VOICE.fullmatch(project.voice):
        return f"voice is {project.voice[:64]!r}, expected a voice's name"
    if project.language is not None and not is_tag(project.language):
        return f"language is {project.language[:64]!r}, expected a tag such as en-GB"
    for name, least, most in (
        ("sessions_max", 0, SESSIONS_MAX),
        ("minutes_a_day", 0, MINUTES_MAX),
        ("session_max", 1, SESSION_MAX),
        ("retention_days", 1, RETENTION_MAX),
    ):
        value = getattr(project, name)
        if value is not None and not (isfinite(value) and least <= value <= most):
            return f"{name} is {value:g}, expected {least} to {most:g}"
    return None
