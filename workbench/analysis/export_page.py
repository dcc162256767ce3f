"""A session's timeline as one HTML page: the same drawing as in a notebook, with everything inside."""

import json
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256

from workbench.analysis.latency import turns
from workbench.analysis.peaks import Peaks
from workbench.analysis.report.markup import Markup, element
from workbench.analysis.report.sound import audio_uri
from workbench.analysis.timeline_picture import overview, picture, turn_facts
from workbench.errors import ParameterError
from workbench.store.recording import Recording

SOUND_MAX = 48_000_000
"""Largest sound put into a page, bytes; an hour of both sides is about half of it."""

_SHORT = 600.0  # seconds up to which the finest waveform is in the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page and what of it is sound."""

    text: str
    sound: int
    """Characters of the sound; 0 if there is none."""


def render_page(recording: Recording, *, script: str, style: str, sound: bool = False) -> Page:
    """Return a page that needs nothing but itself and may do nothing but show itself.

    Parameters
    ----------
    recording : the session
    script, style : the drawing, as one ES module, and its style sheet
    sound : whether both tracks are inside: lossless FLAC when that is at most 4 MB, else Opus

    Raises
    ------
    ParameterError
        If the sound is larger than :data:`SOUND_MAX`.
    """
    drawn = picture(recording)
    peaks = {
        "caller": Peaks.of(recording.caller, recording.caller_rate),
        "agent": Peaks.of(recording.agent, recording.agent_rate),
    }
    finest = 0 if recording.duration <= _SHORT else 1
    told, waves = overview(peaks, finest)
    info = {**drawn.info, "overview": told, "turns": turn_facts(recording, turns(recording))}
    info["peaks"] = {**info["peaks"], "finest": finest}
    uri = _sound(recording) if sound and recording.duration > 0 else None
    title = f"A conversation with the {info['assistant'] or 'voice'} assistant"
    body = element(
        "body",
        None,
        element("h1", None, title),
        element("div", {"id": "timeline"}),
        None if uri is None else element("audio", {"id": "session-sound", "preload": "auto", "src": uri}),
        element("script", {"id": "session-info", "type": "application/json"}, _json(info)),
        _bytes("session-index", drawn.index),
        _bytes("session-overview", waves),
        element("script", {"type": "module"}, Markup(script)),
    )
    head = element(
        "head",
        None,
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_policy(script)}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup('<meta name="color-scheme" content="light dark">'),
        element("title", None, title),
        element("style", None, Markup(style + _STYLE)),
    )
    text = "<!doctype html>\n" + element("html", {"lang": "en"}, head, body) + "\n"
    return Page(text=text, sound=len(uri or ""))


_STYLE = """
body { margin: 0; padding: 20px; background: #ffffff; color: #16191d; }
body { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 26px; margin: 0 0 10px 12px; }
@media (prefers-color-scheme: dark) { body { background: #14171b; color: #eceff3; } }
"""


def _sound(recording: Recording) -> str:
    uri = audio_uri(recording) or audio_uri(recording, bytes_max=SOUND_MAX)
    if uri is None:
        raise ParameterError(
            f"the sound of {recording.duration:.0f} s is larger than {SOUND_MAX / 1e6:.0f} MB, "
            "expected a shorter session or a page without sound"
        )
    return uri


def _policy(script: str) -> str:
    """Return what the page may do: show itself, run its one script, play its sound."""
    digest = b64encode(sha256(script.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; media-src data:"


def _json(value: object) -> Markup:
    """Return JSON that can't end the element it stands in."""
    return Markup(json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))


def _bytes(name: str, data: bytes) -> Markup:
    text = Markup(b64encode(data).decode("ascii"))
    return element("script", {"id": name, "type": "application/octet-stream"}, text)
