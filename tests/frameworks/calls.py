"""Records what calls of TensorFlow, JAX and Flax answer, as text that code in reads; a test needs none of them.

Each case is a call on ``x``, the shape of the input ``[channels, *sizes]``, and what it answers, channels first.
Weights are ones and biases zeros, so that a value tells padding, strides and divisors in whatever order a weight has
its axes.
To make the recordings again, in an environment of its own (the frameworks are none of Convscope's dependencies):

    pip install tensorflow-cpu==2.21.0    # in another environment: jax==0.10.2 flax==0.12.8
    python -m tests.frameworks.calls tensorflow
    python -m tests.frameworks.calls jax
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

Json = dict[str, Any]
FOLDER = Path(__file__).parent / "recorded"
CASES = 90  # of each framework
MOST_VALUES = 60


def values_of(shape: tuple[int, ...]) -> np.ndarray:
    """The input, channels first: whole numbers from −3 to 3."""
    return (np.arange(int(np.prod(shape))) % 7 - 3).reshape(shape).astype(np.float32)


def draw_tensorflow(rng: random.Random) -> tuple[str, tuple[int, ...], str]:
    """A call of tf.nn with the shape of its input and its layout."""
    axes = rng.choice([1, 2, 2, 2, 3])
    channels, filters = rng.choice([1, 2, 4]), rng.choice([1, 3])
    shape = (channels, *(rng.randint(5, 9) for _ in range(axes)))
    kernel = tuple(rng.randint(1, 4) for _ in range(axes))
    stride = rng.randint(1, 3)
    strides = rng.choice([str(stride), str([stride] * axes), str([1, *[stride] * axes, 1])])
    padding = rng.choice(['"SAME"', '"VALID"'])
    which = rng.choice(["conv", "pool", "pools", "depthwise", "transposed", "atrous", "explicit"])
    if which in ("pool", "pools"):
        kind, size = rng.choice(["max", "avg"]), str([1, *kernel, 1])
        if which == "pool":
            window = f"window_shape={list(kernel)}, pooling_type={kind.upper()!r}"
            return f"tf.nn.pool(x, {window}, strides={[stride] * axes}, padding={padding})", shape, "last"
        name = rng.choice([f"{kind}_pool", f"{kind}_pool{axes}d"])
        return f"tf.nn.{name}(x, {size}, {[1, *[stride] * axes, 1]}, {padding})", shape, "last"
    weight = f"tf.ones({(*kernel, channels, filters)})"
    if which == "transposed":
        whole = [1, *[shape[1] * stride] * axes, filters]
        shape = (channels, *(shape[1],) * axes)
        weight = f"tf.ones({(*kernel, filters, channels)})"
        text = f'tf.nn.conv{axes}d_transpose(x, {weight}, {whole}, {strides}, padding="SAME")'
        return text, shape, "last"
    if axes != 2 and which in ("depthwise", "atrous", "explicit"):
        which = "conv"
    if which == "depthwise":
        weight = f"tf.ones({(*kernel, channels, 2)})"
        return f"tf.nn.depthwise_conv2d(x, {weight}, {[1, stride, stride, 1]}, {padding})", shape, "last"
    if which == "atrous":
        return f"tf.nn.atrous_conv2d(x, {weight}, rate={rng.randint(1, 2)}, padding={padding})", shape, "last"
    if which == "explicit":
        pads = [[0, 0], *([rng.randint(0, 2), rng.randint(0, 2)] for _ in range(2)), [0, 0]]
        return f"tf.nn.conv2d(x, {weight}, strides={strides}, padding={pads})", shape, "last"
    return f"tf.nn.conv{axes}d(x, {weight}, {strides}, {padding})", shape, "last"


def draw_jax(rng: random.Random) -> tuple[str, tuple[int, ...], str]:
    """A call of jax.lax or Flax with the shape of its input and its layout."""
    axes = rng.choice([1, 2, 2, 3])
    groups = rng.choice([1, 1, 2])
    channels, filters = 2 * rng.choice([1, 2]), 2 * rng.choice([1, 2])
    shape = (channels, *(rng.randint(5, 9) for _ in range(axes)))
    kernel = tuple(rng.randint(1, 4) for _ in range(axes))
    stride = tuple(rng.randint(1, 3) for _ in range(axes))
    dilation = tuple(rng.choice([1, 1, 2]) for _ in range(axes))
    pads = [(rng.randint(0, 1), rng.randint(0, 2)) for _ in range(axes)]
    padding = rng.choice(['"SAME"', '"VALID"', str(pads)])
    letters = {1: "W", 2: "HW", 3: "DHW"}[axes]
    weight = f"jnp.ones({(filters, channels // groups, *kernel)})"
    rest = f"rhs_dilation={dilation}, feature_group_count={groups}"
    which = rng.choice(["conv", "lax", "last", "spread", "transposed", "flax", "flax_t", "pool", "window"])
    if which == "conv":
        return f'lax.conv(x, jnp.ones({(filters, channels, *kernel)}), {stride}, "SAME")', shape, "first"
    if which == "lax":
        return f"lax.conv_general_dilated(x, {weight}, {stride}, {padding}, {rest})", shape, "first"
    if which == "last":
        weight = f"jnp.ones({(*kernel, channels // groups, filters)})"
        numbers = f'dimension_numbers=("N{letters}C", "{letters}IO", "N{letters}C")'
        text = f"lax.conv_general_dilated(x, {weight}, {stride}, {padding}, {rest}, {numbers})"
        return text, shape, "last"
    if which == "spread":
        weight = f"jnp.ones({(filters, channels, *kernel)})"
        around = [(size - 1, size - 1 + rng.randint(0, 1)) for size in kernel]
        text = f"lax.conv_with_general_padding(x, {weight}, {(1,) * axes}, {around}, {stride}, {(1,) * axes})"
        return text, shape, "first"
    if which == "transposed":
        padding = rng.choice(['"SAME"', '"VALID"'])
        swapped = rng.choice([True, False])
        inner = (filters, channels) if swapped else (channels, filters)
        text = f"lax.conv_transpose(x, jnp.ones({(*kernel, *inner)}), {stride}, {padding}"
        return f"{text}{', transpose_kernel=True' if swapped else ''})", shape, "last"
    if which == "flax":
        padding = rng.choice([padding, padding, '"CIRCULAR"'])
        text = f"nn.Conv(features={filters}, kernel_size={kernel}, strides={stride}, padding={padding}"
        return f"{text}, kernel_dilation={dilation}, feature_group_count={groups})(x)", shape, "last"
    if which == "flax_t":
        padding = rng.choice(['"SAME"', '"VALID"'])
        text = f"nn.ConvTranspose({filters}, {kernel}, {stride}, padding={padding})(x)"
        return text, shape, "last"
    sides = [(0, 0) if size == 1 else pair for size, pair in zip(kernel, pads, strict=True)]
    sides = [(begin, min(end, size - 1)) for (begin, end), size in zip(sides, kernel, strict=True)]
    padding = rng.choice(['"SAME"', '"VALID"', str(sides)])
    if which == "pool":
        name = rng.choice(["max", "avg"])
        strides = rng.choice(["", f", strides={stride}"])
        text = f"nn.{name}_pool(x, window_shape={kernel}{strides}, padding={padding})"
        return text, shape, "last"
    how, start = rng.choice([("lax.max", "-jnp.inf"), ("lax.add", "0.0")])
    ends = '"SAME"' if padding == '"SAME"' else '"VALID"'
    text = f"lax.reduce_window(x, {start}, {how}, {(1, *kernel, 1)}, {(1, *stride, 1)}, {ends})"
    return text + (" / 4" if how == "lax.add" else ""), shape, "last"


def answer_tensorflow(text: str, x: np.ndarray) -> np.ndarray:
    """What TensorFlow computes."""
    import tensorflow as tf

    return np.asarray(eval(text, {"tf": tf, "x": tf.constant(x)}))


def answer_jax(text: str, x: np.ndarray) -> np.ndarray:
    """What JAX and Flax compute, with ones and zeros as parameters."""
    import flax.linen as nn
    import jax
    import jax.numpy as jnp
    from jax import lax

    names = {"nn": nn, "lax": lax, "jnp": jnp, "x": jnp.asarray(x)}
    if not text.endswith("(x)"):
        return np.asarray(eval(text, names))
    layer = eval(text.removesuffix("(x)"), names)
    parameters = layer.init(jax.random.key(0), x)
    ones = jax.tree_util.tree_map_with_path(
        lambda path, leaf: jnp.full_like(leaf, "kernel" in str(path[-1])), parameters
    )
    return np.asarray(layer.apply(ones, x))


DRAWS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "tensorflow": (draw_tensorflow, answer_tensorflow),
    "jax": (draw_jax, answer_jax),
}


def cases(framework: str) -> Iterator[Json]:
    """Drawn calls and their answers; a call that the framework refuses is none."""
    draw, answer = DRAWS[framework]
    rng = random.Random(framework)
    seen: set[str] = set()
    while len(seen) < CASES:
        text, shape, layout = draw(rng)
        x = values_of(shape)[None]
        try:
            y = answer(text, np.moveaxis(x, 1, -1) if layout == "last" else x)
        except Exception as problem:
            print(text, type(problem).__name__, str(problem)[:80])
            continue
        if text in seen or 0 in y.shape:
            continue
        seen.add(text)
        y = (np.moveaxis(y, -1, 1) if layout == "last" else y)[0]
        case: Json = {"text": text, "input_shape": list(shape), "output_shape": list(y.shape)}
        if y.size <= MOST_VALUES:
            case["values"] = [round(float(value), 5) for value in y.reshape(-1)]
        else:
            case["sum"] = round(float(y.sum(dtype=np.float64)), 3)
        yield case


def main() -> None:
    """One framework a run."""
    framework = sys.argv[1]
    module = __import__(framework)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases(framework))
    head = json.dumps({"framework": framework, "version": module.__version__})[:-1]
    (FOLDER / f"{framework}_calls.json").write_text(f'{head},"cases":[\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
