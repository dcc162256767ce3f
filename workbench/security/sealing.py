"""Sealed bytes: AES-256-GCM under a data key, bound to their place; data keys wrapped by a master key.

What is sealed opens only where it belongs: session, kind, number and whatever else its label says are part of
what is authenticated. So a flipped bit, a missing end, another session's bytes or another number's do not
open. Each seal has a random nonce of 96 bits; a data key seals one session, far below the 2**32 messages
that NIST SP 800-38D section 8.3 allows for one key with such nonces; a master key wraps two keys a session
at most, its own and its vault's.
"""

import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from workbench.security.keyring import Key

NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD = 1 + NONCE_BYTES + TAG_BYTES
"""Bytes that a seal is longer than what is in it."""

SESSION_KEY = "key"
"""The kind of key that seals a session or a folder of its recording."""

_KEY_BYTES = 32
_VERSION = b"\x01"
_PURPOSE = "workbench-seal-1"
_WRAPPING = b"workbench-wrap-1"


@dataclass(frozen=True, slots=True)
class Label:
    """Where sealed bytes belong."""

    session: str
    kind: str
    number: int = 0
    facts: bytes = b""
    """What else has to be as it was; it is not sealed itself."""

    def encoded(self) -> bytes:
        """Return it as bytes, no two labels alike: a session's name may hold anything, a kind no space."""
        place = f"{_PURPOSE} {len(self.session)} {self.session} {self.kind} {self.number} "
        return place.encode(errors="surrogatepass") + self.facts


class DataKey:
    """Seals and opens what belongs to one session; its ``repr`` shows nothing of it."""

    __slots__ = ("_cipher", "_octets")

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._cipher = AESGCM(octets)

    @classmethod
    def new(cls) -> "DataKey":
        """Return a random one."""
        return cls(AESGCM.generate_key(8 * _KEY_BYTES))

    def seal(self, label: Label, content: bytes) -> bytes:
        """Return ``content`` sealed for ``label``: version, nonce, ciphertext, tag."""
        return _seal(self._cipher, label, content)

    def open(self, label: Label, sealed: bytes) -> bytes | None:
        """Return what was sealed for ``label``; None if this is not it, just so."""
        return _opened(self._cipher, label, sealed)

    def wrapped(self, master: Key, session: str, kind: str = SESSION_KEY) -> bytes:
        """Return this key sealed with a master key, for keeping; ``kind`` says what it is the key of."""
        return _seal(_wrapping(master.octets), Label(session, kind), self._octets)


def unwrapped(master: Key, session: str, wrapped: bytes, kind: str = SESSION_KEY) -> DataKey | None:
    """Return the key that was wrapped for ``session`` with ``master``; None if this is not it, just so."""
    octets = _opened(_wrapping(master.octets), Label(session, kind), wrapped)
    return None if octets is None or len(octets) != _KEY_BYTES else DataKey(octets)


def tag_of(sealed: bytes) -> bytes:
    """Return the tag of a seal, which no other seal has."""
    return sealed[-TAG_BYTES:]


@lru_cache(maxsize=32)
def _wrapping(secret: bytes) -> AESGCM:
    """Return the cipher derived from a master key: the key itself may have any length (RFC 5869)."""
    derive = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_WRAPPING)
    return AESGCM(derive.derive(secret))


def _seal(cipher: AESGCM, label: Label, content: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return _VERSION + nonce + cipher.encrypt(nonce, content, label.encoded())


def _opened(cipher: AESGCM, label: Label, sealed: bytes) -> bytes | None:
    if len(sealed) < OVERHEAD or sealed[:1] != _VERSION:
        return None
    try:
        return cipher.decrypt(sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], label.encoded())
    except InvalidTag:
        return None
