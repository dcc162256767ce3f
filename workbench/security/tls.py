"""What either side of TLS accepts: versions, ciphers, certificates, and the sentence for what it does not.

TLS 1.2 and 1.3 with ephemeral keys and authenticated encryption only (RFC 9325). There is no switch that
turns verification off: a client trusts the system's authorities, or those of one file.
"""

import os
import ssl
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from workbench.core.clock import unix_now
from workbench.errors import ParameterError, system_reason
from workbench.security.certificates import names_of

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Those of TLS 1.2; all of TLS 1.3's are such."""
FILE_MAX = 1024 * 1024
"""Most bytes of a file of certificates or a key."""
RSA_MIN = 2048
"""Fewest bits of an RSA key."""
SOON = 7 * 86_400.0
"""Seconds before its end at which a certificate is complained about."""

_OTHERS = stat.S_IWGRP | stat.S_IRWXO | stat.S_IXGRP
"""What a key file's mode may not allow; a group may read it, as Debian's ``ssl-cert`` does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """Where a server's certificate is, and whom it asks for one."""

    certificate: Path
    """PEM: its own first, then those between it and the authority."""
    key: Path
    """PEM, without a passphrase, readable by nobody else."""
    client_ca: Path | None = None
    """PEM: authorities of which every client needs a certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a server's certificate says."""

    serial: int
    names: tuple[str, ...]
    until: float
    """Unix seconds at which it ends."""

    def __str__(self) -> str:
        end = datetime.fromtimestamp(self.until, UTC).strftime("%Y-%m-%d %H:%M UTC")
        return f"certificate {self.serial % 2**32:08x} for {', '.join(self.names)}, until {end}"


def server_context(files: TlsFiles) -> tuple[ssl.SSLContext, Shown]:
    """Return what a server answers with, and what its certificate says.

    Raises
    ------
    ParameterError
        Names the file and what is wrong with it.
    """
    shown = _looked_at(files.certificate, unix_now())
    _check_private(files.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET
    context.num_tickets = 0  # nothing to resume from: each connection is a handshake with today's certificate
    try:
        context.load_cert_chain(files.certificate, files.key, password=_no_passphrase)
    except _Locked:
        raise ParameterError(f"{files.key}: the key has a passphrase, expected one without") from None
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            problem = f"is not the key of the certificate in {files.certificate}"
        else:
            problem = "holds no private key in PEM"
        raise ParameterError(f"{files.key}: {problem}") from None
    except OSError as error:  # replaced or removed since it was looked at
        raise _unreadable(files.key, error) from None
    if files.client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        _trust(context, files.client_ca)
    return context, shown


def client_context(
    trust: Path | None = None, *, certificate: Path | None = None, key: Path | None = None
) -> ssl.SSLContext:
    """Return what a client goes by; it always verifies the server's certificate and name.

    Parameters
    ----------
    trust : PEM file of authorities, in place of the system's
    certificate, key : PEM files to show to a server that asks; both or none

    Raises
    ------
    ParameterError
        Names the file and what is wrong with it.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    if trust is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        _trust(context, trust)
    if (certificate is None) != (key is None):
        given, lacking = ("certificate", "key") if key is None else ("key", "certificate")
        raise ParameterError(f"a client's {given} was given without its {lacking}, expected both or none")
    if certificate is not None and key is not None:
        _check_private(key)
        _read(certificate)
        try:
            context.load_cert_chain(certificate, key, password=_no_passphrase)
        except _Locked:
            raise ParameterError(f"{key}: the key has a passphrase, expected one without") from None
        except ssl.SSLError:
            raise ParameterError(f"{key}: is not the key of the certificate in {certificate}") from None
        except OSError as error:
            raise _unreadable(key, error) from None
    return context


class _Locked(Exception):  # noqa: N818  never leaves this module
    pass


def _no_passphrase() -> str:
    """Keep OpenSSL from asking on the terminal."""
    raise _Locked


def _trust(context: ssl.SSLContext, file: Path) -> None:
    _certificates(file)
    try:
        context.load_verify_locations(file)
    except ssl.SSLError:
        raise ParameterError(f"{file}: holds no certificate in PEM") from None
    except OSError as error:
        raise _unreadable(file, error) from None


def _looked_at(file: Path, now: float) -> Shown:
    """Return what the first certificate of ``file`` says, if it can be used now."""
    leaf = _certificates(file)[0]
    try:
        names = names_of(leaf)
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        raise ParameterError(f"{file}: the certificate is malformed") from None
    begins, ends = leaf.not_valid_before_utc.timestamp(), leaf.not_valid_after_utc.timestamp()
    if ends <= now:
        raise ParameterError(f"{file}: the certificate ended on {_day(ends)}, expected one that is valid")
    if begins > now:
        raise ParameterError(f"{file}: the certificate begins on {_day(begins)}, expected one that is valid")
    if not names:
        problem = "names no host or address, so no client would accept it"
        raise ParameterError(f"{file}: the certificate {problem}")
    public = leaf.public_key()
    if isinstance(public, rsa.RSAPublicKey) and public.key_size < RSA_MIN:
        raise ParameterError(
            f"{file}: the certificate's RSA key has {public.key_size} bits, expected {RSA_MIN}"
        )
    if not isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise ParameterError(f"{file}: the certificate's key is of another kind, expected RSA or EC")
    return Shown(serial=leaf.serial_number, names=names, until=ends)


def _certificates(file: Path) -> list[x509.Certificate]:
    content = _read(file)
    try:
        return x509.load_pem_x509_certificates(content)
    except ValueError:
        found = " but a private key" if b"PRIVATE KEY-----" in content else ""
        raise ParameterError(f"{file}: holds no certificate in PEM{found}") from None


def _check_private(file: Path) -> None:
    mode = _status(file).st_mode
    if mode & _OTHERS:
        wanted = "expected mode 0600 or 0640"
        raise ParameterError(f"{file}: the key has mode {stat.S_IMODE(mode):04o}, {wanted}")
    _read(file)


def _read(file: Path) -> bytes:
    size = _status(file).st_size
    if size > FILE_MAX:
        raise ParameterError(f"{file}: has {size} bytes, expected at most {FILE_MAX}")
    try:
        return file.read_bytes()
    except OSError as error:
        raise _unreadable(file, error) from None


def _status(file: Path) -> os.stat_result:
    try:
        status = file.stat()
    except OSError as error:
        raise _unreadable(file, error) from None
    if not stat.S_ISREG(status.st_mode):
        raise ParameterError(f"{file}: is no plain file, expected one in PEM")
    return status


def _unreadable(file: Path, error: OSError) -> ParameterError:
    return ParameterError(f"{file}: can't be read: {system_reason(error)}")


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
