"""``workbench replay FOLDER --set NAME=VALUE``: a recorded session under other settings."""

import argparse
from pathlib import Path
from typing import Any

from workbench.analysis.export import expect_place, write_text
from workbench.analysis.replay import replay
from workbench.analysis.replay_decisions import decisions
from workbench.analysis.replay_outcomes import outcomes
from workbench.analysis.replay_settings import recorded_settings, with_changes
from workbench.commands.turn_table import print_turns
from workbench.conversation.assistants import load_assistant
from workbench.errors import ParameterError
from workbench.store.folders import has_part
from workbench.store.recording import EVENTS, load_timeline


def add_parser(commands: Any) -> None:
    """Add ``replay`` to the command line."""
    parser = commands.add_parser(
        "replay",
        description="Take the decisions of a recorded session again, with the settings it had or with "
        "others, and print turn by turn what would have been different. Response times are from the "
        "endpoint's end of speech; reports read theirs off the recording. The status is 1 if its own "
        "decisions did not come out again: then another version recorded it, or with another assistant, or "
        "what decided is masked.",
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
    _expect_session(arguments.folder)
    timeline = load_timeline(arguments.folder)
    settings = with_changes(recorded_settings(timeline.events), _changes(arguments.set))
    assistant = load_assistant(arguments.assistant) if arguments.assistant else None
    same = replay(timeline, assistant=assistant)
    exact = decisions(same.timeline.events) == decisions(timeline.events)
    replayed = replay(timeline, settings, assistant=assistant, like=same) if arguments.set else same
    print_turns(outcomes(timeline.events), outcomes(replayed.timeline.events), name="replayed")
    if not exact:
        print(
            "the recorded decisions did not come out again: another version, another assistant, or what "
            "decided is masked"
        )
    if arguments.out is not None:
        write_text(arguments.out, replayed.timeline.render().decode("utf-8"))
    return 0 if exact else 1


def _expect_session(folder: Path) -> None:
    """Refuse a place where no session is."""
    if not folder.is_dir():
        found = "is a file" if folder.exists() else "no such folder"
        raise ParameterError(f"{folder}: {found}, expected the folder of a session")
    if not has_part(folder, EVENTS):
        raise ParameterError(f"{folder}: holds no {EVENTS}, expected the folder of a session")


def _changes(given: list[str]) -> dict[str, str]:
    for one in given:
        if "=" not in one:
            raise ParameterError(f"--set is {one}, expected NAME=VALUE")
    return dict(one.split("=", 1) for one in given)
