"""The bytes of a request's body, bounded while they arrive. Knows no route and no model."""

from __future__ import annotations

from fastapi import Request
from starlette.requests import ClientDisconnect

from ..core.errors import TooLarge


async def body_of(request: Request, most: int) -> bytes:
    """The raw body, refused as soon as it is over the limit."""
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told) > most:
        raise _too_large(int(told), most)
    parts: list[bytes] = []
    total, more = 0, True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        total += len(part)
        if total > most:
            raise _too_large(total, most)
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large(size: int, most: int) -> TooLarge:
    return TooLarge("body", f"{size:,} bytes", f"a body may have {most:,} bytes here", "Send a smaller one.")
