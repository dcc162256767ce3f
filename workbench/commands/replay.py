"""``workbench replay FOLDER --set NAME=VALUE``: a recorded session under other settings."""

import argparse
from pathlib import Path
from typing import Any

from workbench.analysis.export import expect_place, write_text
from workbench.analysis.replay import replay
from workbench.analysis.replay_decisions import decisions
from workbench.analysis.replay_outcomes import TurnOutcome, outcomes
from workbench.analysis.replay_settings import recorded_settings, with_changes
from workbench.conversation.assistants import load_assistant
from workbench.errors import ParameterError
from workbench.store.recording import load_timeline


def add_parser(commands: Any) -> None:
    """Add ``replay`` to the command line."""
    parser = commands.add_parser(
        "replay",
        description="Take the decisions of a recorded session again, with the settings it had or with "
        "others, and print turn by turn what would have been different. Response times are from the "
        "endpoint's end of speech; reports read theirs off the recording. The status is 1 if its own "
        "decisions did not come out again: then another version recorded it, or with another assistant.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a session folder, as demo writes it")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting to change, such as early.confidence=0.7 or endpointing.hangover_min=0.3",
    )
    parser.add_argument("--assistant", metavar="NAME|FILE", help="whom the caller talked to (as recorded)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the timeline it would have had")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the turns and return 0; 1 if the recorded decisions did not come out again."""
    if arguments.out is not None:
        expect_place(arguments.out)
    timeline = load_timeline(arguments.folder)
    settings = with_changes(recorded_settings(timeline.events), _changes(arguments.set))
    assistant = load_assistant(arguments.assistant) if arguments.assistant else None
    same = replay(timeline, assistant=assistant)
    exact = decisions(same.timeline.events) == decisions(timeline.events)
    replayed = replay(timeline, settings, assistant=assistant, like=same) if arguments.set else same
    _show(outcomes(timeline.events), outcomes(replayed.timeline.events))
    if not exact:
        print("the recorded decisions did not come out again: another version, or another assistant")
    if arguments.out is not None:
        write_text(arguments.out, replayed.timeline.render().decode("utf-8"))
    return 0 if exact else 1


def _changes(given: list[str]) -> dict[str, str]:
    for one in given:
        if "=" not in one:
            raise ParameterError(f"--set is {one}, expected NAME=VALUE")
    return dict(one.split("=", 1) for one in given)


def _show(before: tuple[TurnOutcome, ...], after: tuple[TurnOutcome, ...]) -> None:
    """Print recorded and replayed turns below each other, those that differ marked."""
    was, now = ({one.turn: one for one in held} for held in (before, after))
    print(f"{'turn':>4}  {'':9} {'speech end':>10} {'waited':>7} {'response':>9} {'early':>9}  what happened")
    for turn in sorted({*was, *now}):
        old, new = was.get(turn), now.get(turn)
        print(f"{turn:>4}  {_row('recorded', old)}")
        if _row("", old) != _row("", new):
            print(f"{'':>4}  {_row('replayed', new)}")


def _row(name: str, one: TurnOutcome | None) -> str:
    if one is None:
        return f"{name:9} no such turn"
    notes = [
        ", ".join(one.ends),
        *(f"discarded: {reason}" for reason in one.discards),
        *(["wrong audio heard"] if one.wrong_heard else []),
        *(["the caller went on"] if one.cut_off else []),
    ]
    return (
        f"{name:9} {_seconds(one.ended):>10} {_seconds(one.waited):>7} {_seconds(one.response_time):>9} "
        f"{one.commits} of {one.starts:>2}    {'; '.join(notes)}"
    )


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"
