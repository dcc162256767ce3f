"""Which words say which digits, in seven languages: nought to ninety-nine, doubles, what stands between."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl")

_UNITS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn "
    "sechzehn siebzehn achtzehn neunzehn",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
    "seize dix-sept dix-huit dix-neuf",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
    "dieciséis diecisiete dieciocho diecinueve",
    "it": "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici "
    "quindici sedici diciassette diciotto diciannove",
    "pt": "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze "
    "dezesseis dezessete dezoito dezenove",
    "nl": "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien "
    "zestien zeventien achttien negentien",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "vingt trente quarante cinquante soixante soixante-dix quatre-vingt quatre-vingt-dix",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "it": "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "pt": "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "nl": "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
}
_ALSO: Mapping[str, Mapping[str, str]] = {
    "en": {"nought": "0", "naught": "0", "nil": "0", "fourty": "40"},
    "de": {"zwo": "2", "ein": "1", "dreissig": "30"},
    "fr": {"une": "1", "septante": "70", "huitante": "80", "octante": "80", "nonante": "90"},
    "es": {"un": "1", "una": "1", "veintiún": "21"},
    "it": {"un": "1", "una": "1"},
    "pt": {
        "uma": "1", "duas": "2", "meia": "6", "quatorze": "14", "dezasseis": "16", "dezassete": "17",
        "dezanove": "19",
    },
    "nl": {"één": "1"},
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberWords:
    """How one language says digits."""

    phrases: Mapping[tuple[str, ...], str]
    """The digits of each way to say them, by its words without accents and hyphens."""
    longest: int
    """Most words of a phrase."""
    times: Mapping[str, int]
    """Words that say the next digit so many times."""
    hundred: frozenset[str]
    letters: frozenset[str]
    """Words that are nought among digits only."""
    between: frozenset[str]
    """Words that may stand between digits and mean nothing there."""


_TIMES = {
    "en": {"double": 2, "triple": 3, "treble": 3, "quadruple": 4},
    "de": {"doppel": 2, "doppelte": 2, "zweimal": 2, "dreimal": 3},
    "fr": {"double": 2, "triple": 3},
    "es": {"doble": 2, "triple": 3},
    "it": {"doppio": 2, "triplo": 3},
    "pt": {"duplo": 2, "triplo": 3},
    "nl": {"dubbel": 2, "driemaal": 3},
}
_HUNDRED = {
    "en": "hundred", "de": "hundert", "fr": "cent cents", "es": "cien", "it": "cento", "pt": "cem",
    "nl": "honderd",
}  # fmt: skip
_BETWEEN = {
    "en": "dash hyphen minus space slash dot point then uh um er erm plus",
    "de": "strich bindestrich minus leerzeichen schrägstrich punkt dann äh ähm plus",
    "fr": "tiret moins espace point puis euh plus et",
    "es": "guion menos espacio punto luego eh mas",
    "it": "trattino meno spazio punto poi eh più",
    "pt": "traço hífen menos espaço ponto depois eh mais",
    "nl": "streepje min spatie punt dan eh plus",
}


def words_of(text: str) -> frozenset[str]:
    """Return the words of a list of words."""
    return frozenset(text.split())


def folded(word: str) -> str:
    """Return a word in lower case without accents.

    >>> folded("Zwölf")
    'zwolf'
    """
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFD", word.lower().replace("ß", "ss"))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


@cache
def number_words(language: str) -> NumberWords:
    """Return how ``language`` says digits; English where it is none of ``LANGUAGES``."""
    language = language if language in LANGUAGES else "en"
    phrases = {tuple(folded(way).replace("-", " ").split()): digits for way, digits in _ways(language)}
    return NumberWords(
        phrases=phrases,
        longest=max(map(len, phrases)),
        times=_TIMES[language],
        hundred=frozenset(_HUNDRED[language].split()),
        letters=frozenset({"oh", "o", "ou"} if language == "en" else {"o"}),
        between=frozenset(folded(_BETWEEN[language]).split()),
    )


def _ways(language: str) -> Iterator[tuple[str, str]]:
    units, tens = _UNITS[language].split(), _TENS[language].split()
    yield from ((unit, str(value)) for value, unit in enumerate(units))
    for place, ten in enumerate(tens, start=2):
        if language == "fr" and place in (7, 9):  # soixante-dix, soixante-et-onze
            continue
        yield ten, str(10 * place)
        if language == "fr" and place == 8:
            yield "quatre-vingts", "80"
        for value in range(1, 10):
            for way in _joined(language, ten, units[value], value):
                yield way, str(10 * place + value)
    if language == "fr":
        for base, start in (("soixante", 60), ("quatre-vingt", 80)):
            for value in range(10, 20):
                yield f"{base} {units[value]}", str(start + value)
                yield f"{base} et {units[value]}", str(start + value)
    yield from _ALSO[language].items()


def _joined(language: str, ten: str, unit: str, value: int) -> Iterator[str]:
    """Yield the ways to say a ten and a unit."""
    match language:
        case "en":
            yield f"{ten} {unit}"
        case "de":
            unit = "ein" if value == 1 else unit
            yield f"{unit}und{ten}"
            yield f"{unit} und {ten}"
        case "nl":
            joint = "ën" if unit.endswith("e") else "en"
            yield f"{unit}{joint}{ten}"
            yield f"{unit} en {ten}"
        case "fr":
            yield f"{ten} {unit}"
            yield f"{ten} et {unit}"
        case "it":
            yield (ten[:-1] if value in (1, 8) else ten) + unit
            yield f"{ten} {unit}"
        case "es":
            if ten == "veinte":
                yield f"veinti{unit}"
            yield f"{ten} y {unit}"
        case _:
            yield f"{ten} e {unit}"
