"""A live session's tables against those of the same session when it is over."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st

from workbench.analysis.columns import Packed
from workbench.analysis.growing_index import GrowingIndex
from workbench.analysis.latency import turns
from workbench.analysis.session_index import SCHEMA, Strings, index_rows
from workbench.core.timeline import Timeline
from workbench.data import data_folder
from workbench.store.recording import Recording, load_recording

SESSION = load_recording(data_folder() / "sessions" / "coffee")
EVENTS = SESSION.timeline.events


class Page:
    """What a page keeps of what it is sent: the tables, by replacing rows, and the texts."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, list[float]]] = {
            table: {name: [] for name in columns} for table, columns in SCHEMA.items()
        }
        self.strings: list[str] = []
        self.turns: dict[int, dict[str, object]] = {}
        self.duration = 0.0

    def take(self, more: object) -> None:
        """Do as the page does."""
        told = more.told
        assert told["strings_from"] == len(self.strings)
        self.strings += told["strings"]
        self.turns.update({turn["turn"]: turn for turn in told["turns"]})
        self.duration = max(self.duration, told["duration"])
        for table, columns in unpacked(told["layout"], more.data).items():
            for name, values in columns.items():
                held = self.tables[table][name]
                assert told["since"][table] <= len(held)
                self.tables[table][name] = [*held[: told["since"][table]], *values]

    def column(self, table: str, name: str) -> list[float]:
        """Return the values of a column."""
        return self.tables[table][name]


def unpacked(layout: dict, data: bytes) -> dict[str, dict[str, list[float]]]:
    return {
        table: {
            name: np.frombuffer(data, f"<{kind}", held["rows"], offset).tolist()
            for name, kind, offset in held["columns"]
        }
        for table, held in layout.items()
    }


def twice() -> list:
    """Return the shipped session said three times over, so that turns come to lie behind."""
    from dataclasses import replace

    events = []
    for round_ in range(3):
        for event in EVENTS:
            body = event.body
            if (round_ and body.type == "session-opened") or body.type == "session-closed":
                continue
            number = getattr(body, "reply", None)
            if number is not None:
                body = replace(body, reply=number + 10 * round_)
            moved = {"seq": len(events), "at": event.at + 20 * round_, "turn": event.turn + 2 * round_}
            events.append(replace(event, **moved, body=body))
    return events


def grown(cuts: list[int]) -> tuple[Page, GrowingIndex, Timeline]:
    events = twice()
    timeline = Timeline()
    index = GrowingIndex(timeline)
    page = Page()
    for start, end in pairwise([0, *sorted(cuts), len(events)]):
        for event in events[start:end]:
            timeline.append(event)
        page.take(index.more())
    return page, index, timeline


def whole(timeline: Timeline, zero: float) -> tuple[dict, Strings]:
    silent = np.zeros(0, np.float32)
    strings = Strings()
    recording = Recording(
        timeline=timeline,
        caller=silent,
        caller_rate=16_000,
        agent=silent,
        agent_rate=24_000,
        device_zero=zero,
    )
    return index_rows(recording, strings), strings


TEXTS = {"events": "type", "utterances": "text", "words": "text", "partialWords": "text", "spans": "note"}


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, 3 * len(EVENTS) - 8), max_size=12))
@example(cuts=[2])  # before the tracks' beginning is known
def test_however_it_grew_it_is_the_same_in_the_end(cuts: list[int]) -> None:
    """A live timeline would show words twice, or lose them, or mix up their texts."""
    page, index, timeline = grown(cuts)
    expected, strings = whole(timeline, index.device_zero)
    texts = strings.since(0)
    for table, columns in SCHEMA.items():
        order = sorted(
            range(len(page.column(table, next(iter(columns))))), key=lambda i: key(page.tables[table], i)
        )
        wanted = sorted(
            range(len(expected[table][next(iter(columns))])), key=lambda i: key(expected[table], i)
        )
        for name in columns:
            if name in {"utterance", "first"}:
                continue
            got = [page.column(table, name)[i] for i in order]
            want = [expected[table][name][i] for i in wanted]
            if name == TEXTS.get(table) or (table, name) in {("marks", "note"), ("intents", "text")}:
                assert [page.strings[int(n)] for n in got] == [texts[n] for n in want]
            else:
                assert got == pytest.approx(want, abs=1e-3)


def key(table: dict, row: int) -> tuple:
    return tuple(round(float(table[name][row]), 3) for name in ("at", "start", "end") if name in table)


def test_what_lies_behind_is_not_sent_again() -> None:
    """An hour's session would send all of itself four times a second."""
    events = twice()
    timeline = Timeline()
    index = GrowingIndex(timeline)
    for event in events[:-1]:
        timeline.append(event)
    everything = len(index.more().data)
    timeline.append(events[-1])
    index.more()  # settles what the last one closed
    assert len(index.more().data) < 0.75 * everything


def test_words_belong_to_their_utterance_and_partials_to_their_words() -> None:
    """Numbers of rows would point into another turn."""
    page, _, _ = grown([40, 90, 150, 200, 260])
    for word, utterance in zip(page.column("words", "text"), page.column("words", "utterance"), strict=True):
        text = page.strings[int(page.column("utterances", "text")[int(utterance)])]
        assert page.strings[int(word)] in text
    last = len(page.column("partials", "first")) - 1
    first, count = (int(page.column("partials", name)[last]) for name in ("first", "count"))
    words = [page.strings[int(n)] for n in page.column("partialWords", "text")[first : first + count]]
    assert words[:3] == ["Actually", "make", "it"] or words[:3] == ["Actually,", "make", "it"]


def test_response_times_from_events_are_near_those_of_the_recording() -> None:
    """The live timeline would tell another story than the report."""
    timeline = Timeline()
    index = GrowingIndex(timeline)
    for event in EVENTS:
        timeline.append(event)
    told = {turn["turn"]: turn for turn in index.more().told["turns"]}
    for report in turns(SESSION):
        live = told[report.turn]
        # they begin where the endpoint, not the recording, has the end of speech
        assert live["response"] + report.endpoint_error == pytest.approx(report.response_time, abs=0.02)
        assert not live["measured"]
        assert sum(live["shares"].values()) == pytest.approx(live["response"])


def test_a_page_that_comes_late_gets_everything() -> None:
    """A second tab would begin in the middle."""
    first, index, _ = grown([100])
    late = Page()
    late.take(index.whole())
    assert late.strings == first.strings
    assert late.column("words", "start") == first.column("words", "start")
    assert set(late.turns) == set(first.turns)


def test_packed_columns_lie_where_typed_arrays_may_begin() -> None:
    """A browser refuses an array of floats at an odd address."""
    from workbench.analysis.columns import pack

    packed: Packed = pack({"a": {"x": "u1", "y": "f4"}}, {"a": {"x": [1, 2, 3], "y": [0.5, 1.5, 2.5]}})
    assert [offset % 8 for _, _, offset in packed.layout["a"]["columns"]] == [0, 0]
    assert unpacked(packed.layout, packed.data) == {"a": {"x": [1, 2, 3], "y": [0.5, 1.5, 2.5]}}
