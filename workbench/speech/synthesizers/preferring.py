"""One synthesiser preferred, another at hand: what the first does not begin in time the second says."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from workbench.errors import EngineFailed, ParameterError, WorkbenchError
from workbench.speech.ports import Clause, Synthesizer, SynthesizerCapabilities
from workbench.speech.synthesizers.breaker import Breaker

WAITERS = 8
"""First clauses waited for at once; an attempt beyond them waits, and falls back like a slow one."""


@dataclass(slots=True)
class PreferringSynthesizer:
    """Speaks with ``preferred``, or with ``other`` if that fails or has no first clause in time.

    A reply is never cut short: if ``preferred`` breaks off, ``other`` goes on with the clauses that were not
    yet said; words of a clause that the two cut differently may be said twice, none is lost. The first clause
    from ``other`` says why in its ``fell_back``. After a failure ``preferred`` is left alone for a while.

    Parameters
    ----------
    preferred, other : both give samples at the same rate
    patience : seconds to wait for the first clause
    now : a monotonic clock
    """

    preferred: Synthesizer
    other: Synthesizer
    patience: float = 1.0
    now: Callable[[], float] = time.monotonic
    breaker: Breaker = field(default_factory=Breaker)
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(WAITERS, thread_name_prefix="first-clause")
    )

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """Return those of ``other``: what holds whoever speaks."""
        return self.other.capabilities

    def synthesize(self, ssml: str, *, voice: str) -> Iterator[Clause]:
        """Yield the clauses, see the port; raises what ``other`` raises, and nothing of ``preferred``."""
        if not self.breaker.allows(self.now()):
            left = self.breaker.left(self.now())
            yield from self._rest(ssml, voice, f"the preferred synthesiser is left alone for {left:.0f} s", 0)
            return
        said, problem = 0, ""
        clauses = self.preferred.synthesize(ssml, voice=voice)
        first = self._threads.submit(next, clauses, None)
        waiting, ill = False, True
        try:
            clause = first.result(self.patience)
            self.breaker.worked()
            while clause is not None:
                said += len(clause.text.split())
                yield clause
                clause = next(clauses, None)
        except TimeoutError:
            waiting, problem = True, f"no first clause came within {self.patience:g} s"
        except WorkbenchError as error:
            problem, ill = str(error), not isinstance(error, ParameterError)  # then the text is at fault
        finally:
            _close(clauses, first if waiting or not first.done() else None)
        if problem:
            if ill:
                self.breaker.failed(self.now())
            yield from self._rest(ssml, voice, problem, said)

    def _rest(self, ssml: str, voice: str, problem: str, said: int) -> Iterator[Clause]:
        """Yield from ``other`` what follows the first ``said`` words."""
        words, told = 0, False
        for clause in self.other.synthesize(ssml, voice=voice):
            words += len(clause.text.split())
            if words > said:
                yield clause if told else replace(clause, fell_back=problem)
                told = True
        if not told and said == 0:
            raise EngineFailed(f"nothing was spoken: {problem}")


def _close(clauses: Iterator[Clause], waiting: "Future[Clause | None] | None") -> None:
    """Close an iterator, later if a thread is still inside it."""
    close = getattr(clauses, "close", None)
    if close is None:
        return
    if waiting is None:
        close()
    elif not waiting.cancel():
        waiting.add_done_callback(lambda _: close())
