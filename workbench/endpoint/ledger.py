"""Which token was used for which session, and what was revoked."""

import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

import anyio

from workbench.core.audit import AuditEntry
from workbench.core.clock import unix_now
from workbench.errors import GatewayRefused, WorkbenchError
from workbench.security import audit
from workbench.security.audit import Revocable
from workbench.security.claims import REVOKED_FOR, Grant

log = logging.getLogger(__name__)

POLL_EVERY = 0.5
"""Seconds between two looks at what other processes have revoked."""
USED_MAX = 10_000
"""Used tokens remembered here; the store knows the others."""
WARN_EVERY = 60.0
"""Seconds between two log lines about a store that can't be read."""


class Book(Protocol):
    """The store's part in this; its methods block and raise WorkbenchError."""

    def use_token(self, token_id: str, session: str, until: float) -> str:
        """Note a use; return the session that used the token first."""

    def revoke(self, kind: Revocable, name: str, until: float) -> None:
        """Note a revocation."""

    def revocations(self, now: float) -> frozenset[tuple[str, str]]:
        """Return what is revoked at ``now``."""


class Ledger:
    """One-time use and revocation, answered from memory, kept in the store.

    Parameters
    ----------
    book : the store
    on_revoked : called on the event loop whenever something new is revoked, here or in another process;
        ends the live sessions that ``revoked`` now says yes to
    record : takes the audit entries
    now : Unix seconds
    """

    def __init__(
        self,
        book: Book,
        *,
        on_revoked: Callable[[], object],
        record: Callable[[AuditEntry], None],
        now: Callable[[], float] = unix_now,
    ) -> None:
        self._book = book
        self._on_revoked = on_revoked
        self._record = record
        self._now = now
        self._used: OrderedDict[str, str] = OrderedDict()
        self._stored: frozenset[tuple[str, str]] = frozenset()
        self._known = self._stored
        self._own: dict[tuple[str, str], float] = {}
        self._warned = -WARN_EVERY

    def revoked(self, grant: Grant, session: str | None = None) -> bool:
        """Return whether the token, its client, its project, its session or ``session`` was revoked."""
        if not self._known:
            return False
        names = (
            ("token", grant.token_id),
            ("project", grant.project),
            ("client", grant.client),
            ("session", grant.session),
            ("session", session),
        )
        return any(name in self._known for name in names)

    async def claim(self, grant: Grant, session: str, *, address: str | None = None) -> None:
        """Use the token for ``session``: once to create it, again only for that very session.

        Cancelling it may leave the token used.

        Raises
        ------
        GatewayRefused
            403, if it was used for another session; 503, if the store can't tell.
        """
        first = self._used.get(grant.token_id)
        if first is None:
            try:
                first = await anyio.to_thread.run_sync(
                    self._book.use_token, grant.token_id, session, grant.expires
                )
            except WorkbenchError as error:
                log.error("a token's use could not be noted: %s", type(error).__name__)
                reason = "the endpoint can't note the use of a token at the moment"
                raise GatewayRefused(503, reason, "store-away") from None
            self._used[grant.token_id] = first
            if len(self._used) > USED_MAX:
                self._used.popitem(last=False)
        if first != session:
            refusal = GatewayRefused(403, "the session token was used for another session", "replayed")
            self._record(audit.refused(self._now(), refusal, address=address, grant=grant))
            raise refusal
        self._record(audit.used(self._now(), grant, session=session, address=address))

    async def revoke(
        self, kind: Revocable, name: str, *, seconds: float = REVOKED_FOR, by: Grant | None = None
    ) -> None:
        """Let ``name`` in no longer: at once here, within a second in every process on the same store.

        Raises
        ------
        WorkbenchError
            If the store did not take it: then it holds in this process only, until that ends.
        """
        until = self._now() + seconds
        self._own[kind, name] = until
        self._merge()
        self._record(audit.revoked(self._now(), kind, name, by=by))
        await anyio.to_thread.run_sync(self._book.revoke, kind, name, until)

    async def poll(self) -> None:
        """Look once at what was revoked elsewhere."""
        try:
            self._stored = await anyio.to_thread.run_sync(self._book.revocations, self._now())
        except WorkbenchError as error:
            if self._now() - self._warned >= WARN_EVERY:
                self._warned = self._now()
                problem = type(error).__name__
                log.error("revocations can't be read (%s): those known so far stay in force", problem)
        self._merge()

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            await self.poll()
            await anyio.sleep(POLL_EVERY)

    def _merge(self) -> None:
        """Put together what the store says and what it does not know yet; tell if there is something new."""
        now = self._now()
        self._own = {
            name: until for name, until in self._own.items() if until > now and name not in self._stored
        }
        former, self._known = self._known, self._stored | self._own.keys()
        if self._known - former:
            self._on_revoked()
