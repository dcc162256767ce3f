import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from workbench.analysis.listening import Design, Method, Role
from workbench.analysis.listening_answers import TIE, AnswerBook, answers_of, check_given, complete
from workbench.analysis.listening_folder import ListeningTest, prepare
from workbench.analysis.listening_sounds import Sound
from workbench.errors import ParameterError

RATE = 16_000


def made(folder: Path, method: Method = Method.PREFERENCE, systems: str = "ab") -> ListeningTest:
    rng = np.random.default_rng(3)
    sounds = [
        Sound(system=system, item=item, samples=rng.uniform(-0.1, 0.1, RATE).astype(np.float32), rate=RATE)
        for system in systems
        for item in ("one", "two", "three")
    ]
    reference = systems[0] if method is Method.MUSHRA else ""
    return prepare(Design(method=method, reference=reference), sounds, folder)


@pytest.fixture
def test(tmp_path: Path) -> ListeningTest:
    return made(tmp_path)


def test_an_answer_is_on_the_disk_before_the_next_and_a_listener_goes_on_where_they_were(test) -> None:
    """Whoever closes the page in the middle would begin anew, or answer twice."""
    book = AnswerBook(test, " Kim ")
    first = book.current
    book.keep(first.number, 1, seconds=2.345, plays=[1, 2])
    again = AnswerBook(test, "Kim")
    assert again.number == book.number == 0
    assert again.current.number == first.number + 1
    again.keep(again.current.number, TIE)
    read = answers_of(test)
    assert [(one.listener, one.given) for one in read] == [("Kim", 1), ("Kim", TIE)]
    assert (read[0].seconds, read[0].plays, read[0].trial) == (2.35, (1, 2), first)


def test_several_listeners_have_files_and_plans_of_their_own(test) -> None:
    """Answers of one would be counted as another's, or positions not be balanced."""
    books = [AnswerBook(test, name) for name in ("kim", "Zoë", "kim")]
    assert [book.number for book in books] == [0, 1, 0]
    assert books[0].trials != books[1].trials
    names = sorted(file.name for file in test.answers.iterdir())
    assert names == ["listener-0001.jsonl", "listener-0002.jsonl"]


def test_a_file_says_nothing_of_the_listener_but_the_name(test) -> None:
    """A listener would be known by when, where or on what they listened."""
    book = AnswerBook(test, "kim")
    book.keep(0, 0)
    head, line = map(json.loads, (test.answers / "listener-0001.jsonl").read_text().splitlines())
    assert set(head) == {"listener", "test", "trials"}
    assert set(line) == {"trial", "given", "seconds", "plays"}


def test_a_line_that_was_cut_off_is_answered_again(test) -> None:
    """A power cut in the middle of a write would end the test for this listener, or spoil all answers."""
    book = AnswerBook(test, "kim")
    book.keep(0, 0)
    file = test.answers / "listener-0001.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"trial": 1, "ro')
    assert len(answers_of(test)) == 1
    again = AnswerBook(test, "kim")
    again.keep(again.current.number, 1)
    assert [one.trial.number for one in answers_of(test)] == [0, 1]


def test_a_killed_process_loses_no_answer(test) -> None:
    """Answers kept in memory would be gone with the kernel."""
    program = """
import os, signal, sys
from pathlib import Path
from workbench.analysis.listening_answers import AnswerBook
from workbench.analysis.listening_folder import open_test
book = AnswerBook(open_test(Path(sys.argv[1])), "kim")
for _ in range(3):
    book.keep(book.current.number, 1)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program, str(test.folder)], check=False)
    assert done.returncode == -9
    assert AnswerBook(test, "kim").current.number == 3
    assert len(answers_of(test)) == 3


def test_of_two_answers_to_one_trial_the_first_counts(test) -> None:
    """Two pages of one listener would count twice."""
    one, other = AnswerBook(test, "kim"), AnswerBook(test, "kim")
    one.keep(0, 0)
    other.keep(0, 1)
    assert [answer.given for answer in answers_of(test)] == [0]
    assert AnswerBook(test, "kim").current.number == 1


def test_who_has_answered_all_is_complete(test) -> None:
    """A listener in the middle would be counted."""
    book = AnswerBook(test, "kim")
    while book.current:
        assert complete(test, answers_of(test)) == []
        book.keep(book.current.number, 0)
    assert complete(test, answers_of(test)) == ["kim"]
    with pytest.raises(ParameterError, match="trial 3 was answered, expected none"):
        book.keep(3, 0)


@pytest.mark.parametrize(
    ("method", "given", "said"),
    [
        (Method.PREFERENCE, 2, "the preference trial was answered 2, expected 0, 1 or 'tie'"),
        (Method.PREFERENCE, True, "expected 0, 1 or 'tie'"),
        (Method.ABX, TIE, "the abx trial was answered 'tie', expected 0, 1"),
        (Method.MOS, 0, "the mos trial was answered 0, expected a score of 1 to 5"),
        (Method.MOS, "5", "expected a score of 1 to 5"),
        (Method.MUSHRA, [10, 20], "expected 3 scores of 0 to 100"),
        (Method.MUSHRA, [10, 20, 101], "expected 3 scores of 0 to 100"),
        (Method.MUSHRA, 50, "expected 3 scores of 0 to 100"),
    ],
)
def test_an_answer_that_can_not_be_given(method: Method, given: object, said: str, tmp_path: Path) -> None:
    """A page that is wrong would write what nobody can count."""
    asked = made(tmp_path, method)
    trial = next(one for one in asked.trials(0) if one.role is Role.TEST)
    with pytest.raises(ParameterError) as caught:
        check_given(asked.design, trial, given)
    assert said in str(caught.value)


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "a\x00b"])
def test_a_name_that_can_not_be(test: ListeningTest, name: str) -> None:
    """A file would begin with nobody."""
    with pytest.raises(ParameterError, match="expected 1 to 40 that can be printed"):
        AnswerBook(test, name)


def test_answers_to_another_test_are_refused(test: ListeningTest, tmp_path: Path) -> None:
    """Results of two tests would be added up."""
    AnswerBook(test, "kim").keep(0, 0)
    file = test.answers / "listener-0001.jsonl"
    file.write_text(file.read_text().replace(test.name, "0" * 16))
    with pytest.raises(ParameterError, match="holds answers to another test"):
        answers_of(test)
    file.write_text(json.dumps({"listener": "kim", "test": test.name}) + "\n")
    with pytest.raises(ParameterError, match="its first line can't be read as a listener's trials"):
        answers_of(test)


def test_a_line_that_is_no_answer_is_told(test: ListeningTest) -> None:
    """Half of a listener's answers would be counted."""
    AnswerBook(test, "kim")
    with (test.answers / "listener-0001.jsonl").open("a") as file:
        file.write('{"trial": 0}\n')
    with pytest.raises(ParameterError, match="a line can't be read as an answer"):
        answers_of(test)


def test_a_listener_keeps_the_trials_they_began_with(test: ListeningTest, monkeypatch) -> None:
    """Another version of numpy draws another order: answers would be taken as answers to other sounds."""
    from workbench.analysis import listening_folder

    book = AnswerBook(test, "kim")
    book.keep(0, 0)
    monkeypatch.setattr(listening_folder, "plan", lambda *_: [])
    again = AnswerBook(test, "kim")
    assert again.trials == book.trials
    assert answers_of(test)[0].trial == book.trials[0]


def test_what_can_not_be_written_is_told_and_nothing_half_is_left(test, monkeypatch) -> None:
    """An answer would seem kept on a full disk, and the next be glued to half a line."""
    import os

    book = AnswerBook(test, "kim")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ParameterError, match="an answer can't be kept: no space left on device"):
        book.keep(0, 0)
    monkeypatch.undo()
    assert book.current.number == 0
    book.keep(0, 1)
    assert [one.given for one in answers_of(test)] == [1]
