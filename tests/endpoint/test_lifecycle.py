"""The life of a session, every pair of phase and happening."""

from itertools import product

import pytest

from workbench.endpoint.lifecycle import Happening, Phase, next_phase
from workbench.errors import ParameterError

CONNECTED, CAUGHT_UP, LOST, ENDED = Happening

ALLOWED = {
    "created": {CONNECTED: "live", ENDED: "ended"},
    "live": {CAUGHT_UP: "live", LOST: "held", ENDED: "ended"},
    "held": {CONNECTED: "resumed", ENDED: "ended"},
    "resumed": {CAUGHT_UP: "live", LOST: "held", ENDED: "ended"},
    "ended": {},
}


@pytest.mark.parametrize(("phase", "happening"), list(product(Phase, Happening)))
def test_each_happening_leads_where_the_picture_says_or_is_refused(
    phase: Phase, happening: Happening
) -> None:
    """A session that has ended would be carried on, or a held one be taken for live."""
    expected = ALLOWED[phase.value].get(happening)
    if expected is None:
        with pytest.raises(ParameterError, match=f"a session that is {phase} can't be {happening}"):
            next_phase(phase, happening)
    else:
        assert next_phase(phase, happening) == expected


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.ENDED])
def test_any_session_can_be_ended(phase: Phase) -> None:
    """A revoked session would live on because of where it stands."""
    assert next_phase(phase, Happening.ENDED) is Phase.ENDED
