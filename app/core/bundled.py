"""The tensors that a bundle has of one layer, as weights. Knows names and arrays, no file and no store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from .errors import Unfit
from .values import FrozenArray
from .weights import BundleWeights, TensorWeights


def bundled_weights(source: BundleWeights, arrays: Mapping[str, NDArray[Any]], layer: str) -> TensorWeights:
    """The tensors that a bundle has of a layer, by their names there; raises Unfit where it has none."""
    name = source.layer or layer
    found = {key[len(name) + 1 :]: array for key, array in arrays.items() if key.startswith(f"{name}.")}
    if not found:
        known = list(dict.fromkeys(key.rpartition(".")[0] for key in arrays))
        raise Unfit(
            "layer",
            name,
            "the bundle has no tensors of a layer of this name",
            f"Use one of {', '.join(known[:6])}, or rename the layer.",
            pointer="/weights/layer",
        )
    return TensorWeights.model_construct(
        kind="tensors", tensors={key: FrozenArray(array) for key, array in found.items()}
    )
