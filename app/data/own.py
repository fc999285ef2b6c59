"""The person's own examples: labelled drawings and pictures as one bundle, and back. Knows arrays, no store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import Unfit
from .bundle import Bundle

Array = NDArray[np.floating]
Labels = NDArray[np.intp]

MOST_CLASSES = 64


def bundled(arrays: Sequence[Array], labels: Sequence[str]) -> Bundle:
    """Examples (channels, *sizes), all of one shape, with a label each; classes are in the order of their first."""
    classes = list(dict.fromkeys(labels))
    if len(classes) > MOST_CLASSES:
        raise Unfit(
            "examples",
            f"{len(classes)} labels",
            f"examples may have {MOST_CLASSES} different labels",
            "Use fewer.",
            pointer="/examples",
        )
    for place, array in enumerate(arrays):
        if array.shape != arrays[0].shape:
            size, first = ("×".join(map(str, one.shape)) for one in (array, arrays[0]))
            raise Unfit(
                "examples",
                size,
                f"example {place} is {size}, and example 0 is {first}",
                "Give all examples one shape.",
                pointer=f"/examples/{place}",
            )
    numbers = np.array([classes.index(label) for label in labels], np.int32)
    x = np.stack(arrays).astype(np.float32)
    return Bundle({"x": x, "labels": numbers}, {"classes": json.dumps(classes, ensure_ascii=False)})


def examples_in(bundle: Bundle) -> tuple[Array, Labels, tuple[str, ...]]:
    """Examples, the class of each, and the names of the classes; raises Unfit for a bundle of something else."""
    x, labels = bundle.arrays.get("x"), bundle.arrays.get("labels")
    try:
        classes: Any = json.loads(bundle.metadata.get("classes", ""))
    except ValueError:
        classes = None
    named = isinstance(classes, list) and all(isinstance(name, str) for name in classes)
    if x is None or labels is None or not named or not 0 < len(classes) <= MOST_CLASSES:
        raise _other("it has no examples with labels")
    if x.dtype.kind != "f" or not 3 <= x.ndim <= 5 or labels.dtype.kind != "i" or labels.shape != x.shape[:1]:
        raise _other("examples and labels do not belong together")
    if not len(x) or labels.min() < 0 or labels.max() >= len(classes):
        raise _other("a label names no class")
    return x, labels.astype(np.intp), tuple(classes)


def _other(reason: str) -> Unfit:
    return Unfit(
        "data",
        "another bundle",
        f"this bundle is no set of examples: {reason}",
        "Send examples to POST data, and use the id that it answers.",
        pointer="/data/id",
    )
