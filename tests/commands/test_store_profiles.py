"""Every command that works on a store takes the profile that ``workbench serve`` takes."""

import argparse
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from workbench.cli import COMMANDS, main
from workbench.security.keys import ensure_keys
from workbench.store.store import open_store
from workbench.store.urls import place_of

ON_A_STORE = [
    ("audit", "head"),
    ("audit", "show"),
    ("audit", "verify"),
    ("keys", "list"),
    ("project", "list"),
    ("sessions", "check"),
    ("sessions", "list"),
    ("sessions", "sweep"),
    ("token", "mint"),
    ("token", "revoke", "--client", "tab"),
]
CHANGING = [
    ("keys", "forget", "12345678", "--yes"),
    ("keys", "rotate"),
    ("sessions", "delete", "a1", "--yes"),
    ("sessions", "reveal", "a1"),
    ("token", "rotate"),
    ("token", "mint", "--store", "sqlite:///other.db"),
]


@pytest.fixture(autouse=True)
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Return the files of two profiles' stores, which a settings file names."""
    for name in ("WORKBENCH_STORE", "WORKBENCH_PROFILE", "WORKBENCH_SETTINGS", "WORKBENCH_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "config"))
    files = {name: tmp_path / f"{name}.db" for name in ("development", "staging")}
    tables = "".join(f'[{name}]\nstore = "sqlite:///{file}"\n' for name, file in files.items())
    ensure_keys()
    (tmp_path / "config" / "settings.toml").write_text(tables)
    open_store(f"sqlite:///{files['staging']}").close()
    return files


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and all those of its verbs."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from parsers(one)


def test_whatever_names_a_store_names_settings_and_profile() -> None:
    """A verb that somebody adds would look at another store than the endpoint's."""
    commands = argparse.ArgumentParser().add_subparsers()
    found = set()
    for name in COMMANDS:
        import_module(f"workbench.commands.{name}").add_parser(commands)
    for command in commands.choices.values():
        for one in parsers(command):
            options = {option for action in one._actions for option in action.option_strings}
            if "--store" in options:
                found.add(one.prog.split()[1])
                assert {"--settings", "--profile"} <= options, one.prog
                assert "development, staging, production" in " ".join(one.format_help().split())
    assert found == {"audit", "keys", "project", "serve", "sessions", "token"}


@pytest.mark.parametrize("command", ON_A_STORE, ids=" ".join)
def test_the_profile_s_store_is_meant(
    command: tuple[str, ...], stores: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody would read or change another store than the endpoint that was told the same."""
    assert main(["sessions", "list", "--profile", "staging"]) == 0  # begins its audit trail
    assert main([*command, "--profile", "staging"]) == 0, capsys.readouterr().err
    assert not place_of(f"sqlite:///{stores['development']}").file.exists()


@pytest.mark.parametrize("command", ON_A_STORE + CHANGING, ids=" ".join)
def test_a_profile_that_is_none_is_told(
    command: tuple[str, ...],
    stores: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What was meant for production would be done to the store of development."""
    before = sorted(path.name for path in tmp_path.rglob("*"))
    assert main([*command, "--profile", "prodution"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "workbench: profile is 'prodution', expected development, staging, production\n"
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_another_settings_file_can_be_named(
    stores: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever serves with a file of its own could not look at what that endpoint stored."""
    other = tmp_path / "other.toml"
    other.write_text(f'[default]\nstore = "sqlite:///{tmp_path / "third.db"}"\n')
    assert main(["project", "list", "--settings", str(other)]) == 0
    assert (tmp_path / "third.db").exists()
    assert main(["sessions", "list", "--settings", str(tmp_path / "none.toml")]) == 2
    assert "none.toml: can't read settings: no such file or directory" in capsys.readouterr().err
