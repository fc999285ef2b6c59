"""From the bytes of an uploaded picture to its pixels, or to a refusal. Knows no HTTP and no store."""

from __future__ import annotations

import io
import threading
import warnings
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, UnidentifiedImageError

from ..core.errors import Problem, TooLarge, Unfit, Unsupported
from .limits import DEFAULT_LIMITS, Limits

Pixels = NDArray[np.uint8] | NDArray[np.uint16]

# Sizes are checked here, before anything is decoded; half a picture is refused, not filled up with grey.
Image.MAX_IMAGE_PIXELS = None
ImageFile.LOAD_TRUNCATED_IMAGES = False

# What is read, and the types by which each is declared. A camera's MPO is a JPEG with more behind it.
FORMATS = {
    "PNG": ("image/png", "image/x-png", "image/apng", "image/vnd.mozilla.apng"),
    "JPEG": ("image/jpeg", "image/jpg", "image/pjpeg", "image/x-jpeg"),
    "WEBP": ("image/webp",),
    "GIF": ("image/gif",),
    "BMP": ("image/bmp", "image/x-bmp", "image/x-ms-bmp", "image/x-windows-bmp"),
}
_UNDECLARED = {"", "image/*", "*/*", "application/octet-stream", "binary/octet-stream"}
_READ = "PNG, JPEG, WebP, GIF or BMP"
_NAMES = {"WEBP": "WebP", "MPO": "JPEG"}

# What else people send: how it begins (offset, bytes), what it is, and what to do.
_OTHERS = (
    (0, b"\x93NUMPY", "an .npy array", "Send it as application/x-npy."),
    (0, b"II*\0", "a TIFF picture", "Save it as PNG."),
    (0, b"MM\0*", "a TIFF picture", "Save it as PNG."),
    (4, b"ftypavi", "an AVIF picture", "Save it as PNG or JPEG."),
    (4, b"ftyphei", "a HEIC picture", "Save it as JPEG."),
    (4, b"ftyphev", "a HEIC picture", "Save it as JPEG."),
    (4, b"ftypmif1", "a HEIF picture", "Save it as JPEG."),
    (4, b"ftyp", "a film", "Save one frame of it as PNG."),
    (0, b"\xff\x0a", "a JPEG XL picture", "Save it as PNG or JPEG."),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL picture", "Save it as PNG or JPEG."),
    (0, b"\0\0\x01\0", "an icon", "Save it as PNG."),
    (0, b"8BPS", "a Photoshop file", "Save it as PNG."),
    (0, b"%PDF", "a PDF document", "Save its picture as PNG."),
    (0, b"<svg", "an SVG drawing", "Save it as PNG."),
    (0, b"<?xml", "an XML document", "Send a picture: PNG, JPEG, WebP, GIF or BMP."),
    (0, b"<!DOCTYPE", "a web page", "Save the picture itself, not the page that shows it."),
    (0, b"<html", "a web page", "Save the picture itself, not the page that shows it."),
    (0, b"PK\x03\x04", "a ZIP archive", "Unpack it and send one picture."),
)

_TURNS = {  # EXIF orientation → what brings the picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112
_BAND_PIXELS = 2_000_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture, upright, without alpha: 1 (grey) or 3 (red, green, blue) planes."""

    pixels: Pixels  # (channels, row, col)
    mode: str  # what the file held, in words
    notes: tuple[str, ...] = ()  # what was done to it that a person may want to know


def decode(data: bytes, declared: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Picture:
    """The picture in ``data``. What it is told by its content; a declared type that differs is refused.

    Whatever the bytes are, the outcome is a Picture or a Problem.
    """
    if not data:
        raise Unfit("image", "0 bytes", "there is nothing in it", "Send the bytes of a picture as the body.")
    if len(data) > limits.upload_bytes:
        raise TooLarge(
            "image",
            f"{len(data):,} bytes",
            f"an upload is at most {limits.upload_bytes:,} bytes",
            "Send a smaller picture.",
        )
    with _quiet:
        picture = _opened(data)
        with picture:
            name = str(picture.format)
            _check_declared("JPEG" if name == "MPO" else name, declared)
            _check_size(picture.size, limits)
            try:
                picture.load()
                converted = _converted(picture, name)
                return _with_frames_told(picture, converted)
            except MemoryError:
                raise TooLarge(
                    "image",
                    _dimensions(picture.size),
                    "it does not fit in this server's memory",
                    "Send a smaller picture.",
                ) from None
            # A decoder fed with hostile bytes may throw anything at all.
            except Exception as error:
                raise _damaged(name, error) from error


class _Quiet:
    """Without Pillow's warnings about odd files; the outcome says what there is to say.

    Python's warning filters are one for all threads, so the first decoder in sets them and the last one out
    restores them: each for itself would restore another's.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._filters = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.simplefilter("ignore")
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._filters.__exit__(None, None, None)


_quiet = _Quiet()


def _opened(data: bytes) -> ImageFile.ImageFile:
    """The picture with its header read, nothing decoded."""
    try:
        return Image.open(io.BytesIO(data), formats=list(FORMATS))
    except UnidentifiedImageError:
        raise _unknown(data) from None
    except Exception as error:
        raise _damaged("picture", error) from error


def _unknown(data: bytes) -> Problem:
    """Bytes that are none of the formats read here; a known other format is named."""
    start = data[:64].lstrip() if data[:64].lstrip()[:1] == b"<" else data[:64]
    for offset, magic, name, remedy in _OTHERS:
        if start[offset : offset + len(magic)].lower() == magic.lower():
            return Unsupported("image", name, f"only {_READ} is read here", remedy)
    for name, magic in (("PNG", b"\x89PNG"), ("JPEG", b"\xff\xd8"), ("GIF", b"GIF8"), ("BMP", b"BM")):
        if data.startswith(magic):
            return _damaged(name, None)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _damaged("WEBP", None)
    return Unsupported(
        "image",
        f"{len(data):,} bytes of something else",
        f"only {_READ} is read here",
        "Send the file of a picture in one of these formats.",
    )


def _check_declared(name: str, declared: str | None) -> None:
    kind = (declared or "").partition(";")[0].strip().lower()
    if kind in _UNDECLARED or kind in FORMATS[name]:
        return
    raise Unsupported(
        "image",
        f"declared {kind}"[:60],
        f"its content is {_NAMES.get(name, name)}",
        f"Send it with Content-Type: {FORMATS[name][0]}, or save it in the format that its name says.",
    )


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise Unfit("image", _dimensions(size), "it has no pixels", "Send a picture of at least 1×1.")
    if width * height > limits.upload_pixels:
        raise TooLarge(
            "image",
            _dimensions(size),
            f"it has {width * height:,} pixels, and at most {limits.upload_pixels:,} are decoded",
            "Scale it down.",
        )
    if max(size) > limits.upload_side:
        raise TooLarge(
            "image",
            _dimensions(size),
            f"a side has at most {limits.upload_side:,} pixels",
            "Scale it down or cut a part out.",
        )


def _dimensions(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]} pixels"


def _damaged(name: str, error: Exception | None) -> Problem:
    text = str(error).lower() if error else ""
    cut = any(word in text for word in ("truncated", "not enough", "unexpected end", "incomplete", "eof"))
    named = "a picture" if name == "picture" else f"a {_NAMES.get(name, name)} picture"
    reason = "it ends before the picture is complete" if cut else "its content is damaged"
    return Unfit("image", named, reason, "Send the whole file, or open it and save it again.")


def _converted(picture: Image.Image, name: str) -> Picture:
    """Whatever mode the file has as planes of grey or of red, green and blue, upright."""
    notes: list[str] = []
    turn = _TURNS.get(_orientation(picture))
    if turn is not None:
        notes.append("turned upright, as its EXIF orientation says")
    if picture.info.get("icc_profile"):
        notes.append("its colour profile is ignored: the stored numbers are used as they are")
    mode = picture.mode
    if mode in ("I", "F") or mode.startswith("I;16"):
        pixels, told = _deep(picture, turn, notes), "16-bit grey"
        return Picture(pixels, f"{_NAMES.get(name, name)}, {told}", tuple(notes))
    flat, told = _flattened(picture, notes)
    if turn is not None:
        flat = flat.transpose(turn)
    return Picture(_planes(flat), f"{_NAMES.get(name, name)}, {told}", tuple(notes))


def _with_frames_told(picture: ImageFile.ImageFile, converted: Picture) -> Picture:
    """A note where the file holds more than one picture. Frames are never counted: that reads them all."""
    try:
        if picture.format == "GIF":
            picture.seek(1)
        elif not getattr(picture, "is_animated", False):
            return converted
    except Exception:  # no second frame, or none that can be read
        return converted
    return replace(converted, notes=(*converted.notes, "the first of its frames is shown"))


def _orientation(picture: Image.Image) -> int:
    """The EXIF orientation; EXIF that cannot be read says nothing about the pixels."""
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
        return value if isinstance(value, int) else 1
    except Exception:
        return 1


def _deep(picture: Image.Image, turn: Image.Transpose | None, notes: list[str]) -> NDArray[np.uint16]:
    """16-bit grey as it is: Pillow's own way to 8 bits would clip it."""
    transparent = picture.info.get("transparency")
    if turn is not None:
        picture = picture.transpose(turn)
    values: NDArray[np.uint16] = np.clip(np.asarray(picture), 0, 65535).astype(np.uint16)
    if isinstance(transparent, int) and (values == transparent).any():
        values[values == transparent] = 65535
        notes.append("transparent parts are laid over white")
    return values[None]


def _flattened(picture: Image.Image, notes: list[str]) -> tuple[Image.Image, str]:
    """The picture in mode L or RGB, laid over white where it is transparent, and what it was."""
    mode, told = picture.mode, _TOLD.get(picture.mode, picture.mode)
    has_alpha = mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in picture.info
    grey = mode in ("1", "L", "LA", "La")
    if not has_alpha:
        plain = "L" if grey else "RGB"
        return (picture if mode == plain else picture.convert(plain)), told
    full = picture if mode == "RGBA" else picture.convert("RGBA")
    colour = full.getchannel("R") if grey else full.convert("RGB")
    alpha = full.getchannel("A")
    if alpha.getextrema()[0] != 255:
        paper = Image.new(colour.mode, colour.size, "white")
        paper.paste(colour, mask=alpha)
        colour = paper
        notes.append("transparent parts are laid over white")
    return colour, told


_TOLD = {
    "1": "black and white",
    "L": "8-bit grey",
    "LA": "8-bit grey with alpha",
    "P": "palette of 8-bit RGB",
    "PA": "palette of 8-bit RGB with alpha",
    "RGB": "8-bit RGB",
    "RGBA": "8-bit RGB with alpha",
    "CMYK": "8-bit CMYK",
}


def _planes(picture: Image.Image) -> NDArray[np.uint8]:
    """Channels first, a band of rows at a time: the picture is not held twice."""
    width, height = picture.size
    channels = len(picture.getbands())
    pixels = np.empty((channels, height, width), np.uint8)
    band = max(1, _BAND_PIXELS // width)
    for first in range(0, height, band):
        last = min(height, first + band)
        rows = np.asarray(picture.crop((0, first, width, last)))
        pixels[:, first:last] = rows[None] if channels == 1 else rows.transpose(2, 0, 1)
    return pixels
