"""The route that makes a token of one day, for links to a class server. Knows requests; tokens are made elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from ...core.errors import NotFound, Problem
from ..http.gate import given_token
from ..server.tokens import DAY_S
from .api import answers, json_answer, services

router = APIRouter(prefix="/api/v1", tags=["describe"])


@router.post(
    "/day-token",
    summary="A token of one day, for a link",
    status_code=201,
    responses=answers(403, 404, status=201),
)
async def day_token(request: Request) -> Response:
    """Make a token that opens this server's API for a day, to be put into a link as ``#token=…``.

    It takes the server's own token: one of a day makes no other.
    """
    tokens = services(request).admission.tokens
    if not tokens.own:
        raise NotFound("token", None, "this server asks for no token", "Share the link as it is.")
    if not tokens.is_own(given_token(request)):
        raise Problem(
            code="forbidden",
            status=403,
            title="A token of one day makes no other",
            reason="this was asked for with a token of one day",
            remedy="Ask with the server's own token.",
        )
    token, end = tokens.of_one_day()
    expires = datetime.fromtimestamp(end, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = json_answer({"token": token, "expires": expires, "expires_s": DAY_S}, 201)
    answer.headers["Cache-Control"] = "no-store"
    return answer
