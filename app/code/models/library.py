"""Calls of libraries on values: layers made, tensors passed through functions and methods. Executes nothing."""

from __future__ import annotations

from typing import Any

from . import joins, layouts
from .calls import RULES, Call, activation_of, layer_called, taken
from .draft import Draft
from .python import MATHS
from .things import (
    Container,
    Dotted,
    Graphed,
    LayerObject,
    NotUnderstood,
    Partial,
    Path,
    Size,
    Sizes,
    Tensor,
    Unknown,
    tensors_in,
)

CONTAINERS = {"Sequential": True, "ModuleList": False, "ModuleDict": False, "List": False}
# Methods of tensors that leave all cells as they are.
KEEPING = frozenset(
    "contiguous to cuda cpu float double half detach clone expand_as expand type type_as astype numpy "  # noqa: SIM905
    "requires_grad_ data long copy block_until_ready".split()
)
SOURCES = frozenset("randn rand zeros ones empty normal uniform".split())  # noqa: SIM905
# Functions that leave all cells as they are.
SAME = frozenset(
    "checkpoint identity stop_gradient tensor asarray array convert_to_tensor cast FloatTensor constant".split()  # noqa: SIM905
)
WORDS = frozenset("bool str int float".split())  # noqa: SIM905


def path_of(path: Path) -> Path:
    """A name in full as it is known here: tensorflow.keras is keras."""
    if path[:2] in (("tensorflow", "keras"), ("tf", "keras")):
        path = ("keras", *path[2:])
    if path[:2] == ("keras", "src"):
        path = ("keras", *path[2:])
    return path


def called(draft: Draft, path: Path, args: list[Any], kwargs: dict[str, Any], line: int) -> Any:
    """A call of a library by its full name."""
    name = path[-1]
    if name in CONTAINERS:
        return container(path, args, kwargs, line)
    if path[0] in ("math", "np", "jnp") and name in MATHS and not tensors_in(args):
        return MATHS[name](*args)
    if name == "partial" and args:
        return Partial(args[0], args[1:], kwargs)
    if name in ("Input", "InputLayer", "KerasTensor"):
        return keras_input(draft, name, args, kwargs, line)
    if name in ("Model", "Functional") and ("inputs" in kwargs or len(args) >= 2):
        inputs = kwargs.get("inputs", args[0] if args else None)
        outputs = kwargs.get("outputs", args[1] if len(args) > 1 else None)
        return Graphed(inputs, outputs, line)
    if name in SAME and args:
        return args[-1] if name == "checkpoint" and len(args) == 1 else _first_tensor(args)
    if name == "checkpoint":
        return Unknown(name)
    if name == "size" or (name == "shape" and tensors_in(args)):
        return Sizes(tensors_in(args)[0])
    if tensors_in(args) or tensors_in(kwargs):
        return _on_tensors(draft, path, args, kwargs, line)
    return _without_tensors(path, args, kwargs, line)


def _on_tensors(draft: Draft, path: Path, args: list[Any], kwargs: dict[str, Any], line: int) -> Tensor:
    """A function of tensors, or a class that is called like one."""
    if path[-1][:1].isupper() and path[0] != "keras":
        return layer_called(
            draft, LayerObject(path, [], {}, line), tensors_in(args) + tensors_in(kwargs), line
        )
    return function(draft, path, args, kwargs, line)


def _without_tensors(path: Path, args: list[Any], kwargs: dict[str, Any], line: int) -> Any:
    """A layer that is made, or a function that tells nothing about layers."""
    name = path[-1]
    if name in SOURCES or path[0] in ("np", "random", "os", "math", "plt", "optim"):
        return Unknown(name)
    if name[:1].islower() and path[0] in ("jax", "jnp", "F", "optax"):
        return Unknown(name)
    given = kwargs.get("name", "")
    return LayerObject(path, args, kwargs, line, given if isinstance(given, str) else "")


def _first_tensor(args: list[Any]) -> Any:
    found = tensors_in(args)
    return found[0] if found else (args[0] if args else Unknown())


def function(draft: Draft, path: Path, args: list[Any], kwargs: dict[str, Any], line: int) -> Tensor:
    """A function of tensors: ``F.relu(x)``, ``torch.cat([a, b], 1)``."""
    inputs = tensors_in(args) + tensors_in(list(kwargs.values()))
    others = list(args)
    if others and tensors_in([others[0]]):
        others = others[1:]
    named = {name: value for name, value in kwargs.items() if not tensors_in([value])}
    name = path[-1]
    if path[0] in ("torch", "jnp", "keras", "tensorflow", "tf", "operator") and name in joins.TWO:
        return joins.arithmetic(
            Call(draft, path, others, named, line, "", inputs), joins.TWO[name], *_two(args)
        )
    given = [one for one in others if not isinstance(one, Tensor)] if name != "linear" else others
    if name.startswith(("conv", "linear", "batch_norm", "instance_norm", "layer_norm")) and name not in RULES:
        given = others
    return taken(Call(draft, path, given, named, line, "", inputs, True))


def _two(args: list[Any]) -> tuple[Any, Any]:
    if len(args) == 1 and isinstance(args[0], (list, tuple)) and len(args[0]) == 2:
        return args[0][0], args[0][1]
    return (args[0], args[1]) if len(args) > 1 else (args[0] if args else Unknown(), Unknown())


def keras_input(draft: Draft, name: str, args: list[Any], kwargs: dict[str, Any], line: int) -> Any:
    """The input of a functional model; the sizes that it tells become those of the input."""
    given = kwargs.get("shape", kwargs.get("input_shape", args[0] if args else None))
    if (
        given is None
        and (batch_shape := kwargs.get("batch_shape", kwargs.get("batch_input_shape"))) is not None
    ):
        given = batch_shape[1:] if isinstance(batch_shape, (list, tuple)) else None
    if name == "InputLayer":
        return LayerObject(("keras", "layers", name), [given], kwargs, line)
    return draft.input(source_of(given))


def source_of(given: Any) -> Tensor:
    """An input of Keras: sizes with the channels last, as far as they are told."""
    if not isinstance(given, (list, tuple)) or not 1 <= len(given) <= 4:
        return Tensor(-1)
    axes = len(given) - 1
    if not all(isinstance(one, int) and 1 <= one <= 2**20 for one in given):
        channels = given[-1] if isinstance(given[-1], int) else None
        return Tensor(-1, axes, channels)
    if axes == 0:
        return Tensor(-1, 0, given[0], (given[0], 1))
    return Tensor(-1, axes, given[-1], (given[-1], *given[:-1]))


def container(path: Path, args: list[Any], kwargs: dict[str, Any], line: int) -> Container:
    """A Sequential or a list of layers, with the names that an OrderedDict or a list of Keras' layers gives."""
    name = kwargs.get("name", "")
    found = Container([], CONTAINERS[path[-1]], line, path[-1], name if isinstance(name, str) else "")
    given: list[Any] = list(args)
    if not given and "layers" in kwargs:
        given = [kwargs["layers"]]
    for one in given:
        if isinstance(one, dict):
            for key, member in one.items():
                found.add(member, str(key))
        elif isinstance(one, (list, tuple)):
            for member in one:
                pair = isinstance(member, tuple) and len(member) == 2 and isinstance(member[0], str)
                found.add(member[1] if pair else member, member[0] if pair else "")
        elif isinstance(one, Container) and path[-1] != "Sequential":
            found.members += one.members
        elif one is not None:
            found.add(one)
    return found


# --- Tensors ------------------------------------------------------------------------------------------------


def attribute(draft: Draft, tensor: Tensor, name: str) -> Any:
    """An attribute of a tensor that is no method."""
    if name == "shape":
        return Sizes(tensor)
    if name == "data":
        return tensor
    if name == "ndim":
        return Unknown("ndim") if tensor.axes is None else tensor.axes + 2
    if name in ("device", "dtype", "is_cuda", "requires_grad"):
        return Unknown(name)
    if name in ("T", "mT"):
        return draft.passed("T", 0, "axes are not exchanged here", [tensor])
    return None


def method(
    draft: Draft, tensor: Tensor, name: str, args: list[Any], kwargs: dict[str, Any], line: int
) -> Any:
    """A method of a tensor."""
    if name in KEEPING:
        return tensor
    if name in ("size", "dim"):
        if name == "dim":
            return Unknown("dim") if tensor.axes is None else tensor.axes + 2
        return size(Sizes(tensor), args[0], draft) if args else Sizes(tensor)
    framework = draft.framework
    path = {"pytorch": ("torch", name), "jax": ("jnp", name)}.get(framework, ("tensorflow", name))
    if name in ("add", "mul", "sub", "div", "add_", "mul_"):
        sign = joins.TWO[name.rstrip("_")]
        other = args[0] if args else Unknown()
        call = Call(draft, path, [], {}, line, "", tensors_in([tensor, other]))
        return joins.arithmetic(call, sign, tensor, other)
    others = [one for one in args if not isinstance(one, Tensor)]
    known = name in RULES or activation_of(name) is not None
    if name in ("chunk", "split"):
        return parts(draft, tensor, name, others, line)
    call = Call(draft, path, others, kwargs, line, "", [tensor, *tensors_in(args)], True)
    if not known:
        return call.passed("this method is not understood", name, [tensor])
    return taken(call)


def parts(draft: Draft, tensor: Tensor, name: str, args: list[Any], line: int) -> Any:
    """Pieces of a tensor, which are not taken apart here."""
    count = args[0] if name == "chunk" and args and isinstance(args[0], int) else 2
    box = draft.passed(name, line, "a tensor is not taken apart here", [tensor])
    return [box] * max(1, min(count, 8))


def size(sizes: Sizes, place: Any, draft: Draft) -> Any:
    """One size of a tensor, or a slice of its sizes; the batch and what is not told stand for themselves."""
    every = every_size(sizes, draft)
    if isinstance(place, slice):
        try:
            return every[place]
        except (TypeError, ValueError):
            return Unknown("size")
    if isinstance(place, int) and -len(every) <= place < len(every):
        return every[place]
    return Size(place if isinstance(place, int) else 1)


def every_size(sizes: Sizes, draft: Draft) -> list[Any]:
    """All sizes, batch first, as the framework orders them."""
    tensor = sizes.tensor
    axes = 2 if tensor.axes is None else tensor.axes
    if tensor.shape is not None:
        channels: Any = tensor.shape[0]
        others: list[Any] = list(tensor.shape[1:])
        if tensor.axes == 0:
            others = []
    else:
        known = tensor.channels
        channels, others = (Size(1) if known is None else known), [Size(2 + at) for at in range(axes)]
    return [Size(0), channels, *others] if draft.framework == "pytorch" else [Size(0), *others, channels]


def subscript(draft: Draft, tensor: Tensor, place: Any, line: int) -> Any:
    """A tensor with brackets behind it."""
    path = ("torch",) if draft.framework == "pytorch" else ("jnp",)
    call = Call(draft, (*path, "brackets"), [], {}, line, "", [tensor], True)
    try:
        return layouts.cut(call, place)
    except NotUnderstood as problem:
        return call.passed(str(problem), "brackets")


def dotted(value: Any, name: str) -> Any:
    """An attribute of a name of a library."""
    if isinstance(value, Dotted) and len(value.path) < 12:
        return Dotted(path_of((*value.path, name)))
    return Unknown(name)
