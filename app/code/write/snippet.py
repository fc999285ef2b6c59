"""The parts that every snippet has: its head, the tensors, and the check of the output. Knows no framework."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ...core.errors import counted
from .subject import Array, Subject
from .tensors import (
    Origin,
    assignment,
    nested,
    number,
)

LITERAL_OUTPUT = 256  # output cells that are checked one by one
CHECKED_CELLS = 5  # of a larger output, besides its sum
LINE = 96


class Inexpressible(Exception):
    """A framework cannot say a setting: why, and where it can be said."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Body:
    """A framework's own part of a snippet: imports, and lines that make ``y`` (NumPy) out of ``x``."""

    imports: tuple[str, ...]
    lines: list[str]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code out, as the API answers it."""

    code: str
    notes: tuple[str, ...]
    expressible: bool
    language: str = "python"


def assembled(subject: Subject, framework: str, body: Body) -> Snippet:
    """A whole snippet: it builds the layer with these weights on this input and checks the output shown."""
    data, notes = data_of(subject)
    check = check_of(subject.output, subject.atol)
    imports = ["import numpy as np", *body.imports]
    if any("b85decode" in line for line in data):
        imports = ["import base64", "import zlib", *imports]
    lines = [
        f"# {subject.title} in {framework}: the layer, the input and the output that Convscope shows.",
        *sorted_imports(imports),
        "",
        *data,
        "",
        *body.lines,
        "",
        *check,
    ]
    return Snippet("\n".join(lines) + "\n", (*body.notes, *notes), True)


def refused(subject: Subject, framework: str, reason: str) -> Snippet:
    """A snippet that says why there is none, instead of computing something else."""
    return refusal(subject.title, framework, reason)


def refusal(title: str, framework: str, reason: str) -> Snippet:
    """The same, told of anything."""
    comments = comment(f"{framework} cannot express this setting: {reason}")
    comments += comment("The NumPy snippet computes what is shown.")
    head = f"# {title} in {framework}"
    return Snippet("\n".join([head, "#", *comments]) + "\n", (reason,), False)


def sorted_imports(lines: list[str]) -> list[str]:
    """Imports as formatters have them: the standard library first, then plain imports, then those of names."""
    first = [line for line in lines if line.split()[1] in ("base64", "zlib", "os")]
    others = sorted(
        (line for line in lines if line not in first), key=lambda line: (line.startswith("from"), line)
    )
    environment = [line for line in others if line.startswith("from __")]
    others = [line for line in others if line not in environment]
    return [*environment, *first, *([""] if first else []), *others]


def comment(text: str) -> list[str]:
    """A sentence as comment lines of a readable length."""
    lines, line = [], "#"
    for word in text.split():
        if len(line) + len(word) + 1 > LINE:
            lines.append(line)
            line = "#"
        line += f" {word}"
    return [*lines, line]


def data_of(
    subject: Subject,
    names: Mapping[str, str] | None = None,
    *,
    written: bool = True,
) -> tuple[list[str], list[str]]:
    """Lines that give a layer's tensors, and notes about them: all of them, or those with ``names``.

    Arrays that are not to be ``written`` come from a file, unless a line draws them.
    """
    lines: list[str] = []
    notes: list[str] = []
    for name, layout in _layouts(subject).items():
        if (names is not None and name not in names) or not subject.has(name):
            continue
        array, called = subject.tensor(name), name if names is None else names[name]
        shape = f"{layout}: {'×'.join(map(str, array.shape))}" if layout else ""
        given, loads = assignment(called, array, shape, subject.origins.get(name, Origin()), written=written)
        lines += given
        if loads:
            notes.append(f"{called} has {counted(array.size, 'number')}: the snippet loads {called}.npy.")
        if not np.isfinite(array).all():
            notes.append(
                f"{called} has values that are not finite; frameworks differ in what they make of them."
            )
    return lines, notes


def _layouts(subject: Subject) -> dict[str, str]:
    """The tensors that a snippet may need, with their axes."""
    kernel = ", ".join(subject.names)
    first, second = "filters", "channels of a group"
    if subject.layer.geometry.weight_layout == "channels":
        first, second = "channels", "filters of a group"
    layouts = {"x": f"({', '.join(('channels', *subject.names))})"}
    if subject.own:
        return layouts | dict.fromkeys(subject.own, "")
    return layouts | {"weight": f"({first}, {second}, {kernel})", "bias": ""}


def check_of(output: Array, atol: float) -> list[str]:
    """Assertions about ``y``: cell by cell, or by its sum and a few cells where it is large."""
    within = f"rtol=1e-4, atol={atol:g}"
    if output.size <= LITERAL_OUTPUT:
        return [f"expected = np.array({nested(output)}, dtype=np.float32)", *_closes("y", "expected", within)]
    lines = [f"assert y.shape == {tuple(output.shape)}"]
    total = float(output.sum(dtype=np.float64))
    if math.isfinite(total):
        loose = f"rtol=1e-4, atol={float(f'{atol * output.size:.0e}'):g}"
        lines += _closes("y.sum(dtype=np.float64)", repr(total), loose)
    for flat in np.linspace(0, output.size - 1, CHECKED_CELLS).astype(int):
        cell = tuple(int(place) for place in np.unravel_index(flat, output.shape))
        lines += _closes(f"y[{', '.join(map(str, cell))}]", number(output[cell]), within)
    return lines


def _closes(found: str, expected: str, within: str) -> list[str]:
    return [f"np.testing.assert_allclose({found}, {expected}, {within})"]


def lit(value: float) -> str:
    """A Python number, with infinities as NumPy has them."""
    return number(np.float32(value)) if math.isfinite(value) else number(value)


def one(values: tuple[int, ...]) -> str:
    """``2`` where all axes have it, else ``(2, 3)``."""
    if len(set(values)) == 1:
        return str(values[0])
    return tupled(values)


def tupled(values: tuple[int, ...]) -> str:
    """``(2, 3)``, or ``(2,)``."""
    return "(" + ", ".join(map(str, values)) + ("," if len(values) == 1 else "") + ")"
