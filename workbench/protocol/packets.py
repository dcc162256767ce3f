"""The native protocol's binary frames: sound, its place on its stream, and the reply it belongs to."""

import struct
from enum import IntEnum
from typing import NamedTuple

from workbench.errors import ProtocolError
from workbench.protocol.native import PROTOCOL_VERSION

_HEADER = struct.Struct("!2sBBIIQ")
_MAGIC = b"WB"


class Direction(IntEnum):
    """Whose voice a packet carries."""

    CALLER = 1
    AGENT = 2


class AudioPacket(NamedTuple):
    """A run of encoded samples; 20 bytes of header, then the payload. A tuple: made fifty times a second."""

    direction: Direction
    seq: int
    """Packets of this direction before it, modulo 2**32."""
    position: int
    """Timestamp: samples of the caller's stream, or of the reply, before this packet."""
    payload: bytes
    reply: int = 0
    """The reply an agent packet belongs to; 0 for the caller."""


_DIRECTIONS = {int(direction): direction for direction in Direction}


def pack(packet: AudioPacket) -> bytes:
    """Return the bytes of ``packet``."""
    header = _HEADER.pack(
        _MAGIC, PROTOCOL_VERSION, packet.direction, packet.seq & 0xFFFFFFFF, packet.reply, packet.position
    )
    return header + packet.payload


def unpack(data: bytes) -> AudioPacket:
    """Return the packet in ``data``; raises ProtocolError ``bad-packet``."""
    if len(data) < _HEADER.size:
        raise ProtocolError("bad-packet", f"{len(data)} bytes, expected a header of {_HEADER.size}")
    magic, version, number, seq, reply, position = _HEADER.unpack_from(data)
    if magic != _MAGIC or version != PROTOCOL_VERSION:
        raise ProtocolError("bad-packet", f"no audio packet of version {PROTOCOL_VERSION}")
    direction = _DIRECTIONS.get(number)
    if direction is None:
        raise ProtocolError("bad-packet", f"direction {number}, expected 1 (caller) or 2 (agent)")
    return AudioPacket(direction, seq, position, data[_HEADER.size :], reply)
