"""From a request to a layer that runs, and from a layer to frames. Knows the services of one server, no socket."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from pydantic_core import to_json

from ...core.engine.stamps import Stamps, scatter_of
from ...core.engine.trace import Layer, Trace
from ...core.errors import TooLarge, Unfit, counted
from ...core.geometry import Geometry
from ...core.network.forward import Activations
from ...core.network.shapes import shapes_of
from ...core.operation import Operation
from ...core.plan import PLAN_VERSION, plan_layer
from ...core.spec import LARGEST_SHAPE
from ...core.walk.walk import blocks
from ...images.read.limits import Limits
from ...images.sources import NoiseSource, Source, ValueSource, resolve
from ...images.store.open import open_blobs
from ...images.store.store import Store
from ...lessons.library import Library
from ...link.pictures import Pictures
from ...link.short import LINKS, ShortLinks
from ...settings import Settings
from ..http.draining import Drain
from ..http.frame_keys import FrameKeys
from ..http.requests import FramesRequest, TensorRequest
from ..server.admission import Admission
from ..server.buckets import open_buckets
from ..server.compute import Compute
from ..server.metrics import Metrics
from . import costs, protocol
from .limits import check_input
from .networks import Seen, check_network, layer_in, work_before
from .shared import Experiments

Array = NDArray[np.floating]

DRAIN_JOBS = 0.4  # the share of the time to stop that jobs have; requests have the rest


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one server: settings, upload store, threads, limits, counts, and how it stops."""

    settings: Settings
    limits: Limits
    store: Store
    compute: Compute
    metrics: Metrics
    drain: Drain
    admission: Admission
    frame_keys: FrameKeys
    activations: Activations
    links: ShortLinks
    pictures: Pictures
    lessons: Library
    experiments: Experiments

    @classmethod
    def of(cls, settings: Settings) -> Services:
        """The services that settings ask for."""
        metrics = Metrics()
        compute = Compute(metrics, settings.threads, settings.queue)
        store = Store(
            open_blobs(settings.uploads, private=settings.uploads_private),
            settings.store_bytes,
            settings.store_age_s,
            owner_bytes=settings.client_bytes,
            owner_count=settings.client_uploads,
            access=metrics.store_access,
        )
        return cls(
            settings,
            settings.image_limits(),
            store,
            compute,
            metrics,
            Drain(metrics, settings.drain_notice_s, settings.drain_s * DRAIN_JOBS),
            Admission(settings, open_buckets(settings.uploads, settings.client_rate, settings.client_burst)),
            FrameKeys(lambda: compute.ask(store.secret)),
            Activations(settings.activation_bytes),
            ShortLinks(
                open_blobs(settings.uploads, private=settings.uploads_private, kind=LINKS),
                settings.links_bytes,
                owner_count=settings.client_links,
            ),
            Pictures(settings.picture_bytes),
            Library(settings.lessons),
            Experiments(),
        )

    async def input_of(self, source: Source) -> Array:
        """The input array (channels, *sizes) of a source, read-only."""
        if isinstance(source, ValueSource):
            x = resolve(source, self.store, self.limits)
        else:
            x = await self.compute.load(lambda: resolve(source, self.store, self.limits))
        check_input(x.shape, self.settings)
        return x

    async def shape_of(self, source: Source) -> tuple[int, ...]:
        """The shape of a source; nothing is drawn for noise."""
        if isinstance(source, NoiseSource) and max(source.shape) <= LARGEST_SHAPE:
            return source.shape
        return tuple((await self.input_of(source)).shape)

    async def layer_of(
        self,
        request: TensorRequest,
        work: Callable[[Geometry], int] | None = None,
        *,
        begun: bool = False,
        seen: Seen | None = None,
    ) -> Layer:
        """A layer with all its tensors; every refusal of a request comes from here, before any work.

        ``work`` says what is done with it, where that is not one run; it is charged with what the tensors take.
        A job that has ``begun`` is let in and was paid for: it only has its tensors made again. ``seen`` is told of
        each layer that runs.
        """
        if not begun:
            self.compute.admit()
        x = await self.input_of(request.source)
        if x.dtype != request.dtype:
            x = x.astype(request.dtype)
        request.check_weights()
        shapes = shapes_of(request.network, x.shape)
        chosen = request.node
        check_network(shapes, chosen, self.settings)
        built = shapes.placed[chosen.name].geometry
        if not begun:
            own = costs.run_work(request, built) if work is None else work(built)
            own += work_before(request, shapes)
            await self.admission.charge_work(own + costs.tensors_work(request, built, x.shape))
        return await layer_in(self, request, x, shapes, begun=begun, seen=seen)


def carried(layer: Mapping[str, Any], operation: Operation) -> dict[str, Any]:
    """Those of a layer's settings that another operation takes as well."""
    taken: dict[str, Any] = {"operation": operation.name}
    for name, value in layer.items():
        if name in operation.spec.model_fields and name != "operation":
            try:
                operation.spec.model_validate({**taken, name: value})
            except ValidationError:
                continue
            taken[name] = value
    return taken


@dataclass(frozen=True, slots=True)
class Piece:
    """One frame yet to be made: the work that making it takes, and how."""

    work: int
    make: Callable[[], bytes]


class Frames:
    """The frames of one job, in order: tensors when asked for, then blocks of steps.

    The same object feeds the socket and POST frames. Creating it refuses what cannot be sent; after that
    nothing is refused.
    """

    def __init__(self, layer: Layer, request: FramesRequest, job: int = 0) -> None:
        self.layer = layer
        self.request = request
        self.job = job
        self.sequence = 0
        self.stamping = request.walk == "scatter"
        walk = scatter_of(layer) if self.stamping else layer.geometry.walk
        lanes = request.lanes if request.lanes is not None else tuple(range(walk.lanes))
        if max(lanes) >= walk.lanes:
            raise Unfit(
                "lanes",
                max(lanes),
                f"the output has {counted(walk.lanes, 'channel')}",
                f"Use 0 to {walk.lanes - 1}.",
            )
        if request.first > walk.steps:
            raise Unfit(
                "first",
                request.first,
                f"the walk has {counted(walk.steps, 'step')}",
                f"Use 0 to {walk.steps - 1}.",
            )
        self.last = walk.steps if request.count is None else min(walk.steps, request.first + request.count)
        made = Stamps if self.stamping else Trace
        self.trace: Stamps | Trace = made(layer, lanes, window=request.window)
        self.planes = self.trace.planes
        self.steps_per_frame = protocol.steps_per_frame(self.planes, layer.x.itemsize)
        if not self.steps_per_frame:
            raise TooLarge(
                "window" if request.window else "lanes",
                f"{counted(self.planes, 'number')} a step",
                f"a frame holds {protocol.FRAME_BYTES // 1024} KiB and would not hold one step",
                "Ask for fewer lanes, or without the window.",
            )

    def plan(self) -> dict[str, Any]:
        """The message that comes first."""
        layer = plan_layer(
            self.layer.operation, self.request.chosen.spec, self.layer.geometry.walk.input_shape
        )
        return {"type": "plan", "job": self.job, "plan": {"version": PLAN_VERSION, "layers": [layer]}}

    def end(self) -> dict[str, Any]:
        """The message that comes last."""
        steps = max(0, self.last - self.request.first)
        return {"type": "end", "job": self.job, "first": self.request.first, "steps": steps}

    def pieces(self, skip: int = 0) -> Iterator[Piece]:
        """All frames but the first ``skip``, none made yet."""
        return itertools.islice(self._pieces(), skip, None)

    def _pieces(self) -> Iterator[Piece]:
        if self.request.input:
            yield from self._tensor(protocol.Kind.INPUT, self.layer.x)
        if self.request.weight and self.layer.weight is not None:
            yield from self._tensor(protocol.Kind.WEIGHT, self.layer.weight)
            if self.layer.bias is not None:
                yield from self._tensor(protocol.Kind.BIAS, self.layer.bias)
        first, shape = self.request.first, self.trace.walk.step_shape
        if isinstance(self.trace, Stamps):
            yield from self._partial(self.trace, first)
        early = min(self.last, first + min(protocol.FIRST_STEPS, self.steps_per_frame))
        for start, stop in ((first, early), (early, self.last)):
            for block in blocks(shape, start, stop, self.steps_per_frame):
                work = self.trace.pending_work(block)
                yield Piece(work, lambda block=block: self._steps(block))  # type: ignore[misc]

    def _steps(self, block: Any) -> bytes:
        buffer = protocol.FrameBuffer(self.planes, block.count, self.layer.x.dtype)
        self.trace.columns(block, buffer.planes)
        last = block.first + block.count == self.last
        kind = protocol.Kind.STAMPS if self.stamping else protocol.Kind.STEPS
        return self._finish(buffer, kind, last, block.first, block.count, self.trace.value_planes)

    def _partial(self, stamps: Stamps, first: int) -> Iterator[Piece]:
        """The output before a step, some rows of all lanes after the other: the first frame takes a piece of it."""
        before = stamps.before(first)
        cells = math.prod(before.shape)
        row_cells = cells // before.shape[0]
        most = protocol.TARGET_BYTES // self.layer.x.itemsize
        held: dict[int, Array] = {}  # by its first row, the band that is being sent

        def make(rows: slice, index: int, start: int) -> bytes:
            if rows.start not in held:
                held.clear()
                held[rows.start] = before.values(rows).reshape(len(stamps.lanes), -1)
            part = held[rows.start][index, start : start + most]
            buffer = protocol.FrameBuffer(1, len(part), part.dtype)
            buffer.planes[0] = part
            place = index * cells + rows.start * row_cells + start
            last = place + len(part) == len(stamps.lanes) * cells
            return self._finish(buffer, protocol.Kind.PARTIAL, last, place, len(part), 1)

        for rows in before.bands():
            for index in range(len(stamps.lanes)):
                for start in range(0, (rows.stop - rows.start) * row_cells, most):
                    work = most if rows.start in held else before.work(rows)
                    yield Piece(work, lambda rows=rows, index=index, start=start: make(rows, index, start))  # type: ignore[misc]

    def _tensor(self, kind: protocol.Kind, tensor: Array) -> Iterator[Piece]:
        flat = tensor.reshape(-1)
        most = protocol.TARGET_BYTES // flat.itemsize

        def make(start: int) -> bytes:
            part = flat[start : start + most]
            buffer = protocol.FrameBuffer(1, len(part), flat.dtype)
            buffer.planes[0] = part
            return self._finish(buffer, kind, start + most >= len(flat), start, len(part), 1)

        for start in range(0, len(flat), most):
            yield Piece(most, lambda start=start: make(start))  # type: ignore[misc]

    def _finish(
        self,
        buffer: protocol.FrameBuffer,
        kind: protocol.Kind,
        last: bool,
        first: int,
        count: int,
        lanes: int,
    ) -> bytes:
        stepping = kind in (protocol.Kind.STEPS, protocol.Kind.STAMPS)
        windows = self.trace.window_planes if stepping else 0
        code = protocol.dtype_code(buffer.planes)
        header = protocol.Header(kind, code, last, self.job, self.sequence, first, count, lanes, windows)
        self.sequence = (self.sequence + 1) % 2**32
        return buffer.finish(header)


def text(message: dict[str, Any]) -> str:
    """A message as JSON text."""
    return to_json(message, inf_nan_mode="strings").decode()
