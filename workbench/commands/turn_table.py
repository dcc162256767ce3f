"""Two sessions of one caller side by side: turn by turn, what happened and what happened otherwise."""

from collections.abc import Mapping, Sequence

from workbench.analysis.replay_outcomes import TurnOutcome


def print_turns(
    before: Sequence[TurnOutcome],
    after: Sequence[TurnOutcome],
    *,
    name: str,
    texts: tuple[Mapping[int, str], Mapping[int, str]] = ({}, {}),
) -> None:
    """Print the turns of a recorded session, and below each what differs in another.

    Parameters
    ----------
    before, after : of the recorded one and of the other
    name : of the other, at most nine letters
    texts : what was understood, by turn, of both; nothing is printed of what is not there
    """
    was, now = ({one.turn: one for one in held} for held in (before, after))
    print(f"{'turn':>4}  {'':9} {'speech end':>10} {'waited':>7} {'response':>9} {'early':>9}  what happened")
    for turn in sorted({*was, *now}):
        old, new = (_row(held.get(turn), texts[side].get(turn)) for side, held in enumerate((was, now)))
        _print(f"{turn:>4}  {'recorded':9} ", old)
        if old != new:
            _print(f"{'':>4}  {name:9} ", new)


def _print(head: str, row: tuple[str, str]) -> None:
    told, text = row
    print(head + told)
    if text:
        print(" " * len(head) + text)


def _row(one: TurnOutcome | None, text: str | None) -> tuple[str, str]:
    """Return the line of a turn, and the line of what was understood."""
    said = "" if text is None else f'"{text}"'
    if one is None:
        return "no such turn", said
    notes = [
        ", ".join(one.ends),
        *(f"discarded: {reason}" for reason in one.discards),
        *(["wrong audio heard"] if one.wrong_heard else []),
        *(["the caller went on"] if one.cut_off else []),
    ]
    return (
        f"{seconds(one.ended):>10} {seconds(one.waited):>7} {seconds(one.response_time):>9} "
        f"{one.commits} of {one.starts:>2}    {'; '.join(notes)}",
        said,
    )


def seconds(value: float | None) -> str:
    """Return a duration for reading; a dash for none."""
    return "-" if value is None else f"{value:.2f} s"
