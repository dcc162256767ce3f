"""The stages of a session fed by hand, with a recogniser that is slow, or finds other words in the end."""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

import anyio
import numpy as np
from patience import PATIENCE

from workbench.analysis.replay_settings import ReplaySettings
from workbench.audio.voice_activity import EnergyVoiceActivity
from workbench.conversation.assistants import load_assistant
from workbench.conversation.endpointing import Endpointing
from workbench.conversation.understanding import Understanding
from workbench.core.audio import AudioFormat, Frame
from workbench.core.events import SessionClosed, SessionOpened, Source
from workbench.core.timeline import Timeline
from workbench.endpoint.answering import Answering
from workbench.endpoint.conversing import Conversing
from workbench.endpoint.listening import Listening
from workbench.endpoint.observed import Observed
from workbench.endpoint.speaking import Speaking
from workbench.endpoint.thinking import ThreadMind
from workbench.protocol.native import Playback
from workbench.speech.scripted import ScriptedRecognizer, ScriptedSynthesizer


def sound(*seconds: float) -> np.ndarray:
    """Return tones, which the energy detector takes for speech, and pauses between them, turn about."""
    pieces = [np.zeros(4_800, np.float32)]
    for number, length in enumerate(seconds):
        tone = 0.2 * np.sin(2 * np.pi * 150 * np.arange(round(length * 16_000)) / 16_000)
        pieces.append((tone * (number % 2 == 0)).astype(np.float32))
    return np.concatenate(pieces)


class Said:
    """How much was said so far: passes that take so much of it end at the same words on any machine."""

    def __init__(self) -> None:
        self._seconds, self._grown = 0.0, threading.Condition()

    def grow(self, seconds: float) -> None:
        """Learn that more was said; infinitely much at the end."""
        with self._grown:
            self._seconds += seconds
            self._grown.notify_all()

    def wait(self, seconds: float) -> None:
        """Wait, in a thread, until so much more was said."""
        with self._grown:
            until = self._seconds + seconds
            self._grown.wait_for(lambda: self._seconds >= until, PATIENCE)


class SlowHearing:
    """A scripted utterance whose careful passes take time, and quick ones in a silence."""

    def __init__(self, hearing, said, seconds, finals, quick):
        self._add, self._partial, self._last, self._said = hearing.add, hearing.partial, np.ones(1), said
        self._final, self._seconds, self._finals, self._quick = hearing.final, seconds, finals, quick

    def add(self, samples):
        """Hear on."""
        self._last = samples
        self._add(samples)

    def partial(self):
        """Recognise quickly."""
        if not self._last.any():
            self._said.wait(self._quick)
        return self._partial()

    def final(self):
        """Recognise with care."""
        self._said.wait(self._seconds)
        heard = self._final()
        if heard.text not in self._finals:
            return heard
        return ScriptedRecognizer([self._finals[heard.text]]).listen(language=heard.language).final()


@dataclass
class SlowRecognizer:
    """A scripted recogniser whose careful passes take time, and may find other words than the quick ones."""

    scripted: ScriptedRecognizer
    said: Said
    seconds: float
    finals: dict[str, str] = field(default_factory=dict)
    """What careful passes find in place of a text."""
    quick: float = 0.0
    """Seconds of a quick pass that hears a silence at the end."""

    @property
    def capabilities(self):
        """Return what it claims: not to be instant."""
        return replace(self.scripted.capabilities, instant=False)

    def listen(self, *, language, vocabulary=()):
        """Begin the next utterance."""
        hearing = self.scripted.listen(language=language)
        return SlowHearing(hearing, self.said, self.seconds, self.finals, self.quick)


@dataclass
class Player:
    """A connection whose client plays replies at once, one after the other, or plays nothing at all."""

    plays: bool
    playback: Callable[[Playback], object] = lambda message: None
    waiting: dict[int, bool] = field(default_factory=dict)
    """Replies to be played, and whether each has come to its end; the first is being played."""
    is_connected: bool = True

    async def connected(self):
        """Return at once."""

    def audio(self, reply, position, payload):
        """Take a packet."""
        if self.plays and reply not in self.waiting:
            self.waiting[reply] = False
            if len(self.waiting) == 1:
                self._report(reply, "started")

    def control(self, action, reply, *, at, samples=0):
        """Take a message."""
        if reply not in self.waiting or action not in ("end", "flush"):
            return
        if action == "end":
            self.waiting[reply] = True
        else:
            del self.waiting[reply]
            self._report(reply, "stopped", "barge-in")
        while self.waiting and next(iter(self.waiting.values())):
            over = next(iter(self.waiting))
            del self.waiting[over]
            self._report(over, "stopped", "finished")
            if self.waiting:
                self._report(next(iter(self.waiting)), "started")

    def _report(self, reply, state, reason=""):
        self.playback(
            Playback(seq=0, at=0.0, state=state, reply=reply, heard=0, device_position=0, reason=reason)
        )


PLAIN = ReplaySettings()


async def overhear(  # noqa: PLR0913  a whole scene
    samples, *utterances, careful, quick=0.0, speed=4.0, settings=PLAIN, plays=False, finals=()
):
    """Return the timeline of stages that hear ``samples``, ``speed`` times as fast as they were said.

    Parameters
    ----------
    utterances : what quick passes hear, one after another
    careful, quick : seconds of speech that a careful pass takes, and a quick one in a silence
    settings : what decides
    plays : whether the client plays what it gets
    finals : texts and what careful passes find in their place
    """
    timeline, assistant = Timeline(), load_assistant("coffee")
    told = asdict(settings)
    told |= {"early_synthesis": told.pop("early"), "calibration": told.pop("worth")}
    player = Player(plays)
    timeline.record(
        SessionOpened(
            session="s",
            assistant="coffee",
            input_encoding="pcm16",
            input_rate=16_000,
            output_encoding="pcm16",
            output_rate=24_000,
            settings=told,
        ),
        turn=0,
        source=Source.ENDPOINT,
    )
    common = {"record": timeline.record, "now": timeline.now}
    speaking = Speaking(
        synthesizer=ScriptedSynthesizer(),
        threads=anyio.CapacityLimiter(2),
        audio_format=AudioFormat(rate=24_000),
        output=player,
        send_ahead=100.0,
        **common,
    )
    mind = ThreadMind(Understanding(assistant))
    deciding = {"early": settings.early, "lead": settings.lead, "worth": settings.worth}
    answering = Answering(assistant=assistant, mind=mind, speaking=speaking, **deciding, **common)
    observed, said = Observed(64), Said()
    listening = Listening(
        recognizer=SlowRecognizer(ScriptedRecognizer(utterances), said, careful, dict(finals), quick),
        language="en-US",
        vocabulary=(),
        voice_activity=EnergyVoiceActivity(),
        outbox=observed,
        threads=anyio.CapacityLimiter(2),
        partial_every=0.3,
    )
    conversing = Conversing(
        endpointing=Endpointing(settings.endpointing, settings.speaker),
        barge_in=settings.barge_in,
        listening=listening,
        answering=answering,
        speaking=speaking,
        **common,
    )
    player.playback = conversing.playback
    async with anyio.create_task_group() as group:
        group.start_soon(speaking.run)
        group.start_soon(listening.run)
        group.start_soon(conversing.run, observed)
        for position in range(0, len(samples) - 511, 512):
            listening.hear(Frame(position, samples[position : position + 512], 16_000))
            await listening.catch_up()
            said.grow(0.032)
            await anyio.sleep(0.032 / speed)
        said.grow(float("inf"))
        await anyio.sleep(1.0)
        group.cancel_scope.cancel()
    timeline.record(SessionClosed(reason="client-left"), turn=0, source=Source.ENDPOINT)
    return timeline
