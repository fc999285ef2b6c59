"""Seeded settings of every operation in Convscope's words: half of them plain, the others with one fault."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Fault = Callable[[random.Random, Json, list[int]], None]

WINDOWED = ("convolution", "transposed_convolution", "max_pooling", "average_pooling", "lp_pooling", "unfold")
POOLS = ("max_pooling", "average_pooling", "lp_pooling")
ADAPTIVE = ("adaptive_average_pooling", "adaptive_max_pooling")
UPSAMPLING = ("nearest_upsampling", "bilinear_upsampling")
GLOBAL = ("global_average_pooling", "global_max_pooling")
OPERATIONS = (*WINDOWED, *ADAPTIVE, *UPSAMPLING, *GLOBAL, "dense", "zero_insertion")

RULES = ("valid", "same", "same_lower", "causal", "full")
MODES = ("zeros", "reflect", "replicate", "circular")
# The rules that a framework may have a word for: most of what is drawn for it, so that much of it is legal.
USUAL_RULES = {"pytorch": ("valid", "same"), "keras": ("valid", "same", "causal"), "onnx": RULES[:3]}


def draw(
    rng: random.Random, operation: str, framework: str, *, plain: bool = False
) -> tuple[Json, list[int]]:
    """A spec and an input shape ``[channels, *sizes]``; ``plain`` leaves the faults out."""
    axes = rng.choice((1, 2, 2, 3))
    largest = {1: 12, 2: rng.choice((3, 8, 12)), 3: rng.choice((3, 6))}[axes]
    shape = [rng.choice((1, 2, 3, 4, 6)), *(rng.randint(1, largest) for _ in range(axes))]
    spec: Json = {"operation": operation}
    if operation in WINDOWED:
        _windowed(rng, spec, shape, framework)
    elif operation in ADAPTIVE:
        spec["size"] = per_axis(rng, axes, range(1, 9))
    elif operation in UPSAMPLING:
        _upsampling(rng, spec, axes, framework)
    elif operation == "dense":
        spec |= {"filters": rng.randint(1, 8), **optional(rng, "bias", rng.random() < 0.5)}
    elif operation == "zero_insertion":
        spec["factor"] = per_axis(rng, axes, range(1, 4))
    if not plain and rng.random() < 0.5:
        faults = [fault for fault, operations in FAULTS if operation in operations]
        if faults:
            rng.choice(faults)(rng, spec, shape)
    return spec, shape


def optional(rng: random.Random, name: str, value: object, chance: float = 0.5) -> Json:
    """The setting, or nothing, so that the framework's default is asked too."""
    return {name: value} if rng.random() < chance else {}


def per_axis(rng: random.Random, axes: int, choices: range | tuple[int, ...]) -> int | list[int]:
    """One number for all axes, or one per axis."""
    if rng.random() < 0.5:
        return rng.choice(choices)
    return [rng.choice(choices) for _ in range(axes)]


def _windowed(rng: random.Random, spec: Json, shape: list[int], framework: str) -> None:
    axes, operation = len(shape) - 1, spec["operation"]
    spec["kernel"] = per_axis(rng, axes, (1, 2, 2, 3, 3, 3, 4, 5))
    spec |= optional(rng, "stride", per_axis(rng, axes, (1, 1, 2, 2, 3, 4)), 0.65)
    spec |= optional(rng, "dilation", per_axis(rng, axes, (1, 1, 2, 3)), 0.3)
    spec |= optional(rng, "padding", _padding(rng, axes, spec, framework), 0.65)
    if operation == "convolution":
        spec |= optional(rng, "padding_mode", rng.choice(MODES), 0.3 if framework == "pytorch" else 0.05)
    if operation in ("convolution", "transposed_convolution"):
        _channels(rng, spec, shape, framework)
    if operation == "transposed_convolution":
        spec |= optional(rng, "output_padding", _output_padding(rng, axes, spec, framework), 0.5)
        if framework != "keras" and rng.random() < 0.15:
            spec["output_size"] = output_size(rng, spec, shape)
            spec.pop("output_padding", None)  # in PyTorch the one replaces the other
    if operation in POOLS:
        spec |= optional(rng, "ceil_mode", rng.random() < 0.7, 0.1 if framework == "keras" else 0.4)
    if operation == "average_pooling":
        spec |= optional(rng, "count_include_pad", rng.random() < 0.5, 0.1 if framework == "keras" else 0.4)
        if framework == "pytorch":
            spec |= optional(rng, "divisor", rng.choice((None, 1, 2, 5)), 0.25)
    if operation == "lp_pooling":
        spec |= optional(rng, "p", rng.randint(1, 4), 1.0 if framework == "pytorch" else 0.7)


def _channels(rng: random.Random, spec: Json, shape: list[int], framework: str) -> None:
    divisors = [count for count in range(1, shape[0] + 1) if shape[0] % count == 0]
    groups = (
        1 if framework == "keras" and spec["operation"] == "transposed_convolution" else rng.choice(divisors)
    )
    spec["filters"] = groups * rng.randint(1, 3)
    spec |= {"groups": groups} if groups > 1 else optional(rng, "groups", 1, 0.2)
    spec |= optional(rng, "bias", rng.random() < 0.5, 0.2)


def _padding(rng: random.Random, axes: int, spec: Json, framework: str) -> Any:
    """Mostly what the framework takes: torch's pools want at most half of the kernel, Keras wants names."""
    if rng.random() < {"pytorch": 0.25, "keras": 0.85, "onnx": 0.4}[framework]:
        return rng.choice(USUAL_RULES[framework])
    if framework == "keras" and rng.random() < 0.5:
        return rng.choice((0, [0] * axes, [[0, 0]] * axes))
    most = 2 if spec["operation"] in POOLS else 4
    if framework == "onnx" and rng.random() < 0.5:
        return [[rng.randint(0, most), rng.randint(0, most)] for _ in range(axes)]
    return per_axis(rng, axes, range(most + 1))


def _output_padding(rng: random.Random, axes: int, spec: Json, framework: str) -> int | list[int]:
    """Mostly within the limits: below the stride (Keras), or below the larger of stride and dilation."""
    if rng.random() < 0.15:
        return rng.randint(0, 4)
    limits = listed(spec.get("stride", 1), axes)
    if framework != "keras":
        limits = [max(both) for both in zip(limits, listed(spec.get("dilation", 1), axes), strict=True)]
    return [rng.randrange(limit) for limit in limits]


def _upsampling(rng: random.Random, spec: Json, axes: int, framework: str) -> None:
    chance = 0.8 if framework == "keras" else 0.5
    if rng.random() < chance:
        spec["factor"] = per_axis(rng, axes, range(1, 5))
    else:
        spec["size"] = per_axis(rng, axes, range(1, 13))
    if spec["operation"] == "bilinear_upsampling":
        spec |= optional(rng, "align_corners", rng.random() < 0.6, 0.2 if framework == "keras" else 0.6)


def listed(value: Any, axes: int) -> list[Any]:
    """One entry per axis."""
    if not isinstance(value, list):
        return [value] * axes
    return value * axes if len(value) == 1 else value


def output_size(rng: random.Random, spec: Json, shape: list[int]) -> list[int]:
    """A size about the natural one of a transposed convolution, seldom out of reach."""
    axes = len(shape) - 1
    padding = spec.get("padding", 0)
    settings = zip(
        shape[1:],
        listed(spec["kernel"], axes),
        listed(spec.get("stride", 1), axes),
        listed(spec.get("dilation", 1), axes),
        [0] * axes if isinstance(padding, str) else listed(padding, axes),
        strict=True,
    )
    sizes = []
    for size, kernel, stride, dilation, entry in settings:
        cropped = sum(entry) if isinstance(entry, list) else 2 * entry
        natural = (size - 1) * stride + dilation * (kernel - 1) + 1 - cropped
        sizes.append(
            max(natural + rng.randint(0, stride - 1) + rng.choice((0, 0, 0, 0, 0, 0, -1, stride)), 1)
        )
    return sizes


# --- One fault at a time ------------------------------------------------------------------------------------


def _below_one(*names: str) -> Fault:
    def fault(rng: random.Random, spec: Json, shape: list[int]) -> None:
        name = rng.choice(names)
        axes = len(shape) - 1
        values = listed(spec.get(name, 1), axes)
        values[rng.randrange(axes)] = 0
        spec[name] = rng.choice((0, values))

    return fault


def _wrong_length(*names: str) -> Fault:
    def fault(rng: random.Random, spec: Json, shape: list[int]) -> None:
        axes = len(shape) - 1
        length = rng.choice([count for count in (1, 2, 3, 4) if count not in (1, axes)])
        spec[rng.choice(names)] = [2, *(rng.randint(1, 2) for _ in range(length - 1))]

    return fault


def _set(name: str, *values: Any) -> Fault:
    def fault(rng: random.Random, spec: Json, shape: list[int]) -> None:
        spec[name] = rng.choice(values)

    return fault


def _wide_padding(rng: random.Random, spec: Json, shape: list[int]) -> None:
    axes = len(shape) - 1
    spec["padding"] = rng.choice((rng.randint(2, 4), [rng.randint(0, 4) for _ in range(axes)]))


def _uneven_padding(rng: random.Random, spec: Json, shape: list[int]) -> None:
    spec["padding"] = [[rng.randint(0, 2), rng.randint(0, 3)] for _ in shape[1:]]


def _wide_mode(rng: random.Random, spec: Json, shape: list[int]) -> None:
    """Padding at the limit of a mode: the size, or one to either side of it."""
    spec["padding_mode"] = rng.choice(("reflect", "circular", "replicate"))
    spec["padding"] = [max(size + rng.choice((-1, 0, 0, 1)), 0) for size in shape[1:]]


def _large_kernel(rng: random.Random, spec: Json, shape: list[int]) -> None:
    spec["kernel"] = [size + rng.randint(0, 2) for size in shape[1:]]
    spec.pop("padding", None)


def _stride_and_dilation(rng: random.Random, spec: Json, shape: list[int]) -> None:
    spec |= {"stride": rng.choice((2, 3)), "dilation": rng.choice((2, 3))}


def _groups(rng: random.Random, spec: Json, shape: list[int]) -> None:
    spec["groups"] = rng.choice((2, 3, 4, 5, 0))


def _uneven_filters(rng: random.Random, spec: Json, shape: list[int]) -> None:
    shape[0] = rng.choice((2, 4, 6))
    spec |= {"groups": 2, "filters": rng.choice((1, 3, 5))}


def _uneven_output_padding(rng: random.Random, spec: Json, shape: list[int]) -> None:
    _wrong_length("output_padding")(rng, spec, shape)
    spec.pop("output_size", None)


def _extra_output(rng: random.Random, spec: Json, shape: list[int]) -> None:
    """Output padding about its limits, the stride and the dilation."""
    stride, dilation = rng.choice((1, 2, 3)), rng.choice((1, 1, 2, 3))
    spec |= {"stride": stride, "dilation": dilation, "output_padding": rng.randint(0, 4)}
    spec.pop("output_size", None)


def _size_and_factor(rng: random.Random, spec: Json, shape: list[int]) -> None:
    spec |= {"size": 4, "factor": 2}


def _neither(rng: random.Random, spec: Json, shape: list[int]) -> None:
    spec.pop("size", None)
    spec.pop("factor", None)


FAULTS: tuple[tuple[Fault, tuple[str, ...]], ...] = (
    (_below_one("kernel", "stride", "dilation"), WINDOWED),
    (_wrong_length("kernel", "stride", "dilation", "padding"), WINDOWED),
    (_set("padding", *RULES), WINDOWED),
    (_set("padding", -1), WINDOWED),
    (_wide_padding, WINDOWED),
    (_uneven_padding, WINDOWED),
    (_large_kernel, WINDOWED),
    (_stride_and_dilation, WINDOWED),
    (_wide_mode, ("convolution",)),
    (_wide_mode, ("convolution",)),
    (_set("padding_mode", "constant", *MODES), ("convolution",)),
    (_groups, ("convolution", "transposed_convolution")),
    (_uneven_filters, ("convolution", "transposed_convolution")),
    (_set("filters", 0), ("convolution", "transposed_convolution", "dense")),
    (_extra_output, ("transposed_convolution",)),
    (_extra_output, ("transposed_convolution",)),
    (_set("output_padding", -1), ("transposed_convolution",)),
    (_uneven_output_padding, ("transposed_convolution",)),
    (_wrong_length("output_size"), ("transposed_convolution",)),
    (_set("ceil_mode", True), POOLS),
    (_set("dilation", 2), POOLS),
    (_set("divisor", 0, 1, 3), ("average_pooling",)),
    (_set("count_include_pad", True), ("average_pooling",)),
    (_set("p", 0), ("lp_pooling",)),
    (_below_one("size"), ADAPTIVE),
    (_wrong_length("size"), ADAPTIVE),
    (_size_and_factor, UPSAMPLING),
    (_neither, UPSAMPLING),
    (_below_one("size"), UPSAMPLING),
    (_below_one("factor"), UPSAMPLING),
    (_wrong_length("factor"), UPSAMPLING),
    (_wrong_length("size"), UPSAMPLING),
    (_set("align_corners", True), ("bilinear_upsampling",)),
)
