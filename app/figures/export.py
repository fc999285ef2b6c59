"""From a layer and a request's options to a file: refuses first, then works in bounded pieces. Knows no HTTP.

Every limit is checked from numbers of cells, frames and pixels before anything is replayed or drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..core.errors import TooLarge, Unfit
from ..core.spec import LayerSpec
from ..core.stamps import scatter_of
from ..core.trace import Layer
from ..core.walk import Walk
from .about import About, about
from .marks import Figure
from .options import FigureOptions
from .scene import Scene
from .shown import Replay, input_spans, output_spans
from .svg import svg

MEDIA_TYPES = {
    "svg": "image/svg+xml",
    "json": "application/json",
}
ENDINGS = {"svg": "svg", "json": "json"}


@dataclass(frozen=True, slots=True)
class FigureLimits:
    """How large an export may be; every refusal names one of these numbers."""

    cells: int = 10_000  # cells drawn in one picture
    work: int = 20_000_000  # products (or comparisons) that are replayed


@dataclass(frozen=True, slots=True)
class Piece:
    """A bounded piece of an export: the work that it takes, and how it is done."""

    work: int
    make: Callable[[], None]


class Export:
    """One figure on its way into a file. Creating it refuses what is too large; after that nothing is refused."""

    def __init__(
        self,
        layer: Layer,
        spec: LayerSpec,
        options: FigureOptions,
        request: str,
        *,
        form: str,
        picture: bool = False,
        limits: FigureLimits | None = None,
    ) -> None:
        self.layer, self.spec, self.options, self.request, self.form = layer, spec, options, request, form
        self.limits = limits or FigureLimits()
        self.scattering = options.walk == "scatter"
        self.walk = scatter_of(layer) if self.scattering else layer.geometry.walk
        self.look = options.look(picture=picture)
        self.channel = self._channel()
        self.step = self._step()
        self._check_size()
        self.result = b""
        self.about: About | None = None

    # ------------------------------------------------------------------------------------- refusals

    def _channel(self) -> int:
        walk, lane, channel = self.walk, self.options.lane, self.options.channel
        if lane >= walk.lanes:
            raise Unfit(
                "lane",
                lane,
                f"the output has {walk.lanes} channels",
                f"Use 0 to {walk.lanes - 1}.",
                pointer="/lane",
            )
        first = lane // walk.lanes_per_group * walk.channels_per_group
        if channel is None:
            return first
        last = first + walk.channels_per_group - 1
        if not first <= channel <= last:
            use = f"Use {first}." if first == last else f"Use {first} to {last}."
            reason = f"output channel {lane} does not read this input channel"
            raise Unfit("channel", channel, reason, use, pointer="/channel")
        return channel

    def _step(self) -> int | None:
        step = self.options.step
        if step == "final":
            return None
        if step >= self.walk.steps:
            raise Unfit(
                "step",
                step,
                f"the walk has {self.walk.steps:,} steps",
                f"Use 0 to {self.walk.steps - 1}, or final.",
                pointer="/step",
            )
        return step

    def _check_size(self) -> None:
        cells = drawn_cells(self.walk)
        if cells > self.limits.cells:
            raise TooLarge(
                "figure",
                f"{cells:,} cells",
                f"a figure draws at most {self.limits.cells:,} cells",
                "Use a smaller input.",
            )
        work = replay_work(self.layer, self.walk)
        if work > self.limits.work:
            raise TooLarge(
                "figure",
                f"{work:,} operations",
                f"a figure replays at most {self.limits.work:,}",
                "Use a smaller kernel, fewer channels or a smaller input.",
            )

    # ------------------------------------------------------------------------------------- work

    @property
    def media_type(self) -> str:
        """What the file is."""
        return MEDIA_TYPES[self.form]

    @property
    def name(self) -> str:
        """A name for the file."""
        step = "final" if self.step is None else f"step-{self.step}"
        return f"{self.layer.operation.name}-{step}.{ENDINGS[self.form]}"

    def pieces(self) -> Iterator[Piece]:
        """All the work, none of it done yet; ``result`` holds the file afterwards."""
        work = replay_work(self.layer, self.walk) + 2_000 * drawn_cells(self.walk)
        yield Piece(work, self._still)

    def _still(self) -> None:
        replay = Replay(self.layer, self.options.lane, self.channel, scattering=self.scattering)
        self.about = about(replay.at(self.step), self.spec, self.request, self.options.title)
        if self.form == "json":
            return
        self.result = self._written(Scene(replay, self.look).figure(self.step), self.about)

    def _written(self, figure: Figure, told: About) -> bytes:
        return svg(figure, told)


def drawn_cells(walk: Walk) -> int:
    """Cells of the padded input's plane and of an output map: what one picture draws."""
    grids = (input_spans(walk), output_spans(walk))
    return sum(math.prod(span.count for span in spans) for spans in grids)


def replay_work(layer: Layer, walk: Walk) -> int:
    """Products of one lane's walk."""
    gather = layer.geometry.walk
    return gather.steps * gather.channels_per_group * gather.taps + walk.steps * layer.geometry.walk.taps
