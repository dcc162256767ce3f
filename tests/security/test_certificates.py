"""Certificates for development, judged by OpenSSL through a handshake in memory."""

import shutil
import ssl
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from workbench.errors import ParameterError
from workbench.security.certificates import (
    CA_DAYS,
    NAMES_MAX,
    make_client_certificate,
    make_server_certificate,
)
from workbench.security.tls import TlsFiles, client_context, server_context


def shake_hands(
    server: ssl.SSLContext, client: ssl.SSLContext, name: str
) -> tuple[ssl.SSLObject, ssl.SSLObject]:
    """Return both ends of a connection; raises what either side says."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(down, up, server_hostname=name),
        server.wrap_bio(up, down, server_side=True),
    )
    for _ in range(10):
        left = 0
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                left += 1
        if not left:
            break
    return ends


def read(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def context(folder: Path) -> ssl.SSLContext:
    return server_context(TlsFiles(certificate=folder / "server.pem", key=folder / "server.key"))[0]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "lab.example", "192.0.2.7"])
def test_server_certificate_is_accepted_for_each_of_its_names(name: str, tmp_path: Path) -> None:
    made = make_server_certificate(tmp_path, ["lab.example", "192.0.2.7"])
    client, server = shake_hands(context(tmp_path), client_context(made.ca), name)
    assert client.version() == "TLSv1.3"
    assert server.getpeercert() is None
    assert name in made.names


def test_server_certificate_is_accepted_for_nothing_else(tmp_path: Path) -> None:
    made = make_server_certificate(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        shake_hands(context(tmp_path), client_context(made.ca), "lab.example")


def test_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "certificates"
    make_server_certificate(folder)
    make_client_certificate(folder, "tab-1")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert {modes[name] for name in ("ca.key", "server.key", "client-tab-1.key")} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not [name for name in modes if not name.endswith((".pem", ".key"))]


def test_second_run_keeps_the_ca_so_that_clients_go_on_trusting(tmp_path: Path) -> None:
    first = make_server_certificate(tmp_path, ["lab.example"])
    trusted = client_context(first.ca)
    second = make_server_certificate(tmp_path, ["lab.example"], days=1)
    assert (first.new_ca, second.new_ca) == (True, False)
    assert second.until < first.until
    shake_hands(context(tmp_path), trusted, "lab.example")


def test_a_name_the_ca_may_not_vouch_for_takes_a_new_one(tmp_path: Path) -> None:
    make_server_certificate(tmp_path)
    assert make_server_certificate(tmp_path, ["lab.example"]).new_ca


@pytest.mark.parametrize("damage", ["key of another", "rubbish", "without constraints"])
def test_a_ca_that_can_not_be_used_is_replaced(damage: str, tmp_path: Path) -> None:
    make_server_certificate(tmp_path)
    if damage == "rubbish":
        (tmp_path / "ca.pem").write_text("no certificate")
    else:
        shutil.copy(tmp_path / "server.key", tmp_path / "ca.key")
        if damage == "without constraints":
            shutil.copy(tmp_path / "server.pem", tmp_path / "ca.pem")
    assert make_server_certificate(tmp_path).new_ca


def test_ca_can_not_vouch_for_other_names(tmp_path: Path) -> None:
    """A stolen development CA would else be good against every site its owner visits."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    made = make_server_certificate(tmp_path)
    request = [openssl, "req", "-new", "-key", str(made.pair.key), "-subj", "/CN=x", "-out", "bank.csr"]
    subprocess.run(request, cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "names").write_text("subjectAltName=DNS:bank.example\nextendedKeyUsage=serverAuth\n")
    sign = "x509 -req -in bank.csr -CA ca.pem -CAkey ca.key -days 1 -extfile names -out server.pem"
    subprocess.run([openssl, *sign.split()], cwd=tmp_path, check=True, capture_output=True)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        shake_hands(context(tmp_path), client_context(made.ca), "bank.example")


def test_lives_are_short(tmp_path: Path) -> None:
    make_server_certificate(tmp_path, days=2)
    now = datetime.now(UTC)
    assert now + timedelta(days=1.9) < read(tmp_path / "server.pem").not_valid_after_utc
    assert read(tmp_path / "server.pem").not_valid_after_utc <= now + timedelta(days=2)
    assert read(tmp_path / "ca.pem").not_valid_after_utc <= now + timedelta(days=CA_DAYS)


def test_client_certificate_is_asked_for_and_a_servers_is_none(tmp_path: Path) -> None:
    made = make_server_certificate(tmp_path)
    mine = make_client_certificate(tmp_path, "tab-1").pair
    files = TlsFiles(certificate=made.pair.certificate, key=made.pair.key, client_ca=made.ca)
    asking = server_context(files)[0]
    shown = client_context(made.ca, certificate=mine.certificate, key=mine.key)
    server = shake_hands(asking, shown, "localhost")[1]
    said = server.getpeercert()
    assert said is not None
    assert said["subject"] == ((("commonName", "workbench client tab-1"),),)
    with pytest.raises(ssl.SSLError, match="did not return a certificate"):
        shake_hands(asking, client_context(made.ca), "localhost")
    pair = made.pair
    posing = client_context(made.ca, certificate=pair.certificate, key=pair.key)
    with pytest.raises(ssl.SSLCertVerificationError, match="(unsuitable|unsupported) certificate purpose"):
        shake_hands(asking, posing, "localhost")


@pytest.mark.parametrize(
    ("names", "days", "message"),
    [
        (["a b"], 1, "'a b' is no host name or address a certificate could be for"),
        (["999.1.1.1"], 1, "'999.1.1.1' is no host name or address a certificate could be for"),
        (["x" * 64], 1, f"'{'x' * 64}' is no host name or address a certificate could be for"),
        ([], 0, "a certificate would last 0 days, expected 1 to 90"),
        ([], 91, "a certificate would last 91 days, expected 1 to 90"),
        (
            [f"h{n}" for n in range(NAMES_MAX)],
            1,
            "a certificate would be for 53 names, expected at most 50",
        ),
    ],
)
def test_what_can_not_be_made_is_said(names: list[str], days: int, message: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as caught:
        make_server_certificate(tmp_path, names, days=days)
    assert str(caught.value) == message
    assert not list(tmp_path.iterdir())


def test_client_needs_a_ca_and_a_name(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="there is no CA that lasts 30 days, make a server certificate"):
        make_client_certificate(tmp_path, "tab-1")
    with pytest.raises(ParameterError, match="the client is no name of 1 to 40 letters"):
        make_client_certificate(tmp_path, "../tab")


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ParameterError, match="file.*: can't keep certificates there: "):
        make_server_certificate(tmp_path / "file")
