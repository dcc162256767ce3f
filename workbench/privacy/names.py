"""Names of people: by lists of the world's names, by capital letters, by what stands before them.

A text in lower case, as some recognisers write, has no capitals: there the lists and the words before decide.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from workbench.privacy.name_lists import (
    NO_NAME,
    TITLES,
    is_plain,
    is_word,
    known_name,
    lists,
    strangers,
)
from workbench.privacy.name_scores import has_capitals, is_something_else, score_of
from workbench.privacy.number_words import folded, words_of
from workbench.privacy.spans import Pii, Span, Token

_PARTICLES = words_of("van von de der den del della di da dos das du la le bin al el ter ten zu af ibn mac")
_BEFORE = {
    "en": "my name is|my name's|name is|name's|this is|i am|i'm|call me|i'm called|they call me|speaking to|"
    "speak to|speak with|talk to|under the name of|under the name|in the name of|in the name|it's|name|"
    "name on the account is|signed|dear|hi|hello|hey|thanks|regards|caller is|named|surname is|first name is|"
    "last name is|spelled|spelt",
    "de": "ich heiße|ich heisse|mein name ist|name ist|hier ist|hier spricht|ich bin|am apparat|"
    "auf den namen|auf den name|unter dem namen|der name ist|sprechen mit|hallo|guten tag|"
    "nachname ist|vorname ist|name",
    "fr": "je m'appelle|mon nom est|je suis|c'est|ici|au nom de|le nom est|nom de famille|mon prénom est|"
    "bonjour|parler à|de la part de|appelle",
    "es": "me llamo|mi nombre es|soy|habla|le habla|a nombre de|el nombre es|hablar con|mi apellido es|hola|"
    "de parte de|nombre",
    "it": "mi chiamo|il mio nome è|sono|parla|a nome di|a nome|il nome è|parlare con|il mio cognome è|qui è|"
    "buongiorno|nome",
    "pt": "meu nome é|o meu nome é|me chamo|chamo-me|eu sou|sou|sou o|sou a|fala|aqui é|em nome de|falar com|"
    "meu apelido é|olá|nome",
    "nl": "mijn naam is|ik heet|ik ben|u spreekt met|je spreekt met|met|op naam van|de naam is|spreken met|"
    "mijn achternaam is|hallo|naam",
}
_STRONG = {
    "en": "my name is|my name's|name is|name's|call me|they call me|surname is|first name is|last name is|"
    "under the name of|under the name|in the name of|named",
    "de": "ich heiße|ich heisse|mein name ist|name ist|hier spricht|auf den namen|unter dem namen|"
    "der name ist",
    "fr": "je m'appelle|mon nom est|au nom de|le nom est|mon prénom est",
    "es": "me llamo|mi nombre es|a nombre de|el nombre es|mi apellido es",
    "it": "mi chiamo|il mio nome è|a nome di|il nome è|il mio cognome è",
    "pt": "meu nome é|o meu nome é|me chamo|chamo-me|em nome de|meu apelido é",
    "nl": "mijn naam is|ik heet|u spreekt met|op naam van|de naam is|mijn achternaam is",
}
"""Behind these a name comes, whatever the lists know of it."""
_AND = frozenset(["e", "y", "et", "und", "en"])


def name_spans(text: str, tokens: Sequence[Token], language: str) -> Iterator[Span]:
    """Yield the names of people in a text."""
    behind_context = _after_contexts(text, tokens, language)
    cased = has_capitals(tokens)
    for first, last in _runs(text, tokens, cased, behind_context, language):
        found = _judged(text, tokens, first, last, behind_context, language=language, cased=cased)
        if found is not None:
            yield found
    yield from _spelled(tokens, behind_context)


@cache
def _contexts(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    ways = _BEFORE["en"] if language == "en" else _BEFORE.get(language, "") + "|" + _BEFORE["en"]
    strong = _STRONG["en"] if language == "en" else _STRONG.get(language, "") + "|" + _STRONG["en"]
    return tuple(
        re.compile(rf"(?<![\w'])(?:{'|'.join(sorted(found.split('|'), key=len, reverse=True))})(?!\w)")
        for found in (ways, strong)
    )  # type: ignore[return-value]


def _after_contexts(text: str, tokens: Sequence[Token], language: str) -> dict[int, bool]:
    """Return the tokens behind words that introduce a name, and whether those leave no doubt."""
    low = text.lower().replace("’", "'")
    if len(low) != len(text):  # a letter whose small form is longer
        low = text.replace("’", "'")
    weak, strong = _contexts(language)
    places = {token.start: place for place, token in enumerate(tokens)}
    found: dict[int, bool] = {}
    for pattern, sure in ((weak, False), (strong, True)):
        for match in pattern.finditer(low):
            place = _next_token(tokens, places, match.end(), text)
            if place is not None:
                found[place] = found.get(place, False) or sure
    for place, token in enumerate(tokens[1:], start=1):
        gap = text[tokens[place - 1].end : token.start]
        if tokens[place - 1].low in TITLES and gap.strip(" ") in ("", "."):
            found[place] = found.get(place, False)
    return found


def _next_token(tokens: Sequence[Token], places: dict[int, int], behind: int, text: str) -> int | None:
    start = behind
    while start < len(text) and not text[start].isalnum():
        start += 1
    place = places.get(start) if start - behind <= 3 else None
    while place is not None and place < len(tokens) and tokens[place].low in TITLES:
        place = place + 1 if place + 1 < len(tokens) else None
    return place


def _runs(
    text: str, tokens: Sequence[Token], cased: bool, contexts: dict[int, bool], language: str
) -> Iterator[tuple[int, int]]:
    """Yield stretches of tokens that may be a name: first, and behind the last."""
    place = 0
    while place < len(tokens):
        if not _may_begin(tokens[place], cased, place in contexts):
            place += 1
            continue
        behind = place + 1
        while behind < len(tokens) and behind - place < 6 and _goes_on(text, tokens, behind, cased):
            if behind in contexts and contexts[behind]:
                break
            behind += 1
        if (
            behind == place + 1
            and contexts.get(place)
            and not cased
            and _is_surname(text, tokens, behind, language)
        ):
            behind += 1
        while (
            behind - place > 1
            and tokens[behind - 1].low in _PARTICLES
            and not tokens[behind - 1].text[0].isupper()
        ):
            behind -= 1
        yield place, behind
        place = behind


def _is_surname(text: str, tokens: Sequence[Token], place: int, language: str) -> bool:
    """Return whether a word in lower case, unknown to the lists, belongs to the name before it.

    In English if it is no word; elsewhere, where there is no list of words, if the clause ends with it.
    """
    if place >= len(tokens) or text[tokens[place - 1].end : tokens[place].start] != " ":
        return False
    token = tokens[place]
    if not token.text.isalpha() or token.low in NO_NAME or len(token.text) < 3:
        return False
    if language == "en":
        return strangers((token,))
    following = tokens[place + 1].low if place + 1 < len(tokens) else ""
    return following in _AND or text[token.end : token.end + 1] in ("", ",", ".", "!", "?", "\n")


def _may_begin(token: Token, cased: bool, introduced: bool) -> bool:
    if not token.text[0].isalpha() or token.low in TITLES:
        return False
    known = known_name(token.low)
    named = known.given or known.family
    if cased:
        return (token.text[0].isupper() and len(token.text) > 1) or (introduced and named)
    return named or introduced


def _goes_on(text: str, tokens: Sequence[Token], place: int, cased: bool) -> bool:
    token, before = tokens[place], tokens[place - 1]
    gap = text[before.end : token.start]
    initial = len(before.text) == 1 and before.text.isalpha()
    if gap not in (" ", "-") and not (initial and gap == ". "):
        return False
    if not token.text[0].isalpha() or token.low in TITLES:
        return False
    if token.low in _PARTICLES and place + 1 < len(tokens):
        return _goes_on(text, tokens, place + 1, cased) if token.text[0].islower() else True
    if cased and before.text[0].isupper():
        return token.text[0].isupper()
    known = known_name(token.low)
    if token.text.isalpha() and not token.low.isascii() and known_name(before.low).given:
        return True
    return (
        (known.given or known.family)
        and token.low not in NO_NAME
        or len(token.text) == 1
        and token.low not in "aioyeà"
    )


def _judged(
    text: str,
    tokens: Sequence[Token],
    first: int,
    last: int,
    contexts: dict[int, bool],
    *,
    language: str,
    cased: bool,
) -> Span | None:
    """Return the name within a stretch of tokens, None if there is none."""
    places = lists()[2]
    introduced, behind = None, last
    for place in range(first, last):
        if place in contexts:
            introduced, first = contexts[place], place
    if introduced is None:
        while (
            first < last
            and is_word(tokens[first].low, language)
            and not _pairs(tokens, first, last, language)
        ):
            first += 1
    while (
        last > first and is_plain(tokens[last - 1].low, language) and (introduced is None or last - first > 1)
    ):
        last -= 1
    if first == last or is_something_else(text, tokens, first, behind, introduced):
        return None
    score = score_of(text, tokens, first, last, introduced, language, cased)
    whole = text[tokens[first].start : tokens[last - 1].end].lower()
    if whole in places and introduced is not True or score < 0.5:
        return None
    end = tokens[last - 1].end
    if tokens[last - 1].low.endswith("'s"):
        end -= 2
    value = " ".join(folded(token.low).removesuffix("'s") for token in tokens[first:last])
    return Span(type=Pii.PERSON, start=tokens[first].start, end=end, score=score, value=value)


def _pairs(tokens: Sequence[Token], first: int, last: int, language: str) -> bool:
    """Return whether a word that may be a given name stands before what may be a family name."""
    if first + 1 >= last or not known_name(tokens[first].low).given:
        return False
    following = known_name(tokens[first + 1].low)
    return following.family and not is_word(tokens[first + 1].low, language)


def _spelled(tokens: Sequence[Token], contexts: dict[int, bool]) -> Iterator[Span]:
    """Yield names that are spelled: three single letters or more behind an introduction."""
    place = 0
    while place < len(tokens):
        behind = place
        while behind < len(tokens) and len(tokens[behind].text) == 1 and tokens[behind].text.isalpha():
            behind += 1
        if behind - place >= 3:
            near = any(start in contexts for start in range(max(0, place - 2), place + 1))
            value = "".join(token.low for token in tokens[place:behind])
            known = known_name(value)
            if near or known.given or known.family:
                start, end = tokens[place].start, tokens[behind - 1].end
                yield Span(type=Pii.PERSON, start=start, end=end, score=0.8, value=folded(value))
        place = max(behind, place + 1)
