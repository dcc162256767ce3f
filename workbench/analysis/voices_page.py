"""A comparison of voices as one page: a table to sort and to listen to, figures, and how it was done."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbench.analysis.intelligibility import percent
from workbench.analysis.report.markup import Markup, element
from workbench.analysis.risk import Interval
from workbench.analysis.voices import Cell
from workbench.analysis.voices_figures import figures, name_of
from workbench.analysis.voices_table import Row, rows

SOUND_MAX = 30_000_000
"""Bytes of sound put into a page; texts beyond it have no player."""

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Human:
    """The recogniser's error on human speech."""

    language: str
    recordings: int
    word_error: Interval | None
    character_error: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a page tells."""

    cells: Sequence[Cell]
    command: str
    """The command that makes it again."""
    at_once: int | None
    """Cells measured at once on this machine: times are those of a machine that busy; None for a cluster."""
    human: Sequence[Human] = field(default=())


def render_comparison(compared: Compared) -> str:
    """Return the page; it needs nothing but itself."""
    found = rows(compared.cells)
    drawn = [
        Markup(one.to_html(full_html=False, include_plotlyjs="inline" if number == 0 else False))
        for number, one in enumerate(figures(found))
    ]
    texts = len({cell.job.text for cell in compared.cells})
    voices = len({cell.job.voice.id for cell in compared.cells})
    languages = sorted({row.language for row in found})
    body = element(
        "body",
        None,
        element("h1", None, "Voices compared"),
        element(
            "p",
            None,
            f"{voices} voices, {texts} texts in {', '.join(languages)}, {len(compared.cells)} cells. "
            "Click a heading to sort; open a row to listen.",
        ),
        _table(found, compared.human),
        element("h2", None, "Figures"),
        *drawn,
        element("h2", None, "Listen"),
        *players(found),
        element("h2", None, "Method"),
        *(element("p", None, text) for text in _method(compared)),
        element("h2", None, "Again"),
        element("pre", None, compared.command),
        element("script", None, Markup((_HERE / "voices_page.js").read_text(encoding="utf-8"))),
    )
    head = element(
        "head",
        None,
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", None, "Voices compared"),
        element("style", None, Markup(STYLE)),
    )
    return "<!doctype html>\n" + element("html", {"lang": "en"}, head, body) + "\n"


_HEADINGS = (
    ("voice", ""),
    ("language", ""),
    ("engine", ""),
    ("words wrong", "error rate of the recogniser, 95 % interval"),
    ("characters wrong", "error rate of the recogniser, 95 % interval"),
    ("first byte", "asked to first samples, median"),
    ("first audio", "asked to first audible sample, median"),
    ("RTF", "time to make it over its duration"),
    ("syll/s", "speaking rate, pauses included"),
    ("artic.", "syllables a second without pauses"),
    ("pauses", "seconds a text"),
    ("f0", "median, Hz"),
    ("range", "of f0, 5th to 95th percentile, semitones"),
    ("decl.", "semitones a second"),
    ("LUFS", "loudness"),
    ("clipped", "flat tops in all texts"),
    ("asked", "of the voice's usual way"),
    ("done", "measured against its plain cells"),
)


def _table(found: Sequence[Row], human: Sequence[Human]) -> Markup:
    heads = [
        element("th", {"scope": "col", "title": title or None, "tabindex": 0}, name)
        for name, title in _HEADINGS
    ]
    body = [element("tr", None, *(_cell(text, value) for text, value in _shown(row))) for row in found]
    foot = [
        element(
            "tr",
            {"class": "human"},
            element("td", None, f"human speech ({one.recordings} recordings)"),
            element("td", None, one.language),
            element("td", None, "–"),
            element("td", None, percent(one.word_error)),
            element("td", None, percent(one.character_error)),
            *(element("td", None, "") for _ in _HEADINGS[5:]),
        )
        for one in human
    ]
    table = element(
        "table",
        {"id": "voices"},
        element("thead", None, element("tr", None, *heads)),
        element("tbody", None, *body),
        element("tfoot", None, *foot) if foot else None,
    )
    return element("div", {"class": "wide"}, table)


def _cell(text: str, value: float | str | None) -> Markup:
    return element("td", {"data-value": "" if value is None else str(value)}, text)


def _shown(row: Row) -> list[tuple[str, float | str | None]]:
    """Return what each column shows and what it is sorted by."""

    def told(value: float, form: str, unit: str = "") -> tuple[str, float | str | None]:
        return ("–", None) if value != value else (f"{value:{form}}{unit}".replace("-", "−"), value)

    def rate(value: Interval | None) -> tuple[str, float | str | None]:
        return percent(value), None if value is None else value.value

    asked, done = _asked(row), _done(row)
    return [
        (name_of(row), name_of(row)),
        (row.language, row.language),
        (row.voice.engine, row.voice.engine),
        rate(row.word_error),
        rate(row.character_error),
        told(row.first_byte * 1000, ".0f", " ms"),
        told(row.first_audio * 1000, ".0f", " ms"),
        told(row.real_time_factor, ".3f"),
        told(row.speaking_rate, ".1f"),
        told(row.articulation_rate, ".1f"),
        told(row.pausing, ".2f", " s"),
        told(row.f0_median_hz, ".0f", " Hz"),
        told(row.f0_range_semitones, ".1f"),
        told(row.f0_declination, "+.1f"),
        told(row.loudness_lufs, ".1f"),
        (str(row.clipped), row.clipped),
        (asked, asked),
        (done, done),
    ]


def _asked(row: Row) -> str:
    """Return what a setting asks for: ``rate +20 %, pitch +2 st``."""
    setting = row.setting
    parts = [f"rate {(setting.rate - 1) * 100:+.0f} %"] if setting.rate != 1 else []
    parts += [f"pitch {setting.pitch:+.1f} st"] if setting.pitch else []
    parts += [f"range {setting.range:+.0f} %"] if setting.range else []
    parts += [f"volume {setting.volume:+.1f} dB"] if setting.volume else []
    parts += [f"pauses of {setting.pause:g} s"] if setting.pause is not None else []
    parts += [f"{setting.emphasis} emphasis"] if setting.emphasis != "none" else []
    return ", ".join(parts).replace("-", "−")


def _done(row: Row) -> str:
    """Return what was measured of it."""
    setting = row.setting
    parts = [f"rate {(row.rate_done - 1) * 100:+.0f} %"] if setting.rate != 1 else []
    parts += [f"pitch {row.pitch_done:+.1f} st"] if setting.pitch else []
    parts += [f"range {(row.range_done - 1) * 100:+.0f} %"] if setting.range else []
    parts += [f"volume {row.volume_done:+.1f} LU"] if setting.volume else []
    return ", ".join(parts).replace("-", "−").replace("+nan", "–")


def players(found: Sequence[Row]) -> list[Markup]:
    """Return a foldable list of players for each row, as long as there is room."""
    left = SOUND_MAX
    blocks = []
    for row in found:
        lines = []
        for cell in row.cells:
            left -= len(cell.opus)
            sound = (
                element(
                    "audio",
                    {
                        "controls": True,
                        "preload": "none",
                        "src": _uri(cell.opus),
                        "title": cell.job.text.text,
                    },
                )
                if left >= 0
                else element("em", None, "no room for its sound: it is among the kept files")
            )
            lines.append(element("li", None, sound, element("span", None, cell.job.text.text), _heard(cell)))
        name = f"{name_of(row)} ({row.language})"
        blocks.append(element("details", None, element("summary", None, name), element("ul", None, *lines)))
    return blocks


def _heard(cell: Cell) -> Markup | None:
    if not cell.job.recognised or not cell.figures.character_errors:
        return None
    return element("small", None, f"heard: {cell.figures.heard or 'nothing'}")


def _uri(opus: bytes) -> str:
    return f"data:audio/ogg;base64,{b64encode(opus).decode('ascii')}"


def _method(compared: Compared) -> tuple[str, ...]:
    many = "as many cells at once as the cluster ran"
    if compared.at_once is not None:
        many = f"{compared.at_once} cell{'' if compared.at_once == 1 else 's'} at once on this machine"
    earlier = sum(cell.found_again for cell in compared.cells)
    found = (
        f" {earlier} of {len(compared.cells)} cells were found from earlier runs: their times are of those."
        if earlier
        else ""
    )
    human = (
        "Its error on human speech stands in the last lines of the table."
        if compared.human
        else "Its error on human speech was not measured: give recordings with --human."
    )
    return (
        f"Times are wall times with {many}, one thread each, after one warming text a voice.{found} "
        "First audio is first byte plus the silence the sound begins with.",
        "Errors: each text was said, and written down by the workbench's recogniser (Whisper base). Rates "
        "are errors of all texts over their length, without case and punctuation; intervals draw whole texts "
        "2,000 times; where nothing was wrong, by the rule of three; one text with errors has none. "
        f"{human}",
        "f0: pYIN, refined; range and declination in semitones, each robust to octave errors. Loudness: "
        "ITU-R BS.1770-4. Pauses: silences of at least 0.15 s. Syllables are counted by the spelling.",
        "What was done is measured against the plain cells of the same voice and text: tempo without pauses, "
        "median f0, loudness.",
    )


STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1200px; margin: 2em auto;
  padding: 0 1em; color: #222; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
td, th { padding: 3px 9px; text-align: right; border-bottom: 1px solid #ddd; }
td:nth-child(-n+3), th:nth-child(-n+3) { text-align: left; }
th { cursor: pointer; user-select: none; }
th[aria-sort=ascending]::after { content: " ▲"; } th[aria-sort=descending]::after { content: " ▼"; }
.human td { font-style: italic; border-top: 2px solid #888; }
li { list-style: none; margin: 4px 0; display: flex; gap: 12px; align-items: center; flex-wrap: wrap; }
small { color: #a33; }
pre { background: #f2f4f6; padding: 1em; overflow: auto; }
"""
