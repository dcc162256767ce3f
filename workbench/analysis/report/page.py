"""The page: what was said, what was decided, how long it took, and the sound itself, in one file."""

import os
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from workbench.analysis.latency import TurnReport, turns
from workbench.analysis.report.markup import Markup, element, joined, legend
from workbench.analysis.report.overview import header, key_figures
from workbench.analysis.report.sound import audio_uri
from workbench.analysis.report.table import numbers_table
from workbench.analysis.report.timeline_figure import timeline_figure
from workbench.analysis.report.turn_cards import turn_cards
from workbench.analysis.transcript import TranscriptRow, transcript
from workbench.errors import ParameterError
from workbench.store.recording import Recording

_HERE = Path(__file__).parent


def write_report(recording: Recording, path: Path | str) -> Path:
    """Write the page to ``path`` in one step and return it.

    It needs no network: figures are drawn, the sound is inside. Opens in any browser of the last years.

    Raises
    ------
    ParameterError
        If the file can't be written.
    """
    path = Path(path)
    page = render_report(recording)
    beside = path.with_name(f"{path.stem}.part{path.suffix}")
    try:
        beside.write_text(page, encoding="utf-8")
        os.replace(beside, path)
    except OSError as error:
        raise ParameterError(f"{path}: can't write the report: {error.strerror}") from error
    return path


def render_report(recording: Recording) -> str:
    """Return the page as text."""
    reports, rows = turns(recording), transcript(recording)
    style = Markup((_HERE / "style.css").read_text(encoding="utf-8"))
    script = Markup((_HERE / "player.js").read_text(encoding="utf-8"))
    body = joined(
        (
            header(recording),
            element(
                "main",
                None,
                key_figures(reports),
                _timeline(recording, reports, rows),
                turn_cards(reports, rows),
                numbers_table(reports),
            ),
            element("script", None, script),
        )
    )
    head = element(
        "head",
        None,
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_policy(script)}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup('<meta name="color-scheme" content="light dark">'),
        element("title", None, f"Session report: {recording.meta.get('assistant', 'conversation')}"),
        element("style", None, style),
    )
    return "<!doctype html>\n" + element("html", {"lang": "en"}, head, element("body", None, body)) + "\n"


def _policy(script: str) -> str:
    """Return what the page may do: show itself, play its sound, run its one script, nothing else."""
    digest = b64encode(sha256(script.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; media-src data:"


def _timeline(recording: Recording, reports: Sequence[TurnReport], rows: Sequence[TranscriptRow]) -> Markup:
    return element(
        "section",
        None,
        element("h2", None, "The session on one time axis"),
        _player(recording),
        timeline_figure(recording, reports, rows),
        _legend(),
        element(
            "p",
            {"class": "how"},
            element("b", None, "How to read this. "),
            "The caller is above, the agent below, on the same clock. The shaded band is the response time: "
            "from the end of the caller's last sound to the agent's first. Between the two waveforms stands "
            "what the endpoint knew: where it found speech, when it ended the turn (dashed) and why, which "
            "replies it prepared before that. A prepared reply is heard only after it is committed. Click "
            "anywhere to listen from there.",
        ),
    )


def _player(recording: Recording) -> Markup:
    uri = audio_uri(recording)
    if uri is None:
        text = (
            "The sound is too long for this page: it is in caller.flac and agent.flac of the session folder."
        )
        return element("p", {"class": "how"}, text)
    return element(
        "div",
        {"class": "player"},
        element("audio", {"id": "sound", "controls": True, "preload": "auto", "src": uri}),
        element("span", {"class": "faint"}, "caller on the left, agent on the right"),
    )


def _legend() -> Markup:
    entries = (
        ("answer", "response time"),
        ("speech", "speech found"),
        ("committed", "early synthesis, committed"),
        ("discarded", "early synthesis, discarded"),
        ("playback", "playback"),
    )
    return legend(entries)
