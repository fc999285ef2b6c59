"""Texts as they travel: shorter by a minifier and compressed in the forms that clients take. Knows no file, no route.

The minifier is installed where a wheel of it exists; elsewhere texts travel as they are written. What it cannot
read travels so too: it never keeps a server from starting.
"""

from __future__ import annotations

import functools
import gzip
import logging

import brotli

try:
    import minify
except ImportError:  # no wheel for this machine
    minify = None

log = logging.getLogger("convscope")

SHORTENED = frozenset(("text/javascript", "text/css"))
MOST_CODINGS = 20  # items of an Accept-Encoding that are read
_NAMES = {"text/javascript": "application/javascript"}  # of media types, to the minifier


@functools.lru_cache(maxsize=512)
def shortened(text: str, media_type: str) -> str:
    """A script or style sheet that does the same, without what only its readers need; other texts as they are."""
    kind = media_type.partition(";")[0]
    if minify is None or kind not in SHORTENED:
        return text
    try:
        return str(minify.string(_NAMES.get(kind, kind), text))
    except Exception as error:  # whatever its parser throws
        log.warning("a %s is sent as it is written, since the minifier cannot read it: %s", kind, error)
        return text


@functools.lru_cache(maxsize=512)
def encoded(body: bytes) -> dict[str, bytes]:
    """The body in each content coding that is offered, the shortest first."""
    return {"br": brotli.compress(body, quality=11), "gzip": gzip.compress(body, 9, mtime=0)}


def taken(accept_encoding: str) -> frozenset[str]:
    """The codings that a client takes, by its Accept-Encoding."""
    found = set()
    for part in accept_encoding.split(",", MOST_CODINGS)[:MOST_CODINGS]:
        name, _, weight = part.partition(";")
        if weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            found.add(name.strip().lower())
    return frozenset(found)
