"""How long the tuner takes to answer a moved threshold, beside driving the deciders through the same turns.

What is timed is all that the kernel does between the page's message and its answer: decisions of every turn,
outcomes, figures with intervals, the trace of the turn shown, the packing of what is sent.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import comm
import numpy as np
from comm.base_comm import BaseComm

from workbench.analysis.outcomes_made import made_turns
from workbench.analysis.policies import Policy
from workbench.analysis.policies_driven import drive
from workbench.analysis.tuner_reading import TunedOn
from workbench.widgets.tuner import TurnTakingTuner


class _Counting(BaseComm):
    sent = 0

    def publish_msg(
        self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **_: Any
    ) -> None:
        """Count what would be sent; to turn it into text is part of the answer."""
        text = json.dumps(data, default=str)
        _Counting.sent = len(text) + sum(memoryview(one).nbytes for one in buffers or ())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=1_000)
    parser.add_argument("--moves", type=int, default=40)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parsed = parser.parse_args(arguments)
    comm.create_comm = _Counting
    turns = made_turns(1, parsed.turns)
    tuner = TurnTakingTuner(TunedOn(turns=turns, base=Policy(), sessions={})).wait()
    took = []
    for wait in np.linspace(0.2, 1.4, parsed.moves):
        since = perf_counter()
        tuner.settings = {**tuner.settings, "endpointing.hangover_min": float(wait)}
        took.append(perf_counter() - since)
    since = perf_counter()
    drive(turns, tuner.policy)
    driven = perf_counter() - since
    median, worst = float(np.median(took)), float(np.max(took))
    figures = {
        "turns": parsed.turns,
        "moves": parsed.moves,
        "median_ms": round(median * 1000, 1),
        "worst_ms": round(worst * 1000, 1),
        "driven_ms": round(driven * 1000, 1),
        "ratio": round(driven / median, 1),
        "bytes": _Counting.sent,
    }
    if parsed.json:
        print(json.dumps(figures))
        return 0
    print(f"{parsed.turns} turns decided again: {median * 1000:.0f} ms (median of {parsed.moves} moves)")
    print(f"worst {worst * 1000:.0f} ms; {_Counting.sent} bytes sent at the last")
    print(f"driving the deciders once through them: {driven * 1000:.0f} ms, {figures['ratio']} times as long")
    return 0


if __name__ == "__main__":
    sys.exit(main())
