"""The stage under fingers: two magnify and move the picture and never the page, one scrolls, scrubs and paints."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.support import comes_to, drawn

SCENE = "/#v1&op=convolution&padding=same&source=sample:scene;size=256&channel=0"
CROSS = "/#v1&op=convolution&padding=1&source=sample:cross"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
WHERE = """() => [visualViewport.scale, scrollY, Number(document.querySelector('.scrub').value)]"""

Point = tuple[float, float]


class Fingers:
    """Fingers on the screen, as the browser's own input has them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session: CDPSession = page.context.new_cdp_session(page)

    def _tell(self, kind: str, points: list[Point]) -> None:
        touches = [{"x": x, "y": y, "id": at} for at, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def move(self, *paths: tuple[Point, Point], first: int = 0) -> None:
        """Each finger along its path at once; ``first`` of them are down before the others."""
        if first:
            self._tell("touchStart", [start for start, _ in paths[:first]])
        self._tell("touchStart", [start for start, _ in paths])
        for part in (0.25, 0.5, 0.75, 1):
            self._tell(
                "touchMove",
                [(x + part * (to - x), y + part * (down - y)) for (x, y), (to, down) in paths],
            )
            drawn(self.page, 1)
        self._tell("touchEnd", [])


def zoom(page: Page) -> list[float]:
    """Scale and middle of what is magnified, as the address keeps them."""
    page.wait_for_function("() => location.hash.includes('zoom=')")
    found = re.search(r"zoom=([\d.,]+)", page.evaluate("() => location.hash"))
    assert found
    return [float(part) for part in found[1].split(",")]


def input_grid(page: Page) -> tuple[float, float, float]:
    """Left, top and side of the input of 256 by 256, below its heading; it has a frame of padding of one cell."""
    canvas, heading = page.locator("#canvas").bounding_box(), page.locator(".heading").nth(2).bounding_box()
    assert canvas
    assert heading
    return canvas["x"] + 1, canvas["y"] + 36, heading["x"] - canvas["x"] - 13


def at(page: Page, link: str) -> Fingers:
    page.goto(link)
    page.wait_for_function("() => document.querySelector('.result b') !== null")
    fingers = Fingers(page)
    # The code for a hand comes with its first sign.
    page.locator("#bar h1").dispatch_event("pointerdown")
    page.wait_for_load_state("networkidle")
    return fingers


@pytest.mark.context(**PHONE)
def test_two_fingers_magnify_and_move_the_picture_and_not_the_page(page: Page) -> None:
    fingers = at(page, SCENE)
    left, top, side = input_grid(page)
    across, down = 0.3, 0.6
    x, y = left + across * side, top + down * side
    before = page.evaluate(WHERE)
    fingers.move(((x - 10, y), (x - 40, y)), ((x + 10, y), (x + 40, y)))
    comes_to(page, lambda: page.locator(".scale").inner_text(), "4×")
    comes_to(page, lambda: zoom(page)[0], pytest.approx(4, rel=0.01))  # it is written now and then on the way
    scale, row, col = zoom(page)
    # The cell under the fingers' middle stays there: as far from the view's middle as before, four times nearer.
    assert (col - across) / (0.5 - across) == pytest.approx(1 / 4, abs=0.03)
    assert (row - down) / (0.5 - down) == pytest.approx(1 / 4, abs=0.1)
    fingers.move(((x - 30, y), (x - 10, y - 40)), ((x + 30, y), (x + 50, y - 40)))
    there = [scale, row + 40 / (side * scale), col - 20 / (side * scale)]
    comes_to(page, lambda: zoom(page), pytest.approx(there, abs=0.01))
    # Together again, beside the grids: about the middle of the input, down to the whole.
    heading = page.locator(".heading").nth(1).bounding_box()
    assert heading
    y = heading["y"] + heading["height"] / 2 + 30
    fingers.move(((200, y), (245, y)), ((300, y), (255, y)))
    expect(page.locator(".scale")).to_have_text("")
    assert page.evaluate(WHERE) == before  # neither magnified nor scrolled; nothing was gone to or pinned
    expect(page.get_by_role("button", name="Unpin (Esc)").first).to_be_hidden()


@pytest.mark.context(**PHONE)
def test_one_finger_scrolls_taps_and_scrubs(page: Page) -> None:
    fingers = at(page, SCENE)
    left, top, side = input_grid(page)
    x, y = left + side / 2, top + side / 2
    step = page.evaluate(WHERE)[2]
    fingers.move(((x, y + 60), (x, y - 60)))
    page.wait_for_function("() => scrollY > 20")
    # A second finger on a page that scrolls does nothing, and nothing complains.
    fingers.move(((x, y), (x, y - 30)), ((x + 40, y), (x + 40, y - 30)), first=1)
    assert page.evaluate(WHERE)[2] == step
    page.evaluate("() => scrollTo(0, 0)")
    page.wait_for_function("() => scrollY === 0")
    scrub = page.locator(".scrub").bounding_box()
    assert scrub
    height = scrub["y"] + scrub["height"] / 2
    start = scrub["x"] + scrub["width"] * 0.3
    fingers.move(((start, height), (start + scrub["width"] * 0.4, height)))
    comes_to(page, lambda: abs(page.evaluate(WHERE)[2] / 65535 - 0.7) < 0.05, True)
    left, top, side = input_grid(page)
    page.touchscreen.tap(left + side * 0.25, top + side * 0.5)
    expect(page.get_by_role("button", name="Unpin (Esc)").first).to_be_visible()
    row, col = divmod(page.evaluate(WHERE)[2], 256)
    # A tapped cell is said, and does not hold the view on it.
    cell = page.locator(".cell-value")
    expect(cell).to_have_text(re.compile(rf"Input row {row}, col {col}: red [\d.]+, green"))
    page.locator("#stage").focus()
    page.keyboard.press("Home")
    comes_to(page, lambda: page.locator(".sum-title").inner_text(), "Output row 0, col 0")
    assert (row / 256, col / 256) == (pytest.approx(0.5, abs=0.02), pytest.approx(0.25, abs=0.02))


@pytest.mark.context(**PHONE)
def test_a_finger_paints_and_a_second_one_takes_the_stroke_back(page: Page) -> None:
    fingers = at(page, CROSS)
    page.locator("#stage").focus()
    page.keyboard.press("e")
    bar = page.get_by_role("group", name="Painting the input")
    expect(bar).to_be_visible()
    bar.get_by_label("Paint with").fill("5")
    page.keyboard.press("Enter")
    canvas = page.locator("#canvas").bounding_box()
    assert canvas
    x, y = canvas["x"] + 60, canvas["y"] + 110
    fingers.move(((x, y), (x + 50, y + 1)))
    page.keyboard.press("u")  # an address that has this has the whole stroke
    page.wait_for_function("() => /source=values.*building=true/.test(location.hash)")
    painted = page.evaluate("() => location.hash.match(/values:[^&]*/)[0].split(/[:,]/)")
    assert painted.count("5") > 1
    fingers.move(((x, y + 40), (x - 20, y + 40)), ((x + 30, y + 40), (x + 70, y + 40)), first=1)
    expect(page.locator(".scale")).not_to_have_text("")
    page.wait_for_function("() => location.hash.includes('zoom=')")
    assert page.evaluate("() => location.hash.match(/values:[^&]*/)[0].split(/[:,]/)") == painted


@pytest.mark.context(**PHONE)
def test_a_tap_in_a_network_keeps_the_field_of_a_cell_and_a_tap_on_a_card_chooses_its_layer(
    page: Page,
) -> None:
    conv = "op=convolution&kernel=3&filters=2&padding=same"
    layer = f"&layer={quote(conv, safe='')}"
    at(page, f"/#v1&{conv}&source=noise:2x8x8{layer}{layer}&chosen=2&views=network&step=27")
    cell = page.locator(".net-cell")
    expect(cell).to_contain_text("row 3, col 3 of conv3 = ")
    card = page.get_by_role("button", name="conv3, 2×8×8, sees 7×7 of the input")
    expect(card).to_be_in_viewport()  # on a narrow page too the chosen layer is in sight
    canvas, box = page.locator(".net-picture canvas").first, card.bounding_box()
    picture = canvas.bounding_box()
    assert box
    assert picture
    # The first cell of the upper map, some pixels within its corner, wherever the map lies below its card.
    for down in range(20, int(picture["height"]), 12):
        page.touchscreen.tap(box["x"] + box["width"] / 2, picture["y"] + down)
        drawn(page)
        if "row 3, col 3" not in cell.inner_text():
            break
    expect(cell).to_contain_text("of conv3 = ")
    expect(cell).not_to_contain_text("row 3, col 3")
    expect(page.locator(".net-summary")).to_contain_text("It depends on")
    page.get_by_role("button", name="conv2, 2×8×8, sees 5×5 of the input").evaluate(
        "one => one.scrollIntoView()"
    )
    page.get_by_role("button", name="conv2, 2×8×8, sees 5×5 of the input").tap()
    expect(page.locator(".chosen .net-words > b").first).to_have_text("conv2")
