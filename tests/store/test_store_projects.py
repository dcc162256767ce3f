"""Projects and their use, on each database."""

from dataclasses import replace

import pytest
from sqlalchemy import insert

from workbench.core.projects import Project
from workbench.errors import StoreError
from workbench.store import projects as module
from workbench.store.schema import projects
from workbench.store.store import open_store

SHOP = Project(
    name="shop",
    origins=("https://shop.example",),
    clients=("web", "app"),
    voice="bf_emma",
    language="en-GB",
    sessions_max=3,
    minutes_a_day=12.5,
    session_max=600.0,
    retention_days=30,
)


def test_a_project_comes_back_as_it_was_kept(store_url: str) -> None:
    with open_store(store_url) as store:
        assert store.projects.all() == ()
        store.projects.put(SHOP)
        store.projects.put(Project(name="a"))
    with open_store(store_url) as store:
        assert store.projects.all() == (Project(name="a"), SHOP)
        store.projects.put(replace(SHOP, clients=(), voice=None))
        assert store.projects.all()[1] == replace(SHOP, clients=(), voice=None)
        assert store.projects.remove("shop")
        assert not store.projects.remove("shop")
        assert store.projects.all() == (Project(name="a"),)


def test_use_adds_up_and_old_days_go(store_url: str) -> None:
    with open_store(store_url) as store:
        store.projects.add_use("2026-11-01", {"shop": 1.0}, oldest="2026-11-01")
        store.projects.add_use("2026-11-28", {"shop": 10.0, "a": 1.5}, oldest="2026-11-01")
        store.projects.add_use("2026-11-28", {"shop": 2.5}, oldest="2026-11-02")
        assert store.projects.use("2026-11-28") == {"shop": 12.5, "a": 1.5}
        assert store.projects.use("2026-11-01") == {}


def test_there_is_a_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PROJECTS_MAX", 1)
    with open_store("sqlite://") as store:
        store.projects.put(SHOP)
        store.projects.put(SHOP)
        with pytest.raises(StoreError, match="has 1 projects, the most there may be"):
            store.projects.put(Project(name="b"))


@pytest.mark.parametrize("text", ["", "[]", '{"colour": 1}', '{"sessions_max": -1}', '{"sessions_max": "x"}'])
def test_what_can_not_be_read_is_said(text: str) -> None:
    with open_store("sqlite://") as store:
        with store.projects._database.writing() as connection:
            connection.execute(insert(projects), {"name": "shop", "facts": text})
        with pytest.raises(StoreError, match="holds project shop, which can't be read"):
            store.projects.all()
