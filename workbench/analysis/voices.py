"""Which voice is said which text how: the plan of a comparison, and its cells as they are measured.

A cell is one text in one voice with one setting. It is measured once and kept under a name made from all
that shapes it; a comparison that was interrupted, or is asked for again, finds what is there.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from contextlib import closing
from dataclasses import asdict, dataclass, field, fields, replace
from hashlib import sha256
from pathlib import Path

from workbench.analysis.voices_cell import (
    VERSION,
    Figures,
    Job,
    Made,
    Text,
    check_said,
    measure,
    same_language,
)
from workbench.errors import ParameterError, WorkbenchError
from workbench.speech.speakers import Speakers, fingerprint
from workbench.speech.voices import Voice
from workbench.ssml.setting import Setting

PART = 4
"""Cells measured together: what is lost, at most, of each worker when a comparison is interrupted."""

CELLS_MAX = 20_000

Progress = Callable[[int, int], None]
"""Called with how many cells are done and how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One text in one voice with one setting, measured."""

    job: Job
    figures: Figures
    flac: bytes
    """Its sound as a FLAC file; empty where cells are kept: it lies in their folder."""
    opus: bytes
    """The same as an Ogg Opus file, a tenth of the size."""
    found_again: bool = field(default=False, compare=False)
    """Whether an earlier run measured it: its times are of that run, with as many at once as it had."""


def jobs_for(
    texts: Sequence[Text],
    voices: Sequence[Voice],
    settings: Sequence[Setting] = (Setting(),),
    *,
    recognised: bool = True,
    across: bool = False,
) -> list[Job]:
    """Return the cells to measure: every voice says the texts in its language, with every setting.

    Parameters
    ----------
    across : a voice of Kokoro, which keeps its sound in any language, says the texts of all languages

    Raises
    ------
    ParameterError
        If there are no texts, one has no words, a voice has no text in its language, two settings have one
        name, or there are too many cells.
    """
    check_said(texts, voices)
    names = [one.name for one in settings]
    if len(set(names)) < len(names):
        raise ParameterError(f"settings are called {', '.join(names)}, expected each name once")
    found = []
    for voice in voices:
        every = across and voice.engine == "kokoro"
        own = [text for text in texts if every or same_language(text.language, voice.language)]
        if not own:
            told = ", ".join(dict.fromkeys(text.language for text in texts)) or "no language"
            raise ParameterError(f"voice {voice.id} speaks {voice.language}, but the texts are in {told}")
        found += [
            Job(text=text, voice=voice, setting=one, recognised=recognised)
            for one in settings
            for text in own
        ]
    if len(found) > CELLS_MAX:
        raise ParameterError(f"{len(found)} cells are to be compared, expected at most {CELLS_MAX}")
    return found


def compare(
    jobs: Sequence[Job],
    *,
    executor: Executor | None = None,
    keep: Path | None = None,
    progress: Progress | None = None,
) -> list[Cell]:
    """Return the cells of ``jobs``, in their order.

    Parameters
    ----------
    executor : where cells are measured; in this thread if None. Times are those of as many at once as it runs
    keep : a folder where cells are kept, and found again; the ``flac`` of each is empty then, as all of
        them together may be gigabytes

    Raises
    ------
    WorkbenchError
        What the first engine that fails raises; cells measured until then are kept.
    """
    found = [_kept(job, keep) for job in jobs]
    missing = [place for place, cell in enumerate(found) if cell is None]
    done = len(jobs) - len(missing)
    if progress is not None:
        progress(done, len(jobs))
    parts = [missing[start : start + PART] for start in range(0, len(missing), PART)]
    for part, made in _measured([[jobs[place] for place in part] for part in parts], executor):
        for place, one in zip(parts[part], made, strict=True):
            cell = Cell(job=jobs[place], figures=one.figures, flac=one.flac, opus=one.opus)
            _keep(cell, keep)
            found[place] = cell if keep is None else replace(cell, flac=b"")
        done += len(made)
        if progress is not None:
            progress(done, len(jobs))
    return [cell for cell in found if cell is not None]


def _measured(
    parts: Sequence[Sequence[Job]], executor: Executor | None
) -> Iterator[tuple[int, Sequence[Made]]]:
    """Yield the number and the cells of each part as it is done."""
    if executor is None:
        with closing(Speakers()) as speakers:
            for number, part in enumerate(parts):
                yield number, measure(part, speakers)
        return
    waiting: dict[Future[Sequence[Made]], int] = {
        executor.submit(measure, part): number for number, part in enumerate(parts)
    }
    try:
        for future in as_completed(waiting):
            try:
                number = waiting.pop(future)  # what was yielded is let go of: it holds sound
                yield number, future.result()
            except WorkbenchError:
                raise
            except Exception as error:  # a worker that died, or whatever an executor raises
                problem = f"a worker of the comparison failed: {type(error).__name__}"
                raise WorkbenchError(problem) from error
    finally:
        for future in waiting:
            future.cancel()


def job_hash(job: Job) -> str:
    """Return a name for a cell: it changes with all that shapes its sound or its figures."""
    told = [VERSION, [one.name for one in fields(Figures)], asdict(job), fingerprint(job.voice)]
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:24]


def _kept(job: Job, keep: Path | None) -> Cell | None:
    if keep is None:
        return None
    name = job_hash(job)
    try:
        told = json.loads((keep / f"{name}.json").read_text(encoding="utf-8"))
        opus = (keep / f"{name}.ogg").read_bytes()
        if not (keep / f"{name}.flac").is_file():
            return None
        return Cell(job=job, figures=_figures(told), flac=b"", opus=opus, found_again=True)
    except (OSError, ValueError, TypeError, KeyError):
        return None  # not there, or only half written: it is measured again


def _keep(cell: Cell, keep: Path | None) -> None:
    if keep is None:
        return
    name = job_hash(cell.job)
    try:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{name}.flac").write_bytes(cell.flac)
        (keep / f"{name}.ogg").write_bytes(cell.opus)
        told = {
            key: None if isinstance(value, float) and math.isnan(value) else value
            for key, value in asdict(cell.figures).items()
        }
        (keep / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")
    except OSError as error:
        problem = error.strerror or type(error).__name__
        raise ParameterError(f"{keep}: cells can't be kept there: {problem.lower()}") from error


def _figures(told: Mapping[str, object]) -> Figures:
    names = {one.name for one in fields(Figures)}
    if set(told) != names:
        raise KeyError("figures")
    return Figures(**{key: math.nan if value is None else value for key, value in told.items()})  # type: ignore[arg-type]
