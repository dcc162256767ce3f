"""One text said by several voices in worker threads, and what each did of it; the newest text counts."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.analysis.obedience import MOST, Obeyed, Probed, Said, obeyed, probed
from workbench.core.audio import Samples
from workbench.errors import WorkbenchError
from workbench.speech.refused import clauses_of
from workbench.speech.speakers import Speakers
from workbench.speech.voices import Voice
from workbench.ssml.document import Speak
from workbench.ssml.render import plain_text, render
from workbench.ssml.setting import PLAIN
from workbench.widgets.ssml_told import place_told

THREADS = 2
"""Voices that speak at once."""
KEPT = 12
"""Plain sounds kept: a text of which only the prosody changes is compared with the same one."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sound:
    """What one voice said."""

    samples: Samples
    rate: int

    @property
    def pcm(self) -> bytes:
        """Return it as 16-bit samples."""
        return np.rint(np.clip(self.samples, -1, 1) * 32_767).astype("<i2").tobytes()


class Saying:
    """Lets voices say texts, one text at a time.

    Parameters
    ----------
    speakers : finds the engines; loaded when a voice first speaks
    tell : takes a revision, a voice's id, how it stands with it (JSON-ready), and its sound once it is there;
        called from worker threads
    """

    def __init__(
        self, speakers: Speakers, tell: Callable[[int, str, dict[str, Any], Sound | None], None]
    ) -> None:
        self._speakers, self._tell = speakers, tell
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="ssml-lab")
        self._lock = threading.Lock()
        self._revision = -1
        self._waiting: list[Future[None]] = []
        self._plain: OrderedDict[tuple[str, str], Said] = OrderedDict()

    def begin(self, revision: int, document: Speak, voices: Sequence[Voice]) -> None:
        """Say ``document`` with each voice; what was being said of an older text ends after its clause."""
        made = probed(document)
        self.cancel(revision)
        for voice in voices:
            self._tell(revision, voice.id, {"state": "waiting"}, None)
        with self._lock:
            self._waiting = [self._threads.submit(self._say, revision, made, voice) for voice in voices]

    def cancel(self, revision: int) -> None:
        """Say no more of what is older than ``revision``."""
        with self._lock:
            self._revision = max(revision, self._revision)
            for one in self._waiting:
                one.cancel()
            self._waiting = []

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is being said; False if that takes longer."""
        with self._lock:
            waiting = list(self._waiting)
        for one in waiting:
            try:
                one.result(seconds)
            except TimeoutError:
                return False
            except CancelledError:  # of a text that is no longer the newest
                continue
        return True

    def close(self) -> None:
        """Say nothing any more."""
        self.cancel(1 << 60)
        self._threads.shutdown(wait=False, cancel_futures=True)

    # --- in a worker

    def _say(self, revision: int, made: Probed, voice: Voice) -> None:
        def told(state: str, sound: Sound | None = None, **more: Any) -> None:
            if not self._over(revision):
                self._tell(revision, voice.id, {"state": state, **more}, sound)

        try:
            if self._over(revision):
                return
            told("speaking")
            asked = self._said(revision, made.asked, voice)
            if asked is None:
                return
            sound = Sound(asked.samples, asked.rate)
            known: dict[str, Any] = {
                "seconds": asked.seconds,
                "left_out": asked.left_out,
                "more": len(made.probes) == MOST,
            }
            if not made.probes:
                told("measured", sound, rows=[], **known)
                return
            told("measuring", sound, rows=[], **known)
            plain = self._usual(revision, made.plain, voice)
            if plain is None:
                return
            rows = obeyed(made.probes, asked, plain)
            told("measured", rows=[_row_told(row) for row in rows], **known)
        except WorkbenchError as error:
            told("failed", problem=str(error))
        except Exception as error:
            _LOG.error("a voice could not say a text: %s", type(error).__name__)
            told("failed", problem=f"{voice.id} could not say it ({type(error).__name__})")

    def _usual(self, revision: int, plain: Speak, voice: Voice) -> Said | None:
        key = (voice.id, render(plain))
        with self._lock:
            kept = self._plain.get(key)
            if kept is not None:
                self._plain.move_to_end(key)
                return kept
        made = self._said(revision, plain, voice)
        if made is not None:
            with self._lock:
                self._plain[key] = made
                while len(self._plain) > KEPT:
                    self._plain.popitem(last=False)
        return made

    def _said(self, revision: int, document: Speak, voice: Voice) -> Said | None:
        """Return the sound of ``document`` without what the voice refuses; None if another text has come."""
        speaker, text = self._speakers.of(voice), plain_text(document)
        clauses = []
        for clause in clauses_of(speaker, render(document), text=text, voice=voice.within, style=PLAIN):
            if self._over(revision):
                return None
            clauses.append(clause)
        if not any(len(clause.samples) for clause in clauses):
            raise WorkbenchError(f"{voice.id} says nothing to this text")
        return Said(clauses)

    def _over(self, revision: int) -> bool:
        return revision < self._revision


def _row_told(row: Obeyed) -> dict[str, Any]:
    return {
        "what": row.what,
        "place": place_told(row.place),
        "asked": row.asked,
        "measured": row.measured,
        "done": row.done,
    }
