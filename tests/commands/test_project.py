"""``workbench project``: what is said, kept and put on the audit trail."""

import json
from pathlib import Path

import pytest

from workbench.cli import main
from workbench.core.consent import Consent
from workbench.store.store import open_existing_store


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path))
    url = f"sqlite:///{tmp_path / 'workbench.db'}"
    monkeypatch.setenv("WORKBENCH_STORE", url)
    return url


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert main(["project", *arguments]) == status
    captured = capsys.readouterr()
    return captured.err if status else captured.out


def test_a_project_from_its_making_to_its_end(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "list") == "no project is registered\n"
    made = said(capsys, "create", "shop", "--origin", "https://a.example", "--minutes-a-day", "2.5")
    lines = dict(line.split(maxsplit=1) for line in made.splitlines())
    assert lines == {
        "name": "shop",
        "origins": "https://a.example",
        "clients": "any",
        "voice": "none (the assistant's)",
        "language": "none (the endpoint's, where the assistant names none)",
        "sessions_max": "none",
        "minutes_a_day": "2.5",
        "session_max": "none (the endpoint's setting)",
        "retention_days": "default (the endpoint's setting)",
        "consent": "default (the endpoint's setting)",
        "mask": "default (the endpoint's setting)",
        "disabled": "no",
        "used": "today      0.0 min",
    }
    said(capsys, "set", "shop", "--sessions-max", "4", "--minutes-a-day", "none", "--origin", "none")
    shown = json.loads(said(capsys, "show", "shop", "--json"))
    assert (shown["sessions_max"], shown["minutes_a_day"], shown["origins"]) == (4, None, [])
    assert shown["minutes_today"] == 0
    with open_existing_store(url) as store:
        store.projects.add_use("2000-01-01", {"shop": 600.0}, oldest="2000-01-01")
    assert said(capsys, "list") == "shop  sessions_max: 4  used today: 0.0 min\n"
    assert said(capsys, "delete", "shop") == "project shop is deleted\n"
    with open_existing_store(url) as store:
        reasons = [entry.reason for entry in store.trail.records() if entry.kind == "project"]
    assert [reason.partition(";")[0] for reason in reasons] == [
        *("registered", "changed: origins sessions_max minutes_a_day", "deleted")
    ]
    assert all("on the command line by user" in reason for reason in reasons)


def test_what_is_wrong_is_one_sentence(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "create", "shop")
    for arguments, told in (
        (("create", "shop"), "there is a project shop already, change it with project set"),
        (("show", "shoe"), "there is no project 'shoe', those registered are shop"),
        (("delete", "shoe"), "there is no project 'shoe', those registered are shop"),
        (
            ("set", "shop", "--sessions-max", "many"),
            "--sessions-max is 'many', expected a number (N) or none",
        ),
        (("set", "shop", "--sessions-max", "-1"), "sessions_max is -1, expected 0 to 10000"),
        (
            ("set", "shop", "--origin", "*"),
            "origins has '*', which is no origin such as https://shop.example",
        ),
        (("set", "shop", "--voice", "bf_emmo"), "voice 'bf_emmo' is not known, close ones are bf_emma"),
        (("set", "shop", "--language", "german"), "language is 'german', expected a tag such as en-GB"),
        (("set", "shop", "--language", "tlh"), "language is tlh, which is not recognised, expected one of"),
        (("create", "a b"), "the project is no name of 1 to 64 letters, digits or any of . _ : -"),
        (
            ("set", "shop", "--consent", "some"),
            "--consent is 'some', expected none, transcript, full, default",
        ),
        (("set", "shop", "--mask", "yes"), "--mask is 'yes', expected on, off, default"),
        (("disable", "shoe"), "there is no project 'shoe', those registered are shop"),
        (("list", "--store", "sqlite://"), "store in memory: ends with its process"),
    ):
        assert said(capsys, *arguments, status=2).startswith(f"workbench: {told}")


def test_setting_nothing_new_is_not_on_the_trail(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "create", "shop", "--sessions-max", "3")
    said(capsys, "set", "shop", "--sessions-max", "3")
    with open_existing_store(url) as store:
        assert len([entry for entry in store.trail.records() if entry.kind == "project"]) == 1


def test_consent_masking_and_whether_it_is_disabled_are_a_project_s_own(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No recording at all and no word of the project's own are two things."""
    said(capsys, "create", "shop", "--consent", "none", "--mask", "off")
    assert said(capsys, "list") == "shop  consent: none  mask: off  used today: 0.0 min\n"
    assert "disabled        yes\n" in said(capsys, "disable", "shop")
    with open_existing_store(url) as store:
        [project] = store.projects.all()
    assert (project.consent, project.mask, project.disabled) == (Consent.NONE, False, True)
    said(capsys, "enable", "shop")
    said(capsys, "set", "shop", "--retention-days", "7")
    unset = ("--consent", "default", "--mask", "default", "--retention-days", "default")
    shown = json.loads(said(capsys, "set", "shop", *unset, "--json"))
    assert (shown["consent"], shown["mask"], shown["disabled"]) == (None, None, False)
    assert said(capsys, "list") == "shop  used today: 0.0 min\n"


def test_a_language_that_only_english_voices_speak_is_noted(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["project", "create", "shop", "--language", "yo"]) == 0
    captured = capsys.readouterr()
    assert "note: what is said in yo is said by af_heart (nothing else speaks yo" in captured.err
    assert "language        yo" in captured.out
