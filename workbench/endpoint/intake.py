"""What a client sends in one session: put in order, checked, given to the stages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import anyio

from workbench.conversation.tuning import Setting
from workbench.core.audio import AudioFormat
from workbench.core.consent import Consent
from workbench.core.events import Body
from workbench.endpoint.beginning import Beginning
from workbench.endpoint.media import MediaSocket, Streams
from workbench.endpoint.outbox import Socket
from workbench.endpoint.receiving import Receiving
from workbench.endpoint.stages import Stages
from workbench.errors import ParameterError, ProtocolError, SsmlError
from workbench.protocol.native import (
    AudioClock,
    AudioEnd,
    ConsentGiven,
    Playback,
    Received,
    Say,
    SessionMessage,
    Tune,
)
from workbench.protocol.order import Order, Place
from workbench.protocol.packets import unpack
from workbench.security.tokens import Scope
from workbench.ssml.parse import parse
from workbench.ssml.render import escape, plain_text

AHEAD_MAX = 10.0
"""Seconds a client's audio and playback may be ahead of the session clock."""

REPLAYED_MAX = 60.0
"""Seconds of audio a client may have kept while it had no connection: so much may come faster."""

SAYS_PER_SECOND = 2
"""Texts to be spoken, on average: each is recorded, and silences the one before."""

TUNES_PER_SECOND = 2
"""Changes of turn taking's settings, on average: each is recorded."""

PLAYBACKS_PER_SECOND = 20
"""Playback reports taken, on average; a device sends about six."""


@dataclass(slots=True)
class Intake:
    """Takes in one client's messages.

    Parameters
    ----------
    stages : who gets what the messages bring
    allows : whether the client's token has a scope
    record, now : the timeline and its clock
    messages, packets : follow the numbers of the client's messages and audio packets
    """

    stages: Stages
    allows: Callable[[Scope], bool]
    record: Callable[[Body], object]
    now: Callable[[], float]
    receiving: Receiving
    messages: Order
    packets: Order
    consent: Callable[[Consent], None]
    """Takes what the client says may be stored; raises ProtocolError."""
    device_zero: float | None = None
    """Session time of the first sample of the client's device, if it was said."""
    _playbacks: int = 0
    _says: int = 0
    _tunes: int = 0
    _began: float = field(init=False)
    _first: int = field(init=False)

    def __post_init__(self) -> None:
        self._began, self._first = self.now(), self.receiving.position

    def introduce(self, socket: Socket, output: AudioFormat) -> None:
        """Tell a connection that makes audio packets itself where the session's streams stand."""
        if isinstance(socket, MediaSocket):
            receiving = self.receiving
            streams = Streams(
                input=receiving.audio_format,
                output=output,
                position=receiving.position,
                packet=self.packets.next or 0,
                zero=self.device_zero,
                now=self.now,
            )
            socket.carries(streams)

    def audio(self, data: bytes) -> None:
        """Take an audio packet; the next may come once :meth:`catch_up` has been awaited, if ``behind``.

        Raises
        ------
        ProtocolError
            If it is none, comes ahead of time or after the end, or the token's scopes are for listening only.
        """
        if not self.allows(Scope.TRANSCRIBE):
            raise ProtocolError("wrong-scope", "the session token does not allow audio")
        packet = unpack(data)
        if self.packets.take(packet.seq) is not Place.NEXT:
            return
        taken = self.receiving.take(packet, until=self._until())
        if taken is None:
            return
        captured = None
        if self.device_zero is not None:
            captured = self.device_zero + self.receiving.position / self.receiving.audio_format.rate
        report = self.receiving.report(captured)
        if report is not None:
            self.record(report)
        self.stages.recorder.heard(taken.gap, taken.samples)
        if self.stages.listening.over:
            raise ProtocolError("bad-packet", "audio came after its end")
        if len(taken.frame.samples):
            try:
                self.stages.listening.hear(taken.frame)
            except anyio.BrokenResourceError:
                raise ProtocolError("bad-packet", "audio came after the session's end") from None

    @property
    def behind(self) -> bool:
        """Return whether what was heard waits to be dealt with."""
        return self.stages.listening.behind

    async def catch_up(self) -> None:
        """Wait until it no longer waits, or the session has ended."""
        await self.stages.listening.catch_up()

    def message(self, message: SessionMessage) -> None:
        """Take a numbered message, unless it came before; ``close`` is not for here.

        Raises
        ------
        ProtocolError
            If its number is out of range, or what it says can't be.
        """
        if self.messages.take(message.seq) is not Place.NEXT:
            return
        match message:
            case AudioClock(device_zero=zero):
                self.device_zero = zero
            case Playback():
                self._check(message)
                stages = self.stages
                stages.recorder.played(message, stages.conversing.playback(message))
            case Say(text=text):
                self._say(text)
            case Tune(settings=changes):
                self._tune(changes)
            case ConsentGiven(level=level):
                self.consent(level)
            case AudioEnd():
                self.stages.listening.end()

    def received(self, *, settled: bool) -> Received:
        """Return what the client need not keep: what was received, or of that what is ``settled``."""
        position, rate = self.receiving.position, self.receiving.audio_format.rate
        if settled:
            position = min(position, self.stages.settled(rate))
        return Received(messages=self.messages.next or 0, position=position, at=self.now())

    def report(self) -> None:
        """Record how the order was broken, if it was."""
        for order in (self.messages, self.packets):
            for body in order.report(self.now()):
                self.record(body)

    def _until(self) -> float:
        """Return the second of the caller's stream that can have been reached, whatever time was claimed."""
        now = self.now()
        kept = self._first / self.receiving.audio_format.rate + REPLAYED_MAX
        return min(now, kept + now - self._began) + AHEAD_MAX

    def _check(self, playback: Playback) -> None:
        """Refuse what no device can have played by now, and more reports than any device makes."""
        self._playbacks += 1
        now = self.now() + AHEAD_MAX
        seconds = max(playback.device_position, playback.heard) / self.stages.output_rate
        if seconds > now or self._playbacks > PLAYBACKS_PER_SECOND * (now - self._began):
            raise ProtocolError("bad-message", "playback was reported ahead of time, or too often")

    def _tune(self, changes: Mapping[str, Setting]) -> None:
        if not self.allows(Scope.CONVERSE):
            raise ProtocolError("wrong-scope", "the session token does not allow tuning")
        self._tunes += 1
        if self._tunes > TUNES_PER_SECOND * (self.now() + AHEAD_MAX - self._began):
            raise ProtocolError(
                "bad-message", f"turn taking was tuned more than {TUNES_PER_SECOND} times a second"
            )
        try:
            self.stages.conversing.tune(changes)
        except ParameterError as error:
            raise ProtocolError("bad-setting", str(error)) from None

    def _say(self, text: str) -> None:
        if not self.allows(Scope.SPEAK):
            raise ProtocolError("wrong-scope", "the session token does not allow speaking")
        self._says += 1
        if self._says > SAYS_PER_SECOND * (self.now() + AHEAD_MAX - self._began):
            raise ProtocolError(
                "bad-message", f"more than {SAYS_PER_SECOND} texts a second were to be spoken"
            )
        ssml = text if text.lstrip().startswith("<speak") else f"<speak>{escape(text)}</speak>"
        try:
            plain = plain_text(parse(ssml))
        except SsmlError as error:
            raise ProtocolError("bad-ssml", str(error)) from None
        self.stages.conversing.say(ssml, text=plain)


def intake_for(
    begin: Beginning,
    stages: Stages,
    *,
    allows: Callable[[Scope], bool],
    record: Callable[[Body], object],
    now: Callable[[], float],
    consent: Callable[[Consent], None],
) -> Intake:
    """Return what takes in the messages of the session that ``begin`` describes, from where they go on."""
    return Intake(
        stages=stages,
        allows=allows,
        record=record,
        now=now,
        receiving=Receiving(begin.input, begin.position),
        messages=Order("messages", begin.resume.messages),
        consent=consent,
        packets=Order("audio", 0 if begin.how == "opened" else None),
    )
