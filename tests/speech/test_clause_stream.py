"""Clauses as bytes: they come back whole however the stream is cut, and nothing else is taken for one."""

import json

import numpy as np
import pytest
from hypothesis import given, strategies as st

from workbench.core.events import SpokenWord
from workbench.errors import ProtocolError
from workbench.speech.clause_stream import (
    LINE_MAX,
    SAMPLES_MAX,
    ClauseReader,
    pack_clause,
    pack_end,
    pack_failure,
)
from workbench.speech.ports import Clause
from workbench.speech.scripted import ScriptedSynthesizer

CLAUSES = [
    *ScriptedSynthesizer().synthesize("One large latte. Coming right up.", voice="any"),
    Clause(
        text="Grüß Gott\n",
        samples=np.zeros(0, np.float32),
        rate=24_000,
        marks=(SpokenWord(text="here", start=0.5, end=0.5),),
    ),
]
STREAM = b"".join(map(pack_clause, CLAUSES)) + pack_end()


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_clauses_come_back_however_the_stream_is_cut(cuts):
    """Packets end anywhere: inside a line, inside a sample, between two clauses."""
    reader = ClauseReader()
    edges = [0, *sorted(cuts), len(STREAM)]
    read = [
        clause
        for start, end in zip(edges, edges[1:], strict=False)
        for clause in reader.feed(STREAM[start:end])
    ]
    assert reader.ended
    assert [clause.text for clause in read] == [clause.text for clause in CLAUSES]
    for got, sent in zip(read, CLAUSES, strict=True):
        assert (got.rate, got.words, got.marks) == (sent.rate, sent.words, sent.marks)
        np.testing.assert_allclose(got.samples, sent.samples, atol=1 / 32_768)


def test_stream_that_stops_has_not_ended():
    """A lost connection must not pass for a whole reply."""
    reader = ClauseReader()
    assert len(list(reader.feed(STREAM[: -len(pack_end())]))) == len(CLAUSES)
    assert not reader.ended


def test_failure_is_told_after_what_was_spoken():
    """What the other side could still say counts, and why it stopped is known."""
    reader = ClauseReader()
    assert len(list(reader.feed(pack_clause(CLAUSES[0]) + pack_failure("synthesis-failed", "no voice")))) == 1
    assert reader.failure == "no voice"
    assert not reader.ended


HEAD = {"text": "a", "rate": 24_000, "samples": 1}


@pytest.mark.parametrize(
    "data",
    [
        b"no json\n",
        b"[]\n",
        b"[" * 5000 + b"\n",
        b" " * LINE_MAX,
        pack_end() + b"x",
        json.dumps({**HEAD, "samples": SAMPLES_MAX + 1}).encode() + b"\n",
        json.dumps({**HEAD, "samples": -1}).encode() + b"\n",
        json.dumps({**HEAD, "rate": 1}).encode() + b"\n",
        json.dumps({**HEAD, "more": 1}).encode() + b"\n",
        json.dumps({**HEAD, "words": [{"text": "a", "start": float("nan"), "end": 1}]}).encode() + b"\n",
    ],
)
def test_what_is_no_clause_is_refused(data):
    """An endpoint that lies about sizes must not fill the memory of the one that asked."""
    with pytest.raises(ProtocolError) as caught:
        list(ClauseReader().feed(data))
    assert caught.value.code == "bad-clause"
