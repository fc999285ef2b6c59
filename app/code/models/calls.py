"""A call of a library as the layers that it is, by the reader of single layers or by rules. Executes nothing."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...core.activations import ACTIVATIONS
from ...core.activations.gelu import ACTIVATION as GELU
from ...core.activations.leaky_relu import ACTIVATION as LEAKY_RELU
from ...core.activations.leaky_relu import SLOPE
from ...core.activations.none import ACTIVATION as NONE
from ...core.activations.relu import ACTIVATION as RELU
from ...core.activations.softmax import ACTIVATION as SOFTMAX
from ...core.errors import Problem
from ..read.read import Reading, read
from .draft import Draft
from .things import Dotted, LayerObject, NotUnderstood, Path, Size, Tensor, Unknown, tensors_in

WINDOWLESS = "It takes "  # how the note begins that a dense layer's input is told with
ACTIVATION_NAMES = {name: one.name for one in ACTIVATIONS.values() for name in one.names}
# Arguments that change no number of what is computed at inference.
QUIET = frozenset(
    "name device dtype rngs rng inplace kernel_initializer bias_initializer kernel_regularizer bias_regularizer "  # noqa: SIM905
    "activity_regularizer kernel_constraint bias_constraint depthwise_initializer pointwise_initializer "
    "depthwise_regularizer pointwise_regularizer kernel_init bias_init param_dtype precision trainable "
    "input_shape input_dim batch_input_shape seed noise_shape data_format deterministic use_running_average "
    "lora_rank quantization_config autocast".split()
)
# At inference these give back their input.
NOTHING_AT_INFERENCE = frozenset(
    "RandomFlip RandomRotation RandomZoom RandomTranslation RandomContrast RandomBrightness RandomCrop "  # noqa: SIM905
    "GaussianNoise GaussianDropout ActivityRegularization Masking StochasticDepth DropPath".split()
)
LIKE_DROPOUT = frozenset("Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout "  # noqa: SIM905
    "SpatialDropout1D SpatialDropout2D SpatialDropout3D dropout dropout2d alpha_dropout feature_alpha_dropout "
    "dropout1d dropout3d".split())  # fmt: skip
NORMALISATIONS = frozenset(
    "BatchNorm1d BatchNorm2d BatchNorm3d BatchNorm LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d "  # noqa: SIM905
    "SyncBatchNorm BatchNormalization".split()
)


@dataclass
class Call:
    """A call with its arguments as values, the tensors that go in, and where its layers are put."""

    draft: Draft
    path: Path
    args: list[Any]
    kwargs: dict[str, Any]
    line: int
    name: str = ""
    inputs: list[Tensor] = field(default_factory=list)
    function: bool = False  # whether the first tensor stands among its arguments in the text

    @property
    def called(self) -> str:
        """Its last word."""
        return self.path[-1]

    @property
    def is_keras(self) -> bool:
        """Whether the channels stand last, and arguments are Keras'."""
        return framework_of(self.path, self.draft) in ("keras", "tensorflow")

    @property
    def channels_last(self) -> bool:
        """Whether axes are counted with the channels last."""
        return framework_of(self.path, self.draft) in ("keras", "tensorflow", "jax")

    @property
    def x(self) -> Tensor:
        """The first tensor that goes in."""
        return self.inputs[0]

    def given(self, place: int, *names: str, default: Any = None) -> Any:
        """An argument by one of its names or its place; raises NotUnderstood where the text does not tell it."""
        value = default
        for name in names:
            if name in self.kwargs:
                value = self.kwargs[name]
                break
        else:
            value = self.args[place] if len(self.args) > place else default
        if isinstance(value, Unknown):
            raise NotUnderstood(f"{names[0]} is not told in the text")
        return value

    def add(self, spec: dict[str, Any], notes: Sequence[str] = (), inputs: Sequence[Tensor] = ()) -> Tensor:
        """A layer of the draft with this call's name."""
        return self.draft.add(
            spec, inputs or self.inputs[:1], self.line, name=self.name, called=self.called, notes=notes
        )

    def passed(self, reason: str, called: str = "", inputs: Sequence[Tensor] = ()) -> Tensor:
        """A layer that is passed through."""
        return self.draft.passed(called or self.called, self.line, reason, inputs or self.inputs, self.name)


def framework_of(path: Path, draft: Draft) -> str:
    """The framework that a name belongs to."""
    first = path[0]
    if first in ("torch", "torchvision"):
        return "pytorch"
    if first == "keras":
        return "keras"
    if first in ("tensorflow", "tf"):
        return "tensorflow"
    if first in ("flax", "jax"):
        return "jax"
    return draft.framework


def layer_called(draft: Draft, layer: LayerObject, inputs: Sequence[Any], line: int) -> Tensor:
    """A layer of a library on its input, as layers of the draft; one that is not understood is passed through."""
    given = tensors_in(list(inputs))
    if not given:
        raise NotUnderstood(f"{layer.called} reads nothing that is known")
    layer.used += 1
    call = Call(draft, layer.path, layer.args, dict(layer.kwargs), layer.line or line, layer.name, given)
    return taken(call)


def taken(call: Call) -> Tensor:
    """The layers of a call."""
    before = len(call.draft.nodes)
    try:
        return _taken(call)
    except (Problem, NotUnderstood) as problem:
        del call.draft.nodes[before:]
        reason = problem.reason if isinstance(problem, Problem) else str(problem)
        return call.passed(reason)


def _taken(call: Call) -> Tensor:
    name = call.called
    if name == "Activation":
        return wrapped(call)
    if name in RULES:
        return RULES[name](call)
    if name in NORMALISATIONS:
        return normalised(call)
    if name in LIKE_DROPOUT:
        return dropped(call)
    if name in NOTHING_AT_INFERENCE:
        call.draft.note(f"Line {call.line}: {name} changes nothing without training, and is left out.")
        return call.x
    if (activation := activation_of(name)) is not None and name != "Linear":
        return activated(call, activation)
    if call.is_keras and call.x.axes and name == "Dense":
        return dense_on_cells(call)
    return single(call)


def wrapped(call: Call) -> Tensor:
    """Keras' layer that takes its activation as an argument."""
    given = call.given(0, "activation", default="linear")
    word = given if isinstance(given, str) else getattr(given, "last", "")
    if isinstance(given, LayerObject):
        return layer_called(call.draft, given, call.inputs[:1], call.line)
    one = Call(call.draft, ("keras", "activations", word), [], {}, call.line, call.name, call.inputs)
    if (activation := activation_of(word)) is not None:
        return activated(one, activation)
    return one.passed("this activation is not computed here")


def activation_of(name: str) -> str | None:
    """The activation of ours that a class or a function is."""
    return ACTIVATION_NAMES.get(name.lower())


def activated(call: Call, activation: str) -> Tensor:
    """An activation as a layer of its own."""
    check_slope(call, activation)
    if activation == NONE.name:
        return call.add({"operation": "activation"})
    if activation == SOFTMAX.name:
        _check_axis(call)
    return call.add({"operation": "activation", "activation": activation})


def check_slope(call: Call, activation: str) -> None:
    """Refuse what an activation of another slope or approximation would be."""
    if activation == LEAKY_RELU.name:
        default = 0.3 if call.is_keras and call.called[:1].isupper() else 0.2 if call.is_keras else SLOPE
        slope = call.given(0, "negative_slope", "alpha", default=default)
        if slope != SLOPE:
            raise NotUnderstood(f"leaky ReLU has the slope {SLOPE} here, and this one has {slope}")
    if activation == GELU.name:
        usual: Any = True if framework_of(call.path, call.draft) == "jax" else "none"
        if call.given(0, "approximate", default=usual) not in ("none", False):
            raise NotUnderstood("GELU is exact here, and this one is approximate")
    if activation == RELU.name and (
        call.args or {"max_value", "negative_slope", "threshold"} & set(call.kwargs)
    ):
        given = [call.kwargs.get(one) for one in ("max_value", "negative_slope", "threshold")]
        if call.is_keras and (call.args or any(one not in (None, 0, 0.0) for one in given)):
            raise NotUnderstood("its bounds or slope are not computed here")


def _check_axis(call: Call) -> None:
    axis = call.given(0, "dim", "axis", default=-1 if call.channels_last else 1)
    fine = {-1, (call.x.axes or 0) + 1} if call.channels_last else {1, -1 - (call.x.axes or 0), None}
    if call.x.axes in (None, 0):
        fine |= {1, -1, 0}
    if axis not in fine:
        raise NotUnderstood(f"its axis is {axis}, and the one of the channels is computed here")


def normalised(call: Call) -> Tensor:
    """Batch normalisation as at inference."""
    keras = framework_of(call.path, call.draft) != "pytorch"
    if keras:
        default = 1e-3 if call.is_keras else 1e-5
        return call.add(
            {"operation": "batch_normalisation", "epsilon": call.given(2, "epsilon", default=default)}
        )
    epsilon = call.given(0 if call.called.startswith("Lazy") else 1, "eps", default=1e-5)
    return call.add({"operation": "batch_normalisation", "epsilon": epsilon})


def dropped(call: Call) -> Tensor:
    """A dropout, which does nothing at inference."""
    given = LayerObject(call.path, call.args, call.kwargs, call.line).given(0, "p", "rate", default=0.5)
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        return call.add({"operation": "dropout", "rate": given})
    return call.add({"operation": "dropout"}, ["its rate is not told in the text, and 0.5 stands for it."])


def dense_on_cells(call: Call) -> Tensor:
    """Keras' dense layer on a grid works on each cell: a convolution with a kernel of 1."""
    units = call.given(0, "units")
    more: dict[str, Any] = {
        name: call.kwargs[name] for name in ("use_bias", "activation") if name in call.kwargs
    }
    one = Call(
        call.draft,
        ("keras", "layers", f"Conv{call.x.axes}D"),
        [units, 1],
        more,
        call.line,
        call.name,
        call.inputs,
    )
    call.draft.note(
        f"Line {call.line}: a dense layer on a grid is a convolution with a kernel of 1, and stands as one."
    )
    return single(one)


def single(call: Call) -> Tensor:
    """A layer by the reader of single layers; an activation that it does not know stands behind it."""
    kwargs = {name: value for name, value in call.kwargs.items() if name not in QUIET}
    if call.called.startswith("Average") and not call.args:  # what Keras 2 has where nothing is said
        kwargs.setdefault("pool_size", 2)
    after = None
    activation = kwargs.get("activation")
    if activation is not None and call.is_keras:
        word = activation if isinstance(activation, str) else getattr(activation, "last", "")
        if word and activation_of(word) is not None:
            kwargs["activation"] = activation_of(word) if activation_of(word) != NONE.name else None
            after = _other_slope(word)
        else:
            after = activation
        if after is not None:
            del kwargs["activation"]
    framework = framework_of(call.path, call.draft)
    args = (*(["x"] if call.function else []), *map(rendered, call.args))
    layer = read_text(canonical(call.path, framework), args, frozen(kwargs))
    draft = call.draft
    spec = layer.spec.model_dump(mode="json", exclude_unset=True)
    notes = [note for note in layer.notes if not note.startswith(WINDOWLESS)]
    if layer.known_channels != layer.input_channels and call.x.channels:
        spec, notes = _depthwise(spec, call, layer)
    if call.x.node < 0 and draft.channels is None and draft.features is None:
        draft.channels, draft.features = layer.known_channels, layer.input_features
    draft.axes = draft.axes or layer.axes
    result = call.add(spec, notes)
    draft.nodes[result.node].features = layer.input_features
    if result.axes is None and layer.axes is not None:
        result = Tensor(result.node, layer.axes, result.channels, result.shape)
    if layer.separable is not None:
        result = _pointwise(call, result, layer.axes or 2)
    return result if after is None else _behind(call, after, result)


def _other_slope(word: str) -> str | None:
    """Keras' leaky ReLU by its name has another slope than ours."""
    return word if activation_of(word) == LEAKY_RELU.name else None


def _behind(call: Call, after: Any, x: Tensor) -> Tensor:
    """The activation of a layer, as a layer behind it."""
    if isinstance(after, LayerObject):
        return layer_called(call.draft, after, [x], call.line)
    word = after if isinstance(after, str) else getattr(after, "last", "activation")
    one = Call(call.draft, ("keras", "activations", str(word)), [], {}, call.line, "", [x])
    if word != after and isinstance(after, Dotted):
        one.path = after.path
    reason = "this activation is not computed here"
    if activation_of(str(word)) == LEAKY_RELU.name:
        reason = f"leaky ReLU has the slope {SLOPE} here, and this one has 0.2"
    return one.passed(reason)


def _depthwise(spec: dict[str, Any], call: Call, layer: ReadLayer) -> tuple[dict[str, Any], list[str]]:
    """A depthwise layer for as many channels as there are."""
    channels = call.x.channels or 1
    each = max(1, spec.get("filters", 1) // max(1, layer.input_channels or 1))
    return {**spec, "filters": channels * each, "groups": channels}, []


def _pointwise(call: Call, x: Tensor, axes: int) -> Tensor:
    """The second half of a separable convolution: a kernel of 1 with its filters, bias and activation."""
    more: dict[str, Any] = {
        name: call.kwargs[name] for name in ("use_bias", "activation") if name in call.kwargs
    }
    name = f"{call.name}.pointwise" if call.name else ""
    filters = call.given(0, "filters")
    return single(
        Call(call.draft, ("keras", "layers", f"Conv{axes}D"), [filters, 1], more, call.line, name, [x])
    )


@dataclass(frozen=True)
class ReadLayer:
    """The answer of the reader of single layers."""

    spec: Any
    notes: tuple[str, ...]
    input_channels: int | None
    known_channels: int | None
    input_features: int | None
    axes: int | None
    separable: bool | None


@functools.lru_cache(maxsize=2048)
def read_text(name: str, args: tuple[str, ...], kwargs: tuple[tuple[str, str], ...]) -> ReadLayer:
    """A call with its arguments written out, as the reader of single layers has it."""
    separable = name.rpartition(".")[2].startswith("Separable")
    if separable:
        kept = [(key, value) for key, value in kwargs if key not in ("activation", "use_bias", "filters")]
        kwargs = tuple(kept)
        name, args = name.replace("Separable", "Depthwise"), args[1:]
        kwargs = (*kwargs, ("use_bias", "False"))
    written = ", ".join([*args, *(f"{key}={value}" for key, value in kwargs)])
    found: Reading = read(f"{name}({written})")
    assumed = any("are assumed" in note for note in found.notes)
    return ReadLayer(
        found.spec,
        found.notes,
        found.input_channels,
        None if assumed else found.input_channels,
        found.input_features,
        found.axes,
        True if separable else None,
    )


def canonical(path: Path, framework: str) -> str:
    """The full name of a layer, as the reader of single layers knows it."""
    name = path[-1]
    if framework == "pytorch":
        return f"torch.nn.functional.{name}" if name[:1].islower() else f"torch.nn.{name}"
    if framework == "jax":
        if path[0] == "jax":
            return ".".join(path)
        return f"flax.nnx.{name}" if "nnx" in path else f"flax.linen.{name}"
    if framework == "tensorflow" and name[:1].islower():
        return f"tensorflow.nn.{name}"
    return f"keras.layers.{name}"


def frozen(kwargs: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Arguments by name as text."""
    return tuple((name, rendered(value)) for name, value in kwargs.items())


def rendered(value: Any, depth: int = 0) -> str:
    """A value as Python writes it; the name of what the text does not tell."""
    if isinstance(value, (bool, int, str)) or value is None:
        return repr(value)[:200]
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f"float('{value}')"
    if isinstance(value, (list, tuple)) and depth < 3 and len(value) <= 16:
        entries = ", ".join(rendered(one, depth + 1) for one in value)
        if isinstance(value, list):
            return f"[{entries}]"
        return f"({entries},)" if len(value) == 1 else f"({entries})"
    if isinstance(value, Dotted):
        return ".".join(value.path)
    if isinstance(value, Unknown):
        return value.name if value.name.isidentifier() else "unknown"
    if isinstance(value, Tensor):
        return "x"
    return "size" if isinstance(value, Size) else "unknown"


Rule = Callable[[Call], Tensor]
RULES: dict[str, Rule] = {}


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Register a rule for calls of these names."""

    def register(make: Rule) -> Rule:
        for name in names:
            RULES[name] = make
        return make

    return register
