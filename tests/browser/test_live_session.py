"""A person talks to the coffee bar in JupyterLab: what they see, what they hear, and what keeps working."""

import re
import shutil
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from browsing import Watched, heard
from calling import ORDERED, Caller
from hearing import first_silence, words_heard
from in_jupyter import open_in_notebook, open_notebook, run_cell, run_first, save, wait_until
from labs import Lab
from panels import Panel, speak, wait_until_heard

Open = Callable[..., Watched]

COPIES = count()
STOPS_WITHIN = 2.5
"""Seconds from a caller's first sound to silence, on a machine that other tests keep busy."""
FRAMES = re.compile(r"frames of audio: (\d+) missing of (\d+)")
LOST = """
heard = [event.body for event in panel.timeline.events if event.body.type == "audio-in"]
print("frames of audio:", sum(each.lost for each in heard), "missing of", heard[-1].position)
"""
FINISHED = '.wb-agent[data-playback="finished"]'
TO_THE_PANEL = 2
"""Code cells of 01_live_session up to its first panel."""


SLEEP = """
import time
from pathlib import Path
while not Path("answered-0").exists():
    time.sleep(0.05)
"""
COMPUTE = """
while not Path("answered-1").exists():
    sum(range(10_000_000))
"""
NO_MICROPHONE = """() => {
  navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "NotFoundError"); };
}"""
REFUSING = [
    ("url='ws://127.0.0.1:9/x', key='k' * 32", "The speech endpoint does not answer"),
    (
        "url=os.environ['WORKBENCH_ENDPOINT'], key='w' * 32",
        "The speech endpoint does not accept this notebook's key",
    ),
]
"""Endpoints that refuse, and how it is told."""


VOILAS_OWN = [
    "ERR_NAME_NOT_RESOLVED",  # its icons come from a network
    "ERR_INTERNET_DISCONNECTED",
    "ERR_CONNECTION",
    "Shared module @jupyterlab/",  # extensions of JupyterLab that it loads and can't use
    "The getter for the shared module is not a function",
]
"""What Voila's own pages complain about, with any notebook."""


NOTEBOOKS_OWN = [
    "reading 'schema'",  # extensions of JupyterLab that it loads without what they need
    "Command 'filebrowser:open-path' not registered",
]
"""What Notebook 7's own pages complain about, with any notebook."""


@pytest.fixture
def live(lab: Lab, kernels_end: None, watched: Open) -> Callable[..., tuple[Watched, Panel]]:
    """Return what opens 01_live_session, freshly copied, and runs it down to the first panel."""

    def open_live(*, host: str = "127.0.0.1", **context: object) -> tuple[Watched, Panel]:
        name = f"live_{next(COPIES)}.ipynb"
        shutil.copyfile(lab.notebooks / "01_live_session.ipynb", lab.notebooks / name)
        each = watched(**context)
        open_notebook(each.page, lab, name, host=host)
        run_first(each.page, TO_THE_PANEL)
        panel = Panel(each.page)
        panel.root.wait_for()
        return each, panel

    return open_live


def test_an_order_is_seen_understood_and_answered_aloud(live, caller: Caller):
    """The main thing the product is for would not work."""
    caller.order()
    each, panel = live()
    panel.watch()
    panel.talk()
    assert "direct" in panel.way()
    # the order is said again later on: what counts is the turn that was answered to the end
    turn = panel.root.locator(".wb-turn").filter(has=each.page.locator(FINISHED)).first
    turn.wait_for(timeout=120_000)
    seen = panel.seen()
    growing = [now["text"].split() for now in seen if not now["settled"]]
    assert len(growing) >= 3
    assert len(growing[0]) < len(growing[-1])
    assert any(now["unstable"] for now in seen)
    assert any(now["settled"] for now in seen)
    assert turn.locator(".wb-intent").all_inner_texts()[-1] == "order drink"
    slots = " ".join(turn.locator(".wb-slot").all_inner_texts())
    assert all(value in slots for value in ORDERED.values()), slots
    assert "ms" in panel.texts(".wb-response")[-1]
    aloud = words_heard(each.page)
    assert "mocha" in aloud, aloud
    assert "soy" in aloud, aloud
    panel.press("Stop")
    panel.wait_for("ended")


def test_whoever_interrupts_silences_the_assistant_and_whoever_mutes_is_not_heard(live, caller: Caller):
    """The assistant would talk on over the caller, or answer what was said to somebody else."""
    each, panel = live()
    page = each.page
    page.evaluate("window.listener.takeMicrophone()")
    panel.talk()
    speak(page, caller.order_samples)
    wait_until_heard(page)
    page.wait_for_timeout(300)
    began = page.evaluate("window.listener.now().seconds")
    speak(page, caller.change_samples)
    panel.wait_for_text(".wb-agent .wb-badge", "cut off")
    sound, rate = heard(page, began)
    assert 0.05 < first_silence(sound, rate) < STOPS_WITHIN
    assert panel.root.locator(".wb-cut").count() == 1
    assert panel.texts(".wb-unheard")
    panel.wait_for_text(".wb-slot", "small")
    panel.wait_for_answer()

    panel.press("Mute")
    before = panel.texts(".wb-caller .wb-text")
    speak(page, caller.order_samples)
    page.wait_for_timeout(1500)
    assert panel.texts(".wb-caller .wb-text") == before
    panel.press("Unmute")
    speak(page, caller.order_samples)
    panel.wait_for_text(".wb-slot", "large")
    panel.press("Stop")


def test_consent_is_withdrawn_with_the_keyboard_and_the_page_says_what_is_kept(live):
    """Who has no mouse could not withdraw, or would delete by pressing Enter twice."""
    each, panel = live()
    page = each.page
    panel.talk()
    kept, question = panel.root.locator(".wb-kept"), panel.root.locator(".wb-confirm")
    panel.wait_for_text(".wb-kept", "The endpoint keeps the words and the sound of this conversation.")
    withdraw = panel.root.get_by_role("button", name="Withdraw consent")
    withdraw.focus()
    page.keyboard.press("Enter")
    question.wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Leave it"
    page.keyboard.press("Escape")
    question.wait_for(state="hidden")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Withdraw consent"
    page.keyboard.press("Space")
    question.wait_for()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    panel.wait_for_text(".wb-kept", "What was kept is deleted. The endpoint keeps nothing")
    assert panel.root.get_attribute("data-phase") == "live"
    assert withdraw.is_hidden()
    panel.press("Stop")
    panel.wait_for("ended")
    assert kept.inner_text().startswith("What was kept is deleted. The endpoint has kept nothing")
    run_cell(page, "await panel.save('kept')")
    page.get_by_text("the consent to this session is none, so no recording of it is kept").last.wait_for()


def test_a_reload_goes_on_where_it_was(live, caller: Caller):
    """A reload, which any page may need, would end the conversation."""
    each, panel = live()
    page = each.page
    page.evaluate("window.listener.takeMicrophone()")
    panel.talk()
    speak(page, caller.order_samples)
    panel.wait_for_answer()
    save(page)
    page.add_init_script("window.listener.takeMicrophone();")
    page.reload()
    panel = Panel(page)
    panel.root.wait_for()
    panel.wait_for("live")
    panel.wait_for_text(".wb-slot", "iced mocha")  # what was said before is still there
    speak(page, caller.change_samples)
    panel.wait_for_text(".wb-slot", "small")
    panel.press("Stop")


def test_a_busy_kernel_costs_no_frame(live, lab: Lab, caller: Caller):
    """A notebook could not be used while somebody talks in it."""
    each, panel = live()
    page = each.page
    page.evaluate("window.listener.takeMicrophone()")
    panel.talk()
    for answers, (cell, samples) in enumerate(
        [(SLEEP, caller.order_samples), (COMPUTE, caller.change_samples)]
    ):
        run_cell(page, cell)
        wait_until(page, "busy")
        speak(page, samples)
        panel.wait_for_answer(answers + 1)
        wait_until(page, "busy", 0.1)
        (lab.notebooks / f"answered-{answers}").touch()
        wait_until(page, "idle")
    panel.press("Stop")
    panel.wait_for("ended")
    run_cell(page, LOST)
    told = page.get_by_text(FRAMES).last
    told.wait_for()
    lost, whole = map(int, FRAMES.search(told.inner_text()).groups())
    assert lost == 0
    assert whole > 10 * 16_000


def test_a_denied_microphone_is_one_sentence(live):
    """Somebody who pressed Block would see a traceback, or nothing."""
    _, panel = live(permissions=())
    panel.press("Talk")
    panel.wait_for("failed")
    assert panel.sentence().startswith("The microphone is blocked for this page: allow it")


def test_each_refusal_is_one_sentence(live):
    """A traceback, or a button that does nothing, would be all that is seen."""
    each, first = live()
    for number, (endpoint, sentence) in enumerate(REFUSING, start=1):
        run_cell(
            each.page, f"import os, workbench\nawait notebook.talk(endpoint=workbench.Endpoint({endpoint}))"
        )
        panel = Panel(each.page, number)
        panel.root.wait_for()
        panel.press("Talk")
        panel.wait_for("failed")
        assert panel.sentence().startswith(sentence)
    each.page.evaluate(NO_MICROPHONE)
    first.press("Talk")
    first.wait_for("failed")
    assert first.sentence().startswith("No microphone was found: plug one in")


def test_elsewhere_the_session_goes_through_the_notebook_server(live, caller: Caller):
    """On JupyterHub nobody could talk: its pages can't reach the endpoint themselves."""
    each, panel = live(host="lab.localhost")
    order(each.page, panel, caller)
    assert "proxied" in panel.way()
    panel.press("Stop")
    panel.wait_for("ended")


def test_by_webrtc_too(live, caller: Caller):
    """Who chooses WebRTC would wait for an answer that never comes."""
    pytest.importorskip("aiortc", reason="needs the webrtc extra")
    each, _ = live()
    run_cell(each.page, 'await notebook.talk("coffee", transport="webrtc")')
    panel = Panel(each.page, 1)
    panel.root.wait_for()
    order(each.page, panel, caller)
    assert "WebRTC" in panel.way()
    aloud = words_heard(each.page)
    assert "mocha" in aloud, aloud
    panel.press("Stop")
    panel.wait_for("ended")


def test_presented_by_voila(lab: Lab, kernels_end: None, watched: Open, caller: Caller):
    """The demo on a stage would show code, or nothing."""
    pytest.importorskip("voila", reason="needs voila, of the dev extra")
    each = watched()
    each.allowed += VOILAS_OWN
    each.page.goto(f"{lab.base}voila/render/presenter.ipynb?token={lab.token}")
    panel = Panel(each.page)
    panel.root.wait_for()
    assert panel.root.get_attribute("data-presenter") == "true"
    order(each.page, panel, caller)
    assert "direct" in panel.way()
    assert "mocha" in words_heard(each.page)
    panel.press("Stop")
    panel.wait_for("ended")


def test_in_notebook_7(lab: Lab, kernels_end: None, watched: Open, caller: Caller):
    """Who prefers Notebook to JupyterLab would see a panel that does nothing."""
    pytest.importorskip("notebook", reason="needs notebook, of the dev extra")
    each = watched()
    each.allowed += NOTEBOOKS_OWN
    open_in_notebook(each.page, lab, "presenter.ipynb")
    run_first(each.page, 2)
    panel = Panel(each.page)
    panel.root.wait_for()
    order(each.page, panel, caller)
    assert "direct" in panel.way()
    panel.press("Stop")
    panel.wait_for("ended")


def order(page: Any, panel: Panel, caller: Caller) -> None:
    """Talk, and have the right order understood and answered aloud."""
    page.evaluate("window.listener.takeMicrophone()")
    panel.talk()
    speak(page, caller.order_samples)
    wait_until_heard(page)
    panel.wait_for_answer()
    slots = " ".join(panel.texts(".wb-slot"))
    assert all(value in slots for value in ORDERED.values()), slots
