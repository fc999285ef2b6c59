"""Networks for a notebook or a script: layers joined, their plan as a table, and the result of any of them.

Knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from numpy.typing import ArrayLike

from ..core.errors import Unfit
from ..core.network.forward import Tensors, output_of
from ..core.network.graph import Network as Graph
from ..core.network.graph import network_of
from ..core.network.shapes import Placed, shapes_of
from ..core.network.totals import layer_plans, network_totals
from ..operations import registry
from . import answers
from .notebook import HEAD, STYLE, Layer, Result, Weight, as_input, spec_of, tensors_of

Given = Mapping[str, Weight | tuple[Weight, ArrayLike]]


def network(layers: Sequence[Layer | Mapping[str, Any]]) -> Network:
    """Layers joined: each a layer, or the parameters of the API with name and inputs.

    ``network([{"operation": "convolution", "name": "conv1"}, layer("max_pooling")])``
    """
    specs = [one.spec if isinstance(one, Layer) else spec_of(dict(one)) for one in layers]
    if not specs:
        raise Unfit("layers", [], "a network has at least one layer", "Give a layer.")
    return Network(network_of(specs, registry()))


@dataclass(frozen=True)
class Network:
    """Layers joined, without an input. Called with one it gives the result of a layer, the last unless one is named."""

    graph: Graph

    def plan(self, input_shape: Sequence[int]) -> NetworkPlan:
        """Shapes, cost and receptive fields for an input (channels, *sizes), before any arithmetic."""
        shapes = shapes_of(self.graph, tuple(input_shape))
        return NetworkPlan({"layers": list(layer_plans(shapes)), "network": network_totals(shapes)})

    def __call__(
        self, x: ArrayLike, weights: Given | Weight | None = None, layer: str | None = None, seed: int = 0
    ) -> Result:
        """The result of a layer on an input (channels, *sizes).

        ``weights`` is the name of a preset for all layers, or by the name of each an array, a preset, or a pair of one
        of them and the bias; ``*`` stands for all others.
        """
        values = as_input(x)
        shapes = shapes_of(self.graph, values.shape)
        given: Given = weights if isinstance(weights, Mapping) else {} if weights is None else {"*": weights}
        for name in given:
            if name != "*" and name not in self.graph.by_name:
                known = ", ".join(self.graph.by_name)
                raise Unfit("weights", name, "no layer has this name", f"Use one of {known}.")

        def tensors(placed: Placed) -> Tensors:
            found: Any = given.get(placed.node.name, given.get("*"))
            weight, bias = found if isinstance(found, tuple) else (found, None)
            node = placed.node
            return tensors_of(
                node.operation, node.spec, placed.geometry, weight, bias, seed, values.dtype.name
            )[:2]

        ready, _ = output_of(shapes, values, tensors, layer)
        return Result(self.graph.chosen(layer).spec, ready)

    def _repr_html_(self) -> str:
        rows = [(node.name, node.operation.title, ", ".join(node.inputs)) for node in self.graph.layers]
        return _table(("layer", "operation", "reads"), rows, ())


@dataclass(frozen=True)
class NetworkPlan:
    """The plan of a network on an input, known before any arithmetic; ``answer`` is the API's."""

    answer: dict[str, Any]

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The last layer's output."""
        return tuple(self.answer["network"]["output_shape"])

    def __str__(self) -> str:
        return "\n".join(answers.table(self.answer))

    def _repr_html_(self) -> str:
        return _table(answers.HEADS, answers.rows_of(self.answer), answers.sums_of(self.answer))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], about: Sequence[str]) -> str:
    head = "".join(f'<th scope="col" style="{HEAD}">{escape(one)}</th>' for one in heads)
    body = "".join(
        "<tr>"
        + "".join(f'<td style="text-align:left;padding-right:1.5em">{escape(cell)}</td>' for cell in row)
        + "</tr>"
        for row in rows
    )
    paragraphs = "".join(f'<p style="margin:.2em 0;opacity:.75">{escape(one)}</p>' for one in about)
    table = f'<table style="{STYLE};border-collapse:collapse"><tr>{head}</tr>{body}</table>'
    return f'<div style="{STYLE}">{table}{paragraphs}</div>'
