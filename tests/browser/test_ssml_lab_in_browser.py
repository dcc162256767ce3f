"""The SSML lab as a person has it: notebook 06 in JupyterLab, a mistake typed and mended, a voice heard."""

import pytest
from in_jupyter import open_notebook, run_first

CELLS = 3
"""Imports, settings, the lab."""


@pytest.mark.speech
@pytest.mark.usefixtures("kernels_end")
def test_what_is_typed_is_read_said_and_measured(lab, watched, tmp_path):
    """A person would type into a page that does nothing, or lose what they typed."""
    opened = watched()
    page = opened.page
    open_notebook(page, lab, "06_ssml_lab.ipynb")
    run_first(page, CELLS)
    area = page.get_by_label("Text", exact=True)
    area.wait_for()
    page.get_by_text("No mistakes, no advice.").wait_for()

    # a mistake is told with its place, and the place leads to it
    text = "<speak>\n  Dear guest,<brake/> welcome.\n</speak>"
    area.fill(text)
    page.get_by_text("1 mistake, no advice.").wait_for()
    place = page.get_by_role("button", name="line 2, column 14")
    place.focus()
    place.press("Enter")
    assert area.evaluate("area => area.selectionStart") == text.index("<brake")
    assert area.get_attribute("aria-invalid") == "true"

    # mended, it is read again, said, and measured
    area.fill(text.replace("<brake/>", '<break time="700ms"/>'))
    page.get_by_text("No mistakes, no advice.").wait_for()
    card = page.locator("[data-voice=af_heart].sl-card")
    row = card.locator("tr[data-what=break] td")
    row.nth(2).filter(has_text="✓ yes").wait_for(timeout=120_000)
    assert row.nth(0).inner_text() == "700 ms"
    page.wait_for_function(
        "Number.isFinite(document.querySelector('[data-voice=af_heart].sl-card audio').duration)"
    )
    assert card.locator("audio").evaluate("audio => audio.duration") > 1.4

    # a target is chosen by keyboard, and tells what it is sent
    head = page.locator("button[data-target=elevenlabs]")
    head.focus()
    head.press("Enter")
    assert page.get_by_label("Text for ElevenLabs").inner_text().startswith("Dear guest,")

    # a book is kept, and not looked at
    area.fill("word " * 5_000)
    page.get_by_text("The text has 25000 characters, at most 20000 are looked at here.").wait_for()
    assert len(area.input_value()) == 25_000
    page.locator(".sl").screenshot(path=tmp_path / "lab.png")
