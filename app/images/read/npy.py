"""The ``.npy`` format, in and out, never pickled. Knows no store and no picture."""

from __future__ import annotations

import math
import re
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import (
    Problem,
    TooLarge,
    Unfit,
    Unsupported,
    counted,
)
from .limits import DEFAULT_LIMITS, Limits

Array = NDArray[Any]
Floats = NDArray[np.float32] | NDArray[np.float64]

MAGIC = b"\x93NUMPY"
HEADER_BYTES = 10_000
FLOAT32_MOST = float(np.finfo(np.float32).max)
MOST_AXES = 5  # a weight with three spatial axes

# The header is a Python dictionary. It is read by pattern and never evaluated.
_DESCR = re.compile(r"['\"]descr['\"]\s*:\s*['\"]([<>|=]?)([a-zA-Z?])(\d*)[^'\"]*['\"]")
_ORDER = re.compile(r"['\"]fortran_order['\"]\s*:\s*(True|False)\b")
_SHAPE = re.compile(r"['\"]shape['\"]\s*:\s*\(([\d\sL,]*)\)")
_KINDS = {
    "c": "complex numbers",
    "O": "Python objects",
    "S": "text",
    "a": "text",
    "U": "text",
    "V": "raw bytes",
    "M": "dates",
    "m": "time spans",
}


def read_npy(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Floats:
    """An uploaded array: float64 stays float64, every other kind of number becomes float32; C order."""
    if len(data) > limits.upload_bytes:
        raise TooLarge(
            "image",
            counted(len(data), "byte"),
            f"an upload is at most {counted(limits.upload_bytes, 'byte')}",
            "Send a smaller array.",
        )
    return as_numbers(parse_npy(data), "an .npy")


def as_numbers(array: Array, described: str) -> Floats:
    """The numbers of an upload as they are kept: float64 stays float64, every other kind becomes float32."""
    if array.dtype.newbyteorder("=") == np.float64:
        wide = np.ascontiguousarray(array, dtype=np.float64)
        lost = np.isfinite(wide) & (np.abs(wide) > FLOAT32_MOST)
        if lost.any():
            raise Unfit(
                "image",
                f"{described} that holds {wide[lost][0]:g}",
                "that is larger than float32 can hold, which is what is computed with",
                "Scale its values to within ±3.4e38.",
            )
        return wide
    return np.ascontiguousarray(array, dtype=np.float32)


def parse_npy(data: bytes) -> Array:
    """The array of an ``.npy`` file with its own type, as a view of the bytes.

    Only numbers and booleans are read. The header's promise is compared with the length of the data before
    anything is made of it.
    """
    header, start = _header(data)
    dtype = _dtype(header)
    order, shape_text = _ORDER.search(header), _SHAPE.search(header)
    if order is None or shape_text is None:
        raise _damaged("its header names no order or no shape")
    lengths = [part.strip().rstrip("L") for part in shape_text[1].split(",")]
    if any(len(length) > 12 for length in lengths):
        raise _damaged("its shape is impossibly large")
    try:
        shape = tuple(int(length) for length in lengths if length)
    except ValueError:
        raise _damaged("its shape cannot be read") from None
    described = f"an .npy array {'×'.join(map(str, shape[:8])) or 'without axes'} of {dtype.name}"
    if not 1 <= len(shape) <= MOST_AXES:
        raise Unfit("image", described, f"an array here has 1 to {MOST_AXES} axes", "Reshape it.")
    if 0 in shape:
        raise Unfit("image", described, "it holds no numbers", "Give each axis at least one cell.")
    promised, present = math.prod(shape) * dtype.itemsize, len(data) - start
    if promised != present:
        what = "is cut short" if present < promised else "has bytes left over"
        raise _damaged(
            f"its header promises {counted(promised, 'byte')} and {present:,} follow: it {what}", described
        )
    flat = np.frombuffer(data, dtype, offset=start)
    if dtype == np.uint8 and _kind(header) in ("b", "?"):
        flat = (flat != 0).view(np.uint8)
    if order[1] == "True":
        return flat.reshape(shape[::-1]).transpose()
    return flat.reshape(shape)


def npy_head(array: Array) -> bytes:
    """The header before the numbers of a C-ordered little-endian ``.npy`` file."""
    return npy_head_of(array.shape, array.dtype)


def npy_head_of(shape: tuple[int, ...], dtype: np.dtype[Any]) -> bytes:
    """The same for an array that is not there yet."""
    lengths = f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
    text = f"{{'descr': '{little_endian(dtype).str}', 'fortran_order': False, 'shape': {lengths}, }}"
    before = len(MAGIC) + 4
    text += " " * (-(before + len(text) + 1) % 64) + "\n"
    return MAGIC + bytes((1, 0)) + struct.pack("<H", len(text)) + text.encode("ascii")


def npy_bytes(array: Array) -> bytes:
    """An array as an ``.npy`` file, C order, little-endian."""
    return npy_head(array) + np.ascontiguousarray(array, dtype=little_endian(array.dtype)).tobytes()


def little_endian(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The same type in the byte order that files have here."""
    return dtype.newbyteorder("<")


def _header(data: bytes) -> tuple[str, int]:
    """The header's text and where the numbers start."""
    if not data.startswith(MAGIC):
        raise Unsupported(
            "image", "no .npy", "these bytes do not begin as an .npy file does", "Save it with numpy.save."
        )
    if len(data) < 12:
        raise _damaged("it ends within its header")
    if data[6:8] == b"\x01\x00":
        start, (length,) = 10, struct.unpack_from("<H", data, 8)
    elif data[6:8] in (b"\x02\x00", b"\x03\x00"):
        start, (length,) = 12, struct.unpack_from("<I", data, 8)
    else:
        raise Unsupported(
            "image",
            f".npy version {data[6]}.{data[7]}",
            "this version is not known",
            "Save it with numpy.save.",
        )
    if length > HEADER_BYTES:
        raise _damaged(f"its header claims {counted(length, 'byte')}")
    if start + length > len(data):
        raise _damaged("it ends within its header")
    return data[start : start + length].decode("latin-1"), start + length


def _kind(header: str) -> str:
    found = _DESCR.search(header)
    return found[2] if found else ""


def _dtype(header: str) -> np.dtype[Any]:
    """The type of the numbers; booleans are read as bytes, since a byte may hold anything."""
    found = _DESCR.search(header)
    if found is None:
        raise Unfit(
            "image", "an .npy of records", "its entries are no plain numbers", "Save one array of numbers."
        )
    order, kind, width = found.groups()
    if kind in _KINDS:
        raise Unfit(
            "image",
            f"an .npy of {_KINDS[kind]}",
            f"{_KINDS[kind]} are not worked on here",
            "Save whole or floating-point numbers.",
        )
    if kind in ("b", "?") and width in ("", "1"):
        return np.dtype(np.uint8)
    if (kind in "iu" and width in ("1", "2", "4", "8")) or (kind == "f" and width in ("2", "4", "8")):
        return np.dtype(f"{'<' if order in ('', '=', '|') else order}{kind}{width}")
    raise Unfit(
        "image",
        f"an .npy of type {kind}{width}"[:60],
        "this type of number is not worked on here",
        "Save it as float32.",
    )


def _damaged(reason: str, value: str = "a damaged .npy") -> Problem:
    return Unfit("image", value, reason, "Save it again with numpy.save and send the whole file.")
