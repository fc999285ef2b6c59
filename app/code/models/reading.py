"""Code in for a whole model: text in any of its forms to the layers of a network. Parses, executes nothing."""

from __future__ import annotations

import ast
import re
from typing import Any

from ...core.errors import Problem, TooLarge, counted
from ..read.read import read
from . import library
from .clean import cleaned, parsed
from .draft import Draft, NetworkReading
from .expressions import named_layers
from .keras_json import is_keras_json, read_keras_json
from .machine import FORWARD, Machine, Returned
from .printed import is_printed, read_printed
from .things import (
    Class,
    Container,
    Function,
    Graphed,
    Instance,
    LayerObject,
    NotUnderstood,
    Stopped,
    Tensor,
    tensors_in,
)

MOST_TEXT = 1_000_000  # characters
MOST_WALKED = 20_000
MOST_CALLED = 24  # functions that are followed to look for a model
WEIGHTED = re.compile(r"Conv|Linear|Dense|BatchNorm")
FLAX = re.compile(r"\bflax\b|\blinen\b|\bnnx\b|nn\.compact|\bjnp\.")
KERAS = re.compile(
    r"\bkeras\b|\btensorflow\b|\btf\.|\b(?:Conv|MaxPooling|UpSampling|AveragePooling)[123]D\b|\bDense\(|model\.add\("
)
NAMED_TORCH, NAMED_KERAS = re.compile(r"\btorch\b"), re.compile(r"\bkeras\b|\btensorflow\b")
TORCH = re.compile(r"\btorch\b|nn\.Module|\b(?:Conv|BatchNorm|MaxPool)[123]d\b|\bnn\.Linear")
FIRST = re.compile(r",\s*data_format\s*=\s*['\"]channels_first['\"]")
Found = tuple[Draft, Tensor]


def read_network(text: str) -> NetworkReading | None:
    """The layers of the model that a text says; None where it says none. Raises TooLarge."""
    if len(text) > MOST_TEXT:
        raise TooLarge(
            "text",
            counted(len(text), "character"),
            f"a text may have {MOST_TEXT:,} characters",
            "Paste the model alone.",
        )
    try:
        found = _found(text)
    except (NotUnderstood, Stopped, RecursionError, MemoryError):
        return None
    return _pair(text) if found is None else found[0].finished(found[1])


def _pair(text: str) -> NetworkReading | None:
    """A call that stands alone and is two layers: a separable convolution."""
    if "Separable" not in text:
        return None
    try:
        one = read(text)
    except Problem:
        return None
    if one.pair is None:
        return None
    shape = ", ".join([*["None"] * (one.axes or 2), str(one.input_channels)])
    call = FIRST.sub("", one.pair)  # the layers are the same in either layout
    found = _found(f"keras.Sequential([keras.Input(({shape})), {call}])")
    model = None if found is None else found[0].finished(found[1])
    if model is not None:
        model.notes += [note for note in one.notes if "assumed" in note]
    return model


def _found(text: str) -> Found | None:
    if is_keras_json(text):
        return read_keras_json(text)
    if is_printed(text):
        return read_printed(text)
    tree = parsed(cleaned(text))
    if tree is None:
        return None
    return _program(tree[0], text, tree[1])


def framework_in(text: str) -> str:
    """The framework whose words a text is in."""
    torch, keras, flax = (len(pattern.findall(text)) for pattern in (TORCH, KERAS, FLAX))
    if flax and not NAMED_TORCH.search(text) and not NAMED_KERAS.search(text):
        return "jax"
    return "keras" if keras > torch else "pytorch"


def _program(tree: ast.Module, text: str, left_out: list[int]) -> Found | None:
    """The model of a program: one that it makes, or one that its functions and classes would."""
    machine = Machine(Draft(framework_in(text)))
    for line in left_out[:3]:
        if left_out and re.search(r"[A-Za-z]", text):
            machine.draft.note(f"Line {line} is not Python, and is left out.")
    _follow(machine, tree)
    model = _chosen(machine)
    if model is None:
        return None
    return _read(machine, tree, model)


def _follow(machine: Machine, tree: ast.Module) -> None:
    try:
        machine.follow(tree.body, machine.top, lenient=True)
    except (Stopped, RecursionError) as problem:
        machine.draft.note(str(problem) if isinstance(problem, Stopped) else "The text is nested too deeply.")


def _chosen(machine: Machine) -> Any:
    """The model: of those that the text makes the largest, else of those that its functions and classes make."""
    if (model := _largest(machine, machine.made)) is not None:
        return model
    functions = [one for one in machine.top.names.values() if isinstance(one, Function)]
    classes = [one for one in machine.top.names.values() if isinstance(one, Class) and _has_forward(one)]
    for needs in (False, True):
        made: list[Any] = []
        for function in functions[:MOST_CALLED]:
            if _required(function.node.args) == needs and (not needs or not classes):
                made = _made_by(machine, function)
                if (model := _largest(machine, made)) is not None:
                    return model
        for one in classes[:MOST_CALLED]:
            found = one.method("__init__")
            required = bool(found and _required(found[0].args, 1)) or (found is None and bool(one.fields))
            if required == needs or needs:
                made += _made_by(machine, one)
        if (model := _largest(machine, made)) is not None:
            return model
    return None


def _has_forward(one: Class) -> bool:
    if any(root.last in library.CONTAINERS for root in one.roots()):
        return True
    return any(one.method(name) is not None for name in FORWARD)


def _required(spec: ast.arguments, bound: int = 0) -> bool:
    """Whether a function has parameters that must be given."""
    return len(spec.args) - bound > len(spec.defaults)


def _made_by(machine: Machine, what: Any) -> list[Any]:
    """The value of a function or a class that is called with nothing but defaults."""
    before, steps = len(machine.made), machine.steps
    try:
        made = machine.call(what, [], {}, 0, machine.top)
    except (Stopped, NotUnderstood, RecursionError, Returned):
        made = None
    machine.steps = steps + (machine.steps - steps) // 4  # a budget that many functions share
    found = machine.made[before:]
    return [*found, made] if isinstance(made, (Instance, Container, Graphed)) and made not in found else found


def _largest(machine: Machine, made: list[Any]) -> Any:
    """The model with most layers that is no part of another; the first of equals."""
    inner: set[int] = set()
    for one in made:
        inner |= {id(part) for part in _parts(one) if part is not one}
    best, most, names = None, 0, []
    for one in made:
        if id(one) in inner or (isinstance(one, Container) and not one.chains):
            continue
        count = machine_count(one)
        if count and (isinstance(one, Graphed) or not isinstance(one, Instance) or _has_forward(one.made_of)):
            names.append(_title(machine, one))
            if count > most:
                best, most = one, count
    others = [
        name for name in dict.fromkeys(names) if name and best is not None and name != _title(machine, best)
    ]
    if others and best is not None:
        machine.draft.note(
            f"The text makes several models: {_title(machine, best) or 'the largest'} is read, "
            f"and {', '.join(others[:4])} {'is' if len(others) == 1 else 'are'} not."
        )
    return best


def _title(machine: Machine, model: Any) -> str:
    name = next((name for name, one in machine.top.names.items() if one is model), "")
    if not name and isinstance(model, Instance):
        return model.made_of.name
    return name


def _parts(value: Any) -> list[Any]:
    """A value and all that it holds, each once."""
    found: list[Any] = []
    seen: set[int] = set()
    waiting = [value]
    while waiting and len(found) < MOST_WALKED:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        found.append(one)
        if isinstance(one, Instance):
            waiting += [*one.attributes.values(), *([one.base] if one.base is not None else [])]
        elif isinstance(one, Container):
            waiting += [member for _, member in one.members]
        elif isinstance(one, (list, tuple)):
            waiting += list(one)
        elif isinstance(one, dict):
            waiting += list(one.values())
    return found


def machine_count(model: Any) -> int:
    """How many layers a model has, about."""
    if isinstance(model, Graphed):
        found = tensors_in(model.outputs)
        return MOST_WALKED + found[0].node + 1 if found and found[0].node >= 0 else 0  # before all parts
    count = sum(isinstance(one, LayerObject) for one in _parts(model))
    if not count and isinstance(model, Instance) and _has_forward(model.made_of):
        return 1  # one that makes its layers while it runs, as Flax's do
    return count


# --- A model that was found -------------------------------------------------------------------------------------


def _read(machine: Machine, tree: ast.Module, model: Any) -> Found | None:
    """The layers that a tensor goes through in a model."""
    if isinstance(model, Graphed):
        return _of_graph(machine, model)
    draft = Draft(machine.draft.framework, notes=list(machine.draft.notes))
    machine.draft, machine.steps = draft, 0
    draft.source = _source(model, tree, draft)
    for part in _parts(model):
        if isinstance(part, (LayerObject, Instance)):
            part.used = 0
    named_layers(model, "")
    output: Any = None
    try:
        output = machine.through(model, [draft.source], getattr(model, "line", 0))
    except (Stopped, NotUnderstood, RecursionError) as problem:
        draft.note(
            str(problem) if not isinstance(problem, RecursionError) else "The text is nested too deeply."
        )
    output = _output(draft, output)
    if output is None:
        return None
    _note_inputs(draft, model)
    _note_unused(draft, model)
    return draft, output


def _of_graph(machine: Machine, model: Graphed) -> Found | None:
    outputs, inputs = tensors_in(model.outputs), tensors_in(model.inputs)
    if not outputs:
        return None
    draft = machine.draft
    if inputs:
        draft.source = inputs[0]
    if len(outputs) > 1:
        draft.note(f"The model has {counted(len(outputs), 'output')}: the first is the network's.")
    return (draft, outputs[0]) if outputs[0].node >= 0 else None


def _output(draft: Draft, output: Any) -> Tensor | None:
    """The output of a model: the first tensor of several, or where reading ended the last."""
    found = tensors_in(output)
    if len(found) > 1 and not isinstance(output, Tensor):
        draft.note(f"The model returns {counted(len(found), 'tensor')}: the first is the network's output.")
    if found and found[0].node >= 0:
        return found[0]
    return Tensor(len(draft.nodes) - 1) if draft.nodes else None


def _source(model: Any, tree: ast.Module, draft: Draft) -> Tensor:
    """The input, with the sizes that the text tells somewhere."""
    if draft.framework == "keras":
        for part in _parts(model):
            if isinstance(part, Container) and part.first_shape is not None:
                return _first_input(library.source_of(part.first_shape))
            if isinstance(part, Tensor) and part.node < 0:
                return _first_input(part)
        for part in reversed(_parts(model)):
            if isinstance(part, LayerObject):
                given = part.kwargs.get("input_shape") or part.kwargs.get("batch_input_shape", [None])[1:]
                if part.called == "InputLayer" and part.args and part.args[0]:
                    given = part.args[0]
                if part.kwargs.get("input_dim") is not None:
                    given = (part.kwargs["input_dim"],)
                if isinstance(given, (list, tuple)) and given:
                    return _first_input(library.source_of(tuple(given)))
        return Tensor(-1)
    shape = _example(tree)
    if shape is None:
        return Tensor(-1)
    if draft.framework == "jax":
        return library.source_of(shape[1:])
    if len(shape) == 2:
        return Tensor(-1, 0, shape[1], (shape[1], 1))
    return Tensor(-1, len(shape) - 2, shape[1], tuple(shape[1:]))


def _first_input(tensor: Tensor) -> Tensor:
    return Tensor(-1, tensor.axes, tensor.channels, tensor.shape)


EXAMPLES = ("randn", "rand", "zeros", "ones")


def _example(tree: ast.Module) -> tuple[int, ...] | None:
    """The shape of an example that the text makes, batch first: ``torch.randn(1, 3, 32, 32)``, summary's argument."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, (ast.Attribute, ast.Name)):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        try:
            if name in EXAMPLES:
                given = [ast.literal_eval(one) for one in node.args]
                sizes = given[0] if len(given) == 1 and isinstance(given[0], (tuple, list)) else given
            elif name == "summary":
                named = [one.value for one in node.keywords if one.arg == "input_size"]
                sizes = ast.literal_eval(named[0] if named else node.args[1])
                sizes = sizes if len(sizes) >= 4 else (1, *sizes)
            else:
                continue
        except (ValueError, IndexError, TypeError, SyntaxError, RecursionError):
            continue
        fine = all(isinstance(one, int) and 1 <= one <= 65536 for one in sizes)
        if 3 <= len(sizes) <= 5 and fine:
            return tuple(sizes)
    return None


def _note_inputs(draft: Draft, model: Any) -> None:
    """That a network reads one input where forward takes several."""
    if not isinstance(model, Instance):
        return
    found = next((one for name in FORWARD if (one := model.made_of.method(name)) is not None), None)
    if found is None:
        return
    spec = found[0].args
    names = [one.arg for one in spec.args[1 : len(spec.args) - len(spec.defaults)]]
    if len(names) > 1:
        draft.note(
            f"Line {found[0].lineno}: {found[0].name} takes {counted(len(names), 'input')}, and a network "
            f"reads one here: {names[0]}. {', '.join(names[1:4])} {'is' if len(names) == 2 else 'are'} not told."
        )


def _note_unused(draft: Draft, model: Any) -> None:
    """Layers that are built and never used, and those that are used several times."""
    for part in reversed(_parts(model)):
        if not isinstance(part, LayerObject) or part.called in ("Input", "InputLayer"):
            continue
        name = part.name or part.called
        if not part.used:
            draft.note(f"Line {part.line}: {name} is built and never used, and is left out.")
        elif part.used > 1 and WEIGHTED.search(part.called):
            draft.note(
                f"Line {part.line}: {name} is used {part.used} times, and each use has weights of its own here."
            )
