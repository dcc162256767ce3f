"""Turn taking: observations in, turns and interruptions decided, replies prepared and given.

It waits for nothing. What must be found out elsewhere (what some words mean) is yielded by
:meth:`TurnTaking.take`, which goes on with the answer; what is to be done is asked of an ear and a voice. So
a recorded session can be led again, by the same decisions, with other settings.
"""

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Generic, TypeAlias

from workbench.audio.voice_activity import RATE
from workbench.conversation.barge_in import BargeIn, BargeInMove, BargeInSettings, meaning_words
from workbench.conversation.endpointing import Endpointing, Evidence, TurnEnd, completeness
from workbench.conversation.expecting import Expected
from workbench.conversation.noted import activity_noted, final_transcript, partial_transcript
from workbench.conversation.noticing import SILENCE_NOTICED
from workbench.conversation.observations import (
    Began,
    Ended,
    Heard,
    Observation,
    Pass,
    StreamEnded,
    Tick,
)
from workbench.conversation.replying import Replying, Said, Signs
from workbench.conversation.tuning import TurnTakingSettings
from workbench.conversation.understanding import Interpretation
from workbench.conversation.utterance import Utterance, backchannelled, turn_ended
from workbench.conversation.voice import Ear, R, Record, Voice
from workbench.core.events import (
    BargedIn,
    Body,
    FinalWanted,
    Source,
    SpeechStarted,
    TurnTakingTuned,
)

BEFORE_SPEECH = 0.5
"""Seconds before the first voiced sample that voice activity and the recogniser want to hear."""

WINDOWS_AT_ONCE = 48
"""Windows of voice activity in one event: about one and a half seconds."""

Steps: TypeAlias = Generator[Said, Interpretation, None]
"""Yields words to be understood, and goes on with what they mean."""


class TurnTaking(Generic[R]):
    """Leads one conversation.

    Parameters
    ----------
    endpointing, barge_in : what decides when turns end, and when speech interrupts a reply
    ear, replying, voice : what hears, what answers and what speaks
    record, now : the timeline and its clock
    busy : tells whether so many words are being understood that others would have to wait
    """

    def __init__(
        self,
        *,
        endpointing: Endpointing,
        barge_in: BargeInSettings,
        ear: Ear,
        replying: Replying[R],
        voice: Voice[R],
        record: Record,
        now: Callable[[], float],
        busy: Callable[[], bool],
    ) -> None:
        self.endpointing = endpointing
        self._now = now
        self._ear = ear
        self._replying = replying
        self._voice = voice
        self._record = record
        self._busy = busy
        self._barge_in = barge_in
        self._utterance: Utterance[R] | None = None
        self._closing: dict[int, Utterance[R]] = {}
        self._finishing: Utterance[R] | None = None
        self._dealt_with = 0
        """Position of the end of the last turn that was answered or carried."""
        self._windows: list[tuple[int, int]] = []
        """Windows dealt with and not yet recorded."""
        self._position = 0
        self.turn = 0
        """Number of the caller's turn at hand, from 0."""
        self.last_active = 0.0
        """Session time when either side last spoke."""

    def take(self, observation: Observation) -> Steps:
        """Deal with ``observation``; the next may be taken when this is done."""
        match observation:
            case Tick():
                yield from self._tick(observation)
            case Began():
                self._began(observation)
            case Ended():
                self._ended(observation)
            case Heard(kind=kind):
                self.flush()
                yield from self._final(observation) if kind is Pass.FINAL else self._partial(observation)
            case StreamEnded():
                self.flush(ended=True)
                yield from self._stream_ended()

    @property
    def may_answer(self) -> bool:
        """Return whether a tick may end the turn and answer it at once: an early final is at hand."""
        return self._utterance is not None and self._utterance.early_final is not None

    def flush(self, *, ended: bool = False) -> None:
        """Record the voice activity dealt with so far, so that what is recorded next follows it."""
        windows, self._windows = self._windows, []
        for body in activity_noted(windows, position=self._position, ended=ended):
            self._note(body, Source.RECOGNIZER)

    def played(self, reply: R, state: str, reason: str | None, text_heard: Callable[[], str]) -> None:
        """Take in what the client reported, and the voice has recorded, of ``reply``."""
        if state == "started":
            self._replying.standing.began_to_be_heard(reply)
        if state == "stopped" and reason == "barge-in":
            self._replying.standing.interrupted(reply, text_heard())
        elif state == "stopped":
            self._replying.changed()
            self._add()

    def enriched(self) -> None:
        """Take in that something was looked up: for the reply in preparation, or to be added."""
        if self._utterance is not None:
            self._prepare(self._utterance)
        self._add()

    def _add(self) -> None:
        turns = any((self._utterance, self._finishing, self._closing))
        free = not turns and self._voice.current is None and not self._replying.standing.carried
        self._replying.add(floor_free=free, turn=max(0, self.turn - 1))

    @property
    def settled(self) -> int:
        """Return how much of the caller's stream, in samples at 16 kHz, need not be heard again.

        A turn must be heard again, from a little before its first sound, until it has been answered.
        """
        turns = filter(None, (self._utterance, self._finishing, *self._closing.values()))
        starts = [turn.began for turn in turns]
        unsettled = min([*starts, self._position]) - round(BEFORE_SPEECH * RATE)
        return max(self._dealt_with, unsettled)

    @property
    def settings(self) -> TurnTakingSettings:
        """Return what decides now."""
        return TurnTakingSettings(self._replying.early, self.endpointing.settings)

    def tune(self, settings: TurnTakingSettings) -> None:
        """Go on under other settings, early replies from the next turn on, and record them."""
        self.flush()
        self._replying.tune(settings.early)
        self.endpointing.settings = settings.endpointing
        self._note(TurnTakingTuned(settings=settings.told()), Source.TURN_TAKING)

    def restore(self, *, turn: int, position: int) -> None:
        """Go on at a turn and a sample of the stream at 16 kHz; call it before anything else."""
        self.turn, self._position, self._dealt_with = turn, position, position

    def _note(self, body: Body, source: Source) -> None:
        self._record(body, turn=self.turn, source=source)

    def _began(self, began: Began) -> None:
        utterance = self._utterance
        if utterance is None or utterance.number != began.utterance:
            if began.resumed:  # its turn was ended meanwhile; what is said now opens an utterance of its own
                return
            self._note(began.event, Source.RECOGNIZER)
            self._utterance = self._new(began.utterance, began.event)
            return
        self._note(began.event, Source.RECOGNIZER)
        self.endpointing.paused(utterance.silence)
        utterance.silence = 0.0
        utterance.early_final_wanted = False
        self._replying.preparing.speech_resumed(utterance.preparation, turn=self.turn)

    def _new(self, number: int, event: SpeechStarted) -> Utterance[R]:
        expected, barge_in = self._replying.expected, None
        if self._voice.current is not None:
            barge_in = BargeIn(self._barge_in.asked(yes_no=expected is Expected.YES_NO))
        return Utterance(
            number,
            event.position,
            self._replying.preparing.begin(),
            ended=event.position,
            evidence=Evidence(expected=expected),
            barge_in=barge_in,
        )

    def _ended(self, ended: Ended) -> None:
        self._note(ended.event, Source.RECOGNIZER)
        utterance = self._utterance
        if utterance is None or utterance.number != ended.utterance:
            return
        utterance.ended, utterance.silence = ended.event.position, max(utterance.silence, SILENCE_NOTICED)
        if utterance.heard is not None and utterance.heard.position >= utterance.ended:
            self._prepare(utterance)

    def _tick(self, tick: Tick) -> Steps:
        if self._utterance is not None or self._voice.current is not None:
            self.last_active = self._now()
        self._position = tick.position
        self._windows += tick.windows
        if len(self._windows) >= WINDOWS_AT_ONCE:
            self.flush()
        utterance = self._utterance
        if utterance is None:
            self._add()
            return
        utterance.silence = tick.silence
        utterance.ended = max(utterance.ended, tick.voiced_end)
        duration = (tick.position - utterance.began) / RATE
        if utterance.barge_in is not None:
            self._interruption(utterance, utterance.barge_in, duration, tick.silence)
        else:
            end = self.endpointing.decide(
                utterance.evidence,
                silence=tick.silence,
                duration=duration,
                spoken=(utterance.ended - utterance.began) / RATE,
            )
            if end is not None:
                yield from self._end(utterance, end)

    def _interruption(
        self, utterance: Utterance[R], barge_in: BargeIn, speech: float, silence: float
    ) -> None:
        reply = self._voice.current
        if reply is None:  # it ended by itself: what is said now is an ordinary turn
            utterance.barge_in = None
            return
        decision = barge_in.decide(utterance.text, speech=speech, silence=silence)
        match decision.move:
            case BargeInMove.PAUSE:
                self._voice.pause()
            case BargeInMove.RESUME:
                self._voice.resume()
                self._note(
                    backchannelled(
                        utterance, reply.number, decision.reason, decided=self._position, ahead=self._ahead()
                    ),
                    Source.TURN_TAKING,
                )
                self._forget(utterance)
            case BargeInMove.STOP:
                utterance.barge_in = None
                utterance.stopped = True
                self._note(
                    BargedIn(reply=reply.number, position=utterance.began, rate=RATE, reason=decision.reason),
                    Source.TURN_TAKING,
                )
                self._voice.stop()
                if not reply.started:
                    self._replying.standing.interrupted(reply, "")

    def _partial(self, heard: Heard) -> Steps:
        utterance = self._last_heard() if heard.kind is Pass.PARTIAL else self._utterance
        if utterance is None or utterance.number != heard.utterance:
            return
        worth, hypothesis = self._replying.worth, heard.hypothesis
        utterance.text = hypothesis.text
        early = heard.kind is Pass.EARLY_FINAL
        passed_over = not early and self._busy()  # the next is thought about instead
        self._note(
            partial_transcript(
                replace(heard, hypothesis=worth.calibrated(hypothesis)), passed_over=passed_over
            ),
            Source.RECOGNIZER,
        )
        if not hypothesis.words or utterance.barge_in is not None or passed_over:
            return
        answer = yield from self._replying.answer(
            hypothesis.text,
            alternatives=hypothesis.alternatives,
            origin="final" if early else "partial",
            turn=self.turn,
            worth=worth.intent,
        )
        self._replying.note(answer, utterance.preparation, turn=self.turn, origin="partial")
        utterance.understood(heard, answer, expected=self._replying.expected)
        if early:
            utterance.early_final = heard
        self._prepare(utterance)

    def _last_heard(self) -> Utterance[R] | None:
        """Return the utterance at hand, or the one that ended last while a pass over it was under way."""
        if self._utterance is None and len(self._closing) == 1:
            return next(iter(self._closing.values()))
        return self._utterance

    def _prepare(self, utterance: Utterance[R]) -> None:
        """Offer the last answer to early synthesis, and ask for a careful pass if it would likely count."""
        if utterance.heard is None or utterance.answer is None or utterance.preparation.led:
            return
        self._replying.offer(
            utterance.answer,
            utterance.preparation,
            turn=self.turn,
            signs=Signs(
                stability=utterance.heard.hypothesis.stability,
                end_of_turn=self.endpointing.score(utterance.evidence),
                silence=utterance.silence,
            ),
        )
        if utterance is self._utterance and self._replying.early.enabled and utterance.sounds_whole:
            utterance.early_final_wanted = True
            score = completeness(utterance.evidence)
            self._note(FinalWanted(score=score, position=self._position, rate=RATE), Source.TURN_TAKING)
            self._ear.want(Pass.EARLY_FINAL)

    def _end(self, utterance: Utterance[R], end: TurnEnd) -> Steps:
        """End the turn; its final comes as an observation, or at once if an early one heard all there was."""
        ended = turn_ended(end, utterance, decided=self._position, ahead=self._ahead())
        self._note(ended, Source.TURN_TAKING)
        self._utterance = None
        self._closing[utterance.number] = utterance
        early = utterance.early_final
        if early is not None and early.position >= utterance.ended:
            self._ear.end_utterance(final=False)
            yield from self._final(early)
        else:
            self._ear.end_utterance(final=True)
            self._replying.lead_in(utterance.answer, utterance.preparation, turn=self.turn)

    def _final(self, heard: Heard) -> Steps:
        utterance = self._finishing = self._closing.pop(heard.utterance, None)
        if utterance is not None:
            yield from self._finish(utterance, heard)
            self._finishing = None

    def _finish(self, utterance: Utterance[R], heard: Heard) -> Steps:
        hypothesis = heard.hypothesis
        words = hypothesis.words
        self._note(
            final_transcript(heard, began=utterance.began, ended=utterance.ended),
            Source.RECOGNIZER,
        )
        self.endpointing.spoke(len(words), sum(word.end - word.start for word in words))
        if self._goes_on(utterance) and not self._replying.standing.overfull:
            self._deal_with(utterance)
            self._replying.preparing.speech_resumed(utterance.preparation, turn=self.turn)
            self._replying.standing.carry(hypothesis.text)
            return
        if not words and not self._replying.standing.carried:
            self._replying.preparing.drop(utterance.preparation, turn=self.turn)
            if utterance.stopped:
                self._replying.say_again(turn=self.turn)
            return
        self.flush()
        answer = yield from self._replying.answer(
            hypothesis.text, alternatives=hypothesis.alternatives, origin="final", turn=self.turn
        )
        self._replying.note(answer, utterance.preparation, turn=self.turn, origin="final")
        self._deal_with(utterance)
        self._replying.commit(answer, utterance.preparation, turn=self.turn)
        self.turn += 1
        self._replying.changed()

    def _deal_with(self, utterance: Utterance[R]) -> None:
        self._finishing, self._dealt_with = None, utterance.ended

    def _goes_on(self, utterance: Utterance[R]) -> bool:
        """Return whether the caller spoke on after ``utterance``: one turn, answered at its end."""
        if self._utterance is not None:
            self.endpointing.paused((self._utterance.began - utterance.ended) / RATE)
        return self._utterance is not None or bool(self._closing)

    def _ahead(self) -> int:
        return max(0, self._ear.position - self._position)

    def _forget(self, utterance: Utterance[R]) -> None:
        self._replying.preparing.drop(utterance.preparation, turn=self.turn)
        self._utterance = None
        self._ear.end_utterance(final=False)

    def _stream_ended(self) -> Steps:
        utterance = self._utterance
        if utterance is None:
            return
        unmeant = not meaning_words(utterance.text, self._barge_in.backchannels)
        if utterance.barge_in is not None and self._voice.current is not None and unmeant:
            self._voice.resume()
            self._forget(utterance)
            return
        yield from self._end(utterance, TurnEnd(reason="end-of-audio", score=0.0, hangover=utterance.silence))
