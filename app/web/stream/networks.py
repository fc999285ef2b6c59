"""From a request to the layer that it asks for, those before it run, and to the plan of all. Knows no route."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...core.differences import frameworks
from ...core.engine.trace import Layer
from ...core.errors import TooLarge, Unfit
from ...core.network.forward import Run, content_of, keys_of
from ...core.network.graph import Node
from ...core.network.shapes import Placed, Shapes
from ...core.network.totals import cells, layer_plans, network_totals
from ...core.plan import PLAN_VERSION, allowed_values
from ...core.weights import (
    DEFAULT_WEIGHTS,
    Resolved,
    StoredWeights,
    Wanted,
    Weights,
    given_bias,
    resolve_tensors,
)
from ...data.bundle import Bundle, bundle_in, layer_tensors
from ...data.matching import resolve_bundle
from ...settings import Settings
from ..http.answering import hold
from ..http.requests import ChosenLayer, TensorRequest, WeightedRequest
from ..http.training import TrainRequest
from . import costs
from .limits import check_cost

if TYPE_CHECKING:
    from .jobs import Services

Array = NDArray[np.floating]

# Told of each layer that has run with its output, and of the one asked for without.
Seen = Callable[[Placed, Layer, Array | None], None]

PLANS_AT_ONCE = 16  # layers whose plans are made in one go


def check_network(shapes: Shapes, chosen: Node, settings: Settings) -> None:
    """Refuse what running the layers up to one of them would take; the layer that takes most is named."""
    needed = [shapes.placed[node.name] for node in shapes.network.before(chosen)]
    alone = len(shapes.network.layers) == 1
    for placed in needed:
        try:
            check_cost(placed.geometry, settings, ChosenLayer(placed.node.index, placed.node.spec))
        except TooLarge as problem:
            if alone:
                raise
            raise _of_layer(problem, placed) from None
    _check_total(
        needed,
        [placed.geometry.operations for placed in needed],
        settings.work,
        "operations",
        "running these layers may take {most:,} operations here",
        "Use fewer filters, a larger stride or a smaller input there.",
    )
    _check_total(
        needed,
        [cells(placed) for placed in needed],
        settings.output_cells,
        "numbers",
        "the layers may give {most:,} numbers together here",
        "Use fewer filters, a larger stride or a smaller input there.",
    )


def _check_total(
    placed: Sequence[Placed], costs_of: Sequence[int], most: int, unit: str, reason: str, remedy: str
) -> None:
    total = sum(costs_of)
    if total <= most:
        return
    largest = max(range(len(placed)), key=costs_of.__getitem__)
    node = placed[largest].node
    raise TooLarge(
        "layers",
        f"{total:,} {unit}",
        f"{reason.format(most=most)}; {node.name} takes most, {costs_of[largest]:,}",
        remedy,
        total / most,
        pointer=node.pointer,
    )


def _of_layer(problem: TooLarge, placed: Placed) -> TooLarge:
    return TooLarge(
        problem.field or "layers",
        problem.value,
        f"{problem.reason}, and this is {placed.node.name}",
        problem.remedy,
        problem.excess,
        pointer=problem.pointer,
    )


async def layer_in(
    served: Services,
    request: TensorRequest,
    x: Array,
    shapes: Shapes,
    *,
    begun: bool,
    seen: Seen | None = None,
) -> Layer:
    """The layer that is asked for with its tensors, all that it needs having run.

    ``seen`` is told of all of them; then none is taken from what is kept.
    """
    chosen = request.node
    network = shapes.network
    if len(network.layers) == 1:
        alone = await _ready(served, request, shapes, chosen, x)
        if seen is not None:
            seen(shapes.placed[chosen.name], alone, None)
        return alone
    weights = {
        node.name: _key_of(request.weights_of(node), node)
        for node in network.before(chosen)
        if node.operation.combination.weighted
    }
    source = await served.compute.run(x.nbytes, lambda: content_of(x))
    kept = served.activations if seen is None else None
    run = Run(shapes, x, chosen, keys_of(shapes, source, weights), kept)
    for placed in run.pending():
        hold(0 if begun else cells(placed) * x.itemsize)
        if seen is None and run.joins(placed):
            join = functools.partial(run.joined, placed)
            run.keep(placed, await served.compute.run(math.prod(placed.input_shape), join))
            continue
        layer = await _ready(served, request, shapes, placed.node, run)
        output = await _output(served, layer)
        if seen is not None:
            seen(placed, layer, layer.result(output))
        run.keep(placed, output)
    asked = await _ready(served, request, shapes, chosen, run)
    if seen is not None:
        seen(shapes.placed[chosen.name], asked, None)
    return asked


def _key_of(weights: Weights, node: Node) -> bytes:
    """A key that tells the weights of a layer from others; a bundle has other tensors for another name."""
    named = f" {weights.layer or node.name}" if isinstance(weights, StoredWeights) else ""
    return (weights.model_dump_json() + named).encode()


async def _ready(
    served: Services, request: TensorRequest, shapes: Shapes, node: Node, given: Array | Run
) -> Layer:
    """A layer with its input and its weights."""
    placed = shapes.placed[node.name]
    built = placed.geometry
    tensors: tuple[Array | None, Array | None, Mapping[str, Array] | None] = (None, None, None)
    if built.weighted:
        found = await tensors_of(served, request, placed)
        tensors = (found.weight, found.bias, found.own)
    if isinstance(given, Run):
        run = given
        joined = math.prod(placed.input_shape)
        return await served.compute.run(joined, lambda: run.layer(placed, *tensors))
    return Layer(node.operation, built, given, *tensors)


async def tensors_of(served: Services, request: WeightedRequest, placed: Placed) -> Resolved:
    """The tensors of a layer, from where a request says they come."""
    built, weights = placed.geometry, request.weights_of(placed.node)
    assert built.weight_shape is not None
    stored = None
    if isinstance(weights, StoredWeights):
        content = weights.id
        stored = await served.compute.load(lambda: served.store.get(content))
    wanted = Wanted(
        built.weight_shape,
        built.bias_shape,
        built.walk.weight_shape,
        built.as_given,
        request.dtype,
        placed.node.operation.own,
        placed.node.spec,
    )
    drawing = costs.weights_work(weights, built)

    def resolved() -> Resolved:
        bundle = None if stored is None else bundle_in(stored)
        if bundle is None:
            return resolve_tensors(weights, wanted, stored)
        assert isinstance(weights, StoredWeights)
        read_by = [node.name for node in request.network.order if request.weights_of(node) == weights]
        named = weights.layer or placed.node.name
        mine = layer_tensors(bundle, named)
        if not mine and (weights.layer or not any(layer_tensors(bundle, name) for name in read_by)):
            raise _of_another(bundle, named)
        # A layer that its network's bundle does not name is drawn, as it is without any weights.
        found = resolve_bundle(mine, wanted) or resolve_tensors(DEFAULT_WEIGHTS, wanted)
        if weights.bias is None or found.bias is None:
            return found
        return Resolved(found.weight, given_bias(weights.bias, found.bias.shape, request.dtype))

    try:
        return await served.compute.run(drawing, resolved)
    except Unfit as problem:
        raise _of_weights(problem, request, placed.node) from None


async def gives(served: Services, request: TrainRequest, node: Node) -> bool:
    """Whether a request says what a layer's parameters are; one that its bundle does not name is drawn."""
    weights = request.weights_of(node)
    if not request.gives(node) or not isinstance(weights, StoredWeights):
        return request.gives(node)
    array = await served.compute.load(lambda: served.store.get(weights.id))
    bundle = bundle_in(array)
    return bundle is None or bool(layer_tensors(bundle, weights.layer or node.name))


def _of_another(bundle: Bundle, layer: str) -> Unfit:
    """The refusal of a bundle that has nothing for a layer."""
    known = list(dict.fromkeys(key.rpartition(".")[0] for key in bundle.arrays))
    return Unfit(
        "layer",
        layer,
        "these weights have no tensors of a layer of this name",
        f"They are of {', '.join(known[:6])}: rename the layer, or say which of these it takes.",
        pointer="/weights/layer",
    )


def named(found: Resolved, placed: Placed) -> dict[str, Array]:
    """A layer's tensors by name: weight and bias, or those that an operation has of its own.

    Where a factor and a summand were given in their place, they stand for a gain and an offset of what has mean 0 and
    variance 1.
    """
    own = placed.node.operation.own
    if own is None:
        given = {"weight": found.weight, "bias": found.bias}
        return {name: one for name, one in given.items() if one is not None}
    if found.own is not None:
        return dict(found.own)
    lanes = placed.geometry.walk.lanes
    started: dict[str, Array] = dict(own.started(lanes))
    factor, _ = own.folded(own.started(lanes), placed.node.spec)
    bias = np.zeros(lanes) if found.bias is None else found.bias
    return started | {"gain": found.weight.reshape(-1) / factor, "offset": bias}


def _of_weights(problem: Unfit, request: WeightedRequest, node: Node) -> Unfit:
    """The refusal of weights, told of the layer that they are for."""
    if len(request.layers) == 1 and not isinstance(request.weights, dict):
        return problem
    pointer = problem.pointer or "/weights"
    if isinstance(request.weights, dict):
        key = node.name if node.name in request.weights else "*"
        pointer = pointer.replace("/weights", f"/weights/{key}", 1)
    reason = f"{problem.reason}; these are the weights of {node.name}"
    return Unfit(problem.field or "weights", problem.value, reason, problem.remedy, pointer=pointer)


async def _output(served: Services, layer: Layer) -> Array:
    """A layer's output, band by band, so that no piece of work is long."""
    work = layer.geometry.work
    bands = layer.bands()
    found: list[Array] = []
    while (band := await served.compute.run(work, lambda: next(bands, None))) is not None:
        found.append(band)
    return found[0] if len(found) == 1 else np.concatenate(found, axis=1)


def work_before(request: TensorRequest, shapes: Shapes) -> int:
    """The work of running the layers before the one asked for, drawing their weights included."""
    total = 0
    for node in shapes.network.before(request.node)[:-1]:
        built = shapes.placed[node.name].geometry
        total += costs.run_work(request, built)
        if built.weighted:
            total += costs.weights_work(request.weights_of(node), built)
    return total


async def network_plan(
    served: Services, shapes: Shapes, chosen: Node | None, *, totals: bool = True
) -> dict[str, Any]:
    """The plan of all layers; that of ``chosen`` carries the values that would be valid."""
    plans = layer_plans(shapes)
    described: list[dict[str, Any]] = []
    while part := await served.compute.run(2_000_000, lambda: list(itertools.islice(plans, PLANS_AT_ONCE))):
        described += part
    if chosen is not None:
        placed, one = shapes.placed[chosen.name], described[chosen.index]
        asked = (chosen.operation, chosen.spec, placed.input_shape)
        one["allowed"] = await served.compute.run(2_000_000, lambda: allowed_values(*asked))
        one["frameworks"] = frameworks(*asked)
    answer: dict[str, Any] = {"version": PLAN_VERSION, "layers": described}
    if totals:
        answer["network"] = await served.compute.run(2_000_000, lambda: network_totals(shapes))
    return answer
