"""What each side of TLS accepts, and what is said of files that can't be used."""

import os
import shutil
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from certifying import write_self_signed
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from workbench.errors import ParameterError
from workbench.security.certificates import make_client_certificate, make_server_certificate
from workbench.security.tls import FILE_MAX, TlsFiles, client_context, server_context

SAFE = ("AES128-GCM", "AES256-GCM", "AES_128_GCM", "AES_256_GCM", "CHACHA20")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    make_server_certificate(tmp_path)
    make_client_certificate(tmp_path, "tab-1")
    return tmp_path


def files(folder: Path, **named: Path) -> TlsFiles:
    given = {"certificate": folder / "server.pem", "key": folder / "server.key"} | named
    return TlsFiles(**given)


def test_only_ephemeral_keys_and_authenticated_ciphers_are_spoken(made: Path) -> None:
    for context in (server_context(files(made))[0], client_context(made / "ca.pem")):
        assert context.minimum_version is ssl.TLSVersion.TLSv1_2
        names = {cipher["name"] for cipher in context.get_ciphers()}
        assert {name for name in names if not any(part in name for part in SAFE)} == set()
        assert {name for name in names if not name.startswith(("TLS_", "ECDHE-"))} == set()
        assert not {name for name in names if "SHA1" in name or "CBC" in name}


def test_client_always_verifies() -> None:
    context = client_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_what_a_certificate_says_is_told(made: Path) -> None:
    _, shown = server_context(files(made))
    assert shown.names == ("localhost", "127.0.0.1", "::1")
    short = f"{shown.serial % 2**32:08x}"
    assert str(shown).startswith(f"certificate {short} for localhost, 127.0.0.1, ::1, until ")


def problem(folder: Path, **named: Path) -> str:
    with pytest.raises(ParameterError) as caught:
        server_context(files(folder, **named))
    return str(caught.value).replace(f"{folder}/", "")


def test_wrong_files_are_named(made: Path) -> None:
    missing = made / "nope.pem"
    assert problem(made, certificate=missing) == "nope.pem: can't be read: no such file or directory"
    assert problem(made, key=missing) == "nope.pem: can't be read: no such file or directory"
    assert problem(made, client_ca=missing) == "nope.pem: can't be read: no such file or directory"
    assert problem(made, certificate=made / "server.key", key=made / "server.pem") == (
        "server.key: holds no certificate in PEM but a private key"
    )
    (made / "public.key").write_bytes((made / "server.pem").read_bytes())
    (made / "public.key").chmod(0o600)
    assert problem(made, key=made / "public.key") == "public.key: holds no private key in PEM"
    assert problem(made, key=made / "ca.key") == "ca.key: is not the key of the certificate in server.pem"
    assert problem(made, client_ca=made / "ca.key") == "ca.key: holds no certificate in PEM but a private key"
    (made / "empty").touch()
    assert problem(made, certificate=made / "empty") == "empty: holds no certificate in PEM"
    os.truncate(made / "empty", FILE_MAX + 1)
    assert problem(made, certificate=made / "empty") == "empty: has 1048577 bytes, expected at most 1048576"
    (made / "folder").mkdir()
    assert problem(made, certificate=made / "folder") == "folder: is no plain file, expected one in PEM"


def test_key_that_others_can_read_is_refused(made: Path) -> None:
    (made / "server.key").chmod(0o644)
    assert problem(made) == "server.key: the key has mode 0644, expected mode 0600 or 0640"
    (made / "server.key").chmod(0o640)
    server_context(files(made))


def test_key_with_a_passphrase_is_refused_and_nobody_is_asked(made: Path) -> None:
    key = serialization.load_pem_private_key((made / "server.key").read_bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    (made / "server.key").write_bytes(locked)
    assert problem(made) == "server.key: the key has a passphrase, expected one without"


def test_certificate_out_of_its_time_is_refused(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    write_self_signed(tmp_path, key, begins=-3, ends=-2)
    day = (datetime.now(UTC) - timedelta(days=2)).strftime("%Y-%m-%d")
    assert problem(tmp_path) == f"server.pem: the certificate ended on {day}, expected one that is valid"
    write_self_signed(tmp_path, key, begins=2, ends=3)
    day = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d")
    assert problem(tmp_path) == f"server.pem: the certificate begins on {day}, expected one that is valid"


def test_certificate_that_no_client_accepts_is_refused(tmp_path: Path) -> None:
    write_self_signed(tmp_path, ec.generate_private_key(ec.SECP256R1()), names=False)
    named = "names no host or address, so no client would accept it"
    assert problem(tmp_path) == f"server.pem: the certificate {named}"
    write_self_signed(tmp_path, rsa.generate_private_key(65_537, 1024))
    assert problem(tmp_path) == "server.pem: the certificate's RSA key has 1024 bits, expected 2048"
    write_self_signed(tmp_path, ed25519.Ed25519PrivateKey.generate())
    assert problem(tmp_path) == "server.pem: the certificate's key is of another kind, expected RSA or EC"


def test_client_files_come_in_pairs_and_belong_together(made: Path) -> None:
    certificate, key = made / "client-tab-1.pem", made / "client-tab-1.key"
    client_context(made / "ca.pem", certificate=certificate, key=key)
    with pytest.raises(ParameterError, match="a client's certificate was given without its key"):
        client_context(certificate=certificate)
    with pytest.raises(ParameterError, match="a client's key was given without its certificate"):
        client_context(key=key)
    with pytest.raises(ParameterError, match="is not the key of the certificate in "):
        client_context(certificate=certificate, key=made / "server.key")
    shutil.copy(key, made / "open.key")
    (made / "open.key").chmod(0o666)
    with pytest.raises(ParameterError, match="the key has mode 0666"):
        client_context(certificate=certificate, key=made / "open.key")
