"""What a policy is judged on: recorded turns in compact form, what was decided, and what came of it.

A turn is a list of *steps* in the order the deciders saw them: the caller fell silent, spoke on, or a partial
understanding was offered. Positions are samples of the caller's stream at :data:`RATE`, as counted by the
voice activity that clocks the deciders. Definitions:

response time
    from the caller's last sound to the first audible sample of the reply to the whole turn, or of what is
    rightly led before its final
endpoint delay
    from the caller's last voiced sample, as voice activity has it, to the decision that the turn is over
time saved
    that of the same end of turn without early synthesis, its early final and leading, less that with them
false cut-off
    an end of turn decided in a pause after which the caller went on
cut-off heard
    a false cut-off whose reply became audible before the caller went on
committed
    an early reply of which the final confirms all, or at least the first part (sentence or clause) that might
    have been led: what it confirms is heard, the rest made anew
wrong audio heard
    a cut-off heard whose reply is not the one the whole turn asks for; or a sentence or clause led that
    is not that one's in its place, and heard before it could be replaced
wasted synthesis
    seconds of synthesis put into early replies that were discarded
cost
    price of the characters synthesised, discarded replies included
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt

from workbench.conversation.expecting import Expected
from workbench.errors import ParameterError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RATE = 16_000
"""Positions a second."""
TICK = 512
"""Positions between two looks at the caller's silence: 32 ms."""

OFFER, SILENT, RESUMED = 0, 1, 2
"""Kinds of steps: a partial was offered, the caller fell silent, the caller went on."""

NO_REPLY = -1
"""Stands for the reply to words that ask for none."""
RIGHT = 0
"""Stands for the reply that the final asks for; other replies have numbers above it."""


COLUMNS = (
    *("kind", "position", "confidence", "stability", "silence", "end_of_sentence", "complete", "reply"),
)
"""The columns of a turn's steps."""
PARTS = ("parted", "alike", "clauses", "kept", "kept_seconds")
"""The columns that tell what of the reply offered may be led."""
ALL_COLUMNS = (*COLUMNS, *PARTS, "begun")
"""Those that need not be given too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """How long the stages took in one turn, seconds."""

    capture: float = 0.0
    """From the caller's last sound to the moment the endpoint took for it, as the endpoint's clock runs."""
    final_tail: float
    """From the end of turn to the final, where the pass began at the end."""
    final_alone: float = np.nan
    """The same with no synthesis beside it; NaN if that is not known to differ."""
    final_known: float = np.nan
    """Moment on the stream, seconds, at which an early pass was done; NaN if there was none."""
    thinking: float
    """From the final to the reply's text."""
    synthesis: float
    """From the reply's text to its first byte."""
    synthesis_alone: float = np.nan
    """The same with no recognition beside it; NaN if that is not known to differ."""
    playout: float
    """From the first byte, once the reply may be heard, to its first audible sample."""
    work: float
    """Seconds the synthesiser takes for a whole reply."""
    characters: int = 0
    """Characters of the reply."""
    measured: bool = True
    """Whether the turn was answered; else these are the medians of turns that were."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TurnRecord:
    """One recorded turn. Arrays have one entry a step; what a kind of step has not is 0."""

    conversation: str
    """Turns of one conversation stand together, in order."""
    turn: int
    kind: Ints
    """One of :data:`OFFER`, :data:`SILENT`, :data:`RESUMED`; the last silence is followed by offers only."""
    position: Ints
    """When the deciders knew, never decreasing; of a silence, the last voiced sample."""
    silence: Floats
    """Seconds the caller had been silent at an offer."""
    confidence: Floats
    """Of the intent offered, 0..1."""
    stability: Floats
    """Of the transcript offered, 0..1."""
    end_of_sentence: Floats
    """The recogniser's probability that the sentence offered was complete, 0..1."""
    complete: Ints
    """Whether the words made a finished request: 1 or 0; -1 when they had no intent."""
    reply: Ints
    """Which reply the words offered asked for: :data:`RIGHT`, :data:`NO_REPLY` or another number."""
    began: int
    """First voiced sample."""
    stages: Stages
    answered: bool = True
    """Whether the final asked for a reply."""
    expected: Expected = Expected.ANYTHING
    """What the caller had been asked for."""
    pace: float = 0.0
    """The caller's, words a second, as it was known when the turn began; 0 if it was not."""
    longest_pause: float = 0.0
    """What was known of the caller's pauses before the conversation, seconds."""
    parted: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    """Whether the reply offered has a first sentence that may be led, 1 or 0; none has if it is not given."""
    alike: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    """Whether that is the first sentence of the right reply, 1 or 0; if not given, only its own is."""
    clauses: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    """How many clauses stand before the last of the reply offered; none if it is not given."""
    kept: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    """How many of them, from the first on, are those of the right reply; if not given, all its own alone."""
    kept_seconds: Floats = field(default_factory=lambda: np.zeros(0))
    """How long those last; 0 if it is not given."""
    begun: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    """When the pass that an offer comes from was begun: a turn that ends after that still hears of it. Its
    position if it is not given."""

    def __post_init__(self) -> None:
        right = ((self.kind == OFFER) & (self.reply == RIGHT)).astype(np.int64)
        for name in ("parted", "clauses"):
            if not len(getattr(self, name)):
                object.__setattr__(self, name, np.zeros(len(self.kind), np.int64))
        for name, whole in (("alike", self.parted), ("kept", self.clauses)):
            if not len(getattr(self, name)) and len(whole) == len(right):
                object.__setattr__(self, name, whole * right)
        if not len(self.kept_seconds):
            object.__setattr__(self, "kept_seconds", np.zeros(len(self.kind)))
        if not len(self.begun):
            object.__setattr__(self, "begun", self.position)
        sizes = {name: len(getattr(self, name)) for name in ALL_COLUMNS}
        if set(sizes.values()) != {len(self.kind)}:
            raise ParameterError(f"turn {self.turn} has columns of {sizes} steps, expected {len(self.kind)}")
        if np.any(np.diff(self.position) < 0):
            raise ParameterError(f"the steps of turn {self.turn} are not in the order of their positions")
        pauses = self.kind[self.kind != OFFER]
        wanted = np.where(np.arange(len(pauses)) % 2, RESUMED, SILENT)
        if len(pauses) % 2 == 0 or np.any(pauses != wanted):
            raise ParameterError(
                f"turn {self.turn} has pauses {pauses.tolist()}, expected silence and speech in turns "
                "and silence at the end"
            )

    @property
    def voiced_end(self) -> int:
        """Return the last voiced sample of the turn."""
        return int(self.position[self.kind == SILENT][-1])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decisions:
    """What was decided; arrays of shape (policies, turns)."""

    end: Ints
    """Position at which the whole turn was ended."""
    cut_offs: Ints
    """False cut-offs."""
    cut_offs_heard: Ints
    wrong_heard: Ints
    """How often wrong audio was heard."""
    starts: Ints
    """Early replies begun; each is committed or discarded."""
    commits: Ints
    discards: Ints
    first_start: Floats
    """Second on the stream at which the first early reply was begun; NaN if none was."""
    early: Floats
    """Second on the stream at which the early reply that answers the turn was begun; NaN if none does."""
    led: Floats
    """Second on the stream from which something is led, but for its way; NaN if nothing is."""
    wasted: Floats
    """Seconds of synthesis put into discarded replies."""
    early_final: npt.NDArray[np.bool_]
    """Whether a pass made before the end of the turn may serve as its final: goes with early synthesis."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcomes:
    """What came of it; arrays of shape (policies, turns). NaN in a turn that asks for no reply."""

    response_time: Floats
    endpoint_delay: Floats
    time_saved: Floats
    starts: Ints
    commits: Ints
    discards: Ints
    wrong_heard: Ints
    cut_offs: Ints
    cut_offs_heard: Ints
    wasted: Floats
    cost: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StageColumns:
    """The stages of many turns as one array each, of any shape that goes with what is worked out."""

    final_tail: Floats
    final_alone: Floats
    final_known: Floats
    thinking: Floats
    synthesis: Floats
    synthesis_alone: Floats
    playout: Floats

    @classmethod
    def of(cls, turns: Sequence[TurnRecord]) -> "StageColumns":
        """Return arrays of shape (turns,); what is not known to take less alone takes as long."""
        known = {
            one.name: np.array([getattr(turn.stages, one.name) for turn in turns]) for one in fields(cls)
        }
        for alone, beside in (("final_alone", "final_tail"), ("synthesis_alone", "synthesis")):
            known[alone] = np.where(np.isnan(known[alone]), known[beside], known[alone])
        return cls(**known)

    def part(self, chosen: slice) -> "StageColumns":
        """Return those of some turns, shape (turns,)."""
        return StageColumns(**{one.name: getattr(self, one.name)[chosen] for one in fields(self)})

    def rows(self, chosen: npt.NDArray[np.intp] | slice) -> "StageColumns":
        """Return those of the turns chosen, shape (turns, 1)."""
        return StageColumns(**{one.name: getattr(self, one.name)[chosen, None] for one in fields(self)})


def decided_at(
    end: Floats, late: npt.NDArray[np.bool_], stages: StageColumns, *, known: npt.NDArray[np.bool_] | bool
) -> Floats:
    """Return when the final has been understood, seconds on the stream.

    Parameters
    ----------
    end, stages, known : as for :func:`heard_at`
    late : whether no early reply is synthesised meanwhile
    """
    counts = known & ~np.isnan(stages.final_known)
    tail = np.where(late, stages.final_alone, stages.final_tail)
    return np.asarray(np.where(counts, np.maximum(end, stages.final_known), end + tail) + stages.thinking)


def heard_at(
    end: Floats, early: Floats, stages: StageColumns, *, known: npt.NDArray[np.bool_] | bool
) -> Floats:
    """Return when the reply is first audible, seconds on the stream.

    Recognition and synthesis share the processors: with an early reply on its way both take as long as they
    do beside each other, else the one follows the other and each takes what it takes alone.

    Parameters
    ----------
    end : seconds on the stream at which the turn was ended
    early : when the early reply was begun that is committed; NaN if there is none
    stages : how long each stage takes
    known : whether an early final counts: at the end of the whole turn, where early passes are made
    """
    late = np.isnan(early)
    decided = decided_at(end, late | (early + stages.synthesis <= end), stages, known=known)
    spoken = np.where(late, decided + stages.synthesis_alone, early + stages.synthesis)
    return np.asarray(np.maximum(decided, spoken) + stages.playout)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TurnColumns:
    """What :func:`outcomes` needs of many turns, read once; arrays of shape (turns,)."""

    stages: StageColumns
    said: Floats
    """When the caller fell silent, seconds on the stream."""
    voiced_end: Floats
    """The last voiced sample, as voice activity has it, seconds on the stream."""
    answered: npt.NDArray[np.bool_]
    characters: Ints

    @classmethod
    def of(cls, turns: Sequence[TurnRecord]) -> "TurnColumns":
        """Return the columns of turns."""
        return cls(
            stages=StageColumns.of(turns),
            said=np.array([turn.voiced_end / RATE - turn.stages.capture for turn in turns]),
            voiced_end=np.array([turn.voiced_end / RATE for turn in turns]),
            answered=np.array([turn.answered for turn in turns]),
            characters=np.array([turn.stages.characters for turn in turns]),
        )


def outcomes(
    decisions: Decisions, turns: Sequence[TurnRecord] | TurnColumns, *, price: float = 0.0
) -> Outcomes:
    """Return what came of the decisions; ``price`` is that of a thousand characters synthesised."""
    known = turns if isinstance(turns, TurnColumns) else TurnColumns.of(turns)
    end, stages = decisions.end / RATE, known.stages
    said, answered, characters = known.said, known.answered, known.characters
    with_early = heard_at(end, decisions.early, stages, known=decisions.early_final)
    with_early = np.fmin(with_early, decisions.led + stages.playout)
    without = heard_at(end, np.full(end.shape, np.nan), stages, known=False)
    return Outcomes(
        response_time=np.where(answered, with_early - said, np.nan),
        endpoint_delay=np.where(answered, end - known.voiced_end, np.nan),
        time_saved=np.where(answered, without - with_early, np.nan),
        starts=decisions.starts,
        commits=decisions.commits,
        discards=decisions.discards,
        wrong_heard=decisions.wrong_heard,
        cut_offs=decisions.cut_offs,
        cut_offs_heard=decisions.cut_offs_heard,
        wasted=decisions.wasted,
        cost=np.asarray(price / 1000 * characters * (decisions.discards + answered), np.float64),
    )
