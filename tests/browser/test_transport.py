"""Moving through a walk: keys, buttons, loop, speed, and an output that builds up."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.support import grid, opened, parameter, unfold


def step(page: Page) -> int:
    """The step on view, counted from 0."""
    return int(page.locator(".scrub").input_value())


def test_every_button_names_its_key(page: Page) -> None:
    opened(page)
    titles = page.locator("#transport .buttons button, #transport .loop button").evaluate_all(
        "all => all.map((one) => one.title)"
    )
    assert len(titles) == 10
    assert all(re.fullmatch(r".+ \(.+\)", title) for title in titles), titles
    page.get_by_role("button", name="One row forward").click()
    page.get_by_role("button", name="One row back").click()
    page.get_by_role("button", name="One step forward").click()
    expect(page.locator(".place")).to_contain_text("step 21 of 81")


def test_a_loop_is_set_seen_played_linked_and_cleared(page: Page) -> None:
    opened(page)
    unfold(page)
    page.get_by_role("slider", name="Step", exact=True).fill("30")
    page.get_by_role("button", name="Loop from this step").click()
    page.locator("#stage").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("o")
    expect(page.get_by_role("group", name="Loop, steps 31 to 35")).to_be_visible()
    expect(page.locator(".band")).to_be_visible()
    page.wait_for_function("() => location.hash.includes('loop=30,34')")
    page.get_by_role("slider", name="Speed").fill("8")
    page.locator("#stage").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    seen = page.evaluate(
        """async () => {
          const seen = new Set();
          // However few frames there are: every step of the loop is seen some time, and no other.
          for (let frame = 0; frame < 40 || seen.size < 5; frame++) {
            await new Promise((resolve) => requestAnimationFrame(resolve));
            seen.add(Number(document.querySelector('.scrub').value));
          }
          return [...seen];
        }"""
    )
    assert set(seen) == {30, 31, 32, 33, 34}
    page.keyboard.press("Space")
    page.reload()
    unfold(page)
    page.get_by_role("button", name="No loop").click()
    expect(page.locator(".band")).to_be_hidden()


def test_a_slider_never_starts_a_paused_walk_nor_loses_its_place(page: Page) -> None:
    opened(page)
    page.get_by_role("slider", name="Step", exact=True).fill("40")
    for value in ("3", "2", "1"):
        parameter(page, "stride").fill(value)
        expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(page.locator(".scrub")).to_have_js_property("value", "40")


def test_as_fast_as_it_streams_ends_a_long_walk_at_its_last_step(page: Page) -> None:
    page.goto("/#v1&op=convolution&padding=1&source=sample:scene;size=256&speed=Infinity&step=0")
    page.wait_for_function("() => document.documentElement.dataset.ready === 'true'")
    expect(page.locator(".speed-text")).to_have_text("as it streams")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => document.querySelector('.scrub').value === '65535'", timeout=60_000)
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_the_output_builds_up_when_asked(page: Page) -> None:
    opened(page)
    x, y = grid(page, "output", 9).cell_at(8, 8, 0.1)
    ink = """([x, y]) => {
      const upper = [...document.querySelectorAll("#stage canvas")][1];
      const box = upper.getBoundingClientRect();
      const copy = document.createElement('canvas').getContext('2d');
      copy.drawImage(upper, box.left - x, box.top - y);
      return copy.getImageData(0, 0, 1, 1).data[3];
    }"""
    assert page.evaluate(ink, [x, y]) == 0, "nothing lies over the last cells of a whole output"
    unfold(page)
    page.get_by_role("checkbox", name="build the output up").check()
    page.wait_for_function(f"(at) => ({ink})(at) === 255", arg=[x, y])
    page.wait_for_function("() => location.hash.includes('building=true')")


def test_speed_goes_from_one_round_value_to_the_next(page: Page) -> None:
    opened(page)
    speed = page.locator(".speed-text")
    expect(speed).to_have_text("4 steps/s")
    said = ["2 steps/s", "1 step/s", "½ step/s", "¼ step/s", "¼ step/s"]
    for words in said:
        page.keyboard.press(",")
        expect(speed).to_have_text(words)
    said = [
        "½ step/s",
        "1 step/s",
        "2 steps/s",
        "4 steps/s",
        "8 steps/s",
        "15 steps/s",
        "30 steps/s",
        "60 steps/s",
    ]
    for words in [*said, "as it streams"]:
        page.keyboard.press(".")
        expect(speed).to_have_text(words)
    page.wait_for_function("() => location.hash.includes('speed=streaming')")
    unfold(page)
    slider = page.get_by_role("slider", name="Speed")
    for place, words in (("0", "¼ step/s"), ("2", "1 step/s"), ("9", "as it streams")):
        slider.fill(place)
        expect(speed).to_have_text(words)
