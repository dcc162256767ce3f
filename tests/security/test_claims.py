"""Claims under a good signature: every type, length and time a token may have, and those it may not."""

import pytest
from forging import claims

from workbench.core.names import LIST_MAX
from workbench.errors import GatewayRefused
from workbench.security.claims import Grant, Scope, grant_from

NOW = 1_700_000_000.0
BAD = "bad-claim"


def grant(now: float = NOW, **change: object) -> Grant:
    """Return what changed claims, issued at NOW for a minute, grant."""
    times = {"iat": NOW, "nbf": NOW, "exp": NOW + 60}
    return grant_from(claims(**times | change), key_id="01234567", now=now)


def test_good_claims_become_a_grant() -> None:
    """What a token's maker wrote would not be what the endpoint goes by."""
    assert grant(project="lab", client="tab-1", session="s.1", origins=["https://lab.example"]) == Grant(
        token_id="0123456789abcdef",
        key_id="01234567",
        project="lab",
        scopes=frozenset({Scope.CONVERSE}),
        assistants=("coffee",),
        origins=("https://lab.example",),
        session="s.1",
        client="tab-1",
        expires=NOW + 60,
    )


def test_what_is_not_said_binds_nothing() -> None:
    """A short token would be refused, or bound to something its maker never wrote."""
    bare = grant(assistants=None)
    assert (bare.project, bare.session, bare.client) == ("default", None, None)
    assert bare.assistants == bare.origins == ()


def test_claims_nobody_reads_do_no_harm() -> None:
    """A backend that adds its own claims could not mint tokens."""
    assert grant(iss="backend", sub="somebody", extra={"scope": "admin"}).scopes == {Scope.CONVERSE}


IMPOSSIBLE_TIMES = [True, False, "1700000000", "", [], {}, -1, 2**40 + 1, 10**400, -(10**400), 1e300, ["x"]]
IMPOSSIBLE_NAMES = [
    *("", " ", "a b", "a\n", "a\0", "é", "ａ", "x" * 65, "../../etc", "a/b", "' OR 1=1 --", "a%00"),
    *(".", "..", "...", 1, True, 1.5, [], ["a"], {}, "\ud800", "a\u202eb"),
]
IMPOSSIBLE_ORIGINS = [
    *("", "null", "*", "lab.example", "https://", "https://lab.example/", "https://lab.example/path"),
    *("https://LAB.example", "https://user@lab.example", "https://lab.example:", "https://*.example"),
    *(
        "https://lab.example\n",
        "https://lab.example:123456",
        "https://lab\u3002example",
        1,
        None,
        ["https://a"],
    ),
]

REFUSED = {
    **{
        f"no {name}": ({name: None}, "missing-claim", f"the session token has no claim {name}")
        for name in ("aud", "iat", "nbf", "exp", "jti", "scope")
    },
    **{
        f"audience {value!r}": (
            {"aud": value},
            "wrong-audience",
            "the session token is meant for something else",
        )
        for value in ("workbench-admin", "", "WORKBENCH-SESSION", ["workbench-session"], True, 0)
    },
    **{
        f"{name} {str(value)[:12]!r} {type(value).__name__}": (
            {name: value},
            BAD,
            f"the session token's claim {name} is no time",
        )
        for name in ("iat", "nbf", "exp")
        for value in IMPOSSIBLE_TIMES
    },
    **{
        f"{name} {value!r:.20}": ({name: value}, BAD, f"the session token's claim {name} is no name of")
        for name in ("jti", "project", "session", "client")
        for value in IMPOSSIBLE_NAMES
    },
    **{
        f"origin {value!r}": (
            {"origins": ["https://lab.example", value]},
            BAD,
            "the session token's claim origins holds something else than origins",
        )
        for value in IMPOSSIBLE_ORIGINS
    },
    **{
        f"assistant {value!r:.20}": (
            {"assistants": [value]},
            BAD,
            "the session token's claim assistants holds something else than assistants",
        )
        for value in ("", "x" * 201, "a\nb", "\u2028", "\ud800", 1, None, ["coffee"])
    },
    **{
        f"{name} no list: {value!r}": ({name: value}, BAD, f"the session token's claim {name} is no list")
        for name in ("assistants", "origins")
        for value in ("coffee", 1, True, {"coffee": 1})
    },
    **{
        f"too many {name}": (
            {name: [good] * (LIST_MAX + 1)},
            BAD,
            f"the session token's claim {name} has over 32",
        )
        for name, good in (("assistants", "coffee"), ("origins", "https://lab.example"))
    },
    **{
        f"scope {value!r:.20}": ({"scope": value}, BAD, "the session token's claim scope is no list of words")
        for value in ("", " ", " converse", 1, True, ["converse"], {"converse": 1}, "converse " * 30)
    },
    "lives too long": (
        {"exp": NOW + 3601},
        "too-long-lived",
        "the session token lives longer than 3600 s",
    ),
    "lives too long, issued long ago": (
        {"iat": NOW - 86_400},
        "too-long-lived",
        "the session token lives longer than 3600 s",
    ),
    "ends before it begins": (
        {"exp": NOW - 1},
        BAD,
        "the session token ends before it was issued",
    ),
    "issued in the future": (
        {"iat": NOW + 3},
        "not-yet-valid",
        "the session token was issued in the future",
    ),
    "not yet valid": ({"nbf": NOW + 3}, "not-yet-valid", "the session token is not yet valid"),
    "expired": (
        {"iat": NOW - 60, "nbf": NOW - 60, "exp": NOW - 2},
        "expired",
        "the session token has expired",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_claims_are_refused_by_name_only(case: str) -> None:
    """Whoever can get one odd claim signed would get more than was meant; texts would carry the claim."""
    change, kind, reason = REFUSED[case]
    with pytest.raises(GatewayRefused) as raised:
        grant(**change)
    assert (raised.value.code, raised.value.kind) == (401, kind)
    assert raised.value.reason.startswith(reason)


@pytest.mark.parametrize("scope", ["all", "converse all", "Converse", "converse\tadmin", "converse  speak"])
def test_a_scope_nobody_knows_is_forbidden(scope: str) -> None:
    """A token for a newer endpoint would be taken for less than it says, or for more."""
    with pytest.raises(GatewayRefused) as raised:
        grant(scope=scope)
    assert (raised.value.code, raised.value.kind) == (403, "unknown-scope")
    assert raised.value.reason == "the session token names a scope that does not exist"


def test_clocks_may_differ_by_two_seconds() -> None:
    """A token from a machine whose clock is a second ahead would be refused."""
    assert grant(now=NOW + 61.9)
    assert grant(now=NOW - 1.9)
    assert grant(exp=NOW + 3600)


@pytest.mark.parametrize(
    "origin",
    [
        *("https://lab.example", "http://localhost:8888", "http://127.0.0.1:1", "https://[::1]:8443"),
        *("vscode-webview://0a1b", "chrome-extension://abcdef"),
    ],
)
def test_every_origin_a_browser_sends_can_be_granted(origin: str) -> None:
    """A notebook on that page could never connect."""
    assert grant(origins=[origin]).origins == (origin,)


ALLOWED = {
    "transcribe": {"transcribe"},
    "speak": {"speak"},
    "converse": {"converse", "transcribe", "speak"},
    "observe": {"observe"},
    "admin": {"admin"},
    "transcribe speak": {"transcribe", "speak"},
    "observe admin": {"observe", "admin"},
}


@pytest.mark.parametrize("held", ALLOWED)
def test_a_scope_allows_itself_and_its_parts(held: str) -> None:
    """A listener could speak, or a caller revoke."""
    scopes = grant(scope=held)
    assert {scope.value for scope in Scope if scopes.allows(scope)} == ALLOWED[held]
