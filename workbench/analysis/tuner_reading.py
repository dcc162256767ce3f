"""Recorded sessions as turns to be tuned on: which there are, what they ran under, what is said in them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.analysis.calibration import Fit, fit_all
from workbench.analysis.calibration_reading import scored
from workbench.analysis.outcomes import TurnRecord
from workbench.analysis.outcomes_reading import expect_judgeable, turn_records
from workbench.analysis.policies import Policy
from workbench.analysis.tuning_data import recorded_under
from workbench.core.events import FinalTranscript
from workbench.errors import ParameterError, WorkbenchError
from workbench.store.folders import has_part
from workbench.store.recording import EVENTS, Recording, is_whole, load_recording

SESSIONS_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TunedOn:
    """What settings are tuned on."""

    turns: tuple[TurnRecord, ...]
    base: Policy
    """The settings most sessions were recorded under."""
    alike: int = 0
    """How many of the sessions these are."""
    texts: tuple[str, ...] = ()
    """What the final said of each turn."""
    fits: tuple[Fit, ...] = ()
    """What confidence was worth."""
    sessions: Mapping[str, Recording | Path]
    """Each session by its name, or the folder to load it from."""

    def recording(self, name: str) -> Recording | None:
        """Return a session, loaded if it must be; None if there is none of that name."""
        held = self.sessions.get(name)
        return load_recording(held) if isinstance(held, Path) else held


def read_sessions(sources: Sequence[Recording | Path | str]) -> TunedOn:
    """Return the turns of recordings, session folders and folders of such.

    Raises
    ------
    ParameterError
        If a folder holds no session, one can't be read, or they hold no turn that can be judged.
    """
    held: dict[str, Recording | Path] = {}
    for source in sources:
        if isinstance(source, Recording):
            held[f"session {len(held) + 1}"] = source
        else:
            held |= {str(folder): folder for folder in session_folders([Path(source)])}
    loaded = {n: one if isinstance(one, Recording) else load_recording(one) for n, one in held.items()}
    return replace(tuned_on(loaded), sessions=held)


def tuned_on(recordings: Mapping[str, Recording]) -> TunedOn:
    """Return the turns of recordings by their names.

    Raises
    ------
    ParameterError
        If they hold no turn that can be judged.
    """
    names, loaded = list(recordings), list(recordings.values())
    turns = turn_records(loaded, names)
    finals = {name: _finals(recording) for name, recording in recordings.items()}
    base = recorded_policy(loaded)
    return TunedOn(
        turns=turns,
        base=base,
        alike=sum(recorded_under(one) == base for one in loaded),
        texts=tuple(finals[one.conversation].get(one.turn, "") for one in turns),
        fits=fit_all(one for name, each in recordings.items() for one in scored(each, name)),
        sessions=recordings,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Readable:
    """Sessions that can be judged, and those that can't."""

    recordings: Mapping[str, Recording]
    """By the name of their folder."""
    left_out: Mapping[str, WorkbenchError]
    """What was wrong with the others, by the name of their folder."""


def readable_sessions(folders: Sequence[Path]) -> Readable:
    """Return the recordings among and directly below ``folders``, without those that can't be judged.

    Raises
    ------
    ParameterError
        If a folder has no session.
    WorkbenchError
        If none of them can be judged: what was wrong with the first.
    """
    recordings: dict[str, Recording] = {}
    left_out: dict[str, WorkbenchError] = {}
    half = [one for folder in folders for one in sorted(folder.glob("*")) if _is_half(one)]
    for folder in [*session_folders(folders), *half]:
        name = str(folder)
        try:
            recording = load_recording(folder)
            expect_judgeable(recording, name)
        except WorkbenchError as error:
            left_out[name] = error
        else:
            recordings[name] = recording
    if not recordings:
        raise next(iter(left_out.values()))
    return Readable(recordings=recordings, left_out=left_out)


def _is_half(folder: Path) -> bool:
    """Return whether the writing of a session began there and did not end."""
    return has_part(folder, EVENTS) and not is_whole(folder)


def session_folders(folders: Sequence[Path]) -> list[Path]:
    """Return the session folders among and directly below ``folders``.

    Raises
    ------
    ParameterError
        If one has none, or there are too many.
    """
    found: dict[Path, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            raise ParameterError(f"{folder}: there is no such folder, expected recorded sessions")
        own = [folder] if is_whole(folder) else sorted(one for one in folder.glob("*") if is_whole(one))
        if not own:
            raise ParameterError(f"{folder}: no recorded session in it, expected one or folders of such")
        found |= {one.resolve(): one for one in own if one.resolve() not in found}
    if len(found) > SESSIONS_MAX:
        raise ParameterError(f"{len(found)} sessions are given, expected at most {SESSIONS_MAX}")
    return list(found.values())


def recorded_policy(recordings: Sequence[Recording]) -> Policy:
    """Return the settings most sessions were recorded under; of one that was tuned, the last ones."""
    counted = Counter(policy for one in recordings if (policy := recorded_under(one)) is not None)
    if not counted:
        raise ParameterError(f"none of {len(recordings)} sessions says what settings it ran under")
    return max(counted, key=lambda policy: counted[policy])


def _finals(recording: Recording) -> dict[int, str]:
    """Return what the finals said, by turn; of a turn that was cut, all of them."""
    said: dict[int, str] = {}
    for event in recording.timeline.events:
        if isinstance(event.body, FinalTranscript):
            said[event.turn] = f"{said.get(event.turn, '')} {event.body.text}".strip()
    return said
