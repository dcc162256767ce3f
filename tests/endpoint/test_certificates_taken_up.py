"""Certificates that change, judged by handshakes in memory."""

import ssl
from pathlib import Path

import pytest

from workbench.endpoint.certificates import Certificates
from workbench.errors import ParameterError
from workbench.security.certificates import make_client_certificate, make_server_certificate
from workbench.security.tls import TlsFiles, client_context


def accepted(server: ssl.SSLContext, client: ssl.SSLContext) -> bool:
    """Return whether both sides agree."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    mine = client.wrap_bio(down, up, server_hostname="localhost")
    theirs = server.wrap_bio(up, down, server_side=True)
    done: set[int] = set()
    for _ in range(6):
        for number, end in enumerate((mine, theirs)):
            try:
                end.do_handshake()
                done.add(number)
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError:
                return False
    return done == {0, 1}


def test_authorities_of_clients_are_taken_up_too(tmp_path: Path) -> None:
    """A client whose authority was taken off the list would go on getting in."""
    made = make_server_certificate(tmp_path)
    folders = {name: tmp_path / name for name in ("before", "after")}
    clients = {}
    for name, folder in folders.items():
        make_server_certificate(folder)
        pair = make_client_certificate(folder, "tab").pair
        clients[name] = client_context(made.ca, certificate=pair.certificate, key=pair.key)
    listed = tmp_path / "clients.pem"
    listed.write_bytes((folders["before"] / "ca.pem").read_bytes())
    files = TlsFiles(certificate=made.pair.certificate, key=made.pair.key, client_ca=listed)
    certificates = Certificates(files)
    assert accepted(certificates.context, clients["before"])
    assert not accepted(certificates.context, clients["after"])
    assert not certificates.look()
    listed.unlink()
    listed.write_bytes((folders["after"] / "ca.pem").read_bytes())
    assert certificates.look()
    assert accepted(certificates.context, clients["after"])
    assert not accepted(certificates.context, clients["before"])
    assert not accepted(certificates.context, client_context(made.ca))


def test_each_bad_state_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made = make_server_certificate(tmp_path)
    certificates = Certificates(TlsFiles(certificate=made.pair.certificate, key=made.pair.key))
    number = certificates.shown.serial
    made.pair.key.unlink()
    for _ in range(3):
        assert not certificates.look()
    assert caplog.text.count("can't be used, the former one stays") == 1
    assert certificates.shown.serial == number
    assert accepted(certificates.context, client_context(made.ca))
    make_server_certificate(tmp_path)
    assert certificates.look()
    assert certificates.shown.serial != number


def test_end_that_comes_soon_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made = make_server_certificate(tmp_path, days=3)
    certificates = Certificates(TlsFiles(certificate=made.pair.certificate, key=made.pair.key))
    for _ in range(3):
        certificates.look()
    assert caplog.text.count("ends in 3.0 days") == 1


def test_files_that_can_not_be_used_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="can't be read"):
        Certificates(TlsFiles(certificate=tmp_path / "a", key=tmp_path / "b"))
