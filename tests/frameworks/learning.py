"""Records what PyTorch's losses and optimisers compute, so that a test needs no PyTorch.

An optimiser runs ``STEPS`` steps on gradients that are given by a formula, since what it does with them is all that is
asked. To make the recording again, in an environment of its own:

    pip install torch==2.13.0
    python -m tests.frameworks.learning
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Json = dict[str, Any]
Float64 = NDArray[np.float64]

FILE = Path(__file__).parent / "recorded" / "pytorch_learning.json"
STEPS = 12
START = (0.5, -1.0, 2.0, 0.0, 0.25)
LOSSES = ("cross_entropy", "binary_cross_entropy", "mean_squared_error", "huber")
# Our settings of an optimiser; what is left out is at its default.
SETTINGS: tuple[Json, ...] = (
    {"kind": "sgd", "rate": 0.1},
    {"kind": "sgd", "rate": 0.1, "decay": 0.2},
    {"kind": "momentum", "rate": 0.1, "momentum": 0.9},
    {"kind": "momentum", "rate": 0.1, "momentum": 0.5, "decay": 0.1},
    {"kind": "nesterov", "rate": 0.1, "momentum": 0.9},
    {"kind": "rmsprop", "rate": 0.01},
    {"kind": "rmsprop", "rate": 0.05, "alpha": 0.9, "epsilon": 1e-4},
    {"kind": "adam", "rate": 0.01},
    {"kind": "adam", "rate": 0.1, "beta1": 0.8, "beta2": 0.95, "decay": 0.1},
    {"kind": "adamw", "rate": 0.1, "decay": 0.1},
    {"kind": "sgd", "rate": 0.1, "clip": 1.0},
    {"kind": "adam", "rate": 0.1, "clip": 0.5},
)


def gradient(step: int) -> Float64:
    """``g[i] = sin(3 i + step) · (i + 1) / 2`` of one training step."""
    place = np.arange(len(START))
    return np.sin(3 * place + step) * (place + 1) / 2


def outputs() -> Float64:
    """Some outputs, (3 classes, 4 examples), small and large."""
    return np.array([[1.0, -2.0, 0.25, 40.0], [0.5, 3.0, -1.5, -40.0], [-0.75, 0.0, 2.0, 1.0]])


LABELS = (0, 2, 1, 1)


def _optimiser(torch: Any, parameters: list[Any], given: Json) -> Any:
    kinds = {
        "sgd": (torch.optim.SGD, {}),
        "momentum": (torch.optim.SGD, {"momentum": given.get("momentum", 0.9)}),
        "nesterov": (torch.optim.SGD, {"momentum": given.get("momentum", 0.9), "nesterov": True}),
        "rmsprop": (
            torch.optim.RMSprop,
            {"alpha": given.get("alpha", 0.99), "eps": given.get("epsilon", 1e-8)},
        ),
        "adam": (torch.optim.Adam, {"betas": (given.get("beta1", 0.9), given.get("beta2", 0.999))}),
        "adamw": (torch.optim.AdamW, {"betas": (given.get("beta1", 0.9), given.get("beta2", 0.999))}),
    }
    kind, more = kinds[given["kind"]]
    return kind(parameters, lr=given["rate"], weight_decay=given.get("decay", 0.0), **more)


def trajectory(torch: Any, given: Json) -> list[list[float]]:
    """The parameters after each step."""
    parameter = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimiser = _optimiser(torch, [parameter], given)
    found = []
    for step in range(STEPS):
        parameter.grad = torch.from_numpy(gradient(step))
        if "clip" in given:
            torch.nn.utils.clip_grad_norm_([parameter], given["clip"])
        optimiser.step()
        found.append([float(f"{number:.12g}") for number in parameter.detach().numpy()])
    return found


def loss(torch: Any, name: str) -> Json:
    """Value and gradient of the outputs."""
    output = torch.from_numpy(outputs().T.copy()).requires_grad_()  # (examples, classes)
    labels = torch.tensor(LABELS)
    hot = torch.nn.functional.one_hot(labels, 3).double()
    functional = torch.nn.functional
    found = {
        "cross_entropy": lambda: functional.cross_entropy(output, labels),
        "binary_cross_entropy": lambda: functional.binary_cross_entropy_with_logits(output, hot),
        "mean_squared_error": lambda: functional.mse_loss(output, hot),
        "huber": lambda: functional.huber_loss(output, hot),
    }[name]()
    found.backward()
    return {"value": float(found.detach()), "gradient": output.grad.T.tolist()}


def main() -> None:
    """Write all of it."""
    torch: Any = importlib.import_module("torch")
    answered = {
        "framework": "pytorch",
        "versions": {"torch": torch.__version__.split("+")[0]},
        "optimisers": [{"settings": given, "rows": trajectory(torch, given)} for given in SETTINGS],
        "losses": {name: loss(torch, name) for name in LOSSES},
    }
    FILE.write_text(json.dumps(answered, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
