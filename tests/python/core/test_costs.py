"""The charge of a request follows the work for it; that a unit is a millisecond is the benchmark's matter."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from app.core.plan import allowed_values, tries
from app.operations import registry

from ..web.asking import Json

CONV: Json = {"operation": "convolution"}
WIDE: Json = {**CONV, "filters": 16}  # beyond the unit that every request costs
PICTURE: Json = {"kind": "noise", "shape": [1, 200, 200]}


class _Counted:
    """Full buckets that note what is taken."""

    def __init__(self) -> None:
        self.taken = 0.0

    async def take(self, key: str, cost: float) -> float:
        self.taken += cost
        return 0.0


@pytest.fixture
def charged(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Asks, and gives the units that were taken."""
    buckets = _Counted()
    admission = client.app.state.services.admission  # type: ignore[attr-defined]
    monkeypatch.setattr(admission, "buckets", buckets)

    def ask(route: str, body: Json, accept: str = "*/*") -> float:
        buckets.taken = 0.0
        answer = client.post(f"/api/v1/{route}", json=body, headers={"Accept": accept})
        assert answer.status_code == 200, answer.text
        return buckets.taken

    return ask


def run_of(layer: Json, **more: Any) -> Json:
    return {"layers": [layer], "source": PICTURE, **more}


@pytest.mark.parametrize(
    ("less", "more"),
    [
        (
            ("run", run_of(CONV), "application/x-npy"),
            ("run", run_of({**CONV, "filters": 9}), "application/x-npy"),
        ),
        (("run", run_of(CONV), "application/x-npy"), ("run", run_of(CONV), "application/json")),
        (("run", run_of(CONV), "application/x-npy"), ("run", run_of(CONV), "image/png")),
        (
            ("run", run_of({"operation": "max_pooling"})),
            ("run", run_of({"operation": "max_pooling"}, include=["output", "indices"])),
        ),
        (("frames", run_of(CONV, count=2000)), ("frames", run_of(CONV))),
        (("frames", run_of(CONV)), ("frames", run_of(CONV, window=True))),
        (
            ("run", run_of(WIDE), "application/x-npy"),
            ("run", run_of(WIDE, dtype="float64"), "application/x-npy"),
        ),
        (
            ("run", run_of({"operation": "nearest_upsampling"}), "application/x-npy"),
            ("run", run_of({"operation": "bilinear_upsampling"}), "application/x-npy"),
        ),
    ],
)
def test_more_work_is_charged_more(charged: Any, less: tuple[Any, ...], more: tuple[Any, ...]) -> None:
    assert charged(*more) > charged(*less)


LONG: Json = {"kind": "noise", "shape": [1, 20_000]}


def test_a_window_that_shares_no_rows_is_charged_for_being_laid_out(charged: Any) -> None:
    """As many products in rows that share their taps, and in one long row that shares none."""
    flat = {**CONV, "kernel": [64, 1]}, {"kind": "noise", "shape": [1, 2_000, 64]}
    line = {**CONV, "kernel": 64}, {"kind": "noise", "shape": [1, 1_937 * 64 + 63]}
    rows = [
        charged("run", {"layers": [layer], "source": source}, "application/x-npy")
        for layer, source in (flat, line)
    ]
    assert rows[1] > 1.5 * rows[0]


def test_a_few_steps_are_charged_with_the_piece_that_they_come_from(charged: Any) -> None:
    body = {"layers": [{**CONV, "kernel": 500, "filters": 4}], "source": LONG, "window": False}
    few, all_of_it = (charged("frames", {**body, **count}) for count in ({"count": 1}, {}))
    assert 5 < few < all_of_it


def test_a_plan_is_charged_by_the_values_that_it_tries(charged: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = 0

    def counted(*_: object) -> bool:
        nonlocal tried
        tried += 1
        return True

    monkeypatch.setattr("app.core.plan._fits", counted)
    for operation in registry().values():
        for shape in ((4, 9), (4, 30, 12), (4, 5, 6, 7)):
            tried = 0
            layer = {"operation": operation.name}
            allowed_values(operation, operation.spec.model_validate(layer), shape)
            assert tried == tries(operation, shape), operation.name
    one = charged("plan", {"layers": [CONV], "input_shape": [1, 20, 20]})
    small = charged("plan", {"layers": [{"operation": "dense"}], "input_shape": [1, 20, 20]})
    assert one > small + 10
    many = charged("plans", {"plans": [{"layers": [CONV], "input_shape": [1, 20, 20]}] * 5})
    assert many > 4 * one


def test_an_answer_that_is_refused_for_its_size_is_not_charged_as_if_it_were_given(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    buckets = _Counted()
    monkeypatch.setattr(client.app.state.services.admission, "buckets", buckets)  # type: ignore[attr-defined]
    body = run_of({"operation": "nearest_upsampling", "factor": 8}, include=["output"])
    assert client.post("/api/v1/run", json=body).status_code == 413
    assert buckets.taken <= 2


def test_an_animation_is_charged_by_frames_and_pixels(charged: Any) -> None:
    layer = {"operation": "zero_insertion", "factor": 4}
    source = {"kind": "noise", "shape": [1, 5, 5]}

    def cost(count: int, dpi: int, form: str = "webp") -> float:
        body = {"layers": [layer], "source": source, "format": form, "dpi": dpi, "steps": {"count": count}}
        return float(charged("figure", body))

    few = cost(2, 72)
    assert cost(4, 72) > 1.3 * few
    assert cost(2, 144) > 1.3 * few
    assert few > 100  # it was 1


def test_a_search_is_charged_by_what_it_tries(charged: Any) -> None:
    asked: Json = {"input_shape": [1, 28, 28], "sizes": [14, 14]}
    narrow = charged("solve", {**asked, "layer": {**CONV, "kernel": 3, "stride": 2, "padding": 1}})
    assert charged("solve", {**asked, "layer": CONV}) > 3 * narrow
