"""The .npy format: what NumPy writes is read, and nothing else gets through."""

from __future__ import annotations

import contextlib
import io
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from app.core.errors import Problem, TooLarge, Unfit, Unsupported
from app.images.read.limits import Limits
from app.images.read.npy import npy_bytes, parse_npy, read_npy

numbers = (
    hnp.boolean_dtypes()
    | hnp.integer_dtypes(endianness="?")
    | hnp.unsigned_integer_dtypes(endianness="?")
    | hnp.floating_dtypes(sizes=(16, 32, 64), endianness="?")
)


def in_float32(dtype: np.dtype[Any]) -> st.SearchStrategy[Any]:
    """Any number of the type, but none that only float64 can hold."""
    if dtype.itemsize == 8 and dtype.kind == "f":
        return hnp.from_dtype(dtype, min_value=-3e38, max_value=3e38) | st.sampled_from([np.inf, np.nan])
    return hnp.from_dtype(dtype)


arrays = numbers.flatmap(
    lambda dtype: hnp.arrays(
        dtype, hnp.array_shapes(min_dims=1, max_dims=5, max_side=4), elements=in_float32(dtype)
    )
)


def saved(array: np.ndarray, **options: Any) -> bytes:
    out = io.BytesIO()
    np.save(out, array, **options)
    return out.getvalue()


@given(arrays, st.booleans())
def test_every_array_of_numbers_that_numpy_saves_is_read(array: np.ndarray, fortran: bool) -> None:
    read = read_npy(saved(np.asfortranarray(array) if fortran else array))
    wanted = np.float64 if array.dtype.newbyteorder("=") == np.float64 else np.float32
    assert read.dtype == wanted
    assert read.dtype.isnative
    assert read.flags.c_contiguous
    np.testing.assert_array_equal(read, array.astype(wanted))


@given(arrays)
def test_what_is_written_is_what_numpy_reads(array: np.ndarray) -> None:
    data = npy_bytes(array)
    assert data == saved(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")))
    np.testing.assert_array_equal(np.load(io.BytesIO(data), allow_pickle=False), array)


@given(arrays, st.integers(0), st.binary(min_size=1, max_size=9))
def test_a_cut_or_lengthened_array_is_refused(array: np.ndarray, cut: int, more: bytes) -> None:
    data = saved(array)
    for wrong in (data[: cut % len(data)], data + more):
        with pytest.raises(Problem):
            read_npy(wrong)


@given(arrays, st.data())
def test_any_mutation_is_an_array_or_a_refusal(array: np.ndarray, data: st.DataObject) -> None:
    content = bytearray(saved(array))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Problem):
        assert read_npy(bytes(content)).size > 0


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_as_no_npy(data: bytes) -> None:
    with pytest.raises(Problem):
        read_npy(data)


@pytest.mark.parametrize(
    ("array", "kind"),
    [
        (np.array([{}], dtype=object), "an .npy of Python objects"),
        (np.array([1j]), "an .npy of complex numbers"),
        (np.array(["a"]), "an .npy of text"),
        (np.array([b"a"]), "an .npy of text"),
        (np.zeros(2, [("x", "f4")]), "an .npy of records"),
        (np.array(["2020-01-01"], "M8[D]"), "an .npy of dates"),
        (np.zeros(2, np.longdouble), "an .npy of type f16"),
    ],
)
def test_what_holds_no_plain_numbers_is_refused_by_kind(array: np.ndarray, kind: str) -> None:
    with pytest.raises(Unfit) as refused:
        read_npy(saved(array))
    assert refused.value.value == kind


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1,) * 6])
def test_an_array_without_cells_or_with_too_many_axes_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(Unfit):
        read_npy(saved(np.zeros(shape)))


def test_a_pickle_is_never_opened() -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (pytest.fail, ("the pickle was opened",))

    with pytest.raises(Unsupported):
        read_npy(pickle.dumps(Trap()))
    header = saved(np.array([{}], dtype=object)).split(b"\n")[0] + b"\n"
    with pytest.raises(Unfit):
        read_npy(header + pickle.dumps(Trap()))


def test_a_huge_promise_costs_nothing() -> None:
    data = saved(np.zeros((2, 2), np.float32)).replace(b"(2, 2), }          ", b"(99999999, 99999), }")
    with pytest.raises(Unfit, match="promises"):
        read_npy(data)
    with pytest.raises(Unfit, match="impossibly"):
        read_npy(data.replace(b"99999999, 99999", b"9" * 15))


def test_an_array_over_the_limit_is_too_large() -> None:
    with pytest.raises(TooLarge):
        read_npy(saved(np.zeros(100)), Limits(upload_bytes=100))


def test_a_number_that_float32_cannot_hold_is_refused_and_infinity_is_not() -> None:
    with pytest.raises(Unfit, match="holds 1e\\+300"):
        read_npy(saved(np.array([0.0, 1e300])))
    assert read_npy(saved(np.array([np.inf, np.nan]))).dtype == np.float64


def test_booleans_are_one_for_any_byte_that_is_not_zero() -> None:
    data = saved(np.array([False, True]))[:-2] + b"\x00\x07"
    assert parse_npy(data).tolist() == [0, 1]
