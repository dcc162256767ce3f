"""What of a reply may be led, and how much of it is the right reply's, worked out by hand."""

import pytest

from workbench.analysis.outcomes_parts import Cut

LATTE = "<speak>Coming right up: one large latte with soy milk and sugar. Anything else?</speak>"
MOCHA = "<speak>Coming right up: one large mocha with soy milk and sugar. Anything else?</speak>"
BYE = "<speak>Coming right up: one large latte with soy milk and sugar. Good bye!</speak>"
SHORT = "<speak>Which coffee would you like?</speak>"


@pytest.mark.parametrize(
    ("offered", "right", "parts"),
    [
        # parted, alike, clauses, kept, seconds of these
        (LATTE, LATTE, (1, 1, 2, 2, 0.9 + 0.065 * 40)),
        (LATTE, MOCHA, (1, 0, 2, 1, 0.9)),
        (LATTE, BYE, (1, 1, 2, 2, 0.9 + 0.065 * 40)),
        (LATTE, SHORT, (1, 0, 2, 0, 0.0)),
        (LATTE, None, (1, 0, 2, 0, 0.0)),
        (SHORT, SHORT, (0, 0, 0, 0, 0.0)),
        (SHORT, LATTE, (0, 0, 0, 0, 0.0)),
    ],
)
def test_what_may_be_led_and_is_right(
    offered: str, right: str | None, parts: tuple[int, int, int, int, float]
) -> None:
    """The risk of leading would be that of other clauses than are led."""
    assert len("one large latte with soy milk and sugar.") == 40  # letters, at 65 ms each
    columns = Cut("en", {"Coming right up:": 0.9}).columns([offered], right)
    assert [values.item() for values in columns.values()] == pytest.approx(list(parts), abs=1e-9)


def test_a_turn_without_offers_has_a_row_to_point_at() -> None:
    """Reading a turn of which nothing was understood would fail."""
    assert all(len(values) == 1 for values in Cut("en", {}).columns([], None).values())
