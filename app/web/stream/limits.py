"""Limits of inputs and layers, checked before any work. Knows settings and geometry, no request."""

from __future__ import annotations

import math

from ...core.errors import TooLarge, counted
from ...core.geometry import Geometry
from ...core.network.shapes import times
from ...settings import Settings
from ..http.requests import ChosenLayer


def check_input(shape: tuple[int, ...], settings: Settings) -> None:
    """Refuse an input larger than the limit."""
    if math.prod(shape) > settings.input_cells:
        raise TooLarge(
            "source",
            times(shape),
            f"an input may have {counted(settings.input_cells, 'cell')} here",
            "Use a smaller working size or fewer channels.",
            math.prod(shape) / settings.input_cells,
        )


def check_cost(built: Geometry, settings: Settings, chosen: ChosenLayer) -> None:
    """Refuse a run whose predicted size or work is over the limit, before any of it is done."""
    spec, walk = chosen.spec, built.walk
    cells = walk.lanes * walk.steps
    if cells > settings.output_cells:
        factor = getattr(spec, "factor", None)
        if factor is not None and getattr(spec, "size", None) is None:
            raise TooLarge(
                "factor",
                factor,
                f"the output would be {times(built.output_shape)} "
                f"and may have {counted(settings.output_cells, 'cell')} here",
                "Use a smaller factor or a smaller input.",
                cells / settings.output_cells,
                pointer=chosen.pointer("factor"),
            )
        raise TooLarge(
            "output",
            times(built.output_shape),
            f"an output may have {counted(settings.output_cells, 'cell')} here",
            "Use fewer filters, a larger stride or a smaller input.",
            cells / settings.output_cells,
            pointer=chosen.pointer(),
        )
    if math.prod(built.padded_shape) > 4 * settings.input_cells:
        raise TooLarge(
            "padding",
            times(built.padded_shape),
            f"a padded input may have {counted(4 * settings.input_cells, 'cell')} here",
            "Use less padding or a smaller input.",
            math.prod(built.padded_shape) / (4 * settings.input_cells),
            pointer=chosen.pointer("padding"),
        )
    if built.weighted and math.prod(walk.weight_shape) > settings.input_cells:
        raise TooLarge(
            "weights",
            times(walk.weight_shape),
            f"a weight may have {counted(settings.input_cells, 'number')} here",
            "Use fewer filters, a smaller kernel or more groups.",
            math.prod(walk.weight_shape) / settings.input_cells,
            pointer=chosen.pointer(),
        )
    if built.operations > settings.work:
        raise TooLarge(
            "layers",
            counted(built.operations, "operation"),
            f"one run may take {settings.work:,} here",
            "Use fewer filters, a smaller kernel, a larger stride or a smaller input.",
            built.operations / settings.work,
            pointer=chosen.pointer(),
        )
