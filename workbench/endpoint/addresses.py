"""Whose request it is: the peer's address, or the one a trusted proxy names, as limits count it."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from workbench.errors import ParameterError

LOCAL = "local"
"""The name of a peer without an address: a Unix socket."""
FORWARDED_MAX = 20
"""Proxies named in one header; a longer list is cut on the stranger's side."""

_SITE = 64
"""Bits of an IPv6 address that name a site: whoever has one address there has them all."""


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """Return what ``address`` is counted as: an IPv4 address, an IPv6 /64, or ``local``.

    >>> network_of("::ffff:192.0.2.7"), network_of("2001:db8::1:2:3:4"), network_of("no address")
    ('192.0.2.7', '2001:db8::/64', 'local')
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return LOCAL
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((int(parsed), _SITE), strict=False))
    return str(parsed)


class Proxies:
    """The proxies that are believed when they say where a request came from."""

    def __init__(self, networks: Sequence[str], what: str = "trusted proxy") -> None:
        """Raises ParameterError, which says ``what``, if one is no address or network."""
        self._networks: list[IPv4Network | IPv6Network] = []
        for text in networks:
            try:
                self._networks.append(ip_network(text, strict=False))
            except ValueError:
                raise ParameterError(f"{what} {text[:50]!r} is no address or network") from None

    def trusts(self, address: str) -> bool:
        """Return whether ``address`` is a trusted proxy's."""
        if not self._networks:
            return False
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)

    def client(self, peer: str, forwarded: str) -> str:
        """Return the address ``peer`` speaks for, given its ``X-Forwarded-For``.

        The list is read from its end, where our own proxies write, and only as far as they reach: what
        stands before is whatever the client made up.
        """
        address = peer
        for named in reversed(forwarded.split(",")[-FORWARDED_MAX:]):
            if not self.trusts(address):
                break
            try:
                address = str(ip_address(named.strip()))
            except ValueError:
                break
        return address
