"""Whose request it is: networks, and how far a proxy is believed."""

import pytest

from workbench.endpoint.addresses import Proxies, network_of
from workbench.errors import ParameterError


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "local"),
        ("x" * 500, "local"),
    ],
)
def test_address_is_counted_as_its_network(address, counted):
    """One customer's 2^64 addresses would each have limits of their own."""
    assert network_of(address) == counted


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.1", "203.0.113.9", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", ",".join(["203.0.113.9"] * 50), "203.0.113.9"),
    ],
)
def test_only_trusted_proxies_say_where_a_request_came_from(peer, forwarded, client):
    """Anyone could take another address in a header, and escape every limit or block a victim."""
    assert Proxies(["10.0.0.0/8"]).client(peer, forwarded) == client


def test_without_proxies_nothing_is_believed():
    """The default must not trust a header."""
    assert Proxies([]).client("127.0.0.1", "203.0.113.9") == "127.0.0.1"


def test_proxy_that_is_no_network_is_refused_at_the_start():
    """A typing error must not silently trust nobody, or everybody."""
    with pytest.raises(ParameterError, match="'10.0.0.0/99' is no address or network"):
        Proxies(["10.0.0.0/99"])
