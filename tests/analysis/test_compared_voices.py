import json
import weakref
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from workbench.analysis.melodies import melodies
from workbench.analysis.voices import compare, job_hash, jobs_for
from workbench.analysis.voices_cell import Job, Text
from workbench.analysis.voices_figures import figures
from workbench.analysis.voices_page import Compared, render_comparison
from workbench.analysis.voices_table import rows, to_frame
from workbench.errors import ParameterError, WorkbenchError
from workbench.speech.scripted import SCRIPTED_RATE, WORD_SECONDS
from workbench.speech.voices import Voice, named
from workbench.ssml.setting import Setting

TONE = Voice(
    id="scripted:tone",
    name="Tone",
    engine="scripted",
    language="en-US",
    gender="female",
    licence="Apache-2.0",
    file="",
)
TEXTS = [Text("Two of these please.", "en"), Text("And one <more>.", "en"), Text("Uno más.", "es")]


def tones(**changes: object) -> list[Job]:
    return jobs_for(TEXTS, [TONE], recognised=False, **changes)  # type: ignore[arg-type]


def test_a_voice_says_the_texts_of_its_language() -> None:
    """An English voice would be judged on Spanish, or the order of the texts be lost."""
    assert [job.text for job in tones()] == TEXTS[:2]
    twice = jobs_for(TEXTS, [TONE], [Setting(), Setting(name="fast", rate=1.2)])
    assert [(job.setting.name, job.text.text[:3]) for job in twice] == [
        ("plain", "Two"),
        ("plain", "And"),
        ("fast", "Two"),
        ("fast", "And"),
    ]


def test_across_only_a_voice_that_stays_itself_says_other_languages() -> None:
    """Espeak's French voice would be compared in Spanish, where it is another voice."""
    found = jobs_for(TEXTS, [named("af_heart"), named("espeak:es")], across=True)
    assert [job.voice.engine for job in found] == ["kokoro"] * 3 + ["espeak"]
    assert [job.ssml for job in found[1:3]] == [
        "<speak>And one &lt;more&gt;.</speak>",
        '<speak xml:lang="es">Uno más.</speak>',
    ]


def test_what_can_not_be_compared_is_refused() -> None:
    """A voice without texts would be left out in silence, a setting be measured under another's name."""
    with pytest.raises(ParameterError, match="voice espeak:fi speaks fi, but the texts are in en, es"):
        jobs_for(TEXTS, [named("espeak:fi")])
    with pytest.raises(ParameterError, match="settings are called plain, plain, expected each name once"):
        jobs_for(TEXTS, [TONE], [Setting(), Setting(rate=2)])
    with pytest.raises(ParameterError, match="rate of fast is 9, expected 0.3 to 3"):
        Setting(name="fast", rate=9)


def test_a_setting_becomes_ssml() -> None:
    """It would be asked for in another unit than it is measured in."""
    setting = Setting(name="warm", rate=0.95, pitch=-1, volume=2)
    assert setting.ssml("So & so") == (
        '<speak><prosody rate="95%" pitch="-1st" volume="+2dB">So &amp; so</prosody></speak>'
    )


def test_the_figures_are_those_of_the_sound() -> None:
    """The tone is known: 220 Hz, a quarter of a second a word at a level of -13.5 dBFS."""
    cell, _ = compare(tones())
    figures = cell.figures
    assert figures.duration == pytest.approx(4 * WORD_SECONDS)
    assert figures.speech == 0  # nothing stands out from a steady tone
    assert figures.f0_median_hz == pytest.approx(220, rel=0.002)
    assert figures.f0_range_semitones == pytest.approx(0, abs=0.05)
    assert figures.level_db == pytest.approx(20 * np.log10(0.3 / np.sqrt(2)), abs=0.05)
    assert (figures.words, figures.syllables, figures.pauses, figures.clipped) == (4, 4, 0, 0)
    assert 0 < figures.first_byte <= figures.first_audio < 1
    spoken = replace(cell, figures=replace(figures, speech=2.0, pausing=0.5))
    frame = to_frame([spoken])
    assert frame.speaking_rate[0] == 4 / 2
    assert frame.articulation_rate[0] == 4 / 1.5


@pytest.mark.parametrize(
    ("text", "language", "counts"),
    [
        ("A table for 12 please.", "en", (0, 0)),
        ("今天天气很好", "zh", (0, 6)),
        ("今天天气很好", "cmn", (0, 0)),
        ("สวัสดีครับ", "th", (0, 0)),
        ("नमस्ते दुनिया", "hi", (2, 6)),
    ],
)
def test_what_can_not_be_counted_has_no_rate(text: str, language: str, counts: tuple[int, int]) -> None:
    """A clause of Chinese would be one word, and twelve none: rates far too low, and no warning."""
    (cell,) = compare(jobs_for([Text(text, language)], [replace(TONE, language=language)], recognised=False))
    assert (cell.figures.words, cell.figures.syllables) == counts
    frame = to_frame([replace(cell, figures=replace(cell.figures, speech=1.0))])
    assert np.isnan(frame.words_per_second[0]) == (counts[0] == 0)
    assert np.isnan(frame.speaking_rate[0]) == (counts[1] == 0)


def test_the_sound_is_kept_whole(tmp_path: Path) -> None:
    """What is heard on the page would be another sound than what was measured."""
    (cell, _) = compare(tones(), keep=tmp_path)
    samples, rate = soundfile.read(tmp_path / f"{job_hash(cell.job)}.flac")
    assert rate == SCRIPTED_RATE
    assert len(samples) / rate == pytest.approx(cell.figures.duration)
    assert cell.opus.startswith(b"OggS")
    (unkept, _) = compare(tones())
    assert unkept.flac == (tmp_path / f"{job_hash(cell.job)}.flac").read_bytes()


class Counting(Executor):
    """Does its work at once, and knows which futures somebody still holds."""

    def __init__(self) -> None:
        self.futures = weakref.WeakSet[Future[object]]()

    def submit(self, fn, /, *args, **kwargs):
        """Do that."""
        future: Future[object] = Future()
        future.set_result(fn(*args, **kwargs))
        self.futures.add(future)
        return future


def test_sound_that_is_kept_does_not_fill_the_memory(tmp_path: Path) -> None:
    """A comparison of thousands of cells would take gigabytes, and be killed near its end."""
    many = [Text("One more. " * count, "en") for count in range(1, 13)]
    jobs = jobs_for(many, [TONE], recognised=False)
    executor = Counting()
    held: list[int] = []
    found = compare(
        jobs, executor=executor, keep=tmp_path, progress=lambda *_: held.append(len(executor.futures))
    )
    assert held == [0, 3, 2, 1]
    assert [cell.flac for cell in found + compare(jobs, keep=tmp_path)] == [b""] * 24
    (tmp_path / f"{job_hash(jobs[0])}.flac").unlink()
    compare(jobs, keep=tmp_path)
    assert (tmp_path / f"{job_hash(jobs[0])}.flac").is_file()


class Unwilling(Executor):
    """Refuses every piece of work."""

    def submit(self, fn, /, *args, **kwargs):
        """Do that."""
        del fn, args, kwargs
        raise AssertionError("was asked to measure again")


def test_what_was_measured_is_found_again(tmp_path: Path) -> None:
    """A second run would cost as much as the first; a changed text or setting would show the old figures."""
    first = compare(tones(), keep=tmp_path)
    assert compare(tones(), keep=tmp_path, executor=Unwilling()) == first
    changed = jobs_for([Text("Another one.", "en")], [TONE], recognised=False)
    with pytest.raises(AssertionError, match="measure again"):
        compare(changed, keep=tmp_path, executor=Unwilling())
    assert len({job_hash(job) for job in [*tones(), *changed, *jobs_for(TEXTS, [TONE])]}) == 5


def test_a_half_written_cell_is_measured_again(tmp_path: Path) -> None:
    """An interrupted run would leave a folder that can't be used any more."""
    (first, _) = compare(tones(), keep=tmp_path)
    kept = tmp_path / f"{job_hash(first.job)}.json"
    kept.write_text(kept.read_text()[:20])
    (again, _) = compare(tones(), keep=tmp_path)
    assert again.figures.duration == first.figures.duration
    assert json.loads(kept.read_text())["words"] == 4


def test_any_executor_gives_the_same_in_the_same_order(tmp_path: Path) -> None:
    """Cells would be mixed up where parts come back in another order."""
    many = [Text("One more. " * count, "en") for count in range(1, 10)]
    jobs = jobs_for(many, [TONE], recognised=False)
    done: list[tuple[int, int]] = []
    with ThreadPoolExecutor(2) as executor:
        found = compare(jobs, executor=executor, progress=lambda *told: done.append(told))
    assert [cell.job for cell in found] == jobs
    assert [cell.figures.duration for cell in found] == sorted(cell.figures.duration for cell in found)
    assert done[0] == (0, 9)
    assert done[-1] == (9, 9)


class Dying(Executor):
    """Loses its worker."""

    def submit(self, fn, /, *args, **kwargs):
        """Do that."""
        del fn, args, kwargs
        future: Future[object] = Future()
        future.set_exception(OSError("gone"))
        return future


def test_a_dead_worker_is_said_in_a_sentence() -> None:
    """A traceback of the executor would come instead."""
    with pytest.raises(WorkbenchError, match="a worker of the comparison failed: OSError"):
        compare(tones(), executor=Dying())


def test_obedience_is_measured_against_the_plain_cells() -> None:
    """Done would be measured against another text or voice: made-up figures, worked out by hand."""
    fast = Setting(name="fast", rate=1.2, pitch=2)
    cells = compare(jobs_for(TEXTS, [TONE], [Setting(), fast], recognised=False))
    made = [
        replace(
            cell,
            figures=replace(cell.figures, speech=speech, pausing=0.5, f0_median_hz=f0, loudness_lufs=lufs),
        )
        for cell, speech, f0, lufs in zip(
            cells, (2.5, 1.5, 2.1, 1.3), (100, 100, 112, 112), (-20, -21, -19, -20), strict=True
        )
    ]
    plain, asked = rows(made)
    assert asked.rate_done == pytest.approx((2.0 / 1.6 + 1.0 / 0.8) / 2)
    assert asked.pitch_done == pytest.approx(12 * np.log2(1.12))
    assert asked.volume_done == 1
    assert plain.rate_done == 1
    (alone,) = rows(made[2:])
    assert np.isnan(alone.rate_done)
    drawn = figures([plain, asked])[-1]
    rings = [trace for trace in drawn.data if trace.name == "asked"]
    marks = [trace for trace in drawn.data if trace.name == "measured, en"]
    assert [list(ring.x) for ring in rings] == [[1.2], [2]]
    assert [list(mark.x) for mark in marks] == [[asked.rate_done], [asked.pitch_done]]
    assert {name for trace in drawn.data for name in trace.y} == {"scripted:tone, fast (en)"}
    assert [one.title.text for one in (drawn.layout.xaxis, drawn.layout.xaxis2)] == [
        "rate, factor",
        "pitch, semitones",
    ]


def test_each_of_a_few_voices_has_a_mark_of_its_own_and_of_many_each_language() -> None:
    """Names would lie on one another, or be cut off at the edge, or nobody would know whose a point is."""
    (one,) = rows(compare(tones()))
    made = [
        replace(one, setting=Setting(name=f"s{number}"), f0_median_hz=100.0 + number) for number in range(9)
    ]
    few, many = (figures(some)[1] for some in (made[:8], made))
    assert [trace.name for trace in few.data] == [f"scripted:tone, s{number} (en)" for number in range(8)]
    assert len({(trace.marker.color, trace.marker.symbol) for trace in few.data}) == 8
    assert [trace.name for trace in many.data] == ["en"]
    assert few.layout.legend.title.text == "voice"
    low, high = few.layout.xaxis.range
    assert 10**low < 100 < 107 < 10**high
    assert figures([]) == []


@pytest.mark.parametrize(
    ("texts", "voices", "problem"),
    [
        ([], [TONE], "there are no texts, expected something to say"),
        ([TEXTS[0], Text("...", "en")], [TONE], "text 2 has no words, expected something to say"),
        (["Hello"], [TONE], r'texts hold a str, expected each as Text\("...", "en"\)'),
        (TEXTS[0], [TONE], "texts are one Text, expected a list"),
        (TEXTS, ["af_heart"], r'voices hold a str, expected each as named\("af_heart"\)'),
        (TEXTS, "af_heart", "voices are one str, expected a list"),
    ],
)
def test_what_can_not_be_said_is_told_before_the_work(texts, voices, problem):
    """A name in place of a voice would end in an AttributeError, an empty text after minutes of synthesis."""
    with pytest.raises(ParameterError, match=problem):
        jobs_for(texts, voices)
    if isinstance(texts, list) and texts[1:]:
        with pytest.raises(ParameterError):
            melodies(texts[1], voices)


def test_the_page_says_where_its_times_are_from(tmp_path: Path) -> None:
    """Times of an idle machine would stand beside those of a busy one, or be called this machine's."""
    jobs = tones()
    compare(jobs[:1], keep=tmp_path)
    cells = compare(jobs, keep=tmp_path)
    page = render_comparison(Compared(cells=cells, command="", at_once=2))
    assert "wall times with 2 cells at once on this machine, one thread each" in page
    assert "1 of 2 cells were found from earlier runs: their times are of those." in page
    page = render_comparison(Compared(cells=compare(jobs), command="", at_once=None))
    assert "wall times with as many cells at once as the cluster ran, one thread each" in page
    assert "earlier runs" not in page


def test_the_page_holds_all_and_needs_nothing() -> None:
    """It would be empty without a network, or show a text as markup."""
    cells = compare(tones())
    page = render_comparison(Compared(cells=cells, command="workbench compare", at_once=1))
    assert page.count("<audio") == 2
    assert "data:audio/ogg;base64," in page
    assert "And one &lt;more&gt;." in page
    assert 'src="http' not in page
    assert "220 Hz" in page
