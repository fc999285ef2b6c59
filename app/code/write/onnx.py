"""ONNX snippets: a model of one node, with Pad, Slice or Mul beside it where that helps. Knows size rules."""

from __future__ import annotations

import math
from collections.abc import Callable
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

    def node(self, kind: str, more: list[str], attributes: list[str], result: str) -> None:
        """Add a node that reads what came last, and constants."""
        inputs = ", ".join(f'"{name}"' for name in (self.at, *more))
        given = "".join(f", {attribute}" for attribute in attributes)
        self.nodes.append(f'helper.make_node("{kind}", [{inputs}], ["{result}"]{given}),')
        self.at = result

    def constant(self, name: str, text: str) -> str:
        """Add a constant and give its name."""
        self.constants[name] = text
        return name


def body(subject: Subject) -> Body:
    """The model, built and run; or Inexpressible."""
    writing = subject.writing("onnx")
    if writing is None:
        raise Inexpressible(f"ONNX has no operator for {subject.title.lower()}.")
    if subject.is_padded and subject.mode not in (*MODES, *FILLED):
        raise Inexpressible(f"ONNX's Pad has no mode {subject.mode}; NumPy and JAX have it.")
    graph = Graph()
    RULES[subject.rule](graph, subject, writing)
    _activate(graph, subject)
    graph.nodes[-1] = graph.nodes[-1].replace(f'["{graph.at}"]', '["y"]')
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
        f'    [helper.make_tensor_value_info("x", TensorProto.FLOAT, {[1, *subject.layer.x.shape]})],',
        f'    [helper.make_tensor_value_info("y", TensorProto.FLOAT, {[1, *_shape(subject)]})],',
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
        f"y = y.reshape({', '.join(map(str, subject.shape))})",
    ]
    if not graph.constants:
        first = lines.index("constants = [")
        lines[first : first + 2] = []
        lines.remove("    constants,")
    return Body(IMPORTS, lines, graph.notes)


def _activate(graph: Graph, subject: Subject) -> None:
    """The nodes of the activation, where there is one."""
    start = graph.at
    for kind, given, inputs in ACTIVATIONS[subject.spec.activation].onnx:
        last, graph.at = graph.at, start
        more = [last if name == "last" else start for name in inputs[1:]]
        graph.node(kind, more, [f"{name}={value}" for name, value in given.items()], kind.lower())


def _shape(subject: Subject) -> tuple[int, ...]:
    """What the node gives, which may have axes of size 1 more than what is shown."""
    return (
        subject.layer.geometry.walk.output_shape
        if len(subject.shape) == 1 and _is_pool(subject)
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


RULES: dict[str, Callable[[Graph, Subject, Writing], None]] = {
    "sliding_window": _sliding,
    "whole_input": _sliding,
    "transposed": _transposed,
    "nearest": _resize,
    "linear": _resize,
}
