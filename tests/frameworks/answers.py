"""A framework's answer to a spec, the numbers that it is asked with, and helpers to put specs in its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Json = dict[str, Any]
Array = NDArray[np.float32]
Kind = Literal["words", "no such argument", "no such name", "no such layer", "empty output"]

MOST_WORDS = 300


@dataclass(frozen=True)
class Answer:
    """A shape ``[channels, *sizes]`` or a refusal; ``unsettled`` says where a specification contradicts itself."""

    shape: tuple[int, ...] | None = None
    refused: str | None = None
    kind: Kind | None = None
    values: Array | None = None
    indices: NDArray[np.int64] | None = None
    unsettled: str | None = None

    def to_json(self) -> Json:
        """As a recording carries it."""
        if self.refused is not None:
            found: Json = {"refused": self.refused, "kind": self.kind}
        else:
            assert self.shape is not None, "an answer is a shape or a refusal"
            found = {"shape": list(self.shape)}
        if self.values is not None:
            found["values"] = nested(self.values)
        if self.indices is not None:
            found["indices"] = self.indices.tolist()
        if self.unsettled is not None:
            found["unsettled"] = self.unsettled
        return found


def refusal(words: object, kind: Kind = "words") -> Answer:
    """The first line of what was said."""
    lines = str(words).strip().splitlines() or [type(words).__name__]
    return Answer(refused=lines[0].strip()[:MOST_WORDS], kind=kind)


def shaped(shape: tuple[int, ...], **more: Any) -> Answer:
    """An answer with a shape; nothing in it counts as a refusal, whatever the framework says."""
    if min(shape) < 1:
        return Answer(refused=f"the output would be empty: {list(shape)}", kind="empty output")
    return Answer(shape=tuple(shape), **more)


def template(answer: Answer) -> str:
    """A refusal without its numbers, to keep some of each sort and not hundreds of one."""
    return f"{answer.kind}: " + re.sub(r"-?\d+|\[.*?\]|\(.*?\)", "#", answer.refused or "")


# --- The numbers: no recording stores an input or a weight --------------------------------------------------


def input_values(shape: tuple[int, ...], modulus: int = 11, nan: tuple[int, ...] = ()) -> Array:
    """``x[i] = (7·i + 3) mod modulus − modulus // 2`` over the flat index; NaN at the flat indices given."""
    flat = ((7 * np.arange(np.prod(shape)) + 3) % modulus - modulus // 2).astype(np.float32)
    flat[list(nan)] = np.nan
    return flat.reshape(shape)


def weight_values(shape: tuple[int, ...]) -> Array:
    """``w[i] = (5·i + 2) mod 7 − 3`` over the flat index of (filters, channels of a group, *kernel).

    A transposed convolution's weight is (channels, filters of a group, *kernel), as PyTorch and ONNX have it.
    """
    return ((5 * np.arange(np.prod(shape)) + 2) % 7 - 3).astype(np.float32).reshape(shape)


def bias_values(count: int) -> Array:
    """``b[i] = 2·i − 3``."""
    return (2 * np.arange(count) - 3).astype(np.float32)


def nested(array: Array) -> Any:
    """Nested lists with the shortest decimals that are these float32; what is not finite is a word."""
    words = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    flat = [words.get(str(number)) or _shortest(number) for number in array.reshape(-1)]
    return np.array(flat, dtype=object).reshape(array.shape).tolist()


def _shortest(number: np.float32) -> float | int:
    exact = float(str(number))
    return int(exact) if exact == int(exact) else exact


# --- From our words -----------------------------------------------------------------------------------------


def numbers(value: Any) -> Any:
    """A number, or a tuple; a list of one stands for all axes, so it is a number."""
    if not isinstance(value, list):
        return value
    return value[0] if len(value) == 1 else tuple(value)


def pairs(padding: Any, axes: int) -> list[tuple[int, int]]:
    """(begin, end) per axis of padding that is no name."""
    entries = padding if isinstance(padding, list) else [padding]
    both = [tuple(entry) if isinstance(entry, list) else (entry, entry) for entry in entries]
    return both * axes if len(both) == 1 else both


def is_uneven(padding: Any) -> bool:
    """Whether two sides of an axis differ."""
    return not isinstance(padding, str) and any(begin != end for begin, end in pairs(padding, 1))
