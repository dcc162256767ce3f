"""What is unsafe about the projects of a store: some without a quota, kept for years, or unmasked."""

from collections.abc import Iterator

from workbench.core.projects import Project
from workbench.endpoint.settings import EndpointSettings
from workbench.errors import WorkbenchError
from workbench.store.store import Store, open_existing_store
from workbench.store.urls import default_url, place_of

RETENTION_MOST = 365
"""Days."""


def unsafe_projects(settings: EndpointSettings) -> Iterator[str]:
    """Yield what is unsafe, a sentence each; projects on a server are looked at once the store is open."""
    if settings.projects == "open":
        yield "projects is open, so a token of any project is let in without a quota: write registered"
    url = settings.store or default_url()
    try:
        file = place_of(url).file
        if file is None or not file.is_file() or not file.stat().st_size:
            return
        with open_existing_store(url) as store:
            yield from unsafe_in(store)
    except (WorkbenchError, OSError) as error:
        yield f"the projects can't be read, {error}: mend the store or name another"


def unsafe_in(store: Store) -> Iterator[str]:
    """Yield what is unsafe about the projects of ``store``, a sentence each; raises StoreError."""
    for project in store.projects.all():
        yield from unsafe_project(project)


def unsafe_project(project: Project) -> Iterator[str]:
    """Yield what is unsafe about one project, a sentence each."""
    change = f"`workbench project set {project.name}"
    if project.sessions_max is None:
        yield f"project {project.name} may have any number of sessions at once: {change} --sessions-max N`"
    if project.minutes_a_day is None:
        yield f"project {project.name} may use any number of minutes a day: {change} --minutes-a-day MINUTES`"
    if (project.retention_days or 0) > RETENTION_MOST:
        kept = f"project {project.name} keeps what callers say for {project.retention_days} days"
        yield f"{kept}: {change} --retention-days {RETENTION_MOST}` or fewer"
    if project.mask is False:
        kept = f"project {project.name} keeps personal data as callers say it"
        yield f"{kept}: {change} --mask default`"
    for origin in project.origins:
        if not origin.startswith("https://"):
            yield f"project {project.name} lets in pages of {origin}: {change} --origin https://...`"
