"""The administrator's API: projects, live sessions, quotas and refusals, with an OpenAPI document.

The gateway lets only tokens of scope ``admin`` come here, from the addresses in ``admin_addresses``, with
bodies of 4 KB at most, and only if the setting ``admin`` is on.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Annotated, Any, Protocol

import anyio
from fastapi import Depends, FastAPI, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException

from workbench.core.audit import AuditEntry
from workbench.core.audit_chain import AuditRecord
from workbench.core.clock import unix_now
from workbench.core.projects import Project
from workbench.endpoint.admin import LIST_MAX, Listed
from workbench.endpoint.admin_models import (
    NAME,
    NewProject,
    ProjectFacts,
    ProjectList,
    ProjectShown,
    Quota,
    QuotaList,
    Refusal,
    RefusalList,
    Refused,
    SessionList,
    SessionShown,
    Use,
    project_of,
)
from workbench.endpoint.projects import ProjectBook
from workbench.endpoint.session_voice import check_defaults
from workbench.errors import ParameterError, StoreError
from workbench.security import audit
from workbench.security.claims import Grant

PREFIX = "/v1/admin"
REFUSALS_MAX = 200
"""Most refusals of one answer."""
SEEN_MAX = 1000
"""Tokens remembered that have listed the sessions."""


class AdminStore(Protocol):
    """The store's part in this; its methods block and raise StoreError."""

    def put(self, project: Project) -> None:
        """Write a project."""

    def remove(self, name: str) -> bool:
        """Delete a project."""


class Admin:
    """Answers the API.

    Parameters
    ----------
    book : the projects as they count
    store : where they are kept
    sessions : returns those live and held
    refusals : returns the newest of the audit trail, oldest first; blocks
    note : takes entries of the audit trail, without waiting
    """

    def __init__(
        self,
        book: ProjectBook,
        store: AdminStore,
        *,
        sessions: Callable[[], Iterable[Listed]],
        refusals: Callable[[], Iterable[AuditRecord]],
        note: Callable[[AuditEntry], None],
    ) -> None:
        self._book, self._store = book, store
        self._sessions, self._refusals, self._note = sessions, refusals, note
        self._seen_by: set[str] = set()

    def shown(self, project: Project) -> ProjectShown:
        """Return a project with its use."""
        return ProjectShown.model_validate(
            {**asdict(project), **_lists(project), "use": self.use(project.name)}
        )

    def use(self, name: str) -> Use:
        """Return how much a project uses."""
        count = sum(session.grant.project == name for session in self._sessions())
        return Use(sessions=count, minutes_today=round(self._book.used(name) / 60, 2))

    def find(self, name: str) -> Project:
        """Return a registered project; raises HTTPException (404)."""
        for project in self._book.all():
            if project.name == name:
                return project
        raise HTTPException(404, "there is no project of that name")

    def projects(self) -> ProjectList:
        """Return all projects."""
        return ProjectList(projects=[self.shown(project) for project in self._book.all()])

    def sessions(self, grant: Grant) -> SessionList:
        """Return the sessions of this process; the audit trail tells once for each token who saw them."""
        if grant.token_id not in self._seen_by:
            self._seen_by = {*(self._seen_by if len(self._seen_by) < SEEN_MAX else ()), grant.token_id}
            self._note(
                audit.accessed(unix_now(), "listed", by=f"over HTTP, {audit.holder(grant)}", grant=grant)
            )
        found = [
            SessionShown(
                session=one.name, phase=str(one.phase), project=one.grant.project, client=one.grant.client
            )
            for one in self._sessions()
        ]
        return SessionList(total=len(found), sessions=found[:LIST_MAX])

    def quotas(self) -> QuotaList:
        """Return what is used of each project."""
        registered = {project.name: project for project in self._book.all()}
        used = {session.grant.project for session in self._sessions()}
        quotas = []
        for name in sorted(registered.keys() | used):
            project, use = self._book.of(name), self.use(name)
            quotas.append(
                Quota(
                    project=name,
                    registered=name in registered,
                    sessions=use.sessions,
                    sessions_max=project.sessions_max,
                    minutes_today=use.minutes_today,
                    minutes_a_day=project.minutes_a_day,
                )
            )
        return QuotaList(quotas=quotas)

    async def refusals(self) -> RefusalList:
        """Return the newest refusals, newest first."""
        records = await anyio.to_thread.run_sync(lambda: list(self._refusals()))
        return RefusalList(
            refusals=[
                Refusal(
                    at=one.at, reason=one.reason, project=one.project, client=one.client, address=one.address
                )
                for one in reversed(records)
            ]
        )

    async def put(self, project: Project, grant: Grant, *, before: Project | None) -> None:
        """Write a project, so that it counts from the next session on; raises StoreError."""
        await anyio.to_thread.run_sync(self._store.put, project)
        self._note(audit.project_changed(unix_now(), project, before=before, by=audit.holder(grant)))
        await self._book.look()

    async def remove(self, project: Project, grant: Grant) -> None:
        """Delete a project; raises StoreError."""
        await anyio.to_thread.run_sync(self._store.remove, project.name)
        self._note(audit.project_removed(unix_now(), project.name, by=audit.holder(grant)))
        await self._book.look()


def _lists(project: Project) -> dict[str, list[str]]:
    return {"origins": list(project.origins), "clients": list(project.clients)}


_ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": Refused, "description": "The request is malformed"},
    401: {"model": Refused, "description": "No token, or a bad one"},
    403: {"model": Refused, "description": "The token's scope, or the address, does not allow this"},
    413: {"model": Refused, "description": "The body is too large"},
    429: {"model": Refused, "description": "Too many requests"},
    503: {"model": Refused, "description": "The store did not answer"},
}
_BAD: dict[int | str, dict[str, Any]] = {422: {"model": Refused, "description": "The body is not valid"}}
_GONE: dict[int | str, dict[str, Any]] = {404: {"model": Refused, "description": "There is no such project"}}
_THERE: dict[int | str, dict[str, Any]] = {409: {"model": Refused, "description": "It is there already"}}

ProjectName = Annotated[str, Path(pattern=NAME, min_length=1, max_length=64)]


def admin_app(admin: Admin) -> FastAPI:
    """Return the API as an application of its own, so that its document tells of nothing else."""
    app = FastAPI(
        title="workbench administration",
        version="1",
        description="Projects, live sessions, quotas and refusals of one endpoint. "
        "Every request needs a token of scope `admin`: `workbench token mint --scope admin`.",
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
        responses=_ERRORS,
        dependencies=[Depends(HTTPBearer(auto_error=False, description="A token of scope admin"))],
        redirect_slashes=False,
    )
    _add_errors(app)
    _add_reading(app, admin)
    _add_changing(app, admin)
    return app


def _add_reading(app: FastAPI, admin: Admin) -> None:
    @app.get(f"{PREFIX}/projects")
    async def projects() -> ProjectList:
        """List the registered projects."""
        return admin.projects()

    @app.get(f"{PREFIX}/projects/{{name}}", responses=_GONE | _BAD)
    async def project(name: ProjectName) -> ProjectShown:
        """Show one project."""
        return admin.shown(admin.find(name))

    @app.get(f"{PREFIX}/sessions")
    async def sessions(request: Request) -> SessionList:
        """List the sessions of this process."""
        return admin.sessions(request.state.grant)

    @app.get(f"{PREFIX}/quotas")
    async def quotas() -> QuotaList:
        """List what each project uses and may use."""
        return admin.quotas()

    @app.get(f"{PREFIX}/refusals")
    async def refusals() -> RefusalList:
        """List the newest refusals, newest first."""
        return await admin.refusals()


def _add_changing(app: FastAPI, admin: Admin) -> None:
    @app.post(f"{PREFIX}/projects", status_code=201, responses=_THERE | _BAD)
    async def create(body: NewProject, request: Request) -> ProjectShown:
        """Register a project."""
        if any(project.name == body.name for project in admin.projects().projects):
            raise HTTPException(409, "there is a project of that name already")
        project = project_of(body, body.name)
        check_defaults(project)
        await admin.put(project, request.state.grant, before=None)
        return admin.shown(project)

    @app.put(f"{PREFIX}/projects/{{name}}", responses=_GONE | _BAD)
    async def replace(name: ProjectName, body: ProjectFacts, request: Request) -> ProjectShown:
        """Replace what counts for a project; what the body leaves out has no limit then."""
        before = admin.find(name)
        project = project_of(body, name)
        check_defaults(project)
        await admin.put(project, request.state.grant, before=before)
        return admin.shown(project)

    @app.delete(f"{PREFIX}/projects/{{name}}", status_code=204, responses=_GONE | _BAD)
    async def remove(name: ProjectName, request: Request) -> Response:
        """Delete a project, not its sessions."""
        await admin.remove(admin.find(name), request.state.grant)
        return Response(status_code=204)


def _add_errors(app: FastAPI) -> None:
    """Answer every failure in the form of the gateway's refusals."""

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])[:100]
        return _refusal(422, "invalid", f"{place}: {str(first['msg'])[:200].lower()}")

    @app.exception_handler(ParameterError)
    async def unfit(request: Request, error: ParameterError) -> JSONResponse:
        return _refusal(422, "invalid", str(error))

    @app.exception_handler(StoreError)
    async def away(request: Request, error: StoreError) -> JSONResponse:
        return _refusal(503, "store-away", f"the store did not take it: {error.problem}")

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> JSONResponse:
        kinds = {404: "unknown-path", 405: "wrong-method", 409: "there-already"}
        answer = _refusal(
            error.status_code, kinds.get(error.status_code, "refused"), str(error.detail).lower()
        )
        answer.headers.update(error.headers or {})
        return answer


def _refusal(code: int, kind: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "kind": kind, "message": message}}, status_code=code)
