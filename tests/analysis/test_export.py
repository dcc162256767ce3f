"""Sessions in other programs' forms, read back by other programs' libraries."""

import csv
import io
from pathlib import Path

import pytest
import srt
import webvtt
from praatio import textgrid
from spoken_sessions import plain_session, recording, stopped

from workbench.analysis.export import FORMS, write_text
from workbench.analysis.export_captions import render_srt, render_webvtt, timestamp
from workbench.analysis.export_cues import Cue, cues, one_after_the_other, utterances
from workbench.analysis.export_tables import render_events, render_rttm, render_turns, render_words
from workbench.analysis.export_textgrid import render_textgrid
from workbench.analysis.latency import turns
from workbench.core.events import FinalTranscript, Word
from workbench.data import data_folder
from workbench.errors import ParameterError
from workbench.store.recording import Recording, load_recording

NASTY = 'a --> b <i>& "quoted"\n\n=SUM(1)'


def said(text: str, *, start: float = 1.0, end: float = 2.4) -> Recording:
    """Return the plain session with another final."""
    events = [(e.at, e.turn, e.body) for e in plain_session().timeline.events]
    tokens = text.split()
    step = (end - start) / max(1, len(tokens))
    final = FinalTranscript(
        text=text,
        words=tuple(
            Word(text=token, start=start + i * step, end=start + (i + 1) * step, confidence=0.9)
            for i, token in enumerate(tokens)
        ),
        confidence=0.9,
        language="en",
        audio_start=start,
        audio_end=end,
    )
    kept = [one for one in events if not isinstance(one[2], FinalTranscript)]
    return recording([*kept, (3.19, 0, final)], (3.43, 4.43))


def shipped() -> Recording:
    return load_recording(data_folder() / "sessions" / "coffee")


def test_webvtt_is_read_back_with_its_times_and_speakers() -> None:
    """Captions would be refused, or show at another time."""
    first, second = webvtt.from_string(render_webvtt(plain_session())).captions
    assert (first.start, first.end, first.voice, first.text) == (
        "00:00:01.000",
        "00:00:02.400",
        "Caller",
        "A large latte.",
    )
    assert (second.start, second.voice, second.text) == ("00:00:03.430", "Agent", "One large latte.")


def test_nothing_said_can_break_a_webvtt_cue() -> None:
    """A caller's words would become markup, a time, or a new cue."""
    text = render_webvtt(said(NASTY))
    assert 'a --&gt; b &lt;i&gt;&amp; "quoted" =SUM(1)' in text
    assert text.count("-->") == 2  # one for each cue, none in a text
    assert len(webvtt.from_string(text).captions) == 2


def test_srt_is_read_back_one_cue_after_the_other() -> None:
    """Players would show two cues at once, or skip one."""
    found = list(srt.parse(render_srt(shipped())))
    assert [cue.index for cue in found] == list(range(1, len(found) + 1))
    assert found[0].content.startswith("Caller: Hi, can I get")
    assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))
    assert all(cue.start < cue.end for cue in found)


def test_nothing_said_can_break_an_srt_cue() -> None:
    """An arrow in a text would be taken for a time."""
    found = list(srt.parse(render_srt(said(NASTY))))
    assert found[0].content == 'Caller: a → b ‹i›& "quoted" =SUM(1)'


def test_cues_that_begin_together_become_one() -> None:
    """One of two people who speak at once would flash by unread."""
    both = one_after_the_other(
        [
            Cue(start=1.0, end=3.0, lines=(("agent", "One"),)),
            Cue(start=1.2, end=2.0, lines=(("caller", "No"),)),
            Cue(start=2.5, end=4.0, lines=(("caller", "wait"),)),
        ]
    )
    assert [(cue.start, cue.end, len(cue.lines)) for cue in both] == [(1.0, 2.5, 2), (2.5, 4.0, 1)]


def test_a_long_utterance_is_cut_between_words() -> None:
    """A caption of a whole minute can't be read."""
    text = " ".join(f"word{n}" for n in range(60))
    cut = [cue for cue in cues(utterances(said(text, start=0.5, end=5.5))) if cue.lines[0][0] == "caller"]
    assert " ".join(cue.lines[0][1] for cue in cut) == text
    assert all(len(cue.lines[0][1]) <= 84 and cue.end - cue.start <= 7.0 for cue in cut)


def test_timestamps_carry_over() -> None:
    """Half a thousandth before the minute would be written as 60 seconds."""
    assert timestamp(59.9996, ".") == "00:01:00.000"


def test_a_textgrid_is_read_back_and_covers_the_recording(tmp_path: Path) -> None:
    """Praat refuses tiers with gaps, overlaps or another length."""
    path = write_text(tmp_path / "s.TextGrid", render_textgrid(shipped()))
    grid = textgrid.openTextgrid(str(path), includeEmptyIntervals=True, reportingMode="error")
    assert grid.tierNames == ("caller", "caller words", "agent", "agent words", "ends of turns")
    assert grid.maxTimestamp == pytest.approx(shipped().duration)
    for name in grid.tierNames[:4]:
        entries = grid.getTier(name).entries
        assert entries[0].start == 0
        assert entries[-1].end == grid.maxTimestamp
        assert all(a.end == b.start for a, b in zip(entries, entries[1:], strict=False))
    spoken = [entry.label for entry in grid.getTier("agent").entries if entry.label]
    assert spoken[0] == "One large iced mocha with a"
    words = [entry.label for entry in grid.getTier("agent words").entries if entry.label]
    assert words[:7] == [*spoken[0].split(), "One"]  # of "little" less than half was heard
    assert [point.label for point in grid.getTier("ends of turns").entries] == ["complete", "complete"]


def test_quotes_in_a_textgrid_are_doubled(tmp_path: Path) -> None:
    """A quote in a text would end it, and Praat refuse the file."""
    path = write_text(tmp_path / "s.TextGrid", render_textgrid(said(NASTY)))
    grid = textgrid.openTextgrid(str(path), includeEmptyIntervals=False, reportingMode="error")
    assert grid.getTier("caller").entries[0].label == 'a --> b <i>& "quoted" =SUM(1)'


def test_rttm_has_ten_fields_and_lies_within_the_recording() -> None:
    """Scoring tools split at spaces, and count what lies outside as an error."""
    lines = [line.split(" ") for line in render_rttm(shipped()).splitlines()]
    assert {len(line) for line in lines} == {10}
    assert {(line[0], line[2], line[7]) for line in lines} == {
        ("SPEAKER", "1", "caller"),
        ("SPEAKER", "2", "agent"),
    }
    starts = [float(line[3]) for line in lines]
    assert starts == sorted(starts)
    assert all(float(line[4]) > 0 for line in lines)
    assert max(float(line[3]) + float(line[4]) for line in lines) <= shipped().duration + 0.001


def test_an_interrupted_reply_ends_where_it_was_stopped() -> None:
    """An export would put words into the agent's mouth that nobody heard."""
    events = [
        (e.at, e.turn, e.body)
        for e in plain_session().timeline.events
        if type(e.body).__name__ != "PlaybackStopped"
    ]
    cut = stopped(4.05, 0.4, reason="barge-in")
    heard = utterances(recording([*events, (4.1, 0, cut)], (3.43, 3.8)))[1]
    assert heard.interrupted
    assert heard.end == pytest.approx(3.80)
    assert all(word.end <= heard.end for word in heard.words)


def test_words_that_can_not_be_timed_share_the_utterance() -> None:
    """A text whose words the recogniser did not time would be lost from the tables."""
    session = said("A large latte.")
    events = [
        (e.at, e.turn, e.body) for e in session.timeline.events if not isinstance(e.body, FinalTranscript)
    ]
    bare = FinalTranscript(
        text="Yes no", words=(), confidence=0.5, language="en", audio_start=1.0, audio_end=2.0
    )
    one = utterances(recording([*events, (3.19, 0, bare)], (3.43, 4.43)))[0]
    assert [(word.text, word.start, word.end) for word in one.words] == [("Yes", 1.0, 1.6), ("no", 1.6, 2.0)]


def test_times_beyond_the_recording_are_cut() -> None:
    """A format that knows its own length would be refused."""
    late = utterances(said("A large latte.", start=5.0, end=9.0))[-1]
    assert late.end == pytest.approx(6.0)
    assert all(word.end <= 6.0 for word in late.words)


def test_tables_are_read_back() -> None:
    """A spreadsheet would show other numbers than the report."""
    words = list(csv.DictReader(io.StringIO(render_words(plain_session()))))
    assert [(row["who"], row["word"]) for row in words][:3] == [
        ("caller", "A"),
        ("caller", "large"),
        ("caller", "latte."),
    ]
    (turn,) = csv.DictReader(io.StringIO(render_turns(plain_session())))
    (report,) = turns(plain_session())
    assert float(turn["response_time"]) == pytest.approx(report.response_time, abs=1e-6)
    assert float(turn["time endpointing"]) == pytest.approx(report.contributions["endpointing"], abs=1e-6)
    assert turn["slot coffeeDrink"] == "latte"
    events = list(csv.DictReader(io.StringIO(render_events(plain_session()))))
    assert [row["type"] for row in events][:2] == ["session-opened", "speech-started"]
    assert len(events) == len(plain_session().timeline)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    """What a caller said would be run by the spreadsheet that opens it."""
    events = [
        (e.at, e.turn, e.body)
        for e in plain_session().timeline.events
        if not isinstance(e.body, FinalTranscript)
    ]
    final = FinalTranscript(
        text=text, words=(), confidence=0.5, language="en", audio_start=1.0, audio_end=2.0
    )
    (turn,) = csv.DictReader(io.StringIO(render_turns(recording([*events, (3.19, 0, final)], (3.43, 4.43)))))
    assert turn["final"] == f"'{text}"
    # a number below zero is a number
    assert float(turn["unexplained"]) == pytest.approx(
        turns(recording([*events, (3.19, 0, final)], (3.43, 4.43)))[0].unexplained, abs=1e-6
    )


def test_every_form_takes_a_session_in_which_nothing_was_said() -> None:
    """A caller who hung up would be an error."""
    silent = recording([(e.at, e.turn, e.body) for e in plain_session().timeline.events[:1]])
    for form in FORMS.values():
        assert "latte" not in form.render(silent)


def test_an_export_that_can_not_be_written_says_so(tmp_path: Path) -> None:
    """A full disk would be a traceback."""
    with pytest.raises(ParameterError, match="can't be written: no such file or directory"):
        write_text(tmp_path / "missing" / "a.vtt", "WEBVTT\n")
