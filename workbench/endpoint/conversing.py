"""The conversing stage: observations in, turns and interruptions decided by ``TurnTaking``.

It waits for observations and for what words mean; all that is decided is decided there, and recorded.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from workbench.conversation.barge_in import BargeInSettings
from workbench.conversation.endpointing import Endpointing
from workbench.conversation.observations import Observation, Tick
from workbench.conversation.speaker import Speaker
from workbench.conversation.tuning import Setting
from workbench.conversation.turn_taking import TurnTaking
from workbench.conversation.voice import Ear, Record
from workbench.endpoint.answering import Answering
from workbench.endpoint.context import Context
from workbench.endpoint.observed import Observed
from workbench.endpoint.reply import Reply
from workbench.endpoint.speaking import Speaking
from workbench.protocol.native import Playback


class Conversing:
    """Leads one conversation.

    Parameters
    ----------
    endpointing, barge_in : what decides when turns end, and when speech interrupts a reply
    listening, answering, speaking : the stages and what answers
    record, now : the timeline and its clock
    """

    def __init__(
        self,
        *,
        endpointing: Endpointing,
        barge_in: BargeInSettings,
        listening: Ear,
        answering: Answering,
        speaking: Speaking,
        record: Record,
        now: Callable[[], float],
    ) -> None:
        self._answering = answering
        self._speaking = speaking
        self._mind = answering.mind
        self._taking: TurnTaking[Reply] = TurnTaking(
            endpointing=endpointing,
            barge_in=barge_in,
            ear=listening,
            replying=answering,
            voice=speaking,
            record=record,
            now=now,
            busy=lambda: answering.mind.busy,
        )

    @property
    def turn(self) -> int:
        """Return the number of the caller's turn at hand, from 0."""
        return self._taking.turn

    @property
    def last_active(self) -> float:
        """Return the session time when either side last spoke."""
        return self._taking.last_active

    @property
    def speaker(self) -> Speaker:
        """Return what was learned of the caller."""
        return self._taking.endpointing.speaker

    @property
    def settled(self) -> int:
        """Return how much of the caller's stream, in samples at 16 kHz, need not be heard again."""
        return self._taking.settled

    async def run(self, inbox: Observed) -> None:
        """Converse until the observations end."""
        try:
            while (observation := await inbox.next(self._at_once)) is not None:
                await self._take(observation)
        finally:
            inbox.close()
            self._taking.flush()

    def _at_once(self, observation: Observation) -> bool:
        """Take a tick after which no words are to be understood; return whether it was one."""
        if not isinstance(observation, Tick) or self._taking.may_answer:
            return False
        for _ in self._taking.take(observation):
            raise AssertionError("a tick without a final at hand asked what words mean")
        return True

    async def _take(self, observation: Observation) -> None:
        steps = self._taking.take(observation)
        try:
            said = next(steps)
            while True:
                said = steps.send(await self._mind.interpret(said))
        except StopIteration:
            return

    def greet(self) -> None:
        """Speak first."""
        self._taking.flush()
        self._answering.greet()

    def consented(self) -> None:
        """Ask for consent no more: the client has answered."""
        self._taking.flush()
        self._answering.consented(turn=self.turn)

    def say(self, ssml: str, *, text: str) -> None:
        """Speak what the client gave; the conversation stands where it stood."""
        self._taking.flush()
        self._answering.say(ssml, text=text, turn=self.turn)

    def tune(self, changes: Mapping[str, Setting]) -> None:
        """Go on under changed settings of turn taking; raises ParameterError if they can't be."""
        self._taking.tune(self._taking.settings.with_changes(changes))

    def playback(self, message: Playback) -> Reply | None:
        """Take in what the client reports of a reply, and return that if it is known."""
        if message.state in ("started", "stopped"):
            self._taking.flush()
        reply = self._speaking.played(message)
        if reply is not None:
            self._taking.played(reply, message.state, message.reason, lambda: reply.said)
        return reply

    def noticed(self) -> None:
        """Learn that something is about to be recorded that what was heard so far was decided without."""
        self._taking.flush()

    def enriched(self) -> None:
        """Take in that something was looked up: for the reply in preparation, or to be added."""
        self._taking.enriched()

    def remembered(self, context: Context) -> Context:
        """Return ``context`` with this conversation in it."""
        return self._answering.remembered(replace(context, turn=self.turn, speaker=self.speaker))

    def restore(self, context: Context, *, position: int) -> None:
        """Go on from ``context`` at a sample of the stream at 16 kHz; call it before :meth:`run`."""
        self._taking.restore(turn=context.turn, position=position)
