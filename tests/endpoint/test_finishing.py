"""What a process left undone is done by another: withdrawals carried out, abandoned sessions put away."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from dying_withdrawal import KEYS
from in_process import PERSISTENT, Client, bench, grant, resume
from patience import PATIENCE

from workbench.core.clock import unix_now
from workbench.core.consent import Consent
from workbench.core.events import SessionClosed
from workbench.core.projects import Project
from workbench.core.wire import event_to_json
from workbench.endpoint.finishing import Masking
from workbench.endpoint.leasing import LASTS, Leasing
from workbench.endpoint.projects import ProjectBook
from workbench.endpoint.retaining import Retention, sweep, to_sweep
from workbench.endpoint.settings import EndpointSettings
from workbench.endpoint.storing import Storing
from workbench.endpoint.sweeping import Sweeping, retention_of
from workbench.errors import Damage, StoreDamaged, StoreFailed
from workbench.protocol.native import CloseCode
from workbench.store.leases import SPARED
from workbench.store.retention import DAY
from workbench.store.rows import Lease
from workbench.store.store import Store, open_store
from workbench.store.trail import Wanted

pytestmark = pytest.mark.anyio

WORD = b"marmalade"
HERE = Path(__file__).parent
KEEP = Retention(period=lambda project: 30 * DAY)
NAMED = "my name is Anna Meier"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return where a store is."""
    return f"sqlite:///{tmp_path / 'data' / 'a.db'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url, audit_keys=KEYS) as opened:
        yield opened


def left_by_one_that_died(url: str, recordings: Path, level: str) -> dict[str, str]:
    """Run a process that is killed between a withdrawal and the deletion; return what resumes its session."""
    done = subprocess.run(
        [sys.executable, HERE / "dying_withdrawal.py", url, recordings, level],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent), *sys.path])},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    told: dict[str, str] = json.loads(done.stdout)
    return told


def everything(place: Path) -> bytes:
    """Return all bytes of all files below a folder."""
    return b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())


def deletions(store: Store) -> list[tuple[str | None, str]]:
    return [(one.session, one.reason) for one in store.trail.records(wanted=Wanted(kind="deleted"))]


# --- withdrawals


async def test_a_withdrawal_outlives_its_process_and_is_carried_out_by_the_next(
    url: str, tmp_path: Path
) -> None:
    """Somebody who withdrew would stay in the store if the endpoint crashed in that moment."""
    recordings = tmp_path / "recordings"
    name = left_by_one_that_died(url, recordings, "none")["session"]
    with open_store(url, audit_keys=KEYS) as store:
        assert store.load(name) is not None
        assert (recordings / name).is_dir()
        retention = replace(KEEP, recordings=recordings)
        assert sweep(store, retention, by="the endpoint", now=unix_now()).withdrawn == ()
        assert store.load(name) is not None  # its process might still be there
        later = unix_now() + LASTS + 1
        assert [one.session for one in to_sweep(store, retention, now=later).withdrawn] == [name]
        sweep(store, retention, by="the endpoint", now=later)
        assert store.left_of(name) == {}
        assert not (recordings / name).exists()
        why = "consent was withdrawn, finished by the endpoint"
        assert deletions(store) == [(name, f"the stored session and its recording; {why}")]
        assert sweep(store, retention, by="the endpoint", now=later).withdrawn == ()
        assert len(deletions(store)) == 1
    assert WORD not in everything(tmp_path)


async def test_a_session_whose_consent_was_withdrawn_is_not_gone_on_with(url: str, tmp_path: Path) -> None:
    """The client would come back to what was to be destroyed, and go on being stored."""
    has = left_by_one_that_died(url, tmp_path / "recordings", "none")
    with open_store(url, audit_keys=KEYS) as store:
        async with bench(store) as made:
            again = made.client({"type": "resume", **has, "seen": {"events": 1}})
            assert await again.closed() == CloseCode.GONE


async def test_the_withdrawal_of_the_sound_goes_on_with_the_session(url: str, tmp_path: Path) -> None:
    """A restored session would be recorded again, on a consent that was withdrawn."""
    recordings = tmp_path / "recordings"
    has = left_by_one_that_died(url, recordings, "transcript")
    name = has["session"]
    with open_store(url, audit_keys=KEYS) as store:
        async with bench(store, record=recordings) as made:
            again = made.client({"type": "resume", **has, "seen": {"events": 1}})
            welcome = await again.first("welcome")
            assert (welcome["how"], welcome["consent"]) == ("restored", "transcript")
            assert (await again.first("consent-settled"))["level"] == "transcript"
            assert not (recordings / name).exists()
            assert store.withdrawals.of(name) is None
            again.say({"type": "close", "seq": 1, "at": 0.0})
            await made.gone()
        assert list(recordings.glob("*")) == []
        assert deletions(store) == [(name, "its recording; consent was withdrawn")]


async def test_nobody_goes_on_and_the_sound_goes_all_the_same(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The recording would wait for a client that never comes; or one that comes later be recorded again."""
    recordings = tmp_path / "recordings"
    has = left_by_one_that_died(url, recordings, "transcript")
    with open_store(url, audit_keys=KEYS) as store:
        later = unix_now() + LASTS + 1
        for _ in range(3):
            swept = sweep(store, replace(KEEP, recordings=tmp_path / "others"), by="it", now=later)
            assert (swept.withdrawn, swept.undone) == ((), {has["session"]})
        assert caplog.text.count("may be in a folder that is not at hand here") == 1
        assert store.withdrawals.of(has["session"]) is not None  # the recording is in another folder
        sweep(store, replace(KEEP, recordings=recordings), by="it", now=later)
        assert list(recordings.glob("*")) == []
        async with bench(store, record=recordings) as made:
            again = made.client({"type": "resume", **has, "seen": {"events": 1}})
            assert (await again.first("welcome"))["consent"] == "transcript"


# --- sessions that nobody has any more


async def left_held(store: Store, **settings: object) -> Client:
    """Return the client of a session that was restarted away from."""
    async with bench(store, script=(NAMED,), **settings) as made:
        client = await made.opened(PERSISTENT)
        client.say({"type": "say", "text": f"So {NAMED}.", "seq": 0, "at": 0.0})
        await client.first("reply-text")
        made.orchestrator.end_where(lambda _: True, code=CloseCode.RESTARTING, reason="shutdown", message="x")
        await made.gone()
    return client


async def test_an_abandoned_session_ends_and_is_masked(store: Store) -> None:
    """What callers said would lie there as they said it for a month, as nobody came back."""
    client = await left_held(store)
    name = client.of("welcome")[0]["session"]
    before = store.load(name)
    assert before is not None
    assert before.row.phase == "held"
    assert "Meier" in "".join(map(event_to_json, before.events))
    soon, late = unix_now() + DAY, unix_now() + DAY + LASTS + SPARED + 1
    assert sweep(store, KEEP, by="x", now=soon).abandoned == ()
    assert [one.session for one in sweep(store, KEEP, by="x", now=late).abandoned] == [name]
    after = store.load(name)
    assert after is not None
    assert "Meier" not in "".join(map(event_to_json, after.events))
    assert (after.row.phase, after.row.reason, after.row.snapshot) == ("ended", "abandoned", None)
    closed = after.events[-1].body
    assert isinstance(closed, SessionClosed)
    assert (closed.reason, closed.code) == ("abandoned", CloseCode.GONE)
    assert after.row.closed == pytest.approx(before.row.opened + after.events[-1].at)
    assert before.events[-1].at <= after.events[-1].at < before.events[-1].at + 30
    assert "Anna Meier" in (store.vaults.opened(name) or "")
    assert sweep(store, KEEP, by="x", now=late).abandoned == ()
    async with bench(store) as made:
        again = made.client(resume(client, seen={"events": len(client.events)}))
        assert await again.closed() == CloseCode.GONE


async def test_what_can_t_be_resumed_any_more_isn_t(store: Store) -> None:
    """It would be resumed under the hands of whoever ends it."""
    client = await left_held(store)
    async with bench(store, resumable=0.001) as made:
        store.leases.take(client.of("welcome")[0]["session"], leased(unix_now() - 5))
        again = made.client(resume(client, seen={"events": len(client.events)}))
        assert await again.closed() == CloseCode.GONE
    async with bench(store, resumable=60) as made:
        again = made.client(resume(client, seen={"events": len(client.events)}))
        assert (await again.first("welcome"))["how"] == "restored"
        name = client.of("welcome")[0]["session"]
        assert store.leases.held(unix_now()) == {name}


async def test_who_died_between_the_end_and_the_masking_is_made_up_for(store: Store, monkeypatch) -> None:
    """A session that has ended is never looked at again."""

    async def dead(_: object) -> None:
        pass

    monkeypatch.setattr("workbench.endpoint.keeping.Keeping.put_away", dead)
    async with bench(store) as made:
        client = await made.opened(PERSISTENT)
        client.say({"type": "say", "text": f"So {NAMED}.", "seq": 0, "at": 0.0})
        await client.first("reply-text")
        client.say({"type": "close", "seq": 1, "at": 0.0})
        await made.gone()
    name = client.of("welcome")[0]["session"]
    later = unix_now() + LASTS + SPARED + 1
    assert [one.session for one in sweep(store, KEEP, by="x", now=later).abandoned] == [name]
    stored = store.load(name)
    assert stored is not None
    assert "Meier" not in "".join(map(event_to_json, stored.events))
    assert stored.row.reason == "client-left"


async def test_what_can_t_be_read_keeps_nobody_from_being_masked(store: Store, monkeypatch, caplog) -> None:
    """One damaged session would leave all others as they were said."""
    names = [(await left_held(store)).of("welcome")[0]["session"] for _ in range(2)]
    real = store.load

    def load(name: str, since: int = 0) -> object:
        if name == names[0]:
            raise StoreDamaged(store.place, name, [Damage("event", 1, "is not what was written")])
        return real(name, since)

    monkeypatch.setattr(store, "load", load)
    late = unix_now() + DAY + LASTS + SPARED + 1
    swept = sweep(store, KEEP, by="x", now=late)
    assert swept.failed == {names[0]}
    after = real(names[1])
    assert after is not None
    assert after.row.phase == "ended"
    assert names[0] not in caplog.text
    assert sweep(store, KEEP, by="x", now=late, skip=swept.failed).abandoned == ()


# --- several processes


async def test_a_sweeper_lets_be_what_another_process_has_live(store: Store) -> None:
    """Its sessions would be ended, masked or deleted in mid-conversation."""
    async with bench(store) as made:
        client = await made.opened(PERSISTENT)
        name = client.of("welcome")[0]["session"]
        storing = made.host.storing
        assert storing is not None
        much_later = unix_now() + 40 * DAY
        live = Leasing(storing, made.host.process, live=lambda: [name], now=lambda: much_later)
        await live.once()
        other = Sweeping(storing, KEEP, live=list, now=lambda: much_later)
        await other.once()
        stored = store.load(name)
        assert stored is not None
        assert stored.row.phase == "live"
        await Sweeping(storing, KEEP, live=list, now=lambda: much_later + 40 * DAY).once()
        assert store.load(name) is None
        client.say(None)


async def test_leases_that_can_t_be_renewed_are_told_once_a_minute(store: Store, monkeypatch, caplog) -> None:
    """A store that is away would end the endpoint, or fill the log."""
    now = [0.0]

    def renew(*_: object) -> None:
        raise StoreFailed("here", "is away")

    monkeypatch.setattr(store.leases, "renew", renew)
    leasing = Leasing(Storing(store), "p1", live=lambda: ["a"], now=lambda: now[0])
    for moment in (0, 30, 59, 61):
        now[0] = moment
        await leasing.once()
    assert caplog.text.count("the leases of sessions can't be renewed: StoreFailed") == 2


# --- projects


@pytest.mark.parametrize(
    ("own", "endpoint", "masked"),
    [(None, True, True), (False, True, False), (True, False, True), (None, False, False)],
)
async def test_each_project_says_whether_its_sessions_are_masked(store: Store, own, endpoint, masked) -> None:
    """One customer's wish would hold for all, or for none."""
    async with bench(store, mask=endpoint) as made:
        made.host.projects = projects(Project(name="shop", mask=own))
        client = await made.opened(PERSISTENT, grant(project="shop"))
        client.say({"type": "say", "text": f"So {NAMED}.", "seq": 0, "at": 0.0})
        await client.first("reply-text")
        client.say({"type": "close", "seq": 1, "at": 0.0})
        await made.gone()
    stored = store.load(client.of("welcome")[0]["session"])
    assert stored is not None
    assert ("Meier" not in "".join(map(event_to_json, stored.events))) is masked
    settings = EndpointSettings(engines="scripted", mask=endpoint)
    retention = retention_of(settings, {"shop": Project(name="shop", mask=own)}.get)
    assert retention.masking("shop") == Masking(wanted=masked, vault=True)
    assert retention.masking("other") == Masking(wanted=endpoint, vault=True)


async def test_each_project_has_a_consent_of_its_own_by_default(store: Store) -> None:
    """Who may be recorded, and who not, would be one answer for all customers of an endpoint."""
    async with bench(store, consent=Consent.NONE) as made:
        made.host.projects = projects(Project(name="shop", consent=Consent.TRANSCRIPT))
        own = await made.opened(PERSISTENT, grant(project="shop"))
        other = await made.opened(PERSISTENT, grant(name="u"))
        assert [one.of("welcome")[0]["consent"] for one in (own, other)] == ["transcript", "none"]
        opened = own.of("session-opened")[0]
        assert opened["settings"]["consent"] == {"level": "transcript", "by": "project"}
        own.say(None)
        other.say(None)
    assert [one.project for one in store.sessions()] == ["shop"]


def projects(*known: Project) -> ProjectBook:
    """Return a book of projects that is not read from a store."""
    book = ProjectBook(None)
    book._projects = {project.name: project for project in known}
    return book


def leased(until: float) -> Lease:
    return Lease("dead", until)
