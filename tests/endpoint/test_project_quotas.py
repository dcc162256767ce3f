"""What projects allow: decided from facts and times, then by a gateway and an orchestrator that run."""

from dataclasses import dataclass, replace
from typing import Any

import anyio
import pytest
from in_process import OPEN, Book, bench, grant
from patience import PATIENCE

from workbench.conversation.assistants import load_assistant
from workbench.core.clock import ManualClock
from workbench.core.languages import session_language
from workbench.core.projects import Project
from workbench.endpoint.lifecycle import Phase
from workbench.endpoint.projects import DISABLED, SAVE_EVERY, SPENT, UNKNOWN, ProjectBook
from workbench.endpoint.session_voice import in_session
from workbench.errors import GatewayRefused
from workbench.protocol.native import CloseCode
from workbench.security.tokens import Grant

pytestmark = pytest.mark.anyio

NOON = 1_795_953_600.0
"""2026-11-29, 12:00 UTC."""
SHOP = Project(name="shop", sessions_max=2, minutes_a_day=1)


@dataclass
class Session:
    """What is looked at of one."""

    phase: Phase
    grant: Grant


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


def live(count: int, project: str = "shop", phase: Phase = Phase.LIVE) -> list[Session]:
    return [Session(phase, grant(project=project))] * count


async def test_live_time_is_counted_saved_and_shared_between_processes(clock: ManualClock) -> None:
    book = Book(SHOP)
    mine, other = ProjectBook(book, now=clock.now), ProjectBook(book, now=clock.now)
    await mine.look()
    await other.look()
    for _ in range(20):
        clock.advance(1)
        mine.count([*live(2), *live(1, phase=Phase.HELD), *live(1, "else")])
        await mine.look()
        other.count([])
        await other.look()
    assert mine.used("shop") == 40
    assert mine.used("else") == 20
    assert 40 - 2 * SAVE_EVERY <= other.used("shop") <= 40
    assert not mine.is_spent("shop")
    clock.advance(5)
    mine.count(live(4))
    assert mine.used("shop") == 60
    assert mine.is_spent("shop")
    await mine.save()
    await other.look()
    assert other.is_spent("shop")


async def test_a_new_day_begins_at_midnight(clock: ManualClock) -> None:
    book = ProjectBook(kept := Book(SHOP), now=clock.now)
    await book.look()
    clock.advance(1)
    book.count(live(1))
    clock.advance(86_400)
    assert book.used("shop") == 0
    await book.look()
    assert book.used("shop") == 0
    assert kept.days == {"2026-11-29": {"shop": 1.0}}
    clock.advance(1)
    book.count(live(1))
    await book.save()
    assert kept.days["2026-11-30"] == {"shop": 10.0}, "a stall counts for ten looks at most"


async def test_store_that_is_away_loses_nothing(clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
    book = ProjectBook(kept := Book(SHOP), now=clock.now)
    kept.away = True
    await book.look()
    assert not book.known
    kept.away = False
    await book.look()
    assert book.known
    clock.advance(1)
    book.count(live(1))
    kept.away = True
    await book.save()
    await book.look()
    assert book.used("shop") == 1
    assert book.of("shop") == SHOP
    assert "the use of projects can't be written (StoreFailed)" in caplog.text
    assert "projects can't be read (StoreFailed)" in caplog.text
    kept.away = False
    await book.save()
    assert kept.days == {"2026-11-29": {"shop": 1.0}}


async def test_who_is_let_in(clock: ManualClock) -> None:
    shop = replace(SHOP, origins=("https://shop.example",), clients=("web",))
    book = ProjectBook(Book(shop), registered=True, now=clock.now)
    await book.look()
    good = grant(project="shop", client="web")
    book.admit(good, None)
    book.admit(good, "https://shop.example")
    for refused, origin, kind in (
        (good, "https://other.example", "wrong-origin"),
        (grant(project="shop"), None, "wrong-client"),
        (grant(project="other"), None, "unknown-project"),
    ):
        with pytest.raises(GatewayRefused) as caught:
            book.admit(refused, origin)
        assert (caught.value.code, caught.value.kind) == (403, kind)
    ProjectBook(Book(), now=clock.now).admit(grant(project="other"), None)


async def test_no_room_has_its_code(clock: ManualClock) -> None:
    book = ProjectBook(Book(SHOP), now=clock.now)
    await book.look()
    mine = grant(project="shop")
    assert book.full(mine, live(1)) is None
    assert book.full(mine, live(5, "else")) is None
    told = CloseCode.TOO_MANY_SESSIONS, "the project has 2 sessions, the most it may have at once"
    assert book.full(mine, live(1) + live(1, phase=Phase.HELD)) == told
    for _ in range(6):
        clock.advance(10)
        book.count(live(1))
    assert book.full(mine, []) == (CloseCode.QUOTA_SPENT, SPENT)


def voice_in(project: Project) -> str:
    """Return the voice with which an English assistant with a man's speaks in a project."""
    coffee = load_assistant("coffee").model_copy(update={"voice": "am_michael"})
    language = session_language(client=None, assistant="en", project=project.language, endpoint="en-US")
    return in_session(coffee, project, language).voice


@pytest.mark.parametrize(
    ("facts", "voice"),
    [
        ({}, "am_michael"),
        ({"voice": "bf_emma"}, "bf_emma"),
        ({"voice": "if_sara"}, "am_michael"),
        ({"language": "en-US"}, "am_michael"),
        ({"language": "es"}, "am_michael"),
    ],
)
async def test_projects_voice_speaks_where_it_speaks_the_language(facts: dict[str, Any], voice: str) -> None:
    assert voice_in(Project(name="p", **facts)) == voice


async def test_projects_language_chooses_a_voice_of_it() -> None:
    assert voice_in(Project(name="p", language="en-GB")).startswith("bm_")


async def test_sessions_are_bounded_by_their_project() -> None:
    noted: list[Any] = []
    async with bench() as running:
        book = running.host.projects = ProjectBook(Book(SHOP))
        running.host.note = noted.append
        await book.look()
        mine = grant(project="shop")
        for _ in range(2):
            await running.opened(OPEN, mine)
        third = running.client(OPEN, mine)
        assert await third.closed() == CloseCode.TOO_MANY_SESSIONS
        assert third.of("error")[0]["message"] == "the project has 2 sessions, the most it may have at once"
        await running.opened(OPEN, grant(project="other"))
        assert [(entry.kind, entry.project, entry.reason) for entry in noted] == [
            ("refused", "shop", "quota (4429)")
        ]


async def test_session_lasts_as_long_as_its_project_allows() -> None:
    async with bench() as running:
        book = running.host.projects = ProjectBook(Book(Project(name="shop", session_max=1)))
        await book.look()
        client = await running.opened(OPEN, grant(project="shop"))
        with anyio.fail_after(PATIENCE):
            assert await client.closed() == CloseCode.TOO_LONG
        assert client.of("error")[-1]["message"] == "the session has lasted 1 s"


def test_a_project_is_closed_once_it_is_gone_or_disabled() -> None:
    """Sessions of a deleted project would go on, or all would end as a project was never registered."""
    shop = Project(name="shop")
    for registered, known, why in (
        (True, (shop,), None),
        (True, (), UNKNOWN),
        (False, (), None),
        (True, (replace(shop, disabled=True),), DISABLED),
        (False, (replace(shop, disabled=True),), DISABLED),
    ):
        book = ProjectBook(None, registered=registered)
        book._projects = {project.name: project for project in known}
        assert book.closed("shop") == why
