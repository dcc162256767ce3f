"""A turn's response time as lines of text: one bar a contribution, each beginning where the last ended."""

from workbench.analysis.latency import TurnReport

_EIGHTHS = " ▏▎▍▌▋▊▉"
_NAMES = 22
_NUMBERS = 9


def waterfall_lines(turn: TurnReport, width: int = 80) -> list[str]:
    """Return a heading, one line a contribution and the total; just the reason if there was no answer.

    Every line is at most ``width`` characters, which is taken as at least 50.
    """
    if turn.response_time is None:
        return [f"turn {turn.turn}: no response time, {turn.reason}"]
    room = max(50, width) - _NAMES - _NUMBERS - 1
    whole = max(turn.response_time, sum(turn.contributions.values()), 1e-9)
    lines = [f"turn {turn.turn}: {_milliseconds(turn.response_time)} from end of speech to first sound"]
    since = 0.0
    for name, seconds in turn.contributions.items():
        bar = _bar(since / whole * room, (since + seconds) / whole * room)
        lines.append(f"{name.replace('_', ' '):<{_NAMES}}{_milliseconds(seconds):>{_NUMBERS}} {bar}".rstrip())
        since += seconds
    rest = turn.unexplained or 0.0
    lines.append(f"{'unexplained':<{_NAMES}}{_milliseconds(rest):>{_NUMBERS}}")
    return lines


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms".replace("-0 ms", "0 ms")


def _bar(start: float, end: float) -> str:
    """Return a bar from ``start`` to ``end``, in characters; a contribution that cost anything shows."""
    if end - start <= 0:
        return ""
    lead = int(start)
    length = max(1, round((end - lead) * 8) - round((start - lead) * 8))
    return " " * lead + "█" * (length // 8) + _EIGHTHS[length % 8].strip()
