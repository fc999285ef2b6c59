"""The routes that compute no output: plans of layers and networks, and fields. Knows requests and answers."""

from __future__ import annotations

from typing import Any

import anyio
from fastapi import APIRouter, Request, Response

from ...core.errors import Problem, TooMany, Unfit
from ...core.network.fields import Cell, field_work, fields_of
from ...core.network.shapes import shapes_of
from ...core.plan import PLAN_VERSION, tries
from ..http.requests import FieldRequest, PlanRequest, PlansRequest
from ..server.admission import PLAN_COST, TRY_COST
from ..stream import costs
from ..stream.jobs import Services
from ..stream.networks import network_plan
from .api import answers, json_answer, read, services, takes

PLANS_A_UNIT = 8  # further layers of one plan, none of which says what would be allowed
PLAN_BYTES = 8_000  # of a plan as JSON, about

router = APIRouter(prefix="/api/v1")


@router.post(
    "/plan",
    tags=["compute"],
    openapi_extra=takes(PlanRequest),
    summary="Everything known before any arithmetic",
    responses=answers(400, 404, 413, 422),
)
async def plan(request: Request) -> Response:
    """Shapes, footprints, the worked formula, cost, cells never read, and the values that would be valid."""
    served = services(request)
    body = await read(PlanRequest, request, served)
    await served.admission.charge(PLAN_COST)
    return json_answer(await _planned(body, served))


@router.post(
    "/plans",
    tags=["compute"],
    openapi_extra=takes(PlansRequest),
    summary="Many plans at once",
    responses=answers(400, 413, 422),
)
async def plans(request: Request) -> Response:
    """What POST plan answers, for each of a list; a plan that is refused has its ``problem`` in its place."""
    served = services(request)
    body = await read(PlansRequest, request, served)
    served.compute.admit()
    await served.admission.charge(PLAN_COST * len(body.plans))
    found: list[dict[str, Any]] = []
    for one in body.plans:
        try:
            found.append(await _planned(one, served))
        except Problem as problem:
            if problem.status >= 500 or isinstance(problem, TooMany):
                raise
            found.append({"problem": problem.to_json()})
        await anyio.lowlevel.checkpoint()
    size = PLAN_BYTES * len(found)
    return await served.compute.read(size, lambda: json_answer({"version": PLAN_VERSION, "plans": found}))


async def _planned(body: PlanRequest, served: Services) -> dict[str, Any]:
    shapes = shapes_of(body.network, await shape_of(body, served))
    tables = sum(costs.plan_work(placed.geometry) for placed in shapes.placed.values())
    await served.admission.charge(PLAN_COST * (len(body.layers) - 1) / PLANS_A_UNIT)
    await served.admission.charge_work(tables)
    if body.node is not None:
        given = shapes.placed[body.node.name].input_shape
        await served.admission.charge(TRY_COST * tries(body.node.operation, given))
    return await network_plan(served, shapes, body.node)


async def shape_of(body: PlanRequest | FieldRequest, served: Services) -> tuple[int, ...]:
    """The shape that is given, or that of the source."""
    if (body.input_shape is None) == (body.source is None):
        raise Unfit(
            "input_shape",
            body.input_shape,
            "a plan needs exactly one of input_shape and source",
            "Give one of them.",
            pointer="/input_shape",
        )
    if body.source is not None:
        return await served.shape_of(body.source)
    assert body.input_shape is not None
    return body.input_shape


@router.post(
    "/field",
    tags=["compute"],
    openapi_extra=takes(FieldRequest),
    summary="The cells of each layer that a cell depends on, or reaches",
    responses=answers(400, 404, 413, 422),
)
async def field(request: Request) -> Response:
    """The cells of each other layer, and of the input, as runs ``[first, length]`` of flattened indices.

    They are exact: through every operation, padding and branch, a cell is told when its value matters for the cell
    asked for, or would come into it as NaN.
    """
    served = services(request)
    body = await read(FieldRequest, request, served)
    await served.admission.charge(PLAN_COST)
    shapes = shapes_of(body.network, await shape_of(body, served))
    place = tuple(body.cell)
    channel = None
    if body.channels:
        channel, *rest = body.cell
        place = tuple(rest)
    cell = Cell(body.asked or body.network.last.name, place, channel)
    work = field_work(shapes, cell, body.direction, channels=body.channels)
    await served.admission.charge_work(work)

    def follow() -> Response:
        found = fields_of(shapes, cell, body.direction, counts=body.counts, channels=body.channels)
        return json_answer({"version": PLAN_VERSION, "fields": found.to_json()})

    return await served.compute.run(work, follow)
