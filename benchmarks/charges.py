"""Whether what a request is charged is what it costs: ``python -m benchmarks.charges``.

Walks operations × forms of the answer × options against the application in this process. The cost is processor time,
the median of five requests that differ in their seeds; the charge is what was taken from the client's bucket, whose
unit is a millisecond. Beyond ``LEAST_MS`` a charge should be within a factor of ``FACTOR`` of its cost. A kind of
request that takes long has fewer turns, so that all end within five minutes; ``--turns`` sets another bound.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings

from .machine import describe, median

Json = dict[str, Any]

TURNS = 5
ENOUGH_MS = 600.0  # of one kind of request; the turn that passes it is the last
FACTOR = 3.0
LEAST_MS = 10.0
NPY, PNG, LINES = "application/x-npy", "image/png", "application/x-ndjson"
BINARY = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of request."""

    name: str
    route: str
    body: Json
    accept: str = "application/json"


@dataclass(slots=True)
class Buckets:
    """Every bucket is full, and what is taken is counted."""

    taken: float = 0.0

    async def take(self, key: str, cost: float) -> float:
        """Note a cost; nobody waits."""
        self.taken += cost
        return 0.0


@dataclass(slots=True)
class Found:
    """Cost and charge of one kind of request."""

    case: Case
    status: int
    cost_ms: float
    charged: float
    turns: int

    @property
    def ratio(self) -> float:
        """Charge divided by cost."""
        return self.charged / self.cost_ms

    @property
    def is_fair(self) -> bool:
        """Whether the charge is within the factor, or the request too small to matter."""
        small = max(self.cost_ms, self.charged) < LEAST_MS
        return small or 1 / FACTOR <= self.ratio <= FACTOR


CONV: Json = {"operation": "convolution"}
STAMPED: Json = {"operation": "transposed_convolution", "kernel": 4, "stride": 2, "filters": 8}

# Every operation, small and large, and with the options that change what is done.
LAYERS: list[tuple[str, Json, list[int]]] = [
    ("conv 3×3, 1 map", {**CONV, "padding": 1}, [1, 1000, 1000]),
    ("conv 3×3, 64 maps", {**CONV, "filters": 64, "padding": "same"}, [3, 512, 512]),
    ("conv 3×3, 64 to 64", {**CONV, "filters": 64}, [64, 112, 112]),
    ("conv 31×31", {**CONV, "kernel": 31}, [1, 1000, 1000]),
    ("conv 16×16, stride 16", {**CONV, "kernel": 16, "stride": 16, "filters": 768}, [3, 512, 512]),
    ("conv depthwise", {**CONV, "filters": 64, "groups": 64}, [64, 256, 256]),
    (
        "conv dilated, reflected",
        {**CONV, "filters": 8, "dilation": 4, "padding": 4, "padding_mode": "reflect"},
        [3, 512, 512],
    ),
    ("conv 1-D, 500 taps", {**CONV, "kernel": 500, "filters": 4}, [2, 100_000]),
    ("conv 3-D", {**CONV, "filters": 16}, [8, 40, 60, 60]),
    ("conv 4,096 taps, 8 maps", {**CONV, "kernel": 4096, "filters": 8}, [1, 20_000]),
    ("dense, 16 of 262,144", {"operation": "dense", "filters": 16}, [4, 256, 256]),
    ("dense, 1 of 4,194,304", {"operation": "dense"}, [1, 4_194_304]),
    ("transposed 4×4 s2", STAMPED, [32, 128, 128]),
    ("transposed 16×16 s8", {**STAMPED, "kernel": 16, "stride": 8, "filters": 1}, [1, 256, 256]),
    ("transposed depthwise", {**STAMPED, "kernel": 2, "filters": 64, "groups": 64}, [64, 128, 128]),
    ("max 2×2", {"operation": "max_pooling"}, [4, 1000, 1000]),
    ("max 51×51 s1", {"operation": "max_pooling", "kernel": 51, "stride": 1}, [4, 400, 400]),
    (
        "average 3×3 s1 p1",
        {"operation": "average_pooling", "kernel": 3, "stride": 1, "padding": 1},
        [4, 1000, 1000],
    ),
    ("Lp 3×3 s1, p 3", {"operation": "lp_pooling", "kernel": 3, "stride": 1, "p": 3}, [4, 1000, 1000]),
    ("global max", {"operation": "global_max_pooling"}, [4, 1000, 1000]),
    ("global average", {"operation": "global_average_pooling"}, [4, 1000, 1000]),
    ("adaptive max to 900", {"operation": "adaptive_max_pooling", "size": 900}, [1, 64, 64]),
    ("adaptive average to 100", {"operation": "adaptive_average_pooling", "size": 100}, [4, 1000, 1000]),
    ("nearest ×4", {"operation": "nearest_upsampling", "factor": 4}, [1, 512, 512]),
    ("bilinear ×4", {"operation": "bilinear_upsampling", "factor": 4}, [1, 512, 512]),
    ("unfold 11×11", {"operation": "unfold", "kernel": 11}, [1, 300, 300]),
    ("zero insertion ×4", {"operation": "zero_insertion", "factor": 4}, [1, 512, 512]),
]
SMALL: list[tuple[str, Json, list[int]]] = [
    ("conv", {**CONV, "filters": 2, "padding": 1}, [2, 12, 12]),
    ("transposed", {**STAMPED, "kernel": 3}, [1, 6, 6]),
    ("max", {"operation": "max_pooling"}, [1, 16, 16]),
    ("zero insertion", {"operation": "zero_insertion", "factor": 4}, [1, 5, 5]),
    ("dense", {"operation": "dense"}, [1, 9, 9]),
    ("unfold", {"operation": "unfold"}, [1, 6, 6]),
    ("bilinear", {"operation": "bilinear_upsampling"}, [1, 8, 8]),
]


def cases() -> Iterator[Case]:
    """Operations × forms × options."""
    for name, layer, shape in LAYERS:
        body = body_of(layer, shape)
        yield Case(f"run, npy: {name}", "run", body, NPY)
        if layer["operation"].endswith("convolution"):
            yield Case(f"run, npy, float64: {name}", "run", {**body, "dtype": "float64"}, NPY)
        if "max" in layer["operation"]:
            yield Case(f"run, indices: {name}", "run", {**body, "include": ["indices"]})
        yield Case(f"frames, first 1,000: {name}", "frames", {**body, "count": 1000, "window": False}, BINARY)
    few = body_of(CONV, [1, 700, 700])
    yield Case("run, JSON: 490,000 numbers", "run", few)
    yield Case("run, JSON with the input", "run", {**few, "include": ["input", "output", "weight", "plan"]})
    yield Case("run, PNG", "run", few, PNG)
    yield Case("run, PNG, 16 maps", "run", body_of({**CONV, "filters": 16}, [1, 400, 400]), PNG)
    yield Case("frames, all", "frames", few, BINARY)
    yield Case("frames, windows", "frames", {**few, "window": True}, BINARY)
    yield Case("frames, lines", "frames", few, LINES)
    yield Case(
        "frames, one of 64 lanes",
        "frames",
        {**body_of({**CONV, "filters": 64}, [16, 256, 256]), "lanes": [7]},
        BINARY,
    )
    yield Case(
        "frames, tensors",
        "frames",
        {**body_of(CONV, [4, 900, 900]), "input": True, "weight": True, "count": 1},
        BINARY,
    )
    stamped = {**body_of(STAMPED, [16, 128, 128]), "walk": "scatter"}
    yield Case("frames, stamps", "frames", {**stamped, "count": 1000}, BINARY)
    yield Case("frames, stamps from the last step", "frames", {**stamped, "first": 128 * 128 - 1}, BINARY)
    for preset in ("mixed", "random", "gaussian", "diagonal"):
        weights = {"kind": "preset", "name": preset}
        yield Case(
            f"weights {preset}: 1 of 2,000,000",
            "run",
            {**body_of({"operation": "dense"}, [1, 2_000_000]), "weights": weights},
        )
        many = body_of({"operation": "dense", "filters": 1000}, [1, 2000])
        yield Case(f"weights {preset}: 1,000 of 2,000", "run", {**many, "weights": weights})
    for target in ("pytorch", "keras", "jax", "onnx", "numpy"):
        yield Case(
            f"code, {target}", "code", {**body_of({**CONV, "filters": 64}, [3, 200, 200]), "target": target}
        )
    for name, layer, shape in SMALL:
        body = body_of(layer, shape)
        for form in ("svg", "pdf", "png", "tikz", "json"):
            yield Case(f"figure, {form}: {name}", "figure", {**body, "format": form})
        animated = {**body, "format": "webp", "steps": {"count": 4}}
        yield Case(f"figure, webp, 4 steps: {name}", "figure", animated)
        yield Case(f"figure, strip of 8: {name}", "figure", {**body, "format": "svg", "steps": {"count": 8}})
    zeros = body_of({"operation": "zero_insertion", "factor": 4}, [1, 5, 5])
    for form in ("gif", "webp", "apng"):
        for dpi in (72, 200):
            asked = {**zeros, "format": form, "dpi": dpi, "steps": {"count": 6}}
            yield Case(f"figure, {form} at {dpi} dpi, 6 steps", "figure", asked)
    yield Case(
        "figure, PNG at 600 dpi", "figure", {**body_of(CONV, [1, 20, 20]), "format": "png", "dpi": 600}
    )
    yield Case("figure, webp, all 289 steps", "figure", {**zeros, "format": "webp"})
    for name, layer, shape in (
        *LAYERS,
        ("bilinear to 16,384", {"operation": "bilinear_upsampling", "size": 16_384}, [1, 99, 99]),
    ):
        yield Case(f"plan: {name}", "plan", {"layers": [layer], "input_shape": shape})
    yield Case(
        "plans: 50",
        "plans",
        {"plans": [{"layers": [CONV], "input_shape": [3, 28 + at, 28]} for at in range(50)]},
    )
    for operation in ("convolution", "transposed_convolution", "max_pooling", "bilinear_upsampling"):
        for sizes in ([112, 112], [448, 448], [368, 489]):
            asked = {"layer": {"operation": operation}, "input_shape": [3, 224, 224], "sizes": sizes}
            yield Case(f"solve, {operation} to {sizes[0]}×{sizes[1]}", "solve", asked)


def body_of(layer: Json, shape: list[int]) -> Json:
    """A layer on noise."""
    return {"layers": [layer], "source": {"kind": "noise", "shape": shape}}


SEEDS = itertools.count()


def seeded(case: Case) -> Json:
    """A request with noise and weights that no other request had, of this kind or another: no cache has them."""
    body, seed = dict(case.body), next(SEEDS)
    if "source" in body:
        body["source"] = {**body["source"], "seed": seed}
    if body.get("weights"):
        body["weights"] = {**body["weights"], "seed": seed}
    if case.route == "plan":  # a plan is kept with its shape
        *sizes, last = body["input_shape"]
        body["input_shape"] = [*sizes, last + seed % 7]
    return body


def measure(client: TestClient, buckets: Buckets, case: Case, turns: int) -> Found:
    """The median of some turns; a first one loads what is loaded once, and stands alone where it took long."""
    costs: list[float] = []
    charges: list[float] = []
    status = 0
    while len(costs) <= turns and sum(costs) < ENOUGH_MS:
        asked = seeded(case)
        buckets.taken, begun = 0.0, time.process_time()
        answer = client.post(f"/api/v1/{case.route}", json=asked, headers={"Accept": case.accept})
        costs.append((time.process_time() - begun) * 1000)
        charges.append(buckets.taken)
        status = answer.status_code
    first = 1 if len(costs) > 1 else 0
    return Found(case, status, median(costs[first:]), median(charges[first:]), len(costs) - first)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the unfair ones first, and fail while there are any."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.charges", description=__doc__)
    parser.add_argument("only", nargs="*", help="measure only the cases whose name contains one of these")
    parser.add_argument("--turns", type=int, default=TURNS, help="requests of each kind, at most")
    options = parser.parse_args(arguments)
    buckets, found, began = Buckets(), [], time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(uploads=Path(folder), compute_s=600))
        app.state.services.admission.buckets = buckets
        with TestClient(app, raise_server_exceptions=False) as client:
            for case in cases():
                if options.only and not any(part in case.name for part in options.only):
                    continue
                one = measure(client, buckets, case, options.turns)
                found.append(one)
                print(line(one), flush=True)
    unfair = [one for one in found if not one.is_fair or one.status != 200]
    print(f"\n{describe()}")
    spent = time.perf_counter() - began
    print(
        f"{len(found)} kinds of requests in {spent:.0f} s, {len(unfair)} charged beyond a factor of {FACTOR:g}"
    )
    for one in sorted(unfair, key=lambda one: one.ratio):
        print(line(one))
    return 1 if unfair else 0


def line(found: Found) -> str:
    """One kind of request in a line."""
    fair = "" if found.is_fair and found.status == 200 else f"  UNFAIR {found.status}"
    cost = f"{found.cost_ms:>9.1f} ms {found.charged:>9.1f} units {found.ratio:>7.2f}"
    return f"{found.case.name:<58} {cost}  ({found.turns}){fair}"


if __name__ == "__main__":
    raise SystemExit(main())
