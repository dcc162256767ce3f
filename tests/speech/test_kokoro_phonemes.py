import pytest

from workbench.errors import EngineMissing
from workbench.speech.synthesizers.clauses import Unit
from workbench.speech.synthesizers.kokoro_model import VOCABULARY
from workbench.speech.synthesizers.phonemes import EnglishPhonemes, from_ipa


@pytest.fixture(scope="module")
def english():
    try:
        return EnglishPhonemes.load()
    except EngineMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize(
    ("ipa", "symbols"),
    [("təˈmeɪtoʊ", "təmˈAtO"), ("ˈdʒʌdʒ", "ʤˈʌʤ"), ("gəʊ", "ɡQ"), ("bɜːrd", "bɜːɹd"), ("##", "")],
)
def test_ipa_becomes_the_models_symbols(ipa, symbols):
    """A pronunciation from a dictionary would be spoken wrong."""
    assert from_ipa(ipa) == symbols


def test_the_vocabulary_is_the_published_one():
    """Every phoneme would be another: known numbers from the model's configuration."""
    known = {
        ";": 1,
        "—": 9,
        " ": 16,
        "A": 24,
        "a": 43,
        "ɡ": 92,
        "ɪ": 102,
        "ɹ": 123,
        "ʧ": 133,
        "ˈ": 156,
        "ᵻ": 177,
    }
    assert {symbol: VOCABULARY[symbol] for symbol in known} == known
    assert len(VOCABULARY) == len(set(VOCABULARY.values())) == 114


@pytest.mark.speech
def test_every_phoneme_has_its_word(english):
    """Word times would drift from word to word."""
    units = [
        Unit(written=word, spoken=word) for word in ("Don't", "re-open", "the", "A.I.", "door,", "please!")
    ]
    found = english.phonemes(units)
    assert len(found.symbols) == len(found.owners)
    assert list(found.owners) == sorted(found.owners)
    assert set(found.owners) == set(range(6))
    first = "".join(symbol for symbol, owner in zip(found.symbols, found.owners, strict=True) if owner == 0)
    assert first.strip() == "dˈOnt"


@pytest.mark.speech
def test_given_phonemes_replace_a_word(english):
    """A pronunciation would be added to the word instead."""
    units = [
        Unit(written="red", spoken="red"),
        Unit(written="x", spoken="blue", ipa="ɡɹin"),
        Unit(written="!", spoken="!", spaced=False),
    ]
    assert english.phonemes(units).symbols == "ɹˈɛd ɡɹin!"
