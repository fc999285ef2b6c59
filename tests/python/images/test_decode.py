"""Decoding: every kind of picture becomes the right numbers, and any other bytes a refusal."""

from __future__ import annotations

import functools
import struct
import threading
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.core.errors import Problem, TooLarge, Unfit, Unsupported
from app.images.read.decode import Picture, decode
from app.images.read.formats import FORMATS, named
from app.images.read.limits import Limits

from .pictures import (
    chunk,
    photograph,
    png,
    saved,
    tiff,
    with_alpha,
)


@functools.cache
def files() -> dict[str, bytes]:
    """One file of every kind that is read."""
    grey16 = Image.fromarray((np.arange(24 * 48, dtype=np.uint16) * 57).reshape(24, 48))
    exif = Image.Exif()
    exif[0x0112] = 6
    frames = [photograph("P"), Image.new("P", (48, 24))]
    return {
        "png rgb": saved(photograph(), "PNG"),
        "png grey": saved(photograph("L"), "PNG"),
        "png grey 16": saved(grey16, "PNG"),
        "png one bit": saved(photograph("1"), "PNG"),
        "png palette": saved(photograph("P"), "PNG"),
        "png rgba": saved(with_alpha(), "PNG"),
        "png grey alpha": saved(with_alpha().convert("LA"), "PNG"),
        "png animated": saved(photograph(), "PNG", save_all=True, append_images=[photograph().rotate(180)]),
        "png exif": saved(photograph(), "PNG", exif=exif),
        "jpeg rgb": saved(photograph(), "JPEG", exif=exif),
        "jpeg grey": saved(photograph("L"), "JPEG", progressive=True),
        "jpeg cmyk": saved(photograph("CMYK"), "JPEG"),
        "jpeg several": saved(photograph(), "MPO", save_all=True, append_images=[photograph()]),
        "webp": saved(photograph(), "WEBP", exif=exif),
        "webp exact": saved(photograph(), "WEBP", lossless=True),
        "webp alpha": saved(with_alpha(), "WEBP"),
        "webp animated": saved(photograph(), "WEBP", save_all=True, append_images=[photograph().rotate(180)]),
        "gif": saved(photograph("P"), "GIF"),
        "gif animated": saved(frames[0], "GIF", save_all=True, append_images=frames[1:]),
        "gif transparent": saved(photograph("P"), "GIF", transparency=3),
        "avif": saved(photograph(), "AVIF"),
        "avif alpha": saved(with_alpha(), "AVIF"),
        "avif grey": saved(photograph("L"), "AVIF"),
        "tiff rgb": saved(photograph(), "TIFF"),
        "tiff packed": saved(photograph(), "TIFF", compression="tiff_lzw"),
        "tiff rgb 16": tiff(np.arange(24 * 48 * 3, dtype=np.uint16).reshape(24, 48, 3)),
        "tiff several": saved(photograph(), "TIFF", save_all=True, append_images=[photograph()]),
        "bmp rgb": saved(photograph(), "BMP"),
        "bmp palette": saved(photograph("P"), "BMP"),
        "bmp one bit": saved(photograph("1"), "BMP"),
    }


KINDS = sorted(files())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_picture_becomes_planes(kind: str) -> None:
    picture = decode(files()[kind])
    assert picture.pixels.ndim == 3
    assert picture.pixels.shape[0] in (1, 3)
    assert picture.pixels.dtype == (np.uint16 if "16" in kind else np.uint8)
    assert picture.pixels.shape[0] == (1 if "grey" in kind or kind in ("png one bit", "bmp one bit") else 3)
    assert picture.mode


@pytest.mark.parametrize("kind", ["png rgb", "webp exact", "bmp rgb", "tiff rgb", "tiff packed"])
def test_a_lossless_picture_keeps_every_pixel(kind: str) -> None:
    wanted = np.asarray(photograph()).transpose(2, 0, 1)
    np.testing.assert_array_equal(decode(files()[kind]).pixels, wanted)


@pytest.mark.parametrize("kind", ["jpeg cmyk", "jpeg grey", "webp", "png palette", "avif", "avif grey"])
def test_a_lossy_picture_stays_close_to_the_original(kind: str) -> None:
    pixels = decode(files()[kind]).pixels.astype(int)
    if kind == "webp":
        pixels = np.rot90(pixels, 1, axes=(1, 2))  # it says that it lies on its side
    wanted = np.asarray(photograph("L" if "grey" in kind else "RGB")).astype(int)
    wanted = wanted[None] if wanted.ndim == 2 else wanted.transpose(2, 0, 1)
    assert np.abs(pixels - wanted).mean() < 12


def upright(orientation: int, pixels: np.ndarray) -> np.ndarray:
    """What EXIF says each orientation means, on rows and columns."""
    flipped = pixels[:, :, ::-1] if orientation in (2, 4, 5, 7) else pixels
    quarter_turns = {1: 0, 2: 0, 3: 2, 4: 2, 5: 1, 6: -1, 7: -1, 8: 1}[orientation]
    return np.rot90(flipped, quarter_turns, axes=(1, 2))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("deep", [False, True])
def test_a_picture_is_turned_upright_by_its_exif_orientation(orientation: int, deep: bool) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    plain = np.arange(6, dtype=np.uint16).reshape(2, 3) * 9000
    source = Image.fromarray(plain) if deep else Image.fromarray((plain // 256).astype(np.uint8))
    picture = decode(saved(source, "PNG", exif=exif))
    np.testing.assert_array_equal(picture.pixels, upright(orientation, np.asarray(source)[None]))
    assert bool(picture.notes) == (orientation != 1)


def test_transparent_parts_are_laid_over_white() -> None:
    picture = Image.new("RGBA", (3, 1))
    picture.putdata([(200, 100, 0, 255), (200, 100, 0, 0), (200, 100, 0, 128)])
    decoded = decode(saved(picture, "PNG"))
    assert decoded.pixels[:, 0, 0].tolist() == [200, 100, 0]
    assert decoded.pixels[:, 0, 1].tolist() == [255, 255, 255]
    np.testing.assert_allclose(decoded.pixels[:, 0, 2], [227, 177, 127], atol=1)
    assert "transparent parts are laid over white" in decoded.notes


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (png(2, 1, 8, 0, b"\0\x07\x64", chunk(b"tRNS", b"\0\x07")), [255, 100]),
        (png(2, 1, 16, 0, b"\0\0\x07\x64\0", chunk(b"tRNS", b"\0\x07")), [65535, 25600]),
        (png(2, 1, 8, 4, b"\0\x64\xff\x64\0"), [100, 255]),
    ],
)
def test_transparent_grey_stays_grey(data: bytes, wanted: list[int]) -> None:
    assert decode(data).pixels.ravel().tolist() == wanted


def test_opaque_alpha_needs_no_note() -> None:
    picture = photograph("RGBA")
    decoded = decode(saved(picture, "PNG"))
    np.testing.assert_array_equal(decoded.pixels, np.asarray(photograph()).transpose(2, 0, 1))
    assert decoded.notes == ()


@pytest.mark.parametrize(
    "kind", ["gif animated", "png animated", "webp animated", "jpeg several", "tiff several"]
)
def test_the_first_of_several_frames_is_shown_and_told(kind: str) -> None:
    decoded = decode(files()[kind])
    assert "the first of its frames is shown" in decoded.notes
    wanted = np.asarray(photograph()).transpose(2, 0, 1).astype(int)
    assert np.abs(decoded.pixels - wanted).mean() < 12


def complete(problem: Problem) -> Problem:
    assert problem.field == "image"
    assert problem.value
    assert problem.reason
    assert problem.remedy
    assert problem.status in (413, 415, 422)
    return problem


def outcome(data: bytes, declared: str | None = None) -> Picture | Problem:
    """A picture or a problem, without a warning; anything else fails the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return decode(data, declared)
        except Problem as problem:
            return complete(problem)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(KINDS), st.data())
def test_any_mutation_is_a_picture_or_a_refusal(kind: str, data: st.DataObject) -> None:
    content = bytearray(files()[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, min(len(content) - 1, 200)) | st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255) | st.sampled_from([0, 255, 0x7F, 0x80]))
    outcome(bytes(content))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(KINDS), st.integers(0))
def test_a_truncated_picture_is_refused_or_was_whole_already(kind: str, cut: int) -> None:
    content = files()[kind]
    result = outcome(content[: cut % len(content)])
    if isinstance(result, Picture):
        np.testing.assert_array_equal(result.pixels, decode(content).pixels)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(
        [
            *(b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM", b"RIFF____WEBP", b"<?xml"),
            *(b"II*\0", b"MM\0*", b"\0\0\0\x1cftypavif", b"RIFF____WEBPVP8X", b"<!DOCTYPE"),
        ]
    ),
    st.binary(),
)
def test_any_bytes_are_a_picture_or_a_refusal(start: bytes, more: bytes) -> None:
    outcome(start + more)


@pytest.mark.parametrize(
    "kind", ["jpeg rgb", "jpeg grey", "png rgb", "webp", "gif", "bmp rgb", "avif", "tiff packed"]
)
def test_half_a_picture_is_refused(kind: str) -> None:
    content = files()[kind]
    with pytest.raises(Unfit):
        decode(content[: len(content) // 2])


@pytest.mark.parametrize("name", FORMATS)
def test_content_decides_and_a_note_says_what_the_type_says(name: str) -> None:
    content = saved(photograph("P" if name == "GIF" else "RGB"), name)
    plain = decode(content)
    assert plain.notes == ()
    for right in (*FORMATS[name], None, "", "image/*", f"{FORMATS[name][0].upper()}; charset=binary"):
        assert decode(content, right).notes == ()
    for other, types in FORMATS.items():
        if other != name:
            picture = decode(content, types[0])
            np.testing.assert_array_equal(picture.pixels, plain.pixels)
            (note,) = picture.notes
            assert note == (
                f"its name or type says {named(other)}, its content is {named(name)}: the content was read"
            )


@pytest.mark.parametrize(
    "declared", ["text/html", "image/heic", "application/x-npy", "image/\x1b[31mpng" + "x" * 900]
)
def test_any_other_type_is_told_on_one_short_line(declared: str) -> None:
    (note,) = decode(files()["png rgb"], declared).notes
    assert note.endswith("its content is PNG: the content was read")
    assert note.isprintable()
    assert len(note) < 140


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\0\0\0\x18ftypheic", "a HEIC picture"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0heicmif1", "a HEIF picture"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\0\0\0\x0cjP  \r\n", "a JPEG 2000 picture"),
    ],
)
def test_other_files_are_called_by_name(start: bytes, kind: str) -> None:
    with pytest.raises(Unsupported) as refused:
        decode(start + bytes(100))
    assert refused.value.value == kind


SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"
XML = "<?xml version='1.0' encoding='UTF-8'?>"
DOCTYPE = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [ <!ENTITY a "<html>"> ]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"\n {SVG}", "an SVG drawing"),
        (XML + SVG, "an SVG drawing"),
        (f"{XML}\n<!-- drawn by <html> -->\n{DOCTYPE}\n{SVG}", "an SVG drawing"),
        (f"{XML}<?xml-stylesheet href='a.css'?><svg:svg xmlns:svg='…'/>", "an SVG drawing"),
        (f"{XML}<!-- {'x' * 9000} -->{SVG}", "an XML document"),
        (f"{DOCTYPE}<!-- {'x' * 9000} -->{SVG}", "an SVG drawing"),
        (f"{XML}<kml><svg/></kml>", "an XML document"),
        ("<!doctype html><svg>", "a web page"),
        ("<HTML lang='en'>", "a web page"),
        (f"{XML}<!-- <svg> --><html>", "a web page"),
    ],
)
def test_a_document_is_called_by_its_first_element(text: str, kind: str, encoding: str) -> None:
    with pytest.raises(Unsupported) as refused:
        decode(text.encode(encoding))
    assert refused.value.value == kind
    assert ("Save it as PNG" in refused.value.remedy) == (kind == "an SVG drawing")


def test_size_is_checked_before_anything_is_decoded() -> None:
    for width, height in ((60_000, 60_000), (30_000, 1), (2**31 - 1, 2**31 - 1)):
        with pytest.raises(TooLarge) as refused:
            decode(png(width, height, 8, 2, b""))
        assert refused.value.value == f"{width}×{height} pixels"
    canvas = b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0x80, 0, 0) + bytes(6)
    with pytest.raises(TooLarge):
        decode(canvas + b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x4c\x01\0\x3b")
    with pytest.raises(TooLarge):
        decode(files()["png rgb"], None, Limits(upload_pixels=1000))
    with pytest.raises(TooLarge):
        decode(files()["png rgb"], None, Limits(upload_bytes=1000))


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused() -> None:
    bomb = zlib.compress(bytes(100_000_000))
    for part in (chunk(b"zTXt", b"a\0\0" + bomb), chunk(b"iCCP", b"a\0\0" + bomb)):
        assert isinstance(outcome(png(1, 1, 8, 0, b"\0\x01", part)), Problem)


def test_nothing_is_refused_as_such() -> None:
    with pytest.raises(Unfit, match="nothing in it"):
        decode(b"")


def test_decoding_in_threads_leaves_the_warning_filters_as_they_were() -> None:
    before = list(warnings.filters)
    threads = [threading.Thread(target=decode, args=(content,)) for content in files().values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert warnings.filters == before
