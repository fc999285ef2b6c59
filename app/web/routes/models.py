"""The routes of model files: POST read of an .onnx file, and POST weights. Knows requests; reads no file itself."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Request, Response

from ...code.models.file import ModelFile, read_model, unpacked
from ...core.errors import counted
from ...core.network.shapes import shapes_of
from ...data.bundle import Bundle
from ...data.matching import matched
from ...images.read.pool import Job, done_apart
from ..http.bodies import body_of
from ..http.clients import client_of
from ..http.requests import MatchRequest
from ..stream.jobs import Services
from ..stream.learning import bundle_of, kept
from .api import answers, json_answer, read, services, takes

ONNX = "application/x-onnx"
UNITS_A_SECOND = 1000  # what a second of reading costs: a unit is about a millisecond
Json = dict[str, Any]
MODEL = Job(
    "model",
    "model",
    "reading",
    "Export the part of the model that matters.",
    "its reader fails on it, or it takes more memory than this server gives to a model",
    "Export the model again, or paste its code.",
    read_model.__module__,
    read_model.__name__,
)

router = APIRouter(prefix="/api/v1", tags=["code"])


async def read_file(request: Request, served: Services) -> Response:
    """The layers of an .onnx file in the body, and its weights kept as one bundle."""
    served.compute.admit()
    most = served.settings.model_bytes
    body = await body_of(request, most, served.admission)
    took = 0.0

    def apart() -> ModelFile:
        nonlocal took
        begun = time.perf_counter()
        try:
            return unpacked(done_apart(MODEL, body, served.limits))
        finally:
            took = time.perf_counter() - begun

    try:
        found = await served.compute.decode(apart)
    finally:
        await served.admission.charge_after(took * UNITS_A_SECOND)
    answer: Json = {"layers": found.layers, **found.about, "weights": None}
    if found.tensors:
        bundle = Bundle(found.tensors)
        if bundle.nbytes > most:
            answer["notes"].append(
                f"Its weights are {counted(bundle.nbytes, 'byte')}, and at most {most:,} are kept here: they are drawn."
            )
        else:
            stored = await kept(served, bundle, client_of(request))
            if stored["id"] is None:
                answer["notes"].append(f"Its weights are not kept: {stored['problem']['detail']}")
            else:
                answer["weights"] = {"kind": "stored", "id": stored["id"]}
                answer["expires"] = stored["expires"]
    return json_answer(answer)


@router.post(
    "/weights",
    summary="Kept tensors as the weights of a network",
    openapi_extra=takes(MatchRequest),
    responses=answers(400, 404, 413, 422, 507),
)
async def weights(request: Request) -> Response:
    """Match a bundle that POST bundles kept to layers, by name and shape, and say what fits and what does not.

    Names of PyTorch and Keras are known, and what has another name is taken in its order where its shape fits. The id
    answered is that of ``{"kind": "stored"}`` weights.
    """
    served = services(request)
    body = await read(MatchRequest, request, served)
    served.compute.admit()
    given = await bundle_of(served, body.bundle, "/bundle")
    shapes = shapes_of(body.network, tuple(body.input_shape))
    found = await served.compute.run(given.nbytes, lambda: matched(shapes, given.arrays))
    answer: Json = {
        "weights": None,
        "fits": found.fits,
        "unfit": found.unfit,
        "missing": found.missing,
        "left_over": found.left_over,
    }
    if found.arrays:
        stored = await kept(served, Bundle(found.arrays), client_of(request))
        if stored["id"] is not None:
            answer["weights"] = {"kind": "stored", "id": stored["id"]}
            answer["expires"] = stored["expires"]
    return json_answer(answer)
