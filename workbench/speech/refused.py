"""A text that an engine refuses, said with all of its SSML but what is refused."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from workbench.errors import NotSpoken, ParameterError, SsmlError
from workbench.speech.ports import Clause, Synthesizer
from workbench.ssml.parse import parse
from workbench.ssml.render import escape, render
from workbench.ssml.salvage import salvage, without
from workbench.ssml.setting import Setting, said_with

LACKING_MAX = 8
"""Things an engine may lack of one text; of more than these, nothing is kept."""
_SHOWN = 3
"""Problems that are told one by one."""


def clauses_of(  # noqa: PLR0913  what is said, and how
    synthesizer: Synthesizer, ssml: str, *, text: str, voice: str, style: Setting, language: str = ""
) -> Iterator[Clause]:
    """Yield the clauses of ``ssml`` said with ``style``; each ``next`` blocks.

    A ``language`` is what the text is in, unless it says so itself; empty for that of the voice.

    What is no SSML in it, and what the engine lacks (a voice, a language, a sound), is left out; if that does
    not help, ``text`` is said as it stands. The first clause tells what was left out and why.

    Raises
    ------
    ParameterError
        If even the plain text is refused, as for an unknown ``voice``.
    EngineMissing, EngineFailed
        If the engine can't be used.
    """
    plain, begun, told = f"<speak>{escape(text)}</speak>", False, ""
    wrong: tuple[str, ...] = ()
    while True:
        try:
            for clause in synthesizer.synthesize(said_with(style, ssml, language), voice=voice):
                why = told if not begun else ""
                begun = True
                yield replace(clause, fell_back=_both(why, clause.fell_back)) if why else clause
        except ParameterError as error:
            if begun or (ssml == plain and not language):
                raise
            if language and (ssml == plain or _is_lacked(language, error)):
                language, wrong = "", (*wrong, str(error))
                told = _told(wrong)
                continue
            less, more = _lessened(ssml, error) if len(wrong) < LACKING_MAX else ("", (str(error),))
            wrong += more
            ssml = less or plain
            told = _told(wrong) if less else f"{more[0]}; the text is said without its SSML"
        else:
            return


def _is_lacked(language: str, error: ParameterError) -> bool:
    """Return whether ``error`` is about the language that a text is in."""
    return isinstance(error, NotSpoken) and (error.feature, error.value) == ("language", language)


def _lessened(ssml: str, error: ParameterError) -> tuple[str, tuple[str, ...]]:
    """Return ``ssml`` without what ``error`` is about, and why that goes; no text if all has to."""
    try:
        if isinstance(error, NotSpoken):
            document = parse(ssml)
            less = without(document, error.feature, error.value)
            return "" if less == document else render(less), (error.problem,)
        document, wrong = salvage(ssml)
    except SsmlError as unmendable:
        return "", (str(unmendable),)
    return (render(document), wrong) if wrong else ("", (str(error),))


def _told(wrong: Sequence[str]) -> str:
    """Return one sentence about what is left out."""
    shown = "; ".join(wrong[:_SHOWN])
    more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
    return f"{shown}{more}; the rest of the SSML is kept"


def _both(one: str, other: str) -> str:
    return f"{one}; {other}" if other else one
