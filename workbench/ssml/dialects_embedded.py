"""What the engines that come with the workbench make of SSML.

Sources: what ``workbench.speech.synthesizers`` does with each element, as its tests and the obedience
benchmark measure it; for espeak-ng 1.52 the elements were measured one by one.
"""

from collections.abc import Mapping

from workbench.ssml.dialect import Dialect, Entry, Instead, no, partly, yes
from workbench.ssml.scales import SAY_AS

_NO_PLAYER = "recordings are not fetched while speaking"
_READ = ("characters", "spell-out", "verbatim", "digits", "number", "cardinal", "ordinal", "fraction")
_READ_AS_WELL = ("unit", "date", "time", "duration", "currency", "telephone")
_UNREAD = tuple(kind for kind in SAY_AS if kind not in (*_READ, *_READ_AS_WELL, "bleep", "expletive"))

_SHARED: Mapping[str, Entry] = {
    "p": yes("0.65 s of silence after it"),
    "s": yes("0.35 s of silence after it"),
    "break": yes("silence, put in by the workbench"),
    "prosody@volume": yes("gain, put on by the workbench; peaks over 0.9 are bent"),
    "prosody@duration": no("how long a text takes is known only when it is spoken"),
    "sub": yes("the alias is spoken"),
    "mark": yes("reported with the time of the word after it"),
    "voice@name": yes(),
    "voice@gender": no("voices are chosen by name"),
    "audio": no(_NO_PLAYER),
    "w": no("roles of words are not used"),
    "lexicon": no("lexicons are not fetched", Instead.NOTHING),
    "lookup": no("lexicons are not fetched"),
    "meta": no("it is about the document", Instead.NOTHING),
    "metadata": no("it is about the document", Instead.NOTHING),
    "desc": no("it is for readers, not for hearers", Instead.NOTHING),
    "bookmark": no("it is Azure's, write <mark>", Instead.NOTHING),
    "mstts:silence": no("it is Azure's, write <break>", Instead.NOTHING),
    **{f"say-as@{kind}": yes("read by the workbench") for kind in (*_READ, *_READ_AS_WELL)},
    **{f"say-as@{kind}": no("read as ordinary text") for kind in _UNREAD},
    "say-as@bleep": partly("the word bleep is said in its place"),
    "say-as@expletive": partly("the word bleep is said in its place"),
}

_LANGUAGES_READ = ("en", "de", "es", "fr", "it", "pt")
"""Languages in which numbers are read, by the workbench, whichever engine speaks."""

KOKORO = Dialect(
    name="kokoro",
    title="Kokoro-82M, embedded",
    source="the workbench's synthesiser; measured on 24 kHz output",
    embedded=True,
    languages=(
        *("en", "es", "fr", "it", "pt", "hi"),
        *("de", "nl", "pl", "ru", "tr", "ro", "cs", "sv", "uk", "el", "fi", "hu"),
    ),
    reads=_LANGUAGES_READ,
    features={
        **_SHARED,
        "prosody@rate": yes("by the model from 0.6 to 1.3, beyond by time stretching afterwards"),
        "prosody@pitch": yes("f0 of the model, 0.3 to 3 times its own"),
        "prosody@range": yes("f0 of the model, moved to or from the voice's usual f0, -100% to +200%"),
        "prosody@contour": yes("f0 of the model, sound by sound"),
        "emphasis": yes("slower, higher and louder, or the opposite"),
        "phoneme@ipa": yes("sounds Kokoro lacks are left out"),
        "phoneme@x-sampa": yes("as IPA; sounds Kokoro lacks are left out"),
        "phoneme": partly("only IPA and X-SAMPA are known", Instead.CONTENT),
        "lang": yes("other languages than English with the espeak extra, from de on with an accent"),
    },
    otherwise=no("it is no element of SSML 1.1"),
)

ESPEAK = Dialect(
    name="espeak",
    title="espeak-ng, embedded",
    source="the workbench's synthesiser over espeak-ng 1.52; each element measured",
    embedded=True,
    reads=_LANGUAGES_READ,
    features={
        **_SHARED,
        "prosody@rate": yes("by the engine from 0.6 to 1.3, the rest by time stretching afterwards"),
        "prosody@pitch": yes("by the engine, corrected for what it makes of a change"),
        "prosody@range": partly("the engine narrows it, and does not widen it"),
        "prosody@contour": partly("f0 changes from word to word, not within one"),
        "emphasis": yes("slower, higher and louder, or the opposite"),
        "phoneme": no("espeak-ng reads the text inside"),
        "lang": yes(),
    },
    otherwise=no("it is no element of SSML 1.1"),
)

SCRIPTED = Dialect(
    name="scripted",
    title="scripted tones, for tests",
    source="the workbench's synthesiser for tests",
    embedded=True,
    wrapped=False,
    features={
        **{
            name: no("it speaks in tones of one length", Instead.NOTHING)
            for name in ("break", "mark", "meta", "metadata", "desc", "lexicon", "bookmark", "mstts:silence")
        },
        "sub": no("it speaks in tones of one length"),
    },
    otherwise=no("it speaks in tones of one length"),
)

EMBEDDED = (KOKORO, ESPEAK, SCRIPTED)
