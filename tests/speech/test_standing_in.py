"""A reply goes on in another engine's voice when its own fails in the middle."""

from collections.abc import Iterator

import numpy as np
import pytest

from workbench.errors import EngineFailed, EngineMissing, ParameterError
from workbench.speech.ports import Clause
from workbench.speech.scripted import ScriptedSynthesizer
from workbench.speech.synthesizers.espeak import EspeakSynthesizer
from workbench.speech.synthesizers.preferring import PreferringSynthesizer
from workbench.speech.synthesizers.standing_in import StandIn

TEXT = "Your order is ready. It is on the table. Have a nice day."


class Breaking(ScriptedSynthesizer):
    """Speaks one clause, then fails."""

    def synthesize(self, ssml: str, *, voice: str) -> Iterator[Clause]:
        """Yield the first clause and raise."""
        yield next(super().synthesize(ssml, voice=voice))
        raise EngineFailed("kokoro failed on 12 phonemes: RuntimeError")


class Recording(ScriptedSynthesizer):
    """Remembers which voices were asked for."""

    def __init__(self) -> None:
        super().__init__()
        object.__setattr__(self, "voices", [])

    def synthesize(self, ssml: str, *, voice: str) -> Iterator[Clause]:
        """Note the voice and speak."""
        self.voices.append(voice)
        return super().synthesize(ssml, voice=voice)


def stand_in(loaded: list[Recording]) -> StandIn:
    def load() -> Recording:
        loaded.append(Recording())
        return loaded[-1]

    return StandIn("espeak", load, ScriptedSynthesizer().capabilities)


def test_nothing_is_lost_or_said_twice_when_the_engine_fails() -> None:
    """The caller would hear half a reply, or its beginning again."""
    loaded: list[Recording] = []
    speaking = PreferringSynthesizer(Breaking(), stand_in(loaded), now=lambda: 0.0)
    clauses = list(speaking.synthesize(TEXT, voice="bf_emma"))
    assert " ".join(clause.text for clause in clauses) == TEXT
    assert [bool(clause.fell_back) for clause in clauses] == [False, True, False]
    assert loaded[0].voices == ["en-gb"]


@pytest.mark.parametrize(("voice", "found"), [("ef_dora", "es"), ("pf_dora", "pt-br"), ("af_heart", "en-us")])
def test_the_voice_keeps_its_language(voice: str, found: str) -> None:
    """A Spanish reply would go on in English."""
    loaded: list[Recording] = []
    list(stand_in(loaded).synthesize("Hola.", voice=voice))
    assert loaded[0].voices == [found]


def test_it_is_loaded_when_needed_and_not_before() -> None:
    """Every endpoint would run a process that it never asks."""
    loaded: list[Recording] = []
    stood = stand_in(loaded)
    speaking = PreferringSynthesizer(ScriptedSynthesizer(), stood, now=lambda: 0.0)
    list(speaking.synthesize(TEXT, voice="af_heart"))
    assert loaded == []
    stood.close()


def test_an_unknown_voice_is_refused_as_ever() -> None:
    """A slip in an assistant's file would be spoken by a robot."""
    with pytest.raises(ParameterError, match="voice 'af_hart' is not known"):
        stand_in([]).synthesize(TEXT, voice="af_hart")


def test_espeak_goes_on_at_the_same_rate_within_moments() -> None:
    """The rest would be played too fast, or after a gap that a queue of two clauses can't cover."""
    try:
        engine = EspeakSynthesizer.load()
    except EngineMissing as missing:
        pytest.skip(str(missing))
    first = Breaking()
    other = StandIn("espeak", lambda: engine, first.capabilities)
    try:
        clauses = list(
            PreferringSynthesizer(first, other, now=lambda: 0.0).synthesize(TEXT, voice="af_heart")
        )
    finally:
        other.close()
    assert {clause.rate for clause in clauses} == {first.capabilities.rate}
    assert "".join(clause.text for clause in clauses).count("table") == 1
    assert all(np.abs(clause.samples).max() > 0.05 for clause in clauses)
