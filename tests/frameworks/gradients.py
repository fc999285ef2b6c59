"""Records what PyTorch's autograd answers to drawn settings, so that a test needs no PyTorch.

Each case is one line: our spec, an input shape ``[channels, *sizes]``, the modulus of its numbers, and the gradients of
input, weight and bias, or null, as flat lists. ``answers.py`` has the formulas of inputs and weights,
``upstream_values`` that of the gradient of the output. To make the recording again, in an environment of its own:

    pip install torch==2.13.0
    python -m tests.frameworks.gradients
"""

from __future__ import annotations

import importlib
import json
import random
from pathlib import Path
from typing import Any

import numpy as np

from app.core.activations import ACTIVATIONS
from app.core.activations.none import ACTIVATION as NO_ACTIVATION

from .answers import Array, Json, input_values
from .drawing import MODES, OPERATIONS, draw

FILE = Path(__file__).parent / "recorded" / "pytorch_gradients.json"
CASES = {"convolution": 120, "transposed_convolution": 80, "max_pooling": 80, "average_pooling": 60}
OTHERWISE = 40
MOST_CELLS = 60  # of an input and of an output, so that a recording stays small
ACTIVATED = ("convolution", "transposed_convolution", "dense")
MODULI = (11, 3, 2)  # small ones make ties


def upstream_values(shape: tuple[int, ...]) -> Array:
    """``g[i] = ((3·i + 1) mod 5 − 2) / 2`` over the flat index of the output."""
    flat = ((3 * np.arange(np.prod(shape)) + 1) % 5 - 2) / 2
    return flat.astype(np.float32).reshape(shape)


def answer(spec: Json, shape: list[int], modulus: int) -> Json | None:
    """Autograd's answer, or None where PyTorch refuses the setting or it is too large to record."""
    torch: Any = importlib.import_module("torch")
    in_pytorch: Any = importlib.import_module(".in_pytorch", __package__)
    if spec["operation"] == "unfold" and len(shape) != 3:
        return None
    maker = in_pytorch.MAKERS.get(spec["operation"])
    if maker is None or np.prod(shape) > MOST_CELLS:
        return None
    x = torch.from_numpy(input_values(tuple(shape), modulus))[None].double().requires_grad_()
    kept: list[Any] = []
    filled = in_pytorch._filled

    def keeping(layer: Any) -> Any:
        kept.append(filled(layer).double())
        return kept[-1]

    in_pytorch._filled = keeping
    try:
        output = maker({**spec, "activation": None}, len(shape) - 1, shape[0])(x)
    except (RuntimeError, ValueError, TypeError, AssertionError):
        return None
    finally:
        in_pytorch._filled = filled
    if not output.numel() or output.numel() > MOST_CELLS or not torch.isfinite(output).all():
        return None
    activation = spec.get("activation", NO_ACTIVATION.name)
    if activation != NO_ACTIVATION.name:
        how = {"dim": 1} if activation == "softmax" else {}
        output = getattr(torch.nn.functional, activation)(output, **how)
    output.backward(torch.from_numpy(upstream_values(tuple(output.shape[1:]))).double()[None])
    layer = kept[-1] if kept else None
    weight = None if layer is None else layer.weight.grad
    bias = None if layer is None or layer.bias is None else layer.bias.grad
    found = {"input": x.grad, "weight": weight, "bias": bias}
    return {name: None if one is None else listed(one.numpy()) for name, one in found.items()}


def listed(array: Any) -> list[float]:
    """A flat list with seven digits, which is what float32 could tell."""
    return [float(f"{number:.7g}") for number in array.reshape(-1)]


def cases_of(operation: str) -> list[Json]:
    """Settings of one operation that PyTorch takes."""
    rng = random.Random(f"gradients {operation}")
    found: list[Json] = []
    seen: set[str] = set()
    for _ in range(20_000):
        if len(found) == CASES.get(operation, OTHERWISE):
            break
        spec, shape = draw(rng, operation, "pytorch", plain=True)
        if operation == "lp_pooling":
            spec["p"] = 2  # PyTorch adds x^p and not |x|^p, which is the same where p is even
        if operation == "convolution" and rng.random() < 0.4:
            spec |= {"padding_mode": rng.choice(MODES), "padding": rng.randint(1, 2)}
        if operation in ACTIVATED:
            spec["activation"] = rng.choice(list(ACTIVATIONS))
        modulus = rng.choice(MODULI)
        key = json.dumps([spec, shape, modulus], sort_keys=True)
        if key in seen:
            continue
        seen.add(key)
        answered = answer(spec, shape, modulus)
        if answered is not None:
            found.append({"spec": spec, "input_shape": shape, "modulus": modulus, **answered})
    return found


def main() -> None:
    """Write all cases."""
    torch: Any = importlib.import_module("torch")
    cases = [case for operation in OPERATIONS for case in cases_of(operation)]
    lines = [json.dumps(case, separators=(",", ":")) for case in cases]
    head = json.dumps({"framework": "pytorch", "versions": {"torch": torch.__version__.split("+")[0]}})[:-1]
    text = head + ',"cases":[\n' + ",\n".join(lines) + "\n]}\n"
    FILE.write_text(text, encoding="utf-8")
    print(f"{len(cases)} cases, {len(text):,} characters")


if __name__ == "__main__":
    main()
