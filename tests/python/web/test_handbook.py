"""The handbook's pictures are its links, its contents are all its sections, its tables are the registry's."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html import unescape

import pytest
from starlette.testclient import TestClient

from app.core.frameworks.catalog import WITH_RULES
from app.figures.content.handbook import FIGURES
from app.link.fragment import read_link, write_link
from app.operations import registry
from app.web.routes import handbook
from app.web.routes.handbook import defaults_table, figures, names_table, refusals_table

from .asking import assert_problem


def page(client: TestClient) -> str:
    answer = client.get("/handbook")
    assert answer.status_code == 200
    return answer.text


def test_the_contents_name_every_section_once_and_lead_to_it(client: TestClient) -> None:
    text = page(client)
    contents = text.partition('<nav class="contents"')[2].partition("</nav>")[0]
    listed = re.findall(r'href="#(\w+)">(.*?)</a>', contents)
    headed = [one for one in re.findall(r'<h2 id="(\w+)">(.*?)</h2>', text) if one[0] != "contents"]
    assert listed == headed
    assert set(registry()) <= {id for id, _ in listed}


def test_every_figure_of_the_page_is_a_link_that_opens_and_stands_in_both_themes(client: TestClient) -> None:
    text = page(client)
    shown = re.findall(r'<img src="handbook/(\w+)\.svg"', text)
    assert sorted(shown) == sorted(figures())
    assert len(shown) == len(FIGURES) + len(registry())
    for name in shown:
        assert f'srcset="handbook/{name}-dark.svg" media="(prefers-color-scheme: dark)"' in text
    opened = [unescape(one) for one in re.findall(r'href="\./(#v1[^"]*)">Open this on the stage', text)]
    assert sorted(opened) == sorted(figure.fragment for figure in figures().values())
    for fragment in opened:
        assert write_link(read_link(fragment))


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_a_written_figure_is_drawn_in_both_themes(client: TestClient, name: str) -> None:
    for theme, ground in (("", "#ffffff"), ("-dark", "#191c21")):
        answer = client.get(f"/handbook/{name}{theme}.svg")
        assert answer.status_code == 200, answer.text
        root = ET.fromstring(answer.content)
        assert next(root.iter("{http://www.w3.org/2000/svg}rect")).get("fill") == ground
        assert len(answer.content) < 100_000


@pytest.mark.parametrize("name", list(registry()))
def test_an_operations_first_example_is_drawn(client: TestClient, name: str) -> None:
    answer = client.get(f"/handbook/{name}.svg")
    assert answer.status_code == 200, answer.text
    assert registry()[name].title.lower() in answer.text.lower()


def test_a_figure_is_drawn_once_and_known_again(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    first = client.get("/handbook/step.svg")
    monkeypatch.setattr(handbook, "drawn", lambda *_: pytest.fail("it is drawn again"))
    assert client.get("/handbook/step.svg").content == first.content
    tagged = client.get("/handbook/step.svg", headers={"If-None-Match": first.headers["etag"]})
    assert tagged.status_code == 304


@pytest.mark.parametrize(
    "name", ["nothing", "step-print", "step-light", "..%2fstep", "-dark", "%3Cscript%3E"]
)
def test_no_other_figure_is_drawn(client: TestClient, name: str) -> None:
    assert_problem(client.get(f"/handbook/{name}.svg"), 404, "not_found")


def test_the_tables_hold_what_the_registry_says_of_each_framework() -> None:
    frameworks, rows = names_table()
    assert [title for title, _ in rows] == [operation.title for operation in registry().values()]
    assert dict(rows)["Max pooling"][frameworks.index("PyTorch")] == "MaxPool1d, MaxPool2d, MaxPool3d"
    assert dict(rows)["Zero insertion"] == ["—"] * len(frameworks)
    defaults = {(title, field): cells for title, field, cells in defaults_table()}
    assert defaults["Average pooling", "count_include_pad"] == ["false", "true", "false", "false"]
    for cells in defaults.values():
        assert len(cells) == 1 + len(WITH_RULES)
        assert len(set(cells)) > 1
    checked = 0
    for title, field, cells in refusals_table():
        operation = next(one for one in registry().values() if one.title == title)
        for name, cell in zip(WITH_RULES, cells, strict=True):
            checks = operation.describe()["frameworks"].get(name, {}).get("checks", [])
            mine = {check["remedy"] for check in checks if check["field"] == field}
            assert (cell == "as here") == (not mine)
            assert all(remedy[1:] in cell for remedy in mine)
            checked += len(mine)
    assert checked > 30


def test_the_tables_stand_on_the_page(client: TestClient) -> None:
    text = unescape(page(client))
    assert text.count("<table>") == 3
    for _, _, cells in refusals_table():
        assert all(cell in text for cell in cells)
