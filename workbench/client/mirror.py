"""What the client has of the endpoint's messages: the timeline's mirror, and the reply audio to be played."""

from dataclasses import dataclass, field

import numpy as np

from workbench.audio.streams import Decoder, decoder_for
from workbench.client.playout import Playout
from workbench.core.audio import AudioFormat
from workbench.core.events import SessionOpened, SessionReset
from workbench.core.timeline import Timeline
from workbench.core.wire import event_from_wire
from workbench.errors import ProtocolError
from workbench.protocol.native import PlaybackControl, Seen
from workbench.protocol.packets import AudioPacket


@dataclass(slots=True)
class Mirror:
    """Takes each of the endpoint's numbered messages once, in order.

    Parameters
    ----------
    audio_format : of the agent's stream
    """

    audio_format: AudioFormat
    timeline: Timeline = field(default_factory=Timeline)
    playout: Playout = field(init=False)
    opened: SessionOpened | None = None
    """How the endpoint opened the session; of the last one, after a reset."""
    duplicates: int = 0
    """Messages that came again."""
    lost: int = 0
    """Samples of replies that never came; silence stands for them."""
    reply: int = 0
    """The newest reply audio came for."""
    received: int = 0
    """Samples of that reply."""
    _controls: int = 0
    _packets: int = 0
    _decoder: Decoder = field(init=False)

    def __post_init__(self) -> None:
        self._decoder = decoder_for(self.audio_format)
        self.playout = Playout(self.audio_format.rate)

    @property
    def seen(self) -> Seen:
        """Return the next number expected of each kind."""
        return Seen(events=self.timeline.next_seq, controls=self._controls, audio=self._packets)

    def event(self, wire: dict[str, object]) -> None:
        """Take an event.

        Raises
        ------
        ProtocolError
            If it is none, or one is missing before it.
        """
        event = event_from_wire(wire)
        if event.seq < self.timeline.next_seq:
            self.duplicates += 1
            return
        if event.seq > self.timeline.next_seq:
            expected = self.timeline.next_seq
            raise ProtocolError("bad-seq", f"event {event.seq} came, expected {expected}")
        match event.body:
            case SessionOpened():
                self.opened = event.body
            case SessionReset():  # the rest of what played will never come
                self.playout.close()
        self.timeline.append(event)

    def control(self, control: PlaybackControl) -> None:
        """Take a control message and do what it says; raises ProtocolError if one is missing before it."""
        if control.seq < self._controls:
            self.duplicates += 1
            return
        if control.seq > self._controls:
            raise ProtocolError("bad-seq", f"control {control.seq} came, expected {self._controls}")
        self._controls += 1
        match control.action:
            case "pause":
                self.playout.pause(control.reply)
            case "resume":
                self.playout.resume(control.reply)
            case "flush":
                self.playout.flush(control.reply)
            case "end":
                self.playout.end(control.reply, control.samples)

    def audio(self, packet: AudioPacket) -> None:
        """Take reply audio; what is missing before it becomes silence."""
        if packet.seq < self._packets:
            self.duplicates += 1
            return
        self._packets = packet.seq + 1
        if packet.reply != self.reply:
            self.reply, self.received = packet.reply, 0
            self._decoder = decoder_for(self.audio_format)
        missing = packet.position - self.received
        if missing > 0:
            self.lost += missing
            concealed = self._decoder.conceal(packet.payload, missing)
            self.playout.add(packet.reply, np.zeros(missing - len(concealed), np.float32))
            self.playout.add(packet.reply, concealed)
        samples = self._decoder.decode(packet.payload, packet.position)
        if missing < 0:  # a new process sends a packet that began earlier
            samples = samples[-missing:]
        if len(samples):
            self.playout.add(packet.reply, samples)
            self.received += max(0, missing) + len(samples)
