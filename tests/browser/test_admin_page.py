"""The administrator's page: what a browser shows of it, and that it says nothing without a token."""

from collections.abc import Callable

import httpx
from browsing import Watched
from endpoints import running_endpoint

from workbench.security.tokens import Scope, mint_token

FACTS = {
    **{"name": "shop", "origins": ["https://shop.example"], "sessions_max": 3, "minutes_a_day": 60},
    **{"consent": "transcript", "mask": True},
}


def test_administrator_sees_projects_quotas_and_refusals(watched: Callable[..., Watched]) -> None:
    with running_endpoint(admin="true") as endpoint:
        base = endpoint.url.replace("ws", "http", 1)
        assert endpoint.key is not None
        token = mint_token(endpoint.key, scopes=[Scope.ADMIN])
        with httpx.Client(base_url=base, trust_env=False) as client:
            headers = {"Authorization": f"Bearer {token}"}
            assert client.post("/v1/admin/projects", json=FACTS, headers=headers).status_code == 201
            shut = {"name": "shut", "disabled": True, "retention_days": 7}
            assert client.post("/v1/admin/projects", json=shut, headers=headers).status_code == 201
            assert client.get("/v1/admin/projects").status_code == 401
        page = watched().page
        page.goto(f"{base}/admin")
        assert page.locator("main").is_hidden()
        page.fill("#token", token)
        page.click("text=Show")
        page.wait_for_selector("#projects td:has-text('https://shop.example')")
        assert page.input_value("#token") == ""
        shown = [row.split("\t") for row in page.locator("#projects tbody tr").all_inner_texts()]
        assert [row[0] for row in shown] == ["shop", "shut (disabled)"]
        assert [row[-3:] for row in shown] == [
            ["endpoint's", "transcript", "yes"],
            ["7 days", "endpoint's", "endpoint's"],
        ]
        assert page.inner_text("#quotas tbody tr").split("\t") == ["shop", " 0 of 3", " 0 of 60 min"]
        assert page.inner_text("#sessions") == "No session is live or held."
        page.wait_for_selector("#refusals td:has-text('missing-token (401)')")
        assert page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0
