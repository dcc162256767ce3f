"""An endpoint that takes TLS: who gets in, what others are told, and certificates that change meanwhile."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import numpy as np
import pytest
from cryptography import x509
from patience import PATIENCE

from workbench.client.endpoint_check import what_is_wrong
from workbench.client.link import ConnectionStatus
from workbench.client.local import Endpoint
from workbench.client.session import Session, open_session
from workbench.client.trust import Trust
from workbench.core.events import TurnTakingTuned
from workbench.errors import CertificateRefused, ParameterError, WorkbenchError
from workbench.security.certificates import make_client_certificate, make_server_certificate
from workbench.security.tls import client_context

pytestmark = pytest.mark.anyio

LIVE = 50
"""Sessions that go on while the certificate changes."""
ROTATIONS = 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("certificates")
    make_server_certificate(made)
    make_client_certificate(made, "tab-1")
    return made


def pair(folder: Path) -> dict[str, str]:
    return {"certificate": str(folder / "server.pem"), "certificate_key": str(folder / "server.key")}


@pytest.fixture(scope="module")
def encrypted(folder: Path, start_module: Callable[..., object]) -> Iterator[Endpoint]:
    with start_module(handshake_timeout="1", **pair(folder)) as started:
        yield started


def trusting(endpoint: Endpoint, folder: Path, **files: Path) -> Endpoint:
    trust = Trust(authorities=folder / "ca.pem", **files)
    return Endpoint(url=endpoint.url, key=endpoint.key, trust=trust)


async def refusal(endpoint: Endpoint) -> WorkbenchError:
    """Return what a session says that does not come about; the check before says the same."""
    problem = await what_is_wrong(endpoint)
    assert problem is not None
    with pytest.raises(WorkbenchError) as caught:
        async with open_session(endpoint=endpoint):
            pass
    found = str(caught.value).replace("InvalidMessage", "ERROR")
    assert found == problem.sentence.replace("RemoteProtocolError", "ERROR")
    return caught.value


async def test_a_session_goes_by_wss(encrypted: Endpoint, folder: Path) -> None:
    assert encrypted.url.startswith("wss://127.0.0.1:")
    there = trusting(encrypted, folder)
    assert await what_is_wrong(there) is None
    async with open_session(endpoint=there) as session:
        await session.send(np.zeros(1600, np.float32))
        assert session.opened.session


async def test_untrusted_certificate_is_refused_with_what_to_do(encrypted: Endpoint, folder: Path) -> None:
    error = await refusal(Endpoint(url=encrypted.url, key=encrypted.key))
    assert isinstance(error, CertificateRefused)
    assert str(error) == (
        f"no connection to {encrypted.url}: its certificate is signed by nobody trusted here, "
        "set WORKBENCH_TRUST to the authority's file"
    )


async def test_what_is_trusted_can_come_from_the_environment(
    encrypted: Endpoint, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_TRUST", str(folder / "ca.pem"))
    assert await what_is_wrong(Endpoint(url=encrypted.url, key=encrypted.key)) is None


async def test_plain_connection_is_told_that_tls_is_meant(encrypted: Endpoint) -> None:
    error = await refusal(Endpoint(url=encrypted.url.replace("wss", "ws"), key=encrypted.key))
    assert str(error).endswith(", or it takes TLS only and wss:// is meant")


async def test_tls_to_an_endpoint_without_says_so(endpoint: Endpoint) -> None:
    error = await refusal(Endpoint(url=endpoint.url.replace("ws", "wss"), key=endpoint.key))
    assert str(error).endswith(": what answers there does not speak TLS, ws:// may be meant")


@pytest.mark.parametrize("scheme", ["ws", "http"])
async def test_token_goes_to_no_other_machine_unencrypted(scheme: str) -> None:
    error = await refusal(Endpoint(url=f"{scheme}://192.0.2.1:8765", key="k" * 32))
    assert isinstance(error, ParameterError)
    told = f"a session token would go to 192.0.2.1 unencrypted by {scheme}://, expected {scheme}s://"
    assert str(error) == told


@pytest.mark.parametrize(
    "url", ["wss://", "lab.example", "ftp://lab.example", "wss://lab.example:x", "wss://["]
)
async def test_an_address_that_is_none_is_said(url: str) -> None:
    error = await refusal(Endpoint(url=url, key="k" * 32))
    assert str(error) == f"{url!r} is no address of an endpoint, expected wss://host:port"


async def test_file_of_authorities_that_is_none_is_said(encrypted: Endpoint, folder: Path) -> None:
    trust = Trust(authorities=folder / "nope.pem")
    error = await refusal(Endpoint(url=encrypted.url, key=encrypted.key, trust=trust))
    assert str(error) == f"{folder / 'nope.pem'}: can't be read: no such file or directory"


async def test_client_certificate_is_wanted_where_it_is_set(
    folder: Path, start_endpoint: Callable[..., object]
) -> None:
    mine = {"certificate": folder / "client-tab-1.pem", "key": folder / "client-tab-1.key"}
    posing = {"certificate": folder / "server.pem", "key": folder / "server.key"}
    with start_endpoint(client_ca=str(folder / "ca.pem"), **pair(folder)) as started:
        async with open_session(endpoint=trusting(started, folder, **mine)) as session:
            assert session.opened.session
        assert str(await refusal(trusting(started, folder))).endswith(
            ", as from one that asks for a client's certificate: "
            "set WORKBENCH_CLIENT_CERTIFICATE and WORKBENCH_CLIENT_KEY"
        )
        assert str(await refusal(trusting(started, folder, **posing))).endswith(
            ", as from one that does not accept this client's certificate"
        )


def handshake(endpoint: Endpoint, context: ssl.SSLContext) -> ssl.SSLSocket:
    where = urlsplit(endpoint.url)
    raw = socket.create_connection((where.hostname, where.port), timeout=PATIENCE)
    return context.wrap_socket(raw, server_hostname=where.hostname)


@pytest.mark.parametrize(
    "ciphers", ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256"]
)
def test_old_ciphers_are_refused(ciphers: str, encrypted: Endpoint, folder: Path) -> None:
    context = client_context(folder / "ca.pem")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with handshake(encrypted, context) as connection:
        assert connection.version() == "TLSv1.2"
    context.set_ciphers(ciphers)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        handshake(encrypted, context)


def test_old_versions_are_refused(encrypted: Endpoint, folder: Path) -> None:
    context = client_context(folder / "ca.pem")
    with pytest.warns(DeprecationWarning, match="TLSv1 is deprecated"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        handshake(encrypted, context)


def test_nothing_can_be_resumed_past_a_new_certificate(encrypted: Endpoint, folder: Path) -> None:
    context = client_context(folder / "ca.pem")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context.minimum_version = context.maximum_version = version
        with handshake(encrypted, context) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
            assert connection.session is None or not connection.session.has_ticket


def test_connection_that_never_speaks_is_cut_and_counted(encrypted: Endpoint) -> None:
    """It holds one of the places by address and in all, as a slow head does without TLS."""
    where = urlsplit(encrypted.url)
    with socket.create_connection((where.hostname, where.port), timeout=PATIENCE) as silent:
        assert silent.recv(1) == b""


def test_connections_are_counted_before_the_handshake(
    folder: Path, start_endpoint: Callable[..., object]
) -> None:
    with start_endpoint(connections_per_address="2", handshake_timeout="20", **pair(folder)) as started:
        where = urlsplit(started.url)
        address = (where.hostname, where.port)
        with (
            socket.create_connection(address, timeout=PATIENCE),
            socket.create_connection(address, timeout=PATIENCE),
            socket.create_connection(address, timeout=PATIENCE) as third,
        ):
            assert third.recv(1) == b""
        with anyio.from_thread.start_blocking_portal() as portal:
            portal.call(_until_let_in, started, folder)


async def _until_let_in(endpoint: Endpoint, folder: Path) -> None:
    """Wait until the places of connections that went away are free."""
    with anyio.fail_after(PATIENCE):
        while await what_is_wrong(trusting(endpoint, folder)) is not None:  # noqa: ASYNC110
            await anyio.sleep(0.05)


# --- certificates that change


def serial(endpoint: Endpoint, folder: Path) -> int:
    """Return the number of the certificate that a new connection is shown."""
    with handshake(endpoint, client_context(folder / "ca.pem")) as connection:
        shown = connection.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown).serial_number


def number_in(file: Path) -> int:
    return x509.load_pem_x509_certificate(file.read_bytes()).serial_number


async def until_shown(endpoint: Endpoint, folder: Path, wanted: int) -> None:
    with anyio.fail_after(PATIENCE):
        while await anyio.to_thread.run_sync(serial, endpoint, folder) != wanted:  # noqa: ASYNC110
            await anyio.sleep(0.1)


def tuned(session: Session) -> int:
    """Return how often the endpoint said that it changed a setting: a round trip each."""
    return sum(isinstance(event.body, TurnTakingTuned) for event in session.timeline.events)


async def test_certificates_rotate_under_fifty_sessions_without_a_drop(
    tmp_path: Path, start_endpoint: Callable[..., object]
) -> None:
    make_server_certificate(tmp_path)
    seen = {number_in(tmp_path / "server.pem")}
    with start_endpoint(max_sessions=str(LIVE + 10), silence_timeout="600", **pair(tmp_path)) as started:
        there = trusting(started, tmp_path)
        async with AsyncExitStack() as stack:
            sessions = [await stack.enter_async_context(open_session(endpoint=there)) for _ in range(LIVE)]
            changes: list[ConnectionStatus] = []
            for session in sessions:
                session.watch_connection(changes.append)
            for number in range(1, ROTATIONS + 1):
                await anyio.to_thread.run_sync(make_server_certificate, tmp_path)
                shown = number_in(tmp_path / "server.pem")
                assert shown not in seen
                seen.add(shown)
                await until_shown(started, tmp_path, shown)
                for session in sessions:
                    session.tune({"early.confidence": 0.5 + number / 10})
                with anyio.fail_after(PATIENCE):
                    for session in sessions:
                        while tuned(session) < number:
                            await session.news()
                async with open_session(endpoint=there) as newcomer:
                    assert newcomer.opened.session
            assert changes == []
            assert not any(session.over for session in sessions)


async def test_bad_new_certificate_leaves_the_former_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], start_endpoint: Callable[..., object]
) -> None:
    """Half a renewal, or a wrong file, must not stop an endpoint that runs."""
    make_server_certificate(tmp_path)
    first = number_in(tmp_path / "server.pem")
    make_server_certificate(tmp_path / "other", days=1)
    with start_endpoint(**pair(tmp_path)) as started:
        (tmp_path / "next.pem").write_bytes((tmp_path / "other" / "server.pem").read_bytes())
        (tmp_path / "next.pem").replace(tmp_path / "server.pem")  # without its key
        said = await _until_logged(capfd, "can't be used, the former one stays")
        assert f"{tmp_path / 'server.key'}: is not the key of the certificate in" in said
        assert await anyio.to_thread.run_sync(serial, started, tmp_path) == first
        (tmp_path / "server.pem").unlink()
        said = await _until_logged(capfd, "can't be used, the former one stays")
        assert "server.pem: can't be read: no such file or directory" in said
        assert await anyio.to_thread.run_sync(serial, started, tmp_path) == first
        make_server_certificate(tmp_path)
        await until_shown(started, tmp_path, number_in(tmp_path / "server.pem"))
        assert "new connections get certificate " in await _until_logged(capfd, "new connections get")


async def _until_logged(capfd: pytest.CaptureFixture[str], words: str) -> str:
    said = ""
    with anyio.fail_after(PATIENCE):
        while words not in said:
            await anyio.sleep(0.05)
            said += capfd.readouterr().err
    return said
