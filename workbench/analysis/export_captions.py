"""A session as captions: WebVTT and SubRip."""

from collections.abc import Iterable

from workbench.analysis.export_cues import Cue, cues, one_after_the_other, utterances
from workbench.store.recording import Recording


def render_webvtt(recording: Recording) -> str:
    """Return the session as WebVTT; each cue names its speaker, cues of two sides may overlap."""
    blocks = ["WEBVTT"]
    for number, cue in enumerate(cues(utterances(recording)), start=1):
        lines = [f"<v {who.capitalize()}>{_escaped(text)}" for who, text in cue.lines]
        blocks.append("\n".join((str(number), _times(cue, "."), *lines)))
    return "\n\n".join(blocks) + "\n"


def render_srt(recording: Recording) -> str:
    """Return the session as SubRip: one cue after the other, as its players expect.

    SubRip has no way to escape: an arrow in a text is drawn as one letter, and angle brackets as their
    look-alikes, so that no player takes them for times or styles.
    """
    blocks = []
    for number, cue in enumerate(one_after_the_other(cues(utterances(recording))), start=1):
        lines = [f"{who.capitalize()}: {_without_marks(text)}" for who, text in cue.lines]
        blocks.append("\n".join((str(number), _times(cue, ","), *lines)))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def timestamp(seconds: float, separator: str) -> str:
    """Return a moment as ``hh:mm:ss.mmm``.

    >>> timestamp(3661.0625, ",")
    '01:01:01,062'
    """
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}{separator}{rest % 1000:03d}"


def _times(cue: Cue, separator: str) -> str:
    """Return from when to when; what is shorter than a thousandth lasts one."""
    end = max(cue.end, (round(cue.start * 1000) + 1) / 1000)
    return f"{timestamp(cue.start, separator)} --> {timestamp(end, separator)}"


def _escaped(text: str) -> str:
    """Return text for a WebVTT cue: escaped, so neither a tag nor an arrow can stand in it."""
    return _replaced(text, (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\0", "\ufffd")))


def _without_marks(text: str) -> str:
    return _replaced(text, (("-->", "→"), ("<", "‹"), (">", "›"), ("\0", "\ufffd")))


def _replaced(text: str, pairs: Iterable[tuple[str, str]]) -> str:
    for old, new in pairs:
        text = text.replace(old, new)
    return text
