"""``workbench project``: who may hold sessions, from where, and how many of them."""

import argparse
import json
from dataclasses import asdict, replace
from typing import Any

from workbench.commands.stores import by_hand, shared_store, store_option
from workbench.core.clock import unix_now
from workbench.core.projects import LISTS, NAMES, Project
from workbench.endpoint.project_voice import check_voice
from workbench.errors import ParameterError
from workbench.security import audit
from workbench.store.store import Store

UNSET = "none"
"""What takes a limit or default away again."""

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
    verb = verbs.add_parser("delete", parents=[shared], help="delete a project, not its sessions")
    verb.add_argument("name", metavar="NAME")
    verb.set_defaults(run=_delete)


def _add_facts(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--origin", dest="origins", action="append", metavar="ORIGIN", help="only pages of it, repeatable"
    )
    verb.add_argument(
        "--client", dest="clients", action="append", metavar="NAME", help="only tokens of it, repeatable"
    )
    verb.add_argument("--voice", metavar="NAME", help="speaks where it speaks the assistant's language")
    verb.add_argument("--language", metavar="TAG", help="variety of a language, such as en-GB")
    for name, (_, unit, purpose) in _NUMBERS.items():
        verb.add_argument(f"--{name.replace('_', '-')}", metavar=unit, help=f"{purpose} ({UNSET}: no limit)")


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
        project = _changed(before, arguments)
        if project != before:
            _keep(store, project, before=before)
        _print(arguments, project, _use(store))
    return 0


def _delete(arguments: argparse.Namespace) -> int:
    with shared_store(arguments) as store:
        project = _find(store, arguments.name)
        store.projects.remove(project.name)
        store.audit([audit.project_removed(unix_now(), project.name, by=by_hand())])
    print(json.dumps({"deleted": project.name}) if arguments.json else f"project {project.name} is deleted")
    return 0


def _keep(store: Store, project: Project, *, before: Project | None) -> None:
    if project.voice is not None:
        check_voice(project.voice)
    store.projects.put(project)
    store.audit([audit.project_changed(unix_now(), project, before=before, by=by_hand())])


def _find(store: Store, name: str) -> Project:
    found = store.projects.all()
    for project in found:
        if project.name == name:
            return project
    known = ", ".join(project.name for project in found[:10]) or "none"
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
            changes[name] = None if given == UNSET else _number(given, kind, name, unit)
    return replace(project, **changes)


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
        print(f"{name:15} {_text(getattr(project, name))}")
    print(f"{'used today':15} {use.get(project.name, 0.0) / 60:.1f} min")


def _said(project: Project) -> list[str]:
    """Return what a project limits or sets, in a word or two each."""
    facts = {name: getattr(project, name) for name in NAMES if name != "name"}
    return [f"{name}: {_text(value)}" for name, value in facts.items() if value not in (None, ())]


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "any"
    return UNSET if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _facts(project: Project, use: dict[str, float]) -> dict[str, object]:
    return {**asdict(project), "minutes_today": round(use.get(project.name, 0.0) / 60, 2)}
