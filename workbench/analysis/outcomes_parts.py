"""What of the replies that a recorded turn thought of may be led, and how much of it is the right reply's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.analysis.outcomes import PARTS
from workbench.analysis.replay_memory import PER_LETTER
from workbench.analysis.replay_settings import reading_language
from workbench.analysis.turn_events import of_kind
from workbench.conversation.early_synthesis import confirmed
from workbench.conversation.prompts import parted, said_in
from workbench.core.events import Event, SynthesisReady
from workbench.speech.parts import clauses_in


@dataclass(frozen=True, slots=True)
class Cut:
    """How the replies of one session are cut."""

    language: str
    seconds: Mapping[str, float]
    """How long clauses last, by what they say."""

    @classmethod
    def of(cls, events: Sequence[Event]) -> "Cut":
        """Return it for a session's events."""
        clauses = [body for _, body in of_kind(events, SynthesisReady)]
        return cls(reading_language(events), {one.text: one.samples / one.rate for one in clauses})

    def columns(self, offered: Sequence[str], right: str | None) -> dict[str, npt.NDArray[Any]]:
        """Return the columns :data:`PARTS` of replies, SSML; ``right`` is what is asked for, if anything."""
        rows = [self._row(reply, right) for reply in offered] or [(0, 0, 0, 0, 0.0)]
        kinds = (np.int64, np.int64, np.int64, np.int64, np.float64)
        return {
            name: np.array(values, kind)
            for name, values, kind in zip(PARTS, zip(*rows, strict=True), kinds, strict=True)
        }

    def _row(self, reply: str, right: str | None) -> tuple[int, int, int, int, float]:
        first = parted(reply)
        clauses = clauses_in(reply, language=self.language)
        whole = int(first is not None), len(clauses) - 1
        kept, alike = whole[1], whole[0]
        if reply != right:
            rightly = None if right is None else parted(right)
            alike = int(first is not None and rightly is not None and first[0] == rightly[0])
            kept = 0 if right is None else confirmed(clauses, clauses_in(right, language=self.language))
        return whole[0], alike, whole[1], kept, sum(map(self._lasts, clauses[:kept]))

    def _lasts(self, clause: str) -> float:
        text = said_in(clause)
        return self.seconds.get(text, PER_LETTER * len(text))
