"""The stages of one session, put together from what its opening settled."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass, replace

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.barge_in import BACKCHANNELS, BargeInSettings
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import Endpointing, EndpointingSettings
from workbench.conversation.enrichment import EnrichmentSettings
from workbench.conversation.leading import LeadSettings
from workbench.conversation.tuning import TurnTakingSettings
from workbench.core.events import ErrorRaised, SessionOpened
from workbench.core.languages import SessionLanguage, primary
from workbench.core.timeline import Timeline
from workbench.endpoint.answering import Answering
from workbench.endpoint.beginning import Beginning
from workbench.endpoint.consenting import may_keep_sound
from workbench.endpoint.conversing import Conversing
from workbench.endpoint.enriching import Enriching
from workbench.endpoint.host import Host
from workbench.endpoint.listening import Listening
from workbench.endpoint.observed import Observed
from workbench.endpoint.recording import Recorder
from workbench.endpoint.sending import Sending
from workbench.endpoint.session_voice import spoken_language
from workbench.endpoint.speaking import Speaking
from workbench.protocol.native import SessionWish
from workbench.security.tokens import Scope
from workbench.speech.ports import RECOGNIZER_RATE

OBSERVATIONS_WAITING = 64
"""Observations that may wait for the conversing stage; then the caller's stream waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """What hears, decides, answers and speaks in one session, and what keeps the sound."""

    listening: Listening
    conversing: Conversing
    answering: Answering
    speaking: Speaking
    enriching: Enriching
    recorder: Recorder
    observations: Observed
    """From listening to conversing."""
    output_rate: int
    opening: tuple[SessionOpened | ErrorRaised, ...]
    """The first events: how the session is, and what its client should know of that."""

    def restore(self, begin: Beginning) -> None:
        """Go on where the session stood, in another process; call it once what speaks has begun."""
        self.answering.restore(
            begin.context,
            acted=begin.acted,
            spoken=begin.spoken,
            newest=begin.resume.reply,
            received=begin.resume.received,
        )

    async def greet(self) -> None:
        """Speak first, by name if the caller is found in time."""
        await self.enriching.caller_known()
        self.conversing.greet()

    def settled(self, rate: int) -> int:
        """Return how much of the caller's stream, in samples at ``rate``, need not be heard again."""
        return self.conversing.settled * rate // RECOGNIZER_RATE


def build(  # noqa: PLR0913  what a session is made of
    begin: Beginning,
    host: Host,
    timeline: Timeline,
    sending: Sending,
    *,
    changed: Callable[[], None],
    stored: Callable[[], Awaitable[None]],
) -> Stages:
    """Return the stages of the session that ``begin`` describes; nothing runs yet.

    Parameters
    ----------
    timeline, sending : where events, audio and control messages go
    changed : called when what another process would need to know has changed
    stored : waits until what was recorded, and has changed, outlives the process
    """
    assistant, wish, settings = begin.prepared.assistant, begin.wish, host.settings
    observations = Observed(OBSERVATIONS_WAITING)
    listening = Listening(
        recognizer=host.engines.recognizer(begin.context.turn),
        language=begin.prepared.language.tag,
        vocabulary=assistant.vocabulary,
        voice_activity=begin.prepared.voice_activity,
        outbox=observations,
        threads=host.hearing_threads,
        partial_every=settings.partial_every,
    )
    speaking = Speaking(
        synthesizer=host.engines.synthesizer(),
        threads=host.speaking_threads,
        audio_format=begin.output,
        record=timeline.record,
        output=sending,
        send_ahead=settings.send_ahead,
        now=timeline.now,
        count=begin.replies,
        stored=stored,
        keeps_sound=settings.record is not None and may_keep_sound(begin.consent),
        style=assistant.style.setting,
        language=spoken_language(assistant),
        reading=begin.prepared.language.tag,
    )
    deciding = begin.tuned or _deciding(assistant, wish.settings)
    lead = LeadSettings(**assistant.lead.model_dump())
    worth = host.worth(assistant.name, begin.prepared.language.tag)
    enrichment = EnrichmentSettings(limit=settings.lookup_timeout)
    enriching = Enriching(
        lookups=host.lookups,
        threads=host.lookup_threads,
        caller=begin.grant.client,
        record=timeline.record,
        now=timeline.now,
        settings=enrichment,
    )
    answering = Answering(
        assistant=assistant,
        mind=begin.prepared.mind,
        early=deciding.early,
        lead=lead,
        speaking=speaking,
        record=timeline.record,
        now=timeline.now,
        replies=begin.grant.allows(Scope.CONVERSE),
        changed=changed,
        enriching=enriching,
        worth=worth,
        consent=begin.consent.asking is not None,
    )
    speaker = begin.context.speaker or host.speakers.known(begin.grant)
    barge_in = BargeInSettings(backchannels=assistant.backchannels or BACKCHANNELS)
    conversing = Conversing(
        endpointing=Endpointing(deciding.endpointing, speaker),
        barge_in=barge_in,
        listening=listening,
        answering=answering,
        speaking=speaking,
        record=timeline.record,
        now=timeline.now,
    )
    enriching.attach(before=conversing.noticed, changed=conversing.enriched, owed=lambda: answering.owed)
    conversing.restore(begin.context, position=begin.position * RECOGNIZER_RATE // begin.input.rate)
    folder = settings.record if may_keep_sound(begin.consent) else None
    opened = SessionOpened(
        session=begin.name,
        assistant=assistant.name,
        input_encoding=begin.input.encoding.value,
        input_rate=begin.input.rate,
        output_encoding=begin.output.encoding.value,
        output_rate=begin.output.rate,
        settings={
            **deciding.told(),
            "lead": asdict(lead),
            "speaker": asdict(speaker),
            "calibration": asdict(worth),
            "barge_in": asdict(barge_in),
            "partial_every": settings.partial_every,
            "replies": answering.replies,
            "lookups": host.lookups is not None,
            "enrichment": asdict(enrichment),
            "consent": begin.consent.told(),
            "engines": host.engines.name,
            "language": begin.prepared.language.told(),
            "voice": assistant.voice,
            "sensitive": [name for name, slot in assistant.slots.items() if slot.sensitive],
            "style": asdict(assistant.style.setting),
        },
    )
    return Stages(
        listening=listening,
        conversing=conversing,
        answering=answering,
        speaking=speaking,
        enriching=enriching,
        recorder=Recorder(
            folder / begin.name if folder else None,
            begin.input,
            begin.output,
            start=begin.position,
            allowed=begin.consent.level.keeps_sound,
            mask=host.masking(begin.grant.project).wanted,
        ),
        observations=observations,
        output_rate=begin.output.rate,
        opening=(opened, *_notes(assistant, begin.prepared.language)),
    )


def _notes(assistant: Assistant, language: SessionLanguage) -> Iterator[ErrorRaised]:
    """Yield what the client should know of a session that is not as it may expect."""
    if primary(assistant.language or language.tag) != primary(language.tag):
        words = f"the assistant understands and speaks {assistant.language}"
        yield ErrorRaised(code="other-language", message=f"{words}, what is listened for is {language.tag}")


def _deciding(assistant: Assistant, wish: SessionWish) -> TurnTakingSettings:
    early = EarlySynthesisSettings(**assistant.early.model_dump())
    if not wish.early_synthesis:
        early = replace(early, enabled=False)
    wanted = assistant.endpointing.model_dump()
    endpointing = EndpointingSettings(turn_max=wanted.pop("longest_turn"), **wanted)
    return TurnTakingSettings(early, endpointing)
