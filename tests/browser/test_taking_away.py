"""Files that a person takes away from the page: the classics, a figure, an animation, a video."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from app.figures.content.gallery import GALLERY
from tests.browser.support import assert_headline, opened, share

ALT = re.compile("[Mm]ax")
SMALL = "#v1&op=max_pooling&kernel=3&source=sample:grid&step=0"


def exporting(page: Page) -> Locator:
    page.goto(f"/{SMALL}")
    page.wait_for_selector("html[data-ready=true]")
    share(page, "Figure…")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("img.figure")).to_have_attribute("alt", ALT)
    return dialog


def saved(page: Page, dialog: Locator) -> bytes:
    with page.expect_download() as started:
        dialog.get_by_role("button", name="Save").click()
    return Path(started.value.path()).read_bytes()


def test_the_classics_are_drawn_as_they_come_into_view_and_open_on_the_stage(
    page: Page, axe: Callable[[Page], str]
) -> None:
    opened(page)
    page.get_by_role("button", name="Examples").click()
    dialog = page.get_by_role("dialog")
    cards = dialog.locator(".gallery li")
    expect(cards).to_have_count(len(GALLERY))
    cards.first.scroll_into_view_if_needed()
    expect(dialog.locator("img[src]").first).to_be_visible()
    assert dialog.locator("img[src]").count() < len(GALLERY)
    assert axe(page) == ""
    cards.last.scroll_into_view_if_needed()
    expect(cards.last.locator("img[src]")).to_be_visible()
    dialog.get_by_role("button", name="Open Padding and stride with their numbers").click()
    expect(dialog).to_have_count(0)
    page.wait_for_function("() => document.querySelector('.result b')?.textContent === '8'")
    assert_headline(page, "…1×3×3")
    page.get_by_role("button", name="Undo").first.click()
    page.wait_for_function("() => document.querySelector('.shapes').textContent.includes('9×9')")


def test_a_classic_is_exported_as_the_gallery_has_it(page: Page) -> None:
    opened(page)
    page.get_by_role("button", name="Examples").click()
    page.get_by_role("button", name="Export No padding, no strides", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Layout")).to_have_value("classic")
    expect(dialog.locator("img.figure")).to_be_visible()
    assert b"<svg" in saved(page, dialog)[:300]


def test_an_animation_tells_its_progress_and_is_saved_with_its_words(page: Page) -> None:
    dialog = exporting(page)
    dialog.get_by_label("What").select_option("animation")
    dialog.get_by_label("Steps a second").fill("10")
    dialog.get_by_label("Steps a second").press("Tab")
    file = Image.open(io.BytesIO(saved(page, dialog)))
    assert file.format == "GIF"
    assert getattr(file, "n_frames", 1) == 4
    dialog.get_by_text("Caption, alternative text and BibTeX").click()
    field = dialog.locator(".figure-words textarea")
    expect(field).to_have_value(ALT)
    dialog.get_by_label("Words").select_option("bibtex")
    expect(field).to_have_value(re.compile("^@misc{"))


def test_a_film_strip_and_an_exact_width(page: Page) -> None:
    dialog = exporting(page)
    dialog.get_by_label("What").select_option("strip")
    dialog.get_by_label("Format").select_option("png")
    dialog.get_by_label("Width, mm").fill("100")
    dialog.get_by_label("Width, mm").press("Tab")
    dialog.get_by_label("Pixels per inch").fill("254")
    dialog.get_by_label("Pixels per inch").press("Tab")
    assert Image.open(io.BytesIO(saved(page, dialog))).width == pytest.approx(1000, abs=2)


PLAYED = """async (coded) => {
  const bytes = Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0));
  const video = document.createElement("video");
  video.src = URL.createObjectURL(new Blob([bytes], { type: "video/webm" }));
  video.muted = true;
  await new Promise((done, failed) => { video.onloadeddata = done; video.onerror = failed; });
  video.playbackRate = 4;
  await video.play();
  await new Promise((done) => { video.onended = done; });
  return [video.videoWidth, video.videoHeight, video.currentTime];
}"""


def test_a_video_is_recorded_and_plays(page: Page) -> None:
    dialog = exporting(page)
    dialog.get_by_label("What").select_option("animation")
    dialog.get_by_label("Format").select_option("webm")
    for label, value in (("Steps a second", "20"), ("Pixels per inch", "60"), ("Width, mm", "100")):
        dialog.get_by_label(label).fill(value)
        dialog.get_by_label(label).press("Tab")
    file = saved(page, dialog)
    assert file[:4] == bytes.fromhex("1a45dfa3")
    width, height, played_s = page.evaluate(PLAYED, base64.b64encode(file).decode())
    assert abs(width - 236) <= 2
    assert height > 50
    assert played_s > 1


def test_an_export_can_be_cancelled_and_another_begun(page: Page) -> None:
    dialog = exporting(page)
    held: list[Route] = []

    def hold(route: Route) -> None:
        """The picture of the dialog comes when all is over; the file that is saved tells its progress."""
        if "ndjson" in route.request.headers["accept"]:
            route.continue_()
        else:
            held.append(route)

    page.route("**/api/v1/figure", hold)
    dialog.get_by_label("What").select_option("animation")
    dialog.get_by_label("Format").select_option("webm")
    dialog.get_by_label("Steps a second").fill("1")
    dialog.get_by_label("Steps a second").press("Tab")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("progressbar")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog.get_by_role("status")).to_contain_text("nothing was saved")
    expect(dialog.get_by_role("progressbar")).to_be_hidden()
    picture = dialog.locator("img.figure")
    before = str(picture.get_attribute("src"))
    for route in held:
        route.continue_()
    held.clear()
    expect(picture).not_to_have_attribute("src", before)
    expect(dialog.get_by_role("status")).to_contain_text("nothing was saved")
    page.unroute("**/api/v1/figure")
    dialog.get_by_label("What").select_option("step")
    expect(dialog.get_by_role("button", name="Save")).to_be_enabled()
