"""What an administrator may ask over HTTP: which sessions there are, and that something be revoked.

The gateway lets only tokens of scope ``admin`` come here, and no body over 4 KB.
"""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Protocol

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.core.audit import AuditEntry
from workbench.core.clock import unix_now
from workbench.endpoint.ledger import Ledger
from workbench.errors import WorkbenchError
from workbench.security import audit
from workbench.security.audit import Revocable
from workbench.security.claims import REVOKED_FOR, REVOKED_MAX, Grant

LIST_MAX = 1000
"""Most sessions in one answer; ``total`` says how many there are."""


class Listed(Protocol):
    """What is told about a session."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def phase(self) -> str: ...  # noqa: D102
    @property
    def grant(self) -> Grant: ...  # noqa: D102


class Revocation(BaseModel):
    """What is to be revoked."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kind: Revocable
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
    seconds: Annotated[float, Field(ge=1, le=REVOKED_MAX)] = REVOKED_FOR
    """How long; as long as any token lives if not given."""


def add_admin(
    app: FastAPI,
    ledger: Ledger,
    sessions: Callable[[], Iterable[Listed]],
    note: Callable[[AuditEntry], None],
) -> None:
    """Add the administrator's routes to ``app``.

    Parameters
    ----------
    app : gets the routes
    ledger : takes revocations
    sessions : returns those live and held
    note : takes entries of the audit trail, without waiting
    """

    @app.get("/v1/sessions")
    async def listed(request: Request) -> JSONResponse:
        """List the sessions of this process."""
        grant: Grant = request.state.grant
        note(
            audit.accessed(
                unix_now(),
                "listed",
                by=f"over HTTP, {audit.holder(grant)}",
                project=grant.project,
                grant=grant,
            )
        )
        found = [
            {
                "session": session.name,
                "phase": str(session.phase),
                "project": session.grant.project,
                "client": session.grant.client,
                "token": session.grant.token_id,
            }
            for session in sessions()
        ]
        return JSONResponse({"total": len(found), "sessions": found[:LIST_MAX]})

    @app.post("/v1/revocations")
    async def revoke(request: Request) -> JSONResponse:
        """Revoke a token, session, client or project: at once here, within a second elsewhere."""
        try:
            wish = Revocation.model_validate_json(await request.body())
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]
            place = ".".join(map(str, first["loc"]))[:100]
            return _refusal(400, "malformed", f"the revocation is malformed at {place or 'its beginning'}")
        grant: Grant = request.state.grant
        try:
            await ledger.revoke(wish.kind, wish.name, seconds=wish.seconds, by=grant)
        except WorkbenchError:
            return _refusal(503, "store-away", "revoked in this process only: the store did not take it")
        return JSONResponse({"kind": wish.kind, "name": wish.name, "seconds": wish.seconds}, status_code=201)


def _refusal(code: int, kind: str, message: str) -> JSONResponse:
    error: dict[str, Any] = {"code": code, "kind": kind, "message": message}
    return JSONResponse({"error": error}, status_code=code)
