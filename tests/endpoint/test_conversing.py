"""The conversing stage on hand-written observations, with a real playout buffer at the other end."""

from dataclasses import dataclass, field

import anyio
import pytest
from deaf import Deaf

from workbench.audio.codecs import decode
from workbench.client.playout import Playout
from workbench.conversation.assistants import load_assistant
from workbench.conversation.barge_in import BargeInSettings
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import Endpointing
from workbench.conversation.observations import Began, Heard, Pass, StreamEnded, Tick
from workbench.conversation.understanding import Understanding
from workbench.core.audio import AudioFormat
from workbench.core.events import (
    ActionTaken,
    EarlySynthesisCommitted,
    EarlySynthesisStarted,
    FinalTranscript,
    IntentRecognized,
    PartialTranscript,
    ReplyChosen,
    SpeechStarted,
)
from workbench.core.timeline import Timeline
from workbench.endpoint.answering import Answering
from workbench.endpoint.conversing import Conversing
from workbench.endpoint.observed import Observed
from workbench.endpoint.speaking import Speaking
from workbench.endpoint.thinking import ThreadMind
from workbench.protocol.native import Playback
from workbench.speech.scripted import ScriptedRecognizer, ScriptedSynthesizer

pytestmark = pytest.mark.anyio

FORMAT = AudioFormat(rate=24_000)
BLOCK = 2_400


@dataclass
class Client:
    """What the client does with audio and control messages."""

    playout: Playout = field(default_factory=lambda: Playout(FORMAT.rate))

    is_connected = True

    async def connected(self) -> None:
        """Return at once: the connection is never lost."""

    def audio(self, reply: int, position: int, payload: bytes) -> None:
        """Take a packet."""
        self.playout.add(reply, decode(payload, FORMAT))

    def control(self, action: str, reply: int, *, at: float, samples: int = 0) -> None:
        """Take a message."""
        if action == "end":
            self.playout.end(reply, samples)
        else:
            getattr(self.playout, action)(reply)


def began(utterance, at, *, resumed=False):
    return Began(utterance, SpeechStarted(position=round(at * 16_000), rate=16_000, probability=0.9), resumed)


def tick(at, *, silence):
    position = round(at * 16_000)
    return Tick(position=position, silence=silence, voiced_end=position - round(silence * 16_000))


def heard(utterance, text, kind):
    hypothesis = ScriptedRecognizer([text]).listen(language="en-US").final()
    return Heard(utterance=utterance, kind=kind, hypothesis=hypothesis, position=10**6, duration=0.0)


def final(utterance, text):
    return heard(utterance, text, Pass.FINAL)


async def converse(*observations):
    """Return the timeline and the client after ``observations``, every reply played to its end."""
    timeline, client = Timeline(), Client()
    speaking = Speaking(
        synthesizer=ScriptedSynthesizer(),
        threads=anyio.CapacityLimiter(2),
        audio_format=FORMAT,
        record=timeline.record,
        output=client,
        send_ahead=1_000.0,
        now=timeline.now,
    )
    assistant = load_assistant("coffee")
    answering = Answering(
        assistant=assistant,
        mind=ThreadMind(Understanding(assistant)),
        early=EarlySynthesisSettings(),
        speaking=speaking,
        record=timeline.record,
        now=timeline.now,
    )
    conversing = Conversing(
        endpointing=Endpointing(),
        barge_in=BargeInSettings(),
        listening=Deaf(),
        answering=answering,
        speaking=speaking,
        record=timeline.record,
        now=timeline.now,
    )
    observed = Observed(len(observations))
    async with anyio.create_task_group() as group:
        group.start_soon(speaking.run)
        await anyio.wait_all_tasks_blocked()
        for observation in observations:
            observed.put(observation)
        observed.end()
        await conversing.run(observed)
        for _ in range(100):
            await anyio.wait_all_tasks_blocked()
            client.playout.pull(BLOCK)
            for report in client.playout.reports():
                message = {name: getattr(report, name) for name in ("state", "reply", "heard", "reason")}
                conversing.playback(
                    Playback(seq=0, **message, device_position=report.device_position, at=0.0)
                )
        group.cancel_scope.cancel()
    return timeline, client


def of(timeline, kind):
    return [event.body for event in timeline.events if isinstance(event.body, kind)]


async def test_turn_cut_in_two_is_answered_once_and_whole():
    """Two finals pending at once would leave a reply that never ends, and everything after it unheard."""
    timeline, client = await converse(
        began(0, 0.1),
        tick(1.0, silence=0.0),
        tick(2.5, silence=1.5),
        began(1, 3.0),
        tick(3.8, silence=0.0),
        tick(5.5, silence=1.5),
        final(0, "a large latte please"),
        final(1, "with soy milk"),
    )
    assert not client.playout.playing
    assert [final.text for final in of(timeline, FinalTranscript)] == [
        "a large latte please",
        "with soy milk",
    ]
    assert of(timeline, IntentRecognized)[-1].slots == {
        "size": "large",
        "coffeeDrink": "latte",
        "milkAmount": "soy milk",
    }
    assert len(of(timeline, ReplyChosen)) == len(of(timeline, ActionTaken)) == 1


async def test_speech_behind_the_deciding_tick_does_not_lose_the_turn():
    """A caller who goes on in the very moment the turn ends would never be answered."""
    timeline, client = await converse(
        began(0, 0.1),
        tick(1.0, silence=0.0),
        tick(2.5, silence=1.5),
        began(0, 2.5, resumed=True),
        final(0, "a large latte please"),
    )
    assert len(of(timeline, ActionTaken)) == 1
    assert not client.playout.playing


async def test_partial_after_the_end_of_its_turn_starts_the_reply_unless_the_caller_speaks_on():
    """A reply would be begun to half a sentence, or only after the final."""
    late = heard(0, "a large latte please", Pass.PARTIAL)
    before = began(0, 0.1), tick(1.0, silence=0.0), tick(2.5, silence=1.5)
    timeline, _ = await converse(*before, late, final(0, "a large latte please"))
    assert len(of(timeline, EarlySynthesisCommitted)) == len(of(timeline, ActionTaken)) == 1
    last = final(1, "with soy milk")
    timeline, _ = await converse(
        *before, began(1, 3.0), late, final(0, "a large latte please"), tick(5, silence=1.5), last
    )
    assert not of(timeline, EarlySynthesisStarted)
    assert len(of(timeline, ActionTaken)) == 1


async def test_early_final_behind_the_deciding_tick_counts_for_nothing():
    """What the replay leaves out would be recorded: the final, a pass over the same, is under way."""
    text = "a large latte please"
    timeline, _ = await converse(
        began(0, 0.1),
        tick(1.0, silence=0.0),
        tick(2.5, silence=1.5),
        heard(0, text, Pass.EARLY_FINAL),
        final(0, text),
    )
    assert not of(timeline, PartialTranscript)
    assert len(of(timeline, FinalTranscript)) == len(of(timeline, ActionTaken)) == 1


async def test_last_words_are_answered_when_the_stream_ends():
    """A recording that ends with its last word would get no reply."""
    timeline, _ = await converse(
        began(0, 0.1), tick(1.0, silence=0.0), StreamEnded(), final(0, "a small mocha")
    )
    assert len(of(timeline, ActionTaken)) == 1


async def test_utterance_without_words_is_no_turn():
    """A cough would be answered."""
    timeline, _ = await converse(began(0, 0.1), tick(0.5, silence=0.0), tick(2.5, silence=1.5), final(0, ""))
    assert not of(timeline, ReplyChosen)
