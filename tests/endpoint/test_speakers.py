"""Callers remembered from session to session."""

from in_process import grant

from workbench.conversation.speaker import Speaker
from workbench.endpoint.speakers import SPEAKERS_MAX, Speakers

SLOW = Speaker(longest_pause=1.2, words=10, seconds=5)


def test_a_caller_is_known_again_and_nobody_else() -> None:
    """One caller would be waited for as another speaks, or learned anew in every session."""
    speakers = Speakers()
    speakers.keep(grant(client="ada"), SLOW)
    assert speakers.known(grant(client="ada")) == SLOW
    assert speakers.known(grant(client="bob")) == Speaker()
    assert speakers.known(grant(client="ada", project="other")) == Speaker()


def test_a_caller_without_a_name_is_not_remembered() -> None:
    """All anonymous callers would be taken for one."""
    speakers = Speakers()
    speakers.keep(grant(), SLOW)
    assert speakers.known(grant()) == Speaker()


def test_whoever_called_longest_ago_is_forgotten() -> None:
    """Memory would grow with every caller."""
    speakers = Speakers()
    for number in range(SPEAKERS_MAX + 1):
        speakers.keep(grant(client=str(number)), SLOW)
        speakers.keep(grant(client="0"), SLOW)
    assert speakers.known(grant(client="1")) == Speaker()
    assert speakers.known(grant(client="0")) == speakers.known(grant(client="2")) == SLOW


def test_who_is_to_be_forgotten_is() -> None:
    """Whoever withdrew consent would be known again by how they speak."""
    speakers = Speakers()
    for caller in (grant(client="ada"), grant(client="bob"), grant()):
        speakers.keep(caller, SLOW)
        if caller.client != "bob":
            speakers.forget(caller)
    assert speakers.known(grant(client="ada")) == Speaker()
    assert speakers.known(grant(client="bob")) == SLOW
