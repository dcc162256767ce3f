"""Attacks on a session: frames, opening messages, and what its token does not allow."""

import json
from dataclasses import replace

from attacking import audio, forge, frame, request
from attacks import INJECTED, SQL, Attack

OPEN = {"type": "open", "assistant": "coffee"}


def frames(name: str, code: int, *sent: bytes) -> Attack:
    return Attack(name, lambda: request(forge()), code, then=sent)


def messages(name: str, code: int, kind: str, *sent: object) -> Attack:
    """Send these, the last one again and again with another number until it is too much."""
    *before, last = sent
    many = [last(n) if callable(last) else last for n in range(5)]
    return Attack(name, lambda: request(forge()), code, kind, tuple(map(_wire, [*before, *many])))


def _wire(message: object) -> bytes:
    return message if isinstance(message, bytes) else frame(1, json.dumps(message).encode())


BOMB = b"\xec\xc1\x01\x01" + b"\0" * 200  # as a deflated message would begin

FRAMES = [
    frames("reserved opcode", 1002, frame(3, b"x")),
    frames("reserved control opcode", 1002, frame(11)),
    frames("compressed though not agreed", 1002, frame(1, BOMB, first=0xC1)),
    frames("reserved bit 2", 1002, frame(1, b"{}", first=0xA1)),
    frames("reserved bit 3", 1002, frame(2, b"{}", first=0x92)),
    frames("not masked", 1002, frame(1, b"{}", masked=False)),
    frames("fragmented ping", 1002, frame(9, b"x", first=0x09)),
    frames("large ping", 1002, frame(9, b"x" * 126)),
    frames("continues nothing", 1002, frame(0, b"x")),
    frames("begins anew in the middle", 1002, frame(1, b"{", first=0x01), frame(1, b"}")),
    frames("no UTF-8", 1007, frame(1, b"\xff\xfe{}")),
    frames("surrogates in UTF-8", 1007, frame(1, b'"\xed\xa0\x80"')),
    frames("close code that does not exist", 1002, frame(8, b"\x00\x01")),
    frames("half a close code", 1002, frame(8, b"\x03")),
    frames("longer than any message", 1009, frame(1, b" " * 70_000)),
    frames("says it has 2^62 bytes", 1009, b"\x81\xff" + (2**62).to_bytes(8) + b"\0\0\0\0"),
    frames("says it has 2^63 bytes", 1009, b"\x82\xff" + (2**63).to_bytes(8) + b"\0\0\0\0"),
    frames(
        "too long in fragments",
        1009,
        frame(1, b" " * 40_000, first=0x01),
        frame(0, b" " * 40_000, first=0x00),
    ),
    frames("endless empty fragments", 1009, frame(1, b"{", first=0x01), frame(0, first=0x00) * 1000),
]

PLAYBACK = {
    "type": "playback", "state": "playing", "reply": 0, "heard": 2**50, "device_position": 2**50, "at": 0.0,
}  # fmt: skip

OPENINGS = [
    messages("nothing like JSON", 4400, "bad-message", frame(1, b"open sesame")),
    messages("nested deeply", 4400, "bad-message", frame(1, b"[" * 30_000)),
    messages("audio first", 4400, "bad-message", frame(2, b"WB\x01\x01" + b"\0" * 16)),
    messages("path for an assistant", 4404, "unknown-assistant", OPEN | {"assistant": "../../etc/passwd"}),
    messages("SQL for an assistant", 4404, "unknown-assistant", OPEN | {"assistant": SQL}),
    messages(
        "line break for an assistant", 4404, "unknown-assistant", OPEN | {"assistant": f"x\n{INJECTED}"}
    ),
    messages("unknown field", 4400, "bad-message", OPEN | {"admin": True}),
    messages("wrong version", 4400, "bad-message", OPEN | {"version": 2**70}),
    messages(
        "rate of audio that is none",
        4406,
        "unknown-format",
        OPEN | {"input": {"encoding": "pcm16", "rate": 1}},
    ),
    messages("second open", 4400, "bad-message", OPEN, OPEN),
    messages("unknown message", 4400, "bad-message", OPEN, {"type": "shutdown"}),
    messages("not a number", 4400, "bad-message", OPEN, frame(1, b'{"type":"ping","sent":NaN}')),
    messages("audio of another version", 4400, "bad-packet", OPEN, lambda n: audio(n, version=9)),
    messages("audio of the agent", 4400, "bad-packet", OPEN, lambda n: audio(n, direction=2)),
    messages("half a sample", 4400, "bad-audio", OPEN, lambda n: audio(n, payload=b"abc")),
    messages("audio from the far future", 4400, "bad-packet", OPEN, lambda n: audio(n, 2**62 + n)),
    messages("audio far ahead of its number", 4400, "bad-seq", OPEN, lambda n: audio(2**31 + n)),
    messages("playback of what was never sent", 4400, "", OPEN, lambda n: PLAYBACK | {"seq": n}),
]


def scoped(name: str, scope: str, kind: str, *sent: object) -> Attack:
    attack = messages(name, 4400, kind, OPEN, *sent)
    return replace(attack, head=lambda: request(forge(scope=scope)))


def resume(name: str, code: int, kind: str, **changed: object) -> Attack:
    wish = {
        "type": "resume", "version": 1, "session": "5a1c5a1c5a1c", "handle": "h" * 43,
        "seen": {"events": 0, "controls": 0, "audio": 0}, "at": 0.0, "turn": 0,
        "messages": 0, "position": 0,
    }  # fmt: skip
    return messages(name, code, kind, wish | changed)


SAY = {"type": "say", "seq": 0, "at": 0.0, "text": "I was never asked to say this"}

MESSAGES = [
    scoped("audio with a token to speak", "speak", "wrong-scope", audio),
    scoped("speech with a token to transcribe", "transcribe", "wrong-scope", lambda n: SAY | {"seq": n}),
    scoped(
        "number far ahead",
        "converse",
        "bad-seq",
        lambda n: {"type": "audio-end", "seq": 20_000 + n, "at": 0.0},
    ),
    scoped("number below zero", "converse", "bad-message", {"type": "audio-end", "seq": -1, "at": 0.0}),
    scoped("text without an end", "speak", "bad-message", SAY | {"text": "x" * 40_000}),
    scoped(
        "acknowledges what was never sent",
        "converse",
        "",
        {"type": "ack", "seen": {"events": 2**20, "controls": 2**20, "audio": 2**20}},
    ),
    scoped("refreshes with garbage", "converse", "", {"type": "refresh", "token": "nonsense"}),
    resume("resumes what never was", 4412, ""),
    resume("SQL for a session", 4412, "", session=SQL),
    resume("SQL for a handle", 4412, "", handle="' or 1=1 --"),
    resume("line break for a session", 4412, "", session=f"x\n{INJECTED}"),
    resume("path for a session", 4412, "", session="../../../etc/passwd"),
    messages(
        "observes without the scope", 4403, "", {"type": "observe", "session": "5a1c5a1c5a1c", "since": 0}
    ),
]

IN_SESSIONS = [*FRAMES, *OPENINGS, *MESSAGES]
