"""The same promises under inputs made by a grammar: nearly good ones, which chance hardly finds."""

import json
import time
import tracemalloc

import pytest
from fuzz_targets import (
    GOOD_CLAIMS,
    GOOD_HEADER,
    KNOWN,
    TARGETS,
    claims,
    events,
    messages,
    packets,
    seeds,
    tokens,
)
from hypothesis import example, given, settings, strategies as st

NUMBERS = st.integers() | st.floats() | st.sampled_from([0, -1, 2**31, 2**53, 2**64, 10**400, 1e308, -0.0])
TEXTS = st.text(max_size=80) | st.sampled_from(
    ["", "converse", "admin", "../x", "a\n", "https://a", "\ud800", "x" * 65, "none", "HS256"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=40) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=40,
)

MESSAGES = [json.loads(seed) for seed in seeds("messages")]
EVENTS = [json.loads(seed) for seed in seeds("events")]
FIELDS = {name for value in [*MESSAGES, *EVENTS] if isinstance(value, dict) for name in value}


def changed(values: list[object]) -> st.SearchStrategy[bytes]:
    """Return JSON of one of the values with some fields set to anything, or left out."""

    def change(value: object, new: dict[str, object], gone: set[str]) -> bytes:
        if isinstance(value, dict):
            value = {name: content for name, content in (value | new).items() if name not in gone}
        return json.dumps(value).encode()

    names = st.sampled_from(sorted(FIELDS | GOOD_CLAIMS.keys() | GOOD_HEADER.keys()))
    return st.builds(
        change,
        st.sampled_from(values),
        st.dictionaries(names | TEXTS, VALUES, max_size=3),
        st.sets(names, max_size=1),
    )


@pytest.mark.parametrize("target", TARGETS)
def test_what_a_fuzzer_begins_with_keeps_every_promise(target: str) -> None:
    """The fuzzer would stop at its first input, or begin with nothing."""
    inputs = list(seeds(target))
    assert inputs
    for content in inputs:
        TARGETS[target](content)


@settings(deadline=None)
@given(data=st.binary(max_size=64) | st.binary(max_size=40).map(lambda rest: b"WB\x01\x01" + rest))
@example(b"")
def test_no_packet_breaks_a_promise(data: bytes) -> None:
    """A packet would end a session with an unknown error, or be read otherwise than it was sent."""
    packets(data)


@settings(deadline=None)
@given(data=changed(MESSAGES) | st.binary(max_size=60))
def test_no_message_breaks_a_promise(data: bytes) -> None:
    """A message would end a session with an unknown error, or speech would enter a log."""
    messages(data)


@settings(deadline=None)
@given(data=changed(EVENTS) | st.binary(max_size=60))
def test_no_event_breaks_a_promise(data: bytes) -> None:
    """A line of a recording would end in a traceback, or be another event when read again."""
    events(data)


@settings(deadline=None)
@given(head=changed([GOOD_HEADER]), body=changed([GOOD_CLAIMS]))
def test_no_signed_claims_break_a_promise(head: bytes, body: bytes) -> None:
    """Whoever can get odd claims signed would be granted what no token may grant."""
    claims(head.replace(b"\n", b" ") + b"\n" + body)


@settings(deadline=None)
@given(
    at=st.integers(0, 400),
    cut=st.integers(0, 5),
    new=st.text(st.characters(codec="utf-8"), max_size=5),
    good=st.sampled_from(sorted(KNOWN)),
)
def test_no_token_that_was_touched_is_accepted(at: int, cut: int, new: str, good: str) -> None:
    """A token could be changed by whoever holds it."""
    tokens((good[:at] + new + good[at + cut :]).encode())


LARGE = {
    "nested": b"[" * 65_536,
    "nested objects": b'{"a":' * 13_000,
    "a long number": b'{"type":"ping","sent":' + b"9" * 65_000 + b"}",
    "a long fraction": b'{"type":"ping","sent":0.' + b"1" * 65_000 + b"}",
    "a large exponent": b'{"type":"ping","sent":1e' + b"9" * 65_000 + b"}",
    "many fields": b'{"type":"ping",' + b",".join(b'"%d":0' % n for n in range(7000)) + b"}",
    "one long name": b'{"type":"ping","' + b"n" * 65_000 + b'":0}',
    "one long text": b'{"type":"' + b"t" * 65_000 + b'"}',
    "escapes": b'{"type":"' + b"\\u0000" * 10_000 + b'"}',
    "open quotes": b'"\\' * 32_000,
    "dots": b"." * 65_536,
    "letters": b"A" * 65_536,
    "zeros": bytes(65_536),
    "line ends": b"\n" * 65_536,
}


@pytest.mark.parametrize("case", LARGE)
@pytest.mark.parametrize("target", TARGETS)
def test_the_largest_message_costs_little(target: str, case: str) -> None:
    """One message could stop every session of an endpoint, or eat its memory."""
    content = LARGE[case]
    TARGETS[target](content)  # what is made once
    tracemalloc.start()
    begun = time.process_time()
    TARGETS[target](content)
    took, peak = time.process_time() - begun, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert took < 1.0  # tracing slows it down, and the machine may be busy
    assert peak < 100 * len(content)
