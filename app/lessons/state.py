"""The values that expressions of a lesson read: grids, plan, field and gradients of the state in a link's fragment.

Everything is computed by the engine when it is first asked for. Knows no text of lessons and no web.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from ..core.engine.trace import Layer, places
from ..core.engine.trace import read as read_cells
from ..core.errors import Unfit, counted
from ..core.network.backward import BatchNetwork
from ..core.network.fields import Cell, fields_of
from ..core.network.forward import Run
from ..core.network.graph import network_of
from ..core.network.parameters import Parameters
from ..core.network.shapes import Placed, shapes_of
from ..core.network.totals import layer_plans, network_totals
from ..core.place import SOURCE
from ..core.weights import DEFAULT_WEIGHTS, Wanted, Weights, resolve_tensors
from ..images.sources import ImageSource, Source, resolve
from ..images.store.store import Store
from ..link.fragment import Link, LinkedLayer, read_link, write_link
from ..link.values import source_value, weights_text, weights_value
from ..operations import registry
from .expression import Faulty
from .functions import FUNCTIONS, Parts
from .measured import measured

Float64 = NDArray[np.float64]
Array = NDArray[np.floating]

MOST_WORK = 200_000_000  # elementary operations of a state: a lesson is about small grids
_SOURCE: TypeAdapter[Any] = TypeAdapter(Source)
_WEIGHTS: TypeAdapter[Any] = TypeAdapter(Weights)
OPENING: dict[str, Any] = {"kind": "sample", "name": "scene"}


class State:
    """The layers, the source and the weights of a link, and what expressions may name of them."""

    def __init__(self, link: Link) -> None:
        """Raises Problem for a link whose layers do not fit its source."""
        self.link = link
        self._others: dict[tuple[tuple[str, Any], ...], State] = {}
        self.named: dict[str, Any] = {}  # values that a step has named
        specs = [_spec(layer) for layer in link.layers]
        source = _validated(_SOURCE, link.source or OPENING, "source")
        if isinstance(source, ImageSource):
            reason = "an upload is kept for some days only"
            raise Unfit("source", "image", reason, "Use a sample, noise or typed values.")
        self.x = resolve(source, cast(Store, None))  # only an upload asks the store
        self.shapes = shapes_of(network_of(specs, registry()), self.x.shape)
        self.node = self.shapes.network.layers[link.chosen]
        self.placed = self.shapes.placed[self.node.name]
        work = sum(one.geometry.work for one in self.shapes.placed.values())
        if work > MOST_WORK:
            reason = f"a state of a lesson takes at most {MOST_WORK:,} operations"
            raise Unfit("layers", counted(work, "operation"), reason, "Use a smaller input or fewer filters.")

    @classmethod
    def of(cls, fragment: str) -> State:
        """The state that a fragment holds."""
        return cls(read_link(fragment))

    @property
    def fragment(self) -> str:
        """The one text of this state."""
        return write_link(self.link)

    # ------------------------------------------------------------------------------------- names

    def known(self) -> list[str]:
        """The names that an expression may use: of the language, the settings, and the layers."""
        settings = [name for name in type(self.node.spec).model_fields if name not in HIDDEN]
        return [*self.named, *NAMES, *settings, *self.shapes.placed]

    def value(self, name: str) -> Any:
        """The value of a name; raises KeyError."""
        if name in self.named:
            return self.named[name]
        if name in NAMES:
            return NAMES[name](self)
        if name in self.shapes.placed:
            return Parts(self._layer_part(name), LAYER)
        if name in HIDDEN or name not in type(self.node.spec).model_fields:
            raise KeyError(name)
        return _setting(self.placed, name)

    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """The functions of the language, and those that ask this state."""
        own: dict[str, Callable[..., Any]] = {
            "window": self.window,
            "seen": self.seen,
            "reached": self.reached,
            "gradient": self.gradient,
            "weight_gradient": self.weight_gradient,
            "changed": self.changed,
            "as_weights": as_weights,
            "measured": measured,
        }
        return {**FUNCTIONS, **own}

    # ------------------------------------------------------------------------------------- grids

    @functools.cached_property
    def run(self) -> dict[str, tuple[Layer, Array]]:
        """Each layer ready to run, and its output."""
        run = Run(self.shapes, self.x, self.shapes.network.last)
        found = {}
        for node in self.shapes.network.order:
            placed = self.shapes.placed[node.name]
            layer = run.layer(placed, *self._tensors(placed))
            output = layer.result(layer.run())
            run.known[node.name] = output.reshape(placed.shape)
            found[node.name] = (layer, output)
        return found

    def check(self) -> None:
        """Raise what running the layers would raise: weights that do not fit."""
        self.run  # noqa: B018 - it is kept

    def _tensors(self, placed: Placed) -> tuple[Array | None, Array | None, Mapping[str, Array] | None]:
        built, node = placed.geometry, placed.node
        if not built.weighted:
            return None, None, None
        assert built.weight_shape is not None
        shapes = (built.weight_shape, built.bias_shape, built.walk.weight_shape)
        wanted = Wanted(*shapes, built.as_given, "float64", node.operation.own, node.spec.bare)
        given = self.link.layers[node.index].weights
        source = DEFAULT_WEIGHTS if given is None else _validated(_WEIGHTS, given, "weights")
        found = resolve_tensors(source, wanted)
        return found.weight, found.bias, found.own

    @property
    def layer(self) -> Layer:
        """The chosen layer, ready to run."""
        return self.run[self.node.name][0]

    def window(self, *place: int, of: Other | None = None) -> Float64:
        """The cells that a step reads, padding included: (channels, *taps), at a place of the output."""
        if of is not None:
            return of.state.window(*place)
        walk = self.placed.geometry.walk
        step = _step(place, walk.step_shape)
        cells, _ = read_cells(walk, self.layer.x, step, 1)
        found: Float64 = cells[0].reshape(-1, *walk.tap_shape)
        return found

    def seen(self, *place: int, of: Other | None = None) -> NDArray[np.bool_]:
        """Which cells of the source a cell of the chosen layer depends on, on the spatial axes."""
        if of is not None:
            return of.state.seen(*place)
        return self._field(self.node.name, place, "backward", SOURCE)

    def reached(self, *place: int) -> NDArray[np.bool_]:
        """Which cells of the chosen layer a cell of the source reaches."""
        return self._field(SOURCE, place, "forward", self.node.name)

    def unread(self) -> NDArray[np.bool_]:
        """Which cells of the chosen layer's input no step reads, on the spatial axes."""
        walk = self.placed.geometry.walk
        left = np.ones(walk.input_shape[1:], bool)
        cells, codes = places(walk, 0, walk.steps)
        read = codes >= 0
        left[tuple(np.broadcast_to(one, read.shape)[read] for one in cells)] = False
        return left

    def _field(self, name: str, place: tuple[int, ...], direction: Any, asked: str) -> NDArray[np.bool_]:
        found = fields_of(self.shapes, Cell(name, place), direction)
        if asked not in found.ways:
            return np.zeros(self.shapes.shape_of(asked)[1:], bool)
        mask: NDArray[np.bool_] = found.mask(asked)[0] > 0
        return mask

    # ------------------------------------------------------------------------------------- gradients

    def gradient(self, *upstream: Any) -> Float64:
        """The change of the last layer's output with each cell of the source.

        Of one cell, given by its place; of all cells weighed by an array; or of the sum of all cells.
        """
        return self._backward(upstream)[0]

    def weight_gradient(self, *upstream: Any) -> Float64:
        """The same with each weight of the chosen layer."""
        return self._backward(upstream)[1]

    def _backward(self, given: tuple[Any, ...]) -> tuple[Float64, Float64]:
        shapes = self.shapes
        row = np.zeros(Parameters.of(shapes).size)
        for name, views in Parameters.of(shapes).views(row).items():
            layer = self.run[name][0]
            for tensor, view in views.items():
                held = {"weight": layer.weight, "bias": layer.bias}.get(tensor)
                if held is not None:
                    view[...] = held
        network = BatchNetwork(shapes, 1, row, to_source=True)
        output = network.forward(self.x[..., None].astype(np.float64))
        upstream = np.ones_like(output)
        if len(given) == 1 and isinstance(given[0], np.ndarray):
            upstream[...] = given[0].reshape(output.shape)
        elif given:
            upstream[...] = 0
            upstream[(*given, *(0,) * (output.ndim - 1 - len(given)), 0)] = 1
        back = network.backward(upstream)
        assert back is not None, "the gradient of the source is asked for"
        mine = Parameters.of(shapes).views(network.gradient).get(self.node.name, {})
        return back[..., 0].astype(np.float64), np.array(mine.get("weight", np.zeros(0)), np.float64)

    # ------------------------------------------------------------------------------------- others

    def changed(self, **settings: Any) -> Other:
        """The same state with settings of the chosen layer, its operation, the source or weights otherwise."""
        asked = tuple(sorted(settings.items()))
        if asked not in self._others:
            self._others[asked] = _of_settings(self.link, asked)
        return Other(self._others[asked])

    def _layer_part(self, name: str) -> Callable[[str], Any]:
        def part(wanted: str) -> Any:
            if wanted == "plan":
                return Parts(_plan_part(self._plans[name]), PLAN)
            if wanted == "field":
                return Parts(_field_part(self._plans[name]), FIELD)
            layer, output = self.run[name]
            found = {"output": output, "input": layer.x, "weight": layer.weight, "bias": layer.bias}
            return found[wanted]

        return part

    @functools.cached_property
    def _plans(self) -> dict[str, dict[str, Any]]:
        return {one["name"]: one for one in layer_plans(self.shapes)}

    def _own(self, wanted: str) -> Any:
        return self._layer_part(self.node.name)(wanted)

    def _total(self) -> Parts:
        totals = network_totals(self.shapes)
        totals["layers"] = len(self.shapes.network.layers)
        totals["output_shape"] = tuple(totals["output_shape"])
        return Parts(totals.__getitem__, ["parameters", "multiply_adds", "output_shape", "layers"])

    def _winner(self) -> int:
        return int(np.argmax(self.run[self.shapes.network.last.name][1]))


def _of_settings(link: Link, settings: tuple[tuple[str, Any], ...]) -> State:
    at = link.chosen
    one = link.layers[at]
    spec, weights, source = dict(one.spec), one.weights, link.source
    for name, value in settings:
        if name == "operation":
            fields = registry()[value].spec.model_fields if value in registry() else {}
            spec = {key: kept for key, kept in spec.items() if key in fields} | {"operation": value}
        elif name == "weights":
            weights = weights_value(value)
        elif name == "source":
            source = source_value(value)
        else:
            spec[name] = list(value) if isinstance(value, tuple) else value
    layers = [*link.layers]
    layers[at] = LinkedLayer(spec, weights, one.others)
    return State(Link(tuple(layers), source, link.page))


def as_weights(values: Any) -> str:
    """An array as the weights of a link; maps of one channel become a filter each."""
    array = np.round(np.asarray(values, np.float64), 6)
    if array.ndim == 3:
        array = array[:, None]
    return weights_text({"kind": "values", "values": array.tolist()})


class Other(Parts):
    """Another state as a value with parts: its names."""

    def __init__(self, state: State) -> None:
        super().__init__(state.value, state.known())
        self.state = state


def _spec(layer: LinkedLayer) -> Any:
    """A layer's settings as its model takes them."""
    model = registry()[str(layer.spec["operation"])].spec
    try:
        return model.model_validate_json(to_json(layer.spec))
    except ValidationError as error:
        raise _unfit(error, "layers") from None


def _validated(adapter: TypeAdapter[Any], given: Mapping[str, Any], field: str) -> Any:
    try:
        return adapter.validate_json(to_json(given))
    except ValidationError as error:
        raise _unfit(error, field) from None


def _unfit(error: ValidationError, field: str) -> Unfit:
    first = error.errors()[0]
    named = str(first["loc"][-1]) if first["loc"] else field
    remedy = str(first.get("ctx", {}).get("remedy", "See GET operations for what it takes."))
    return Unfit(named, first.get("input"), first["msg"], remedy)


def _step(place: tuple[int, ...], shape: tuple[int, ...]) -> int:
    if len(place) != len(shape) or not all(0 <= at < size for at, size in zip(place, shape, strict=True)):
        sizes = "×".join(map(str, shape))
        raise Faulty(f"the output has {sizes} places", "Give one index for each axis, from 0.")
    return int(np.ravel_multi_index(place, shape))


def _setting(placed: Placed, name: str) -> Any:
    """A setting as a number, or one for each axis where they differ; padding as what stands before the first cell."""
    if name == "padding" and isinstance(placed.node.spec.padding, str):  # type: ignore[attr-defined]
        return _even([axis.source.begin for axis in placed.geometry.walk.axes])
    value = getattr(placed.node.spec, name)
    if isinstance(value, (tuple, list)):
        return _even(list(value))
    if value is None and name == "stride":
        return _setting(placed, "kernel")
    return value


def _even(values: list[Any]) -> Any:
    return values[0] if len(set(values)) == 1 else tuple(values)


def _plan_part(plan: dict[str, Any]) -> Callable[[str], Any]:
    def part(name: str) -> Any:
        if name == "unread":
            return _even([axis["unread_count"] for axis in plan["axes"]])
        if name in ("begin", "end"):
            return _even([axis[name] for axis in plan["axes"]])
        if name == "parameters":
            return plan["parameters"]["total"]
        if name == "weights":
            return plan["parameters"]["weight"]
        value = plan[name]
        return tuple(value) if isinstance(value, (list, tuple)) else value

    return part


def _field_part(field: dict[str, Any]) -> Callable[[str], Any]:
    def part(name: str) -> Any:
        value = field["receptive_field"][name]
        return _even(list(value)) if isinstance(value, (list, tuple)) else value

    return part


PLAN = [
    "input_shape",
    "output_shape",
    "weight_shape",
    "padded_shape",
    "kernel_shape",
    "steps",
    "taps",
    "parameters",
    "weights",
    "multiply_adds",
    "comparisons",
    "additions",
    "unread",
    "unread_cells",
    "begin",
    "end",
]
FIELD = ["size", "least", "jump", "start", "holes"]
LAYER = ["input", "weight", "bias", "output", "plan", "field"]
HIDDEN = frozenset(("operation", "name", "inputs", "rules"))
NAMES: dict[str, Callable[[State], Any]] = {
    "source": lambda state: state.x.astype(np.float64),
    "input": lambda state: np.asarray(state.layer.x, np.float64),
    "weight": lambda state: state._own("weight"),
    "bias": lambda state: state._own("bias"),
    "output": lambda state: state._own("output"),
    "plan": lambda state: state._own("plan"),
    "field": lambda state: state._own("field"),
    "network": lambda state: state._total(),
    "unread": lambda state: state.unread(),
    "winner": lambda state: state._winner(),
    "step": lambda state: state.link.count("step") or 0,
    "rows": lambda state: state.placed.input_shape[1],
    "columns": lambda state: state.placed.input_shape[-1],
    "channels": lambda state: state.placed.input_shape[0],
    "size": lambda state: math.prod(state.placed.input_shape[1:]),
}
