"""How written German, Spanish, French, Italian and Portuguese are read aloud; English is in ``text``.

Whatever is not recognised stays as written, but for digits, which are always read. Dates are read day before
month, as these languages write them.
"""

import re
from functools import cache

from workbench.speech import language_amounts as amounts, language_numbers as numbers
from workbench.speech.language_habits import HABITS
from workbench.speech.language_kinds import full_year, phone, said_as
from workbench.speech.language_nouns import STARTERS, gender_before, gender_of
from workbench.speech.language_patterns import LONG, bare, is_code, pattern, short_months
from workbench.speech.phones import phone_spans
from workbench.speech.reading_habits import Habits, folded, looked_up
from workbench.speech.roman import read_roman
from workbench.speech.stretches import Reader, Reading, stretches

Match = re.Match[str]

_GERMAN_CASES = (
    (re.compile(r"\b(?:am|vom|zum|beim|den|dem|bis|ab|seit|des|im|zur)\s+$", re.IGNORECASE), "n"),
    (re.compile(r"\b(?:in|von|mit|auf|bei|nach|aus|seit|an|vor)\s+der\s+$", re.IGNORECASE), "n"),
    (re.compile(r"\b(?:der|die|das)\s+$", re.IGNORECASE), "f"),
)
"""What stands before a day, and the ending that it then has."""

_NEUTER = "Jahrhundert Quartal Kapitel Halbjahr Semester Mal Stockwerk Obergeschoss OG"
"""German nouns behind ordinals that are neither masculine nor feminine."""

_HOURS_AFTER = {"es": r"(?:a|de|desde|sobre|hacia) las?", "pt": "às|à|das"}
"""What stands before an hour that is told without the word."""


def readings(text: str, language: str) -> tuple[Reading, ...]:
    """Return ``text`` cut into stretches; their ``written`` parts joined are ``text``.

    Parameters
    ----------
    language : a key of ``language_habits.HABITS``

    >>> [one.spoken for one in readings("Um 14:30 Uhr, 2,20 €.", "de")]
    ['Um ', 'vierzehn Uhr dreißig', ', ', 'zwei Euro zwanzig Cent', '.']
    """
    calls = [(start, end, phone(text[start:end], language)) for start, end in phone_spans(text, language)]
    return stretches(text, pattern(language), _readers(language), calls)


def read_as(text: str, kind: str, language: str, form: str = "") -> str:
    """Return how ``text`` is said when it is known to be ``kind``, one of ``ssml.scales.SAY_AS``.

    Text that is not of that kind is read as usual. ``form`` is the order of a date, as ``mdy``.

    >>> read_as("42", "digits", "it"), read_as("12 €", "currency", "it")
    ('quattro due', 'dodici euro')
    """
    said = said_as(text, kind, language, form)
    return said or "".join(one.spoken for one in readings(text, language))


@cache
def _readers(language: str) -> dict[str, Reader]:
    """Return how each kind that is looked for in a language is read."""
    habits = HABITS[language]
    return {
        "iso": lambda m: _date(m, ("iso_day", "iso_month", "iso_year"), language),
        "date": lambda m: _date(m, ("day", "month", "year"), language),
        "days": lambda m: _day(m, language),
        "named": lambda m: _of_month(m, language),
        "phone": lambda m: phone(m[0], language),
        "time": lambda m: _time(m, language),
        "range": lambda m: _low(m, language),
        "money": lambda m: amounts.money(m, language),
        "percent": lambda m: amounts.share(m, language),
        "measured": lambda m: _declined(amounts.measured(m, language), m, language),
        "turned": lambda m: amounts.turned(m, language),
        "scaled": lambda m: amounts.scaled(m["share_of"], m["short_scale"], language),
        "short_date": lambda m: _short_date(m, language),
        "nth": lambda m: _nth(m, language),
        "decade": lambda m: f"{_year_or_number(m['tens'], language)}er{m['declined'] or ''}",
        "nineties": lambda _: "",
        "season": lambda m: _season(m, language),
        "across": lambda m: f" {habits.times} ".join(
            numbers.decimal(part, language) for part in re.split("x", m[0], flags=re.IGNORECASE)
        ),
        "halved": lambda m: amounts.half(m, language),
        "ratio": lambda m: amounts.ratio(m, language),
        "vulgar": lambda m: amounts.vulgar(m, language),
        "elided": lambda m: "un'" if gender_of(m["vowel"], "it") == "f" else "un ",
        "owed": lambda _: f"{habits.minus} ",
        "minus": lambda m: f"{habits.minus} {numbers.decimal(bare(m['below'], habits), language)}",
        "number": lambda m: _number(m, language),
        "dotted": lambda m: _dotted(m[0], language),
        "roman": lambda m: _roman(m, language),
        "numbered": lambda m: f"{looked_up(habits.numbered, m['kind_of'])} ",
        "word": lambda m: looked_up(habits.abbreviations, m["short"]),
        "arithmetic": lambda m: _sign(m, habits),
        "rest": lambda m: _rest(m, language),
    }


def _date(match: Match, names: tuple[str, str, str], language: str) -> str:
    day, month, year = (int(match[name]) for name in names)
    return numbers.date(day, month, full_year(year), language, case=_case(match, language))


def _day(match: Match, language: str) -> str:
    """Return the first of two German days, as in ``1.-3. Mai``, and what stands between them."""
    said = numbers.ordinal(int(match["first_day"]), language, _case(match, language))
    till = match["till_day"].strip()
    return f"{said} {'und' if till in ('/', 'und') else HABITS[language].until} "


def _of_month(match: Match, language: str) -> str:
    named = folded(match["named_month"])
    months = [folded(name) for name in HABITS[language].months]
    short = short_months(HABITS[language])
    month = months.index(named) + 1 if named in months else short[named.rstrip(".")]
    year = int(match["named_year"]) if match["named_year"] else None
    return numbers.date(int(match["named_day"]), month, year, language, case=_case(match, language))


def _case(match: Match, language: str) -> str:
    if HABITS[language].code != "de":
        return "m"
    before = match.string[max(0, match.start() - 12) : match.start()]
    if re.search(
        r"\d\.\s?[-–/]\s?$", before
    ):  # the second of two days, behind "vom" or "am" further in front
        before = re.sub(r"\d{1,2}\.\s?[-–/]\s?$", "", before)
    return next((case for words, case in _GERMAN_CASES if words.search(before)), "m")


def _time(match: Match, language: str) -> str:
    told = match.groupdict()
    hour = int(told["hour"] or told["hour2"] or told["hour3"])
    minute = int(told["minute"] or told.get("minute2") or 0)
    second = None if told["second"] is None else int(told["second"])
    said = numbers.time_of_day(hour, minute, second, language)
    half = (told.get("half") or told.get("half2") or told.get("half3") or "").strip().lower()
    if half:
        part = "mañana" if half[0] == "a" else "tarde" if hour == 12 or hour < 8 else "noche"
        part = {("a", 12): "noche", ("p", 12): "mediodía"}.get((half[0], hour), part)
        said = f"{said} {'del' if part == 'mediodía' else 'de la'} {part}"
    return f"{said} {HABITS[language].until} " if told["till"] else said


def _short_date(match: Match, language: str) -> str:
    day, month = int(match["short_day"]), int(match["short_month"])
    said = numbers.date(day, month, None, language, case=_case(match, language))
    return said if match.end() < len(match.string) else f"{said}."


def _nth(match: Match, language: str) -> str:
    if HABITS[language].code == "de":
        return _german_nth(match, language)
    sign = next(match[name] for name in ("sign", "sign2", "sign3") if match.groupdict().get(name))
    feminine = sign in ("ª", "ère", "ères", "re", "res", "nde") or (len(sign) == 2 and sign[1] == "a")
    value = int(re.sub(r"\D", "", match["nth_of"]))
    said = numbers.ordinal(value, language, "f" if feminine else "m")
    if HABITS[language].code == "es" and sign.lower() in ("er", "ᵉʳ"):
        said = said[:-1]
    elif sign in ("ers", "ères", "res", "èmes"):
        said += "s"
    return f"{said} " if match.string[match.end() : match.end() + 1].isalpha() else said


def _german_nth(match: Match, language: str) -> str:
    if match["nth_of3"]:  # "als 2. ins Ziel"
        return numbers.ordinal(int(match["nth_of3"]), language)
    if match["nth_of2"]:
        return numbers.ordinal(int(match["nth_of2"]), language, _ending(match))
    value, following = int(match["nth_of"]), match["following"] or ""
    ends = match["last"] is not None or following in STARTERS
    if not ends:
        return numbers.ordinal(value, language, _case(match, language))
    if not _before(match, "am|den|zum|vom|der|im"):  # "ich nehme die 3.", but "am 13."
        return f"{numbers.cardinal(value, language)}."
    return f"{numbers.ordinal(value, language, _case(match, language))}."


def _ending(match: Match) -> str:
    """Return the ending of a German ordinal before one of the nouns that need no article with it."""
    noun = match["ranked"]
    feminine = gender_of(noun, "de") == "f" or noun.lower().endswith("liga")
    if _before(match, "mit|in|ab|bis|von|aus|nach|seit|vor|unter"):
        return "m" if feminine else "n"
    return "f" if feminine else "s" if noun in _NEUTER.split() else "m"


def _low(match: Match, language: str) -> str:
    """Return the lower end of a range and what leads to the upper; a score or a sum stays as it is."""
    habits = HABITS[language]
    low, high = (int(bare(match[name], habits).partition(",")[0]) for name in ("low", "high"))
    german = habits.code == "de"
    if german and re.fullmatch(r"1[1-9]\d\d", match["low"]):
        said = numbers.year(low, language)
    else:
        said = numbers.decimal(bare(match["low"], habits), language, "m" if german and high < 100 else "")
    return f"{said} {habits.until} " if low < high else f"{said}{match['dash']}"


def _number(match: Match, language: str) -> str:
    habits = HABITS[language]
    text, following = bare(match["amount"], habits), match["next"] or ""
    german = habits.code == "de"
    if re.fullmatch(LONG, match["amount"]) or is_code(match, habits.code):
        return numbers.digits(text, language)
    if german and re.fullmatch(r"1[1-9]\d\d", match["amount"]):
        return numbers.year(int(text), language)
    if re.fullmatch(habits.scales, following, re.IGNORECASE):
        return numbers.decimal(text, language, "f" if german else "m")
    value = int(text) if text.isdecimal() else 0
    gender = gender_before(following, value, habits.code)
    if not gender and _before(match, _HOURS_AFTER.get(habits.code, "(?!)")):
        gender = "f"
    return _declined(numbers.decimal(text, language, gender), match, language)


def _declined(said: str, match: Match, language: str) -> str:
    """Return a German "ein" or "eine" as it is behind a preposition: in einer Stunde, in einem Kilometer."""
    if HABITS[language].code != "de" or not _before(match, "in|nach|vor|seit|mit|von|bei|zu|aus|binnen"):
        return said
    return re.sub(r"^eine\b", "einer", re.sub(r"^ein\b", "einem", said))


def _before(match: Match, words: str) -> bool:
    """Return whether one of ``words``, a pattern, stands right before a match."""
    before = match.string[max(0, match.start() - 16) : match.start()]
    return re.search(rf"\b(?:{words})\s+$", before, re.IGNORECASE) is not None


def _year_or_number(text: str, language: str) -> str:
    return numbers.year(int(text), language) if 1100 <= int(text) < 2000 else numbers.decimal(text, language)


def _season(match: Match, language: str) -> str:
    until = "" if match["stroke"] == "/" else f"{HABITS[language].until} "
    return f"{numbers.year(int(match['since']), language)} {until}{numbers.decimal(match['until'], language)}"


def _dotted(text: str, language: str) -> str:
    """Return a version, an address (digit by digit) or a list of numbers."""
    if re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", text):
        return f" {HABITS[language].point} ".join(numbers.digits(part, language) for part in text.split("."))
    parts = (
        f" {HABITS[language].point} ".join(numbers.decimal(part, language) for part in each.split("."))
        for each in text.split(",")
    )
    return ", ".join(parts)


def _roman(match: Match, language: str) -> str:
    code = HABITS[language].code

    def ordinal(worth: int, gender: str) -> str:
        if code != "de":
            return numbers.ordinal(worth, language, gender)
        after = _before(match, "mit|von|unter|bei|nach|zu|seit|vor|aus")
        article = ("der" if gender == "f" else "dem") if after else ("die" if gender == "f" else "der")
        return f"{article} {numbers.ordinal(worth, language, 'n' if after else 'f')}"

    said = read_roman(match, code, lambda worth: numbers.cardinal(worth, language), ordinal)
    closing = match[0].endswith(".") and match.end() == len(match.string) and not said.endswith(".")
    return f"{said}." if closing else said


def _sign(match: Match, habits: Habits) -> str:
    if match["plus"]:
        return f"{habits.plus_minus if match['plus'] == '±' else habits.plus} "
    names = {"+": habits.plus, "±": habits.plus_minus, "÷": habits.over, ":": habits.over, "=": habits.equals}
    return f" {names.get(match['operator'], habits.times)} "


def _rest(match: Match, language: str) -> str:
    """Return digits that stand among letters or marks, parted from letters."""
    text, start, end = match.string, match.start(), match.end()
    before = " " if start and text[start - 1].isalpha() else ""
    tail = re.match(r"[^\W\d_]+", text[end:])
    joined = HABITS[language].code == "de" and tail is not None and len(tail[0]) > 2 and tail[0].islower()
    return f"{before}{numbers.decimal(match[0], language)}{' ' if tail and not joined else ''}"
