"""A layer that trains: a batch forward, keeping what the way back needs, and the gradients backward.

Arrays are (channels, *sizes, examples). Which way a layer goes follows from its walk and the pieces of its combine, and
from no operation. Arrays that it hands out are its own and hold until it runs again.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..activations import ACTIVATIONS
from ..combines.combine import Combine
from ..combines.pullback import power_back, root_back, winners
from ..geometry import Geometry
from ..lowering.quiet import quiet
from ..lowering.windows import Windows, batched, counted_cells
from ..walk.walk import Walk
from .stamps import landing

Array = NDArray[np.floating]


class Way(Protocol):
    """How the sums of a layer are computed, before bias and activation."""

    def forward(self, x: Array, weight: Array | None, out: Array) -> None:
        """Compute the batch ``x`` (channels, *sizes, examples) into ``out`` (lanes, *steps, examples)."""

    def backward(self, gradient: Array, to_weight: Array | None, *, to_input: bool) -> Array | None:
        """The gradient of the input, in its shape and only if ``to_input``; that of the weight goes into ``to_weight``.

        ``gradient`` (lanes, *steps, examples) is that of ``out``.
        """


class BatchLayer:
    """One layer on batches of ``count`` examples; its gradients go to arrays that are given, or to its own."""

    def __init__(
        self,
        geometry: Geometry,
        count: int,
        dtype: np.dtype[np.floating],
        to_weight: Array | None = None,
        to_bias: Array | None = None,
    ) -> None:
        self.geometry = geometry
        self.walk = batched(geometry.walk, count)
        self._activation = ACTIVATIONS[geometry.activation]
        self._out = np.empty(self.walk.output_shape, dtype)
        self._before = self._out
        self._way = way_of(geometry, self.walk, dtype)
        self.weight_gradient = to_weight
        self.bias_gradient = to_bias
        self.pulled: Array | None = None  # the gradient of the sums, before the activation
        if to_weight is None and geometry.weight_shape is not None:
            self.weight_gradient = np.zeros(geometry.weight_shape, dtype)
        if to_bias is None and geometry.bias_shape is not None:
            self.bias_gradient = np.zeros(geometry.bias_shape, dtype)

    def forward(self, x: Array, weight: Array | None, bias: Array | None) -> Array:
        """The output (lanes, *steps, examples) of an input (channels, *sizes, examples)."""
        out = self._out
        quiet.call(self._way.forward, x, weight, out)
        if bias is not None:
            flat = out.reshape(len(out), -1)
            flat += bias[:, None]
        if self._activation.keeps:
            self._before = out.copy()
        quiet.call(self._activation.apply, out, 0)
        return out

    def backward(self, gradient: Array, *, to_input: bool = True) -> Array | None:
        """The gradient of the input (channels, *sizes, examples), or None without ``to_input``.

        ``gradient`` (lanes, *steps, examples) is that of the output. The gradients of weight and bias, summed over the
        examples, are then in ``weight_gradient`` and ``bias_gradient``.
        """
        return quiet.call(self._backward, gradient, to_input)

    def _backward(self, gradient: Array, to_input: bool) -> Array | None:
        gradient = self.pulled = self._activation.pullback(gradient, self._before, self._out, 0)
        if self.bias_gradient is not None:
            gradient.reshape(len(gradient), -1).sum(axis=1, out=self.bias_gradient)
        return self._way.backward(gradient, self.weight_gradient, to_input=to_input)


def way_of(geometry: Geometry, walk: Walk, dtype: np.dtype[np.floating]) -> Way:
    """How a layer goes, by its walk and the pieces of its combine."""
    combine = geometry.combination
    if combine.weighted:
        return (
            Gathered(geometry, walk, dtype)
            if geometry.scatter is None
            else Stamped(geometry, walk, geometry.scatter, dtype)
        )
    if walk.phased:
        return Phased(walk)
    if combine.reduce == "pick":
        return Picked(walk, dtype)
    return Reduced(geometry, walk, combine, dtype)


class Gathered:
    """Sums of products: windows as columns, and one matrix product forward and two backward.

    With the columns X and the kernel W: ``Y = W X``, and back ``dW = dY Xᵀ`` and ``dX = Wᵀ dY``, each column of which
    is added to where its window lay.
    """

    def __init__(self, geometry: Geometry, walk: Walk, dtype: np.dtype[np.floating]) -> None:
        self._geometry, self._walk = geometry, walk
        self._windows = Windows(walk, dtype)
        depth = walk.channels_per_group * walk.taps
        self._columns = np.empty((0,), dtype)
        self._matrix = self._columns
        # One step reads everything, or each step its own cell: the input as it lies is the columns.
        self._as_it_lies = self._windows.bare and _in_order(walk)
        self._shape = (walk.groups, depth, walk.steps)
        if not self._as_it_lies:
            self._columns = np.empty(self._shape, dtype)
        self._lanes = (walk.groups, walk.lanes_per_group, depth)
        self._passed: Array | None = None

    def forward(self, x: Array, weight: Array | None, out: Array) -> None:
        """``Y = W X``, X having a column of (channels of a group · taps) for each step."""
        assert weight is not None, "sums of products have a weight"
        if self._as_it_lies:
            self._columns = self._windows.bring(x).reshape(self._shape)
        else:
            view = self._windows.view(self._windows.bring(x))
            np.copyto(self._columns.reshape(view.shape), view)
        self._matrix = np.ascontiguousarray(self._geometry.as_read(weight)).reshape(self._lanes)
        np.matmul(self._matrix, self._columns, out=out.reshape(self._lanes[0], self._lanes[1], -1))

    def backward(self, gradient: Array, to_weight: Array | None, *, to_input: bool) -> Array | None:
        """``dW = dY Xᵀ`` and ``dX = Wᵀ dY``; the columns of dX are added up where windows overlap."""
        walk = self._walk
        given = np.ascontiguousarray(gradient).reshape(self._lanes[0], self._lanes[1], -1)
        if to_weight is not None:
            kernel = np.matmul(given, self._columns.swapaxes(1, 2))
            to_weight[...] = self._geometry.as_unread(kernel.reshape(self._geometry.walk.weight_shape))
        if not to_input:
            return None
        if self._passed is None:
            self._passed = np.empty(self._shape, given.dtype)
        passed = np.matmul(self._matrix.swapaxes(1, 2), given, out=self._passed)
        if self._as_it_lies:
            return passed.reshape(walk.input_shape)
        by_tap = passed.reshape(walk.channels, walk.taps, *walk.step_shape).swapaxes(0, 1)
        return self._windows.add_taps(by_tap)


def _in_order(walk: Walk) -> bool:
    """Whether the windows, written one after another, are the input as it lies."""
    *spatial, _ = walk.axes
    each = all(axis.affine.taps == 1 and axis.steps == axis.source.size for axis in spatial)
    ordered = all(
        axis.steps == 1 and axis.affine.gap == 1 and axis.affine.taps == axis.source.size for axis in spatial
    )
    return each or ordered


class Stamped:
    """Sums of products by the scattering walk: one product makes all stamps, which are added tap by tap.

    With the input X and the kernel W: stamps ``S = W X``, and back ``dW = dS Xᵀ`` and ``dX = Wᵀ dS``.
    """

    def __init__(self, geometry: Geometry, walk: Walk, scatter: Walk, dtype: np.dtype[np.floating]) -> None:
        self._geometry, self._walk = geometry, walk
        examples = walk.axes[-1].steps
        ways = [[landing(axis, tap) for tap in range(axis.writes.taps)] for axis in scatter.axes]
        self._cuts = [
            ((slice(None), *(way[tap][0] for way, tap in zip(ways, taps, strict=True))),
             (slice(None), *(way[tap][1] for way, tap in zip(ways, taps, strict=True))))
            for taps in np.ndindex(*(axis.writes.taps for axis in scatter.axes))
        ]  # fmt: skip
        taps = len(self._cuts)
        self._matrices = (walk.groups, walk.lanes_per_group * taps, walk.channels_per_group)
        self._stamps = np.empty((walk.lanes, taps, *scatter.step_shape, examples), dtype)
        self._products = (walk.groups, walk.lanes_per_group * taps, scatter.steps * examples)
        self._x = self._matrix = self._stamps

    def forward(self, x: Array, weight: Array | None, out: Array) -> None:
        """Stamps, added where they land."""
        assert weight is not None, "sums of products have a weight"
        walk = self._walk
        written = self._geometry.as_written(weight)  # (lanes, channels of a group, *taps)
        flat = written.reshape(walk.lanes, walk.channels_per_group, -1).swapaxes(1, 2)
        self._matrix = np.ascontiguousarray(flat).reshape(self._matrices)
        self._x = np.ascontiguousarray(x).reshape(walk.groups, walk.channels_per_group, -1)
        np.matmul(self._matrix, self._x, out=self._stamps.reshape(self._products))
        out[...] = 0
        for tap, (place, steps) in enumerate(self._cuts):
            out[place] += self._stamps[:, tap][steps]

    def backward(self, gradient: Array, to_weight: Array | None, *, to_input: bool) -> Array | None:
        """Each stamp's gradient is that of the cells it landed on; what was cropped has none."""
        walk, stamps = self._walk, self._stamps
        stamps[...] = 0
        for tap, (place, steps) in enumerate(self._cuts):
            stamps[:, tap][steps] = gradient[place]
        flat = stamps.reshape(self._products)
        if to_weight is not None:
            kernel = np.matmul(flat, self._x.swapaxes(1, 2))  # (groups, lanes · taps, channels)
            written = kernel.reshape(walk.lanes, -1, walk.channels_per_group).swapaxes(1, 2)
            to_weight[...] = self._geometry.as_unwritten(written.reshape(self._geometry.walk.weight_shape))
        if not to_input:
            return None
        found: Array = np.matmul(self._matrix.swapaxes(1, 2), flat).reshape(walk.input_shape)
        return found


class Picked:
    """Each lane takes one tap of its channel's window, and gives its gradient back to it."""

    def __init__(self, walk: Walk, dtype: np.dtype[np.floating]) -> None:
        self._walk = walk
        self._windows = Windows(walk, dtype)

    def forward(self, x: Array, weight: Array | None, out: Array) -> None:
        """Copies."""
        view = self._windows.view(self._windows.bring(x))
        np.copyto(out.reshape(view.shape), view)

    def backward(self, gradient: Array, to_weight: Array | None, *, to_input: bool) -> Array | None:
        """Each copy's gradient, added to where it came from."""
        if not to_input:
            return None
        walk = self._walk
        by_tap = gradient.reshape(walk.channels, walk.taps, *walk.step_shape).swapaxes(0, 1)
        return self._windows.add_taps(by_tap)


class Phased:
    """Each step takes the channel that its phase says: channels moved between the axes, and back again."""

    def __init__(self, walk: Walk) -> None:
        self._shape = walk.input_shape
        axes = len(walk.axes)
        sizes = walk.input_shape[1:]
        self._apart = (walk.groups, *walk.phases, *sizes)
        self._order = (0, *(place for axis in range(axes) for place in (1 + axes + axis, 1 + axis)))
        self._laid = tuple(self._apart[place] for place in self._order)

    def forward(self, x: Array, weight: Array | None, out: Array) -> None:
        """Copies."""
        np.copyto(out.reshape(self._laid), x.reshape(self._apart).transpose(self._order))

    def backward(self, gradient: Array, to_weight: Array | None, *, to_input: bool) -> Array | None:
        """The same moved back."""
        if not to_input:
            return None
        back = np.argsort(self._order)
        return gradient.reshape(self._laid).transpose(back).reshape(self._shape)


class Reduced:
    """A reduction of the terms of a window, channel by channel, or of one cell of each input."""

    def __init__(
        self, geometry: Geometry, walk: Walk, combine: Combine, dtype: np.dtype[np.floating]
    ) -> None:
        self._walk, self._combine, self._constants = walk, combine, geometry.constants
        self._windows = Windows(walk, dtype)
        self._scale = _scale(geometry, dtype)
        self._factors = _factors(walk, dtype) if combine.term == "factor" else None
        self._padded = self._reduced = self._out = np.empty(0, dtype)
        self._terms: list[Array] = []

    def forward(self, x: Array, weight: Array | None, out: Array) -> None:
        """The terms, reduced one after the other, and the finish."""
        combine = self._combine
        if self._walk.across:
            self._padded = x
            terms = self._inputs(x)
        else:
            self._padded = self._windows.bring(x)
            powers = np.abs(self._padded) ** self._constants.p if combine.term == "power" else self._padded
            terms = self._windows.taps(powers)
        if self._factors is not None:
            terms = [term * factor for term, factor in zip(terms, self._factors, strict=True)]
        self._terms, self._out = terms, out
        if len(terms) == 1:
            out[...] = terms[0]
        else:
            ufunc = _UFUNCS[combine.reduce]
            ufunc(terms[0], terms[1], out=out)
            for term in terms[2:]:
                ufunc(out, term, out=out)
        if self._scale is not None:
            out *= self._scale
        if combine.finish == "root":
            assert self._constants.p is not None, "a norm needs its exponent"
            self._reduced = out.copy()
            out **= 1 / self._constants.p

    def backward(self, gradient: Array, to_weight: Array | None, *, to_input: bool) -> Array | None:
        """Finish, reduction and terms the other way."""
        if not to_input:
            return None
        combine, p = self._combine, self._constants.p
        if combine.finish == "root":
            assert p is not None, "a norm needs its exponent"
            gradient = root_back(self._reduced, p, gradient)
        if self._scale is not None:
            gradient = gradient * self._scale
        passed = self._to_terms(gradient)
        if self._factors is not None:
            passed = [term * factor for term, factor in zip(passed, self._factors, strict=True)]
        if self._walk.across:
            return np.concatenate(passed)
        if combine.term == "power":
            assert p is not None, "a norm needs its exponent"
            cells = self._windows.taps(self._padded)
            passed = [power_back(cell, p, one) for cell, one in zip(cells, passed, strict=True)]
        return self._windows.add_taps(passed)

    def _inputs(self, x: Array) -> list[Array]:
        """The inputs that stand one after another."""
        return list(x.reshape(self._walk.channels_per_group, self._walk.groups, *x.shape[1:]))

    def _to_terms(self, gradient: Array) -> list[Array]:
        """The gradient of each term, in their order."""
        terms, reduce = self._terms, self._combine.reduce
        if reduce == "sum":
            return [gradient] * len(terms)
        if reduce == "product":
            return _to_factors(terms, gradient)
        best = self._reduced = terms[0] if len(terms) == 1 else _joined(_UFUNCS[reduce], terms)
        if np.isnan(best).any():
            place = winners(np.stack(terms), largest=reduce == "largest", axis=0)
            return [gradient * (place == at) for at in range(len(terms))]
        left = None  # where no term has won yet
        passed = []
        for term in terms:
            wins = term == best
            if left is None:
                left = ~wins
            else:
                wins &= left
                left ^= wins
            passed.append(gradient * wins)
        return passed


_UFUNCS = {"sum": np.add, "product": np.multiply, "largest": np.maximum, "smallest": np.minimum}


def _joined(ufunc: np.ufunc, terms: list[Array]) -> Array:
    out: Array = ufunc(terms[0], terms[1])
    for term in terms[2:]:
        ufunc(out, term, out=out)
    return out


def _to_factors(terms: list[Array], gradient: Array) -> list[Array]:
    """To each factor the gradient times all others: those before it, and those after it."""
    before = [gradient]
    for term in terms[:-1]:
        before.append(before[-1] * term)
    after: Array | None = None
    passed = []
    for term, so_far in zip(reversed(terms), reversed(before), strict=True):
        passed.append(so_far if after is None else so_far * after)
        after = term if after is None else after * term
    return passed[::-1]


def _scale(geometry: Geometry, dtype: np.dtype[np.floating]) -> Array | None:
    """The factor of each sum, (*steps, 1): one over a divisor, or taps by counted cells for a norm."""
    walk, divisor, finish = geometry.walk, geometry.constants.divisor, geometry.combination.finish
    if finish == "none" or divisor is None:
        return None
    if isinstance(divisor, int):
        return np.full((1,) * (len(walk.axes) + 1), 1 / divisor, dtype)
    counts = counted_cells(walk, padding=divisor == "padded")[..., None]
    with np.errstate(divide="ignore"):
        return ((walk.taps if finish == "root" else 1) / counts).astype(dtype)


def _factors(walk: Walk, dtype: np.dtype[np.floating]) -> list[Array]:
    """The footprints' own weights, tap by tap: each (*steps, 1)."""
    *spatial, _ = walk.axes
    found = []
    for taps in np.ndindex(*(axis.reads.taps for axis in spatial)):
        factor = np.ones(())
        for axis, tap in zip(spatial, taps, strict=True):
            own = axis.table.factors(np.arange(axis.steps))[:, tap]
            factor = np.multiply.outer(factor, own)
        found.append(factor[..., None].astype(dtype))
    return found
