"""How every operation looks: nothing lies on the picture, names are told in full, a phone shows all there is to see."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.support import assert_headline, drawn, numbers, opened
from tests.browser.test_widths import CUT, OVERLAPPING

# Elements that stand over the canvases and have something painted under them.
ON_THE_PICTURE = """
() => {
  const over = [...document.querySelectorAll(".stage-tools button, .heading, .walks, .readout, .cell-value")];
  return over.filter((one) => one.checkVisibility()).flatMap((one) => {
    const box = one.getBoundingClientRect();
    return [...document.querySelectorAll("#stage canvas")].flatMap((canvas) => {
      const room = canvas.getBoundingClientRect();
      const left = Math.max(box.left, room.left), right = Math.min(box.right, room.right);
      const top = Math.max(box.top, room.top), bottom = Math.min(box.bottom, room.bottom);
      if (right - left < 1 || bottom - top < 1) return [];
      const ratio = canvas.width / room.width;
      const copy = new OffscreenCanvas(Math.ceil((right - left) * ratio), Math.ceil((bottom - top) * ratio));
      const context = copy.getContext("2d", { willReadFrequently: true });
      context.drawImage(canvas, (room.left - left) * ratio, (room.top - top) * ratio);
      const { data } = context.getImageData(0, 0, copy.width, copy.height);
      const painted = data.some((value, at) => at % 4 === 3 && value > 40);
      return painted ? [`${one.ariaLabel || one.textContent || one.className} lies on the picture`] : [];
    });
  });
}
"""
# The name that a menu shows, where it is wider than the menu.
NAME_CUT = """
() => {
  const menu = document.querySelector("#controls select.operation");
  if (!menu.checkVisibility()) return [];  // the settings of a narrow page are put away
  const style = getComputedStyle(menu);
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const name = menu.selectedOptions[0].textContent;
  const room = menu.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return context.measureText(name).width > room + 1 ? [name] : [];
}
"""
# Input and output, with their first cells, and the result, above the foot of the page.
OUT_OF_SIGHT = """
(resulting) => {
  const foot = document.querySelector("#transport").getBoundingClientRect().top;
  const cells = resulting ? 60 : 20;
  const needed = [["h2.input", cells], ["h2.output", cells], ...(resulting ? [[".result b", 0]] : [])];
  return needed.flatMap(([what, below]) => {
    const { bottom } = document.querySelector(what).getBoundingClientRect();
    return bottom + below > foot ? [`${what} is out of sight`] : [];
  });
}
"""
FILTERS = {"filters": 3, "padding": 1}


def settings(page: Page) -> list[str]:
    """A link for every operation of the registry, in the middle of its walk; one more for each second walk."""
    links = []
    operations: list[dict[str, Any]] = page.request.get("/api/v1/operations").json()["operations"]
    for operation in operations:
        own = {one["name"] for one in operation["parameters"]}
        spec = "".join(f"&{name}={value}" for name, value in FILTERS.items() if name in own)
        single = (
            "global" in operation["name"] or operation["name"] == "dense" or operation["result"] == "shape"
        )
        step = 0 if single else 2
        if operation["result"] == "shape":
            spec += "&source=values:2x2:1,2,3,4"  # a map for each of its numbers
        if operation["name"].startswith("pixel_"):
            spec += "&source=noise:4x8x8"  # a factor of 2 does not fit 1×9×9
        links.append(f"op={operation['name']}{spec}&step={step}")
        if operation["name"] == "transposed_convolution":
            links.append(f"{links[-1]}&stride=2&view=stamp")
            links.append(f"{links[-2]}&stride=2")
    return links


# Whether the page shows what a link says; the address changes before the page does.
OPENED = """
(link) => {
  const asked = new URLSearchParams(link);
  const fields = { op: "#controls select.operation", step: ".scrub" };
  for (const name of ["filters", "padding", "stride"]) fields[name] = `[data-parameter=${name}] input.number`;
  const walk = document.querySelector(".walks [aria-pressed=true]").textContent;
  const says = ([name, field]) => !asked.has(name) || document.querySelector(field).value === asked.get(name);
  return walk === (asked.has("view") ? "Stamp" : "Gather") && Object.entries(fields).every(says);
}
"""


def shown(page: Page, link: str) -> None:
    """Another link on the page as it is."""
    page.evaluate("(link) => { location.hash = link; }", f"#v1&{link}")
    page.wait_for_function(OPENED, arg=link)
    numbers(page)
    drawn(page)


@pytest.mark.parametrize("size", [(320, 640), (390, 844), (768, 1024), (1440, 900)])
def test_every_operation_is_seen_whole(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    opened(page)
    page.mouse.move(3, 3)
    expect(page.get_by_role("button", name="Pin this step (p)")).to_be_visible()
    faults = []
    for link in settings(page):
        shown(page, link)
        found = page.evaluate(ON_THE_PICTURE) + page.evaluate(OVERLAPPING) + page.evaluate(NAME_CUT)
        if size[0] > 360:
            found += page.evaluate(CUT)
        found += page.evaluate(OUT_OF_SIGHT, size[0] >= 390)
        faults += [f"{link}: {fault}" for fault in found]
    assert faults == []


@pytest.mark.parametrize(
    "link",
    [
        "op=unfold&kernel=3",
        "op=convolution&kernel=3&padding=1&filters=3",
        "op=convolution&kernel=3&padding=1&filters=6&source=sample:scene",
    ],
)
def test_the_two_sides_of_a_comparison_do_not_overlap(page: Page, link: str) -> None:
    opened(page, f"/#v1&{link}&against=pytorch")
    expect(page.locator(".compare-side").first).to_contain_text("row")  # its numbers have come
    drawn(page, 3)
    below = """all => all.map((one) =>
      one.querySelector("canvas").getBoundingClientRect().bottom - one.getBoundingClientRect().bottom)"""
    beyond = page.locator(".stage").evaluate_all(below)
    assert len(beyond) == 2
    assert max(beyond) <= 12
    # Both are seen at once, in a low window too, and each says in one line what it is.
    for height, width in ((720, 1280), (650, 1366)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(
            "height => { const view = document.querySelector('#view');"
            " return innerHeight === height && view.scrollHeight - view.clientHeight <= 2; }",
            arg=height,
        )
    lines = page.locator(".compare-side").evaluate_all("(all) => all.map((one) => one.offsetHeight)")
    assert max(lines) <= 36
    expect(page.locator(".compare-title")).to_have_text(re.compile("^(Only the rules differ:|2 settings)"))


def test_a_power_stands_above_its_line(page: Page) -> None:
    opened(page, "/#v1&op=lp_pooling&kernel=2&p=3&source=sample:grid")
    assert page.locator(".sum-body sup").all_inner_texts() == ["3"] * 4 + ["1/3"]
    assert "^" not in page.locator(".sum-body").inner_text()
    expect(page.locator(".shapes")).to_contain_text("Lp pooling")


@pytest.mark.context(color_scheme="dark")
@pytest.mark.parametrize("theme", ["", "&theme=dark"])
def test_a_dark_page_is_printed_on_light_paper_however_early(page: Page, theme: str) -> None:
    # As early as can be: the layout for paper never hears of the printer.
    page.add_init_script(
        "{ const real = window.matchMedia.bind(window);"
        " window.matchMedia = (query) => query === 'print' ? new EventTarget() : real(query); }"
    )
    opened(page, f"/#v1&op=convolution{theme}")
    page.emulate_media(media="print", color_scheme="dark")
    paper, ground = (
        page.locator(place).evaluate(
            "(box) => getComputedStyle(box).backgroundColor.match(/[\\d.]+/g).map(Number)"
        )
        for place in ("body", "#stage")
    )
    assert len(paper) == 3  # and no fourth number, which would be how much shows through
    assert min(paper) > 230
    # Until the layout for paper has come, the picture keeps the ground that it was painted for.
    assert len(ground) == 3
    assert max(ground) < 60


@pytest.mark.context(viewport={"width": 390, "height": 844})
def test_a_phone_has_the_examples_in_its_header(page: Page) -> None:
    opened(page, "/#v1&op=max_pooling&source=sample:cross")
    page.get_by_role("button", name="Examples").click()
    page.get_by_role("button", name="Halve a picture Each 2×2 keeps").click()
    assert_headline(page, "1×6×6 ▸ max pooling 2×2, stride 2 ▸ 1×3×3")


@pytest.mark.context(viewport={"width": 768, "height": 1024})
def test_the_longest_names_leave_the_header_two_lines(page: Page) -> None:
    opened(page, "/#v1&op=adaptive_average_pooling&source=sample:cross")
    bar = page.locator("#bar").bounding_box()
    assert bar is not None
    assert bar["height"] < 90
