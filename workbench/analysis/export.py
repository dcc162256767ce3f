"""The forms a recorded session can be taken away in, by name."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from workbench.analysis.export_captions import render_srt, render_webvtt
from workbench.analysis.export_tables import render_events, render_rttm, render_turns, render_words
from workbench.analysis.export_textgrid import render_textgrid
from workbench.errors import ParameterError, system_reason
from workbench.store.recording import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form of export."""

    file: str
    """The name a file of it gets."""
    what: str
    """What it holds, in a few words."""
    render: Callable[[Recording], str]


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "webvtt": Form(file="session.vtt", what="captions for the web", render=render_webvtt),
        "srt": Form(file="session.srt", what="captions for players", render=render_srt),
        "textgrid": Form(file="session.TextGrid", what="tiers for Praat", render=render_textgrid),
        "rttm": Form(file="session.rttm", what="who spoke when", render=render_rttm),
        "csv-words": Form(file="words.csv", what="one row a word", render=render_words),
        "csv-turns": Form(file="turns.csv", what="one row a turn", render=render_turns),
        "csv-events": Form(file="events.csv", what="one row an event", render=render_events),
    }
)
"""Every form that is text alone; the page that shows the timeline is in ``export_page``."""


def expect_place(path: Path | str) -> None:
    """Refuse a place where no file could be written, before the work that fills it.

    Raises
    ------
    ParameterError
        If it is a folder, or its own folder is not there or not to be written to.
    """
    path = Path(path)
    if path.is_dir():
        raise ParameterError(f"{path}: is a folder, expected a file to write")
    if not path.parent.is_dir():
        raise ParameterError(f"{path}: can't be written, there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise ParameterError(f"{path}: can't be written, the folder {path.parent} is not writable")


def write_text(path: Path | str, text: str) -> Path:
    """Write an export in one step and return where.

    Raises
    ------
    ParameterError
        If the file can't be written.
    """
    path = Path(path)
    beside = path.with_name(f"{path.name}.part")
    try:
        beside.write_bytes(text.encode("utf-8"))
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ParameterError(f"{path}: can't be written: {system_reason(error)}") from error
    return path
