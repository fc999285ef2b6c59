"""The forecast room: a series of one's own goes on beyond its end; below stand the leak and the lag chart."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.browser.support import opened
from tests.browser.watch import Watch

TRAINING_MS = 120_000  # 300 training steps on a busy machine


EXPORTS = {
    "comma": (",", "{:.1f}", "separator comma, decimal point"),
    "semicolon": (";", "{:.1f}", "separator semicolon, decimal comma"),
    "tab": ("\t", "{:.1f}", "separator tab, decimal comma"),
}
COUNT = "() => { window.clicks = 0; addEventListener('click', () => window.clicks++, true); }"


def test_three_spreadsheets_exports_are_forecast_in_five_clicks_and_the_link_says_how(
    page: Page, tmp_path: Path
) -> None:
    settings = quote(json.dumps({"steps": 20, "layers": 3, "blocks": True}))
    layers = "".join(
        f"&layer={quote(f'op=convolution&kernel=2&padding=same&dilation={one}')}" for one in (2, 4)
    )
    opened(
        page,
        f"/#v1&op=convolution&kernel=2&padding=same&source=sample:series&forecast={settings}{layers}",
    )
    page.evaluate(COUNT)
    page.get_by_role("button", name="Forecast", exact=True).click()
    expect(page.locator(".fc-sees")).to_contain_text("sees 15 steps", timeout=TRAINING_MS)
    for name, (separator, form, words) in EXPORTS.items():
        rows = [f"day{separator}{name}"]
        for day in range(90):
            value = form.format(40 + day % 7)
            number = value.replace(".", ",") if "comma" in words.split(", ")[1] else value
            rows.append(f"{(date(2024, 1, 1) + timedelta(day)).isoformat()}{separator}{number}")
        table = tmp_path / f"{name}.csv"
        table.write_text("\n".join(rows), encoding="utf-8")
        with page.expect_file_chooser() as chooser:
            page.locator(".fc-own").click()
        chooser.value.set_files(table)
        expect(page.locator(".fc-table-about")).to_contain_text(f"90 rows, {words}, ")
        expect(page.locator(".fc-view")).not_to_have_attribute("aria-busy", "true", timeout=TRAINING_MS)
        expect(page.locator(".fc-part")).to_have_attribute("aria-label", re.compile(f"The series {name} "))
    expect(page.locator(".fc-of-seasonal")).to_contain_text("the value 7 steps ago")
    assert page.evaluate("() => window.clicks") <= 5 + 2, "five for the first, one for each more"
    expect(page).to_have_url(re.compile(r"forecast=.*recorded.*%22tab%22"))
    page.reload()
    expect(page.locator(".fc-sees")).to_contain_text("sees 15 steps", timeout=TRAINING_MS)
    expect(page.locator(".fc-part")).to_have_attribute("aria-label", re.compile("The series tab "))
    # The network on the stage stands in one click in place of the stack, and one click brings that back.
    page.get_by_role("button", name="Use the network on the stage").click()
    expect(page.locator(".fc-sees")).to_contain_text("4 steps of the future", timeout=TRAINING_MS)
    expect(page.locator(".fc-stage-layers")).to_have_text("The stage's 3 layers: conv1, conv2, conv3")
    expect(page.locator(".fc-column").get_by_label("Filters", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Back to a stack").click()
    expect(page.locator(".fc-sees")).to_contain_text("sees 15 steps", timeout=TRAINING_MS)
    # X and y of every example to train on, the last one first.
    page.locator(".fc-column").get_by_label("Series", exact=True).select_option("bursts")
    example = page.locator(".fc-examples .about")
    expect(example).to_contain_text(re.compile(r"^(\d{3}) of \1: X is steps "), timeout=TRAINING_MS)
    page.get_by_role("slider", name="Example to train on").press("Home")
    expect(example).to_contain_text(re.compile(r"^1 of \d{3}: X is steps 0 to 127, y 1 to 128 "))


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
    expect(page.locator(".fc-table-about")).to_contain_text("separator semicolon, decimal comma")
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
    # X and y of the examples to train on; of so short a series it is one.
    expect(page.locator(".fc-examples .about")).to_have_text(
        re.compile(r"^1 of 1: X is steps 0 to \d+, y 1 to \d+$")
    )
    expect(page.get_by_role("slider", name="Example to train on")).to_be_hidden()
    page.get_by_label("Training step").fill("0")
    expect(page.locator(".fc-transport .place b")).to_have_text("0")
    assert axe(page) == ""
    page.get_by_role("button", name="Layer", exact=True).click()
    expect(page.locator("#stage")).to_be_visible()
    expect(page.locator(".fc-view")).to_be_hidden()
