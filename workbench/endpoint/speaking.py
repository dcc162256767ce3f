"""The speaking stage: replies in, audio packets out.

A reply is prepared (synthesis begins, nothing is sent), committed (its audio goes out, a little ahead of
time) or stopped. Each reply runs in a cancel scope of its own; stopping cancels it. At most
``CLAUSES_AHEAD`` clauses wait between synthesis and sending, then synthesis waits.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace

import anyio
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from workbench.aio import in_thread
from workbench.audio.levels import first_audible
from workbench.audio.resampling import Resampler
from workbench.audio.streams import Encoder, encoder_for
from workbench.conversation.voice import Part, Record as Record
from workbench.core.audio import AudioFormat, Samples
from workbench.core.events import (
    Body,
    ErrorRaised,
    ReplyChosen,
    Source,
    SpokenWord,
    SynthesisFirstAudio,
    SynthesisFirstByte,
    SynthesisReady,
)
from workbench.endpoint.pacing import Output, Pacing
from workbench.endpoint.reply import Reply, playback_event
from workbench.endpoint.sending import Action
from workbench.errors import WorkbenchError
from workbench.protocol.native import Playback
from workbench.speech.parts import clauses_in, going_on
from workbench.speech.ports import Clause, Synthesizer
from workbench.speech.refused import clauses_of
from workbench.ssml.setting import PLAIN, Setting

CLAUSES_AHEAD = 2

PACKET_FRAMES = 5
"""Frames in one packet of reply audio: 100 ms, a fifth of the messages; a reply is sent well ahead anyway."""


class Speaking:
    """Speaks the replies of one session.

    Parameters
    ----------
    synthesizer, threads : what speaks, and how many clauses at once in this process
    audio_format : of the agent's stream
    record, output : the timeline, and the way to the client
    send_ahead : seconds of audio sent before it is due
    style : how every reply is said; what the replies' SSML asks for multiplies with it
    language : what the replies are in, where that is not the voice's own
    reading : the language that says where they are cut into clauses
    now : the session clock
    count : replies numbered before, by another process
    stored : waits until what was recorded outlives the process; nothing of a reply is sent before
    keeps_sound : whether a reply keeps what was synthesised, for a recording
    """

    def __init__(  # noqa: PLR0913  the stage's whole setting
        self,
        *,
        synthesizer: Synthesizer,
        threads: anyio.CapacityLimiter,
        audio_format: AudioFormat,
        record: Record,
        output: Output,
        send_ahead: float,
        now: Callable[[], float],
        count: int = 0,
        stored: Callable[[], Awaitable[None]] = anyio.lowlevel.checkpoint,
        keeps_sound: bool = False,
        style: Setting = PLAIN,
        language: str = "",
        reading: str = "en",
    ) -> None:
        self._synthesizer = synthesizer
        self._threads = None if synthesizer.capabilities.instant else threads
        self._format = audio_format
        self._record = record
        self._output = output
        self._send_ahead = send_ahead
        self._now = now
        self._stored = stored
        self._keeps_sound = keeps_sound
        self._style = style
        self._language = language
        self._reading = reading
        self._group: TaskGroup | None = None
        self.count = count
        """Replies numbered so far."""
        self._current: Reply | None = None
        self._before: list[Reply] = []
        """What is heard before the current reply, in order."""
        self._recent: deque[Reply] = deque(maxlen=8)

    async def run(self) -> None:
        """Host the replies until cancelled."""
        async with anyio.create_task_group() as group:
            self._group = group
            await anyio.sleep_forever()

    @property
    def current(self) -> Reply | None:
        """Return the reply that was committed and is not yet over, if any."""
        return self._current

    def clauses(self, ssml: str) -> tuple[str, ...]:
        """Return what is said, cut where its synthesis cuts it."""
        return clauses_in(ssml, language=self._reading)

    def prepare(  # noqa: PLR0913  what a reply is
        self,
        *,
        text: str,
        ssml: str,
        voice: str,
        turn: int,
        source: Source = Source.DIALOG,
        part: Part = "",
    ) -> Reply:
        """Begin to synthesise; nothing is sent before it is committed."""
        self.count += 1
        reply = Reply(self.count, turn, text, ssml, voice, self._now())
        reply.goes_on = part in ("prefix", "first", "next")
        if part in ("next", "rest"):
            reply.behind = next((one for one in reversed(self._recent) if not one.stopped), None)
        self._record(
            ReplyChosen(reply=reply.number, text=text, ssml=ssml, part=part), turn=turn, source=source
        )
        self._begin(reply)
        return reply

    def restore(self, reply: Reply) -> None:
        """Take up a reply that was committed in another process, where the client's share of it ends."""
        self.count = max(self.count, reply.number)
        self._begin(reply)
        self._current = reply
        self._control(reply, "resume")  # a pause was the other process's; what caused it is heard again
        reply.committed.set()

    def silence(self, number: int) -> None:
        """Silence a reply of another process that nobody goes on with: its end would never come."""
        self._output.control("flush", number, at=self._now())

    def _begin(self, reply: Reply) -> None:
        if self._group is None:
            raise RuntimeError("speaking was used outside its run()")
        self._recent.append(reply)
        self._group.start_soon(self._speak, reply)

    def commit(self, reply: Reply) -> None:
        """Let the client hear ``reply``; one that is still being heard is silenced."""
        self.stop()
        self._current = reply
        reply.committed.set()

    def follow(self, reply: Reply) -> None:
        """Let the client hear ``reply`` once what is being heard is over; it was prepared later than that."""
        if self._current is not None:
            self._before.append(self._current)
        self._current, reply.after = reply, self._current
        reply.committed.set()

    def withdraw(self, reply: Reply) -> None:
        """Silence a reply that follows others, and what follows it; these are heard on."""
        heard = [one for one in (*self._before, self._current) if one is not None]
        if reply in heard:
            place = heard.index(reply)
            self._silence(heard[place:])
            self._before, self._current = heard[: max(0, place - 1)], heard[place - 1] if place else None

    def discard(self, reply: Reply) -> None:
        """Drop a reply that was never committed."""
        reply.stopped = True
        reply.scope.cancel()

    def pause(self) -> None:
        """Hold the current reply's playback."""
        self._control(self._playing, "pause")

    def resume(self) -> None:
        """Let the current reply's playback go on."""
        self._control(self._playing, "resume")

    def stop(self) -> None:
        """Silence the current reply and what it follows: synthesis, sending and playback."""
        self._silence([one for one in (*self._before, self._current) if one is not None])
        self._current, self._before = None, []

    def _silence(self, replies: Iterable[Reply]) -> None:
        for reply in replies:
            self._control(reply, "flush")
            reply.stopped = True
            reply.scope.cancel()

    @property
    def _playing(self) -> Reply | None:
        return self._before[0] if self._before else self._current

    def played(self, message: Playback) -> Reply | None:
        """Record what the client reports of a reply, and return that; None if it is none of the last."""
        reply = next((one for one in self._recent if one.number == message.reply), None)
        if reply is None:
            return None
        reply.heard = max(reply.heard, message.heard)
        if message.state == "stopped":
            reply.said = reply.text_heard(message.heard / self._format.rate)
        body = playback_event(reply, message, self._format.rate)
        self._record(body, turn=reply.turn, source=Source.CLIENT)
        reply.started = True
        if message.state == "stopped":
            self._before = [one for one in self._before if one is not reply]
            self._current = None if self._current is reply else self._current
        return reply

    def _control(self, reply: Reply | None, action: Action, samples: int = 0) -> None:
        if reply is not None:
            self._output.control(action, reply.number, at=self._now(), samples=samples)

    async def _speak(self, reply: Reply) -> None:
        send, receive = anyio.create_memory_object_stream[Samples](CLAUSES_AHEAD)
        try:
            with reply.scope:
                async with anyio.create_task_group() as group:
                    group.start_soon(self._synthesize, reply, send)
                    await self._send(reply, receive)
        finally:
            send.close()
            receive.close()
            reply.made.set()
            reply.sent.set()

    async def _synthesize(self, reply: Reply, outbox: MemoryObjectSendStream[Samples]) -> None:
        """Put the reply's audio, at the output rate, clause by clause; all that takes long is in a thread."""
        resampler = Resampler(self._synthesizer.capabilities.rate, self._format.rate)
        offset, number = 0.0, 0
        if reply.behind is not None and not reply.behind.made.is_set():
            await reply.behind.made.wait()  # both at once would make the first later
            reply.requested = self._now()
        clauses = clauses_of(
            self._synthesizer,
            going_on(reply.ssml, pause=self._style.pause) if reply.goes_on else reply.ssml,
            text=reply.text,
            voice=reply.voice,
            style=self._style,
            language=self._language,
        )
        async with outbox:
            try:
                while True:
                    clause, samples = await in_thread(self._threads, _next, clauses, resampler)
                    if clause is not None:
                        self._note(reply, clause, number, offset)
                        offset += len(clause.samples) / clause.rate
                        number += 1
                    await outbox.send(samples)
                    if clause is None:
                        reply.made.set()
                        return
            except WorkbenchError as error:
                failure = ErrorRaised(code="synthesis-failed", message=str(error))
                self._record(failure, turn=reply.turn, source=Source.SYNTHESIZER)

    def _note(self, reply: Reply, clause: Clause, number: int, offset: float) -> None:
        def moved(word: SpokenWord) -> SpokenWord:
            return replace(word, start=word.start + offset, end=word.end + offset)

        def note(body: Body) -> None:
            self._record(body, turn=reply.turn, source=Source.SYNTHESIZER)

        if self._keeps_sound:
            reply.clauses.append((clause.samples, clause.rate))
        if number < reply.known:
            return
        if clause.fell_back:
            note(ErrorRaised(code="synthesis-fell-back", message=clause.fell_back))
        words = tuple(map(moved, clause.words))
        reply.words.extend(words)
        if number == 0:
            note(SynthesisFirstByte(reply=reply.number, requested=reply.requested, cached=clause.cached))
            silent = first_audible(clause.samples, clause.rate)
            lead = len(clause.samples) if silent is None else silent
            note(SynthesisFirstAudio(reply=reply.number, leading_silence=lead / clause.rate))
        note(
            SynthesisReady(
                reply=reply.number,
                clause=number,
                text=clause.text,
                samples=len(clause.samples),
                rate=clause.rate,
                words=words,
                marks=tuple(map(moved, clause.marks)),
            )
        )

    async def _send(self, reply: Reply, inbox: MemoryObjectReceiveStream[Samples]) -> None:
        position, encoder = 0, self._encoder(reply)
        pacing = Pacing(self._output, self._format.rate, ahead=self._send_ahead, now=self._now)
        async with inbox:
            await reply.committed.wait()
            if reply.after is not None:
                await reply.after.sent.wait()
            await self._stored()  # else a new process would not know it, and begin it again
            async for samples in inbox:
                rest = samples[max(0, self._begins(reply, encoder) - position) :]
                position += len(samples)
                await pacing.send(reply.number, encoder.feed(rest))
        await pacing.send(reply.number, encoder.flush())
        self._control(reply, "end", position)

    def _encoder(self, reply: Reply) -> Encoder:
        size = PACKET_FRAMES * self._format.frame_samples
        encoder = encoder_for(self._format, packet=size)
        begins = self._begins(reply, encoder)
        return encoder_for(self._format, packet=size, position=begins) if begins else encoder

    @staticmethod
    def _begins(reply: Reply, encoder: Encoder) -> int:
        """Return where of the reply to begin: a little before what the client has, for an encoder's sake."""
        begins = reply.restored - encoder.preroll
        return begins if begins >= encoder.preroll else 0


def _next(clauses: Iterator[Clause], resampler: Resampler) -> tuple[Clause | None, Samples]:
    """Return the next clause and its sound at the output rate; after the last, the sound's tail. Blocks."""
    clause = next(clauses, None)
    return clause, resampler.flush() if clause is None else resampler.feed(clause.samples)
