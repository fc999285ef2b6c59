"""Bundles that are kept: what comes back, and the files that are refused."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.data.bundle import Bundle, npz_bytes, safetensors_bytes
from app.web.http.training import EXAMPLE_TRAIN

from .asking import assert_problem
from .test_learning import SAFETENSORS, kept

HEADS: list[Any] = [
    [],
    {"x": 1},
    {"x": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 16]}},
    {"x": {"dtype": "F32", "shape": [-4], "data_offsets": [0, 16]}},
    {"x": {"dtype": "F32", "shape": [4], "data_offsets": [8, 24]}},
    {"x": {"dtype": "F32", "shape": [4], "data_offsets": [0]}},
    {"x": {"dtype": "OBJECT", "shape": [4], "data_offsets": [0, 16]}},
    {f"x{one}": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]} for one in range(3)},
    {"__metadata__": {"a": 1}},
]
HOSTILE = [
    b"",
    b"\x00" * 8,
    b"\xff" * 64,
    b"PK\x03\x04" + b"\x00" * 40,
    (10**6).to_bytes(8, "little") + b"{",
    *(len(text := json.dumps(head).encode()).to_bytes(8, "little") + text + b"\0" * 16 for head in HEADS),
]


@pytest.mark.parametrize("data", HOSTILE)
def test_a_damaged_bundle_is_refused(client: TestClient, data: bytes) -> None:
    answer = client.post(
        "/api/v1/bundles", content=data, headers={"content-type": "application/octet-stream"}
    )
    assert_problem(answer, 422, "unfit", "bundle")


def test_a_pickle_within_an_npz_is_refused(client: TestClient) -> None:
    file = io.BytesIO()
    np.savez(file, x=np.array([{}, 1], object))
    assert_problem(client.post("/api/v1/bundles", content=file.getvalue()), 422, "unfit", "bundle")


def test_a_bundle_comes_back_as_it_was_in_both_forms(client: TestClient) -> None:
    bundle = Bundle(
        {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array([1, 2], np.int64)}, {"k": "v"}
    )
    for data in (safetensors_bytes(bundle), npz_bytes(bundle)):
        answer = client.post("/api/v1/bundles", content=data).json()
        assert answer["tensors"] == {"a": [2, 3], "b": [2]}
        arrays = kept(client, answer["id"])
        np.testing.assert_array_equal(arrays["a"], bundle.arrays["a"])
        assert arrays["b"].dtype == np.int64
    again = client.get(f"/api/v1/bundles/{answer['id']}", headers={"accept": SAFETENSORS}).content
    assert client.post("/api/v1/bundles", content=again).json()["id"] == answer["id"]


def test_a_picture_is_no_bundle(client: TestClient) -> None:
    file = io.BytesIO()
    np.save(file, np.ones((2, 2), np.float32))
    id = client.post("/api/v1/images", content=file.getvalue()).json()["id"]
    assert_problem(client.get(f"/api/v1/bundles/{id}"), 422, "unfit", "bundle")
    assert_problem(
        client.post("/api/v1/train", json={**EXAMPLE_TRAIN, "data": {"kind": "stored", "id": id}}),
        422,
        "unfit",
    )
