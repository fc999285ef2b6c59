"""The page as these tests use it, in any engine: by its own elements and events, with plain scripts."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable
from typing import Any

from tests.engines.driver import Engine

PATIENCE_S = 30.0

# Selects an option, fills a field or ticks a box as a person does: the value, then the events.
CHANGE = """
const [selector, value] = arguments;
const field = document.querySelector(selector);
if (!field) throw new Error(`there is no ${selector}`);
field.value = value;
field.dispatchEvent(new Event("input", { bubbles: true }));
field.dispatchEvent(new Event("change", { bubbles: true }));
"""
UPLOAD = """
const [name, content] = arguments;
const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
const files = new DataTransfer();
files.items.add(new File([bytes], name, { type: "image/png" }));
const field = document.querySelector('input[type=file][accept^="image"]');
field.files = files.files;
field.dispatchEvent(new Event("change", { bubbles: true }));
"""
ERRORS = """
window.complaints = [];
addEventListener("error", (event) => window.complaints.push(String(event.message)));
addEventListener("unhandledrejection", (event) => window.complaints.push(String(event.reason)));
dispatchEvent(new Event("pointermove"));
"""
PAINTED = """
const canvas = document.querySelector("canvas");
const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
const seen = new Set();
for (let at = 0; at < data.length; at += 4) seen.add(data.slice(at, at + 3).join());
return seen.size;
"""


class Page:
    """The page in one engine."""

    def __init__(self, engine: Engine, url: str) -> None:
        self.engine, self.url = engine, url

    def open(self, fragment: str = "") -> None:
        """Open the page, or one of its links, and wait for its numbers."""
        # An address that differs in its fragment alone would not load anew; and this is somebody who comes back.
        self.engine.open(f"{self.url}/handbook")
        self.engine.run("localStorage.setItem('convscope.met', 'true');")
        self.engine.open(f"{self.url}/{fragment}")
        self.wait(self.result, lambda found: found != "")
        self.engine.run(ERRORS)

    def text(self, selector: str) -> str:
        """The text of an element, or nothing where there is none."""
        found = self.engine.run("return document.querySelector(arguments[0])?.textContent ?? '';", selector)
        return str(found).strip()

    def result(self) -> str:
        """The output value of the step on view."""
        return self.text(".result b")

    def change(self, selector: str, value: str) -> None:
        """Set a field to a value."""
        self.engine.run(CHANGE, selector, value)

    def choose(self, operation: str) -> None:
        """Choose an operation of the menu."""
        self.change("select.operation", operation)

    def upload(self, name: str, content: bytes) -> None:
        """Choose a file as the input."""
        self.engine.run(UPLOAD, name, base64.b64encode(content).decode())

    def click(self, words: str) -> None:
        """Click the button with a name."""
        self.engine.run(
            """
            const named = (one) => (one.getAttribute("aria-label") ?? one.textContent).trim();
            const found = [...document.querySelectorAll("button, summary")].find(
              (one) => one.checkVisibility() && named(one) === arguments[0],
            );
            if (!found) throw new Error(`there is no button ${arguments[0]}`);
            found.click();
            """,
            words,
        )

    def complaints(self) -> list[str]:
        """Errors that reached the window since the page was opened."""
        found: list[str] = self.engine.run("return window.complaints;")
        return found

    def colours(self) -> int:
        """How many colours the stage has: a blank one has one."""
        return int(self.engine.run(PAINTED))

    def wait(self, read: Callable[[], Any], enough: Callable[[Any], bool]) -> Any:
        """What ``read`` gives, once that is enough."""
        until = time.monotonic() + PATIENCE_S
        while True:
            found = read()
            if enough(found):
                return found
            assert time.monotonic() < until, f"still {found!r} after {PATIENCE_S:g} s"
            time.sleep(0.05)

    def step(self) -> int:
        """The step on view, counted from 1 as the transport says it."""
        return self._place()[0]

    def steps(self) -> int:
        """How many steps the walk on view has."""
        return self._place()[1]

    def _place(self) -> tuple[int, int]:
        said = re.search(r"step ([\d,]+) of ([\d,]+)", self.text(".transport .place"))
        assert said, "the transport says no step"
        return int(said[1].replace(",", "")), int(said[2].replace(",", ""))
