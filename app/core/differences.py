"""Where the frameworks differ on a setting at hand, and why, as sentences. Knows settings and walks, no number.

Facts measured on PyTorch 2.13, Keras 3.15 and ONNX 1.22; each function looks at one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .errors import Unfit
from .frameworks.catalog import WITH_RULES
from .geometry import Geometry, geometry
from .operation import Operation
from .spec import LayerSpec

Finder = Callable[[Operation, LayerSpec, Geometry], Iterator[str]]


def frameworks(operation: Operation, spec: LayerSpec, input_shape: tuple[int, ...]) -> dict[str, Any]:
    """A setting in each framework: its layer, the output's shape, or why it refuses."""
    answers: dict[str, Any] = {}
    for rules in WITH_RULES:
        asked = operation.spec.model_validate({**spec.model_dump(exclude_unset=True), "rules": rules})
        layers = operation.frameworks[rules].names if rules in operation.frameworks else {}
        answer: dict[str, Any] = {"layer": layers.get(len(input_shape) - 1)}
        try:
            answer["output_shape"] = list(geometry(operation, asked, input_shape).output_shape)
        except Unfit as problem:
            answer["refused"] = problem.detail
        answers[rules] = answer
    return answers


def differences(operation: Operation, spec: LayerSpec, built: Geometry) -> list[str]:
    """Sentences about what the frameworks do otherwise with this setting."""
    return [sentence for find in FINDERS for sentence in find(operation, spec, built)]


def _padding(spec: LayerSpec) -> Any:
    return getattr(spec, "padding", 0)


def _same(operation: Operation, spec: LayerSpec, built: Geometry) -> Iterator[str]:
    padding = _padding(spec)
    if padding not in ("same", "same_lower"):
        return
    transposed = built.scatter is not None
    if not transposed and any(axis.source.begin != axis.source.end for axis in built.walk.axes):
        side = "end" if padding == "same" else "beginning"
        yield (
            f"The odd cell of {padding} goes to the {side}: PyTorch, Keras and ONNX SAME_UPPER put it at the end, "
            "ONNX SAME_LOWER at the beginning."
        )
    if not transposed and any(axis.affine.stride > 1 for axis in built.walk.axes):
        yield (
            "same with a stride has no fixed padding: it depends on the input's size. Keras and ONNX compute it, "
            "PyTorch refuses."
        )
    if transposed and any(span_of(axis.affine) < step.writes.stride for axis, step in _both(built)):
        yield (
            "The kernel is smaller than the stride: Keras and the ONNX text give size · stride cells, the last of "
            "them the bias alone; ONNX Runtime gives fewer."
        )


def span_of(footprint: Any) -> int:
    """Cells from the first to the last tap of an affine footprint."""
    return int((footprint.taps - 1) * footprint.gap + 1)


def _both(built: Geometry) -> Iterator[tuple[Any, Any]]:
    assert built.scatter is not None
    yield from zip(built.walk.axes, built.scatter.axes, strict=True)


def _causal(operation: Operation, spec: LayerSpec, built: Geometry) -> Iterator[str]:
    if _padding(spec) == "causal":
        yield (
            "causal is a word of Keras' Conv1D alone; in PyTorch and ONNX pad the beginning by "
            "dilation · (kernel − 1) before the layer."
        )


def _ceil_mode(operation: Operation, spec: LayerSpec, built: Geometry) -> Iterator[str]:
    if not getattr(spec, "ceil_mode", False):
        return
    for axis, formula in zip(built.walk.axes, built.formulas, strict=True):
        if any("− 1 = " in text for text, _ in formula):
            yield (
                f"On axis {axis.name} the last window would start in the end padding; PyTorch and ONNX drop it "
                "as here."
            )
    if built.combination.finish == "root" and any(axis.source.overhang for axis in built.walk.axes):
        theirs = "PyTorch multiplies a clipped window's mean by the full kernel, so that its norm of the last window "
        if built.constants.divisor is None:
            yield f"{theirs}is larger."
        else:
            yield f"{theirs}is larger, as here; ONNX adds up the cells that there are."


def _counting(operation: Operation, spec: LayerSpec, built: Geometry) -> Iterator[str]:
    if built.combination.finish != "divide" or isinstance(built.constants.divisor, int):
        return
    padded = any(axis.source.begin or axis.source.end for axis in built.walk.axes)
    if padded:
        yield (
            "PyTorch counts padded cells in the divisor unless told otherwise; ONNX does not unless told, and "
            "Keras never does."
        )
    if any(axis.source.overhang for axis in built.walk.axes) and built.constants.divisor == "padded":
        yield (
            "Cells that ceil mode reads past the padding are never counted; ONNX Runtime counted it before opset 19."
        )


def _padded_cells(operation: Operation, spec: LayerSpec, built: Geometry) -> Iterator[str]:
    note = built.combination.note
    if note and any(axis.source.begin or axis.source.end for axis in built.walk.axes):
        yield note


def _norm(operation: Operation, spec: LayerSpec, built: Geometry) -> Iterator[str]:
    p = built.constants.p
    if p is not None and p % 2:
        yield (
            f"With p = {p} PyTorch keeps the signs, so that negatives give other values or none; ONNX takes "
            "magnitudes, as here."
        )


def _pool_stride(operation: Operation, spec: LayerSpec, built: Geometry) -> Iterator[str]:
    if getattr(spec, "stride", 1) is None:
        yield "A stride left out is the kernel in PyTorch and Keras, and 1 in ONNX and JAX."


def _output_padding(operation: Operation, spec: LayerSpec, built: Geometry) -> Iterator[str]:
    extra = getattr(spec, "output_padding", None)
    if extra and extra != (0,):
        yield (
            "output_padding adds cells at the end that hold what the kernel reaches; Keras' same with it gives "
            "(size − 1) · stride + kernel mod 2 + output_padding cells, and ONNX has no same with it."
        )


FINDERS: tuple[Finder, ...] = (
    _same,
    _causal,
    _ceil_mode,
    _counting,
    _padded_cells,
    _norm,
    _pool_stride,
    _output_padding,
)
