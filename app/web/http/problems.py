"""Every error in one shape: application/problem+json with field, value, reason, remedy. Knows no route."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from pydantic_core import to_json
from starlette.exceptions import HTTPException

from ...core.errors import Problem, counted
from ..server.exchange import ended_with
from .targets import link_in

MEDIA_TYPE = "application/problem+json"
MOST_LISTED = 200  # faults of one body
ALL, NAMED = "all layers", "by name"  # tags of weights: no name of a layer and no kind has a blank
log = logging.getLogger("convscope")

# Remedies for the kinds of type error that pydantic tells apart; anything else gets the last line.
_REMEDIES = {
    "missing": "Add it.",
    "extra_forbidden": "Leave it out, or check its spelling.",
    "union_tag_not_found": "Add it.",
    "json_invalid": "Send valid JSON.",
}
_REASONS = {
    "missing": "this field is required",
    "extra_forbidden": "no such field is known here",
    "bool_type": "this must be true or false",
    "int_type": "this must be a whole number",
    "float_type": "this must be a number",
    "string_type": "this must be text",
    "list_type": "this must be a list",
    "model_attributes_type": "this must be an object",
    "model_type": "this must be an object",
    "dict_type": "this must be an object",
}


def response(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """A problem as an answer."""
    ended_with(problem.code)
    body = to_json(problem.to_json(), inf_nan_mode="strings")
    if problem.retry_after_s is not None:
        headers = {**(headers or {}), "Retry-After": str(problem.retry_after_s)}
    return Response(body, problem.status, headers=headers, media_type=MEDIA_TYPE)


def of_validation(error: ValidationError) -> Problem:
    """The first thing that is wrong; of a body that is wrong all over only how much, since listing takes long."""
    if error.error_count() > MOST_LISTED:
        return unfit(
            counted(error.error_count(), "fault"),
            "it has next to nothing in common with what this address takes",
        )
    return from_validation(list(error.errors()))


def unfit(value: str, reason: str) -> Problem:
    """A body that as a whole does not fit its schema."""
    return Problem(
        code="malformed",
        status=422,
        title="The request does not fit its schema",
        field="body",
        value=value,
        reason=reason,
        remedy="See the schema at /api/v1/openapi.json.",
    )


def from_validation(errors: Sequence[Any]) -> Problem:
    """The first of pydantic's errors as a problem that names the field, by path and by JSON pointer."""
    error = errors[0]
    kind: str = error["type"]
    context = error.get("ctx", {})
    path = [part for part in error["loc"] if part not in ("body", "query", "path")]
    if kind == "json_invalid":
        return Problem(
            code="malformed",
            status=400,
            title="The body is no JSON",
            field="body",
            value=None,
            reason=f"this is no valid JSON: {context.get('error', 'it ends too early')}",
            remedy="Send one JSON object, as Content-Type: application/json.",
        )
    names = _without_tags(path)
    value = None if kind == "missing" else error.get("input")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        tag = context["discriminator"].strip("'")
        names.append(tag)
        value = value.get(tag) if isinstance(value, dict) else value
    return Problem(
        code="malformed",
        status=422,
        title="The request does not fit its schema",
        field=_dotted(names),
        value=value,
        reason=_reason(kind, error, context),
        remedy=_remedy(kind, context),
        pointer="".join(f"/{name}" for name in names),
    )


def _reason(kind: str, error: Any, context: dict[str, Any]) -> str:
    if kind == "malformed":
        return str(context["reason"])
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return "nothing of this name is known here" if kind == "union_tag_invalid" else _REASONS["missing"]
    message = str(error["msg"])
    return _REASONS.get(kind, message[:1].lower() + message[1:])


def _remedy(kind: str, context: dict[str, Any]) -> str:
    if "remedy" in context:
        return str(context["remedy"])
    if kind == "union_tag_invalid":
        return f"Use one of {context['expected_tags']}."
    if kind in ("literal_error", "enum"):
        return f"Use {context['expected']}."
    return _REMEDIES.get(kind, "See the schema at /api/v1/openapi.json.")


def _without_tags(path: list[Any]) -> list[Any]:
    """A path without the tags that pydantic puts right behind the place of a discriminated union."""
    names: list[Any] = []
    tag_next = False
    by_name = False
    for part in path:
        if part in (ALL, NAMED):
            by_name = part == NAMED
            tag_next = not by_name
            continue
        if tag_next:
            tag_next = False
            continue
        names.append(part)
        tag_next = (
            names[-1] == "source"
            or (by_name and names[:-1] == ["weights"])
            or (names[-2:-1] == ["layers"] and isinstance(part, int))
        )
    return names


def _dotted(names: list[Any]) -> str:
    """``layers[0].stride`` is told as ``stride``: a layer's parameter goes by its own name."""
    if len(names) > 2 and names[0] == "layers":
        names = names[2:]
    text = ""
    for name in names:
        text += f"[{name}]" if isinstance(name, int) else f".{name}" if text else str(name)
    return text or "body"


def http_problem(status: int, detail: str | None = None) -> Problem:
    """A plain HTTP refusal, from a router or a middleware, in the one shape."""
    known = {
        404: ("not_found", "Not found", "nothing is at this address", "See /api for the addresses."),
        405: ("method", "Method not allowed", "this address does not take this method", "See /api."),
        413: ("too_large", "Too large", "the body is larger than this server takes", "Send a smaller body."),
    }
    code, title, reason, remedy = known.get(
        status, ("refused", "Refused", (detail or "this cannot be done").rstrip("."), "See /api.")
    )
    return Problem(code=code, status=status, title=title, reason=reason, remedy=remedy)


def mangled() -> Problem:
    """A link whose # became a part of its path, so that the server was asked for a page of that name."""
    return Problem(
        code="not_found",
        status=404,
        title="This link was changed on its way",
        reason="its # was percent-encoded or lost, so that no page answers to it",
        remedy="Put a plain # in front of its version, as in /#v1&op=convolution.",
    )


def unexpected() -> Problem:
    """The problem that stands for a defect of ours: it says so and gives nothing away."""
    return Problem(
        code="internal",
        status=500,
        title="A defect of this server",
        reason="the server met a case it was not built for; nothing of yours is lost",
        remedy="Try again, and report it if it stays.",
    )


def install(app: FastAPI) -> None:
    """Answer every error of every route in the one shape."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return response(error)

    async def on_validation(request: Request, error: Exception) -> Response:
        if isinstance(error, ValidationError):
            return response(of_validation(error))
        assert isinstance(error, RequestValidationError)
        return response(from_validation(list(error.errors())))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404 and link_in(request.scope):
            return response(mangled())
        headers = dict(error.headers) if error.headers else {}
        if "GET" in (methods := headers.get("Allow", "").split(", ")):
            headers["Allow"] = ", ".join(sorted({*methods, "HEAD"}))
        return response(http_problem(error.status_code, error.detail), headers)

    async def on_defect(request: Request, error: Exception) -> Response:
        log.error("defect in %s %s", request.method, request.url.path, exc_info=error)
        return response(unexpected())

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(ValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_defect)
