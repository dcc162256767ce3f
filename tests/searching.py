"""Looking for what was said in files: as it is, in page after page, and in whatever can be unpacked."""

import bz2
import gzip
import lzma
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

_STARTS = re.compile(rb"\x1f\x8b\x08|x\x01|x\x5e|x\x9c|x\xda|BZh|\xfd7zXZ\x00")
"""How what was packed by gzip, zlib, bzip2 or xz begins."""


def found(needles: Iterable[bytes], *places: Path) -> dict[str, set[bytes]]:
    """Return which needles stand in which files, whatever their case; folders are gone through."""
    wanted = {needle.lower() for needle in needles}
    hits: dict[str, set[bytes]] = {}
    for place in places:
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.is_file():
                inside = {n for form in _forms(path) for n in wanted if n in form}
                if inside:
                    hits[path.name] = inside
    return hits


def _forms(path: Path) -> Iterator[bytes]:
    """Yield a file's content, then what is packed in it, then the cells of a database."""
    content = path.read_bytes()
    yield content.lower()
    for start in _STARTS.finditer(content):
        packed = content[start.start() :]
        for unpack in (zlib.decompressobj().decompress, gzip.decompress, bz2.decompress, lzma.decompress):
            with suppress(OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
                yield unpack(packed).lower()
    if content.startswith(b"SQLite format 3"):
        yield from _cells(path)


def _cells(path: Path) -> Iterator[bytes]:
    with closing(sqlite3.connect(path)) as database:
        database.text_factory = bytes
        named = database.execute("select name from sqlite_schema where type = 'table'").fetchall()
        for table in (row[0].decode() for row in named):
            for row in database.execute(f'select * from "{table}"'):
                for cell in row:
                    if isinstance(cell, bytes):
                        yield cell.lower()
                        with suppress(zlib.error):
                            yield zlib.decompress(cell).lower()
