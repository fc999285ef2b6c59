"""A link carries everything: large values, uploads and their end, playing, and what to say when it is broken."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import APIResponse, Page, expect

from tests.browser.support import array, drawn, numbers, opened, photograph, result, share, upload
from tests.browser.watch import Watch
from tests.serving import Server

# All that the status line says from now on: what it says of a link may be followed at once by what it says of a step.
LISTEN = """() => {
  const said = [];
  const line = document.querySelector("#status");
  const note = () => said.push(line.textContent);
  new MutationObserver(note).observe(line, { childList: true, characterData: true, subtree: true });
  return said;
}"""


def linked(page: Page) -> tuple[str, str]:
    """The fragment after copying the link, and what was said of it."""
    numbers(page)
    said = page.evaluate_handle(LISTEN)
    share(page, "Copy the link")
    script = "(said) => said.find((words) => /Link copied|holds everything/.test(words))"
    words = page.wait_for_function(script, arg=said).json_value()
    return str(page.evaluate("() => location.hash")), str(words)


def started(page: Page, fragment: str) -> None:
    page.goto("about:blank")
    page.goto(f"/{fragment}")
    page.wait_for_selector("html[data-ready=true]")


def test_values_too_large_for_a_link_are_kept_and_the_link_says_until_when(page: Page) -> None:
    values = np.round(np.random.default_rng(3).normal(size=(48, 60)), 3)
    opened(page)
    page.locator("body").evaluate(
        "(body, text) => { const data = new DataTransfer(); data.setData('text/plain', text);"
        " body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true })) }",
        "\n".join(" ".join(map(str, row)) for row in values.tolist()),
    )
    page.get_by_role("button", name="Use these values", exact=True).click()
    page.wait_for_function("() => document.querySelector('.shapes').textContent.includes('48')")
    page.wait_for_selector("html[data-ready=true]")
    fragment, words = linked(page)
    assert len(fragment) < 8192
    assert re.search(r"&source=image:[0-9a-f]{64}&.*&kept=20\d\d-\d\d-\d\d$", fragment)
    assert "keeps until" in words
    shown = result(page)
    started(page, fragment)
    expect(page.locator(".controls")).to_contain_text("kept until")
    assert result(page) == shown


def test_a_link_whose_upload_is_gone_explains_itself_and_the_same_file_brings_it_back(
    page: Page, watch: Watch, server: Server
) -> None:
    watch.allow("404")
    values = np.arange(36, dtype=np.float32).reshape(6, 6) / 7
    opened(page)
    upload(page, "values.npy", array(values))
    page.wait_for_function("() => document.querySelector('.shapes').textContent.includes('6×6')")
    fragment = re.sub("kept=[^&]+", "kept=2025-01-31", re.sub(r"&step=\d+", "&step=5", linked(page)[0]))
    for kept in (server.log.parent / "uploads").glob("*.npy"):
        kept.unlink()
    # Asked for otherwise than before, since a server remembers what it has just worked out.
    fragment = re.sub("(source=image:[0-9a-f]{64})", r"\1;scale=0-255", fragment)
    page.goto("about:blank")
    page.goto(f"/{fragment}")
    banner = page.locator("#banner")
    expect(banner).to_contain_text("kept until 31 January 2025")
    expect(banner).to_contain_text("Upload the same file")
    upload(page, "values.npy", array(values))
    page.wait_for_selector("html[data-ready=true]")
    expect(banner).not_to_have_class(re.compile("shown"))
    expect(page.locator("#status")).to_contain_text("Step 6 of")


def test_a_broken_link_opens_with_an_explanation(page: Page) -> None:
    for fragment, words in (
        ("#v1&op=convolution&kernel=3.5", "Kernel 3.5: this must be a whole number"),
        ("#v9&op=convolution", "this page reads links that begin with v1"),
        ("#v1&op=spiral", "no operation has this name"),
        ("#v1&op=convolution&orbit=3", "This page does not know orbit"),
        (
            "#v1&op=convolution&source=sample:nosuch;size=20",
            "Input sample:nosuch;size=20: no sample has this name",
        ),
    ):
        started(page, fragment)
        expect(page.locator("#banner")).to_contain_text(words)
        assert result(page) is not None


def test_a_link_opens_however_it_was_carried(page: Page) -> None:
    for fragment in (
        "#v1%26op%3Dmax_pooling%26kernel%3D4%26source%3Dsample%3Across",
        "#%23v1%2526op%253Dmax_pooling%2526kernel%253D4%2526source%253Dsample%253Across",
        "##v1&op=max_pooling&kernel=4&source=sample:cross",
        "#V1&OP=MAX_POOLING&KERNEL=4&SOURCE=SAMPLE:CROSS",
        "#v1&amp;op=max_pooling&amp;kernel=4&amp;source=sample:cross",
    ):
        started(page, fragment)
        expect(page.locator(".shapes")).to_contain_text("max pooling 4×4")
        expect(page.locator("#banner")).not_to_have_class(re.compile("shown"))


def test_a_fragment_that_is_no_link_opens_nothing_and_says_so(page: Page) -> None:
    banner = page.locator("#banner")
    for fragment in ("#stage", "#%", "#op=max_pooling", "#v2&op=max_pooling", "#v1&op=spiral"):
        started(page, fragment)
        expect(banner).to_contain_text("The layer on view does not come from the link.")
        expect(page.locator("#stage")).not_to_have_class(re.compile("stale"))
        page.evaluate("() => { location.hash = '#v1&op=max_pooling&kernel=2' }")
        expect(page.locator(".shapes")).to_contain_text("max pooling 2×2")
        expect(banner).not_to_have_class(re.compile("shown"))
        page.evaluate("(fragment) => { location.hash = fragment }", fragment)
        expect(banner).to_contain_text("The layer on view does not come from the link.")
        expect(page.locator(".shapes")).to_contain_text("max pooling 2×2")


def test_unreadable_parts_of_a_link_are_left_out_and_the_rest_opens(page: Page) -> None:
    started(page, "#v1&op=max_pooling&kernel=4&stride=x&source=sample:scene,64&step=3&theme=pink")
    expect(page.locator(".shapes")).to_contain_text("max pooling 4×4")
    expect(page.locator("#status")).to_contain_text("Step 4 of")
    for words in (
        "Stride x: this must be a whole number",
        "Input sample:scene,64",
        "Theme pink",
        "All else is as the link says",
    ):
        expect(page.locator("#banner")).to_contain_text(words)


def test_a_link_that_does_not_fit_shows_its_own_layer_and_a_way_out(page: Page) -> None:
    started(page, "#v1&op=max_pooling&kernel=99&stride=3&source=noise:2x12x12;seed=1")
    expect(page.locator(".shapes")).to_contain_text("2×12×12")
    expect(page.locator(".shapes")).to_contain_text("max pooling 99×99, stride 3")
    expect(page.locator(".shapes")).to_contain_text("no output")
    expect(page.locator("#banner")).to_contain_text("Kernel 99:")
    expect(page.locator("[data-parameter=kernel] input.number")).to_have_value("99")
    page.locator("#banner").get_by_role("button", name="Use kernel 12").click()
    expect(page.locator(".shapes")).to_contain_text("max pooling 12×12")
    expect(page.locator("#banner")).not_to_have_class(re.compile("shown"))


def test_a_link_to_an_upload_that_is_gone_dims_no_other_layer(page: Page, watch: Watch) -> None:
    watch.allow("404")
    opened(page)
    page.evaluate("(id) => { location.hash = `#v1&op=unfold&source=image:${id}` }", "0" * 64)
    expect(page.locator("#banner")).to_contain_text("no longer has them")
    expect(page.locator("#stage")).not_to_have_class(re.compile("stale"))
    for part in ("#canvas", ".shapes", "#readout", "#waiting"):
        expect(page.locator(part)).not_to_be_visible()
    page.evaluate("() => { location.hash = '#v1&op=convolution&filters=2&source=sample:cross' }")
    expect(page.locator("#canvas")).to_be_visible()
    assert result(page) is not None


PLAYING = "#v1&op=convolution&source=sample:cross&step=3&speed=20&playing=true"


def test_a_link_can_play(page: Page) -> None:
    started(page, PLAYING.replace("speed=20", "speed=1"))  # for longer than anybody needs to look
    expect(page.get_by_role("button", name="Pause").first).to_be_visible()


@pytest.mark.context(reduced_motion="reduce")
def test_a_link_does_not_play_where_motion_is_reduced(page: Page) -> None:
    started(page, PLAYING)
    drawn(page, 12)  # at 20 steps a second it would have moved
    expect(page.get_by_role("button", name="Play").first).to_be_visible()
    assert "step=3" in page.evaluate("() => location.hash")


def test_a_side_whose_upload_is_gone_is_tried_again_when_it_is_back(page: Page, watch: Watch) -> None:
    watch.allow("404")

    def post() -> APIResponse:
        headers = {"Content-Type": "image/png"}
        return page.request.post("/api/v1/images", data=photograph(41), headers=headers)

    stored = post().json()
    place = f"/api/v1/images/{stored['id']}"
    page.request.delete(place, headers={"Delete-Token": stored["delete_token"]})
    page.goto(f"/#v1&op=max_pooling&kernel=2&against=op=max_pooling%26source=image:{stored['id']}")
    again = page.locator(".compare").get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    post()
    again.click()
    expect(page.locator(".compare-side").first).to_contain_text("3×41×41")
    expect(again).to_be_hidden()


def test_a_link_opens_the_views_that_were_open(page: Page) -> None:
    page.goto("/#v1&op=convolution&filters=2&views=volumes,projector")
    sheet = page.locator("dialog.volumes-sheet")
    expect(sheet).to_be_visible()
    expect(page.locator("html.projector")).to_be_attached()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.wait_for_function("() => /views=projector(&|$)/.test(location.hash)")


@pytest.mark.context(permissions=["clipboard-read", "clipboard-write"])
def test_a_short_link_is_copied_with_its_preview_and_opens_what_was_shown(page: Page) -> None:
    started(page, "#v1&op=max_pooling&kernel=2&source=sample:cross&step=3")
    share(page, "Short link…")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("status")).to_have_text("Copied.")
    expect(dialog).to_contain_text("This server keeps the short link until")
    address = str(page.evaluate("() => navigator.clipboard.readText()"))
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/s/[0-9a-f]{16}", address)
    preview = dialog.get_by_role("img", name="The picture that goes with the link")
    expect(preview).to_have_js_property("naturalWidth", 1200)
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("html[data-ready=true]")
    assert page.evaluate("() => location.pathname") == "/"
    expect(page.locator("#transport")).to_contain_text("step 4 of 16")
    assert "op=max_pooling" in page.evaluate("() => location.hash")
