"""The bytes of a request's body, bounded while they arrive, and JSON of a sane shape. Knows no route and no model."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from pydantic_core import from_json

from ...core.errors import Problem, TooLarge, counted
from ..server.admission import UNIT_BYTES, Admission
from .problems import unfit

GONE = 499  # nobody reads this status: the client has closed the connection
MOST_KEYS = 1_100  # of one object: weights by name have one for each layer
MOST_KEYS_TOGETHER = 30_000  # a network of so many layers with all that they can say


async def body_of(request: Request, most: int, admission: Admission) -> bytes:
    """The raw body, refused as soon as it is over the limit, or when too many arrive at once."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise _too_large(int(declared), most)
    parts: list[bytes] = []
    total, more = 0, True
    with admission.body() as room:
        while more:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                raise Problem(
                    code="gone", status=GONE, reason="the client went away", remedy="Nothing to do."
                )
            part: bytes = message.get("body", b"")
            more = message.get("more_body", False)
            total += len(part)
            if total > most:
                raise _too_large(total, most)
            room.take(len(part))
            parts.append(part)
    if total > UNIT_BYTES:
        await admission.charge(total / UNIT_BYTES)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def check_json(data: bytes | str) -> None:
    """Refuse a large body that is an object of thousands of keys: telling what is wrong with each takes minutes.

    A body that is no JSON at all is left to whoever reads it.
    """
    if _colons(data) <= MOST_KEYS:  # one stands behind every key: most bodies are not read for this
        return
    try:
        level: list[Any] = [from_json(data, allow_inf_nan=True, cache_strings="keys")]
    except ValueError:
        return
    keys = 0
    while level:
        objects = [item for item in level if type(item) is dict]
        keys += sum(map(len, objects))
        if max(map(len, objects), default=0) > MOST_KEYS:
            raise unfit(f"an object with more than {MOST_KEYS:,} keys", "no request has as many")
        if keys > MOST_KEYS_TOGETHER:
            raise unfit(f"more than {MOST_KEYS_TOGETHER:,} keys", "no request has as many")
        lists = [item for item in level if type(item) is list]
        children = [item for group in objects for item in group.values()]
        children += [item for group in lists for item in group if type(item) in (list, dict)]
        level = [item for item in children if type(item) in (list, dict)]


def _colons(data: bytes | str) -> int:
    return data.count(b":") if isinstance(data, bytes) else data.count(":")


def _too_large(size: int, most: int) -> TooLarge:
    return TooLarge(
        "body",
        counted(size, "byte"),
        f"a body may have {counted(most, 'byte')} here",
        "Send a smaller one.",
    )
