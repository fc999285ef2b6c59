"""Depth and colour: 16 bits stay whole or it is told, floating point stays as it is, profiles become sRGB."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageCms

from app.core.errors import Unfit, Unsupported
from app.images.read.decode import decode
from app.images.read.limits import Limits

from .pictures import (
    chunk,
    photograph,
    png,
    png16,
    saved,
    tiff,
)

KEPT = "its numbers are kept as they are"
TYPES = ["uint8", "uint16", "int16", "uint32", "int32", "float16", "float32", "float64"]


def numbers(dtype: str, channels: int, seed: int = 0) -> np.ndarray:
    """Numbers over all of a type's range, halves and negatives included."""
    drawn = np.random.default_rng(seed).random((5, 7, channels))
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return ((drawn - 0.5) * 1000).astype(kind)
    info = np.iinfo(kind)
    return (info.min + drawn * (float(info.max) - info.min)).astype(kind)


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.uint16, st.tuples(st.integers(1, 6), st.integers(1, 6), st.sampled_from([1, 3]))))
def test_sixteen_bits_are_kept_whole(pixels: np.ndarray) -> None:
    for file in (png16(pixels), tiff(pixels), tiff(pixels, order=">", packed=True)):
        picture = decode(file)
        assert picture.pixels.dtype == np.uint16
        assert "16-bit" in picture.mode
        assert picture.notes == ()
        np.testing.assert_array_equal(picture.pixels, pixels.transpose(2, 0, 1))


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("dtype", TYPES)
def test_numbers_of_every_type_in_colour_are_read_as_they_are(
    dtype: str, order: Any, planar: Any, compression: str | None
) -> None:
    pixels = numbers(dtype, 3)
    given = pixels if planar == "contig" else pixels.transpose(2, 0, 1)
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        np.ascontiguousarray(given),
        byteorder=order,
        photometric="rgb",
        planarconfig=planar,
        compression=compression,
    )
    picture = decode(file.getvalue())
    whole = dtype in ("uint8", "uint16")
    assert picture.pixels.dtype == (dtype if whole or dtype == "float64" else "float32")
    assert (KEPT in picture.notes) == (not whole)
    np.testing.assert_array_equal(picture.pixels, pixels.transpose(2, 0, 1).astype(picture.pixels.dtype))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("dtype", TYPES)
def test_one_channel_of_every_type_is_read_as_it_is(dtype: str, order: Any, packed: bool) -> None:
    pixels = numbers(dtype, 1)
    picture = decode(tiff(pixels, order=order, packed=packed))
    np.testing.assert_array_equal(picture.pixels[0], pixels[..., 0].astype(picture.pixels.dtype))
    assert picture.pixels.dtype.kind == ("u" if dtype in ("uint8", "uint16") else "f")


def test_many_channels_are_channels() -> None:
    pixels = numbers("uint16", 7)
    picture = decode(tiff(pixels, tags={262: 1}))
    np.testing.assert_array_equal(picture.pixels, pixels.transpose(2, 0, 1).astype(np.float32))
    assert picture.mode == "TIFF, uint16, 7 channels"


def test_numbers_that_are_none_stay_and_those_beyond_float32_are_refused() -> None:
    odd = np.array([[[np.nan], [np.inf], [-np.inf], [0.5]]], np.float32)
    np.testing.assert_array_equal(decode(tiff(odd)).pixels[0], odd[..., 0])
    with pytest.raises(Unfit, match="larger than float32"):
        decode(tiff(np.full((2, 2, 1), 1e300)))


@pytest.mark.parametrize("dtype", ["float32", "complex64"])
def test_a_tiff_that_cannot_be_read_is_refused_with_a_remedy(dtype: str) -> None:
    file = io.BytesIO()
    photometric: Any = "rgb" if dtype == "float32" else "minisblack"
    tifffile.imwrite(file, np.zeros((4, 4, 3), dtype), photometric=photometric)
    content = bytearray(file.getvalue())
    if dtype == "float32":  # says that it is compressed by LZW
        at = content.index(b"\x03\x01\x03\x00\x01\x00\x00\x00")
        content[at + 8] = 5
    with pytest.raises(Unsupported) as refused:
        decode(bytes(content))
    assert ".npy" in refused.value.remedy


def test_white_is_zero_in_some_files() -> None:
    pixels = numbers("uint16", 1)
    picture = decode(tiff(pixels, tags={262: 0}))
    np.testing.assert_array_equal(picture.pixels[0], 65535 - pixels[..., 0])


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_tiff_is_turned_upright(dtype: str, orientation: int) -> None:
    pixels = numbers(dtype, 3)
    picture = decode(tiff(pixels, tags={274: orientation}))
    turned = np.rot90(pixels, {3: 2, 6: -1, 8: 1}[orientation]).transpose(2, 0, 1)
    np.testing.assert_array_equal(picture.pixels, turned.astype(picture.pixels.dtype))
    assert "turned upright, as its EXIF orientation says" in picture.notes


@pytest.mark.parametrize("channels", [2, 4])
def test_deep_transparent_pictures_keep_their_depth_or_say_that_they_do_not(channels: int) -> None:
    pixels = numbers("uint16", channels)
    pixels[0, 0, -1], pixels[1, 0, -1] = 0, 65535
    picture = decode(png16(pixels))
    deep = picture.pixels.dtype == np.uint16
    assert deep == (channels == 4)
    assert ("its 16 bits a channel are cut to 8" in picture.notes) == (not deep)
    assert "transparent parts are laid over white" in picture.notes
    white, opaque = picture.pixels[:, 0, 0], picture.pixels[:, 1, 0]
    assert (white == np.iinfo(picture.pixels.dtype).max).all()
    if deep:
        np.testing.assert_array_equal(opaque, pixels[1, 0, :3])
        share = pixels[2, 3, 3] / 65535
        mixed = pixels[2, 3, :3] * share + 65535 * (1 - share)
        np.testing.assert_allclose(picture.pixels[:, 2, 3], mixed, atol=1)


def test_one_deep_colour_may_be_the_transparent_one() -> None:
    pixels = np.array([[[1, 2, 300], [1, 2, 301]]], np.uint16)
    picture = decode(png16(pixels, chunk(b"tRNS", b"\0\1\0\2\1\x2c")))
    assert picture.pixels[:, 0].tolist() == [[65535, 1], [65535, 2], [65535, 301]]


def test_more_than_eight_bits_of_an_avif_are_told() -> None:
    content = saved(photograph(), "AVIF")
    at = content.index(b"av1C")
    assert not any("cut" in note for note in decode(content).notes)
    deep = content[: at + 6] + bytes([content[at + 6] | 0x40]) + content[at + 7 :]
    deep = deep.replace(b"pixi\0\0\0\0\3\x08\x08\x08", b"pixi\0\0\0\0\3\x0a\x0a\x0a")
    assert "its 10 bits a channel are cut to 8" in decode(deep).notes


def test_a_camera_s_raw_file_is_called_that() -> None:
    for tags in ({50706: b"\1\4\0\0"}, {254: 1, 330: 8}):
        with pytest.raises(Unsupported, match="raw file"):
            decode(tiff(numbers("uint8", 3), tags=dict(tags)))


# -------------------------------------------------------------------------------- profiles


def profile(name: str) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()  # type: ignore[arg-type]


def swapped() -> bytes:
    """A profile whose red is sRGB's green and the other way round, so that it can be seen."""
    plain = bytearray(profile("sRGB"))
    red, green = plain.index(b"rXYZ"), plain.index(b"gXYZ")
    plain[red : red + 4], plain[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(plain)


COLOURS = np.array([[[200, 30, 60], [30, 200, 60], [90, 90, 90], [255, 255, 255], [0, 0, 0]]], np.uint8)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP", "JPEG", "AVIF"])
def test_a_profile_is_turned_into_srgb_and_told(form: str) -> None:
    large = np.repeat(np.repeat(COLOURS, 16, axis=0), 16, axis=1)
    exact: dict[str, dict[str, Any]] = {
        "WEBP": {"lossless": True},
        "JPEG": {"quality": 100, "subsampling": 0},
        "AVIF": {"quality": 100, "subsampling": "4:4:4"},
    }
    content = saved(Image.fromarray(large), form, icc_profile=swapped(), **exact.get(form, {}))
    picture = decode(content)
    centres = picture.pixels[:, 8, 8::16].T
    np.testing.assert_allclose(centres, COLOURS[0][:, [1, 0, 2]], atol=6)
    (note,) = picture.notes
    assert note.startswith("its colours are turned into sRGB from its profile (")


def test_the_profile_of_srgb_changes_nothing_and_is_not_told() -> None:
    decoded = decode(saved(photograph(), "PNG", icc_profile=profile("sRGB")))
    assert decoded.notes == ()
    np.testing.assert_array_equal(decoded.pixels, decode(saved(photograph(), "PNG")).pixels)


def test_transparent_and_palette_pictures_have_profiles_too() -> None:
    clear = Image.fromarray(COLOURS).convert("RGBA")
    clear.putpixel((0, 0), (200, 30, 60, 0))
    for picture in (clear, Image.fromarray(COLOURS).convert("P", palette=Image.Palette.ADAPTIVE)):
        pixels = decode(saved(picture, "PNG", icc_profile=swapped())).pixels
        np.testing.assert_allclose(pixels[:, 0, 1], [200, 30, 60], atol=6)
        if picture is clear:
            assert pixels[:, 0, 0].tolist() == [255, 255, 255]


def test_a_deep_picture_with_a_profile_is_turned_and_says_that_it_was_cut() -> None:
    pixels = COLOURS.astype(np.uint16) * 257
    plain = decode(tiff(pixels, tags={34675: profile("sRGB")}))
    assert plain.pixels.dtype == np.uint16
    turned = decode(tiff(pixels, tags={34675: swapped()}))
    assert turned.pixels.dtype == np.uint8
    assert "its 16 bits a channel are cut to 8, as its colours are turned into sRGB" in turned.notes
    np.testing.assert_allclose(turned.pixels[:, 0].T, COLOURS[0][:, [1, 0, 2]], atol=6)


@pytest.mark.parametrize("data", [b"a profile of nothing", b"\0" * 200, profile("sRGB")[:300]])
def test_a_profile_that_cannot_be_read_is_told_and_the_numbers_stay(data: bytes) -> None:
    decoded = decode(saved(photograph(), "PNG", icc_profile=data))
    assert decoded.notes == ("its colour profile cannot be read: the stored numbers are used as they are",)
    np.testing.assert_array_equal(decoded.pixels, decode(saved(photograph(), "PNG")).pixels)


def test_a_profile_for_another_kind_of_colour_is_told() -> None:
    decoded = decode(saved(photograph("L"), "PNG", icc_profile=profile("sRGB")))
    assert decoded.pixels.shape[0] == 1
    assert any("another kind of colour" in note for note in decoded.notes)


def test_lab_becomes_srgb() -> None:
    lab = ImageCms.profileToProfile(
        Image.fromarray(COLOURS),
        ImageCms.createProfile("sRGB"),
        ImageCms.createProfile("LAB"),
        outputMode="LAB",
    )
    assert lab is not None
    decoded = decode(saved(lab, "TIFF"))
    np.testing.assert_allclose(decoded.pixels[:, 0].T, COLOURS[0], atol=8)


def test_memory_is_bounded_before_and_while_numbers_are_read() -> None:
    content = tiff(np.zeros((64, 64, 3), np.float32), packed=True)
    with pytest.raises(Exception, match="more memory") as refused:
        decode(content, None, Limits(decode_bytes=64 * 64 * 20))
    assert getattr(refused.value, "status", None) == 413


def test_a_deep_png_has_its_memory_bounded_by_its_head() -> None:
    with pytest.raises(Exception, match="more memory"):
        decode(png(4000, 4000, 16, 2, b""), None, Limits(decode_bytes=100_000_000))
