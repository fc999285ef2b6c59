"""The page in Firefox and WebKitGTK: it opens, takes a photograph, plays, edits and links as it does in Chromium."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.browser.support import number, photograph
from tests.engines.driver import Engine
from tests.engines.page import Page
from tests.serving import Server


@pytest.fixture
def page(engine: Engine, server: Server) -> Page:
    return Page(engine, server.url)


def ask(server: Server, route: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    status, answer, _ = server.fetch(f"/api/v1/{route}", data, {"Content-Type": "application/json"})
    assert status == 200
    return json.loads(answer)


def edited(page: Page) -> None:
    """The first weight of the filter on view becomes 7, by the fields of its editor."""
    page.click("Edit values of this filter")
    page.wait(lambda: page.text(".weights label, .weights"), lambda found: found != "")
    page.wait(lambda: page.engine.run("return document.querySelectorAll('.weights input').length;"), bool)
    page.change(".weights input", "7")


def test_the_page_opens_walks_takes_a_photograph_plays_edits_and_links(page: Page) -> None:
    page.open()
    assert page.colours() > 8
    first = page.step()
    page.engine.run("document.querySelector('.stage[tabindex], .stage').focus();")
    page.engine.press("ArrowRight")
    page.wait(page.step, lambda step: step == first + 1)

    page.choose("max_pooling")
    page.wait(lambda: page.text(".shapes"), lambda shapes: "max pooling" in shapes)
    page.upload("photo.png", photograph(64))
    page.wait(lambda: page.text(".shapes"), lambda shapes: "3×" in shapes)
    page.wait(page.result, lambda found: found != "")

    page.choose("convolution")
    page.wait(lambda: page.text(".shapes"), lambda shapes: "filter" in shapes)
    page.wait(page.result, lambda found: found != "")
    before = page.step()
    page.click("Play")
    page.wait(page.step, lambda step: step > before)
    page.click("Pause")

    edited(page)
    link = page.wait(
        lambda: str(page.engine.run("return location.hash;")),
        lambda found: "edits=" in found and "image:" in found,
    )
    shown = page.result()
    page.open(link)
    page.wait(page.result, lambda found: found == shown or found != "")
    assert "edits=" in str(page.engine.run("return location.hash;"))
    assert page.complaints() == []


@pytest.mark.engines
def test_every_operation_shows_the_number_of_the_server_and_plays(page: Page, server: Server) -> None:
    page.open()
    for operation in ask(server, "operations")["operations"]:
        name = operation["name"]
        layer = {"operation": name}
        body = {"layers": [layer], "source": {"kind": "sample", "name": "cross"}, "include": ["output"]}
        values = ask(server, "run", body)["output"]
        while isinstance(values[0], list):
            values = values[0]
        page.open(f"#v1&op={name}&source=sample:cross&step=0")
        found = page.wait(page.result, lambda found: found != "")
        assert number(found) == pytest.approx(float(values[0]), rel=1e-3, abs=1e-6), name
        assert page.colours() > 4, name
        if page.steps() > 1:
            page.click("Play")
            page.wait(page.step, lambda step: step > 1)
        assert page.complaints() == [], name


@pytest.mark.engines
def test_a_figure_is_exported(page: Page) -> None:
    page.open()
    page.click("Share")
    page.wait(lambda: page.engine.run("return document.querySelector('#share-menu') !== null;"), bool)
    page.click("Figure…")
    source = page.wait(
        lambda: page.engine.run("return document.querySelector('dialog[open] img')?.naturalWidth ?? 0;"), bool
    )
    assert source > 0
    assert page.complaints() == []


@pytest.mark.engines
@pytest.mark.parametrize("name", ["what-a-filter-sees", "is-it-an-x"])
def test_a_lesson_is_gone_through_by_keys(page: Page, server: Server, name: str) -> None:
    lesson = ask(server, f"lessons/{name}")
    page.open(f"#v1&lesson={name}/1")
    for place, step in enumerate(lesson["steps"], start=1):
        page.wait(lambda: page.text(".lesson-text .place"), f"{place} of {len(lesson['steps'])}".__eq__)
        assert page.text(".lesson-text h2") == step["title"]
        if step["ask"]:
            page.engine.press("r")
            page.wait(lambda: page.text(".met"), lambda found: found.startswith("The answer:"))
        assert page.colours() > 2
        page.engine.press("PageDown")
    page.wait(lambda: page.text(".lesson-text h2"), "Done".__eq__)
    assert page.complaints() == []
