"""The training room: a network of the page learns before one's eyes, and its time can be moved through."""

from __future__ import annotations

import base64
import io
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.support import comes_to, opened
from tests.browser.watch import Watch


def room(page: Page) -> None:
    """The room, with the examples of its set."""
    opened(page)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator(".tr-example")).to_have_count(8)


def step(page: Page) -> int:
    """The training step on view."""
    return int(page.locator(".tr-transport .place b").first.inner_text())


def ended(page: Page, steps: int = 600) -> None:
    """The training has come to its end, and its last step is on view."""
    comes_to(page, lambda: step(page), steps)
    expect(page.locator(".primary.tr-train")).to_have_text("Train anew")


def pixels(page: Page, name: str) -> str:
    """A picture as it is painted."""
    found: str = page.locator(name).first.evaluate("(canvas) => canvas.toDataURL()")
    return found


def test_a_network_learns_x_or_o_and_its_time_is_moved_through(
    page: Page, axe: Callable[[Page], str]
) -> None:
    room(page)
    expect(page.locator(".tr-votes .output")).to_contain_text(re.compile(r"\d"))  # of random filters
    page.get_by_role("slider", name="Batch").press("ArrowRight")
    expect(page.get_by_label("Batch, as a number")).to_have_value("21")
    expect(page.locator(".primary.tr-train")).to_have_text("Train")
    assert step(page) == 0
    dropout = page.get_by_label("Dropout, as a number")
    page.locator(".tr-beat.forward").click()
    for rate in ("0.5", "0"):
        dropout.fill(rate)
        page.keyboard.press("Tab")
        expect(page.get_by_text("multiplies the others by 1/(1 − 0.5) = 2")).to_have_count(int(rate != "0"))
    page.locator(".tr-beat.forward").click()
    page.locator(".primary.tr-train").click()
    comes_to(page, lambda: step(page) > 0, True)
    before = pixels(page, ".tr-filter.now")
    ended(page)
    trained = pixels(page, ".tr-filter.now")
    assert trained != before
    expect(page.locator(".tr-curve polyline.tr-validation")).to_have_attribute("points", re.compile(r"\d"))
    counts = [int(one) for one in page.locator(".tr-table button").all_inner_texts()]
    assert sum(counts) == 400
    assert counts[0] + counts[3] >= 340
    page.locator(".tr-table button").first.click()
    expect(page.get_by_text(f"{counts[0]} examples of X that it calls X")).to_be_visible()
    expect(page.locator(".tr-mistake:visible").first).to_contain_text("X, says X")
    page.locator(".tr-table button").first.click()
    expect(page.locator(".tr-votes .output")).to_contain_text("O")
    page.locator(".tr-beat.backward").click()
    expect(page.locator(".tr-terms")).to_contain_text("Row 0, col 0:")
    assert axe(page) == ""
    page.locator(".tr-beat.backward").click()
    page.get_by_role("button", name="Back to the start").click()
    comes_to(page, lambda: step(page), 0)
    start = pixels(page, ".tr-filter.now")
    assert start not in (trained, before)
    page.keyboard.press("ArrowRight")
    comes_to(page, lambda: step(page), 1)
    page.keyboard.press("End")
    comes_to(page, lambda: pixels(page, ".tr-filter.now"), trained)
    votes = votes_of(page.locator(".tr-votes").inner_text())
    page.get_by_role("button", name="Show it on the stage").click()
    expect(page.locator("#stage")).to_be_visible()
    card = page.locator(".net-card", has_text="dense")
    comes_to(page, lambda: votes_of(card.inner_text()) == pytest.approx(votes, abs=0.1), True)


def votes_of(text: str) -> list[float]:
    """The last two numbers of a text."""
    return [float(one.replace("−", "-")) for one in re.findall(r"[−-]?\d+(?:\.\d+)?", text)[-2:]]


def test_the_network_on_view_is_trained_and_comes_back_by_link_and_by_file(
    page: Page, tmp_path: Path
) -> None:
    room(page)
    page.get_by_role("button", name="Train the network on view").click()
    expect(page.locator(".tr-network .tr-note")).to_contain_text("behind them a dense layer of 2 filters")
    ended(page)
    page.get_by_role("button", name="Back to the start").click()
    page.keyboard.press("ArrowRight")
    comes_to(page, lambda: step(page), 1)
    comes_to(page, lambda: "%22at%22:1" in page.url, True)
    first, address = pixels(page, ".tr-filter.now"), page.url
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    download.value.save_as(tmp_path / "experiment.json")
    page.get_by_role("button", name="Code: Experiment 1").click()
    code, program = page.get_by_role("dialog"), page.locator("dialog textarea.code")
    expect(program).to_have_value(re.compile("torch.optim.Adam"))
    with page.expect_download() as download:
        code.get_by_role("button", name="Save experiment.npz").click()
    download.value.save_as(tmp_path / "experiment.npz")
    loaded = set(re.findall(r'data\["([\w.]+)"\]', program.input_value()))
    assert {"order", "losses", "start.conv1.weight"} < loaded <= set(np.load(tmp_path / "experiment.npz"))
    code.get_by_label("Framework").select_option("keras")
    expect(program).to_have_value(re.compile("keras.optimizers.Adam"))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Code…").click()
    expect(program).to_have_value(re.compile("torch.optim.Adam"))
    page.keyboard.press("Escape")
    page.goto("about:blank")
    page.goto(address)
    comes_to(page, lambda: page.locator(".tr-transport .place b").first.inner_text(timeout=30_000), "1")
    comes_to(page, lambda: pixels(page, ".tr-filter.now"), first)
    page.locator("input.tr-file").set_input_files(tmp_path / "experiment.json")
    expect(page.locator(".tr-runs tbody tr")).to_have_count(2)
    ended(page)


def test_training_outlives_its_socket_and_a_change_branches_it(page: Page, watch: Watch) -> None:
    watch.allow("CLOSING")
    page.add_init_script(
        """(() => {
          const Own = WebSocket;
          window.sockets = [];
          window.WebSocket = class extends Own {
            constructor(...given) {
              super(...given);
              window.sockets.push(this);
            }
          };
        })()"""
    )
    room(page)
    page.locator(".tr-column").get_by_label("Steps", exact=True).fill("120")
    page.keyboard.press("Tab")
    page.locator(".primary.tr-train").click()
    ended(page, 120)
    comes_to(page, lambda: page.locator(".tr-runs tbody tr").count(), 1)
    trained = pixels(page, ".tr-filter.now")
    page.locator(".tr-transport .speed button", has_text="10", has_not_text="100").click()
    page.locator(".primary.tr-train").click()
    comes_to(page, lambda: 10 < step(page) < 120, True)
    page.evaluate("() => window.sockets.forEach((one) => one.close())")
    page.locator(".tr-transport .speed button", has_text="max").click()
    ended(page, 120)
    assert page.evaluate("() => window.sockets.length") >= 3
    comes_to(page, lambda: pixels(page, ".tr-filter.now"), trained)
    page.locator(".tr-transport .scrub").fill("60")
    comes_to(page, lambda: step(page), 60)
    page.get_by_label("Batch, as a number").fill("5")
    page.keyboard.press("Tab")
    expect(page.locator(".tr-runs tbody tr").last.locator("td").nth(2)).to_have_text("60")
    ended(page, 120)
    expect(page.locator(".tr-curve .tr-branch")).to_have_count(1)
    expect(page.locator(".tr-curve polyline.left")).to_have_count(1)
    comes_to(page, lambda: pixels(page, ".tr-filter.now") != trained, True)


def opens(page: Page, experiment: Any) -> None:
    """Open an experiment from a file."""
    file = {"name": "own.json", "mimeType": "application/json", "buffer": json.dumps(experiment).encode()}
    page.locator("input.tr-file").set_input_files(file)  # type: ignore[arg-type]


def own(page: Page, examples: list[tuple[str, Any]]) -> dict[str, Any]:
    """Examples of a person's own, kept on the server."""
    given = [{"label": name, "source": {"kind": "values", "values": values}} for name, values in examples]
    kept = page.request.post("/api/v1/data", data={"examples": given}).json()
    return {"kind": "stored", "id": kept["id"], "share": 0, "wrong": 0}


DENSE = {"operation": "dense", "name": "votes", "filters": 2}
HOSTILE = base64.b64encode((10**6).to_bytes(8, "little") + b"{").decode()


def test_training_that_fails_says_why_and_nothing_is_lost(page: Page, watch: Watch) -> None:
    watch.allow("404")
    watch.allow("422")
    gone = {"data": {"kind": "stored", "id": "0" * 64, "share": 0, "wrong": 0}}
    page.goto(f"/#v1&op=convolution&views=train&experiment={quote(json.dumps(gone))}")
    banner = page.locator(".tr-banner.shown")
    expect(banner).to_contain_text("does not have these examples any more")
    page.locator(".tr-change", has_text="change").click()
    page.get_by_label("Set", exact=True).select_option("strokes")
    expect(page.locator(".tr-example")).to_have_count(8)
    expect(banner).to_have_count(0)
    rate = page.get_by_label("Rate, as a number")
    for count, (value, words) in enumerate(
        (("1000000000", "each step (goes|went) too far"), ("10", "(too far|says|give nothing but 0)")), 1
    ):
        rate.fill(value)
        page.keyboard.press("Tab")
        page.locator(".tr-settings").get_by_label("Seed", exact=True).fill(value[:3])
        page.keyboard.press("Tab")
        page.locator(".primary.tr-train").click()
        expect(page.locator(".tr-runs tbody tr")).to_have_count(count)
        expect(page.locator(".primary.tr-train")).to_have_text("Train anew")
        expect(page.locator(".tr-sentence").first).to_have_text(re.compile(words))
    steps = page.locator(".tr-column").get_by_label("Steps", exact=True)
    steps.fill("1000000000")
    page.keyboard.press("Tab")
    expect(steps).to_have_value("600")
    before, trained = step(page), pixels(page, ".tr-filter.now")
    usual: dict[str, Any] = {"layers": [DENSE], "data": {"kind": "strokes"}, "optimiser": {"rate": 0.01}}
    for changes, words in (
        (
            {"data": own(page, [("a", [[1, 2]]), ("a", [[1, 3]])])},
            "all examples to train on are of one class",
        ),
        ({"data": own(page, [("a", [[1, 2]])])}, "there is 1 example to train on"),
        ({"data": own(page, [("a", [[1, 2]]), ("b", [["NaN", 3]])])}, "a number that is not finite"),
        ({"layers": [{**DENSE, "filters": 3}]}, "Let it end with a dense layer of 2 filters"),
        ({"steps": 10**9}, "steps = 1000000000: input should be less than or equal to 100000"),
        ({"layers": [None]}, "this must be an object"),
        ({"changes": 5}, "this must be a list"),
        (
            {"weights": {"*": {"kind": "stored", "id": "a" * 64}}, "bundles": {"a" * 64: HOSTILE}},
            "this is no bundle that can be read",
        ),
        ({"layers": 1}, "this file holds no experiment"),
    ):
        opens(page, {**usual, **changes})
        expect(banner).to_contain_text(words)
        assert (step(page), pixels(page, ".tr-filter.now")) == (before, trained)
    expect(page.locator(".tr-runs tbody tr")).to_have_count(2)
    opens(page, {**usual, "steps": 20})
    ended(page, 20)
    expect(banner).to_have_count(0)
    page.get_by_role("button", name="Compare: Experiment 1").click()
    expect(page.locator(".tr-curve polyline.compared")).to_have_count(1)


def stroke(page: Page, pad: Locator, points: list[tuple[float, float]]) -> None:
    """A stroke through points of a pad, as shares of its sides."""
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*at[0])
    page.mouse.down()
    for x, y in at[1:]:
        page.mouse.move(x, y, steps=3)
    page.mouse.up()


# One stroke each: a slow machine may take longer between two strokes than a drawing is waited for.
CROSS = [[(0.2, 0.2), (0.8, 0.8), (0.5, 0.5), (0.8, 0.2), (0.2, 0.8)]]
RING = [[(0.5 + 0.3 * math.cos(turn / 2), 0.5 + 0.3 * math.sin(turn / 2)) for turn in range(14)]]


@pytest.mark.context(viewport={"width": 390, "height": 844})
def test_a_person_teaches_it_their_own_drawings_on_a_phone(page: Page, axe: Callable[[Page], str]) -> None:
    room(page)
    page.set_viewport_size({"width": 320, "height": 640})
    expect(page.locator(".tr-filter.now").first).to_be_visible()
    comes_to(page, lambda: page.evaluate("() => document.documentElement.scrollWidth"), 320)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Teach it your own").click()
    pads, counts = page.locator(".tr-pads canvas"), page.locator(".tr-count")
    for count in (1, 2):
        for place, drawing in enumerate((CROSS, RING)):
            for points in drawing:
                stroke(page, pads.nth(place), points)
            expect(counts.nth(place)).to_have_text(str(count))
    picture = io.BytesIO()
    Image.fromarray(
        np.where(np.eye(60, dtype=bool) | np.eye(60, dtype=bool)[:, ::-1], 0, 255).astype("uint8")
    ).save(picture, "PNG")
    own_files: Any = [
        {"name": "x.png", "mimeType": "image/png", "buffer": picture.getvalue()},
        {"name": "words.png", "mimeType": "image/png", "buffer": b"no picture"},
    ]
    page.get_by_label("Pictures of X").set_input_files(own_files)
    expect(counts.first).to_have_text("3")
    expect(page.locator(".tr-teach-note")).to_contain_text("words.png: no picture")
    assert axe(page) == ""
    page.get_by_role("button", name="Train on my drawings").click()
    comes_to(page, lambda: step(page), 300)
    page.get_by_role("button", name="Teach it your own").click()
    expect(page.locator(".tr-variants canvas")).to_have_count(8)
    for points in CROSS:
        stroke(page, page.locator(".tr-try canvas"), points)
    expect(page.locator(".tr-new-votes")).to_contain_text("It says X:")
