"""Requests, frames and tokens of which every byte can be chosen."""

import base64
import hashlib
import hmac
import json
import secrets
import struct
from datetime import UTC, datetime
from typing import Any

import anyio
from anyio.abc import ByteStream
from patience import PATIENCE

from workbench.security.keyring import Key

KEY = "attacked-endpoint-key-0123456789abcdef"
PAGE = "https://lab.example"


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forge(
    *,
    head: dict[str, Any] | None = None,
    key: str = KEY,
    digest: str = "sha256",
    body: bytes | None = None,
    times: dict[str, int] | None = None,
    **claims: Any,
) -> str:
    """Return a signed token with header fields and claims changed; None removes one.

    ``times`` are claims in seconds from now on: what is to come when the tests are read may be past later.
    """
    now = int(datetime.now(UTC).timestamp())
    good_head = {"alg": "HS256", "typ": "JWT", "kid": Key(KEY).key_id} | (head or {})
    good = {
        "aud": "workbench-session",
        "iat": now,
        "nbf": now,
        "exp": now + 60,
        "jti": secrets.token_hex(8),
        "scope": "converse",
        **{name: now + seconds for name, seconds in (times or {}).items()},
    } | claims
    parts = (
        json.dumps({name: value for name, value in good_head.items() if value is not None}).encode(),
        body or json.dumps({name: value for name, value in good.items() if value is not None}).encode(),
    )
    signed = ".".join(map(base64url, parts))
    signature = hmac.new(key.encode(), signed.encode(), getattr(hashlib, digest)).digest()
    return f"{signed}.{base64url(signature)}"


def request(
    token: str | None = None,
    *more: str,
    line: str = "GET /v1/session HTTP/1.1",
    drop: tuple[str, ...] = (),
    body: bytes = b"",
) -> bytes:
    """Return the head of an upgrade, a line added, changed or dropped."""
    lines = [
        "Host: 127.0.0.1",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    kept = [each for each in lines if not each.startswith(drop)] if drop else lines
    return "\r\n".join([line, *kept, *more, "", ""]).encode("latin-1") + body


def audio(
    seq: int = 0, position: int = 0, *, version: int = 1, direction: int = 1, payload: bytes = bytes(640)
) -> bytes:
    """Return the frame of one audio packet."""
    return frame(2, struct.pack("!2sBBIIQ", b"WB", version, direction, seq, 0, position) + payload)


def plain(line: str, token: str | None, *more: str, body: bytes = b"") -> bytes:
    """Return a request without an upgrade; its length is given if it has a body."""
    lines = [line, "Host: 127.0.0.1", "Connection: close", *more]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def frame(opcode: int, payload: bytes = b"", *, first: int | None = None, masked: bool = True) -> bytes:
    """Return one frame; ``first`` replaces its first byte: FIN, RSV1 to RSV3, opcode."""
    head = bytes([0x80 | opcode if first is None else first])
    mask = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([mask | len(payload)])
    elif len(payload) < 65_536:
        head += bytes([mask | 126]) + struct.pack("!H", len(payload))
    else:
        head += bytes([mask | 127]) + struct.pack("!Q", len(payload))
    return head + (b"\0\0\0\0" if masked else b"") + payload  # a mask of zeros changes nothing


async def exchange(address: tuple[str, int], head: bytes, *then: bytes) -> tuple[int, str]:
    """Send ``head``, and once upgraded the rest; return the status or close code, and its kind.

    0 stands for a connection that ended without a word.
    """
    with anyio.fail_after(PATIENCE):
        async with await anyio.connect_tcp(*address) as stream:
            await stream.send(head)
            answer = await _until(stream, b"\r\n\r\n")
            if not answer:
                return 0, ""
            status = int(answer.split(b" ", 2)[1])
            if status != 101:
                return status, _kind(answer.partition(b"\r\n\r\n")[2] + await _rest(stream))
            try:
                for part in then:
                    await stream.send(part)
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                pass  # it was closed meanwhile, as its answer says
            data = answer.partition(b"\r\n\r\n")[2]
            while (found := _close_code(data))[0] == 0:
                try:
                    data += await stream.receive()
                except (anyio.EndOfStream, anyio.BrokenResourceError):
                    break
            return found


async def _until(stream: ByteStream, end: bytes) -> bytes:
    data = b""
    while end not in data:
        try:
            data += await stream.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            break
    return data


async def _rest(stream: ByteStream) -> bytes:
    return await _until(stream, b"this never comes")


def _kind(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["kind"])
    except (ValueError, KeyError):
        return ""


def _close_code(data: bytes) -> tuple[int, str]:
    """Return the code of the close frame among unmasked frames, and the last error's code before it."""
    kind = ""
    while len(data) >= 2:
        opcode, length, start = data[0] & 15, data[1] & 127, 2
        if length == 126:
            length, start = int.from_bytes(data[2:4]), 4
        elif length == 127:
            length, start = int.from_bytes(data[2:10]), 10
        if len(data) < start + length:
            break
        payload, data = data[start : start + length], data[start + length :]
        if opcode == 8:
            return int.from_bytes(payload[:2]), kind
        if opcode == 1:
            message = json.loads(payload)
            if message["type"] == "error" and not (message["fatal"] and kind):
                kind = message["code"]  # the fatal one only says that it was too much
    return 0, kind
