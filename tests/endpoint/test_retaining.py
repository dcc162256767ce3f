"""What was kept long enough goes, with a record of each; what was not, or lives, stays."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chain_keys import KEYS
from in_process import grant

from workbench.conversation.speaker import Speaker
from workbench.core.consent import Consent
from workbench.core.events import ErrorRaised, Event, Source
from workbench.core.projects import Project
from workbench.endpoint import retaining
from workbench.endpoint.retaining import Retention, sweep, to_sweep
from workbench.endpoint.settings import EndpointSettings
from workbench.endpoint.speakers import Speakers
from workbench.endpoint.storing import Storing
from workbench.endpoint.sweeping import Sweeping, retention_of
from workbench.errors import StoreFailed
from workbench.store.recording import META
from workbench.store.retention import DAY
from workbench.store.rows import Append, Lease, NewSession, PhaseChange, SessionRow, Withdrawal
from workbench.store.store import Store, open_store
from workbench.store.trail import Wanted

NOW = 2_000_000_000.0
ROW = SessionRow(
    session="a",
    project="lab",
    client="tab",
    assistant="coffee",
    token_id="t",
    phase="live",
    opened=NOW - 40 * DAY,
    handle="ab" * 32,
    wish="{}",
)
EACH = Retention(period=lambda project: {"lab": 10.0, "calls": 30.0}[project] * DAY)


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("sqlite://", audit_keys=KEYS) as opened:
        yield opened


def add(store: Store, name: str, *, ended: float | None, project: str = "lab", opened: float = 40) -> None:
    """Put a session into the store that ended so many days ago, with two events."""
    row = replace(ROW, session=name, project=project, opened=NOW - opened * DAY)
    body = ErrorRaised(code="x", message="y")
    events = [Event(seq=n, at=0.0, turn=0, source=Source.ENDPOINT, body=body) for n in range(2)]
    store.write([NewSession(row), *(Append(name, event) for event in events)])
    if ended is not None:
        store.write([PhaseChange(name, "ended", "client-left", NOW - ended * DAY)])


def names(store: Store) -> set[str]:
    return {one.session for one in store.sessions()}


def recording(folder: Path, name: str, age: float) -> Path:
    """Make a recording that was written so many days ago."""
    path = folder / name
    path.mkdir(parents=True)
    (path / META).write_text("{}")
    for one in (path / META, path):
        os.utime(one, (NOW - age * DAY, NOW - age * DAY))
    return path


def test_each_project_has_its_own_time(store: Store) -> None:
    """A project that keeps calls for a month would lose them, or another's stay."""
    add(store, "old", ended=11)
    add(store, "new", ended=9)
    add(store, "calls-old", ended=31, project="calls")
    add(store, "calls-new", ended=29, project="calls")
    swept = sweep(store, EACH, by="the endpoint", now=NOW)
    assert {one.session for one in swept.sessions} == {"old", "calls-old"}
    assert names(store) == {"new", "calls-new"}
    assert store.left_of("old") == {}
    assert "events" in store.left_of("new")
    records = store.trail.records(wanted=Wanted(kind="deleted"))
    assert {(one.session, one.project, one.client, one.reason) for one in records} == {
        ("old", "lab", "tab", "2 events, 0 recordings, their keys; kept for 10 days, the endpoint"),
        ("calls-old", "calls", "tab", "2 events, 0 recordings, their keys; kept for 30 days, the endpoint"),
    }
    assert sweep(store, EACH, by="the endpoint", now=NOW).sessions == ()


def test_what_never_ended_goes_a_day_later_and_what_lives_stays(store: Store) -> None:
    """A session whose process died would stay for ever, or a live one lose its ground."""
    add(store, "forgotten", ended=None, opened=11.1)
    add(store, "maybe-live", ended=None, opened=10.5)
    add(store, "live-here", ended=None, opened=20)
    swept = sweep(store, EACH, by="the endpoint", now=NOW, spare={"live-here"})
    assert [one.session for one in swept.sessions] == ["forgotten"]
    assert names(store) == {"maybe-live", "live-here"}


def test_a_round_has_an_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first sweep of an old store would hold the database for minutes."""
    monkeypatch.setattr(retaining, "AT_ONCE", 3)
    for number in range(7):
        add(store, f"s{number}", ended=20 + number, project="lab" if number % 2 else "calls")
    everything = Retention(period=lambda project: DAY)
    counts = []
    while swept := sweep(store, everything, by="x", now=NOW, spare={"s3"}).sessions:
        counts.append(len(swept))
    assert counts == [3, 3]
    assert names(store) == {"s3"}


def test_a_session_s_recording_goes_with_it_and_others_only_if_wished(store: Store, tmp_path: Path) -> None:
    """Sound would outlive its session, or a folder of one's own be emptied unasked."""
    add(store, "old", ended=11)
    add(store, "new", ended=1)
    folders = {name: recording(tmp_path, name, age=50) for name in ("old", "new", "other")}
    stranger = tmp_path / "notes"
    stranger.mkdir()
    (stranger / "a.txt").write_text("mine")
    os.utime(stranger, (0, 0))
    (tmp_path / "link").symlink_to(folders["other"])
    sweep(store, replace(EACH, recordings=tmp_path), by="x", now=NOW)
    assert [name for name, path in folders.items() if path.exists()] == ["new", "other"]
    wished = replace(EACH, recordings=tmp_path, recordings_period=60 * DAY)
    assert to_sweep(store, wished, now=NOW).recordings == ()
    wished = replace(wished, recordings_period=49 * DAY)
    assert to_sweep(store, wished, now=NOW).recordings == (folders["other"],)
    sweep(store, wished, by="x", now=NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "new", "notes"]
    reasons = [one.reason for one in store.trail.records(wanted=Wanted(kind="deleted"))]
    assert reasons == [
        "2 events, 1 recordings, their keys; kept for 10 days, x",
        "0 events, 1 recordings; kept for 49 days, x",
    ]


def test_what_is_gone_is_on_the_trail_though_overwriting_it_failed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deletion that happened would be told of nowhere."""
    add(store, "old", ended=11)
    add(store, "older", ended=12)
    real = store.delete

    def delete(*names: str) -> int:
        real(names[0])
        raise StoreFailed("here", "1 sessions are deleted, but not yet overwritten: locked")

    monkeypatch.setattr(store, "delete", delete)
    with pytest.raises(StoreFailed, match="not yet overwritten"):
        sweep(store, EACH, by="x", now=NOW)
    assert [one.session for one in store.trail.records(wanted=Wanted(kind="deleted"))] == ["older"]
    assert names(store) == {"old"}


@pytest.mark.anyio
async def test_the_endpoint_sweeps_and_goes_on_if_it_can_t(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """One failure would end the sweeper for good."""
    add(store, "old", ended=31)
    add(store, "live", ended=31)
    storing = Storing(store)
    retention = retention_of(
        EndpointSettings(engines="scripted"), {"kept": Project(name="kept", retention_days=3650)}.get
    )
    sweeping = Sweeping(storing, retention, live=lambda: ["live"], now=lambda: NOW)
    add(store, "kept", ended=300, project="kept", opened=301)
    await sweeping.once()
    assert names(store) == {"live", "kept"}
    unsigned = open_store("sqlite://")
    add(unsigned, "old", ended=31)
    await Sweeping(Storing(unsigned), retention, live=list, now=lambda: NOW).once()
    unsigned.close()
    assert "what was kept long enough can't be deleted: StoreError" in caplog.text


@pytest.mark.anyio
async def test_withdrawals_that_fail_keep_no_later_one_waiting_and_are_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as one round takes would keep everybody else's consent from being withdrawn, for ever."""
    failing, finish = {"one", "two"}, retaining.finish_withdrawal

    def sometimes(store: Store, withdrawal: Withdrawal, recordings: Path | None, *, by: str) -> bool:
        return withdrawal.session not in failing and finish(store, withdrawal, recordings, by=by)

    monkeypatch.setattr(retaining, "AT_ONCE", 2)
    monkeypatch.setattr(retaining, "finish_withdrawal", sometimes)
    for at, name in enumerate(("one", "two", "good")):
        what = Withdrawal(session=name, project="lab", client=None, level=Consent.NONE, at=NOW + at)
        store.withdrawals.put(what, Lease(process="gone", until=0.0))
    sweeping = Sweeping(Storing(store), EACH, live=list, now=lambda: NOW + DAY)
    for _ in range(2):
        await sweeping.once()
    assert store.withdrawals.of("good") is None
    assert store.withdrawals.of("one") is not None
    failing.clear()
    for _ in range(2):
        await sweeping.once()
    assert store.withdrawals.of("one") is store.withdrawals.of("two") is None


@pytest.mark.anyio
async def test_nothing_is_swept_before_projects_are_known(store: Store) -> None:
    """A store away at the start would have sessions deleted that their project wants kept for years."""
    add(store, "kept", ended=300, project="kept", opened=301)
    known: list[bool] = []
    retention = retention_of(EndpointSettings(engines="scripted"), {}.get)
    sweeping = Sweeping(Storing(store), retention, live=list, known=lambda: bool(known), now=lambda: NOW)
    await sweeping.once()
    assert names(store) == {"kept"}
    known.append(True)
    await sweeping.once()
    assert names(store) == set()


@pytest.mark.anyio
async def test_whose_session_is_deleted_is_not_known_by_how_they_speak(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """A caller whose sessions were deleted on the command line would be remembered till the endpoint ends."""
    slow, speakers = Speaker(longest_pause=1.2), Speakers(lambda: NOW)
    for name, ended in (("kept", 1), ("due", 31), ("by hand", 1), ("live", None)):
        add(store, name, ended=ended)
        speakers.keep(grant(client=name), slow, session=name)
    store.delete("by hand", "live")
    sweeping = Sweeping(Storing(store), EACH, live=lambda: ["live"], speakers=speakers, now=lambda: NOW)
    await sweeping.once()
    known = {
        name for name in ("kept", "due", "by hand", "live") if speakers.known(grant(client=name)) == slow
    }
    assert known == {"kept", "live"}
    store.close()
    await sweeping.once()
    assert "whose sessions were deleted can't be found out: StoreFailed" in caplog.text
    assert speakers.known(grant(client="kept")) == slow
