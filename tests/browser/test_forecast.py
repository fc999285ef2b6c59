"""The forecast room: a series of one's own goes on beyond its end; below stand the leak and the lag chart."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.support import opened
from tests.browser.watch import Watch

TRAINING_MS = 120_000  # 300 training steps on a busy machine


def test_an_own_table_is_forecast_and_its_leak_counted(
    page: Page, axe: Callable[[Page], str], watch: Watch, tmp_path: Path
) -> None:
    rows = "".join(
        f"{day:02d}.{month:02d}.2024;{40 + (day + month) % 7},5\n"
        for month in (1, 3, 5)
        for day in range(1, 32)
    )
    table = tmp_path / "umsatz.csv"
    table.write_text(f"Tag;Umsatz\n{rows}", encoding="utf-8")
    opened(page)
    page.get_by_role("button", name="Forecast", exact=True).click()
    expect(page.locator(".fc-sees")).to_contain_text("sees 64 steps", timeout=TRAINING_MS)
    expect(page.locator(".fc-of-network .fc-value")).to_have_text(re.compile(r"^0\.\d"))
    page.get_by_role("textbox", name="Steps", exact=True).fill("20")
    page.get_by_role("button", name="same", exact=True).click()
    with page.expect_file_chooser() as chooser:
        page.locator(".fc-own").click()
    chooser.value.set_files(table)
    expect(page.locator(".fc-told")).to_contain_text("separator semicolon, decimal comma")
    expect(page.locator(".fc-of-seasonal")).to_contain_text("the value 7 steps ago", timeout=TRAINING_MS)
    expect(page.locator(".fc-sees")).to_contain_text("32 steps of the future")
    expect(page.locator(".fc-part .fc-beyond")).to_have_attribute("points", re.compile(r"\d"))
    page.get_by_role("button", name="1 step").click()
    expect(page.locator(".fc-view .fc-head .about").first).to_have_text("one step on")
    page.get_by_role("button", name="Compare with causal padding").click()
    expect(page.locator(".fc-compare")).to_be_hidden(timeout=TRAINING_MS)
    expect(page.locator(".fc-leak .fc-honest b")).to_have_count(2)
    watch.allow("422")
    broken = tmp_path / "broken.csv"
    broken.write_text("day,sales\n1,2\n2,x\n3,4\n", encoding="utf-8")
    page.locator(".fc-column input[type=file]").set_input_files(broken)
    expect(page.locator(".fc-banner")).to_contain_text("line 3, column sales")
    page.get_by_label("Training step").fill("0")
    expect(page.locator(".fc-transport .place b")).to_have_text("0")
    assert axe(page) == ""
    page.get_by_role("button", name="Layer", exact=True).click()
    expect(page.locator("#stage")).to_be_visible()
    expect(page.locator(".fc-view")).to_be_hidden()
