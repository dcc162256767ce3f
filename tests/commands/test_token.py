"""``workbench token``: tokens for a backend's hand, keys by their ids, and nothing secret shown."""

import io
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from workbench.cli import main
from workbench.security.keys import ensure_keys, key_file, load_keys
from workbench.security.tokens import Scope, check_token, mint_token
from workbench.store.store import open_store

OTHER = "o" * 32


class Done(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Keep the user's own key and store out of these tests; return the store's URL."""
    monkeypatch.delenv("WORKBENCH_KEY", raising=False)
    monkeypatch.delenv("WORKBENCH_KEY_STORE", raising=False)
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path))
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("WORKBENCH_STORE", url)
    return url


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs a command."""

    def run(*arguments: str) -> Done:
        status = main(["token", *arguments])
        return Done(status, *capsys.readouterr())

    return run


def entries(url: str) -> list[tuple[str, str]]:
    with open_store(url) as store:
        return [(entry.kind, entry.reason) for entry in store.trail.records() if entry.kind != "begun"]


def test_a_minted_token_stands_alone_on_standard_output(run: Run, store: str) -> None:
    """A script that puts it into a header would send a sentence."""
    keys = ensure_keys()
    done = run("mint")
    assert (done.status, done.err) == (0, "")
    assert done.out.count("\n") == 1
    assert check_token(done.out.strip(), keys).scopes == {Scope.CONVERSE}
    assert entries(store) == [("minted", "converse for 300 s")]


def test_every_wish_is_in_the_token(run: Run) -> None:
    """A token meant for one session, page or assistant would be good for all."""
    keys = ensure_keys()
    done = run(
        *("mint", "--json", "--scope", "speak", "--scope", "observe", "--assistant", "coffee"),
        *("--assistant", "rooms", "--origin", "https://lab.example", "--project", "lab"),
        *("--session", "s-1", "--client", "tab", "--lifetime", "60"),
    )
    said = json.loads(done.out)
    grant = check_token(said["token"], keys)
    assert grant.scopes == {Scope.SPEAK, Scope.OBSERVE}
    assert grant.assistants == ("coffee", "rooms")
    assert grant.origins == ("https://lab.example",)
    assert (grant.project, grant.session, grant.client) == ("lab", "s-1", "tab")
    assert (said["token_id"], said["expires"]) == (grant.token_id, grant.expires)
    assert said["scopes"] == ["observe", "speak"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--lifetime", "3601"], "token lifetime is 3601.0 s, expected 1 to 3600"),
        (["--project", "a b"], "can't mint a token: the session token's claim project is no name of"),
        (["--origin", "lab.example"], "can't mint a token: the session token's claim origins holds"),
    ],
)
def test_a_wrong_wish_is_one_sentence_and_no_token(arguments: list[str], text: str, run: Run) -> None:
    """A script would go on with a token that is refused later."""
    ensure_keys()
    done = run("mint", *arguments)
    assert done.status == 2
    assert done.out == ""
    assert done.err.startswith(f"workbench: {text}")
    assert done.err.count("\n") == 1


def test_without_a_key_nothing_is_minted(run: Run) -> None:
    """A token would be signed with a key everybody knows, or a second key be made unseen."""
    done = run("mint")
    assert (done.status, done.out) == (2, "")
    assert "no key in WORKBENCH_KEY and none at" in done.err
    assert not key_file().exists()


def test_an_audit_trail_that_can_t_be_reached_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token would be missing from the trail unnoticed, or nobody could mint while the store is away."""
    ensure_keys()
    for url in ("sqlite:////proc/none/store.db", "sqlite://", "mysql://x"):
        monkeypatch.setenv("WORKBENCH_STORE", url)
        done = run("mint")
        assert done.status == 0
        assert check_token(done.out.strip(), load_keys())
        assert done.err.startswith("workbench: done, but it is not on the audit trail: store ")


def test_a_good_token_is_shown_and_accepted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wonders why a caller was refused could not look."""
    token = mint_token(ensure_keys(), project="lab")
    done = run("show", token)
    assert (done.status, done.err) == (0, "")
    assert '\nproject     "lab"\n' in done.out
    assert done.out.endswith("\naccepted\n")
    assert " UTC)\n" in done.out
    monkeypatch.setattr("sys.stdin", io.StringIO(f"  {token}\n"))
    said = json.loads(run("show", "-", "--json").out)
    assert said["accepted"] is True
    assert (said["claims"]["project"], said["header"]["alg"]) == ("lab", "HS256")


def test_a_token_that_would_be_refused_says_why(run: Run) -> None:
    """It would be taken for good; a script could not tell by the status."""
    ensure_keys()
    token = mint_token(OTHER)
    done = run("show", token)
    assert done.status == 1
    assert done.out.endswith(
        "\nrefused: the session token names a key that is not known, or no longer (unknown-key)\n"
    )
    said = json.loads(run("show", "--json", token).out)
    assert (said["accepted"], said["code"], said["kind"]) == (False, 401, "unknown-key")


def test_a_token_s_claims_can_t_drive_the_terminal(run: Run) -> None:
    """A token from a stranger could rewrite what its reader sees."""
    import jwt

    ensure_keys()
    token = jwt.encode({"a\x1b[2J\n": "\x1b[31m\r\u202e"}, OTHER)
    done = run("show", token)
    assert done.status == 1
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out
    assert "\r" not in done.out


@pytest.mark.parametrize("given", [["garbage"], [""], ["x" * 5000]])
def test_what_is_no_token_is_not_repeated(given: list[str], run: Run) -> None:
    """A secret pasted by mistake would be on the screen and in a log."""
    ensure_keys()
    done = run("show", *given)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("workbench: can't read a token: ")
    assert not given[0] or given[0] not in done.err


def test_two_tokens_are_an_error_that_shows_neither(run: Run) -> None:
    """A token pasted with a line's end in it would be repeated by the error."""
    done = run("show", "first", "second")
    assert (done.status, done.err) == (2, "workbench: 2 tokens were given, expected one\n")


def test_a_rotation_names_the_keys_and_keeps_tokens_good(run: Run, store: str) -> None:
    """A running client would be thrown out, or a key be shown."""
    first = ensure_keys().signing
    token = run("mint").out.strip()
    done = run("rotate")
    assert done.status == 0
    second = load_keys().signing
    assert done.out.splitlines()[0] == f"{second.key_id} signs"
    assert done.out.splitlines()[1].startswith(f"{first.key_id} verifies until ")
    assert run("show", token).status == 0
    assert run("rotate", "--overlap", "0").status == 0
    assert run("show", token).status == 1
    third = load_keys().signing
    assert entries(store)[1:] == [
        ("rotated", f"key {second.key_id} signs, {first.key_id} verify for a while"),
        ("rotated", f"key {third.key_id} signs"),
    ]


def test_keys_are_listed_without_being_shown(run: Run) -> None:
    """Whoever may look which keys there are could sign with them."""
    ensure_keys()
    run("rotate")
    ring = load_keys()
    told, listed = run("keys").out, run("keys", "--json").out
    for key in ring.keys:
        assert key.secret not in told + listed
    assert told.splitlines()[0] == f"{ring.signing.key_id} signs"
    assert told.splitlines()[1].startswith(f"{ring.keys[1].key_id} verifies until ")
    assert [key["key_id"] for key in json.loads(listed)["keys"]] == [key.key_id for key in ring.keys]


@pytest.mark.parametrize(
    ("flag", "kind"),
    [("--token-id", "token"), ("--session", "session"), ("--client", "client"), ("--project", "project")],
)
def test_what_is_revoked_is_in_the_store(flag: str, kind: str, run: Run, store: str) -> None:
    """The endpoint would never hear of it."""
    done = run("revoke", flag, "name-1", "--for", "60")
    assert done.status == 0
    assert done.out.startswith(f"{kind} name-1 is revoked until ")
    with open_store(store) as opened:
        assert opened.revocations(0.0) == {(kind, "name-1")}
    assert entries(store) == [("revoked", f"{kind}, on the command line")]


def test_a_revoked_token_is_not_accepted(run: Run) -> None:
    """Whoever checks that a revocation worked would be told it did not."""
    token = mint_token(ensure_keys(), client="tab")
    assert run("revoke", "--client", "tab").status == 0
    done = run("show", token)
    assert done.status == 1
    assert done.out.endswith("\nrefused: the session token was revoked (revoked)\n")


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "'; drop table revocations; --", "a\nb"])
def test_an_impossible_name_is_not_revoked(name: str, run: Run, store: str) -> None:
    """A typing error would seem to have taken effect."""
    done = run("revoke", "--session", name)
    assert (done.status, done.out) == (2, "")
    assert done.err == "workbench: the session is no name of 1 to 64 letters, digits or any of . _ : -\n"
    assert entries(store) == []


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "2592001"])
def test_a_revocation_has_an_end(seconds: str, run: Run) -> None:
    """The table of revocations would grow for ever, or one hold for no time."""
    done = run("revoke", "--session", "s", "--for", seconds)
    assert done.status == 2
    assert "expected 1 to 2592000" in done.err


def test_a_revocation_nobody_would_hear_of_fails(run: Run) -> None:
    """It would be taken for done."""
    done = run("revoke", "--session", "s", "--store", "sqlite://")
    assert (done.status, done.out) == (2, "")
    assert "ends with its process" in done.err


def test_the_files_made_are_for_their_owner_only(run: Run, tmp_path: Path) -> None:
    """Others could read the key, or who spoke with whom."""
    run("rotate")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes["key"] == modes["key.lock"] == modes["store.db"] == 0o600
