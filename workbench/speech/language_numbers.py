"""Numbers, days and times in words of German, Spanish, French, Italian and Portuguese.

The words are those of Unicode's rules (CLDR, by ``unicode-rbnf``); what those leave open is in
:mod:`workbench.speech.language_habits`.
"""

import re
import unicodedata
from functools import cache, lru_cache

from unicode_rbnf import RbnfEngine

from workbench.errors import ParameterError
from workbench.speech.language_habits import HABITS
from workbench.speech.language_units import unit
from workbench.speech.reading_habits import Currency, Noun

LARGEST = 10**15 - 1
"""The largest number that has a name here; longer ones are read digit by digit."""

_CARDINALS = {
    "": "spellout-numbering",
    "m": "spellout-cardinal-masculine",
    "f": "spellout-cardinal-feminine",
    "n": "spellout-cardinal-neuter",
}
_ORDINALS = {"m": "spellout-ordinal-masculine", "f": "spellout-ordinal-feminine"}
_GERMAN_ORDINALS = {
    "m": "spellout-ordinal-r",
    "f": "spellout-ordinal",
    "n": "spellout-ordinal-n",
    "s": "spellout-ordinal-s",
}


@cache
def _engine(rules: str) -> RbnfEngine:
    return RbnfEngine.for_language(rules)


@lru_cache(maxsize=4096)
def _spelled(language: str, value: int, name: str) -> str:
    engine = _engine(HABITS[language].rules)
    return str(engine.format_number(value, ruleset_names=[name]).text).replace("\u00ad", "")


def cardinal(value: int, language: str, gender: str = "") -> str:
    """Return ``value`` in words, as counted or, with a gender (m, f, n), before a noun.

    >>> cardinal(21, "es"), cardinal(21, "es", "m"), cardinal(201, "es", "f"), cardinal(1, "de", "f")
    ('veintiuno', 'veintiún', 'doscientas una', 'eine')

    Raises
    ------
    ParameterError
        If it is beyond ``LARGEST`` either way.
    """
    if abs(value) > LARGEST:
        raise ParameterError(
            f"number has {len(str(abs(value)))} digits, expected at most {len(str(LARGEST))}"
        )
    if value < 0:
        return f"{HABITS[language].minus} {cardinal(-value, language, gender)}"
    rules = HABITS[language].rules
    if rules == "pt_PT" and value >= 10**9:
        return _of_thousand_millions(value, language, gender)
    name = _CARDINALS["m" if gender == "n" and not _german(language) else gender]
    said = _spelled(language, value, name)
    if rules == "es" and gender == "f" and value % 10**6 >= 200_000:
        hundreds = _spelled(
            language, value % 10**6 // 10**5 * 100, name
        )  # doscientas mil, not doscientos mil
        before, _, rest = said.rpartition(hundreds.replace("as", "os"))
        return f"{before}{hundreds}{rest}" if before or rest else said
    return re.sub(r"(?<=\w)tre\b", "tré", said) if rules == "it" else said


def _of_thousand_millions(value: int, language: str, gender: str) -> str:
    """Return a number from a thousand millions as people say it in Portugal: mil e duzentos milhões."""
    billions, rest = divmod(value, 10**12)
    millions, units = divmod(rest, 10**6)
    parts = [_spelled(language, billions * 10**12, _CARDINALS["m"])] if billions else []
    if millions:
        parts.append(
            f"{_spelled(language, millions, _CARDINALS['m'])} {'milhão' if millions == 1 else 'milhões'}"
        )
    if units:
        parts.append(
            ("e " if units < 100 or units % 100 == 0 and units < 1000 else "")
            + cardinal(units, language, gender)
        )
    return " ".join(parts)


def ordinal(value: int, language: str, gender: str = "m") -> str:
    """Return the ordinal of ``value``; in German ``n`` is the form after "am" and "den", ``f`` after "der".

    >>> ordinal(3, "fr"), ordinal(2, "it", "f"), ordinal(2, "de"), ordinal(2, "de", "n")
    ('troisième', 'seconda', 'zweiter', 'zweiten')
    """
    rules = _GERMAN_ORDINALS if _german(language) else _ORDINALS
    said = _spelled(language, value, rules[gender])
    joined = HABITS[language].code == "es" and value > 1000 and value % 1000 == 0
    return said.replace(" ", "") if joined else said


def year(value: int, language: str) -> str:
    """Return a year in words: in German by hundreds up to 1999.

    >>> year(1990, "de"), year(1990, "pt")
    ('neunzehnhundertneunzig', 'mil novecentos e noventa')
    """
    rules = "spellout-numbering-year" if _german(language) else "spellout-numbering"
    return _spelled(language, value, rules)


def digits(text: str, language: str) -> str:
    """Return the digits of ``text`` one by one, everything else left out.

    >>> digits("4-0 7", "fr")
    'quatre zéro sept'
    """
    return " ".join(cardinal(int(char), language) for char in text if char.isdecimal())


def decimal(text: str, language: str, gender: str = "") -> str:
    """Return a number written with digits, at most one decimal comma, and a sign in words.

    >>> decimal("-1,05", "de"), decimal("8,52", "es"), decimal("818,303", "fr"), decimal("5,342", "it")
    ('minus eins Komma null fünf', 'ocho coma cincuenta y dos', 'huit cent dix-huit virgule trois cent \
trois', 'cinque virgola trecentoquarantadue')
    """
    habits = HABITS[language]
    if text[:1] in "-−–":
        return f"{habits.minus} {decimal(text[1:], language, gender)}"
    whole, _, rest = text.partition(",")
    if len(whole) > len(str(LARGEST)) or (len(whole) > 1 and whole[0] == "0"):
        said = digits(whole, language)
    else:
        said = cardinal(int(whole or "0"), language, "" if rest else gender)
    return f"{said} {habits.comma} {_decimals(rest, language)}" if rest else said


def _decimals(rest: str, language: str) -> str:
    habits = HABITS[language]
    if rest[0] != "0" and 1 < len(rest) <= habits.together:
        return cardinal(int(rest), language)
    if habits.pairs and len(rest) == 4 and "0" not in rest[::2]:
        return f"{cardinal(int(rest[:2]), language)} {cardinal(int(rest[2:]), language)}"
    return digits(rest, language)


def counted(text: str, noun: Noun, language: str) -> str:
    """Return a number and what it counts.

    >>> kilometre = unit("length-kilometer", "it")
    >>> counted("1", kilometre, "it"), counted("2,5", kilometre, "it")
    ('un chilometro', 'due virgola cinque chilometri')
    """
    one = text.lstrip("-−–") == "1"
    said = f"{decimal(text, language, noun.gender)} {noun.one if one else noun.many}"
    return elided(said) if HABITS[language].code == "it" else said


def elided(said: str) -> str:
    """Return Italian words, "una" before a vowel as people say it.

    >>> elided("una ora"), elided("una sera")
    ("un'ora", 'una sera')
    """
    return re.sub(r"\buna (?=[aeiouàèéìòù])", "un'", said)


def money(text: str, currency: Currency, language: str) -> str:
    """Return an amount of money; hundredths that are none stay decimals.

    >>> from workbench.speech.habits_german import GERMAN
    >>> money("2,20", GERMAN.currencies["€"], "de"), money("0,01", GERMAN.currencies["£"], "de")
    ('zwei Euro zwanzig Cent', 'ein Penny')
    """
    if text[:1] in "-−–":
        return f"{HABITS[language].minus} {money(text[1:], currency, language)}"
    whole, _, rest = text.partition(",")
    cents = rest.rstrip("0").ljust(2, "0")
    if rest and len(cents) > 2:
        return counted(text, currency.whole, language)
    small = int(cents) if rest else 0
    parts = []
    if int(whole or "0") or not small:
        parts.append(_of_money(whole or "0", currency.whole, language))
    if small:
        parts.append(counted(str(small), currency.part, language))
    return HABITS[language].joint.join(parts)


def _of_money(whole: str, noun: Noun, language: str) -> str:
    """Return whole units; after round millions they stand with "of"."""
    value = int(whole)
    if value and value % 1_000_000 == 0 and HABITS[language].of:
        return f"{cardinal(value, language, noun.gender)} {of(noun.many, language)}"
    return counted(whole, noun, language)


def of(words: str, language: str) -> str:
    """Return ``words`` as they stand after millions.

    >>> of("euros", "fr"), of("euro", "it"), of("Euro", "de")
    ("d'euros", 'di euro', 'Euro')
    """
    if HABITS[language].code == "fr" and words[0] in "aeiouhéè":
        return f"d'{words}"
    return f"{HABITS[language].of}{words}"


def date(day: int | None, month: int, year_of: int | None, language: str, *, case: str = "m") -> str:
    """Return a date; ``case`` is that of the German ordinal.

    >>> date(1, 3, 2003, "fr"), date(2, 3, 2003, "de", case="n"), date(None, 3, 2003, "pt")
    ('premier mars deux mille trois', 'zweiten März zweitausenddrei', 'março de dois mil e três')
    """
    habits = HABITS[language]
    pattern = habits.date
    if year_of is None:
        pattern = pattern[: pattern.index("{month}")] + "{month}"
    if day is None:
        pattern = pattern[pattern.index("{month}") :]
        said = ""
    else:
        said = date_of_day(day, language) if habits.first else ordinal(day, language, case)
    told = "" if year_of is None else year(year_of, language)
    return pattern.format(day=said, month=habits.months[month - 1], year=told)


def date_of_day(day: int, language: str) -> str:
    """Return the day of a month alone.

    >>> date_of_day(1, "es"), date_of_day(3, "de")
    ('primero', 'dritter')
    """
    habits = HABITS[language]
    if not habits.first:
        return ordinal(day, language)
    return habits.first if day == 1 else cardinal(day, language)


_CLOCK = ("hour", "minute", "second")


def time_of_day(hour: int, minute: int, second: int | None, language: str) -> str:
    """Return a time of day.

    >>> time_of_day(14, 30, None, "de"), time_of_day(1, 5, None, "es"), time_of_day(9, 0, None, "pt")
    ('vierzehn Uhr dreißig', 'una y cinco', 'nove horas')
    """
    habits = HABITS[language]
    one, many, before = habits.hours
    said = [cardinal(hour, language, habits.hour_gender)]
    if second is not None:
        hours, minutes, seconds = (unit(f"duration-{name}", habits.rules) for name in _CLOCK)
        said.append("Uhr" if habits.code == "de" else hours.one if hour == 1 else hours.many)
        said += [habits.joint.strip(), counted(str(minute), minutes, language), habits.link]
        said.append(counted(str(second), seconds, language))
        return " ".join(part for part in said if part)
    said.append(one if hour == 1 or (hour == 0 and habits.code == "fr") else many)
    if minute:
        said += [before, _minutes(minute, language)]
    return " ".join(part for part in said if part)


def _minutes(minute: int, language: str) -> str:
    usual = {("es", 15): "cuarto", ("es", 30): "media"}
    return usual.get((HABITS[language].code, minute)) or cardinal(minute, language)


def fraction(top: int, bottom: int, language: str) -> str:
    """Return a fraction.

    >>> fraction(2, 3, "de"), fraction(1, 12, "es"), fraction(3, 4, "fr"), fraction(1, 2, "it")
    ('zwei Drittel', 'un doceavo', 'trois quarts', 'un mezzo')
    """
    code = HABITS[language].code
    known = HABITS[language].fractions.get(bottom)
    many = top != 1
    if known is not None:
        name = known[many]
    elif code == "de":
        name = f"{ordinal(bottom, language, 'f')[:-2]}tel".capitalize()
    elif code in ("es", "pt") and bottom > 10 and bottom % (100 if bottom < 1000 else 1000):
        if code == "es" and bottom > 100:  # no name that people would know
            return f"{cardinal(top, language)} sobre {cardinal(bottom, language)}"
        stem = cardinal(bottom, language)
        name = f"{_bound(stem)}avo{'s' * many}" if code == "es" else f"{stem} avo{'s' * many}"
    else:
        name = ordinal(bottom, language)
        name = (name[:-1] + "i" if code == "it" else f"{name}s") if many else name
    return f"{cardinal(top, language, 'm')} {name}"


def _bound(stem: str) -> str:
    """Return the name of a Spanish number as it stands before "avo": treinta y uno, treintaiun."""
    plain = "".join(char for char in unicodedata.normalize("NFD", stem) if unicodedata.category(char) != "Mn")
    return re.sub("a$", "", re.sub("uno$", "un", plain.replace(" y ", "i")))


def _german(language: str) -> bool:
    return HABITS[language].code == "de"
