"""Projects and how much of their quota is used, as rows."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, select

from workbench.core.consent import Consent
from workbench.core.projects import LISTS, NAMES, Project
from workbench.errors import ParameterError, StoreError
from workbench.store.database import Database
from workbench.store.fields import checked_text, insert
from workbench.store.schema import project_use, projects

PROJECTS_MAX = 1000
"""Most projects of one store."""
USE_KEPT = 62
"""Days of use that are kept."""


class Projects:
    """The projects of one store; its methods block, and each is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Project, ...]:
        """Return the projects by name.

        Raises
        ------
        StoreError
            If one can't be read: it was written by something else, or a newer version.
        """
        with self._database.reading() as connection:
            rows = connection.execute(select(projects).order_by(projects.c.name)).all()
        return tuple(self._read(row.name, row.facts) for row in rows)

    def put(self, project: Project) -> None:
        """Write a project, in place of the one of that name; raises StoreError beyond ``PROJECTS_MAX``."""
        facts = asdict(project)
        del facts["name"]
        row = {"name": project.name, "facts": json.dumps(facts)}
        with self._database.writing() as connection:
            there = set(connection.scalars(select(projects.c.name)))
            if project.name not in there and len(there) >= PROJECTS_MAX:
                raise StoreError(
                    self._database.place.name, f"has {len(there)} projects, the most there may be"
                )
            new = insert(connection, projects)
            connection.execute(
                new.on_conflict_do_update(index_elements=["name"], set_={"facts": new.excluded.facts}), row
            )

    def remove(self, name: str) -> bool:
        """Delete a project, not its sessions; return whether it was there."""
        checked_text(name, "the name of a project", self._database.place.name)
        with self._database.writing() as connection:
            return connection.execute(delete(projects).where(projects.c.name == name)).rowcount > 0

    def use(self, day: str) -> dict[str, float]:
        """Return the seconds of live sessions on ``day`` (``2026-11-28``, UTC) by project."""
        with self._database.reading() as connection:
            rows = connection.execute(select(project_use).where(project_use.c.day == day)).all()
        return {row.project: row.seconds for row in rows}

    def add_use(self, day: str, seconds: Mapping[str, float], *, oldest: str) -> None:
        """Add to the seconds of ``day``, and forget the days before ``oldest``."""
        with self._database.writing() as connection:
            for project, more in seconds.items():
                new = insert(connection, project_use)
                added = project_use.c.seconds + new.excluded.seconds
                row = {"project": project, "day": day, "seconds": more}
                connection.execute(
                    new.on_conflict_do_update(index_elements=["project", "day"], set_={"seconds": added}), row
                )
            connection.execute(delete(project_use).where(project_use.c.day < oldest))

    def _read(self, name: str, text: str) -> Project:
        try:
            facts = json.loads(text)
            known: dict[str, Any] = {
                key: tuple(value) if key in LISTS else value for key, value in facts.items()
            }
            if not known.keys() <= set(NAMES):
                raise ValueError
            if known.get("consent") is not None:
                known["consent"] = Consent(known["consent"])
            return Project(name=name, **known)
        except (ValueError, TypeError, AttributeError, ParameterError):
            raise StoreError(
                self._database.place.name, f"holds project {name}, which can't be read"
            ) from None
