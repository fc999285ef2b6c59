"""Code out: a layer as a snippet of one target. Knows the targets, no operation and no HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from . import (
    jax,
    keras,
    numpy,
    onnx,
    pytorch,
)
from .snippet import (
    Body,
    Inexpressible,
    Snippet,
    assembled,
    refused,
)
from .subject import Subject

Target = Literal["pytorch", "keras", "jax", "onnx", "numpy"]


@dataclass(frozen=True, slots=True)
class Writer:
    """One target: its name for people, its size rules, and what makes a snippet's body."""

    title: str
    rules: Mapping[str, object]
    body: Callable[[Subject], Body]


WRITERS: dict[Target, Writer] = {
    "pytorch": Writer("PyTorch", pytorch.RULES, pytorch.body),
    "keras": Writer("Keras", keras.RULES, keras.body),
    "jax": Writer("JAX", jax.RULES, jax.body),
    "onnx": Writer("ONNX", onnx.RULES, onnx.body),
    "numpy": Writer("NumPy", numpy.RULES, numpy.body),
}


def write(subject: Subject, target: Target) -> Snippet:
    """The snippet; where the target cannot say the setting, one that says so and why."""
    writer = WRITERS[target]
    if not knows(subject, target):
        reason = f"no snippet is written here for {subject.title.lower()} yet."
        return refused(subject, writer.title, reason)
    try:
        return assembled(subject, writer.title, writer.body(subject))
    except Inexpressible as problem:
        return refused(subject, writer.title, problem.reason)


def knows(subject: Subject, target: Target) -> bool:
    """Whether the target's writer has lines for such a layer."""
    known = subject.is_plain or subject.rule in WRITERS[target].rules
    return (known or subject.writing(target) is None) and subject.is_written
