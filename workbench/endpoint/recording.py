"""What the endpoint keeps of a session: the caller as received, the agent as the client played it."""

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import anyio
import numpy as np
import numpy.typing as npt

from workbench.audio.resampling import Resampler
from workbench.core.audio import AudioFormat, Samples
from workbench.core.timeline import Timeline
from workbench.endpoint.speaking import Reply
from workbench.protocol.native import Playback
from workbench.store.recording import Recording

Pcm = npt.NDArray[np.int16]


@dataclass(slots=True)
class Recorder:
    """Collects one session; with no folder it keeps nothing.

    It holds the audio in memory, 16 bits a sample: the longest session the settings allow bounds it.
    """

    folder: Path | None
    input_format: AudioFormat
    output_format: AudioFormat
    _caller: list[Pcm] = field(default_factory=list)
    _played: dict[int, tuple[Reply, list[tuple[int, int, str]]]] = field(default_factory=dict)

    def heard(self, gap: int, samples: Samples) -> None:
        """Keep what the caller said after ``gap`` samples that are missing."""
        if self.folder is not None:
            self._caller += [np.zeros(gap, np.int16), np.rint(samples * 32_767).astype(np.int16)]

    def played(self, message: Playback, reply: Reply | None) -> None:
        """Keep how far ``reply`` was played, and when on the client's device."""
        if self.folder is not None and reply is not None:
            _, points = self._played.setdefault(reply.number, (reply, []))
            points.append((message.device_position, message.heard, message.state))

    async def finish(self, timeline: Timeline, device_zero: float | None) -> None:
        """Write the session folder."""
        if self.folder is not None:
            await anyio.to_thread.run_sync(self._write, self.folder, timeline, device_zero or 0.0)

    def _write(self, folder: Path, timeline: Timeline, device_zero: float) -> None:
        caller = np.concatenate(self._caller) if self._caller else np.zeros(0, np.int16)
        recording = Recording(
            timeline=timeline,
            caller=caller.astype(np.float32) / np.float32(32_767),
            caller_rate=self.input_format.rate,
            agent=self._agent(round(len(caller) / self.input_format.rate * self.output_format.rate)),
            agent_rate=self.output_format.rate,
            device_zero=device_zero,
        )
        recording.save(folder)

    def _agent(self, length: int) -> Samples:
        pieces = [piece for reply, points in self._played.values() for piece in self._pieces(reply, points)]
        track = np.zeros(max([length, *(at + len(samples) for at, samples in pieces)]), np.float32)
        for at, samples in pieces:
            track[at : at + len(samples)] = samples
        return track

    def _pieces(self, reply: Reply, points: list[tuple[int, int, str]]) -> list[tuple[int, Samples]]:
        """Return the runs of ``reply`` and the device positions where each was played."""
        whole: list[Samples] = []
        for samples, rate in reply.clauses:
            resampler = Resampler(rate, self.output_format.rate)
            whole += [resampler.feed(samples), resampler.flush()]
        sound = np.concatenate(whole) if whole else np.zeros(0, np.float32)
        return [
            (position, sound[heard:until])
            for (position, heard, state), (_, until, _) in pairwise(points)
            if state != "paused" and until > heard
        ]
