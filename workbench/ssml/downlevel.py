"""A document as one target takes it, and what was lost on the way."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from workbench.ssml import spelling
from workbench.ssml.dialect import Dialect, Entry, Instead, Level, no, partly
from workbench.ssml.dialects import dialect
from workbench.ssml.document import (
    Audio,
    Break,
    Element,
    Emphasis,
    Extension,
    Mark,
    Node,
    Paragraph,
    Phoneme,
    Place,
    Prosody,
    SayAs,
    Sentence,
    Speak,
    Substitute,
    Text,
    Token,
    UseLanguage,
    UseVoice,
)
from workbench.ssml.render import bare, plain_text, render, tag_of
from workbench.ssml.xsampa import ipa_from

ReadAs: TypeAlias = Callable[[str, str, str], str]
"""Returns how a text is said that is of a kind, in a format: ``("3", "ordinal", "")`` -> ``"third"``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What becomes of one thing that was asked."""

    feature: str
    """``element`` or ``element@attribute``."""
    place: Place | None
    """Where its tag stands in the text that was parsed; none if the document was built."""
    level: Level
    why: str
    instead: str
    """What was done in its place."""

    def __str__(self) -> str:
        """Return it as one line."""
        where = f"{self.place.line}:{self.place.column}: " if self.place is not None else ""
        ending = "" if self.level is Level.HONOURED else f"; {self.instead}"
        return f"{where}{self.feature} {self.level}: {self.why}{ending}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What is sent to a target."""

    text: str
    notes: tuple[Note, ...]
    """What is not simply done, in the order of the document: also what is honoured outside an engine."""

    @property
    def losses(self) -> tuple[Note, ...]:
        """Return what is degraded or dropped."""
        return tuple(note for note in self.notes if note.level is not Level.HONOURED)


def render_for(document: Speak, target: str, *, read_as: ReadAs | None = None) -> Rendered:
    """Return ``document`` as ``target`` takes it, with what is lost.

    Parameters
    ----------
    target : one of :func:`workbench.ssml.dialects.dialects`
    read_as : says a text of a kind in words, in the language of the document (English if it names none),
        where the target has no ``say-as``; without it, and in other languages, the text is left

    Raises
    ------
    ParameterError
        If the target is not known.
    """
    lowering = _Lowering(dialect(target), read_as, _primary(document.language or _UNNAMED))
    children = lowering.inside(document)
    lowered = lowering.rooted(replace(document, children=children))
    wrapped = lowering.dialect.wrapped
    if wrapped:
        text = render(lowered)
    elif target == "scripted":
        text = plain_text(lowered)
    else:
        text = bare(lowered)
    order = sorted(lowering.notes, key=lambda note: note.place or Place(0, 0))
    return Rendered(text=text, notes=tuple(order))


Spoken = TypeVar("Spoken", bound=Speak | Paragraph | Sentence | Token | UseVoice)
"""What may say which language it is in."""


class _Lowering:
    """Turns nodes into what one dialect takes, noting what becomes of them."""

    def __init__(self, dialect: Dialect, read_as: ReadAs | None, language: str) -> None:
        self.dialect = dialect
        self.notes: list[Note] = []
        self._language = self._reads_in = language
        self._read_as = read_as

    def lowered(self, nodes: Iterable[Node]) -> tuple[Node, ...]:
        """Return ``nodes`` as the dialect takes them."""
        return tuple(part for node in nodes for part in self._node(node))

    def inside(self, node: Spoken | UseLanguage) -> tuple[Node, ...]:
        """Return the children of ``node``, which may be in another language, as the dialect takes them."""
        around = self._language
        if node.language is not None:
            self._language = _primary(node.language)
        lowered = self.lowered(node.children)
        self._language = around
        return lowered

    def rooted(self, document: Speak) -> Speak:
        """Return the document with what the dialect wants of ``<speak>``."""
        children = document.children
        if self.dialect.needs_voice and not _all_in_voices(children):
            self._note(
                partly("the service wants every text in a named voice"),
                "voice@name",
                document,
                instead='write <voice name="..."> around the text',
            )
        for name, _ in document.settings:
            self._note(no("it is left to the service"), f"speak@{name}", document, Instead.NOTHING)
        document = self._spoken_in(document)
        return replace(document, settings=tuple(sorted(self.dialect.namespaces.items())))

    def _spoken_in(self, node: Spoken) -> Spoken:
        """Return ``node`` without its language if that is not spoken."""
        known = self.dialect.languages
        if node.language is None or not known or _primary(node.language) in known:
            return node
        what = no(f"of {node.language} it speaks nothing, only {', '.join(known)}")
        self._note(what, f"{tag_of(node)}@xml:lang", node, Instead.CONTENT)
        return replace(node, language=None)

    def _node(self, node: Node) -> Sequence[Node]:
        lowered: Sequence[Node]
        match node:
            case Text():
                lowered = (node,)
            case Break():
                lowered = self._break(node)
            case Prosody():
                lowered = self._prosody(node)
            case SayAs() | Substitute() | Phoneme():
                lowered = self._spoken_otherwise(node)
            case Mark():
                lowered = self._mark(node)
            case UseVoice() | UseLanguage():
                lowered = self._speaker(node)
            case Emphasis():
                lowered = self._emphasis(node)
            case Paragraph() | Sentence() | Token() | Audio() | Extension():
                lowered = self._container(node)
        return lowered

    def _container(self, node: Paragraph | Sentence | Token | Audio | Extension) -> Sequence[Node]:
        entry = self._noted(tag_of(node), node)
        if entry.instead is Instead.NOTHING:
            return ()
        if isinstance(node, Paragraph | Sentence | Token):
            inside = self.inside(node)
            node = self._spoken_in(node)
        else:
            inside = self.lowered(node.children)
        if entry.instead is Instead.CONTENT:
            block = isinstance(node, Paragraph | Sentence)
            return (*inside, Text("\n\n" if isinstance(node, Paragraph) else " ")) if block else inside
        return (replace(node, children=inside),)

    def _break(self, node: Break) -> Sequence[Node]:
        feature = "break@time" if node.seconds is not None else "break@strength"
        entry = self._noted(feature, node)
        if entry.instead is Instead.NOTHING:
            return ()
        if entry.instead is Instead.TIME:
            node = replace(node, seconds=node.pause, strength=None)
        longest = self.dialect.longest_break
        if node.seconds is not None and node.seconds > longest:
            why = f"a break is at most {longest:g} s"
            self._note(partly(why), feature, node, f"{longest:g} s are written")
            node = replace(node, seconds=longest)
        return (node,)

    def _mark(self, node: Mark) -> Sequence[Node]:
        entry = self._noted("mark", node)
        if entry.instead is Instead.BOOKMARK:
            return (Extension(name="bookmark", settings=(("mark", node.name),), place=node.place),)
        return () if entry.instead is Instead.NOTHING else (node,)

    def _speaker(self, node: UseVoice | UseLanguage) -> Sequence[Node]:
        inside = self.inside(node)
        if isinstance(node, UseVoice):
            entry = self._noted("voice@name" if node.name else "voice@gender", node)
            node = self._spoken_in(node)
        else:
            entry = self._spoken_language(node)
        return (replace(node, children=inside),) if entry.instead is Instead.KEEP else inside

    def _spoken_language(self, node: UseLanguage) -> Entry:
        entry = self._noted("lang", node)
        known = self.dialect.languages
        if entry.instead is Instead.KEEP and known and _primary(node.language) not in known:
            entry = no(f"of {node.language} it speaks nothing, only {', '.join(known)}")
            self._note(entry, "lang", node, Instead.CONTENT)
        return entry

    def _emphasis(self, node: Emphasis) -> Sequence[Node]:
        entry = self._noted("emphasis", node)
        inside = self.lowered(node.children)
        if entry.instead is Instead.KEEP:
            return (replace(node, children=inside),)
        if entry.instead is not Instead.PROSODY or node.level == "none":
            return inside
        rate, gain = _EMPHASIS[node.level]
        return (self._spelled(Prosody(rate=rate, gain_db=gain, children=inside, place=node.place)),)

    def _spoken_otherwise(self, node: SayAs | Substitute | Phoneme) -> Sequence[Node]:
        match node:
            case Substitute():
                entry = self._noted("sub", node)
                if entry.instead is Instead.ALIAS:
                    return (Text(node.alias),)
                return (node,) if entry.instead is Instead.KEEP else (Text(node.text),)
            case Phoneme():
                entry = self._noted(f"phoneme@{node.alphabet}", node)
                if entry.instead is Instead.IPA and (ipa := ipa_from(node.sounds)) is not None:
                    return (replace(node, alphabet="ipa", sounds=ipa),)
                return (node,) if entry.instead is Instead.KEEP else (Text(node.text),)
            case SayAs():
                entry = self._noted(f"say-as@{node.interpret_as}", node)
                self._check_reading(node, entry)
        if entry.instead is Instead.KEEP:
            return (node,)
        if entry.instead is Instead.WORDS and (read_as := self._reader()) is not None:
            return (Text(read_as(node.text, node.interpret_as, node.format)),)
        return (Text(node.text),)

    def _reader(self) -> ReadAs | None:
        """Return what says texts of a kind in words, if it knows the language here."""
        return self._read_as if self._language == self._reads_in else None

    def _check_reading(self, node: SayAs, entry: Entry) -> None:
        """Note a text that is read as asked in some languages only, and not in this one."""
        reads = self.dialect.reads
        if entry.level is Level.HONOURED and reads and self._language not in reads:
            if node.interpret_as in _ONE_BY_ONE:
                return
            why = f"it is read so in {', '.join(reads)} only"
            self._note(partly(why), f"say-as@{node.interpret_as}", node, "it is read as ordinary text")

    def _prosody(self, node: Prosody) -> Sequence[Node]:
        entries = {name: self._noted(f"prosody@{name}", node) for name in _asked(node)}
        gone = {name for name, entry in entries.items() if entry.instead is not Instead.KEEP}
        kept = Prosody(
            rate=None if "rate" in gone else node.rate,
            pitch=None if "pitch" in gone else node.pitch,
            range=None if "range" in gone else node.range,
            contour=() if "contour" in gone else node.contour,
            seconds=None if "duration" in gone else node.seconds,
            gain_db=None if "volume" in gone else node.gain_db,
            children=self.lowered(node.children),
            settings=node.settings,
            place=node.place,
        )
        kept = self._within(kept)
        return (self._spelled(kept),) if _asked(kept) else kept.children

    def _within(self, node: Prosody) -> Prosody:
        """Return ``node`` with what the dialect can't say bent to what it can."""
        low, high = self.dialect.rates
        if node.rate is not None and not low <= node.rate <= high:
            bent = min(max(node.rate, low), high)
            why = f"rates go from {low * 100:g}% to {high * 100:g}%"
            self._note(partly(why), "prosody@rate", node, f"{bent * 100:g}% is written")
            node = replace(node, rate=bent)
        if node.gain_db is not None and node.gain_db > self.dialect.loudest:
            loudest = self.dialect.loudest
            why = f"a volume is at most {loudest:+g}dB"
            self._note(partly(why), "prosody@volume", node, f"{loudest:+g}dB is written")
            node = replace(node, gain_db=loudest)
        if node.pitch is not None and node.pitch.unit not in self.dialect.pitch_units:
            other = spelling.pitch_in(node.pitch, self.dialect.pitch_units)
            if other is None:
                why = f"a pitch is written in {' or '.join(self.dialect.pitch_units)}"
                self._note(Entry(Level.DROPPED, Instead.CONTENT, why), "prosody@pitch", node, Instead.CONTENT)
            node = replace(node, pitch=other)
        return node

    def _spelled(self, node: Prosody) -> Node:
        """Return ``node`` with its values as the dialect writes them."""
        written = spelling.prosody(
            node, factor=self.dialect.rate_as_factor, share=self.dialect.volume_as_percent
        )
        return Extension(name="prosody", settings=written, children=node.children, place=node.place)

    def _noted(self, feature: str, node: Element) -> Entry:
        """Return what becomes of a feature, and note it if there is something to say."""
        entry = self.dialect.entry(feature)
        if entry.level is not Level.HONOURED or entry.why:
            instead: str = entry.instead
            if entry.instead is Instead.CONTENT and isinstance(node, Audio) and not node.children:
                instead = "nothing is heard: write what shall be said between <audio> and </audio>"
            if entry.instead is Instead.WORDS and self._reader() is None:
                instead = Instead.CONTENT
            self._note(entry, feature, node, instead)
        return entry

    def _note(self, entry: Entry, feature: str, node: Element | Speak, instead: str) -> None:
        self.notes.append(
            Note(feature=feature, place=node.place, level=entry.level, why=entry.why, instead=instead)
        )


_UNNAMED = "en"
"""The language of a document that names none."""

_ONE_BY_ONE = ("characters", "spell-out", "verbatim", "digits", "telephone")
"""Kinds that every language reads letter by letter or digit by digit."""

_EMPHASIS = {"reduced": (1.1, -3.0), "moderate": (0.9, 2.0), "strong": (0.8, 4.0)}
"""Rate factor and gain in dB that stand for each level of emphasis."""


def _asked(node: Prosody) -> tuple[str, ...]:
    """Return the attributes ``node`` has, as SSML names them."""
    given = {
        "rate": node.rate,
        "pitch": node.pitch,
        "range": node.range,
        "contour": node.contour or None,
        "duration": node.seconds,
        "volume": node.gain_db,
    }
    return tuple(name for name, value in given.items() if value is not None)


def _primary(language: str) -> str:
    return language.split("-")[0].lower()


def _all_in_voices(nodes: Iterable[Node]) -> bool:
    return all(
        isinstance(node, UseVoice)
        or (isinstance(node, Text) and not node.text.strip())
        or (isinstance(node, Extension) and node.name == "mstts:backgroundaudio")
        for node in nodes
    )
