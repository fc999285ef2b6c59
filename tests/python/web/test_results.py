"""Results: their headers, their cost a second time, and who may ask: tags, versions, CORS; and many plans at once."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from app import __version__
from app.figures.content.gallery import GALLERY
from app.images.samples.samples import SAMPLES
from app.main import create_app
from app.settings import Settings

from .asking import Json, assert_problem, run_body

PLAN: Json = {"layers": [{"operation": "convolution", "kernel": 3}], "input_shape": [3, 28, 28]}
NPY = {"Accept": "application/x-npy"}


def bodies() -> dict[str, Json]:
    figure = GALLERY[0].request()
    return {
        "plan": PLAN,
        "plans": {"plans": [PLAN, PLAN]},
        "run": run_body(),
        "frames": run_body(),
        "solve": {"layer": {"operation": "max_pooling"}, "input_shape": [1, 8, 8], "sizes": [4, 4]},
        "code": run_body(target="numpy"),
        "read": {"text": "nn.MaxPool2d(2)"},
        "figure": {**figure, "format": "svg"},
    }


@pytest.mark.parametrize("route", bodies())
def test_a_result_is_known_again_by_its_tag(client: TestClient, route: str) -> None:
    path, body = f"/api/v1/{route}", bodies()[route]
    first, again = client.post(path, json=body), client.post(path, json=body)
    assert first.status_code == again.status_code == 200
    tag = first.headers["etag"]
    assert tag.startswith('"')
    assert (again.headers["etag"], again.content) == (tag, first.content)
    assert first.headers["convscope-version"] == __version__
    held = client.post(path, json=body, headers={"If-None-Match": f'"other", {tag}'})
    assert_problem(held, 412, "unchanged", "if-none-match")
    assert client.post(path, json=body, headers={"If-None-Match": '"other"'}).status_code == 200


def test_another_request_or_another_form_has_another_tag(client: TestClient) -> None:
    def tag(body: Json, **headers: str) -> str:
        return str(client.post("/api/v1/run", json=body, headers=headers).headers["etag"])

    tags = {
        tag(run_body()),
        tag(run_body(), **NPY),
        tag(run_body(dtype="float64")),
        tag(run_body(), Accept="image/png"),
    }
    assert len(tags) == 4


def test_a_refusal_has_a_version_and_no_tag(client: TestClient) -> None:
    refused = client.post("/api/v1/plan", json={**PLAN, "input_shape": [3, 1, 1]})
    assert_problem(refused, 422, "unfit", "kernel")
    assert "etag" not in refused.headers
    assert refused.headers["convscope-version"] == __version__


@pytest.mark.parametrize("path", ["operations", "samples", "gallery", "openapi.json"])
def test_what_depends_on_the_version_alone_is_asked_for_once(client: TestClient, path: str) -> None:
    first = client.get(f"/api/v1/{path}")
    again = client.get(f"/api/v1/{path}", headers={"If-None-Match": f"W/{first.headers['etag']}"})
    assert first.status_code == 200
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]


def test_many_plans_are_those_of_one_at_a_time(client: TestClient) -> None:
    refused = {**PLAN, "input_shape": [3, 2, 2]}
    sourced = {"layers": PLAN["layers"], "source": {"kind": "sample", "name": "cross"}}
    asked = [PLAN, refused, sourced]
    answer = client.post("/api/v1/plans", json={"plans": asked}).json()
    single = [client.post("/api/v1/plan", json=body).json() for body in asked]
    assert answer["plans"] == [single[0], {"problem": single[1]}, single[2]]
    assert answer["plans"][1]["problem"]["field"] == "kernel"


def test_a_list_of_plans_is_bounded_and_a_wrong_one_is_pointed_at(client: TestClient) -> None:
    many = client.post("/api/v1/plans", json={"plans": [PLAN] * 101})
    assert_problem(many, 422, "malformed", "plans")
    wrong = {**PLAN, "layers": [{"operation": "convolution", "kernel": "x"}]}
    problem = assert_problem(client.post("/api/v1/plans", json={"plans": [PLAN, wrong]}), 422, "malformed")
    assert problem["pointer"].startswith("/plans/1/layers/0/kernel")


def test_a_sample_comes_as_a_picture_an_array_and_numbers(client: TestClient) -> None:
    array = np.load(io.BytesIO(client.get("/api/v1/samples/cross", headers=NPY).content))
    answer = client.get("/api/v1/samples/cross", headers={"Accept": "application/json"}).json()
    np.testing.assert_array_equal(array, np.array(answer["input"]))
    assert Image.open(io.BytesIO(client.get("/api/v1/samples/scene?size=32").content)).size == (32, 32)
    assert_problem(client.get("/api/v1/samples/nothing"), 404, "not_found", "name")
    assert all(client.get(f"/api/v1/samples/{name}").status_code == 200 for name in SAMPLES)


def test_a_classic_figure_can_be_linked_in_every_form(client: TestClient) -> None:
    name = GALLERY[0].name
    drawn = client.post("/api/v1/figure", json={**GALLERY[0].request(), "format": "svg"})
    linked = client.get(f"/api/v1/gallery/{name}")
    assert linked.headers["content-type"].startswith("image/svg+xml")
    assert linked.content == drawn.content
    assert client.get(f"/api/v1/gallery/{name}?format=pdf").content.startswith(b"%PDF")
    dark = client.get(f"/api/v1/gallery/{name}?theme=dark")
    assert dark.content != linked.content
    assert dark.headers["etag"] != linked.headers["etag"]
    held = client.get(f"/api/v1/gallery/{name}", headers={"If-None-Match": linked.headers["etag"]})
    assert held.status_code == 304
    assert_problem(client.get("/api/v1/gallery/nothing"), 404, "not_found", "name")


ELSEWHERE = {"Origin": "https://docs.example.org"}
ASKING = {
    **ELSEWHERE,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type",
}


def test_pages_of_other_hosts_are_turned_away_unless_configured(client: TestClient) -> None:
    asked = client.get("/api/v1/samples", headers=ELSEWHERE)
    assert "access-control-allow-origin" not in asked.headers
    assert client.options("/api/v1/plan", headers=ASKING).status_code >= 400
    assert_problem(client.post("/api/v1/plan", json=PLAN, headers=ELSEWHERE), 403, "origin", "origin")


def test_a_configured_origin_may_ask_the_api_and_nothing_else(tmp_path: Path) -> None:
    settings = Settings(uploads=tmp_path, cors_origins="https://docs.example.org")
    with TestClient(create_app(settings)) as client:
        allowed = client.options("/api/v1/plan", headers=ASKING)
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == ELSEWHERE["Origin"]
        answer = client.post("/api/v1/plan", json=PLAN, headers=ELSEWHERE)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == ELSEWHERE["Origin"]
        assert "ETag" in answer.headers["access-control-expose-headers"]
        refused = client.post("/api/v1/plan", json={}, headers=ELSEWHERE)
        assert refused.headers["access-control-allow-origin"] == ELSEWHERE["Origin"]
        assert "access-control-allow-origin" not in client.get("/", headers=ELSEWHERE).headers
        other = {**ASKING, "Origin": "https://other.example"}
        assert client.options("/api/v1/plan", headers=other).status_code == 400
        foreign = client.post("/api/v1/plan", json=PLAN, headers={"Origin": "https://other.example"})
        assert_problem(foreign, 403, "origin", "origin")
