"""The gender that a number takes from the word behind it, as far as that word tells.

Where no noun follows ("press 1 for sales"), the number stands alone and is counted as such.
"""

import re

_ALONE = {
    "de": "mal",
    "es": "para por con sin del está las los que más fue era será tiene hasta desde entre como cuando pero "
    "hay sus menos después entonces además tras dos tres seis pues son según sobre",
    "fr": "",
    "it": "per con senza del della dei delle degli che più non tra fra alla alle nel nella sul sulla sono "
    "era come quando fino oppure",
    "pt": "para por com sem dos das nos nas está que mas mais foi era será até entre como quando tem pela "
    "pelo menos depois dois três seis são sobre",
}
"""Words that no noun is, and that a number before them does not count."""

_FEMININE = {
    "de": r"(?!(?:kunde|name|junge|kollege|käse|gedanke|buchstabe|ende|auge|gebäude|experte|hase|löwe|neffe|"
    r"zeuge|bote|gemüse|interesse|.*byte|joule)$).*(?:e|ung|heit|keit|ion|schaft|tät|ei)"
    r"|frau|person|nacht|stadt|(?:e-?)?mail|nummer|tochter|mutter|schwester|antwort|zahl|hand|tür|bank|fahrt",
    "es": r"(?!(?:av|cam|gu)i[óo]n)(?:.*(?:a|as|dad|dades|ión|iones))"
    r"|noches?|tardes?|vez|veces|mujer(?:es)?|manos?|partes?|clases?|llaves?|luz|luces|flor(?:es)?|calles?",
    "fr": r".*(?:tion|sion|ette)s?|(?:heure|minute|seconde|semaine|journée|soirée|année|personne|femme|fille|"
    r"chose|place|page|chambre|nuit|table|pièce|ligne|voiture|porte|ville|tonne|entrée|étape|réponse|livre|once|calorie|kilocalorie|couronne|roupie)s?"
    r"|fois",
    "it": r".*(?:a|[zs]ione|tà)|notte|parte|mano|chiave|luce|e-?mail",
    "pt": r".*(?:a|as|ção|ções|são|sões|dade|dades|agem|agens)"
    r"|reunião|reuniões|vez|vezes|noites?|tardes?|mulher(?:es)?|mãos?|partes?|chaves?|luz|luzes",
}
_MASCULINE = re.compile(
    r"(?:d[ií]a|problema|programa|sistema|tema|mapa|idioma|cinema|clima|turista|(?:\w+)?grama|chilogramma|chilowattora|planeta|poema)s?"
    r"|área|agua|aula|águila"
)
"""Masculine words that end like feminine ones, and Spanish ones before which "una" is "un"."""

_UNO = re.compile(r"s[^aeiouàèéìòù].*|(?:z|gn|ps|pn|x|y).*")
"""Italian words before which "un" is "uno"."""


def gender_before(word: str, value: int, language: str) -> str:
    """Return the gender (m, f) of ``value`` before ``word``; empty where it is counted as it stands alone.

    >>> gender_before("personas", 21, "es"), gender_before("para", 1, "es"), gender_before("ist", 1, "de")
    ('f', '', '')
    """
    noun = word.lower()
    if len(noun) < 3 or noun in _ALONE[language].split():
        return "m" if noun == "mal" else ""
    if language == "de" and word[0].islower():
        return _of_adjective(noun)
    if language in ("es", "pt") and value != 1 and not noun.endswith("s"):
        return "m" if noun == "mil" else ""
    if language == "it" and value == 1 and _UNO.fullmatch(noun) and not _feminine(noun, language):
        return ""
    return "f" if _feminine(noun, language) else "m"


def gender_of(noun: str, language: str) -> str:
    """Return the gender (m, f) of a word that is known for a noun, by its ending.

    >>> gender_of("Kilowattstunde", "de"), gender_of("gigabyte", "fr"), gender_of("chilowattora", "it")
    ('f', 'm', 'm')
    """
    return "f" if language in _FEMININE and _feminine(noun.lower(), language) else "m"


def _feminine(noun: str, language: str) -> bool:
    return bool(re.fullmatch(_FEMININE[language], noun)) and not _MASCULINE.fullmatch(noun)


def _of_adjective(word: str) -> str:
    """Return the gender that the ending of a German adjective shows; none of other words behind a number."""
    if word in _PARTICLES.split():
        return ""
    if word.endswith("e"):
        return "f"
    return "m" if word.endswith(("er", "es")) else ""


_PARTICLES = (
    "ohne alle diese eine keine wurde werde würde hatte habe hätte könnte sollte heute sowie bitte beide "
    "gerne oder aber über unter wieder hinter immer der jeder dieser leider weiter außer unser dieses jedes "
    "alles wähle drücke sage nenne gehe liege bliebe"
)
"""German words that end like adjectives and are none."""

_STARTERS = (
    "Ich Du Er Sie Es Wir Ihr Man Das Dies Diese Dieser Dieses Der Die Den Dem Ein Eine Einen Einer "
    "Mein Meine Dein Ihre Unser Unsere Dann Danach Da Dort Hier Heute Morgen Gestern Jetzt Nun Bitte "
    "Danke Ja Nein Nicht Kein Keine Aber Und Oder Denn Doch Also Wenn Weil Ob Dass Als Wie Was Wer Wo "
    "Wann Warum Welche Welcher Können Möchten Haben Hat Ist Sind War Wird Werden Wollen Soll Darf Bis "
    "Nach Vor Mit Ohne Für Von Zu In Im An Am Auf Bei Um Alle Alles Viele Noch Schon Nur Sonst Leider "
    "Gerne Gern Anschließend Später Zuerst Gut Drücken Wählen Sagen Nennen Tippen Warten Bleiben Rufen Falls"
)
STARTERS = frozenset(_STARTERS.split())
"""German words that begin a sentence with a capital letter and are no nouns."""
