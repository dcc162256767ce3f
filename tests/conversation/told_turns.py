"""Events of turns, as an endpoint tells them, in few words; and the turn states they have."""

from workbench.conversation.turn_states import TurnMoment, turn_states
from workbench.core.events import (
    Body,
    EarlySynthesisStarted,
    Event,
    FinalTranscript,
    PartialTranscript,
    PlaybackStopped,
    ReplyChosen,
    Source,
    SpeechEnded,
    SpeechStarted,
    TurnEnded,
    Understood,
    Word,
)


def speech(at: float) -> SpeechStarted:
    return SpeechStarted(position=round(at * 16_000), rate=16_000, probability=0.9)


def silence(at: float) -> SpeechEnded:
    return SpeechEnded(position=round(at * 16_000), rate=16_000)


def words(text: str) -> tuple[Word, ...]:
    return tuple(Word(text=one, start=0, end=0.2, confidence=0.9) for one in text.split())


def partial(text: str, *, passed_over: bool = False, sentence: float = 0.5) -> PartialTranscript:
    return PartialTranscript(
        text=text,
        words=words(text),
        stable=0,
        stability=1.0,
        confidence=0.9,
        end_of_sentence=sentence,
        audio_end=1.0,
        passed_over=passed_over,
    )


def understood(text: str, intent: str | None = None, *, complete: bool = False) -> Understood:
    return Understood(
        text=text,
        origin="partial",
        expecting=None,
        intent=intent,
        slots={},
        confidence=0.9,
        slot_confidences={},
        complete=complete,
        correction=False,
        said=text,
        answer="<speak/>",
        duration=0.0,
    )


def ended(utterance: int = 0, score: float = 0.9) -> TurnEnded:
    return TurnEnded(
        reason="complete", score=score, hangover=0.5, position=0, rate=16_000, utterance=utterance
    )


def final(text: str, utterance: int = 0) -> FinalTranscript:
    return FinalTranscript(
        text=text,
        words=words(text),
        confidence=0.9,
        language="en",
        audio_start=0,
        audio_end=1,
        utterance=utterance,
    )


def reply(number: int) -> ReplyChosen:
    return ReplyChosen(reply=number, text="One latte.", ssml="<speak>One latte.</speak>")


def stopped(number: int) -> PlaybackStopped:
    return PlaybackStopped(reply=number, reason="finished", heard=1, rate=24_000, device_position=0)


def early(number: int) -> EarlySynthesisStarted:
    return EarlySynthesisStarted(reply=number, intent="order", slots={}, confidence=0.9, stability=0.9)


def stamped(*bodies: Body, turn: int = 0) -> list[Event]:
    return [
        Event(seq=seq, at=seq / 10, turn=turn, source=Source.ENDPOINT, body=body)
        for seq, body in enumerate(bodies)
    ]


def moments(*bodies: Body) -> list[tuple[TurnMoment, str]]:
    return [(state.moment, state.transcript) for state in turn_states(stamped(*bodies))]
