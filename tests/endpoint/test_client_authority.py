"""Whose certificates clients need follows the file of authorities, without a restart."""

import shutil
import ssl
from pathlib import Path

from workbench.endpoint.certificates import Certificates
from workbench.security.certificates import make_client_certificate, make_server_certificate
from workbench.security.tls import TlsFiles, client_context


def is_let_in(server: ssl.SSLContext, client: ssl.SSLContext) -> bool:
    """Return whether both sides finish a handshake, in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    there = server.wrap_bio(to_server, to_client, server_side=True)
    here = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    done: set[ssl.SSLObject] = set()
    for _ in range(10):
        for side in (here, there):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError:
                return False
            done.add(side)
    return len(done) == 2 and there.getpeercert() is not None


def test_an_authority_that_is_taken_away_lets_nobody_in_any_more(tmp_path: Path) -> None:
    """Whoever had a certificate of an authority that is trusted no longer would be let in until a restart."""
    former, later = tmp_path / "former", tmp_path / "later"
    made = make_server_certificate(former)
    make_server_certificate(later)
    trusted = shutil.copy(former / "ca.pem", tmp_path / "trusted.pem")
    shown = [make_client_certificate(folder, "tab").pair for folder in (former, later)]
    old, new = [
        client_context(former / "ca.pem", certificate=pair.certificate, key=pair.key) for pair in shown
    ]
    files = TlsFiles(certificate=made.pair.certificate, key=made.pair.key, client_ca=Path(trusted))
    certificates = Certificates(files)
    assert (is_let_in(certificates.context, old), is_let_in(certificates.context, new)) == (True, False)
    shutil.copy(later / "ca.pem", tmp_path / "next.pem")
    (tmp_path / "next.pem").replace(trusted)
    assert certificates.look()
    assert (is_let_in(certificates.context, old), is_let_in(certificates.context, new)) == (False, True)
