"""The edge, put together: everything that stands between a stranger's bytes and the application."""

from collections.abc import Callable
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any, Protocol

from workbench.aio import task_group
from workbench.core.clock import unix_now
from workbench.endpoint.auditing import Auditing, Trail
from workbench.endpoint.doorman import behind_tls
from workbench.endpoint.gateway import Application, Gateway
from workbench.endpoint.handshake import Entrance, uvicorn_options
from workbench.endpoint.ledger import Book, Ledger
from workbench.endpoint.limits import Limits
from workbench.endpoint.projects import ProjectBook
from workbench.endpoint.settings import EndpointSettings
from workbench.errors import GatewayRefused
from workbench.security import audit
from workbench.security.keyring import Keyring
from workbench.security.tokens import Grant, check_token
from workbench.store.projects import Projects


class EdgeStore(Book, Trail, Protocol):
    """The store's part in the edge."""

    projects: Projects


@dataclass(frozen=True, slots=True)
class Edge:
    """The parts of the edge, for one process."""

    settings: EndpointSettings
    keys: Callable[[], Keyring]
    limits: Limits
    ledger: Ledger
    auditing: Auditing
    projects: ProjectBook

    def around(self, app: Application) -> Gateway:
        """Return ``app`` behind the gateway."""
        return Gateway(
            app,
            self.settings,
            keys=self.keys,
            limits=self.limits,
            revoked=self.ledger,
            witness=self.auditing,
            projects=self.projects,
        )

    def renew(self, token: str, old: Grant, session: str) -> Grant:
        """Return what ``token`` grants, in place of ``old``, in a session that is under way.

        Raises
        ------
        GatewayRefused
            If it is no good token, or bound otherwise, or its scopes are fewer.
        """
        grant = None
        try:
            grant = check_token(token, self.keys())
            if self.ledger.revoked(grant, session):
                raise GatewayRefused(403, "the session token was revoked", "revoked")
            if (grant.project, grant.client) != (old.project, old.client):
                raise GatewayRefused(403, "the token belongs to another project or client", "wrong-owner")
            fewer = grant.assistants and not set(grant.assistants) >= set(old.assistants or ("any",))
            if grant.session not in (None, session) or fewer or not grant.scopes >= old.scopes:
                raise GatewayRefused(403, "the token is bound otherwise or allows less", "wrong-scope")
            self.projects.admit(grant, None)
        except GatewayRefused as refusal:
            self.auditing.refused(refusal, address="", grant=grant)
            raise
        self.auditing.put(audit.refreshed(unix_now(), grant, session=session, address=None))
        return grant

    def uvicorn_options(self, gateway: Gateway, tls: SSLContext | None = None) -> dict[str, Any]:
        """Return what ``uvicorn.Config`` takes to bound what comes before ``gateway`` and to ask it early.

        With ``tls``, nothing but that is spoken.
        """
        entrance = Entrance(self.settings, gateway.admit)
        options = uvicorn_options(entrance)
        if tls is not None:
            options["http"] = behind_tls(options["http"], entrance, tls)
        return options

    async def run(self) -> None:
        """Poll revocations and write the audit trail until cancelled."""
        async with task_group() as group:
            group.start_soon(self.ledger.run)
            group.start_soon(self.auditing.run)


def make_edge(
    settings: EndpointSettings,
    store: EdgeStore,
    *,
    keys: Callable[[], Keyring],
    on_revoked: Callable[[], object],
) -> Edge:
    """Return the edge; raises ParameterError or EngineMissing if its settings can't be met.

    Parameters
    ----------
    settings : origins, proxies, rates and limits
    store : keeps used tokens, revocations and the audit trail
    keys : returns the keys as they are now
    on_revoked : called on the event loop when something was revoked; ends the sessions of which
        ``ledger.revoked`` now says so
    """
    auditing = Auditing(store)
    ledger = Ledger(store, on_revoked=on_revoked, record=auditing.put)
    projects = ProjectBook(store.projects, registered=settings.projects == "registered")
    return Edge(settings, keys, Limits(settings), ledger, auditing, projects)
