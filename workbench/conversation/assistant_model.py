"""What an assistant is made of: the validated content of one file in ``data/assistants``."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from workbench.conversation.assistant_style import Style
from workbench.conversation.early_synthesis import SILENCE_MAX, STARTS_MAX
from workbench.conversation.facts import ANSWER, CALLER_FACTS
from workbench.conversation.leading import CLAUSES_MAX
from workbench.conversation.prompts import fixed
from workbench.core.consent import Consent
from workbench.core.languages import checked_tag

Unit = Annotated[float, Field(ge=0.0, le=1.0)]
Times = Annotated[float, Field(ge=0.25, le=4.0)]


def _one_or_more(value: object) -> object:
    """Let a single text stand for a list of one."""
    return (value,) if isinstance(value, str) else value


Tag = Annotated[str, AfterValidator(checked_tag)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_one_or_more)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Early(_Part):
    """When a reply may be prepared before the final transcript."""

    confidence: Unit = 0.6
    """Least confidence of the interpretation."""
    stability: Unit = 0.2
    """Least stability of the partial."""
    end_of_turn: Unit = 0.0
    """Least probability that the caller has finished, as endpointing has it from the words."""
    enabled: bool = True
    """Whether replies are prepared early at all."""
    silence: float = Field(default=0.08, ge=0, le=SILENCE_MAX)
    """Least silence before one is, seconds."""
    starts_max: int = Field(default=3, ge=0, le=STARTS_MAX)
    """Most replies prepared early in one turn."""


class Lead(_Part):
    """What may be heard after the end of a turn while its final transcript is awaited; nothing unless set."""

    prefixes: Texts = ()
    """Phrases, SSML, that any reply may begin with; they take turns."""
    prefix_confidence: Unit = 0.5
    """Least confidence of the interpretation for a phrase."""
    sentences: bool = False
    """Whether the first sentence of a prepared reply of several may be said."""
    clauses: int = Field(default=0, ge=0, le=CLAUSES_MAX)
    """How many clauses of a prepared reply may be said, but never its last; if any, instead of a sentence."""
    confidence: Unit = 0.9
    """Least confidence of the interpretation for that sentence, or for the first clause."""
    further_confidence: Unit = 0.95
    """The same for the clauses after the first."""

    @property
    def of_replies(self) -> bool:
        """Return whether the beginning of a reply may be heard, which may turn out wrong."""
        return self.sentences or self.clauses > 0


class Endpointing(_Part):
    """Seconds of silence that end a turn, and how sure to be before."""

    hangover_min: float = Field(default=0.5, ge=0.1, le=10)
    """After a complete request, seconds."""
    hangover_max: float = Field(default=1.4, ge=0.1, le=10)
    """After an unfinished one, seconds."""
    longest_turn: float = Field(default=30.0, gt=0, le=600)
    """Seconds after which a turn is ended anyway."""
    sure: float = Field(default=0.8, gt=0, le=1)
    """Completeness of the words from which ``hangover_min`` is enough."""
    unknown: Unit = 1.0
    """Share of its completeness that a sentence keeps while it means nothing to the assistant."""
    pause_margin: float = Field(default=0.15, ge=0, le=10)
    """Seconds waited longer than the caller's own pauses."""
    patience: float = Field(default=0.0, ge=0, le=10)
    """How long the caller's own pauses may make the wait, seconds; 0 for ``hangover_max``."""
    pace: Unit = 0.0
    """Share of a caller's slowness or haste that the wait follows."""
    long: float = Field(default=1.0, ge=1, le=4)
    """How many times ``hangover_max`` is waited in a turn of six seconds; in shorter ones in proportion."""
    yes_no: Times = 1.0
    """How many times as long is waited after a yes-or-no question."""
    choice: Times = 1.0
    """The same after a question for one of some values."""
    date: Times = 1.0
    """The same after a question for a day, a time of day or a duration."""
    list: Times = 1.0
    """The same after a question for several things."""

    @model_validator(mode="after")
    def _in_order(self) -> "Endpointing":
        if self.hangover_min > self.hangover_max:
            raise ValueError(f"hangover_min is {self.hangover_min}, expected at most hangover_max")
        return self


class Certainty(_Part):
    """What must be asked again, by confidence."""

    reject_below: Unit = 0.35
    """An utterance under this is out of scope."""
    ignore_below: Unit = 0.15
    """A slot under this was not said."""
    confirm_below: Unit = 0.6
    """A critical slot under this is confirmed before anything is done."""


class Value(_Part):
    """One thing a slot can hold."""

    name: str = Field(min_length=1)
    """The spoken phrase used as value."""
    spoken: tuple[str, ...]
    """Templates for the ways to say it."""


class Slot(_Part):
    """A detail of a request."""

    kind: str | None = None
    """A built-in grammar: clock-time, day, duration or count; None for a list of values."""
    values: tuple[Value, ...] = ()
    modifiers: tuple[Value, ...] = ()
    """Amounts that may stand before a value and become part of it."""
    removed_by: Texts = ()
    """Templates that take the slot back."""
    answers: Texts | None = None
    """Templates that fill this slot alone, as an answer or a correction; the bare slot unless given."""
    expects: Literal["choice", "date", "list"] | None = None
    """What kind of answer its question wants (how long is waited); from kind or values unless given."""
    critical: bool = False
    """Whether doubt about it is worth a question."""
    sensitive: bool = False
    """Whether its value is hidden in what is stored, shown and exported, whatever it is."""
    ask: Texts = ()
    """Question for a missing value, SSML; variants take turns."""
    confirm: Texts = ()
    """Question for a doubtful value, SSML with the slot as placeholder."""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        if isinstance(given, dict):
            given = dict(given)
            for key in ("values", "modifiers"):
                if key in given:
                    given[key] = _values_from(given[key], key)
        return given

    @model_validator(mode="after")
    def _holds_something(self) -> "Slot":
        if bool(self.values) == (self.kind is not None):
            raise ValueError("expected either values or kind")
        return self


def _values_from(given: object, key: str) -> object:
    """Accept a list of phrases, or a mapping of phrase to the ways to say it."""
    if isinstance(given, dict):
        pairs = list(given.items())
    elif isinstance(given, list | tuple):
        pairs = [
            pair for item in given for pair in (item.items() if isinstance(item, dict) else ((item, None),))
        ]
    else:
        raise ValueError(f"{key} is {type(given).__name__}, expected a list or a mapping")
    named = []
    for name, ways in pairs:
        said = (ways,) if isinstance(ways, str) else tuple(ways or ())
        named.append({"name": str(name), "spoken": (str(name), *said)})
    return named


class Intent(_Part):
    """A thing the user can want."""

    sentences: Texts = Field(min_length=1)
    """Templates in the hassil syntax; one may follow another in an utterance."""
    required: tuple[str, ...] = ()
    """Slots to be filled before the action, in the order they are asked for."""
    optional: tuple[str, ...] = ()
    """Slots that may be given too, though no sentence mentions them."""
    action: str | None = None
    """Name of the action taken when all is known."""
    reply: Texts = ()
    """What is said when the intent is understood (after the action, if there is one)."""
    changed: Texts = ()
    """What is said after a correction; ``reply`` unless given."""
    ends: bool = False
    """Whether the conversation is over after the reply."""
    lookup: Literal["knowledge"] | None = None
    """Where the answer is looked up; ``reply`` has it as ``{answer}``."""
    pending: Texts = ()
    """What is said while the answer is not there; that of ``prompts`` unless given."""
    nothing_found: Texts = ()
    """What is said when there is no answer; that of ``prompts`` unless given."""

    @model_validator(mode="after")
    def _looks_up_or_not(self) -> "Intent":
        if self.lookup is None:
            if self.pending or self.nothing_found:
                raise ValueError("has pending or nothing_found, expected a lookup too")
        elif self.required or self.optional or self.action or self.changed or self.ends:
            raise ValueError("has a lookup, expected sentences and reply, but no slots, action or end")
        elif not self.reply or not all("{" + ANSWER + "}" in text for text in self.reply):
            raise ValueError(f"has a lookup, expected a reply with {{{ANSWER}}}")
        return self


class Prompts(_Part):
    """What is said outside the intents; SSML, variants take turns."""

    out_of_scope: Texts = Field(min_length=1)
    not_heard: Texts = Field(min_length=1)
    help: Texts = Field(min_length=1)
    change: Texts = ("What should I change?",)
    cancelled: Texts = ("All right, never mind.",)
    nothing_to_repeat: Texts = ("I have not said anything yet.",)
    acknowledged: Texts = ("All right.",)
    pending: Texts = ("Let me look that up.",)
    nothing_found: Texts = ("Sorry, I don't know that.",)
    repair: Texts = ("Sorry, I got that wrong.",)
    """Said when something that was led was heard and turns out wrong, before what is right."""


class Consents(_Part):
    """What may be stored of a conversation if neither the token nor the client says."""

    level: Consent | None = None
    """Without ``ask``: what may be; with it: what a yes allows. None leaves it to the endpoint's settings."""
    ask: Texts = ()
    """The question, SSML; variants take turns. It is asked before anything else is answered."""
    given: Texts = ("Thank you.",)
    """What is said to a yes."""
    refused: Texts = ("All right, nothing is recorded.",)
    """What is said to a no, or to two answers that are neither."""

    @model_validator(mode="after")
    def _asks_for_something(self) -> "Consents":
        if self.ask and self.level in (None, Consent.NONE):
            raise ValueError("has a question, expected level to be transcript or full")
        return self


class Assistant(_Part):
    """One assistant, as its file describes it."""

    name: str = Field(min_length=1)
    language: Tag | None = None
    """BCP 47 tag of what is said to it and by it; None leaves that to the project and the endpoint."""
    voice: str
    style: Style = Style()
    """How all of it is said."""
    greeting: str
    """First thing said, SSML."""
    intents: dict[str, Intent]
    slots: dict[str, Slot] = {}
    prompts: Prompts
    rules: dict[str, str] = {}
    """Template parts by name, used as ``<name>``."""
    fillers: tuple[str, ...] = ()
    """Words that mean nothing here."""
    connectors: tuple[str, ...] = ()
    """Words a sentence does not end with."""
    backchannels: tuple[str, ...] = ()
    """Utterances that don't interrupt a reply."""
    pronunciations: dict[str, str] = {}
    """Words spelled as they sound, in simpler English words."""
    recognizer_vocabulary: tuple[str, ...] = ()
    """Phrases for the recogniser besides the slot values."""
    calibration: Path | None = None
    """What the engines' confidence is worth: a file, relative to the assistant's."""
    early: Early = Early()
    lead: Lead = Lead()
    endpointing: Endpointing = Endpointing()
    certainty: Certainty = Certainty()
    consent: Consents = Consents()

    @model_validator(mode="after")
    def _understands_the_answer(self) -> "Assistant":
        missing = [name for name in ("yes", "no") if name not in self.intents]
        if self.consent.ask and missing:
            raise ValueError(f"asks for consent, expected the intents {' and '.join(missing)}")
        return self

    @property
    def fixed_prompts(self) -> tuple[str, ...]:
        """Return what is said word for word, SSML: worth having synthesised beforehand."""
        intents = self.intents.values()
        unused = [] if any(intent.lookup for intent in intents) else ["pending", "nothing_found"]
        unused += [] if self.lead.of_replies else ["repair"]
        prompts = [text for name, texts in self.prompts if name not in unused for text in texts]
        asked = [text for slot in self.slots.values() for text in slot.ask]
        replies = [t for one in intents for t in (*one.reply, *one.pending, *one.nothing_found)]
        consent = (*self.consent.given, *self.consent.refused) if self.consent.ask else ()
        first = (self.greeting, *self.consent.ask, *consent, *self.lead.prefixes)
        said = (fixed(text, CALLER_FACTS) for text in (*first, *asked, *replies, *prompts))
        return tuple(dict.fromkeys(text for text in said if text))

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Return the phrases that may bias the recogniser, most telling first, without repeats."""
        phrases = [value.name for slot in self.slots.values() for value in slot.values]
        return tuple(dict.fromkeys((*phrases, *self.recognizer_vocabulary)))
