"""What is unsafe about whom an endpoint hears and whom it talks to: addresses, origins, proxies, URLs."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, parse_qs, urlsplit

from workbench.core.names import ORIGIN
from workbench.endpoint.limits import IN_MEMORY
from workbench.endpoint.settings import EndpointSettings
from workbench.store.urls import default_url

_WHY_NARROW = {
    "trusted_proxies": "from where anybody could claim any address",
    "admin_addresses": "from where far too many could try tokens",
}
WIDEST = {4: 16, 6: 48}
"""Fewest bits of a network that is trusted, by IP version: a site's, not the world's."""


def unsafe_network(settings: EndpointSettings) -> Iterator[str]:
    """Yield what is unsafe, a sentence each."""
    yield from _listening(settings)
    for origin in settings.origins:
        yield from _origin(origin)
    for proxy in settings.trusted_proxies:
        yield from _wide(proxy, "trusted_proxies")
    if settings.admin:
        for address in settings.admin_addresses:
            if not on_loopback(address.partition("/")[0]):
                yield from _wide(address, "admin_addresses")
    yield from _synthesis(settings)
    yield from _limits(settings.limits_url)
    yield from _store(settings.store or default_url())


def _listening(settings: EndpointSettings) -> Iterator[str]:
    if settings.certificate is not None:
        return
    if not on_loopback(settings.host):
        yield (
            f"host {settings.host} is reached from other machines and nothing is encrypted: "
            "set certificate and certificate_key"
        )
    elif not settings.trusted_proxies:
        yield (
            f"host {settings.host} is unencrypted and no proxy in front of it is named: "
            "set certificate and certificate_key, or trusted_proxies"
        )


def _origin(origin: str) -> Iterator[str]:
    if "*" in origin:
        yield f"origins has {origin!r}, which lets in pages of anybody: name each origin in full"
        return
    if not ORIGIN.fullmatch(origin):
        yield f"origins has {origin[:100]!r}, which is none: write https://host or https://host:port"
        return
    parts = urlsplit(origin)
    if on_loopback(parts.hostname or ""):
        yield f"origins has {origin}, a page of whoever runs a server on the caller's machine: leave it out"
    elif parts.scheme != "https":
        yield f"origins has {origin}, whose pages anybody on the way can change: write https://"


def _wide(text: str, name: str) -> Iterator[str]:
    try:
        network: IPv4Network | IPv6Network = ip_network(text, strict=False)
    except ValueError:
        yield f"{name} has {text[:50]!r}, which is no address or network: write one such as 10.0.0.7"
        return
    if network.prefixlen < WIDEST[network.version]:
        yield (
            f"{name} has {text}, {_WHY_NARROW[name]}: name a network of /{WIDEST[network.version]} or smaller"
        )


def _synthesis(settings: EndpointSettings) -> Iterator[str]:
    if settings.synthesis == "local":
        return
    parts = _split(settings.synthesis_url)
    if parts is None or not parts.hostname:
        yield "synthesis_url names no endpoint: write https://host"
    elif parts.scheme != "https" and not on_loopback(parts.hostname):
        yield f"synthesis_url sends replies to {parts.hostname} unencrypted: write https://"
    elif parts.username is not None or parts.password is not None:
        yield "synthesis_url holds a user or password, which is not sent: leave it out"


def _limits(url: str) -> Iterator[str]:
    if url == IN_MEMORY:
        return
    parts = _split(url)
    if parts is None or not parts.hostname:
        if not url.startswith("redis+unix://"):
            yield "limits_url names no Redis: write rediss://user:password@host by reference"
        return
    if on_loopback(parts.hostname):
        return
    if parts.scheme != "rediss":
        yield f"limits_url reaches {parts.hostname} unencrypted: write rediss://"
    if parse_qs(parts.query).get("ssl_cert_reqs", ["required"]) != ["required"]:
        yield f"limits_url does not verify the certificate of {parts.hostname}: leave ssl_cert_reqs out"
    if parse_qs(parts.query).get("ssl_check_hostname", ["true"])[0].lower() not in ("true", "1", "yes"):
        yield f"limits_url does not verify the name of {parts.hostname}: leave ssl_check_hostname out"
    if parts.password is None:
        yield f"limits_url shows {parts.hostname} no password: set one there, and write it by reference"


def _store(url: str) -> Iterator[str]:
    parts = _split(url)
    if parts is None:
        yield "store is no URL: write sqlite:///PATH or postgresql://USER@HOST/DATABASE?sslmode=verify-full"
        return
    if parts.scheme == "sqlite":
        if not parts.path.strip("/"):
            yield "store is in memory, so revocations and the audit trail end with the process: write sqlite:///PATH"
        return
    mode = parse_qs(parts.query).get("sslmode", ["prefer"])[0]
    if parts.hostname and not on_loopback(parts.hostname) and mode != "verify-full":
        yield f"store reaches {parts.hostname} with sslmode={mode}: write sslmode=verify-full"


def on_loopback(host: str) -> bool:
    """Return whether ``host`` is this machine itself."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None
