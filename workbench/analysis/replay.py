"""What a recorded session would have been under other settings: the deciders of the live pipeline, run again.

The caller's voice activity, the recogniser's passes, what the words were taken to mean, lookups and playback
are taken from the recording, in the order they were dealt with. With the settings of the recording the
decisions are those of the recording. With others, what never happened is estimated (``docs/replay.md``).
"""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from workbench.analysis.replay_decisions import DECIDED
from workbench.analysis.replay_ear import ReplayEar, ReplayLookups
from workbench.analysis.replay_memory import Memory, meaning
from workbench.analysis.replay_settings import (
    ReplaySettings,
    reading_language,
    recorded_assistant,
    recorded_settings,
)
from workbench.analysis.replay_voice import ReplayReply, ReplayVoice
from workbench.conversation.assistant_model import Assistant
from workbench.conversation.endpointing import Endpointing
from workbench.conversation.observations import Observation, StreamEnded
from workbench.conversation.replying import Replying, Said
from workbench.conversation.tuning import settings_told
from workbench.conversation.turn_taking import Steps, TurnTaking
from workbench.conversation.understanding import Interpretation, Understanding
from workbench.core.clock import ManualClock
from workbench.core.events import (
    ConsentSettled,
    Event,
    FinalTranscript,
    FinalWanted,
    LookupDone,
    PartialTranscript,
    PlaybackPaused,
    PlaybackPosition,
    PlaybackResumed,
    PlaybackStarted,
    PlaybackStopped,
    ReplyChosen,
    SessionClosed,
    Source,
    SynthesisFirstAudio,
    SynthesisFirstByte,
    SynthesisReady,
    TurnTakingTuned,
    Understood,
    VoiceActivityNoted,
)
from workbench.core.timeline import Timeline
from workbench.errors import ParameterError

_WAITS_FOR_NOTHING = VoiceActivityNoted | PartialTranscript
"""What can't have been dealt with while words were being understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a session would have been."""

    timeline: Timeline
    settings: ReplaySettings
    began: Mapping[int, int]
    """Where each utterance began, samples at 16 kHz."""
    commits: Mapping[int, tuple[int, int]]
    """Places in the recording at which each reply was prepared and committed."""
    left: Said | None = None
    """What was still being understood when it ended."""


def replay(
    timeline: Timeline,
    settings: ReplaySettings | None = None,
    *,
    assistant: Assistant | None = None,
    like: Replayed | None = None,
) -> Replayed:
    """Return what the session would have been under ``settings``; those it had, if there are none.

    Parameters
    ----------
    timeline : the recording's
    settings : what decides
    assistant : whom the caller talked to; the shipped one of the recorded name if not given
    like : the replay with the recording's own settings, if it is there already

    Raises
    ------
    ParameterError
        If the recording lacks what a replay needs, or the assistant is not known or knows none of an intent
        that was understood.
    """
    events = timeline.events
    own = recorded_settings(events)
    assistant = recorded_assistant(events, assistant)
    _expect_known(events, assistant)
    memory = Memory(events)
    if settings is None:
        return _Run(memory, own, assistant, None).run()
    like = like or _Run(memory, own, assistant, None).run()
    return _Run(memory, settings, assistant, like).run()


def _expect_known(events: Sequence[Event], assistant: Assistant) -> None:
    """Refuse an assistant that could not have been talked to."""
    understood = {event.body.intent for event in events if isinstance(event.body, Understood)}
    unknown = sorted(understood - {None, *assistant.intents}, key=str)
    if unknown:
        raise ParameterError(
            f"the session understood {unknown[0]!r}, which assistant {assistant.name} does not know, "
            "expected the assistant it was recorded with"
        )


class _Run:
    """One pass over a recording."""

    def __init__(
        self, memory: Memory, settings: ReplaySettings, assistant: Assistant, like: Replayed | None
    ) -> None:
        self._memory = memory
        self._settings = settings
        self._assistant = assistant
        self._estimates = like is not None
        self._left = None if like is None else like.left
        self._clock = ManualClock()
        self._timeline = Timeline(self._clock)
        self._windows = [
            (noted.position + i * noted.window, activity)
            for event in memory.events
            if isinstance(noted := event.body, VoiceActivityNoted)
            for i, activity in enumerate(noted.activity)
        ]
        self._next_window = 0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._scheduled = 0
        self._steps: Steps | None = None
        self._waiting: list[Observation] = []
        self._said: Said | None = None
        self._place = 0
        self._in_batch = False
        self._busy = False
        self._understanding: Understanding | None = None
        self._voice = ReplayVoice(
            memory,
            self._timeline,
            commits=None if like is None else dict(like.commits),
            later=self._later,
            played=self._played,
            reading=reading_language(memory.events),
        )
        self._ear = ReplayEar(
            memory,
            self._windows,
            began=None if like is None else dict(like.began),
            later=self._later,
            now=self._clock.now,
            tell=self._take,
        )
        self._lookups = ReplayLookups(
            settings.enrichment,
            enabled=settings.lookups,
            owed=lambda: self._replying.owed,
        )
        self._replying: Replying[ReplayReply] = Replying(
            assistant=assistant,
            early=settings.early,
            lead=settings.lead,
            speaking=self._voice,
            record=self._timeline.record,
            now=self._clock.now,
            replies=settings.replies,
            enriching=self._lookups,
            worth=settings.worth,
            consent=settings.consent,
        )
        self._taking: TurnTaking[ReplayReply] = TurnTaking(
            endpointing=Endpointing(settings.endpointing, settings.speaker),
            barge_in=settings.barge_in,
            ear=self._ear,
            replying=self._replying,
            voice=self._voice,
            record=self._timeline.record,
            now=self._clock.now,
            busy=lambda: self._busy,
        )

    def run(self) -> Replayed:
        """Go through the recording."""
        for place, event in enumerate(self._memory.events):
            self._place = self._voice.place = place
            self._event(event)
        return Replayed(
            timeline=self._timeline,
            settings=self._settings,
            began=self._ear.began,
            commits=self._voice.commits,
            left=self._said,
        )

    def _event(self, event: Event) -> None:
        body = event.body
        if isinstance(body, VoiceActivityNoted):
            self._heard(event.at, body)
            return
        self._until(event.at)
        match body:
            case PartialTranscript() | FinalTranscript() | FinalWanted():
                self._recognized(body)
            case Understood():
                self._understood(body)
            case ReplyChosen():
                self._chosen(event, body)
            case LookupDone():
                self._looked_up(event, body)
            case ConsentSettled(how="client" | "withdrawn" as how):
                self._settled(event, how)
            case TurnTakingTuned():
                self._tuned(body)
            case _:
                self._spoken_or_copied(event)

    def _recognized(self, body: PartialTranscript | FinalTranscript | FinalWanted) -> None:
        heard = None
        match body:
            case PartialTranscript():
                self._busy = body.passed_over
                heard = self._ear.partial(body)
            case FinalTranscript(early=False):
                heard = self._ear.final(body)
            case FinalWanted(position=position):
                self._ear.wanted(position)
        if heard is not None:
            self._take(heard)

    def _tuned(self, body: TurnTakingTuned) -> None:
        """Change the settings as then; a replay under given settings has them to its end."""
        if not self._estimates:
            self._taking.tune(settings_told(body.settings))

    def _looked_up(self, event: Event, done: LookupDone) -> None:
        self._taking.flush()
        self._copy(event)
        if self._lookups.done(done):
            self._taking.enriched()

    def _settled(self, event: Event, how: str) -> None:
        """Go on after a word on consent that was not the caller's: nothing here decides it."""
        self._taking.flush()
        self._copy(event)
        if how == "client":
            self._replying.consented(turn=self._taking.turn)

    def _spoken_or_copied(self, event: Event) -> None:
        body = event.body
        match body:
            case PlaybackStarted() | PlaybackStopped():
                self._taking.flush()
                self._voice.report(event, body)
            case PlaybackPosition() | PlaybackPaused() | PlaybackResumed():
                self._voice.report(event, body)
            case SynthesisFirstByte() | SynthesisFirstAudio() | SynthesisReady():
                reply = self._voice.shown(body.reply)
                if reply is not None:
                    mine = replace(body, reply=reply.number)
                    self._timeline.record(mine, turn=reply.turn, source=event.source)
            case SessionClosed():
                self._taking.flush()  # what is left of the voice activity
                self._copy(event)
            case _ if not isinstance(body, DECIDED):
                self._copy(event)
            case _:
                pass

    def _copy(self, event: Event) -> None:
        self._timeline.record(event.body, turn=event.turn, source=event.source)

    # --- what is heard

    def _heard(self, at: float, noted: VoiceActivityNoted) -> None:
        count = len(noted.activity)
        for i in range(count):
            self._until(at - (count - 1 - i) * noted.window / noted.rate)
            self._in_batch = i < count - 1
            for observation in self._ear.window(self._next_window):
                self._take(observation)
            self._next_window += 1
        self._in_batch = False
        if noted.ended:
            self._take(StreamEnded())

    def _take(self, observation: Observation) -> None:
        """Deal with an observation, once what is being understood is."""
        if self._steps is not None:
            self._answer()
        if self._steps is not None:  # the recording ended while this was being understood
            return
        self._ear.deals_with(observation)
        self._steps = self._taking.take(observation)
        self._go_on(None)

    def _go_on(self, meant: Interpretation | None) -> None:
        steps = self._steps
        if steps is None:
            return
        try:
            self._said = next(steps) if meant is None else steps.send(meant)
        except StopIteration:
            self._steps = self._said = None
            return
        if not self._comes(self._said):
            self._answer()

    # --- what it means

    def _comes(self, said: Said) -> bool:
        """Return whether the recording is about to tell what this means, or ended before it was known."""
        if self._in_batch:
            return False
        for event in self._memory.events[self._place + 1 :]:
            body = event.body
            if isinstance(body, Understood):
                return (body.text, body.expecting, body.origin) == (said.text, said.expecting, said.origin)
            waits = not (isinstance(body, VoiceActivityNoted) and not body.activity)
            if (isinstance(body, _WAITS_FOR_NOTHING) and waits) or (
                isinstance(body, FinalTranscript) and not body.early
            ):
                return False
        return not self._estimates or said == self._left

    def _understood(self, body: Understood) -> None:
        said = self._said
        if said is not None and (body.text, body.expecting, body.origin) == (
            said.text,
            said.expecting,
            said.origin,
        ):
            self._go_on(meaning(body))

    def _answer(self) -> None:
        """Find out at once what is being understood: as then, or anew."""
        while self._said is not None:
            said = self._said
            known = self._memory.meaning(said)
            if known is None:
                self._understanding = self._understanding or Understanding(self._assistant)
                known = self._understanding.interpret(
                    said.text, alternatives=said.alternatives, expecting=said.expecting, origin=said.origin
                )
            self._go_on(known)

    # --- what is said

    def _chosen(self, event: Event, chosen: ReplyChosen) -> None:
        if event.source is Source.CLIENT:
            self._taking.flush()
            self._replying.say(chosen.ssml, text=chosen.text, turn=self._taking.turn)
        elif self._greets(chosen):
            self._taking.flush()
            self._replying.greet()

    def _greets(self, chosen: ReplyChosen) -> bool:
        """Return whether this is the greeting: the first reply, before anything was understood."""
        for event in self._memory.events:
            if isinstance(event.body, Understood):
                return False
            if isinstance(event.body, ReplyChosen) and event.source is Source.DIALOG:
                return event.body is chosen
        return False

    def _played(self, reply: ReplayReply, state: str, reason: str | None, text_heard: str) -> None:
        self._taking.played(reply, state, reason, lambda: text_heard)

    # --- time

    def _later(self, at: float, act: Callable[[], None]) -> None:
        if self._estimates:
            self._scheduled += 1
            heapq.heappush(self._due, (at, self._scheduled, act))

    def _until(self, at: float) -> None:
        """Let session time go on, and what was scheduled happen."""
        while self._due and self._due[0][0] <= at:
            due, _, act = heapq.heappop(self._due)
            self._move(due)
            act()
        self._move(at)

    def _move(self, at: float) -> None:
        self._clock.advance(max(0.0, at - self._clock.now()))
