"""What is written down about tokens: who, where and why, on one line, never the token."""

from dataclasses import fields

import pytest
from forging import KEY

from workbench.core.audit import MAX_FIELD, AuditEntry
from workbench.errors import GatewayRefused
from workbench.security import audit
from workbench.security.tokens import Grant, Scope, check_token, mint_token

AT = 1_700_000_000.0


@pytest.fixture(scope="module")
def token() -> str:
    return mint_token(KEY, scopes=(Scope.SPEAK, Scope.OBSERVE), project="lab", session="s-1", client="tab")


@pytest.fixture(scope="module")
def grant(token: str) -> Grant:
    return check_token(token, KEY)


def test_every_entry_names_the_token_and_holds_none(token: str, grant: Grant) -> None:
    """An audit would not say whose token it was, or be a list of tokens to steal."""
    entries = [
        audit.minted(grant.expires - 300, grant),
        audit.used(AT, grant, session="s-2", address="::1"),
        audit.refreshed(AT, grant, session="s-2", address="::1"),
        audit.refused(AT, GatewayRefused(403, "no", "wrong-scope"), address="::1", grant=grant),
        audit.revoked(AT, "token", grant.token_id),
    ]
    assert [entry.kind for entry in entries] == ["minted", "used", "refreshed", "refused", "revoked"]
    assert {entry.token_id for entry in entries} == {grant.token_id}
    for entry in entries:
        assert token not in repr(entry)
        assert KEY not in repr(entry)
        assert token.rsplit(".", 1)[1] not in repr(entry)
    assert entries[0].reason == "observe speak for 300 s"
    assert [entry.session for entry in entries] == ["s-1", "s-2", "s-2", "s-1", None]
    assert (entries[1].project, entries[1].client, entries[1].address) == ("lab", "tab", "::1")


def test_a_refusal_without_a_good_token_names_only_the_address() -> None:
    """Claims nobody signed would be written down as if they were true."""
    refusal = GatewayRefused(401, "the session token has expired", "expired")
    entry = audit.refused(AT, refusal, address="192.0.2.7", times=3)
    assert entry == AuditEntry(at=AT, kind="refused", address="192.0.2.7", reason="expired (401), 3 times")


@pytest.mark.parametrize(
    ("what", "field"),
    [("token", "token_id"), ("session", "session"), ("client", "client"), ("project", "project")],
)
def test_a_revocation_says_what_and_by_whom(what: audit.Revocable, field: str, grant: Grant) -> None:
    """Nobody could tell why a session ended."""
    entry = audit.revoked(AT, what, "name-1", by=grant)
    assert getattr(entry, field) == "name-1"
    assert entry.reason == f"{what}, by token {grant.token_id} of tab"
    assert audit.revoked(AT, what, "name-1").reason == f"{what}, on the command line"


def test_who_holds_a_token_is_told_by_name_if_it_has_one(grant: Grant) -> None:
    """It would have to be guessed which of several administrators changed something."""
    assert audit.holder(grant) == f"token {grant.token_id} of tab"
    nameless = check_token(mint_token(KEY, scopes=(Scope.ADMIN,)), KEY)
    assert audit.holder(nameless) == f"token {nameless.token_id}"


def test_a_rotation_names_keys_by_their_ids() -> None:
    """Nobody could tell since when a key signs."""
    assert audit.rotated(AT, "0a", retired=["0b", "0c"]).reason == "key 0a signs, 0b 0c verify for a while"
    assert audit.rotated(AT, "0a", retired=[]).reason == "key 0a signs"


def test_a_stranger_s_text_stays_on_one_line() -> None:
    """A forged line could be put into the audit or a terminal be driven by it."""
    evil = "x\n2026-01-01 used by admin\r\x1b[2J\u202e\ud800" + "y" * 1000
    names = [field.name for field in fields(AuditEntry) if field.name != "at"]
    entry = AuditEntry(at=AT, **dict.fromkeys(names, evil))
    for name in names:
        text = getattr(entry, name)
        assert len(text) == MAX_FIELD
        assert text.isprintable()
        assert text.startswith("x?2026-01-01 used by admin??[2J??y")
