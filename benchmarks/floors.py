"""The demands of the kernels' aims on this machine: ``python -m benchmarks.floors``, with the extra ``[bench]``.

For rows that fall short of an aim, the time of the bare work that NumPy cannot go below is measured between runs of
ours and of the library that the aim is about: the products alone with both factors in the cache, one pass over
memory, or the calls themselves. A floor above the aim says that the aim is out of reach here.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import peers
from .kernels import (
    against_reference,
    one_thread,
    ratio,
    take_turns,
)
from .layers import ROWS, Row
from .machine import median

Make = Callable[[peers.Work], peers.Call]


def products(filters: int, depth: int, columns: int) -> Make:
    """As many products of this size as the layers' multiply-adds fill, from and into the same cached arrays."""

    def make(work: peers.Work) -> peers.Call:
        walks = [layer.geometry.walk for _, layer in work.layers]
        spread = [axis.source.spread for axis in walks[0].axes]  # zeros between cells are not multiplied
        multiplied = sum(walk.lanes * walk.channels_per_group * walk.taps * walk.steps for walk in walks)
        count = round(multiplied / np.prod(spread) / (filters * depth * columns))
        weights, cells = np.ones((filters, depth), work.x.dtype), np.ones((depth, columns), work.x.dtype)
        out = np.empty((filters, columns), work.x.dtype)

        def call() -> None:
            for _ in range(count):
                np.dot(weights, cells, out=out)

        return call

    return make


def calls(work: peers.Work) -> peers.Call:
    """A result, the input with a cell of padding behind it, the columns out of that by an index, one product."""
    (_, layer) = work.layers[0]
    walk, weight = layer.geometry.walk, layer.weight
    assert weight is not None
    depth = walk.channels * walk.taps
    source, columns = np.zeros(work.x.size + 1, work.x.dtype), np.empty((depth, walk.steps), work.x.dtype)
    inside, matrix = source[:-1].reshape(work.x.shape), weight.reshape(walk.lanes, -1)
    index = np.arange(depth * walk.steps).reshape(columns.shape) % source.size

    def call() -> None:
        out = np.empty((walk.lanes, walk.steps), work.x.dtype)
        inside[...] = work.x
        source.take(index, out=columns, mode="clip")
        np.dot(matrix, columns, out=out)

    return call


def copied(work: peers.Work) -> peers.Call:
    """The input read once, and a new output written once."""
    assert work.layers[-1][1].geometry.walk.output_shape == work.x.shape
    return lambda: np.copyto(np.empty_like(work.x), work.x)


def read(work: peers.Work) -> peers.Call:
    """The input read once, by the sum that reads fastest."""
    return lambda: np.einsum("rx->r", work.x.reshape(-1, 1 << 12))


@dataclass(frozen=True)
class Floor:
    """The least time of a row."""

    row: str
    what: str
    make: Make


FLOORS = (
    Floor("a", "the NumPy calls alone", calls),
    Floor("b", "the products alone", products(64, 147, 112)),
    Floor("d2", "input read once, output written once", copied),
    Floor("f", "the products alone", products(32, 64, 448)),
    Floor("f2", "the products alone", products(32, 64, 448)),
    Floor("g", "the products alone", products(32, 128, 64)),
    Floor("h6", "input read once", read),
)


def line(floor: Floor, row: Row, *, reference: bool) -> str:
    """One row of the table: times, and ratios to PyTorch."""
    work = peers.Work.of(row)
    bare, ours, torch = floor.make(work), peers.convscope(work), peers.torch_eager(work)
    times = take_turns([bare, ours, torch])
    cells = [row.name, floor.what, *(f"{1000 * median(one):.4f}" for one in times)]
    cells += [f"{ratio(times[0], times[2]):.2f}", f"{ratio(times[1], times[2]):.2f}", f"{row.eager:.2f}"]
    if reference and row.reference is not None:
        faster = against_reference(peers.onnx_reference(work), ours, work)
        bound = faster * median(times[1]) / median(times[0])
        cells += [f"{bound:,.0f}×", f"{faster:,.0f}×", f"{row.reference:,.0f}×"]
    return "| " + " | ".join(cells) + " |"


def main(arguments: list[str] | None = None) -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floors", description=__doc__)
    parser.add_argument("--reference", action="store_true", help="also beside onnx.reference")
    options = parser.parse_args(arguments)
    with one_thread() as versions:
        print(versions)
        head = ["row", "floor", "floor, ms", "ours, ms", "PyTorch, ms", "floor to PyTorch", "ours", "aim"]
        if options.reference:
            head += ["floor to onnx.reference", "ours", "aim"]
        print("| " + " | ".join(head) + " |\n" + "|---" * len(head) + "|")
        for floor in FLOORS:
            row = next(row for row in ROWS if row.name == floor.row)
            print(line(floor, row, reference=options.reference), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
