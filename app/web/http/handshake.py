"""How a handshake is refused that never reaches the application, or that it leaves: in the one shape. No route."""

from __future__ import annotations

from http import HTTPStatus

from pydantic_core import to_json
from websockets.datastructures import Headers
from websockets.http11 import Response

from ...core.errors import Problem
from .problems import MEDIA_TYPE, unexpected
from .security import HEADERS


def refusal(status: int, text: str) -> Response:
    """Takes the place of the WebSocket library's plain text, with the headers of every answer."""
    problem = _problem(status, " ".join(text.split()))
    body = to_json(problem.to_json())
    headers = Headers({**HEADERS, "Connection": "close"})
    headers["Content-Type"] = MEDIA_TYPE
    headers["Content-Length"] = str(len(body))
    return Response(problem.status, HTTPStatus(problem.status).phrase, headers, body)


def _problem(status: int, text: str) -> Problem:
    if status >= 500:
        return unexpected()
    if status == HTTPStatus.FORBIDDEN:  # as the server says that the application closed it: no route took it
        return Problem(
            code="not_found",
            status=404,
            title="Not found",
            reason="no socket is at this address",
            remedy="See /api for the addresses.",
        )
    return Problem(
        code="no_socket",
        status=status,
        title=HTTPStatus(status).phrase,
        reason=f"this is no handshake of a socket: {text.rstrip('.')[:200]}",
        remedy="Ask by GET of HTTP/1.1, with the headers that a browser sends.",
    )
