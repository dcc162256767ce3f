"""Replies in every format, and taken up by another process where the client's share of them ends."""

from dataclasses import dataclass, field

import anyio
import numpy as np
import pytest
from patience import PATIENCE

from workbench.client.mirror import Mirror
from workbench.core.audio import AudioFormat, Encoding
from workbench.core.timeline import Timeline
from workbench.endpoint.reply import Reply
from workbench.endpoint.speaking import Speaking
from workbench.protocol.native import PlaybackControl
from workbench.protocol.packets import AudioPacket, Direction
from workbench.speech.scripted import ScriptedSynthesizer

pytestmark = pytest.mark.anyio

TEXT = "one two three. four five. six seven eight nine."
FORMATS = [
    AudioFormat(rate=24_000),
    AudioFormat(Encoding.MULAW, 8_000),
    AudioFormat(Encoding.OPUS, 16_000),
    AudioFormat(Encoding.OPUS, 48_000),
]


@dataclass
class Client:
    """Takes what is sent, to its end; from packet ``lost`` on it gets nothing."""

    mirror: Mirror
    lost: int = 10**9
    sizes: list[int] = field(default_factory=list)
    packets: int = 0
    ended: anyio.Event = field(default_factory=anyio.Event)

    is_connected = True

    async def connected(self) -> None:
        """Return at once: the connection is never lost."""

    def audio(self, reply: int, position: int, payload: bytes) -> None:
        """Take a packet."""
        if len(self.sizes) < self.lost:
            self.mirror.audio(
                AudioPacket(
                    direction=Direction.AGENT,
                    seq=self.mirror.seen.audio,
                    position=position,
                    payload=payload,
                    reply=reply,
                )
            )
        self.sizes.append(len(payload))

    def control(self, action: str, reply: int, *, at: float, samples: int = 0) -> None:
        """Take a message."""
        if action == "end":
            if len(self.sizes) <= self.lost:
                seq = self.mirror.seen.controls
                self.mirror.control(
                    PlaybackControl(seq=seq, at=at, action="end", reply=reply, samples=samples)
                )
            self.ended.set()


async def spoken(client: Client, audio_format: AudioFormat, restored: int = 0) -> None:
    """Speak one reply to ``client``, from where it was ``restored``."""
    timeline = Timeline()
    speaking = Speaking(
        synthesizer=ScriptedSynthesizer(),
        threads=anyio.CapacityLimiter(1),
        audio_format=audio_format,
        record=timeline.record,
        output=client,
        send_ahead=1_000.0,
        now=timeline.now,
    )
    async with anyio.create_task_group() as group:
        group.start_soon(speaking.run)
        await anyio.wait_all_tasks_blocked()
        if restored:
            speaking.restore(Reply(1, 0, TEXT, TEXT, "", 0.0, restored=restored))
        else:
            speaking.commit(speaking.prepare(text=TEXT, ssml=TEXT, voice="", turn=0))
        with anyio.fail_after(PATIENCE):
            await client.ended.wait()
        group.cancel_scope.cancel()


def reference(rate: int) -> np.ndarray:
    """Return the reply as it is synthesised: three clauses of a tone, each from phase zero."""
    counts = [len(clause.split()) for clause in TEXT.split(".") if clause.strip()]
    times = [np.arange(round(count * 0.25 * rate)) / rate for count in counts]
    return np.concatenate([0.3 * np.sin(2 * np.pi * 220 * time) for time in times])


@pytest.mark.parametrize("audio_format", FORMATS, ids=lambda one: f"{one.encoding.value}-{one.rate}")
async def test_a_reply_arrives_whole_and_in_place(audio_format):
    """The caller would hear it late, cut short, or not at all in one of the formats."""
    client = Client(Mirror(audio_format))
    await spoken(client, audio_format)
    expected = reference(audio_format.rate)
    heard = client.mirror.playout.pull(len(expected) + 100)
    assert np.sqrt(np.mean((heard[: len(expected)] - expected)[audio_format.rate // 50 :] ** 2)) < 0.03
    (stopped,) = [one for one in client.mirror.playout.reports() if one.state == "stopped"]
    assert (stopped.reason, stopped.heard) == ("finished", len(expected))
    if audio_format.encoding is Encoding.OPUS:
        assert len(client.sizes) == pytest.approx(len(expected) / audio_format.frame_samples, abs=2)


@pytest.mark.parametrize("audio_format", FORMATS, ids=lambda one: f"{one.encoding.value}-{one.rate}")
@pytest.mark.parametrize("lost", [1, 3, 5])
async def test_a_reply_goes_on_in_another_process_without_a_jump(audio_format, lost):
    """After a crash the caller would hear a part twice, or a hole, or the rest displaced."""
    client = Client(Mirror(audio_format), lost=lost)
    await spoken(client, audio_format)
    received = client.mirror.received
    assert 0 < received < len(reference(audio_format.rate)) / 2
    again = Client(client.mirror)
    await spoken(again, audio_format, restored=received)
    expected = reference(audio_format.rate)
    heard = client.mirror.playout.pull(len(expected))
    assert client.mirror.lost == 0
    assert np.sqrt(np.mean((heard - expected)[audio_format.rate // 50 :] ** 2)) < 0.04
    around = slice(received - 40, received + audio_format.rate // 50)
    assert np.sqrt(np.mean((heard - expected)[around] ** 2)) < 0.1
