"""Networks: begun from one layer, edited on the chain, looked at as a whole, and refused with the name of the layer."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from urllib.parse import quote

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.support import array, comes_to, opened, parameter, upload

PADDED = "op=convolution&kernel=3&filters=4&padding=same"
THREE = (
    f"/#v1&{PADDED}&source=noise:2x8x8"
    f"&layer={quote(PADDED, safe='')}&layer={quote('op=max_pooling&kernel=2', safe='')}&chosen=1"
)


# Examples on a picture of 131×97 in colour: the input and the last layer, and the remedy where one is needed.
OWN = {
    "Is it an X?": ("1×95×128", "2×29×40", "A convolution of 3×3"),
    "LeNet-5": ("3×32×43", "10", None),
    "A VGG block": ("3×95×128", "8×47×64", None),
    "A residual block": ("3×95×128", "4×95×128", None),
    "Depthwise separable": ("3×95×128", "8×95×128", None),
    "A small U-Net": ("3×92×124", "1×92×124", None),
    "A DCGAN generator": ("3×95×128", "1×760×1024", None),
    "A checkerboard and three cures": ("1×95×128", "4×190×256", None),
    "Any image size": ("3×95×128", "3×9×13", "A convolution of 4×4"),
}
# And on a series of 301 steps.
OWN_SERIES = {"WaveNet": ("1×301", "1×301", None), "A temporal": ("1×301", "1×301", None)}


def names(page: Page) -> list[str]:
    """The layers on the chain, the input first."""
    return page.locator(".net-words > b:first-child").all_inner_texts()


def test_a_network_is_begun_from_one_layer_and_edited_by_keys_and_is_kept_in_the_link(
    page: Page, axe: Callable[[Page], str]
) -> None:
    opened(page)
    assert page.locator(".net-chain").count() == 0
    page.get_by_role("button", name="Add a layer").click()
    page.get_by_role("dialog").get_by_role("button", name="Max pooling", exact=True).click()
    comes_to(page, lambda: names(page), ["input", "conv1", "max_pooling1"])
    last = page.get_by_role("button", name="max_pooling1, 3×4×4, sees 4×4 of the input")
    expect(last).to_have_attribute("aria-current", "true")
    expect(page.locator(".heading h2").first).to_have_text("from conv1")
    assert axe(page) == ""

    last.focus()
    page.keyboard.press("Alt+ArrowLeft")
    comes_to(page, lambda: names(page), ["input", "max_pooling1", "conv1"])
    expect(page.locator("#net-status")).to_have_text("max_pooling1 is layer 1 of 2.")
    page.wait_for_function("() => location.hash.includes('name=max_pooling1&layer=')")
    page.reload()
    comes_to(page, lambda: names(page), ["input", "max_pooling1", "conv1"])

    page.get_by_role("button", name=re.compile("^max_pooling1: rename")).click()
    page.get_by_label("Name", exact=True).fill("small")
    page.keyboard.press("Enter")
    comes_to(page, lambda: names(page), ["input", "small", "conv1"])
    page.get_by_role("button", name="small, 1×4×4, sees 2×2 of the input").focus()
    page.keyboard.press("Delete")
    expect(page.locator(".net-chain")).to_be_hidden()
    page.get_by_role("button", name="Undo").first.click()
    comes_to(page, lambda: names(page), ["input", "small", "conv1"])


def test_layers_are_moved_and_joined_by_a_hand_and_by_the_menu_of_a_card(page: Page) -> None:
    opened(page, THREE)
    card = page.locator(".net-item").filter(has=page.locator(".net-choose"))
    expect(card).to_have_count(4)
    pool = page.get_by_role("button", name=re.compile("^max_pooling1, "))
    expect(pool).to_have_accessible_name("max_pooling1, 4×4×4, sees 6×6 of the input")

    # The map of a card dragged to a later one: that reads it too, and its channels stand behind.
    card.nth(1).locator(".net-map").drag_to(card.nth(3))
    expect(pool).to_have_accessible_name("max_pooling1, 8×4×4, sees 6×6 of the input")
    page.wait_for_function(
        "() => /inputs=conv2,conv1/.test(decodeURIComponent(decodeURIComponent(location.hash)))"
    )
    page.get_by_role("button", name=re.compile("^max_pooling1: rename")).click()
    page.get_by_role("button", name="No longer read conv1").click()
    expect(pool).to_have_accessible_name("max_pooling1, 4×4×4, sees 6×6 of the input")
    page.get_by_role("button", name=re.compile("^max_pooling1: rename")).click()
    page.get_by_label("Also read from …").select_option("input")
    expect(pool).to_have_accessible_name("max_pooling1, 6×4×4, sees 6×6 of the input")
    page.get_by_role("button", name="Undo").first.click()
    expect(pool).to_have_accessible_name("max_pooling1, 4×4×4, sees 6×6 of the input")

    pool.drag_to(card.nth(1), target_position={"x": 4, "y": 20})
    comes_to(page, lambda: names(page), ["input", "max_pooling1", "conv1", "conv2"])


def test_a_refused_network_names_its_layer_and_the_last_one_stays_on_view(page: Page) -> None:
    opened(page, THREE)
    expect(page.locator(".chosen .net-words > b").first).to_have_text("conv2")
    page.get_by_role("button", name="max_pooling1, 4×4×4, sees 6×6 of the input").click()
    kernel = parameter(page, "kernel")
    kernel.fill("9")
    expect(page.locator("#banner")).to_contain_text("max_pooling1 reads conv2 (4×8×8)")
    expect(page.locator(".faulty .net-words > b").first).to_have_text("max_pooling1")
    expect(page.locator(".stage")).to_have_class(re.compile(r"\bstale\b"))
    expect(page.locator(".shapes")).to_contain_text("no output")
    kernel.fill("2")
    expect(page.locator(".faulty")).to_have_count(0)

    # A layer whose reader cannot do without it, and then an edit while the stage plays what was before.
    skip = "op=add&name=join&inputs=large,conv1"
    layers = [PADDED, "op=max_pooling&kernel=2&name=small", "op=nearest_upsampling&factor=2&name=large", skip]
    first, *others = layers
    joined = f"#v1&{first}&source=noise:2x8x8" + "".join(f"&layer={quote(one, safe='')}" for one in others)
    page.evaluate("(hash) => { location.hash = hash; }", joined)
    comes_to(page, lambda: names(page), ["input", "conv1", "small", "large", "join"])
    expect(page.locator(".faulty")).to_have_count(0)
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("button", name=re.compile("^large, ")).focus()
    page.keyboard.press("Delete")
    banner = page.locator("#banner")
    expect(banner).to_contain_text("conv1 and small, which join reads, differ in size")
    expect(page.locator(".faulty .net-words > b").first).to_have_text("join")
    expect(page.locator(".stage")).to_have_class(re.compile(r"\bstale\b"))
    expect(page.locator(".net-chain")).to_have_class(re.compile(r"\bstale\b"))
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator(".faulty")).to_have_count(0)
    expect(page.locator(".stage")).not_to_have_class(re.compile(r"\bstale\b"))

    # A cycle, and layers that explode in cost, by the names of the layers as they are.
    circle = (
        f"#v1&{PADDED}&name=a&inputs=b&source=noise:2x8x8&layer={quote(PADDED + '&name=b&inputs=a', safe='')}"
    )
    page.evaluate("(hash) => { location.hash = hash; }", circle)
    expect(banner).to_contain_text("Layer b reads a reads b: a layer cannot read what comes of itself")
    expect(page.locator(".faulty .net-words > b").first).to_have_text("b")
    grow = quote("op=transposed_convolution&kernel=8&stride=4&filters=64", safe="")
    page.evaluate(
        "(hash) => { location.hash = hash; }", f"#v1&{PADDED}&source=noise:2x8x8" + 5 * f"&layer={grow}"
    )
    expect(banner).to_contain_text("and this is transposed_conv3")
    expect(page.locator(".faulty .net-words > b").first).to_have_text("transposed_conv3")


def test_all_layers_are_looked_at_with_the_fields_of_a_cell_and_the_votes_that_add_up(
    page: Page, axe: Callable[[Page], str]
) -> None:
    opened(page)
    page.get_by_role("button", name="Examples").click()
    page.locator(".net-example", has_text="Is it an X").click()
    expect(page.locator(".net-cell")).to_have_text("map 1, row 1, col 1 of max_pooling1 = 9")
    summary = page.locator(".net-summary")
    expect(summary).to_contain_text("It depends on 25 cells of the input, rows 2–6, columns 2–6.")
    expect(summary).to_contain_text("9 · 0.3 = 2.7, 9 · −0.2 = −1.8")
    expect(page.locator(".net-arithmetic tr.on")).to_contain_text("3 + 2·1 = 5")
    assert axe(page) == ""

    page.get_by_role("button", name="Channels", exact=True).click()
    expect(summary).to_contain_text(
        "It depends on channels 1 of 2 of conv1, 1 of 2 of relu1; all channels of the others."
    )
    page.get_by_role("button", name="Field", exact=True).click()

    page.locator(".net-picture canvas").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".net-cell")).to_have_text("map 1, row 1, col 2 of max_pooling1 = 5")
    page.keyboard.press("PageUp")
    expect(page.locator(".net-cell")).to_contain_text("of relu1")
    page.keyboard.press("n")
    expect(page.locator(".stage")).to_be_visible()
    expect(page.locator(".net-verdict").last).to_have_text("X 8.1 · O −2.3")

    # A hand draws into the input while another layer is on view: a stroke is undone as one.
    page.keyboard.press("n")
    page.get_by_role("button", name="Draw", exact=True).click()
    bar = page.locator(".net-pencil").bounding_box()
    assert bar is not None
    page.mouse.move(bar["x"] + 11, bar["y"] - 8 - 8 * 23 - 11)
    page.mouse.down()
    page.mouse.move(bar["x"] + 11 + 8 * 23, bar["y"] - 8 - 8 * 23 - 11)
    page.mouse.up()
    verdict = page.locator(".net-verdict").last
    expect(verdict).not_to_have_text("X 8.1 · O −2.3")
    page.wait_for_function("() => /values/.test(location.hash)")
    page.get_by_role("button", name="Undo").first.click()
    expect(verdict).to_have_text("X 8.1 · O −2.3")
    page.wait_for_function("() => location.hash.includes('sample:cross')")

    # The picture of an O is no X.
    page.get_by_role("button", name=re.compile("^input")).click(position={"x": 9, "y": 9})
    page.evaluate("() => { location.hash = location.hash.replace('sample:cross', 'sample:ring'); }")
    verdict = page.locator(".net-verdict").last
    expect(verdict).to_have_text(re.compile(r"^X (?!8\.1).+ · O .+$"))
    x, o = (float(part.split()[1].replace("−", "-")) for part in verdict.inner_text().split(" · "))
    assert o > x


def test_a_network_stands_on_three_sizes_and_beside_the_one_that_it_was(
    page: Page, axe: Callable[[Page], str]
) -> None:
    opened(page)
    page.get_by_role("button", name="Examples").click()
    page.locator(".net-example", has_text="Any image size").click()
    page.get_by_role("button", name="Three sizes").click()
    table = page.get_by_role("region", name="The network on three sizes")
    double = table.get_by_role("row", name=re.compile("^dense1")).get_by_role("cell").last
    expect(double).to_have_text("dense1 expects 128 numbers and reads 512 numbers")
    expect(page.locator(".net-lead")).to_have_text(re.compile("^dense1 refuses 2 sizes of three"))
    page.locator(".net-beside").get_by_role("button", name=re.compile("^The mean of each map")).click()
    expect(page.locator(".net-lead")).to_have_text(
        "Every layer takes all three sizes, with the same weights."
    )
    expect(double).to_have_text("3")
    assert axe(page) == ""
    page.wait_for_function("() => /views=network,sizes/.test(location.hash)")
    page.reload()
    expect(double).to_have_text("3")

    # A is kept; B gets other layers, and both are in the link.
    page.get_by_role("button", name="Three sizes").click()
    page.keyboard.press("c")
    page.get_by_role("button", name=re.compile("^conv2, ")).click()
    parameter(page, "kernel").fill("5")
    compared = page.get_by_role("region", name="Two networks")
    expect(page.locator(".compare-title")).to_have_text(
        "Only the kernel of conv2 differs: A has 3, and B has 5."
    )
    parameters = compared.get_by_role("row", name=re.compile("^parameters"))
    expect(parameters).to_have_text(re.compile(r"996\s*1,508"))
    assert axe(page) == ""
    page.wait_for_function("() => /against=/.test(location.hash) && /kernel=5/.test(location.hash)")
    page.reload()
    expect(parameters).to_have_text(re.compile(r"996\s*1,508"))


def test_every_example_runs_on_a_picture_or_a_series_of_ones_own(page: Page) -> None:
    row, col = np.mgrid[0:97, 0:131]
    pixels = np.stack([2 * row, col, 255 * ((row - 50) ** 2 + (col - 60) ** 2 < 900)], axis=-1).astype(
        np.uint8
    )
    photograph = io.BytesIO()
    Image.fromarray(pixels).save(photograph, "PNG")
    steps = array(np.sin(np.arange(301) / 7).astype(np.float32))
    opened(page)
    for title, (taken, given, remedy) in (OWN | OWN_SERIES).items():
        page.get_by_role("button", name="Examples").click()
        page.locator(".net-example", has_text=title).first.click()
        if title in OWN:
            upload(page, "own.png", photograph.getvalue())
        else:
            upload(page, "own.npy", steps)
        if remedy:
            page.locator("#banner").get_by_role("button", name=re.compile(f"^{remedy}")).click()
        chain = page.locator(".net-choose")
        expect(chain.first).to_have_accessible_name(re.compile(f"^input, {taken}"))
        expect(chain.last).to_have_accessible_name(re.compile(f", {given}(,|$)"))
        expect(page.locator(".net-cell")).to_have_text(re.compile(r" = −?\d*\.?\d"))
        expect(page.locator("#banner")).not_to_have_class(re.compile("shown"))
        if title == "A small U-Net":  # its last layer, which is chosen, is in sight on the chain too
            page.keyboard.press("n")
            expect(page.locator(".stage")).to_be_visible()
            expect(page.locator(".net-item.chosen")).to_be_in_viewport()
