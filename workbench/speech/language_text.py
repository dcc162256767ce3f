"""How written German, Spanish, French, Italian and Portuguese are read aloud; English is in ``text``.

Whatever is not recognised stays as written. Dates are read day before month, as these languages write them.
"""

import re
from collections.abc import Callable
from functools import cache

from workbench.speech import language_numbers as numbers
from workbench.speech.language_habits import HABITS
from workbench.speech.language_nouns import gender_before
from workbench.speech.language_patterns import pattern, short_months
from workbench.speech.reading_habits import Habits
from workbench.speech.text import Reading

_GERMAN_CASES = (
    (re.compile(r"\b(?:am|vom|zum|beim|den|dem|bis|ab|seit|des|im|zur)\s+$", re.IGNORECASE), "n"),
    (re.compile(r"\b(?:in|von|mit|auf|bei|nach|aus|seit|an|vor)\s+der\s+$", re.IGNORECASE), "n"),
    (re.compile(r"\b(?:der|die|das)\s+$", re.IGNORECASE), "f"),
)
"""What stands before a day, and the ending that it then has."""

_HOURS_AFTER = {"es": r"(?:a|de|desde|sobre|hacia) las?", "pt": "às|à|das"}
"""What stands before an hour that is told without the word."""

Reader = Callable[[re.Match[str]], str]


def readings(text: str, language: str) -> tuple[Reading, ...]:
    """Return ``text`` cut into stretches; their ``written`` parts joined are ``text``.

    >>> [one.spoken for one in readings("Um 14:30 Uhr, 2,20 €.", "de")]
    ['Um ', 'vierzehn Uhr dreißig', ', ', 'zwei Euro zwanzig Cent', '.']
    """
    looked_for, readers = _reading(language)
    found: list[Reading] = []
    at = 0
    for match in looked_for.finditer(text):
        spoken = readers[match.lastgroup or ""](match)
        if match.start() > at:
            found.append(Reading(text[at : match.start()], text[at : match.start()]))
        found.append(Reading(match[0], spoken))
        at = match.end()
    if at < len(text):
        found.append(Reading(text[at:], text[at:]))
    return tuple(found)


def read_as(text: str, kind: str, language: str, form: str = "") -> str:
    """Return how ``text`` is said when it is known to be ``kind``, one of ``ssml.scales.SAY_AS``.

    Text that is not of that kind is read as usual. ``form`` is the order of a date, as ``mdy``.

    >>> read_as("3/4/2026", "date", "es"), read_as("3/4/2026", "date", "es", "mdy")
    ('tres de abril de dos mil veintiséis', 'cuatro de marzo de dos mil veintiséis')
    >>> read_as("2/3", "fraction", "de"), read_as("3", "ordinal", "fr"), read_as("42", "digits", "it")
    ('zwei Drittel', 'troisième', 'quattro due')
    """
    bare = text.strip()
    reader = _KINDS.get(kind)
    said = reader(bare, language, form) if reader is not None else None
    return said or "".join(one.spoken for one in readings(text, language))


def _letters(text: str, language: str, _: str) -> str:
    return " ".join(numbers.digits(char, language) or char for char in text if not char.isspace())


def _digits(text: str, language: str, _: str) -> str:
    return numbers.digits(text, language)


def _stated_phone(text: str, language: str, _: str) -> str:
    return _phone(text, language)


def _stated_time(text: str, language: str, _: str) -> str | None:
    match = re.fullmatch(r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?", text)
    if match is None:
        return None
    return numbers.time_of_day(int(match[1]), int(match[2]), _second(match[3]), language)


def _stated_cardinal(text: str, language: str, _: str) -> str | None:
    value = _whole(text)
    return None if value is None else numbers.cardinal(value, language)


def _stated_ordinal(text: str, language: str, _: str) -> str | None:
    value = _whole(text)
    return None if value is None else numbers.ordinal(value, language, "f" if text.endswith("ª") else "m")


def _whole(text: str) -> int | None:
    """Return a whole number that has a name, without the marks around it."""
    if not re.fullmatch(r"\d[\d. \u00a0\u202f]{0,18}[ºª°.]?", text):
        return None
    value = int(re.sub(r"\D", "", text))
    return value if value <= numbers.LARGEST else None


def _phone(text: str, language: str) -> str:
    """Return a number to call: a country of up to two digits as a number, the rest digit by digit."""
    groups = re.findall(r"\d+", text)
    if not text.startswith("+") or not groups:
        return ", ".join(numbers.digits(group, language) for group in groups)
    country, *rest = groups
    said = (
        numbers.cardinal(int(country), language) if len(country) <= 2 else numbers.digits(country, language)
    )
    return ", ".join([f"{HABITS[language].plus} {said}", *(numbers.digits(one, language) for one in rest)])


def _second(text: str | None) -> int | None:
    return None if text is None else int(text)


def _stated_date(text: str, language: str, form: str) -> str | None:
    found = [int(part) for part in re.findall(r"\d+", text)]
    order = form.lower() or ("ymd" if re.match(r"\d{4}", text) else "dmy")[: len(found)]
    if re.search(r"[^\d./ -]", text) or not found or len(order) != len(found):
        return None
    parts = dict(zip(order, found, strict=True))
    month, day = parts.get("m"), parts.get("d")
    if month is None or not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        return None
    return numbers.date(day, month, _full(parts["y"]) if "y" in parts else None, language)


def _full(year: int) -> int:
    """Return a year of two digits as one of this century or the last."""
    if year >= 100:
        return year
    return 2000 + year if year < 70 else 1900 + year


def _stated_fraction(text: str, language: str, _: str) -> str | None:
    match = re.fullmatch(r"([-−–])?(?:(\d{1,9})\s+)?(\d{1,9})\s*/\s*(\d{1,9})", text)
    if match is None or int(match[4]) < 2:
        return None
    minus = f"{HABITS[language].minus} " if match[1] else ""
    said = numbers.fraction(int(match[3]), int(match[4]), language)
    if not match[2]:
        return minus + said
    whole = numbers.cardinal(int(match[2]), language, "m" if language == "de" else "")
    known = HABITS[language].fractions.get(int(match[4]))
    if known is not None and int(match[3]) == 1 and language != "de":
        said = known[0]
    return f"{minus}{whole} {'' if language == 'de' else HABITS[language].link + ' '}{said}"


@cache
def _reading(language: str) -> tuple[re.Pattern[str], dict[str, Reader]]:
    """Return what is looked for in a language, and how each is read."""
    habits = HABITS[language]
    readers: dict[str, Reader] = {
        "iso": lambda m: _date(m, ("iso_day", "iso_month", "iso_year"), language),
        "date": lambda m: _date(m, ("day", "month", "year"), language),
        "named": lambda m: _of_month(m, language),
        "phone": lambda m: _phone(m[0], language),
        "time": lambda m: _time(m, language),
        "range": lambda m: _low(m, language),
        "money": lambda m: _money(m, language),
        "percent": lambda m: f"{_plain(m['share'], language)} {habits.percent}",
        "measured": lambda m: _measured(m, language),
        "short_date": lambda m: _short_date(m),
        "nth": lambda m: _nth(m, language),
        "ratio": lambda m: _ratio(m, language),
        "minus": lambda m: f"{habits.minus} {_plain(m['below'], language)}",
        "number": lambda m: _number(m, language),
        "dotted": lambda m: _dotted(m[0], language),
        "word": lambda m: _short(m["short"], habits),
    }
    return pattern(language), readers


def _bare(text: str) -> str:
    """Return a number without the marks between its thousands."""
    return re.sub("[. \u00a0\u202f]", "", text)


def _plain(text: str, language: str) -> str:
    return numbers.decimal(_bare(text), language)


def _date(match: re.Match[str], names: tuple[str, str, str], language: str) -> str:
    day, month, year = (int(match[name]) for name in names)
    return numbers.date(day, month, _full(year), language, case=_case(match, language))


def _of_month(match: re.Match[str], language: str) -> str:
    named = match["named_month"].lower()
    months = [name.lower() for name in HABITS[language].months]
    short = short_months(HABITS[language])
    month = months.index(named) + 1 if named in months else short[named.rstrip(".")]
    year = int(match["named_year"]) if match["named_year"] else None
    return numbers.date(int(match["named_day"]), month, year, language, case=_case(match, language))


def _case(match: re.Match[str], language: str) -> str:
    if language != "de":
        return "m"
    before = match.string[max(0, match.start() - 12) : match.start()]
    return next((case for words, case in _GERMAN_CASES if words.search(before)), "m")


def _time(match: re.Match[str], language: str) -> str:
    told = match.groupdict()
    hour = int(told["hour"] or told["hour2"])
    minute = int(told["minute"] or told.get("minute2") or 0)
    said = numbers.time_of_day(hour, minute, _second(told["second"]), language)
    half = (told.get("half") or told.get("half2") or "").strip().lower()
    if not half:
        return said
    if half[0] == "p":
        return f"{said} {'del mediodía' if hour == 12 else 'de la tarde'}"
    return f"{said} {'de la noche' if hour == 12 else 'de la mañana'}"


def _money(match: re.Match[str], language: str) -> str:
    habits = HABITS[language]
    symbol = match["symbol"] or match["symbol2"]
    currency = habits.currencies[symbol if symbol in habits.currencies else symbol.upper()]
    written, scale = match["sum"] or match["sum2"], match["scale"] or match["scale2"]
    text = _bare(re.sub(r"\.(\d\d)$", r",\1", written))  # $1.50, as some write it in any language
    if scale:
        scale = habits.abbreviations.get(scale, scale)
        said = numbers.decimal(text, language, "f" if language == "de" else "m")
        return f"{said} {scale} {numbers.of(currency.whole.many, language)}"
    return numbers.money(text, currency, language)


def _measured(match: re.Match[str], language: str) -> str:
    units, unit = HABITS[language].units, match["unit"]
    noun = units.get(unit) or next(noun for name, noun in units.items() if name.lower() == unit.lower())
    if unit in ("M", "G", "S"):  # 5G, 3 M: whatever it is, no metres, grams or seconds
        return f"{_plain(match['measure'], language)} {unit}"
    if unit.lower() == "s" and not match["between"]:
        return f"{_plain(match['measure'], language)} s"  # the eighties, not eighty seconds
    if match["times"]:
        said = numbers.decimal(_bare(match["measure"]), language, "f" if language == "de" else "m")
        return f"{said} {match['times']} {numbers.of(noun.many, language)}"
    return _declined(numbers.counted(_bare(match["measure"]), noun, language), match, language)


def _ratio(match: re.Match[str], language: str) -> str:
    """Return a fraction; what may be a date or a range (but in German: those are dotted) as two numbers."""
    top, bottom = int(match["top"]), int(match["bottom"])
    usual = top <= 3 and bottom in (2, 3, 4)
    if not (usual or (language == "de" and 0 < top < bottom)):
        parts = re.findall(r"\d+", match["ratio_of"])
        return " ".join(numbers.decimal(part, language) for part in parts)
    return _stated_fraction(match["ratio_of"], language, "") or match[0]


def _dotted(text: str, language: str) -> str:
    """Return a version, an address or a list of numbers."""
    parts = (
        f" {HABITS[language].point} ".join(numbers.decimal(part, language) for part in each.split("."))
        for each in text.split(",")
    )
    return ", ".join(parts)


def _short_date(match: re.Match[str]) -> str:
    said = numbers.date(
        int(match["short_day"]), int(match["short_month"]), None, "de", case=_case(match, "de")
    )
    return said if match.end() < len(match.string) else f"{said}."


def _nth(match: re.Match[str], language: str) -> str:
    if language == "de":
        end = "" if match["last"] is None else "."
        if end and not _before(match, r"am|den|zum|vom"):  # "ich nehme die 3.", but "am 13."
            return f"{numbers.cardinal(int(match['nth_of']), 'de')}."
        return numbers.ordinal(int(match["nth_of"]), "de", _case(match, "de")) + end
    feminine = match["sign"] in ("ª", "ère", "ères", "re", "nde")
    value = int(re.sub(r"\D", "", match["nth_of"]))
    said = numbers.ordinal(value, language, "f" if feminine else "m")
    if language == "es" and match["sign"].lower() == "er":
        return said[:-1]
    return said + "s" if match["sign"] in ("ers", "ères", "èmes") else said


def _low(match: re.Match[str], language: str) -> str:
    """Return the lower end of a range and what leads to the upper; a score or a sum stays as it is."""
    low, high = (int(_bare(match[name]).partition(",")[0]) for name in ("low", "high"))
    if language == "de" and re.fullmatch(r"1[1-9]\d\d", match["low"]):
        said = numbers.year(low, "de")
    else:
        said = numbers.decimal(_bare(match["low"]), language, "m" if language == "de" and high < 100 else "")
    return f"{said} {HABITS[language].until} " if low < high else f"{said}{match['dash']}"


def _number(match: re.Match[str], language: str) -> str:
    text, following = _bare(match["amount"]), match["next"] or ""
    if re.fullmatch(r"\d{7,}", match["amount"]):
        return numbers.digits(text, language)
    if language == "de" and re.fullmatch(r"1[1-9]\d\d", match["amount"]):
        return numbers.year(int(text), "de")
    if re.fullmatch(HABITS[language].scales, following, re.IGNORECASE):
        return numbers.decimal(text, language, "f" if language == "de" else "m")
    value = int(text) if text.isdecimal() else 0
    gender = gender_before(following, value, language)
    if not gender and _before(match, _HOURS_AFTER.get(language, "(?!)")):
        gender = "f"
    return _declined(numbers.decimal(text, language, gender), match, language)


def _declined(said: str, match: re.Match[str], language: str) -> str:
    """Return a German "ein" or "eine" as it is behind a preposition: in einer Stunde, in einem Kilometer."""
    if language != "de" or not _before(match, r"in|nach|vor|seit|mit|von|bei|zu|aus|binnen"):
        return said
    return re.sub(r"^eine\b", "einer", re.sub(r"^ein\b", "einem", said))


def _before(match: re.Match[str], words: str) -> bool:
    """Return whether one of ``words``, a pattern, stands right before a match."""
    before = match.string[max(0, match.start() - 16) : match.start()]
    return re.search(rf"\b(?:{words})\s+$", before, re.IGNORECASE) is not None


def _short(text: str, habits: Habits) -> str:
    known = {word.lower(): spoken for word, spoken in habits.abbreviations.items()}
    return known[text.lower()]


_KINDS: dict[str, Callable[[str, str, str], str | None]] = {
    "characters": _letters,
    "spell-out": _letters,
    "verbatim": _letters,
    "digits": _digits,
    "telephone": _stated_phone,
    "date": _stated_date,
    "time": _stated_time,
    "fraction": _stated_fraction,
    "cardinal": _stated_cardinal,
    "number": _stated_cardinal,
    "ordinal": _stated_ordinal,
}
