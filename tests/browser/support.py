"""What the browser tests of the page share: how a person reads and sets it."""

from __future__ import annotations

import io
import re

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page

FACTOR = re.compile(r"^(.*)·(−?[^·]+)$")


def opened(page: Page) -> None:
    """The page, with the numbers of its first setting."""
    page.goto("/")
    page.wait_for_function("() => document.querySelector('.result b') !== null")


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
    """Shapes and filters, as the header says them."""
    page.wait_for_timeout(60)
    return " ▸ ".join(page.locator(".shapes b").all_inner_texts())


def parameter(page: Page, name: str) -> Locator:
    """The number field of a parameter."""
    return page.locator(f"[data-parameter={name}] input[type=number]").first


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
