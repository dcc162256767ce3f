"""A recorded session of an hour, made up: 600 turns, over 100,000 events, two tracks that sound like speech.

Denser than a real one: partials every 53 ms with an intent each, playback reports every 50 ms.
"""

from collections.abc import Iterator

import numpy as np

from workbench.core.audio import Samples
from workbench.core.events import (
    AudioIn,
    BargedIn,
    Body,
    EarlySynthesisCommitted,
    EarlySynthesisDiscarded,
    EarlySynthesisStarted,
    Event,
    FinalTranscript,
    IntentRecognized,
    PartialTranscript,
    PlaybackPosition,
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

CALLER, AGENT = 16_000, 24_000
TURN = 6.0
"""Seconds from one turn to the next."""
SPOKEN, ANSWERED, ANSWER = 2.4, 3.2, 2.4
"""Seconds into a turn at which the caller ends and the reply begins, and how long that is."""
ZERO = 0.02
_TEXTS = (
    "Hi can I get a large iced mocha please",
    "actually make it a small one with oat milk",
    "what about a double espresso to go instead",
    "no thanks that is everything for today then",
)


def hour_session(seconds: float = 3600.0) -> Recording:
    """Return the session; the same for the same length."""
    turns = int(seconds / TURN)
    stamped = [(0.0, 0, _opened())]
    for turn in range(turns):
        stamped += _turn(turn, turn * TURN)
    stamped += [
        (at / 4 + ZERO, min(turns - 1, int(at / 4 / TURN)), AudioIn(position=at * CALLER // 4, rate=CALLER))
        for at in range(1, int(turns * TURN * 4))
    ]
    stamped.sort(key=lambda one: one[0])
    timeline = Timeline()
    for seq, (at, turn, body) in enumerate(stamped):
        timeline.append(Event(seq=seq, at=at, turn=turn, source=Source.ENDPOINT, body=body))
    length = turns * TURN
    return Recording(
        timeline=timeline,
        caller=_track(length, CALLER, [(t * TURN + 0.3, t * TURN + SPOKEN) for t in range(turns)]),
        caller_rate=CALLER,
        agent=_track(length, AGENT, [_heard(t) for t in range(turns)]),
        agent_rate=AGENT,
        device_zero=ZERO,
        meta={"assistant": "coffee"},
    )


def _opened() -> SessionOpened:
    return SessionOpened(
        session="an-hour",
        assistant="coffee",
        input_encoding="pcm16",
        input_rate=CALLER,
        output_encoding="pcm16",
        output_rate=AGENT,
    )


def _interrupted(turn: int) -> bool:
    return turn % 7 == 3


def _heard(turn: int) -> tuple[float, float]:
    start = turn * TURN + ANSWERED
    return start, start + (1.2 if _interrupted(turn) else ANSWER)


def _words(turn: int, since: float) -> tuple[Word, ...]:
    texts = _TEXTS[turn % len(_TEXTS)].split()
    step = (SPOKEN - 0.3) / len(texts)
    return tuple(
        Word(
            text=text,
            start=since + 0.3 + n * step,
            end=since + 0.3 + (n + 0.9) * step,
            confidence=0.3 + 0.7 * ((turn * 31 + n * 17) % 23) / 22,
            stability=0.9,
        )
        for n, text in enumerate(texts)
    )


def _turn(turn: int, since: float) -> Iterator[tuple[float, int, Body]]:
    """Yield the events of a turn that begins at track second ``since``."""
    at = since + ZERO
    words = _words(turn, since)
    slots = {"size": "large", "coffeeDrink": "mocha"}
    yield at + 0.4, turn, SpeechStarted(position=round((since + 0.3) * CALLER), rate=CALLER, probability=0.9)
    for step in range(45):
        now = 0.5 + step * 0.053
        held = tuple(word for word in words if word.start < since + now - 0.1)
        text = " ".join(word.text for word in held)
        partial = PartialTranscript(
            text=text,
            words=held,
            stable=max(0, len(held) - 2),
            stability=0.7,
            audio_end=since + now,
            confidence=0.8,
        )
        yield at + now, turn, partial
        intent = IntentRecognized(intent="orderDrink", slots=slots, confidence=0.8, origin="partial")
        yield at + now + 0.01, turn, intent
    yield at + SPOKEN + 0.2, turn, SpeechEnded(position=round((since + SPOKEN) * CALLER), rate=CALLER)
    end = TurnEnded(
        reason="complete", score=0.9, hangover=0.5, position=round((since + SPOKEN) * CALLER), rate=CALLER
    )
    yield at + SPOKEN + 0.5, turn, end
    final = FinalTranscript(
        text=" ".join(word.text for word in words),
        words=words,
        confidence=0.8,
        language="en",
        audio_start=words[0].start,
        audio_end=words[-1].end,
    )
    yield at + SPOKEN + 0.6, turn, final
    yield (
        at + SPOKEN + 0.61,
        turn,
        IntentRecognized(intent="orderDrink", slots=slots, confidence=0.9, origin="final"),
    )
    yield from _replies(turn, since)


def _replies(turn: int, since: float) -> Iterator[tuple[float, int, Body]]:
    at = since + ZERO
    dropped, kept = 2 * turn, 2 * turn + 1
    for reply, began in ((dropped, 1.2), (kept, 2.1)):
        early = EarlySynthesisStarted(
            reply=reply, intent="orderDrink", slots={}, confidence=0.8, stability=0.7
        )
        yield at + began, turn, early
        yield at + began, turn, ReplyChosen(reply=reply, text="One large mocha coming right up.", ssml="")
    yield at + 1.8, turn, EarlySynthesisDiscarded(reply=dropped, reason="speech-resumed")
    yield at + 2.5, turn, SynthesisFirstByte(reply=kept, requested=at + 2.1, cached=False)
    yield at + 2.5, turn, SynthesisFirstAudio(reply=kept, leading_silence=0.0)
    texts = ["One", "large", "mocha", "coming", "right", "up."]
    spoken = tuple(SpokenWord(text=text, start=n * 0.4, end=n * 0.4 + 0.35) for n, text in enumerate(texts))
    ready = SynthesisReady(
        reply=kept, clause=0, text=" ".join(texts), samples=round(ANSWER * AGENT), rate=AGENT, words=spoken
    )
    yield at + 2.55, turn, ready
    yield at + SPOKEN + 0.62, turn, EarlySynthesisCommitted(reply=kept, saved=0.9)
    start, stop = _heard(turn)
    position = round(start * AGENT)
    yield (
        start + ZERO + 0.01,
        turn,
        PlaybackStarted(reply=kept, played=start + ZERO, device_position=position),
    )
    for step in range(1, int((stop - start) / 0.05)):
        heard = round(step * 0.05 * AGENT)
        report = PlaybackPosition(reply=kept, heard=heard, rate=AGENT, device_position=position + heard)
        yield start + ZERO + step * 0.05 + 0.01, turn, report
    heard = round((stop - start) * AGENT)
    if _interrupted(turn):
        yield (
            stop + ZERO - 0.2,
            turn,
            BargedIn(reply=kept, position=round((stop - 0.3) * CALLER), rate=CALLER, reason="words"),
        )
    yield (
        stop + ZERO + 0.01,
        turn,
        PlaybackStopped(
            reply=kept,
            reason="barge-in" if _interrupted(turn) else "finished",
            heard=heard,
            rate=AGENT,
            device_position=position + heard,
            text_heard=" ".join(texts[:3] if _interrupted(turn) else texts),
        ),
    )


def _track(seconds: float, rate: int, spoken: list[tuple[float, float]]) -> Samples:
    """Return faint noise with a voice, louder and softer by syllables, where something is spoken."""
    rng = np.random.default_rng(7)
    samples = (1e-4 * rng.standard_normal(round(seconds * rate), dtype=np.float32)).astype(np.float32)
    for start, end in spoken:
        at = np.arange(round((end - start) * rate)) / rate
        voice = sum(np.sin(2 * np.pi * 140 * k * at) / k for k in range(1, 6))
        loud = 0.12 * (0.35 + np.abs(np.sin(2 * np.pi * 2.1 * at + start)))
        first = round(start * rate)
        samples[first : first + len(at)] = (voice * loud).astype(np.float32)[: len(samples) - first]
    return samples
