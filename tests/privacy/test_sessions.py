"""No personal data is left in any event of a session, and its sound is known."""

from dataclasses import replace

import pytest
from conversations import booking, events, final, partial, reply, understood
from hypothesis import given, settings, strategies as st

from workbench.core.events import (
    FinalTranscript,
    IntentRecognized,
    LookupDone,
    PartialTranscript,
    ReplyChosen,
    Word,
)
from workbench.core.wire import event_from_json, event_to_json
from workbench.privacy.sessions import MARGIN, mask_session


def shown(hidden: object) -> str:
    return "\n".join(event_to_json(event) for event in hidden.events).lower()  # type: ignore[attr-defined]


def test_nothing_of_a_booking_is_left_in_any_event() -> None:
    """A name or a number would be read in a partial, a slot, a reply, an action."""
    text = shown(mask_session(booking()))
    assert not [word for word in ("anna", "meier", "meyer", "four", "double", "1111") if word in text]
    assert " one" not in text


def test_events_keep_their_places_and_kinds() -> None:
    """A reader of masked events would lose its way."""
    before, after = booking(), mask_session(booking()).events
    assert [(one.seq, one.at, one.turn, one.body.type) for one in before] == [
        (one.seq, one.at, one.turn, one.body.type) for one in after
    ]
    again = [event_from_json(event_to_json(one)) for one in after]
    assert [one.body for one in again] == [one.body for one in after]


def test_masked_words_become_one_with_their_times() -> None:
    """Captions and TextGrids would show the mask at another time."""
    hidden = mask_session(booking())
    said = next(event.body for event in hidden.events if isinstance(event.body, FinalTranscript))
    assert said.text == "My name is [PERSON_1], and my card is [CARD]."
    assert [word.text for word in said.words] == said.text.split()
    name, card = said.words[3], said.words[8]
    assert (name.start, name.end) == pytest.approx((0.5 + 3 * 0.25, 0.5 + 5 * 0.25))
    assert (card.start, card.end) == pytest.approx((0.5 + 9 * 0.25, 0.5 + 21 * 0.25))


def test_what_is_masked_is_silenced_with_a_margin() -> None:
    """The number would still be heard."""
    hidden = mask_session(booking())
    assert [pytest.approx(stretch) for stretch in hidden.caller] == [
        (1.25 - MARGIN, 1.75 + MARGIN),
        (2.75 - MARGIN, 5.75 + MARGIN),
    ]
    assert [(one[0], pytest.approx(one[1:])) for one in hidden.agent] == [
        (0, (0.5, 0.75)),
        (0, (10 * 0.25, 14 * 0.25)),
    ]


def test_the_name_leads_back_only_by_the_tokens() -> None:
    """A booking's name could not be used any more, or by anybody."""
    hidden = mask_session(booking())
    assert [(one.token, one.value) for one in hidden.tokens] == [("[PERSON_1]", "anna meier")]
    intent = next(event.body for event in hidden.events if isinstance(event.body, IntentRecognized))
    assert intent.slots == {"name": "[PERSON_1]"}


def test_sensitive_slots_are_masked_whatever_the_finder_thinks() -> None:
    """What only the assistant knows to be sensitive would be kept."""
    session = events(
        [
            partial("I have diabetes"),
            final("I have diabetes and a cold"),
            understood("I have diabetes and a cold", {"illness": "diabetes", "day": "Friday"}),
            *reply("So diabetes, on Friday."),
        ]
    )
    assert "diabetes" in shown(mask_session(session))
    hidden = mask_session(session, sensitive=("illness",))
    assert "diabetes" not in shown(hidden)
    assert "friday" in shown(hidden)
    assert hidden.caller == ((pytest.approx(1.0 - MARGIN), pytest.approx(1.25 + MARGIN)),)


def test_a_sensitive_answer_that_was_not_understood_is_masked_whole() -> None:
    """A password that was misheard would be kept because no slot holds it."""
    session = events(
        [final("it is blue giraffe"), understood("it is blue giraffe", {}, expecting="password")]
    )
    hidden = mask_session(session, sensitive=("password",))
    assert "giraffe" not in shown(hidden)
    said = hidden.events[0].body
    assert isinstance(said, FinalTranscript)
    assert said.text == "[SENSITIVE]"


def test_a_slot_said_in_other_words_hides_the_whole_utterance() -> None:
    """Half past two would stay because the slot holds two thirty."""
    session = events([final("at half past two"), understood("at half past two", {"time": "two thirty pm"})])
    assert "half" not in shown(mask_session(session, sensitive=("time",)))


def test_facts_about_the_caller_are_hidden_where_they_are_said() -> None:
    """A greeting would name a caller whom nobody named."""
    session = events(
        [
            LookupDone(name="customers", status="found", duration=0.1, found={"caller": "Ms Quellington"}),
            *reply("Hello, Ms Quellington!"),
        ]
    )
    assert "quellington" not in shown(mask_session(session))


def test_a_turn_without_a_final_is_held_against_its_last_partial() -> None:
    """A process that was killed in the middle of a number would leave its beginning."""
    session = events([partial("card 4111"), partial("my card is 4111 1111 1111 1111")])
    assert "1111" not in shown(mask_session(session))


def test_times_that_do_not_fit_silence_the_whole_utterance() -> None:
    """Words that can't be found in the text would be kept, and heard."""
    body = final("my card is 4111 1111 1111 1111")
    other = FinalTranscript(
        text=body.text,
        words=(Word(text="???", start=0.5, end=2.0, confidence=0.1),),
        confidence=0.9,
        language="en",
        audio_start=0.4,
        audio_end=2.2,
    )
    hidden = mask_session(events([other]))
    assert hidden.caller == ((0.5 - MARGIN, 2.0 + MARGIN),)
    assert "???" not in shown(hidden)


def test_a_session_without_personal_data_stays_as_it_is() -> None:
    """Masking would change what needs none."""
    session = events(
        [partial("a large latte"), final("A large latte with soy milk, please."), *reply("Coming right up.")]
    )
    hidden = mask_session(session)
    assert hidden.events == session
    assert (hidden.caller, hidden.agent, hidden.tokens) == ((), (), ())


DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@given(st.text(alphabet="23456789", min_size=9, max_size=11), st.data())
@settings(max_examples=60, deadline=None)
def test_no_partial_shows_the_number_of_its_final(number: str, data: st.DataObject) -> None:
    """A partial that is cut short, or misheard, would show the beginning of a number."""
    said = [DIGITS[int(digit)] for digit in number]
    cut = data.draw(st.integers(1, len(said)))
    misheard = data.draw(st.integers(0, cut - 1))
    heard = [*said[:misheard], "for", *said[misheard + 1 : cut]]
    session = events(
        [
            partial("you can call me on " + " ".join(heard)),
            final("you can call me on " + " ".join(said) + " thank you"),
        ]
    )
    first, last = (event.body for event in mask_session(session).events)
    assert isinstance(first, PartialTranscript)
    assert isinstance(last, FinalTranscript)
    assert not set(first.text.split()) & set(said)
    assert {word.text for word in first.words} == set(first.text.split())
    assert last.text in ("you can call me on [PHONE] thank you", "you can call me on [ACCOUNT] thank you")


def test_what_only_a_partial_holds_is_silenced() -> None:
    """A session cut off in mid-sentence would let the number be heard."""
    said = "my card is 4111 1111 1111 1111"
    hidden = mask_session(events([final("Hello there."), partial(said, utterance=1)]))
    assert [pytest.approx(one) for one in hidden.caller] == [(1.25 - MARGIN, 2.25 + MARGIN)]
    no_times = replace(partial(said, utterance=1, audio_end=4.0), words=())
    hidden = mask_session(events([final("Hello there."), no_times]))
    assert [pytest.approx(one) for one in hidden.caller] == [(1.0 - MARGIN, 4.0 + MARGIN)]
    hidden = mask_session(events([partial("my card is 4111"), final(said)]))
    assert [pytest.approx(one) for one in hidden.caller] == [(1.25 - MARGIN, 2.25 + MARGIN)]


def test_what_an_attribute_of_a_reply_says_is_masked() -> None:
    """A name that is spoken in place of a short one would be read in the markup."""
    whole = '<s>Welcome, <sub alias="Anna Meier">A. M.</sub>, <break time="200ms"/>please wait.</s>'
    kept = '<s><say-as interpret-as="cardinal">7</say-as> rooms<break time="1s"/></s>'
    chosen = [ReplyChosen(reply=0, text="x", ssml=one) for one in (whole, kept)]
    hidden = mask_session(events([final("My name is Anna Meier."), *chosen]))
    first, second = [one.body.ssml for one in hidden.events if isinstance(one.body, ReplyChosen)]
    assert "Anna" not in first
    assert second == kept


def test_masking_again_changes_nothing() -> None:
    """Two names would become one when a stored session is shown: what they stand for could not be told."""
    session = [
        *(event.body for event in booking()),
        final("My name is Peter Schmidt."),
        LookupDone(name="customers", status="found", duration=0.1, found={"caller": "Ms Quellington"}),
    ]
    once = mask_session(events(session))
    assert [one.value for one in once.tokens] == ["anna meier", "peter schmidt", "ms quellington"]
    for known in ((), once.tokens):
        again = mask_session(once.events, known=known)
        assert (again.events, again.tokens, again.caller, again.agent) == (once.events, known, (), ())
