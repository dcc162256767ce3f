import numpy as np
import pytest
from scipy import stats

from workbench.analysis.effects import LEAST, mean_effect, paired_effect
from workbench.errors import ParameterError


def test_an_effect_is_the_mean_of_the_paired_differences() -> None:
    """By hand: differences 1, 2, 3; both deviations 1; g = 2 / 1 times 1 - 3/(4*2 - 1)."""
    found = paired_effect([2.0, 4.0, 6.0], [1.0, 2.0, 3.0])
    assert found.difference.value == 2
    assert found.standardised.value == pytest.approx(2 / np.sqrt((4 + 1) / 2) * (1 - 3 / 7))
    assert found.sentences == 3
    assert np.isnan(found.difference.low)  # too few for an interval


@pytest.mark.parametrize("count", [6, 12, 40])
def test_intervals_are_as_wide_as_students_where_differences_are_normal(
    count: int, rng: np.random.Generator
) -> None:
    """With ten sentences a plain bootstrap is a fifth too narrow: chance would pass for an effect."""
    ratios = []
    for seed in range(20):
        one, other = rng.normal(1.0, 1.0, count), rng.normal(0.0, 1.0, count)
        found = paired_effect(one, other, seed=seed)
        theirs = stats.ttest_rel(one, other).confidence_interval()
        assert found.difference.value == pytest.approx(np.mean(one) - np.mean(other))
        ratios.append((found.difference.high - found.difference.low) / (theirs.high - theirs.low))
    assert np.mean(ratios) == pytest.approx(1, abs=0.08)


def test_intervals_hold_what_they_promise(rng: np.random.Generator) -> None:
    """A difference of nothing would look like one more often than once in twenty."""
    held = 0
    for seed in range(300):
        found = mean_effect(rng.normal(0.0, 1.0, 10), seed=seed)
        held += found.low <= 0 <= found.high
    assert 0.91 <= held / 300 <= 0.985


def test_pairs_with_a_gap_are_left_out_and_no_spread_has_no_size() -> None:
    """One sentence without voice would make the whole effect unknown, or a constant one infinite."""
    gaps = paired_effect([1.0, np.nan, 3.0, 4.0, 5.0, 7.0], [0.0, 1.0, 2.0, np.nan, 4.0, 6.0])
    assert (gaps.sentences, gaps.difference.value) == (4, 1.0)
    flat = paired_effect([2.0] * LEAST, [1.0] * LEAST)
    assert (flat.difference.low, flat.difference.high) == (1.0, 1.0)
    assert np.isnan([flat.standardised.value, flat.standardised.low]).all()
    assert np.isnan(paired_effect([], []).difference.value)


def test_values_that_are_no_pairs_are_refused() -> None:
    """Sentences would be compared with others."""
    with pytest.raises(ParameterError, match=r"values have shapes \(2,\) and \(3,\), expected one length"):
        paired_effect([1.0, 2.0], [1.0, 2.0, 3.0])
