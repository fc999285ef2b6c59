"""Photographs the page in every state, width and theme: python -m tools.contact_sheet FOLDER.

Starts a server of its own, opens Chromium (CONVSCOPE_CHROMIUM, or the first of that name) and writes one sheet for each
width and theme, to be looked at beside the sketches. ``--only opening`` takes the states whose names begin so;
``--each`` also writes every picture in its own size.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Error, Page, sync_playwright

from app.operations import registry
from tests.serving import running_server

SIZES = ((1440, 900), (1920, 1080), (768, 1024), (390, 844), (1366, 650))
THEMES = ("light", "dark")
COLUMNS, TILE, GAP, CAPTION = 4, 480, 16, 20
READY = "html[data-ready=true]"
MET = "try { localStorage.setItem('convscope.met', 'true'); } catch {}"
LAYER = "#v1&op=convolution&source=sample:cross&filters=3&padding=1&step=20"


@dataclass(frozen=True)
class State:
    """One state of the page: where it is opened, and what is done before it is photographed."""

    name: str
    link: str = f"/{LAYER}"
    act: Callable[[Page], object] = lambda page: None
    new: bool = False  # whether it is somebody's first visit


def _shared(item: str) -> Callable[[Page], object]:
    def act(page: Page) -> None:
        page.locator(".share").click()
        page.locator("#share-menu button", has_text=item).click()

    return act


def _pressed(key: str) -> Callable[[Page], object]:
    return lambda page: page.keyboard.press(key)


def _clicked(selector: str) -> Callable[[Page], object]:
    return lambda page: page.locator(selector).first.evaluate("(one) => one.click()")


def _start(page: Page) -> None:
    page.locator(".next button").nth(1).click()


def _pair(at: int) -> Callable[[Page], object]:
    def act(page: Page) -> None:
        _clicked(".views .examples")(page)
        page.locator("dialog button.card:has(.letters)").nth(at).click()

    return act


def states() -> list[State]:
    """The opening, every operation's first example, and everything that opens over the stage."""
    from_examples = [State(f"operation {name}", f"/#v1&op={name}&source=sample:cross") for name in registry()]
    dialogs = [
        State("dialog share", act=_clicked(".share")),
        *(
            State(f"dialog {item}", act=_shared(item))
            for item in ("Embed…", "Figure…", "Animation…", "Code…", "Numbers…")
        ),
        State("dialog examples", act=_clicked(".views .examples")),
        State("dialog help", act=_pressed("?")),
        State("dialog volumes", act=_pressed("v")),
        State("dialog size", act=_clicked(".chips button:nth-child(4)")),
        State("dialog paste", act=_clicked(".chips button:nth-child(5)")),
    ]
    return [
        State("opening", "/", new=True),
        State("opening lesson", "/", _start, new=True),
        State("layer"),
        State("refused", f"/{LAYER}&kernel=12"),
        State("compared same", act=_pair(0)),
        State("compared causal", act=_pair(1)),
        *from_examples,
        *dialogs,
    ]


def photograph(browser: Browser, url: str, size: tuple[int, int], theme: str, state: State) -> Image.Image:
    """A state, once its numbers are there and nothing moves any more."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
        base_url=url,
    )
    try:
        if not state.new:
            context.add_init_script(MET)
        page = context.new_page()
        page.goto(state.link)
        page.wait_for_selector(READY, state="attached")
        page.evaluate("() => dispatchEvent(new Event('pointermove'))")
        page.wait_for_selector("html[data-full]", state="attached")
        state.act(page)
        page.wait_for_timeout(700)
        return Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    finally:
        context.close()


def sheet(pictures: list[tuple[str, Image.Image]]) -> Image.Image:
    """The pictures in rows, each with its name."""
    height = max(picture.height * TILE // picture.width for _, picture in pictures)
    rows = -(-len(pictures) // COLUMNS)
    size = (GAP + COLUMNS * (TILE + GAP), GAP + rows * (height + CAPTION + GAP))
    made = Image.new("RGB", size, (120, 120, 120))
    words = ImageDraw.Draw(made)
    for place, (name, picture) in enumerate(pictures):
        x, y = GAP + place % COLUMNS * (TILE + GAP), GAP + place // COLUMNS * (height + CAPTION + GAP)
        words.text((x, y), name, fill=(255, 255, 255))
        made.paste(picture.resize((TILE, picture.height * TILE // picture.width)), (x, y + CAPTION))
    return made


def main() -> int:
    """Write the sheets; the number of states that could not be photographed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="states whose names begin so")
    parser.add_argument("--sizes", default="", help="such as 390x844,1440x900")
    parser.add_argument("--themes", default=",".join(THEMES))
    parser.add_argument("--each", action="store_true", help="also every picture in its own size")
    given = parser.parse_args()
    sizes = [tuple(map(int, one.split("x"))) for one in given.sizes.split(",") if one] or list(SIZES)
    chromium = shutil.which(os.environ.get("CONVSCOPE_CHROMIUM", "chromium"))
    given.folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        command = [sys.executable, "-m", "app", "serve", "--port", "0"]
        environment = {**os.environ, "CONVSCOPE_UPLOADS": f"{folder}/uploads"}
        with running_server(command, cwd=Path.cwd(), log=Path(folder) / "log", env=environment) as server:
            browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
            for width, height in sizes:
                for theme in given.themes.split(","):
                    pictures = []
                    for state in states():
                        if not state.name.startswith(given.only):
                            continue
                        try:
                            picture = photograph(browser, server.url, (width, height), theme, state)
                            pictures.append((state.name, picture))
                            if given.each:
                                picture.save(given.folder / f"{width}x{height}-{theme} {state.name}.png")
                        except Error as error:
                            failed += 1
                            sys.stderr.write(
                                f"{width}x{height} {theme}, {state.name}: {str(error).splitlines()[0]}\n"
                            )
                    if pictures:
                        sheet(pictures).save(given.folder / f"{width}x{height}-{theme}.png")
            browser.close()
    return failed


if __name__ == "__main__":
    sys.exit(main())
