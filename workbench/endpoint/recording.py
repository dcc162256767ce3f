"""What the endpoint keeps of a session: the caller as received, the agent as the client played it."""

import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import anyio
import numpy as np
import numpy.typing as npt

from workbench.audio.resampling import Resampler
from workbench.core.audio import AudioFormat, Samples
from workbench.core.timeline import Timeline
from workbench.endpoint.reply import Reply
from workbench.privacy.recordings import mask_recording
from workbench.protocol.native import Playback
from workbench.security.store_keys import StoreKeys
from workbench.store.recording import Recording, is_whole, load_recording

Pcm = npt.NDArray[np.int16]


@dataclass(slots=True)
class Recorder:
    """Collects one session; with no folder it keeps nothing. What it writes can be read with its key only.

    It holds the audio in memory, 16 bits a sample: the longest session the settings allow bounds it.
    What the process before recorded of the session is kept; where that was killed, silence stands for it.
    """

    folder: Path | None
    input_format: AudioFormat
    output_format: AudioFormat
    start: int = 0
    """Samples of the caller's stream that another process heard."""
    allowed: bool = True
    """Whether it may be written; while the caller has not agreed it is collected in memory only."""
    mask: bool = False
    """Whether personal data is masked and silenced in what is written."""
    keys: StoreKeys = field(default_factory=StoreKeys)
    """The master keys that what is recorded is sealed with."""
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

    def drop(self) -> None:
        """Collect no more, and let go of what was collected."""
        self.folder, self.allowed = None, False
        self._caller.clear()
        self._played.clear()

    async def finish(self, timeline: Timeline, device_zero: float | None) -> None:
        """Write the session folder."""
        if self.folder is not None and self.allowed:
            await anyio.to_thread.run_sync(self._write, self.folder, timeline, device_zero)

    def _write(self, folder: Path, timeline: Timeline, device_zero: float | None) -> None:
        before = load_recording(folder, self.keys) if is_whole(folder) else None
        heard = np.concatenate([np.zeros(0, np.int16), *self._caller])
        caller = np.zeros(self.start + len(heard), np.float32)
        caller[self.start :] = heard.astype(np.float32) / np.float32(32_767)
        agent = np.zeros(round(len(caller) / self.input_format.rate * self.output_format.rate), np.float32)
        if before is not None:
            known = before.caller[: self.start]
            caller[: len(known)] = known
            agent = np.concatenate([before.agent, agent[len(before.agent) :]])
            device_zero = before.device_zero if device_zero is None else device_zero
        recording = Recording(
            timeline=timeline,
            caller=caller,
            caller_rate=self.input_format.rate,
            agent=self._with_replies(agent),
            agent_rate=self.output_format.rate,
            device_zero=device_zero or 0.0,
            meta=_described() if before is None else before.meta,
        )
        kept = mask_recording(recording) if self.mask else recording
        kept.save_sealed(folder, folder.name, self.keys)

    def _with_replies(self, agent: Samples) -> Samples:
        """Return the agent's track with what was played of the replies."""
        pieces = [piece for reply, points in self._played.values() for piece in self._pieces(reply, points)]
        track = np.zeros(max([len(agent), *(at + len(samples) for at, samples in pieces)]), np.float32)
        track[: len(agent)] = agent
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


def _described() -> dict[str, str]:
    """Return when a recording was written and on what: how long stages take depends on it."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
    }
