"""``workbench project``: who may hold sessions, from where, and how many of them."""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from workbench.commands.stores import by_hand, shared_store, store_option
from workbench.core.clock import unix_now
from workbench.core.consent import Consent
from workbench.core.projects import LISTS, NAMES, Project
from workbench.endpoint.session_voice import check_defaults, voice_notes
from workbench.errors import ParameterError
from workbench.security import audit
from workbench.store.store import Store

UNSET = "none"
"""What takes a limit or default away again."""

DEFAULT = "default"
"""What leaves to the endpoint's setting what a project may say otherwise."""

_MASK = {"on": True, "off": False, DEFAULT: None}
_CONSENT = {**{level.value: level for level in Consent}, DEFAULT: None}
_LEFT = ("consent", "mask", "retention_days")
"""Facts that are left to the endpoint's settings where a project does not say."""

_INSTEAD = {
    "voice": "the assistant's",
    "language": "the endpoint's, where the assistant names none",
    "session_max": "the endpoint's setting",
}
"""What counts where a project sets nothing; without an entry nothing does."""

_NUMBERS: dict[str, tuple[type[int] | type[float], str, str]] = {
    "sessions_max": (int, "N", "sessions at once in one endpoint process"),
    "minutes_a_day": (float, "MINUTES", "minutes of live sessions a day (UTC), of all processes"),
    "session_max": (float, "SECONDS", "longest session"),
    "retention_days": (int, "DAYS", "how long stored sessions are kept"),
}


def add_parser(commands: Any) -> None:
    """Add ``project`` and its verbs to the command line."""
    parser = commands.add_parser(
        "project",
        description="Projects are kept in the endpoint's store. A token names its project; what is changed "
        "here counts for new sessions within a second or two, without a restart, and is on the audit trail.",
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    shared = store_option()
    shared.add_argument("--json", action="store_true", help="print one JSON object instead")
    verb = verbs.add_parser("list", parents=[shared], help="all projects")
    verb.set_defaults(run=_list)
    verb = verbs.add_parser("show", parents=[shared], help="one project and what it uses today")
    verb.add_argument("name", metavar="NAME")
    verb.set_defaults(run=_show)
    for word, purpose, run in (
        ("create", "register a project", _create),
        ("set", "change what counts for a project", _set),
    ):
        verb = verbs.add_parser(word, parents=[shared], help=purpose)
        verb.add_argument("name", metavar="NAME")
        _add_facts(verb)
        verb.set_defaults(run=run)
    for word, purpose, run in (
        (
            "disable",
            "let nobody hold sessions of a project; those that are live end",
            partial(_switch, disabled=True),
        ),
        ("enable", "let them again", partial(_switch, disabled=False)),
        ("delete", "delete a project, not its stored sessions", _delete),
    ):
        verb = verbs.add_parser(word, parents=[shared], help=purpose)
        verb.add_argument("name", metavar="NAME")
        verb.set_defaults(run=run)


def _add_facts(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--origin", dest="origins", action="append", metavar="ORIGIN", help="only pages of it, repeatable"
    )
    verb.add_argument(
        "--client", dest="clients", action="append", metavar="NAME", help="only tokens of it, repeatable"
    )
    verb.add_argument("--voice", metavar="NAME", help="speaks where it speaks the assistant's language")
    verb.add_argument(
        "--language",
        metavar="TAG",
        help="of sessions in which neither the client nor the assistant names one",
    )
    verb.add_argument(
        "--consent",
        metavar="LEVEL",
        help="what may be stored if neither token, client nor assistant says: none, transcript, full; "
        f"{DEFAULT} for the endpoint's setting",
    )
    verb.add_argument(
        "--mask",
        metavar="on|off",
        help=f"whether personal data is masked in ended sessions; {DEFAULT} for the endpoint's setting",
    )
    for name, (_, unit, purpose) in _NUMBERS.items():
        left = f"{DEFAULT} for the endpoint's setting" if name in _LEFT else f"{UNSET}: no limit"
        verb.add_argument(f"--{name.replace('_', '-')}", metavar=unit, help=f"{purpose} ({left})")


def _list(arguments: argparse.Namespace) -> int:
    with shared_store(arguments) as store:
        found, use = store.projects.all(), _use(store)
    if arguments.json:
        print(json.dumps({"projects": [_facts(project, use) for project in found]}))
        return 0
    if not found:
        print("no project is registered")
    for project in found:
        print(
            project.name, *_said(project), f"used today: {use.get(project.name, 0.0) / 60:.1f} min", sep="  "
        )
    return 0


def _show(arguments: argparse.Namespace) -> int:
    with shared_store(arguments) as store:
        _print(arguments, _find(store, arguments.name), _use(store))
    return 0


def _create(arguments: argparse.Namespace) -> int:
    with shared_store(arguments) as store:
        if any(project.name == arguments.name for project in store.projects.all()):
            raise ParameterError(f"there is a project {arguments.name} already, change it with project set")
        _keep(store, _changed(Project(name=arguments.name), arguments), before=None)
        _print(arguments, _find(store, arguments.name), _use(store))
    return 0


def _set(arguments: argparse.Namespace) -> int:
    with shared_store(arguments) as store:
        before = _find(store, arguments.name)
        _replace(store, arguments, before, _changed(before, arguments))
    return 0


def _switch(arguments: argparse.Namespace, *, disabled: bool) -> int:
    with shared_store(arguments) as store:
        before = _find(store, arguments.name)
        _replace(store, arguments, before, replace(before, disabled=disabled))
    return 0


def _replace(store: Store, arguments: argparse.Namespace, before: Project, project: Project) -> None:
    if project != before:
        _keep(store, project, before=before)
    _print(arguments, project, _use(store))


def _delete(arguments: argparse.Namespace) -> int:
    with shared_store(arguments) as store:
        project = _find(store, arguments.name)
        store.projects.remove(project.name)
        store.audit([audit.project_removed(unix_now(), project.name, by=by_hand())])
    print(json.dumps({"deleted": project.name}) if arguments.json else f"project {project.name} is deleted")
    return 0


def _keep(store: Store, project: Project, *, before: Project | None) -> None:
    check_defaults(project)
    for note in voice_notes(project):
        print(f"note: {note}", file=sys.stderr)
    store.projects.put(project)
    store.audit([audit.project_changed(unix_now(), project, before=before, by=by_hand())])


def _find(store: Store, name: str) -> Project:
    found = store.projects.all()
    for project in found:
        if project.name == name:
            return project
    known = ", ".join(project.name for project in found[:10])
    if not known:
        raise ParameterError(
            f"there is no project {name[:64]!r}, none is registered: workbench project create"
        )
    raise ParameterError(f"there is no project {name[:64]!r}, those registered are {known}")


def _changed(project: Project, arguments: argparse.Namespace) -> Project:
    changes: dict[str, Any] = {}
    for name in LISTS:
        given = getattr(arguments, name)
        if given is not None:
            changes[name] = () if given == [UNSET] else tuple(given)
    for name in ("voice", "language"):
        given = getattr(arguments, name)
        if given is not None:
            changes[name] = None if given == UNSET else given
    for name, (kind, unit, _) in _NUMBERS.items():
        given = getattr(arguments, name)
        if given is not None:
            unset = given == UNSET or (given == DEFAULT and name in _LEFT)
            changes[name] = None if unset else _number(given, kind, name, unit)
    for name, words in (("consent", _CONSENT), ("mask", _MASK)):
        given = getattr(arguments, name)
        if given is not None:
            changes[name] = _word(given, words, name)
    return replace(project, **changes)


def _word(text: str, words: Mapping[str, Any], name: str) -> Any:
    if text not in words:
        raise ParameterError(f"--{name} is {text[:20]!r}, expected {', '.join(words)}")
    return words[text]


def _number(text: str, kind: type[int] | type[float], name: str, unit: str) -> float:
    try:
        return kind(text)
    except ValueError:
        option = f"--{name.replace('_', '-')}"
        raise ParameterError(f"{option} is {text[:20]!r}, expected a number ({unit}) or {UNSET}") from None


def _use(store: Store) -> dict[str, float]:
    from workbench.endpoint.projects import day_of

    return store.projects.use(day_of(unix_now()))


def _print(arguments: argparse.Namespace, project: Project, use: dict[str, float]) -> None:
    if arguments.json:
        print(json.dumps(_facts(project, use)))
        return
    for name in NAMES:
        print(f"{name:15} {_text(name, getattr(project, name))}")
    print(f"{'used today':15} {use.get(project.name, 0.0) / 60:.1f} min")


def _said(project: Project) -> list[str]:
    """Return what a project limits or sets, in a word or two each."""
    facts = {name: getattr(project, name) for name in NAMES if name != "name"}
    return [f"{name}: {_text(name, value)}" for name, value in facts.items() if _says(name, value)]


def _says(name: str, value: object) -> bool:
    return value not in (None, ()) and (name != "disabled" or value is True)


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return ("on" if value else "off") if name == "mask" else ("yes" if value else "no")
    if value is None and name in _LEFT:
        return f"{DEFAULT} (the endpoint's setting)"
    if isinstance(value, tuple):
        return ", ".join(value) or "any"
    if value is None:
        return f"{UNSET} ({_INSTEAD[name]})" if name in _INSTEAD else UNSET
    return f"{value:g}" if isinstance(value, float) else str(value)


def _facts(project: Project, use: dict[str, float]) -> dict[str, object]:
    return {**asdict(project), "minutes_today": round(use.get(project.name, 0.0) / 60, 2)}
