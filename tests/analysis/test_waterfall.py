"""The response time as lines of text."""

import pytest
from spoken_sessions import plain_session, recording

from workbench.analysis.contributions import CONTRIBUTIONS
from workbench.analysis.latency import turns
from workbench.analysis.waterfall import waterfall_lines


@pytest.mark.parametrize("width", [50, 80, 120])
def test_bars_are_in_proportion_and_fit(width: int) -> None:
    """A bar of the wrong length, or a line broken by the terminal, would mislead."""
    (turn,) = turns(plain_session())
    lines = waterfall_lines(turn, width)
    assert len(lines) == 1 + len(CONTRIBUTIONS) + 1
    assert max(map(len, lines)) <= width
    room = width - 32
    endpointing = next(line for line in lines if line.startswith("endpointing"))
    assert endpointing.count("█") == pytest.approx(0.43 / 1.03 * room, abs=1)


def test_each_bar_begins_where_the_last_ended() -> None:
    """A waterfall that does not fall hides what follows what."""
    (turn,) = turns(plain_session())
    lines = waterfall_lines(turn, 120)[1:-1]
    starts = [len(line[32:]) - len(line[32:].lstrip()) for line in lines if line[32:].strip()]
    assert starts == sorted(starts)
    assert lines[1].split()[:2] == ["endpointing", f"{turn.contributions['endpointing'] * 1000:.0f}"]


def test_a_turn_without_an_answer_gives_its_reason() -> None:
    """An empty chart would leave the reader guessing."""
    whole = plain_session()
    (turn,) = turns(recording([(e.at, e.turn, e.body) for e in whole.timeline.events if e.at < 3.05]))
    assert waterfall_lines(turn) == ["turn 0: no response time, the turn never ended"]
