"""Helpers of the tests of figures: layers and exports from the bodies that POST figure takes, and parsed SVGs."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np

from app.core.engine.trace import Layer
from app.core.geometry import geometry
from app.core.weights import Wanted, resolve_weights
from app.figures.bounds import FigureLimits
from app.figures.export import Export
from app.images.sources import resolve
from app.images.store.store import DirectoryStore
from app.operations import registry
from app.web.routes.figures import FigureRequest

Json = dict[str, Any]
SVG = "{http://www.w3.org/2000/svg}"


def layer_of(body: FigureRequest) -> Layer:
    """The layer of a request, by the core alone; only sources that need no store."""
    x = resolve(body.source, DirectoryStore(Path("nowhere"), 1, 1)).astype(body.dtype)
    operation = registry()[body.chosen.spec.operation]
    built = geometry(operation, body.chosen.spec, x.shape)
    if not built.weighted:
        return Layer(operation, built, x, None, None)
    assert built.weight_shape is not None
    wanted = Wanted(built.weight_shape, built.bias_shape, built.walk.weight_shape, built.as_given, body.dtype)
    return Layer(operation, built, x, *resolve_weights(body.weights_of(body.node), wanted))


def export_of(request: Json, form: str = "svg", limits: FigureLimits | None = None) -> Export:
    """An export that has not begun."""
    body = FigureRequest.model_validate(request)
    return Export(layer_of(body), body.chosen.spec, body, body.as_text(), form=form, limits=limits)


def drawn(request: Json, form: str = "svg") -> bytes:
    """The file."""
    export = export_of(request, form)
    for piece in export.pieces():
        piece.make()
    return export.result


def cells(root: ET.Element, grid: str) -> dict[tuple[int, ...], ET.Element]:
    """The cells of one grid of a parsed SVG by position."""
    found = {}
    for element in root.iter():
        if element.get("data-grid") == grid:
            names = [name for name in ("depth", "row", "col") if element.get(f"data-{name}") is not None]
            found[tuple(int(element.get(f"data-{name}", "")) for name in names)] = element
    return found


def values(root: ET.Element, grid: str) -> np.ndarray:
    """The values of one grid of a parsed SVG; no number where a cell has none."""
    found = cells(root, grid)
    lowest = np.min(list(found), axis=0)
    array = np.full(np.max(list(found), axis=0) - lowest + 1, np.nan)
    for place, element in found.items():
        value = element.get("data-value")
        array[tuple(np.array(place) - lowest)] = np.nan if value is None else float(value)
    return array
