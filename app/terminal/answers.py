"""Answers of the API as words for a terminal. Knows their shapes and no file."""

from __future__ import annotations

from typing import Any

from ..core.errors import counted

MOST_NUMBERS = 400  # of an output that is printed
COSTS = ("multiply_adds", "comparisons", "additions")


def formatted(command: str, answer: dict[str, Any]) -> str:
    """A command's answer as lines of text."""
    return "\n".join({"plan": _plan, "run": _run, "solve": _solve}[command](answer)) + "\n"


def _plan(answer: dict[str, Any]) -> list[str]:
    if len(answer["layers"]) > 1:
        return table(answer)
    layer = answer["layers"][0]
    lines = [f"{_shape(layer['input_shape'])} → {_shape(layer['output_shape'])}"]
    if layer["weight_shape"]:
        lines.append(f"weights {_shape(layer['weight_shape'])}")
    for axis in layer["axes"]:
        lines.append(f"{axis['name']}: {''.join(str(part['text']) for part in axis['formula'])}")
        if axis["unread_count"]:
            lines.append(
                f"{axis['name']}: {counted(axis['unread_count'], 'cell is', 'cells are')} read by no step"
            )
    costs = [f"{layer[name]:,} {name.replace('_', '-')}" for name in COSTS if layer[name]]
    if layer["parameters"]["total"]:
        costs.insert(0, counted(layer["parameters"]["total"], "parameter"))
    return [*lines, *([", ".join(costs)] if costs else []), *layer.get("notes", [])]


HEADS = ("layer", "operation", "reads", "output", "parameters", "multiply-adds", "sees", "jump")
RIGHT = (4, 5)  # columns of numbers


def rows_of(answer: dict[str, Any]) -> list[tuple[str, ...]]:
    """A network's plan as people know it from summaries, a row each."""
    rows: list[tuple[str, ...]] = []
    for layer in answer["layers"]:
        field = layer["receptive_field"]
        rows.append(
            (
                layer["name"],
                layer["operation"],
                ", ".join(layer["inputs"]),
                _shape(layer["output_shape"]),
                f"{layer['parameters']['total']:,}",
                f"{layer['multiply_adds']:,}",
                _range(field["least"], field["size"]),
                "×".join("–" if jump is None else f"{jump:g}" for jump in field["jump"]),
            )
        )
    return rows


def sums_of(answer: dict[str, Any]) -> list[str]:
    """The totals of a network, as sentences."""
    network = answer["network"]
    lines = [
        f"{counted(network['parameters'], 'parameter')}, {counted(network['multiply_adds'], 'multiply-add')}, "
        f"{counted(network['activation_bytes'], 'byte')} of activations"
    ]
    if network["covers_from"] is not None:
        lines.append(f"From {network['covers_from']} on, a cell sees the whole input.")
    for apart in network["misaligned"]:
        by = "×".join("?" if cells is None else f"{cells:g}" for cells in apart["by"])
        lines.append(f"{apart['layer']}: {' and '.join(apart['inputs'])} see cells that lie {by} apart.")
    return lines


def table(answer: dict[str, Any]) -> list[str]:
    """A network's plan as a table, and what it comes to."""
    rows = [HEADS, *rows_of(answer)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if at in RIGHT else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return [*lines, "", *sums_of(answer)]


def _range(least: list[int], most: list[int]) -> str:
    pairs = zip(least, most, strict=True)
    return "×".join(str(high) if low == high else f"{low}–{high}" for low, high in pairs)


def _run(answer: dict[str, Any]) -> list[str]:
    output = answer["output"]
    shape, numbers = _measured(output)
    lines = [f"output {_shape(shape)}"]
    if len(numbers) > MOST_NUMBERS:
        return [*lines, f"{counted(len(numbers), 'number')}: use -o FILE.npy, or --json"]
    return [*lines, *_grids(output)]


def _solve(answer: dict[str, Any]) -> list[str]:
    found = answer["solutions"]
    lines = [counted(answer["count"], "setting") + (f", the {len(found)} simplest:" if found else "")]
    for solution in found:
        settings = " ".join(f"{name}={value}" for name, value in solution["settings"].items())
        lines.append(f"  {settings}    {' · '.join(solution['formula'][:1])}")
    return lines


def _measured(nested: Any) -> tuple[list[int], list[Any]]:
    shape: list[int] = []
    level = [nested]
    while level and isinstance(level[0], list):
        shape.append(len(level[0]))
        level = [one for inner in level for one in inner]
    return shape, level


def _grids(nested: Any) -> list[str]:
    """Rows of numbers, with an empty line between grids: what the page takes when it is pasted."""
    if not isinstance(nested, list):
        return [_number(nested)]
    if not nested or not isinstance(nested[0], list):
        return [" ".join(_number(one).rjust(8) for one in nested)]
    lines: list[str] = []
    for one in nested:
        deep = isinstance(one[0], list)
        lines += ([""] if deep and lines else []) + _grids(one)
    return lines


def _number(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"


def _shape(sizes: list[int]) -> str:
    return "×".join(map(str, sizes))
