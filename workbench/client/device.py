"""A full-duplex sound device made of arrays: plays a caller in real time and keeps both tracks.

At every tick it sends the frame just captured and takes the frame to play next, like a sound card. So both
tracks share their first sample, and what they hold is what was said and heard.
"""

from dataclasses import dataclass, field

import anyio
import numpy as np

from workbench.client.session import Session
from workbench.core.audio import FRAME_SECONDS, Samples
from workbench.core.timeline import Timeline
from workbench.store.recording import Recording


@dataclass(slots=True)
class Device:
    """Speaks for the caller and listens for them.

    Parameters
    ----------
    session : where the caller's frames go and the reply comes from
    """

    session: Session
    _queue: list[Samples] = field(default_factory=list)
    _caller: list[Samples] = field(default_factory=list)
    _agent: list[Samples] = field(default_factory=list)
    _spoken: anyio.Event = field(default_factory=anyio.Event)

    async def run(self) -> None:
        """Tick in real time until cancelled; a late tick is made up for at once, so none is lost."""
        session = self.session
        size = session.settings.input.frame_samples
        played = session.settings.output.frame_samples
        zero = anyio.current_time()
        await session.start_device(session.now())
        ticks = 0
        while True:
            self._agent.append(await session.play(played))
            ticks += 1
            wait = zero + ticks * FRAME_SECONDS - anyio.current_time()
            await anyio.sleep(max(0.0, wait))
            frame = self._next(size)
            self._caller.append(frame)
            await session.send(frame)

    def speak(self, samples: Samples) -> None:
        """Let the caller say ``samples`` (at the input rate) from the next tick on."""
        if len(samples):
            self._spoken = anyio.Event()
            self._queue.append(samples)

    @property
    def sent(self) -> int:
        """Return how many samples of the caller's stream were sent: where what is said next begins."""
        return sum(map(len, self._caller))

    @property
    def speaking(self) -> bool:
        """Whether something is still to be said."""
        return bool(self._queue)

    async def spoken(self) -> None:
        """Wait until all was said."""
        if self._queue:
            await self._spoken.wait()

    def recording(self, timeline: Timeline, meta: dict[str, object]) -> Recording:
        """Return both tracks with ``timeline``."""
        return Recording(
            timeline=timeline,
            caller=_joined(self._caller),
            caller_rate=self.session.settings.input.rate,
            agent=_joined(self._agent),
            agent_rate=self.session.settings.output.rate,
            device_zero=self.session.device_zero,
            meta=meta,
        )

    def _next(self, size: int) -> Samples:
        frame = np.zeros(size, np.float32)
        done = 0
        while self._queue and done < size:
            samples = self._queue.pop(0)
            taken = samples[: size - done]
            frame[done : done + len(taken)] = taken
            done += len(taken)
            if len(taken) < len(samples):
                self._queue.insert(0, samples[len(taken) :])
        if not self._queue:
            self._spoken.set()
        return frame


def _joined(pieces: list[Samples]) -> Samples:
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
