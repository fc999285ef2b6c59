"""Training beside PyTorch, and over a socket: ``python -m benchmarks.learning``. One thread; PyTorch only where it is.

The same networks, batches and optimiser, interleaved ten steps at a time, so that a machine whose clock changes slows
both; the best of all rounds counts. Over the socket a plain client on loopback takes every snapshot.
"""

from __future__ import annotations

import argparse
import importlib
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from app.core.learning.examples import Examples, Part
from app.core.learning.loop import How, Training
from app.core.learning.optimisers import settings_of
from app.core.learning.starts import start_row
from app.core.network.graph import network_of
from app.core.network.shapes import shapes_of
from app.data.sets import GlyphsData, StrokesData, examples_of
from app.operations import registry

from .machine import describe, row
from .server import Server
from .sockets import BINARY, PlainSocket

Json = dict[str, Any]

ROUNDS, STEPS = 40, 10
RATIO_AIM = 0.8
CAUSAL = 6  # layers


def conv(filters: int, **more: Any) -> Json:
    return {
        "operation": "convolution",
        "kernel": 3,
        "padding": "same",
        "filters": filters,
        "bias": True,
        "activation": "relu",
        **more,
    }


POOL: Json = {"operation": "max_pooling", "kernel": 2}


def dense(filters: int) -> Json:
    return {"operation": "dense", "filters": filters, "bias": True}


def two_layers(classes: int) -> list[Json]:
    """Two convolutions, each with a pool, and the votes."""
    return [conv(4), POOL, conv(8), POOL, dense(classes)]


@dataclass(frozen=True)
class Case:
    """A network with its examples."""

    name: str
    layers: list[Json]
    examples: Callable[[], Examples]
    batch: int
    per_second: int | None = None  # training steps that are aimed at


def _series() -> Examples:
    rng = np.random.default_rng(0)
    part = Part(rng.normal(size=(320, 1, 128)).astype(np.float32), rng.integers(0, 2, 320))
    return Examples(part, part.first(0), ("a", "b"))


CASES = (
    Case(
        "two layers, 9×9, batch 32",
        two_layers(2),
        lambda: examples_of(StrokesData(kind="strokes", size=9), 0),
        32,
        800,
    ),
    Case(
        "two layers, 16×16, batch 32",
        two_layers(2),
        lambda: examples_of(StrokesData(kind="strokes", size=16), 0),
        32,
        300,
    ),
    Case(
        "digits 8×8, batch 32", two_layers(10), lambda: examples_of(GlyphsData(kind="glyphs", size=8), 0), 32
    ),
    Case(
        "six causal layers, 16 × 128",
        [
            *(conv(8, kernel=2, dilation=2**place, padding="causal") for place in range(CAUSAL)),
            dense(2),
        ],
        _series,
        16,
    ),
)


def training_of(case: Case) -> Training:
    """The case as it is trained here."""
    examples = case.examples()
    specs = [registry()[layer["operation"]].spec.model_validate(layer) for layer in case.layers]
    shapes = shapes_of(network_of(specs, registry()), examples.shape)
    how = How(optimiser=settings_of("adam", 0.01), batch=case.batch)
    return Training(shapes, examples, start_row(shapes, "pytorch", 0), how)


def in_pytorch(torch: Any, case: Case, training: Training) -> Callable[[int], None]:
    """The same training step in PyTorch's eager mode."""
    nn = torch.nn
    modules: list[Any] = []
    shape = training.examples.shape
    for node in training.shapes.network.layers:
        spec: Any = node.spec
        placed = training.shapes.placed[node.name]
        if placed.geometry.weighted and placed.geometry.walk.steps > 1:
            if spec.padding == "causal":
                modules.append(nn.ConstantPad1d((spec.dilation * (spec.kernel - 1), 0), 0.0))
            kind = getattr(nn, f"Conv{len(shape) - 1}d")
            padding = 1 if spec.padding == "same" else 0
            channels = placed.input_shape[0]
            modules.append(kind(channels, spec.filters, spec.kernel, dilation=spec.dilation, padding=padding))
            modules.append(nn.ReLU())
        elif placed.geometry.weighted:
            modules += [nn.Flatten(), nn.Linear(math.prod(placed.input_shape), spec.filters)]
        else:
            modules.append(nn.MaxPool2d(2))
    network = nn.Sequential(*modules)
    optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
    loss = nn.CrossEntropyLoss()
    x = torch.from_numpy(training.examples.training.x)
    labels = torch.from_numpy(training.examples.training.labels.astype(np.int64))

    def step(number: int) -> None:
        chosen = torch.from_numpy(training.chosen(number))
        optimiser.zero_grad()
        loss(network(x[chosen]), labels[chosen]).backward()
        optimiser.step()

    return step


def best_s(calls: list[Callable[[int], object]]) -> list[float]:
    """Processor seconds of a step of each, interleaved: on a busy machine the clock counts others' work too."""
    best = [math.inf] * len(calls)
    for round_ in range(ROUNDS + 1):
        for place, call in enumerate(calls):
            begun = time.process_time()
            for step in range(STEPS):
                call(round_ * STEPS + step)
            if round_:  # the first is a warming up
                best[place] = min(best[place], (time.process_time() - begun) / STEPS)
    return best


def beside_pytorch() -> bool:
    """Training steps of every case."""
    try:
        torch: Any = importlib.import_module("torch")
    except ImportError:
        torch = None
        print("PyTorch is not here: its times are left out.")
    else:
        torch.set_num_threads(1)
    ratios, reached = [], True
    for case in CASES:
        training = training_of(case)
        calls: list[Callable[[int], object]] = [lambda number, one=training: one.train()]  # type: ignore[misc]
        if torch is not None:
            calls.append(in_pytorch(torch, case, training))
        ours, *theirs = best_s(calls)
        speed = f"{1 / ours:,.0f} /s"
        enough = case.per_second is None or 1 / ours >= case.per_second
        reached &= enough
        print(row(case.name, speed, f"≥ {case.per_second}" if case.per_second else "", enough))
        if theirs:
            ratios.append(ours / theirs[0])
            print(row(f"  beside PyTorch's {theirs[0] * 1e6:,.0f} µs", f"{ratios[-1]:.2f}", "", True))
    if ratios:
        mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
        print(row("geometric mean of PyTorch's time", f"{mean:.2f}", f"≤ {RATIO_AIM}", mean <= RATIO_AIM))
        reached &= mean <= RATIO_AIM
    return reached


def over_a_socket(size: int, aim: int, steps: int) -> bool:
    """Training steps a second to a reader that takes each snapshot, and the time to the first changed one."""
    server = Server()
    try:
        page = PlainSocket(server.host, server.port)
        message = {
            "type": "train",
            "job": 1,
            "credits": 1_000_000,
            "layers": two_layers(2),
            "data": {"kind": "strokes", "size": size, "count": 500, "validation": 400},
            "optimiser": {"kind": "adam", "rate": 0.01},
            "steps": steps,
            "report": max(1, aim // 25),
            "snapshots": 10,
        }
        reached = True
        for warming in (True, False):
            begun, spent = time.perf_counter(), server.cpu_s()
            page.send({**message, "steps": 50} if warming else message)
            frames, first = 0, 0.0
            while True:
                kind, data = page.receive()
                if kind == BINARY:
                    frames += 1
                    first = first or (time.perf_counter() - begun if frames == 2 else 0.0)
                elif b'"type":"end"' in bytes(data):
                    break
            took, spent = time.perf_counter() - begun, server.cpu_s() - spent
        enough = (
            steps / spent >= aim
        )  # of its processor time: on a busy machine the clock counts others' work too
        reached &= enough
        print(
            row(
                f"{size}×{size} to a page, reports and snapshots",
                f"{steps / spent:,.0f} /s",
                f"≥ {aim}",
                enough,
            )
        )
        print(row("  by the clock", f"{steps / took:,.0f} /s", "", True))
        print(row("  snapshots a second", f"{frames / took:,.0f}", "≥ 20", frames / took >= 20))
        print(row("  the first changed filter", f"{first * 1000:,.0f} ms", "≤ 200 ms", first <= 0.2))
        return reached
    finally:
        server.stop()


def main() -> None:
    """All of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--steps", type=int, default=2000, help="training steps over the socket")
    options = parser.parse_args()
    print(describe())
    reached = beside_pytorch()
    reached &= over_a_socket(9, 800, options.steps)
    reached &= over_a_socket(16, 300, options.steps // 2)
    raise SystemExit(0 if reached else 1)


if __name__ == "__main__":
    main()
