"""The live panel as a person sees and uses it."""

import base64
from typing import Any

import numpy as np

from workbench.core.audio import Samples

WATCH = """() => {
  window.seen = [];
  const look = () => {
    const line = [...document.querySelectorAll(".wb-caller .wb-text")].at(-1);
    if (!line) return;
    const words = [...line.querySelectorAll(".wb-word")];
    const now = {
      text: words.map((word) => word.textContent).join(" "),
      unstable: words.filter((word) => word.classList.contains("wb-unstable")).length,
      settled: words.length > 0 && words.every((word) => word.classList.contains("wb-settled")),
    };
    if (now.text && JSON.stringify(now) !== JSON.stringify(window.seen.at(-1))) window.seen.push(now);
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true });
}"""


class Panel:
    """The ``number``-th panel of a page."""

    def __init__(self, page: Any, number: int = 0) -> None:
        self.page = page
        self.root = page.locator(".wb-live").nth(number)

    def talk(self) -> None:
        """Press Talk and wait until the session is live."""
        self.press("Talk")
        self.wait_for("live")

    def press(self, label: str) -> None:
        """Press a button."""
        self.root.get_by_role("button", name=label, exact=True).click()

    def wait_for(self, phase: str) -> None:
        """Wait until the panel says how it stands."""
        self.page.wait_for_function(
            "([root, phase]) => root.dataset.phase === phase",
            arg=[self.root.element_handle(), phase],
        )

    def watch(self) -> None:
        """Keep what the newest line of the caller looked like, from now on."""
        self.page.evaluate(WATCH)

    def seen(self) -> list[dict[str, Any]]:
        """Return what the newest line of the caller looked like, time after time."""
        return list(self.page.evaluate("window.seen"))

    def sentence(self) -> str:
        """Return the sentence that tells what is the matter."""
        return str(self.root.locator(".wb-sentence").inner_text())

    def texts(self, selector: str) -> list[str]:
        """Return what stands in all elements of a kind."""
        return list(self.root.locator(selector).all_inner_texts())

    def wait_for_text(self, selector: str, text: str) -> None:
        """Wait until an element of a kind says ``text``."""
        self.root.locator(selector).filter(has_text=text).first.wait_for()

    def wait_for_answer(self, count: int = 1) -> None:
        """Wait until ``count`` replies were played to their end."""
        finished = self.root.locator('.wb-agent[data-playback="finished"]')
        finished.nth(count - 1).wait_for()

    def way(self) -> str:
        """Return which way the sound takes, as the panel tells."""
        return str(self.root.locator(".wb-way").inner_text())


def speak(page: Any, samples: Samples, *, wait: bool = True) -> None:
    """Speak into the microphone of a page that was told to take it."""
    said = base64.b64encode(samples.astype(np.float32).tobytes()).decode()
    page.evaluate(
        "([said, wait]) => { const done = window.listener.speak(said); return wait ? done : null; }",
        [said, wait],
    )


def wait_until_heard(page: Any) -> float:
    """Wait until something is played; return the second of the page's hearing."""
    page.wait_for_function("window.listener.now().level > 0.01", polling=50)
    return float(page.evaluate("window.listener.now().seconds"))
