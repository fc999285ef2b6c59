"""Helpers of the browser tests: how a person reads and sets the page."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page

# A machine that does other things as well is slow without being wrong: what never comes is noticed all the same.
DEADLINE_MS = 30_000
FRAMES = """async (count) => {
  for (let frame = 0; frame < count; frame++) await new Promise((done) => requestAnimationFrame(done));
}"""


def opened(page: Page, link: str = "/") -> None:
    """The page, with the numbers of its first setting, and somebody before it whose pointer has moved."""
    page.goto(link)
    numbers(page)
    approached(page)


def approached(page: Page) -> None:
    """Somebody comes near: what the opening picture does without is brought."""
    page.evaluate("() => dispatchEvent(new Event('pointermove'))")
    page.wait_for_selector("html[data-full]", state="attached")


def drawn(page: Page, frames: int = 2) -> None:
    """Wait until everything done so far is on view: the page shows its state in the next animation frame."""
    page.evaluate(FRAMES, frames)


def numbers(page: Page) -> None:
    """The numbers of the setting that was chosen last are on view, not those of the one before."""
    drawn(page)
    page.wait_for_function("() => document.querySelector('.result b') !== null")


def comes_to(page: Page, read: Callable[[], Any], wanted: Any) -> None:
    """What ``read`` gives becomes equal to ``wanted``, sooner or later."""
    drawn(page)
    until = time.monotonic() + DEADLINE_MS / 1000
    while (found := read()) != wanted and time.monotonic() < until:
        page.wait_for_timeout(30)
    assert found == wanted


def number(text: str) -> float:
    """A number as the page writes it."""
    text = text.strip().replace("−", "-").replace(",", "").replace("∞", "inf")
    scientific = re.fullmatch(r"(.+)·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text)
    if scientific:
        digits = scientific[2].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
        text = f"{scientific[1]}e{digits}"
    return float(text)


def result(page: Page) -> float:
    """The output value of the step on view."""
    return number(page.locator(".result b").inner_text())


def terms(page: Page) -> list[tuple[float, float]]:
    """Every term of the worked sum: what the window reads, and its weight."""
    script = "all => all.map((term) => [term.firstChild.textContent, term.lastChild.textContent])"
    shown = page.locator(".term").evaluate_all(script)
    return [(number(value), number(weight)) for value, weight in shown]


def headline(page: Page) -> str:
    """Shapes and filters, as the header says them of what was done up to now."""
    drawn(page)
    return " ▸ ".join(page.locator(".shapes b").all_inner_texts())


def assert_headline(page: Page, wanted: str) -> None:
    """The header comes to say this; ``…`` at an end of it stands for anything."""
    said = re.escape(wanted.strip("…"))
    before, after = ("" if end != "…" else ".*" for end in (wanted[0], wanted[-1]))

    def shown() -> str:
        found = headline(page)
        return wanted if re.fullmatch(before + said + after, found) else found

    comes_to(page, shown, wanted)


class Grid(NamedTuple):
    """A grid as it is painted, in pixels of the window: its first cell's corner and the side of a cell."""

    left: float
    top: float
    cell: float

    def cell_at(self, row: int, col: int, share: float = 0.5) -> tuple[float, float]:
        """A point of a cell, as far from its corner as this share of its side."""
        return self.left + (col + share) * self.cell, self.top + (row + share) * self.cell


HEADED = ("input", "kernel", "output")
FRAME_GAP = 8  # what the frame of a window and its halo take out of the frame of a grid
LEAST_FRAME = 24


def grid(page: Page, role: str, cols: int) -> Grid:
    """The grid of a role: its frame, of the colour of its heading, is looked for below that.

    A test that points at a cell thus knows nothing of how large cells are drawn.
    """
    page.mouse.move(5, 5)
    drawn(page)
    heading = page.locator(".heading").nth(HEADED.index(role))
    box = heading.bounding_box()
    assert box
    painted = heading.locator("h2").evaluate("one => getComputedStyle(one).color.match(/\\d+/g).map(Number)")
    picture = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(int)
    like = (abs(picture - np.array(painted[:3])) < 12).all(axis=-1)
    left, below = max(0, round(box["x"]) - 4), round(box["y"] + box["height"])
    runs: list[np.ndarray] = []
    for row in range(below, len(like)):
        found = np.flatnonzero(like[row, left:])
        runs += np.split(found, np.flatnonzero(np.diff(found) > FRAME_GAP) + 1)
    edge = max(runs, key=len)
    assert len(edge) > LEAST_FRAME, f"no grid is painted below the heading of the {role}"
    first, last = left + int(edge[0]), left + int(edge[-1])
    # Marks can cover much of the upper edge; the lower one says as well how wide the grid is.
    top = next(row for row in range(below, len(like)) if like[row, first : last + 1].sum() > LEAST_FRAME)
    return Grid(first + 1, top + 1, (last - first - 1) / cols)


def unfold(page: Page) -> None:
    """Open everything behind a line of words in the column, and behind the dots of the transport."""
    page.evaluate(
        """() => {
          for (const fold of document.querySelectorAll("details.fold")) fold.open = true;
          document.querySelector("#transport:not(.more-open) .open-more")?.click();
        }"""
    )


def share(page: Page, item: str) -> None:
    """Choose an item of the Share menu."""
    page.get_by_role("button", name="Share", exact=True).click()
    page.locator("#share-menu").get_by_role("button", name=item).click()


def parameter(page: Page, name: str) -> Locator:
    """The number field of a parameter."""
    if page.locator(f"details.fold:not([open]) [data-parameter={name}]").count():
        unfold(page)
    return page.locator(f"[data-parameter={name}] input.number").first


def photograph(side: int) -> bytes:
    """A colour picture as PNG, with smooth and rough parts."""
    row, col = np.mgrid[0:side, 0:side] / side
    red = 128 + 120 * np.sin(9 * col + 4 * row**2)
    green = 128 + 120 * np.cos(30 * row * col)
    blue = 255 * ((row - 0.5) ** 2 + (col - 0.4) ** 2 < 0.1)
    noise = np.random.default_rng(7).normal(0, 6, (side, side, 3))
    pixels = np.clip(np.stack([red, green, blue], axis=-1) + noise, 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def array(values: np.ndarray) -> bytes:
    """An array as the bytes of an .npy file."""
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def upload(page: Page, name: str, content: bytes) -> None:
    """Choose a file as the input."""
    kind = "image/png" if name.endswith(".png") else "application/octet-stream"
    chooser = page.locator('input[type=file][accept^="image"]')
    chooser.set_input_files({"name": name, "mimeType": kind, "buffer": content})
