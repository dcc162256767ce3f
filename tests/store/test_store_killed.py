"""A writer is killed at random moments: what it had reported is there, and the store opens as it is."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from workbench.store.store import open_store
from workbench.store.urls import place_of

KILLS = 20

WRITERS = """
import os, sys
sys.path.insert(0, sys.argv[2])
from rows_of import appends, session_row
from workbench.store.rows import NewSession, Snapshot
from workbench.store.store import open_store

def write(name, step):
    with open_store(sys.argv[1]) as store:
        store.write([NewSession(session_row(name))])
        for seq in range(0, sys.maxsize, step):
            store.write([*appends(name, seq, step), Snapshot(name, seq, "{}")])
            print(seq + step, flush=True)

for line in sys.stdin:
    name, step = line.split()
    child = os.fork()
    if not child:
        print(os.getpid(), flush=True)
        write(name, int(step))
    os.waitpid(child, 0)
    print("gone", flush=True)
"""
"""Forks a writer for each line it reads: starting an interpreter for each would take most of the time."""


@pytest.mark.timeout(240)  # twenty processes, each as late as the machine is busy
def test_what_was_reported_is_there_after_a_kill(store_url: str, request: pytest.FixtureRequest) -> None:
    """What a client was told is safe would be gone after a crash, or the store need a repair."""
    chance = random.Random(20_240_607)
    open_store(store_url).close()
    command = [sys.executable, "-c", WRITERS, store_url, str(request.path.parent)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writers:
        for number in range(KILLS):
            name, step = f"s{number}", chance.choice((1, 7, 40))
            writers.stdin.write(f"{name} {step}\n")
            writers.stdin.flush()
            child = int(writers.stdout.readline())
            reported = int(writers.stdout.readline())
            time.sleep(chance.uniform(0.0, 0.05))
            os.kill(child, signal.SIGKILL)
            for line in iter(writers.stdout.readline, "gone\n"):
                reported = int(line)
            check(store_url, name, reported, step)
        writers.stdin.close()


def check(url: str, name: str, reported: int, step: int) -> None:
    """Look at what a killed writer left: whole transactions, and no fewer than it reported."""
    file = place_of(url).file
    if file is not None:
        with closing(sqlite3.connect(file)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with open_store(url) as store:
        found = store.load(name)
    assert len(found.events) in (reported, reported + step)
    assert [event.seq for event in found.events] == list(range(len(found.events)))
    assert found.row.snapshot_seq == len(found.events) - step
