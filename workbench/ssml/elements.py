"""Which elements there are, what each may contain and where it may stand.

SSML 1.1 as a table, beside what Amazon, Google and Microsoft add to it. Attributes that have a meaning here
are read where nodes are made; the others are checked and carried along.

Sources: W3C SSML 1.1 (2010), sections 3.1 to 3.4 and its schema; the vendors' own pages for theirs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from workbench.ssml.attributes import among, language_from, matching


class Content(Enum):
    """What stands between the tags."""

    MIXED = "text and elements"
    TEXT = "text"
    ELEMENTS = "elements"
    EMPTY = "nothing"


Check = Callable[[str], object]
"""Takes a value, raises ValueError with what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of element."""

    content: Content = Content.MIXED
    reads: tuple[str, ...] = ()
    """Attributes that have a meaning here."""
    carries: Mapping[str, Check] = field(default_factory=dict)
    """Attributes that are checked and carried along."""
    needs: tuple[str, ...] = ()
    """Attributes that must be there."""
    inside: tuple[str, ...] = ()
    """The only elements it may stand in; empty: any."""
    never_inside: tuple[str, ...] = ()
    """Elements that none of those around it may be."""
    contains: tuple[str, ...] = ()
    """The only elements it may contain; empty: any."""
    anything: bool = False
    """Whether it may have any attribute."""

    @property
    def known(self) -> tuple[str, ...]:
        """Return its attributes, sorted."""
        return tuple(sorted({*self.reads, *self.carries}))


_any = matching(r"(?s).*", "write a text")
_id = matching(r"[\w.:-]{1,64}", "write a name of letters, digits and . _ : -")
_uri = matching(r"\S{1,2000}", "write an address without spaces")
_time = matching(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:ms|s)", 'write a time like "250ms" or "1.5s"')
_count = matching(r"\+?\d{1,4}(?:\.\d+)?", 'write a number like "2"')
_level = matching(r"[+-]\d{1,3}(?:\.\d{1,2})?dB", 'write a level like "+6dB" or "-2.5dB"')
_percent = matching(r"\d{1,4}(?:\.\d+)?%", 'write a share like "50%"')
_float = matching(r"[+-]?(?:\d+\.?\d*|\.\d+)", 'write a number like "0.7"')
_millis = matching(r"\d{1,6}(?:\.\d+)?(?:ms|s)?", 'write a time like "3000"')
_long_time = matching(r"\d+(?:\.\d+)?(?:ms|s)", 'write a time like "20s"')
_failure = among("changevoice", "ignoretext", "ignorelang", "processorchoice", "keepexisting")
_speech = {"xml:id": _id, "onlangfailure": _failure}
_clip: Mapping[str, Check] = {
    "clipBegin": _time,
    "clipEnd": _time,
    "repeatCount": _count,
    "repeatDur": _time,
    "soundLevel": _level,
    "speed": _percent,
}
_NO_BLOCKS = ("s", "emphasis", "w", "token")
_UNTIMED = ("par", "seq", "media")

SPEECH: Mapping[str, Kind] = {
    "speak": Kind(
        reads=("xml:lang",),
        carries={
            "version": among("1.0", "1.1"),
            "xmlns": among("http://www.w3.org/2001/10/synthesis"),
            "xml:base": _uri,
            "xsi:schemaLocation": _any,
            "startmark": _id,
            "endmark": _id,
            **_speech,
        },
    ),
    "p": Kind(reads=("xml:lang",), carries=_speech, never_inside=("p", *_NO_BLOCKS)),
    "s": Kind(reads=("xml:lang",), carries=_speech, never_inside=_NO_BLOCKS),
    "break": Kind(content=Content.EMPTY, reads=("time", "strength"), carries={"xml:id": _id}),
    "prosody": Kind(
        reads=("rate", "pitch", "range", "contour", "duration", "volume"), carries={"xml:id": _id}
    ),
    "emphasis": Kind(reads=("level",), carries={"xml:id": _id}),
    "sub": Kind(content=Content.TEXT, reads=("alias",), carries={"xml:id": _id}, needs=("alias",)),
    "phoneme": Kind(
        content=Content.TEXT,
        reads=("alphabet", "ph"),
        carries={"type": among("default", "ruby"), "xml:id": _id},
        needs=("ph",),
    ),
    "say-as": Kind(
        content=Content.TEXT,
        reads=("interpret-as", "format", "detail"),
        carries={"google:style": _any, "language": language_from, "xml:id": _id},
        needs=("interpret-as",),
    ),
    "mark": Kind(content=Content.EMPTY, reads=("name",), carries={"xml:id": _id}, needs=("name",)),
    "voice": Kind(
        reads=("name", "gender", "xml:lang"),
        carries={
            "age": matching(r"\d{1,3}", 'write an age in years like "30"'),
            "variant": matching(r"[1-9]\d?", 'write a number like "2"'),
            "languages": _any,
            "language": language_from,
            "required": _any,
            "ordering": _any,
            "effect": _any,
            "onvoicefailure": among("priorityselect", "keepexisting", "processorchoice"),
            **_speech,
        },
    ),
    "lang": Kind(reads=("xml:lang",), carries=_speech, needs=("xml:lang",)),
    "w": Kind(reads=("role", "xml:lang"), carries=_speech, never_inside=("w", "token")),
    "token": Kind(reads=("role", "xml:lang"), carries=_speech, never_inside=("w", "token")),
    "audio": Kind(
        reads=("src",),
        carries={
            "fetchtimeout": _time,
            "fetchhint": among("prefetch", "safe"),
            "maxage": _count,
            "maxstale": _count,
            "xml:id": _id,
            **_clip,
        },
        needs=("src",),
    ),
}
"""Elements that are spoken."""

_ABOUT = ("speak", "metadata")

ABOUT: Mapping[str, Kind] = {
    "desc": Kind(content=Content.TEXT, carries={"xml:lang": language_from}, inside=("audio", "media")),
    "lexicon": Kind(
        content=Content.EMPTY,
        carries={"uri": _uri, "xml:id": _id, "type": _any, "fetchtimeout": _time, "maxage": _count},
        needs=("uri",),
        inside=("speak", "voice"),
    ),
    "lookup": Kind(carries={"ref": _id, "xml:id": _id}, needs=("ref",)),
    "meta": Kind(
        content=Content.EMPTY,
        carries={"name": _any, "http-equiv": _any, "content": _any},
        needs=("content",),
        inside=_ABOUT,
    ),
    "metadata": Kind(anything=True, inside=("speak",)),
}
"""Elements of SSML 1.1 that say something about the document."""

VENDORS: Mapping[str, Kind] = {
    # Amazon
    "amazon:effect": Kind(
        carries={
            "name": among("whispered", "drc"),
            "vocal-tract-length": matching(r"[+-]?\d{1,3}%", 'write a length like "+15%"'),
            "phonation": among("soft"),
        }
    ),
    "amazon:domain": Kind(
        carries={"name": among("news", "music", "conversational", "long-form", "fun")}, needs=("name",)
    ),
    "amazon:emotion": Kind(
        carries={
            "name": among("excited", "disappointed"),
            "intensity": among("low", "medium", "high"),
        },
        needs=("name", "intensity"),
    ),
    "amazon:auto-breaths": Kind(carries=dict.fromkeys(("volume", "frequency", "duration"), _any)),
    "amazon:breath": Kind(
        content=Content.EMPTY, carries=dict.fromkeys(("volume", "frequency", "duration"), _any)
    ),
    # Google
    "par": Kind(content=Content.ELEMENTS, carries={"xml:id": _id}, contains=_UNTIMED),
    "seq": Kind(content=Content.ELEMENTS, carries={"xml:id": _id}, contains=_UNTIMED),
    "media": Kind(
        content=Content.ELEMENTS,
        carries={
            "begin": matching(
                r"[+-]?(?:\d+\.?\d*|\.\d+)(?:ms|s)|[\w.-]+\.(?:begin|end)(?:\s*[+-]\s*\d+\.?\d*(?:ms|s))?",
                'write a time like "250ms", or another media\'s end like "first.end+1s"',
            ),
            "end": matching(
                r"[+-]?(?:\d+\.?\d*|\.\d+)(?:ms|s)|[\w.-]+\.(?:begin|end)(?:\s*[+-]\s*\d+\.?\d*(?:ms|s))?",
                'write a time like "250ms", or another media\'s end like "first.end+1s"',
            ),
            "fadeInDur": _time,
            "fadeOutDur": _time,
            "src": _uri,
            "xml:id": _id,
            **_clip,
        },
        contains=("speak", "audio", "desc"),
    ),
    "google:style": Kind(carries={"name": _any}, needs=("name",)),
    # Microsoft
    "bookmark": Kind(content=Content.EMPTY, carries={"mark": _any}, needs=("mark",)),
    "mstts:express-as": Kind(
        carries={
            "style": _any,
            "styledegree": matching(r"[01]?\.\d+|[12](?:\.0*)?", "write a degree from 0.01 to 2"),
            "role": _any,
        },
        needs=("style",),
    ),
    "mstts:silence": Kind(
        content=Content.EMPTY,
        carries={
            "type": among(
                *("Leading", "Leading-exact", "Tailing", "Tailing-exact"),
                *("Sentenceboundary", "Sentenceboundary-exact", "comma-exact"),
                *("semicolon-exact", "enumerationcomma-exact"),
            ),
            "value": _long_time,
        },
        needs=("type", "value"),
        inside=("voice",),
    ),
    "mstts:viseme": Kind(
        content=Content.EMPTY, carries={"type": among("FacialExpression", "redlips_front")}, needs=("type",)
    ),
    "mstts:audioduration": Kind(
        content=Content.EMPTY, carries={"value": _long_time}, needs=("value",), inside=("voice",)
    ),
    "mstts:backgroundaudio": Kind(
        content=Content.EMPTY,
        carries={"src": _uri, "volume": _float, "fadein": _millis, "fadeout": _millis},
        needs=("src",),
        inside=("speak",),
    ),
    "mstts:ttsembedding": Kind(carries={"speakerProfileId": _any}, needs=("speakerProfileId",)),
}
"""Elements the large vendors added."""

KINDS: Mapping[str, Kind] = {**SPEECH, **ABOUT, **VENDORS}
"""Every element that is known."""

FOREIGN = Kind(anything=True)
"""An element with a prefix that nobody here knows: its text is spoken, as SSML 1.1 asks."""


def kind_of(name: str) -> Kind | None:
    """Return what is known of an element; none if it is not SSML."""
    return KINDS.get(name) or (FOREIGN if ":" in name else None)
