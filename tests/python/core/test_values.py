"""Nested lists and arrays: what goes in comes out, and what is no array of numbers is refused by place."""

from __future__ import annotations

import contextlib
import json
import math
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pydantic import BaseModel, ConfigDict, ValidationError

from app.core.errors import Problem, TooLarge, Unfit
from app.core.values import FrozenArray, NestedArray, array_from_nested, nested_from_array

arrays = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=1, max_dims=5, max_side=4), elements=st.floats(width=32)
)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just("NaN"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=12,
)


class Holder(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    values: NestedArray


@given(arrays)
def test_an_array_survives_the_way_through_strict_json(array: np.ndarray) -> None:
    text = json.dumps(nested_from_array(array), allow_nan=False)
    back = array_from_nested(json.loads(text))
    assert back.dtype == np.float64
    np.testing.assert_array_equal(back, array)


@given(json_values)
def test_any_json_is_an_array_or_a_refusal(value: Any) -> None:
    with contextlib.suppress(Problem):
        array = array_from_nested(value)
        assert array.dtype == np.float64
        assert array.size > 0


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (3, "3 is no list"),
        (None, "null is no list"),
        ("NaN", '"NaN" is no list'),
        ([], "the list is empty"),
        ([[1, 2], []], "entry [1] has 0 entries, and entry [0] has 2"),
        ([[[1]], [[]]], "entry [1][0] has 0 entries, and entry [0][0] has 1"),
        ([[1, 2], [1]], "entry [1] has 1 entry, and entry [0] has 2"),
        ([1, [2]], "entry [1] is a list where its neighbours are numbers"),
        ([[1], 2], "entry [1] is 2 where its neighbours are lists"),
        ([1, True], "entry [1] is true, which is no number"),
        ([[1, 2], [3, None]], "entry [1][1] is null, which is no number"),
        ([[1, {}]], "entry [0][1] is an object, which is no number"),
        (["3"], 'entry [0] is "3", and text is no number'),
        (["nan"], 'entry [0] is "nan", and text is no number'),
        ([1, 1e39], "entry [1] is larger than float32 can hold"),
        ([1, -(10**400)], "entry [1] is larger than float32 can hold"),
        ([[[[[[1]]]]]], "the lists are nested deeper than 5"),
    ],
)
def test_what_is_no_array_of_numbers_is_refused_by_place(values: object, reason: str) -> None:
    with pytest.raises(Unfit) as refused:
        array_from_nested(values)
    assert (refused.value.field, refused.value.reason) == ("values", reason)
    assert refused.value.remedy.endswith(".")


def test_words_stand_for_the_numbers_that_json_cannot_carry() -> None:
    array = array_from_nested([["NaN", "Infinity"], ["-Infinity", 1]])
    assert math.isnan(array[0, 0])
    assert array[0, 1] == math.inf
    assert array[1, 0] == -math.inf
    assert nested_from_array(array) == [["NaN", "Infinity"], ["-Infinity", 1.0]]


def test_lists_nested_as_deep_as_can_be_are_refused_like_any() -> None:
    deep: list[Any] = [1]
    for _ in range(5000):
        deep = [deep]
    for values in (deep, [1, deep]):
        with pytest.raises(Unfit):
            array_from_nested(values)


def test_too_many_numbers_are_too_large() -> None:
    with pytest.raises(TooLarge) as refused:
        array_from_nested([[1, 2, 3], [4, 5, 6]], max_numbers=5)
    assert refused.value.value == "2×3"


def test_a_model_holds_values_frozen_hashable_and_gives_them_back() -> None:
    first, second = Holder(values=[[1, 2], [3, "NaN"]]), Holder(values=[[1, 2], [3, "NaN"]])  # type: ignore[arg-type]
    assert first == second
    assert hash(first) == hash(second)
    assert first != Holder(values=[[1, 2, 3, "NaN"]])  # type: ignore[arg-type]
    assert not first.values.array.flags.writeable
    assert json.loads(first.model_dump_json()) == {"values": [[1.0, 2.0], [3.0, "NaN"]]}


def test_a_model_refuses_with_reason_and_remedy() -> None:
    with pytest.raises(ValidationError) as refused:
        Holder(values=[[1, True]])  # type: ignore[arg-type]
    error = refused.value.errors()[0]
    assert error["loc"] == ("values",)
    assert error["type"] == "malformed"
    assert error["ctx"]["reason"] == "entry [0][1] is true, which is no number"


def test_a_frozen_array_does_not_change_with_the_array_it_was_made_from() -> None:
    array = np.zeros((2, 2), np.float32)
    frozen = FrozenArray(array)
    array[0, 0] = 1
    assert frozen.array[0, 0] == 0


def test_a_picture_of_values_is_read_at_once() -> None:
    values = np.random.default_rng(0).random((512, 512)).tolist()
    steps = 0

    def count(*_: object) -> Any:
        nonlocal steps
        steps += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        array_from_nested(values)
    finally:
        sys.settrace(before)
    assert 10 < steps < 1000, "lines that are run are counted: a level is a few of them, however long it is"
