"""How fast the kernels are beside other libraries: ``python -m benchmarks.kernels``, with the extra ``[bench]``.

Every library computes the same layers from the same tensors on one thread, turn by turn in one process, so that a
change of the machine's clock meets all of them. The median of the ratios of neighbouring turns is
printed and plotted. Numbers are compared before they are timed.
"""

from __future__ import annotations

import argparse
import math
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import geometric_mean
from typing import Any

import numpy as np

from . import peers
from .chart import bars
from .layers import ROWS, Row
from .machine import describe, median

SECONDS = 1.5  # for the turns of one row
TURNS = range(9, 400)
REFERENCE_SECONDS = 4.0  # in which a slow library is called again


@dataclass
class Found:
    """The measurements of one row; ratios are ours through the peer's, below 1 is faster."""

    row: Row
    ours_ms: float
    eager: float
    runtime: float
    double: float | None
    reference: float | None
    extra_mib: float
    error: float
    missed: list[str] = field(default_factory=list)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print a table, and write it with a plot into a folder."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kernels", description=__doc__)
    parser.add_argument("rows", nargs="*", help="names of rows, such as c or h1 (default: all)")
    parser.add_argument(
        "--reference",
        action="store_true",
        help="also run onnx.reference, which takes a minute for a single pool",
    )
    parser.add_argument("--out", type=Path, default=None, help="a folder for kernels.md and kernels.svg")
    options = parser.parse_args(arguments)
    names = [row.name for row in ROWS]
    for name in options.rows:
        if name not in names:
            parser.error(f"no row is called {name}: use one of {', '.join(names)}")
    with one_thread() as versions:
        rows = [row for row in ROWS if not options.rows or row.name in options.rows]
        found = []
        for row in rows:
            found.append(measure(row, reference=options.reference))
            print(line(found[-1]), flush=True)
    text = table(found, versions)
    print(text)
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "kernels.md").write_text(text, encoding="utf-8")
        (options.out / "kernels.svg").write_text(plot(found, versions), encoding="utf-8")
    return 0


@contextmanager
def one_thread() -> Iterator[str]:
    """One thread in every library; gives their versions and the machine."""
    import onnx
    import onnxruntime
    import torch

    torch.set_num_threads(1)
    with torch.inference_mode():
        yield (
            f"{describe()}, PyTorch {torch.__version__}, ONNX Runtime {onnxruntime.__version__}, "
            f"onnx.reference {onnx.__version__}"
        )


def measure(row: Row, *, reference: bool) -> Found:
    """One row against its peers."""
    work = peers.Work.of(row)
    ours, torch, runtime = peers.convscope(work), peers.torch_eager(work), peers.onnxruntime_session(work)
    error = check(ours(), (torch(), runtime()), work)
    times = take_turns([ours, torch, runtime])
    found = Found(
        row,
        median(times[0]) * 1000,
        ratio(times[0], times[1]),
        ratio(times[0], times[2]),
        None,
        None,
        extra_bytes(ours) / 2**20,
        error,
    )
    if row.convolves:
        double = peers.Work.of(row, "float64")
        calls = [peers.convscope(double), peers.torch_eager(double)]
        check(calls[0](), (calls[1](),), double)
        times = take_turns(calls)
        found.double = ratio(times[0], times[1])
    if reference and row.reference is not None:
        found.reference = against_reference(peers.onnx_reference(work), ours, work)
    found.missed = list(misses(found))
    return found


def against_reference(reference: peers.Call, ours: peers.Call, work: peers.Work) -> float:
    """How many times faster than a library that may take a minute a call: timed once then, ours around it."""
    mine = [seconds(ours) for _ in range(5)]
    begun = time.perf_counter()
    expected = reference()
    taken = [time.perf_counter() - begun]
    check(ours(), (expected,), work)
    if taken[0] < 0.1:
        times = take_turns([reference, ours])
        return ratio(times[0], times[1])
    mine += [seconds(ours) for _ in range(5)]
    while (
        sum(taken) < REFERENCE_SECONDS and len(taken) < TURNS.start
    ):  # a call takes now this, now twice as long
        taken.append(seconds(reference))
        mine += [seconds(ours) for _ in range(5)]
    return median(taken) / median(mine)


def seconds(call: peers.Call) -> float:
    """How long one call takes."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def check(ours: Any, others: tuple[Any, ...], work: peers.Work) -> float:
    """The largest difference in units of the largest value, which must be what rounding allows."""
    dtype = np.finfo(work.x.dtype)
    terms = sum(layer.geometry.walk.taps * layer.geometry.walk.channels_per_group for _, layer in work.layers)
    worst = 0.0
    for other in others:
        expected = np.asarray(other).reshape(ours.shape)
        worst = max(worst, float(np.abs(ours - expected).max() / np.abs(expected).max()))
    # Errors of a sum of n terms grow like the square root of n; 8 leaves room for the largest of millions.
    allowed = 8 * math.sqrt(terms) * float(dtype.eps)
    if not worst <= allowed:
        raise AssertionError(
            f"{work.row.name}: off by {worst:.1e} of the largest value, {allowed:.1e} allowed"
        )
    return worst


def take_turns(calls: list[peers.Call]) -> list[list[float]]:
    """Seconds of each call, turn by turn: A B A B."""
    for call in calls:
        call()
    begun = time.perf_counter()
    for call in calls:
        call()
    turns = min(TURNS.stop, max(TURNS.start, int(SECONDS / (time.perf_counter() - begun))))
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(turns):
        for call, taken in zip(calls, times, strict=True):
            taken.append(seconds(call))
    return times


def ratio(ours: list[float], theirs: list[float]) -> float:
    """The median ratio of neighbouring turns."""
    return median([a / b for a, b in zip(ours, theirs, strict=True)])


def extra_bytes(call: peers.Call) -> int:
    """The most memory that a call needs beside its result, in a thread that has computed nothing before."""
    extra: list[int] = []

    def run() -> None:
        tracemalloc.start()
        output = call()
        extra.append(tracemalloc.get_traced_memory()[1] - output.nbytes)
        tracemalloc.stop()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return extra[0]


def misses(found: Found) -> Iterator[str]:
    """Rows that miss the aims."""
    row = found.row
    if found.eager > row.eager:
        yield f"PyTorch {found.eager:.2f} > {row.eager}"
    if found.double is not None and found.double >= 1:
        yield f"float64 {found.double:.2f} ≥ 1"
    if row.reference is not None and found.reference is not None and found.reference < row.reference:
        yield f"reference {found.reference:.0f} < {row.reference:.0f}"


COLUMNS = (
    "row",
    "layer",
    "ours, ms",
    "to PyTorch",
    "aim",
    "to ONNX Runtime",
    "float64 to PyTorch",
    "faster than onnx.reference",
    "extra MiB",
    "error",
    "short of",
)


def cells(found: Found) -> tuple[str, ...]:
    """One line of the table."""
    row = found.row
    return (
        row.name,
        row.title,
        f"{found.ours_ms:.3f}",
        f"{found.eager:.2f}",
        f"{row.eager:.2f}",
        f"{found.runtime:.2f}",
        "" if found.double is None else f"{found.double:.2f}",
        "" if found.reference is None else f"{found.reference:,.0f}×",
        f"{found.extra_mib:.2f}",
        f"{found.error:.0e}",
        "; ".join(found.missed),
    )


def line(found: Found) -> str:
    """One row as it is printed while measuring."""
    return " | ".join(cells(found))


def table(found: list[Found], versions: str) -> str:
    """All rows in Markdown."""
    eager = geometric_mean([one.eager for one in found])
    runtime = geometric_mean([one.runtime for one in found])
    lines = [
        "# The kernels beside other libraries",
        "",
        "Written by `python -m benchmarks.kernels --reference --out docs`. One thread, float32 unless it says "
        "otherwise; time ratios, below 1 is faster, medians of neighbouring turns in one process.",
        "",
        versions + ".",
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "|---" * len(COLUMNS) + "|",
        *("| " + " | ".join(cells(one)) + " |" for one in found),
        "",
        f"Geometric means: {eager:.2f} of PyTorch's time (aim 0.45), {runtime:.2f} of ONNX Runtime's (aim 0.75).",
        "",
    ]
    return "\n".join(lines)


def plot(found: list[Found], versions: str) -> str:
    """All rows as bars on a logarithmic axis."""
    return bars(
        "Time of a layer, in units of each library's",
        [(f"{one.row.name}  {one.row.title}", (one.eager, one.runtime)) for one in found],
        ("PyTorch eager", "ONNX Runtime"),
        versions,
    )


if __name__ == "__main__":
    raise SystemExit(main())
