"""Where the ends of audit trails are noted, outside the stores: lines of ``CHAIN:COUNT:HASH "PLACE"``."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workbench.core.noted_head import WANTED, NotedHead, parse_noted
from workbench.errors import ParameterError, system_reason
from workbench.security.key_places import LOCK_TIMEOUT, put_in_place, take_alone
from workbench.security.keys import key_file

FILE = "audit-heads"
"""Its name, beside the file of the keys that sign tokens."""
PLACES_MAX = 200
"""Stores in one file; with more, the one noted longest ago is left out."""
BYTES_MAX = 256 * 1024
"""Largest file that is read."""


@dataclass(frozen=True, slots=True)
class HeadNotes:
    """One such file; any number of processes may use it."""

    path: Path

    def read(self, place: str) -> NotedHead | None:
        """Return the head that is noted of the store at ``place``; None if there is none.

        Raises
        ------
        ParameterError
            If the file can't be read, or is none of heads.
        """
        return self._read().get(place)

    def write(self, place: str, head: NotedHead, *, over: NotedHead | None) -> None:
        """Note the end of a store's trail, on the disk.

        Parameters
        ----------
        place : the store
        head : its end, once that can't be lost any more
        over : what the writer found noted; if another one has noted more of the chain since, that stays

        Raises
        ------
        ParameterError
            If the file can't be read or written.
        """
        with self._alone():
            heads = self._read()
            there = heads.pop(place, None)
            newer = there is not None and there.chain == head.chain and there.count >= head.count
            heads[place] = there if there is not None and newer and there != over else head
            lines = [f"{one} {json.dumps(name)}\n" for name, one in heads.items()][-PLACES_MAX:]
            while len("".join(lines)) > BYTES_MAX:
                del lines[0]
            try:
                put_in_place(self.path, "".join(lines))
            except OSError as error:
                raise self._failure("note the end of an audit trail", error) from None

    def _read(self) -> dict[str, NotedHead]:
        try:
            with self.path.open("rb") as file:
                content = file.read(BYTES_MAX + 1)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._failure("read", error) from None
        if len(content) > BYTES_MAX:
            raise ParameterError(f"{self.path}: has over {BYTES_MAX} bytes, expected a file of noted heads")
        heads = {}
        for number, line in enumerate(content.decode("ascii", "replace").splitlines(), start=1):
            text, _, name = line.partition(" ")
            head = parse_noted(text)
            try:
                place = json.loads(name)
            except (ValueError, RecursionError):
                place = None
            if head is None or not isinstance(place, str):
                raise ParameterError(f"{self.path}, line {number}: is no noted head and store, {WANTED}")
            heads[place] = head
        return heads

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from writing it during the block."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = self.path.with_name(f"{self.path.name}.lock")
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._failure("note the end of an audit trail", error) from None
        try:
            if not take_alone(descriptor):
                problem = f"another process has been writing it for {LOCK_TIMEOUT:g} s"
                raise ParameterError(f"{self.path}: can't note the end of an audit trail: {problem}")
            yield
        finally:
            os.close(descriptor)

    def _failure(self, what: str, error: OSError) -> ParameterError:
        problem = system_reason(error)
        return ParameterError(f"{self.path}: can't {what}: {problem}")


def head_notes(path: Path | None = None) -> HeadNotes:
    """Return the notes at ``path``, or the user's own."""
    return HeadNotes(path or key_file().with_name(FILE))
