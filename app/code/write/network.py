"""Code out for a whole network: each layer's own lines, joined by the values that they give. Knows the targets."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ...core.errors import counted
from ...core.frameworks.catalog import TITLES, WRITTEN, Target
from ...core.place import SOURCE
from ...core.walk.walk import AXIS_NAMES
from . import jax, keras, numpy, onnx, pytorch
from .snippet import (
    Body,
    Inexpressible,
    Snippet,
    check_of,
    comment,
    data_of,
    refusal,
    sorted_imports,
    tupled,
)
from .subject import Array, Subject
from .tensors import Origin, assignment
from .write import lacking

NOWHERE = Origin()
# Names in code that no layer takes.
TAKEN = frozenset(
    "x y np jnp lax torch nn F keras onnx helper numpy_helper TensorProto base64 zlib packed weight bias layer "  # noqa: SIM905 - as people read it
    "forward network model graph nodes constants expected self Network inputs".split()
)
MOST_WRITTEN = 262_144  # numbers of all tensors that are written out; those beyond come from files
DEEPER = 100  # how many times the last layer's tolerance a deep network may be off at most


@dataclass(frozen=True)
class Part:
    """One layer of a network: its name, what it reads, and which of these one cell a channel stands for."""

    name: str
    inputs: tuple[str, ...]
    subject: Subject
    stretched: tuple[bool, ...]
    shape: tuple[int, ...]  # what others read of it

    @property
    def joins(self) -> str | None:
        """The sign between its inputs where it joins them cell by cell."""
        walk = self.subject.layer.geometry.walk
        return self.subject.combine.code["join"] if walk.across and len(self.inputs) > 1 else None


@dataclass
class Program:
    """The parts of a network with their names in code, and the lines of each, as a target's form takes them."""

    parts: Sequence[Part]
    names: Mapping[str, str]
    x: Array
    imports: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, parts: Sequence[Part], x: Array) -> Program:
        """Parts with names in code."""
        return cls(parts, _identifiers(parts), x)

    def value(self, name: str) -> str:
        """The variable of a layer's output."""
        return "x" if name == SOURCE else f"{self.names[name]}_y"

    def took(self, part: Part, body: Body) -> list[str]:
        """The lines of a part, with what they need noted."""
        self.imports.update(body.imports)
        self.notes += [
            f"{part.name}: {note}" for note in body.notes if f"{part.name}: {note}" not in self.notes
        ]
        return body.lines

    def tensors(self, part: Part) -> dict[str, str]:
        """The names of a part's tensors in the program, by the names that its lines have for them."""
        subject = part.subject
        own = tuple(subject.own) or (("weight", "bias") if subject.layer.weight is not None else ())
        return {name: f"{self.names[part.name]}_{name}" for name in own}


def write_network(parts: Sequence[Part], target: Target, x: Array, origin: Origin = NOWHERE) -> Snippet:
    """The network as a program on ``x``; where the target cannot say a layer, one that names it and says why."""
    title, last = TITLES[target], parts[-1]
    what = f"A network of {counted(len(parts), 'layer')}"
    program = Program(parts, _identifiers(parts), x)
    try:
        for part in parts:
            if reason := lacking(part.subject, target):
                raise _of_layer(part, reason)
        lines = FORMS[target](program)
    except Inexpressible as problem:
        return refusal(what, title, problem.reason)
    data, notes = _data(program, origin)
    imports = ["import numpy as np", *sorted(program.imports)]
    if any("b85decode" in line for line in data):
        imports = ["import base64", "import zlib", *imports]
    atol = min(last.subject.atol * min(2 + len(parts), DEEPER), 1e30)
    code = [
        *comment(
            f"{what} in {title}, ending in {last.name}, with the input and the output that Convscope shows."
        ),
        *sorted_imports(imports),
        "",
        *data,
        "",
        *lines,
        "",
        *check_of(last.subject.output, float(f"{atol:.0e}")),
    ]
    return Snippet("\n".join(code) + "\n", (*program.notes, *notes), True)


def _identifiers(parts: Sequence[Part]) -> dict[str, str]:
    """A name in code for each layer: its own where Python takes it."""
    found: dict[str, str] = {}
    used = set(TAKEN)
    for part in parts:
        name = re.sub(r"\W", "_", part.name)
        if keyword.iskeyword(name) or name in used:
            name += "_"
        while name in used:
            name += "_"
        used.add(name)
        found[part.name] = name
    return found


def _data(program: Program, origin: Origin) -> tuple[list[str], list[str]]:
    x = program.x
    axes = ", ".join(("channels", *AXIS_NAMES[x.ndim - 1]))
    lines, loads = assignment("x", x, f"({axes}): {'×'.join(map(str, x.shape))}", origin)
    notes = [f"x has {counted(x.size, 'number')}: the snippet loads x.npy."] if loads else []
    left = MOST_WRITTEN
    for part in program.parts:
        names = program.tensors(part)
        if names:
            numbers = sum(part.subject.tensor(name).size for name in names if part.subject.has(name))
            assignments, more = data_of(part.subject, names, written=numbers <= left)
            left -= numbers if numbers <= left else 0
            lines += assignments
            notes += more
    return lines, notes


def _of_layer(part: Part, reason: str) -> Inexpressible:
    return Inexpressible(f"{part.name} ({part.subject.title.lower()}): {reason}")


def _body(part: Part, make: Callable[[Subject], Body]) -> Body:
    try:
        return make(part.subject)
    except Inexpressible as problem:
        raise _of_layer(part, problem.reason) from None


def renamed(line: str, names: Mapping[str, str]) -> str:
    """A line of code with other names for some of its variables; attributes, keywords and comments stay."""
    code, mark, comment = line.partition("  #")
    pattern = r"(?<![\w.\"'])(" + "|".join(map(re.escape, names)) + r")(?![\w\"'])(?!=[^=])"
    return re.sub(pattern, lambda found: names[found[1]], code) + mark + comment if names else line


# --- Functions: NumPy and JAX --------------------------------------------------------------------------------


def _functions(program: Program, module: str, make: Callable[[Subject], Body]) -> list[str]:
    """A function for each layer, and one that runs them in order."""
    lines: list[str] = []
    for part in program.parts:
        name = program.names[part.name]
        given = ["x"] if len(part.inputs) == 1 else [f"x{place}" for place in range(len(part.inputs))]
        lines += [f"def {name}({', '.join(given)}):"]
        indented = [
            f"{ours} = {theirs}" for ours, theirs in program.tensors(part).items() if part.subject.has(ours)
        ]
        indented += _together(part, given, module)
        body = program.took(part, _body(part, make))
        kept = [line for line in body if line != "y = np.asarray(y)"]
        indented += kept[1:] if part.joins else kept
        if part.shape != part.subject.shape and part is not program.parts[-1]:
            indented.append(f"y = y.reshape{tupled(part.shape)}  # a vector, as channels of one cell")
        lines += [*(f"    {line}" for line in indented), "    return y", "", ""]
    lines.append("def forward(x):")
    for part in program.parts:
        read = ", ".join(map(program.value, part.inputs))
        lines.append(f"    {program.value(part.name)} = {program.names[part.name]}({read})")
    return [
        *lines,
        f"    return {program.value(program.parts[-1].name)}",
        "",
        "",
        "y = np.asarray(forward(x))",
    ]


def _together(part: Part, given: Sequence[str], module: str) -> list[str]:
    """The input of a layer: its inputs joined, or their channels one after another."""
    if len(given) == 1:
        return []
    if part.joins is None:
        return [f"x = {module}.concatenate([{', '.join(given)}])"]
    return [f"y = {f' {part.joins} '.join(_wide(part, given, 'x', ''))}"]


def _wide(part: Part, given: Sequence[str], own: str, before: str) -> list[str]:
    """Inputs of a join, those that one cell a channel stands for with as many axes as the others."""
    ones = ", ".join("1" for _ in part.subject.sizes)
    return [
        f"{name}.reshape({before}-1, {ones})" if wide else name
        for name, wide in zip(given, part.stretched, strict=True)
    ]


def _numpy(program: Program) -> list[str]:
    return _functions(program, "np", numpy.body)


def _jax(program: Program) -> list[str]:
    return _functions(program, "jnp", jax.body)


# --- A module: PyTorch --------------------------------------------------------------------------------------


@dataclass
class _Split:
    """The lines of a layer by where they belong."""

    made: str | None = None
    filled: list[str] = field(default_factory=list)
    run: list[str] = field(default_factory=list)


def _split(lines: Sequence[str]) -> _Split:
    """The call that makes the layer, the lines that put numbers into it, and those that run it."""
    found = _Split()
    for line in lines:
        text = line.strip()
        if text.startswith("layer = "):
            found.made = text.removeprefix("layer = ").partition("  #")[0]
        elif text.startswith(("layer.build(", "layer.set_weights(")) or ".copy_(" in text:
            found.filled.append(text)
        elif text != "with torch.no_grad():":
            found.run.append(text)
    return found


def _pytorch(program: Program) -> list[str]:
    made: list[str] = []
    filled: list[str] = []
    forward: list[str] = []
    for part in program.parts:
        name = program.names[part.name]
        split = _split(program.took(part, _body(part, pytorch.layer)))
        tensors = program.tensors(part)
        value, read = program.value(part.name), [program.value(one) for one in part.inputs]
        if split.made is not None:
            made.append(f"self.{name} = {split.made.removesuffix('.eval()')}")
        filled += [renamed(line, {**tensors, "layer": f"network.{name}"}) for line in split.filled]
        if part.joins:
            forward.append(f"{value} = {f' {part.joins} '.join(_wide(part, read, 'x', '1, '))}")
            statements = split.run[1:]
        else:
            joined = read[0] if len(read) == 1 else f"torch.cat([{', '.join(read)}], 1)"
            statements = split.run
            if any(line.startswith("x = ") for line in statements) or len(read) > 1:
                forward.append(f"{name}_x = {joined}")
                joined = f"{name}_x"
            statements = [renamed(line, {"x": joined}) for line in statements]
        forward += [renamed(line, {**tensors, "layer": f"self.{name}", "y": value}) for line in statements]
        if part.shape != part.subject.shape and part is not program.parts[-1]:
            forward.append(
                f"{value} = {value}.reshape{tupled((1, *part.shape))}  # a vector, as channels of one cell"
            )
        elif len(part.subject.shape) == 1 and not part.subject.is_plain and part.subject.kind != "products":
            forward.append(f"{value} = {value}.flatten(1)")
    last = program.value(program.parts[-1].name)
    lines = ["class Network(nn.Module):"]
    if made:
        lines += [
            "    def __init__(self):",
            "        super().__init__()",
            *(f"        {line}" for line in made),
            "",
        ]
    lines += [
        "    def forward(self, x):",
        *(f"        {line}" for line in forward),
        f"        return {last}",
        "",
        "",
    ]
    return [
        *lines,
        "network = Network().eval()",
        "with torch.no_grad():",
        *(f"    {line}" for line in filled),
        "    y = network(torch.from_numpy(x)[None])[0].numpy()",
    ]


# --- A functional model: Keras --------------------------------------------------------------------------------


def _keras(program: Program) -> list[str]:
    shape = tupled((1, *program.x.shape[1:], program.x.shape[0]))
    lines = [f"inputs = keras.Input(batch_shape={shape})  # channels last"]
    filled: list[str] = []
    for part in program.parts:
        name, subject = program.names[part.name], part.subject
        split = _split(program.took(part, _body(part, keras.layer)))
        tensors = program.tensors(part)
        value = program.value(part.name)
        read = ["inputs" if one == SOURCE else program.value(one) for one in part.inputs]
        run = split.run
        patches = keras.is_patches(subject)
        if part.joins:
            lines.append(f"{value} = {f' {part.joins} '.join(_wide_last(part, read))}")
            run = run[1:]
        elif len(read) > 1:
            lines.append(f"{name}_x = keras.ops.concatenate([{', '.join(read)}], axis=-1)")
        elif patches or any(line.startswith("x = ") for line in run):
            lines.append(f"{name}_x = {read[0]}")
        here = f"{name}_x" if lines[-1].startswith(f"{name}_x = ") else read[0]
        if patches:
            lines.append(f"{name}_x = keras.ops.moveaxis({name}_x, -1, 1)")
        if split.made is not None:
            lines.append(f"{name} = {split.made}")
        names = {**tensors, "layer": name, "x": here, "y": value}
        lines += [renamed(line, names) for line in run]
        filled += [renamed(line, names) for line in split.filled if "set_weights" in line]
        if patches:
            lines.append(f"{value} = keras.ops.moveaxis({value}, 1, -1)")
        if part.shape != subject.shape and part is not program.parts[-1]:
            lines.append(f"{value} = keras.ops.expand_dims({value}, 1)  # a vector, as channels of one cell")
    last = program.parts[-1]
    ending = "y = keras.ops.convert_to_numpy(model(np.moveaxis(x, 0, -1)[None]))[0]"
    moved = [] if len(last.subject.shape) == 1 else ["y = np.moveaxis(y, -1, 0)"]
    return [*lines, f"model = keras.Model(inputs, {program.value(last.name)})", *filled, ending, *moved]


def _wide_last(part: Part, read: Sequence[str]) -> list[str]:
    ones = tupled((1, *(1 for _ in part.subject.sizes), -1))
    return [
        f"keras.ops.reshape({name}, {ones})" if wide else name
        for name, wide in zip(read, part.stretched, strict=True)
    ]


# --- A graph: ONNX --------------------------------------------------------------------------------------------


def onnx_graph(program: Program) -> onnx.Graph:
    """The nodes and constants of all layers."""
    graph = onnx.Graph()
    for part in program.parts:
        name, subject = program.names[part.name], part.subject
        read = [program.value(one) for one in part.inputs]
        mine = onnx.Graph(prefix=f"{name}_", at=read[0])
        if part.joins:
            _onnx_wide(mine, part, read)
            kind = {"+": "Sum", "*": "Mul"}[part.joins]
            _onnx_join(mine, kind, read)
            onnx.activate(mine, subject)
        else:
            if len(read) > 1:
                mine.join("Concat", read, ["axis=1"])
            try:
                onnx.nodes(mine, subject)
            except Inexpressible as problem:
                raise _of_layer(part, problem.reason) from None
        _sized(mine, part)
        mine.end(program.value(part.name) if part is not program.parts[-1] else "y")
        tensors = {**program.tensors(part), "count": f"{name}_count"}
        graph.nodes += mine.nodes
        graph.constants |= {key: renamed(text, tensors) for key, text in mine.constants.items()}
        graph.before += [renamed(line, tensors) for line in mine.before]
        program.notes += [f"{part.name}: {note}" for note in mine.notes]
    return graph


def _onnx(program: Program) -> list[str]:
    graph = onnx_graph(program)
    program.imports.update(onnx.IMPORTS)
    last = program.parts[-1]
    lines = onnx.model(graph, program.x.shape, last.shape)
    return [*lines, f"y = y.reshape({', '.join(map(str, last.subject.shape))})"]


def _sized(graph: onnx.Graph, part: Part) -> None:
    """The shape that others read, where an operator gives another one."""
    if len(part.subject.shape) == 1:
        sizes = graph.constant("as_read", f"np.array({[1, *part.shape]}, dtype=np.int64)")
        graph.node("Reshape", [sizes], [], "read")


def _onnx_wide(graph: onnx.Graph, part: Part, read: list[str]) -> None:
    for place, wide in enumerate(part.stretched):
        if wide:
            ones = [1, -1, *(1 for _ in part.subject.sizes)]
            sizes = graph.constant(f"wide{place}_sizes", f"np.array({ones}, dtype=np.int64)")
            graph.at = read[place]
            graph.node("Reshape", [sizes], [], f"wide{place}")
            read[place] = graph.at


def _onnx_join(graph: onnx.Graph, kind: str, read: list[str]) -> None:
    """Sum takes any number of inputs, Mul two of them."""
    if kind == "Sum":
        graph.join(kind, read, [])
        return
    graph.at = read[0]
    for place, one in enumerate(read[1:]):
        graph.join(kind, [graph.at, one], [], f"product{place}")


FORMS: dict[Target, Callable[[Program], list[str]]] = {
    "numpy": _numpy,
    "jax": _jax,
    "pytorch": _pytorch,
    "keras": _keras,
    "onnx": _onnx,
}
assert set(FORMS) == set(WRITTEN), (
    "app/code/write/network.py: name in FORMS what writes a network for the new target"
)
