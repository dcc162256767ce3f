"""Events to JSON and back, and a schema that says the truth."""

import importlib.util
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import jsonschema
import pytest
from hypothesis import given, settings, strategies as st

from workbench.core.events import (
    AudioOut,
    Body,
    Event,
    PlaybackStarted,
    SessionClosed,
    Source,
    SpokenWord,
    Word,
)
from workbench.core.wire import (
    event_from_json,
    event_from_wire,
    event_schema,
    event_to_json,
    event_to_wire,
    events_from_json,
)
from workbench.errors import ProtocolError

ROOT = Path(__file__).parents[2]
BODIES = get_args(Body)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=8),
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    NoneType: st.none(),
}
SETTINGS = st.dictionaries(
    st.text(max_size=8), st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8), max_size=3
)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Return values of a type as the bodies use it."""
    if hint in PLAIN:
        return PLAIN[hint]
    if hint in (Word, SpokenWord):
        return built(hint)
    arguments = get_args(hint)
    if get_origin(hint) is Literal:
        return st.sampled_from(arguments)
    if get_origin(hint) is UnionType:
        return st.one_of(*map(values, arguments))
    if get_origin(hint) is tuple:
        return st.lists(values(arguments[0]), max_size=3).map(tuple)
    if hint == dict[str, object]:
        return SETTINGS
    assert get_origin(hint) is dict, hint
    return st.dictionaries(st.text(max_size=8), values(arguments[1]), max_size=3)


@cache
def built(kind: type) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: values(hint) for name, hint in hints.items() if name != "type"})


def events(kind: type) -> st.SearchStrategy[Event]:
    return st.builds(
        Event,
        seq=st.integers(0, 2**31),
        at=st.floats(0, 1e5).map(lambda at: round(at, 6)),
        turn=st.integers(0, 10_000),
        source=st.sampled_from(Source),
        body=built(kind),
    )


def code_of(reading: Callable[[], object]) -> str | None:
    """Return the code of the protocol error that ``reading`` raises, if any."""
    try:
        reading()
    except ProtocolError as error:
        return error.code
    return None


@cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(event_schema())


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.__name__)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_every_event_comes_back_as_it_went(kind: type, data: st.DataObject) -> None:
    """A field lost on the wire, or a schema that refuses our own events, would mislead every reader."""
    event = data.draw(events(kind))
    line = event_to_json(event)
    assert list(json.loads(line).items()) == list(event_to_wire(event).items())
    assert "\n" not in line
    assert event_from_json(line) == event
    validator().validate(json.loads(line))


def test_the_article_s_names_are_the_wire_names() -> None:
    """Programs that wait for these events would wait forever."""
    names = {get_type_hints(kind)["type"].__args__[0] for kind in BODIES}
    assert {"partial-transcript", "final-transcript", "synthesis-ready", "error"} <= names
    assert len(names) == len(BODIES)


def test_the_wire_form_is_flat_and_says_its_type_first() -> None:
    """Recorded sessions are read by eye and by other tools."""
    event = Event(seq=3, at=0.1234567, turn=1, source=Source.CLIENT, body=AudioOut(position=480, rate=24_000))
    assert event_to_json(event) == (
        '{"type":"audio-out","seq":3,"at":0.123457,"turn":1,"source":"client","position":480,"rate":24000}'
    )


@settings(deadline=None)
@given(wire=JSON | st.dictionaries(st.sampled_from(["type", "seq", "at", "turn", "source", "reply"]), JSON))
def test_whatever_comes_only_a_protocol_error_is_raised(wire: object) -> None:
    """A peer's garbage would end a session with an error nobody handles."""
    assert code_of(lambda: event_from_wire(wire)) in (None, "bad-event")


@settings(deadline=None)
@given(line=st.text())
def test_whatever_line_comes_only_a_protocol_error_is_raised(line: str) -> None:
    """A damaged recording would end in a traceback instead of the line's number."""
    assert code_of(lambda: event_from_json(line)) in (None, "bad-json", "bad-event")


GOOD = event_to_wire(
    Event(seq=0, at=0.0, turn=0, source=Source.CLIENT, body=SessionClosed(reason="completed", code=1000))
)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"type": "no-such"}, r"^field type of an event: unknown or missing"),
        (
            {"code": "one thousand"},
            r"^field session-closed\.code of an event: input should be a valid integer",
        ),
        ({"seq": None}, r"^the stamp of an event \(seq, at, turn, source\) is incomplete"),
        ({"source": "nobody"}, r"^the stamp of an event \(seq, at, turn, source\) is incomplete"),
        ({"seq": float("inf")}, r"^the stamp of an event \(seq, at, turn, source\) is incomplete"),
        ({"at": float("inf")}, r"^the stamp of an event is below 0 or not finite"),
        ({"at": float("nan")}, r"^the stamp of an event is below 0 or not finite"),
        ({"seq": -1}, r"^the stamp of an event is below 0 or not finite"),
        ({"turn": -1}, r"^the stamp of an event is below 0 or not finite"),
    ],
)
def test_an_event_that_is_none_is_refused_without_its_content(change: dict[str, object], text: str) -> None:
    """Events off the time axis would be kept, and speech would enter logs through error texts."""
    with pytest.raises(ProtocolError, match=text + r".*\(bad-event\)$") as raised:
        event_from_wire(GOOD | change)
    assert "one thousand" not in str(raised.value)


def test_a_stamp_without_a_field_is_refused() -> None:
    """An event could enter a timeline without a place on it."""
    for name in ("seq", "at", "turn", "source"):
        with pytest.raises(ProtocolError, match="incomplete"):
            event_from_wire({key: value for key, value in GOOD.items() if key != name})


def test_deep_nesting_is_not_followed() -> None:
    """A line of brackets would exhaust the stack."""
    with pytest.raises(ProtocolError, match=r"^an event "):
        event_from_json("[" * 200_000)


def test_the_schema_knows_every_event_and_wants_its_stamp() -> None:
    """A reader that follows the schema would miss events, or read ones without a time."""
    schema = event_schema()
    mapped = schema["discriminator"]["mapping"]
    assert set(mapped) == {get_type_hints(kind)["type"].__args__[0] for kind in BODIES}
    for place in mapped.values():
        required = schema["$defs"][place.rsplit("/", 1)[1]]["required"]
        assert required[:5] == ["type", "seq", "at", "turn", "source"]
    wire = event_to_wire(
        Event(
            seq=0,
            at=0.0,
            turn=0,
            source=Source.CLIENT,
            body=PlaybackStarted(reply=1, played=0.5, device_position=7),
        )
    )
    for name in ("seq", "at", "turn", "source", "type", "reply", "played", "device_position"):
        assert not validator().is_valid({key: value for key, value in wire.items() if key != name}), name


def test_the_published_schema_is_current() -> None:
    """Readers outside would work from a form that is no longer sent."""
    spec = importlib.util.spec_from_file_location("export_schema", ROOT / "scripts" / "export_schema.py")
    assert spec is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.TARGET.read_text(encoding="utf-8") == script.render(), "run scripts/export_schema.py"


@settings(deadline=None)
@given(data=st.data())
def test_many_lines_are_read_as_each_of_them_is(data: st.DataObject) -> None:
    """A session loaded from its folder would differ from the one that was recorded."""
    known = [data.draw(events(kind)) for kind in data.draw(st.lists(st.sampled_from(BODIES), max_size=4))]
    assert events_from_json("".join(f"{event_to_json(event)}\n" for event in known).encode()) == known


@pytest.mark.parametrize(
    "bad",
    [
        "not JSON",
        "[]",
        '{"type":"speech-ended"}',
        '{"type":"session-closed","seq":0,"at":-1,"turn":0,"source":"endpoint","reason":"","code":1000}',
        '{"type":"session-closed","seq":"0","at":0,"turn":0,"source":"endpoint","reason":"","code":1000}',
        '{"type":"session-closed","seq":0,"at":NaN,"turn":0,"source":"endpoint","reason":"","code":1000}',
        '{"type":"session-closed","seq":0,"at":0,"turn":0,"source":"nobody","reason":"","code":1000}',
        "",
    ],
)
def test_among_many_lines_an_odd_one_is_left_to_the_careful_reader(bad: str) -> None:
    """It would pass unchecked, or what is wrong with it never be said."""
    good = '{"type":"session-closed","seq":0,"at":0,"turn":0,"source":"endpoint","reason":"","code":1000}'
    assert events_from_json(good.encode()) == [event_from_json(good)]
    assert events_from_json(f"{good}\n{bad}\n".encode()) is None
    assert events_from_json(f"{good},{good}\n".encode()) is None
