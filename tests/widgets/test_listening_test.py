"""A listening test's half in the kernel: what a page is told, and what it must not be told."""

import json
import threading
from pathlib import Path

import comm
import numpy as np
import pytest
from patience import PATIENCE
from recording_comm import RecordingComm

from workbench.analysis.listening import Design, Method, Role
from workbench.analysis.listening_answers import answers_of
from workbench.analysis.listening_folder import ListeningTest, prepare
from workbench.analysis.listening_sounds import Sound
from workbench.errors import AudioFileError, ParameterError
from workbench.widgets.listening_test import ListeningTestPanel, labels, sounds_of

RATE = 16_000
NAMES = ("voice-ann", "voice-bob")


@pytest.fixture(autouse=True)
def recording_comm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comm, "create_comm", lambda **kwargs: RecordingComm(**kwargs))


def made(folder: Path, method: Method = Method.PREFERENCE) -> ListeningTest:
    rng = np.random.default_rng(3)
    sounds = [
        Sound(system=system, item=item, samples=rng.uniform(-0.1, 0.1, RATE).astype(np.float32), rate=RATE)
        for system in NAMES
        for item in ("first-text", "second-text")
    ]
    reference = NAMES[0] if method is Method.MUSHRA else ""
    return prepare(Design(method=method, reference=reference, practice=1), sounds, folder)


def given_to(panel: ListeningTestPanel) -> object:
    method = panel.page["method"]
    return [50] * (len(panel.page["labels"]) - 1) if method == "mushra" else 1


def answer(panel: ListeningTestPanel, **changes: object) -> None:
    plays = [1] * len(panel.page["labels"])
    told = {"trial": panel.page["trial"], "given": given_to(panel), "seconds": 1.5, "plays": plays}
    panel.comm.ask(kind="answer", **{**told, **changes})


@pytest.mark.parametrize("method", list(Method))
def test_a_whole_test_is_blind(method: Method, tmp_path: Path) -> None:
    """Somebody who looks into the page's messages would know which voice they hear."""
    test = made(tmp_path, method)
    panel = ListeningTestPanel(test)
    assert panel.page["phase"] == "name"
    panel.comm.ask(kind="begin", name="kim")
    trials = test.trials(0)
    for trial in trials:
        assert (panel.page["phase"], panel.page["trial"]) == ("trial", trial.number)
        assert bool(panel.page["practice"]) == (trial.role is Role.PRACTICE)
        panel.comm.ask(kind="sounds", trial=trial.number)
        panel.wait()
        answer(panel)
    assert panel.page["phase"] == "done"
    assert [one.given for one in answers_of(test)] == [
        (50,) * len(trial.shown) if method is Method.MUSHRA else 1 for trial in trials
    ]
    states = [data.get("state", {}) for data, _ in panel.comm.sent]
    own = [{key: value for key, value in one.items() if key not in ("_esm", "_css")} for one in states]
    told = json.dumps([own, [data.get("content") for data, _ in panel.comm.sent]])
    secrets = [*NAMES, "muffled", "anchor", "catch", "repeat", "flac", "first-text", str(tmp_path)]
    assert not [one for one in secrets if one in told]
    # nor do bytes of one trial's sound come again
    buffers = [bytes(one) for _, held in panel.comm.answers("sounds") for one in held]
    assert len(set(buffers)) == len(buffers) == sum(len(labels(method, one)) for one in trials)
    panel.close()


def test_x_sounds_like_the_one_it_is_and_like_no_other(tmp_path: Path) -> None:
    """X would be neither of the two."""
    test = made(tmp_path, Method.ABX)
    panel = ListeningTestPanel(test, listener="kim")
    for trial in test.trials(0):
        panel.comm.ask(kind="sounds", trial=trial.number)
        panel.wait()
        content, buffers = panel.comm.answers("sounds")[-1]
        a, b, x = (np.frombuffer(one, "<i2").astype(float) for one in buffers)
        apart = [np.abs(one[: len(x)] - x[: len(one)]).max() for one in (a, b)]
        assert content["rate"] == RATE
        assert apart[trial.hidden] <= 2 < 100 < apart[1 - trial.hidden]
        answer(panel)


def test_what_is_sent_is_the_sound_to_half_a_step(tmp_path: Path) -> None:
    """Dither would be heard, or the sound be another."""
    test = made(tmp_path)
    panel = ListeningTestPanel(test, listener="kim")
    panel.comm.ask(kind="sounds", trial=0)
    panel.wait()
    trial = test.trials(0)[0]
    for name, buffer in zip(sounds_of(test, trial), panel.comm.answers("sounds")[0][1], strict=True):
        samples, _ = test.sound(name, trial.item)
        error = np.frombuffer(buffer, "<i2") - samples * 32_767
        assert np.abs(error).max() <= 1.5
        assert abs(error.mean()) < 0.03
        assert error.std() == pytest.approx(0.5, abs=0.02)  # triangular dither and rounding: 1/6 + 1/12 = 1/4


def test_whoever_comes_again_goes_on_and_somebody_else_is_asked(tmp_path: Path) -> None:
    """A second Kim would answer the rest of the first Kim's test."""
    test = made(tmp_path)
    first = ListeningTestPanel(test, listener="kim")
    answer(first)
    first.close()
    again = ListeningTestPanel(tmp_path)
    again.comm.ask(kind="begin", name=" kim ")
    assert (again.page["phase"], again.page["listener"]) == ("known", "kim")
    again.comm.ask(kind="begin", name="kim", known=True)
    assert (again.page["phase"], again.page["trial"]) == ("trial", 1)
    assert again.listener == "kim"
    other = ListeningTestPanel(test)
    other.comm.ask(kind="begin", name="lou")
    assert other.page["trial"] == 0
    other.comm.ask(kind="begin", name="kim", known=True)
    assert other.listener == "lou"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"given": 7}, "the preference trial was answered 7, expected 0, 1 or 'tie'"),
        ({"plays": [1, 0]}, "of 2 sounds 1 were heard, expected all"),
        ({"plays": [1]}, "of 2 sounds 1 were heard, expected all"),
        ({"plays": [10**9, 1]}, "of 2 sounds 2 were heard, expected all"),
    ],
)
def test_what_a_page_may_not_answer_is_told_and_not_kept(asked: dict, said: str, tmp_path: Path) -> None:
    """A page that is wrong would spoil the answers, or wait for ever."""
    test = made(tmp_path)
    panel = ListeningTestPanel(test, listener="kim")
    answer(panel, **asked)
    assert panel.page["problem"] == said
    assert panel.page["trial"] == 0
    assert answers_of(test) == []
    answer(panel)
    assert (panel.page["problem"], panel.page["trial"]) == ("", 1)


def test_a_page_that_speaks_of_another_trial_is_shown_the_current_one(tmp_path: Path) -> None:
    """Two pages of one listener would wait for ever."""
    panel = ListeningTestPanel(made(tmp_path), listener="kim")
    answer(panel)
    before = panel.page
    answer(panel, trial=0)
    panel.comm.ask(kind="sounds", trial=0)
    assert panel.page["trial"] == before["trial"] == 1
    assert panel.page["revision"] > before["revision"]
    assert panel.comm.answers("sounds") == []


def test_a_page_that_makes_no_sense_is_passed_over(tmp_path: Path, caplog) -> None:
    """A traceback would stand in the log, with what the page sent."""
    panel = ListeningTestPanel(made(tmp_path), listener="kim")
    panel.comm.ask(kind="sounds", trial="secret")
    panel.comm.ask(given=3)
    assert "a page asked the test for something that is not there: ValueError" in caplog.text
    assert "secret" not in caplog.text


def test_what_goes_wrong_is_said_in_the_page(tmp_path: Path) -> None:
    """A listener would wait for a sound that never comes."""
    test = made(tmp_path)
    panel = ListeningTestPanel(test)
    panel.comm.ask(kind="begin", name="  ")
    assert "expected 1 to 40 that can be printed" in panel.page["problem"]
    panel.comm.ask(kind="begin", name="kim")
    for file in (tmp_path / "sounds").iterdir():
        file.unlink()
    panel.comm.ask(kind="sounds", trial=0)
    panel.wait()
    assert "no such file" in panel.page["problem"].lower()
    with pytest.raises(ParameterError, match="holds no listening test"):
        ListeningTestPanel(tmp_path / "none")


def test_sounds_are_decoded_beside_the_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fourteen sounds of a minute would hold up every other cell and message of the kernel."""
    at_work, go_on = threading.Event(), threading.Event()
    read = ListeningTest.sound

    def slow(test: ListeningTest, system: str, item: str) -> object:
        at_work.set()
        assert go_on.wait(PATIENCE)
        return read(test, system, item)

    monkeypatch.setattr(ListeningTest, "sound", slow)
    panel = ListeningTestPanel(made(tmp_path), listener="kim")
    panel.comm.ask(kind="sounds", trial=0)
    assert at_work.wait(PATIENCE)
    panel.comm.ask(kind="sounds", trial=0)  # a second view of the page; a third takes its place
    panel.comm.ask(kind="sounds", trial=0)
    assert panel.comm.answers("sounds") == []
    with pytest.raises(ParameterError, match="the sounds are not sent after 0 s"):
        panel.wait(0)
    go_on.set()
    panel.wait()
    assert len(panel.comm.answers("sounds")) == 2
    panel.close()


def test_what_went_wrong_with_sounds_of_an_earlier_trial_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A listener would read of a fault of sounds that are long answered."""
    at_work, go_on = threading.Event(), threading.Event()

    def slow(*_: object) -> object:
        at_work.set()
        assert go_on.wait(PATIENCE)
        raise AudioFileError("a.flac", "is missing")

    monkeypatch.setattr(ListeningTest, "sound", slow)
    panel = ListeningTestPanel(made(tmp_path), listener="kim")
    panel.comm.ask(kind="sounds", trial=0)
    assert at_work.wait(PATIENCE)
    answer(panel)
    go_on.set()
    panel.wait()
    assert (panel.page["trial"], panel.page["problem"]) == (1, "")
    panel.close()
