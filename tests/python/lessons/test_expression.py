"""The closed language: what it says equals NumPy, and what it does not have is refused."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import Unfit
from app.lessons.expression import Faulty, read_expression
from app.lessons.functions import Place, number_text, text_of
from app.lessons.state import State

STROKE = "#v1&op=convolution&kernel=2&source=values:1x3x3:1,-1,-1,-1,1,-1,-1,-1,1&weights=preset:diagonal"
WIDE = "#v1&op=convolution&kernel=3&stride=2&padding=1&filters=64&source=noise:3x6x6"


def value(text: str, fragment: str = STROKE) -> Any:
    return read_expression(text).value(State.of(fragment))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("output[0, 0, 0]", 4),
        ("output[0, 0, 1]", -2),
        ("sum(window(0, 1) * weight[0])", -2),
        ("count(output == 4)", 2),
        ("plan.output_shape", (1, 2, 2)),
        ("changed(padding=1).plan.output_shape", (1, 4, 4)),
        ("changed(weights='preset:antidiagonal').output[0, 0, 0]", -4),
        ("argmax(output[0])", (0, 0)),
        ("field.size", 2),
        ("rows - kernel + 1", 2),
        ("2 if stride == 1 else 3", 2),
        ("1 < 2 < 3 and not 1 > 2", True),
        ("round(-2.5)", -3),
    ],
)
def test_an_expression_gives_what_the_engine_computes(text: str, expected: object) -> None:
    assert value(text) == expected


def test_the_layer_of_the_first_convolution_course_is_3_by_3_by_64() -> None:
    assert value("plan.output_shape", WIDE) == (64, 3, 3)
    assert value("plan.parameters", WIDE) == 64 * 3 * 3 * 3
    assert value("plan.unread", WIDE) == 0


def test_what_a_cell_sees_and_reaches_is_its_window_and_the_windows_that_hold_it() -> None:
    seen = value("seen(0, 1)")
    assert np.argwhere(seen).tolist() == [[0, 1], [0, 2], [1, 1], [1, 2]]
    assert np.argwhere(value("reached(0, 0)")).tolist() == [[0, 0]]


@given(st.integers(0, 1), st.integers(0, 1))
def test_the_gradient_of_a_cell_is_the_difference_that_a_change_makes(row: int, col: int) -> None:
    gradient = value(f"gradient(0, {row}, {col})")[0]
    weight = value("weight")[0, 0]
    expected = np.zeros((3, 3))
    expected[row : row + 2, col : col + 2] = weight
    np.testing.assert_allclose(gradient, expected)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "output.__class__",
        "(lambda: 1)()",
        "[x for x in output]",
        "{1: 2}",
        "output.tobytes()",
        "plan.output_shape.__len__",
        "f'{output}'",
        "open('x')",
        "sum(*output)",
        "sum(**plan)",
        "nothing",
        "plan.nothing",
        "output[9]",
        "1 / 0",
        "9 ** 9999",
        "10 ** 30",
        "'a' * 1000",
        "plan.output_shape * 9",
        "1 +",
        "",
        "output[0",
        "(" * 200 + "1" + ")" * 200,
        "changed(kernel=9).output",
        "changed(nonsense=9).output",
    ],
)
def test_what_the_language_does_not_have_is_refused(text: str) -> None:
    with pytest.raises((Faulty, Unfit)):
        value(text)


@settings(max_examples=50)
@given(st.text(max_size=60))
def test_no_text_does_anything_but_have_a_value_or_be_refused(text: str) -> None:
    with contextlib.suppress(Faulty):
        assert read_expression(text).text == text.strip()


@pytest.mark.parametrize(
    ("given_value", "text"),
    [
        (-4.0, "−4"),
        (1792, "1,792"),
        (0.123456, "0.1235"),
        ((64, 3, 3), "64×3×3"),
        (Place((1, 2)), "row 1, column 2"),
        (1.5321e-6, "1.532·10⁻⁶"),
        (True, "yes"),
        (np.array([1.0, -2.0]), "1, −2"),
        (float("nan"), "no number"),
    ],
)
def test_values_are_written_as_people_write_them(given_value: object, text: str) -> None:
    assert text_of(given_value) == text


@given(st.floats(-1e12, 1e12).filter(lambda number: number == 0 or abs(number) > 1e-3))
def test_a_number_is_written_to_four_digits(number: float) -> None:
    written = float(number_text(number).replace("−", "-").replace(",", ""))
    assert abs(written - number) <= 1e-3 * abs(number) + 1e-9
