"""Records what PyTorch and ONNX Runtime answer for operations that they have by a name, without arguments to write.

Each case is one line: our spec, the shapes of its inputs, the name that was called, and the outcome, a shape with
values or a refusal. ``answers.py`` has the formula of the inputs, which stand one after another; those of a
normalisation's tensors are here. To make the recordings again, in an environment of its own:

    pip install torch==2.13.0 onnx onnxruntime
    python -m tests.frameworks.called
"""

from __future__ import annotations

import importlib
import json
import math
import random
from pathlib import Path
from typing import Any

import numpy as np

from .answers import Array, Json, input_values, nested

FILE = Path(__file__).parent / "recorded" / "called.json"
CASES = 14
MOST_CELLS = 96
MODES = ("zeros", "constant", "reflect", "replicate", "circular", "symmetric")
ONNX_MODES = {"zeros": "constant", "constant": "constant", "reflect": "reflect", "replicate": "edge"}
ONNX_MODES |= {"circular": "wrap", "symmetric": "symmetric"}
PYTORCH_MODES = {"zeros": "constant"}
TENSORS = ("gain", "offset", "mean", "variance")


def tensor_values(channels: int) -> dict[str, Array]:
    """Gain, offset, mean and variance of each channel, by the formula of the inputs, each from its own place on."""
    rows = input_values((len(TENSORS), channels), 7)
    rows[-1] = np.abs(rows[-1]) + 0.5  # a variance is positive
    return dict(zip(TENSORS, rows, strict=True))


def inputs_of(shapes: list[list[int]]) -> list[Array]:
    """The inputs of a case, whose numbers count on from one to the next."""
    counts = [math.prod(shape) for shape in shapes]
    flat = input_values((sum(counts),))
    parts = np.split(flat, np.cumsum(counts)[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def draw(rng: random.Random, operation: str) -> tuple[Json, list[list[int]]]:
    """A spec in our words, and the shapes of what it reads."""
    axes = rng.choice((1, 2, 2, 3))
    sizes = [rng.randint(2, 4) for _ in range(axes)]
    spec: Json = {"operation": operation}
    if operation == "padding":
        spec["padding"] = [[rng.randint(-1, 2), rng.randint(-1, 2)] for _ in sizes]
        spec["padding_mode"] = rng.choice(MODES)
        if spec["padding_mode"] == "constant":
            spec["padding_value"] = 1.5
        return spec, [[rng.randint(1, 2), *sizes]]
    if operation in ("pixel_shuffle", "pixel_unshuffle"):
        factor = rng.randint(2, 3)
        channels = rng.randint(1, 2) * (factor**2 if operation == "pixel_shuffle" else 1)
        grid = [rng.randint(1, 3) * (1 if operation == "pixel_shuffle" else factor) for _ in range(2)]
        return {**spec, "factor": factor}, [[channels, *grid]]
    if operation in ("add", "multiply"):
        shape = [rng.randint(1, 3), *sizes]
        return {**spec, "parts": 2}, [shape, shape]
    if operation == "concatenate":
        return spec, [[rng.randint(1, 3), *sizes] for _ in range(rng.randint(2, 3))]
    if operation == "reshape":
        cells = [2, *sizes]
        wanted = rng.choice(([-1], [math.prod(cells) // 2, 2], [2, -1]))
        return {**spec, "shape": wanted}, [cells]
    return spec, [[rng.randint(1, 3), *sizes]]


def in_pytorch(spec: Json, arrays: list[Array]) -> tuple[str, Any]:
    """The name that is called, and PyTorch's answer."""
    torch: Any = importlib.import_module("torch")
    given = [torch.from_numpy(array)[None] for array in arrays]
    axes = given[0].dim() - 2
    first = given[0]
    match spec["operation"]:
        case "padding":
            flat = [side for pair in reversed(spec["padding"]) for side in pair]
            mode = PYTORCH_MODES.get(spec["padding_mode"], spec["padding_mode"])
            value = {"value": spec["padding_value"]} if "padding_value" in spec else {}
            return "torch.nn.functional.pad", lambda: torch.nn.functional.pad(first, flat, mode, **value)
        case "pixel_shuffle":
            return "torch.nn.PixelShuffle", lambda: torch.nn.PixelShuffle(spec["factor"])(first)
        case "pixel_unshuffle":
            return "torch.nn.PixelUnshuffle", lambda: torch.nn.PixelUnshuffle(spec["factor"])(first)
        case "add":
            return "torch.add", lambda: torch.add(*given)
        case "multiply":
            return "torch.mul", lambda: torch.mul(*given)
        case "concatenate":
            return "torch.cat", lambda: torch.cat(given, dim=1)
        case "reshape":
            return "torch.reshape", lambda: torch.reshape(first, (1, *spec["shape"]))
        case "dropout":
            return "torch.nn.Dropout", lambda: torch.nn.Dropout(0.5).eval()(first)
        case "batch_normalisation":
            layer = getattr(torch.nn, f"BatchNorm{axes}d")(first.shape[1]).eval()
            rows = [torch.from_numpy(row) for row in tensor_values(first.shape[1]).values()]
            layer.weight.data, layer.bias.data, layer.running_mean, layer.running_var = rows
            return f"torch.nn.BatchNorm{axes}d", lambda: layer(first).detach()
    raise AssertionError(spec)


def in_onnx(spec: Json, arrays: list[Array]) -> tuple[str, Any] | None:
    """The operator, and ONNX Runtime's answer; None where ONNX has none of that order."""
    onnx: Any = importlib.import_module("onnx")
    runtime: Any = importlib.import_module("onnxruntime")
    feeds = {f"x{at}": array[None] for at, array in enumerate(arrays)}
    names = list(feeds)
    channels = arrays[0].shape[0]
    more: dict[str, Any] = {}
    arguments: Json = {}
    match spec["operation"]:
        case "padding":
            sides = [(0, 0), (0, 0), *spec["padding"]]
            pads = [begin for begin, _ in sides] + [end for _, end in sides]
            more = {
                "pads": np.array(pads, np.int64),
                "value": np.array(spec.get("padding_value", 0), np.float32),
            }
            operator, arguments = "Pad", {"mode": ONNX_MODES[spec["padding_mode"]]}
        case "pixel_shuffle":
            operator, arguments = "DepthToSpace", {"blocksize": spec["factor"], "mode": "CRD"}
        case "add" | "multiply" | "dropout":
            operator = {"add": "Add", "multiply": "Mul", "dropout": "Dropout"}[spec["operation"]]
        case "concatenate":
            operator, arguments = "Concat", {"axis": 1}
        case "reshape":
            operator, more = "Reshape", {"shape": np.array([1, *spec["shape"]], np.int64)}
        case "batch_normalisation":
            operator, more, arguments = "BatchNormalization", dict(tensor_values(channels)), {"epsilon": 1e-5}
        case _:
            return None
    node = onnx.helper.make_node(operator, [*names, *more], ["y"], **arguments)
    value = onnx.helper.make_tensor_value_info
    floats = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        [node],
        "one",
        [value(name, floats, array.shape) for name, array in feeds.items()],
        [value("y", floats, None)],
        [onnx.numpy_helper.from_array(np.asarray(array), name) for name, array in more.items()],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 19)], ir_version=9)

    def run() -> Any:
        session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        return session.run(None, feeds)[0]

    return operator, run


OPERATIONS: tuple[str, ...] = (
    *("padding", "pixel_shuffle", "pixel_unshuffle", "add", "multiply", "concatenate", "reshape"),
    *("batch_normalisation", "dropout"),
)


def outcome(run: Any) -> Json:
    """A shape with its values, or the first line of the refusal."""
    try:
        found = np.asarray(run())[0]
    except Exception as problem:  # whatever it is, it is what the framework says
        words = (str(problem).strip().splitlines() or [type(problem).__name__])[0]
        return {"refused": words.split(" Message: ")[-1].split("] ")[-1][:120]}
    if not found.size:
        return {"refused": f"the output would be empty: {list(found.shape)}"}
    return {"shape": list(found.shape), "values": nested(found)}


def cases() -> list[Json]:
    """All cases of both, operation by operation."""
    found: list[Json] = []
    for operation in OPERATIONS:
        rng = random.Random(f"called {operation}")
        count = 4 * CASES if operation == "padding" else CASES
        while count:
            spec, shapes = draw(rng, operation)
            if sum(map(math.prod, shapes)) > MOST_CELLS:
                continue
            count -= 1
            arrays = inputs_of(shapes)
            for framework, asked in (("pytorch", in_pytorch(spec, arrays)), ("onnx", in_onnx(spec, arrays))):
                if asked is None:
                    continue
                name, run = asked
                found.append(
                    {
                        "rules": framework,
                        "name": name,
                        "spec": spec,
                        "inputs": shapes,
                        "outcome": outcome(run),
                    }
                )
    return found


def main() -> None:
    """Write the recording, one case a line."""
    lines = [json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases()]
    versions = {name: importlib.import_module(name).__version__ for name in ("torch", "onnxruntime")}
    head = json.dumps({"versions": versions})[:-1]
    FILE.write_text(head + ',"cases":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")
    refused = sum("refused" in line for line in lines)
    print(f"{len(lines)} cases, {refused} refused")


if __name__ == "__main__":
    main()
