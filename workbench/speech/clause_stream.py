"""Synthesised clauses as a stream of bytes: a line of JSON about each, then its samples.

A clause is ``{"text", "words", "marks", "rate", "samples"}`` and a newline, then that many samples as
``pcm16``. The stream ends with ``{"end": true}``, or with ``{"error": {"code", "message"}}`` if the synthesis
failed on the way; whatever stops before was cut off.
"""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.audio.codecs import decode, encode
from workbench.core.audio import AudioFormat, Encoding
from workbench.core.events import SpokenWord
from workbench.errors import ProtocolError
from workbench.speech.ports import Clause

LINE_MAX = 262_144
"""Most bytes of one line."""

SAMPLES_MAX = 60 * 48_000
"""Most samples of one clause: a minute."""

_PCM = AudioFormat(Encoding.PCM16, 16_000)  # the rate does not matter for the bytes


class _Word(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    text: str
    start: float = Field(ge=0)
    end: float = Field(ge=0)

    def spoken(self) -> SpokenWord:
        return SpokenWord(text=self.text, start=self.start, end=self.end)


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    text: str
    words: tuple[_Word, ...] = ()
    marks: tuple[_Word, ...] = ()
    rate: int = Field(ge=8_000, le=48_000)
    samples: int = Field(ge=0, le=SAMPLES_MAX)


def pack_clause(clause: Clause) -> bytes:
    """Return the bytes of one clause."""
    head = {
        "text": clause.text,
        "words": [_wire(word) for word in clause.words],
        "marks": [_wire(mark) for mark in clause.marks],
        "rate": clause.rate,
        "samples": len(clause.samples),
    }
    return _line(head) + encode(clause.samples, _PCM)


def pack_end() -> bytes:
    """Return the bytes that end a whole stream."""
    return _line({"end": True})


def pack_failure(code: str, message: str) -> bytes:
    """Return the bytes that end a stream whose synthesis failed."""
    return _line({"error": {"code": code, "message": message}})


class ClauseReader:
    """Reads such a stream, however it is cut."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._head: _Head | None = None
        self.ended = False
        """Whether the stream was whole; nothing may follow."""
        self.failure = ""
        """Why the other side gave up."""

    def feed(self, data: bytes) -> Iterator[Clause]:
        """Yield the clauses that ``data`` completes; raises ProtocolError ``bad-clause``."""
        self._held += data
        while True:
            if self._head is None and not self._next_head():
                return
            clause = self._next_clause()
            if clause is None:
                return
            yield clause

    def _next_head(self) -> bool:
        if (self.ended or self.failure) and self._held:
            raise ProtocolError("bad-clause", "bytes followed the end of the clauses")
        end = self._held.find(b"\n", 0, LINE_MAX)
        if end < 0:
            if len(self._held) >= LINE_MAX:
                raise ProtocolError("bad-clause", f"a line of over {LINE_MAX} bytes")
            return False
        line = bytes(self._held[:end])
        del self._held[: end + 1]
        self._head = self._parsed(line)
        return self._head is not None or self._next_head()

    def _parsed(self, line: bytes) -> _Head | None:
        try:
            wire = json.loads(line)
            if isinstance(wire, dict) and wire.get("end") is True:
                self.ended = True
                return None
            if isinstance(wire, dict) and isinstance(wire.get("error"), dict):
                self.failure = str(wire["error"].get("message", ""))[:500] or "it did not say why"
                return None
            return _Head.model_validate(wire)
        except ValidationError as error:
            place = ".".join(map(str, error.errors(include_input=False, include_url=False)[0]["loc"]))
            raise ProtocolError("bad-clause", f"field {place} of a clause is not what it must be") from None
        except (ValueError, RecursionError):
            raise ProtocolError("bad-clause", "a line about a clause is not JSON") from None

    def _next_clause(self) -> Clause | None:
        head = self._head
        if head is None or len(self._held) < 2 * head.samples:
            return None
        samples = decode(bytes(self._held[: 2 * head.samples]), _PCM)
        del self._held[: 2 * head.samples]
        self._head = None
        return Clause(
            text=head.text,
            samples=samples,
            rate=head.rate,
            words=tuple(word.spoken() for word in head.words),
            marks=tuple(mark.spoken() for mark in head.marks),
        )


def _wire(word: SpokenWord) -> dict[str, Any]:
    return {"text": word.text, "start": round(word.start, 6), "end": round(word.end, 6)}


def _line(wire: dict[str, Any]) -> bytes:
    return json.dumps(wire, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
