"""Names of units and currencies by CLDR (Babel)."""

import re
from functools import cache

from babel.core import get_global
from babel.numbers import get_currency_name, get_territory_currencies
from babel.units import format_unit

from workbench.speech.language_nouns import gender_of
from workbench.speech.reading_habits import Noun, folded

UNITS = {
    "km": "length-kilometer",
    "m": "length-meter",
    "dm": "length-decimeter",
    "cm": "length-centimeter",
    "mm": "length-millimeter",
    "μm": "length-micrometer",
    "µm": "length-micrometer",
    "nm": "length-nanometer",
    "ft": "length-foot",
    "mi": "length-mile",
    "yd": "length-yard",
    "kg": "mass-kilogram",
    "g": "mass-gram",
    "mg": "mass-milligram",
    "t": "mass-tonne",
    "lb": "mass-pound",
    "oz": "mass-ounce",
    "l": "volume-liter",
    "L": "volume-liter",
    "dl": "volume-deciliter",
    "cl": "volume-centiliter",
    "ml": "volume-milliliter",
    "mL": "volume-milliliter",
    "hl": "volume-hectoliter",
    "m²": "area-square-meter",
    "m2": "area-square-meter",
    "km2": "area-square-kilometer",
    "m3": "volume-cubic-meter",
    "km²": "area-square-kilometer",
    "cm²": "area-square-centimeter",
    "ha": "area-hectare",
    "m³": "volume-cubic-meter",
    "cm³": "volume-cubic-centimeter",
    "km³": "volume-cubic-kilometer",
    "km/h": "speed-kilometer-per-hour",
    "kph": "speed-kilometer-per-hour",
    "m/s": "speed-meter-per-second",
    "mph": "speed-mile-per-hour",
    "h": "duration-hour",
    "min": "duration-minute",
    "s": "duration-second",
    "ms": "duration-millisecond",
    "V": "electric-volt",
    "mA": "electric-milliampere",
    "W": "power-watt",
    "kW": "power-kilowatt",
    "MW": "power-megawatt",
    "GW": "power-gigawatt",
    "kWh": "energy-kilowatt-hour",
    "kJ": "energy-kilojoule",
    "kcal": "energy-kilocalorie",
    "cal": "energy-calorie",
    "Pa": "pressure-pascal",
    "hPa": "pressure-hectopascal",
    "bar": "pressure-bar",
    "Hz": "frequency-hertz",
    "kHz": "frequency-kilohertz",
    "MHz": "frequency-megahertz",
    "GHz": "frequency-gigahertz",
    "kB": "digital-kilobyte",
    "MB": "digital-megabyte",
    "GB": "digital-gigabyte",
    "TB": "digital-terabyte",
    "°C": "temperature-celsius",
    "°F": "temperature-fahrenheit",
}
"""What stands for units in any language, with their names in CLDR."""

SIGNS = {
    "₹": "INR",
    "₩": "KRW",
    "₽": "RUB",
    "₺": "TRY",
    "₴": "UAH",
    "₪": "ILS",
    "₫": "VND",
    "₱": "PHP",
    "₦": "NGN",
    "฿": "THB",
    "₡": "CRC",
    "zł": "PLN",
    "Kč": "CZK",
    "CA$": "CAD",
    "A$": "AUD",
    "MX$": "MXN",
    "HK$": "HKD",
    "NZ$": "NZD",
}
"""Signs of currencies that mean the same everywhere."""


@cache
def unit(name: str, rules: str) -> Noun:
    """Return the unit that CLDR calls ``name`` in a language, as ``de`` or ``pt_PT``.

    >>> unit("energy-kilowatt-hour", "de"), unit("speed-meter-per-second", "it")
    (Noun(gender='f', one='Kilowattstunde', many='Kilowattstunden'), \
Noun(gender='m', one='metro al secondo', many='metri al secondo'))
    """
    one, many = (
        re.sub(r"[\s\u00a0]*\d[\s\u00a0]*", "", format_unit(count, name, "long", locale=rules))
        for count in (1, 2)
    )
    return Noun(gender_of(one.split()[0], rules[:2]), one, many)


@cache
def currency(sign: str, rules: str) -> Noun:
    """Return a currency in a language, by its code (ISO 4217) or one of :data:`SIGNS`.

    >>> currency("PLN", "es"), currency("₹", "it")
    (Noun(gender='m', one='esloti polaco', many='eslotis polacos'), \
Noun(gender='f', one='rupia indiana', many='rupie indiane'))
    """
    code = next((code for name, code in SIGNS.items() if folded(name) == folded(sign)), sign.upper())
    one, many = (get_currency_name(code, count=count, locale=rules) for count in (1, 2))
    if rules[:2] not in ("de", "en"):
        one, many = one[:1].lower() + one[1:], many[:1].lower() + many[1:]
    return Noun(gender_of(one.split()[-1 if rules[:2] == "de" else 0], rules[:2]), one, many)


_WORDS = "ALL BAM BOB CUP GEL LAK MAD MOP RON SOS TOP TRY"
"""Codes of currencies that are words, in capital letters."""


@cache
def currency_codes() -> frozenset[str]:
    """Return the codes of the currencies that are paid with somewhere and aren't words in capital letters."""
    paid = (get_territory_currencies(territory) for territory in get_global("territory_currencies"))
    return frozenset(code for codes in paid for code in codes) - frozenset(_WORDS.split())
