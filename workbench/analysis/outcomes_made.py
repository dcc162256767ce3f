"""Made-up turns, for tests, benchmarks and simulations; the same seed makes the same turns."""

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.analysis.outcomes import COLUMNS, OFFER, RATE, RESUMED, RIGHT, SILENT, Stages, TurnRecord
from workbench.conversation.expecting import Expected


def made_turns(seed: int, count: int, *, per_conversation: int = 5) -> tuple[TurnRecord, ...]:
    """Return ``count`` turns of callers who pause and are understood more or less well."""
    rng = np.random.default_rng(seed)
    return tuple(
        made_turn(rng, conversation=f"made-{number // per_conversation}", turn=number % per_conversation)
        for number in range(count)
    )


def made_turn(rng: np.random.Generator, *, conversation: str, turn: int) -> TurnRecord:
    """Return one turn: one to four stretches of speech with a partial about every 0.4 s."""
    rows: list[tuple[float, ...]] = []
    at = began = int(rng.integers(0, 100_000))
    stretches = 1 + int(rng.binomial(3, 0.25))
    for stretch in range(stretches):
        last = stretch == stretches - 1
        for _ in range(int(rng.integers(1, 6))):
            at += int(rng.integers(2_000, 9_000))
            rows.append(_offered(rng, at, silence=0.0, sure=0.1, right=0.1))
        at += int(rng.integers(500, 4_000))
        rows.append((SILENT, at, 0, 0, 0, 0, 0, 0))
        pause = RATE * float(np.clip(rng.gamma(2.0, 0.25), 0.12, 4.0))
        for after in sorted(rng.uniform(0.05, 0.8, size=int(rng.integers(1, 4)))):
            if last or after * RATE < pause:
                right, sure = (0.95, 0.9) if last else (0.2, 0.35)
                silence = float(rng.choice([after, 0.1]))
                rows.append(_offered(rng, at + int(after * RATE), silence=silence, sure=sure, right=right))
        if not last:
            at += int(pause)
            rows.append((RESUMED, at, 0, 0, 0, 0, 0, 0))
    columns = dict(zip(COLUMNS, np.array(rows).T, strict=True))
    parts = _parts(rng, columns["kind"] == OFFER, columns["reply"] == RIGHT)
    whole = {name: columns[name].astype(np.int64) for name in ("kind", "position", "complete", "reply")}
    return TurnRecord(
        conversation=conversation,
        turn=turn,
        **{**columns, **whole, **parts},
        began=began,
        stages=_stages(rng, at),
        answered=bool(rng.random() < 0.95),
        begun=whole["position"] - rng.integers(0, 6_000, size=len(rows)) * (whole["kind"] == OFFER),
        expected=list(Expected)[int(rng.integers(len(Expected)))],
        pace=float(rng.choice([0.0, 2.0, 3.3, 5.5])),
        longest_pause=float(rng.choice([0.0, 0.0, 0.7, 2.5])),
    )


def _parts(
    rng: np.random.Generator, offered: npt.NDArray[np.bool_], right: npt.NDArray[np.bool_]
) -> dict[str, npt.NDArray[Any]]:
    """Return what of the replies offered may be led, and how much of that is right."""
    parted = rng.integers(0, 2, size=len(offered)) * offered
    clauses = rng.integers(0, 6, size=len(offered)) * offered
    kept = np.where(right, clauses, rng.integers(0, clauses + 1))
    alike = np.where(right, parted, parted * (kept > 0))
    seconds = np.where(kept > 0, rng.uniform(0.2, 0.8, size=len(offered)) * kept, 0.0)
    return {"parted": parted, "alike": alike, "clauses": clauses, "kept": kept, "kept_seconds": seconds}


def _offered(
    rng: np.random.Generator, at: int, *, silence: float, sure: float, right: float
) -> tuple[float, ...]:
    scores = np.round(rng.beta(1 + 6 * sure, 1 + 6 * (1 - sure), size=3), 3)
    scores = np.where(rng.random(3) < 0.1, rng.choice([0.0, 0.5, 1.0], size=3), scores)
    complete = int(rng.choice([1, 0, -1], p=[0.1 + 0.8 * sure, 0.6 - 0.5 * sure, 0.3 - 0.3 * sure]))
    reply = RIGHT if rng.random() < right else int(rng.integers(-1, 4))
    return (OFFER, at, scores[0], scores[1], silence, scores[2], complete, reply)


def _stages(rng: np.random.Generator, voiced_end: int) -> Stages:
    early = rng.random() < 0.6
    return Stages(
        capture=float(rng.normal(0.03, 0.01)),
        final_tail=float(rng.uniform(0.1, 0.4)),
        final_known=voiced_end / RATE + float(rng.uniform(0.2, 0.6)) if early else np.nan,
        thinking=float(rng.uniform(0.001, 0.02)),
        synthesis=float(rng.uniform(0.05, 0.6)),
        playout=float(rng.uniform(0.01, 0.05)),
        work=float(rng.uniform(0.3, 1.5)),
        characters=int(rng.integers(10, 80)),
    )
