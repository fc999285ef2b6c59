"""ONNX snippets: a model of one node, with Pad, Slice or Mul beside it where that helps. Knows size rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ...core.activations import ACTIVATIONS
from ...core.frameworks.writing import Writing
from ...core.padding import FILLED
from .calls import attributes
from .snippet import Body, Inexpressible, lit
from .subject import Subject

IMPORTS = ("import onnx", "from onnx import TensorProto, helper, numpy_helper")
OPSET = 22
MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@dataclass
class Graph:
    """Nodes in order, and the constants that they read, as Python text."""

    nodes: list[str] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    at: str = "x"  # the tensor that the next node reads
    prefix: str = ""  # of the names of tensors

    def join(self, kind: str, inputs: Sequence[str], attributes: list[str], result: str = "joined") -> None:
        """Add a node that reads several tensors as they are called."""
        self.at = inputs[0]
        read = ", ".join(f'"{name}"' for name in inputs)
        given = "".join(f", {attribute}" for attribute in attributes)
        self.nodes.append(f'helper.make_node("{kind}", [{read}], ["{self.prefix}{result}"]{given}),')
        self.at = f"{self.prefix}{result}"

    def end(self, result: str) -> None:
        """Call what came last by another name."""
        self.nodes[-1] = self.nodes[-1].replace(f'["{self.at}"]', f'["{result}"]')

    def node(self, kind: str, more: list[str], attributes: list[str], result: str) -> None:
        """Add a node that reads what came last, and constants."""
        inputs = ", ".join(f'"{name}"' for name in (self.at, *more))
        given = "".join(f", {attribute}" for attribute in attributes)
        self.at = f"{self.prefix}{result}"
        self.nodes.append(f'helper.make_node("{kind}", [{inputs}], ["{self.at}"]{given}),')

    def constant(self, name: str, text: str) -> str:
        """Add a constant and give its name."""
        self.constants[f"{self.prefix}{name}"] = text
        return f"{self.prefix}{name}"


def body(subject: Subject) -> Body:
    """The model, built and run; or Inexpressible."""
    graph = Graph()
    nodes(graph, subject)
    graph.end("y")
    lines = model(graph, subject.layer.x.shape, _shape(subject))
    lines.append(f"y = y.reshape({', '.join(map(str, subject.shape))})")
    return Body(IMPORTS, lines, graph.notes)


def model(graph: Graph, given: tuple[int, ...], made: tuple[int, ...]) -> list[str]:
    """The lines that build the model and run it: ``y`` is its output without the batch."""
    lines = [
        *graph.before,
        "nodes = [",
        *(f"    {node}" for node in graph.nodes),
        "]",
        "constants = [",
        *(f'    numpy_helper.from_array({text}, "{name}"),' for name, text in graph.constants.items()),
        "]",
        "graph = helper.make_graph(",
        "    nodes,",
        '    "layer",',
        f'    [helper.make_tensor_value_info("x", TensorProto.FLOAT, {[1, *given]})],',
        f'    [helper.make_tensor_value_info("y", TensorProto.FLOAT, {[1, *made]})],',
        "    constants,",
        ")",
        f'model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", {OPSET})], ir_version=10)',
        "onnx.checker.check_model(model)",
        "try:",
        "    from onnxruntime import InferenceSession",
        "except ImportError:  # the slow evaluator of ONNX itself, which is wrong in a few corners",
        "    from onnx.reference import ReferenceEvaluator",
        "",
        '    y = ReferenceEvaluator(model).run(None, {"x": x[None]})[0]',
        "else:",
        '    y = InferenceSession(model.SerializeToString()).run(None, {"x": x[None]})[0]',
    ]
    if not graph.constants:
        first = lines.index("constants = [")
        lines[first : first + 2] = []
        lines.remove("    constants,")
    return lines


def nodes(graph: Graph, subject: Subject) -> None:
    """Add the nodes of a layer and its activation, or raise Inexpressible."""
    if subject.is_padded and subject.mode not in (*MODES, *FILLED):
        raise Inexpressible(f"ONNX's Pad has no mode {subject.mode}; NumPy and JAX have it.")
    writing = subject.writing("onnx")
    if subject.is_plain:
        PLAIN[subject.rule](graph, subject)
    elif writing is None:
        raise Inexpressible(f"ONNX has no operator for {subject.title.lower()}.")
    elif subject.rule not in RULES:
        raise Inexpressible(f"no snippet is written here for {subject.title.lower()} yet.")
    else:
        RULES[subject.rule](graph, subject, writing)
    activate(graph, subject)


def activate(graph: Graph, subject: Subject) -> None:
    """Add the nodes of the activation, where there is one."""
    start = graph.at
    for kind, given, inputs in ACTIVATIONS[subject.spec.activation].onnx:
        last, graph.at = graph.at, start
        more = [last if name == "last" else start for name in inputs[1:]]
        graph.node(kind, more, [f"{name}={value}" for name, value in given.items()], kind.lower())


def _shape(subject: Subject) -> tuple[int, ...]:
    """The shape of the node's output, which may have axes of size 1 more than the output shown."""
    return (
        subject.layer.geometry.walk.output_shape
        if len(subject.shape) == 1 and _is_pool(subject) and not subject.is_plain
        else subject.shape
    )


def _is_pool(subject: Subject) -> bool:
    return subject.kind != "products"


def _pad(graph: Graph, subject: Subject, pads: tuple[tuple[int, int], ...], fill: float = 0.0) -> None:
    begins, ends = zip(*((0, 0), (0, 0), *pads), strict=True)
    more = [graph.constant("pads", f"np.array({[*begins, *ends]}, dtype=np.int64)")]
    kept = []
    if subject.mode in MODES:
        kept.append(f'mode="{MODES[subject.mode]}"')
    elif fill:
        more.append(graph.constant("fill", f"np.array({lit(fill)}, dtype=np.float32)"))
    graph.node("Pad", more, kept, "padded")


def _weights(graph: Graph, subject: Subject, weight: str = "weight") -> list[str]:
    more = [graph.constant("weight", weight)]
    if subject.layer.geometry.biased:
        more.append(graph.constant("bias", "bias"))
    return more


def _sliding(graph: Graph, subject: Subject, writing: Writing) -> None:
    if subject.rule == "whole_input" and subject.kind == "products":
        graph.node("Flatten", [], [], "flat")
        more = _weights(graph, subject, f"weight.reshape({subject.filters}, -1)")
        graph.node("Gemm", more, attributes(writing, subject.settings(), subject.axes), "dense")
    elif subject.rule == "whole_input":
        graph.node(writing.name(subject.axes), [], [], "pooled")
    elif subject.kind == "products":
        _convolution(graph, subject, writing)
    else:
        _pool(graph, subject, writing)


def _convolution(graph: Graph, subject: Subject, writing: Writing) -> None:
    pads: object = subject.pads
    if subject.mode != "zeros" and subject.is_padded:
        _pad(graph, subject, subject.pads, subject.fill)
        graph.notes.append("Conv pads with zeros: a Pad node adds the padding first.")
        pads = None
    elif not subject.is_padded:
        pads = None
    elif isinstance(subject.spec.padding, str):  # type: ignore[attr-defined]
        graph.notes.append("The padding is written as the numbers that it comes to on this input.")
    weight = "weight"
    if subject.is_turned:
        weight = f"np.ascontiguousarray(weight[:, :, {', '.join('::-1' for _ in subject.names)}])"
        graph.notes.append("ONNX does not flip: the weights are turned around.")
    given = attributes(writing, subject.settings(padding=pads), subject.axes)
    graph.node("Conv", _weights(graph, subject, weight), given, "convolved")


def _pool(graph: Graph, subject: Subject, writing: Writing) -> None:
    if subject.kind == "winner" and subject.misses:
        raise Inexpressible(
            "a window reads no cell of the input: the maximum of nothing is −∞ here, which ONNX does not say."
        )
    divisor, p = subject.layer.geometry.constants.divisor, subject.layer.geometry.constants.p
    if p is not None and p % 1:
        raise Inexpressible("the p of LpPool is a whole number.")
    below = all(max(pair) < taps for pair, taps in zip(subject.pads, subject.kernel, strict=True))
    if below and not isinstance(divisor, int):
        pads = subject.pads if subject.is_padded else None
        counted = divisor == "padded" and subject.is_padded
        settings = subject.settings(padding=pads, count_include_pad=counted)
        graph.node(writing.name(subject.axes), [], attributes(writing, settings, subject.axes), "pooled")
        if subject.is_scaled:
            graph.notes.append("LpPool adds up what ceil mode clips as it is: a Mul node scales it up.")
            factor = f"(({_taps_by_count(graph, subject)}) ** (1 / {p})).astype(np.float32)"
            graph.node("Mul", [graph.constant("factor", factor)], [], "scaled")
        return
    if any(map(any, subject.reach)):
        _pad(graph, subject, subject.reach, subject.fill)
    settings = subject.settings(padding=None, ceil_mode=False, count_include_pad=False)
    graph.node(writing.name(subject.axes), [], attributes(writing, settings, subject.axes), "pooled")
    graph.notes.append(
        f"{writing.name(1)} cannot say this: the padding is added first, the divisor mended after it."
    )
    if subject.kind == "mean":
        taps = math.prod(subject.kernel)
        if isinstance(divisor, int):
            factor = f"np.array({taps} / {divisor}, dtype=np.float32)"
        else:
            factor = _taps_by_count(graph, subject)
        graph.node("Mul", [graph.constant("factor", factor)], [], "mean")


def _taps_by_count(graph: Graph, subject: Subject) -> str:
    """All taps of a window by the cells of it that count, for each step."""
    assert subject.counts is not None, "a mean has a divisor"
    counts = [f"np.array({list(one)}, dtype=np.float32)" for one in subject.counts]
    graph.before.append(f"count = {counts[0]}  # counted cells of each window, axis by axis")
    graph.before += [f"count = np.multiply.outer(count, {each})" for each in counts[1:]]
    return f"{math.prod(subject.kernel)} / count"


def _transposed(graph: Graph, subject: Subject, writing: Writing) -> None:
    ends = tuple(
        full - crop - size for full, crop, size in zip(subject.full, subject.crop, subject.steps, strict=True)
    )
    extra = tuple(max(0, -end) for end in ends)
    settings = subject.settings(padding=None, output_padding=None, output_size=None)
    if all(more < step for more, step in zip(extra, subject.stride, strict=True)):
        pads = tuple((crop, max(0, end)) for crop, end in zip(subject.crop, ends, strict=True))
        if any(map(any, pads)):
            settings["padding"] = pads
        if any(extra):
            settings["output_padding"] = extra
        given = attributes(writing, settings, subject.axes)
        graph.node("ConvTranspose", _weights(graph, subject), given, "stamped")
        return
    given = attributes(writing, settings, subject.axes)
    graph.node("ConvTranspose", [graph.constant("weight", "weight")], given, "stamped")
    # Zeros first where the output goes on behind what the kernel writes; then what is shown is cut out.
    if any(extra):
        numbers = [*(0 for _ in range(4 + subject.axes)), *extra]
        graph.node("Pad", [graph.constant("pads", f"np.array({numbers}, dtype=np.int64)")], [], "grown")
    last = [crop + size for crop, size in zip(subject.crop, subject.steps, strict=True)]
    cut = {"starts": list(subject.crop), "ends": last, "axes": list(range(2, 2 + subject.axes))}
    inputs = [graph.constant(name, f"np.array({given}, dtype=np.int64)") for name, given in cut.items()]
    graph.node("Slice", inputs, [], "cut")
    if subject.layer.geometry.biased:
        ones = ", ".join(["-1", *("1" for _ in subject.names)])
        graph.node("Add", [graph.constant("bias", f"bias.reshape({ones})")], [], "biased")
    graph.notes.append(
        "output_padding is below the stride in ONNX: all that the kernel writes is cut by Slice."
    )


def _resize(graph: Graph, subject: Subject, writing: Writing) -> None:
    size = subject.given("size")
    numbers = ", ".join(map(str, (1, subject.channels, *(size or ()))))
    if size is None:
        factors = ", ".join(map(str, (1, 1, *(subject.given("factor") or ()))))
        more = ["", graph.constant("scales", f"np.array([{factors}], dtype=np.float32)")]
    else:
        more = ["", "", graph.constant("sizes", f"np.array([{numbers}], dtype=np.int64)")]
    graph.node("Resize", more, attributes(writing, subject.settings(), subject.axes), "resized")


def _pointwise(graph: Graph, subject: Subject) -> None:
    walk = subject.layer.geometry.walk
    if walk.across:
        _reshape(graph, (1, walk.channels_per_group, walk.groups, *subject.sizes), "parts")
        kind = {"sum": "ReduceSum", "prod": "ReduceProd"}[subject.combine.code["reduce"]]
        axes = graph.constant("axes", "np.array([1], dtype=np.int64)")
        graph.node(kind, [axes], ["keepdims=0"], "joined")
    elif subject.kind != "products":
        graph.node("Identity", [], [], "same")
    else:
        names = ("gain", "offset", "mean", "variance")
        given = {name: name for name in names}
        epsilon = getattr(subject.spec, "epsilon", 0.0)
        if not subject.own:  # of a factor and a summand: a variance of 1 in all
            ones = f"np.ones({subject.channels}, np.float32)"
            given = {"gain": "weight.reshape(-1)", "offset": "bias", "mean": f"0 * {ones}"}
            given["variance"], epsilon = ones, 0.0
        more = [graph.constant(name, given[name]) for name in names]
        graph.node("BatchNormalization", more, [f"epsilon={epsilon!r}"], "normalised")


def _border(graph: Graph, subject: Subject) -> None:
    added = tuple((max(begin, 0), max(end, 0)) for begin, end in subject.border)
    _pad(graph, subject, added, subject.fill)
    if any(side < 0 for pair in subject.border for side in pair):
        firsts = [max(-begin, 0) for begin, _ in subject.border]
        ends = [first + size for first, size in zip(firsts, subject.steps, strict=True)]
        _slice(graph, firsts, ends)


def _slice(graph: Graph, firsts: list[int], ends: list[int]) -> None:
    cut = {"starts": firsts, "ends": ends, "axes": list(range(2, 2 + len(firsts)))}
    inputs = [graph.constant(name, f"np.array({given}, dtype=np.int64)") for name, given in cut.items()]
    graph.node("Slice", inputs, [], "cut")


def _reshape(graph: Graph, shape: tuple[int, ...], name: str) -> None:
    sizes = graph.constant(f"{name}_sizes", f"np.array({list(shape)}, dtype=np.int64)")
    graph.node("Reshape", [sizes], [], name)


def _moved(graph: Graph, subject: Subject, split: tuple[int, ...], order: tuple[int, ...]) -> None:
    _reshape(graph, (1, *split), "split")
    graph.node("Transpose", [], [f"perm={[0, *(place + 1 for place in order)]}"], "moved")
    _reshape(graph, (1, *subject.shape), "whole")


def _blocks(graph: Graph, subject: Subject) -> None:
    axes = subject.axes
    split = [number for pair in zip(subject.steps, subject.factors, strict=True) for number in pair]
    order = (0, *range(2, 2 + 2 * axes, 2), *range(1, 1 + 2 * axes, 2))
    _moved(graph, subject, (subject.channels, *split), order)


def _phases(graph: Graph, subject: Subject) -> None:
    axes = subject.axes
    order = (0, *(place for axis in range(axes) for place in (1 + axes + axis, 1 + axis)))
    _moved(graph, subject, (subject.filters, *subject.factors, *subject.sizes), order)


def _same_numbers(graph: Graph, subject: Subject) -> None:
    _reshape(graph, (1, *subject.shape), "reshaped")


PLAIN: dict[str, Callable[[Graph, Subject], None]] = {
    "pointwise": _pointwise,
    "border": _border,
    "blocks": _blocks,
    "phases": _phases,
    "shape": _same_numbers,
}

RULES: dict[str, Callable[[Graph, Subject, Writing], None]] = {
    "sliding_window": _sliding,
    "whole_input": _sliding,
    "transposed": _transposed,
    "nearest": _resize,
    "linear": _resize,
}
