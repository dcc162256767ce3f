"""What the administrator's API takes and gives: the bodies of its requests and answers."""

from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from workbench.core.consent import Consent
from workbench.core.projects import (
    LISTS,
    MINUTES_MAX,
    RETENTION_MAX,
    SESSION_MAX,
    SESSIONS_MAX,
    Project,
)
from workbench.speech.recognizers.languages import ALIASES, WHISPER
from workbench.speech.voices import voices

NAME = r"^[A-Za-z0-9._:-]{1,64}$"

Name: TypeAlias = Annotated[str, Field(pattern=NAME, min_length=1, max_length=64)]
Origin: TypeAlias = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9+.-]{0,30}://[a-z0-9._-]{1,253}(:[0-9]{1,5})?$", max_length=300)
]


def _whole(value: object) -> object:
    """Return a whole number written as ``3.0`` as what JSON takes it for."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _name_voices(schema: dict[str, Any]) -> None:
    schema["enum"] = [voice.id for voice in voices()]


def _name_languages(schema: dict[str, Any]) -> None:
    known = "|".join(sorted((*WHISPER, *ALIASES)))
    schema["pattern"] = rf"^({known})(-[A-Za-z0-9]{{2,8}}){{0,3}}$"


Whole = BeforeValidator(_whole)
Language: TypeAlias = Annotated[str, Field(max_length=64, json_schema_extra=_name_languages)]
Voice: TypeAlias = Annotated[str, Field(max_length=64, json_schema_extra=_name_voices)]


class ProjectFacts(BaseModel):
    """What counts for a project; null is no limit, or no default."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    origins: Annotated[list[Origin], Field(max_length=32)] = []
    clients: Annotated[list[Name], Field(max_length=32)] = []
    voice: Voice | None = None
    language: Language | None = None
    sessions_max: Annotated[int, Field(ge=0, le=SESSIONS_MAX), Whole] | None = None
    minutes_a_day: Annotated[float, Field(ge=0, le=MINUTES_MAX)] | None = None
    session_max: Annotated[float, Field(ge=1, le=SESSION_MAX)] | None = None
    retention_days: Annotated[int, Field(ge=1, le=RETENTION_MAX), Whole] | None = None
    consent: Annotated[Consent, Field(strict=False)] | None = None
    mask: bool | None = None
    disabled: bool = False


class NewProject(ProjectFacts):
    """A project to be made."""

    name: Name


class Use(BaseModel):
    """How much of a project's quotas is used now."""

    sessions: int
    """Live and held, in this process."""
    minutes_today: float
    """Of live sessions since midnight UTC, in all processes."""


class ProjectShown(NewProject):
    """A project and its use."""

    use: Use


class ProjectList(BaseModel):
    """All projects."""

    projects: list[ProjectShown]


class SessionShown(BaseModel):
    """A session of this process."""

    session: str
    phase: str
    project: str
    client: str | None


class SessionList(BaseModel):
    """The sessions of this process."""

    total: int
    sessions: list[SessionShown]


class Quota(BaseModel):
    """What a project uses beside what it may; also of projects that are used without being registered."""

    project: str
    registered: bool
    sessions: int
    sessions_max: int | None
    minutes_today: float
    minutes_a_day: float | None


class QuotaList(BaseModel):
    """All quotas."""

    quotas: list[Quota]


class Refusal(BaseModel):
    """One entry of the audit trail: somebody was not let in."""

    at: float
    """Unix seconds."""
    reason: str
    project: str | None
    client: str | None
    address: str | None


class RefusalList(BaseModel):
    """The newest refusals, newest first."""

    refusals: list[Refusal]


class Problem(BaseModel):
    """Why a request was not answered."""

    code: int
    kind: str
    message: str


class Refused(BaseModel):
    """The body of every answer of 400 and above."""

    error: Problem


def project_of(facts: ProjectFacts, name: str) -> Project:
    """Return the project that a body describes; raises ParameterError."""
    given: dict[str, Any] = facts.model_dump(exclude={"name"})
    given |= {key: tuple(given[key]) for key in LISTS}
    return Project(name=name, **given)
