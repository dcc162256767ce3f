"""Whether a text is good SSML: by itself, and for one target."""

from collections.abc import Callable, Iterable, Iterator

from workbench.errors import SsmlError
from workbench.ssml.dialect import Dialect, Level
from workbench.ssml.dialects import dialect
from workbench.ssml.document import Node, Place, Speak, Text, UseVoice
from workbench.ssml.downlevel import Note, render_for
from workbench.ssml.lint import Finding, lint
from workbench.ssml.parse import parse
from workbench.ssml.render import tag_of


def check(
    text: str, target: str | None = None, *, read: Callable[[str], Speak] = parse
) -> tuple[Finding, ...]:
    """Return what is wrong with ``text`` or could be better; nothing if it is fine.

    Mistakes (``wrong``) come from SSML itself, and from a target that refuses what it does not know; what a
    target leaves out is in :func:`workbench.ssml.downlevel.render_for`.

    Parameters
    ----------
    read : makes the document: :func:`~workbench.ssml.parse.parse`, or ``parse_shorthand``

    Raises
    ------
    ParameterError
        If the target is not known.
    """
    wanted = None if target is None else dialect(target)
    try:
        document = read(text)
    except SsmlError as error:
        place = None if error.line is None else Place(error.line, error.column or 1)
        problem, _, advice = error.problem.partition(": ")
        advice = advice or "mend this first, the rest is read afterwards"
        return (Finding(rule="ssml", place=place, problem=problem, advice=advice, wrong=True),)
    found = list(lint(document))
    if wanted is not None:
        found += refusals(document, wanted)
    return tuple(sorted(found, key=lambda finding: (not finding.wrong, finding.place or Place(0, 0))))


def refusals(document: Speak, wanted: Dialect) -> list[Finding]:
    """Return what makes ``wanted`` refuse a document: tags it does not know, where it is strict."""
    if not wanted.strict:
        return []
    found = [
        _refusal(loss, wanted)
        for loss in render_for(document, wanted.name).losses
        if loss.level is Level.DROPPED and loss.feature.partition("@")[0] not in _IGNORED
    ]
    if wanted.needs_voice and not any(isinstance(node, UseVoice) for node in document.children):
        found.append(
            Finding(
                rule=wanted.name,
                place=document.place,
                problem=f"{wanted.title} wants every text in a named voice",
                advice='write <voice name="..."> around it',
                wrong=True,
            )
        )
    return found + list(_misplaced(document.children, wanted))


def _misplaced(nodes: Iterable[Node], wanted: Dialect) -> Iterator[Finding]:
    """Yield elements that stand in one where the service does not take them."""
    for node in nodes:
        children = getattr(node, "children", ())
        allowed = wanted.contains.get(tag_of(node))
        for child in children:
            if allowed is not None and not isinstance(child, Text) and tag_of(child) not in allowed:
                yield Finding(
                    rule=wanted.name,
                    place=child.place,
                    problem=f"{wanted.title} does not take <{tag_of(child)}> in <{tag_of(node)}>",
                    advice=f"write only text and {', '.join(allowed)} in it",
                    wrong=True,
                )
        yield from _misplaced(children, wanted)


_IGNORED = frozenset({"meta", "metadata", "desc"})
"""Elements that no service takes amiss."""


def _refusal(loss: Note, wanted: Dialect) -> Finding:
    element, _, attribute = loss.feature.partition("@")
    what = f"{attribute} of <{element}>" if attribute else f"<{element}>"
    return Finding(
        rule=wanted.name,
        place=loss.place,
        problem=f"{wanted.title} does not take {what}",
        advice=f"leave it out, or send what workbench ssml render --target {wanted.name} gives",
        wrong=True,
    )
