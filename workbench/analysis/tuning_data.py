"""What recorded sessions are, for a report on them: whose, in which languages, how and when recorded."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from workbench.analysis.policies import Policy
from workbench.analysis.turn_events import of_kind
from workbench.core.events import FinalTranscript, SessionOpened, TurnTakingTuned
from workbench.store.recording import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """What is known of one session. Empty where it does not say."""

    name: str
    assistant: str
    language: str
    """The tag of the language it was heard in."""
    engines: str
    voice: str
    date: str
    """When it was recorded, ISO 8601."""
    machine: str
    """What the endpoint ran on."""
    policy: Policy | None
    """The settings it ran under, the last ones if they were tuned on the way."""
    masked: bool
    """Whether what says personal data is hidden in it."""


def facts_of(recording: Recording, name: str) -> SessionFacts:
    """Return what is known of a session."""
    events = recording.timeline.events
    opened = [body for _, body in of_kind(events, SessionOpened)][:1]
    settings: Mapping[str, object] = opened[0].settings if opened else {}
    spoken = Counter(body.language for _, body in of_kind(events, FinalTranscript) if body.language)
    return SessionFacts(
        name=name,
        assistant=opened[0].assistant if opened else "",
        language=max(spoken, key=lambda one: spoken[one]) if spoken else "",
        engines=str(settings.get("engines", "")),
        voice=str(settings.get("voice", "")),
        date=str(recording.meta.get("date", "")),
        machine=str(settings.get("machine", recording.meta.get("machine", ""))),
        policy=recorded_under(recording),
        masked=bool(recording.meta.get("masked", False)),
    )


def recorded_under(recording: Recording) -> Policy | None:
    """Return the settings of turn taking that a session ran under; None if it does not say."""
    events = recording.timeline.events
    tuned = [body.settings for _, body in of_kind(events, TurnTakingTuned)[-1:]]
    for _, opened in of_kind(events, SessionOpened)[:1]:
        return _policy({**opened.settings, **(tuned[0] if tuned else {})})
    return None


def _policy(settings: Mapping[str, object]) -> Policy:
    default = Policy()
    made = {}
    for name, recorded in (("early", "early_synthesis"), ("lead", "lead"), ("endpointing", "endpointing")):
        own, given = getattr(default, name), settings.get(recorded, {})
        known = {one.name for one in fields(own)}
        values = dict(given) if isinstance(given, Mapping) else {}
        told = {key: tuple(one) if isinstance(one, list) else one for key, one in values.items()}
        made[name] = type(own)(**{key: value for key, value in told.items() if key in known})
    return Policy(**made)


def counted(values: Sequence[str]) -> str:
    """Return what there is and how often, the most frequent first.

    >>> counted(["en-US", "es", "en-US", ""])
    'en-US (2), es (1), not recorded (1)'
    """
    found = Counter(value or "not recorded" for value in values)
    if len(found) == 1:
        return next(iter(found))
    return ", ".join(f"{value} ({count})" for value, count in found.most_common())
