"""Write the golden files afresh: ``python -m tests.golden.write``. A test fails while one of them is stale."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from app.core.frameworks.catalog import catalog
from app.core.operation import Operation
from app.figures.writers.formats import formats
from app.operations import registry

from . import arithmetic, figures, networks, sources, training
from .cases import draw
from .frames import recorded

FOLDER = Path(__file__).parent
CASES = 160
SEED = 1


def writers() -> dict[str, Callable[[], bytes]]:
    """The writer of each golden file, by name. A name costs nothing, so that tests can be listed by it."""
    made: dict[str, Callable[[], bytes]] = {
        "frames.bin": lambda: _frames()[0],
        "frames.json": lambda: bytes(_frames()[1], "utf-8"),
        "sources.json": lambda: sources.recorded().encode(),
        "arithmetic.json": lambda: arithmetic.recorded().encode(),
        "networks.json": lambda: networks.recorded().encode(),
        "training.json": lambda: training.recorded().encode(),
        "sets.json": lambda: _sets().encode(),
    }
    made |= {f"{name}.json": partial(_cases, operation) for name, operation in registry().items()}
    return made | figures.writers()


_frames = functools.cache(recorded)


def _cases(operation: Operation) -> bytes:
    """One case a line, so that a change reads well."""
    drawn = draw(operation, CASES, SEED)
    cases = ",\n".join(_compact(case) for case in drawn["cases"])
    return f'{{"operation":{_compact(drawn["operation"])},\n"cases":[\n{cases}\n]}}\n'.encode()


def _sets() -> str:
    """The lists that the page mirrors, one record a line."""
    lists = {"frameworks": catalog(), "formats": formats()}
    lines = (
        f'"{name}":{{\n' + ",\n".join(f'"{key}":{_compact(one)}' for key, one in records.items()) + "\n}"
        for name, records in lists.items()
    )
    return "{" + ",\n".join(lines) + "}\n"


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def main() -> None:
    """Write what differs."""
    FOLDER.mkdir(exist_ok=True)
    for name, write in writers().items():
        (FOLDER / name).write_bytes(write())


if __name__ == "__main__":
    main()
