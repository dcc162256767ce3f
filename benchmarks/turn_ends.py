"""False cut-offs by all evidence and by silence alone at the same delay, on conversations not chosen with.

``python benchmarks/turn_ends.py SESSIONS...`` (folders of recorded sessions). For each mean endpoint delay
asked for, settings of endpointing are chosen on four fifths of the conversations, those with the fewest
false cut-offs that keep to the delay, and judged on the other fifth; every conversation is judged once, and
all of it is done with several divisions into fifths. Silence alone needs no choice: it is taken at the wait
that has the very delay which the evidence came to, so equal delays are compared. Intervals draw whole
conversations, 1,000 times, the two of a draw at that draw's own delay.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workbench.analysis.outcomes import RATE, Floats, Ints, TurnRecord
from workbench.analysis.outcomes_reading import turn_records
from workbench.analysis.policies import Policy, decide, pauses_of
from workbench.analysis.sweep_space import Space, silence_alone
from workbench.analysis.tuner_reading import session_folders
from workbench.errors import ParameterError, WorkbenchError
from workbench.store.recording import load_recording

DELAYS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2)
"""Mean endpoint delays asked for, seconds."""
WAITS = np.round(np.arange(0.2, 2.001, 0.02), 2)
"""Seconds of silence alone."""
EVIDENCE = Space(
    {
        "endpointing.hangover_min": (0.35, 0.5, 0.7, 0.85, 1.0),
        "endpointing.hangover_max": (0.6, 0.8, 1.1, 1.4, 1.7),
        "endpointing.sure": (0.6, 0.8, 1.0),
        "endpointing.unknown": (0.0, 0.3, 0.6, 1.0),
        "endpointing.pause_margin": (0.0, 0.15),
        "endpointing.long": (1.0, 1.5, 2.0),
    }
)
PARTS, DIVISIONS, DRAWS = 5, 20, 1000
NO_OTHER = 0.01
"""Seconds: where more delay is allowed and no more of it is taken, nothing is told again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """What policies made of turns, shape (policies, turns)."""

    delay: Floats
    """From the last voiced sample to the end that was decided, seconds."""
    cuts: Ints
    """False cut-offs."""

    @classmethod
    def of(cls, turns: Sequence[TurnRecord], policies: Sequence[Policy]) -> "Ends":
        """Return what they come to."""
        decided = decide(turns, policies)
        last = np.array([turn.voiced_end for turn in turns])
        return cls(delay=(decided.end - last) / RATE, cuts=decided.cut_offs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Turns under the settings chosen without them: means over the divisions, shape (turns,)."""

    delay: Floats
    cut: Floats
    """Share of the divisions in which the turn was cut off."""
    cuts: Floats
    """False cut-offs: pauses taken for the end."""


def judged(ends: Ends, owner: Ints, wanted: float, seed: int) -> Judged | None:
    """Return every turn under what was chosen on the conversations of other parts; None if nothing fits."""
    found = []
    for division in range(DIVISIONS):
        rng = np.random.default_rng((seed, division))
        part = rng.permutation(owner.max() + 1)[owner] % PARTS
        chosen = np.full(len(owner), -1)
        for one in range(PARTS):
            own = part == one
            delay = ends.delay[:, ~own].mean(axis=1)
            cuts = ends.cuts[:, ~own].mean(axis=1)
            fits = np.flatnonzero(delay <= wanted)
            if not len(fits):
                return None
            chosen[own] = fits[np.lexsort((delay[fits], cuts[fits]))[0]]
        turns = np.arange(len(owner))
        found.append((ends.delay[chosen, turns], ends.cuts[chosen, turns] > 0, ends.cuts[chosen, turns]))
    delay, cut, cuts = (np.mean([one[place] for one in found], axis=0) for place in range(3))
    return Judged(delay=delay, cut=cut, cuts=cuts)


def row(evidence: Judged, silence: Ends, owner: Ints, pauses: Ints, seed: int) -> str:
    """Return a line of the table: both at the delay that the evidence came to, and their difference."""
    rng = np.random.default_rng(seed)
    count = owner.max() + 1
    drawn = [np.bincount(rng.integers(count, size=count), minlength=count) for _ in range(DRAWS)]
    weights = np.vstack([np.ones(count), drawn])[:, owner]  # the first is the sample itself
    turns, paused = weights.sum(axis=1), weights @ pauses
    delay, waits = weights @ evidence.delay / turns, weights @ silence.delay.T / turns[:, None]

    def alone(values: Floats | Ints) -> Floats:
        each = weights @ np.asarray(values, np.float64).T
        return np.array([np.interp(d, w, v) for d, w, v in zip(delay, waits, each, strict=True)])

    cuts, cuts_alone = weights @ evidence.cuts / paused, alone(silence.cuts) / paused
    cut, cut_alone = weights @ evidence.cut / turns, alone(np.minimum(silence.cuts, 1)) / turns
    shown = (cuts, cuts_alone, cuts_alone - cuts, cut, cut_alone, cut_alone - cut)
    return f"| {1000 * delay[0]:.0f} ms | " + " | ".join(_interval(one) for one in shown) + " |"


def _interval(values: Floats) -> str:
    low, high = np.quantile(values[1:], (0.025, 0.975))
    return f"{100 * values[0]:.1f} % ({100 * low:.0f} to {100 * high:.0f})"


def table(turns: Sequence[TurnRecord], space: Space, seed: int) -> str:
    """Return both curves, as Markdown."""
    names = list(dict.fromkeys(turn.conversation for turn in turns))
    if len(names) < PARTS:
        raise ParameterError(f"{len(names)} conversations, expected at least {PARTS}")
    owner = np.array([names.index(turn.conversation) for turn in turns])
    evidence = Ends.of(turns, space.grid())
    silence = Ends.of(turns, list(silence_alone(Policy(), WAITS.tolist()).values()))
    pauses = np.array([len(pauses_of(turn)) for turn in turns])
    lines = [
        f"{len(turns)} turns, {len(names)} conversations, {pauses.sum()} pauses, "
        f"{len(evidence.delay)} settings",
        "| mean endpoint delay | pauses cut, all evidence | silence alone | difference "
        "| turns cut, all evidence | silence alone | difference |",
        "|---|---|---|---|---|---|---|",
    ]
    told: Judged | None = None
    for wanted in DELAYS:
        found = judged(evidence, owner, wanted, seed)
        if found is not None and (told is None or found.delay.mean() > told.delay.mean() + NO_OTHER):
            lines.append(row(found, silence, owner, pauses, seed))
            told = found
    return "\n".join(lines)


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sessions", type=Path, nargs="+", metavar="SESSIONS")
    parser.add_argument(
        "--without", nargs="*", default=[], metavar="SETTING", help="try only its first value"
    )
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    try:
        folders = session_folders(arguments.sessions)
        turns = turn_records([load_recording(one) for one in folders], [str(one) for one in folders])
        values = {n: v[:1] if n in arguments.without else v for n, v in EVIDENCE.values.items()}
        print(table(turns, Space(values), arguments.seed))
    except WorkbenchError as error:
        print(f"turn_ends: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
