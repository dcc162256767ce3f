"""The store that commands work on, and how what they do gets on its audit trail."""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.endpoint.settings import EndpointSettings
from workbench.endpoint.settings_layers import FILE, PROFILES, load_settings
from workbench.errors import ParameterError, StoreError
from workbench.security.audit_keys import ensure_audit_keys
from workbench.security.head_notes import head_notes
from workbench.store.rows import SessionSummary
from workbench.store.store import Store, open_existing_store, open_store
from workbench.store.urls import default_url, place_of

NAMED_MAX = 5
"""Sessions named when a prefix fits several."""


def store_option() -> argparse.ArgumentParser:
    """Return the parent of parsers whose commands work on a store."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--store", metavar="URL", help="the store (the endpoint's, by its settings)")
    settings_options(shared)
    return shared


def settings_options(parser: argparse.ArgumentParser) -> None:
    """Add how the settings file and its profile are named, the same for all commands that go by settings."""
    parser.add_argument("--settings", type=Path, metavar="FILE", help=f"settings file, TOML ({FILE})")
    parser.add_argument(
        "--profile", metavar="NAME", help=f"{', '.join(PROFILES)} (WORKBENCH_PROFILE, or the file's)"
    )


def store_url(arguments: argparse.Namespace) -> str:
    """Return the URL of the store that is meant: the argument's, or the endpoint's own by its settings.

    Raises SettingsRefused, also if the argument makes them needless: who mistyped a profile is told.
    """
    settings = endpoint_settings(arguments)
    return str(arguments.store or settings.store or default_url())


def endpoint_settings(arguments: argparse.Namespace) -> EndpointSettings:
    """Return what an endpoint of this user would run with, told the same; raises SettingsRefused."""
    return load_settings(file=arguments.settings, profile=arguments.profile).settings


def present_store(arguments: argparse.Namespace) -> Store:
    """Return the store, which has to be there, able to add to its audit trail."""
    url = store_url(arguments)
    if place_of(url).is_missing():  # no key is made for nothing
        return open_existing_store(url)
    return open_existing_store(url, **_auditing(arguments))


def shared_store(arguments: argparse.Namespace) -> Store:
    """Return the store, made if it is missing, able to add to its audit trail.

    Raises
    ------
    StoreError
        If it is in memory: nobody else would see what is written to it.
    """
    url = store_url(arguments)
    place = place_of(url)
    if place.is_sqlite and place.file is None:
        raise StoreError(place.name, "ends with its process, expected the URL of the endpoint's own")
    return open_store(url, **_auditing(arguments))


def found_session(store: Store, name: str) -> SessionSummary:
    """Return the session called ``name``, or the only one whose name begins so.

    Raises
    ------
    ParameterError
        If there is none, or several.
    """
    if not name:
        raise ParameterError("the name of a session is empty")
    found = store.sessions(prefix=name, limit=NAMED_MAX + 1)
    for one in found:
        if one.session == name:
            return one
    if not found:
        raise ParameterError(f"no session begins with {name!r} in store {store.place}")
    if len(found) > 1:
        named = ", ".join(one.session for one in found[:NAMED_MAX])
        more = " and others" if len(found) > NAMED_MAX else ""
        raise ParameterError(f"several sessions begin with {name!r}: {named}{more}")
    return found[0]


def by_hand() -> str:
    """Return who acts here, for the audit trail."""
    return f"on the command line by user {os.getuid()}"


def moment(seconds: object) -> str:
    """Return Unix seconds as a date and a time."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 2**37:
        return "no time"
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def audit_places(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return where old parts of the audit trail are, and where its end is noted outside the store."""
    settings = endpoint_settings(arguments)
    return {"audit_archive": settings.audit_archive, "audit_notes": head_notes(settings.audit_note)}


def _auditing(arguments: argparse.Namespace) -> dict[str, Any]:
    return {"audit_keys": ensure_audit_keys(), **audit_places(arguments)}
