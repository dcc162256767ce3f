"""Old parts of the audit trail as files: JSON lines, compressed, each record as it was in the store."""

import gzip
import json
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from workbench.core.audit_chain import AuditRecord
from workbench.core.audit_check import Unreadable

PARTS_MAX = 500
"""Files kept; with one more, the oldest goes."""

_NAME = re.compile(r"audit-(\d{12})-(\d{12})\.jsonl\.gz")


@dataclass(frozen=True, slots=True)
class Part:
    """One file."""

    path: Path
    first: int
    """Number of its first record."""
    last: int


@dataclass(frozen=True, slots=True)
class Archive:
    """A folder of parts, made with the first."""

    folder: Path

    def write(self, records: Sequence[AuditRecord]) -> Part:
        """Write a part, to the disk, and return it; raises OSError."""
        first, last = records[0].seq, records[-1].seq
        path = self.folder / f"audit-{first:012d}-{last:012d}.jsonl.gz"
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(".part")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        lines = "".join(json.dumps(asdict(record), separators=(",", ":")) + "\n" for record in records)
        with os.fdopen(descriptor, "wb") as file:
            file.write(gzip.compress(lines.encode("ascii"), mtime=0))
            file.flush()
            os.fsync(descriptor)
        draft.replace(path)
        return Part(path, first, last)

    def parts(self) -> list[Part]:
        """Return the parts that are there, oldest first; raises OSError."""
        if not self.folder.is_dir():
            return []
        found = [(path, _NAME.fullmatch(path.name)) for path in self.folder.iterdir()]
        parts = [Part(path, int(match[1]), int(match[2])) for path, match in found if match]
        return sorted(parts, key=lambda part: part.first)

    def remove_before(self, seq: int) -> None:
        """Delete the parts with records before ``seq`` only; raises OSError."""
        for part in self.parts():
            if part.last < seq:
                part.path.unlink(missing_ok=True)

    def records(self, since: int, before: int) -> Iterator[AuditRecord | Unreadable]:
        """Return the records from ``since`` on, all before number ``before``; what can't be read is told."""
        for part in self.parts():
            if part.last >= since and part.first < before:
                inside = (record for record in read_part(part) if since <= record.seq < before)
                yield from inside


def read_part(part: Part) -> Iterator[AuditRecord | Unreadable]:
    """Return the records of a file in order, up to the first that can't be read."""
    seq = part.first
    try:
        with gzip.open(part.path, "rt", encoding="ascii") as file:
            for line in file:
                record = AuditRecord(**json.loads(line))
                if not isinstance(record.seq, int):
                    raise TypeError("no number")
                yield record
                seq = record.seq + 1
    except (OSError, EOFError, ValueError, TypeError, zlib.error):
        yield Unreadable(seq)
