"""What sealing costs: the same events written and read, sealed and readable, in turn in the same run.

The readable store is as this one was before it sealed: one update and one insert of JSON texts a transaction.
Each figure is a ratio of medians of processor and wall time; 1.20 means 20 % more. Ending a session is
compared with and without a record on the audit trail and the note of its end. The last line is a recording's:
sealing and opening its bytes, against writing them to the disk and reading them.

    python benchmarks/sealing.py
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text

from workbench.core.audit_chain import ChainKey, ChainKeys
from workbench.core.events import Event, FinalTranscript, Source
from workbench.core.wire import event_from_json, event_to_json
from workbench.security.head_notes import HeadNotes
from workbench.security.keyring import Key, Keyring
from workbench.security.keys import new_key
from workbench.security.sealing import DataKey, Label
from workbench.security.store_keys import StoreKeys
from workbench.store.database import Database
from workbench.store.rows import Append, NewSession, PhaseChange, SessionRow
from workbench.store.store import Store, open_store
from workbench.store.urls import place_of

GROUPS = ((1, 1), (20, 20), (100, 400))
"""Sessions and events of one transaction: a lone event, a busy endpoint, one that catches up."""


class Readable:
    """Events as texts, written as they were before they were sealed."""

    def __init__(self, file: Path) -> None:
        self._database = Database(place_of(f"sqlite:///{file}"))
        with self._database.writing() as connection:
            connection.execute(text("create table sessions (session text primary key, events integer)"))
            columns = "session text references sessions, seq integer, text text, primary key (session, seq)"
            connection.execute(text(f"create table events ({columns})"))
        self._database.log_ahead()

    def begin(self, names: list[str]) -> None:
        """Begin sessions."""
        with self._database.writing() as connection:
            rows = [{"of": name} for name in names]
            connection.execute(text("insert into sessions values (:of, 0)"), rows)

    def append(self, appends: list[Append]) -> None:
        """Write events in one transaction."""
        firsts: dict[str, int] = {}
        counts: dict[str, int] = {}
        for one in appends:
            firsts.setdefault(one.session, one.event.seq)
            counts[one.session] = one.event.seq + 1
        moved = [{"of": name, "first": firsts[name], "next": counts[name]} for name in counts]
        rows = [{"of": one.session, "seq": one.event.seq, "text": one.text} for one in appends]
        with self._database.writing() as connection:
            connection.execute(
                text("update sessions set events = :next where session = :of and events = :first"), moved
            )
            connection.execute(text("insert into events values (:of, :seq, :text)"), rows)

    def load(self, name: str) -> tuple[Event, ...]:
        """Read a session's events."""
        with self._database.reading() as connection:
            found = connection.scalars(
                text("select text from events where session = :of order by seq"), {"of": name}
            )
            return tuple(map(event_from_json, found))


class Sealed:
    """The store as it is."""

    def __init__(self, file: Path, **auditing: Any) -> None:
        keys = StoreKeys(Keyring([Key(new_key())]))
        self._store: Store = open_store(f"sqlite:///{file}", keys, **auditing)

    def begin(self, names: list[str]) -> None:
        """Begin sessions."""
        self._store.write([NewSession(_row(name)) for name in names])

    def append(self, appends: list[Append]) -> None:
        """Write events in one transaction."""
        self._store.write(appends)

    def end(self, name: str) -> None:
        """End a session."""
        self._store.write([PhaseChange(name, "ended", "client-left", 2.0)])

    def load(self, name: str) -> tuple[Event, ...]:
        """Read a session's events."""
        stored = self._store.load(name)
        assert stored is not None
        return stored.events


def _row(name: str) -> SessionRow:
    return SessionRow(
        session=name,
        project="default",
        client=None,
        assistant="coffee",
        token_id="t",
        phase="live",
        opened=1.0,
        wish="{}",
    )


def _event(seq: int) -> Event:
    said = f"I want a large latte with soy milk, and number {seq} of what there is to say about it"
    body = FinalTranscript(text=said, words=(), confidence=0.5, language="en", audio_start=0.0, audio_end=1.0)
    return Event(seq=seq, at=seq * 0.25, turn=seq // 3, source=Source.ENDPOINT, body=body)


def groups(sessions: int, events: int, rounds: int) -> Iterator[list[Append]]:
    """Yield the transactions of ``rounds`` rounds."""
    each = events // sessions
    for number in range(rounds):
        some = [_event(seq) for seq in range(number * each, (number + 1) * each)]
        yield [Append(f"s{session}", one, event_to_json(one)) for session in range(sessions) for one in some]


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Return the processor and wall seconds of ``work``."""
    processor, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - processor, time.perf_counter() - wall


def ratio(sealed: list[tuple[float, float]], readable: list[tuple[float, float]]) -> dict[str, float]:
    """Return how much more sealing takes, and what it takes, in microseconds of the processor."""
    processor, wall = (statistics.median(column) for column in zip(*sealed, strict=True))
    processor_before, wall_before = (statistics.median(column) for column in zip(*readable, strict=True))
    return {
        "processor": round(processor / processor_before, 2),
        "wall": round(wall / wall_before, 2),
        "sealed_us": round(1e6 * processor),
        "readable_us": round(1e6 * processor_before),
    }


def store_figures(folder: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Return the ratios of writing transactions of several sizes, and of reading a session."""
    figures = {}
    for sessions, events in GROUPS:
        both = (Sealed(folder / f"sealed{events}.db"), Readable(folder / f"readable{events}.db"))
        times: tuple[list[tuple[float, float]], ...] = ([], [])
        for one in both:
            one.begin([f"s{number}" for number in range(sessions)])
        for group in groups(sessions, events, rounds):
            for one, own in zip(both, times, strict=True):
                own.append(spent(lambda one=one, group=group: one.append(group)))
        figures[f"write {events} events of {sessions} sessions"] = ratio(*times)
        if events == sessions == 1:
            reads: tuple[list[tuple[float, float]], ...] = ([], [])
            for _ in range(20):
                for one, own in zip(both, reads, strict=True):
                    own.append(spent(lambda one=one: one.load("s0")))
            figures[f"read {rounds} events of one session"] = ratio(*reads)
    return figures


def end_figures(folder: Path, rounds: int) -> dict[str, float]:
    """Return what ending a session takes if the audit trail tells of it and its end is noted, and if not."""
    keys = ChainKeys((ChainKey("k", new_key().encode()),))
    notes = HeadNotes(folder / "audit-heads")
    told = Sealed(folder / "told.db", audit_keys=keys, audit_notes=notes)
    both, times = (told, Sealed(folder / "untold.db")), ([], [])
    for one in both:
        one.begin([f"s{number}" for number in range(rounds)])
    for number in range(rounds):
        for one, own in zip(both, times, strict=True):
            own.append(spent(partial(one.end, f"s{number}")))
    named = {"sealed_us": "told_us", "readable_us": "untold_us"}
    return {named.get(name, name): figure for name, figure in ratio(*times).items()}


def recording_figures(folder: Path, size: int) -> dict[str, float]:
    """Return the seconds that sealing, opening, writing and reading a recording take, best of five."""
    content, key, label = bytes(size), DataKey.new(), Label("s", "caller.flac")
    sealed = key.seal(label, content)
    file = folder / "plain"
    works: dict[str, Callable[[], object]] = {
        "seal": lambda: key.seal(label, content),
        "open": lambda: key.open(label, sealed),
        "write": lambda: file.write_bytes(content),
        "read": lambda: file.read_bytes(),
    }
    return {name: round(min(spent(work)[1] for _ in range(5)), 4) for name, work in works.items()}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=400, help="transactions of each size (400)")
    parser.add_argument("--megabytes", type=int, default=60, help="of a recording: an hour's track (60)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for what, figures in store_figures(Path(name), arguments.rounds).items():
            print(f"{what}: {json.dumps(figures)}", flush=True)
        print(f"end a session: {json.dumps(end_figures(Path(name), arguments.rounds))}", flush=True)
        track = recording_figures(Path(name), arguments.megabytes * 1_000_000)
        print(f"{arguments.megabytes} MB of a recording, seconds: {json.dumps(track)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
