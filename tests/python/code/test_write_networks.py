"""Code out for networks: programs run and find the output that is shown, for every target that is installed."""

from __future__ import annotations

import ast
import random
import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.code.write.network import Part, renamed, write_network
from app.code.write.subject import Subject
from app.code.write.write import WRITERS
from app.core.frameworks.catalog import Target
from app.core.network.forward import Run

from ..network.nets import conv, drawn, normal, pool

Json = dict[str, Any]

NETWORKS: dict[str, Json] = {
    "votes": {
        "layers": [
            conv(3, name="conv1", filters=2, padding="same", activation="relu"),
            pool(3),
            {"operation": "dense", "name": "votes", "filters": 2, "bias": True},
        ],
        "source": {"kind": "sample", "name": "cross"},
        "weights": {
            "conv1": {"kind": "preset", "name": "diagonal"},
            "*": {"kind": "preset", "name": "random"},
        },
    },
    "a residual block": {
        "layers": [
            conv(3, name="class", filters=4, padding="same"),
            {"operation": "batch_normalisation", "name": "bn.1", "activation": "relu"},
            conv(3, name="x", filters=4, padding="same", bias=True),
            {"operation": "add", "inputs": ["x", "class"], "activation": "relu"},
            {"operation": "concatenate", "inputs": ["add1", "input"]},
            {"operation": "global_average_pooling", "name": "seen"},
            {"operation": "multiply", "inputs": ["concat1", "seen"]},
            {"operation": "dropout"},
            {"operation": "reshape"},
            {"operation": "dense", "filters": 5},
            {"operation": "dense", "filters": 3, "activation": "softmax"},
        ],
        "source": {"kind": "noise", "shape": [2, 6, 7]},
        "weights": {"kind": "preset", "name": "random", "seed": 4},
    },
    "a generator": {
        "layers": [
            {"operation": "dense", "filters": 32},
            {"operation": "reshape", "shape": [8, 2, 2]},
            {"operation": "pixel_shuffle"},
            {"operation": "padding", "padding": [[1, -1], [2, 0]], "padding_mode": "replicate"},
            {
                "operation": "transposed_convolution",
                "kernel": 4,
                "stride": 2,
                "padding": 1,
                "filters": 3,
                "bias": True,
            },
            {"operation": "unfold", "kernel": 2},
        ],
        "source": {"kind": "noise", "shape": [6, 1]},
        "weights": {"kind": "preset", "name": "random"},
    },
}


def executed(code: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(code, "program", "exec"), found)
    return found


@pytest.mark.parametrize("target", WRITERS)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_written_for_every_target_and_runs_where_that_is_here(
    client: TestClient, name: str, target: Target
) -> None:
    answer = client.post("/api/v1/code", json={**NETWORKS[name], "target": target})
    assert answer.status_code == 200, answer.text
    reply = answer.json()
    tree = ast.parse(reply["code"])
    if (name, target) == ("a generator", "onnx"):  # which has no unfold
        assert not reply["expressible"]
        assert "unfold1 (unfold (im2col))" in reply["notes"][0]
        return
    assert reply["expressible"], reply["notes"]
    assert tree.body
    if target in ("numpy", "onnx"):
        executed(reply["code"])


def test_a_program_of_other_weights_fails(client: TestClient) -> None:
    code = client.post("/api/v1/code", json={**NETWORKS["votes"], "target": "numpy"}).json()["code"]
    assert "votes_weight = " in code
    with pytest.raises(AssertionError):
        executed(code.replace("\ndef forward", "\nvotes_weight = votes_weight * 1.01\n\n\ndef forward"))


def test_a_layer_that_is_asked_for_is_written_alone(client: TestClient) -> None:
    body = {**NETWORKS["votes"], "target": "numpy", "layer": "conv1"}
    code = client.post("/api/v1/code", json=body).json()["code"]
    assert "def " not in code
    executed(code)


def test_a_program_runs_on_its_own(client: TestClient) -> None:
    body = {**NETWORKS["a residual block"], "target": "numpy"}
    code = client.post("/api/v1/code", json=body, headers={"Accept": "text/x-python"}).text
    done = subprocess.run(
        [sys.executable, "-W", "error", "-"], input=code, text=True, timeout=60, check=False
    )
    assert done.returncode == 0


@pytest.mark.parametrize("part", range(2))
def test_drawn_networks_are_written_and_their_numpy_runs(part: int) -> None:
    rng = random.Random(f"code {part}")
    for _ in range(12):
        net = drawn(rng)
        x = np.random.default_rng(rng.randrange(2**31)).uniform(0.5, 1.5, net.input_shape).astype(np.float32)
        run = Run(net, x, net.network.last)
        tensors = normal(rng.randrange(2**31))
        parts = []
        for placed in [*run.pending(), net.placed[net.network.last.name]]:
            with np.errstate(all="ignore"):
                layer = run.layer(placed, *tensors(placed))
                output = layer.result(layer.run())
            run.keep(placed, output)
            subject = Subject(layer, placed.node.spec, output)
            parts.append(Part(placed.node.name, placed.node.inputs, subject, placed.stretched, placed.shape))
        for target in WRITERS:
            made = write_network(parts, target, x)
            assert bool(ast.parse(made.code).body) == made.expressible
            if target == "numpy":
                assert made.expressible, made.notes
                with np.errstate(all="ignore"):
                    executed(made.code)


def test_renaming_leaves_attributes_keywords_and_comments_alone() -> None:
    line = "y = layer(x, x=x.max(x))  # x is y"
    assert renamed(line, {"x": "a", "y": "b", "layer": "c"}) == "b = c(a, x=a.max(a))  # x is y"
