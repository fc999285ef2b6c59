"""Bundles: named arrays in one file, as .safetensors or .npz, in and out. Nothing is unpickled. Knows no network.

A .safetensors file is the length of a JSON head (u64, little-endian), the head, and the numbers. The head gives for
each name the type, the shape and the range of bytes, which are compared with the file before anything is made of them.
"""

from __future__ import annotations

import io
import json
import math
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from ..core.errors import Problem, Unfit, Unsupported
from ..images.read.npy import npy_bytes, parse_npy

Array = NDArray[Any]

TYPES: dict[str, str] = {"F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8", "U8": "|u1", "BOOL": "|b1"}
_NAMES = {np.dtype(text): name for name, text in TYPES.items()}
HEAD_BYTES = 1_000_000
MOST_TENSORS = 4096
MOST_RANK = 6
METADATA = "__metadata__"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Named arrays, and what is told beside them in words."""

    arrays: Mapping[str, Array]
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """Bytes of all numbers."""
        return sum(array.nbytes for array in self.arrays.values())


def safetensors_bytes(bundle: Bundle) -> bytes:
    """The bundle as a .safetensors file; the same bundle gives the same bytes."""
    head: dict[str, Any] = {METADATA: dict(bundle.metadata)} if bundle.metadata else {}
    parts, start = [], 0
    for name, array in bundle.arrays.items():
        little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        parts.append(little.tobytes())
        head[name] = {
            "dtype": _NAMES[little.dtype],
            "shape": list(array.shape),
            "data_offsets": [start, start + little.nbytes],
        }
        start += little.nbytes
    text = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([struct.pack("<Q", len(text)), text, *parts])


def npz_bytes(bundle: Bundle) -> bytes:
    """The bundle as an .npz file, which NumPy reads without unpickling; the same bundle gives the same bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in bundle.arrays.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), npy_bytes(array))
    return file.getvalue()


def parsed(data: bytes | memoryview) -> Bundle:
    """The bundle of a .safetensors file; raises Unfit for one that is damaged or made to harm."""
    if len(data) < 8:
        raise _broken("it is too short to be one")
    (length,) = struct.unpack_from("<Q", data)
    if length > min(HEAD_BYTES, len(data) - 8):
        raise _broken("its head is longer than the file, or than a head may be")
    try:
        head = json.loads(bytes(data[8 : 8 + length]))
    except (ValueError, RecursionError):
        raise _broken("its head is no JSON") from None
    if not isinstance(head, dict) or len(head) > MOST_TENSORS:
        raise _broken("its head lists no tensors, or too many")
    metadata = head.pop(METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(one, str) for one in metadata.values()):
        raise _broken("what it tells beside the tensors is no text")
    body = memoryview(data)[8 + length :]
    arrays: dict[str, Array] = {}
    total = 0
    for name, entry in head.items():
        array = _tensor(name, entry, body)
        total += array.nbytes
        if total > len(body):
            raise _broken("tensors share bytes")
        arrays[name] = array
    return Bundle(arrays, metadata)


def read_bundle(data: bytes, most: int) -> Bundle:
    """The bundle of an uploaded .safetensors or .npz file of at most so many bytes; raises Unfit."""
    check_foreign(data)
    if not data.startswith(b"PK"):
        return parsed(data)
    arrays: dict[str, Array] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_TENSORS or sum(entry.file_size for entry in entries) > most:
                raise _broken("unpacked it is larger than an upload may be")
            for entry in entries:
                with archive.open(entry) as file:
                    part = file.read(entry.file_size + 1)
                if len(part) > entry.file_size:
                    raise _broken("a part of it is larger than it says")
                array = parse_npy(part)
                if array.dtype.newbyteorder("<") not in _NAMES:
                    array = array.astype(np.float32)
                arrays[entry.filename.removesuffix(".npy")] = array
    except (
        Problem,
        zipfile.BadZipFile,
        NotImplementedError,  # zipfile, of a compression that it cannot undo
        RuntimeError,
        ValueError,
        EOFError,
        OSError,
        zlib.error,
    ):
        raise _broken("a part of it cannot be read") from None
    return Bundle(arrays)


def check_foreign(data: bytes) -> None:
    """Refuse weights in a form that holds programs, or that is another library's, and say how to save them instead."""
    head = data[:512]
    if head.startswith(b"\x89HDF"):
        raise Unsupported(
            "content-type",
            ".h5 or .hdf5",
            "weights are not read from HDF5",
            "In Keras, save np.savez('weights.npz', **{w.path: w.numpy() for w in model.weights}).",
        )
    pickled = head.startswith((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"))
    if pickled or (head.startswith(b"PK") and b"data.pkl" in head):
        raise Unsupported(
            "content-type",
            ".pt or .pth",
            "such a file holds a pickled program, which is never run here",
            "In PyTorch, save it with safetensors.torch.save_file(model.state_dict(), 'weights.safetensors').",
        )


def _tensor(name: str, entry: Any, body: memoryview) -> Array:
    if not isinstance(entry, dict) or entry.get("dtype") not in TYPES:
        raise _broken(f"{name[:40]} has no type that is known here")
    shape, offsets = entry.get("shape"), entry.get("data_offsets")
    if not _whole(shape, MOST_RANK) or not _whole(offsets, 2):
        raise _broken(f"{name[:40]} has no shape, or no place")
    dtype, (start, stop) = np.dtype(TYPES[entry["dtype"]]), (*offsets, -1, -1)[:2]
    if stop - start != math.prod(shape) * dtype.itemsize or stop > len(body):
        raise _broken(f"{name[:40]} has not as many bytes as its shape takes")
    array: Array = np.frombuffer(body[start:stop], dtype).reshape(shape)
    return array


def _whole(given: Any, most: int) -> TypeGuard[list[int]]:
    """A list of at most so many whole numbers from 0 on."""
    return (
        isinstance(given, list)
        and len(given) <= most
        and all(type(one) is int and 0 <= one < 2**48 for one in given)
    )


def _broken(reason: str) -> Unfit:
    return Unfit(
        "bundle",
        "a damaged one",
        f"this is no bundle that can be read: {reason}",
        "Make it again, or send another.",
    )


def as_pixels(bundle: Bundle) -> NDArray[np.uint8]:
    """The bundle as one array that a store of uploads keeps: its file, one byte a cell."""
    return np.frombuffer(safetensors_bytes(bundle), np.uint8).reshape(1, 1, -1)


def bundle_in(array: Array) -> Bundle | None:
    """The bundle that a kept array is; None for a picture or an array."""
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[:2] != (1, 1) or array.size < 8:
        return None
    try:
        return parsed(memoryview(np.ascontiguousarray(array).reshape(-1)))  # type: ignore[arg-type]
    except Unfit:
        return None


def layer_tensors(bundle: Bundle, layer: str) -> dict[str, Array]:
    """The tensors of a layer, by their own names."""
    prefix = f"{layer}."
    return {
        name.removeprefix(prefix): one
        for name, one in bundle.arrays.items()
        if name.startswith(prefix) and "." not in name.removeprefix(prefix)
    }


def of_pixels(array: Array) -> Bundle:
    """The bundle that a kept array is; raises Unfit for an array of anything else."""
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[:2] != (1, 1):
        raise _broken("it is a picture or an array")
    return parsed(array.tobytes())
