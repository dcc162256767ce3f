"""Session tokens: what a good one grants, and that every bad one is refused."""

import base64
import json

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from forging import KEY, OTHER, base64url, claims, compact, headed, header, signed, unix_now
from hypothesis import given, strategies as st

from workbench.errors import GatewayRefused, ParameterError
from workbench.security.keyring import Key, Keyring
from workbench.security.tokens import (
    AUDIENCE,
    DEFAULT_LIFETIME,
    MAX_LIFETIME,
    MAX_TOKEN,
    Scope,
    check_token,
    expiry_of,
    mint_token,
    read_unverified,
)

NOW = 1_700_000_000.0


def tampered(**change: object) -> str:
    """Return a good token whose claims were changed after it was signed."""
    head, body, signature = signed().split(".")
    content = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return f"{head}.{base64url(json.dumps(content | change).encode())}.{signature}"


def unsigned(algorithm: str) -> str:
    """Return a token that claims to need no signature and has none."""
    return compact(header(alg=algorithm), claims()).rsplit(".", 1)[0] + "."


def public_key() -> bytes:
    """Return what an attacker knows of an RSA key."""
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def with_rsa_signature() -> str:
    """Return a token signed with an RSA key of the attacker's own, which its header carries."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims(), private, algorithm="RS256", headers={"kid": Key(KEY).key_id})


def other_letters() -> str:
    """Return a good token whose signature ends in another letter of the same bits."""
    token = signed()
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + letters[letters.index(token[-1]) | 1]


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


COMPACT = "the session token is no signed JWT in compact form"
UNKNOWN_KEY = "the session token names a key that is not known, or no longer"
NO_KEY = "the session token names no key"
SIGNATURE = "the signature of the session token does not match"
ALGORITHM = "the session token is not signed with HS256"
DEMANDS = "the session token's header demands what is not understood"

REFUSED = {
    "none sent": (lambda: "", "missing-token", "no session token was sent"),
    "too large": (
        lambda: signed(filler="x" * MAX_TOKEN),
        "too-large",
        "the session token has over 4096 characters",
    ),
    # form
    "garbage": (lambda: "garbage", "malformed", COMPACT),
    "three parts of garbage": (lambda: "aaaa.bbbb.cccc", "malformed", COMPACT),
    "not ascii": (lambda: "éé.üü.ßß", "malformed", COMPACT),
    "full-width letters": (lambda: signed().replace("e", "ｅ"), "malformed", COMPACT),
    "digits of another script": (lambda: signed() + "٣", "malformed", COMPACT),
    "white space in front": (lambda: " " + signed(), "malformed", COMPACT),
    "a line's end behind": (lambda: signed() + "\n", "malformed", COMPACT),
    "a zero byte": (lambda: signed() + "\0", "malformed", COMPACT),
    "padding": (lambda: signed() + "=", "malformed", COMPACT),
    "a fourth part": (lambda: signed() + ".AAAA", "malformed", COMPACT),
    "five parts, as if encrypted": (lambda: "AAAA.AAAA.AAAA.AAAA.AAAA", "malformed", COMPACT),
    "no claims": (lambda: "..".join(signed().split(".")[::2]), "malformed", COMPACT),
    "a long header": (lambda: headed(filler="x" * 800), "malformed", COMPACT),
    "a header of one letter too many": (lambda: "A" + signed(), "malformed", COMPACT),
    "a header that is a list": (lambda: compact([], claims()), "malformed", COMPACT),
    "a header that is a number": (lambda: compact(b"1", claims()), "malformed", COMPACT),
    "a deeply nested header": (lambda: compact(nested(190), claims()), "malformed", COMPACT),
    "a header not in UTF-8": (lambda: compact(b'{"alg":"\xff"}', claims()), "malformed", COMPACT),
    "a header in UTF-16": (
        lambda: compact(json.dumps(header()).encode("utf-16"), claims()),
        "malformed",
        COMPACT,
    ),
    "two algorithms": (
        lambda: compact(b'{"alg":"none",' + json.dumps(header()).encode()[1:], claims()),
        "malformed",
        COMPACT,
    ),
    "claims that are a list": (lambda: compact(header(), []), "malformed", COMPACT),
    "claims that are text": (lambda: compact(header(), "claims"), "malformed", COMPACT),
    "deeply nested claims": (lambda: compact(header(), nested(1400)), "malformed", COMPACT),
    "a claim twice": (
        lambda: compact(header(), b'{"scope":"admin",' + json.dumps(claims()).encode()[1:]),
        "malformed",
        COMPACT,
    ),
    "a claim twice, once escaped": (
        lambda: compact(header(), b'{"sc\\u006fpe":"admin",' + json.dumps(claims()).encode()[1:]),
        "malformed",
        COMPACT,
    ),
    "not a number": (lambda: signed(exp=float("nan")), "malformed", COMPACT),
    "infinity": (lambda: signed(exp=float("inf")), "malformed", COMPACT),
    # algorithm
    **{
        f"algorithm {name}": (lambda name=name: unsigned(name), "wrong-algorithm", ALGORITHM)
        for name in ("none", "None", "NONE", "nOnE", "")
    },
    "no algorithm": (lambda: headed(alg=None), "wrong-algorithm", ALGORITHM),
    "an algorithm in a list": (lambda: headed(alg=["HS256"]), "wrong-algorithm", ALGORITHM),
    "the algorithm in small letters": (lambda: headed(alg="hs256"), "wrong-algorithm", ALGORITHM),
    "a longer hash": (
        lambda: compact(header(alg="HS512"), claims(), digest="sha512"),
        "wrong-algorithm",
        ALGORITHM,
    ),
    "an RSA signature": (with_rsa_signature, "wrong-algorithm", ALGORITHM),
    "a name of RSA over a shared secret": (lambda: headed(alg="RS256"), "wrong-algorithm", ALGORITHM),
    "a critical header": (lambda: headed(crit=["exp"]), "malformed", DEMANDS),
    "an empty critical header": (lambda: headed(crit=[]), "malformed", DEMANDS),
    "claims that are not encoded": (lambda: headed(b64=False), "malformed", DEMANDS),
    "another type": (
        lambda: headed(typ="JOSE"),
        "malformed",
        "the session token's header says it is something else",
    ),
    # key
    "no key id": (lambda: headed(kid=None), "unknown-key", NO_KEY),
    "a key id that is a list": (lambda: headed(kid=[Key(KEY).key_id]), "unknown-key", NO_KEY),
    "a key id that is a number": (lambda: headed(kid=0), "unknown-key", NO_KEY),
    **{
        f"key id {name}": (lambda name=name: headed(kid=name), "unknown-key", UNKNOWN_KEY)
        for name in (
            *("", "00000000", "../../../../dev/null", "/etc/passwd", "key\0", "' OR 1=1 --", "$(id)"),
            *(Key(KEY).key_id.upper() + "X", Key(KEY).key_id + " ", Key(KEY).key_id + "\n"),
        )
    },
    "another key, named": (
        lambda: compact(header(kid=Key(OTHER).key_id), claims(), key=OTHER.encode()),
        "unknown-key",
        UNKNOWN_KEY,
    ),
    # signature
    "another key under a known name": (
        lambda: compact(header(), claims(), key=OTHER.encode()),
        "bad-signature",
        SIGNATURE,
    ),
    "a public key as the shared secret": (
        lambda: compact(header(), claims(), key=public_key()),
        "bad-signature",
        SIGNATURE,
    ),
    "an empty secret": (lambda: compact(header(), claims(), key=b""), "bad-signature", SIGNATURE),
    "the key's name as the secret": (
        lambda: compact(header(), claims(), key=Key(KEY).key_id.encode()),
        "bad-signature",
        SIGNATURE,
    ),
    "no signature": (lambda: signed().rsplit(".", 1)[0] + ".", "bad-signature", SIGNATURE),
    "half a signature": (lambda: signed()[:-20], "bad-signature", SIGNATURE),
    "a longer signature": (lambda: signed() + "AAAA", "bad-signature", SIGNATURE),
    "other letters of the same signature": (other_letters, "bad-signature", SIGNATURE),
    "more assistants": (lambda: tampered(assistants=[]), "bad-signature", SIGNATURE),
    "another scope": (lambda: tampered(scope="admin"), "bad-signature", SIGNATURE),
    "another session": (lambda: tampered(session="somebody-elses"), "bad-signature", SIGNATURE),
    "a longer life": (lambda: tampered(exp=int(unix_now()) + 3000), "bad-signature", SIGNATURE),
    "a header changed after signing": (
        lambda: ".".join((headed(typ=None).split(".")[0], *signed().split(".")[1:])),
        "bad-signature",
        SIGNATURE,
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_token_is_refused_without_being_shown(case: str) -> None:
    """Someone without a valid token would get in, or a token would reach a log."""
    make, kind, reason = REFUSED[case]
    token = make()
    with pytest.raises(GatewayRefused) as raised:
        check_token(token, KEY)
    assert (raised.value.code, raised.value.kind, raised.value.reason) == (401, kind, reason)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


def test_the_claims_of_a_token_are_checked() -> None:
    """A good signature would be enough, whatever was signed."""
    with pytest.raises(GatewayRefused) as raised:
        check_token(signed(aud="workbench-admin"), KEY)
    assert raised.value.kind == "wrong-audience"


def test_a_minted_token_grants_what_was_asked_for() -> None:
    """Nobody could open a session, or everybody any assistant."""
    token = mint_token(
        KEY,
        scopes=(Scope.OBSERVE, Scope.SPEAK),
        assistants=("coffee", "rooms"),
        origins=("https://lab.example",),
        project="lab",
        session="s-1",
        client="tab:7",
    )
    grant = check_token(token, KEY)
    assert grant.scopes == {Scope.OBSERVE, Scope.SPEAK}
    assert grant.assistants == ("coffee", "rooms")
    assert grant.origins == ("https://lab.example",)
    assert (grant.project, grant.session, grant.client) == ("lab", "s-1", "tab:7")
    assert grant.key_id == Key(KEY).key_id
    assert grant.expires == expiry_of(token)


def test_a_token_minted_without_wishes_is_for_a_conversation() -> None:
    """The embedded endpoint's own tokens would be good for less, or for more."""
    grant = check_token(mint_token(KEY), KEY)
    assert grant.scopes == {Scope.CONVERSE}
    assert (grant.project, grant.session, grant.client) == ("default", None, None)
    assert grant.assistants == grant.origins == ()


def test_other_libraries_read_and_write_the_same_tokens() -> None:
    """A backend in another language could not mint tokens."""
    token = mint_token(KEY)
    content = jwt.decode(token, KEY, algorithms=["HS256"], audience=AUDIENCE)
    assert content["scope"] == "converse"
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "kid": Key(KEY).key_id, "typ": "JWT"}
    theirs = jwt.encode(claims(), KEY, algorithm="HS256", headers={"kid": Key(KEY).key_id})
    assert check_token(theirs, KEY).token_id == "0123456789abcdef"


@pytest.mark.parametrize(
    "extra",
    [
        {"jku": "https://attacker.example/keys"},
        {"x5u": "https://attacker.example/cert"},
        {"jwk": {"kty": "oct", "k": base64url(OTHER.encode())}},
        {"x5c": ["AAAA"], "x5t": "AAAA"},
    ],
)
def test_a_key_the_header_offers_is_not_used(extra: dict[str, object]) -> None:
    """An attacker would bring the key his token is checked with."""
    assert check_token(headed(**extra), KEY).token_id == "0123456789abcdef"
    with pytest.raises(GatewayRefused) as raised:
        check_token(compact(header(**extra), claims(), key=OTHER.encode()), KEY)
    assert raised.value.kind == "bad-signature"


def test_every_token_has_an_identity_of_its_own() -> None:
    """A used token could not be told from a fresh one."""
    assert len({check_token(mint_token(KEY), KEY).token_id for _ in range(20)}) == 20


@pytest.mark.parametrize("lifetime", [1, DEFAULT_LIFETIME, MAX_LIFETIME])
def test_a_token_lives_as_long_as_asked(lifetime: float) -> None:
    """Tokens meant for minutes would be good for hours."""
    content = read_unverified(mint_token(KEY, lifetime=lifetime))[1]
    assert content["exp"] - content["iat"] == lifetime
    assert content["nbf"] == content["iat"]


@pytest.mark.parametrize("lifetime", [0, 0.5, -1, 3601, float("inf"), float("nan")])
def test_no_token_lives_forever(lifetime: float) -> None:
    """A leaked token would be good for ever."""
    with pytest.raises(ParameterError, match=r"^token lifetime is .* s, expected 1 to 3600$"):
        mint_token(KEY, lifetime=lifetime)


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        ({"project": "a b"}, "can't mint a token: the session token's claim project is no name of"),
        ({"session": ""}, "can't mint a token: the session token's claim session is no name of"),
        ({"client": "x" * 65}, "can't mint a token: the session token's claim client is no name of"),
        ({"scopes": ()}, "can't mint a token: the session token's claim scope is no list of words"),
        ({"scopes": ("all",)}, "can't mint a token: the session token names a scope that does not exist"),
        ({"origins": ("lab.example",)}, "can't mint a token: the session token's claim origins holds"),
        ({"assistants": ("a",) * 33}, "can't mint a token: the session token's claim assistants has over 32"),
        ({"assistants": ("a" * 200,) * 32}, "a token would have "),
    ],
)
def test_no_token_is_minted_that_would_be_refused(wish: dict[str, object], text: str) -> None:
    """The mistake would only show when a caller is turned away."""
    with pytest.raises(ParameterError) as raised:
        mint_token(KEY, **wish)
    assert str(raised.value).startswith(text)


def test_the_key_a_token_names_checks_it() -> None:
    """A rotation would end every token minted before it, or a retired key would verify for ever."""
    old, new = Key(OTHER, until=NOW + 10), Key(KEY)
    ring = Keyring([new, old])
    then = claims(iat=NOW, nbf=NOW, exp=NOW + 60)
    by_old = compact(header(kid=old.key_id), then, key=OTHER.encode())
    by_new = compact(header(), then)
    assert check_token(by_old, ring, now=NOW + 9).key_id == old.key_id
    assert check_token(by_new, ring, now=NOW + 11).key_id == new.key_id
    with pytest.raises(GatewayRefused, match="names a key that is not known, or no longer") as raised:
        check_token(by_old, ring, now=NOW + 10)
    assert raised.value.kind == "unknown-key"
    with pytest.raises(GatewayRefused) as raised:  # signed by one key of the ring, naming the other
        check_token(compact(header(), then, key=OTHER.encode()), ring, now=NOW)
    assert raised.value.kind == "bad-signature"


def test_new_tokens_are_signed_with_the_first_key() -> None:
    """After a rotation tokens would still need the key that is to go."""
    ring = Keyring([Key(KEY), Key(OTHER, until=unix_now() + 60)])
    assert check_token(mint_token(ring), ring).key_id == Key(KEY).key_id


@pytest.mark.parametrize("token", ["", "garbage", compact(header(), []), "x" * (MAX_TOKEN + 1)])
def test_what_is_no_token_has_no_end(token: str) -> None:
    """The client's refresh timer would fail with a library's error, or a log would hold the token."""
    with pytest.raises(ParameterError, match=r"^can't read a token: "):
        expiry_of(token)


@pytest.mark.parametrize("end", [None, "soon", True, -1, 2**41])
def test_a_token_that_does_not_say_when_it_ends_is_no_use_to_a_timer(end: object) -> None:
    """A refresh would be waited for for ever."""
    with pytest.raises(ParameterError, match=r"^a token does not say when it ends$"):
        expiry_of(signed(exp=end))


@given(token=st.text(max_size=60) | st.binary(max_size=20).map(lambda raw: base64.b64encode(raw).decode()))
def test_whatever_is_sent_only_a_refusal_is_raised(token: str) -> None:
    """A made-up token would end the endpoint's request with an error nobody handles."""
    with pytest.raises(GatewayRefused):
        check_token(token, KEY)
