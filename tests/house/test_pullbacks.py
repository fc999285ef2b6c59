"""Everything trains: each piece of a combine, each activation and each operation says what it passes back."""

from __future__ import annotations

from typing import get_args

import pytest

from app.core.activations import ACTIVATIONS
from app.core.combines import COMBINES
from app.core.combines.combine import Reduce
from app.core.combines.pullback import REDUCE_BACK
from app.operations import registry


def test_each_way_to_reduce_a_window_has_its_way_back() -> None:
    assert set(REDUCE_BACK) == set(get_args(Reduce))


@pytest.mark.parametrize("name", sorted(COMBINES))
def test_a_combine_says_in_words_what_a_tap_passes_back(name: str) -> None:
    assert COMBINES[name].words.back


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_an_activation_says_its_derivative(name: str) -> None:
    assert ACTIVATIONS[name].derivative
    assert callable(ACTIVATIONS[name].pullback)


@pytest.mark.parametrize("name", sorted(registry()))
def test_an_operation_trains_by_its_combine_alone(name: str) -> None:
    """No operation brings a gradient of its own, which its walk and its combine give."""
    assert registry()[name].combine in COMBINES
    assert not [field for field in type(registry()[name]).__dataclass_fields__ if "gradient" in field]
