"""A large output as a PNG: drawn band by band, to the very picture that the whole array gives."""

from __future__ import annotations

import io
import tracemalloc
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from app.core.engine import trace
from app.web.routes.slabs import SLAB_BYTES

from .asking import Json

NOISE: Json = {"kind": "noise", "seed": 3}
CONV: Json = {"operation": "convolution", "padding": 1}
LAYERS: dict[str, tuple[Json, list[int]]] = {
    "colour": ({**CONV, "filters": 3}, [2, 23, 19]),
    "one map": (CONV, [1, 40, 17]),
    "five maps": ({**CONV, "filters": 5}, [2, 23, 19]),
    "a series": ({**CONV, "filters": 3}, [1, 50]),
    "volumes": ({**CONV, "filters": 3}, [1, 7, 9, 11]),
    "columns": ({"operation": "unfold", "kernel": 2}, [2, 9, 12]),
    "columns of a volume": ({"operation": "unfold", "kernel": 2}, [1, 4, 5, 6]),
    "votes": ({"operation": "dense", "filters": 6}, [1, 5, 5]),
    "of one value": ({"operation": "convolution", "kernel": 1}, [1, 1, 1]),
}


def png_of(client: TestClient, layer: Json, shape: list[int]) -> bytes:
    body = {"layers": [layer], "source": {**NOISE, "shape": shape}}
    answer = client.post("/api/v1/run", json=body, headers={"Accept": "image/png"})
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.mark.parametrize("name", LAYERS)
def test_a_picture_drawn_in_bands_is_that_of_the_whole(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    layer, shape = LAYERS[name]
    whole = np.asarray(Image.open(io.BytesIO(png_of(client, layer, shape))))
    monkeypatch.setattr("app.web.routes.api.SLAB_BYTES", 0)
    monkeypatch.setattr(trace, "PIECE_WORK", 1_000)
    banded = np.asarray(Image.open(io.BytesIO(png_of(client, layer, shape))))
    assert banded.shape == whole.shape
    assert np.array_equal(banded, whole)


def test_what_a_large_picture_holds_is_two_bytes_a_cell_and_not_its_numbers(client: TestClient) -> None:
    layer: Json = {"operation": "nearest_upsampling", "factor": 16}
    cells = 16 * 16 * 160 * 160
    png_of(client, layer, [1, 20, 20])

    def peak(of: Any) -> int:
        tracemalloc.start()
        try:
            of()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    held = peak(lambda: png_of(client, layer, [1, 160, 160]))
    assert 4 * cells > SLAB_BYTES
    assert held < 3 * cells + 12_000_000, f"{held:,} bytes; the numbers alone are {4 * cells:,}"
