"""Admission, asked directly over ASGI; real sockets stand in ``test_attacks``."""

import json
from typing import Any

import pytest

from workbench.core.clock import ManualClock
from workbench.endpoint.gateway import Gateway
from workbench.endpoint.limits import Limits
from workbench.endpoint.settings import EndpointSettings
from workbench.errors import GatewayRefused, ParameterError
from workbench.security.keyring import keyring_from
from workbench.security.keys import new_key
from workbench.security.tokens import Grant, Scope, mint_token

pytestmark = pytest.mark.anyio

KEY = new_key()
PAGE = "https://lab.example"


class Bench:
    """A gateway around an application that notes whom it saw."""

    def __init__(self, **settings: object) -> None:
        self.clock = ManualClock(600.0)
        self.seen: list[dict[str, Any]] = []
        self.kinds: list[tuple[str, str, bool]] = []
        self.barred: set[str] = set()
        self.failing = False
        made = EndpointSettings(_env_file=None, origins=(PAGE,), **settings)
        self.limits = Limits(made, self.clock.now)
        keys = keyring_from(KEY)
        self.gateway = Gateway(
            self._app, made, keys=lambda: keys, limits=self.limits, revoked=self, witness=self
        )

    async def _app(self, scope: dict[str, Any], receive: object, send: object) -> None:
        self.seen.append(scope)
        if self.failing:
            raise RuntimeError("the application failed")

    def revoked(self, grant: Grant, session: str | None = None) -> bool:  # noqa: D102
        return grant.token_id in self.barred

    def refused(self, refusal: GatewayRefused, *, address: str, grant: Grant | None = None) -> None:  # noqa: D102
        self.kinds.append((refusal.kind, address, grant is not None))

    async def ask(
        self,
        token: str | None = None,
        *,
        path: str = "/v1/session",
        query: str = "",
        method: str | None = None,
        peer: str = "192.0.2.1",
        more: list[tuple[str, str]] | None = None,
    ) -> tuple[int, str, dict[str, str]]:
        """Return status (101 if admitted), kind and headers."""
        headers = [("host", "lab"), *(more or [])]
        if token is not None:
            headers.append(("authorization", f"Bearer {token}"))
        scope = {
            "type": "http" if method else "websocket",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
            "client": (peer, 4711),
            "extensions": {"websocket.http.response": {}},
        }
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.gateway(scope, None, send)  # type: ignore[arg-type]
        if not sent:
            return 101, "", {}
        start, body = sent
        error = json.loads(body["body"])["error"]
        assert error["code"] == start["status"]
        assert error["message"][0].islower()
        told = {name.decode(): value.decode() for name, value in start["headers"]}
        return start["status"], error["kind"], told


def token(**claims: object) -> str:
    return mint_token(KEY, **claims)


async def test_good_token_is_admitted_with_its_grant():
    """Nobody could open a session, or the application would not know what it may do."""
    bench = Bench()
    assert await bench.ask(token(project="p-1")) == (101, "", {})
    state = bench.seen[0]["state"]
    assert (state["grant"].project, state["subprotocol"], state["address"]) == ("p-1", None, "192.0.2.1")


async def test_browsers_bring_the_token_as_a_subprotocol():
    """A browser can set no header, and would have to put the token into the address."""
    bench = Bench()
    offered = [("sec-websocket-protocol", f"workbench.v1, workbench-token.{token()}"), ("origin", PAGE)]
    assert (await bench.ask(more=offered))[0] == 101
    assert bench.seen[0]["state"]["subprotocol"] == "workbench.v1"


@pytest.mark.parametrize(
    ("origin", "claims", "status"),
    [
        (None, {}, 101),
        (PAGE, {}, 101),
        ("https://other.example", {}, 403),
        ("https://other.example", {"origins": ["https://other.example"]}, 101),
        (PAGE, {"origins": ["https://other.example"]}, 403),
        (None, {"origins": ["https://other.example"]}, 403),
        ("null", {}, 403),
        ("", {}, 403),
        (f"{PAGE}:8443", {}, 403),
        (f"{PAGE}.evil.example", {}, 403),
        ("https://evil.example/https://lab.example", {}, 403),
        ("https://lab.example@evil.example", {}, 403),
        ("https://LAB.example", {}, 403),
        ("http://lab.example", {}, 403),
        (f"{PAGE}/", {}, 403),
        (f"{PAGE} https://evil.example", {}, 403),
    ],
)
async def test_origin_must_be_one_of_the_token_or_of_the_endpoint(origin, claims, status):
    """Any page a user opens could use the tokens and the network of the user."""
    more = [] if origin is None else [("origin", origin)]
    assert (await Bench().ask(token(**claims), more=more))[0] == status


@pytest.mark.parametrize(
    ("scopes", "path", "method", "status"),
    [
        ([Scope.TRANSCRIBE], "/v1/session", None, 101),
        ([Scope.SPEAK], "/v1/session", None, 101),
        ([Scope.OBSERVE], "/v1/session", None, 101),
        ([Scope.ADMIN], "/v1/session", None, 403),
        ([Scope.ADMIN], "/v1/sessions", "GET", 101),
        ([Scope.CONVERSE, Scope.OBSERVE], "/v1/sessions", "GET", 403),
        ([Scope.CONVERSE], "/v1/revocations", "POST", 403),
        ([Scope.ADMIN], "/v1/revocations", "GET", 405),
        ([Scope.ADMIN], "/v1/revocations", None, 404),
        ([Scope.ADMIN], "/v1/session", "GET", 426),
        ([Scope.ADMIN], "/docs", "GET", 404),
        ([Scope.ADMIN], "/healthz", "POST", 404),
        ([Scope.ADMIN], "/v1/sessions/", "GET", 404),
        ([Scope.ADMIN], "/V1/sessions", "GET", 404),
    ],
)
async def test_each_path_takes_its_scope_and_method(scopes, path, method, status):
    """A caller's token could list everybody's sessions."""
    assert (await Bench().ask(token(scopes=scopes), path=path, method=method))[0] == status


@pytest.mark.parametrize(
    ("more", "status", "kind"),
    [
        ([("authorization", "Bearer x.y.z")], 400, "malformed"),
        ([("host", "other")], 400, "malformed"),
        ([("origin", PAGE), ("origin", PAGE)], 400, "malformed"),
        ([("sec-websocket-protocol", "workbench.v1, workbench-token.a.b.c")], 400, "malformed"),
        ([("sec-websocket-protocol", "graphql")], 400, "subprotocol"),
        ([("content-length", "0"), ("transfer-encoding", "chunked")], 400, "malformed"),
        ([("content-length", "5")], 400, "malformed"),
        ([("content-length", "-1")], 400, "malformed"),
        ([("origin", "x" * 9000)], 431, "too-large"),
        ([("x-padding", "x" * 9000)], 101, ""),
    ],
)
async def test_contradicting_headers_are_refused_although_the_token_is_good(more, status, kind):
    """Whoever stands between may read such a request otherwise than we do."""
    assert (await Bench().ask(token(), more=more))[:2] == (status, kind)


async def test_token_in_the_address_is_refused_even_if_it_is_good():
    """It would end up in the logs of every proxy."""
    assert (await Bench().ask(token(), query=f"token={token()}"))[:2] == (400, "query")


@pytest.mark.parametrize("given", [None, "", "nonsense"])
async def test_refusal_says_how_to_authenticate(given):
    """A client could not tell a missing token from a missing page."""
    status, _, headers = await Bench().ask(given)
    assert (status, headers["www-authenticate"]) == (401, "Bearer")


async def test_other_schemes_than_bearer_are_no_token():
    """A password sent by mistake must not be taken for a token."""
    assert (await Bench().ask(more=[("authorization", "Basic dTpw")]))[:2] == (401, "missing-token")


async def test_revoked_token_is_refused():
    """A revocation would only end the sessions there are."""
    bench, given = Bench(), token(client="c-1")
    assert (await bench.ask(given))[0] == 101
    bench.barred.add(bench.seen[0]["state"]["grant"].token_id)
    assert (await bench.ask(given))[:2] == (403, "revoked")
    assert bench.kinds == [("revoked", "192.0.2.1", True)]


async def test_blocked_address_is_not_even_asked_for_its_token():
    """A flood would cost a signature for each request; and another address must not suffer."""
    bench = Bench(refusals_per_address=2)
    for _ in range(3):
        assert (await bench.ask("bad"))[0] == 401
    status, kind, headers = await bench.ask(token())
    assert (status, kind, headers["retry-after"]) == (429, "blocked", "30")
    assert (await bench.ask(token(), peer="192.0.2.2"))[0] == 101
    bench.clock.advance(31)
    assert (await bench.ask(token()))[0] == 101


async def test_rate_is_counted_before_the_token_is_looked_at():
    """Good or bad, connections in a rush cost too much."""
    bench = Bench(openings_per_address=2)
    for _ in range(2):
        assert (await bench.ask(token()))[0] == 101
    assert (await bench.ask(token()))[:2] == (429, "too-often")


async def test_connection_is_counted_only_while_it_lasts():
    """Each failure inside would take a place for ever."""
    bench = Bench(connections_per_address=1)
    for _ in range(3):
        assert (await bench.ask(token()))[0] == 101
    bench.failing = True
    for _ in range(2):
        with pytest.raises(RuntimeError):
            await bench.ask(token())
    bench.failing = False
    assert (await bench.ask(token()))[0] == 101


async def test_forwarded_address_counts_behind_a_trusted_proxy_only():
    """Everybody behind the proxy would be one address, or everybody could choose theirs."""
    bench = Bench(trusted_proxies=("10.0.0.0/8",))
    named = [("x-forwarded-for", "1.1.1.1, 203.0.113.9")]
    await bench.ask("bad", peer="10.0.0.1", more=named)
    await bench.ask("bad", peer="192.0.2.1", more=named)
    assert [address for _, address, _ in bench.kinds] == ["203.0.113.9", "192.0.2.1"]


@pytest.mark.parametrize(
    "origin", ["null", "*", "lab.example", "https://lab.example/", "https://Lab.example"]
)
def test_origin_that_is_none_is_refused_at_the_start(origin):
    """A list that can't match would lock pages out without a word; a star would let everyone in."""
    settings = EndpointSettings(_env_file=None, origins=(origin,))
    with pytest.raises(ParameterError, match="is none, expected scheme://host"):
        Gateway(
            None,  # type: ignore[arg-type]
            settings,
            keys=lambda: keyring_from(KEY),
            limits=Limits(settings),
            revoked=Bench(),
            witness=Bench(),
        )
