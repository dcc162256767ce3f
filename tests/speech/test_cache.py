import threading

import numpy as np
import pytest
from patience import PATIENCE

from workbench.errors import ParameterError
from workbench.speech.cache import CachedSynthesizer
from workbench.speech.ports import Clause, SynthesizerCapabilities
from workbench.speech.synthesizers.clauses import plan
from workbench.ssml.flatten import flatten
from workbench.ssml.parse import parse

RATE = 16_000
CAPABILITIES = SynthesizerCapabilities(
    name="tones", languages=("en-US",), rate=RATE, streaming=True, word_times=False, ssml=frozenset()
)


class WholeTexts:
    """A synthesiser without clauses of its own; counts its work."""

    capabilities = CAPABILITIES

    def __init__(self):
        self.spoken = []

    def synthesize(self, ssml, *, voice):  # noqa: D102
        for word in ssml.split():
            self.spoken.append((voice, word))
            yield Clause(text=word, samples=np.full(100, len(word), np.float32), rate=RATE)


class ByClause(WholeTexts):
    """A synthesiser that tells its clauses beforehand."""

    def plan(self, ssml, *, voice):  # noqa: D102
        return plan(flatten(parse(ssml)), voice=voice, language="en-US")

    def speak(self, clause):  # noqa: D102
        self.spoken.append((clause.voice, clause.text))
        return Clause(text=clause.text, samples=np.full(100, 0.5, np.float32), rate=RATE)


def spoken(cached, text, voice="v"):
    return [(clause.text, clause.cached) for clause in cached.synthesize(text, voice=voice)]


def test_a_clause_is_made_once_for_each_voice():
    """A fixed prompt would be synthesised each time, or in the wrong voice."""
    engine = ByClause()
    cached = CachedSynthesizer(engine)
    assert spoken(cached, "Which size? Small or large?") == [
        ("Which size?", False),
        ("Small or large?", False),
    ]
    assert spoken(cached, "I see. Which size?") == [("I see.", False), ("Which size?", True)]
    assert spoken(cached, "Which size?", voice="w") == [("Which size?", False)]
    assert engine.spoken.count(("v", "Which size?")) == 1


def test_the_pause_after_a_clause_is_not_kept():
    """A prompt that ended a reply would lose its pause in the middle of another."""
    cached = CachedSynthesizer(ByClause())
    (alone,) = cached.synthesize("Which size?", voice="v")
    first, _ = cached.synthesize("Which size? Small?", voice="v")
    assert len(alone.samples) == 100
    assert len(first.samples) == 100 + round(0.3 * RATE)
    assert first.cached


def test_warming_makes_what_is_missing():
    """The first caller would wait for what is always said."""
    engine = ByClause()
    cached = CachedSynthesizer(engine)
    assert cached.warm(["Hello.", "Bye.", "Hello."], voice="v") == 2
    assert spoken(cached, "Hello.") == [("Hello.", True)]


def test_a_synthesiser_without_clauses_is_kept_by_texts():
    """Only our own engines could be cached."""
    engine = WholeTexts()
    cached = CachedSynthesizer(engine)
    assert spoken(cached, "a bb") == [("a", False), ("bb", False)]
    assert spoken(cached, "a bb") == [("a", True), ("bb", True)]
    assert len(engine.spoken) == 2


def test_a_text_left_early_is_not_kept():
    """An interrupted reply would stay cut off for ever."""
    cached = CachedSynthesizer(WholeTexts())
    begun = cached.synthesize("a bb", voice="v")
    next(begun)
    begun.close()
    assert spoken(cached, "a bb") == [("a", False), ("bb", False)]


def test_memory_is_bounded_and_the_oldest_goes_first():
    """A long-running endpoint would grow without end."""
    cached = CachedSynthesizer(ByClause(), capacity_bytes=1000)
    spoken(cached, "One. Two.")
    spoken(cached, "One.")
    spoken(cached, "Three.")
    assert cached.state.bytes == 800
    assert spoken(cached, "One.") == [("One.", True)]
    assert spoken(cached, "Two.") == [("Two.", False)]
    nothing = CachedSynthesizer(ByClause(), capacity_bytes=0)
    assert spoken(nothing, "One. One.") == [("One.", False), ("One.", False)]
    assert nothing.state.bytes == 0


def test_what_is_kept_can_not_be_changed():
    """One session's fading would be heard in all others."""
    cached = CachedSynthesizer(ByClause())
    (clause,) = cached.synthesize("One.", voice="v")
    with pytest.raises(ValueError, match="read-only"):
        clause.samples[0] = 1


def test_many_threads_may_ask():
    """The count of bytes would drift, and with it the bound."""
    cached = CachedSynthesizer(ByClause(), capacity_bytes=2000)
    texts = [f"Number {name}." for name in "abcdefgh"]
    threads = [
        threading.Thread(target=lambda: [spoken(cached, text) for text in texts * 20]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert cached.state.bytes == 400 * cached.state.clauses <= 2000
    assert cached.state.hits + cached.state.misses == 4 * 160


def test_a_negative_capacity_is_refused():
    """A slip in the settings would switch the cache off without a word."""
    with pytest.raises(ParameterError, match="capacity is -1 bytes, expected at least 0"):
        CachedSynthesizer(ByClause(), capacity_bytes=-1)
