"""The administrator's API and page, asked over HTTP of an endpoint that runs."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings as hypothesis_settings
from hypothesis.strategies import SearchStrategy
from patience import PATIENCE
from schemathesis.generation import GenerationMode

from workbench.cli import main
from workbench.client.local import Endpoint
from workbench.client.session import open_session
from workbench.core.audit import AuditEntry
from workbench.endpoint.admin_page import PAGE_PATHS, page_headers, page_router
from workbench.endpoint.settings import EndpointSettings
from workbench.errors import GatewayRefused
from workbench.security.tokens import Scope, mint_token
from workbench.store.store import open_existing_store

pytestmark = pytest.mark.anyio

MANY = {
    "openings_per_address": "1000000",
    "openings_per_project": "1000000",
    "refusals_per_address": "1000000",
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('store') / 'workbench.db'}"


@pytest.fixture(scope="module")
def administered(url: str, start_module: Callable[..., Any]) -> Iterator[Endpoint]:
    with start_module(admin="true", store=url, blocked_for="1", **MANY) as started:
        yield started


def base(endpoint: Endpoint) -> str:
    return endpoint.url.replace("ws", "http", 1)


def token(endpoint: Endpoint, *scopes: Scope, **claims: Any) -> str:
    assert endpoint.key is not None
    return mint_token(endpoint.key, scopes=scopes or (Scope.ADMIN,), lifetime=600, **claims)


def client(endpoint: Endpoint, *scopes: Scope, **headers: str) -> httpx.Client:
    held = {"Authorization": f"Bearer {token(endpoint, *scopes)}"} | headers
    return httpx.Client(
        base_url=base(endpoint) + "/v1/admin", headers=held, trust_env=False, timeout=PATIENCE
    )


def test_a_project_is_made_shown_changed_and_deleted(administered: Endpoint, url: str) -> None:
    facts = {
        "origins": ["https://shop.example"],
        "sessions_max": 3,
        "minutes_a_day": 60.5,
        "voice": "bf_emma",
    }
    with client(administered) as admin:
        made = admin.post("/projects", json={"name": "shop"} | facts)
        assert made.status_code == 201
        shown = made.json()
        assert {name: shown[name] for name in facts} == facts
        assert shown["use"] == {"sessions": 0, "minutes_today": 0.0}
        assert shown["retention_days"] is None
        assert admin.post("/projects", json={"name": "shop"}).json()["error"] == {
            **{"code": 409, "kind": "there-already", "message": "there is a project of that name already"}
        }
        assert admin.get("/projects/shop").json() == shown
        assert [one["name"] for one in admin.get("/projects").json()["projects"]] == ["shop"]
        changed = admin.put("/projects/shop", json={"sessions_max": 5})
        assert (changed.json()["sessions_max"], changed.json()["origins"]) == (5, [])
        assert admin.delete("/projects/shop").status_code == 204
        assert admin.get("/projects/shop").status_code == 404
        assert admin.delete("/projects/shop").status_code == 404
    reasons = [entry.reason.partition("; token ")[0] for entry in until_noted(url, "project", 3)]
    assert reasons[-3:] == ["registered", "changed: origins voice sessions_max minutes_a_day", "deleted"]


def until_noted(url: str, kind: str, count: int) -> list[AuditEntry]:
    async def wait() -> list[AuditEntry]:
        with anyio.fail_after(PATIENCE):
            while True:
                with open_existing_store(url) as store:
                    found = [entry for entry in store.trail.records(limit=1000) if entry.kind == kind]
                if len(found) >= count:
                    return list(found)
                await anyio.sleep(0.1)

    return anyio.run(wait)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"name": "a b"}, "body.name: string should match pattern"),
        ({"name": "a", "origins": ["*"]}, "body.origins.0: string should match pattern"),
        ({"name": "a", "sessions_max": -1}, "body.sessions_max: input should be greater than or equal to 0"),
        ({"name": "a", "sessions_max": "3"}, "body.sessions_max: input should be a valid integer"),
        ({"name": "a", "colour": 1}, "body.colour: extra inputs are not permitted"),
        ({"name": "a", "voice": "bf_emmo"}, "voice 'bf_emmo' is not known, close ones are bf_emma"),
        ({}, "body.name: field required"),
    ],
)
def test_what_is_wrong_with_a_project_is_said(
    administered: Endpoint, body: dict[str, Any], told: str
) -> None:
    with client(administered) as admin:
        answer = admin.post("/projects", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"].startswith(told)


def test_who_may_not_ask(administered: Endpoint) -> None:
    with httpx.Client(base_url=base(administered), trust_env=False) as nobody:
        assert nobody.get("/v1/admin/projects").json()["error"]["kind"] == "missing-token"
    for scope in set(Scope) - {Scope.ADMIN}:
        with client(administered, scope) as other:
            assert other.get("/projects").json()["error"]["kind"] == "wrong-scope"
    with client(administered, Origin="https://evil.example") as page:
        assert page.get("/projects").json()["error"]["kind"] == "wrong-origin"
    with client(administered, Origin=base(administered)) as own:
        assert own.get("/projects").status_code == 200
    with client(administered) as admin:
        assert admin.get("/nothing").json()["error"]["kind"] == "unknown-path"
        wrong = admin.patch("/projects", json={})
        assert (wrong.status_code, wrong.json()["error"]["kind"]) == (405, "wrong-method")
        assert wrong.headers["allow"]
        assert admin.get("/projects?x=1").json()["error"]["kind"] == "query"
        large = admin.post("/projects", content=b" " * 4097)
        assert large.status_code == 413


def test_it_is_off_unless_it_is_set(endpoint: Endpoint) -> None:
    with client(endpoint) as admin:
        assert admin.get("/projects").json()["error"]["kind"] == "unknown-path"
    for path in PAGE_PATHS:
        answer = httpx.get(base(endpoint) + path.decode(), trust_env=False)
        assert answer.status_code == 404


def test_it_is_open_to_some_addresses_only(start_endpoint: Callable[..., Any]) -> None:
    with start_endpoint(
        admin="true", admin_addresses='["192.0.2.0/24"]', trusted_proxies='["127.0.0.1"]'
    ) as started:
        with client(started) as elsewhere:
            assert elsewhere.get("/projects").json()["error"]["kind"] == "wrong-address"
        with client(started, **{"X-Forwarded-For": "192.0.2.7"}) as there:
            assert there.get("/projects").status_code == 200
        assert httpx.get(f"{base(started)}/admin", trust_env=False).status_code == 403


@pytest.mark.parametrize("path", sorted(PAGE_PATHS))
def test_page_may_load_nothing_from_elsewhere(administered: Endpoint, path: bytes) -> None:
    answer = httpx.get(base(administered) + path.decode(), trust_env=False)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; ")
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "://" not in answer.text.replace("http-equiv", "")
    assert "innerHTML" not in answer.text


@pytest.mark.parametrize(
    ("profile", "certificate", "strict"),
    [
        ("production", Path("server.pem"), True),
        ("production", None, False),
        ("staging", Path("s.pem"), False),
    ],
)
async def test_in_production_the_page_is_for_https_only(
    profile: str, certificate: Path | None, strict: bool
) -> None:
    """A first look at http:// could be led elsewhere; or a lab's other pages on the host be locked out."""
    app = FastAPI()
    given = EndpointSettings.model_construct(profile=profile, certificate=certificate)
    app.include_router(page_router(page_headers(given)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://here") as asked:
        for path in sorted(PAGE_PATHS):
            headers = (await asked.get(path.decode())).headers
            assert headers.get("strict-transport-security") == ("max-age=31536000" if strict else None)
            assert headers["x-frame-options"] == "DENY"


async def test_what_is_changed_counts_for_the_next_session(
    administered: Endpoint, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By HTTP at once; on the command line within a look or two; running sessions go on."""
    mine = Endpoint(url=administered.url, tokens=lambda: token(administered, Scope.CONVERSE, project="hall"))
    async with open_session(endpoint=mine) as first:
        with client(administered) as admin:
            made = await anyio.to_thread.run_sync(
                lambda: admin.post("/projects", json={"name": "hall", "sessions_max": 1})
            )
            assert made.json()["use"]["sessions"] == 1
            with pytest.raises(GatewayRefused) as caught:
                async with open_session(endpoint=mine):
                    pass
            assert (caught.value.code, caught.value.reason) == (
                *(4429, "the project has 1 sessions, the most it may have at once"),
            )
            arguments = ["project", "set", "hall", "--sessions-max", "none", "--store", url]
            assert await anyio.to_thread.run_sync(main, arguments) == 0
            with anyio.fail_after(PATIENCE):
                while admin.get("/projects/hall").json()["sessions_max"] is not None:  # noqa: ASYNC110
                    await anyio.sleep(0.1)
            async with open_session(endpoint=mine):
                shown = admin.get("/sessions").json()
                assert [one["project"] for one in shown["sessions"]] == ["hall", "hall"]
                assert not first.over
            quotas = {one["project"]: one for one in admin.get("/quotas").json()["quotas"]}
            assert quotas["hall"]["registered"]
            with anyio.fail_after(PATIENCE):
                while not [r for r in admin.get("/refusals").json()["refusals"] if r["project"] == "hall"]:  # noqa: ASYNC110
                    await anyio.sleep(0.1)


async def test_minutes_that_are_spent_end_the_session(administered: Endpoint) -> None:
    mine = Endpoint(url=administered.url, tokens=lambda: token(administered, Scope.CONVERSE, project="brief"))
    with client(administered) as admin:
        admin.post("/projects", json={"name": "brief", "minutes_a_day": 0.02})
        async with open_session(endpoint=mine) as session:
            with anyio.fail_after(PATIENCE):
                while not session.over:
                    await session.news()
        assert session.timeline.events[-1].body.code == 4430
        with pytest.raises(GatewayRefused, match="has used up its minutes of today"):
            async with open_session(endpoint=mine):
                pass


async def test_live_sessions_of_a_project_that_is_disabled_end_and_none_begins(
    administered: Endpoint,
) -> None:
    """Whoever was shut out would talk on until the session's longest time is over."""
    mine = Endpoint(url=administered.url, tokens=lambda: token(administered, Scope.CONVERSE, project="shut"))
    with client(administered) as admin:
        admin.post("/projects", json={"name": "shut"})
        async with open_session(endpoint=mine) as session:
            shown = admin.put("/projects/shut", json={"disabled": True}).json()
            assert shown["disabled"] is True
            with anyio.fail_after(PATIENCE):
                while not session.over:
                    await session.news()
        told = [event.body for event in session.timeline.events[-2:]]
        assert (told[0].message, told[0].fatal) == ("the session's project is disabled", True)
        assert (told[1].reason, told[1].code) == ("project", 4431)
        with pytest.raises(GatewayRefused, match="the session token's project is disabled"):
            async with open_session(endpoint=mine):
                pass
        admin.put("/projects/shut", json={"consent": "none", "mask": False})
        async with open_session(endpoint=mine) as session:
            assert session.opened.settings["consent"] == {"level": "none", "by": "project"}
        assert admin.put("/projects/shut", json={"consent": "some"}).status_code == 422


SCHEMA_SECONDS = 40.0
"""After so long the rest of the examples is left out; an idle machine needs half of it."""
OPERATIONS = 8
EXAMPLES = 12
"""For each operation, of requests that the document allows, and of such that it does not."""


def test_schemathesis_finds_nothing(administered: Endpoint) -> None:
    """What the document promises is what is answered, whatever is sent."""
    headers = {"Authorization": f"Bearer {token(administered)}"}
    document = f"{base(administered)}/v1/admin/openapi.json"
    schema = schemathesis.openapi.from_url(document, headers=headers)
    until = time.monotonic() + SCHEMA_SECONDS
    tried = 0
    for found in schema.get_all_operations():
        for mode in GenerationMode:
            tried += _try(found.ok().as_strategy(generation_mode=mode), headers, until) > 0
    assert tried == OPERATIONS * len(GenerationMode)


def _try(strategy: SearchStrategy[Any], headers: dict[str, str], until: float) -> int:
    """Send examples and hold each answer against the document; return how many were sent."""
    sent = 0

    @hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def check(case: Any) -> None:
        nonlocal sent
        if not sent or time.monotonic() < until:
            sent += 1
            case.call_and_validate(headers=headers)

    check()
    return sent
