"""``workbench rerun`` as a user runs it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from workbench.cli import main
from workbench.conversation.assistants import load_assistant, save_with_voice
from workbench.core.events import FinalTranscript, SessionOpened
from workbench.core.timeline import Timeline
from workbench.data import data_folder
from workbench.privacy.recordings import mask_recording
from workbench.security.keyring import Key, Keyring
from workbench.security.keys import new_key
from workbench.security.store_keys import StoreKeys
from workbench.store.recording import Recording, load_recording

SESSION = data_folder() / "sessions" / "coffee"
RATE = 16_000


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """Return a session of which little was kept of the caller: a tone for scripted engines."""
    whole = load_recording(SESSION)
    tone = 0.2 * np.sin(2 * np.pi * 150 * np.arange(round(2.0 * RATE)) / RATE)
    caller = np.concatenate([np.zeros(4_800), tone, np.zeros(2 * RATE)]).astype(np.float32)
    recording = Recording(
        timeline=whole.timeline,
        caller=caller,
        caller_rate=RATE,
        agent=np.zeros(24_000, np.float32),
        agent_rate=24_000,
        device_zero=whole.device_zero,
    )
    return recording.save(tmp_path / "short")


def test_the_caller_is_heard_by_other_engines(
    short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Engines could be compared by a program only."""
    monkeypatch.setenv("WORKBENCH_SCRIPT", json.dumps(["a small mocha please now"]))
    out = tmp_path / "again"
    arguments = ["rerun", str(short), "--engines", "scripted", "--voice", "bm_george", "--out", str(out)]
    assert main(arguments) == 0
    told = capsys.readouterr().out
    assert 'a small mocha please now"' in told
    assert "rerun     engines scripted, voice bm_george, language en" in told
    before, after = load_recording(short).timeline.events, load_recording(out).timeline.events
    assert [e.body.text for e in after if isinstance(e.body, FinalTranscript)] == ["a small mocha please now"]
    (opened,) = (event.body for event in after if isinstance(event.body, SessionOpened))
    assert (opened.assistant, opened.settings["voice"]) == ("coffee", "bm_george")
    words = " ".join(e.body.text for e in before if isinstance(e.body, FinalTranscript)).split()
    assert "error rates: words " in told
    rate = float(told.split("error rates: words ")[1].split(" %")[0])
    assert round(rate * len(words) / 100, 6) == pytest.approx(errors(words), abs=0.05 * len(words) / 100)


def errors(words: list[str]) -> int:
    """Return the fewest words to change, leave out or put in, worked out on another way."""
    one = [word.lower().strip(".,?!") for word in words]
    other = ["a", "small", "mocha", "please", "now"]
    best: dict[tuple[int, int], int] = {}
    for i in range(len(one) + 1):
        for j in range(len(other) + 1):
            if not i or not j:
                best[i, j] = i + j
                continue
            change = best[i - 1, j - 1] + (one[i - 1] != other[j - 1])
            best[i, j] = min(change, best[i - 1, j] + 1, best[i, j - 1] + 1)
    return best[len(one), len(other)]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--voice", "nobody"], "nobody"),
        (["--trust", "a.pem"], "--trust is for the endpoint of --url, expected both or none"),
        (
            ["--url", "ws://127.0.0.1:1", "--voice", "bm_george"],
            "--voice is for an endpoint started here, the one of --url has its own",
        ),
        (
            ["--url", "ws://127.0.0.1:1", "--assistant", "a.yaml"],
            "--assistant is a file, expected a name that the endpoint of --url offers",
        ),
        (["--models", "/nowhere"], "--models is /nowhere, expected a folder with model weights"),
        (["--out", str(SESSION)], "--out is the recorded session itself"),
        (["--out", str(SESSION / "meta.json")], "meta.json: is a file, expected a folder for the session"),
        (["--language", "english please"], "language is 'english please', expected a tag such as en-GB"),
        (["--assistant", "tea"], "there is no assistant 'tea', expected one of coffee, rooms"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_started(
    arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip would be told after a minute of talk."""
    assert main(["rerun", str(SESSION), *arguments]) == 2
    told = capsys.readouterr()
    assert problem in told.err
    assert not told.out
    assert "in real time" not in told.err


def test_engines_that_are_not_there_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong name would be tried."""
    with pytest.raises(SystemExit):
        main(["rerun", str(SESSION), "--engines", "mine"])
    assert "invalid choice: 'mine'" in capsys.readouterr().err


def masked(folder: Path) -> None:
    """Write a session of which a word of the caller was hidden."""
    whole = load_recording(SESSION)
    events, named = Timeline(), False
    for event in whole.timeline.events:
        body = event.body
        if isinstance(body, FinalTranscript) and not named:
            words = (replace(body.words[0], text="[PERSON_1]"), *body.words[1:])
            body, named = replace(body, words=words), True
        events.append(replace(event, body=body))
    made = Recording(
        timeline=events,
        caller=whole.caller,
        caller_rate=whole.caller_rate,
        agent=whole.agent,
        agent_rate=whole.agent_rate,
        device_zero=whole.device_zero,
    )
    mask_recording(made).save(folder)


def damaged(folder: Path) -> None:
    """Write a session whose track of the caller is no audio."""
    shutil.copytree(SESSION, folder, dirs_exist_ok=True)
    (folder / "caller.flac").write_bytes(b"no audio")


def without_sound(folder: Path) -> None:
    """Write the events of a session alone."""
    shutil.copy(SESSION / "events.jsonl", folder)


def silent(folder: Path) -> None:
    """Write a session of which no sample was kept."""
    whole, none = load_recording(SESSION), np.zeros(0, np.float32)
    made = Recording(
        timeline=whole.timeline, caller=none, caller_rate=RATE, agent=none, agent_rate=24_000, device_zero=0.0
    )
    made.save(folder)


def sealed(folder: Path) -> None:
    """Write a session that only its key opens, and lose that."""
    load_recording(SESSION).save_sealed(folder, "s", StoreKeys(Keyring([Key(new_key())])))


def foreign(folder: Path) -> None:
    """Write a session with an assistant that is not shipped."""
    whole, events = load_recording(SESSION), Timeline()
    for event in whole.timeline.events:
        body = event.body
        events.append(
            replace(event, body=replace(body, assistant="tea")) if isinstance(body, SessionOpened) else event
        )
    whole.timeline = events
    whole.save(folder)


BROKEN = [
    (masked, "the session is masked and 1 of the caller's words are silent"),
    (damaged, "caller.flac: can't be read as audio"),
    (without_sound, "holds events and no sound"),
    (silent, "no sound of the caller, there is nothing to say again"),
    (sealed, "master key"),
    (foreign, "the session was with 'tea', which is none of coffee, rooms, expected its file"),
]


@pytest.mark.parametrize(("make", "problem"), BROKEN, ids=[make.__name__ for make, _ in BROKEN])
def test_a_session_that_can_not_be_said_again_is_refused(
    make: Callable[[Path], object], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Engines would be compared on what was never said to them."""
    folder = tmp_path / "session"
    folder.mkdir()
    make(folder)
    assert main(["rerun", str(folder)]) == 2
    told = capsys.readouterr()
    assert problem in told.err
    assert not told.out
    assert "in real time" not in told.err


@pytest.mark.parametrize("name", ["coffee", "rooms"])
def test_an_assistant_with_another_voice_is_the_same_in_all_else(name: str, tmp_path: Path) -> None:
    """A voice would change what is understood and said."""
    save_with_voice(name, "bm_george", tmp_path / "other.yaml")
    own, other = load_assistant(name), load_assistant(tmp_path / "other.yaml")
    assert own.voice != other.voice == "bm_george"
    assert other.model_copy(update={"voice": own.voice}) == own
