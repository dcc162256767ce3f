"""A reply cut where its synthesis cuts it: its clauses, said one by one, sound as they do in one piece."""

import re
from functools import lru_cache
from html import unescape

from workbench.errors import SsmlError
from workbench.speech.synthesizers.clauses import (
    EDGES,
    SENTENCE_PAUSE,
    ends_sentence,
    pause_inside,
    plan,
)
from workbench.ssml.flatten import flatten
from workbench.ssml.parse import parse
from workbench.ssml.render import escape

_OPEN, _CLOSE = "<speak>", "</speak>"
_TAG = re.compile(r"<[^<>]*>")
_KEPT = 256  # replies of which the clauses are remembered: a partial is offered again and again


@lru_cache(_KEPT)
def clauses_in(ssml: str, *, language: str) -> tuple[str, ...]:
    """Return the clauses ``ssml`` is spoken in, each as a document of its own; joined they say the same.

    A clause with an element in it, and all that follows, stays in one piece, and so does what is no SSML.

    Parameters
    ----------
    language : what it is in, BCP 47: abbreviations and numbers end no sentence

    >>> clauses_in("<speak>One latte for Dr. No. It comes right up.</speak>", language="en")
    ('<speak>One latte for Dr. No.</speak>', '<speak>It comes right up.</speak>')
    """
    if not (ssml.startswith(_OPEN) and ssml.endswith(_CLOSE)):
        return (ssml,)
    try:
        steps = plan(flatten(parse(ssml)), voice="", language=language)
    except SsmlError:
        return (ssml,)
    rest, found = ssml[len(_OPEN) : -len(_CLOSE)].strip(), []
    for step in steps[:-1]:
        words = escape(step.clause.text).split()
        said = re.match(r"\s+".join(map(re.escape, words)), rest) if words else None
        if said is None or not re.match(r"\s*(?!<break)\S", rest[said.end() :]):
            break
        found.append(f"{_OPEN}{said[0]}{_CLOSE}")
        rest = rest[said.end() :].lstrip()
    return (*found, f"{_OPEN}{rest}{_CLOSE}")


def going_on(ssml: str, *, pause: float | None = None) -> str:
    """Return a document that something follows: with the silence after it that it has inside a reply.

    Parameters
    ----------
    pause : seconds of silence at punctuation, where a style asks for them

    >>> going_on("<speak>One latte.</speak>"), going_on("<speak>Booked:</speak>", pause=0.5)
    ('<speak>One latte.<break time="350ms"/></speak>', '<speak>Booked:<break time="500ms"/></speak>')
    """
    words = unescape(_TAG.sub(" ", ssml)).split()
    if not words or not ssml.endswith(_CLOSE):
        return ssml
    inside = pause_inside(words[-1])
    ended = ends_sentence(words[-1])
    seconds = EDGES + (SENTENCE_PAUSE if ended else inside)
    if pause is not None and (ended or inside):
        seconds = pause
    return f'{ssml.removesuffix(_CLOSE)}<break time="{1000 * seconds:.0f}ms"/>{_CLOSE}'
