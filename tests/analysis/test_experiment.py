import math
from dataclasses import fields, replace

import numpy as np
import pytest

from workbench.analysis.experiment import Design, Experiment, Factor, Plan, factor, run_experiment
from workbench.analysis.experiment_effects import ALL, Row, effects, to_frame
from workbench.analysis.experiment_figure import effect_figure, told_effect
from workbench.analysis.experiment_page import Reported, render_experiment
from workbench.analysis.preset_effects import preset_effects
from workbench.analysis.voices import Cell
from workbench.analysis.voices_cell import Figures, Text
from workbench.errors import ParameterError
from workbench.speech.voices import Voice
from workbench.ssml.presets import load_presets
from workbench.ssml.setting import Setting

VOICES = tuple(
    Voice(
        id=f"scripted:{name}",
        name=name,
        engine="scripted",
        language="en-US",
        gender="female",
        licence="Apache-2.0",
        file="",
    )
    for name in ("one", "two")
)
TEXTS = tuple(Text(f"Sentence {word}, please.", "en") for word in "a b c d e f g h".split())  # noqa: SIM905
FACTORS = (factor("rate", [1, 0.9, 1.1]), factor("pitch", [0, 2]))


def planted(design: Design, rng: np.random.Generator, *, noise: float = 0.02) -> Experiment:
    """Return cells whose speech is as fast and high as asked, and 3 % faster where both are raised."""
    usual = {text: rng.normal(0, 0.2) for text in design.texts}
    cells = []
    for job in design.jobs():
        setting = job.setting
        both = 0.03 if setting.rate > 1 and setting.pitch > 0 else 0.0
        seconds = 2 * math.exp(usual[job.text] - math.log(setting.rate) - both + rng.normal(0, noise))
        told: dict[str, object] = {
            one.name: 0 if one.type in ("int", int) else math.nan for one in fields(Figures)
        }
        told |= {
            "heard": "",
            "speech": seconds + 0.3,
            "pausing": 0.3,
            "f0_median_hz": 200 * 2 ** ((setting.pitch + rng.normal(0, noise)) / 12),
            "f0_range_semitones": 5.0,
            "loudness_lufs": -20.0 + rng.normal(0, noise),
        }
        cells.append(Cell(job=job, figures=Figures(**told), flac=b"", opus=b"OggS"))  # type: ignore[arg-type]
    return Experiment(design=design, cells=cells)


def full(**changes: object) -> Design:
    told = {"factors": FACTORS, "texts": TEXTS, "voices": VOICES, "plan": Plan.FULL} | changes
    return Design(**told)  # type: ignore[arg-type]


def row(rows: list[Row], level: str, measure: str, voice: str = ALL) -> Row:
    return next(one for one in rows if (one.level, one.measure.name, one.voice) == (level, measure, voice))


def test_a_plan_says_what_it_is_called() -> None:
    """Every combination would be paid for where single levels were wanted, or a reference be missing."""
    alone = full(plan=Plan.ONE_AT_A_TIME)
    assert [alone.named(one) for one in alone.conditions] == ["reference", "rate 0.9", "rate 1.1", "pitch 2"]
    assert len(full().conditions) == 6
    assert full().setting((2, 1)) == Setting(name="rate 1.1, pitch 2", rate=1.1, pitch=2)
    assert len(full().jobs()) == 6 * len(TEXTS) * len(VOICES)


def test_the_order_is_random_and_comes_again() -> None:
    """What drifts while cells are made would look like the effect of the level that is made last."""
    names = [job.setting.name for job in full().jobs()]
    assert names == [job.setting.name for job in full().jobs()]
    assert names != [job.setting.name for job in full(seed=1).jobs()]
    assert names != sorted(names)


def test_planted_effects_are_found(rng: np.random.Generator) -> None:
    """Effects would be of another level, in another unit, or of the wrong sign."""
    rows = effects(planted(full(), rng), interactions=[("rate", "pitch")])
    slow, fast = row(rows, "0.9", "rate"), row(rows, "1.1", "rate")
    assert slow.difference.low < -10 < slow.difference.high
    assert slow.asked == pytest.approx(-10)
    assert fast.difference.value == pytest.approx(100 * (1.1 * math.exp(0.015) - 1), abs=1)
    high = row(rows, "2", "pitch", VOICES[0].id)
    assert high.difference.value == pytest.approx(2, abs=0.03)
    both = row(rows, "1.1 × 2", "rate")
    assert both.difference.low < 100 * math.expm1(0.03) < both.difference.high
    neither = row(rows, "0.9 × 2", "rate")
    assert neither.difference.low < 0 < neither.difference.high
    assert row(rows, "0.9", "pause").difference.value == pytest.approx(0, abs=1e-9)
    assert math.isnan(slow.size.value)
    assert row(rows, "0.9", "rate", VOICES[0].id).size.value < 0


def test_effects_are_those_of_a_regression(rng: np.random.Generator) -> None:
    """The analysis would have rules of its own: ordinary least squares with a term a sentence knows none."""
    experiment = planted(full(voices=VOICES[:1]), rng)
    rows = effects(experiment, interactions=[("rate", "pitch")])
    columns = []
    for cell in experiment.cells:
        setting = cell.job.setting
        slow, fast, high = setting.rate < 1, setting.rate > 1, setting.pitch > 0
        columns.append(
            [*(cell.job.text == text for text in TEXTS), slow, fast, high, slow and high, fast and high]
        )
    wanted = [-math.log(cell.figures.articulating) for cell in experiment.cells]
    found, *_ = np.linalg.lstsq(np.array(columns, float), np.array(wanted), rcond=None)
    slow, fast, high, slow_high, fast_high = found[len(TEXTS) :]

    def percent(value: float) -> float:
        return 100 * math.expm1(value)

    voice = VOICES[0].id
    assert row(rows, "0.9", "rate", voice).difference.value == pytest.approx(percent(slow + slow_high / 2))
    assert row(rows, "1.1", "rate", voice).difference.value == pytest.approx(percent(fast + fast_high / 2))
    mean = high + (slow_high + fast_high) / 3
    assert row(rows, "2", "rate", voice).difference.value == pytest.approx(percent(mean))
    assert row(rows, "1.1 × 2", "rate", voice).difference.value == pytest.approx(percent(fast_high))


def test_one_voice_has_no_row_for_all(rng: np.random.Generator) -> None:
    """The same figures would stand in the table twice."""
    rows = effects(planted(full(voices=VOICES[:1]), rng))
    assert {one.voice for one in rows} == {VOICES[0].id}
    assert list(to_frame(rows).voice.unique()) == [VOICES[0].id]


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (
            lambda: factor("speed", [1, 2]),
            "factor 'speed', expected one of rate, pitch, range, volume, pause, emphasis, style",
        ),
        (lambda: factor("rate", [1]), "factor rate has the levels 1, expected two or more, each once"),
        (lambda: factor("rate", [1, 1]), "factor rate has the levels 1, 1, expected two or more"),
        (lambda: factor("style", ["plain", "clam"]), "preset 'clam' is not known"),
        (lambda: factor("rate", 0.85), "levels of rate are 0.85, expected a list of two or more"),
        (lambda: full(texts=()), "there are no texts, expected something to say"),
        (lambda: full(voices=()), "there are no voices, expected one or more"),
        (lambda: full(factors=()), "factors are none, expected one or more, each once"),
        (lambda: full(factors=(FACTORS[0],) * 2), "factors are rate, rate, expected one or more, each once"),
        (
            lambda: full(factors=(factor("emphasis", ["none", "strong"]),)),
            r"emphasis is varied, but no text has \*words between asterisks\* to stress",
        ),
        (
            lambda: full(factors=(factor("pause", ["voice", 0.5]),), texts=(Text("So it is.", "en"),)),
            "pause is varied, but no text has punctuation inside",
        ),
        (
            lambda: full(factors=(factor("pitch", [*range(-11, 12)]), factor("volume", [*range(-15, 15)]))),
            "690 conditions are planned, expected at most 500",
        ),
        (
            lambda: effects(Experiment(design=full(), cells=()), interactions=[("rate", "volume")]),
            "factor volume is not in the experiment, expected rate, pitch",
        ),
        (
            lambda: effects(
                Experiment(design=full(plan=Plan.ONE_AT_A_TIME), cells=()), interactions=[("rate", "pitch")]
            ),
            "one factor at a time shows no interactions, expected a full plan",
        ),
        (
            lambda: effects(Experiment(design=full(), cells=()), interactions=[("rate", "rate")]),
            "a factor has no interaction with itself, expected two",
        ),
        (lambda: effect_figure([]), "no effect on rate, pitch, range, volume, pause is known"),
    ],
)
def test_what_can_not_be_planned_is_refused(made, problem: str) -> None:
    """Hours of cells would be made, and tell nothing."""
    with pytest.raises(ParameterError, match=problem):
        made()


def test_the_figure_shows_every_level_and_what_was_asked(rng: np.random.Generator) -> None:
    """A point would lie beside another level's name, or without its interval."""
    rows = effects(planted(full(), rng))
    figure = effect_figure(rows, measures=("rate", "pitch"))
    assert list(figure.layout.yaxis.ticktext) == ["pitch: 2", "rate: 1.1", "rate: 0.9"]
    assert [one.text for one in figure.layout.annotations] == ["tempo without pauses", "median f0"]
    points = [trace for trace in figure.data if trace.name == "scripted:one (en)"]
    wanted = row(rows, "0.9", "rate", "scripted:one").difference
    place = list(points[0].y).index(min(points[0].y, key=lambda at: abs(at - 2)))
    assert points[0].x[place] == pytest.approx(wanted.value)
    assert points[0].error_x.array[place] == pytest.approx(wanted.high - wanted.value)
    rings = [trace for trace in figure.data if trace.name == "asked"]
    assert [list(np.round(ring.x, 6)) for ring in rings] == [[-10, 10], [2]]


def test_many_voices_are_drawn_together(rng: np.random.Generator) -> None:
    """Twelve voices would be told apart by colours that nobody can."""
    many = tuple(
        Voice(
            id=f"scripted:{number}",
            name="",
            engine="scripted",
            language="en",
            gender="male",
            licence="",
            file="",
        )
        for number in range(9)
    )
    figure = effect_figure(effects(planted(full(voices=many), rng)))
    assert {trace.name for trace in figure.data} == {"all voices", "asked"}
    few = effect_figure(effects(planted(full(texts=TEXTS[:2]), rng)))
    assert "(without intervals below 5 sentences)" in few.layout.title.text
    assert "with 95 % intervals over sentences, rings" in figure.layout.title.text


def test_a_point_tells_its_interval_or_why_it_has_none(rng: np.random.Generator) -> None:
    """Whoever points at it would read "nan to nan"."""
    rows = effects(planted(full(), rng))
    wanted = row(rows, "2", "pitch", "scripted:one")
    told = told_effect(wanted)
    found = wanted.difference
    assert told == f"{found.value:+.3g} semitones ({found.low:+.3g} to {found.high:+.3g}), 8 sentences"
    few = effects(planted(full(texts=TEXTS[:2]), rng))
    assert told_effect(row(few, "2", "pitch", "scripted:one")).endswith(
        " semitones; 2 sentences, an interval needs 5"
    )
    (one,) = [row(effects(planted(full(texts=TEXTS[:1]), rng)), "2", "pitch", "scripted:one")]
    assert told_effect(one).endswith("; 1 sentence, an interval needs 5")
    held = [text for trace in effect_figure(few).data for text in (trace.customdata or ())]
    assert held
    assert not [text for text in held if "nan" in str(text)]


def test_the_page_tells_design_effects_and_command(rng: np.random.Generator) -> None:
    """A reader would not know what was varied, or how to do it again; or a text would be markup."""
    experiment = planted(full(texts=(Text("Less < more, so.", "en"), *TEXTS)), rng)
    found = effects(experiment)
    page = render_experiment(Reported(experiment=experiment, effects=found, command="workbench prosody <x>"))
    assert "2 factors, 6 conditions (full), 2 voices, 9 sentences in en: 108 cells" in page
    assert "<li>rate: 1 (reference), 0.9, 1.1</li>" in page
    assert "workbench prosody &lt;x&gt;" in page
    assert "Less < more" not in page
    assert page.count("<tr>") == len(found) + 1


def test_an_experiment_runs(rng: np.random.Generator) -> None:
    """The design would not be said: the scripted voice is real, though it obeys nothing."""
    design = Design(factors=(factor("rate", [1, 2]),), texts=TEXTS[:2], voices=VOICES[:1])
    experiment = run_experiment(design)
    assert sorted(cell.job.setting.name for cell in experiment.cells) == ["rate 2"] * 2 + ["reference"] * 2
    rows = effects(experiment)
    assert row(rows, "2", "pitch", VOICES[0].id).difference.value == pytest.approx(0, abs=0.01)


def test_a_preset_that_does_the_opposite_is_told(rng: np.random.Generator) -> None:
    """Literature would be cited for what a voice does not do."""
    presets = load_presets()
    wrong = Setting(name="calm", rate=1.2, pitch=-1)
    levels = (Setting(), wrong)
    design = Design(factors=(Factor("style", levels),), texts=TEXTS, voices=VOICES[:1])
    done = {one.row.measure.name: one for one in preset_effects(effects(planted(design, rng)), presets)}
    assert done["rate"].verdict == "lower ✗"
    assert done["pitch"].verdict == "lower ✓"
    assert done["volume"].verdict == "lower ○"
    assert done["rate"].sources == ("juslin2003",)
    few = replace(design, texts=TEXTS[:2])  # no interval is known: nothing may be called done
    some = {one.row.measure.name: one for one in preset_effects(effects(planted(few, rng)), presets)}
    assert some["rate"].verdict == "lower ?"
