"""A request spelled out on the command line: ``max_pooling kernel=2 --input 3x28x28``. Knows no file and no answer."""

from __future__ import annotations

import argparse
import json
from typing import Any

SHORT = "name=value"


MODEL_FILES = ", or a model: model.py or model.onnx"


def add_words(command: argparse.ArgumentParser, name: str) -> None:
    """The arguments by which a command's request can be spelled out."""
    command.add_argument(
        "spec",
        nargs="+",
        metavar="SPEC",
        help=f"a file with the body that POST /api/v1/{name} takes{MODEL_FILES if name == 'plan' else ''}; - reads it; "
        f"or an operation and its "
        f"parameters, such as: convolution kernel=3 stride=2",
    )
    if name in ("plan", "solve"):
        command.add_argument("--input", type=_sizes, metavar="3x28x28", help="the input's shape, spelled out")
    if name == "solve":
        command.add_argument(
            "--to", type=_sizes, metavar="56x56", help="the sizes that the output shall have"
        )
    else:
        command.add_argument("--sample", metavar="NAME", help="a built-in input, spelled out")
    if name == "code":
        command.add_argument("--target", default="pytorch", help="the framework to write for, spelled out")
    if name == "figure":
        command.add_argument("--step", help="a step or final, spelled out")
        command.add_argument("--theme", help="light, dark, print or grey, spelled out")


def is_file(spec: list[str]) -> bool:
    """Whether a request is named by its file and not spelled out."""
    from ..operations import registry

    return len(spec) == 1 and spec[0] not in registry()


def spelled(name: str, options: argparse.Namespace) -> bytes:
    """The body of a request that is spelled out."""
    operation, *words = options.spec
    layer: dict[str, Any] = {"operation": operation}
    for word in words:
        key, separator, value = word.partition("=")
        if not separator:
            raise argparse.ArgumentTypeError(f"{word}: write parameters as {SHORT}, such as kernel=3")
        layer[key] = _value(value)
    body: dict[str, Any] = {"layer": layer} if name == "solve" else {"layers": [layer]}
    if getattr(options, "input", None):
        body["input_shape"] = options.input
    elif name != "solve" and not getattr(options, "image", None):
        body["source"] = {"kind": "sample", "name": options.sample or "cross"}
    if name == "solve":
        body["sizes"] = options.to
    if name == "code":
        body["target"] = options.target
    if getattr(options, "step", None):
        body["step"] = _value(options.step)
    if getattr(options, "theme", None):
        body["theme"] = options.theme
    return json.dumps(body).encode()


def _value(text: str) -> Any:
    """A number, true, a list as JSON has them or as 3,5; anything else is a name."""
    try:
        return json.loads(f"[{text}]" if "," in text and not text.startswith("[") else text)
    except ValueError:
        return text


def _sizes(text: str) -> list[int]:
    try:
        return [int(size) for size in text.lower().replace("×", "x").split("x")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no shape: write it as 3x28x28") from None
