"""Replies that begin before the final, live and replayed: continued, repaired, replaced or dropped."""

import json
from dataclasses import replace

import anyio
import pytest
from overhearing import overhear, sound

from workbench.analysis.replay import replay
from workbench.analysis.replay_decisions import decisions
from workbench.analysis.replay_outcomes import outcomes
from workbench.analysis.replay_settings import ReplaySettings, recorded_settings, with_changes
from workbench.analysis.turn_events import answer_to, replies
from workbench.client.floor import Floor
from workbench.conversation.leading import LeadSettings
from workbench.conversation.turn_states import TurnMoment, turn_states
from workbench.core.events import (
    ActionTaken,
    EarlySynthesisCommitted,
    EarlySynthesisDiscarded,
    FinalTranscript,
    PlaybackStarted,
    PlaybackStopped,
    ReplyChosen,
    ReplyFollowed,
    ReplyLed,
    TurnEnded,
)

pytestmark = pytest.mark.anyio

ORDER = "I want a large latte with soy milk"
LATTE, MOCHA = "a large latte please", "a large mocha please"
PREFIXES = ReplaySettings(lead=LeadSettings(prefixes=("One moment.", "Let me see.")))
SENTENCES = ReplaySettings(lead=LeadSettings(sentences=True, confidence=0.3))
BOTH = ReplaySettings(lead=LeadSettings(prefixes=("So.",), sentences=True, confidence=1.0))
CLAUSES = ReplaySettings(lead=LeadSettings(clauses=2, confidence=0.2, further_confidence=0.3))
LONG = "a large latte with soy milk and sugar"
CREAM = "a large latte with some cream and sugar"
TURN, LONG_TURN = (2.2, 3.0), (4.0, 3.0)
SCENES = {
    "prefix": {"settings": PREFIXES, "plays": True},
    "prefix-unheard": {"settings": PREFIXES},
    "sentence": {"settings": SENTENCES, "plays": True},
    "repaired": {"settings": SENTENCES, "plays": True, "finals": {LATTE: MOCHA}},
    "replaced": {"settings": SENTENCES, "finals": {LATTE: MOCHA}},
    "both": {"settings": BOTH, "plays": True},
    "clauses": {"settings": CLAUSES, "plays": True, "said": LONG, "seconds": LONG_TURN},
    "clauses-repaired": {
        **{"settings": CLAUSES, "plays": True, "said": LONG, "seconds": LONG_TURN},
        "finals": {LONG: CREAM},
    },
    "clauses-replaced": {
        **{"settings": CLAUSES, "said": LONG, "seconds": LONG_TURN},
        "finals": {LONG: CREAM},
    },
}


@pytest.fixture(scope="module")
def led():
    """Return a timeline by scene."""
    held = {}

    async def keep(name, seconds=TURN, said=LATTE, **scene):
        held[name] = await overhear(sound(*seconds), said, "and sugar", careful=1.5, **scene)

    async def record():
        async with anyio.create_task_group() as group:
            for name, scene in SCENES.items():
                group.start_soon(lambda name=name, scene=scene: keep(name, **scene))
            gone_on = (2.2, 0.85, 1.5, 2.5)
            group.start_soon(lambda: keep("dropped", gone_on, settings=PREFIXES, plays=True, said=ORDER))

    anyio.run(record)
    return held


def bodies(timeline, kind):
    return [event.body for event in timeline.events if isinstance(event.body, kind)]


def place(timeline, kind):
    return next(event.seq for event in timeline.events if isinstance(event.body, kind))


def test_a_phrase_is_heard_before_the_final_and_the_answer_after_it(led):
    """The caller would wait in silence all the same, or the answer cut the phrase off."""
    timeline = led["prefix"]
    (said,) = bodies(timeline, ReplyLed)
    texts = {body.reply: (body.text, body.part) for body in bodies(timeline, ReplyChosen)}
    assert said.kind == "prefix"
    assert texts[said.reply] == ("One moment.", "prefix")
    assert place(timeline, ReplyLed) < place(timeline, PlaybackStarted) < place(timeline, FinalTranscript)
    (followed,) = bodies(timeline, ReplyFollowed)
    assert (followed.reply, followed.outcome) == (said.reply, "continued")
    assert texts[followed.by][0].startswith("One large latte")
    assert [body.reply for body in bodies(timeline, PlaybackStarted)] == [said.reply, followed.by]
    assert all(body.reason == "finished" for body in bodies(timeline, PlaybackStopped))
    assert len(bodies(timeline, ActionTaken)) == 1


def test_the_first_sentence_goes_ahead_and_the_rest_follows_the_final(led):
    """Clauses would not be committed one by one."""
    timeline = led["sentence"]
    (said,) = bodies(timeline, ReplyLed)
    (followed,) = bodies(timeline, ReplyFollowed)
    texts = {body.reply: (body.text, body.part) for body in bodies(timeline, ReplyChosen)}
    assert said.kind == "sentence"
    assert texts[said.reply] == ("One large latte.", "first")
    assert texts[followed.by] == ("Coming right up.", "rest")
    assert followed.outcome == "continued"
    assert [body.reply for body in bodies(timeline, EarlySynthesisCommitted)] == [said.reply]
    acted, started = place(timeline, ActionTaken), bodies(timeline, PlaybackStarted)
    assert acted > place(timeline, FinalTranscript)  # nothing is done on what may be wrong
    assert [body.reply for body in started] == [said.reply, followed.by]


def test_what_was_heard_and_is_wrong_is_taken_back_in_words(led):
    """The caller would believe what was said first, or hear a contradiction."""
    timeline = led["repaired"]
    (followed,) = bodies(timeline, ReplyFollowed)
    texts = {body.reply: body.text for body in bodies(timeline, ReplyChosen)}
    assert (followed.outcome, followed.reason) == ("repaired", "reply-changed")
    assert texts[followed.by] == "Sorry, I got that wrong. One large mocha. Coming right up."
    assert [body.reply for body in bodies(timeline, EarlySynthesisDiscarded)] == [followed.reply]
    (action,) = bodies(timeline, ActionTaken)
    assert action.arguments["coffeeDrink"] == "mocha"


def test_what_nobody_heard_yet_is_replaced_without_a_word(led):
    """The caller would hear an apology for nothing."""
    timeline = led["replaced"]
    (followed,) = bodies(timeline, ReplyFollowed)
    texts = {body.reply: body.text for body in bodies(timeline, ReplyChosen)}
    assert (followed.outcome, followed.reason) == ("replaced", "reply-changed")
    assert texts[followed.by] == "One large mocha. Coming right up."


def heard(timeline):
    """Return what was heard, in order, and what became of each part that something follows."""
    texts = {body.reply: body.text for body in bodies(timeline, ReplyChosen)}
    told = {body.reply: body.outcome for body in bodies(timeline, ReplyFollowed)}
    return [(texts[body.reply], told.get(body.reply)) for body in bodies(timeline, PlaybackStarted)]


def played(timeline):
    """Return what was heard; the client of these scenes says that all began at 0."""
    for story in replies(timeline.events):
        if story.started is not None:
            at, body = story.started
            yield replace(story, started=(at, replace(body, played=at)))


def test_clause_after_clause_is_heard_before_the_final_and_the_last_after_it(led):
    """A reply of long sentences would be led as late as its first sentence, or acted on before the final."""
    timeline = led["clauses"]
    parts = [(body.text, body.part) for body in bodies(timeline, ReplyChosen)]
    assert parts == [
        *(("One large latte", "first"), ("with soy milk and sugar.", "next"), ("Coming right up.", "rest")),
    ]
    assert [body.kind for body in bodies(timeline, ReplyLed)] == ["clause", "clause"]
    assert heard(timeline) == [
        *(("One large latte", "continued"), ("with soy milk and sugar.", "continued")),
        ("Coming right up.", None),
    ]
    started = [event.seq for event in timeline.events if isinstance(event.body, PlaybackStarted)]
    final = place(timeline, FinalTranscript)
    assert started[1] < final < started[2]
    assert place(timeline, ActionTaken) > final


def test_only_the_clause_that_is_wrong_is_taken_back(led):
    """The caller would hear an apology for what was right, and all of it again."""
    timeline = led["clauses-repaired"]
    repair = "Sorry, I got that wrong. with some cream and sugar. Coming right up."
    assert heard(timeline) == [
        *(("One large latte", "continued"), ("with soy milk and sugar.", "repaired")),
        (repair, None),
    ]
    assert len(bodies(timeline, EarlySynthesisCommitted)) == 1
    assert not bodies(timeline, EarlySynthesisDiscarded)
    (action,) = bodies(timeline, ActionTaken)
    assert action.arguments["milkAmount"] == "some cream"


def test_a_wrong_clause_that_nobody_heard_is_replaced_after_the_right_one(led):
    """What was right would be begun anew, or what is wrong be heard after it."""
    timeline = led["clauses-replaced"]
    texts = {body.reply: body.text for body in bodies(timeline, ReplyChosen)}
    told = [(texts[body.reply], body.outcome, texts[body.by]) for body in bodies(timeline, ReplyFollowed)]
    rest = "with some cream and sugar. Coming right up."
    assert told == [
        ("One large latte", "continued", rest),
        ("with soy milk and sugar.", "replaced", rest),
    ]


def test_what_is_wrong_counts_as_wrong_audio_clause_by_clause(led):
    """A report would blame the clause that was right, or overlook the one that was not."""
    wrong = {name: [one.text for one in played(led[name]) if one.wrongly_heard] for name in SCENES}
    assert wrong["clauses-repaired"] == ["with soy milk and sugar."]
    assert wrong["repaired"] == ["One large latte."]
    assert not any(texts for name, texts in wrong.items() if not name.endswith("repaired"))
    heard_wrong = {name: any(one.wrong_heard for one in outcomes(led[name].events)) for name in SCENES}
    assert {name for name, is_wrong in heard_wrong.items() if is_wrong} == {"repaired", "clauses-repaired"}


def test_what_answers_a_turn_is_what_was_heard_of_it_part_by_part(led):
    """A turn would seem to have no answer, or to have two."""
    for name, parts in (("clauses", 3), ("clauses-repaired", 3), ("sentence", 2)):
        events = led[name].events
        ended = next(event.at for event in events if isinstance(event.body, TurnEnded))
        answer = answer_to(replies(events), ended=ended)
        assert [one.text for one in answer] == [text for text, _ in heard(led[name])]
        assert len(answer) == parts


def test_a_phrase_ends_when_the_caller_speaks_on(led):
    """It would be taken for the answer, or the words before it be lost."""
    timeline = led["dropped"]
    first, second = bodies(timeline, ReplyFollowed)
    assert (first.by, first.outcome, first.reason) == (None, "dropped", "speech-resumed")
    assert second.outcome == "continued"
    (action,) = bodies(timeline, ActionTaken)
    assert {"coffeeDrink", "sugarAmount"} <= set(action.arguments)
    moments = [state.moment for state in turn_states(timeline.events)]
    assert TurnMoment.RESUMED in moments
    assert moments.count(TurnMoment.END) == 1


def test_where_a_sentence_is_too_unsure_a_phrase_goes_ahead(led):
    """One policy would switch the other off."""
    timeline = led["both"]
    (said,) = bodies(timeline, ReplyLed)
    assert said.kind == "prefix"
    assert [body.outcome for body in bodies(timeline, ReplyFollowed)] == ["continued"] * 2
    texts = {body.reply: body.text for body in bodies(timeline, ReplyChosen)}
    started = [texts[body.reply] for body in bodies(timeline, PlaybackStarted)]
    assert started == ["So.", "One large latte.", "Coming right up."]


@pytest.mark.parametrize("name", [*SCENES, "dropped"])
def test_a_caller_has_the_floor_once_the_answer_is_over(led, name):
    """A caller made of recordings would speak into the answer, or wait for ever."""
    floor, plays = Floor(), name not in ("prefix-unheard", "replaced", "clauses-replaced")
    free = []
    for event in led[name].events:
        floor.take(event)
        free.append(floor.free)
    assert free[-1] is plays
    last = max((e.seq for e in led[name].events if isinstance(e.body, ReplyFollowed)), default=0)
    answered = [e.seq for e in led[name].events if isinstance(e.body, PlaybackStopped) and e.seq > last]
    assert not any(free[last : answered[-1]] if plays else free[last:])


@pytest.mark.parametrize("name", [*SCENES, "dropped"])
def test_a_replay_decides_what_was_decided(led, name, tmp_path):
    """Nothing said about leading could be trusted."""
    timeline = led[name]
    own = recorded_settings(timeline.events)
    assert decisions(replay(timeline).timeline.events) == decisions(timeline.events)
    assert decisions(replay(timeline, own).timeline.events) == decisions(timeline.events)


def test_a_replay_without_leading_answers_after_the_final(led):
    """The tuner could not show what leading is good for."""
    timeline = led["sentence"]
    own = recorded_settings(timeline.events)
    for change in ({"lead.sentences": False}, {"lead.confidence": 1.0}):
        other = replay(timeline, with_changes(own, change)).timeline
        assert not bodies(other, ReplyLed)
        assert place(other, FinalTranscript) < place(other, PlaybackStarted)
    later = replay(led["clauses"], with_changes(own, {"lead.clauses": 1})).timeline
    texts = {body.reply: body.text for body in bodies(later, ReplyChosen)}
    assert [texts[body.reply] for body in bodies(later, ReplyLed)] == ["One large latte"]
    told = replay(led["prefix-unheard"], with_changes(own, {"lead.prefixes": "So."})).timeline
    assert bodies(told, ReplyLed)
    assert json.dumps([body.text for body in bodies(told, ReplyChosen)]).count("So.")
