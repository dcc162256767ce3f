"""What is said of a certificate that is not accepted: OpenSSL's own errors, from handshakes in memory."""

import errno
import socket
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from certifying import write_key
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from websockets import InvalidURI

from workbench.client.trust import Trust, context_for, lost
from workbench.errors import CertificateRefused
from workbench.security.certificates import make_client_certificate, make_server_certificate
from workbench.security.tls import client_context

DAY = timedelta(days=1)


def test_what_the_system_says_is_told_in_its_words():
    """A user would read the name of a Python exception, where a port or a name is wrong."""
    wrapped = RuntimeError("of a library")
    wrapped.__cause__ = BaseExceptionGroup("all attempts", [ConnectionRefusedError(errno.ECONNREFUSED, "no")])
    told = {
        "connection refused": wrapped,
        "network is unreachable": OSError(errno.ENETUNREACH, "Connect call failed"),
        "name or service not known": socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
        "it took too long": TimeoutError(),
        "InvalidURI": InvalidURI("ws://x", "of nobody"),
    }
    for words, error in told.items():
        assert str(lost("ws://x:1", error, Trust())) == f"no endpoint answered at ws://x:1: {words}"


def refusal(server: ssl.SSLContext, ca: Path, name: str = "localhost") -> str:
    """Return what a client says of ``server``."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    mine = client_context(ca).wrap_bio(down, up, server_hostname=name)
    theirs = server.wrap_bio(up, down, server_side=True)
    with pytest.raises(ssl.SSLError) as caught:
        shake_hands(mine, theirs)
    problem = lost(f"wss://{name}:1", caught.value, Trust())
    assert isinstance(problem, CertificateRefused)
    return problem.problem


def shake_hands(client: ssl.SSLObject, server: ssl.SSLObject) -> None:
    """Let them agree; raises what the client says, not the server."""
    for _ in range(5):
        with suppress(ssl.SSLWantReadError):
            client.do_handshake()
        with suppress(ssl.SSLError):
            server.do_handshake()


def serving(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def signed(
    folder: Path, *, begins: timedelta = -DAY, ends: timedelta = DAY, name: str = "localhost", **more: Any
) -> ssl.SSLContext:
    """Return a server whose certificate the CA in ``folder`` has signed."""
    ca = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    ca_key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x y")])
    usage = more.get("usage", ExtendedKeyUsageOID.SERVER_AUTH)
    leaf = (
        x509.CertificateBuilder(ca.subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    (folder / "x.pem").write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    write_key(folder / "x.key", key)
    return serving(folder / "x.pem", folder / "x.key")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_server_certificate(tmp_path)
    return tmp_path


def test_each_thing_that_can_be_wrong_with_a_certificate_has_its_sentence(folder: Path) -> None:
    ca = folder / "ca.pem"
    ended = "its certificate, or its authority's, has ended"
    assert refusal(signed(folder, begins=-2 * DAY, ends=-DAY), ca) == ended
    later = "its certificate, or its authority's, is not valid yet: is this machine's clock right"
    assert refusal(signed(folder, begins=DAY, ends=2 * DAY), ca) == later
    assert refusal(signed(folder), ca, "lab.example") == "its certificate is for other names than lab.example"
    assert refusal(signed(folder), ca, "192.0.2.1") == "its certificate is for other names than 192.0.2.1"
    posing = signed(folder, usage=ExtendedKeyUsageOID.CLIENT_AUTH)
    assert refusal(posing, ca) == "its certificate is not made for a server"
    other = signed(folder, name="lab.example")
    assert refusal(other, ca, "lab.example") == "its authority may not vouch for its names"


def test_unknown_authority_says_where_to_name_it(folder: Path, tmp_path: Path) -> None:
    make_server_certificate(tmp_path / "other")
    told = "its certificate is signed by nobody trusted here, set WORKBENCH_TRUST to the authority's file"
    assert refusal(signed(folder), tmp_path / "other" / "ca.pem") == told


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (
            "TLSV13_ALERT_CERTIFICATE_REQUIRED",
            "it asks for a client's certificate, set WORKBENCH_CLIENT_CERTIFICATE and WORKBENCH_CLIENT_KEY",
        ),
        ("TLSV1_ALERT_UNKNOWN_CA", "it does not accept this client's certificate"),
        ("SSLV3_ALERT_CERTIFICATE_EXPIRED", "it does not accept this client's certificate"),
        ("UNEXPECTED_EOF_WHILE_READING", "the handshake failed: unexpected eof while reading"),
    ],
)
def test_what_the_server_answers_is_said(reason: str, told: str) -> None:
    error = ssl.SSLError(1, f"[SSL: {reason}] text")
    error.reason = reason
    assert str(lost("wss://x", error, Trust())) == f"no connection to wss://x: {told}"


def test_old_server_is_refused(folder: Path) -> None:
    server = signed(folder)
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    server.set_ciphers("ECDHE-ECDSA-AES128-SHA256")
    told = refusal(server, folder / "ca.pem")
    assert told == "it offers no version and cipher of TLS that are safe, expected 1.2 or 1.3"


def test_error_inside_a_librarys_is_found(folder: Path) -> None:
    inner = ssl.SSLCertVerificationError(1, "certificate verify failed")
    inner.verify_code, inner.verify_message = 10, "certificate has expired"
    outer = RuntimeError("connect failed")
    outer.__cause__ = OSError("x")
    outer.__cause__.__context__ = inner
    assert str(lost("https://x", outer, Trust())) == (
        "no connection to https://x: its certificate, or its authority's, has ended"
    )


def test_loopback_needs_no_tls_and_has_none() -> None:
    for host in ("127.0.0.1", "127.3.2.1", "[::1]", "localhost", "tab.localhost"):
        assert context_for(f"ws://{host}:1/x", Trust()) is None


def test_context_is_made_anew_when_its_file_changes(folder: Path) -> None:
    trust = Trust(authorities=folder / "ca.pem")
    first = trust.context()
    assert trust.context() is first
    (folder / "ca.pem").unlink()
    make_server_certificate(folder)
    assert trust.context() is not first


def test_client_files_come_from_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_client_certificate(folder, "tab-1").pair
    monkeypatch.setenv("WORKBENCH_CLIENT_CERTIFICATE", str(made.certificate))
    monkeypatch.setenv("WORKBENCH_CLIENT_KEY", str(made.key))
    assert Trust().context().verify_mode is ssl.CERT_REQUIRED
    monkeypatch.setenv("WORKBENCH_CLIENT_KEY", str(folder / "server.key"))
    with pytest.raises(Exception, match="is not the key of the certificate in"):
        Trust().context()
