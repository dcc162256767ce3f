"""Master keys as values: the first of a ring signs, all that have not ended verify."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil

from workbench.errors import ParameterError

MIN_KEY_BYTES = 32
"""Shortest key accepted, the output size of the signature's hash (RFC 7518 section 3.2)."""

MAX_KEY_BYTES = 512

MAX_KEYS = 16
"""Most keys of one ring."""

_ID_PREFIX = b"workbench-key-id:"
"""Separates this hash of a key from every other use of it."""

_ID_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Key:
    """One secret; its id is what a token's header names."""

    secret: str = field(repr=False)
    until: float | None = None
    """Unix seconds at which it stops to verify; None while it has no end."""
    key_id: str = field(init=False)
    """First hex digits of a hash of the secret, so that it needs no keeping."""
    octets: bytes = field(init=False, repr=False)
    """The secret as the signature takes it."""

    def __post_init__(self) -> None:
        problem = _problem(self.secret)
        if problem:
            raise ParameterError(f"the key {problem}")
        octets = self.secret.encode("ascii")
        digest = hashlib.sha256(_ID_PREFIX + octets).hexdigest()
        object.__setattr__(self, "octets", octets)
        object.__setattr__(self, "key_id", digest[:_ID_DIGITS])

    def verifies(self, now: float) -> bool:
        """Return whether tokens signed with it are still accepted."""
        return self.until is None or now < self.until


class Keyring:
    """Keys to sign and to verify with.

    Parameters
    ----------
    keys : 1 to 16 different keys; the first signs and has no end
    """

    __slots__ = ("_by_id", "keys")

    def __init__(self, keys: Iterable[Key]) -> None:
        self.keys = tuple(keys)
        self._by_id = {key.key_id: key for key in self.keys}
        if not 1 <= len(self.keys) <= MAX_KEYS:
            raise ParameterError(f"a key ring has {len(self.keys)} keys, expected 1 to {MAX_KEYS}")
        if len(self._by_id) < len(self.keys):
            raise ParameterError("a key ring holds the same key twice, expected different ones")
        if self.keys[0].until is not None:
            raise ParameterError("the first key of a ring has an end, expected the one that signs")

    @property
    def signing(self) -> Key:
        """The key that signs new tokens."""
        return self.keys[0]

    def find(self, key_id: str, now: float) -> Key | None:
        """Return the key of that id if it still verifies."""
        key = self._by_id.get(key_id)
        return key if key is not None and key.verifies(now) else None

    def rotated(self, secret: str, *, now: float, overlap: float) -> "Keyring":
        """Return a ring that signs with ``secret``; the former keys verify for ``overlap`` seconds at most.

        Their end is a whole second, as it is written down. Keys that have ended are left out.
        """
        end = float(ceil(now + overlap)) if overlap else now
        retired = [Key(key.secret, end if key.until is None else min(key.until, end)) for key in self.keys]
        return Keyring([Key(secret), *(key for key in retired if key.verifies(now))])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keyring) and self.keys == other.keys

    def __hash__(self) -> int:
        return hash(self.keys)

    def __repr__(self) -> str:
        return f"Keyring({[key.key_id for key in self.keys]})"


def keyring_from(keys: Keyring | str) -> Keyring:
    """Return the ring itself, or one of a single bare key."""
    return keys if isinstance(keys, Keyring) else Keyring((Key(keys),))


def parse_keys(text: str, place: str) -> Keyring:
    """Return the ring in ``text``: a line a key, ``secret [until]``, the end as ISO 8601 with its zone.

    Raises
    ------
    ParameterError
        Names ``place`` and the line, never what stands there.
    """
    keys = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        where = place if number == 1 else f"{place}, line {number}"
        problem = _problem(words[0])
        if problem:
            raise ParameterError(f"the key in {where} {problem}")
        if len(words) > 2:
            raise ParameterError(f"{where} has {len(words)} words, expected a key and when it ends")
        keys.append(Key(words[0], _moment(words[1], where) if len(words) == 2 else None))
    try:
        return Keyring(keys)
    except ParameterError as error:
        raise ParameterError(f"{place}: {error}") from None


def render_keys(ring: Keyring) -> str:
    """Return the text ``parse_keys`` reads; ends are rounded up to whole seconds."""
    return "".join(f"{key.secret}{_ending(key)}\n" for key in ring.keys)


def _ending(key: Key) -> str:
    if key.until is None:
        return ""
    return " " + datetime.fromtimestamp(ceil(key.until), UTC).isoformat()


def _moment(text: str, where: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not 1970 <= moment.year < 3000:
        raise ParameterError(f"the end of the key in {where} is no ISO 8601 time with a zone")
    return moment.timestamp()


def _problem(secret: str) -> str | None:
    octets = len(secret.encode(errors="surrogatepass"))
    if octets < MIN_KEY_BYTES:
        return f"has {octets} bytes, expected at least {MIN_KEY_BYTES}"
    if octets > MAX_KEY_BYTES:
        return f"has {octets} bytes, expected at most {MAX_KEY_BYTES}"
    if not all("!" <= character <= "~" for character in secret):
        return "holds other characters than printable ASCII without spaces"
    return None
