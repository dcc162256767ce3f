"""The SSML lab: a text edited, and as it is typed its mistakes, its losses, its sound and what was obeyed."""

import logging
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from workbench.errors import ParameterError, SsmlError, WorkbenchError
from workbench.speech.speakers import Speakers
from workbench.speech.voice_choice import catalogue, instead_of
from workbench.speech.voices import DEFAULT_VOICE, Voice, named
from workbench.ssml.dialects import dialects
from workbench.ssml.render import plain_text
from workbench.widgets.esm import bundle, source
from workbench.widgets.ssml_sounds import Saying, Sound
from workbench.widgets.ssml_told import CHARACTERS_MAX, KINDS, document_of, told

if TYPE_CHECKING:
    import pandas as pd

VOICES_MAX = 6
"""Voices that say a text at once."""
SPOKEN_MAX = 1_500
"""Characters of a text, without its tags, that is said while it is typed."""
EXAMPLE = """<speak>
  I am sorry.<break time="600ms"/>
  <prosody rate="85%" pitch="-2st">Your table is not free at eight,</prosody>
  but a quarter past nine would work <emphasis level="strong">perfectly</emphasis>.
</speak>"""

_LOG = logging.getLogger(__name__)


class SsmlLab(anywidget.AnyWidget):
    """Shows what a text comes to while it is typed: mistakes, losses, sounds, and what was asked and done.

    Parameters
    ----------
    text : what stands in it first: SSML, plain text, or shorthand
    voices : ids of the voices that say it; more can be chosen in the page
    kind : ``ssml`` (or plain text), or ``shorthand``
    speak : whether it is said as it is typed
    speakers : finds the voices' engines; those of this machine unless given

    Raises
    ------
    ParameterError
        If a voice is not known, there are too many of them, or the kind is none of the two.
    """

    _esm = bundle("ssml_lab.js")
    _css = source("ssml_lab.css")

    info = traitlets.Dict().tag(sync=True)
    """Voices and targets there are, and limits."""
    draft = traitlets.Dict().tag(sync=True)
    """What is typed: text, kind, voices, whether it is said, and a revision; a page changes it."""
    found = traitlets.Dict().tag(sync=True)
    """What was found in the text of the same revision."""
    spoken = traitlets.Dict().tag(sync=True)
    """How it stands with each voice."""

    def __init__(
        self,
        text: str = EXAMPLE,
        *,
        voices: Sequence[str] = (DEFAULT_VOICE, "am_michael"),
        kind: str = "ssml",
        speak: bool = True,
        speakers: Speakers | None = None,
        **traits: Any,
    ) -> None:
        self._lock = threading.Lock()
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="ssml-lab-reads")
        self._read: Future[None] | None = None
        self._own = speakers is None
        self._speakers = Speakers() if speakers is None else speakers
        self._saying = Saying(self._speakers, self._said)
        self._sounds: dict[str, tuple[int, Sound]] = {}
        if not isinstance(text, str):
            raise ParameterError(f"the text is a {type(text).__name__}, expected a str")
        if isinstance(voices, str):
            raise ParameterError(f"voices are {voices!r}, expected a list of ids, as [{voices!r}]")
        chosen = [named(one) for one in dict.fromkeys(voices)]
        if len(chosen) > VOICES_MAX:
            raise ParameterError(f"{len(chosen)} voices shall say the text, expected at most {VOICES_MAX}")
        if kind not in KINDS:
            raise ParameterError(f"kind of text is {kind!r}, expected one of {', '.join(KINDS)}")
        known = {voice.id: voice for voice in (*chosen, *catalogue())}
        super().__init__(
            info={
                "voices": [_voice_told(voice) for voice in known.values()],
                "targets": {name: one.title for name, one in dialects().items()},
                "characters_max": CHARACTERS_MAX,
                "voices_max": VOICES_MAX,
                "spoken_max": SPOKEN_MAX,
            },
            draft={
                "text": text,
                "kind": kind,
                "voices": [voice.id for voice in chosen],
                "speak": speak,
                "revision": 0,
            },
            **traits,
        )
        self.observe(self._typed, "draft")
        self.on_msg(self._asked)
        self._typed({"new": self.draft})

    @property
    def text(self) -> str:
        """Return what is typed."""
        return str(self.draft.get("text", ""))

    def write(self, text: str) -> None:
        """Put another text in place of the one that is there."""
        self.draft = {**self.draft, "text": text, "revision": int(self.draft["revision"]) + 1}

    def wait(self, seconds: float = 120.0) -> "SsmlLab":
        """Wait until the text is read, said and measured, and return the lab itself.

        Raises
        ------
        ParameterError
            If that takes longer than ``seconds``.
        """
        try:
            if self._read is not None:
                self._read.result(seconds)
            done = self._saying.wait(seconds)
        except TimeoutError:
            done = False
        if not done:
            raise ParameterError(f"the text is not said and measured after {seconds:.0f} s")
        return self

    def obedience(self) -> "pd.DataFrame":
        """Return what was asked and what was measured, a row for each voice and thing asked."""
        import pandas as pd

        told_of = [(voice, one) for voice, one in self.spoken.items() if one.get("rows")]
        rows = [
            {
                "voice": voice,
                "asked for": row["what"],
                "line": (row["place"] or [None])[0],
                "asked": row["asked"],
                "measured": row["measured"],
                "done": row["done"],
            }
            for voice, one in told_of
            for row in one["rows"]
        ]
        return pd.DataFrame(rows, columns=["voice", "asked for", "line", "asked", "measured", "done"])

    def close(self) -> None:
        """Close the lab; what is being said ends after its clause."""
        self._saying.close()
        self._reading.shutdown(wait=False, cancel_futures=True)
        if self._own:
            self._speakers.close()
        super().close()

    # --- as it is typed

    def _typed(self, change: Mapping[str, Any]) -> None:
        """Let a worker read what was typed; what waits of an older text is dropped."""
        try:
            draft = dict(change["new"])
            revision = int(draft["revision"])
            text, kind = str(draft["text"]), str(draft["kind"])
            voices = [str(one) for one in draft["voices"]]
        except (KeyError, TypeError, ValueError) as error:
            _LOG.warning("a page wrote something else than a text: %s", type(error).__name__)
            return
        self._saying.cancel(revision)
        if self._read is not None:
            self._read.cancel()
        self._read = self._reading.submit(
            self._look, revision, text, kind, voices if draft.get("speak") else []
        )

    def _look(self, revision: int, text: str, kind: str, voices: Sequence[str]) -> None:
        problem = ""
        try:
            found = told(text, kind)
            self.found = {**found, "revision": revision, "problem": ""}
            problem = self._unsaid(text, kind, voices) if found["read"] else ""
            if found["read"]:
                self._say(revision, text, kind, () if problem else voices)
        except WorkbenchError as error:
            problem = str(error)
        except Exception as error:
            _LOG.error("a text could not be looked at: %s", type(error).__name__)
            problem = f"the text could not be looked at ({type(error).__name__})"
        if problem:
            self.found = {**self.found, "revision": revision, "problem": problem}

    def _unsaid(self, text: str, kind: str, voices: Sequence[str]) -> str:
        """Return why nothing is said; empty if it is, or nobody asks for it."""
        if len(voices) > VOICES_MAX:
            return f"{len(voices)} voices are chosen, expected at most {VOICES_MAX}"
        length = len(plain_text(document_of(text, kind)))
        if voices and length > SPOKEN_MAX:
            return f"the text has {length} characters without its tags, at most {SPOKEN_MAX} are said here"
        return ""

    def _say(self, revision: int, text: str, kind: str, voices: Sequence[str]) -> None:
        with self._lock:
            self._sounds = {}
            self.spoken = {}
        try:
            document = document_of(text, kind)
        except SsmlError:
            return
        if plain_text(document):
            self._saying.begin(revision, document, [named(one) for one in voices])

    def _said(self, revision: int, voice: str, how: dict[str, Any], sound: Sound | None) -> None:
        with self._lock:
            if sound is not None:
                self._sounds[voice] = (revision, sound)
                self._send_sound(voice)
            self.spoken = {**self.spoken, voice: {**how, "revision": revision}}

    def _send_sound(self, voice: str) -> None:
        revision, sound = self._sounds[voice]
        told_of = {"kind": "sound", "voice": voice, "revision": revision, "rate": sound.rate}
        self.send(told_of, buffers=[sound.pcm])

    def _asked(self, _widget: object, content: Any, _buffers: object) -> None:
        """Send the sounds there are to a page that has none yet."""
        if isinstance(content, dict) and content.get("kind") == "sounds":
            with self._lock:
                for voice in self._sounds:
                    self._send_sound(voice)


def _voice_told(voice: Voice) -> dict[str, str]:
    told = {"id": voice.id, "language": voice.language, "engine": voice.engine, "gender": voice.gender}
    return {**told, "note": instead_of(voice)}
