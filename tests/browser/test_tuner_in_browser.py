"""The tuner as a person has it: notebook 03 in JupyterLab, a threshold moved, a turn listened to."""

import re

import pytest
from in_jupyter import open_notebook, run_first
from panels import wait_until_heard

CELLS = 3
"""Imports, the session, the tuner."""


def figure(page, name: str) -> str:
    """Return what the table says now."""
    return page.locator(f"tr[data-figure={name}] td.tu-value").inner_text()


def milliseconds(text: str) -> int:
    return int(re.fullmatch(r"(\d+) ms", text)[1])


@pytest.mark.usefixtures("kernels_end")
def test_a_moved_threshold_shows_what_all_turns_would_have_come_to(lab, watched, tmp_path):
    """A person would see figures that have nothing to do with the slider, or none."""
    opened = watched()
    page = opened.page
    open_notebook(page, lab, "03_early_synthesis.ipynb")
    run_first(page, CELLS)
    page.locator(".tu-picture").wait_for()
    assert page.get_by_text("No turn changes, of 8.").is_visible()
    median = figure(page, "response_median")
    waits = page.get_by_role("slider", name="wait when the turn sounds complete").first
    waits.scroll_into_view_if_needed()
    waits.focus()
    for _ in range(6):
        waits.press("Shift+ArrowUp")
    page.wait_for_function("document.querySelector('.tu-yaml').textContent.includes('hangover_min: 1.1\\n')")
    page.get_by_text("5 of 8 turns change.").wait_for()  # the first sound of the others takes longer
    assert waits.get_attribute("aria-valuetext") == "1.10 s"
    assert milliseconds(figure(page, "response_median")) > milliseconds(median) + 50
    assert page.locator(".tu-marked.end").text_content().startswith("ends after ")

    # dragged far down on the picture itself, a pause that was breath cuts a caller off
    longest = page.get_by_role("slider", name="wait when it does not").first
    grip = longest.locator("rect").bounding_box()
    page.mouse.move(grip["x"] + 20, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(grip["x"] + 20, grip["y"] + 400, steps=12)
    page.mouse.up()
    page.wait_for_function("document.querySelector('.tu-yaml').textContent.includes('hangover_max: 0.1\\n')")
    page.get_by_text("would be cut off in a pause").first.wait_for()
    assert float(figure(page, "cut").removesuffix(" %")) > 0

    # a turn that changes is shown and heard
    page.locator(".tu-changed [data-turn='2']").click()
    page.get_by_role("button", name="■ Stop").wait_for()
    assert page.locator(".tu-title").inner_text().startswith("rooms, turn 0")
    page.locator(".tu-marked.cut").first.wait_for()
    wait_until_heard(page)
    page.get_by_role("button", name="■ Stop").click()

    # one click takes all back, one applies to the session of the cell above
    page.get_by_role("button", name="As recorded").click()
    page.get_by_text("No turn changes, of 8.").wait_for()
    assert figure(page, "response_median") == median
    page.get_by_role("button", name="Apply to the live session").click()
    page.get_by_text("The session goes by the settings applied.").wait_for()
    page.get_by_text("No turn yet: 5 within the range would confirm the prediction").wait_for()
    page.locator(".tu").screenshot(path=tmp_path / "tuner.png")
