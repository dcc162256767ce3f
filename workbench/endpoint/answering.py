"""Answers the turns of one live session: the decisions of ``Replying``, and what outlives the process."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from workbench.conversation.replying import Answer, Replying
from workbench.conversation.standing import Committed
from workbench.conversation.understanding import Interpretation
from workbench.core.events import SynthesisReady
from workbench.endpoint.context import Context, GivenReply
from workbench.endpoint.reply import Reply
from workbench.endpoint.speaking import Speaking
from workbench.endpoint.thinking import Mind


@dataclass(slots=True, kw_only=True)
class Answering(Replying[Reply]):
    """Answers the turns of one session.

    Parameters
    ----------
    mind : finds out what the words mean to the assistant
    """

    mind: Mind
    speaking: Speaking

    def remembered(self, context: Context) -> Context:
        """Return ``context`` with this conversation in it."""
        committed = self.standing.committed
        given = None
        if committed is not None:
            reply = committed.reply
            given = GivenReply(
                number=reply.number,
                turn=reply.turn,
                said=committed.answer.text,
                response=committed.answer.response,
                before=committed.before,
                started=reply.started,
                over=reply.stopped or self.speaking.current is not reply,
                text=reply.text,
                ssml=reply.ssml,
                ahead=committed.ahead,
            )
        return replace(
            context,
            state=self.standing.state,
            carried=self.standing.carried,
            given=given,
            replies=self.speaking.count,
        )

    def restore(
        self,
        context: Context,
        *,
        acted: Iterable[str],
        spoken: Sequence[SynthesisReady] = (),
        newest: int,
        received: int,
    ) -> None:
        """Go on from ``context``; call it before anything else.

        Parameters
        ----------
        acted : idempotency keys of the actions taken
        spoken : what was synthesised of the last reply
        newest, received : the newest reply the client has heard of, and how many samples of it it has
        """
        self.standing.acted |= set(acted)
        self.standing.state = context.state or self.standing.state
        self.standing.carried = context.carried
        if self.enriching is not None:
            for question in self.owed:  # the process that promised them is gone
                self.enriching.want(question, turn=context.turn)
        given = context.given
        unknown = given is None or given.over or given.number != newest
        if newest and unknown:  # what was only to be said, or was being stopped when the process ended
            self.speaking.silence(newest)
        if given is None or not self.replies:
            return
        reply = Reply(
            given.number,
            given.turn,
            given.text or given.response.text,
            given.ssml or given.response.ssml,
            self.assistant.voice,
            self.now(),
        )
        reply.started, reply.stopped = given.started, given.over
        reply.words, reply.known = [word for clause in spoken for word in clause.words], len(spoken)
        answer = Answer(given.said, Interpretation(intent=None), given.response)
        self.standing.committed = Committed(reply, answer, given.before, given.ahead)
        if not given.over:
            reply.restored = received if newest == given.number else 0
            self.speaking.restore(reply)
