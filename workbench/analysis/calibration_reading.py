"""Scores of recorded sessions and whether what was scored turned out right, as the final said."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from workbench.analysis.calibration import Scored
from workbench.analysis.turn_events import of_kind
from workbench.conversation.spoken_text import words_from
from workbench.core.events import (
    Event,
    FinalTranscript,
    PartialTranscript,
    SessionOpened,
    Understood,
    Word,
)
from workbench.core.languages import primary
from workbench.store.recording import Recording

_APART = 0.2  # seconds by which two passes place the beginning of one word apart


def scored(recording: Recording, name: str) -> list[Scored]:
    """Return the scores of every partial of a session: of its words, and of its intent and slots.

    They are the engines' own, whether the session was calibrated or not. A word is right if the final of its
    utterance has it in that place: words are aligned with those of the final that had begun when the pass
    was made. An intent is right if the final's understanding has the same intent and slots. The language
    is without its variety, for recognisers hear none.
    """
    events = recording.timeline.events
    opened = of_kind(events, SessionOpened)
    engine = str(opened[0][1].settings.get("engines", "")) if opened else ""
    found: list[Scored] = []
    waiting: list[Event] = []
    finishing: FinalTranscript | None = None
    for event in events:
        match event.body:
            case PartialTranscript():
                waiting.append(event)
                finishing = None
            case FinalTranscript() as final:
                partials = [body for _, body in of_kind(waiting, PartialTranscript)]
                same = [one for one in partials if one.utterance == final.utterance]
                found += _words(same, final, name, engine)
                finishing = final
            case Understood() as meant if finishing is not None:
                offered = [body for _, body in of_kind(waiting, Understood)]
                found += [_intent(one, meant, finishing, name, engine) for one in offered if one.intent]
                waiting, finishing = [], None
            case Understood():
                waiting.append(event)
    return found


def _intent(offered: Understood, meant: Understood, final: FinalTranscript, name: str, engine: str) -> Scored:
    return Scored(
        kind="intent",
        engine=engine,
        language=primary(final.language),
        conversation=name,
        score=_share(offered.confidence if offered.score is None else offered.score),
        right=offered.intent == meant.intent and offered.slots == meant.slots,
    )


def _words(
    partials: Sequence[PartialTranscript], final: FinalTranscript, name: str, engine: str
) -> list[Scored]:
    found = []
    for partial in partials:
        heard = partial.audio_end + _APART
        wanted = [_plain(word) for word in final.words if word.start < heard]
        said = [_plain(word) for word in partial.words]
        matcher = SequenceMatcher(None, said, wanted, autojunk=False)
        right = {
            place for block in matcher.get_matching_blocks() for place in range(block.a, block.a + block.size)
        }
        found += [
            Scored(
                kind="word",
                engine=engine,
                language=primary(final.language),
                conversation=name,
                score=_share(word.confidence if word.score is None else word.score),
                right=place in right,
            )
            for place, word in enumerate(partial.words)
        ]
    return found


def _share(score: float) -> float:
    return min(1.0, max(0.0, score))


def _plain(word: Word) -> str:
    return " ".join(words_from(word.text))
