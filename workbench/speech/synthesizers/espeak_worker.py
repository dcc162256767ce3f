"""espeak-ng in a process of its own: text in on standard input, samples and events out on standard output.

Run as ``python -m workbench.speech.synthesizers.espeak_worker``. The library is under the GPL and not safe
for threads; here it is alone. Every message is a kind (one byte), a length (four bytes, big-endian) and a
body.

Read: ``T`` a JSON object with ``voice`` and ``ssml``, or ``P`` one with ``voice`` and ``text``. Written:
``R`` once, a JSON object with ``rate`` and ``voices``; then for each ``T`` any number of ``A`` (samples, 16
bit little-endian) and ``M`` (a JSON object with ``name`` and ``sample``), and at the end ``D``; for each
``P`` one ``I`` (its sounds in IPA); or ``F`` with a sentence when it could not be done.
"""

import ctypes
import json
import struct
import sys
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

_SYNCHRONOUS = 2
_BUFFER_MS = 100
_UTF8, _SSML = 1, 0x10
_IPA_TIED = 0x02 | 0x80 | ord("^") << 8  # sounds of two letters are joined by ^
_MARK, _END_OF_LIST = 3, 0
_RATE, _USUAL_RATE = 1, 175
_HEADER = struct.Struct(">cI")
MOST_BYTES = 1 << 20
"""Of one request."""


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


def send(stream: BinaryIO, kind: bytes, body: bytes = b"") -> None:
    """Write one message."""
    stream.write(_HEADER.pack(kind, len(body)) + body)
    stream.flush()


def receive(read: Callable[[int], bytes]) -> tuple[bytes, bytes] | None:
    """Read one message with ``read(size)``; none at the end of the stream."""
    header = read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    kind, length = _HEADER.unpack(header)
    body = read(length) if length else b""
    return (kind, body) if len(body) == length else None


def _loaded(library_path: str, data_path: str) -> tuple[Any, int]:
    library = ctypes.CDLL(library_path)
    library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    rate = library.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, data_path.encode(), 0)
    if rate <= 0:
        raise OSError("espeak-ng did not start")
    return library, int(rate)


def _voices(library: Any) -> dict[str, str]:
    """Return the voice file that speaks each tag best."""
    found = library.espeak_ListVoices(None)
    best: dict[str, tuple[int, str]] = {}
    place = 0
    while found[place]:
        voice = found[place].contents
        for priority, tag in _tags(voice.languages):
            best[tag] = min(best.get(tag, (256, "")), (priority, voice.identifier.decode()))
        place += 1
    return {tag: identifier for tag, (_, identifier) in sorted(best.items())}


def _tags(address: int | None) -> Iterator[tuple[int, str]]:
    """Yield priority and tag of one voice's languages: a byte and a string each; a byte 0 ends them."""
    while address and (priority := ctypes.string_at(address, 1)[0]):
        tag = ctypes.string_at(address + 1)
        yield priority, tag.decode("ascii", "replace")
        address += len(tag) + 2


def _speak(library: Any, voice: str, ssml: str, out: BinaryIO) -> None:
    """Speak one text, sending samples and marks as they come."""
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        send(out, b"F", b"the voice could not be loaded")
        return
    # a voice with a pace of its own (be, jbo, py, uk) would else hand it on to the next voice
    library.espeak_SetParameter(_RATE, _USUAL_RATE, 0)

    def heard(samples: Any, count: int, events: Any) -> int:
        place = 0
        while events[place].type != _END_OF_LIST:
            event = events[place]
            if event.type == _MARK and event.id.name:
                mark = {"name": event.id.name.decode(), "sample": event.sample}
                send(out, b"M", json.dumps(mark).encode())
            place += 1
        if samples and count > 0:
            send(out, b"A", ctypes.string_at(samples, count * 2))
        return 0

    callback = _Callback(heard)
    library.espeak_SetSynthCallback(callback)
    text = ssml.encode()
    failed = library.espeak_Synth(text, len(text) + 1, 0, 1, 0, _UTF8 | _SSML, None, None)
    library.espeak_Synchronize()
    if failed:
        send(out, b"F", f"the library answered {failed}".encode())
    else:
        send(out, b"D")


def _pronounced(library: Any, voice: str, text: str) -> str | None:
    """Return the sounds of a text in IPA, a space between words; none if the voice could not be loaded."""
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        return None
    left = ctypes.c_char_p(text.encode())
    clauses = []
    while left.value:
        found = library.espeak_TextToPhonemes(ctypes.byref(left), _UTF8, _IPA_TIED)
        clauses.append((found or b"").decode("utf-8", "replace"))
    return " ".join(clauses)


def _file(files: dict[str, str], voice: str) -> str:
    """Return the voice file of a tag, with the variant that follows it after a plus sign."""
    tag, plus, variant = voice.partition("+")
    return f"{files.get(tag, '')}{plus}{variant}"


def main() -> int:
    """Serve texts until standard input ends; return the exit code."""
    from espeakng_loader import get_data_path, get_library_path

    library, rate = _loaded(str(get_library_path()), str(get_data_path()))
    out = sys.stdout.buffer
    files = _voices(library)
    ready = {"rate": rate, "voices": list(files)}
    send(out, b"R", json.dumps(ready).encode())
    while (message := receive(sys.stdin.buffer.read)) is not None:
        kind, body = message
        if kind not in (b"T", b"P") or len(body) > MOST_BYTES:
            send(out, b"F", b"the request is not understood")
            continue
        request = json.loads(body)
        if kind == b"P":
            sounds = _pronounced(library, _file(files, request["voice"]), request["text"])
            told = b"the voice could not be loaded" if sounds is None else sounds.encode()
            send(out, b"F" if sounds is None else b"I", told)
            continue
        _speak(library, _file(files, request["voice"]), request["ssml"], out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
