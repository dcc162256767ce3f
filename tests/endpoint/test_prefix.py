"""An endpoint below a path prefix: nothing of it is anywhere else."""

import pytest
from attacking import exchange, forge, frame, plain, request
from pydantic import ValidationError

from workbench.client.local import open_endpoint
from workbench.client.session import open_session
from workbench.endpoint.request_heads import below
from workbench.endpoint.settings import EndpointSettings
from workbench.errors import GatewayRefused

pytestmark = pytest.mark.anyio

PREFIX = "Zm9yIHRlc3Rz-_0x"


@pytest.fixture(scope="module")
def hidden(start_module):
    with start_module(path_prefix=PREFIX) as endpoint:
        yield endpoint


def address_of(endpoint):
    host, _, port = endpoint.url.removeprefix("ws://").partition("/")[0].rpartition(":")
    return host, int(port)


async def upgrade(endpoint, target):
    head = request(forge(key=endpoint.key), line=f"GET {target} HTTP/1.1")
    return await exchange(address_of(endpoint), head, frame(8, b"\x03\xe8"))


async def test_a_session_is_opened_below_the_prefix(hidden):
    """The address that is announced would lead nowhere."""
    assert hidden.url.endswith(f"/{PREFIX}")
    async with open_session("coffee", endpoint=hidden) as session:
        assert session.opened.assistant == "coffee"
    assert (await upgrade(hidden, f"/{PREFIX}/v1/session"))[0] != 404


@pytest.mark.parametrize(
    "target",
    [
        "/v1/session",
        "//v1/session",
        f"/{PREFIX[:-1]}/v1/session",
        f"/{PREFIX}x/v1/session",
        f"/{PREFIX.lower()}/v1/session",
        f"/{PREFIX}//v1/session",
        f"//{PREFIX}/v1/session",
        f"/{PREFIX}/{PREFIX}/v1/session",
        f"/{PREFIX}",
        f"/{PREFIX}/",
        f"/{PREFIX}v1/session",
        f"/v1/../{PREFIX}/v1/session",
        f"/{PREFIX}/../v1/session",
        f"/%5A{PREFIX[1:]}/v1/session",
        f"http://evil.example/{PREFIX}/v1/session",
        f"/x/{PREFIX}/v1/session",
    ],
)
async def test_nothing_is_anywhere_else(hidden, target):
    """A page that tries the ports of loopback would find a session, even with a good token."""
    assert await upgrade(hidden, target) == (404, "unknown-path")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v1/sessions", "/v1/revocations", "/v1/speech"])
async def test_plain_requests_need_the_prefix_too(hidden, path):
    """Health or administration would tell a stranger that an endpoint is there."""
    method = "POST" if path in ("/v1/revocations", "/v1/speech") else "GET"
    elsewhere = plain(f"{method} {path} HTTP/1.1", forge(key=hidden.key))
    assert await exchange(address_of(hidden), elsewhere) == (404, "unknown-path")
    below_it = plain(f"{method} /{PREFIX}{path} HTTP/1.1", None)
    expected = (200, "") if path.endswith("z") else (401, "missing-token")
    assert await exchange(address_of(hidden), below_it) == expected


async def test_a_path_elsewhere_is_refused_before_anything_else_is_looked_at(hidden):
    """A stranger could tell by other refusals that an endpoint is there."""
    twice = request("nonsense", "Authorization: Bearer twice", line="GET /v1/session?token=x HTTP/1.1")
    assert await exchange(address_of(hidden), twice) == (404, "unknown-path")


async def test_an_embedded_endpoint_has_a_prefix_of_its_own():
    """Any page could reach the endpoint of a notebook by trying ports."""
    prefixes = []
    for _ in range(2):
        async with open_endpoint(environment={"WORKBENCH_ENGINES": "scripted"}) as endpoint:
            prefixes.append(endpoint.url.rpartition("/")[2])
            assert (await exchange(address_of(endpoint), plain("GET /healthz HTTP/1.1", None)))[0] == 404
    assert len(set(prefixes)) == 2
    assert all(len(prefix) >= 22 for prefix in prefixes)


@pytest.mark.parametrize("prefix", ["/x", "a/b", "a b", "%41", "..", "ü", "x" * 65, "x\n"])
def test_a_prefix_is_one_plain_part_of_a_path(prefix):
    """What was set could be written in several ways, and some would be missed."""
    with pytest.raises(ValidationError):
        EndpointSettings(_env_file=None, path_prefix=prefix)


def test_without_a_prefix_nothing_is_changed():
    """Endpoints without one would pay for it, or lose their routes."""
    scope = {"type": "http", "raw_path": b"/v1/sessions", "path": "/v1/sessions"}
    assert below(scope, b"") is scope
    with pytest.raises(GatewayRefused, match="nothing at this path"):
        below(scope, b"/x")
