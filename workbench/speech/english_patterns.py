"""What numbers, dates, times and money look like in English."""

import re
from functools import cache

from workbench.speech.language_patterns import OWED, VULGAR, any_of
from workbench.speech.language_units import SIGNS, UNITS, currency_codes
from workbench.speech.roman import roman_pattern

ENGLISH_UNITS = {
    **UNITS,
    "lbs": "mass-pound",
    "mins": "duration-minute",
    "hr": "duration-hour",
    "hrs": "duration-hour",
    "sec": "duration-second",
    "secs": "duration-second",
    "yrs": "duration-year",
    "sq ft": "area-square-foot",
    "fl oz": "volume-fluid-ounce",
    "gal": "volume-gallon",
    "pt": "volume-pint",
    "qt": "volume-quart",
    "tbsp": "volume-tablespoon",
    "tsp": "volume-teaspoon",
    "mpg": "consumption-mile-per-gallon",
    "kbps": "digital-kilobit",
    "Mbps": "digital-megabit",
    "Gbps": "digital-gigabit",
}
"""What stands for units, with their names in CLDR; rates of data are "per second"."""

EACH = {
    "yr": "year",
    "hr": "hour",
    "mo": "month",
    "wk": "week",
    "min": "minute",
    "sec": "second",
    "s": "second",
}
"""What is short behind a stroke."""

NUMBERED = {
    "no.": "number",
    "nos.": "numbers",
    "n°": "number",
    "nº": "number",
    "#": "number",
    "p.": "page",
    "pp.": "pages",
    "ch.": "chapter",
    "vol.": "volume",
    "fig.": "figure",
    "sec.": "section",
    "§": "section",
    "ext.": "extension",
    "tel.": "telephone",
    "apt.": "apartment",
    "rs.": "rupees",
}
"""What is short only before a number."""

WORDS = {
    "mr.": "mister",
    "mrs.": "missus",
    "ms.": "miz",
    "dr.": "doctor",
    "prof.": "professor",
    "jr.": "junior",
    "sr.": "senior",
    "etc.": "et cetera",
    "e.g.": "for example",
    "i.e.": "that is",
    "vs.": "versus",
    "approx.": "approximately",
    "ave.": "avenue",
    "blvd.": "boulevard",
    "w/": "with",
    "&": "and",
    "@": "at",
    "+": "plus",
    "=": "equals",
    "°": "degrees",
    "°f": "degrees Fahrenheit",
    "°c": "degrees Celsius",
}
"""Abbreviations and signs."""

SCALES = {
    "k": "thousand",
    "m": "million",
    "mn": "million",
    "bn": "billion",
    "b": "billion",
    "tn": "trillion",
    "t": "trillion",
}
"""What is short for thousands and more behind an amount of money."""

_AMOUNT = (
    r"(?:\d{1,3}(?:,\d{3}){1,9}(?!\d)(?:\.\d+)?|\d{1,2}(?: \d{3}){2,9}(?!\d)(?:\.\d+)?"
    r"|\d+(?:\.\d+)?|\.\d+)"
)
_COMPASS = (
    r"(?-i:[NSEW])\.?\s(?:\d+(?:st|nd|rd|th)\b"
    r"|(?-i:[A-Z])\w+\s(?:st|street|ave|avenue|rd|road|blvd|boulevard)\b)"
)
"""A point of the compass in an address, as in ``22 W. 34th St.``, which is no unit."""
_FOREIGN = (
    r"\d{1,3}(?:\.\d{3}){1,9},\d+(?!\d)|\d{1,3}(?:\.\d{3}){2,9}(?!\d)"
    r"|\d{1,3}(?:['’\u00a0\u202f]\d{3}){1,9}(?!\d)"
)
_HALF = r"(?:(?P<half>[ap])\.\s?m\.?|(?P<half2>[ap])m)(?!\w)"
_MONTH = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Apr(?:il)?|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|"
    "Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|(?-i:May|Mar|March))"  # may and march are words as well
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?:1[1-9]\d\d|20\d\d)"


@cache
def pattern() -> re.Pattern[str]:
    """Return what is looked for: a named group for each kind, and groups for its parts."""
    amount = rf"(?:{_FOREIGN}|{_AMOUNT})"
    parts = {
        "iso": rf"\b{_YEAR}(?P<iso_mark>[-/])(?:0?[1-9]|1[0-2])(?P=iso_mark)(?:0?[1-9]|[12]\d|3[01])"
        r"(?:(?P<at>T)(?=\d\d:\d\d)|\b)",
        "date": r"(?<![\w.])(?:0?[1-9]|[12]\d|3[01])(?P<mark>[/.-])(?:0?[1-9]|[12]\d|3[01])(?P=mark)"
        r"(?:[12]\d{3}|\d\d)(?![\w/]|[.-]\d)",
        "named": rf"\b(?:{_MONTH}(?:\.?\s+|-){_DAY}\b"
        rf"|{_DAY}\s+(?:{_MONTH}|(?:may|march)(?=,?\s[12]\d{{3}}\b))\b)"
        r"(?:(?:,?\s+|-)[12]\d{3}\b)?",
        "years": rf"(?<![\w-])(?P<since>{_YEAR})\s?[-–]\s?(?P<until>{_YEAR})(?![\w-])",
        "season": r"(?<![\w/])(?P<winter>20\d\d|19\d\d)(?P<stroke>[/-])(?P<spring>\d\d)(?![\w/-])",
        "phone": r"(?<![\w.])(?:\+?\d{1,2}[ -]?)?(?:\(\d{3}\)[ -]?|\d{3}[ .-])?\d{3}[.-]\d{4}(?:-\d{4})?\b"
        r"(?!\.\d)",
        "groups": r"(?<![\w.-])\d{2,4}-\d{2,4}-\d{2,4}(?![\w-])",
        "decade": r"(?P<tens>\b(?:1[5-9]|20)\d0s|(?<!\w)['’]?[2-9]0s)\b"
        r"(?P<till_decade>\s?[-–]\s?(?=['’]?\d+0s\b))?",
        "across": r"(?<![\w.,])\d{1,9}(?:\.\d+)?(?:x\d{1,9}(?:\.\d+)?){1,3}(?!\w)",
        "degrees": rf"(?<![\w.])(?P<heat>[-−–]?{amount})\s?°\s?(?P<scale_of>[CF])\b",
        "turned": rf"(?<![\w.])(?P<angle>[-−–]?{amount})\s?°(?!\w)",
        "time": r"(?:\b|(?<=\dT))(?P<hour>[01]?\d|2[0-3])"
        r"(?::(?P<minute>[0-5]\d)|\.(?P<minute2>[0-5]\d)(?=\s?[ap]\.?m))"
        rf"(?::(?P<second>[0-5]\d))?(?![\d:])(?:\s?{_HALF.replace('<half', '<clock')})?"
        r"(?P<till>\s?[-–]\s?(?=(?:[01]?\d|2[0-3]):[0-5]\d))?",
        "hours": rf"\b(?P<oclock>0?[1-9]|1[0-2])\s?{_HALF.replace('<half', '<late')}"
        r"(?P<till2>\s?[-–]\s?(?=(?:0?[1-9]|1[0-2])(?::[0-5]\d)?\s?[ap]\.?m))?",
        "from_hour": r"\b(?P<early>0?[1-9]|1[0-2])\s?[-–]\s?"
        r"(?=(?:0?[1-9]|1[0-2])(?::[0-5]\d)?\s?[ap]\.?\s?m)",
        "sums": rf"(?<!\w)(?P<sign_of>[$£€])(?P<least>{amount})\s?[-–]\s?(?P=sign_of)?(?P<most>{amount})"
        r"(?![\w%-]|[.,]\d)",
        "money": _monies(amount),
        "percent": rf"(?<![\w.,])(?P<share>[-−–]?{amount})\s?(?P<hundred>[%‰])",
        "nth": r"(?<![\w.])(?P<ordinal>\d{1,3}(?:,\d{3})+|\d{1,9})(?:st|nd|rd|th)\b",
        "size": r"(?<![\w.])(?P<feet>\d{1,2})['’′](?P<inches>\d{1,2})(?:[\"”″]|'')",
        "fraction": r"(?<![\w/.,])(?:(?P<wholes>\d{1,9})\s)?(?P<top>\d{1,3})[/⁄](?P<bottom>\d{1,4})"
        r"(?P<nth_part>ths?|rds?|nds?)?(?![\w/])",
        "vulgar": rf"(?:(?<![\w.,/])(?P<wholes2>[-−–]?\d{{0,9}})\s?)?(?P<part_of>[{VULGAR}])"
        rf"(?:\s?(?P<portion>{any_of(ENGLISH_UNITS)})(?![\w/]))?",
        "length": r"(?<![\w.])(?P<long>\d{1,9})\s?ft\.?\s(?P<more>\d{1,2})\s?in\b\.?",
        "measured": rf"(?<![\w.,])(?P<measure>[-−–]?{amount})"
        r"(?P<times>\s(?:million|billion|trillion|thousand))?"
        rf"(?P<between>\s|-(?=\w\w))?(?!{_COMPASS})(?P<unit>{any_of(ENGLISH_UNITS)})(?![\w/²³])"
        r"(?:\s?/\s?(?P<each>[^\W\d_]{1,8})(?!\w))?",
        "range": rf"(?<![\w.,-])(?P<low>{amount})(?P<dash>\s?[-–]\s?)"
        rf"(?=(?P<high>{amount})(?!\d|[.,]\d|-|\s?=))",
        "owed": OWED,
        "minus": rf"(?<![\w)\].,])[-−–](?P<below>{amount})(?!\w)",
        "dotted": r"(?<![\w.,])(?P<version>v)?\d+(?:\.\d+){2,}(?!\w)|(?<!\w)(?P<version2>v)\d+\.\d+(?![\w.])",
        "number": rf"(?<![\w.,])(?P<amount>{amount})(?!\w)",
        "roman": roman_pattern("en"),
        "numbered": rf"(?<!\w)(?P<kind_of>{any_of(NUMBERED)})(?!(?<=no\.)\s?[IVX]\b)"  # "No. I can't."
        r"\s?(?=\d|(?-i:[IVX]+)\b)",
        "street": r"(?<=[a-z]\s)(?-i:St|Rd)\.|(?<!\w)(?-i:St)\.(?=\s(?-i:[A-Z]))",
        "operator": rf"(?P<plus>(?<![\w.,)])[+±]\s?(?=\d))"
        rf"|(?<=[\d%)°{VULGAR}])(?P<sum_of>\s?[+×·÷=]\s?|\s[x]\s)(?=[(\d.-]|[^\W\d_]\b)",
        "mixed": r"\b(?=\w*\d)(?=\w*[a-z])[a-z0-9]+\b",
        "word": rf"(?<!\w)(?:{any_of(WORDS)})(?!\w)",
        "rest": r"\d+",
    }
    return re.compile("|".join(f"(?P<{name}>{part})" for name, part in parts.items()), re.IGNORECASE)


def _monies(amount: str) -> str:
    signs = "|".join(re.escape(sign) for sign in sorted(("US$", *"$£€¥", *SIGNS), key=len, reverse=True))
    codes = "|".join(sorted(currency_codes()))
    scale = rf"(?:\s?-?(?P<scale>thousand|million|billion|trillion)\b|\s?(?P<short>{any_of(SCALES)})(?!\w))?"
    each = r"(?:\s?/\s?(?P<every>[^\W\d_]{1,8})(?!\w))?"
    return (
        rf"(?<![\w$])(?:(?P<symbol>{signs}|(?-i:{codes})(?=[\s\d]))\s?(?P<sum>[-−–]?{amount}){scale}"
        rf"|(?P<sum2>[-−–]?{amount}){scale.replace('<scale', '<scale2').replace('<short', '<short2')}"
        rf"\s?(?P<symbol2>{signs}|(?-i:{codes})))(?![\w.]\d|\w){each}"
    )
