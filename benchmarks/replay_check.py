"""Replay the sessions that ``replay.py`` made, and compare all decisions."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbench.analysis.replay import replay
from workbench.analysis.replay_decisions import decisions
from workbench.analysis.replay_settings import recorded_settings
from workbench.conversation.assistants import load_assistant
from workbench.core.events import TurnTakingTuned
from workbench.core.timeline import Timeline
from workbench.errors import ParameterError
from workbench.store.recording import is_whole, load_timeline


@dataclass(slots=True)
class Checked:
    """What came of the sessions of a scene."""

    sessions: int = 0
    decisions: int = 0
    differ: list[str] = field(default_factory=list)


def check(folder: Path) -> tuple[int, str | None]:
    """Return how many decisions a session has, and the first that a replay takes otherwise."""
    timeline = load_timeline(folder)
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["meta"]
    assistant = load_assistant(meta["assistant"])
    recorded = decisions(timeline.events)
    same = replay(timeline, assistant=assistant)
    difference = first_difference(recorded, same.timeline)
    if difference is None and not _tuned(timeline):
        again = replay(timeline, recorded_settings(timeline.events), assistant=assistant, like=same)
        difference = first_difference(recorded, again.timeline)
        difference = difference and f"given the same settings: {difference}"
    return len(recorded), difference


def _tuned(timeline: Timeline) -> bool:
    return any(isinstance(event.body, TurnTakingTuned) for event in timeline.events)


def first_difference(recorded: Sequence[tuple[int, object]], replayed: Timeline) -> str | None:
    """Return where decisions part, None if nowhere."""
    again = decisions(replayed.events)
    for place in range(max(len(recorded), len(again))):
        was, now = (held[place] if place < len(held) else None for held in (recorded, again))
        if was != now:
            return f"decision {place}: recorded {_short(was)}, replayed {_short(now)}"
    return None


def _short(decision: object) -> str:
    return "nothing" if decision is None else str(decision)[:600]


def check_all(keep: Path) -> int:
    """Print what came of all sessions; return how many differ."""
    folders = sorted(one for one in (keep / "sessions").glob("*/*") if is_whole(one))
    if not folders:
        raise ParameterError(f"{keep}: holds no sessions, make them first")
    by_scene: dict[str, Checked] = {}
    languages: Counter[str] = Counter()
    recordings = set()
    for folder in folders:
        found = by_scene.setdefault(folder.parent.name, Checked())
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["meta"]
        count, difference = check(folder)
        found.sessions, found.decisions = found.sessions + 1, found.decisions + count
        languages[str(meta["language"])] += 1
        recordings.add(meta["recording"])
        if difference is not None:
            found.differ.append(folder.name)
            print(f"{folder.parent.name}/{folder.name}: {difference}\n")
    print("| scene | sessions | decisions | sessions that differ |\n|---|---|---|---|")
    for scene, one in by_scene.items():
        print(f"| {scene} | {one.sessions} | {one.decisions:,} | {len(one.differ)} |")
    total = sum(one.decisions for one in by_scene.values())
    differ = sum(len(one.differ) for one in by_scene.values())
    print(f"| all | {len(folders)} | {total:,} | {differ} |")
    told = ", ".join(f"{tag} {count}" for tag, count in sorted(languages.items()))
    print(f"\n{len(recordings)} recordings; sessions by language: {told}")
    return differ
