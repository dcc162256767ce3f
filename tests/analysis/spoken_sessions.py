"""Hand-written sessions whose every number is known."""

from collections.abc import Iterable

import numpy as np

from workbench.core.events import (
    AudioIn,
    Body,
    EarlySynthesisCommitted,
    EarlySynthesisStarted,
    Event,
    FinalTranscript,
    IntentRecognized,
    PartialTranscript,
    PlaybackStarted,
    PlaybackStopped,
    ReplyChosen,
    SessionOpened,
    Source,
    SpeechEnded,
    SpeechStarted,
    SpokenWord,
    SynthesisFirstAudio,
    SynthesisFirstByte,
    SynthesisReady,
    TurnEnded,
    Word,
)
from workbench.core.timeline import Timeline
from workbench.store.recording import Recording

CALLER_RATE = 16_000
AGENT_RATE = 24_000
DEVICE_ZERO = 0.25


def voice(seconds: float, rate: int) -> np.ndarray:
    at = np.arange(round(seconds * rate)) / rate
    wave = np.sum([np.sin(2 * np.pi * 150 * k * at) / k for k in range(1, 7)], axis=0)
    return (0.3 * wave / np.abs(wave).max()).astype(np.float32)


def track(rate: int, seconds: float, *spoken: tuple[float, float]) -> np.ndarray:
    """Return ``seconds`` of faint noise with a voice from each start to its end."""
    samples = (1e-4 * np.random.default_rng(3).standard_normal(round(seconds * rate))).astype(np.float32)
    for start, end in spoken:
        samples[round(start * rate) : round(end * rate)] = voice(end - start, rate)
    return samples


def timeline(stamped: Iterable[tuple[float, int, Body]]) -> Timeline:
    """Return a timeline of (at, turn, body), sorted by time."""
    result = Timeline()
    for seq, (at, turn, body) in enumerate(sorted(stamped, key=lambda one: one[0])):
        result.append(Event(seq=seq, at=at, turn=turn, source=Source.ENDPOINT, body=body))
    return result


def opened() -> tuple[float, int, Body]:
    return (
        0.0,
        0,
        SessionOpened(
            session="s-1",
            assistant="coffee",
            input_encoding="pcm16",
            input_rate=CALLER_RATE,
            output_encoding="pcm16",
            output_rate=AGENT_RATE,
            settings={"endpointing.hangover": 0.5},
        ),
    )


def words(*spoken: tuple[str, float, float], stability: float = 1.0) -> tuple[Word, ...]:
    return tuple(
        Word(text=text, start=start, end=end, confidence=0.9, stability=stability)
        for text, start, end in spoken
    )


LATTE = (("A", 1.0, 1.2), ("large", 1.25, 1.7), ("latte.", 1.75, 2.4))


def partial(count: int, audio_end: float) -> PartialTranscript:
    held = words(*LATTE[:count], stability=0.6)
    return PartialTranscript(
        text=" ".join(word.text for word in held),
        words=held,
        stable=max(0, count - 1),
        stability=0.6,
        confidence=0.8,
        audio_end=audio_end,
    )


def ended(position: float = 2.43, hangover: float = 0.4) -> TurnEnded:
    return TurnEnded(
        reason="silence",
        score=0.9,
        hangover=hangover,
        position=round(position * CALLER_RATE),
        rate=CALLER_RATE,
    )


def final() -> FinalTranscript:
    return FinalTranscript(
        text="A large latte.",
        words=words(*LATTE),
        confidence=0.9,
        language="en",
        audio_start=1.0,
        audio_end=2.4,
        duration=0.05,
    )


def intent() -> IntentRecognized:
    return IntentRecognized(
        intent="orderDrink", slots={"coffeeDrink": "latte"}, confidence=0.9, origin="final"
    )


def started(at: float, reply: int = 1) -> PlaybackStarted:
    """Return the report that ``reply`` began to play at session second ``at``."""
    return PlaybackStarted(reply=reply, played=at, device_position=round((at - DEVICE_ZERO) * AGENT_RATE))


def stopped(at: float, heard: float, reply: int = 1, reason: str = "finished") -> PlaybackStopped:
    return PlaybackStopped(
        reply=reply,
        reason=reason,
        heard=round(heard * AGENT_RATE),
        rate=AGENT_RATE,
        device_position=round((at - DEVICE_ZERO) * AGENT_RATE),
        text_heard="One large latte.",
    )


def hearing() -> list[tuple[float, int, Body]]:
    """Return what is noticed while the caller says "A large latte." from track second 1.0 to 2.4."""
    return [
        opened(),
        # audio captured at session second 2.25 (position 2.0 s) arrives 20 ms later
        (2.27, 0, AudioIn(position=2 * CALLER_RATE, rate=CALLER_RATE, captured=2.25)),
        (
            1.35,
            0,
            SpeechStarted(position=round(1.02 * CALLER_RATE), rate=CALLER_RATE, probability=0.9),
        ),
        (1.75, 0, partial(1, 1.3)),
        (2.25, 0, partial(2, 1.8)),
        (2.75, 0, SpeechEnded(position=round(2.43 * CALLER_RATE), rate=CALLER_RATE)),
    ]


def synthesis(reply: int, *, chosen: float, first_byte: float, leading: float = 0.03) -> list:
    return [
        (chosen, 0, ReplyChosen(reply=reply, text="One large latte.", ssml="<speak/>")),
        (first_byte, 0, SynthesisFirstByte(reply=reply, requested=chosen, cached=False)),
        (first_byte, 0, SynthesisFirstAudio(reply=reply, leading_silence=leading)),
        (
            first_byte,
            0,
            SynthesisReady(
                reply=reply,
                clause=0,
                text="One large latte.",
                samples=round(1.03 * AGENT_RATE),
                rate=AGENT_RATE,
                words=(
                    SpokenWord(text="One", start=0.03, end=0.3),
                    SpokenWord(text="large", start=0.35, end=0.6),
                    SpokenWord(text="latte.", start=0.65, end=1.03),
                ),
            ),
        ),
    ]


def recording(events: Iterable[tuple[float, int, Body]], *agent: tuple[float, float]) -> Recording:
    """Return a session with the caller speaking from 1.0 to 2.4 s and the agent where said."""
    return Recording(
        timeline=timeline(events),
        caller=track(CALLER_RATE, 6.0, (1.0, 2.4)),
        caller_rate=CALLER_RATE,
        agent=track(AGENT_RATE, 6.0, *agent),
        agent_rate=AGENT_RATE,
        device_zero=DEVICE_ZERO,
        meta={"assistant": "coffee"},
    )


def plain_session() -> Recording:
    """Return a turn answered without early synthesis; the caller ends at session second 2.65."""
    return recording(
        [
            *hearing(),
            (3.10, 0, ended()),
            (3.19, 0, final()),
            (3.20, 0, intent()),
            *synthesis(1, chosen=3.22, first_byte=3.60),
            (3.66, 0, started(3.65)),
            (4.72, 0, stopped(4.70, 1.05)),
        ],
        # played 3.65 = track 3.40, 30 ms of silence
        (3.43, 4.43),
    )


def early_session() -> Recording:
    """Return the same turn answered by an early reply, ready before the turn ended."""
    early = EarlySynthesisStarted(
        reply=1, intent="orderDrink", slots={"coffeeDrink": "latte"}, confidence=0.9, stability=0.8
    )
    return recording(
        [
            *hearing(),
            *synthesis(1, chosen=2.60, first_byte=2.95),
            (2.61, 0, early),
            (3.10, 0, ended()),
            (3.19, 0, final()),
            (3.20, 0, intent()),
            (3.22, 0, EarlySynthesisCommitted(reply=1, saved=0.61)),
            (3.25, 0, started(3.24)),
            (4.31, 0, stopped(4.29, 1.05)),
        ],
        (3.02, 4.02),
    )
