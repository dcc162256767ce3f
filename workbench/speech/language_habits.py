"""The languages besides English whose numbers, dates, times and money are read by the workbench."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from workbench.core.languages import primary, region
from workbench.speech.habits_french import FRENCH
from workbench.speech.habits_german import GERMAN
from workbench.speech.habits_italian import ITALIAN
from workbench.speech.habits_portuguese import EUROPEAN_CURRENCIES, PORTUGUESE
from workbench.speech.habits_spanish import PESOS, SPANISH
from workbench.speech.reading_habits import Habits


def _pointed(habits: Habits) -> Habits:
    """Return habits whose decimals follow a point, as in Mexico and Switzerland."""
    return replace(habits, decimal=".", comma=habits.point)


_WITH_PESOS = replace(SPANISH, currencies=MappingProxyType({**SPANISH.currencies, **PESOS}))

HABITS: Mapping[str, Habits] = MappingProxyType(
    {
        "de": GERMAN,
        "es": SPANISH,
        "fr": FRENCH,
        "it": ITALIAN,
        "pt": PORTUGUESE,
        "de-CH": replace(_pointed(GERMAN), rules="de_CH"),
        "es-AR": _WITH_PESOS,
        "es-MX": _pointed(_WITH_PESOS),
        "es-US": _pointed(SPANISH),
        "fr-BE": replace(FRENCH, rules="fr_BE"),
        "fr-CH": replace(FRENCH, rules="fr_CH"),
        "it-CH": _pointed(ITALIAN),
        "pt-PT": replace(PORTUGUESE, rules="pt_PT", currencies=EUROPEAN_CURRENCIES),
    }
)
"""By a language, and by a region where it reads otherwise."""

_ALIKE = {
    "de": {"CH": "LI"},
    "es": {"AR": "CL CO UY", "MX": "DO", "US": "GT HN NI PA PE PR SV 419"},
    "fr": {"BE": "CD"},
    "pt": {"PT": "AO CV GW MZ ST TL"},
}
"""Regions that read as another one does."""


def habits_for(language: str) -> str | None:
    """Return the key in :data:`HABITS` of a BCP 47 tag, or none if that language is not read.

    >>> habits_for("pt-AO"), habits_for("de_DE"), habits_for("es-419"), habits_for("en")
    ('pt-PT', 'de', 'es-US', None)
    """
    code, own = primary(language), region(language)
    if code not in HABITS:
        return None
    alike = _ALIKE.get(code, {})
    reads_as = next((one for one, others in alike.items() if own in others.split()), own)
    return f"{code}-{reads_as}" if f"{code}-{reads_as}" in HABITS else code
