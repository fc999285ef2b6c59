"""From the bytes of an uploaded picture to its pixels, or to a refusal. Knows no HTTP and no store.

It runs in a process of its own (``worker``): a decoder fed with hostile bytes may take all of the time and memory
that it is given.
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import AvifImagePlugin, Image, ImageFile, UnidentifiedImageError

from ...core.errors import (
    Problem,
    TooLarge,
    Unfit,
    Unsupported,
    counted,
)
from . import deep
from .bounds import (
    check_container,
    check_size,
    out_of_memory,
    webp_size,
)
from .colour import Profile, profile_of
from .formats import (
    FORMATS,
    TIFF,
    damaged,
    declared_note,
    named,
    unknown,
)
from .limits import DEFAULT_LIMITS, Limits
from .tiff import read_tiff

Pixels = NDArray[Any]

# Sizes are checked here, before anything is decoded; half a picture is refused, not filled up with grey.
Image.MAX_IMAGE_PIXELS = None
ImageFile.LOAD_TRUNCATED_IMAGES = False
AvifImagePlugin.DEFAULT_MAX_THREADS = (
    1  # each holds frames of its own, and other pictures want the processors too
)

_ORIENTATION = 0x0112
_SUBFILE, _SUB_IFDS, _DNG = 254, 330, 50706  # tags of TIFF
_WHITE = "transparent parts are laid over white"
_UPRIGHT = "turned upright, as its EXIF orientation says"


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture, upright, without alpha: 1 (grey) or 3 (red, green, blue) planes.

    uint8 or uint16; float32 where the file holds numbers that no picture's range is known of.
    """

    pixels: Pixels  # (channels, row, col)
    mode: str  # what the file held, in words
    notes: tuple[str, ...] = ()  # what was done to it that a person may want to know


def decode(data: bytes, declared: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Picture:
    """The picture in ``data``, told by its content; a note says so where ``declared`` names another type.

    Whatever the bytes are, the outcome is a Picture or a Problem.
    """
    if not data:
        raise Unfit("image", "0 bytes", "there is nothing in it", "Send the bytes of a picture as the body.")
    if len(data) > limits.upload_bytes:
        raise TooLarge(
            "image",
            counted(len(data), "byte"),
            f"an upload is at most {counted(limits.upload_bytes, 'byte')}",
            "Send a smaller picture.",
        )
    check_container(data)
    size = webp_size(data)
    if size is not None:
        check_size("WEBP", size, limits)
    with _quiet:
        if not data.startswith(TIFF):
            return _decoded(_opened(data), data, declared, limits)
        try:
            opened = _opened(data)
        except Problem:  # of a kind that Pillow does not hold
            return _numbers(data, declared, limits)
        if deep.is_misread(opened):
            opened.close()
            return _numbers(data, declared, limits)
        return _decoded(opened, data, declared, limits)


def _decoded(opened: ImageFile.ImageFile, data: bytes, declared: str | None, limits: Limits) -> Picture:
    with opened as picture:
        name = "JPEG" if picture.format == "MPO" else str(picture.format)
        check_size(name, picture.size, limits)
        _check_camera(picture, data)
        try:
            return _Reading(data, picture, name).picture(declared_note(name, declared))
        except MemoryError:
            raise out_of_memory(name, picture.size) from None
        # A decoder fed with hostile bytes may throw anything at all.
        except Exception as error:
            raise damaged(name, error) from error


def _numbers(data: bytes, declared: str | None, limits: Limits) -> Picture:
    """A TIFF that is not a picture as Pillow has them."""
    try:
        planes, depth, orientation, notes = read_tiff(data, limits)
        if orientation in _UPRIGHT_BY:
            notes = (_UPRIGHT, *notes)
            planes = _upright(planes, orientation)
    except Problem:
        raise
    except MemoryError:
        raise out_of_memory("TIFF", (0, 0)) from None
    except Exception as error:
        raise damaged("TIFF", error) from error
    native = np.ascontiguousarray(planes, planes.dtype.newbyteorder("="))
    return Picture(native, f"TIFF, {depth}", (*declared_note("TIFF", declared), *notes))


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
        raise unknown(data) from None
    except MemoryError:
        raise TooLarge(
            "image",
            counted(len(data), "byte"),
            "reading its head takes too much memory",
            "Save it again.",
        ) from None
    except Exception as error:
        raise damaged("picture", error) from error


def _check_camera(picture: ImageFile.ImageFile, data: bytes) -> None:
    """A camera's raw file is a TIFF whose first picture is a small preview."""
    tags = getattr(picture, "tag_v2", {})
    preview = tags.get(_SUBFILE, 0) == 1 and _SUB_IFDS in tags
    if _DNG in tags or preview or (tags and data[8:10] == b"CR"):
        raise Unsupported(
            "image",
            "a camera's raw file",
            "what a sensor measured is no picture yet",
            "Develop it, and save it as JPEG or as TIFF with 16 bits.",
        )


class _Reading:
    """One picture on its way from a file whose head was read to planes."""

    def __init__(self, data: bytes, picture: ImageFile.ImageFile, name: str) -> None:
        self._data = data
        self._file = picture
        self._name = name
        self._notes: list[str] = []
        deep.read_as_unpacked(picture)
        # Asked now: Pillow loads a PNG to find its EXIF.
        self._deep = deep.is_deep(picture)
        self._keeps_depth = deep.keeps_depth(picture)
        self._orientation = _orientation(picture)

    def picture(self, notes: tuple[str, ...]) -> Picture:
        """Decode it all."""
        self._notes += notes
        file = self._file
        several = bool(getattr(file, "is_animated", False))
        if file.format == "TIFF" and self._orientation in _UPRIGHT_BY:
            self._notes.append(_UPRIGHT)  # Pillow does it while it loads
            self._orientation = 1
        elif self._orientation in _UPRIGHT_BY:
            self._notes.append(_UPRIGHT)
        profile = profile_of(file, _colour_mode(file.mode))
        if self._deep and self._keeps_depth and profile.transform is None:
            pixels, depth = self._deep_colour()
        elif file.mode in ("I", "F") or file.mode.startswith("I;16"):
            pixels, depth = self._one_channel(profile)
            profile = Profile()
        else:
            if self._deep:
                cut = ", as its colours are turned into sRGB" if profile.transform else ""
                self._notes.append(f"its 16 bits a channel are cut to 8{cut}")
            elif (bits := _avif_bits(self._name, self._data)) > 8:
                self._notes.append(f"its {counted(bits, 'bit')} a channel are cut to 8")
            pixels, depth = self._planes(profile)
        if profile.note:
            self._notes.append(profile.note)
        if several or self._has_second_frame():
            self._notes.append("the first of its frames is shown")
        return Picture(pixels, f"{named(self._name)}, {depth}", tuple(self._notes))

    def _room(self, channels: int, dtype: type[np.uint8] | type[np.uint16]) -> tuple[Pixels, Pixels]:
        """Planes for the picture upright, and the same memory seen as the file has it."""
        width, height = self._file.size
        turned = self._orientation in (5, 6, 7, 8)
        planes = np.empty((channels, width, height) if turned else (channels, height, width), dtype)
        return planes, _UPRIGHT_BY.get(self._orientation, _as_it_is)(planes)

    def _planes(self, profile: Profile) -> tuple[Pixels, str]:
        """8 bits a channel, in sRGB and over white, a band of rows at a time: the picture is not held twice."""
        file = self._file
        depth = _DEPTHS.get(file.mode, file.mode)
        file.load()
        grey = file.mode in _GREY
        planes, seen = self._room(1 if grey else 3, np.uint8)
        laid = False
        for first, last in deep.bands(file.size):
            part, over_white = _flattened(file.crop((0, first, file.width, last)), profile)
            laid |= over_white
            rows = np.asarray(part)
            seen[:, first:last] = rows[None] if grey else rows.transpose(2, 0, 1)
        if laid:
            self._notes.append(_WHITE)
        return planes, depth

    def _deep_colour(self) -> tuple[Pixels, str]:
        """16 bits a channel."""
        self._file.load()
        with _opened(self._data) as again:
            deep.read_low_bytes(again)
            again.load()
            planes, seen = self._room(3, np.uint16)
            if deep.whole_numbers(self._file, again, seen):
                self._notes.append(_WHITE)
        return planes, f"16-bit RGB{' with alpha' if self._file.mode == 'RGBA' else ''}"

    def _one_channel(self, profile: Profile) -> tuple[Pixels, str]:
        """One channel of 16 bits, or of numbers that no picture's range is known of."""
        file = self._file
        file.load()
        values, depth = deep.one_channel(file)
        clear = file.info.get("transparency")
        if values.dtype == np.uint16 and isinstance(clear, int) and (values == clear).any():
            values[values == clear] = deep.WHITE
            self._notes.append(_WHITE)
        if profile.transform is not None:
            self._notes.append(
                f"its colour profile ({profile.name}) is not used: numbers of more than 8 bits stay"
            )
        if values.dtype == np.float32:
            self._notes.append("its numbers are kept as they are")
        return np.ascontiguousarray(_upright(values[None], self._orientation)), depth

    def _has_second_frame(self) -> bool:
        """Whether there is more than one picture. Frames are never counted: that reads them all."""
        if self._file.format != "GIF":
            return False
        try:
            self._file.seek(1)
        except Exception:  # no second frame, or none that can be read
            return False
        return True


def _as_it_is(planes: Pixels) -> Pixels:
    return planes


# EXIF orientation -> from the upright planes to the same memory as the file has it. All but two are their own
# inverse.
_UPRIGHT_BY: dict[int, Callable[[Pixels], Pixels]] = {
    2: lambda planes: planes[:, :, ::-1],
    3: lambda planes: planes[:, ::-1, ::-1],
    4: lambda planes: planes[:, ::-1],
    5: lambda planes: planes.swapaxes(1, 2),
    6: lambda planes: np.rot90(planes, 1, axes=(1, 2)),
    7: lambda planes: planes.swapaxes(1, 2)[:, ::-1, ::-1],
    8: lambda planes: np.rot90(planes, -1, axes=(1, 2)),
}


def _upright(planes: Pixels, orientation: int) -> Pixels:
    """Planes as a file has them, upright."""
    return _UPRIGHT_BY.get({6: 8, 8: 6}.get(orientation, orientation), _as_it_is)(planes)


_GREY = ("1", "L", "LA", "La")
_DEPTHS = {
    "1": "black and white",
    "L": "8-bit grey",
    "LA": "8-bit grey with alpha",
    "La": "8-bit grey with alpha",
    "P": "palette of 8-bit RGB",
    "PA": "palette of 8-bit RGB with alpha",
    "RGB": "8-bit RGB",
    "RGBA": "8-bit RGB with alpha",
    "CMYK": "8-bit CMYK",
    "LAB": "8-bit Lab",
    "YCbCr": "8-bit YCbCr",
}


def _orientation(picture: Image.Image) -> int:
    """The EXIF orientation; EXIF that cannot be read says nothing about the pixels."""
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
        return value if isinstance(value, int) else 1
    except Exception:
        return 1


def _colour_mode(mode: str) -> str:
    """The mode in which the colours of a picture are read: L, RGB, CMYK or LAB."""
    if mode in _GREY or mode in ("I", "F") or mode.startswith("I;16"):
        return "L"
    return mode if mode in ("CMYK", "LAB") else "RGB"


def _flattened(part: Image.Image, profile: Profile) -> tuple[Image.Image, bool]:
    """A part in mode L or RGB, in sRGB, laid over white where it is transparent; and whether it was."""
    has_alpha = part.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in part.info
    wanted = _colour_mode(part.mode)
    if not has_alpha:
        plain = profile.apply(part if part.mode == wanted else part.convert(wanted))
        return (plain if plain.mode in ("L", "RGB") else plain.convert("RGB")), False
    full = part if part.mode == "RGBA" else part.convert("RGBA")
    colour = profile.apply(full.getchannel("R") if wanted == "L" else full.convert("RGB"))
    alpha = full.getchannel("A")
    if alpha.getextrema()[0] == 255:
        return colour, False
    paper = Image.new(colour.mode, colour.size, "white")
    paper.paste(colour, mask=alpha)
    return paper, True


def _avif_bits(name: str, data: bytes) -> int:
    """Bits a channel of an AVIF picture, by the configuration of its codec; Pillow gives 8 of them."""
    at = data.find(b"av1C", 0, 65_536) if name == "AVIF" else -1
    if at < 0 or at + 7 > len(data):
        return 8
    return (12 if data[at + 6] & 0x20 else 10) if data[at + 6] & 0x40 else 8
