"""Exported SVGs in a browser: in the page under its policy, and with the font that they carry."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import Page

from app.figures.content.gallery import GALLERY
from app.figures.drawing import font
from tests.python.figures.figures import drawn

SHOWN = """async (body) => {
  const answer = await fetch("/api/v1/figure", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const image = new Image();
  image.src = URL.createObjectURL(await answer.blob());
  await image.decode();
  return [image.naturalWidth, image.naturalHeight];
}"""


def test_the_page_can_show_an_exported_figure(page: Page) -> None:
    page.goto("/")
    for form in ("svg", "png", "gif", "webp", "apng"):
        body = {**GALLERY[0].request(), "format": form, "dpi": 96.0, "steps": None}
        width, height = page.evaluate(SHOWN, body)
        assert width == pytest.approx(160 / 25.4 * 96, abs=1), form
        assert height > 100, form


def test_text_is_set_in_the_font_that_the_file_carries(page: Page) -> None:
    """Under a name that no machine has, so that an installed DejaVu cannot stand in."""
    file = drawn(GALLERY[0].request()).decode().replace(font.NAME, "Carried With The File")
    page.goto("data:image/svg+xml;base64," + base64.b64encode(file.encode()).decode())
    page.wait_for_function("() => [...document.fonts].every((face) => face.status === 'loaded')")
    assert page.evaluate("() => document.fonts.size") == 1
    lengths = page.evaluate(
        "() => [...document.querySelectorAll('text')].map((line) => [line.textContent, "
        "parseFloat(line.getAttribute('font-size')), line.getComputedTextLength()])"
    )
    assert len(lengths) > 40
    for text, size, length in lengths:
        assert length == pytest.approx(font.width(text, size), rel=0.02), text
