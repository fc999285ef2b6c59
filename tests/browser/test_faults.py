"""Nothing that happens to the server or to a file costs a person what they had on the page."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT
from tests.browser.support import (
    assert_headline,
    comes_to,
    headline,
    numbers,
    opened,
    parameter,
    photograph,
    result,
    unfold,
    upload,
)
from tests.services import free_port
from tests.serving import running_server

# A file handed to the page as the browser does when it is dropped or pasted.
HAND_OVER = """
([kind, name, type, text]) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  if (type === "text/plain") transfer.setData(type, new TextDecoder().decode(bytes));
  else transfer.items.add(new File([bytes], name, { type }));
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
    : new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
}
"""


def hand_over(page: Page, kind: str, name: str, type_: str, content: bytes) -> None:
    """Drop or paste ``content``."""
    argument: Any = [kind, name, type_, base64.b64encode(content).decode()]
    page.evaluate(HAND_OVER, argument)


def test_two_choices_within_one_frame_both_count(page: Page) -> None:
    opened(page)
    page.get_by_role("button", name="Seeded noise").click()
    page.evaluate(
        """() => {
          for (const [name, value] of [["Channels", 3], ["Rows", 6], ["Columns", 5]]) {
            const field = document.querySelector(`input[aria-label="${name}"]`);
            field.value = String(value);
            field.dispatchEvent(new Event("input", { bubbles: true }));
            field.dispatchEvent(new Event("change", { bubbles: true }));
          }
        }"""
    )
    expect(page.locator(".shapes")).to_contain_text("3×6×5")


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_a_picture_is_taken_when_dropped_or_pasted(page: Page, kind: str) -> None:
    opened(page)
    hand_over(page, kind, "photo.png", "image/png", photograph(40))
    expect(page.locator(".shapes")).to_contain_text("3×40×40")
    numbers(page)


def test_a_file_is_what_its_content_says_and_the_page_tells_the_difference(page: Page) -> None:
    """A WebP that a program saved as .jpg; the person who has it cannot declare anything."""
    opened(page)
    picture = io.BytesIO()
    Image.fromarray(np.full((12, 14, 3), 90, np.uint8)).save(picture, "WEBP")
    hand_over(page, "drop", "photo.jpg", "image/jpeg", picture.getvalue())
    expect(page.locator(".shapes")).to_contain_text("3×12×14")
    note = "Its name or type says JPEG, its content is WebP: the content was read"
    expect(page.locator("#source-title").locator("..")).to_contain_text(note)
    numbers(page)


def test_a_tiff_of_numbers_is_an_input_of_a_size_that_can_be_seen(page: Page) -> None:
    opened(page)
    values = np.linspace(-5, 900, 1100 * 200, dtype=np.float32).reshape(200, 1100)
    picture = io.BytesIO()
    Image.fromarray(values).save(picture, "TIFF")
    upload(page, "measured.tif", picture.getvalue())
    expect(page.locator(".shapes")).to_contain_text("1×23×128")
    panel = page.locator("#source-title").locator("..")
    expect(panel).to_contain_text("Its numbers are kept as they are")
    panel.get_by_label("Columns").fill("64")
    page.keyboard.press("Tab")
    expect(page.locator(".shapes")).to_contain_text("1×12×64")
    numbers(page)


def test_numbers_pasted_from_a_spreadsheet_become_the_input(page: Page) -> None:
    opened(page)
    hand_over(page, "paste", "", "text/plain", b"1\t2\t3\n4\t5\t6\n7\t8\t9\n1\t0\t1")
    page.get_by_role("dialog").get_by_role("button", name="Use").click()
    expect(page.locator(".shapes")).to_contain_text("1×4×3")
    numbers(page)


def test_a_dropped_text_file_is_refused_and_the_picture_stays(page: Page, watch: Any) -> None:
    watch.allow("415")
    opened(page)
    before = headline(page)
    hand_over(page, "drop", "notes.pdf", "application/pdf", b"%PDF-1.4")
    expect(page.get_by_role("alert")).to_contain_text("PNG")
    assert_headline(page, before)


def test_an_upload_is_deleted_from_the_server_when_a_person_says_so(page: Page, server_url: str) -> None:
    opened(page)
    upload(page, "photo.png", photograph(43))
    expect(page.locator(".shapes")).to_contain_text("3×43×43")
    page.wait_for_function("() => /image:/.test(location.hash)")
    page.reload()  # and the page still knows whose it is, and nothing more
    expect(page.get_by_text("kept until")).to_be_visible()
    (kept,) = json.loads(page.evaluate("() => localStorage.getItem('convscope.uploads')")).values()
    assert set(kept) == {"token", "expires"}
    unfold(page)
    expect(page.get_by_role("button", name="Delete upload")).to_have_attribute("title", re.compile("browser"))
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
        page.get_by_role("button", name="Delete upload").click()
    assert deleted.value.status == 204
    expect(page.locator(".shapes")).to_contain_text("1×9×9")
    expect(page.get_by_role("button", name="Delete upload")).to_be_hidden()
    assert page.request.get(deleted.value.url).status == 404
    comes_to(page, lambda: page.evaluate("() => localStorage.getItem('convscope.uploads')"), None)


def test_a_killed_server_costs_neither_setting_nor_picture(browser: Browser, tmp_path: Path) -> None:
    """Kill −9, uploads gone, another server on the same port: the page posts its picture again and goes on."""
    uploads = tmp_path / "uploads"
    environment = {**os.environ, "CONVSCOPE_UPLOADS": str(uploads)}
    command = [sys.executable, "-m", "app", "serve", "--port", str(free_port())]
    with running_server(command, cwd=ROOT, log=tmp_path / "first.log", env=environment) as first:
        page = browser.new_page(base_url=first.url)
        opened(page)
        upload(page, "photo.png", photograph(96))
        page.wait_for_function("() => document.querySelector('.shapes').textContent.includes('3×96×96')")
        numbers(page)
        before = result(page)
        first.kill()
    shutil.rmtree(uploads)
    parameter(page, "stride").fill("2")
    assert_headline(page, "…48×48")
    with running_server(command, cwd=ROOT, log=tmp_path / "second.log", env=environment):
        numbers(page)
        parameter(page, "stride").fill("1")
        numbers(page)
        assert result(page) == before
        page.close()
