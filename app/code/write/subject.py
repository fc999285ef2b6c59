"""The layer that code out writes: its tensors, output, and geometry as plain numbers per axis.

Knows no target.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...core.activations import ACTIVATIONS
from ...core.activations.none import ACTIVATION as NO_ACTIVATION
from ...core.combines.combine import Combine
from ...core.engine.trace import Layer
from ...core.frameworks.framework import Framework
from ...core.frameworks.writing import Writing
from ...core.spec import LayerSpec, per_axis
from ...core.walk.walk import AXIS_NAMES, Affine
from .tensors import Origin

Array = NDArray[np.floating]

# The kinds of combines that snippets have different words for.
Kind = Literal["products", "winner", "mean", "norm", "sum", "cells"]
KINDS: dict[str, Kind] = {"divide": "mean", "root": "norm", "none": "sum"}


@dataclass(frozen=True)
class Subject:
    """One layer to write: what it is, what it reads and what it gives."""

    layer: Layer
    spec: LayerSpec
    output: Array
    origins: dict[str, Origin] = field(default_factory=dict)

    @property
    def rule(self) -> str:
        """The name of the size rule: what kind of walk this is; shape where only the shape changes."""
        geometry = self.layer.geometry
        return geometry.result if geometry.result == "shape" else self.layer.operation.geometry

    @property
    def is_plain(self) -> bool:
        """Whether arrays alone say it, so that no layer of the framework is needed."""
        return self.rule in ("pointwise", "border", "blocks", "phases", "shape")

    @property
    def own(self) -> Mapping[str, Array]:
        """The operation's own tensors, where it has such and they are known."""
        return self.layer.own or {}

    def has(self, name: str) -> bool:
        """Whether there is a tensor of that name: x, weight, bias, or one of the operation's own."""
        return name in self.own or getattr(self.layer, name, None) is not None

    def tensor(self, name: str) -> Array:
        """The tensor of that name."""
        array: Array = self.own[name] if name in self.own else getattr(self.layer, name)
        return array

    @property
    def border(self) -> tuple[tuple[int, int], ...]:
        """Cells that padding as a layer adds on each axis, as (begin, end); a negative one crops."""
        return tuple(
            (-axis.affine.start, axis.output - axis.source.size + axis.affine.start)
            for axis in self.layer.geometry.walk.axes
        )

    @property
    def factors(self) -> tuple[int, ...]:
        """Cells of a block per axis, where cells become channels or channels cells."""
        walk = self.layer.geometry.walk
        return walk.phases if walk.phased else walk.tap_shape

    @property
    def combine(self) -> Combine:
        """The combine of the layer."""
        return self.layer.geometry.combination

    @property
    def kind(self) -> Kind:
        """The same as the kind of snippet that says it."""
        combine = self.combine
        if combine.weighted:
            return "products"
        if combine.selects:
            return "winner"
        if combine.reduce == "pick":
            return "cells"
        return KINDS[combine.finish]

    @property
    def is_written(self) -> bool:
        """Whether snippets know its combine: powers under a root alone, and the rest by the combine's fragments."""
        if self.combine.term == "power":
            return self.combine.finish == "root"
        reduced = self.combine.term == "value" and self.kind in ("winner", "sum")
        return not reduced or {"reduce", "lax", "start"} <= self.combine.code.keys()

    @property
    def mixes_numbers(self) -> bool:
        """Whether an activation over channels meets a grid whose numbers are lanes each: no framework has that."""
        grid = self.rule == "shape" and len(self.layer.geometry.output_shape) > 1
        return grid and ACTIVATIONS[self.spec.activation].across == "channels"

    def activated(self, target: str, channels: int) -> list[str]:
        """The line of the activation in a target's words, where there is one; the channels lie on that axis."""
        activation = ACTIVATIONS[self.spec.activation]
        if activation.name == NO_ACTIVATION.name:
            return []
        return [f"y = {activation.code[target].replace('{channels}', str(channels))}"]

    def activation_imports(self, target: str) -> tuple[str, ...]:
        """The imports of the activation's line besides the target itself."""
        needed = ACTIVATIONS[self.spec.activation].imports.get(target)
        return () if needed is None else (needed,)

    @property
    def title(self) -> str:
        """The operation's name for people."""
        return self.layer.operation.title

    @functools.cached_property
    def axes(self) -> int:
        """How many spatial axes."""
        return len(self.sizes)

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """The axes' names: row, col."""
        return AXIS_NAMES[self.axes]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Input cells per axis."""
        return tuple(self.layer.x.shape[1:])

    @property
    def channels(self) -> int:
        """Input channels."""
        return self.layer.geometry.walk.channels

    @property
    def filters(self) -> int:
        """Output channels."""
        return self.layer.geometry.walk.lanes

    @property
    def groups(self) -> int:
        """Groups of channels."""
        return self.layer.geometry.walk.groups

    @property
    def steps(self) -> tuple[int, ...]:
        """Output cells per axis."""
        return self.layer.geometry.walk.step_shape

    @property
    def shape(self) -> tuple[int, ...]:
        """The output's shape."""
        return tuple(self.output.shape)

    @property
    def affine(self) -> tuple[Affine, ...]:
        """The footprint of each axis: what a step reads; of a transposed convolution, what it writes."""
        walk, scatter = self.layer.geometry.walk, self.layer.geometry.scatter
        if scatter is not None:
            return tuple(axis.writes for axis in scatter.axes)
        return tuple(axis.affine for axis in walk.axes)

    @property
    def kernel(self) -> tuple[int, ...]:
        """Taps per axis."""
        return tuple(one.taps for one in self.affine)

    @property
    def stride(self) -> tuple[int, ...]:
        """Cells between windows, per axis."""
        return tuple(one.stride for one in self.affine)

    @property
    def dilation(self) -> tuple[int, ...]:
        """Cells between taps, per axis."""
        return tuple(one.gap for one in self.affine)

    @property
    def spans(self) -> tuple[int, ...]:
        """Cells from the first to the last tap, per axis."""
        return tuple((one.taps - 1) * one.gap + 1 for one in self.affine)

    @property
    def pads(self) -> tuple[tuple[int, int], ...]:
        """Padding as (begin, end) per axis, without the overhang of ceil_mode."""
        return tuple((axis.source.begin, axis.source.end) for axis in self.layer.geometry.walk.axes)

    @property
    def overhang(self) -> tuple[int, ...]:
        """Cells that windows read past the padding, per axis."""
        return tuple(axis.source.overhang for axis in self.layer.geometry.walk.axes)

    @property
    def reach(self) -> tuple[tuple[int, int], ...]:
        """Padding with the overhang: with it no window reads past the end."""
        return tuple((begin, end + over) for (begin, end), over in zip(self.pads, self.overhang, strict=True))

    @property
    def crop(self) -> tuple[int, ...]:
        """Cells that a transposed convolution crops at the beginning of each axis."""
        return tuple(-one.start for one in self.affine)

    @property
    def full(self) -> tuple[int, ...]:
        """Cells that a transposed convolution writes before cropping: ``(size − 1) · stride + span``, per axis."""
        return tuple(
            (size - 1) * step + span
            for size, step, span in zip(self.sizes, self.stride, self.spans, strict=True)
        )

    @property
    def mode(self) -> str:
        """The value of padded cells."""
        return str(getattr(self.spec, "padding_mode", "zeros"))

    @property
    def fill(self) -> float:
        """The number in padded cells of the modes that have one."""
        return self.layer.geometry.walk.fill

    @property
    def is_padded(self) -> bool:
        """Whether any axis has padding."""
        return any(map(any, self.pads))

    @property
    def is_turned(self) -> bool:
        """Whether the kernel is turned around, as mathematics has it and frameworks do not."""
        geometry = self.layer.geometry
        return geometry.weighted and geometry.flipped != self.layer.operation.flipped

    @functools.cached_property
    def counts(self) -> tuple[tuple[int, ...], ...] | None:
        """Per axis the cells that each step's mean divides by: their product is the divisor.

        None for a number, and for what divides by nothing.
        """
        divisor = self.layer.geometry.constants.divisor
        if divisor is None or isinstance(divisor, int):
            return None
        least = -1 if divisor == "padded" else 0
        found = []
        for axis in self.layer.geometry.walk.axes:
            cells = axis.source.resolve(axis.reads.coordinates(np.arange(axis.steps)))
            found.append(tuple(int(count) for count in (cells >= least).sum(axis=-1)))
        return tuple(found)

    @property
    def is_mean_of_all(self) -> bool:
        """Whether every mean divides by all taps of its window."""
        taps = self.kernel
        return self.counts is not None and all(
            set(counts) == {count} for counts, count in zip(self.counts, taps, strict=True)
        )

    @property
    def is_scaled(self) -> bool:
        """Whether a norm scales what a window is clipped to up to the whole window."""
        return self.kind == "norm" and self.counts is not None and not self.is_mean_of_all

    @property
    def misses(self) -> bool:
        """Whether some window reads padding alone."""
        return any(
            bool((axis.source.resolve(axis.reads.coordinates(np.arange(axis.steps))) < 0).all(axis=-1).any())
            for axis in self.layer.geometry.walk.axes
        )

    def given(self, name: str) -> tuple[int, ...] | None:
        """A per-axis parameter as it was given, or None."""
        value = getattr(self.spec, name, None)
        return None if value is None else per_axis(value, self.axes)

    @property
    def atol(self) -> float:
        """How far two ways to compute this may differ: ``8 · √n · eps · √Σ w² · max |x|``, and 1e-5 of it at least.

        Rounding errors of a sum of n terms grow with the root of their number; what is beyond that in a sum
        of equal signs is within the relative tolerance. Fast kernels (Winograd) stay within the other bound.
        """
        weight, size = self.layer.read_weight, 1.0
        if weight is not None:
            squares = np.square(np.where(np.isfinite(weight), weight, 0), dtype=np.float64)
            size = math.sqrt(float(squares.reshape(len(weight), -1).sum(axis=1).max()))
        terms = size * _largest(self.layer.x) + _largest(self.layer.bias)
        walk = self.layer.geometry.walk
        count = math.prod(walk.tap_shape) * (walk.channels_per_group if weight is not None else 1)
        bound = max(8 * math.sqrt(count) * float(np.finfo(np.float32).eps), 1e-5) * terms if terms else 1e-6
        return float(f"{min(max(bound, 1e-30), 1e30):.0e}")

    def framework(self, name: str) -> Framework:
        """How a framework has the operation; an empty record where it has none."""
        return self.layer.operation.frameworks.get(name, Framework())

    def writing(self, name: str) -> Writing | None:
        """How a framework writes the operation as it is set, on this many axes; None where it does not."""
        for one in self.framework(name).writings:
            if self.axes in one.axes and all(
                getattr(self.spec, ours) == value for ours, value in one.sets.items()
            ):
                return one
        return None

    def settings(self, **more: Any) -> dict[str, Any]:
        """Our parameters as numbers per axis, for a call: those of the spec, with ``more`` put over them."""
        known: dict[str, Any] = {
            "input channels": self.channels,
            "input features": self.layer.x.size,
            "filters": self.filters,
            "groups": self.groups,
            "bias": self.layer.geometry.biased,
        }
        if self.rule in ("sliding_window", "transposed"):
            known |= {"kernel": self.kernel, "stride": self.stride, "dilation": self.dilation}
        return {**self.spec.model_dump(), **known, **more}


def _largest(array: Array | None) -> float:
    if array is None or not array.size:
        return 0.0
    return float(np.abs(np.where(np.isfinite(array), array, 0)).max())
