"""Schemathesis: requests drawn from our own OpenAPI document never meet a defect or an undocumented answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, checks
from schemathesis.schemas import BaseSchema
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings

pytestmark = pytest.mark.long

# A schema cannot say that a kernel must fit its input, so a well-typed request may be refused; what every
# answer must do is be documented, of a documented type, and in the one shape where it refuses.
CHECKS = (
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
)


# Schemathesis gives an answer ten seconds; a busy machine is slow without being wrong, and pytest's timeout holds.
PATIENCE_S = 120


@pytest.fixture(scope="module")
def openapi(tmp_path_factory: pytest.TempPathFactory) -> BaseSchema:
    folder: Path = tmp_path_factory.mktemp("uploads")
    # Small limits: a drawn request may ask for anything, and must be answered at once. An animation of all that a
    # server allows takes half a minute; the longest of the gallery, which is not refused, has 49 frames.
    small = Settings(
        uploads=folder,
        input_cells=20_000,
        output_cells=50_000,
        work=5_000_000,
        working_size=64,
        figure_cells=2_000,
        figure_pixels=2_000_000,
        figure_frames=50,
        figure_frame_cells=20_000,
        figure_frame_pixels=30_000_000,
    )
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", create_app(small))


ROUTES = (
    ("GET", "/api/v1/operations"),
    ("GET", "/api/v1/samples"),
    ("GET", "/api/v1/samples/{name}"),
    ("GET", "/api/v1/gallery"),
    ("GET", "/api/v1/gallery/{name}"),
    ("POST", "/api/v1/plan"),
    ("POST", "/api/v1/field"),
    ("POST", "/api/v1/plans"),
    ("POST", "/api/v1/run"),
    ("POST", "/api/v1/frames"),
    ("POST", "/api/v1/code"),
    ("POST", "/api/v1/read"),
    ("POST", "/api/v1/weights"),
    ("POST", "/api/v1/solve"),
    ("POST", "/api/v1/figure"),
    ("POST", "/api/v1/images"),
    ("GET", "/api/v1/images/{id}"),
    ("DELETE", "/api/v1/images/{id}"),
    ("POST", "/api/v1/day-token"),
    ("GET", "/api/v1/data"),
    ("POST", "/api/v1/data"),
    ("POST", "/api/v1/examples"),
    ("POST", "/api/v1/gradient"),
    ("POST", "/api/v1/step"),
    ("POST", "/api/v1/train"),
    ("POST", "/api/v1/forecast"),
    ("POST", "/api/v1/experiment"),
    ("POST", "/api/v1/bundles"),
    ("GET", "/api/v1/bundles/{id}"),
    ("GET", "/api/v1/lessons"),
    ("GET", "/api/v1/lessons/{name}/handout"),
    ("POST", "/api/v1/practice"),
    ("GET", "/api/v1/practice/sheet"),
    ("POST", "/api/v1/links"),
    ("GET", "/api/v1/links/{id}"),
    ("GET", "/api/v1/lessons/{name}"),
)


# Only a JSON body can be of a wrong type; a path or raw bytes that are wrong are in the examples of test_api.
BODIES = [
    (method, path)
    for method, path in ROUTES
    if method == "POST" and not path.endswith(("images", "day-token", "bundles"))
]
DRAWN = [(*route, GenerationMode.POSITIVE) for route in ROUTES]
DRAWN += [(*route, GenerationMode.NEGATIVE) for route in BODIES]


@pytest.mark.parametrize(("method", "path", "mode"), DRAWN)
def test_drawn_requests_are_answered_as_documented(
    openapi: BaseSchema, method: str, path: str, mode: GenerationMode
) -> None:
    operation = openapi[path][method]

    @given(st.data())
    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    def answers(data: st.DataObject) -> None:
        case: Case[Any] = data.draw(operation.as_strategy(generation_mode=mode))
        response = case.call(timeout=PATIENCE_S)
        case.validate_response(response, checks=list(CHECKS))
        if response.status_code >= 400:
            assert response.headers["content-type"] == ["application/problem+json"]
            document = response.json()
            assert document["reason"]
            assert document["remedy"]

    answers()


def test_the_document_names_every_route(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert {(method.upper(), path) for path in paths for method in paths[path]} == set(ROUTES)
