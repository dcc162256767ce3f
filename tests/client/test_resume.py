"""Whether a client tries again, and how long it waits."""

import pytest
from hypothesis import given, settings, strategies as st

from workbench.client.resume import BUSY_STATUS, GiveUp, Reconnecting, ResumeSettings, Wait
from workbench.errors import ParameterError
from workbench.protocol.native import HELD_CODES, CloseCode


def lost(code: int | None, *, lasted: float = 10.0) -> Wait | GiveUp:
    decider = Reconnecting(ResumeSettings(), lambda: 1.0)
    decider.connected(0.0)
    return decider.lost(lasted, code)


@pytest.mark.parametrize("code", [None, 1005, 1006, *sorted(HELD_CODES)])
def test_it_comes_back_where_the_session_is_held(code: int | None) -> None:
    """A dead network or a restart would end the session."""
    assert isinstance(lost(code), Wait)


@pytest.mark.parametrize("code", sorted(set(CloseCode) - HELD_CODES))
def test_it_gives_up_where_the_session_has_ended(code: CloseCode) -> None:
    """A client that was turned out would come back for ever."""
    assert lost(code) == GiveUp(f"the endpoint closed with code {int(code)}")


@pytest.mark.parametrize("code", [CloseCode.TOKEN_EXPIRED, CloseCode.STALLED])
def test_it_comes_back_at_once_where_nothing_is_wrong_with_the_endpoint(code: CloseCode) -> None:
    """An expired token would be a silence in the middle of a word."""
    assert lost(code) == Wait(0.0)


@pytest.mark.parametrize("status", [None, *sorted(BUSY_STATUS), 400, 401, 403, 404])
def test_a_refusal_is_final_unless_the_endpoint_is_busy(status: int | None) -> None:
    """A wrong token would be tried for a minute, or a restart end the session."""
    decider = Reconnecting(ResumeSettings(), lambda: 1.0)
    final = status is not None and status not in BUSY_STATUS
    assert isinstance(decider.failed(0.0, status), GiveUp if final else Wait)


@settings(deadline=None)
@given(
    st.floats(0.01, 2),
    st.floats(1, 20),
    st.floats(0.5, 100),
    st.floats(0.5, 100),
    st.lists(st.floats(0, 1), min_size=1, max_size=60),
)
def test_waits_keep_to_their_bounds_and_end_in_time(
    first: float, factor: float, patience: float, hold: float, chances: list[float]
) -> None:
    """Clients would storm an endpoint that comes back, or wait beyond the time a session is held."""
    rest = iter(chances * 100)
    patient = ResumeSettings(first=first, longest=first * factor, patience=patience)
    decider = Reconnecting(patient, lambda: next(rest), hold=hold)
    decider.connected(-10.0)
    now, tries, decision = 0.0, 0, decider.lost(0.0, None)
    while isinstance(decision, Wait) and tries < 40:
        ceiling = min(patient.longest, first * 2.0**tries)
        assert 0 <= decision.seconds <= ceiling * (1 + 1e-9)
        now, tries = now + decision.seconds + 0.01, tries + 1
        assert now <= min(patience, hold) + 0.01 * (tries + 1)
        decision = decider.failed(now, None)
    assert isinstance(decider.failed(min(patience, hold), None), GiveUp)


def test_waits_double_from_the_first_and_begin_anew_after_a_good_connection() -> None:
    """The second loss of a long session would wait as long as the last one did."""
    decider = Reconnecting(ResumeSettings(), lambda: 1.0)
    decider.connected(0.0)
    waits = [decider.lost(10.0, None), *(decider.failed(10.0, None) for _ in range(7))]
    assert [wait.seconds for wait in waits] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    decider.connected(11.0)
    assert decider.lost(20.0, None) == Wait(0.1)


def test_connections_that_are_lost_at_once_are_counted() -> None:
    """A client and an endpoint that don't get on would open connections for ever."""
    decider = Reconnecting(ResumeSettings(short_lived_max=3), lambda: 0.0)
    decisions = []
    for now in range(5):
        decider.connected(float(now))
        decisions.append(decider.lost(now + 0.5, 4401))
    assert decisions[:3] == [Wait(0.0)] * 3
    assert decisions[3] == GiveUp("4 connections in a row were lost at once")


@pytest.mark.parametrize("code", [None, CloseCode.RESTARTING, CloseCode.TOKEN_EXPIRED])
def test_connections_that_never_carry_the_session_use_patience_up(code: int | None) -> None:
    """An endpoint that admits everybody and welcomes nobody would be tried for ever."""
    decider = Reconnecting(ResumeSettings(patience=5.0), lambda: 1.0)
    decider.connected(0.0)
    now, decision, tries = 10.0, decider.lost(10.0, None), 0
    while isinstance(decision, Wait) and tries < 100:
        now, tries = now + decision.seconds + 0.1, tries + 1
        decision = decider.lost(now, code)
    assert decision == GiveUp("no endpoint answered for 5 s")


def test_patience_begins_anew_after_a_suspension() -> None:
    """A laptop that was closed for an hour would give up at its first try."""
    decider = Reconnecting(ResumeSettings(patience=5.0), lambda: 1.0)
    decider.connected(0.0)
    decider.lost(10.0, None)
    assert isinstance(decider.failed(3600.0, None), GiveUp)
    decider.woken()
    assert decider.failed(3600.0, None) == Wait(0.1)


@pytest.mark.parametrize("wrong", [{"first": 0}, {"first": 9.0}, {"patience": 0}, {"steady": -1}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    """A wait of zero would be a storm."""
    with pytest.raises(ParameterError, match="expected 0 < first <= longest"):
        ResumeSettings(**wrong)
