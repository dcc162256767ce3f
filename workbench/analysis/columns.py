"""Tables of numbers as one block of bytes that a page reads without parsing: each column a typed array."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_ALIGNED = 8  # bytes; any typed array may begin there

Schema = Mapping[str, Mapping[str, str]]
"""Name and type of each column of each table: ``u1``, ``u4`` or ``f4``."""

Tables = Mapping[str, Mapping[str, Sequence[Any]]]
"""The values of each column of each table."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Tables, ready to be sent."""

    layout: dict[str, Any]
    """By table: ``rows``, and ``columns`` as ``[name, type, offset in bytes]``; JSON-ready."""
    data: bytes
    """All columns, little-endian, each from a multiple of 8 bytes."""


def pack(schema: Schema, tables: Tables) -> Packed:
    """Return the columns of ``tables`` as ``schema`` has them.

    >>> pack({"marks": {"at": "f4"}}, {"marks": {"at": [1.5, 2.0]}}).layout
    {'marks': {'rows': 2, 'columns': [['at', 'f4', 0]]}}
    """
    layout: dict[str, Any] = {}
    pieces: list[bytes] = []
    offset = 0
    for table, columns in schema.items():
        described = []
        held = tables[table]
        for name, kind in columns.items():
            data = np.asarray(held[name]).astype(f"<{kind}").tobytes()
            padding = -len(data) % _ALIGNED
            pieces += [data, bytes(padding)]
            described.append([name, kind, offset])
            offset += len(data) + padding
        layout[table] = {"rows": len(held[next(iter(columns))]), "columns": described}
    return Packed(layout=layout, data=b"".join(pieces))


def columns_of(names: Mapping[str, str], rows: Sequence[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """Return rows as columns by name."""
    if not rows:
        return {name: [] for name in names}
    return {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}


def joined(first: Tables, second: Tables) -> dict[str, dict[str, list[Any]]]:
    """Return the rows of two groups of tables, those of the first before those of the second."""
    return {
        table: {name: [*values, *second[table][name]] for name, values in columns.items()}
        for table, columns in first.items()
    }
