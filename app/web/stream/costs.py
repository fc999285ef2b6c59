"""The costs of a request's parts, predicted before the work, in elementary operations of 0.2 ns. Knows no route.

``python -m benchmarks.charges`` holds these numbers against processor time.
"""

from __future__ import annotations

import math

from ...core.engine.indices import index_work
from ...core.engine.trace import PIECE_WORK
from ...core.geometry import Geometry
from ...core.walk.walk import Table
from ...core.weights import MIXED, PresetWeights, Weights
from ...images.sources import NoiseSource
from ..http.requests import FramesRequest, RunRequest, TensorRequest

# Of one number, or cell, or pixel.
NOISE = 60
WIDENED = 5  # to float64
COPIED_WEIGHT = 20
DRAWN = {
    "sobel_vertical": 400,
    "sobel_horizontal": 400,
    "gaussian": 150,
    "mixed": 300,
}  # of a preset's pattern
DRAWN_OTHERWISE = 100
RANDOM = 140
AS_JSON = 600
AS_NPY = 45
AS_CODE = 20_000_000  # of a whole snippet
AS_PNG = 420
AS_FRAMES = 60
AS_LINES = 700
HELD = 60  # of an input whose steps are streamed
TABLE_STEP = 13_000  # of a plan, which lists it


def scale(request: TensorRequest) -> int:
    """How many times as much everything is in the request's numbers as in float32."""
    return 2 if request.dtype == "float64" else 1


def tensors_work(request: TensorRequest, built: Geometry, source_shape: tuple[int, ...] | None = None) -> int:
    """The work of making the input and a layer's weight before anything runs; pictures are decoded elsewhere."""
    cells = math.prod(source_shape or built.walk.input_shape)
    work = cells * NOISE if isinstance(request.source, NoiseSource) else 0
    work += cells * WIDENED * (scale(request) - 1)
    return work + (weights_work(request.weights_of(request.node), built) if built.weighted else 0)


def weights_work(weights: Weights, built: Geometry) -> int:
    """The work of making a layer's weight."""
    numbers = math.prod(built.walk.weight_shape)
    work = numbers * COPIED_WEIGHT
    if isinstance(weights, PresetWeights) and weights.name == "random":
        work += numbers * RANDOM
    elif isinstance(weights, PresetWeights):
        patterns = min(built.walk.lanes, len(MIXED)) if weights.name == "mixed" else 1
        work += patterns * built.walk.taps * DRAWN.get(weights.name, DRAWN_OTHERWISE)
    return work


def run_work(request: TensorRequest, built: Geometry) -> int:
    """One run of the layer."""
    return built.work * scale(request)


def answer_work(request: RunRequest, built: Geometry, number: int) -> int:
    """A run and its answer, ``number`` operations for each number of it; JSON holds what was asked for."""
    walk = built.walk
    cells = walk.lanes * walk.steps
    work = run_work(request, built)
    if number != AS_JSON:
        return work + cells * number * scale(request)
    sizes = {
        "output": cells,
        "indices": cells if built.combination.selects else 0,
        "input": math.prod(walk.input_shape),
        "weight": math.prod(built.weight_shape or (0,)),
    }
    work += sum(sizes.get(name, 0) for name in set(request.include)) * number
    return work + (index_work(walk) if "indices" in request.include and sizes["indices"] else 0)


def frames_work(request: FramesRequest, built: Geometry, number: int = AS_FRAMES) -> int:
    """The steps that are wanted, for the lanes that are, and what is sent of them and before them."""
    walk = built.walk if request.walk == "gather" or built.scatter is None else built.scatter
    stamping = walk is built.scatter
    count = max(0, walk.steps - request.first)
    count = count if request.count is None else min(count, request.count)
    lanes = walk.lanes if request.lanes is None else min(len(request.lanes), walk.lanes)
    rows = walk.steps // walk.step_shape[0]
    share = min(1.0, (count + rows) / walk.steps) * lanes / walk.lanes
    planes = lanes * (built.walk.taps if stamping else 1)
    if request.window:
        groups = min(walk.groups, lanes)
        planes += groups * walk.channels_per_group * (1 if stamping else walk.taps)
    numbers = planes * count
    computing = run_work(request, built)
    work = max(computing * share, min(computing, PIECE_WORK)) + math.prod(walk.input_shape) * HELD
    if stamping:
        work += run_work(request, built) * lanes / walk.lanes * (request.first > 0)
        numbers += lanes * math.prod(built.output_shape[1:])
    numbers += math.prod(walk.input_shape) * request.input
    numbers += math.prod(built.weight_shape or (0,)) * request.weight
    return int(work + numbers * number * scale(request))


def plan_work(built: Geometry) -> int:
    """Entries that a plan lists one by one."""
    return sum(axis.steps * TABLE_STEP for axis in built.walk.axes if isinstance(axis.reads, Table))
