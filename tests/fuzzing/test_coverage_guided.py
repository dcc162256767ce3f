"""Parsers and token checks under a fuzzer that is guided by coverage, with as many inputs in every run."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from fuzz_targets import TARGETS, seeds

pytestmark = pytest.mark.skipif(
    find_spec("atheris") is None, reason="atheris is not installed; it has wheels for Linux on x86-64 only"
)

SECONDS = float(os.environ.get("WORKBENCH_FUZZ_SECONDS", "0"))
"""For each of the targets, if it is to be a search for what is not known yet."""
RUNS, SLOW_RUNS = 100_000, {"opus": 20_000, "ssml": 1_000}
"""Inputs tried of each target otherwise, the same in every run, however busy the machine is."""
MEMORY_MB = 1024
LONGEST = 8192
"""Bytes of an input: beyond every limit but that of a message."""
HANG = 20
"""Seconds one input may take, on a machine that is busy with much else."""

Fuzz = Callable[..., subprocess.CompletedProcess[str]]


def _quoted(word: bytes) -> str:
    """Return a word as libFuzzer's dictionaries write it."""
    return '"' + "".join(f"\\x{octet:02x}" for octet in word) + '"\n'


@pytest.fixture
def fuzz(tmp_path: Path) -> Fuzz:
    """Return what fuzzes a target in a process of its own."""
    here = Path(__file__).parent

    def fuzz(target: str, inputs: list[bytes]) -> subprocess.CompletedProcess[str]:
        corpus = tmp_path / "corpus"
        corpus.mkdir()
        for number, content in enumerate(inputs):
            (corpus / f"seed-{number}").write_bytes(content)
        words = set(re.findall(rb'"[A-Za-z0-9_:. -]{1,30}"|[{}\[\],.\n]', b" ".join(inputs))) | {b"WB"}
        dictionary = tmp_path / "words"
        dictionary.write_text("".join(map(_quoted, sorted(words))))
        search = [f"-max_total_time={SECONDS:.0f}"]
        same = [f"-runs={SLOW_RUNS.get(target, RUNS)}", "-seed=20240607"]
        limits = [
            *(search if SECONDS else same),
            *(f"-timeout={HANG}", f"-rss_limit_mb={MEMORY_MB}", f"-max_len={LONGEST}"),
            *(f"-artifact_prefix={tmp_path}/found-", f"-dict={dictionary}"),
        ]
        # a program's peak memory counts from its starter's: a shell's, not that of tests with engines
        aside = ("sh", "-c", '"$@"; exit $?', "sh")
        return subprocess.run(
            [*aside, sys.executable, str(here / "fuzzer.py"), target, str(corpus), *limits],
            env={**os.environ, "PYTHONPATH": str(here.parents[1]), "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS + 160,
            check=False,
        )

    return fuzz


def found(folder: Path) -> list[bytes]:
    """Return the inputs that broke a promise."""
    return [file.read_bytes() for file in folder.glob("found-*")]


@pytest.mark.timeout(SECONDS + 180)
@pytest.mark.parametrize("target", TARGETS)
def test_nothing_sent_breaks_a_promise(target: str, fuzz: Fuzz, tmp_path: Path) -> None:
    """Some input would end a request with an unknown error, hang it, eat memory or be repeated in a log."""
    done = fuzz(target, list(seeds(target)))
    assert found(tmp_path) == [], done.stderr[-3000:]
    assert done.returncode == 0, done.stderr[-3000:]
    runs = re.search(r"Done (\d+) runs", done.stderr)
    assert runs, done.stderr[-3000:]
    if not SECONDS:
        assert int(runs[1]) == SLOW_RUNS.get(target, RUNS)


def test_the_fuzzer_finds_what_is_wrong(fuzz: Fuzz, tmp_path: Path) -> None:
    """A fuzzer that sees no coverage, or whose finds are not reported, would let everything pass."""
    done = fuzz("planted", [b"aaaa"])
    assert done.returncode != 0
    assert "the planted fault was found" in done.stdout + done.stderr
    assert [content[:3] for content in found(tmp_path)] == [b"WB!"]
