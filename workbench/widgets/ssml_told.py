"""What a page is told of a text as it is typed: mistakes, advice, and what each target loses and is sent."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from workbench.errors import ParameterError, SsmlError
from workbench.speech.reading import is_read, read_as
from workbench.speech.voices import voices
from workbench.ssml.check import check, refusals
from workbench.ssml.dialect import Level
from workbench.ssml.dialects import FEATURES, dialects
from workbench.ssml.document import Node, Place, Speak, UseVoice
from workbench.ssml.downlevel import Rendered, render_for
from workbench.ssml.lint import Finding, flat
from workbench.ssml.parse import parse
from workbench.ssml.render import plain_text
from workbench.ssml.shorthand import parse_shorthand

CHARACTERS_MAX = 20_000
"""Characters of a text that is looked at while it is typed."""
FINDINGS_MAX = 100
"""Findings, and notes of a target, that a page lists."""

KINDS: dict[str, Callable[[str], Speak]] = {"ssml": parse, "shorthand": parse_shorthand}
"""How a text is read: SSML or plain text, or shorthand."""
_ESPEAK_NAME = re.compile(r"(?i)[a-z]{2,3}(-[a-z0-9]+)*(\+[fm][1-8])?")
"""What voices of espeak-ng are called: tags, of which it has more than the catalogue."""
_ORDER = {Level.HONOURED: 0, Level.DEGRADED: 1, Level.DROPPED: 2}


def document_of(text: str, kind: str) -> Speak:
    """Return the document that a text in a page stands for.

    Raises
    ------
    SsmlError
        If the text is longer than ``CHARACTERS_MAX``, or can't be read; with line and column.
    ParameterError
        If ``kind`` is none of ``KINDS``.
    """
    if kind not in KINDS:
        raise ParameterError(f"kind of text is {kind!r}, expected one of {', '.join(KINDS)}")
    if len(text) > CHARACTERS_MAX:
        raise SsmlError(f"the text has {len(text)} characters: shorten it to {CHARACTERS_MAX} or less")
    return KINDS[kind](text)


def told(text: str, kind: str) -> dict[str, Any]:
    """Return what is to be said of a text, JSON-ready; a text that can't be read is a finding, no error."""
    try:
        document = document_of(text, kind)
    except SsmlError as error:
        return _unread(text, kind, error)
    rendered = {name: _rendered(document, name) for name in dialects()}
    features = _features(rendered)
    found = check(text, read=lambda _: document)
    return {
        "read": True,
        "findings": [finding_told(one) for one in found[:FINDINGS_MAX]],
        "more": max(0, len(found) - FINDINGS_MAX),
        "features": features,
        "targets": {
            name: _target_told(document, name, made) | {"levels": _levels(name, rendered, features)}
            for name, made in rendered.items()
        },
        "words": len(plain_text(document).split()),
    }


def _unread(text: str, kind: str, error: SsmlError) -> dict[str, Any]:
    """Return what is told of a text that is no document."""
    if len(text) > CHARACTERS_MAX:
        problem, _, advice = str(error).partition(": ")
        found = [Finding(rule="length", place=None, problem=problem, advice=advice, wrong=True)]
    else:
        found = list(check(text, read=KINDS[kind]))
    return {"read": False, "findings": [finding_told(one) for one in found], "more": 0, "words": 0} | {
        "features": [],
        "targets": {},
    }


def finding_told(finding: Finding) -> dict[str, Any]:
    """Return a finding as a page shows it."""
    return {
        "rule": finding.rule,
        "place": place_told(finding.place),
        "problem": finding.problem,
        "advice": finding.advice,
        "wrong": finding.wrong,
    }


def place_told(place: Place | None) -> list[int] | None:
    """Return line and column."""
    return None if place is None else [place.line, place.column]


def _rendered(document: Speak, target: str) -> Rendered:
    language = document.language or "en"
    return render_for(
        document, target, read_as=partial(read_as, language=language) if is_read(language) else None
    )


def _features(rendered: dict[str, Rendered]) -> list[str]:
    """Return what the document uses that some target does not simply do, in the order of the standard."""
    used = {note.feature for made in rendered.values() for note in made.notes}
    known = {name: place for place, name in enumerate(FEATURES)}
    return sorted(used, key=lambda name: (known.get(name, len(known)), name))


def _levels(name: str, rendered: dict[str, Rendered], features: Sequence[str]) -> dict[str, str]:
    """Return how far a target does each feature, the worst of its places; empty where it is not asked for.

    What only one target puts in by itself (Azure a voice) is not asked of the others: the scripted voice,
    which does next to nothing, has a note for all that stands in the text.
    """
    noted: dict[str, Level] = {}
    for note in rendered[name].notes:
        worst = noted.get(note.feature, Level.HONOURED)
        noted[note.feature] = max(worst, note.level, key=lambda level: _ORDER[level])
    written = {note.feature for note in rendered["scripted"].notes}
    scripted = dialects()["scripted"]
    asked = {one for one in features if one in written or scripted.entry(one).level is Level.HONOURED}
    return {
        one: noted[one].value if one in noted else Level.HONOURED.value if one in asked else ""
        for one in features
    }


def _unknown_voices(nodes: Iterable[Node], name: str) -> Iterator[Finding]:
    """Yield the voices asked for that an embedded engine does not have."""
    for node in flat(nodes):
        if isinstance(node, UseVoice) and node.name and not _has(name, node.name):
            advice = "write one of its voices, or leave it out: then its text is said without it"
            problem = f"{dialects()[name].title} has no voice of this name"
            yield Finding(rule="voice", place=node.place, problem=problem, advice=advice, wrong=True)


def _has(engine: str, voice: str) -> bool:
    if engine == "kokoro":
        return any(one.id == voice and one.engine == "kokoro" for one in voices())
    if engine == "espeak":
        return _ESPEAK_NAME.fullmatch(voice) is not None
    return True


def _target_told(document: Speak, name: str, made: Rendered) -> dict[str, Any]:
    refused = [*refusals(document, dialects()[name]), *_unknown_voices(document.children, name)]
    return {
        "title": dialects()[name].title,
        "embedded": dialects()[name].embedded,
        "losses": [
            {
                "feature": note.feature,
                "place": place_told(note.place),
                "level": note.level.value,
                "why": note.why,
                "instead": str(note.instead),
            }
            for note in made.losses[:FINDINGS_MAX]
        ],
        "more": max(0, len(made.losses) - FINDINGS_MAX),
        "refused": [finding_told(one) for one in refused[:FINDINGS_MAX]],
        "sent": made.text,
    }
