"""How money, measures, shares and fractions are said in German, Spanish, French, Italian and Portuguese."""

import re
import unicodedata

from workbench.speech import language_numbers as numbers
from workbench.speech.language_habits import HABITS
from workbench.speech.language_kinds import fraction
from workbench.speech.language_nouns import gender_before, gender_of
from workbench.speech.language_patterns import bare
from workbench.speech.language_units import UNITS, currency, unit
from workbench.speech.reading_habits import Noun, folded, looked_up

Match = re.Match[str]

_ABROAD = ("$", "us$", "$us", "£", "¥")
"""Signs in front of sums that are often written as in English."""


def money(match: Match, language: str) -> str:
    """Return an amount of money, and what it is for: ``5 €/h``."""
    habits = HABITS[language]
    sign = match["symbol"] or match["symbol2"]
    scale, short = match["scale"] or match["scale2"], match["tiny"] or match["tiny2"]
    written = match["sum"] or match["sum2"]
    if habits.decimal == ",":
        written = re.sub(r"^(\D?\d+)\.(\d\d)$", r"\1,\2", written)  # $1.50, as some write it in any language
        if folded(match["symbol"] or "") in _ABROAD and not scale and not short:
            written = re.sub(r"^(\D?\d{1,3}),(\d{3})$", r"\1\2", written)  # $5,000, never five dollars
    known = next((each for name, each in habits.currencies.items() if folded(name) == folded(sign)), None)
    noun = known.whole if known is not None else currency(sign, habits.rules)
    plain = bare(written, habits)
    if short or scale:
        said = scaled(written, short, language) if short else _many(plain, scale, language)
        of = noun.many if short and _round(short, language) else numbers.of(noun.many, language)
        said = f"{said} {of}"
    elif known is not None:
        said = numbers.money(plain, known, language)
    else:
        said = numbers.counted(plain.removesuffix(",00"), noun, language)
    return said + each(match["every"], language)


def _round(short: str, language: str) -> bool:
    """Return whether what is short for is "thousand", after which nothing stands for "of"."""
    return looked_up(HABITS[language].short_scales, short).many in ("mille", "mila", "mil", "tausend")


def _many(plain: str, scale: str, language: str) -> str:
    feminine = HABITS[language].code == "de"
    return f"{numbers.decimal(plain, language, 'f' if feminine else 'm')} {scale}"


def scaled(written: str, short: str, language: str) -> str:
    """Return a number of thousands, millions or more, as in ``3 Mio.``.

    >>> scaled("1", "Mio.", "de"), scaled("2,5", "mln", "it"), scaled("10", "k", "fr")
    ('eine Million', 'due virgola cinque milioni', 'dix mille')
    """
    plain = bare(written, HABITS[language])
    noun = looked_up(HABITS[language].short_scales, short)
    if plain == "1" and noun.one in ("mille", "mil", "tausend"):
        return noun.one
    return numbers.counted(plain, noun, language)


def measured(match: Match, language: str) -> str:
    """Return a measure, and what it is for: ``3 l/Monat``."""
    habits, sign = HABITS[language], match["unit"]
    plain = bare(match["measure"], habits)
    glued = sign in ("T", "V", "W", "h", "s") and not match["between"]
    if glued or sign in ("M", "G", "S"):  # 5G, 3V, the 80s: whatever it is, no such unit
        return f"{numbers.decimal(plain, language)} {sign}{each(match['each'], language)}"
    noun = unit(looked_up({**UNITS, **habits.units}, sign), habits.rules)
    if match["times"]:
        said = f"{_many(plain, match['times'], language)} {numbers.of(noun.many, language)}"
    else:
        said = numbers.counted(plain, noun, language)
    return said + each(match["each"], language)


def each(name: str | None, language: str) -> str:
    """Return what a price or a measure is for, with the word before it; empty for none.

    >>> each("h", "de"), each("mois", "fr"), each("ora", "it"), each("mese", "it")
    (' pro Stunde', ' par mois', " all'ora", ' al mese')
    """
    if name is None:
        return ""
    habits = HABITS[language]
    units = {**UNITS, **habits.units}
    noun = unit(units[name], habits.rules).one if name in units else name
    if habits.code != "it":
        return f" {habits.per} {noun}"
    if noun[0].lower() in "aeiou":
        return f" all'{noun}"
    return f" {'alla' if gender_of(noun, 'it') == 'f' else 'al'} {noun}"


def share(match: Match, language: str) -> str:
    """Return a percentage."""
    habits = HABITS[language]
    of = habits.per_mille if match["hundred"] == "‰" else habits.percent
    plain = bare(match["share"], habits)
    one = habits.code == "de" and plain.lstrip("-−–") == "1"  # "ein Prozent"
    return f"{numbers.decimal(plain, language, 'm' if one else '')} {of}"


def turned(match: Match, language: str) -> str:
    """Return an angle, or a heat without its scale."""
    noun = Noun("m", *HABITS[language].degrees)
    return numbers.counted(bare(match["angle"], HABITS[language]), noun, language)


_HALVES = {
    "de": ("ein halber", "eine halbe"),
    "es": ("medio", "media"),
    "fr": ("un demi", "une demi"),
    "it": ("mezzo", "mezza"),
    "pt": ("meio", "meia"),
}
_NEUTER = ("jahr", "kilo", "pfund", "dutzend", "glas", "stück", "brot", "gramm", "kilogramm", "haus")
"""German nouns that are neither masculine nor feminine."""


def half(match: Match, language: str) -> str:
    """Return half of what is named behind: ``½ heure``; before a word that is no noun the half alone.

    As German nouns don't tell their gender, those with no feminine ending are taken for masculine.
    """
    noun, code = match["half_of"], HABITS[language].code
    if (code == "de" and noun[0].islower()) or not gender_before(noun, 1, code) and code != "it":
        return fraction("1/2", language) or match[0]
    if code == "de" and noun.lower() in _NEUTER:
        return "ein halbes"
    return _HALVES[code][gender_of(noun, code) == "f"]


def ratio(match: Match, language: str) -> str:
    """Return a fraction; what may be a date or a range (but in German: those are dotted) as two numbers."""
    top, bottom = int(match["top"]), int(match["bottom"])
    usual = top <= 3 and bottom in (2, 3, 4)
    told = match["of"] or bottom > 31 or bottom in (16, 20) or (top == 1 and bottom > 12)
    proper = 0 < top < bottom and (told or HABITS[language].code == "de")
    if (usual or proper or " " in match["ratio_of"]) and (
        said := fraction(match["ratio_of"].replace("–", "-"), language)
    ):
        return said
    return " ".join(numbers.decimal(part, language) for part in re.findall(r"\d+", match["ratio_of"]))


def vulgar(match: Match, language: str) -> str:
    """Return a fraction of one character, with what stands before it and its unit: ``1½ km``."""
    habits = HABITS[language]
    parts = unicodedata.normalize("NFKD", match["part_of"]).replace("⁄", "/")
    wholes = match["wholes"] or ""
    joint = " " if wholes[-1:].isdecimal() else ""
    said = fraction(f"{wholes}{joint}{parts}", language) or match[0].strip()
    if match["portion"]:
        noun = unit(looked_up({**UNITS, **habits.units}, match["portion"]), habits.rules)
        said += f" {noun.many if joint else noun.one}"
    return parted(match, said)


def parted(match: Match, said: str) -> str:
    """Return words with a space in front where a letter, a digit or a space stood."""
    before = match.string[match.start() - 1 : match.start()] if match.start() else ""
    return f" {said}" if match[0][:1].isspace() or before.isalnum() else said
