"""Channels and filters as volumes, by pointer and by keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.context(color_scheme="dark")
def test_volumes_say_which_filter_reads_which_channels(page: Page, axe: Callable[[Page], str]) -> None:
    page.goto("/#v1&op=convolution&source=noise:8x6x6&filters=16")
    page.wait_for_function("() => document.documentElement.dataset.ready === 'true'")
    page.locator("#stage").focus()
    page.keyboard.press("v")
    sheet = page.get_by_role("dialog", name="Channels and filters")
    expect(sheet).to_contain_text(
        "Weight (16, 8, 3, 3): 16 filters, each with a slice for each of 8 channels"
    )
    expect(sheet).to_contain_text("Filter 1 of 16 reads channel 1")
    page.get_by_role("group", name="Volumes").focus()
    page.keyboard.press("ArrowDown")
    expect(sheet).to_contain_text("Filter 2 of 16 reads")
    page.keyboard.press("ArrowLeft")
    expect(sheet).to_contain_text("channel 1 is read by 16 of 16 filters")
    page.keyboard.press("ArrowRight")
    groups = sheet.get_by_role("slider", name="Groups")
    groups.fill("2")
    expect(sheet).to_contain_text("4, grouped")
    expect(sheet).to_contain_text("Weight (16, 2, 3, 3)")
    expect(sheet).to_contain_text("Filter 2 of 16 reads channel 1, channel 2 and gives output channel 2.")
    groups.fill("3")
    expect(sheet).to_contain_text("8, depthwise")
    assert axe(page) == ""
    picture = page.get_by_role("group", name="Volumes")
    box = picture.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.73, box["y"] + box["height"] - 24)
    expect(sheet).to_contain_text("Filter 16 of 16 reads channel 8")
    page.keyboard.press("v")  # as it was opened
    expect(sheet).to_have_count(0)
    expect(page.locator(".heading .size").nth(1)).to_have_text("filter 16 of 16")
    expect(page.locator("#stage")).to_be_focused()
