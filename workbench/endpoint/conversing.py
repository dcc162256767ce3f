"""The conversing stage: observations in, turns and interruptions decided.

It feeds the deciders with what was noticed and lets ``Answering`` answer; all that is decided is recorded.
"""

from collections.abc import Callable
from dataclasses import replace

from anyio.streams.memory import MemoryObjectReceiveStream

from workbench.conversation.barge_in import BargeIn, BargeInMove, BargeInSettings, meaning_words
from workbench.conversation.endpointing import (
    Endpointing,
    EndpointingSettings,
    Evidence,
    TurnEnd,
    completeness,
)
from workbench.core.events import (
    Backchannelled,
    BargedIn,
    Body,
    FinalTranscript,
    PartialTranscript,
    Source,
    SpeechStarted,
    TurnEnded,
)
from workbench.endpoint.answering import Answering
from workbench.endpoint.context import Context
from workbench.endpoint.listening import (
    SILENCE_NOTICED,
    Began,
    Ended,
    Heard,
    Listening,
    Observation,
    Pass,
    StreamEnded,
    Tick,
    next_observation,
)
from workbench.endpoint.speaking import Record, Speaking
from workbench.endpoint.utterance import Utterance
from workbench.protocol.native import Playback
from workbench.speech.ports import RECOGNIZER_RATE

BEFORE_SPEECH = 0.5
"""Seconds before the first voiced sample that voice activity and the recogniser want to hear."""

EARLY_FINAL_SCORE = 0.5
"""Completeness from which a careful pass before the end of the turn is worth its processor time."""


class Conversing:
    """Leads one conversation.

    Parameters
    ----------
    endpointing, barge_in : when turns end, and when speech interrupts a reply
    listening, answering, speaking : the stages and what answers
    record, now : the timeline and its clock
    """

    def __init__(
        self,
        *,
        endpointing: EndpointingSettings,
        barge_in: BargeInSettings,
        listening: Listening,
        answering: Answering,
        speaking: Speaking,
        record: Record,
        now: Callable[[], float],
    ) -> None:
        self._now = now
        self._endpointing = Endpointing(endpointing)
        self._listening = listening
        self._answering = answering
        self._speaking = speaking
        self._record = record
        self._barge_in = barge_in
        self._utterance: Utterance | None = None
        self._closing: dict[int, Utterance] = {}
        self._finishing: Utterance | None = None
        self._dealt_with = 0
        """Position of the end of the last turn that was answered or carried."""
        self._turn = 0
        self._position = 0
        self.last_active = 0.0
        """Session time when either side last spoke."""

    @property
    def turn(self) -> int:
        """Return the number of the caller's turn at hand, from 0."""
        return self._turn

    async def run(self, inbox: MemoryObjectReceiveStream[Observation]) -> None:
        """Converse until the observations end."""
        async with inbox:
            while (observation := await next_observation(inbox)) is not None:
                match observation:
                    case Tick():
                        await self._tick(observation)
                    case Began():
                        self._began(observation)
                    case Ended():
                        self._ended(observation)
                    case Heard(kind=Pass.FINAL):
                        await self._final(observation)
                    case Heard():
                        await self._partial(observation)
                    case StreamEnded():
                        await self._stream_ended()

    def playback(self, message: Playback) -> None:
        """Take in what the client reports of the current reply."""
        reply = self._speaking.find(message.reply)
        if reply is None:
            return
        begins = message.state == "started"
        self._speaking.played(reply, message)
        if begins:
            self._answering.began_to_be_heard(reply)
        if message.state == "stopped" and message.reason == "barge-in":
            self._answering.interrupted(reply, reply.text_heard(self._speaking.seconds(message.heard)))
        elif message.state == "stopped":
            self._answering.changed()
            self._add()

    def enriched(self) -> None:
        """Take in that something was looked up: for the reply in preparation, or to be added."""
        if self._utterance is not None:
            self._prepare(self._utterance)
        self._add()

    def _add(self) -> None:
        turns = any((self._utterance, self._finishing, self._closing))
        free = not turns and self._speaking.current is None and not self._answering.carried
        self._answering.add(floor_free=free, turn=max(0, self._turn - 1))

    @property
    def settled(self) -> int:
        """Return how much of the caller's stream, in samples at 16 kHz, need not be heard again.

        A turn must be heard again, from a little before its first sound, until it has been answered.
        """
        turns = filter(None, (self._utterance, self._finishing, *self._closing.values()))
        starts = [turn.began for turn in turns]
        unsettled = min([*starts, self._position]) - round(BEFORE_SPEECH * RECOGNIZER_RATE)
        return max(self._dealt_with, unsettled)

    def remembered(self, context: Context) -> Context:
        """Return ``context`` with this conversation in it."""
        return self._answering.remembered(
            replace(context, turn=self._turn, longest_pause=self._endpointing.longest_pause)
        )

    def restore(self, context: Context, *, position: int) -> None:
        """Go on from ``context`` at a sample of the stream at 16 kHz; call it before :meth:`run`."""
        self._turn, self._position, self._dealt_with = context.turn, position, position
        self._endpointing.longest_pause = context.longest_pause

    def _note(self, body: Body, source: Source) -> None:
        self._record(body, turn=self._turn, source=source)

    def _began(self, began: Began) -> None:
        utterance = self._utterance
        if utterance is None or utterance.number != began.utterance:
            if began.resumed:  # its turn was ended meanwhile; what is said now opens an utterance of its own
                return
            self._note(began.event, Source.RECOGNIZER)
            self._utterance = self._new(began.utterance, began.event)
            return
        self._note(began.event, Source.RECOGNIZER)
        self._endpointing.paused(utterance.silence)
        utterance.silence = 0.0
        utterance.early_final_wanted = False
        self._answering.speech_resumed(utterance.preparation, turn=self._turn)

    def _new(self, number: int, event: SpeechStarted) -> Utterance:
        utterance = Utterance(number, event.position, self._answering.preparation(), ended=event.position)
        if self._speaking.current is not None:
            settings = self._barge_in
            if self._answering.confirming:  # "yes" is no backchannel then
                settings = replace(settings, backchannels=())
            utterance.barge_in = BargeIn(settings)
        return utterance

    def _ended(self, ended: Ended) -> None:
        self._note(ended.event, Source.RECOGNIZER)
        utterance = self._utterance
        if utterance is None or utterance.number != ended.utterance:
            return
        utterance.ended, utterance.silence = ended.event.position, max(utterance.silence, SILENCE_NOTICED)
        if utterance.heard is not None and utterance.heard.position >= utterance.ended:
            self._prepare(utterance)

    async def _tick(self, tick: Tick) -> None:
        if self._utterance is not None or self._speaking.current is not None:
            self.last_active = self._now()
        self._position = tick.position
        utterance = self._utterance
        if utterance is None:
            self._add()
            return
        utterance.silence = tick.silence
        utterance.ended = max(utterance.ended, tick.voiced_end)
        duration = (tick.position - utterance.began) / RECOGNIZER_RATE
        if utterance.barge_in is not None:
            self._interruption(utterance, utterance.barge_in, duration, tick.silence)
        else:
            end = self._endpointing.decide(utterance.evidence, silence=tick.silence, duration=duration)
            if end is not None:
                await self._end(utterance, end)

    def _interruption(self, utterance: Utterance, barge_in: BargeIn, speech: float, silence: float) -> None:
        reply = self._speaking.current
        if reply is None:  # it ended by itself: what is said now is an ordinary turn
            utterance.barge_in = None
            return
        decision = barge_in.decide(utterance.text, speech=speech, silence=silence)
        match decision.move:
            case BargeInMove.PAUSE:
                self._speaking.pause()
            case BargeInMove.RESUME:
                self._speaking.resume()
                self._note(
                    Backchannelled(reply=reply.number, text=utterance.text, reason=decision.reason),
                    Source.TURN_TAKING,
                )
                self._forget(utterance)
            case BargeInMove.STOP:
                utterance.barge_in = None
                utterance.stopped = True
                self._note(
                    BargedIn(
                        reply=reply.number,
                        position=utterance.began,
                        rate=RECOGNIZER_RATE,
                        reason=decision.reason,
                    ),
                    Source.TURN_TAKING,
                )
                self._speaking.stop()
                if not reply.started:
                    self._answering.interrupted(reply, "")

    async def _partial(self, heard: Heard) -> None:
        utterance = self._utterance
        hypothesis = heard.hypothesis
        if utterance is None or utterance.number != heard.utterance:
            return
        utterance.text = hypothesis.text
        self._note(
            PartialTranscript(
                text=hypothesis.text,
                words=hypothesis.words,
                stable=hypothesis.stable,
                stability=hypothesis.stability,
                confidence=hypothesis.confidence,
                end_of_sentence=hypothesis.end_of_sentence,
                audio_end=hypothesis.audio_end,
            ),
            Source.RECOGNIZER,
        )
        if not hypothesis.words or utterance.barge_in is not None:
            return
        early = heard.kind is Pass.EARLY_FINAL
        if self._answering.busy and not early:  # the next is thought about instead
            return
        answer = await self._answering.answer(
            hypothesis.text,
            alternatives=hypothesis.alternatives,
            origin="final" if early else "partial",
        )
        self._answering.note(answer, utterance.preparation, turn=self._turn, origin="partial")
        utterance.evidence = Evidence(
            end_of_sentence=hypothesis.end_of_sentence,
            stability=hypothesis.stability,
            complete=answer.interpretation.complete if answer.interpretation.intent else None,
            words=len(hypothesis.words),
        )
        utterance.heard, utterance.answer = heard, answer
        if early:
            utterance.early_final = heard
        self._prepare(utterance)

    def _prepare(self, utterance: Utterance) -> None:
        """Offer the last answer to early synthesis, and ask for a careful pass if it would likely count."""
        if utterance.heard is None or utterance.answer is None:
            return
        self._answering.offer(
            utterance.answer,
            utterance.preparation,
            turn=self._turn,
            stability=utterance.heard.hypothesis.stability,
            silence=utterance.silence,
        )
        if self._worth_early_final(utterance, utterance.heard):
            utterance.early_final_wanted = True
            self._listening.want(Pass.EARLY_FINAL)

    def _worth_early_final(self, utterance: Utterance, heard: Heard) -> bool:
        """Return whether a careful pass now would likely be the final: it hears all, and it sounds whole."""
        return (
            self._answering.early.enabled
            and not utterance.early_final_wanted
            and utterance.silence > 0
            and heard.position >= utterance.ended
            and completeness(utterance.evidence) >= EARLY_FINAL_SCORE
        )

    async def _end(self, utterance: Utterance, end: TurnEnd) -> None:
        """End the turn; its final comes as an observation, or at once if an early one heard all there was."""
        self._note(
            TurnEnded(
                reason=end.reason,
                score=end.score,
                hangover=end.hangover,
                position=utterance.ended,
                rate=RECOGNIZER_RATE,
            ),
            Source.TURN_TAKING,
        )
        self._utterance = None
        self._closing[utterance.number] = utterance
        early = utterance.early_final
        if early is not None and early.position >= utterance.ended:
            self._listening.end_utterance(final=False)
            await self._final(early)
        else:
            self._listening.end_utterance(final=True)

    async def _final(self, heard: Heard) -> None:
        utterance = self._finishing = self._closing.pop(heard.utterance, None)
        if utterance is not None:
            await self._finish(utterance, heard)
            self._finishing = None

    async def _finish(self, utterance: Utterance, heard: Heard) -> None:
        hypothesis = heard.hypothesis
        words = hypothesis.words
        self._note(
            FinalTranscript(
                text=hypothesis.text,
                words=words,
                confidence=hypothesis.confidence,
                language=hypothesis.language,
                audio_start=words[0].start if words else utterance.began / RECOGNIZER_RATE,
                audio_end=words[-1].end if words else utterance.ended / RECOGNIZER_RATE,
                alternatives=hypothesis.alternatives,
                duration=heard.duration,
            ),
            Source.RECOGNIZER,
        )
        if self._goes_on(utterance) and not self._answering.overfull:
            self._deal_with(utterance)
            self._answering.speech_resumed(utterance.preparation, turn=self._turn)
            self._answering.carry(hypothesis.text)
            return
        if not words and not self._answering.carried:
            self._answering.drop(utterance.preparation, turn=self._turn)
            if utterance.stopped:
                self._answering.say_again(turn=self._turn)
            return
        answer = await self._answering.answer(
            hypothesis.text, alternatives=hypothesis.alternatives, origin="final"
        )
        self._answering.note(answer, utterance.preparation, turn=self._turn, origin="final")
        self._deal_with(utterance)
        self._answering.commit(answer, utterance.preparation, turn=self._turn)
        self._turn += 1
        self._answering.changed()

    def _deal_with(self, utterance: Utterance) -> None:
        self._finishing, self._dealt_with = None, utterance.ended

    def _goes_on(self, utterance: Utterance) -> bool:
        """Return whether the caller spoke on after ``utterance``: one turn, answered at its end."""
        if self._utterance is not None:
            self._endpointing.paused((self._utterance.began - utterance.ended) / RECOGNIZER_RATE)
        return self._utterance is not None or bool(self._closing)

    def _forget(self, utterance: Utterance) -> None:
        self._answering.drop(utterance.preparation, turn=self._turn)
        self._utterance = None
        self._listening.end_utterance(final=False)

    async def _stream_ended(self) -> None:
        utterance = self._utterance
        if utterance is None:
            return
        unmeant = not meaning_words(utterance.text, self._barge_in.backchannels)
        if utterance.barge_in is not None and self._speaking.current is not None and unmeant:
            self._speaking.resume()
            self._forget(utterance)
            return
        await self._end(utterance, TurnEnd(reason="end-of-audio", score=0.0, hangover=utterance.silence))
