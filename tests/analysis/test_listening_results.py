"""Whole tests with simulated panels: planned, answered, screened, and the planted preference found."""

from pathlib import Path

import numpy as np
import pytest

from workbench.analysis.listening import ANCHOR, Design, Method
from workbench.analysis.listening_answers import answers_of
from workbench.analysis.listening_figures import evidence_figure, results_figure
from workbench.analysis.listening_folder import ListeningTest, prepare
from workbench.analysis.listening_preference import bradley_terry, choices, pair_scores
from workbench.analysis.listening_results import (
    compared_frame,
    differences_frame,
    levels_frame,
    rated_frame,
    results,
    screening_frame,
)
from workbench.analysis.listening_screening import screen
from workbench.analysis.listening_sequential import Stop
from workbench.analysis.listening_simulated import Panel, simulated, take_part
from workbench.analysis.listening_sounds import Sound
from workbench.errors import ParameterError

RATE = 16_000
ITEMS = ("one", "two", "three", "four")


def made(folder: Path, design: Design, systems: tuple[str, ...]) -> ListeningTest:
    rng = np.random.default_rng(3)
    noise = rng.uniform(-0.1, 0.1, (len(systems), len(ITEMS), RATE // 2)).astype(np.float32)
    sounds = [
        Sound(system=system, item=item, samples=noise[row, column], rate=RATE)
        for row, system in enumerate(systems)
        for column, item in enumerate(ITEMS)
    ]
    return prepare(design, sounds, folder)


def test_a_planted_preference_is_found_in_spite_of_bad_listeners(tmp_path: Path) -> None:
    """A test with people would find nothing, or the wrong voice."""
    asked = made(tmp_path, Design(method=Method.PREFERENCE, catches=5), ("ann", "bob", "cem"))
    with pytest.raises(ParameterError, match="there are no preferences"):
        results(asked)
    panel = Panel(worth={"ann": 2.5, "bob": 0.5, "cem": 0}, ties=0.4, bad=0.25)
    take_part(asked, panel, listeners=24, seed=2)
    found = results(asked)
    assert not found.unfinished
    out = [one for one in found.screened if one.reasons]
    assert 3 <= len(out) <= 9
    assert found.counted == 24 - len(out)
    worth = dict(zip(found.worths.systems, found.worths.worth, strict=True))
    assert worth["ann"].value > worth["bob"].value > worth["cem"].value
    # who did not listen draws all worths together: less so once they are left out
    apart = bradley_terry(choices(answers_of(asked))).preferred("ann", "cem").value
    assert apart < found.worths.preferred("ann", "cem").value
    stops = {(one.first, one.second): one.evidence.stop for one in found.compared}
    assert stops["ann", "cem"] is Stop.FIRST
    figure = results_figure(found)
    assert list(figure.data[0].y) == ["cem", "bob", "ann"]
    assert "95 % intervals" in figure.layout.title.text
    drawn = evidence_figure(found.compared[0])
    names = [trace.name for trace in drawn.data][1:]
    assert names == ["98.3 % interval, all looks together", "mean so far", "one listener"]
    assert list(compared_frame(found)["verdict"])[1] == "first"
    assert screening_frame(found)["counted"].sum() == found.counted
    assert levels_frame(asked)["LUFS"].max() == pytest.approx(-23, abs=0.05)


@pytest.mark.parametrize(
    ("method", "worth"),
    [(Method.MOS, {"ann": 4.0, "bob": 3.0}), (Method.MUSHRA, {"ann": 95.0, "bob": 60.0})],
)
def test_ratings_find_what_was_planted(method: Method, worth: dict[str, float], tmp_path: Path) -> None:
    """The scale would be turned round, or the anchor win."""
    reference = "ann" if method is Method.MUSHRA else ""
    asked = made(tmp_path, Design(method=method, reference=reference, catches=5), ("ann", "bob"))
    take_part(asked, Panel(worth=worth, between=0.2, noise=0.4, bad=0.2), listeners=20, seed=4)
    found = results(asked)
    order = [one.system for one in found.rated]
    assert order == (["ann", "bob", ANCHOR] if reference else ["ann", "bob"])
    assert found.rated[1].mean.value == pytest.approx(worth["bob"], abs=0.25 if method is Method.MOS else 4)
    (apart,) = found.differences
    assert (apart.first, apart.second) == ("ann", "bob")
    assert apart.p < 0.01
    assert apart.mean.low > 0
    assert found.compared[0].evidence.stop is Stop.FIRST
    assert list(rated_frame(found)["system"]) == order
    assert len(differences_frame(found)) == 1
    assert list(results_figure(found).data[0].y) == order[::-1]


def test_abx_finds_a_difference_and_none(tmp_path: Path) -> None:
    """Two that sound alike would be told apart."""
    asked = made(tmp_path / "clear", Design(method=Method.ABX, catches=4), ("ann", "bob"))
    take_part(asked, Panel(worth={"ann": 2.0, "bob": 0.0}), listeners=12, seed=1)
    clear = results(asked)
    assert clear.discrimination.p < 0.001
    assert clear.discrimination.share.low > 0.5
    asked = made(tmp_path / "alike", Design(method=Method.ABX, catches=4), ("ann", "bob"))
    take_part(asked, Panel(worth={"ann": 0.0, "bob": 0.0}), listeners=12, seed=1)
    alike = results(asked)
    assert alike.discrimination.share.low < 0.5 < alike.discrimination.share.high
    assert alike.compared == ()
    assert "right" in results_figure(alike).layout.title.text


def test_worths_lie_in_their_intervals_as_often_as_stated() -> None:
    """95 % intervals would be something else."""
    design, systems = Design(method=Method.PREFERENCE), ("a", "b", "c")
    panel = Panel(worth={"a": 0.8, "b": 0.2, "c": -1.0}, ties=0.5)
    held = total = 0
    for seed in range(120):
        answers = simulated(design, systems, ITEMS, panel, listeners=12, seed=seed)
        found = bradley_terry(choices(answers))
        for one, name in zip(found.worth, found.systems, strict=True):
            total += 1
            held += one.low < panel.worth[name] < one.high
    assert 0.91 < held / total < 0.985


def test_the_stated_error_holds_through_the_whole_test() -> None:
    """Screening, positions or ties would bring back a preference that nobody has."""
    from scipy.stats import binomtest

    from workbench.analysis.listening_sequential import e_values

    design, systems = Design(method=Method.PREFERENCE, trials=4), ("a", "b")
    panel = Panel(worth={"a": 0.0, "b": 0.0}, between=1.0, ties=0.3, bad=0.25)
    claimed = 0
    for seed in range(150):
        answers = simulated(design, systems, ITEMS, panel, listeners=20, seed=seed)
        kept, _ = screen(design, answers)
        scores = list(pair_scores(choices(kept), "a", "b").values())
        claimed += bool((e_values(scores) >= 20).any())
    assert binomtest(claimed, 150, 0.05, alternative="greater").pvalue > 0.001
