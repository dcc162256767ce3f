"""Conversations with personal data in them, as events."""

from collections.abc import Sequence

from workbench.core.events import (
    ActionTaken,
    Body,
    Event,
    FinalTranscript,
    IntentRecognized,
    PartialTranscript,
    PlaybackStarted,
    PlaybackStopped,
    ReplyChosen,
    Source,
    SpokenWord,
    SynthesisReady,
    Understood,
    Word,
)


def words(text: str, start: float = 0.5, each: float = 0.25) -> tuple[Word, ...]:
    """Return the words of a text, one every ``each`` seconds."""
    return tuple(
        Word(text=word, start=start + place * each, end=start + (place + 1) * each, confidence=0.9)
        for place, word in enumerate(text.split())
    )


def partial(text: str, **other: object) -> PartialTranscript:
    """Return a partial transcript."""
    known = {"stable": 0, "stability": 0.5, "confidence": 0.5, "audio_end": 1.0, "language": "en"}
    return PartialTranscript(text=text, words=words(text), **(known | other))  # type: ignore[arg-type]


def final(text: str, start: float = 0.5, **other: object) -> FinalTranscript:
    """Return a final transcript."""
    said = words(text, start)
    known = {"confidence": 0.9, "language": "en", "audio_start": start, "audio_end": said[-1].end}
    return FinalTranscript(text=text, words=said, **(known | other))  # type: ignore[arg-type]


def understood(text: str, slots: dict[str, str], **other: object) -> Understood:
    """Return what a final was taken to mean."""
    known: dict[str, object] = {
        "origin": "final", "expecting": None, "intent": "book", "confidence": 0.9, "slot_confidences": {},
        "complete": True, "correction": False, "said": text, "answer": "", "duration": 0.0,
    }  # fmt: skip
    return Understood(text=text, slots=slots, **(known | other))  # type: ignore[arg-type]


def reply(text: str, number: int = 0, start: float = 0.0, each: float = 0.25) -> list[Body]:
    """Return a reply that was chosen, synthesised and heard: samples at 24 kHz."""
    spoken = tuple(
        SpokenWord(text=word, start=start + place * each, end=start + (place + 1) * each)
        for place, word in enumerate(text.split())
    )
    samples = round(spoken[-1].end * 24_000)
    return [
        ReplyChosen(reply=number, text=text, ssml=f"<s>{text}</s>"),
        SynthesisReady(reply=number, clause=0, text=text, samples=samples, rate=24_000, words=spoken),
        PlaybackStarted(reply=number, played=4.0, device_position=96_000),
        PlaybackStopped(
            reply=number,
            reason="finished",
            heard=samples,
            rate=24_000,
            device_position=96_000 + samples,
            text_heard=text,
        ),
    ]


def events(bodies: Sequence[Body], turns: Sequence[int] = ()) -> tuple[Event, ...]:
    """Return bodies as events of turn 0, or of ``turns``."""
    return tuple(
        Event(
            seq=seq,
            at=1.0 + seq * 0.1,
            turn=turns[seq] if turns else 0,
            source=Source.ENDPOINT,
            body=body,
        )
        for seq, body in enumerate(bodies)
    )


def booking() -> tuple[Event, ...]:
    """Return a turn in which a caller says a name and a card, piece by piece."""
    text = "My name is Anna Meier, and my card is four one one one double one 11 1111 one one one one."
    return events(
        [
            partial("My name is Anna"),
            partial("My name is Anna Meier and my card is four one", alternatives=("my card is for one",)),
            partial("My name is Anna Meyer and my card is for one one one double"),
            understood("My name is Anna Meier and my card is four one", {}, origin="partial"),
            final(text),
            IntentRecognized(intent="book", slots={"name": "Anna Meier"}, confidence=0.9, origin="final"),
            understood(text, {"name": "Anna Meier"}),
            *reply("Thank you, Anna, I charge the card that ends with one one one one."),
            ActionTaken(action="book", arguments={"name": "Anna Meier"}, key="book:1.0:abcdef01"),
        ]
    )
