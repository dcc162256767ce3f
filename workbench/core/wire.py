"""The JSON form of events: flat objects with a ``type`` and the stamp."""

import json
import math
from functools import cache
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, from_json

from workbench.core.events import Body, Event, Source
from workbench.errors import ProtocolError

WIRE_VERSION = 1
"""Version of the event schema; raised when a reader of the old form would misread the new."""

STAMP = ("seq", "at", "turn", "source")

_PLACE_MAX = 80

_SOURCES = {source.value: source for source in Source}


@cache
def _bodies() -> TypeAdapter[Body]:
    return TypeAdapter(Annotated[Body, Field(discriminator="type")])


@cache
def _many_bodies() -> TypeAdapter[list[Body]]:
    return TypeAdapter(list[Annotated[Body, Field(discriminator="type")]])


def event_to_wire(event: Event) -> dict[str, Any]:
    """Return ``event`` as a flat JSON-ready object."""
    body = _bodies().dump_python(event.body, mode="json")
    stamp = {
        "seq": event.seq,
        "at": round(event.at, 6),
        "turn": event.turn,
        "source": event.source.value,
    }
    return {"type": body.pop("type"), **stamp, **body}


def event_from_wire(wire: object) -> Event:
    """Return the event that ``wire`` describes.

    Raises
    ------
    ProtocolError
        ``bad-event``, naming the field; never its content.
    """
    if not isinstance(wire, dict):
        raise ProtocolError("bad-event", f"an event came as {type(wire).__name__}, expected an object")
    try:
        body = _bodies().validate_python({key: value for key, value in wire.items() if key not in STAMP})
        event = Event(
            seq=int(wire["seq"]),
            at=float(wire["at"]),
            turn=int(wire["turn"]),
            source=Source(wire["source"]),
            body=body,
        )
    except ValidationError as error:
        raise ProtocolError("bad-event", problem_of(error, "an event")) from None
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ProtocolError(
            "bad-event", "the stamp of an event (seq, at, turn, source) is incomplete"
        ) from None
    if event.seq < 0 or event.turn < 0 or not 0 <= event.at < math.inf:
        raise ProtocolError("bad-event", "the stamp of an event is below 0 or not finite")
    return event


def problem_of(error: ValidationError, what: str) -> str:
    """Return which field of ``what`` is wrong and why: short, printable, nothing of its content.

    A field nobody knows is named by whoever sent it, so its name is cut and cleaned.
    """
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = ".".join(map(str, first["loc"])) or "type"
    shown = "".join(letter if letter.isprintable() else "?" for letter in place[:_PLACE_MAX])
    problem = (
        "unknown or missing"
        if "union_tag" in first["type"]
        else first["msg"].lower().removeprefix("value error, ")
    )
    return f"field {shown} of {what}: {problem}"


def event_to_json(event: Event) -> str:
    """Return ``event`` as one line of JSON: that of :func:`event_to_wire`, made in one step."""
    try:
        body = _bodies().dump_json(event.body).decode()
    except PydanticSerializationError:  # half of a surrogate pair is no UTF-8, but may be kept
        return json.dumps(event_to_wire(event), ensure_ascii=False, separators=(",", ":"))
    kind, _, fields = body[1:-1].partition(",")  # the type is every body's first field
    at = round(event.at, 6)
    stamp = f'{kind},"seq":{event.seq},"at":{at},"turn":{event.turn},"source":"{event.source.value}"'
    return f"{{{stamp},{fields}}}" if fields else f"{{{stamp}}}"


def event_from_json(line: str) -> Event:
    """Return the event of one line of JSON; raises ProtocolError."""
    try:
        wire = json.loads(line)
    except (ValueError, RecursionError):
        raise ProtocolError("bad-json", "an event is not JSON") from None
    return event_from_wire(wire)


def events_from_json(data: bytes) -> list[Event] | None:
    """Return the events of many lines of JSON, in a third of the time; None if one needs a closer look.

    That is for :func:`event_from_json`, line by line, which also says what is wrong.
    """
    lines = data.removesuffix(b"\n")
    try:
        wires = from_json(b"[" + lines.replace(b"\n", b",") + b"]")  # no string of JSON holds a line's end
        stamps = [(wire.pop("seq"), wire.pop("at"), wire.pop("turn"), wire.pop("source")) for wire in wires]
        bodies = _many_bodies().validate_python(wires)
        events = [
            Event(seq=seq, at=float(at), turn=turn, source=_SOURCES[source], body=body)
            for (seq, at, turn, source), body in zip(stamps, bodies, strict=True)
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    plain = all(
        type(seq) is int and type(turn) is int and type(at) in (int, float) and seq >= 0 <= turn
        for seq, at, turn, _ in stamps
    )
    timed = all(0 <= event.at < math.inf for event in events)
    whole = len(events) == (lines.count(b"\n") + 1 if lines else 0)
    return events if plain and timed and whole else None


def event_schema() -> dict[str, Any]:
    """Return the JSON Schema of the wire form."""
    schema = _bodies().json_schema(mode="serialization")
    stamp: dict[str, Any] = {
        "seq": {
            "type": "integer",
            "minimum": 0,
            "description": "Place on the timeline, from 0, without gaps",
        },
        "at": {"type": "number", "minimum": 0, "description": "Seconds since the session opened"},
        "turn": {"type": "integer", "minimum": 0, "description": "The caller's turn, from 0"},
        "source": {"enum": [source.value for source in Source], "description": "Who knew"},
    }
    for mapped in schema["discriminator"]["mapping"].values():
        body = schema["$defs"][mapped.rsplit("/", 1)[1]]
        required = [name for name in body.get("required", []) if name != "type"]
        body["properties"] = {"type": body["properties"].pop("type"), **stamp, **body["properties"]}
        body["required"] = ["type", *STAMP, *required]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"workbench session event, version {WIRE_VERSION}",
        **schema,
    }
