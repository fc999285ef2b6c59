"""The machine of a measurement, and how its figures are printed."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path


def describe() -> str:
    """Processor, cores, Python and NumPy in one line."""
    import numpy as np

    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, NumPy {np.__version__}"


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def row(name: str, figure: str, aim: str, reached: bool) -> str:
    """One line of a table."""
    return f"{name:<58} {figure:>16}   {aim:<18} {'yes' if reached else 'NO'}"


def print_times(name: str, times: Sequence[float], most: float, share: float = 0.5) -> None:
    """Print a line for times in milliseconds, a share of which is to be within ``most``."""
    text = f"{median(times):.1f} ms, 95 % within {quantile(times, 0.95):.1f} ms"
    aim = f"≤ {most:.0f} ms" + ("" if share == 0.5 else f", p{100 * share:.0f}")
    print(row(name, text, aim, quantile(times, share) <= most), flush=True)
