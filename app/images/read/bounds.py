"""Bounds on a picture before it is decoded: its size, the memory it needs, and what its container makes a decoder do.

Decodes nothing.

A decoder works for as long as its file says: a progressive JPEG may refine itself a thousand times, and Pillow walks
through fill bytes, segments, chunks and comments one at a time.
"""

from __future__ import annotations

import re

from ...core.errors import Problem, TooLarge, Unfit, counted
from .formats import a_picture
from .limits import Limits

MOST_SCANS = 64  # of a progressive JPEG; encoders write at most some twenty
MOST_PARTS = 20_000  # segments or chunks of a file
MOST_FILL = 10_000  # bytes between the segments of a JPEG
MOST_EXTENSION = 2_000_000  # bytes before the first frame of a GIF

# Bytes that decoding holds for each pixel at once, measured, the planes that are kept included. WebP keeps two
# canvases with alpha, and Pillow copies each frame twice.
_HELD = {"WEBP": 19, "AVIF": 15}
_HELD_BY_OTHERS = 12

_MARKER = re.compile(rb"\xff[^\x00\xff]")
_MARKER_AFTER_DATA = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # restarts belong to the data
_ALONE = {0x01, *range(0xD0, 0xD9)}  # markers without a length
_SCAN, _END = 0xDA, 0xD9


def check_container(data: bytes) -> None:
    """Refuse a file whose parts would keep a decoder busy for long."""
    if data.startswith(b"\xff\xd8"):
        _check_jpeg(data)
    elif data.startswith(b"\x89PNG"):
        _check_png(data)
    elif data.startswith(b"GIF8"):
        _check_gif(data)


def check_size(name: str, size: tuple[int, int], limits: Limits) -> None:
    """Refuse a picture with too many pixels, or with none."""
    width, height = size
    if width < 1 or height < 1:
        raise Unfit("image", dimensions(size), "it has no pixels", "Send a picture of at least 1×1.")
    if width * height > limits.upload_pixels:
        raise TooLarge(
            "image",
            dimensions(size),
            f"it has {counted(width * height, 'pixel')}, and at most {limits.upload_pixels:,} are decoded",
            "Scale it down.",
        )
    if max(size) > limits.upload_side:
        raise TooLarge(
            "image",
            dimensions(size),
            f"a side has at most {counted(limits.upload_side, 'pixel')}",
            "Scale it down or cut a part out.",
        )
    if width * height * _HELD.get(name, _HELD_BY_OTHERS) > limits.decode_bytes:
        raise out_of_memory(name, size)


def out_of_memory(name: str, size: tuple[int, int]) -> Problem:
    """The refusal of a picture that needs more memory than decoding may have."""
    return TooLarge(
        "image",
        f"{a_picture(name)}, {dimensions(size)}",
        "decoding it takes more memory than this server gives to a picture",
        "Scale it down, or save it as JPEG or PNG." if name in _HELD else "Scale it down.",
    )


def dimensions(size: tuple[int, int]) -> str:
    """A size in words."""
    return f"{size[0]}×{size[1]} pixels"


def webp_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a WebP by its header: opening one already takes the memory for them."""
    if not (data.startswith(b"RIFF") and data[8:12] == b"WEBP" and len(data) >= 30):
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    return None


def _check_jpeg(data: bytes) -> None:
    """Count scans, segments and fill bytes up to the end of the first picture."""
    at, scans, parts, fill = 2, 0, 0, 0
    while found := (_MARKER_AFTER_DATA if scans else _MARKER).search(data, at):
        code = data[found.start() + 1]
        parts += 1
        fill += 0 if scans else found.start() - at
        scans += code == _SCAN
        if scans > MOST_SCANS:
            raise _too_many("JPEG", f"it has more than {MOST_SCANS} scans")
        if parts > MOST_PARTS:
            raise _too_many("JPEG", f"it has more than {MOST_PARTS:,} segments")
        if fill > MOST_FILL:
            raise _too_many("JPEG", f"it has more than {MOST_FILL:,} bytes that belong to no segment")
        if code == _END:
            return
        at = found.end()
        if code not in _ALONE:
            at += max(2, int.from_bytes(data[at : at + 2], "big"))
    if not scans and len(data) - at > MOST_FILL:
        raise _too_many("JPEG", f"it has more than {MOST_FILL:,} bytes that belong to no segment")


def _check_png(data: bytes) -> None:
    at, parts = 8, 0
    while at + 8 <= len(data) and data[at + 4 : at + 8] != b"IEND":
        at += 12 + int.from_bytes(data[at : at + 4], "big")
        parts += 1
        if parts > MOST_PARTS:
            raise _too_many("PNG", f"it has more than {MOST_PARTS:,} chunks")


def _check_gif(data: bytes) -> None:
    """Bound what stands before the first frame: Pillow joins the pieces of a comment one by one."""
    at = 13 + (3 << (data[10] & 7) + 1 if len(data) > 10 and data[10] & 0x80 else 0)
    first = at
    while data[at : at + 1] == b"\x21":
        at += 2
        while at < len(data) and data[at]:
            at += data[at] + 1
            if at - first > MOST_EXTENSION:
                raise _too_many("GIF", f"more than {MOST_EXTENSION:,} bytes stand before its first frame")
        at += 1


def _too_many(name: str, reason: str) -> Problem:
    return TooLarge("image", a_picture(name), reason, "Open it and save it again.")
