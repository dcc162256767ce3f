"""Scores read off a recorded session: right is what the final says."""

from spoken_sessions import opened, recording, words

from workbench.analysis.calibration_reading import scored
from workbench.core.events import FinalTranscript, PartialTranscript, Understood


def partial(*said: tuple[str, float]) -> PartialTranscript:
    held = words(*((text, at, at + 0.2) for text, at in said))
    return PartialTranscript(
        text=" ".join(word.text for word in held),
        words=held,
        stable=0,
        stability=0.5,
        confidence=0.8,
        audio_end=2.0,
    )


def understood(intent: str | None, confidence: float, origin: str = "partial", **slots: str) -> Understood:
    return Understood(
        text="",
        origin=origin,
        expecting=None,
        intent=intent,
        slots=slots,
        confidence=confidence,
        slot_confidences={},
        complete=True,
        correction=False,
        said="",
        answer="<speak/>",
        duration=0.0,
    )


def test_what_the_final_says_is_right() -> None:
    """A calibration would be fitted to the wrong answers."""
    final = FinalTranscript(
        text="A large latte.",
        words=words(("A", 1.0, 1.2), ("large", 1.3, 1.6), ("latte.", 1.7, 2.3)),
        confidence=0.9,
        language="en-US",
        audio_start=1.0,
        audio_end=2.3,
    )
    session = recording(
        [
            opened(),
            (1.5, 0, partial(("a", 1.0), ("barge", 1.3))),
            (1.6, 0, understood("orderDrink", 0.7)),
            (2.5, 0, partial(("A", 1.0), ("large,", 1.3), ("latte", 1.7))),
            (2.6, 0, understood("orderDrink", 0.8, size="large", coffeeDrink="latte")),
            (2.7, 0, understood(None, 0.4)),
            (3.2, 0, final),
            (3.3, 0, understood("orderDrink", 0.9, "final", size="large", coffeeDrink="latte")),
        ]
    )
    found = scored(session, "s")
    assert [one.right for one in found if one.kind == "word"] == [True, False, True, True, True]
    assert [(one.score, one.right) for one in found if one.kind == "intent"] == [(0.7, False), (0.8, True)]
    assert {(one.conversation, one.language, one.engine) for one in found} == {("s", "en-US", "")}
