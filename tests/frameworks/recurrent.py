"""Records what PyTorch's recurrent layer answers and what it passes back, so that a test needs no PyTorch.

The parameters follow from a formula. To make the recording again, in an environment of its own:

    pip install torch==2.13.0
    python -m tests.frameworks.recurrent
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

FILE = Path(__file__).parent / "recorded" / "pytorch_recurrent.json"
HIDDEN, STEPS, COUNT = 3, 7, 2


def row() -> Float64:
    """The parameters u, W, b, v, c in one row."""
    place = np.arange(HIDDEN * (HIDDEN + 3) + 1)
    found: Float64 = 0.6 * np.sin(2.0 * place + 1)
    return found


def inputs() -> Float64:
    """Inputs (steps, count)."""
    return np.cos(np.arange(STEPS * COUNT, dtype=np.float64)).reshape(STEPS, COUNT)


def upstream() -> Float64:
    """The gradient of the outputs (steps, count)."""
    found: Float64 = np.sin(3.0 * np.arange(STEPS * COUNT)).reshape(STEPS, COUNT)
    return found


def main() -> None:
    """Write the recording."""
    torch: Any = importlib.import_module("torch")
    torch.set_default_dtype(torch.float64)
    given = row()
    cuts = np.cumsum([HIDDEN, HIDDEN * HIDDEN, HIDDEN, HIDDEN])
    into, hidden, bias, out, offset = (torch.tensor(part) for part in np.split(given, cuts))
    layer = torch.nn.RNN(1, HIDDEN)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(into[:, None])
        layer.weight_hh_l0.copy_(hidden.reshape(HIDDEN, HIDDEN))
        layer.bias_ih_l0.copy_(bias)
        layer.bias_hh_l0.zero_()
    out.requires_grad_()
    offset.requires_grad_()
    x = torch.tensor(inputs())[..., None].requires_grad_()
    states, _ = layer(x)
    output = states @ out + offset
    output.backward(torch.tensor(upstream()))
    gradients = (layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, out, offset)
    FILE.write_text(
        json.dumps(
            {
                "torch": torch.__version__,
                "output": output.tolist(),
                "gradient": np.concatenate([one.grad.numpy().ravel() for one in gradients]).tolist(),
                "input": x.grad[..., 0].tolist(),
            },
            indent=1,
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
