"""Records what PyTorch, Keras and ONNX say to drawn settings, so that a test needs none of them.

Each case of a recording is one line: our spec, an input shape ``[channels, *sizes]`` and the outcome, a shape or a
refusal in the framework's own words. A setting that a spec leaves out has the framework's default. A case with two
faults is refused in the words of the one that the framework meets first; its kind says whether it has no layer, no
argument or no name for something in the spec. Where a specification contradicts itself, or a framework lets pass by
accident what it refuses elsewhere, the outcome is ``unsettled``. Some cases have values too (with ``modulus`` and
``nan``, where the input is not the usual one); ``answers.py`` has the formulas of inputs and weights.
To make the recordings again, in an environment of its own (the frameworks are none of Convscope's dependencies):

    pip install torch==2.13.0 keras==3.15.1 onnx==1.22.0 onnxruntime jax
    export PYTHONHASHSEED=0    # PyTorch and Keras print sets
    python -m tests.frameworks.record pytorch
    KERAS_BACKEND=torch python -m tests.frameworks.record keras
    python -m tests.frameworks.record onnx

The gradients of PyTorch's autograd are recorded by ``gradients.py``, and the value of every node of SqueezeNet and
ResNet-50 in ONNX Runtime by ``nodes.py``.

``python -m tests.frameworks.record keras --compare`` (with either backend) and ``onnx --compare`` write nothing:
they print where a backend of Keras, or ONNX Runtime, answers a recorded case otherwise.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

from .answers import Answer, Json, template
from .drawing import (
    ADAPTIVE,
    GLOBAL,
    OPERATIONS,
    UPSAMPLING,
    draw,
)
from .values import cases_with_values

FOLDER = Path(__file__).parent / "recorded"
FRAMEWORKS = ("pytorch", "keras", "onnx")
CASES = {"unfold": 110, "dense": 24, "zero_insertion": 6} | dict.fromkeys(GLOBAL, 12)
CASES |= dict.fromkeys(ADAPTIVE, 60) | dict.fromkeys(UPSAMPLING, 80)
MOST_CASES = 220  # of the others
MOST_ALIKE = 12  # refusals of one sort
MOST_DRAWS = 6000


def record(framework: str) -> list[Json]:
    """All cases of a framework, operation by operation."""
    answer = importlib.import_module(f".in_{framework}", __package__).answer
    cases: list[Json] = []
    for operation in OPERATIONS:
        cases += _settings(framework, operation, answer)
        cases += cases_with_values(framework, operation, answer)
    return cases


def _settings(framework: str, operation: str, answer: Any) -> list[Json]:
    """Drawn settings, half of them legal, of each sort of refusal only some."""
    rng = random.Random(f"{framework} {operation}")
    wanted = CASES.get(operation, MOST_CASES)
    sorts: Counter[str] = Counter()
    seen: set[str] = set()
    cases: list[Json] = []
    for _ in range(MOST_DRAWS):
        if len(cases) == wanted:
            break
        spec, shape = draw(rng, operation, framework)
        key = json.dumps([spec, shape], sort_keys=True)
        if key in seen:
            continue
        seen.add(key)
        found: Answer = answer(spec, shape)
        sort = "legal" if found.refused is None else template(found)
        half = "legal" if sort == "legal" else "refused"
        if sorts[half] >= wanted // 2 or (sort != half and sorts[sort] >= MOST_ALIKE):
            continue
        sorts.update({sort, half})
        cases.append({"spec": spec, "input_shape": shape, "outcome": found.to_json()})
    return cases


def write(framework: str, cases: list[Json]) -> None:
    """One case a line; versions and formulas in the first."""
    module = importlib.import_module(f".in_{framework}", __package__)
    FOLDER.mkdir(exist_ok=True)
    lines = [json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases]
    head = json.dumps({"framework": framework, "versions": module.VERSIONS})[:-1]
    text = head + ',"cases":[\n' + ",\n".join(lines) + "\n]}\n"
    (FOLDER / f"{framework}.json").write_text(text, encoding="utf-8")
    refused = Counter(case["outcome"].get("kind", "legal") for case in cases)
    print(f"{framework}: {len(cases)} cases, {len(text):,} characters, {dict(refused)}")


def compare(framework: str) -> None:
    """Where another implementation of the same words answers a recorded case otherwise."""
    module = importlib.import_module(f".in_{framework}", __package__)
    other = module.session() if framework == "onnx" else module.computed
    name = "onnxruntime" if framework == "onnx" else module.BACKEND
    cases = json.loads((FOLDER / f"{framework}.json").read_text(encoding="utf-8"))["cases"]
    for case in cases:
        found: Answer = other(case["spec"], case["input_shape"])
        recorded = case["outcome"].get("shape")
        if (None if found.shape is None else list(found.shape)) != recorded:
            answered = list(found.shape) if found.shape else found.refused
            record = {"spec": case["spec"], "input_shape": case["input_shape"], "recorded": case["outcome"]}
            print(json.dumps(record | {name: answered}, ensure_ascii=False))


def main() -> None:
    """One framework a run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("framework", choices=FRAMEWORKS)
    parser.add_argument(
        "--compare", action="store_true", help="compare another implementation; write nothing"
    )
    arguments = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":
        parser.error(
            "set PYTHONHASHSEED=0: frameworks print sets, and a recording is to be the same every time"
        )
    if arguments.compare:
        compare(arguments.framework)
        return
    if arguments.framework == "onnx":
        importlib.import_module(".in_onnx", __package__).check_quotations()
    write(arguments.framework, record(arguments.framework))


if __name__ == "__main__":
    main()
