"""A listening test as a person takes it: notebook 08 in JupyterLab, by keyboard, left and come back to."""

from typing import Any

import numpy as np
import pytest
from browsing import heard
from in_jupyter import open_notebook, run_cell, run_first, wait_until

CELLS = 3
"""Imports and sounds."""
SHORT = """
short = prepare(Design(method=Method.PREFERENCE, practice=1, repeats=0, catches=0), sounds, Path(mkdtemp()))
ListeningTestPanel(short)
"""
"""Three trials instead of ten: one for practice, and each text once."""


def answer(page: Any, place: str, choice: str) -> None:
    """Answer the trial at ``place`` by keyboard, and wait until it is kept."""
    page.get_by_text(place, exact=True).wait_for()
    page.locator(".lt-play:enabled").first.wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("Listen to A, B first.").wait_for()
    for key, button in (("1", "Play A"), ("2", "Play B")):
        page.keyboard.press(key)
        assert page.get_by_role("button", name=button).get_attribute("aria-pressed") == "true"
    page.keyboard.press(choice)
    page.keyboard.press("Enter")


@pytest.mark.usefixtures("kernels_end")
def test_a_listener_answers_by_keyboard_and_comes_back(lab, watched, tmp_path):
    """Whoever closes the page would have to begin anew; or the page would tell which voice is which."""
    opened = watched()
    page = opened.page
    open_notebook(page, lab, "08_listening_test.ipynb")
    run_first(page, CELLS)
    run_cell(page, SHORT)
    page.get_by_label("Name").fill("Kim")
    page.keyboard.press("Enter")
    answer(page, "Practice 1 of 1: it does not count", "ArrowLeft")
    page.get_by_text("1 of 2", exact=True).wait_for()
    page.locator(".lt-play:enabled").first.wait_for()
    page.keyboard.press(" ")
    page.wait_for_timeout(1200)
    samples, _ = heard(page)
    assert np.abs(samples).max() > 0.01
    page.locator(".lt").screenshot(path=tmp_path / "trial.png")
    told = page.locator(".lt").evaluate("element => element.outerHTML")
    assert not [one for one in ("heart", "george", "muffled", "catch", "flac") if one in told]

    page.reload()  # the answer to this trial was not kept
    page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.sessionContext")
    wait_until(page, "idle")
    run_cell(page, "ListeningTestPanel(short)")
    page.get_by_label("Name").fill("Kim")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Go on").press("Enter")
    answer(page, "1 of 2", "ArrowRight")
    answer(page, "2 of 2", "ArrowDown")
    page.get_by_text("Thank you, Kim.").wait_for()
    assert page.get_by_text("All 3 answers are kept.").is_visible()
    page.locator(".lt").screenshot(path=tmp_path / "thanks.png")
