"""Running a network: what each layer reads is put together from what others gave, and what was computed is kept.

Knows arrays and a bounded cache by content; knows nothing of where inputs and weights come from.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..activations import ACTIVATIONS
from ..engine.trace import Layer, Scaled
from ..lowering.quiet import quiet
from ..place import SOURCE
from .graph import Node
from .shapes import Placed, Shapes

Array = NDArray[np.floating]
Tensors = tuple[Array | None, Array | None]  # weight and bias


class Activations:
    """Outputs of layers by what they were computed of, the least recently used dropped first. Threads may share it."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[bytes, Array] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return self._bytes

    def get(self, key: bytes) -> Array | None:
        """The output (channels, *sizes) of that key, read-only; None if it was dropped."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: bytes, array: Array) -> None:
        """Keep an output; one larger than a quarter of all is not kept, so that many others are."""
        if array.nbytes > self._most // 4:
            return
        array.setflags(write=False)
        with self._lock:
            if (old := self._kept.pop(key, None)) is not None:
                self._bytes -= old.nbytes
            self._kept[key] = array
            self._bytes += array.nbytes
            while self._bytes > self._most:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= dropped.nbytes


def content_of(array: NDArray[np.generic]) -> bytes:
    """A key of an array's numbers, shape and type."""
    digest = hashlib.blake2b(f"{array.dtype.str}{array.shape}".encode(), digest_size=16)
    digest.update(np.ascontiguousarray(array).data)
    return digest.digest()


def keys_of(shapes: Shapes, source: bytes, weights: Mapping[str, bytes]) -> dict[str, bytes]:
    """A key for the output of each layer: its operation and spec, its weights, and the keys of what it reads."""
    keys = {SOURCE: source}
    for node in shapes.network.order:
        digest = hashlib.blake2b(digest_size=16)
        for part in (
            node.operation.name.encode(),
            node.spec.model_dump_json().encode(),
            weights.get(node.name, b""),
            *(keys[name] for name in node.inputs),
        ):
            digest.update(len(part).to_bytes(8, "little") + part)
        keys[node.name] = digest.digest()
    return keys


@dataclass
class Run:
    """A network on its way to the output of one layer: what is known so far, and which layers are still to be run."""

    shapes: Shapes
    x: Array
    chosen: Node
    keys: Mapping[str, bytes] = field(default_factory=dict)
    cache: Activations | None = None
    known: dict[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known[SOURCE] = self.x

    def pending(self) -> Sequence[Placed]:
        """The layers before the chosen one that have to be run, in order; what the cache has is taken from it."""
        needed = set(self.chosen.inputs)
        found = []
        for node in reversed(self.shapes.network.before(self.chosen)[:-1]):
            if node.name not in needed or node.name in self.known:
                continue
            kept = None if self.cache is None else self.cache.get(self.keys[node.name])
            if kept is not None:
                self.known[node.name] = kept
                continue
            needed.update(node.inputs)
            found.append(self.shapes.placed[node.name])
        return found[::-1]

    def layer(
        self,
        placed: Placed,
        weight: Array | None,
        bias: Array | None,
        own: Mapping[str, Array] | None = None,
        scaled: Scaled | None = None,
    ) -> Layer:
        """A layer with its input, ready to run: its inputs one behind the other, as (channels, *sizes)."""
        node = placed.node
        parts = [
            _as_wide(self.known[name], placed.input_shape[1:], wide=wide)
            for name, wide in zip(node.inputs, placed.stretched, strict=True)
        ]
        x = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return Layer(node.operation, placed.geometry, x, weight, bias, own, scaled)

    def scaling(self, placed: Placed) -> Placed | None:
        """The layer that may be run with this one in a pass: it alone reads it, and scales each of its channels.

        Not the one asked for, whose input is looked at.
        """
        if ACTIVATIONS[placed.geometry.activation].changes:
            return None
        reader, *others = self.shapes.network.readers[placed.node.name]
        scales = reader.operation.own is not None and not others and len(reader.inputs) == 1
        return self.shapes.placed[reader.name] if scales and reader is not self.chosen else None

    def joins(self, placed: Placed) -> bool:
        """Whether a layer takes inputs that lie apart, so that they need not be put together first."""
        return (
            placed.node.operation.join is not None
            and len(placed.node.inputs) > 1
            and not any(placed.stretched)
        )

    def joined(self, placed: Placed) -> Array:
        """The output of a layer that ``joins``: (lanes, *sizes)."""
        join = placed.node.operation.join
        assert join is not None, "a layer that joins its inputs"
        output: Array = quiet.call(join, [self.known[name] for name in placed.node.inputs])
        quiet.call(ACTIVATIONS[placed.geometry.activation].apply, output, 0)
        return output

    def keep(self, placed: Placed, output: Array) -> None:
        """Take a layer's output, and keep it for others who run the same."""
        name = placed.node.name
        self.known[name] = output.reshape(placed.shape)
        if self.cache is not None:
            self.cache.put(self.keys[name], self.known[name])


def _as_wide(array: Array, sizes: tuple[int, ...], *, wide: bool) -> Array:
    """An input, or one cell a channel repeated over all cells."""
    if not wide:
        return array
    return np.broadcast_to(array.reshape(len(array), *(1,) * len(sizes)), (len(array), *sizes))


def output_of(
    shapes: Shapes,
    x: Array,
    tensors: Callable[[Placed], Tensors],
    name: str | None = None,
) -> tuple[Layer, Array]:
    """One layer of a network, the last unless another is named, with its input, and its output (lanes, *steps).

    ``x`` is the source (channels, *sizes). Raises Unfit where no layer has that name.
    """
    run = Run(shapes, x, shapes.network.chosen(name))
    pending = run.pending()
    needed = (*(placed.node for placed in pending), run.chosen)
    last = {one: node.name for node in needed for one in node.inputs}  # who reads it last
    for placed in pending:
        if placed.node.name not in run.known:  # else it was run with the layer before
            run.keep(*_next_of(run, placed, tensors))
        # Memory that the next layer takes again is in the cache.
        for one in placed.node.inputs:
            if last[one] == placed.node.name:
                run.known.pop(one, None)
    placed = shapes.placed[run.chosen.name]
    layer = run.layer(placed, *tensors(placed))
    return layer, layer.result(layer.run())


def _next_of(run: Run, placed: Placed, tensors: Callable[[Placed], Tensors]) -> tuple[Placed, Array]:
    """A layer, or the one that scales it and is run with it, and the output."""
    if run.joins(placed):
        return placed, run.joined(placed)
    scaling = run.scaling(placed)
    if scaling is None:
        return placed, run.layer(placed, *tensors(placed)).run()
    factor, summand = tensors(scaling)
    assert factor is not None, "a layer that scales has a factor"
    assert summand is not None, "and a summand"
    scaled = Scaled(factor.reshape(-1), summand, scaling.geometry.activation)
    return scaling, run.layer(placed, *tensors(placed), scaled=scaled).run()
