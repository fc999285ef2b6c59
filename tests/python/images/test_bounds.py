"""Bounds on the work that a small file gives a decoder: scans, segments, fill bytes, chunks, comments and memory."""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.core.errors import TooLarge
from app.images.read.bounds import (
    MOST_EXTENSION,
    MOST_FILL,
    MOST_PARTS,
    MOST_SCANS,
    check_container,
    webp_size,
)
from app.images.read.decode import decode
from app.images.read.limits import Limits

from .pictures import (
    chunk,
    photograph,
    saved,
    with_alpha,
)

SCAN = b"\xff\xda"


def progressive() -> bytes:
    return saved(photograph(), "JPEG", progressive=True)


def with_scans(count: int) -> bytes:
    """A progressive picture whose last scan comes again and again."""
    plain = progressive()
    last = plain[plain.rindex(SCAN) : -2]
    return plain[:-2] + last * (count - plain.count(SCAN)) + plain[-2:]


def refused(data: bytes, reason: str) -> TooLarge:
    with pytest.raises(TooLarge) as problem:
        decode(data)
    assert reason in problem.value.reason
    assert problem.value.remedy
    return problem.value


def test_a_jpeg_may_have_so_many_scans() -> None:
    assert decode(with_scans(MOST_SCANS)).pixels.shape == decode(progressive()).pixels.shape
    refused(with_scans(MOST_SCANS + 1), "scans")
    refused(with_scans(20_000), "scans")


def test_scans_are_counted_wherever_a_decoder_finds_them() -> None:
    """Behind fill bytes, behind tables between the scans, behind restarts and what looks like the end."""
    plain = progressive()
    last = plain[plain.rindex(SCAN) : -2]
    comment = b"\xff\xfe\x00\x04\xff\xd9"
    for between in (b"\xff\xff\xff", b"\xff\xd0", comment, b"\x00\xff\x00"):
        refused(plain[:-2] + (between + last) * MOST_SCANS + plain[-2:], "scans")


def test_pictures_within_a_jpeg_are_not_scans_of_it() -> None:
    """A thumbnail lies in a segment, and a camera's second picture behind the end of the first."""
    small = saved(photograph(), "JPEG")
    thumbnails = b"".join(b"\xff\xe5" + struct.pack(">H", len(small) + 2) + small for _ in range(MOST_SCANS))
    file = small[:2] + thumbnails + small[2:] + small * MOST_SCANS
    np.testing.assert_array_equal(decode(file).pixels, decode(small).pixels)


@pytest.mark.parametrize(
    ("inserted", "reason"),
    [
        (b"\xff" * (MOST_FILL + 9), "belong to no segment"),
        (b"\x00" * (MOST_FILL + 9), "belong to no segment"),
        (b"\xff\x00" * MOST_FILL, "belong to no segment"),
        (b"\xff\xfe\x00\x02" * (MOST_PARTS + 1), "segments"),
        (b"\xff\xd0" * (MOST_PARTS + 1), "segments"),
        (b"\xff" * 19_000_000, "belong to no segment"),
        (b"\xff\xfe\x00\x02" * 4_900_000, "segments"),
    ],
)
def test_what_stands_before_a_jpeg_s_picture_is_bounded(inserted: bytes, reason: str) -> None:
    plain = progressive()
    assert len(plain) + len(inserted) <= 20_000_000
    refused(plain[:2] + inserted + plain[2:], reason)
    refused(plain[:2] + inserted, reason)


def test_a_png_has_so_many_chunks() -> None:
    plain = saved(photograph(), "PNG")
    head, rest = plain[:33], plain[33:]
    few = head + chunk(b"prVt", b"") * 100 + rest
    np.testing.assert_array_equal(decode(few).pixels, decode(plain).pixels)
    refused(head + chunk(b"prVt", b"") * (MOST_PARTS + 1) + rest, "chunks")
    refused(head + chunk(b"tEXt", b"a\0b") * 1_300_000, "chunks")


def test_a_gif_has_a_bounded_comment() -> None:
    plain = saved(photograph("P"), "GIF")
    at = plain.index(b",", 13 + 3 * 256)

    def commented(size: int) -> bytes:
        pieces = b"".join(b"\xff" + b"c" * 255 for _ in range(size // 256))
        return plain[:at] + b"\x21\xfe" + pieces + b"\0" + plain[at:]

    np.testing.assert_array_equal(decode(commented(100_000)).pixels, decode(plain).pixels)
    refused(commented(MOST_EXTENSION + 300), "before its first frame")
    refused(commented(19_000_000), "before its first frame")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"GIF89a\1\0\1\0\x80", b"GIF8"]), st.binary())
def test_the_bounds_themselves_take_any_bytes(start: bytes, more: bytes) -> None:
    with suppress(TooLarge):
        check_container(start + more)


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"xmp": b"more"}])
@pytest.mark.parametrize("alpha", [False, True])
def test_the_size_of_a_webp_is_read_from_its_head(options: dict[str, Any], alpha: bool) -> None:
    picture = with_alpha() if alpha else photograph()
    assert webp_size(saved(picture, "WEBP", **options)) == picture.size


def test_a_large_webp_is_refused_before_memory_is_taken_for_it() -> None:
    """Opening one already takes two canvases; what it costs is told by its head."""
    small = saved(with_alpha(), "WEBP", xmp=b"more")
    assert small[12:16] == b"VP8X"
    huge = small[:24] + (16_000).to_bytes(3, "little") + (2_400).to_bytes(3, "little") + small[30:]
    assert Limits().upload_pixels > 16_001 * 2_401
    problem = refused(huge, "more memory")
    assert problem.value == "a WebP picture, 16001×2401 pixels"
    assert "JPEG or PNG" in problem.remedy


def test_every_format_within_its_pixels_fits_the_memory_that_it_may_take() -> None:
    """The default bounds agree: what is allowed as JPEG or PNG is not refused for its memory."""
    limits = Limits()
    side = int(limits.upload_pixels**0.5)
    assert decode(saved(Image.new("L", (side, side)), "PNG")).pixels.shape == (1, side, side)
