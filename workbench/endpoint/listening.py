"""The listening stage: frames in, what was noticed out.

Voice activity runs on every 32 ms of audio. Speech opens an *utterance*, which lasts, pauses and all, until
:meth:`Listening.end_utterance` (the turn is over) or :meth:`Listening.drop_utterance`. While it lasts, one
worker thread at a time recognises what there is: a partial after each stretch of new speech and at once when
the caller falls silent, an early final or a final when asked for. What could not be decoded in time is
decoded together with what came since, so a slow recogniser yields fewer partials, not a queue of them. A
partial under way when the turn ends is told all the same: the final can only come after it.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import anyio
import numpy as np

from workbench.aio import in_thread
from workbench.audio.voice_activity import WINDOW as VAD_FRAME, VoiceActivity
from workbench.conversation.noticing import STEPS, Noticing
from workbench.conversation.observations import Ended, Heard, Pass, StreamEnded
from workbench.core.audio import Frame, Reframer, Samples
from workbench.core.events import Word
from workbench.core.hypothesis import Hypothesis
from workbench.endpoint.observed import Observed
from workbench.speech.ports import RECOGNIZER_RATE, Hearing, Recognizer

PRE_ROLL = 0.3
"""Seconds before the first voiced sample that belong to the utterance: soft onsets."""


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
    outbox : receives observations; when too many wait there, so should the caller's stream
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
        outbox: Observed,
        threads: anyio.CapacityLimiter,
        partial_every: float,
    ) -> None:
        self._recognizer = recognizer
        self._language = language
        self._vocabulary = vocabulary
        self._voice_activity = voice_activity
        self._noticing = Noticing()
        self._outbox = outbox
        self._threads = None if recognizer.capabilities.instant else threads
        self._partial_every = round(partial_every * RECOGNIZER_RATE)
        self._current: _Utterance | None = None
        self._closing: deque[_Utterance] = deque()
        self._last_partial = 0
        self._before: deque[Frame] = deque(maxlen=round(PRE_ROLL * RECOGNIZER_RATE / VAD_FRAME) + 1)
        self._reframer = Reframer(VAD_FRAME)
        self._over = anyio.Event()
        self._work = anyio.Event()
        self._ended = False

    async def run(self) -> None:
        """Recognise what is wanted until the stream has ended; then end the outbox."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._decode)
            await self._over.wait()
            for piece in self._reframer.flush():
                self._hear(piece)
            self._outbox.put(StreamEnded())
            self._ended = True
            self._work.set()
        self._outbox.end()

    def hear(self, frame: Frame) -> None:
        """Take in the next frame; whoever feeds frames waits for :meth:`catch_up` while it is ``behind``."""
        for piece in self._reframer.feed(frame):
            self._hear(piece)

    @property
    def behind(self) -> bool:
        """Return whether too many observations wait for their reader."""
        return self._outbox.behind

    async def catch_up(self) -> None:
        """Wait until they don't."""
        await self._outbox.room()

    def end(self) -> None:
        """Learn that the stream is over: nothing may be heard after it."""
        self._over.set()

    @property
    def over(self) -> bool:
        """Return whether the stream is over."""
        return self._over.is_set()

    @property
    def position(self) -> int:
        """Return how many samples of the caller's stream were noticed, at 16 kHz."""
        return self._noticing.position

    def want(self, kind: Pass) -> None:
        """Ask for a pass over the present utterance, as soon as the decoder is free."""
        if self._current is not None:
            self._want(self._current, kind)

    def end_utterance(self, *, final: bool) -> None:
        """Let the next speech open a new utterance; ``final`` asks for a last pass over this one.

        An early final under way that has heard all the speech serves as that pass.
        """
        utterance, self._current = self._current, None
        self._noticing.close()
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
        noticed = self._noticing.window(frame.position, round(probability * STEPS))
        if self._noticing.utterance is not None and self._current is None:
            self._open(self._noticing.utterance, frame)
        elif self._current is not None:
            self._current.add(frame, voiced=self._noticing.speaking)
        self._before.append(frame)
        for observation in noticed:
            self._outbox.put(observation)
            if isinstance(observation, Ended):
                self._fell_silent(observation.event.position)
        if self._current is not None and self._noticing.speaking and self._partial_due(frame.end):
            self._want(self._current, Pass.PARTIAL)

    def _fell_silent(self, voiced_end: int) -> None:
        if self._current is not None and self._current.running_end < voiced_end:
            self._want(self._current, Pass.PARTIAL)  # else the last pass has heard all there was

    def _partial_due(self, position: int) -> bool:
        return position - self._last_partial >= self._partial_every

    def _open(self, number: int, frame: Frame) -> None:
        hearing = self._recognizer.listen(language=self._language, vocabulary=self._vocabulary)
        lead = [earlier for earlier in self._before if earlier.end <= frame.position]
        start = lead[0].position if lead else frame.position
        self._current = _Utterance(number, hearing, start)
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
        late = kind is Pass.PARTIAL and utterance in self._closing
        if kind is Pass.FINAL or late or not utterance.over:
            self._outbox.put(heard)


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
