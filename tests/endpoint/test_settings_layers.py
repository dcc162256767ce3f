"""Which setting counts, where it comes from, and what is said of a bad file."""

import importlib
import json
import resource
from pathlib import Path

import pytest

from workbench.cli import main
from workbench.endpoint.settings import EndpointSettings
from workbench.endpoint.settings_layers import SECRETS, Effective, load_settings, shown
from workbench.errors import SettingsRefused

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a configuration folder of the test's own, with nothing set."""
    for name in ("SETTINGS", "PROFILE", "STORE", "ENGINES", "HOST", "PORT", "KEY"):
        monkeypatch.delenv(f"WORKBENCH_{name}", raising=False)
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path))
    return tmp_path


TABLES = "expected profile and the tables [default], [development], [staging], [production]"
REFERENCE = "expected env:NAME, file:/path or keyring:NAME"


def written(folder: Path, text: str, name: str = "settings.toml") -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_later_layers_count_over_earlier_ones(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(
        folder,
        'profile = "staging"\n[default]\nhold = 1\nport = 1\nmax_sessions = 1\nopen_timeout = 1\n'
        "[staging]\nport = 2\nmax_sessions = 2\nopen_timeout = 2\n[production]\nhost = '0.0.0.0'\n",
    )
    monkeypatch.setenv("WORKBENCH_MAX_SESSIONS", "3")
    monkeypatch.setenv("WORKBENCH_OPEN_TIMEOUT", "3")
    found = load_settings(given={"open_timeout": 4})
    settings = found.settings
    counted = (settings.hold, settings.port, settings.max_sessions, settings.open_timeout)
    assert counted == (1, 2, 3, 4)
    assert (settings.host, settings.profile, found.file) == ("127.0.0.1", "staging", file)
    kinds = {name: (source.kind, source.place) for name, source in found.sources.items()}
    assert kinds["hold"] == ("file", f"{file} [default]")
    assert kinds["port"] == ("profile", f"{file} [staging]")
    assert kinds["max_sessions"] == ("environment", "WORKBENCH_MAX_SESSIONS")
    assert kinds["open_timeout"] == ("command line", "--open-timeout")
    assert kinds["host"] == ("default", "")
    assert kinds["profile"] == ("file", str(file))
    assert set(kinds) == set(EndpointSettings.model_fields)


@pytest.mark.parametrize(
    ("given", "variable", "wanted", "place"),
    [
        (None, None, "production", "file"),
        (None, "staging", "staging", "environment"),
        ("development", "staging", "development", "command line"),
    ],
)
def test_profile_is_chosen_like_any_setting(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: str | None,
    variable: str | None,
    wanted: str,
    place: str,
) -> None:
    written(folder, 'profile = "production"\n')
    if variable:
        monkeypatch.setenv("WORKBENCH_PROFILE", variable)
    found = load_settings(profile=given)
    assert (found.settings.profile, found.sources["profile"].kind) == (wanted, place)


def test_own_file_is_not_looked_for_where_it_should_not_count(folder: Path) -> None:
    """An endpoint that a notebook starts would else open the team's port, or be refused as production."""
    written(folder, "[default]\nport = 1\n")
    assert load_settings(look=False).settings.port == 8765
    assert load_settings(look=False, file=folder / "settings.toml").settings.port == 1


@pytest.mark.parametrize("reference", ["env:MY_SECRET", "file:{}/secret", "keyring:synthesis"])
def test_secrets_are_fetched_from_where_they_stand(
    folder: Path, monkeypatch: pytest.MonkeyPatch, reference: str
) -> None:
    monkeypatch.setenv("MY_SECRET", "hush-hush")
    written(folder, "hush-hush\n", "secret").chmod(0o600)
    keyring = pytest.importorskip("keyring")
    monkeypatch.setattr(keyring, "get_password", lambda service, name: f"  hush-hush{name[9:]}\n")
    reference = reference.replace("{}", str(folder))
    written(folder, f'[default]\nsynthesis_key = "{reference}"\n')
    found = load_settings()
    assert found.settings.synthesis_key is not None
    assert found.settings.synthesis_key.get_secret_value() == "hush-hush"
    assert found.sources["synthesis_key"].reference == reference
    assert "hush" not in repr(found)
    assert shown(found, "synthesis_key") == "(secret)"


def problems(**given: object) -> tuple[str, ...]:
    with pytest.raises(SettingsRefused) as caught:
        load_settings(**given)  # type: ignore[arg-type]
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "x = 1",
            ["{}: x is no table, " + TABLES],
        ),
        ("port = 1", ["{}: port is no table, expected it in [default] or in a profile"]),
        (
            "[prod]",
            ["{}: prod is a table, " + TABLES],
        ),
        ("[default", ["{}: is no TOML: expected ']' at the end of a table declaration (at end of document)"]),
        ("profile = 'prod'", ["profile is 'prod', expected development, staging, production"]),
        (
            "[default]\nprofile = 'staging'",
            ["{} [default]: profile stands in a table, expected it before all tables"],
        ),
        (
            "[default]\nmax_session = 3",
            ["{} [default]: max_session is no setting, did you mean max_sessions"],
        ),
        ("[default]\ncolour = 3", ["{} [default]: colour is no setting"]),
        (
            "[default]\nport = -1\nhold = 'long'",
            [
                "setting port: input should be greater than or equal to 0 ({} [default])",
                "setting hold: input should be a valid number, unable to parse string as a number "
                "({} [default])",
            ],
        ),
        (
            "[default]\nsynthesis_key = 'hush'\nlimits_url = 'redis://:hush@h'\n"
            "store = 'postgresql://u@h/d?password=hush'",
            [
                "{} [default]: synthesis_key is a secret, " + REFERENCE + " in a file",
                "{} [default]: limits_url holds a password, " + REFERENCE + " in a file",
                "{} [default]: store holds a password, " + REFERENCE + " in a file",
            ],
        ),
        (
            "[default]\nsynthesis_key = 'env:NOT_THERE'\nstore = 'file:/nope'\nlimits_url = 'file:relative'",
            [
                "setting limits_url: file:relative is no absolute path, expected file:/path",
                "setting store: /nope: can't read a secret: no such file or directory",
                "setting synthesis_key: environment variable NOT_THERE is not set",
            ],
        ),
        (
            "[default]\nsynthesis_key = 'env:'",
            ["setting synthesis_key: the reference env: names nothing, " + REFERENCE],
        ),
    ],
)
def test_everything_wrong_with_a_file_is_said_at_once(folder: Path, text: str, told: list[str]) -> None:
    file = written(folder, text)
    assert sorted(problems()) == sorted(line.replace("{}", str(file)) for line in told)
    assert "hush" not in str(problems())


def test_a_file_that_is_none_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = folder / "nope.toml"
    assert problems(file=nowhere) == (f"{nowhere}: can't read settings: no such file or directory",)
    monkeypatch.setenv("WORKBENCH_SETTINGS", str(folder))
    assert problems() == (f"{folder}: can't read settings: is a directory",)
    monkeypatch.delenv("WORKBENCH_SETTINGS")
    (folder / "settings.toml").write_bytes(b"\xff\xfe")
    assert problems() == (f"{folder / 'settings.toml'}: is no UTF-8 text, expected TOML",)


@pytest.mark.parametrize(
    ("mode", "content", "told"),
    [
        (0o644, b"x", "{}: the secret can be read by others, expected mode 0600 or 0640"),
        (0o600, b" \n", "file:{} is empty"),
        (0o600, b"\xff", "{}: can't read a secret: it is no text"),
        (0o600, b"x" * 65_537, "{}: has 65537 bytes, expected at most 65536"),
    ],
)
def test_a_secret_that_is_none_is_said(folder: Path, mode: int, content: bytes, told: str) -> None:
    secret = folder / "secret"
    secret.write_bytes(content)
    secret.chmod(mode)
    written(folder, f'[default]\nsynthesis_key = "file:{secret}"\n')
    assert problems() == (f"setting synthesis_key: {told.replace('{}', str(secret))}",)


def test_a_variable_that_is_no_list_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_ORIGINS", "https://shop.example")
    assert problems() == ('WORKBENCH_ORIGINS is no JSON list, expected one such as ["a", "b"]',)


def masked(**given: object) -> Effective:
    return load_settings(given=given)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("limits_url", "rediss://user:hush@redis.example:6379/0", "rediss://user:***@redis.example:6379/0"),
        ("store", "postgresql://u:hu%40sh@db.example/calls?x=1", "postgresql://u:***@db.example/calls?x=1"),
        ("store", "postgresql://u@db.example/calls?password=hush", "postgresql://u@db.example/calls?***"),
        ("store", "sqlite:////var/lib/x.db", "sqlite:////var/lib/x.db"),
        ("store", "sqlite://", "sqlite://"),
        ("store", "postgresql://[", "(not a URL)"),
        ("limits_url", "memory://", "memory://"),
        ("path_prefix", "hush", "(secret)"),
        ("path_prefix", "", "unset"),
        ("origins", ("https://a", "https://b"), "https://a, https://b"),
        ("origins", (), "none"),
        ("hold", 120.0, "120"),
        ("record", None, "unset"),
    ],
)
def test_values_are_shown_with_secrets_masked(name: str, value: object, told: str) -> None:
    assert shown(masked(**{name: value}), name) == told


def test_command_prints_what_counts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(folder, "[default]\nport = 1234\nhold = 5\n")
    assert main(["settings"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines if line.startswith(("port", "hold", "profile"))] == [
        ["profile", "development", "default"],
        ["port", "1234", "file"],
        ["hold", "5", "file"],
    ]
    assert sum("file [default]" in line for line in lines) == 2
    assert main(["settings", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["settings"]["port"] == {
        **{"value": "1234", "from": "file", "place": f"{file} [default]", "reference": ""}
    }
    assert set(facts["settings"]) == set(EndpointSettings.model_fields)


def test_command_checks_for_production(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(folder, "[default]\nverbose = true\n")
    assert main(["settings", "--check"]) == 1
    said = capsys.readouterr()
    assert "  - verbose fills the log" in said.err
    assert said.out == ""


def test_serve_refuses_an_unsafe_production(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(folder, '[production]\nverbose = true\nengines = "scripted"\nhold = 1e6\n')
    assert main(["serve", "--profile", "production", "--port", "0"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("workbench: production refuses these settings:\n  - host 127.0.0.1 is unencrypted")
    assert all(name in said for name in ("verbose", "engines is scripted", "hold is 1e+06", "no key in"))
    assert not (folder / "key").exists(), "production makes no key of its own"


@pytest.mark.parametrize(("profile", "limits"), [("production", [(0, 0)]), ("development", [])])
def test_a_crash_in_production_leaves_no_core_dump(
    profile: str, limits: list[object], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys, and what callers say, would lie readable on the disk."""
    found: list[object] = []
    serve = importlib.import_module("workbench.commands.serve")
    monkeypatch.setattr(serve, "check_production", lambda effective: None)
    monkeypatch.setattr(serve.signal, "signal", lambda *_: None)
    monkeypatch.setattr("workbench.endpoint.server.serve", lambda *_, **__: None)
    monkeypatch.setattr(resource, "setrlimit", lambda what, limit: found.append(limit))
    assert main(["serve", "--profile", profile, "--port", "0"]) == 0
    assert found == limits


def test_each_setting_is_documented() -> None:
    text = DOCUMENT.read_text()
    assert [name for name in EndpointSettings.model_fields if f"`{name}`" not in text] == []
    assert set(EndpointSettings.model_fields) >= SECRETS
