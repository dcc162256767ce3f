"""Whether an administrator's paths are there for whoever asks: only if that was set, and from where."""

from workbench.endpoint.addresses import Proxies
from workbench.endpoint.admin_page import PAGE_PATHS
from workbench.endpoint.request_heads import ADMIN_PREFIX, AsgiScope, Head
from workbench.endpoint.settings import EndpointSettings
from workbench.errors import GatewayRefused


class AdminGate:
    """Knows the settings ``admin`` and ``admin_addresses``; raises ParameterError if one is no network."""

    def __init__(self, settings: EndpointSettings) -> None:
        self._on = settings.admin
        self._networks = Proxies(settings.admin_addresses, what="admin address")

    def is_page(self, scope: AsgiScope, path: bytes) -> bool:
        """Return whether the page is asked for, which needs no token and holds no data."""
        return scope["type"] == "http" and path in PAGE_PATHS and scope["method"] in ("GET", "HEAD")

    def check(self, path: bytes, address: str) -> None:
        """Raise GatewayRefused (404, 403) if ``path`` is an administrator's and not for ``address``."""
        if not path.startswith(ADMIN_PREFIX) and path not in PAGE_PATHS:
            return
        if not self._on:
            raise GatewayRefused(404, "there is nothing at this path", "unknown-path")
        if not self._networks.trusts(address):
            raise GatewayRefused(403, "administration is not open to this address", "wrong-address")


def is_same_origin(head: Head, origin: str | None) -> bool:
    """Return whether a page of the endpoint itself asks."""
    return origin is not None and origin.partition("://")[2] == head.text(b"host").lower()
