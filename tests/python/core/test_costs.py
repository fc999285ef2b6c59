"""What a request is charged follows what is done for it; that a unit is a millisecond is the benchmark's matter."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

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
