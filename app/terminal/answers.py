"""Answers of the API as words for a terminal. Knows their shapes and no file."""

from __future__ import annotations

from typing import Any

MOST_NUMBERS = 400  # of an output that is printed
COSTS = ("multiply_adds", "comparisons", "additions")


def told(command: str, answer: dict[str, Any]) -> str:
    """What a command's answer says, a line each."""
    return "\n".join({"plan": _plan, "run": _run, "solve": _solve}[command](answer)) + "\n"


def _plan(answer: dict[str, Any]) -> list[str]:
    return [line for layer in answer["layers"] for line in _planned(layer)]


def _planned(layer: dict[str, Any]) -> list[str]:
    lines = [f"{_shape(layer['input_shape'])} → {_shape(layer['output_shape'])}"]
    if layer["weight_shape"]:
        lines.append(f"weights {_shape(layer['weight_shape'])}")
    for axis in layer["axes"]:
        lines.append(f"{axis['name']}: {''.join(str(part['text']) for part in axis['formula'])}")
        if axis["unread_count"]:
            lines.append(f"{axis['name']}: {axis['unread_count']} cells are read by no step")
    costs = [f"{layer[name]:,} {name.replace('_', '-')}" for name in COSTS if layer[name]]
    if layer["parameters"]["total"]:
        costs.insert(0, f"{layer['parameters']['total']:,} parameters")
    return [*lines, *([", ".join(costs)] if costs else []), *layer.get("notes", [])]


def _run(answer: dict[str, Any]) -> list[str]:
    output = answer["output"]
    shape, numbers = _measured(output)
    lines = [f"output {_shape(shape)}"]
    if len(numbers) > MOST_NUMBERS:
        return [*lines, f"{len(numbers):,} numbers: use -o FILE.npy, or --json"]
    return [*lines, *_grids(output)]


def _solve(answer: dict[str, Any]) -> list[str]:
    found = answer["solutions"]
    lines = [f"{answer['count']:,} settings" + (f", the {len(found)} simplest:" if found else "")]
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
