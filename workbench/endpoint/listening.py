"""The listening stage: frames in, what was noticed out.

Voice activity runs on every 32 ms of audio. Speech opens an *utterance*, which lasts, pauses and all, until
:meth:`Listening.end_utterance` (the turn is over) or :meth:`Listening.drop_utterance`. While it lasts, one
worker thread at a time recognises what there is: a partial after each stretch of new speech and at once when
the caller falls silent, an early final or a final when asked for. What could not be decoded in time is
decoded together with what came since, so a slow recogniser yields fewer partials, not a queue of them.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TypeAlias

import anyio
import numpy as np
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from workbench.aio import in_thread
from workbench.audio.voice_activity import Detection, SpeechDetector, VoiceActivity
from workbench.core.audio import Frame, Reframer, Samples
from workbench.core.events import SpeechEnded, SpeechStarted, Word
from workbench.speech.ports import RECOGNIZER_RATE, Hearing, Hypothesis, Recognizer

VAD_FRAME = 512
"""Samples given to voice activity at a time: 32 ms at 16 kHz."""

SILENCE_MIN = 0.05
"""Seconds; anything shorter lies within the resolution of voice activity and counts as speech."""

SILENCE_NOTICED = 0.1
"""Seconds of silence after which the caller may have ended, and a partial is due at once."""

TICKS_QUIET = 16
"""While nobody speaks, one tick in so many is told: two a second, to notice that a session sleeps."""

PRE_ROLL = 0.3
"""Seconds before the first voiced sample that belong to the utterance: soft onsets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """32 ms of audio went by; about half a second of it while the caller is silent between turns."""

    position: int
    """Samples of the caller's stream so far, at 16 kHz."""
    silence: float
    """Seconds since the last voiced sample; 0 while the caller speaks."""
    voiced_end: int
    """Last voiced sample so far; 0 before any."""


@dataclass(frozen=True, slots=True)
class Began:
    """The caller began to speak, or went on after a pause inside ``utterance``."""

    utterance: int
    event: SpeechStarted
    resumed: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """The caller fell silent; perhaps only for a moment."""

    utterance: int
    event: SpeechEnded


class Pass(IntEnum):
    """How carefully to recognise; a higher pass goes first."""

    PARTIAL = 0
    EARLY_FINAL = 1
    FINAL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A hypothesis about ``utterance``; its times are seconds on the caller's stream."""

    utterance: int
    kind: Pass
    hypothesis: Hypothesis
    position: int
    """Samples of the caller's stream it is based on."""
    duration: float
    """Seconds the recogniser took."""


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """The caller's stream is over."""


Observation: TypeAlias = Tick | Began | Ended | Heard | StreamEnded


@dataclass(slots=True)
class _Utterance:
    number: int
    hearing: Hearing
    start: int
    """Position of its first sample, pre-roll included."""
    end: int = 0
    waiting: list[Samples] = field(default_factory=list)
    """Samples not yet given to ``hearing``, which belongs to the decoding thread."""
    wanted: Pass | None = None
    running: Pass | None = None
    running_end: int = 0
    voiced_end: int = 0
    over: bool = False
    promoted: bool = False
    """Whether the early final under way shall count as the final."""

    def add(self, frame: Frame, *, voiced: bool) -> None:
        self.waiting.append(frame.samples)
        self.end = frame.end
        if voiced:
            self.voiced_end = frame.end


class Listening:
    """Hears one caller.

    Parameters
    ----------
    recognizer, language, vocabulary : what recognises, in which language, expecting which phrases
    voice_activity : a fresh one, it keeps state
    outbox : receives observations; when it is full the stage waits, and with it the caller's stream
    threads : limits how many recognitions run at once in this process
    partial_every : seconds of new speech between partials
    """

    def __init__(  # noqa: PLR0913  the stage's whole setting
        self,
        *,
        recognizer: Recognizer,
        language: str,
        vocabulary: Sequence[str],
        voice_activity: VoiceActivity,
        outbox: MemoryObjectSendStream[Observation],
        threads: anyio.CapacityLimiter,
        partial_every: float,
    ) -> None:
        self._recognizer = recognizer
        self._language = language
        self._vocabulary = vocabulary
        self._voice_activity = voice_activity
        self._detector = SpeechDetector(Detection(silence=SILENCE_NOTICED))
        self._outbox = outbox
        self._threads = None if recognizer.capabilities.instant else threads
        self._partial_every = round(partial_every * RECOGNIZER_RATE)
        self._current: _Utterance | None = None
        self._closing: deque[_Utterance] = deque()
        self._count = 0
        self._last_partial = 0
        self._before: deque[Frame] = deque(maxlen=round(PRE_ROLL * RECOGNIZER_RATE / VAD_FRAME) + 1)
        self._reframer = Reframer(VAD_FRAME)
        self._quiet = 0
        self._late: deque[Observation] = deque()
        self._catching_up = anyio.Lock()
        self._over = anyio.Event()
        self._work = anyio.Event()
        self._ended = False

    async def run(self) -> None:
        """Recognise what is wanted until the stream has ended; then close the outbox."""
        async with self._outbox, anyio.create_task_group() as group:
            group.start_soon(self._decode)
            await self._over.wait()
            for piece in self._reframer.flush():
                self._hear(piece)
            self._tell(StreamEnded())
            await self.catch_up()
            self._ended = True
            self._work.set()

    def hear(self, frame: Frame) -> None:
        """Take in the next frame; whoever feeds frames waits for :meth:`catch_up` while it is ``behind``."""
        for piece in self._reframer.feed(frame):
            self._hear(piece)

    @property
    def behind(self) -> bool:
        """Return whether too many observations wait for their reader."""
        return bool(self._late)

    def end(self) -> None:
        """Learn that the stream is over: nothing may be heard after it."""
        self._over.set()

    @property
    def over(self) -> bool:
        """Return whether the stream is over."""
        return self._over.is_set()

    def want(self, kind: Pass) -> None:
        """Ask for a pass over the present utterance, as soon as the decoder is free."""
        if self._current is not None:
            self._want(self._current, kind)

    def end_utterance(self, *, final: bool) -> None:
        """Let the next speech open a new utterance; ``final`` asks for a last pass over this one.

        An early final under way that has heard all the speech serves as that pass.
        """
        utterance, self._current = self._current, None
        if utterance is None:
            return
        utterance.over = True
        utterance.wanted = None
        if not final:
            return
        if utterance.running is Pass.EARLY_FINAL and utterance.running_end >= utterance.voiced_end:
            utterance.promoted = True
        else:
            self._closing.append(utterance)
            self._want(utterance, Pass.FINAL)

    def _hear(self, frame: Frame) -> None:
        if len(frame.samples) < VAD_FRAME:  # before a gap
            frame = frame._replace(samples=np.pad(frame.samples, (0, VAD_FRAME - len(frame.samples))))
        probability = self._voice_activity.probability(frame.samples)
        noticed = self._detector.decide(frame.end, probability)
        resumed = self._current is not None
        if self._detector.speaking and not resumed:
            self._open(frame)
            if noticed is None:  # the last turn was ended while the caller spoke
                noticed = SpeechStarted(
                    position=frame.position, rate=RECOGNIZER_RATE, probability=probability
                )
        elif self._current is not None:
            self._current.add(frame, voiced=self._detector.speaking)
        self._before.append(frame)
        current = self._current
        if current is not None and isinstance(noticed, SpeechStarted):
            self._tell(Began(current.number, noticed, resumed))
        if current is not None and isinstance(noticed, SpeechEnded):
            self._tell(Ended(current.number, noticed))
            if current.running_end < noticed.position:  # else the last pass has heard all there was
                self._want(current, Pass.PARTIAL)
        elif current is not None and self._detector.speaking and self._partial_due(frame.end):
            self._want(current, Pass.PARTIAL)
        self._quiet = 0 if self._current is not None else self._quiet + 1
        if self._quiet % TICKS_QUIET == 0:
            self._tell(self._tick(frame.end))

    def _tell(self, observation: Observation) -> None:
        """Put an observation, at once if there is room; else it waits, in order, for ``catch_up``."""
        if not self._late:
            try:
                self._outbox.send_nowait(observation)
            except anyio.WouldBlock:
                pass
            else:
                return
        self._late.append(observation)

    async def catch_up(self) -> None:
        """Put what found no room; one at a time waits."""
        async with self._catching_up:
            while self._late:
                await self._outbox.send(self._late[0])
                self._late.popleft()

    def _tick(self, position: int) -> Tick:
        silence = self._detector.silence(position)
        return Tick(
            position=position,
            silence=silence if silence > SILENCE_MIN else 0.0,
            voiced_end=self._detector.last_voiced or 0,
        )

    def _partial_due(self, position: int) -> bool:
        return position - self._last_partial >= self._partial_every

    def _open(self, frame: Frame) -> None:
        hearing = self._recognizer.listen(language=self._language, vocabulary=self._vocabulary)
        lead = [earlier for earlier in self._before if earlier.end <= frame.position]
        start = lead[0].position if lead else frame.position
        self._current = _Utterance(self._count, hearing, start)
        self._count += 1
        for piece in (*lead, frame):
            self._current.add(piece, voiced=True)
        self._last_partial = frame.end

    def _want(self, utterance: _Utterance, kind: Pass) -> None:
        utterance.wanted = kind if utterance.wanted is None else max(utterance.wanted, kind)
        self._work.set()

    async def _decode(self) -> None:
        while True:
            utterance = next(
                (one for one in (*self._closing, self._current) if one and one.wanted is not None), None
            )
            if utterance is not None:
                await self._recognize(utterance)
            elif self._ended and self._current is None:
                return
            else:
                await self._work.wait()
                self._work = anyio.Event()

    async def _recognize(self, utterance: _Utterance) -> None:
        kind, utterance.wanted = utterance.wanted or Pass.PARTIAL, None
        waiting, utterance.waiting = utterance.waiting, []
        position = utterance.end
        if kind is Pass.FINAL:
            self._closing.remove(utterance)
        self._last_partial = position
        utterance.running, utterance.running_end = kind, position
        began = anyio.current_time()
        hypothesis = await in_thread(self._threads, _pass, utterance.hearing, waiting, kind)
        utterance.running = None
        kind = Pass.FINAL if utterance.promoted else kind
        heard = Heard(
            utterance=utterance.number,
            kind=kind,
            hypothesis=_on_stream(hypothesis, utterance.start / RECOGNIZER_RATE),
            position=position,
            duration=anyio.current_time() - began,
        )
        if kind is Pass.FINAL or not utterance.over:
            self._tell(heard)


async def next_observation(inbox: MemoryObjectReceiveStream[Observation]) -> Observation | None:
    """Return the next observation, at once if there is one; None at the end."""
    try:
        return inbox.receive_nowait()
    except anyio.WouldBlock:
        pass
    except anyio.EndOfStream:
        return None
    try:
        return await inbox.receive()
    except anyio.EndOfStream:
        return None


def _pass(hearing: Hearing, waiting: Sequence[Samples], kind: Pass) -> Hypothesis:
    """Run one pass; blocks."""
    for samples in waiting:
        hearing.add(samples)
    return hearing.partial() if kind is Pass.PARTIAL else hearing.final()


def _on_stream(hypothesis: Hypothesis, offset: float) -> Hypothesis:
    """Return ``hypothesis`` with its times on the caller's stream."""

    def moved(word: Word) -> Word:
        return replace(word, start=word.start + offset, end=word.end + offset)

    return replace(
        hypothesis, words=tuple(map(moved, hypothesis.words)), audio_end=hypothesis.audio_end + offset
    )
