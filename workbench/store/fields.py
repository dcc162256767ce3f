"""What a column may hold: texts of a bounded size that every database takes."""

import json
from dataclasses import fields

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from workbench.core.events import Event
from workbench.core.wire import event_to_json, event_to_wire
from workbench.errors import StoreError
from workbench.store.rows import SessionRow
from workbench.store.schema import NAME_MAX

EVENT_BYTES_MAX = 65_536
"""Largest event, the size of the largest message on the wire."""


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an insert into ``table`` that can say what to do about a row that is there already."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def checked_text(text: str, what: str, place: str, most: int | None = None) -> None:
    """Refuse a text that not every database can hold: of more than ``most`` bytes, or of a name's length.

    Raises
    ------
    StoreError
        If it is too long, or has a NUL or a lone surrogate in it; says what, never the text.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise StoreError(place, f"{what} is not Unicode text") from None
    if "\0" in text:
        raise StoreError(place, f"{what} has a NUL character in it")
    if most is None and len(text) > NAME_MAX:
        raise StoreError(place, f"{what} has {len(text)} characters, expected at most {NAME_MAX}")
    if most is not None and size > most:
        raise StoreError(place, f"{what} has {size} bytes, expected at most {most}")


def checked_session(row: SessionRow, place: str) -> None:
    """Refuse a session with a text that not every database can hold; its snapshot is looked at elsewhere."""
    for field in fields(row):
        value = getattr(row, field.name)
        if isinstance(value, str) and field.name != "snapshot":
            checked_text(
                value, f"{field.name} of a session", place, EVENT_BYTES_MAX if field.name == "wish" else None
            )


def event_text(event: Event, text: str | None, session: str, place: str) -> str:
    """Return the JSON of ``event``, ``text`` if its writer has it, checked for its size."""
    if text is None:
        text = event_to_json(event)
    try:
        size = len(text.encode())
    except UnicodeEncodeError:  # half of a surrogate pair is fine as an escape
        text = json.dumps(event_to_wire(event), separators=(",", ":"))
        size = len(text)
    if size > EVENT_BYTES_MAX:
        raise StoreError(
            place,
            f"event {event.seq} of session {session} has {size} bytes, expected at most {EVENT_BYTES_MAX}",
        )
    return text
