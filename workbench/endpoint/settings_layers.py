"""The effective settings and where each comes from: default, file, profile, environment or command line.

The file is TOML: a table ``[default]`` that counts always, and one for each profile that counts over it::

    profile = "production"

    [default]
    max_sessions = 40

    [production]
    host = "0.0.0.0"
    certificate = "/etc/workbench/server.pem"
    certificate_key = "/etc/workbench/server.key"
    synthesis_key = "file:/run/secrets/synthesis-key"
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource, SettingsError

from workbench.endpoint.secret_references import WANTED, is_reference, resolve
from workbench.endpoint.settings import EndpointSettings, Profile
from workbench.errors import SettingsRefused, WorkbenchError, system_reason
from workbench.security.keys import key_file

Kind: TypeAlias = Literal["default", "file", "profile", "environment", "command line"]

FILE = "WORKBENCH_SETTINGS"
"""The environment variable that names the file."""
DEFAULT_TABLE = "default"
FILE_MAX = 1024 * 1024
"""Most bytes of the file."""
SECRETS = frozenset({"path_prefix", "synthesis_key"})
"""Settings that are secrets: in the file only by reference."""
MAY_HOLD_SECRETS = frozenset({"limits_url", "store"})
"""URLs that are secrets if they hold a password."""
PROFILES: tuple[str, ...] = get_args(Profile)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a setting's value comes from."""

    kind: Kind
    place: str = ""
    """The file and table, the variable or the argument."""
    reference: str = ""
    """What it said in place of a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """Settings as they count, and why."""

    settings: EndpointSettings
    sources: Mapping[str, Source]
    """Of each setting."""
    file: Path | None
    """The file that was read."""


def settings_file() -> Path:
    """Return the file that is read where none is named: beside the user's key file."""
    return key_file().with_name("settings.toml")


def load_settings(
    *,
    file: Path | None = None,
    profile: str | None = None,
    given: Mapping[str, object] | None = None,
    look: bool = True,
) -> Effective:
    """Return the settings as they count.

    Parameters
    ----------
    file : the settings file; without it the one in ``WORKBENCH_SETTINGS``
    profile : over the one in ``WORKBENCH_PROFILE``, over the file's own
    given : from the command line, by setting
    look : whether the user's own file is read if none is named

    Raises
    ------
    SettingsRefused
        With every problem there is, a sentence each.
    """
    environment = dict(os.environ)
    problems: list[str] = []
    named = file or (Path(environment[FILE]) if environment.get(FILE) else None)
    own = settings_file()
    path = named or (own if look and own.is_file() else None)
    tables = _tables(path) if path is not None else {}
    wanted = profile or environment.get("WORKBENCH_PROFILE") or tables.get("profile") or "development"
    if wanted not in PROFILES:
        raise SettingsRefused((f"profile is {str(wanted)[:50]!r}, expected {', '.join(PROFILES)}",))
    told = _from_environment(problems)
    unread = bool(problems)
    values: dict[str, object] = {}
    sources: dict[str, Source] = {}
    layers: list[tuple[Kind, str, Mapping[str, object]]] = [
        ("file", f"{path} [{DEFAULT_TABLE}]", tables.get(DEFAULT_TABLE, {})),
        ("profile", f"{path} [{wanted}]", tables.get(wanted, {})),
        ("environment", "", told),
        ("command line", "", given or {}),
    ]
    for kind, place, layer in layers:
        for name, value in layer.items():
            if kind in ("file", "profile"):
                problems.extend(_unfit_for_a_file(name, value, place))
            values[name] = value
            sources[name] = Source(kind, place or _place(kind, name), _reference(name, value))
    values["profile"] = wanted
    sources["profile"] = _profile_source(profile, environment, tables, path)
    for name in SECRETS | MAY_HOLD_SECRETS:
        if is_reference(values.get(name)):
            try:
                values[name] = resolve(str(values[name]), environment)
            except WorkbenchError as error:
                problems.append(f"setting {name}: {error}")
                del values[name]
    settings = None if unread else _checked(values, sources, problems)
    if settings is None or problems:
        raise SettingsRefused(tuple(dict.fromkeys(problems)))
    named_sources = {name: sources.get(name, Source("default")) for name in EndpointSettings.model_fields}
    return Effective(settings=settings, sources=named_sources, file=path)


def shown(effective: Effective, name: str) -> str:
    """Return a setting's value as it may be shown: secrets and passwords masked."""
    value = getattr(effective.settings, name)
    if value is None:
        return "unset"
    if name in SECRETS:
        return "(secret)" if value else "unset"
    if name in MAY_HOLD_SECRETS:
        return _without_password(str(value))
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _without_password(url: str) -> str:
    try:
        parts = urlsplit(url)
        password, query = parts.password, parts.query
    except ValueError:
        return "(not a URL)"
    if password is not None:
        user, _, host = parts.netloc.rpartition("@")
        parts = parts._replace(netloc=f"{user.partition(':')[0]}:***@{host}")
    if "password" in query.lower():
        parts = parts._replace(query="***")
    shown = parts.geturl()
    return url if password is None and shown != url and "***" not in shown else shown


def _tables(path: Path) -> dict[str, Any]:
    try:
        size = path.stat().st_size
        if size > FILE_MAX:
            raise SettingsRefused((f"{path}: has {size} bytes, expected at most {FILE_MAX}",))
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problem = system_reason(error)
        raise SettingsRefused((f"{path}: can't read settings: {problem}",)) from None
    except UnicodeDecodeError:
        raise SettingsRefused((f"{path}: is no UTF-8 text, expected TOML",)) from None
    except tomllib.TOMLDecodeError as error:
        text = str(error)
        raise SettingsRefused((f"{path}: is no TOML: {text[:1].lower()}{text[1:]}",)) from None
    problems = [
        f"{path}: {name} is {'a table' if isinstance(value, dict) else 'no table'}, {_expected(name)}"
        for name, value in tables.items()
        if not _is_known(name, value)
    ]
    if problems:
        raise SettingsRefused(tuple(problems))
    return tables


def _is_known(name: str, value: object) -> bool:
    if name == "profile":
        return isinstance(value, str)
    return name in (DEFAULT_TABLE, *PROFILES) and isinstance(value, dict)


def _expected(name: str) -> str:
    if name in EndpointSettings.model_fields and name != "profile":
        return f"expected it in [{DEFAULT_TABLE}] or in a profile"
    tables = ", ".join(f"[{table}]" for table in (DEFAULT_TABLE, *PROFILES))
    return f"expected profile and the tables {tables}"


def _unfit_for_a_file(name: str, value: object, place: str) -> list[str]:
    """Return what is wrong with a line of the file, whatever its value means."""
    if name == "profile":
        return [f"{place}: profile stands in a table, expected it before all tables"]
    if name not in EndpointSettings.model_fields:
        close = get_close_matches(name, EndpointSettings.model_fields, n=1)
        hint = f", did you mean {close[0]}" if close else ""
        return [f"{place}: {name[:50]} is no setting{hint}"]
    if name in SECRETS and value and not is_reference(value):
        return [f"{place}: {name} is a secret, expected {WANTED} in a file"]
    if name in MAY_HOLD_SECRETS and _has_password(value):
        return [f"{place}: {name} holds a password, expected {WANTED} in a file"]
    return []


def _has_password(value: object) -> bool:
    if not isinstance(value, str) or is_reference(value):
        return False
    try:
        parts = urlsplit(value)
        return parts.password is not None or "password" in parts.query.lower()
    except ValueError:
        return False


def _from_environment(problems: list[str]) -> dict[str, object]:
    try:
        found = EnvSettingsSource(EndpointSettings)()
    except SettingsError as error:
        name = str(error).partition('"')[2].partition('"')[0]
        problems.append(f'WORKBENCH_{name.upper()} is no JSON list, expected one such as ["a", "b"]')
        return {}
    return {name: value for name, value in found.items() if name != "profile"}


def _place(kind: Kind, name: str) -> str:
    if kind == "environment":
        return f"WORKBENCH_{name.upper()}"
    return f"--{'key' if name == 'certificate_key' else name.replace('_', '-')}"


def _reference(name: str, value: object) -> str:
    return str(value) if name in SECRETS | MAY_HOLD_SECRETS and is_reference(value) else ""


def _profile_source(
    given: str | None, environment: Mapping[str, str], tables: Mapping[str, Any], path: Path | None
) -> Source:
    if given:
        return Source("command line", "--profile")
    if environment.get("WORKBENCH_PROFILE"):
        return Source("environment", "WORKBENCH_PROFILE")
    return Source("file", str(path)) if "profile" in tables else Source("default")


def _checked(
    values: Mapping[str, Any], sources: Mapping[str, Source], problems: list[str]
) -> EndpointSettings | None:
    known = {name: value for name, value in values.items() if name in EndpointSettings.model_fields}
    try:
        return EndpointSettings.model_validate(known)
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False, include_context=False):
            name = str(one["loc"][0]) if one["loc"] else ""
            place = sources[name].place if name in sources else ""
            said = one["msg"].removeprefix("Value error, ")
            problems.append(
                f"setting {'.'.join(map(str, one['loc']))}: {said[:1].lower()}{said[1:]} ({place})"
            )
        return None
