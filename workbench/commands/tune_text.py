"""What a sweep found, as it is printed in a terminal."""

from workbench.analysis.sweep_budgets import POINTS
from workbench.analysis.tuning import Tuning
from workbench.analysis.tuning_told import FAMILIES, findings, point_name, promise, reached_text


def print_tuning(tuning: Tuning, name: str = "") -> None:
    """Print what was found, ``name`` what it is for, and the chosen settings at the end."""
    if name:
        print(f"\n== {name} ==")
    sessions = _counted(len(tuning.sizes.turns), "session", "sessions")
    turns, policies = (
        _counted(tuning.turns, "turn", "turns"),
        _counted(len(tuning.results), "policy", "policies"),
    )
    print(f"{turns} in {sessions}, {policies}")
    _print_named(tuning)
    for fit in tuning.fits:
        print(
            f"{fit.kind} confidence ({fit.engine}, {fit.language}): calibration error "
            f"{fit.error_before:.3f}, calibrated {fit.error_after:.3f} on other conversations"
            f"{'' if fit.helps else ' (no better: left out)'}"
        )
    for sentence in findings(tuning):
        print(sentence)
    print(promise(tuning))
    _print_budgets(tuning)
    print(f"\n{tuning.yaml}", end="")


def _print_named(tuning: Tuning) -> None:
    head = f"{'':24}{'median':>10}{'nine of ten':>13}{'wrong':>8}{'cut':>8}{'starts':>8}{'discards':>10}"
    print(head + (f"{'cost a turn':>14}" if tuning.asked.price else ""))
    for name, one in tuning.named.items():
        median, ninth = f"{one.response_median * 1000:.0f} ms", f"{one.response_p90 * 1000:.0f} ms"
        rates = f"{one.wrong:>8.1%}{one.cut:>8.1%}{one.starts:>8.2f}{one.discards:>10.2f}"
        cost = f"{one.cost_mean:>14.5f}" if tuning.asked.price else ""
        print(f"{name:24}{median:>10}{ninth:>13}{rates}{cost}")


def _print_budgets(tuning: Tuning) -> None:
    print(f"\n{'two budgets: mean (95 % interval)':44}" + "".join(f"{name:>26}" for name in FAMILIES))
    for number, point in enumerate(POINTS):
        cells = [reached_text(point, tuning.budgets[family][number]) for family in FAMILIES]
        print(f"{point_name(point):44}" + "".join(f"{cell:>26}" for cell in cells))


def _counted(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
