"""Callers remembered from session to session."""

from in_process import grant

from workbench.conversation.speaker import Speaker
from workbench.endpoint.speakers import REMEMBERED, SPEAKERS_MAX, Speakers

SLOW = Speaker(longest_pause=1.2, words=10, seconds=5)


def test_a_caller_is_known_again_and_nobody_else() -> None:
    """One caller would be waited for as another speaks, or learned anew in every session."""
    speakers = Speakers()
    speakers.keep(grant(client="ada"), SLOW, session=None)
    assert speakers.known(grant(client="ada")) == SLOW
    assert speakers.known(grant(client="bob")) == Speaker()
    assert speakers.known(grant(client="ada", project="other")) == Speaker()


def test_a_caller_without_a_name_is_not_remembered() -> None:
    """All anonymous callers would be taken for one."""
    speakers = Speakers()
    speakers.keep(grant(), SLOW, session=None)
    assert speakers.known(grant()) == Speaker()


def test_whoever_called_longest_ago_is_forgotten() -> None:
    """Memory would grow with every caller."""
    speakers = Speakers()
    for number in range(SPEAKERS_MAX + 1):
        speakers.keep(grant(client=str(number)), SLOW, session=None)
        speakers.keep(grant(client="0"), SLOW, session=None)
    assert speakers.known(grant(client="1")) == Speaker()
    assert speakers.known(grant(client="0")) == speakers.known(grant(client="2")) == SLOW


def test_who_is_to_be_forgotten_is() -> None:
    """Whoever withdrew consent would be known again by how they speak."""
    speakers = Speakers()
    for caller in (grant(client="ada"), grant(client="bob"), grant()):
        speakers.keep(caller, SLOW, session=None)
        if caller.client != "bob":
            speakers.forget(caller)
    assert speakers.known(grant(client="ada")) == Speaker()
    assert speakers.known(grant(client="bob")) == SLOW


def test_a_caller_of_whom_nothing_is_stored_is_forgotten_after_a_day() -> None:
    """How somebody speaks would be known as long as the process lives, though nothing else of them is."""
    at = 1000.0
    speakers = Speakers(lambda: at)
    speakers.keep(grant(client="ada"), SLOW, session=None)
    at += REMEMBERED
    assert speakers.known(grant(client="ada")) == SLOW
    at += 1
    assert speakers.known(grant(client="ada")) == Speaker()
    speakers.forget_sessions(())
    assert not speakers._known


def test_a_caller_is_forgotten_with_the_last_session() -> None:
    """Who has had everything deleted would be known again by how they speak."""
    at = 1000.0
    speakers = Speakers(lambda: at)
    for client, session in (("ada", "old"), ("ada", "new"), ("bob", "other"), ("eve", None)):
        speakers.keep(grant(client=client), SLOW, session=session)
    assert speakers.sessions == {"new", "other"}
    at += 10 * REMEMBERED
    speakers.forget_sessions({"old", "other"})
    assert speakers.known(grant(client="ada")) == SLOW
    assert speakers.known(grant(client="bob")) == speakers.known(grant(client="eve")) == Speaker()
    assert speakers.sessions == {"new"}
