"""The languages besides English whose numbers, dates, times and money are read by the workbench."""

from collections.abc import Mapping
from types import MappingProxyType

from workbench.speech.habits_french import FRENCH
from workbench.speech.habits_german import GERMAN
from workbench.speech.habits_italian import ITALIAN
from workbench.speech.habits_portuguese import PORTUGUESE
from workbench.speech.habits_spanish import SPANISH
from workbench.speech.reading_habits import Habits

HABITS: Mapping[str, Habits] = MappingProxyType(
    {"de": GERMAN, "es": SPANISH, "fr": FRENCH, "it": ITALIAN, "pt": PORTUGUESE}
)
"""By the first part of a language's tag."""
