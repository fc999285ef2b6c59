"""Checks of a request: what it names must exist, and not be too much. Counts and refuses; replays and draws nothing."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..core.engine.stamps import scatter_of
from ..core.engine.trace import Layer
from ..core.errors import TooLarge, Unfit, counted
from ..core.walk.walk import Walk
from .content.shown import input_spans, output_spans
from .layout.arrangement import Arrangement
from .layout.looks import Look
from .layout.strip import LABEL
from .options import FigureOptions
from .writers.formats import FORMATS
from .writers.raster import size_in_pixels


@dataclass(frozen=True, slots=True)
class FigureLimits:
    """How large an export may be; every refusal names one of these numbers."""

    cells: int = 10_000  # cells drawn in one picture
    work: int = 5_000_000  # products that are replayed
    pixels: int = 40_000_000  # of one picture
    frames: int = 600  # of an animation
    frame_cells: int = 400_000  # cells of all frames together
    frame_pixels: int = 200_000_000  # pixels of all frames together


class Settled(NamedTuple):
    """A request, resolved: the watched walk, the input channel, the step or the steps."""

    walk: Walk
    channel: int
    step: int | None
    steps: Sequence[int]


def _moves(form: str) -> bool:
    return FORMATS[form].kind == "moving"


def settled(layer: Layer, options: FigureOptions, look: Look, form: str, limits: FigureLimits) -> Settled:
    """Resolve a request; raises Unfit where it names something that is not there, TooLarge where it is too much."""
    scattering = options.walk == "scatter"
    walk = scatter_of(layer) if scattering else layer.geometry.walk
    channel = _channel(walk, options)
    step = _step(walk, options)
    steps = _several(walk, options, form)
    _check_cells(layer, walk, steps, form, limits)
    if FORMATS[form].pixels:
        _check_pixels(
            pixel_size(layer, walk, look, options, () if _moves(form) else steps), steps, form, limits
        )
    return Settled(walk, channel, step, steps)


def _channel(walk: Walk, options: FigureOptions) -> int:
    lane, channel = options.lane, options.channel
    if lane >= walk.lanes:
        reason, remedy = f"the output has {counted(walk.lanes, 'channel')}", f"Use 0 to {walk.lanes - 1}."
        raise Unfit("lane", lane, reason, remedy, pointer="/lane")
    mine = range(*walk.channels_of(lane // walk.lanes_per_group).indices(walk.channels))
    first, last = mine[0], mine[-1]
    if channel is None:
        return first
    if channel not in mine:
        every = f" by {mine.step}s" if mine.step > 1 else ""
        use = f"Use {first}." if first == last else f"Use {first} to {last}{every}."
        reason = f"output channel {lane} does not read this input channel"
        raise Unfit("channel", channel, reason, use, pointer="/channel")
    return channel


def _step(walk: Walk, options: FigureOptions) -> int | None:
    step = options.step
    if step == "final":
        return None
    if step >= walk.steps:
        reason, remedy = (
            f"the walk has {counted(walk.steps, 'step')}",
            f"Use 0 to {walk.steps - 1}, or final.",
        )
        raise Unfit("step", step, reason, remedy, pointer="/step")
    return step


def _several(walk: Walk, options: FigureOptions, form: str) -> Sequence[int]:
    """The steps of an animation or a film strip; none for a single picture."""
    if options.steps is None:
        return range(walk.steps) if _moves(form) else ()
    steps = options.steps.of(walk.steps)
    if not steps:
        reason, remedy = f"the walk has {counted(walk.steps, 'step')}", f"Use a first below {walk.steps}."
        raise Unfit("steps", options.steps.first, reason, remedy, pointer="/steps/first")
    return steps


def _check_cells(layer: Layer, walk: Walk, steps: Sequence[int], form: str, limits: FigureLimits) -> None:
    cells, work = drawn_cells(layer, walk), replay_work(layer, walk)
    if work > limits.work:
        raise TooLarge(
            "figure",
            counted(work, "operation"),
            f"a figure replays at most {limits.work:,}",
            "Use a smaller kernel, fewer channels or a smaller input.",
        )
    if cells > limits.cells:
        reason = f"a figure draws at most {counted(limits.cells, 'cell')}"
        raise TooLarge("figure", counted(cells, "cell"), reason, "Use a smaller input.")
    fewer = "Show fewer steps: use every, or count."
    if _moves(form) and len(steps) > limits.frames:
        reason = f"an animation has at most {counted(limits.frames, 'frame')}"
        raise TooLarge("steps", counted(len(steps), "frame"), reason, fewer)
    most = limits.frame_cells if _moves(form) else limits.cells
    if cells * len(steps) > most:
        what = "all frames together draw" if _moves(form) else "a figure draws"
        reason = f"{what} at most {counted(most, 'cell')}"
        raise TooLarge("steps", counted(cells * len(steps), "cell"), reason, fewer)


def _check_pixels(size: tuple[int, int], steps: Sequence[int], form: str, limits: FigureLimits) -> None:
    width, height = size
    remedy = "Use fewer dots per inch, or a smaller width."
    if width * height > limits.pixels:
        reason = f"a picture may have {counted(limits.pixels, 'pixel')} here"
        raise TooLarge("dpi", f"{width:,} × {height:,} pixels", reason, remedy)
    if _moves(form) and width * height * len(steps) > limits.frame_pixels:
        raise TooLarge(
            "dpi",
            f"{counted(len(steps), 'frame')} of {width:,} × {height:,} pixels",
            f"all frames together may have {counted(limits.frame_pixels, 'pixel')} here",
            "Use fewer dots per inch, a smaller width or fewer steps.",
        )


def pixel_size(
    layer: Layer, walk: Walk, look: Look, options: FigureOptions, steps: Sequence[int]
) -> tuple[int, int]:
    """Pixels of a picture whose sum takes all its lines: from counts of cells alone, nothing is replayed for it."""
    scattering = options.walk == "scatter"
    if not steps:
        arranged = Arrangement(layer, walk, look, scattering=scattering)
        return size_in_pixels(arranged.width, arranged.tallest(), options.dpi)
    columns = min(options.steps.columns if options.steps else 1, len(steps))
    small = dataclasses.replace(look, width_mm=look.width_mm / columns, parts=look.parts - {"sum"})
    arranged = Arrangement(layer, walk, small, scattering=scattering)
    height = -(-len(steps) // columns) * (arranged.tallest() + LABEL * look.font_pt)
    return size_in_pixels(arranged.width * columns, height, options.dpi)


def drawn_cells(layer: Layer, walk: Walk) -> int:
    """Cells of the padded input's plane, of the kernel's and of an output map: what one picture draws."""
    grids = (input_spans(walk), output_spans(walk))
    cells = sum(math.prod(span.count for span in spans) for spans in grids)
    return cells + (layer.geometry.walk.taps if layer.geometry.weighted else 0)


def replay_work(layer: Layer, walk: Walk) -> int:
    """Products of one lane's walk, and of its stamps where those are watched."""
    gather = layer.geometry.walk
    stamps = walk.steps * gather.taps if walk is not gather else 0
    return gather.channels_per_group * (gather.steps * gather.taps + stamps)
