import pytest

from workbench.speech.synthesizers.clauses import Unit
from workbench.speech.synthesizers.foreign_phonemes import LANGUAGES, ForeignPhonemes, from_espeak
from workbench.speech.synthesizers.kokoro_model import VOCABULARY


@pytest.fixture(scope="module")
def foreign():
    pytest.importorskip("espeakng_loader", reason="the espeak extra is not installed")
    phonemes = ForeignPhonemes()
    yield phonemes
    phonemes.close()


def units(text: str) -> list[Unit]:
    return [Unit(written=word, spoken=word, spaced=bool(place)) for place, word in enumerate(text.split())]


@pytest.mark.parametrize(
    ("language", "text", "symbols"),
    [
        ("it", "Può ripetere, per favore?", "pʊˈɔ ripˈetere, per favˈore?"),
        ("de", "Zucker zum Kaffee.", "ʦˈʊkɜ ʦʊm kˈafeː."),
    ],
)
def test_a_clause_is_pronounced_with_its_punctuation(foreign, language, text, symbols) -> None:
    """A question would be spoken as a statement, or in the sounds of English."""
    found = foreign.phonemes(units(text), language)
    assert found.symbols == symbols
    assert found.owners[0] == 0
    assert found.owners[-1] == len(text.split()) - 1


def test_vowel_signs_and_accents_at_the_end_of_a_word_are_said(foreign, monkeypatch) -> None:
    """Hindi would lose the last vowel of its words, French an accent that is a character of its own."""
    asked = []

    def tell(text: str) -> str:
        asked.append(text)
        return text

    monkeypatch.setattr(foreign, "_teller", lambda language: tell)
    decomposed = "cafe\u0301"
    foreign.phonemes(units(f"नमस्ते। «{decomposed}»"), "hi")
    assert asked == [f"नमस्ते {decomposed}"]
    monkeypatch.undo()
    assert foreign.phonemes(units("नमस्ते।"), "hi").symbols == "nəmˈʌsteː."


def test_words_sound_together_in_french(foreign) -> None:
    """Liaison would be lost: les amis with a z between them."""
    assert "z" in foreign.phonemes(units("Les amis"), "fr").symbols


def test_a_number_of_two_words_belongs_to_its_unit(foreign) -> None:
    """Word times would slip from the first number on: it is said in more words than are written."""
    found = foreign.phonemes(units("Mit 2,5 Litern"), "de")
    assert set(found.owners) == {0, 1, 2}
    number = "".join(s for s, owner in zip(found.symbols, found.owners, strict=True) if owner == 1)
    assert number.strip() == "ʦvˈI kɔmɑː fˈynf"


def test_only_symbols_of_the_model_come_out(foreign) -> None:
    """The model would be given a sound it has no number for."""
    for language in LANGUAGES:
        found = foreign.phonemes(units("Radio, taxi, hotel!"), language)
        assert set(found.symbols) <= set(VOCABULARY)
        assert len(found.symbols) > 10, language


def test_nothing_spoken_has_no_phonemes(foreign) -> None:
    """A lone dash would be an error."""
    assert foreign.phonemes(units("–"), "it").symbols in ("", "–")
    assert foreign.phonemes([], "it").owners == ()


def test_spanish_needs_no_other_process() -> None:
    """Spanish would need the espeak extra."""
    pytest.importorskip("piper_plus_g2p")
    phonemes = ForeignPhonemes()
    found = phonemes.phonemes(units("¿Quiere leche con el café?"), "es-ES")
    assert found.symbols == "kˈieɾe lˈeʧe kon el kafˈe?"
    assert phonemes._espeak is None


def test_ties_become_single_symbols() -> None:
    """A two-letter sound would be spoken as two."""
    assert from_espeak("d^ʒˈɔrno (en)gɪft(it)") == "ʤˈɔrno ɡɪft"
