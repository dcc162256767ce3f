"""The timeline as a person has it: in a page of its own, and in a notebook."""

from pathlib import Path

from in_jupyter import open_notebook, run_first

from workbench.cli import main
from workbench.data import data_folder
from workbench.store.recording import load_recording

SESSION = data_folder() / "sessions" / "coffee"
DURATION = load_recording(SESSION).duration
GUTTER = 112
TOLD_AT = """second => {
  const told = document.querySelector(".wt-known").textContent;
  return Math.abs(parseFloat(told.split(":")[1]) - second) < 0.1;
}"""
"""Whether it is told what was known at about a second of the first minute."""


def at(page, second: float, y: float) -> tuple[float, float]:
    """Return where a second of the whole session is on the page."""
    box = page.locator(".wt-board").bounding_box()
    return box["x"] + GUTTER + (box["width"] - GUTTER) * second / DURATION, box["y"] + y


def scrub(page, second: float) -> str:
    """Drag along the ruler and return what is said to have been known."""
    page.mouse.move(*at(page, second - 1, 10))
    page.mouse.down()
    page.mouse.move(*at(page, second, 10))
    page.mouse.up()
    page.wait_for_function(TOLD_AT, arg=second)
    return page.locator(".wt-known").inner_text()


def opened(watched, tmp_path: Path):
    path = tmp_path / "page.html"
    assert main(["export", str(SESSION), "--format", "html", "--sound", "-o", str(path)]) == 0
    page = watched().page
    page.goto(path.as_uri())
    page.locator(".wt-lanes").wait_for()
    return page


def test_scrubbing_tells_what_was_known_then(watched, tmp_path):
    """The picture would show a future nobody knew, or nothing."""
    page = opened(watched, tmp_path)
    assert scrub(page, 0.4).endswith("nothing is known yet")
    during = scrub(page, 3.055)  # in the 55 ms after which the caller goes on
    assert "hearing “Hi, can I get a large iced mocha" in during
    assert "holds the reply “One large iced mocha. Coming right up.”" in during
    assert "holds the reply" not in scrub(page, 3.3)
    assert "heard of the reply: “One large iced mocha" in scrub(page, 6.9)
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.querySelector('.wt-known').textContent === ''")


def test_a_click_plays_from_there_and_a_key_stops_it(watched, tmp_path):
    """Nobody could hear what a word sounded like."""
    page = opened(watched, tmp_path)
    page.mouse.click(*at(page, 8.0, 320))
    page.wait_for_function("() => document.getElementById('session-sound').currentTime > 8.3")
    assert page.locator(".wt-bar button").first.inner_text() == "Pause"
    page.keyboard.press(" ")
    page.wait_for_function("() => document.getElementById('session-sound').paused")
    assert page.evaluate("document.getElementById('session-sound').currentTime") < 14


def test_the_keyboard_goes_everywhere(watched, tmp_path):
    """Who uses no mouse would be left with the picture as it opens."""
    page = opened(watched, tmp_path)
    page.locator(".wt-board").focus()
    for place in ("0:00.", "0:06."):
        page.keyboard.press("n")
        page.wait_for_function(f"() => document.querySelector('.wt-time').textContent.startsWith('{place}')")
    page.keyboard.press("k")
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_function(
        """() => {
          const text = (selector) => document.querySelector(selector).textContent;
          return text(".wt-known") !== "" && text("[aria-live]") === text(".wt-known");
        }"""
    )
    assert page.get_by_role("button", name="As known then").get_attribute("aria-pressed") == "true"


def test_the_transcript_stands_as_text(watched, tmp_path):
    """Who does not see the picture would have nothing."""
    page = opened(watched, tmp_path)
    page.get_by_text("Transcript as text (4 utterances)").click()
    lines = page.locator(".wt-transcript li").all_inner_texts()
    assert len(lines) == 4
    assert "One large iced mocha with a" in lines[1]
    assert "soy milk" not in lines[1]  # that was never heard
    assert "interrupted" in lines[1]
    page.locator(".wt-transcript li button").nth(2).click()
    page.wait_for_function("() => document.getElementById('session-sound').currentTime > 7.0")


def test_the_notebook_shows_it_and_plays_what_the_kernel_holds(lab, watched):
    """The widget would be broken where it is used, although its page works."""
    page = watched().page
    open_notebook(page, lab, "02_transcript_timeline.ipynb")
    run_first(page, 3)
    board = page.locator(".wt-board")
    board.wait_for()
    board.scroll_into_view_if_needed()
    assert "holds the reply" in scrub(page, 5.0)
    page.keyboard.press("Escape")
    page.mouse.click(*at(page, 6.2, 320))
    page.wait_for_function(
        "() => parseFloat(document.querySelector('.wt-time').textContent.split(':')[1]) > 6.6"
    )
    assert page.locator(".wt-problem").inner_text() == ""
    page.keyboard.press(" ")
    cells = "window.jupyterapp.shell.currentWidget.content.widgets.length"
    before = page.evaluate(cells)
    for key in ("x", "d", "d"):  # of JupyterLab's: cut and delete the cell
        page.keyboard.press(key)
    assert page.evaluate(cells) == before
