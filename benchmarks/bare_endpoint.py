"""``workbench serve`` with nobody asked who they are and nothing numbered, kept or acknowledged.

Only for ``overhead.py``, which measures what these cost; takes the same arguments as ``workbench``.
"""

import sys

from workbench.cli import main
from workbench.core.clock import unix_now
from workbench.endpoint.addresses import LOCAL
from workbench.endpoint.gateway import Admission, Gateway
from workbench.endpoint.intake import Intake
from workbench.endpoint.ledger import Ledger
from workbench.endpoint.request_heads import AsgiScope
from workbench.endpoint.sending import Sending
from workbench.protocol.order import Order, Place
from workbench.security.tokens import Grant, Scope


def _anybody() -> Grant:
    return Grant(
        token_id="nobody's",
        key_id="none",
        project="default",
        scopes=frozenset({Scope.CONVERSE}),
        assistants=(),
        origins=(),
        session=None,
        client=None,
        expires=unix_now() + 86_400,
    )


async def _admit_all(self: Gateway, scope: AsgiScope) -> Admission:
    return Admission(_anybody(), None, LOCAL)


async def _no_claim(self: Ledger, grant: Grant, session: str, *, address: str | None = None) -> None:
    pass


def _keep_nothing(self: Sending, kind: str, seq: int, message: str | bytes) -> None:
    if self._outbox is not None:
        self._outbox.put(message)


if __name__ == "__main__":
    Gateway.admit = _admit_all
    _say = Sending.say
    Ledger.claim = _no_claim
    Order.take = lambda self, seq: Place.NEXT
    Intake.report = lambda self: None
    Sending._keep = _keep_nothing
    Sending.acknowledged = lambda self, seen: None
    Sending.say = lambda self, message: None if message.type == "ack" else _say(self, message)
    sys.exit(main())
