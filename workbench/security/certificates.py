"""Certificates for development: a CA of one's own, and short-lived certificates that it signs.

The CA may only vouch for the names it was made for (name constraints), so a page or a client that trusts it
trusts it for nothing else.
"""

import ipaddress
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from workbench.core.clock import unix_now
from workbench.errors import ParameterError, system_reason

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
"""Names that every server certificate is for."""
DAYS = 30
"""Days a certificate is good for unless it is told otherwise."""
DAYS_MAX = 90
CA_DAYS = 180
"""Days the CA is good for; then clients have to trust another."""
CA_NAME = "workbench development CA"
"""How the name of every development CA begins."""
NAMES_MAX = 50
"""Most names of one certificate."""

_BACKDATED = timedelta(minutes=5)
"""Clocks differ."""
_HOST = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
)
_CLIENT = re.compile(r"[A-Za-z0-9._:-]{1,40}")

Name: TypeAlias = x509.DNSName | x509.IPAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A certificate and its private key, as they stand in two files of a folder."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What one run of ``workbench certificates`` made."""

    ca: Path
    """The file that clients trust."""
    new_ca: bool
    """Whether it is another than before, to be trusted anew."""
    pair: Pair
    names: tuple[str, ...]
    """What the certificate is for."""
    until: float
    """Unix seconds at which it ends."""


@dataclass(frozen=True, slots=True)
class _Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_server_certificate(folder: Path, names: Sequence[str] = (), *, days: int = DAYS) -> Made:
    """Make ``server.pem`` and ``server.key`` in ``folder`` for the local names and ``names``.

    The CA there (``ca.pem``, ``ca.key``) signs it; one is made if there is none, or if it would end before
    the certificate does or may not vouch for all the names.

    Raises
    ------
    ParameterError
        If a name is none, the days are not 1 to 90, or the folder can't be used.
    """
    wanted = _distinct((*LOCAL_NAMES, *names))
    until = _end(days)
    authority, new = _authority(folder, wanted, until)
    key = _new_key()
    leaf = (
        _builder("workbench development server", key, until, issuer=authority)
        .add_extension(x509.SubjectAlternativeName(wanted), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return _kept(folder, "server", leaf, key, new=new)


def make_client_certificate(folder: Path, name: str, *, days: int = DAYS) -> Made:
    """Make ``client-NAME.pem`` and ``client-NAME.key`` in ``folder``, signed by the CA there.

    Raises
    ------
    ParameterError
        If the name is none, there is no CA yet, or the folder can't be used.
    """
    if not _CLIENT.fullmatch(name):
        raise ParameterError("the client is no name of 1 to 40 letters, digits or any of . _ : -")
    until = _end(days)
    authority = _read_authority(folder)
    if authority is None or authority.certificate.not_valid_after_utc < until:
        wanted = "make a server certificate first, which makes one"
        raise ParameterError(f"{folder}: there is no CA that lasts {days} days, {wanted}")
    key = _new_key()
    leaf = (
        _builder(f"workbench client {name}", key, until, issuer=authority)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return _kept(folder, f"client-{name}", leaf, key, new=False)


def _authority(folder: Path, names: Sequence[Name], until: datetime) -> tuple[_Authority, bool]:
    there = _read_authority(folder)
    if there is not None and _may_vouch(there.certificate, names, until):
        return there, False
    key = _new_key()
    permitted = [_subtree(name) for name in names]
    certificate = (
        _builder(f"{CA_NAME} {secrets.token_hex(3)}", key, _now() + timedelta(days=CA_DAYS))
        .add_extension(x509.NameConstraints(permitted, excluded_subtrees=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(folder / "ca.key", _key_text(key), mode=0o600)
    _write(folder / "ca.pem", certificate.public_bytes(serialization.Encoding.PEM), mode=0o644)
    return _Authority(certificate, key), True


def _builder(
    name: str, key: ec.EllipticCurvePrivateKey, until: datetime, *, issuer: _Authority | None = None
) -> x509.CertificateBuilder:
    """Return a certificate to be signed: of a CA, or with ``issuer`` of what it vouches for."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    is_ca = issuer is None
    signer = key if issuer is None else issuer.key
    usage = x509.KeyUsage(
        digital_signature=not is_ca,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_now() - _BACKDATED)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=0 if is_ca else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )


def _read_authority(folder: Path) -> _Authority | None:
    """Return the CA in ``folder``, None if there is none or its two files do not belong together."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    except OSError as error:
        raise _unusable(folder, error) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        return None
    try:
        certificate.verify_directly_issued_by(certificate)
    except (InvalidSignature, ValueError, TypeError):
        return None
    return _Authority(certificate, key)


def _may_vouch(certificate: x509.Certificate, names: Sequence[Name], until: datetime) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return False
    permitted = constraints.permitted_subtrees or []
    return certificate.not_valid_after_utc >= until and all(_subtree(name) in permitted for name in names)


def _subtree(name: Name) -> x509.GeneralName:
    if isinstance(name, x509.IPAddress):
        return x509.IPAddress(ipaddress.ip_network(str(name.value)))
    return x509.DNSName(name.value.removeprefix("*."))


def _distinct(names: Sequence[str]) -> list[Name]:
    if len(names) > NAMES_MAX:
        raise ParameterError(f"a certificate would be for {len(names)} names, expected at most {NAMES_MAX}")
    return list(dict.fromkeys(_name(name) for name in names))


def _name(text: str) -> Name:
    try:
        return x509.IPAddress(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        pass
    host = text.lower().rstrip(".")
    if not _HOST.fullmatch(host.removeprefix("*.")) or host.replace(".", "").isdigit():
        raise ParameterError(f"{text[:100]!r} is no host name or address a certificate could be for")
    return x509.DNSName(host)


def _kept(
    folder: Path, name: str, leaf: x509.Certificate, key: ec.EllipticCurvePrivateKey, *, new: bool
) -> Made:
    pair = Pair(certificate=folder / f"{name}.pem", key=folder / f"{name}.key")
    _write(pair.key, _key_text(key), mode=0o600)
    _write(pair.certificate, leaf.public_bytes(serialization.Encoding.PEM), mode=0o644)
    return Made(
        ca=folder / "ca.pem",
        new_ca=new,
        pair=pair,
        names=names_of(leaf),
        until=leaf.not_valid_after_utc.timestamp(),
    )


def is_for_development(file: Path) -> bool:
    """Return whether a development CA has signed the first certificate in ``file``; raises ValueError."""
    issuer = x509.load_pem_x509_certificates(file.read_bytes())[0].issuer
    names = issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    return any(str(name.value).startswith(CA_NAME) for name in names)


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the hosts and addresses a certificate is for."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(one.value) for one in found if isinstance(one, x509.DNSName | x509.IPAddress))


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _key_text(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _end(days: int) -> datetime:
    if not 1 <= days <= DAYS_MAX:
        raise ParameterError(f"a certificate would last {days} days, expected 1 to {DAYS_MAX}")
    return _now() + timedelta(days=days)


def _now() -> datetime:
    return datetime.fromtimestamp(int(unix_now()), UTC)


def _write(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file beside its place and move it there, whole or not at all."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise _unusable(path, error) from None


def _unusable(path: Path, error: OSError) -> ParameterError:
    problem = system_reason(error)
    return ParameterError(f"{path}: can't keep certificates there: {problem}")
