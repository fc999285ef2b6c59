"""Texts as they travel: compressed in the forms that clients take. Knows no file, no route."""

from __future__ import annotations

import functools
import gzip

import brotli

SMALLEST = 11
MOST_CODINGS = 20  # items of an Accept-Encoding that are read


@functools.lru_cache(maxsize=512)
def encoded(body: bytes, quality: int = SMALLEST) -> dict[str, bytes]:
    """The body in each content coding that is offered, the shortest first."""
    return {
        "br": brotli.compress(body, quality=quality),
        "gzip": gzip.compress(body, min(quality, 9), mtime=0),
    }


def taken(accept_encoding: str) -> frozenset[str]:
    """The codings that a client takes, by its Accept-Encoding."""
    found = set()
    for part in accept_encoding.split(",", MOST_CODINGS)[:MOST_CODINGS]:
        name, _, weight = part.partition(";")
        if weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            found.add(name.strip().lower())
    return frozenset(found)
