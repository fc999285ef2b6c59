"""Layers for a notebook or a script: a layer, its plan and its result show themselves as static HTML.

Puts the core, the kernels and the figures together without a server. Knows no web but the words of its refusals.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ValidationError

from ..code.read.read import read as read_code
from ..core.engine.trace import Layer as Ready
from ..core.errors import Problem, Unfit
from ..core.geometry import Geometry, geometry
from ..core.operation import Operation
from ..core.plan import plan_layer
from ..core.spec import LayerSpec
from ..core.weights import (
    DEFAULT_WEIGHTS,
    PresetWeights,
    StoredWeights,
    TensorWeights,
    Wanted,
    resolve_tensors,
)
from ..figures.export import Export
from ..figures.options import FigureOptions
from ..operations import registry

Array = NDArray[np.floating]
AllTensors = tuple[
    Array | None, Array | None, Mapping[str, Array] | None
]  # weight, bias, what they are made of
Weight = ArrayLike | str | Mapping[str, ArrayLike]  # an array, a preset, or tensors by name
COSTS = ("multiply_adds", "comparisons", "additions")
MOST_AXES = 4  # channels and three sizes

HEAD = "text-align:left;padding:0 1.5em 0 0;font-weight:400;opacity:.75"
STYLE = "font-family:system-ui,sans-serif;font-size:14px;line-height:1.5"


def layer(operation: str = "convolution", **parameters: Any) -> Layer:
    """A layer by its operation's name and the parameters of the API: ``layer("max_pooling", kernel=2)``."""
    return Layer(spec_of({"operation": operation, **parameters}))


def spec_of(given: Mapping[str, Any]) -> LayerSpec:
    """The spec that parameters say; raises Unfit for an operation that does not exist."""
    operation = given.get("operation")
    if not isinstance(operation, str) or operation not in registry():
        known = ", ".join(registry())
        raise Unfit("operation", operation, "no operation has this name", f"Use one of {known}.")
    found = _checked(registry()[operation].spec, {name: _plain(value) for name, value in given.items()})
    assert isinstance(found, LayerSpec)
    return found


def read(text: str) -> Layer:
    """The first layer that code of PyTorch, Keras, TensorFlow, JAX or ONNX says; nothing of it is executed.

    Its ``notes`` say what was guessed or assumed, and what else of the text is left out.
    """
    found = read_code(text)
    return Layer(found.spec, found.notes)


@dataclass(frozen=True)
class Layer:
    """A layer, without an input. Called with one it gives its result. ``notes`` are those of code that was read."""

    spec: LayerSpec
    notes: tuple[str, ...] = ()

    def plan(self, input_shape: Sequence[int]) -> Plan:
        """Shapes, formula and cost for an input (channels, *sizes), before any arithmetic."""
        operation = registry()[self.spec.operation]
        return Plan(self.spec, plan_layer(operation, self.spec, tuple(input_shape)))

    def __call__(
        self,
        x: ArrayLike,
        weight: Weight | None = None,
        bias: ArrayLike | None = None,
        seed: int = 0,
    ) -> Result:
        """The result on an input (channels, *sizes); one or two axes are one channel.

        ``weight`` is an array, the name of a preset, which ``seed`` draws where it is random, or all tensors by name.
        """
        values = as_input(x)
        operation = registry()[self.spec.operation]
        built = geometry(operation, self.spec, values.shape)
        tensors = tensors_of(operation, self.spec, built, weight, bias, seed, values.dtype.name)
        return Result(self.spec, Ready(operation, built, values, *tensors))

    def _repr_html_(self) -> str:
        operation = registry()[self.spec.operation]
        given = self.spec.model_dump(mode="json", exclude_defaults=True, exclude={"operation"})
        rows = [(_title(self.spec, name), json.dumps(value)) for name, value in given.items()]
        return _html(operation.title, rows, operation.summary)


@dataclass(frozen=True)
class Plan:
    """The plan of a layer on an input, known before any arithmetic; ``answer`` is the API's."""

    spec: LayerSpec
    answer: dict[str, Any]

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The output's shape."""
        return tuple(self.answer["output_shape"])

    def _repr_html_(self) -> str:
        plan = self.answer
        rows = [("Input", _shape(plan["input_shape"])), ("Output", _shape(plan["output_shape"]))]
        if plan["weight_shape"]:
            rows.insert(1, ("Weights", _shape(plan["weight_shape"])))
        rows += [
            (axis["name"], "".join(str(part["text"]) for part in axis["formula"])) for axis in plan["axes"]
        ]
        rows += [(name.replace("_", "-"), f"{plan[name]:,}") for name in COSTS if plan[name]]
        return _html(registry()[self.spec.operation].title, rows, " ".join(plan.get("notes", [])))


@dataclass(frozen=True)
class Drawn:
    """A figure: its file, and the words that go with it."""

    data: bytes
    media_type: str
    caption: str
    alt: str
    bibtex: str

    def _repr_html_(self) -> str:
        caption = f'<figcaption style="{STYLE};opacity:.75">{escape(self.caption)}</figcaption>'
        if not self.media_type.startswith("image/"):
            return f'<figure style="margin:0">{caption}</figure>'
        source = f"data:{self.media_type};base64,{base64.b64encode(self.data).decode()}"
        picture = f'<img src="{source}" alt="{escape(self.alt)}" style="max-width:100%;background:#fff">'
        return f'<figure style="margin:0">{picture}{caption}</figure>'


@dataclass(frozen=True)
class Result:
    """A layer that has run on an input."""

    spec: LayerSpec
    ready: Ready

    @property
    def input(self) -> Array:
        """The input (channels, *sizes)."""
        return self.ready.x

    @property
    def weight(self) -> Array | None:
        """The weight, as its framework holds it."""
        return self.ready.weight

    @property
    def bias(self) -> Array | None:
        """One number a filter."""
        return self.ready.bias

    @property
    def output(self) -> Array:
        """The output, in the shape that the operation gives."""
        return self.ready.result(self.ready.run())

    def figure(self, step: int | str = "final", format: str = "svg", **options: Any) -> Drawn:
        """A step or the final state as a figure, with the options of ``POST figure``."""
        asked = _checked(FigureOptions, {"step": step, "format": format, **options})
        assert isinstance(asked, FigureOptions)
        request = {
            "layers": [self.spec.model_dump(mode="json", exclude_unset=True)],
            **json.loads(asked.as_text()),
        }
        export = Export(self.ready, self.spec, asked, json.dumps(request), form=format)
        for piece in export.pieces():
            piece.make()
        assert export.about is not None, "an export that is done can say what it shows"
        words = export.about
        return Drawn(export.result, export.media_type, words.caption, words.alt, words.bibtex)

    def _repr_html_(self) -> str:
        """The final state as a figure; the plan where that would be too large."""
        try:
            return self.figure()._repr_html_()
        except Problem:
            return Layer(self.spec).plan(self.input.shape)._repr_html_()


def tensors_of(
    operation: Operation,
    spec: LayerSpec,
    built: Geometry,
    weight: Weight | None,
    bias: ArrayLike | None,
    seed: int,
    dtype: str,
) -> AllTensors:
    """A layer's weight, given as an array, as tensors by name or as the name of a preset, and its bias."""
    if not built.weighted:
        return None, None, None
    assert built.weight_shape is not None
    wanted = Wanted(
        built.weight_shape,
        built.bias_shape,
        built.walk.weight_shape,
        built.as_given,
        dtype,
        operation.own,
        spec.bare,
    )
    given_bias = {} if bias is None else {"bias": np.asarray(bias, np.float64).tolist()}
    if isinstance(weight, Mapping):
        named = {name: np.asarray(one, np.float64).tolist() for name, one in weight.items()}
        return _resolved(TensorWeights, {"kind": "tensors", "tensors": named}, wanted)
    if weight is None or isinstance(weight, str):
        name = DEFAULT_WEIGHTS.name if weight is None else weight
        return _resolved(PresetWeights, {"kind": "preset", "name": name, "seed": seed, **given_bias}, wanted)
    given = {"kind": "stored", "id": "0" * 64, **given_bias}
    return _resolved(StoredWeights, given, wanted, np.asarray(weight, dtype))


def _resolved(
    model: type[BaseModel], given: dict[str, Any], wanted: Wanted, stored: Array | None = None
) -> AllTensors:
    found = resolve_tensors(_checked(model, given), wanted, stored)
    return found.weight, found.bias, found.own


def as_input(x: ArrayLike) -> Array:
    """An array as an input: float64 stays, all else becomes float32; one or two axes are one channel."""
    array = np.asarray(x)
    if array.dtype.kind not in "fiub" or not 1 <= array.ndim <= MOST_AXES or array.size == 0:
        kind = f"{array.dtype.name} of shape {array.shape}"
        reason = "an input holds numbers, with channels and 1 to 3 axes"
        raise Unfit("x", kind, reason, "Use an array such as np.arange(9.0).reshape(3, 3).")
    values: Array = np.ascontiguousarray(array, np.float64 if array.dtype == np.float64 else np.float32)
    return values if values.ndim > 2 else values[None]


def _plain(value: Any) -> Any:
    """Tuples and NumPy's numbers as JSON has them."""
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value


def _checked(model: type[BaseModel], given: dict[str, Any]) -> Any:
    """A model; what does not fit is refused in the one shape."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        from ..web.http.problems import from_validation  # noqa: PLC0415 - only a refusal needs the web's words

        raise from_validation(list(error.errors())) from None


def _title(spec: LayerSpec, name: str) -> str:
    return type(spec).model_fields[name].title or name


def _shape(sizes: Sequence[int]) -> str:
    return "×".join(map(str, sizes))


def _html(title: str, rows: Sequence[tuple[str, str]], about: str) -> str:
    cells = "".join(
        f'<tr><th scope="row" style="{HEAD}">{escape(name)}</th>'
        f'<td style="text-align:left">{escape(value)}</td></tr>'
        for name, value in rows
    )
    table = f'<table style="{STYLE};border-collapse:collapse">{cells}</table>' if rows else ""
    paragraph = f'<p style="margin:.2em 0;opacity:.75">{escape(about)}</p>' if about else ""
    return f'<div style="{STYLE}"><b>{escape(title)}</b>{paragraph}{table}</div>'
