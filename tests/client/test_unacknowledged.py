"""What is sent again: all the endpoint has not, in order, once a connection."""

from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from workbench.client.unacknowledged import MESSAGES_MAX, Unacknowledged

SIZE = 320


class Sender(RuleBasedStateMachine):
    """A client whose connections are cut anywhere, against a list that keeps everything."""

    def __init__(self) -> None:
        super().__init__()
        self.log = Unacknowledged(10**9)
        self.all: list[tuple[str, int, str]] = []  # kind, number or end, data
        self.end = 0
        self.number = 0
        self.had = (0, 0)  # what the endpoint has: messages, samples
        self.due: list[tuple[str, int, str]] = []
        self.cursor = 0

    def _pending(self) -> list[tuple[str, int, str]]:
        messages, position = self.had
        return [one for one in self.all if (one[1] > position if one[0] == "audio" else one[1] >= messages)]

    @rule(audio=st.booleans())
    def add(self, audio: bool) -> None:
        """Say something."""
        if audio:
            self.end += SIZE
            data = f"audio {self.end}"
            self.log.add_audio(self.end, SIZE, data)
            self.all.append(("audio", self.end, data))
        else:
            data = f"text {self.number}"
            self.log.add_text(self.number, data)
            self.all.append(("text", self.number, data))
            self.number += 1
        self.due.append(self.all[-1])

    @rule(count=st.integers(1, 5))
    def send(self, count: int) -> None:
        """Send some: the next that are due, none twice."""
        for _ in range(count):
            expected = self.due.pop(0)[2] if self.due else None
            assert self.log.next() == expected

    @rule(share=st.floats(0, 1))
    def acknowledge(self, share: float) -> None:
        """Learn that the endpoint has a share of what was sent on this connection."""
        sent = [one for one in self._pending() if one not in self.due]
        for kind, number, _ in sent[: round(share * len(sent))]:
            messages, position = self.had
            self.had = (messages, number) if kind == "audio" else (number + 1, position)
        self.log.acknowledge(*self.had)

    @rule(share=st.floats(0, 1))
    def cut(self, share: float) -> None:
        """Lose the connection; the endpoint had got more than it could say."""
        sent = [one for one in self._pending() if one not in self.due]
        for kind, number, _ in sent[: round(share * len(sent))]:
            messages, position = self.had
            self.had = (messages, number) if kind == "audio" else (number + 1, position)
        self.log.rewind(*self.had)
        self.due = self._pending()

    @rule()
    def repeat(self) -> None:
        """Hear an old acknowledgement again."""
        self.log.acknowledge(0, 0)

    @invariant()
    def counts(self) -> None:
        """Know what waits, and where it can begin again."""
        assert self.log.unsent == len(self.due)
        messages, position = self.log.oldest
        pending = self._pending()
        assert messages <= min([one[1] for one in pending if one[0] == "text"], default=self.number)
        assert position <= min([one[1] - SIZE for one in pending if one[0] == "audio"], default=self.end)


TestSender = Sender.TestCase
TestSender.settings = settings(deadline=None, max_examples=60)
TestSender.__doc__ = "A cut would lose what was said, or say it twice or out of order."


@settings(deadline=None)
@given(st.integers(1, 20), st.integers(1, 60))
def test_the_oldest_audio_goes_when_there_is_too_much_and_messages_stay(limit: int, packets: int) -> None:
    """A long outage would fill the memory; or lose the report by which an action is taken, for old sound."""
    log = Unacknowledged(limit * SIZE)
    for number in range(packets):
        log.add_text(number, f"text {number}")
        log.add_audio((number + 1) * SIZE, SIZE, b"")
    over = max(0, packets - limit)
    assert log.dropped == over * SIZE
    assert log.oldest == (0, over * SIZE)
    sent = [message for message in iter(log.next, None)]
    assert [message for message in sent if message] == [f"text {number}" for number in range(packets)]
    assert len(sent) == packets + min(limit, packets)


def test_what_was_sent_stays_sent_when_the_oldest_goes() -> None:
    """A message would be left out, or be sent twice on one connection."""
    log = Unacknowledged(2 * SIZE)
    log.add_text(0, "text 0")
    for end in (1, 2):
        log.add_audio(end * SIZE, SIZE, f"audio {end}")
    assert [log.next(), log.next()] == ["text 0", "audio 1"]
    log.add_audio(3 * SIZE, SIZE, "audio 3")
    assert [log.next(), log.next(), log.next()] == ["audio 2", "audio 3", None]


def test_messages_are_bounded_too() -> None:
    """A client that nobody acknowledges would grow for ever."""
    log = Unacknowledged(SIZE)
    for number in range(MESSAGES_MAX + 3):
        log.add_text(number, "")
    assert log.oldest == (3, 0)
    assert log.unsent == MESSAGES_MAX


def test_what_was_sent_is_not_sent_twice_when_what_was_not_goes() -> None:
    """A slow connection would carry a message twice because old audio made room for new."""
    log = Unacknowledged(SIZE)
    log.add_text(0, "text 0")
    assert log.next() == "text 0"
    for end in (1, 2):
        log.add_audio(end * SIZE, SIZE, f"audio {end}")
    assert [log.next(), log.next()] == ["audio 2", None]
    assert log.dropped == SIZE
