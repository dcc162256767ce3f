"""A recorded session: its timeline and what both sides heard, in memory or in a folder.

The client is a full-duplex device: at each tick it sends one frame of the caller and plays one of the
agent. So both tracks share their first sample, and the caller's stream is the caller's track: a position of
the one is a position of the other. ``device_zero`` says when that first sample was on the session clock.
"""

import io
import json
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from workbench.audio.files import Content, save_flac
from workbench.core.audio import Samples
from workbench.core.timeline import Timeline
from workbench.errors import ParameterError
from workbench.security.store_keys import StoreKeys
from workbench.store.folders import (
    Folder,
    content_of,
    forget_key,
    has_part,
    open_folder,
    write_plain,
    write_sealed,
)
from workbench.store.track import FileTrack

EVENTS, CALLER, AGENT, META = "events.jsonl", "caller.flac", "agent.flac", "meta.json"
"""The files of a session folder; the last is written last, so a folder that has it is whole."""

_VERSION = 1
_SIDES = {"caller": CALLER, "agent": AGENT}


class Recording:
    """One session to look at afterwards; it does not change.

    Parameters
    ----------
    timeline : all that happened
    caller : what the caller's device sent
    agent : what the caller's device played
    caller_rate, agent_rate : samples per second
    device_zero : session time of the first sample of both tracks, seconds
    meta : what else is worth keeping, JSON-ready: assistant, engines, date
    """

    def __init__(
        self,
        *,
        timeline: Timeline,
        caller: Samples | FileTrack,
        caller_rate: int,
        agent: Samples | FileTrack,
        agent_rate: int,
        device_zero: float,
        meta: Mapping[str, object] | None = None,
    ) -> None:
        self._caller, self._agent = caller, agent
        self.timeline, self.device_zero = timeline, device_zero
        self.caller_rate, self.agent_rate = caller_rate, agent_rate
        self.meta: Mapping[str, object] = meta or {}

    @property
    def caller(self) -> Samples:
        """Return the caller's samples; may raise AudioFileError the first time."""
        return _samples(self._caller)

    @property
    def agent(self) -> Samples:
        """Return the agent's samples; may raise AudioFileError the first time."""
        return _samples(self._agent)

    def agent_window(self, first: int, last: int) -> Samples:
        """Return some of the agent's samples, without decoding the rest of a track that lies in a file."""
        track = self._agent
        return track.window(first, last) if isinstance(track, FileTrack) else track[first:last]

    @property
    def duration(self) -> float:
        """Return the seconds of the longer track."""
        return max(len(self._caller) / self.caller_rate, len(self._agent) / self.agent_rate)

    def second(self, at: float) -> float:
        """Return the track second of a session time."""
        return at - self.device_zero

    def save(self, folder: Path | str) -> Path:
        """Write the session folder, readable, and return it; replaces a recording already there.

        Raises
        ------
        ParameterError
            If the folder can't be written, or ``meta`` is not JSON.
        """
        folder, parts = Path(folder), self._parts()
        try:
            write_plain(folder, parts)
        except OSError as error:
            raise ParameterError(f"{folder}: can't write a recording: {error.strerror}") from error
        return folder

    def save_sealed(self, folder: Path | str, session: str, keys: StoreKeys) -> Path:
        """Write the session folder so that it can be read with its key only, and return it.

        Parameters
        ----------
        folder : replaces a recording already there
        session : whose it is
        keys : the master keys

        Raises
        ------
        ParameterError
            If the folder can't be written, or ``meta`` is not JSON.
        KeyMissing
            If there is no master key.
        """
        folder, parts = Path(folder), self._parts()
        try:
            write_sealed(folder, session, parts, keys)
        except OSError as error:
            raise ParameterError(f"{folder}: can't write a recording: {error.strerror}") from error
        return folder

    def _parts(self) -> dict[str, bytes]:
        """Return the files, the description last."""
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
        return {
            EVENTS: self.timeline.render(),
            CALLER: _flac(self.caller, self.caller_rate),
            AGENT: _flac(self.agent, self.agent_rate),
            META: (text + "\n").encode(),
        }


def is_whole(folder: Path) -> bool:
    """Return whether a folder holds a recording, readable or sealed, that was written to its end."""
    return has_part(folder, META)


def load_timeline(folder: Path | str, keys: StoreKeys | None = None) -> Timeline:
    """Return the events of a recorded or exported session, readable or sealed; raises as `load_recording`."""
    return _parsed(open_folder(Path(folder), keys))


def load_recording(folder: Path | str, keys: StoreKeys | None = None) -> Recording:
    """Return the recording of a session folder, readable or sealed.

    Parameters
    ----------
    folder : where it is
    keys : the master keys, should it be sealed; without them those of ``security.store_keys``

    Raises
    ------
    ParameterError
        If the folder is missing, was only half written, or its files don't belong together; says which.
    AudioFileError
        If a track can't be decoded.
    KeyMissing
        If it is sealed with a master key that is not at hand.
    StoreDamaged
        If a sealed part is not what was written.
    """
    opened = _whole(Path(folder), keys)
    described = _described(opened)
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="track") as decoding:  # beside the events
        tracks = {name: decoding.submit(track.samples) for name, track in described.tracks.items()}
        timeline = _timeline(opened, described.events)
    return _recording(timeline, described, {name: track.result() for name, track in tracks.items()})


def load_unheard(folder: Path | str, keys: StoreKeys | None = None) -> Recording:
    """Return the recording of a session folder, whose tracks are decoded when somebody first looks at them.

    For what shows events first: an hour's tracks take seconds. The folder has to stay as it is until then.
    Raises as :func:`load_recording`; looking at a track that is damaged raises AudioFileError.
    """
    opened = _whole(Path(folder), keys)
    described = _described(opened)
    return _recording(_timeline(opened, described.events), described, described.tracks)


def remove_recording(folder: Path) -> bool:
    """Delete a session folder, its key first, also one that was half written; return whether there was one.

    A link is removed, not what it leads to. Raises OSError.
    """
    if folder.is_symlink():
        folder.unlink()
        return True
    if not folder.is_dir():
        return False
    forget_key(folder)
    shutil.rmtree(folder)
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Description:
    """What a session folder says of itself."""

    events: int
    device_zero: float
    rates: Mapping[str, int]
    tracks: Mapping[str, FileTrack]
    meta: Mapping[str, object]


def _whole(folder: Path, keys: StoreKeys | None) -> Folder:
    """Return a folder that holds a whole recording."""
    if not folder.is_dir():
        found = "is a file" if folder.exists() else "no such folder"
        raise ParameterError(f"{folder}: {found}, expected a recorded session")
    missing = [name for name in (EVENTS, CALLER, AGENT, META) if not has_part(folder, name)]
    if missing:
        raise ParameterError(f"{folder}: not a whole recording, {', '.join(missing)} missing")
    return open_folder(folder, keys)


def _described(opened: Folder) -> _Description:
    path = opened.place(META)
    try:
        described = json.loads(content_of(opened, META))
        version, zero = int(described["version"]), float(described["device_zero"])
        counts = {name: int(described["tracks"][name]["samples"]) for name in _SIDES}
        rates = {name: int(described["tracks"][name]["rate"]) for name in _SIDES}
        events, meta = int(described["events"]), dict(described["meta"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ParameterError(f"{path}: not the description of a recording") from error
    if version != _VERSION:
        raise ParameterError(f"{path}: version is {version}, expected {_VERSION}")
    tracks = {
        name: FileTrack(_source(opened, file), counts[name], rates[name]) for name, file in _SIDES.items()
    }
    return _Description(events=events, device_zero=zero, rates=rates, tracks=tracks, meta=meta)


def _source(opened: Folder, name: str) -> Path | Content:
    """Return where a track is read from: its file, or what was sealed in it."""
    content = opened.content(name)
    return Content(opened.place(name), content) if isinstance(content, bytes) else content


def _parsed(opened: Folder) -> Timeline:
    return Timeline.parse(content_of(opened, EVENTS), opened.place(EVENTS))


def _timeline(opened: Folder, events: int) -> Timeline:
    timeline = _parsed(opened)
    if len(timeline) != events:
        raise ParameterError(f"{opened.place(EVENTS)}: holds {len(timeline)} events, expected {events}")
    return timeline


def _recording(
    timeline: Timeline, described: _Description, tracks: Mapping[str, Samples | FileTrack]
) -> Recording:
    return Recording(
        timeline=timeline,
        caller=tracks["caller"],
        caller_rate=described.rates["caller"],
        agent=tracks["agent"],
        agent_rate=described.rates["agent"],
        device_zero=described.device_zero,
        meta=described.meta,
    )


def _samples(track: Samples | FileTrack) -> Samples:
    return track.samples() if isinstance(track, FileTrack) else track


def _flac(samples: Samples, rate: int) -> bytes:
    """Return a track as a file's content."""
    content = io.BytesIO()
    save_flac(content, samples, rate)
    return content.getvalue()
