"""The stream's bytes and messages, defined once; ``static/js/server/protocol.js`` mirrors it. Knows no socket.

A binary frame is a 32-byte little-endian header and then planes of equal length: first one value plane per
lane, then one window plane per group, channel and tap. A frame of stamps has a value plane per lane and tap,
and a window plane per group and channel. JavaScript reads them as typed-array views.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from ...core.errors import counted

SUBPROTOCOL = "convscope.v1"
MAGIC = 0x31565343  # "CSV1"
VERSION = 1
HEADER = struct.Struct("<IBBBBIIIIII")
FRAME_BYTES = 256 * 1024  # no frame is larger
TARGET_BYTES = 224 * 1024  # what a full frame aims at
FIRST_STEPS = 128  # steps of a job's first frame, so that it leaves at once


class Kind(IntEnum):
    """The kind of numbers that a frame carries."""

    STEPS = 1
    INPUT = 2
    WEIGHT = 3
    BIAS = 4
    PARTIAL = 5  # the output before the first step, of a walk that adds up
    STAMPS = 6  # steps of such a walk: value planes per lane and tap
    SNAPSHOT = 7  # all parameters after some training steps, in the order that the begin of the job tells
    CHECKPOINT = 8  # the same, and a plane for each row that the optimiser carries


class Dtype(IntEnum):
    """The type of a frame's numbers."""

    FLOAT32 = 1
    FLOAT64 = 2


LAST = 1  # flag: the last frame of its kind

_DTYPES = {np.dtype(np.float32): Dtype.FLOAT32, np.dtype(np.float64): Dtype.FLOAT64}

Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Header:
    """The header of one frame; ``first`` and ``count`` are in steps, or in elements for a tensor."""

    kind: Kind
    dtype: Dtype
    last: bool
    job: int
    sequence: int
    first: int
    count: int
    lanes: int
    windows: int

    def pack_into(self, buffer: bytearray | memoryview) -> None:
        """Write the 32 bytes."""
        flags = LAST if self.last else 0
        HEADER.pack_into(
            buffer,
            0,
            MAGIC,
            VERSION,
            self.kind,
            self.dtype,
            flags,
            self.job,
            self.sequence,
            self.first,
            self.count,
            self.lanes,
            self.windows,
        )

    @classmethod
    def unpack(cls, data: bytes) -> Header:
        """Read a header; raises ValueError for bytes that are no frame of this version."""
        if len(data) < HEADER.size:
            raise ValueError(f"a frame has at least {counted(HEADER.size, 'byte')}, this one {len(data)}")
        magic, version, kind, dtype, flags, *numbers = HEADER.unpack_from(data)
        if magic != MAGIC or version != VERSION:
            raise ValueError("these bytes are no frame of convscope.v1")
        return cls(Kind(kind), Dtype(dtype), bool(flags & LAST), *numbers)


class FrameBuffer:
    """One frame being made: header space and the planes as a writable array over the same bytes."""

    def __init__(self, planes: int, count: int, dtype: np.dtype[np.floating]) -> None:
        self._bytes: NDArray[np.uint8] = np.empty(HEADER.size + planes * count * dtype.itemsize, np.uint8)
        self.planes: Array = self._bytes[HEADER.size :].view(dtype).reshape(planes, count)

    def finish(self, header: Header) -> bytes:
        """The frame's bytes."""
        header.pack_into(self._bytes.data)
        return self._bytes.tobytes()


def dtype_code(array: Array) -> Dtype:
    """The code of an array's type."""
    return _DTYPES[array.dtype]


def steps_per_frame(planes: int, itemsize: int) -> int:
    """How many steps fill a frame; 0 when not even one step fits into FRAME_BYTES."""
    per_step = planes * itemsize
    if HEADER.size + per_step > FRAME_BYTES:
        return 0
    return max(1, TARGET_BYTES // per_step)
