"""Session tokens: what a good one grants, and that every bad one is refused."""

import base64
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import GatewayRefused, ParameterError
from workbench.security.tokens import AUDIENCE, DEFAULT_LIFETIME, MAX_LIFETIME, check_token, mint_token

KEY = "k" * 32
OTHER = "o" * 32


def claims(**change: object) -> dict[str, object]:
    """Return good claims with some changed; None removes one."""
    now = datetime.now(UTC)
    good = {
        "aud": AUDIENCE,
        "iat": now,
        "nbf": now,
        "exp": now + timedelta(seconds=60),
        "jti": "0123456789abcdef",
        "scope": "converse",
        "assistants": ["coffee"],
    }
    return {name: value for name, value in (good | change).items() if value is not None}


def signed(key: str = KEY, algorithm: str = "HS256", **change: object) -> str:
    return jwt.encode(claims(**change), key, algorithm=algorithm)


def unsigned() -> str:
    return jwt.encode(claims(), "", algorithm="none")


def tampered() -> str:
    """Return a good token whose claims were changed after it was signed."""
    head, body, signature = signed().split(".")
    content = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    content["assistants"] = []
    body = base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


def test_a_minted_token_grants_what_was_asked_for() -> None:
    """Nobody could open a session, or everybody any assistant."""
    grant = check_token(mint_token(KEY, assistants=("coffee", "rooms")), KEY)
    assert grant.assistants == ("coffee", "rooms")
    assert check_token(mint_token(KEY), KEY).assistants == ()
    assert check_token(signed(assistants=None), KEY).assistants == ()


def test_every_token_has_an_identity_of_its_own() -> None:
    """A used token could not be told from a fresh one."""
    assert len({check_token(mint_token(KEY), KEY).token_id for _ in range(20)}) == 20


@pytest.mark.parametrize("lifetime", [1, DEFAULT_LIFETIME, MAX_LIFETIME])
def test_a_token_lives_as_long_as_asked(lifetime: float) -> None:
    """Tokens meant for minutes would be good for hours."""
    content = jwt.decode(mint_token(KEY, lifetime=lifetime), KEY, algorithms=["HS256"], audience=AUDIENCE)
    assert content["exp"] - content["iat"] == lifetime
    assert content["nbf"] == content["iat"]


@pytest.mark.parametrize("lifetime", [0, 0.5, -1, 3601, float("inf"), float("nan")])
def test_no_token_lives_forever(lifetime: float) -> None:
    """A leaked token would be good for ever."""
    with pytest.raises(ParameterError, match=r"^token lifetime is .* s, expected 1 to 3600$"):
        mint_token(KEY, lifetime=lifetime)


INVALID = "the session token is not valid: "

REFUSED = {
    "none sent": (lambda: "", "no session token was sent"),
    "expired": (lambda: signed(exp=ago(3)), "the session token has expired"),
    "not yet valid": (lambda: signed(nbf=ago(-5)), INVALID + "ImmatureSignatureError"),
    "issued in the future": (lambda: signed(iat=ago(-5)), INVALID + "ImmatureSignatureError"),
    "another key": (lambda: signed(OTHER), INVALID + "InvalidSignatureError"),
    "no signature": (unsigned, INVALID + "InvalidAlgorithmError"),
    "another algorithm": (lambda: signed("k" * 64, "HS512"), INVALID + "InvalidAlgorithmError"),
    "tampered": (tampered, INVALID + "InvalidSignatureError"),
    "another audience": (lambda: signed(aud="workbench-admin"), INVALID + "InvalidAudienceError"),
    **{
        f"no {name}": (lambda name=name: signed(**{name: None}), INVALID + "MissingRequiredClaimError")
        for name in ("aud", "iat", "nbf", "exp", "jti", "scope")
    },
    "assistants no list": (lambda: signed(assistants="coffee"), INVALID + "assistants is no list"),
    "garbage": (lambda: "garbage", INVALID + "DecodeError"),
    "three parts of garbage": (lambda: "a.b.c", INVALID + "DecodeError"),
    "not ascii": (lambda: "é.ü.ß", INVALID + "DecodeError"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_token_is_refused_without_being_shown(case: str) -> None:
    """Someone without a valid token would get in, or a token would reach a log."""
    make, reason = REFUSED[case]
    token = make()
    with pytest.raises(GatewayRefused) as raised:
        check_token(token, KEY)
    assert (raised.value.code, raised.value.reason) == (401, reason)
    assert raised.value.__cause__ is None
    assert not token or token not in str(raised.value)


def test_a_token_for_something_else_is_forbidden() -> None:
    """A token that allows reading recordings would also allow talking."""
    with pytest.raises(GatewayRefused) as raised:
        check_token(signed(scope="observe"), KEY)
    assert raised.value.code == 403
    assert raised.value.reason == "the session token does not allow a conversation"


def test_clocks_may_differ_by_two_seconds() -> None:
    """A token from a machine whose clock is a second ahead would be refused."""
    assert check_token(signed(exp=ago(1)), KEY).token_id == "0123456789abcdef"
    assert check_token(signed(nbf=ago(-1), iat=ago(-1)), KEY).token_id == "0123456789abcdef"


@given(token=st.text(max_size=60) | st.binary(max_size=20).map(lambda raw: base64.b64encode(raw).decode()))
def test_whatever_is_sent_only_a_refusal_is_raised(token: str) -> None:
    """A made-up token would end the endpoint's request with an error nobody handles."""
    with pytest.raises(GatewayRefused):
        check_token(token, KEY)
