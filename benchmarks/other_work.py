"""How much of the machine others used while something was measured: whether a figure is to be believed."""

import time

import psutil


class OtherWork:
    """Watches the processors from its making on."""

    def __init__(self) -> None:
        self._since, self._busy, self._ours = time.monotonic(), _busy(), _ours()

    def cores(self) -> float:
        """Return how many cores others kept busy, on average; children that have ended count as others."""
        seconds = time.monotonic() - self._since
        return round(max(0.0, _busy() - self._busy - (_ours() - self._ours)) / seconds, 2)


def _busy() -> float:
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0) + getattr(times, "steal", 0.0)
    return float(sum(times) - idle - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0))


def _ours() -> float:
    us = psutil.Process()
    used = 0.0
    for process in (us, *us.children(recursive=True)):
        try:
            used += sum(process.cpu_times()[:2])
        except psutil.Error:
            continue  # it ended just now
    return used
