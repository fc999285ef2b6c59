"""The page as it is written: the modules run as they are, and an edit shows at reload while the server goes on."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.conftest import ROOT
from tests.browser.support import (
    assert_headline,
    numbers,
    opened,
    parameter,
    photograph,
    result,
    upload,
)
from tests.browser.watch import Watch
from tests.serving import running_server


def test_the_page_as_it_is_written_runs_and_an_edit_shows_at_reload(browser: Browser, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for name in ("app", "static", "templates"):
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {
        **{name: value for name, value in os.environ.items() if name != "CONVSCOPE_PAGE"},
        "CONVSCOPE_UPLOADS": str(tmp_path / "uploads"),
    }
    command = [sys.executable, "-m", "app", "serve", "--port", "0"]
    with running_server(command, cwd=checkout, log=tmp_path / "log", env=environment) as server:
        page = browser.new_page(base_url=server.url, viewport={"width": 1440, "height": 900})
        watch = Watch(server.url)
        watch.on(page)
        opened(page, "/#v1&op=convolution&filters=3&padding=1")
        served = page.evaluate("() => performance.getEntriesByType('resource').map((one) => one.name)")
        assert f"{server.url}/static/written/js/layer/walk.js" in served
        first = result(page)
        parameter(page, "stride").fill("2")
        assert_headline(page, "1×9×9 ▸ 3 filters 3×3, stride 2…")
        page.locator("#stage").focus()
        page.keyboard.press("ArrowRight")
        numbers(page)
        for operation in page.get_by_label("Operation", exact=True).locator("option").all():
            page.get_by_label("Operation", exact=True).select_option(operation.get_attribute("value"))
            numbers(page)
        upload(page, "photo.png", photograph(40))
        expect(page.locator(".shapes")).to_contain_text("3×40×40")
        page.locator("#stage").focus()
        page.keyboard.press("?")  # a part that comes by import
        expect(page.get_by_role("dialog")).to_be_visible()

        words = checkout / "static" / "js" / "words" / "page.js"
        words.write_text(words.read_text().replace('  title: "Convscope",', '  title: "Edited",', 1))
        sheet = checkout / "static" / "css" / "base.css"
        sheet.write_text(sheet.read_text() + "\n#bar h1 {\n  letter-spacing: 7px;\n}\n")
        template = checkout / "templates" / "page.html"
        template.write_text(template.read_text().replace("<title>Convscope", "<title>Template edited", 1))
        page.goto("about:blank")
        opened(page, "/#v1&op=convolution&filters=3&padding=1")
        title = page.get_by_role("heading", level=1)
        expect(title).to_have_text("Edited")
        expect(page).to_have_title("Template edited")
        expect(title).to_have_css("letter-spacing", "7px")
        assert result(page) == first
        assert watch.unexpected() == []
        page.close()
