"""Frames are what their header says, and bytes that are no frame are told so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.stream.protocol import (
    FRAME_BYTES,
    HEADER,
    Dtype,
    FrameBuffer,
    Header,
    Kind,
    steps_per_frame,
)

u32 = st.integers(0, 2**32 - 1)


@given(
    st.builds(
        Header, st.sampled_from(Kind), st.sampled_from(Dtype), st.booleans(), u32, u32, u32, u32, u32, u32
    )
)
def test_a_header_survives_its_bytes(header: Header) -> None:
    buffer = bytearray(HEADER.size)
    header.pack_into(buffer)
    assert Header.unpack(bytes(buffer)) == header
    assert buffer[:4] == b"CSV1"


@given(st.integers(1, 70_000), st.sampled_from([4, 8]))
def test_a_full_frame_is_never_larger_than_allowed(planes: int, itemsize: int) -> None:
    steps = steps_per_frame(planes, itemsize)
    if steps == 0:
        assert HEADER.size + planes * itemsize > FRAME_BYTES
    else:
        assert HEADER.size + steps * planes * itemsize <= FRAME_BYTES


def test_planes_follow_the_header_one_after_the_other() -> None:
    buffer = FrameBuffer(2, 3, np.dtype(np.float32))
    buffer.planes[:] = [[1, 2, 3], [4, 5, 6]]
    data = buffer.finish(Header(Kind.STEPS, Dtype.FLOAT32, True, 1, 0, 0, 3, 1, 1))
    assert len(data) == 32 + 24
    assert np.frombuffer(data, "<f4", offset=32).tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("data", [b"", b"CSV1", b"X" * 32, b"CSV1\x02" + b"\0" * 27])
def test_other_bytes_are_no_frame(data: bytes) -> None:
    with pytest.raises(ValueError, match="frame"):
        Header.unpack(data)
