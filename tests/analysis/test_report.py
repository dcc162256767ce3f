"""The page about a session: complete, self-contained, and safe to open whatever was said."""

import re
import xml.etree.ElementTree as ET
from base64 import b64decode, b64encode
from hashlib import sha256
from html import escape, unescape
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from spoken_sessions import (
    AGENT_RATE,
    CALLER_RATE,
    early_session,
    final,
    plain_session,
    recording,
    timeline,
    track,
    words,
)

from workbench.analysis.contributions import CONTRIBUTIONS
from workbench.analysis.latency import turns
from workbench.analysis.report import render_report, write_report
from workbench.analysis.report.markup import Markup, element, milliseconds
from workbench.analysis.report.sound import audio_uri
from workbench.analysis.report.timeline_figure import per_second
from workbench.analysis.report.waterfall_figure import FAMILIES, waterfall_figure
from workbench.core.events import EarlySynthesisDiscarded, EarlySynthesisStarted, FinalTranscript, ReplyChosen
from workbench.errors import ParameterError
from workbench.store.recording import Recording


class _Tags(HTMLParser):
    """Collects tags and attributes, and checks that every element is closed."""

    VOID = ("meta",)

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser.seen


def hostile_session() -> Recording:
    """Return a session in which the caller's words are markup."""
    evil = '</script><script>alert(1)</script><img src=x onerror=alert(2)> & "quotes"'
    events = []
    for event in plain_session().timeline.events:
        body = event.body
        if isinstance(body, FinalTranscript):
            body = FinalTranscript(
                text=evil,
                words=words((evil, 1.0, 2.4)),
                confidence=0.9,
                language="en",
                audio_start=1.0,
                audio_end=2.4,
            )
        elif isinstance(body, ReplyChosen):
            body = ReplyChosen(reply=body.reply, text=evil, ssml=evil)
        events.append((event.at, event.turn, body))
    return recording(events, (3.43, 4.43))


def test_the_page_needs_nothing_but_itself() -> None:
    """A page that fetches anything fails on a train and tells others what was opened."""
    page = render_report(early_session())
    for _, attributes in tags(page):
        for name in ("src", "href"):
            assert (attributes.get(name) or "data:").startswith("data:")
    assert "http://" not in page
    assert "https://" not in page
    assert "@import" not in page
    assert len(page) < 6_000_000


def test_what_was_said_can_not_become_markup() -> None:
    """Speech is input from outside: a caller must not be able to run a script in the reader's browser."""
    page = render_report(hostile_session())
    names = [tag for tag, _ in tags(page)]
    assert names.count("script") == 1
    assert "img" not in names
    assert "&lt;img src=x onerror=alert(2)&gt;" in page


def test_only_the_pages_own_script_may_run() -> None:
    """The policy must name the script that is there, else the player is dead, or anything may run."""
    page = render_report(plain_session())
    script = re.search(r"<script>(.*)</script>", page, re.DOTALL)
    assert script is not None
    digest = b64encode(sha256(script[1].encode()).digest()).decode()
    policy = next(
        attributes["content"]
        for tag, attributes in tags(page)
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_every_number_stands_in_the_table() -> None:
    """A figure without its number can't be checked."""
    session = plain_session()
    (report,) = turns(session)
    page = render_report(session)
    table = page[page.index('<table class="numbers"') :]
    for name in CONTRIBUTIONS:
        value = milliseconds(report.contributions[name])
        assert f'<th scope="row">{name.replace("_", " ")}</th><td>{value}</td>' in table
    assert f"<td>{milliseconds(report.response_time)}</td>" in table
    for word in report.final.split():
        assert f'title="confidence 0.90">{word}</span>' in page
    assert escape(report.reply) in page


def test_the_sound_inside_is_the_recording() -> None:
    """The caller must be left and the agent right, in step with the picture."""
    session = plain_session()
    uri = audio_uri(session)
    assert uri is not None
    assert uri.startswith("data:audio/flac;base64,")
    stereo, rate = soundfile.read(BytesIO(b64decode(uri.split(",")[1])))
    assert rate == AGENT_RATE
    np.testing.assert_allclose(stereo[:, 1], session.agent, atol=1e-4)
    loud = np.flatnonzero(np.abs(stereo[:, 0]) > 0.05)
    assert loud[0] / rate == pytest.approx(1.0, abs=0.01)
    assert loud[-1] / rate == pytest.approx(2.4, abs=0.01)


def test_a_long_sound_is_packed_smaller_or_left_out() -> None:
    """A page of a long session must still open, and say where the sound is."""
    session = plain_session()
    smaller = audio_uri(session, bytes_max=120_000)
    assert smaller is not None
    assert smaller.startswith("data:audio/ogg;base64,")
    stereo, rate = soundfile.read(BytesIO(b64decode(smaller.split(",")[1])))
    assert stereo.shape[1] == 2
    assert len(stereo) / rate == pytest.approx(6.0, abs=0.05)
    assert audio_uri(session, bytes_max=100) is None
    silent = Recording(
        timeline=timeline([]),
        caller=track(CALLER_RATE, 0),
        caller_rate=CALLER_RATE,
        agent=track(AGENT_RATE, 0),
        agent_rate=AGENT_RATE,
        device_zero=0,
    )
    assert audio_uri(silent) is None
    assert "caller.flac and agent.flac" in render_report(silent)


def test_the_bars_of_a_waterfall_are_in_proportion() -> None:
    """Bars that do not follow on each other, or of the wrong length, would tell a wrong story."""
    (report,) = turns(plain_session())
    figure = ET.fromstring(waterfall_figure(report, scale=report.response_time or 1.0))
    bars = [bar for bar in figure.iter("rect") if bar.get("class") in set(FAMILIES.values())]
    total = next(bar for bar in figure.iter("rect") if bar.get("class") == "sum")
    per = float(total.get("width", 0)) / (report.response_time or 1.0)
    assert set(FAMILIES) == set(CONTRIBUTIONS)
    since = float(bars[0].get("x", 0))
    for bar, seconds in zip(bars, report.contributions.values(), strict=True):
        assert float(bar.get("x", 0)) == pytest.approx(since, abs=0.05)
        assert float(bar.get("width", 0)) == pytest.approx(seconds * per, abs=0.05)
        since += seconds * per


def test_the_band_of_the_time_axis_is_the_response_time() -> None:
    """The shaded band must stand where the measured silence is."""
    session = plain_session()
    (report,) = turns(session)
    page = render_report(session)
    band = re.search(r'<rect x="([\d.]+)"[^>]*width="([\d.]+)"[^>]*class="answer"><title>', page)
    assert band is not None
    pixels = per_second(session.duration)
    assert float(band[1]) / pixels == pytest.approx(2.40, abs=0.01)
    assert float(band[2]) / pixels == pytest.approx(report.response_time, abs=0.001)


def test_early_synthesis_shows_what_became_of_it() -> None:
    """Committed and discarded replies must be told apart, in word and shape, not by colour alone."""
    committed = render_report(early_session())
    assert 'class="note committed">committed</text>' in committed
    early = EarlySynthesisStarted(reply=5, intent="x", slots={}, confidence=0.9, stability=0.8)
    extra = [
        (2.2, 0, ReplyChosen(reply=5, text="No.", ssml="<speak/>")),
        (2.21, 0, early),
        (2.5, 0, EarlySynthesisDiscarded(reply=5, reason="intent-changed")),
    ]
    events = [(e.at, e.turn, e.body) for e in early_session().timeline.events]
    both = render_report(recording([*events, *extra], (3.02, 4.02)))
    assert 'class="note discarded">discarded: intent-changed</text>' in both


def test_unsure_words_are_shaded_by_their_doubt() -> None:
    """A confidence drawn the wrong way round would point at the wrong words."""
    page = render_report(plain_session())
    assert 'style="--doubt' not in page
    doubtful = FinalTranscript(
        text=final().text,
        words=tuple(
            type(word)(text=word.text, start=word.start, end=word.end, confidence=0.34)
            for word in final().words
        ),
        confidence=0.34,
        language="en",
        audio_start=1.0,
        audio_end=2.4,
    )
    events = [
        (e.at, e.turn, doubtful if isinstance(e.body, FinalTranscript) else e.body)
        for e in plain_session().timeline.events
    ]
    assert 'style="--doubt:0.60" title="confidence 0.34"' in render_report(recording(events, (3.43, 4.43)))


@pytest.mark.parametrize("until", [0.5, 2.0, 3.05, 3.15, 3.62])
def test_a_session_cut_anywhere_gives_a_page(until: float) -> None:
    """The session that went wrong is the one people want to look at."""
    events = [(e.at, e.turn, e.body) for e in plain_session().timeline.events if e.at <= until]
    tags(render_report(recording(events)))


def test_writes_the_page_in_one_step(tmp_path: Path) -> None:
    """A page half written must never stand where a whole one is expected."""
    path = write_report(plain_session(), tmp_path / "report.html")
    assert path.read_text(encoding="utf-8") == render_report(plain_session())
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]
    with pytest.raises(ParameterError, match="can't write the report"):
        write_report(plain_session(), tmp_path / "no" / "report.html")


def test_markup_escapes_all_but_markup() -> None:
    """One place decides what is text: a slip there would be a slip everywhere."""
    made = element(
        "a", {"title": '"<&', "hidden": True, "class": None}, "<b>", element("i", None, "&"), None, 5
    )
    assert made == '<a title="&quot;&lt;&amp;" hidden>&lt;b&gt;<i>&amp;</i>5</a>'
    assert isinstance(made, Markup)
    assert unescape(element("p", None, "1 < 2 & 3")) == "<p>1 < 2 & 3</p>"
