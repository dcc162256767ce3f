"""Key rings: which key signs, which verify and until when, and how they are written down."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from workbench.errors import ParameterError
from workbench.security.keyring import (
    MAX_KEY_BYTES,
    MAX_KEYS,
    MIN_KEY_BYTES,
    Key,
    Keyring,
    keyring_from,
    parse_keys,
    render_keys,
)

NOW = 1_700_000_000.0
A, B, C = ("a" * 32, "b" * 32, "c" * 32)

SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=32, max_size=60)


def test_a_key_is_named_after_its_secret() -> None:
    """Two processes with one key would name it differently, or two keys would share a name."""
    assert Key(A).key_id == Key(A, until=NOW).key_id == "0fed0dd1"
    assert Key(B).key_id != Key(A).key_id


def test_a_key_and_a_ring_don_t_show_their_secret() -> None:
    """A secret would stand in the first log line or traceback that shows one."""
    ring = Keyring([Key(A), Key(B, until=NOW)])
    for shown in (repr(Key(A)), str(Key(A)), repr(ring), str(ring)):
        assert A not in shown
        assert B not in shown
    assert repr(ring) == f"Keyring({[Key(A).key_id, Key(B).key_id]})"


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("", "the key has 0 bytes, expected at least 32"),
        ("x" * (MIN_KEY_BYTES - 1), "the key has 31 bytes, expected at least 32"),
        ("x" * (MAX_KEY_BYTES + 1), "the key has 513 bytes, expected at most 512"),
        ("x" * 32 + " ", "the key holds other characters than printable ASCII without spaces"),
        ("x" * 32 + "\0", "the key holds other characters than printable ASCII without spaces"),
        ("ü" * 32, "the key holds other characters than printable ASCII without spaces"),
        ("x" * 32 + "\ud800", "the key holds other characters than printable ASCII without spaces"),
    ],
)
def test_a_key_that_can_be_guessed_or_mistaken_is_refused(secret: str, text: str) -> None:
    """A weak key would sign tokens, or one that the key file can't hold."""
    with pytest.raises(ParameterError) as raised:
        Key(secret)
    assert str(raised.value) == text


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ([], "a key ring has 0 keys, expected 1 to 16"),
        (
            [Key(f"{number:032}") for number in range(MAX_KEYS + 1)],
            "a key ring has 17 keys, expected 1 to 16",
        ),
        ([Key(A), Key(A, NOW)], "a key ring holds the same key twice, expected different ones"),
        ([Key(A, NOW), Key(B)], "the first key of a ring has an end, expected the one that signs"),
    ],
)
def test_a_ring_that_can_t_sign_or_choose_is_refused(keys: list[Key], text: str) -> None:
    """Every new token would be refused, or a retired key would go on by its second entry."""
    with pytest.raises(ParameterError) as raised:
        Keyring(keys)
    assert str(raised.value) == text


def test_a_key_is_found_until_its_end() -> None:
    """A retired key would verify for ever, or not at all."""
    ring = Keyring([Key(A), Key(B, until=NOW)])
    assert ring.signing == Key(A)
    assert ring.find(Key(B).key_id, NOW - 0.1) == Key(B, until=NOW)
    assert ring.find(Key(B).key_id, NOW) is None
    assert ring.find(Key(A).key_id, NOW + 1e9) == Key(A)
    assert ring.find(Key(C).key_id, NOW) is None


def test_a_rotation_retires_the_former_key_and_drops_what_has_ended() -> None:
    """Tokens just minted would be refused, a retired key's life be prolonged, or the ring grow for ever."""
    once = Keyring([Key(A)]).rotated(B, now=NOW, overlap=100)
    assert once == Keyring([Key(B), Key(A, NOW + 100)])
    twice = once.rotated(C, now=NOW + 50, overlap=100)
    assert twice == Keyring([Key(C), Key(B, NOW + 150), Key(A, NOW + 100)])
    assert twice.rotated(A + "2", now=NOW + 120, overlap=10).keys[1:] == (
        Key(C, NOW + 130),
        Key(B, NOW + 130),
    )


def test_a_rotation_may_shorten_what_is_left_of_a_retired_key() -> None:
    """After a leak the keys of before would go on as long as they were given first."""
    ring = Keyring([Key(A)]).rotated(B, now=NOW, overlap=1000)
    assert ring.rotated(C, now=NOW, overlap=0) == Keyring([Key(C)])


def test_a_bare_key_is_a_ring_of_one() -> None:
    """The embedded endpoint would need a file for its only key."""
    assert keyring_from(A) == Keyring([Key(A)])
    ring = Keyring([Key(B)])
    assert keyring_from(ring) is ring


@given(
    secrets=st.lists(SECRETS, min_size=1, max_size=6, unique=True),
    ends=st.lists(st.integers(0, 4_000_000_000), min_size=6, max_size=6),
)
def test_what_is_written_is_read_again(secrets: list[str], ends: list[int]) -> None:
    """A rotation would change or lose keys on its way through the file."""
    ring = Keyring([Key(secrets[0]), *map(Key, secrets[1:], map(float, ends))])
    assert parse_keys(render_keys(ring), "here") == ring


def test_the_file_can_be_written_by_hand() -> None:
    """An administrator's blank lines, times of another zone or shorter times would be refused."""
    text = f"\n{A}\n\n  {B}\t2024-01-01T02:00:00+02:00 \n{C} 2024-01-01T00:00Z\n"
    midnight = datetime(2024, 1, 1, tzinfo=UTC).timestamp()
    assert parse_keys(text, "here") == Keyring([Key(A), Key(B, midnight), Key(C, midnight)])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "here: a key ring has 0 keys, expected 1 to 16"),
        ("short", "the key in here has 5 bytes, expected at least 32"),
        (f"{A}\nshort", "the key in here, line 2 has 5 bytes, expected at least 32"),
        (f"{A}\n{B} soon", "the end of the key in here, line 2 is no ISO 8601 time with a zone"),
        (
            f"{A}\n{B} 9999-12-31T23:59:59.9Z",
            "the end of the key in here, line 2 is no ISO 8601 time with a zone",
        ),
        (
            f"{A}\n{B} 0001-01-01T00:00+23:59",
            "the end of the key in here, line 2 is no ISO 8601 time with a zone",
        ),
        (f"{A}\n{B} 2024-01-01", "the end of the key in here, line 2 is no ISO 8601 time with a zone"),
        (f"{A} {B} {C}", "here has 3 words, expected a key and when it ends"),
        (f"{A}\n{A}", "here: a key ring holds the same key twice, expected different ones"),
        (f"{A} 2024-01-01T00:00Z", "here: the first key of a ring has an end, expected the one that signs"),
    ],
)
def test_a_mistake_in_the_file_is_named_by_its_line(text: str, problem: str) -> None:
    """A key would be taken for another thing; an error would show it."""
    with pytest.raises(ParameterError) as raised:
        parse_keys(text, "here")
    assert str(raised.value) == problem
