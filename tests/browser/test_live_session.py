"""A person talks to the coffee bar in JupyterLab: what they see, what they hear, and what keeps working."""

import re
import shutil
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from browsing import Watched, heard
from calling import ORDERED, Caller
from hearing import first_silence, words_heard
from in_jupyter import open_notebook, run_cell, run_first, shut_down, wait_until_idle
from labs import Lab
from panels import Panel, speak, wait_until_heard, wait_until_silent

Open = Callable[..., Watched]

COPIES = count()
STOPS_WITHIN = 1.5
"""Seconds from a caller's first sound to silence, on a machine that other tests keep busy."""
NUMBER = re.compile(r"[\d.]+")
LOST = """
heard = [event.body for event in panel.timeline.events if event.body.type == "audio-in"]
played = [event.body for event in panel.timeline.events if event.body.type == "playback-stopped"]
print(sum(each.lost for each in heard), "of", heard[-1].position / 16_000, "s, frames of audio missing;",
      sum(each.underrun for each in played), "underruns")
"""
TO_THE_PANEL = 2
"""Code cells of 01_live_session up to its first panel."""


@pytest.fixture
def live(lab: Lab, watched: Open) -> Iterator[Callable[..., tuple[Watched, Panel]]]:
    """Return what opens 01_live_session, freshly copied, and runs it down to the first panel."""
    opened: list[Watched] = []

    def open_live(**context: object) -> tuple[Watched, Panel]:
        name = f"live_{next(COPIES)}.ipynb"
        shutil.copyfile(lab.notebooks / "01_live_session.ipynb", lab.notebooks / name)
        each = watched(**context)
        opened.append(each)
        open_notebook(each.page, lab, name)
        run_first(each.page, TO_THE_PANEL)
        panel = Panel(each.page)
        panel.root.wait_for()
        return each, panel

    yield open_live
    for each in opened:
        shut_down(each.page)


def test_an_order_is_seen_understood_and_answered_aloud(live, caller: Caller):
    """The main thing the product is for would not work."""
    caller.order()
    each, panel = live()
    panel.watch()
    panel.talk()
    assert "direct" in panel.way()
    wait_until_heard(each.page)
    wait_until_silent(each.page)
    seen = panel.seen()
    growing = [now["text"].split() for now in seen if not now["settled"]]
    assert len(growing) >= 3
    assert len(growing[0]) < len(growing[-1])
    assert any(now["unstable"] for now in seen)
    assert seen[-1]["settled"]
    assert panel.texts(".wb-intent")[-1] == "order drink"
    slots = " ".join(panel.texts(".wb-slot"))
    assert all(value in slots for value in ORDERED.values()), slots
    assert "ms" in panel.texts(".wb-response")[-1]
    aloud = words_heard(each.page)
    assert "mocha" in aloud, aloud
    assert "soy" in aloud, aloud
    panel.press("Stop")
    panel.wait_for("ended")


def test_whoever_interrupts_silences_the_assistant(live, caller: Caller):
    """The assistant would talk on over the caller, and believe that it was heard."""
    each, panel = live()
    each.page.evaluate("window.listener.takeMicrophone()")
    panel.talk()
    speak(each.page, caller.order_samples)
    wait_until_heard(each.page)
    each.page.wait_for_timeout(300)
    began = each.page.evaluate("window.listener.now().seconds")
    speak(each.page, caller.change_samples)
    panel.wait_for_text(".wb-agent .wb-badge", "cut off")
    sound, rate = heard(each.page, began)
    assert 0.05 < first_silence(sound, rate) < STOPS_WITHIN
    assert panel.root.locator(".wb-cut").count() == 1
    assert panel.texts(".wb-unheard")
    panel.wait_for_text(".wb-slot", "small")
    panel.press("Stop")


def test_a_muted_microphone_is_not_heard_and_a_reload_goes_on(live, caller: Caller):
    """What is said in the room would be answered, or a reload would end the conversation."""
    each, panel = live()
    page = each.page
    page.evaluate("window.listener.takeMicrophone()")
    panel.talk()
    panel.press("Mute")
    speak(page, caller.order_samples)
    page.wait_for_timeout(1500)
    assert panel.texts(".wb-caller") == []
    panel.press("Unmute")
    speak(page, caller.order_samples)
    panel.wait_for_text(".wb-slot", "iced mocha")
    wait_until_heard(page)
    wait_until_silent(page)

    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_timeout(500)
    page.add_init_script("addEventListener('load', () => window.listener.takeMicrophone());")
    page.reload()
    panel = Panel(page)
    panel.root.wait_for(timeout=60_000)
    panel.wait_for("live", 60)
    panel.wait_for_text(".wb-slot", "iced mocha")  # what was said before is still there
    speak(page, caller.change_samples)
    panel.wait_for_text(".wb-slot", "small")
    panel.press("Stop")


@pytest.mark.parametrize(
    "cell",
    [
        "import time; time.sleep(5)",
        "import time\nend = time.monotonic() + 5\nwhile time.monotonic() < end: pass",
    ],
    ids=["sleeping", "computing"],
)
def test_a_busy_cell_costs_no_frame(cell: str, live, caller: Caller):
    """A notebook could not be used while somebody talks in it."""
    each, panel = live()
    page = each.page
    page.evaluate("window.listener.takeMicrophone()")
    panel.talk()
    run_cell(page, cell)
    page.wait_for_timeout(500)
    speak(page, caller.order_samples)
    panel.wait_for_text(".wb-slot", "iced mocha")
    wait_until_heard(page)
    wait_until_silent(page)
    panel.press("Stop")
    panel.wait_for("ended")
    wait_until_idle(page)
    run_cell(page, LOST)
    page.get_by_text("frames of audio").last.wait_for(timeout=20_000)
    told = page.get_by_text("frames of audio").last.inner_text()
    lost, seconds, underrun = map(float, NUMBER.findall(told))
    assert (lost, underrun) == (0, 0), told
    assert seconds > 5


REFUSED = """() => {
  navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "NotFoundError"); };
}"""


def test_a_denied_microphone_is_one_sentence(live):
    """Somebody who pressed Block would see a traceback, or nothing."""
    _, panel = live(permissions=())
    panel.press("Talk")
    panel.wait_for("failed")
    assert panel.sentence().startswith("The microphone is blocked for this page: allow it")


def test_a_missing_microphone_is_one_sentence(live):
    """A computer without one would seem broken."""
    each, panel = live()
    each.page.evaluate(REFUSED)
    panel.press("Talk")
    panel.wait_for("failed")
    assert panel.sentence().startswith("No microphone was found: plug one in")


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("Endpoint(url='ws://127.0.0.1:9/x', key='k' * 32)", "The speech endpoint does not answer"),
        (
            "Endpoint(url=os.environ['WORKBENCH_ENDPOINT'], key='w' * 32)",
            "The speech endpoint does not accept this notebook's key",
        ),
    ],
    ids=["down", "wrong-key"],
)
def test_an_endpoint_that_refuses_is_one_sentence(where: str, sentence: str, live):
    """A traceback, or a button that does nothing, would be all that is seen."""
    each, _ = live()
    source = f"import os\nfrom workbench import Endpoint\nawait notebook.talk(endpoint={where})"
    run_cell(each.page, source)
    panel = Panel(each.page, 1)
    panel.root.wait_for()
    panel.press("Talk")
    panel.wait_for("failed")
    assert panel.sentence().startswith(sentence)
