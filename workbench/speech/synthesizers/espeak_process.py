"""The other end of the espeak-ng worker: starts it, asks it, waits a bounded time, notices when it died."""

import importlib.util
import json
import os
import select
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

import numpy as np

from workbench.core.audio import Samples
from workbench.errors import EngineFailed, EngineMissing
from workbench.speech.synthesizers.espeak_worker import receive, send

START_WITHIN = 10.0
ANSWER_WITHIN = 10.0
"""Seconds to wait for the worker to start, and between two messages of one answer."""

_LIBRARY = "espeakng_loader"
_COMMAND = (sys.executable, "-m", "workbench.speech.synthesizers.espeak_worker")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the worker said to one text."""

    samples: Samples
    marks: tuple[tuple[str, int], ...]
    """Name and sample of each mark."""


class EspeakProcess:
    """One worker; answers one text at a time, whichever thread asks.

    A dead one is started again when next asked.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", command: tuple[str, ...]) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._process = process
        self.rate = 0
        self.voices: tuple[str, ...] = ()
        self._greet()

    @classmethod
    def start(cls, command: tuple[str, ...] = _COMMAND) -> "EspeakProcess":
        """Start a worker and wait until it is ready.

        Raises
        ------
        EngineMissing
            If espeakng-loader is not installed.
        EngineFailed
            If the worker does not get ready.
        """
        if importlib.util.find_spec(_LIBRARY) is None:
            raise EngineMissing("espeak", "espeakng-loader", "espeak")
        return cls(_started(command), command)

    @property
    def pid(self) -> int:
        """Return the worker's process id."""
        return self._process.pid

    def ask(self, ssml: str, *, voice: str) -> Answer:
        """Return ``ssml`` as sound; blocks, a few ms for a sentence.

        Raises
        ------
        EngineFailed
            If the worker died, is silent for too long or refused the text.
        """
        with self._lock:
            self._tell(b"T", {"voice": voice, "ssml": ssml})
            return self._answer()

    def pronounce(self, text: str, *, voice: str) -> str:
        """Return the sounds of ``text`` in IPA, a space between words, the letters of one sound joined by ^.

        Raises as :meth:`ask`.
        """
        with self._lock:
            self._tell(b"P", {"voice": voice, "text": text})
            kind, body = self._next(ANSWER_WITHIN)
            if kind != b"I":
                raise EngineFailed(f"espeak could not pronounce: {body.decode(errors='replace')}")
            return body.decode()

    def _tell(self, kind: bytes, request: dict[str, str]) -> None:
        """Send a request, to a new worker if the last one died."""
        if self._process.poll() is not None:
            _end(self._process)
            self._process = _started(self._command)
            self._greet()
        assert self._process.stdin is not None
        try:
            send(self._process.stdin, kind, json.dumps(request).encode())  # type: ignore[arg-type]
        except OSError as error:
            raise self._died() from error

    def close(self) -> None:
        """End the worker; it may be asked no more."""
        with self._lock:
            _end(self._process)

    def _greet(self) -> None:
        kind, body = self._next(START_WITHIN)
        if kind != b"R":
            raise self._died()
        ready = json.loads(body)
        self.rate, self.voices = int(ready["rate"]), tuple(ready["voices"])

    def _answer(self) -> Answer:
        runs: list[bytes] = []
        marks: list[tuple[str, int]] = []
        while True:
            kind, body = self._next(ANSWER_WITHIN)
            match kind:
                case b"A":
                    runs.append(body)
                case b"M":
                    mark = json.loads(body)
                    marks.append((mark["name"], int(mark["sample"])))
                case b"D":
                    samples = np.frombuffer(b"".join(runs), "<i2").astype(np.float32) / np.float32(32768)
                    return Answer(samples, tuple(marks))
                case _:
                    raise EngineFailed(f"espeak could not speak: {body.decode(errors='replace')}")

    def _next(self, within: float) -> tuple[bytes, bytes]:
        deadline = time.monotonic() + within
        message = receive(lambda size: self._read(size, deadline))
        if message is None:
            raise self._died()
        return message

    def _read(self, size: int, deadline: float) -> bytes:
        assert self._process.stdout is not None
        read = b""
        while len(read) < size:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._process.stdout], [], [], left)[0]:
                _end(self._process)
                raise EngineFailed("espeak did not answer in time: its worker was ended")
            part = os.read(self._process.stdout.fileno(), size - len(read))
            if not part:
                return read
            read += part
        return read

    def _died(self) -> EngineFailed:
        _end(self._process)
        return EngineFailed(f"the espeak worker died: exit code {self._process.returncode}")


def _started(command: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
    except OSError as error:
        raise EngineFailed(f"the espeak worker did not start: {error.strerror}") from error


def _end(process: "subprocess.Popen[bytes]") -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    try:
        process.wait(1.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5.0)
