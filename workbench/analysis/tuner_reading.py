"""Recorded sessions as turns to be tuned on: which there are, what they ran under, what is said in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from workbench.analysis.calibration import Fit, fit_all
from workbench.analysis.calibration_reading import scored
from workbench.analysis.outcomes import TurnRecord
from workbench.analysis.outcomes_reading import turn_records
from workbench.analysis.policies import Policy
from workbench.analysis.turn_events import of_kind
from workbench.core.events import FinalTranscript, SessionOpened, TurnTakingTuned
from workbench.errors import ParameterError
from workbench.store.recording import Recording, is_whole, load_recording

SESSIONS_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TunedOn:
    """What settings are tuned on."""

    turns: tuple[TurnRecord, ...]
    base: Policy
    """The settings most sessions were recorded under."""
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
        If a folder holds no session, or they hold no turn that can be judged.
    """
    held: dict[str, Recording | Path] = {}
    for source in sources:
        if isinstance(source, Recording):
            held[f"session {len(held) + 1}"] = source
        else:
            held |= {str(folder): folder for folder in session_folders([Path(source)])}
    names = list(held)
    loaded = [one if isinstance(one, Recording) else load_recording(one) for one in held.values()]
    turns = turn_records(loaded, names)
    finals = {name: _finals(recording) for name, recording in zip(names, loaded, strict=True)}
    return TunedOn(
        turns=turns,
        base=recorded_policy(loaded),
        texts=tuple(finals[one.conversation].get(one.turn, "") for one in turns),
        fits=fit_all(one for name, each in zip(names, loaded, strict=True) for one in scored(each, name)),
        sessions=held,
    )


def session_folders(folders: Sequence[Path]) -> list[Path]:
    """Return the session folders among and directly below ``folders``.

    Raises
    ------
    ParameterError
        If one has none, or there are too many.
    """
    found: dict[Path, None] = {}
    for folder in folders:
        own = [folder] if is_whole(folder) else sorted(one for one in folder.glob("*") if is_whole(one))
        if not own:
            raise ParameterError(f"{folder}: no recorded session in it, expected one or folders of such")
        found.update(dict.fromkeys(own))
    if len(found) > SESSIONS_MAX:
        raise ParameterError(f"{len(found)} sessions are given, expected at most {SESSIONS_MAX}")
    return list(found)


def recorded_policy(recordings: Sequence[Recording]) -> Policy:
    """Return the settings most sessions were recorded under; of one that was tuned, the last ones."""
    counted: dict[Policy, int] = {}
    for recording in recordings:
        events = recording.timeline.events
        changed = [tuned.settings for _, tuned in of_kind(events, TurnTakingTuned)[-1:]]
        for _, opened in of_kind(events, SessionOpened)[:1]:
            policy = _policy({**opened.settings, **(changed[0] if changed else {})})
            counted[policy] = counted.get(policy, 0) + 1
    if not counted:
        raise ParameterError(f"none of {len(recordings)} sessions says what settings it ran under")
    return max(counted, key=lambda policy: counted[policy])


def _policy(settings: Mapping[str, object]) -> Policy:
    default = Policy()
    parts = {}
    for name, recorded in (("early", "early_synthesis"), ("lead", "lead"), ("endpointing", "endpointing")):
        own, given = getattr(default, name), settings.get(recorded, {})
        known = {one.name for one in fields(own)}
        values = dict(given) if isinstance(given, Mapping) else {}
        told = {key: tuple(one) if isinstance(one, list) else one for key, one in values.items()}
        parts[name] = replace(own, **{key: value for key, value in told.items() if key in known})
    return Policy(**parts)


def _finals(recording: Recording) -> dict[int, str]:
    """Return what the finals said, by turn; of a turn that was cut, all of them."""
    said: dict[int, str] = {}
    for event in recording.timeline.events:
        if isinstance(event.body, FinalTranscript):
            said[event.turn] = f"{said.get(event.turn, '')} {event.body.text}".strip()
    return said
