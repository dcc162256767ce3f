"""Predictions held against what happened: read off hand-written sessions, compared by hand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from spoken_sessions import (
    AGENT_RATE,
    CALLER_RATE,
    early_session,
    ended,
    final,
    hearing,
    intent,
    plain_session,
    recording,
    started,
    stopped,
    synthesis,
    track,
)

from workbench.analysis.outcomes import COLUMNS, OFFER, RATE, RESUMED, RIGHT, SILENT, Stages, TurnRecord
from workbench.analysis.policies import Policy
from workbench.analysis.prediction import Came, agreement, measured, predicted
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings
from workbench.core.events import (
    Backchannelled,
    Event,
    ReplyChosen,
    Source,
    SpeechEnded,
    SpeechStarted,
    TurnEnded,
)
from workbench.core.timeline import Timeline
from workbench.errors import ParameterError
from workbench.store.recording import Recording

STAGES = Stages(capture=0.03, final_tail=0.2, thinking=0.01, synthesis=0.3, playout=0.05, work=0.5)
WRONG = 1


def turn(*steps: tuple[float, ...], began: float = 1.02, number: int = 0) -> TurnRecord:
    """Return a recorded turn of steps (kind, second, silence, reply)."""
    rows = [(kind, round(at * RATE), 1.0, 1.0, silence, 1.0, 1, reply) for kind, at, silence, reply in steps]
    columns = dict(zip(COLUMNS, np.array(rows, float).T, strict=True))
    whole = {name: columns[name].astype(np.int64) for name in ("kind", "position", "complete", "reply")}
    return TurnRecord(
        conversation="c", turn=number, began=round(began * RATE), stages=STAGES, **{**columns, **whole}
    )


WHOLE = turn((SILENT, 2.43, 0, 0), (OFFER, 2.6, 0.17, RIGHT))
HESITANT = turn(
    (SILENT, 2.43, 0, 0), (OFFER, 2.6, 0.17, WRONG), (RESUMED, 4.0, 0, 0), (SILENT, 5.0, 0, 0),
    (OFFER, 5.2, 0.2, RIGHT),
)  # fmt: skip


def policy(hangover: float, *, early: bool = True) -> Policy:
    return Policy(
        early=EarlySynthesisSettings(enabled=early),
        endpointing=EndpointingSettings(hangover_min=hangover, hangover_max=hangover),
    )


def hesitant_session(*, heard: str) -> Recording:
    """Return a caller who goes on at track second 4.0, after a reply to the first half has begun at 3.43."""
    plain = recording(
        [
            *hearing(),
            (3.10, 0, replace(ended(), decided=round(2.85 * CALLER_RATE))),
            (3.19, 0, final()),
            (3.20, 0, intent()),
            *synthesis(1, chosen=3.22, first_byte=3.60),
            (3.66, 0, started(3.65)),
            (4.40, 1, SpeechStarted(position=4 * CALLER_RATE, rate=CALLER_RATE, probability=0.9)),
            (4.45, 0, stopped(4.45, 0.8, reason="barge-in")),
            (5.40, 1, SpeechEnded(position=5 * CALLER_RATE, rate=CALLER_RATE)),
            (5.75, 1, replace(ended(5.0), decided=round(5.5 * CALLER_RATE))),
            (5.90, 1, final()),
            (5.91, 1, intent()),
            *((at, 1, one) for at, _, one in synthesis(2, chosen=5.92, first_byte=6.00)),
            (6.06, 1, started(6.05, reply=2)),
        ],
    )
    events = [
        replace(event, body=replace(event.body, text=heard)) if _first_reply(event.body) else event
        for event in plain.timeline.events
    ]
    said = track(CALLER_RATE, 7.0, (1.0, 2.4), (4.0, 5.0))
    return with_events(plain, events, said, track(AGENT_RATE, 7.0, (3.43, 4.15), (5.83, 6.8)))


def with_events(recorded: Recording, events: Sequence[Event], *tracks: np.ndarray) -> Recording:
    """Return a recording with other events, numbered anew, and other tracks of caller and agent if given."""
    timeline = Timeline()
    for seq, event in enumerate(events):
        timeline.append(replace(event, seq=seq))
    caller, agent = tracks or (recorded.caller, recorded.agent)
    return Recording(
        timeline=timeline,
        caller=caller,
        caller_rate=CALLER_RATE,
        agent=agent,
        agent_rate=AGENT_RATE,
        device_zero=recorded.device_zero,
    )


def _first_reply(body: object) -> bool:
    return isinstance(body, ReplyChosen) and body.reply == 1


def test_a_session_is_read_off_its_tracks_and_events() -> None:
    """A prediction would be held against something else than what happened."""
    (plain,) = measured(plain_session(), [WHOLE])
    assert plain.response_time == pytest.approx(3.43 - 2.4, abs=0.02)
    assert (plain.early, plain.starts, plain.cut_offs, plain.wrong_heard) == ("none", 0, 0, False)
    (early,) = measured(early_session(), [WHOLE])
    assert early.response_time == pytest.approx(3.02 - 2.4, abs=0.02)
    assert (early.early, early.starts, early.cut_offs, early.wrong_heard) == ("committed", 1, 0, False)


@pytest.mark.parametrize(("heard", "wrong"), [("One latte.", True), ("One large latte.", False)])
def test_a_turn_taken_for_two_was_cut_off(heard: str, wrong: bool) -> None:  # noqa: FBT001  a case
    """A false cut-off would pass for a turn answered, or a right reply for wrong audio."""
    (came,) = measured(hesitant_session(heard=heard), [HESITANT])
    assert came.cut_offs == 1
    assert came.wrong_heard is wrong
    assert came.response_time == pytest.approx(5.83 - 5.0, abs=0.02)


def test_stretches_end_where_the_next_turn_begins() -> None:
    """Two turns of a conversation would be told from one and the same reply."""
    first, second = measured(
        hesitant_session(heard="One latte."), [WHOLE, turn((SILENT, 5.0, 0, 0), began=4.0, number=1)]
    )
    assert (first.cut_offs, second.cut_offs) == (0, 0)
    assert first.response_time == pytest.approx(3.43 - 2.4, abs=0.02)
    assert second.response_time == pytest.approx(5.83 - 5.0, abs=0.02)


def test_an_end_belongs_to_the_turn_it_ended() -> None:
    """A turn that ends just before the next begins would be a false cut-off of the next."""
    quick = hesitant_session(heard="One latte.")
    late = [replace(e, body=replace(e.body, decided=round(3.9 * CALLER_RATE))) if e.turn == 0 and isinstance(
        e.body, TurnEnded) else e for e in quick.timeline.events]  # fmt: skip
    first, second = measured(
        with_events(quick, late), [WHOLE, turn((SILENT, 5.0, 0, 0), began=4.0, number=1)]
    )
    assert (first.cut_offs, second.cut_offs) == (0, 0)


def test_a_noise_before_a_turn_is_not_its_beginning() -> None:
    """The turn would be looked for where the noise was, and not be found."""
    plain = plain_session()
    noise = [
        Event(seq=1, at=0.2, turn=0, source=Source.ENDPOINT, body=one)
        for one in (
            SpeechStarted(position=round(0.1 * CALLER_RATE), rate=CALLER_RATE, probability=0.6),
            Backchannelled(reply=0, text="", reason="noise"),
        )
    ]
    opening, *heard = plain.timeline.events
    (came,) = measured(with_events(plain, [opening, *noise, *heard]), [WHOLE])
    assert came.response_time == pytest.approx(3.43 - 2.4, abs=0.02)


def test_a_caller_who_waits_for_replies_is_found_where_the_turn_was_said() -> None:
    """The second turn of a live conversation would be looked for when it was said in the recorded one."""
    live = hesitant_session(heard="One latte.")
    earlier = turn((SILENT, 12.0, 0, 0), began=11.0, number=1)
    _, lost = measured(live, [WHOLE, earlier])
    assert lost.response_time is None
    _, second = measured(live, [WHOLE, earlier], began=[WHOLE.began / RATE, 4.0])
    assert second.response_time == pytest.approx(5.83 - 5.0, abs=0.02)


def test_where_nobody_was_heard_nothing_came() -> None:
    """A turn that was missed live would be taken from another one."""
    (_, none) = measured(plain_session(), [WHOLE, turn((SILENT, 5.5, 0, 0), began=5.0, number=1)])
    assert none == Came(response_time=None, early="none", starts=0, cut_offs=0, wrong_heard=False)


def test_turns_of_two_sessions_are_not_compared_with_one() -> None:
    """The second session's turns would be looked for in the first."""
    with pytest.raises(ParameterError, match="those of one session"):
        measured(plain_session(), [WHOLE, replace(WHOLE, conversation="d")])


def test_predictions_are_the_outcomes_turn_by_turn() -> None:
    """What is compared would not be what policies are chosen by."""
    (whole, hesitant) = predicted([WHOLE, replace(HESITANT, turn=1)], policy(0.512))
    # ended at the first tick 0.512 s after 2.43 s, 2.944 s; early reply begun at 2.6 s; final 0.2 + 0.01 s on
    assert whole.response_time == pytest.approx(2.944 + 0.21 + 0.05 - (2.43 - 0.03), abs=0.001)
    assert (whole.early, whole.starts, whole.cut_offs) == ("committed", 1, 0)
    assert (hesitant.cut_offs, hesitant.wrong_heard) == (1, True)
    (patient,) = predicted([HESITANT], policy(2.0, early=False))
    assert (patient.early, patient.starts, patient.cut_offs, patient.wrong_heard) == ("none", 0, 0, False)


def came(response: float | None, **other: object) -> Came:
    plain = Came(response_time=response, early="committed", starts=1, cut_offs=0, wrong_heard=False)
    return replace(plain, **other)  # type: ignore[arg-type]


def test_agreement_is_counted_turn_by_turn() -> None:
    """Two accounts would seem to agree because their mistakes cancel."""
    first = [came(1.0), came(1.2), came(2.0), came(None, early="none", starts=0)]
    second = [came(1.1), came(1.2, starts=2), came(1.8, early="discarded"), came(1.0, wrong_heard=True)]
    found = agreement(first, second)
    assert found.turns == 4
    assert found.medians == pytest.approx((1.2, 1.2))  # of the three that both answered
    assert found.apart[0] == pytest.approx(0.1)
    assert found.apart[1] == pytest.approx(0.18)  # eight tenths of the way from 0.1 to 0.2
    assert (found.same_early, found.same_starts, found.same_cuts) == (0.5, 0.5, 1.0)
    assert found.wrong == (0, 1)


@pytest.mark.parametrize(
    ("first", "second", "close"),
    [(1.0, 1.04, True), (1.0, 1.06, False), (0.1, 0.119, True), (0.1, 0.121, False)],
)
def test_medians_agree_within_a_twentieth_or_20_ms(first: float, second: float, close: bool) -> None:  # noqa: FBT001
    """A prediction that is off would be called true."""
    assert agreement([came(first)], [came(second)]).close is close


def test_accounts_that_can_not_be_compared_are_refused() -> None:
    """Nothing compared with nothing would agree."""
    with pytest.raises(ParameterError, match="1 and 2 turns are compared, 1 of them answered"):
        agreement([came(1.0)], [came(1.0), came(1.0)])
    with pytest.raises(ParameterError, match="0 of them answered"):
        agreement([came(None)], [came(1.0)])
