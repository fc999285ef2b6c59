"""The routes of lessons: a list, one lesson, keys where they are asked for, and a folder of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.lessons.library import OWN
from app.main import create_app
from app.settings import Settings


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "broken.md").write_text("# Broken\n\nProse.\n", encoding="utf-8")
    text = next(OWN.glob("01-*.md")).read_text(encoding="utf-8")
    (folder / "mine.md").write_text(text.replace("# What a filter sees", "# Mine", 1), encoding="utf-8")
    return TestClient(
        create_app(Settings(uploads=tmp_path / "uploads", lessons=folder)), base_url="http://localhost"
    )


def test_the_list_counts_steps_and_questions_and_tells_files_that_are_no_lessons(client: TestClient) -> None:
    answer = client.get("/api/v1/lessons").json()
    names = [one["name"] for one in answer["lessons"]]
    assert names[0] == "what-a-filter-sees"
    assert names[-1] == "mine"
    assert all(one["questions"] >= 3 and 5 <= one["steps"] <= 10 for one in answer["lessons"])
    (problem,) = answer["problems"]
    assert problem["file"] == "broken.md"
    assert problem["problem"]["position"]["line"] == 3


def test_keys_are_told_only_where_they_are_asked_for(client: TestClient) -> None:
    without = client.get("/api/v1/lessons/what-a-filter-sees")
    assert '"key"' not in without.text
    assert '"wrong"' not in without.text
    assert '"key"' in client.get("/api/v1/lessons/what-a-filter-sees?keys=true").text
    tag = without.headers["etag"]
    assert client.get("/api/v1/lessons/what-a-filter-sees", headers={"If-None-Match": tag}).status_code == 304


def test_an_edited_file_is_read_anew_and_a_broken_one_says_why(client: TestClient, tmp_path: Path) -> None:
    path = tmp_path / "own" / "mine.md"
    assert client.get("/api/v1/lessons/mine").json()["title"] == "Mine"
    path.write_text(path.read_text(encoding="utf-8").replace("# Mine", "# Edited", 1), encoding="utf-8")
    assert client.get("/api/v1/lessons/mine").json()["title"] == "Edited"
    refused = client.get("/api/v1/lessons/broken")
    assert refused.status_code == 422
    assert refused.json()["position"]["line"] == 3
    assert client.get("/api/v1/lessons/none").status_code == 404


def test_a_folder_that_is_not_there_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="CONVSCOPE_LESSONS"):
        Settings.from_environment({"CONVSCOPE_LESSONS": str(tmp_path / "none")})


def test_practice_tells_solutions_only_where_they_are_asked_for(client: TestClient) -> None:
    body = {"kind": "all", "seed": 7, "count": 8, "difficulty": 3}
    without = client.post("/api/v1/practice", json=body)
    assert without.status_code == 200
    assert '"key"' not in without.text
    answer = client.post("/api/v1/practice", json={**body, "solutions": True}).json()
    assert len(answer["exercises"]) == 8
    assert {one["kind"] for one in answer["exercises"]} == {one["name"] for one in answer["kinds"]}
    assert all(
        one["ask"]["key"]["id"] in {o["id"] for o in one["ask"]["options"]} for one in answer["exercises"]
    )
    refused = client.post("/api/v1/practice", json={"kind": "none"})
    assert refused.status_code == 404


def test_a_lesson_and_a_sheet_print_as_pdf_and_a_link_gives_the_same_sheet(client: TestClient) -> None:
    handout = client.get("/api/v1/lessons/what-a-filter-sees/handout")
    assert handout.headers["content-type"] == "application/pdf"
    assert handout.content.startswith(b"%PDF")
    link = "/api/v1/practice/sheet?kind=sums&seed=7&count=3&difficulty=2"
    one, again, solved = client.get(link), client.get(link), client.get(f"{link}&solutions=true")
    assert one.content == again.content
    assert len(solved.content) > len(one.content)
    assert client.get("/api/v1/practice/sheet?kind=none").status_code == 404
