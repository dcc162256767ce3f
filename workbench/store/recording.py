"""A recorded session: its timeline and what both sides heard, in memory or in a folder.

The client is a full-duplex device: at each tick it sends one frame of the caller and plays one of the
agent. So both tracks share their first sample, and the caller's stream is the caller's track: a position of
the one is a position of the other. ``device_zero`` says when that first sample was on the session clock.
"""

import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from workbench.audio.files import load_audio_with_rate, save_flac
from workbench.core.audio import Samples
from workbench.core.timeline import Timeline
from workbench.errors import AudioFileError, ParameterError

EVENTS, CALLER, AGENT, META = "events.jsonl", "caller.flac", "agent.flac", "meta.json"
"""The files of a session folder; the last is written last, so a folder that has it is whole."""

_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """One session to look at afterwards."""

    timeline: Timeline
    caller: Samples
    """What the caller's device sent."""
    caller_rate: int
    """Samples per second."""
    agent: Samples
    """What the caller's device played."""
    agent_rate: int
    """Samples per second."""
    device_zero: float
    """Session time of the first sample of both tracks, seconds."""
    meta: Mapping[str, object] = field(default_factory=dict)
    """What else is worth keeping, JSON-ready: assistant, engines, date."""

    @property
    def duration(self) -> float:
        """Return the seconds of the longer track."""
        return max(len(self.caller) / self.caller_rate, len(self.agent) / self.agent_rate)

    def second(self, at: float) -> float:
        """Return the track second of a session time."""
        return at - self.device_zero

    def save(self, folder: Path | str) -> Path:
        """Write the session folder and return it; replaces a recording already there.

        Raises
        ------
        ParameterError
            If the folder can't be written, or ``meta`` is not JSON.
        """
        folder = Path(folder)
        tracks = {"caller": (self.caller, self.caller_rate), "agent": (self.agent, self.agent_rate)}
        described: dict[str, object] = {
            "version": _VERSION,
            "device_zero": self.device_zero,
            "events": len(self.timeline),
            "tracks": {name: {"samples": len(s), "rate": rate} for name, (s, rate) in tracks.items()},
            "meta": dict(self.meta),
        }
        try:
            text = json.dumps(described, ensure_ascii=False, indent=2)
        except (TypeError, ValueError) as error:
            raise ParameterError(f"meta of the recording is not JSON: {error}") from None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / META).unlink(missing_ok=True)
            _write(folder / EVENTS, self.timeline.save)
            _write(folder / CALLER, lambda path: save_flac(path, self.caller, self.caller_rate))
            _write(folder / AGENT, lambda path: save_flac(path, self.agent, self.agent_rate))
            _write(folder / META, lambda path: path.write_text(text + "\n", encoding="utf-8"))
        except OSError as error:
            raise ParameterError(f"{folder}: can't write a recording: {error.strerror}") from error
        return folder


def load_recording(folder: Path | str) -> Recording:
    """Return the recording of a session folder.

    Raises
    ------
    ParameterError
        If the folder is missing, was only half written, or its files don't belong together; says which.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ParameterError(f"{folder}: no such folder, expected a recorded session")
    missing = [name for name in (EVENTS, CALLER, AGENT, META) if not (folder / name).is_file()]
    if missing:
        raise ParameterError(f"{folder}: not a whole recording, {', '.join(missing)} missing")
    try:
        described = json.loads((folder / META).read_text(encoding="utf-8"))
        version, zero = int(described["version"]), float(described["device_zero"])
        counts = {name: int(described["tracks"][name]["samples"]) for name in ("caller", "agent")}
        rates = {name: int(described["tracks"][name]["rate"]) for name in ("caller", "agent")}
        events, meta = int(described["events"]), dict(described["meta"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ParameterError(f"{folder / META}: not the description of a recording") from error
    if version != _VERSION:
        raise ParameterError(f"{folder / META}: version is {version}, expected {_VERSION}")
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="track") as decoding:  # beside the events
        caller = decoding.submit(_track, folder / CALLER, counts["caller"], rates["caller"])
        agent = decoding.submit(_track, folder / AGENT, counts["agent"], rates["agent"])
        timeline = Timeline.load(folder / EVENTS)
    if len(timeline) != events:
        raise ParameterError(f"{folder / EVENTS}: holds {len(timeline)} events, expected {events}")
    return Recording(
        timeline=timeline,
        caller=caller.result(),
        caller_rate=rates["caller"],
        agent=agent.result(),
        agent_rate=rates["agent"],
        device_zero=zero,
        meta=meta,
    )


def _write(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a file beside ``path``, then put it in place in one step."""
    beside = path.with_name(f"{path.stem}.part{path.suffix}")
    try:
        write(beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _track(path: Path, count: int, rate: int) -> Samples:
    if not count:
        return np.zeros(0, dtype=np.float32)
    samples, own = load_audio_with_rate(path)
    if (len(samples), own) != (count, rate):
        raise AudioFileError(path, f"holds {len(samples)} samples at {own} Hz, expected {count} at {rate} Hz")
    return samples
