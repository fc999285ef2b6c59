"""A model file that is dropped on the page: the chain builds itself, with the file's weights, and notes are told."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import numpy as np
from playwright.sync_api import Page, expect

from app.data.bundle import Bundle, safetensors_bytes
from tests.browser.support import comes_to, opened
from tests.browser.watch import Watch

from ..python.code.models_of_onnx import lenet

CODE = b"""
import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3)
        self.norm = nn.GroupNorm(2, 4)
        self.conv2 = nn.Conv2d(4, 2, 3)
    def forward(self, x):
        return self.conv2(self.norm(self.conv1(x)).relu())
"""

LONG = b"""
import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.body = nn.Sequential(*[nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.Tanh()) for _ in range(32)])
        self.out = nn.Conv2d(4, 2, 1)
    def forward(self, x):
        return self.out(self.body(self.stem(x)))
"""


def drop(page: Page, name: str, content: bytes) -> None:
    page.evaluate(
        """([name, content]) => {
            const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
            const files = new DataTransfer();
            files.items.add(new File([bytes], name));
            const event = new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true });
            document.body.dispatchEvent(event);
        }""",
        [name, base64.b64encode(content).decode()],
    )


def names(page: Page) -> list[str]:
    return page.locator(".net-words > b:first-child").all_inner_texts()


def test_dropped_models_build_the_chain_and_dropped_weights_go_to_their_layers(
    page: Page, watch: Watch
) -> None:
    opened(page)
    drop(page, "model.onnx", lenet().SerializeToString())
    comes_to(
        page,
        lambda: [one for one in names(page) if one[:2] in ("co", "fc")],
        ["conv1", "conv2", "fc1", "fc2"],
    )

    # Its filters are pictures, one click away; a click on one puts it on the stage.
    page.get_by_role("button", name="Filters", exact=True).click()
    filters = page.get_by_role("dialog", name="Filters of conv1")
    expect(filters).to_contain_text("6 filters, in grey")
    expect(filters.locator("button canvas")).to_have_count(6)
    filters.get_by_role("button", name="Filter 3 of 6").click()
    expect(page.locator(".net-card:has([aria-current]) b").first).to_have_text("conv1")

    # A text file of one line a class names the numbers of the last layer; another number of lines is refused.
    classes = "".join(f"the digit {digit}\n" for digit in range(10))
    drop(page, "classes.txt", classes.replace("the digit 9\n", "").encode())
    dialog = page.get_by_role("dialog", name="classes.txt")
    expect(dialog).to_contain_text("It has 9 lines; n_y, the last layer, gives 10 numbers.")
    dialog.get_by_role("button", name="Close").last.click()
    drop(page, "classes.txt", classes.encode())
    expect(page.get_by_role("dialog", name="classes.txt")).to_contain_text("from the digit 0 to the digit 9")
    page.get_by_role("dialog", name="classes.txt").get_by_role("button", name="Close").last.click()
    card = page.get_by_role("button", name=re.compile(r"^fc2, 10.*: the digit \d ", re.DOTALL))
    expect(card).to_be_visible()
    page.reload()
    expect(card).to_be_visible()

    drop(page, "model.py", CODE)
    dialog = page.get_by_role("dialog", name="model.py")
    expect(dialog).to_contain_text("GroupNorm on line 7 is not understood and passed through")
    dialog.get_by_role("button", name="Close").last.click()
    comes_to(page, lambda: names(page)[:4], ["input", "conv1", "norm", "activation1"])
    weight = np.full((4, 1, 3, 3), 0.25, np.float32)
    drop(page, "w.safetensors", safetensors_bytes(Bundle({"conv1.weight": weight, "other.weight": weight})))
    dialog = page.get_by_role("dialog", name="w.safetensors")
    expect(dialog).to_contain_text("1 tensor of the file fits")
    expect(dialog).to_contain_text("No layer takes other.weight")
    expect(dialog.get_by_role("row", name="conv1 weight takes conv1.weight")).to_be_visible()
    dialog.get_by_role("button", name="Close").last.click()

    # The same weights are chosen again for a network of other names, and another file for the whole network.
    page.wait_for_function("() => /stored:/.test(location.hash)")
    page.get_by_role("button", name="Weights…").click()
    chosen = page.get_by_role("dialog", name="Weights of the network")
    expect(chosen.get_by_role("button", name="w.safetensors")).to_be_visible()
    small = safetensors_bytes(Bundle({"conv1.weight": np.ones((4, 1, 5, 5), np.float32)}))
    chosen.get_by_label("Choose a file…").set_input_files(
        {"name": "small.safetensors", "mimeType": "application/octet-stream", "buffer": small}
    )
    dialog = page.get_by_role("dialog", name="small.safetensors")
    expect(dialog).to_contain_text("None of these tensors fits")
    expect(dialog.locator("tr.unfit").first).to_contain_text("is 4×1×5×5, the layer takes 4×1×3×3")
    dialog.get_by_role("button", name="Close").last.click()
    watch.allow("422")
    drop(page, "bad.onnx", b"nothing")
    expect(page.get_by_role("dialog", name="bad.onnx")).to_contain_text("no .onnx file that can be read")


def test_blocks_that_repeat_in_a_long_network_fold_and_unfold_by_keys(
    page: Page, axe: Callable[[Page], str]
) -> None:
    opened(page)
    drop(page, "long.py", LONG)
    shown = page.locator(".net-item:not([hidden]) > .net-card > .net-choose")
    expect(shown).to_have_count(6)  # the input, the stem, three groups, the last layer
    group = page.get_by_role("button", name=re.compile(r" \(24\): 12 × convolution, ")).first
    expect(group).to_have_attribute("aria-expanded", "false")
    assert axe(page) == ""
    shown.last.focus()
    for key in ("Home", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(group).to_be_focused()
    page.keyboard.press("Enter")
    expect(shown).to_have_count(6 - 1 + 24)
    expect(page.locator("#net-status")).to_have_text("24 layers shown.")
    expect(shown.nth(2)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(shown.nth(3)).to_be_focused()
    page.get_by_role("button", name="Fold these 24 layers").click()
    expect(shown).to_have_count(6)
    expect(group).to_be_focused()
