"""Whom a client trusts, and in one sentence why a connection with TLS did not come about.

Verification can't be turned off. A client trusts the system's authorities, or those of the file in
``WORKBENCH_TRUST``; a server that asks for a certificate is shown the one in ``WORKBENCH_CLIENT_CERTIFICATE``
with the key in ``WORKBENCH_CLIENT_KEY``.
"""

import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from workbench.errors import CertificateRefused, ConnectionLost, ParameterError
from workbench.security.tls import client_context

TRUST, CERTIFICATE, KEY = "WORKBENCH_TRUST", "WORKBENCH_CLIENT_CERTIFICATE", "WORKBENCH_CLIENT_KEY"
"""The environment variables that name a client's files."""

_NOT_TRUSTED = frozenset({2, 18, 19, 20, 21})
_BEGUN_LATER, _ENDED = 9, 10
_OTHER_NAME = frozenset({62, 64})
_PURPOSE = 26
_CONSTRAINT = frozenset({47, 48, 49, 50, 51, 52})
"""Codes of X509_verify_cert, from OpenSSL's x509_vfy.h."""
_HUNG_UP = frozenset({"InvalidMessage", "RemoteProtocolError", "ReadError"})
"""What the libraries call a connection that ended before an answer."""
_IS_TLS = ", or it takes TLS only and wss:// is meant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """A client's files; what is not given here comes from the environment."""

    authorities: Path | None = None
    """PEM: whose certificates are accepted, in place of the system's."""
    certificate: Path | None = None
    """PEM: shown to a server that asks for one."""
    key: Path | None = None
    """PEM: its private key."""

    def context(self) -> ssl.SSLContext:
        """Return what a connection goes by; raises ParameterError if a file can't be used."""
        authorities = self.authorities or _path(TRUST)
        certificate = self.certificate or _path(CERTIFICATE)
        key = self.key or _path(KEY)
        stamps = tuple(map(_stamp, (authorities, certificate, key)))
        return _context(authorities, certificate, key, stamps)


def context_for(url: str, trust: Trust) -> ssl.SSLContext | None:
    """Return what to connect to ``url`` with, None where it needs no TLS because it is on this machine.

    Raises
    ------
    ParameterError
        If a token would go to another machine unencrypted, the URL is none, or a file can't be used.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("ws", "wss", "http", "https"):
        raise ParameterError(f"{url[:100]!r} is no address of an endpoint, expected wss://host:port")
    if parts.scheme in ("wss", "https"):
        return trust.context()
    if not _on_this_machine(host):
        wanted = "wss" if parts.scheme == "ws" else "https"
        raise ParameterError(
            f"a session token would go to {host} unencrypted by {parts.scheme}://, expected {wanted}://"
        )
    return None


def lost(url: str, error: BaseException, trust: Trust) -> ConnectionLost:
    """Return why nobody was reached at ``url``, with what was wrong with a certificate if that was it."""
    found = _tls_error(error)
    if found is not None:
        return CertificateRefused(url, _sentence(found, urlsplit(url).hostname or ""))
    hint = ""
    if type(error).__name__ in _HUNG_UP:
        hint = _after_handshake(trust) if urlsplit(url).scheme == "wss" else _IS_TLS
    return ConnectionLost(f"no endpoint answered at {url}: {_why(error)}{hint}")


def _after_handshake(trust: Trust) -> str:
    """Return what a server means that ends a good handshake without a word."""
    if trust.certificate or _path(CERTIFICATE):
        return ", as from one that does not accept this client's certificate"
    return f", as from one that asks for a client's certificate: set {CERTIFICATE} and {KEY}"


def _sentence(error: ssl.SSLError, host: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _refused(error.verify_code, error.verify_message, host)
    reason = error.reason or ""
    if "CERTIFICATE_REQUIRED" in reason:  # a proxy says so, asyncio just hangs up
        return f"it asks for a client's certificate, set {CERTIFICATE} and {KEY}"
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"):
        return "what answers there does not speak TLS, ws:// may be meant"
    if "ALERT" in reason and ("CERT" in reason or "UNKNOWN_CA" in reason):
        return "it does not accept this client's certificate"
    if "PROTOCOL" in reason or "CIPHER" in reason or "HANDSHAKE_FAILURE" in reason:
        return "it offers no version and cipher of TLS that are safe, expected 1.2 or 1.3"
    return f"the handshake failed: {reason.lower().replace('_', ' ') or 'no reason was given'}"


def _refused(code: int, message: str, host: str) -> str:
    if code in _NOT_TRUSTED:
        return f"its certificate is signed by nobody trusted here, set {TRUST} to the authority's file"
    if code == _ENDED:
        return "its certificate, or its authority's, has ended"
    if code == _BEGUN_LATER:
        return "its certificate, or its authority's, is not valid yet: is this machine's clock right"
    if code in _OTHER_NAME:
        return f"its certificate is for other names than {host}"
    if code == _PURPOSE:
        return "its certificate is not made for a server"
    if code in _CONSTRAINT:
        return "its authority may not vouch for its names"
    return f"its certificate is not acceptable: {message.lower()}"


def _tls_error(error: BaseException) -> ssl.SSLError | None:
    """Return the error of TLS that ``error`` is or came from."""
    return next((one for one in _causes(error) if isinstance(one, ssl.SSLError)), None)


def _why(error: BaseException) -> str:
    """Return what the system says of ``error``, else what kind it is."""
    for one in _causes(error):
        if isinstance(one, socket.gaierror):
            return (one.strerror or "its name is not known").lower()
        if isinstance(one, OSError) and one.errno:
            return os.strerror(one.errno).lower()
        if isinstance(one, TimeoutError):
            return "it took too long"
    return type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield ``error`` and what it came from; libraries wrap theirs."""
    for _ in range(10):
        if error is None:
            return
        yield error
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        else:
            error = error.__cause__ or error.__context__


def _on_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost" or host.lower().endswith(".localhost")


@lru_cache(maxsize=8)
def _context(
    authorities: Path | None, certificate: Path | None, key: Path | None, stamps: object
) -> ssl.SSLContext:
    """Return a context, made anew when one of its files has changed: the system's store takes 20 ms."""
    return client_context(authorities, certificate=certificate, key=key)


def _stamp(file: Path | None) -> tuple[int, int] | None:
    try:
        return None if file is None else (file.stat().st_mtime_ns, file.stat().st_ino)
    except OSError:
        return None


def _path(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None
