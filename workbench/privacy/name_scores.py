"""How sure it is that some words are a name, and what else they may be: a day, a firm, a street, a town."""

import re
from collections.abc import Sequence

from workbench.privacy.dates import MONTHS
from workbench.privacy.name_lists import CAPITAL, NO_NAME, TITLES, is_word, known_name, lists, strangers
from workbench.privacy.number_words import words_of
from workbench.privacy.spans import Token

_AFTER = re.compile(
    r"\W{1,3}(?:speaking|here\b|calling|on the line|am apparat|à l'appareil|al habla|aan de lijn)",
    re.IGNORECASE,
)
_COMPANY = words_of(
    "inc llc ltd gmbh ag corp corporation company co group agency university orchestra institute bank "
    "school college association foundation hospital hotel museum church software systems services "
    "solutions partners holdings industries technologies street st road rd avenue ave lane drive square "
    "bridge river lake mountain park airport station county city island islands village songwriter "
    "investments orchestras newspaper tv records magazine party council ministry stadium court house "
    "office"
)
_PARTNERS = re.compile(rf"({CAPITAL}\w+), ({CAPITAL}\w+),? (?:and|&|und|et|y|e|en) ({CAPITAL}\w+)")
_HOME = re.compile(r"\b(?:originally|i'm|am|is|are|was|were|comes?|came) from $", re.IGNORECASE)
_OF_PLACES = words_of("san santa saint st sankt são new north south east west port fort los las el")
_WHERE = words_of("in at near originally in an bei nach à en dans sobre nel nella em no na te")
_ACTS = re.compile(
    r"(?:'s)? (?:lives|said|says|told|asked|asks|wants|wanted|called|calls|wrote|writes|works|had given|"
    r"gave|is from|was born|thinks|thought|loves|speaks|moved)\b"
)
_SPEAKER = re.compile(r": [^\W\d_a-z]")
_NUMBER_BEHIND = re.compile(r"[ ,]{1,2}\d{1,5}(?![\d-])|\.? \d{1,4}\.")
_DAYS = MONTHS | words_of(
    "monday tuesday wednesday thursday friday saturday sunday christmas easter montag dienstag mittwoch "
    "donnerstag freitag samstag sonntag"
)


def score_of(
    text: str,
    tokens: Sequence[Token],
    first: int,
    last: int,
    introduced: bool | None,
    language: str,
    cased: bool,
) -> float:
    """Return how sure it is that the tokens from ``first`` to ``last`` are a name."""
    run = tokens[first:last]
    known = [known_name(token.low) for token in run if len(token.text) > 1]
    plain = [is_word(token.low, language) for token in run if len(token.text) > 1]
    given = [one.given and not word for one, word in zip(known, plain, strict=True)]
    family = [one.family and not word for one, word in zip(known, plain, strict=True)]
    titled = first > 0 and tokens[first - 1].low in TITLES
    said_so = _AFTER.match(text, run[-1].end) is not None
    if introduced or said_so or titled:
        if run[0].low in NO_NAME and not (titled or said_so):
            return 0.0
        if any(given) or any(family):
            return 0.95
        return 0.8 if introduced or run[0].text[0].isupper() else 0.0
    if len(known) == 1:
        return _score_alone(text, tokens, first, introduced=introduced, language=language, cased=cased)
    if any(given):
        return 0.9 if given[0] else 0.7
    if any(family):
        return 0.7 if any(one.given for one in known) else 0.6 if cased else 0.0
    if known and known[0].given and known[-1].family:
        return 0.6
    alone = _has_line(text, run) or not begins_sentence(text, run[0].start)
    unknown = cased and language == "en" and strangers(run) and (introduced is not None or alone)
    return 0.5 if unknown and known else 0.0


def _score_alone(
    text: str, tokens: Sequence[Token], place: int, *, introduced: bool | None, language: str, cased: bool
) -> float:
    """Return how sure it is that one word is a name."""
    token, known = tokens[place], known_name(tokens[place].low)
    word = is_word(token.low, language)
    before = tokens[place - 1].low if place else ""
    starts = begins_sentence(text, token.start)
    addressed = starts and text[token.end : token.end + 2] == ", "
    near = text[max(0, token.start - 40) : token.end + 40]
    if known.given and not word:
        if introduced is None and _listed(near, token.text):
            return 0.0
        return 0.7 if not known.place or introduced is not None or addressed else 0.4
    if known.family and not word:
        if introduced is None and (before == "to" or _listed(near, token.text)):
            return 0.0
        return 0.6 if introduced is not None else 0.5 if cased and not known.place else 0.0
    capital = cased and token.text[0].isupper()
    if (
        known.given
        and capital
        and (introduced is not None or (not starts and language != "de" and before != "the"))
    ):
        return 0.55
    if capital and language == "en" and starts and strangers((token,)):
        acts = _ACTS.match(text, token.end) is not None
        return 0.5 if addressed or acts or _SPEAKER.match(text, token.end) else 0.0
    return 0.0


def _listed(near: str, name: str) -> bool:
    """Return whether a name is one of three with commas between, as firms of partners are called.

    Three family names are a firm; three given names are people.
    """
    for found in _PARTNERS.finditer(near):
        known = [known_name(part.lower()) for part in found.groups()]
        if name in found.groups() and not all(one.given for one in known):
            return True
    return False


def is_something_else(
    text: str, tokens: Sequence[Token], first: int, behind: int, introduced: bool | None
) -> bool:
    """Return whether words that may be a name are a day, a company, a street with its number, a place."""
    run = tokens[first:behind]
    if not run or run[0].low in _DAYS:
        return True
    near = [token for token in tokens[behind : behind + 1] if token.start - run[-1].end <= 2]
    if any(token.low in _COMPANY for token in (*run[1:], *near)):
        return True
    if introduced is None:
        before = tokens[first - 1].low if first else ""
        if before in _WHERE or run[0].low in _OF_PLACES or _HOME.search(text[: run[0].start]):
            return True
        if any(len(token.text) > 1 and token.text.isupper() for token in run) and has_capitals(tokens):
            return True
        if _NUMBER_BEHIND.match(text, run[-1].end) or re.search(
            r"\bwork(?:s|ed)? (?:for|at) $", text[: run[0].start]
        ):
            return True
        if _has_line(text, run) and re.search(r"\d[^\n]*\n[\n?\s]*$", text[: run[0].start]):
            return True  # the town of an address
        wider = tokens[first : behind + 2]
        return any(text[run[0].start : token.end].lower() in lists()[2] for token in wider)
    return False


def has_capitals(tokens: Sequence[Token]) -> bool:
    """Return whether capitals tell something: some word begins with one and goes on in small letters."""
    return any(token.text[0].isupper() and token.text[1:].islower() for token in tokens)


def _has_line(text: str, run: Sequence[Token]) -> bool:
    """Return whether the words have a line of their own, in a text of several."""
    before, after = text[: run[0].start].rstrip(" \t?*•-"), text[run[-1].end :].lstrip(" \t,")
    return before[-1:] in ("", "\n") and after[:1] == "\n"


def begins_sentence(text: str, start: int) -> bool:
    """Return whether a sentence, or a line, begins at ``start``."""
    before = text[:start].rstrip(" \t\"'“„«([-*?•")
    return before[-1:] in ("", ".", "!", "?", "\n", ":")
