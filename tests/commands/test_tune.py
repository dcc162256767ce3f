"""``workbench tune`` as a user runs it."""

import re
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path

import anyio
import numpy as np
import pytest
from ruamel.yaml import YAML

from workbench.analysis.policies import Policy
from workbench.analysis.policy_results import Result, evaluate
from workbench.cli import main
from workbench.client.caller import call
from workbench.client.local import open_endpoint
from workbench.conversation.assistant_model import Early, Endpointing
from workbench.conversation.calibration import load_calibration
from workbench.core.events import ReplyChosen, SessionOpened
from workbench.core.timeline import Timeline
from workbench.privacy.recordings import mask_recording
from workbench.store.recording import Recording, load_recording

SCRIPT = '["I want a large latte with soy milk"]'


async def _record(folder: Path) -> None:
    """Record two sessions with scripted engines, in real time."""
    at = np.arange(32_000) / 16_000
    wave = np.sum([np.sin(2 * np.pi * 150 * k * at) / k for k in range(1, 7)], axis=0)
    said = (0.3 * wave / np.abs(wave).max()).astype(np.float32)
    environment = {
        "WORKBENCH_ENGINES": "scripted",
        "WORKBENCH_SCRIPT": SCRIPT,
        "WORKBENCH_STORE": "sqlite://",
    }
    async with open_endpoint(environment=environment) as endpoint:
        recording = await call("coffee", [said], endpoint=endpoint)
    recording.save(folder / "one")
    recording.save(folder / "two")


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sessions")
    anyio.run(_record, folder)
    return folder


def test_settings_are_chosen_and_written_up(
    sessions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There would be nothing to paste, or a report that can't be reproduced."""
    page, worth = tmp_path / "report.html", tmp_path / "calibration.json"
    arguments = ["--grid", "endpointing.hangover_min=0.2,0.5", "early.confidence=0.3,0.9"]
    kept = ["--executor", "here", "--keep", str(tmp_path / "kept")]
    written = ["--report", str(page), "--calibration", str(worth)]
    status = main(["tune", str(sessions), *kept, *written, *arguments])
    said = capsys.readouterr().out
    assert status == 1  # two conversations prove nothing
    assert "2 turns in 2 sessions, 4 policies" in said
    assert (
        "wrong at most 0.01 can't be promised: about 384 conversations would be needed, there are 2" in said
    )
    assert re.search(
        r"Early synthesis answers \d+ ms (sooner|later) than waiting for the final \(median; "
        r"95 %: \d+ to \d+ ms\), with wrong audio heard in 0 of 2 turns \(0.0%\)",
        said,
    )
    assert re.search(
        r"The chosen policy ends turns \d+ ms after the last sound on average and cuts off 0 of 2 turns", said
    )
    assert "Chosen on other conversations than it is judged on (2 times, each time without one part)" in said
    assert re.search(r"endpoint delay at ≤ 5% turns cut off( +\d+ ms \(\d+ to \d+\)){3}\n", said)
    read = YAML(typ="safe").load(said[said.rindex("early:\n") :].split("report:")[0])
    Early(**read["early"])
    assert Endpointing(**read["endpointing"]).hangover_min == 0.2
    load_calibration(worth)
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"<(script|link)[^>]+(src|href)=", text)
    command = re.search(r"<pre>(workbench tune [^<]*)</pre>", text)
    assert command is not None
    again = tmp_path / "again.html"
    words = shlex.split(unescape(command[1]))[1:]
    assert main([*words, "--executor", "here", "--report", str(again)]) == 1
    assert capsys.readouterr().out == re.sub("report: .*", f"report: {again}", said.split("calibration: ")[0])
    assert again.read_bytes() == page.read_bytes()


def test_a_folder_without_sessions_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt path would be tuned on nothing."""
    assert main(["tune", str(tmp_path), "--executor", "here"]) == 2
    assert "no recorded session in it, expected one or folders of such" in capsys.readouterr().err
    assert main(["tune", str(tmp_path / "nowhere"), "--executor", "here"]) == 2
    assert "nowhere: there is no such folder, expected recorded sessions" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["--report", "/nowhere/a.html"], "/nowhere/a.html: can't be written, there is no folder /nowhere"),
        (["--calibration", "/"], "/: is a folder, expected a file to write"),
        (["--budget", "cut=5"], "the budget says cut=5.0, expected wrong or cut above 0 and below 1"),
        (["--budget", "cut=0.1,cut=0.2"], "the budget names cut twice, expected one limit for it"),
        (
            ["--grid", "early.confidence=0.5,2"],
            "no policy can have early.confidence 2 with the other settings",
        ),
        (
            ["--grid", "early.confidance=0.5"],
            "with a known name, perhaps early.confidence; there are early.enabled",
        ),
        (["--grid", "early.silence=0", "early.silence=1"], "setting early.silence is given twice"),
        (["--confidence", "2"], "the confidence is 2.0, expected above 0 and below 1"),
        (["--grid", "courage=1"], "setting 'courage=1' to try, expected NAME=VALUE,VALUE"),
        (["--executor", "moon"], "executor 'moon', expected here, processes, processes:N"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    arguments: list[str], match: str, sessions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip of the pen would end in a traceback, or in other settings."""
    assert main(["tune", str(sessions), "--executor", "here", *arguments]) == 2
    assert match in capsys.readouterr().err


def _copied(session: Path, folder: Path, assistant: str) -> None:
    """Write a session as if it had been another assistant's."""
    recording = load_recording(session)
    events = (
        replace(event, body=replace(event.body, assistant=assistant))
        if isinstance(event.body, SessionOpened)
        else event
        for event in recording.timeline.events
    )
    timeline = Timeline()
    for event in events:
        timeline.append(event)
    Recording(
        timeline=timeline,
        caller=recording.caller,
        caller_rate=recording.caller_rate,
        agent=recording.agent,
        agent_rate=recording.agent_rate,
        device_zero=recording.device_zero,
    ).save(folder)


def test_each_assistant_gets_its_own_settings_and_a_mixture_is_warned_of(
    sessions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Thresholds of one assistant's callers would be put into another's file."""
    _copied(sessions / "one", tmp_path / "s" / "tea", "tea")
    folders = [str(sessions), str(tmp_path / "s")]
    page = tmp_path / "report.html"
    one = ["--executor", "here", "--grid", "early.confidence=0.3,0.6", "--report", str(page)]
    main(["tune", *folders, *one])
    mixed = capsys.readouterr()
    assert "warning: one choice for 2 assistants: coffee (2), tea (1); callers of each may" in mixed.err
    assert "--by assistant chooses for each" in page.read_text(encoding="utf-8")
    main(["tune", *folders, *one, "--by", "assistant"])
    split = capsys.readouterr()
    assert split.err == (
        "workbench: warning: assistant coffee: 1 of 2 sessions are copies of others, and counted as "
        "conversations of their own: intervals are too narrow and promises too bold\n"
    )
    assert split.out.count("\nearly:\n") == 2
    coffee, tea = split.out.split("== assistant tea ==")
    assert "== assistant coffee ==\n2 turns in 2 sessions, 2 policies" in coffee
    assert "1 turn in 1 session, 2 policies" in tea
    assert "With a single conversation nothing can be said of others" in tea
    text = page.read_text(encoding="utf-8")
    assert re.findall(r'<h2 id="part-\d">([^<]*)</h2>', text) == ["assistant coffee", "assistant tea"]
    assert "--by assistant" in text
    assert main(["tune", *folders, "--by", "colour"]) == 2
    assert "sessions by 'colour', expected assistant, language" in capsys.readouterr().err


def test_sessions_that_cannot_be_judged_are_left_out_and_named(
    sessions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One damaged folder among hundreds would stop everything, or be left out in silence."""
    broken = tmp_path / "s" / "broken"
    shutil.copytree(sessions / "one", broken)
    (broken / "events.jsonl").write_text("{", encoding="utf-8")
    half = tmp_path / "s" / "half"
    shutil.copytree(sessions / "one", half)
    (half / "meta.json").unlink()
    page = tmp_path / "report.html"
    one = ["--executor", "here", "--grid", "early.confidence=0.3", "--report", str(page)]
    assert main(["tune", str(sessions), str(tmp_path / "s"), *one]) == 1
    told = capsys.readouterr()
    assert "2 turns in 2 sessions" in told.out
    assert f"workbench: warning: session left out: {broken}" in told.err
    assert (
        f"workbench: warning: session left out: {half}: not a whole recording, meta.json missing" in told.err
    )
    assert "Sessions left out" in page.read_text(encoding="utf-8")
    assert main(["tune", str(tmp_path / "s"), *one]) == 2
    assert str(broken) in capsys.readouterr().err


def test_a_session_counts_once_and_a_masked_one_is_warned_of(
    sessions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A conversation named twice would make everything look twice as sure."""
    mask_recording(load_recording(sessions / "one")).save(tmp_path / "s" / "masked")
    folders = [str(sessions / "one"), str(sessions / ".." / sessions.name / "one"), str(tmp_path / "s")]
    main(["tune", *folders, "--executor", "here", "--grid", "early.confidence=0.3"])
    told = capsys.readouterr()
    assert "2 turns in 2 sessions" in told.out
    assert "warning: 1 of 2 sessions are masked: replies that differ in nothing but" in told.err


def test_a_paid_service_is_told_with_what_it_costs(
    sessions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody would choose settings without seeing that they cost more."""
    page = tmp_path / "report.html"
    one = ["--executor", "here", "--grid", "early.enabled=true", "--report", str(page)]
    main(["tune", str(sessions), *one, "--price", "15"])
    said = capsys.readouterr().out
    assert "cost a turn" in said.splitlines()[1]
    cost = float(said.splitlines()[2].split()[-1])
    spoken = load_recording(sessions / "one").timeline.events
    (reply,) = {event.body.text for event in spoken if isinstance(event.body, ReplyChosen)}
    assert cost >= 15 / 1000 * len(reply) - 1e-5  # and early replies that were thrown away
    assert "cost a turn" in page.read_text(encoding="utf-8")
    main(["tune", str(sessions), *one])
    assert "cost" not in capsys.readouterr().out
    assert main(["tune", str(sessions), *one, "--price", "-3"]) == 2
    assert "the price is -3.0, expected 0 or more" in capsys.readouterr().err


@pytest.mark.parametrize("kept", [True, False])
def test_an_interrupted_sweep_says_how_it_goes_on_and_does(
    sessions: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    kept: bool,
) -> None:
    """Hours of work would be lost, or thought to be."""
    worked: list[int] = []

    def interrupted(turns: object, policies: Sequence[Policy], price: float) -> list[Result]:
        if len(worked) == 2:
            raise KeyboardInterrupt
        worked.append(len(policies))
        return evaluate(turns, policies, price)

    command = ["tune", str(sessions), "--executor", "here", "--grid", "early.confidence=0:1:0.005"]
    command += ["--keep", str(tmp_path)] if kept else []
    monkeypatch.setattr("workbench.analysis.sweep.evaluate", interrupted)
    assert main(command) == 130
    told = capsys.readouterr().err
    wanted = f"is kept in {tmp_path}; the same command" if kept else "nothing was kept; with --keep FOLDER"
    assert wanted in told
    assert "Traceback" not in told
    again: list[int] = []
    monkeypatch.setattr(
        "workbench.analysis.sweep.evaluate", lambda t, p, c: again.append(len(p)) or evaluate(t, p, c)
    )
    assert main(command) == 1
    assert sum(again) == 201 - (sum(worked) if kept else 0)
