"""Production refuses every unsafe setting, with what to write instead; a safe endpoint is let start."""

import os
import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from certifying import write_self_signed
from cryptography.hazmat.primitives.asymmetric import ec

from workbench.core.projects import Project
from workbench.endpoint.production import WHY, check_production, unsafe
from workbench.endpoint.settings_layers import Effective, load_settings
from workbench.errors import SettingsRefused
from workbench.security.certificates import make_server_certificate
from workbench.security.keyring import Key
from workbench.store.store import open_store


class Place:
    """A machine on which a safe production endpoint is set up."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._patch = folder, monkeypatch
        folder.chmod(0o700)
        for name in [name for name in os.environ if name.startswith("WORKBENCH_")]:
            monkeypatch.delenv(name)
        self.environment(CONFIG=str(folder / "config"), PROFILE="production")
        (folder / "config").mkdir(mode=0o700)
        self.file("config/key", secrets.token_urlsafe(32) + "\n")
        self.certificate()
        self.settings: dict[str, Any] = {
            "host": "0.0.0.0",
            "certificate": folder / "server.pem",
            "certificate_key": folder / "server.key",
            "store": f"sqlite:///{folder / 'workbench.db'}",
            "projects": "registered",
            "consent": "none",
        }

    def environment(self, **values: str) -> None:
        """Set variables, without what their names begin with."""
        for name, value in values.items():
            self._patch.setenv(f"WORKBENCH_{name}", value)

    def file(self, name: str, text: str = "x", mode: int = 0o600) -> Path:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True, mode=0o700)
        path.write_text(text)
        path.chmod(mode)
        return path

    def certificate(self, *, days: float = 60) -> None:
        """Write a certificate as a public authority's would look to the endpoint."""
        write_self_signed(self.folder, ec.generate_private_key(ec.SECP256R1()), begins=-90, ends=days)

    def effective(self) -> Effective:
        """Return the settings as they count."""
        return load_settings(given=self.settings)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(tmp_path, monkeypatch)


def test_a_safe_endpoint_is_let_start(place: Place) -> None:
    """Else every case below would be refused for some other reason."""
    check_production(place.effective())


PROXY = {"certificate": None, "certificate_key": None, "host": "127.0.0.1", "trusted_proxies": ["127.0.0.1"]}
RANDOM = secrets.token_urlsafe(32)
REMOTE = {"synthesis": "remote", "synthesis_url": "https://voice.example", "synthesis_key": RANDOM}


def test_an_endpoint_behind_a_proxy_and_one_that_uses_other_servers_are_let_start(place: Place) -> None:
    place.settings |= PROXY
    check_production(place.effective())
    place.settings |= {
        **{"synthesis": "prefer-remote", "synthesis_url": "https://voice.example"},
        "synthesis_key": secrets.token_urlsafe(32),
        "limits_url": "rediss://user:word@redis.example:6379",
        "origins": ["https://shop.example", "https://shop.example:8443"],
    }
    pytest.importorskip("psycopg")
    place.settings["store"] = "postgresql://user@db.example/calls?sslmode=verify-full"
    check_production(place.effective())


SETTINGS: list[tuple[dict[str, Any], str]] = [
    # whom it hears
    (PROXY | {"host": "0.0.0.0"}, "host 0.0.0.0 is reached from other machines and nothing is encrypted"),
    (PROXY | {"host": "::"}, "host :: is reached from other machines and nothing is encrypted"),
    (PROXY | {"host": "192.168.1.7"}, "host 192.168.1.7 is reached from other machines and nothing"),
    (PROXY | {"host": "voice.example"}, "host voice.example is reached from other machines and nothing"),
    (PROXY | {"trusted_proxies": []}, "host 127.0.0.1 is unencrypted and no proxy in front of it is named"),
    ({"origins": ["*"]}, "origins has '*', which lets in pages of anybody: name each origin in full"),
    ({"origins": ["https://*.shop.example"]}, "origins has 'https://*.shop.example', which lets in pages of"),
    ({"origins": ["null"]}, "origins has 'null', which is none: write https://host"),
    ({"origins": ["https://shop.example/"]}, "origins has 'https://shop.example/', which is none: write"),
    ({"origins": ["http://shop.example"]}, "origins has http://shop.example, whose pages anybody on the way"),
    ({"origins": ["http://localhost:8888"]}, "origins has http://localhost:8888, a page of whoever runs"),
    ({"trusted_proxies": ["0.0.0.0/0"]}, "trusted_proxies has 0.0.0.0/0, from where anybody could claim"),
    ({"trusted_proxies": ["::/0"]}, "trusted_proxies has ::/0, from where anybody could claim any address"),
    ({"trusted_proxies": ["10.0.0.0/8"]}, "trusted_proxies has 10.0.0.0/8, from where anybody could claim"),
    ({"trusted_proxies": ["proxy"]}, "trusted_proxies has 'proxy', which is no address or network"),
    ({"admin": True, "admin_addresses": ["0.0.0.0/0"]}, "admin_addresses has 0.0.0.0/0, from where far too"),
    ({"admin": True, "admin_addresses": ["::/0"]}, "admin_addresses has ::/0, from where far too many could"),
    ({"projects": "open"}, "projects is open, so a token of any project is let in without a quota: write"),
    # whom it talks to
    (REMOTE | {"synthesis_key": None}, "synthesis_key is unset, so this endpoint's own key would have to be"),
    (REMOTE | {"synthesis_key": "A" * 43}, "synthesis_key has too few different characters to be random"),
    (
        REMOTE | {"synthesis_url": "http://voice.example"},
        "synthesis_url sends replies to voice.example une",
    ),
    (REMOTE | {"synthesis_url": "https://u:p@voice.example"}, "synthesis_url holds a user or password"),
    (REMOTE | {"synthesis_url": ""}, "synthesis_url names no endpoint: write https://host"),
    (
        {"limits_url": "redis://:word@redis.example"},
        "limits_url reaches redis.example unencrypted: write",
    ),
    ({"limits_url": "rediss://redis.example"}, "limits_url shows redis.example no password: set one there"),
    (
        {"limits_url": "rediss://:word@redis.example?ssl_cert_reqs=none"},
        "limits_url does not verify the certificate of redis.example: leave ssl_cert_reqs out",
    ),
    (
        {"limits_url": "rediss://:word@redis.example?ssl_check_hostname=false"},
        "limits_url does not verify the name of redis.example: leave ssl_check_hostname out",
    ),
    ({"store": "postgresql://u@db.example/calls"}, "store reaches db.example with sslmode=prefer: write ssl"),
    (
        {"store": "postgresql://u@db.example/calls?sslmode=require"},
        "store reaches db.example with sslmode=require: write sslmode=verify-full",
    ),
    (
        {"store": "postgresql://u@db.example/calls?sslmode=disable"},
        "store reaches db.example with sslmode=disable: write sslmode=verify-full",
    ),
    ({"store": "sqlite://"}, "store is in memory, so revocations and the audit trail end with the process"),
    # what it does
    ({"engines": "scripted"}, "engines is scripted, which hears a script and not the caller"),
    ({"script": ["hello"]}, "script is what a test's recogniser hears: leave it out"),
    ({"mask": False}, "mask is off, so personal data that callers say is kept as it was said: leave it out"),
    ({"consent": None}, "consent is full, so what callers say is kept though nobody asked them: write none"),
    ({"consent": "transcript"}, "consent is transcript, so what callers say is kept though nobody asked"),
    ({"verbose": True}, "verbose fills the log with each session's name and connections: leave it out"),
    ({"record": Path("nowhere")}, "recordings in nowhere of sessions that are not stored are kept for ever"),
    (PROXY | {"certificate_key": Path("x")}, "certificate_key is there without certificate: set both"),
    ({"certificate_key": None}, "certificate is there without certificate_key: set both"),
    # limits that are none
    ({"max_sessions": 1_000_000}, "max_sessions is 1e+06, so one process would run out of memory"),
    ({"session_max": 1e9}, "session_max is 1e+09, so a forgotten session would go on"),
    ({"open_timeout": 3600}, "open_timeout is 3600, so idle connections would fill the endpoint"),
    ({"handshake_timeout": 3600}, "handshake_timeout is 3600, so idle connections would fill the endpoint"),
    ({"message_timeout": 3600}, "message_timeout is 3600, so dead connections would keep their sessions"),
    ({"silence_timeout": 1e6}, "silence_timeout is 1e+06, so a forgotten microphone would stay open"),
    ({"hold": 86_400}, "hold is 86400, so sessions nobody returns to would fill the endpoint"),
    ({"resumable": 1e6}, "resumable is 1e+06, so what callers say would stay as it was said for weeks"),
    ({"bad_messages_max": 10**6}, "bad_messages_max is 1e+06, so a client could try messages without an end"),
    ({"outbox_max": 10**7}, "outbox_max is 1e+07, so clients that don't read would fill the memory"),
    ({"webrtc_peers_max": 5000}, "webrtc_peers_max is 5000, so each costs a fifth of a processor"),
    ({"speech_requests_max": 1000}, "speech_requests_max is 1000, so conversations would wait"),
    ({"openings_per_address": 10**6}, "openings_per_address is 1e+06, so one address could flood"),
    ({"openings_per_project": 10**7}, "openings_per_project is 1e+07, so one project could flood"),
    ({"refusals_per_address": 10**6}, "refusals_per_address is 1e+06, so tokens could be guessed"),
    (
        {"connections_per_address": 1500, "connections_max": 2000},
        "connections_per_address is 1500, so one address could take",
    ),
    ({"connections_per_address": 1000}, "connections_per_address is 1000 of 1000 in all, so one address"),
    ({"connections_per_project": 10**5}, "connections_per_project is 100000, so one project could take"),
    ({"connections_max": 10**6}, "connections_max is 1e+06, so the process would run out of file desc"),
    ({"blocked_for": 0.1}, "blocked_for is 0.1, so who guesses tokens would hardly be slowed down"),
    ({"partial_every": 0.01}, "partial_every is 0.01, so one caller could keep the recogniser busy"),
    ({"lookup_timeout": 3600}, "lookup_timeout is 3600, so abandoned lookups would keep all threads"),
    ({"send_ahead": 3600}, "send_ahead is 3600, so a reply would be sent long after it was stopped"),
    ({"synthesis_cache": 2**40}, "synthesis_cache is 1.09951e+12, so what was said would fill the memory"),
]


@pytest.mark.parametrize(("changes", "told"), SETTINGS, ids=[told[:60] for _, told in SETTINGS])
def test_each_unsafe_setting_is_refused_alone(place: Place, changes: dict[str, Any], told: str) -> None:
    if "postgresql" in str(changes):
        pytest.importorskip("psycopg")
    place.settings |= changes
    _refused(place, told)


def _refused(place: Place, told: str) -> None:
    """Check that there is one problem, this one, and that it ends with what to do."""
    place.settings = {name: value for name, value in place.settings.items() if value is not None}
    with pytest.raises(SettingsRefused) as caught:
        check_production(place.effective())
    assert len(caught.value.problems) == 1, caught.value.problems
    problem = caught.value.problems[0]
    assert problem.startswith(told)
    assert ": " in problem.removeprefix(told) or ": " in told
    assert not problem.endswith(".")
    assert str(caught.value) == problem


def _key(text: str) -> Callable[[Place], object]:
    return lambda place: place.file("config/key", text)


def _mode(name: str, mode: int) -> Callable[[Place], None]:
    def change(place: Place) -> None:
        (place.folder / name).chmod(mode)

    return change


def _with(setting: str, name: str, mode: int, text: str = "x") -> Callable[[Place], None]:
    def change(place: Place) -> None:
        path = place.file(name, text, mode)
        place.settings[setting] = (path,) if setting == "assistants" else path

    return change


def _store_file(mode: int) -> Callable[[Place], object]:
    return lambda place: place.file("workbench.db", "", mode)


def _development(place: Place) -> None:
    made = make_server_certificate(place.folder / "made")
    place.settings |= {"certificate": made.pair.certificate, "certificate_key": made.pair.key}


def _trust(text: str | None) -> Callable[[Place], None]:
    def change(place: Place) -> None:
        content = (place.folder / "server.pem").read_text() if text is None else text
        place.settings["trust"] = place.file("trust.pem", content, 0o602 if text is None else 0o600)

    return change


def _recordings(place: Place) -> None:
    (place.folder / "recordings").mkdir(mode=0o755)
    place.settings |= {"record": place.folder / "recordings", "recordings_days": 30}


def _settings_file(place: Place) -> None:
    place.file("config/settings.toml", "", 0o646)


def _open_folder(place: Place) -> None:
    place.settings["calibration"] = place.file("open/calibration.json")
    (place.folder / "open").chmod(0o707)


def _former(place: Place) -> None:
    place.environment(KEY=f"{secrets.token_urlsafe(32)} {secrets.token_urlsafe(32)}")


FILES: list[tuple[Callable[[Place], object], str]] = [
    (
        lambda place: (place.folder / "config/key").unlink(),
        "tokens can't be checked, no key in WORKBENCH",
    ),
    (_key("short\n"), "tokens can't be checked, the key in {}/config/key has 5 bytes, expected at least 32"),
    (_key("k" * 43 + "\n"), f"the key {Key('k' * 43).key_id} has too few different characters"),
    (
        _key("changeme" * 5 + "\n"),
        f"the key {Key('changeme' * 5).key_id} has too few different",
    ),
    (_mode("config/key", 0o644), "tokens can't be checked, {}/config/key can be read by others"),
    (_former, "the former key "),
    (
        lambda place: (place.folder / "server.pem").unlink(),
        "the certificate can't be used, {}/server.pem: c",
    ),
    (
        lambda place: place.certificate(days=-1),
        "the certificate can't be used, {}/server.pem: the cert",
    ),
    (lambda place: place.certificate(days=0.5), "certificate {}/server.pem ends within a day: renew it"),
    (_mode("server.key", 0o644), "the certificate can't be used, {}/server.key: the key has mode 0644"),
    (
        lambda place: place.file("server.key"),
        "the certificate can't be used, {}/server.key: holds no pri",
    ),
    (_mode("server.pem", 0o646), "certificate {}/server.pem can be changed by others: chmod o-w it"),
    (
        _development,
        "certificate {}/made/server.pem is one that `workbench certificates` made for dev",
    ),
    (_with("client_ca", "ca.pem", 0o600), "the certificate can't be used, {}/ca.pem: holds no certificate"),
    (_trust("x"), "trust can't be used, {}/trust.pem: holds no certificate in PEM"),
    (_trust(None), "trust {}/trust.pem can be changed by others: chmod o-w it"),
    (_with("assistants", "mine.yaml", 0o646), "assistants (mine.yaml) {}/mine.yaml can be changed by others"),
    (_with("calibration", "worth.json", 0o646), "calibration {}/worth.json can be changed by others"),
    (_with("customers", "book.csv", 0o644), "customers {}/book.csv can be read by others: chmod o-r it"),
    (_recordings, "record {}/recordings can be entered by others: chmod 700 it"),
    (_store_file(0o640), "store {}/workbench.db can be read by others: chmod 600 it"),
    (_settings_file, "the settings file {}/config/settings.toml can be changed by others: chmod o-w it"),
    (_open_folder, "calibration lies in {}/open, where others can replace it: chmod o-w that folder"),
]


@pytest.mark.parametrize(("change", "told"), FILES, ids=[told[:60] for _, told in FILES])
def test_each_unsafe_file_is_refused_alone(
    place: Place, change: Callable[[Place], object], told: str
) -> None:
    change(place)
    _refused(place, told.replace("{}", str(place.folder)))


PROJECT = Project(name="shop", sessions_max=10, minutes_a_day=600, retention_days=30)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sessions_max": None}, "project shop may have any number of sessions at once: `workbench project"),
        ({"minutes_a_day": None}, "project shop may use any number of minutes a day: `workbench project set"),
        (
            {"retention_days": 366},
            "project shop keeps what callers say for 366 days: `workbench project set",
        ),
        ({"mask": False}, "project shop keeps personal data as callers say it: `workbench project set shop"),
        ({"origins": ("http://a.example",)}, "project shop lets in pages of http://a.example: `workbench pr"),
    ],
)
def test_each_unsafe_project_is_refused_alone(place: Place, changes: dict[str, Any], told: str) -> None:
    with open_store(place.settings["store"]) as store:
        store.projects.put(PROJECT)
        check_production(place.effective())
        store.projects.put(replace(PROJECT, **changes))
    _refused(place, told)


def test_there_are_forty_at_least() -> None:
    assert len({told for _, told in SETTINGS}) + len({told for _, told in FILES}) >= 40


def test_everything_unsafe_is_told_at_once(place: Place) -> None:
    place.settings |= {"origins": ["*"], "verbose": True, "hold": 1e5}
    place.certificate(days=0.5)
    with pytest.raises(SettingsRefused) as caught:
        check_production(place.effective())
    assert str(caught.value).startswith(f"{WHY}:\n  - origins has '*'")
    assert len(str(caught.value).splitlines()) == 5


def test_other_profiles_start_all_the_same(place: Place) -> None:
    """A lab is no production; `workbench settings --check` tells what would be refused."""
    place.settings["verbose"] = True
    place.environment(PROFILE="staging")
    assert place.effective().settings.profile == "staging"
    assert list(unsafe(place.effective())) == [
        "verbose fills the log with each session's name and connections: leave it out"
    ]
