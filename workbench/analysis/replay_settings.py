"""The settings a session's decisions were taken under, and how to change them by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.assistants import load_assistant, shipped_assistants
from workbench.conversation.barge_in import BargeInSettings
from workbench.conversation.calibration import AS_SCORED, Worth, worth_from
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings
from workbench.conversation.enrichment import EnrichmentSettings
from workbench.conversation.leading import LeadSettings
from workbench.conversation.speaker import Speaker
from workbench.conversation.stock_words import language_of_words, with_stock_words
from workbench.conversation.tuning import made_from
from workbench.core.events import Event, SessionOpened, SessionReset, SessionResumed
from workbench.errors import ParameterError

GROUPS = ("early", "lead", "endpointing", "barge_in")
"""Groups of settings a replay may change; the first part of a setting's name."""

_KINDS = {bool: "true or false", int: "a whole number", float: "a number"}
_WORDS = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """What decides; equal settings take equal decisions."""

    early: EarlySynthesisSettings = field(default_factory=EarlySynthesisSettings)
    lead: LeadSettings = field(default_factory=LeadSettings)
    endpointing: EndpointingSettings = field(default_factory=EndpointingSettings)
    barge_in: BargeInSettings = field(default_factory=BargeInSettings)
    enrichment: EnrichmentSettings = field(default_factory=EnrichmentSettings)
    replies: bool = True
    """Whether anything was said to the caller."""
    lookups: bool = False
    """Whether anything was looked up."""
    consent: bool = False
    """Whether the caller was asked first whether the conversation may be stored."""
    speaker: Speaker = Speaker()
    """What was known of the caller before the session."""
    worth: Worth = AS_SCORED
    """What scores of partials were worth."""


def recorded_settings(events: Sequence[Event]) -> ReplaySettings:
    """Return the settings that a session ran under.

    Raises
    ------
    ParameterError
        If the timeline does not begin with its opening, was recorded before all settings were on it, or was
        gone on with by another process: then not all of what was heard is on it.
    """
    opened = events[0].body if events else None
    if not isinstance(opened, SessionOpened):
        raise ParameterError("the timeline does not begin with a session's opening, it can't be replayed")
    for event in events:
        if isinstance(event.body, SessionReset) or (
            isinstance(event.body, SessionResumed) and event.body.restored
        ):
            raise ParameterError("another process went on with the session, it can't be replayed")
    held = opened.settings
    missing = [name for name in ("early_synthesis", "endpointing", "barge_in") if name not in held]
    if missing:
        raise ParameterError(f"the timeline lacks settings ({', '.join(missing)}), it can't be replayed")
    return ReplaySettings(
        early=made_from(EarlySynthesisSettings, held["early_synthesis"]),
        lead=made_from(LeadSettings, held.get("lead", {})),
        endpointing=made_from(EndpointingSettings, held["endpointing"]),
        barge_in=made_from(BargeInSettings, held["barge_in"]),
        enrichment=made_from(EnrichmentSettings, held.get("enrichment", {})),
        replies=bool(held.get("replies", True)),
        lookups=bool(held.get("lookups", False)),
        consent=isinstance(told := held.get("consent"), dict) and told.get("by") == "asked",
        speaker=known_speaker(events),
        worth=worth_from(held.get("calibration", {})),
    )


def recorded_assistant(events: Sequence[Event], assistant: Assistant | None = None) -> Assistant:
    """Return whom the caller of a session talked to, with what it says in the session's language.

    Parameters
    ----------
    events : the session's; its opening names the assistant and the language
    assistant : the very one; the shipped one of the recorded name if not given

    Raises
    ------
    ParameterError
        If none of that name is shipped, or it lacks words in that language.
    """
    opened = events[0].body if events else None
    told = opened.settings.get("language") if isinstance(opened, SessionOpened) else None
    if assistant is None:
        name = opened.assistant if isinstance(opened, SessionOpened) else ""
        if name not in shipped_assistants():
            known = ", ".join(shipped_assistants())
            raise ParameterError(
                f"the session was with {name!r}, which is none of {known}, expected its file"
            )
        assistant = load_assistant(name)
    if not isinstance(told, dict) or "tag" not in told:
        return assistant
    words = language_of_words(assistant, str(told["tag"]))
    return with_stock_words(assistant.model_copy(update={"language": words}))


def known_speaker(events: Sequence[Event]) -> Speaker:
    """Return what was known of the caller before the session."""
    opened = next((event.body for event in events if isinstance(event.body, SessionOpened)), None)
    return made_from(Speaker, {} if opened is None else opened.settings.get("speaker", {}))


def reading_language(events: Sequence[Event]) -> str:
    """Return the language that says where a session's replies are cut into clauses, a BCP 47 tag."""
    opened = next((event.body for event in events if isinstance(event.body, SessionOpened)), None)
    told = None if opened is None else opened.settings.get("language")
    return str(told["tag"]) if isinstance(told, dict) and "tag" in told else "en"


def with_changes(settings: ReplaySettings, changes: Mapping[str, object]) -> ReplaySettings:
    """Return ``settings`` with some changed, by names such as ``early.confidence``.

    Raises
    ------
    ParameterError
        If there is no such setting, or it can't have that value; says which there are.
    """
    for name, value in changes.items():
        group, _, key = name.partition(".")
        if group not in GROUPS:
            raise ParameterError(f"setting is {name}, expected it to begin with one of {', '.join(GROUPS)}")
        held = getattr(settings, group)
        known = [one.name for one in fields(held)]
        if key not in known:
            raise ParameterError(f"setting is {name}, expected {group}. and one of {', '.join(known)}")
        settings = replace(
            settings, **{group: replace(held, **{key: _value(name, value, getattr(held, key))})}
        )
    return settings


def _value(name: str, value: object, now: object) -> object:
    """Return ``value``, maybe from text, as the kind of thing ``now`` is."""
    if isinstance(now, tuple):
        parts = value.split(",") if isinstance(value, str) else value
        if isinstance(parts, Sequence):
            return tuple(str(part).strip() for part in parts)
    if isinstance(now, bool):
        found = _WORDS.get(str(value).lower())
        if found is not None:
            return found
    elif isinstance(now, int | float):
        try:
            return type(now)(str(value))
        except ValueError:
            pass
    raise ParameterError(f"setting {name} is {value}, expected {_KINDS.get(type(now), 'texts')}")
