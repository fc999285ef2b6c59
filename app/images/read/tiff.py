"""TIFF files of kinds that Pillow does not hold: floating point in several channels, half and double, many channels.

Knows no store.
"""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffFile, TiffPage

from ...core.errors import Problem, Unfit, Unsupported, counted
from .bounds import check_size, out_of_memory
from .formats import READ
from .limits import Limits
from .npy import as_numbers

MOST_CHANNELS = 256
_AXES = ("YX", "YXS", "SYX")  # row, col and channel, as tifffile names them
_ORIENTATION = 274
_KEPT = "its numbers are kept as they are"


def read_tiff(data: bytes, limits: Limits) -> tuple[NDArray[Any], str, int, tuple[str, ...]]:
    """The first page of a TIFF: (channels, row, col) as the file has it, what it holds, its orientation, notes.

    8 and 16 bits of grey or of red, green and blue stay whole numbers; the others are numbers as in an array.
    """
    with TiffFile(io.BytesIO(data)) as file:
        page = file.pages[0]
        assert isinstance(page, TiffPage)
        size = (page.imagewidth, page.imagelength)
        check_size("TIFF", size, limits)
        if page.dtype is None or page.dtype.kind not in "uif" or page.axes not in _AXES:
            raise _refused(f"a TIFF picture of {page.dtype or 'numbers of no known kind'}")
        if page.samplesperpixel > MOST_CHANNELS:
            raise Unfit(
                "image",
                counted(page.samplesperpixel, "channel"),
                f"a picture has at most {MOST_CHANNELS} channels here",
                "Choose some.",
            )
        # The page itself, and its numbers as they are kept.
        if math.prod(page.shape) * (page.dtype.itemsize + 8) > limits.decode_bytes:
            raise out_of_memory("TIFF", size)
        try:
            array = page.asarray(maxworkers=1)
        except ValueError as error:
            if "imagecodecs" not in str(error):
                raise
            raise _refused(
                f"a TIFF picture of {page.dtype.name}, compressed in a way that is not read"
            ) from None
        notes = ("the first of its frames is shown",) if _has_second_page(file) else ()
        orientation = int(page.tags.valueof(_ORIENTATION, 1))
    planes = array[None] if page.axes == "YX" else np.moveaxis(array, page.axes.index("S"), 0)
    channels = (
        "" if len(planes) == 1 else " RGB" if len(planes) == 3 else f", {counted(len(planes), 'channel')}"
    )
    if planes.dtype.kind == "u" and planes.dtype.itemsize <= 2 and len(planes) in (1, 3):
        return planes, f"{8 * planes.dtype.itemsize}-bit{channels or ' grey'}", orientation, notes
    numbers = as_numbers(planes, "a TIFF picture")
    return numbers, f"{planes.dtype.name}{channels}", orientation, (*notes, _KEPT)


def _has_second_page(file: TiffFile) -> bool:
    try:
        return file.pages[1] is not None
    except Exception:  # none, or none that can be read
        return False


def _refused(what: str) -> Problem:
    return Unsupported(
        "image",
        what,
        f"of {READ} this kind is not read",
        "Save it without compression or with ZIP compression, or its numbers as .npy.",
    )
