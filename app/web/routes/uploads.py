"""The routes of uploads: POST images, GET and DELETE images/{id}. Knows requests; decoding, keeping are elsewhere."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Path, Request, Response
from numpy.typing import NDArray

from ...core.errors import NotFound, Problem, Unsupported
from ...images.read.decode import Picture
from ...images.read.formats import FORMATS
from ...images.read.npy import little_endian, npy_head
from ...images.read.pool import needs_decoding, read_upload
from ...images.store.claims import claim_in, new_claim, token_of
from ...images.store.store import raw
from ...images.write.encode import png_bytes
from ..http.answering import Piecewise, hold
from ..http.bodies import body_of
from ..http.clients import client_of
from ..stream.jobs import Services
from .api import (
    FILE,
    JSON,
    NPY,
    PNG,
    accepted,
    answers,
    json_answer,
    services,
)

router = APIRouter(prefix="/api/v1", tags=["images"])

TOKEN = "Delete-Token"  # noqa: S105 - the name of a header
UNITS_A_SECOND = 1000  # what a second of decoding costs: a unit is about a millisecond
PNG_WORK = 20  # elementary operations that compressing a number is worth
_UPLOAD_BODY = {
    "requestBody": {
        "required": True,
        "content": dict.fromkeys(
            (*(kinds[0] for kinds in FORMATS.values()), NPY, "application/octet-stream"), FILE
        ),
    }
}
_TOKEN_HEADER = {
    "parameters": [
        {
            "name": TOKEN,
            "in": "header",
            "required": True,
            "description": "The delete_token that POST images answered.",
            "schema": {"type": "string"},
        }
    ]
}
Id = Annotated[str, Path(description="The id that POST images answered.")]


@router.post(
    "/images",
    summary="Keep a picture or an array",
    status_code=201,
    openapi_extra=_UPLOAD_BODY,
    responses=answers(413, 415, 422, 507, status=201),
)
async def upload(request: Request) -> Response:
    """Keep the picture or ``.npy`` array in the body under its content's id, and tell how to delete it.

    Its content says what it is (PNG, JPEG, WebP, AVIF, TIFF, GIF, BMP or .npy); where Content-Type says otherwise, a
    note does. Nothing but the pixels or numbers is kept: no name, no metadata, no trailing bytes.
    """
    served = services(request)
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared.startswith("multipart/"):
        raise Unsupported(
            "content-type",
            declared,
            "the body is to be the file itself, and this is a form with a file in it",
            "Send the file's bytes as the body: curl --data-binary @picture.png, or fetch with the file as body.",
        )
    served.compute.admit()
    data = await body_of(request, served.settings.upload_bytes, served.admission)
    client = client_of(request)
    picture = await _read(data, declared, served)

    def keep() -> dict[str, Any]:
        secret = served.store.secret()
        claim = new_claim(secret, client)
        stored = served.store.put(picture.pixels, picture.mode, claim).to_json()
        return {
            **stored,
            "notes": list(picture.notes),
            "delete_token": token_of(secret, stored["id"], claim),
        }

    return json_answer(await served.compute.load(keep), 201)


async def _read(data: bytes, declared: str, served: Services) -> Picture:
    """Decode a body; its client pays for the time that decoding takes, however it ends."""
    if not needs_decoding(data):
        return await served.compute.load(lambda: read_upload(data, declared, served.limits))
    took = 0.0

    def read() -> Picture:
        nonlocal took
        begun = time.perf_counter()
        try:
            return read_upload(data, declared, served.limits)
        finally:
            took = time.perf_counter() - begun

    try:
        return await served.compute.decode(read)
    finally:
        await served.admission.charge_after(took * UNITS_A_SECOND)


@router.get(
    "/images/{id}",
    summary="A kept picture or array, or what is known of it",
    responses=answers(400, 404, 406, 422, media={PNG: FILE, NPY: FILE, JSON: {"schema": {"type": "object"}}}),
)
async def image(id: Id, request: Request) -> Response:
    """The kept picture as PNG, or the array as ``.npy``, by Accept; as JSON its shape and how long it is kept."""
    served = services(request)
    form = accepted(request, (PNG, NPY, JSON))
    if form == JSON:
        stored = await served.compute.load(lambda: served.store.describe(id))
        answer = json_answer(stored.to_json())
        answer.headers.update({"Cache-Control": "no-cache", "Vary": "Accept"})
        return answer
    tag = f'"{id}.{form.rpartition("/")[2]}"'
    # To be asked again each time: what is deleted or has expired shall not live on in a browser's cache.
    headers = {"Cache-Control": "private, no-cache", "ETag": tag, "Vary": "Accept"}
    if request.headers.get("if-none-match") == tag:
        gone = await served.compute.load(lambda: served.store.gone(id))
        if not gone:
            return Response(status_code=304, headers=headers)
    served.compute.admit()
    array = await served.compute.load(lambda: served.store.get(id))
    await served.admission.charge_work(array.size * PNG_WORK if form == PNG else array.size)
    hold(array.nbytes)
    if form == NPY:
        answer = Piecewise(_file(array), NPY, len(npy_head(array)) + array.nbytes)
        answer.headers.update(headers)
        return answer
    body = await served.compute.load(lambda: png_bytes(array))
    return Response(body, headers=headers, media_type=PNG)


async def _file(array: NDArray[Any]) -> AsyncIterator[bytes | memoryview]:
    """An array as a file, without a copy of it."""
    yield npy_head(array)
    yield raw(np.ascontiguousarray(array, little_endian(array.dtype)))


@router.delete(
    "/images/{id}",
    summary="Delete an upload",
    status_code=204,
    openapi_extra=_TOKEN_HEADER,
    responses={**answers(400, 403, 404, 422, 507), 204: {"description": "It is deleted."}},
)
async def delete(id: Id, request: Request) -> Response:
    """Delete what was uploaded, with the token that the upload was answered with.

    When the very same content was uploaded once more, by whomever, it stays as that upload's.
    """
    served = services(request)
    token = request.headers.get(TOKEN, "")

    def drop() -> None:
        claim = claim_in(served.store.secret(), id, token)
        if claim is None:
            raise Problem(
                code="forbidden",
                status=403,
                title="This is not yours to delete",
                field=TOKEN,
                value="none" if not token else "another",
                reason="an upload is deleted with the token that its upload was answered with",
                remedy=f"Send the delete_token of POST images in the header {TOKEN}.",
            )
        if not served.store.delete(id, claim):
            raise NotFound("id", id, "this server does not have this upload, or no longer", "Nothing to do.")

    await served.compute.load(drop)
    return Response(status_code=204)
