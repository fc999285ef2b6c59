"""Write the golden files afresh: ``python -m tests.golden.write``. A test fails while one of them is stale."""

from __future__ import annotations

import functools
import json
from pathlib import Path

from app.core.frameworks.catalog import catalog
from app.figures.writers.formats import formats
from app.operations import registry

from . import arithmetic, figures, networks, sources
from .cases import draw
from .frames import recorded

FOLDER = Path(__file__).parent
CASES = 160
SEED = 1


@functools.cache
def contents() -> dict[str, bytes]:
    """Every golden file by name: one case or frame a line, so that a change reads well."""
    frames, described = recorded()
    files = {
        "frames.bin": frames,
        "frames.json": described.encode(),
        "sources.json": sources.recorded().encode(),
        "arithmetic.json": arithmetic.recorded().encode(),
        "networks.json": networks.recorded().encode(),
        "sets.json": _sets().encode(),
    }
    for operation in registry().values():
        drawn = draw(operation, CASES, SEED)
        cases = ",\n".join(_compact(case) for case in drawn["cases"])
        text = f'{{"operation":{_compact(drawn["operation"])},\n"cases":[\n{cases}\n]}}\n'
        files[f"{operation.name}.json"] = text.encode()
    return files | figures.recorded()


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
    for name, content in contents().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
