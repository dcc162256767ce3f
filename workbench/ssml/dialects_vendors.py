"""What the vendors' services make of SSML.

Sources: each vendor's page on SSML as of 2026 (Amazon Polly "Supported SSML tags", Azure "SSML structure and
events" with its schema, Google Cloud "Speech Synthesis Markup Language", ElevenLabs "Prompting: controls",
Alexa "SSML reference"). None of the services was asked: what they say is what stands here.
"""

from collections.abc import Mapping

from workbench.ssml.dialect import Dialect, Entry, Instead, no, partly, yes

_UNLISTED = "the service does not list it"
_ABOUT: Mapping[str, Entry] = {
    "meta": no("it is about the document", Instead.NOTHING),
    "metadata": no("it is about the document", Instead.NOTHING),
    "desc": no("it is for readers, not for hearers", Instead.NOTHING),
    "lexicon": no(_UNLISTED, Instead.NOTHING),
    "mark": no(_UNLISTED, Instead.NOTHING),
    "bookmark": no("it is Azure's", Instead.NOTHING),
    "mstts:silence": no("it is Azure's", Instead.NOTHING),
    "mstts:viseme": no("it is Azure's", Instead.NOTHING),
    "mstts:audioduration": no("it is Azure's", Instead.NOTHING),
    "mstts:backgroundaudio": no("it is Azure's", Instead.NOTHING),
    "amazon:breath": no("it is Polly's", Instead.NOTHING),
}


def _kinds(*kinds: str) -> dict[str, Entry]:
    return {f"say-as@{kind}": yes() for kind in kinds}


AZURE = Dialect(
    name="azure",
    title="Azure Speech",
    source="Microsoft's page on SSML and its schema",
    strict=True,
    needs_voice=True,
    namespaces={
        "version": "1.0",
        "xmlns": "http://www.w3.org/2001/10/synthesis",
        "xmlns:mstts": "http://www.w3.org/2001/mstts",
    },
    contains={"lang": ("phoneme",)},
    rate_as_factor=True,
    rates=(0.5, 2.0),
    volume_as_percent=True,
    features={
        **_ABOUT,
        **_kinds("characters", "spell-out", "digits", "number", "cardinal", "ordinal", "fraction", "date"),
        **_kinds("time", "duration", "currency", "telephone", "address", "name"),
        "say-as": no(_UNLISTED, Instead.WORDS),
        "p": yes(),
        "s": yes(),
        "break": yes(),
        "prosody": yes(),
        "prosody@contour": partly("not every voice follows it"),
        "prosody@range": partly("not every voice follows it"),
        "prosody@duration": no(_UNLISTED),
        "emphasis": partly("only a few voices do it"),
        "sub": yes(),
        "phoneme": yes("ipa, sapi, ups and x-sampa"),
        "mark": Entry(yes().level, Instead.BOOKMARK, "reported as a bookmark"),
        "bookmark": yes(),
        "voice@name": yes(),
        "voice@gender": no("a voice needs a name"),
        "lang": partly("only multilingual voices speak it"),
        "audio": yes(),
        "lexicon": yes(),
        "mstts:express-as": partly("each voice has its own styles"),
        "mstts:silence": yes(),
        "mstts:viseme": yes(),
        "mstts:audioduration": yes(),
        "mstts:backgroundaudio": yes(),
        "mstts:ttsembedding": yes(),
    },
    otherwise=no(_UNLISTED),
)

GOOGLE = Dialect(
    name="google",
    title="Google Cloud Text-to-Speech (Standard, WaveNet, Neural2)",
    source="Google's page on SSML",
    pitch_units=("st", "%", "=Hz"),
    features={
        **_ABOUT,
        **_kinds("characters", "spell-out", "verbatim", "cardinal", "ordinal", "fraction", "unit", "date"),
        **_kinds("time", "duration", "currency", "telephone", "bleep", "expletive", "number"),
        "say-as": no(_UNLISTED, Instead.WORDS),
        "p": yes(),
        "s": yes(),
        "break": yes(),
        "prosody@rate": yes(),
        "prosody@pitch": yes(),
        "prosody@volume": yes(),
        "emphasis": partly("some voices do it"),
        "sub": yes(),
        "phoneme@ipa": yes(),
        "phoneme@x-sampa": yes(),
        "mark": yes(),
        "voice": yes(),
        "lang": yes(),
        "audio": yes(),
        "desc": yes("shown, not spoken"),
        "par": yes(),
        "seq": yes(),
        "media": yes(),
        "speak": yes("inside media"),
        "google:style": partly("only some voices do it"),
    },
    otherwise=no(_UNLISTED),
)

_POLLY: Mapping[str, Entry] = {
    **_ABOUT,
    **_kinds("characters", "spell-out", "cardinal", "number", "ordinal", "digits", "fraction", "unit"),
    **_kinds("date", "time", "address", "expletive", "telephone"),
    "say-as": no(_UNLISTED, Instead.WORDS),
    "p": yes(),
    "s": yes(),
    "break": yes(),
    "prosody@rate": yes(),
    "prosody@volume": yes(),
    "sub": yes(),
    "phoneme@ipa": yes(),
    "phoneme@x-sampa": yes(),
    "mark": yes(),
    "lang": yes(),
    "w": yes(),
    "amazon:effect": partly("which effects there are depends on the kind of voice"),
}

POLLY_STANDARD = Dialect(
    name="polly-standard",
    title="Amazon Polly, standard voices",
    source="Amazon's page on supported tags",
    strict=True,
    rates=(0.2, 2.0),
    pitch_units=("%",),
    features={
        **_POLLY,
        "prosody@pitch": yes(),
        "emphasis": yes(),
        "amazon:auto-breaths": yes(),
        "amazon:breath": yes(),
    },
    otherwise=no("a tag that is not listed is an error"),
)

POLLY_NEURAL = Dialect(
    name="polly-neural",
    title="Amazon Polly, neural voices",
    source="Amazon's page on supported tags",
    strict=True,
    rates=(0.2, 2.0),
    features={
        **_POLLY,
        "prosody@pitch": no("neural voices keep their pitch"),
        "emphasis": partly("neural voices have no emphasis", Instead.PROSODY),
        **{
            f"say-as@{kind}": partly("neural voices do it in part")
            for kind in ("characters", "spell-out", "digits", "unit", "address")
        },
        "amazon:domain": partly("only some voices have the news style"),
    },
    otherwise=no("a tag that is not listed is an error"),
)

ELEVENLABS = Dialect(
    name="elevenlabs",
    title="ElevenLabs (all models but v3)",
    source="ElevenLabs' page on controls",
    wrapped=False,
    longest_break=3.0,
    features={
        **_ABOUT,
        "p": partly("there are no paragraphs", Instead.CONTENT),
        "s": partly("there are no sentences", Instead.CONTENT),
        "break@time": yes(),
        "break@strength": partly("a break has a time", Instead.TIME),
        "phoneme@ipa": partly("only the English models know it"),
        "phoneme@x-sampa": partly("only the English models know it, in IPA", Instead.IPA),
        "prosody@rate": no("speed is a setting of the request"),
        "prosody": no(_UNLISTED),
        "sub": Entry(yes().level, Instead.ALIAS),
        "say-as": partly(_UNLISTED, Instead.WORDS),
    },
    otherwise=no(_UNLISTED),
)

ALEXA = Dialect(
    name="alexa",
    title="Alexa skills",
    source="Amazon's SSML reference for Alexa",
    strict=True,
    rates=(0.2, 4.0),
    pitch_units=("%",),
    loudest=4.08,
    features={
        **_ABOUT,
        **_kinds("characters", "spell-out", "cardinal", "number", "ordinal", "digits", "fraction", "unit"),
        **_kinds("date", "time", "telephone", "address", "interjection", "expletive"),
        "say-as": no(_UNLISTED, Instead.WORDS),
        "p": yes(),
        "s": yes(),
        "break": yes(),
        "prosody@rate": yes(),
        "prosody@pitch": yes(),
        "prosody@volume": yes(),
        "emphasis": yes(),
        "sub": yes(),
        "phoneme@ipa": yes(),
        "phoneme@x-sampa": yes(),
        "voice@name": yes(),
        "lang": yes(),
        "audio": yes(),
        "w": yes(),
        "amazon:effect": yes(),
        "amazon:domain": yes(),
        "amazon:emotion": yes(),
    },
    otherwise=no(_UNLISTED),
)

VENDORS = (AZURE, GOOGLE, POLLY_STANDARD, POLLY_NEURAL, ELEVENLABS, ALEXA)
