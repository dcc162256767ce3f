"""The tuner's half in the kernel, without a browser: what a page is told when a threshold moves."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import comm
import numpy as np
import pytest
from patience import PATIENCE
from recording_comm import RecordingComm

from workbench.analysis.outcomes import outcomes
from workbench.analysis.outcomes_made import made_turns
from workbench.analysis.policies import Policy
from workbench.analysis.policies_driven import drive
from workbench.analysis.sweep_space import policy_with
from workbench.analysis.tuner import TURN_COLUMNS
from workbench.analysis.tuner_reading import TunedOn
from workbench.conversation.assistants import load_assistant
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings
from workbench.conversation.tuning import TUNABLE, TurnTakingSettings
from workbench.core.events import ErrorRaised, Event, SessionClosed, Source, TurnTakingTuned
from workbench.core.timeline import Timeline
from workbench.data import data_folder
from workbench.errors import ParameterError
from workbench.store.recording import load_recording
from workbench.widgets.tuner import TurnTakingTuner
from workbench.widgets.tuner_told import SLIDERS

FOLDER = data_folder() / "tuning"


@pytest.fixture(autouse=True)
def recording_comm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comm, "create_comm", lambda **kwargs: RecordingComm(**kwargs))


@pytest.fixture
def tuner() -> Iterator[TurnTakingTuner]:
    made = TurnTakingTuner(FOLDER)
    yield made
    made.close()


def columns(tuner: TurnTakingTuner, data: bytes) -> dict[str, np.ndarray]:
    """Return the table of turns as a page reads it."""
    (table,) = tuner.info["layout"].values()
    return {
        name: np.frombuffer(data, f"<{kind}", count=table["rows"], offset=offset)
        for name, kind, offset in table["columns"]
    }


def move(tuner: TurnTakingTuner, **changes: float) -> None:
    """Move settings as a page does: JavaScript has one kind of number."""
    named = {name.replace("__", "."): value for name, value in changes.items()}
    tuner.settings = {**tuner.settings, **named}


def test_a_page_begins_with_the_recorded_settings_and_turns(tuner: TurnTakingTuner) -> None:
    """Moving a threshold would be compared with settings that nobody had."""
    assistant = load_assistant("coffee")
    assert tuner.settings["early.confidence"] == assistant.early.confidence
    assert tuner.settings["endpointing.hangover_min"] == assistant.endpointing.hangover_min
    assert len(tuner.info["turns"]) == 8
    assert tuner.info["turns"][0] == {
        "session": "coffee",
        "turn": 0,
        "text": "Hi, can I get a large iced mocha with a little bit of soy milk?",
    }
    assert tuner.decided == tuner.recorded
    assert set(columns(tuner, tuner.recorded)) == set(TURN_COLUMNS)


def test_every_slider_is_a_setting_that_a_live_session_takes() -> None:
    """What is tuned here could not be applied there."""
    names = [one["name"] for one in SLIDERS]
    assert set(names) <= set(TUNABLE)
    for one in SLIDERS[1:]:
        limits = TUNABLE[one["name"]]
        if "least" in one:
            assert limits.least <= one["least"] < one["most"] <= limits.most


def test_a_moved_threshold_decides_every_turn_as_the_very_deciders_do(tuner: TurnTakingTuner) -> None:
    """A person would choose settings by turns that never come out so."""
    move(tuner, endpointing__hangover_min=0.2, endpointing__hangover_max=1, early__confidence=0.9)
    assert tuner.policy == policy_with(
        tuner._read.base,
        {"endpointing.hangover_min": 0.2, "endpointing.hangover_max": 1.0, "early.confidence": 0.9},
    )
    driven = drive(tuner._read.turns, tuner.policy)
    expected = outcomes(driven, tuner._read.turns).response_time[0]
    told = columns(tuner, tuner.decided)
    assert told["response"] == pytest.approx(expected, abs=1e-5, nan_ok=True)
    assert tuner.outcome["now"]["response_median"][0] == pytest.approx(np.nanmedian(expected))
    assert "hangover_min: 0.2\n" in tuner.outcome["yaml"]
    assert tuner.turn["trace"]["end"] == pytest.approx(driven.end[0, 0] / 16_000)


def test_yaml_is_what_an_assistants_file_takes(tuner: TurnTakingTuner, tmp_path: Path) -> None:
    """Pasted settings would be refused."""
    move(tuner, endpointing__hangover_min=0.3, early__starts_max=2)
    whole = (data_folder() / "assistants" / "coffee.yaml").read_text(encoding="utf-8")
    kept = [part for part in whole.split("\n\n") if not part.lstrip().startswith(("early:", "endpointing:"))]
    path = data_folder() / "assistants" / "coffee.yaml"
    target = tmp_path / path.name
    (tmp_path / "shared").symlink_to(path.parent / "shared")
    target.write_text("\n\n".join(kept) + "\n" + tuner.yaml, encoding="utf-8")
    made = load_assistant(target)
    assert (made.endpointing.hangover_min, made.early.starts_max) == (0.3, 2)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"endpointing__hangover_min": 2.0}, "hangover_min is 2.0 s and hangover_max 1.4 s, expected"),
        ({"early__confidence": 3}, "early synthesis confidence is 3.0, expected 0 to 1"),
        ({"early__enabled": 0}, "these settings can't be"),
        ({"early__confidence": "high"}, "these settings can't be"),
    ],
)
def test_settings_that_can_not_be_are_told_and_the_last_ones_stay(
    tuner: TurnTakingTuner, changes: dict, problem: str
) -> None:
    """A page would wait for ever, or show figures of other settings than it says."""
    before, revision = tuner.decided, tuner.outcome["revision"]
    move(tuner, **changes)
    assert tuner.outcome["problem"].startswith(problem)
    assert tuner.outcome["revision"] > revision
    assert tuner.decided == before
    assert tuner.policy == tuner._read.base


def test_settings_that_can_not_be_are_not_applied() -> None:
    """The session would go by older settings than those that are shown, and the page call them applied."""
    live = Live()
    tuner = TurnTakingTuner(FOLDER, live=live)
    move(tuner, early__confidence=3)
    tuner.comm.ask(kind="apply")
    assert live.asked == []
    assert tuner.live["problem"].startswith("nothing is applied: early synthesis confidence is 3.0")
    move(tuner, early__confidence=0.9)
    tuner.comm.ask(kind="apply")
    assert [asked["early.confidence"] for asked in live.asked] == [0.9]
    assert tuner.live["problem"] == ""
    tuner.close()


def test_another_turn_brings_its_words_pauses_and_sound(tuner: TurnTakingTuner) -> None:
    """A click would show the thresholds on another turn than it plays."""
    tuner.selected = 3
    turn = tuner.turn
    assert "".join(word["text"] for word in turn["words"]) == "MountainView."
    recording = load_recording(FOLDER / "rooms")
    start = turn["words"][0]["start"]
    tuner.comm.ask(kind="sound", request=5, start=start, seconds=0.5)
    content, (data,) = tuner.comm.sent[-1]
    assert content["content"] == {"kind": "sound", "request": 5, "rate": recording.agent_rate}
    both = np.frombuffer(data, "<i2").reshape(-1, 2) / 32_767
    first = round(start * recording.agent_rate)
    assert both[:, 1] == pytest.approx(recording.agent[first : first + len(both)], abs=1e-4)
    assert np.abs(both[:, 0]).max() == pytest.approx(
        np.abs(recording.caller[round(start * 16_000) :][:8_000]).max(), abs=0.05
    )
    wave = np.frombuffer(tuner.wave, "<i2").reshape(2, -1, 2) / 32_767
    span = recording.caller[round(turn["from"] * 16_000) : round(turn["to"] * 16_000)]
    assert wave[0].max() == pytest.approx(span.max(), abs=1e-4)


def test_the_front_holds_the_grid_and_what_it_suggests_is_in_it(tuner: TurnTakingTuner) -> None:
    """A suggestion would be a point that nobody sees, or one that is beaten."""
    front = tuner.wait().front
    best = [one for one in front["points"] if one["best"]]
    assert 0 < len(best) < len(front["points"])
    chosen = front["points"][front["chosen"]]
    worth = (chosen["median"], chosen["cut"], chosen["wrong"])
    assert all(
        not (one["median"] < worth[0] and one["cut"] <= worth[1] and one["wrong"] <= worth[2]) for one in best
    )
    assert front["promise"].startswith("No promise of ")
    move(tuner, **{name.replace(".", "__"): chosen["settings"][name] for name in tuner.settings})
    assert tuner.outcome["now"]["response_median"][0] == pytest.approx(chosen["median"], abs=1e-6)
    assert tuner.outcome["now"]["cut"][0] == pytest.approx(chosen["cut"], abs=1e-6)


class Live:
    """A live session that does what it is told."""

    def __init__(self) -> None:
        self.timeline = Timeline()
        self.asked: list[dict[str, Any]] = []
        self.over = False

    def tune(self, changes: Any) -> None:
        """Keep what was asked for."""
        self.asked.append(dict(changes))

    def says(self, body: Any, turn: int = 0) -> None:
        """Record an event."""
        self.timeline.record(body, turn=turn, source=Source.TURN_TAKING)


def told(**changes: Any) -> TurnTakingTuned:
    plain = TurnTakingSettings(EarlySynthesisSettings(), EndpointingSettings())
    return TurnTakingTuned(settings=plain.with_changes(changes).told())


def test_applied_settings_are_compared_with_the_turns_that_begin_under_them() -> None:
    """A turn that was decided under other settings would speak for or against a prediction."""
    live = Live()
    tuner = TurnTakingTuner(FOLDER, live=live)
    tuner.comm.ask(kind="apply")
    assert live.asked == [{name: pytest.approx(value) for name, value in _all(tuner).items()}]
    assert tuner.live["state"] == "asked"
    recorded = load_recording(FOLDER / "rooms").timeline.events
    tuned_at = next(event.seq for event in recorded if event.turn == 2)
    for event in recorded:
        if event.seq == tuned_at:
            live.says(told(**live.asked[0]), turn=1)
        live.timeline.append(
            Event(
                seq=live.timeline.next_seq, at=event.at, turn=event.turn, source=event.source, body=event.body
            )
        )
    assert tuner.live["state"] == "over"
    rows = tuner.live["turns"]
    assert [row["turn"] for row in rows] == [2, 3, 4, 5]
    reports = load_recording(FOLDER / "rooms")
    from workbench.analysis.latency import turns

    measured = {one.turn: one.response_time for one in turns(reports)}
    assert [row["response"] for row in rows] == pytest.approx([measured[n] for n in (2, 3, 4, 5)], abs=0.1)
    summary = tuner.live["measured"]
    assert summary["response_median"] == pytest.approx(np.median([row["response"] for row in rows]))
    low, high = tuner.live["predicted"]["range"]
    assert summary["within"] == sum(low <= row["response"] <= high for row in rows) == 4
    assert [row["within"] for row in rows] == [True] * 4
    times = [one for one in columns(tuner, tuner.decided)["response"] if np.isfinite(one)]
    assert (low, high) == pytest.approx((min(times), max(times)))
    assert tuner.live["predicted"]["share"] == 7 / 9
    assert tuner.live["verdict"] == {
        "kind": "open",
        "text": "Too few turns to tell: 4 of 4 within the range. 1 more within would confirm the prediction, "
        "9 more outside would refute it.",
    }
    tuner.close()


def _all(tuner: TurnTakingTuner) -> dict[str, float]:
    both = {"early": tuner.policy.early, "endpointing": tuner.policy.endpointing}
    return {name: getattr(both[name.split(".")[0]], name.split(".")[1]) for name in TUNABLE}


@pytest.mark.parametrize("code", ["bad-setting", "wrong-scope"])
def test_what_the_session_refuses_is_told(code: str) -> None:
    """A person would go on talking under settings that never counted."""
    live = Live()
    tuner = TurnTakingTuner(FOLDER, live=live)
    tuner.apply()
    live.says(ErrorRaised(code=code, message="early.confidence is 3, expected 0 to 1"))
    assert tuner.live["problem"] == "early.confidence is 3, expected 0 to 1"
    assert tuner.live["state"] == "refused"
    live.says(SessionClosed(reason="client-left"))
    assert tuner.live["state"] == "missed"
    tuner.close()


def test_two_tuners_of_one_session_tell_whose_settings_count() -> None:
    """Both would say that the session goes by theirs, and hold turns to settings that were not theirs."""
    live = Live()
    first, second = TurnTakingTuner(FOLDER, live=live), TurnTakingTuner(FOLDER, live=live)
    move(second, endpointing__hangover_min=0.3)
    first.apply()
    second.apply()
    live.says(told(**live.asked[0]))
    assert (first.live["state"], second.live["state"]) == ("applied", "asked")
    live.says(told(**live.asked[1]))
    assert (first.live["state"], second.live["state"]) == ("replaced", "applied")
    first.close()
    second.close()


@pytest.mark.anyio
@pytest.mark.timeout(20)
async def test_a_session_that_does_not_answer_or_is_gone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table would say for ever that the session goes by the settings, of an endpoint that is dead."""
    monkeypatch.setattr("workbench.widgets.tuner_live.PATIENCE", 0.01)
    live = Live()
    tuner = TurnTakingTuner(FOLDER, live=live)
    states: list[str] = []
    changed = anyio.Event()

    def note(change: Any) -> None:
        states.append(change["new"]["state"])
        changed.set()

    tuner.observe(note, "live")
    tuner.apply()
    for state in ("unanswered", "applied", "lost"):
        while states[-1] != state:
            await changed.wait()
            changed = anyio.Event()
        if state == "unanswered":
            live.says(told(**live.asked[0]))
        live.over = state == "applied"
    assert states == ["asked", "unanswered", "applied", "lost"]
    assert tuner.live["verdict"]["text"].startswith("No turn yet: 5 within the range would confirm")
    tuner.close()


def test_sessions_under_other_settings_are_told(tuner: TurnTakingTuner, tmp_path: Path) -> None:
    """Turns would be called recorded that never came out so."""
    assert tuner.info["note"] == ""
    for name in ("coffee", "rooms"):
        shutil.copytree(FOLDER / name, tmp_path / name)
    events = tmp_path / "rooms" / "events.jsonl"
    changed = events.read_text(encoding="utf-8").replace('"confidence":0.6', '"confidence":0.8', 1)
    events.write_text(changed, encoding="utf-8")
    mixed = TurnTakingTuner(tmp_path)
    assert mixed.info["note"].startswith("1 of 2 sessions ran under the settings called recorded")
    mixed.close()


def test_one_recorded_session_has_no_interval_to_compare_with(tmp_path: Path) -> None:
    """A median of two turns would be told as if it were known to the millisecond."""
    live = Live()
    tuner = TurnTakingTuner(FOLDER / "coffee", live=live)
    tuner.apply()
    live.says(told(**live.asked[0]))
    median, low, high = tuner.live["predicted"]["response_median"]
    assert (median > 0, low, high) == (True, None, None)
    tuner.close()


def test_without_a_live_session_applying_says_what_to_do(tuner: TurnTakingTuner) -> None:
    """A button would do nothing."""
    tuner.comm.ask(kind="apply")
    assert tuner.live["problem"].startswith("there is no live session, make the tuner with live=")
    with pytest.raises(ParameterError, match="there is no live session"):
        tuner.apply()


@pytest.mark.parametrize("kind", ["sound", "apply", "dance"])
def test_what_no_page_of_ours_asks_is_passed_over(tuner: TurnTakingTuner, kind: str) -> None:
    """A page could break the kernel's half."""
    tuner.comm.ask(kind=kind, start="soon")
    tuner.comm.ask(nothing=1)
    tuner.comm.ask(kind="sound", request=1, start=-1.0, seconds=9e9)
    move(tuner, early__confidence=0.7)
    assert tuner.outcome["problem"] == ""


def test_an_empty_folder_says_what_is_missing(tmp_path: Path) -> None:
    """A notebook would show an empty picture."""
    with pytest.raises(ParameterError, match="no recorded session in it"):
        TurnTakingTuner(tmp_path)
    with pytest.raises(ParameterError, match="there is no such folder"):
        TurnTakingTuner(tmp_path / "elsewhere")


def test_a_closed_tuner_works_no_longer_on_the_grid() -> None:
    """A cell run again would leave a processor at work for each run before it."""
    read = TunedOn(turns=made_turns(3, 400), base=Policy(), sessions={})
    tuner = TurnTakingTuner(read)
    tuner.close()
    tuner._worker.join(PATIENCE)
    assert not tuner._worker.is_alive()
    assert "points" not in tuner.front
