import pytest

from workbench.errors import ParameterError
from workbench.prosody.syllables import LANGUAGES, syllables, words

COUNTED = [
    ("es", "Quiero un café con leche, por favor.", 11),
    ("es", "La ciudad tiene nueve museos y un río.", 14),
    ("it", "Vorrei un caffè con un po' di zucchero.", 12),
    ("it", "Dal passo si sale sulla vetta lungo la cresta sud.", 16),
    ("pt", "Uma raposa velha não consegue aprender nenhum ofício.", 20),
    ("de", "Können Sie mir bitte den Weg zum Bahnhof zeigen?", 13),
    ("en", "She had your dark suit in greasy wash water all year.", 13),
    ("en", "Where is the nearest station?", 7),
    ("en", "Your table for two is ready at seven o'clock.", 13),
    ("fr", "Sous le consulat il devient conservateur des eaux et forêts.", 17),
    ("fr", "Le train part à huit heures du matin.", 9),
    ("nl", "Goedemorgen, waar is het station?", 9),
    ("pl", "Pociąg odjeżdża dzisiaj o dziewiątej.", 11),
    ("cs", "Vlk čte dobrou knihu.", 6),
    ("tr", "Bugün hava çok güzel.", 7),
    ("fi", "Hyvää huomenta, tämä on juna.", 10),
    ("ru", "Бедняга ребят, на его месте должен был быть я.", 15),
    ("el", "Καλημέρα σας.", 5),
    ("ko", "그는 이리저리 피하면서", 10),
    ("ja", "とうきょう", 4),
    ("zh", "今天天气很好", 6),
]
"""Counted by hand."""


@pytest.mark.parametrize(("language", "text", "count"), COUNTED)
def test_syllables_are_those_counted_by_hand(language: str, text: str, count: int) -> None:
    """Speaking rates would be off by as much."""
    assert syllables(text, language) == count


ENGLISH = """
nation 2 special 2 musician 3 question 2 beautiful 3 created 3 idea 3 being 2 people 2 video 3 science 2
table 2 tables 2 wanted 2 helped 1 boxes 2 makes 1 places 2 available 4 area 3 reservation 4 anniversary
5 immediately 5 experience 4 radio 3 piano 3 coffee 2 espresso 3 tomorrow 3 sincerely 3 serious 3 various
3 language 2 quality 3
"""
"""Words that the rules had to learn."""


def test_english_words_are_counted_one_by_one() -> None:
    """Mistakes of the spelling rules would hide in the sum of a sentence."""
    told = ENGLISH.split()
    counts = dict(zip(told[::2], map(int, told[1::2]), strict=True))
    assert {word: syllables(word, "en") for word in counts} == counts


def test_a_word_is_not_cut_at_its_marks() -> None:
    """Hindi would have twice its words, and accents that are characters of their own would be gaps."""
    assert words("नमस्ते, आप कैसे हैं?") == 4
    assert words("un cafe\u0301 tre\u0300s bon") == 4
    assert words("l'e\u0301tat, aujourd’hui") == 2


def test_a_spelling_that_says_nothing_is_refused() -> None:
    """A wrong rate would be shown for it."""
    with pytest.raises(ParameterError, match="syllables of th-TH can't be counted, only of en, fr, "):
        syllables("ข้อความ", "th-TH")
    with pytest.raises(ParameterError, match="morae of kanji can't be counted: write the text in kana"):
        syllables("東京", "ja")
    assert "th" not in LANGUAGES


def test_words_are_runs_of_letters() -> None:
    """Numbers and punctuation would count as words."""
    assert words("L'eau, c'est la vie – n'est-ce pas ?") == 7
