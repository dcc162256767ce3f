"""How a session begins: with which numbers, for whom, and what can't begin."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from in_process import OPEN, PERSISTENT, bench, grant, resume

from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings
from workbench.conversation.tuning import TurnTakingSettings
from workbench.core.events import ActionTaken, Event, ReplyChosen, Source, TurnTakingTuned
from workbench.endpoint.beginning import Beginning, begin, begin_instead, check_handle, check_rights, digest
from workbench.endpoint.context import Context
from workbench.endpoint.opening import SessionOver
from workbench.errors import StoreFailed
from workbench.protocol.native import CloseCode, Open, Resume, Seen
from workbench.security.tokens import Scope
from workbench.store.store import Store, open_store

pytestmark = pytest.mark.anyio


@pytest.fixture
def memory() -> Iterator[Store]:
    with open_store("sqlite://") as opened:
        yield opened


async def beginning(**change: object) -> Beginning:
    async with bench() as made:
        return replace(await begin(Open.model_validate(OPEN), made.host, grant()), **change)


async def test_numbers_go_on_from_whichever_knows_more():
    """A reply's number would be given twice, and its sound be taken for one that was played."""
    events = (
        Event(seq=0, at=0.0, turn=0, source=Source.DIALOG, body=ReplyChosen(reply=4, text="", ssml="")),
        Event(
            seq=1,
            at=0.0,
            turn=0,
            source=Source.DIALOG,
            body=ActionTaken(action="order", arguments={}, key="order-1"),
        ),
    )
    begun = await beginning(
        events=events,
        context=Context(replies=3, position=900),
        resume=Resume(session="s", handle="h", reply=2, position=700, seen=Seen(events=2, audio=5)),
    )
    assert (begun.replies, begun.position) == (4, 900)
    assert begun.acted == {"order-1"}
    assert begun.seen == Seen(events=2, audio=5)
    ahead = replace(begun, resume=Resume(session="s", handle="h", reply=9, position=1000))
    assert (ahead.replies, ahead.position) == (9, 1000)


async def test_a_restored_timeline_has_the_stored_events_and_its_clock_goes_on():
    """The session would begin anew at zero, and its next event come before the last."""
    event = Event(seq=0, at=50.0, turn=0, source=Source.DIALOG, body=ReplyChosen(reply=1, text="", ssml=""))
    begun = await beginning()
    restored = replace(begun, how="restored", events=(event,)).timeline()
    assert (restored.next_seq, restored.events) == (1, (event,))
    assert restored.now() >= 50.0
    away = replace(begun, how="restored", events=(event,), opened=begun.opened - 3600).timeline()
    assert away.now() >= 3600


async def test_a_restored_session_goes_on_under_the_settings_it_was_tuned_to():
    """A restart of the endpoint would quietly undo what was applied."""
    begun = await beginning()
    assert begun.tuned is None
    plain = TurnTakingSettings(EarlySynthesisSettings(), EndpointingSettings())
    last = plain.with_changes({"early.confidence": 0.9})
    events = [TurnTakingTuned(settings=one.told()) for one in (plain, last)]
    stored = [
        Event(seq=seq, at=1.0, turn=0, source=Source.TURN_TAKING, body=body)
        for seq, body in enumerate(events)
    ]
    assert replace(begun, how="restored", events=tuple(stored)).tuned == last


async def test_a_handle_is_a_secret_of_which_only_the_digest_is_kept():
    """Whoever reads the store could go on with everybody's sessions."""
    one, other = await beginning(), await beginning()
    assert one.handle != other.handle
    assert len(one.handle) >= 32
    assert one.handle not in repr(one.row())
    check_handle(Resume(session="s", handle=one.handle), digest_kept=one.row().handle)
    for wrong in ("", other.handle, digest(one.handle)):
        with pytest.raises(SessionOver) as over:
            check_handle(Resume(session="s", handle=wrong), digest_kept=one.row().handle)
        assert over.value.code is CloseCode.GONE


@pytest.mark.parametrize(
    ("new", "allowed"),
    [
        (grant(), True),
        (grant(Scope.CONVERSE, Scope.ADMIN), True),
        (grant(Scope.TRANSCRIBE, Scope.SPEAK), False),
        (grant(assistants=("coffee",)), True),
        (grant(assistants=("rooms",)), False),
        (grant(session="s"), True),
        (grant(session="t"), False),
        (grant(project="p"), False),
    ],
)
def test_a_token_takes_anothers_place_only_if_it_allows_no_less(new, allowed):
    """A session would go on with what its client may not do."""
    if allowed:
        check_rights(new, than=grant(), session="s", assistant="coffee")
    else:
        with pytest.raises(SessionOver) as over:
            check_rights(new, than=grant(), session="s", assistant="coffee")
        assert over.value.code is CloseCode.FORBIDDEN


async def test_a_persistent_session_can_not_begin_where_nothing_is_stored(memory):
    """The client would rely on what is lost with the process, or wait for events that never come."""
    wish = Open.model_validate(PERSISTENT)
    async with bench() as made:
        with pytest.raises(SessionOver) as over:
            await begin(wish, made.host, grant())
        assert over.value.code is CloseCode.BAD_MESSAGE
    async with bench(memory) as made:
        made.host.storing.failed = StoreFailed("memory", "is away")
        with pytest.raises(SessionOver, match="error") as over:
            await begin(wish, made.host, grant())
        assert over.value.code is CloseCode.INTERNAL
        made.host.storing.failed = None


async def test_a_persistent_session_that_is_gone_is_not_replaced_unasked():
    """The caller would talk to an assistant that has silently forgotten everything."""
    async with bench() as made:
        client = await made.opened()
        for otherwise in (None, PERSISTENT):
            gone = Resume.model_validate(resume(client, seen={"events": 3}, otherwise=otherwise))
            with pytest.raises(SessionOver) as over:
                await begin_instead(gone, made.host, grant())
            assert over.value.code is CloseCode.GONE
