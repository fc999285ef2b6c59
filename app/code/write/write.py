"""Code out: a layer as a snippet of one target. Knows the targets, no operation and no HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...core.frameworks.catalog import TITLES, WRITTEN, Target
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


@dataclass(frozen=True, slots=True)
class Writer:
    """One target: its size rules, and the function that writes a snippet's body."""

    rules: Mapping[str, object]
    body: Callable[[Subject], Body]


WRITERS: dict[Target, Writer] = {
    "pytorch": Writer(pytorch.RULES, pytorch.body),
    "keras": Writer(keras.RULES, keras.body),
    "jax": Writer(jax.RULES, jax.body),
    "onnx": Writer(onnx.RULES, onnx.body),
    "numpy": Writer(numpy.RULES, numpy.body),
}
assert set(WRITERS) == set(WRITTEN), (
    "app/code/write/write.py: name in WRITERS what writes a layer for the new target"
)


def write(subject: Subject, target: Target) -> Snippet:
    """The snippet; where the target cannot say the setting, one that says so and why."""
    title = TITLES[target]
    if reason := lacking(subject, target):
        return refused(subject, title, reason)
    try:
        return assembled(subject, title, WRITERS[target].body(subject))
    except Inexpressible as problem:
        return refused(subject, title, problem.reason)


def lacking(subject: Subject, target: Target) -> str:
    """Why the target's writer has no lines for such a layer; empty where it has."""
    known = subject.is_plain or subject.rule in WRITERS[target].rules
    if not subject.is_written or not (known or subject.writing(target) is None):
        return f"no snippet is written here for {subject.title.lower()} yet."
    if subject.mixes_numbers:
        across = subject.spec.activation
        return f"{across} takes all numbers of this layer together; an activation layer behind it takes channels."
    return ""
