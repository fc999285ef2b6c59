"""The routes of learning: data sets, own examples, gradients, training, bundles. Knows requests and answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Path, Query, Request, Response
from numpy.typing import NDArray
from pydantic_core import to_json

from ...code.write.snippet import Snippet
from ...code.write.training import REPEATED, repeated
from ...core.errors import NotFound, Problem, TooLarge, Unfit, Unsupported, counted
from ...core.learning.dropping import masks
from ...core.learning.inspection import inspected
from ...core.learning.loop import Training
from ...core.network.backward import SourceGradient
from ...core.network.parameters import statistics_of
from ...core.network.shapes import Shapes, shapes_of, times
from ...data.bundle import Bundle, as_pixels, npz_bytes, of_pixels, read_bundle, safetensors_bytes
from ...data.own import bundled
from ...data.table import MOST_BYTES, Reading, bundled_table, read_table
from ...images.store.claims import new_claim, token_of
from ..http.answering import Piecewise, hold
from ..http.bodies import body_of
from ..http.clients import client_of
from ..http.training import ExamplesRequest, GradientRequest, OwnExamples, StepRequest, TrainRequest
from ..server.admission import ALLOWANCE
from ..stream import costs
from ..stream.jobs import Services
from ..stream.learning import (
    Course,
    examples_bundle,
    examples_for,
    prepare,
    with_variants,
)
from ..stream.networks import check_network, named, tensors_of
from ..stream.recent import course_at, keep
from ..stream.shared import Item, Reader, items_of, key_of, shared_course
from ..stream.training_costs import BACK, check_step, step_work
from .api import BINARY, FILE, JSON, LINES, accepted, answers, json_answer, read, services, takes

router = APIRouter(prefix="/api/v1")

Array = NDArray[np.floating]
Json = dict[str, Any]

NPZ = "application/x-npz"
SAFETENSORS = "application/x-safetensors"
TABLES = ("text/csv", "text/tab-separated-values")
TABLE_BYTES = 2_000  # of a table that are read in a millisecond
SIGNS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


@router.post(
    "/data",
    tags=["learning"],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: takes(OwnExamples)["requestBody"]["content"][JSON],
                **{name: {"schema": {"type": "string"}} for name in TABLES},
            },
        }
    },
    summary="Keep own examples, or an own table, as one bundle",
    status_code=201,
    responses=answers(400, 404, 413, 415, 422, 507, status=201),
)
async def own(
    request: Request,
    separator: Annotated[
        Literal["comma", "semicolon", "tab", "bar"] | None,
        Query(description="Of a table; left out, it is found in the text."),
    ] = None,
    decimal: Annotated[
        Literal["point", "comma"] | None, Query(description="The decimal sign of a table's numbers.")
    ] = None,
    header: Annotated[
        bool | None, Query(description="Whether a table's first line names its columns.")
    ] = None,
) -> Response:
    """Keep labelled drawings and pictures together; the id that is answered is that of ``{"kind": "stored"}`` data.

    Text (CSV, of at most 10 MB) is kept as a table, whose columns are data of ``{"kind": "recorded"}``; the answer says
    how it was read. The parameters say what is not to be guessed.
    """
    served = services(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() in TABLES:
        return await _table(request, served, _reading(separator, decimal, header))
    body = await read(OwnExamples, request, served)
    served.compute.admit()
    arrays: list[Array] = []
    total = 0
    for place, one in enumerate(body.examples):
        try:
            arrays.append(await served.input_of(one.source))
        except (Unfit, NotFound, TooLarge) as problem:
            problem.pointer = f"/examples/{place}{problem.pointer or '/source'}"
            raise
        total += arrays[-1].size
        if total > served.settings.input_cells:
            raise TooLarge(
                "examples",
                counted(total, "cell"),
                f"own examples may have {counted(served.settings.input_cells, 'cell')} together here",
                "Use smaller examples, or fewer.",
                total / served.settings.input_cells,
                pointer="/examples",
            )
    bundle = bundled(arrays, [one.label for one in body.examples])
    classes = list(dict.fromkeys(one.label for one in body.examples))
    stored = await _keep(bundle, request, served)
    return json_answer(
        {**stored, "count": len(arrays), "shape": list(arrays[0].shape), "classes": classes}, 201
    )


def _reading(separator: str | None, decimal: str | None, header: bool | None) -> Reading:
    signs: dict[str | None, Literal[".", ","]] = {"point": ".", "comma": ","}
    return Reading(SIGNS.get(separator or ""), signs.get(decimal), header)


async def _table(request: Request, served: Services, reading: Reading) -> Response:
    """Keep a table, and tell its columns and how they were read."""
    served.compute.admit()
    body = await body_of(request, MOST_BYTES, served.admission)
    await served.admission.charge(len(body) / TABLE_BYTES)
    table = await served.compute.load(lambda: read_table(body, reading))
    stored = await _keep(bundled_table(table), request, served)
    return json_answer({**stored, **table.to_json()}, 201)


async def _keep(bundle: Bundle, request: Request, served: Services) -> Json:
    """Keep a bundle in its client's share of the store, and tell how to use and to delete it."""
    client = client_of(request)

    def keep() -> Json:
        secret = served.store.secret()
        claim = new_claim(secret, client)
        stored = served.store.put(as_pixels(bundle), "bundle", claim).to_json()
        return {
            "id": stored["id"],
            "expires_s": stored["expires_s"],
            "expires": stored["expires"],
            "delete_token": token_of(secret, stored["id"], claim),
        }

    return await served.compute.load(keep)


@router.post(
    "/examples",
    tags=["learning"],
    openapi_extra=takes(ExamplesRequest),
    summary="The examples of a set",
    responses=answers(400, 404, 406, 413, 422, media={SAFETENSORS: FILE, NPZ: FILE}),
)
async def examples(request: Request) -> Response:
    """Every example as a network sees it: ``training.x``, ``training.labels``, and the same of ``validation``.

    ``mean`` and ``deviation`` of the training part are what the numbers were standardised by.
    """
    served = services(request)
    body = await read(ExamplesRequest, request, served)
    form = accepted(request, (SAFETENSORS, NPZ))
    served.compute.admit()
    drawn = await examples_for(served, body)
    found = examples_bundle(drawn)
    if body.variants_of is not None:
        found = with_variants(found, drawn, body.augmentation, body.seed, body.variants_of)
    hold(3 * found.nbytes)
    write = npz_bytes if form == NPZ else safetensors_bytes
    return Response(await served.compute.load(lambda: write(found)), media_type=form)


@router.post(
    "/bundles",
    tags=["learning"],
    summary="Keep parameters, a checkpoint or examples",
    status_code=201,
    openapi_extra={
        "requestBody": {"required": True, "content": {SAFETENSORS: FILE, NPZ: FILE, BINARY: FILE}}
    },
    responses=answers(413, 415, 422, 507, status=201),
)
async def keep_bundle(request: Request) -> Response:
    """Keep the .safetensors or .npz file in the body; nothing in it is unpickled."""
    served = services(request)
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise Unsupported(
            "content-type",
            "multipart",
            "the body is to be the file itself",
            "Send the file's bytes as the body.",
        )
    served.compute.admit()
    body = await body_of(request, served.settings.upload_bytes, served.admission)
    bundle = await served.compute.load(lambda: read_bundle(body, served.settings.upload_bytes))
    stored = await _keep(bundle, request, served)
    return json_answer({**stored, "tensors": _listed(bundle)}, 201)


def _listed(bundle: Bundle) -> Json:
    return {name: list(array.shape) for name, array in bundle.arrays.items()}


@router.get(
    "/bundles/{id}",
    tags=["learning"],
    summary="Kept parameters, a checkpoint or examples",
    responses=answers(
        400, 404, 406, 422, media={NPZ: FILE, SAFETENSORS: FILE, JSON: {"schema": {"type": "object"}}}
    ),
)
async def bundle(
    id: Annotated[str, Path(description="An id that training, POST data or POST bundles answered.")],
    request: Request,
) -> Response:
    """The bundle as .npz or .safetensors, by Accept; as JSON the names and shapes of its tensors, and its metadata."""
    served = services(request)
    form = accepted(request, (NPZ, SAFETENSORS, JSON))
    served.compute.admit()
    array = await served.compute.load(lambda: served.store.get(id))
    found = of_pixels(array)
    headers = {"Cache-Control": "private, no-cache", "Vary": "Accept"}
    if form == JSON:
        answer = json_answer({"id": id, "tensors": _listed(found), "metadata": dict(found.metadata)})
        answer.headers.update(headers)
        return answer
    hold(3 * found.nbytes)
    write = npz_bytes if form == NPZ else safetensors_bytes
    return Response(await served.compute.load(lambda: write(found)), media_type=form, headers=headers)


@router.post(
    "/gradient",
    tags=["learning"],
    openapi_extra=takes(GradientRequest),
    summary="The gradients of input and parameters",
    responses=answers(400, 404, 406, 413, 422, media={JSON: {"schema": {"type": "object"}}, NPZ: FILE}),
)
async def gradient(request: Request) -> Response:
    """The output, and the gradient of the input and of each weight and bias, ``upstream`` being that of the output.

    As JSON, or as ``.npz`` by Accept, with the names output, input, conv1.weight.
    """
    served = services(request)
    body = await read(GradientRequest, request, served)
    form = accepted(request, (JSON, NPZ))
    served.compute.admit()
    x = await served.input_of(body.source)
    x = x if x.dtype == body.dtype else x.astype(body.dtype)
    body.check_weights()
    shapes = shapes_of(body.network, x.shape)
    check_network(shapes, body.node, served.settings)
    shapes = shapes.upto(body.node)
    check_step(shapes, 1)
    built = [shapes.placed[node.name].geometry for node in shapes.network.order]
    work = BACK * sum(one.work for one in built) * costs.scale(body)
    await served.admission.charge_work(work)
    upstream = _upstream(body, shapes)
    tensors: dict[str, dict[str, Array]] = {}
    for node in shapes.network.order:
        placed = shapes.placed[node.name]
        if placed.geometry.weighted:
            tensors[node.name] = named(await tensors_of(served, body, placed), placed)
    found = await served.compute.run(
        max(work, 1),
        lambda: SourceGradient.of(
            shapes, x, tensors, upstream, _masks(body, shapes), _measured(shapes, tensors)
        ),
    )
    numbers = (
        found.output.size
        + found.input.size
        + sum(one.size for own in found.parameters.values() for one in own.values())
    )
    if form == NPZ:
        arrays = {"output": found.output, "input": found.input}
        for layer, own in found.parameters.items():
            arrays |= {f"{layer}.{name}": one for name, one in own.items()}
        hold(2 * numbers * x.itemsize)
        return Response(
            await served.compute.run(numbers * costs.AS_NPY, lambda: npz_bytes(Bundle(arrays))),
            media_type=NPZ,
        )
    if numbers > served.settings.json_cells:
        raise TooLarge(
            "accept",
            counted(numbers, "number"),
            f"a JSON answer holds at most {counted(served.settings.json_cells, 'number')}",
            f"Ask with Accept: {NPZ}.",
        )

    def encode() -> Response:
        parameters = {
            layer: {name: one.tolist() for name, one in own.items()}
            for layer, own in found.parameters.items()
        }
        return json_answer(
            {"output": found.output.tolist(), "input": found.input.tolist(), "parameters": parameters}
        )

    return await served.compute.run(numbers * costs.AS_JSON, encode)


def _upstream(body: GradientRequest, shapes: Shapes) -> Array:
    """The gradient of the output that is given, or ones."""
    shape = shapes.placed[shapes.network.last.name].geometry.output_shape
    if body.upstream is None:
        return np.ones(shape, body.dtype)
    given = body.upstream.array
    if given.shape != shape:
        raise Unfit(
            "upstream",
            times(given.shape),
            f"the output is {times(shape)}",
            "Give a gradient of that shape, or leave it out.",
            pointer="/upstream",
        )
    return given.astype(body.dtype)


def _measured(shapes: Shapes, tensors: dict[str, dict[str, Array]]) -> dict[str, dict[str, Array]]:
    """The statistics that layers have measured, where a request gives them."""
    return {
        layer: {name: tensors[layer][name].astype(np.float64) for name in own}
        for layer, own in statistics_of(shapes).items()
    }


def _masks(body: GradientRequest, shapes: Shapes) -> Any:
    """The cells that a layer drops where a request asks for it, drawn as in the first training step."""
    if not body.training:
        return None
    return masks(shapes.network, body.seed, 0, body.dtype)


@router.post(
    "/train",
    tags=["learning"],
    openapi_extra=takes(TrainRequest),
    summary="A network trained, told step by step",
    responses=answers(400, 404, 406, 413, 422, media={LINES: {"schema": {"type": "string"}}}),
)
async def train(request: Request) -> Response:
    """JSON lines: a ``step`` for each report, a ``snapshot`` where that is asked for, and one ``end``.

    The end tells parameters and checkpoint by their content (GET bundles gives them as .npz and .safetensors), the
    seed, and what is wrong where training fails. Closing the connection stops it.
    """
    served = services(request)
    body = await read(TrainRequest, request, served)
    form = accepted(request, (LINES,))
    key = await served.compute.load(lambda: key_of(body))
    reader = await served.experiments.join(key, lambda: shared_course(served, body))
    return Piecewise(_lines(reader, client_of(request), served), form)


@router.post(
    "/experiment",
    tags=["learning"],
    openapi_extra=takes(TrainRequest),
    summary="An experiment to be repeated in PyTorch or Keras",
    responses=answers(400, 404, 406, 413, 422, media={JSON: {"schema": {"type": "object"}}, NPZ: FILE}),
)
async def experiment(request: Request) -> Response:
    """The programs as JSON (``code``, ``notes``, ``expressible``, the same in ``keras``), or ``.npz`` that they load.

    Those are the examples, the order, what is dropped and the start of the first 50 training steps, and their losses;
    of those before its settings change, where that is earlier. A checkpoint is left aside: the start is repeated.
    """
    served = services(request)
    body = (await read(TrainRequest, request, served)).model_copy(update={"checkpoint": None})
    form = accepted(request, (JSON, NPZ))
    course = Course(await prepare(served, body), body)
    training = course.training
    steps = min([REPEATED, *(one.step for one in body.changes if one.step > 0)])
    if form == JSON:
        cut = () if steps == REPEATED else (f"Its settings change at training step {steps}: it ends there.",)
        programs = {name: _written(one, cut) for name, one in course.programs().items()}
        return json_answer({**programs["pytorch"], "keras": programs["keras"]})
    work = step_work(training.shapes, course.request.batch) * steps
    await served.admission.charge_work(work)
    found = Bundle(await served.compute.run(work, lambda: repeated(training, steps)))
    hold(3 * found.nbytes)
    return Response(await served.compute.load(lambda: npz_bytes(found)), media_type=NPZ)


def _written(snippet: Snippet, more: tuple[str, ...] = ()) -> Json:
    return {"code": snippet.code, "notes": [*snippet.notes, *more], "expressible": snippet.expressible}


@router.post(
    "/step",
    tags=["learning"],
    openapi_extra=takes(StepRequest),
    summary="One training step with all that it works with",
    responses=answers(400, 404, 406, 413, 422, media={SAFETENSORS: FILE, NPZ: FILE}),
)
async def one_step(request: Request) -> Response:
    """The training step after ``at``: its batch, what each layer gave and got back for one example, and the update.

    ``x``, ``labels``, ``chosen`` and ``losses`` of the batch; ``values``, ``back`` and ``mask`` of each layer (back is
    the gradient of its sums); ``before``, ``gradient`` and ``after`` of each tensor.
    """
    served = services(request)
    body = await read(StepRequest, request, served)
    form = accepted(request, (SAFETENSORS, NPZ))
    course = await course_at(served, body)
    work = step_work(course.training.shapes, course.request.batch)
    found = Bundle(
        await served.compute.run(max(work, 1), lambda: inspected(course.training, body.example)),
        {
            "classes": json.dumps(course.training.examples.classes, ensure_ascii=False),
            "updates": str(course.training.state.steps),
        },
    )
    keep(body, course)
    hold(3 * found.nbytes)
    write = npz_bytes if form == NPZ else safetensors_bytes
    return Response(await served.compute.load(lambda: write(found)), media_type=form)


async def _lines(reader: Reader, client: str, served: Services) -> AsyncIterator[bytes]:
    """Everything that an experiment tells, a line each."""
    outcome = "lost"
    ALLOWANCE.set(None)
    with served.metrics.jobs_running.track_inprogress():
        try:
            async for one in items_of(served, reader):
                yield _line(reader.shared.source.training, one)
            yield _json_line(await reader.shared.end(served, client))
            outcome = "done"
        except Problem as problem:
            outcome = "refused"
            yield _json_line({"type": "error", "problem": problem.to_json()})
        finally:
            reader.close()
            served.metrics.jobs.labels("train", outcome).inc()


def _line(training: Training, item: Item) -> bytes:
    if item.rows is None:
        return item.text.encode() + b"\n"
    named = training.parameters.named(item.rows.row)
    parameters = {name: one.tolist() for name, one in (*named, *item.rows.statistics.items())}
    return _json_line({"type": "snapshot", "step": item.step, "parameters": parameters})


def _json_line(value: Json) -> bytes:
    return to_json(value, inf_nan_mode="strings") + b"\n"
