"""Lessons claim nothing that another way of computing does not give: sizes by formula, training by plain NumPy."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest

from app.data.sets import StrokesData
from app.lessons.functions import number_text
from app.lessons.lesson import Lesson
from app.lessons.library import Library
from app.lessons.measured import recorded
from app.lessons.state import State
from tests.effects import series
from tests.effects.experiments import EXPERIMENTS
from tests.effects.record import NAMES, facts_of

LIBRARY = Library()


def lesson(name: str) -> Lesson:
    return LIBRARY.lesson(name)


def keys(name: str) -> list[Any]:
    return [step.ask.key.value for step in lesson(name).steps if step.ask]


def test_a_filter_gives_four_where_it_fits_and_minus_two_where_it_does_not() -> None:
    picture, stroke = 2 * np.eye(3) - 1, 2 * np.eye(2) - 1
    map_ = np.array([[(picture[r : r + 2, c : c + 2] * stroke).sum() for c in (0, 1)] for r in (0, 1)])
    assert map_.tolist() == [[4, -2], [-2, 4]]
    found = keys("what-a-filter-sees")
    assert found[:3] == [4, -2, [[0, 0], [1, 1]]]


def test_shapes_follow_the_formula() -> None:
    def size(cells: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
        return (cells + 2 * padding - kernel) // stride + 1

    found = keys("shapes")
    assert found[:3] == [size(9, 3), size(9, 5), size(9, 3, 2)]
    assert found[3] == [1, size(9, 3, 1, 1), size(9, 3, 1, 1)]
    assert found[4] == [[row, col] for row in range(8) for col in range(8) if 7 in (row, col)]
    assert found[5] == [64, size(6, 3, 2, 1), size(6, 3, 2, 1)] == [64, 3, 3]


def test_weights_are_counted_from_filters_channels_and_taps() -> None:
    assert keys("channels")[:5] == [3 * 9, 1, 1 - 5 + 2 * 9, 64 * 3 * 9, 6 * 1 * 9]


def test_pooling_takes_the_largest_or_the_mean_and_learns_nothing() -> None:
    assert keys("making-it-smaller")[:4] == [max(1, 3, 0, 4), (5 + 1 + 0 + 3) / 4, 0, [[1, 1]]]


def test_the_votes_for_an_x_are_what_speaks_for_it_less_what_speaks_against_it() -> None:
    found = keys("is-it-an-x")
    assert found[2] == 4 * 9 - 4 * 5


def test_the_four_beats_are_those_of_plain_numpy() -> None:
    picture, stroke, weight = 2 * np.eye(3) - 1, 2 * np.eye(2) - 1, np.array([[1.0, 0], [0, 0]])

    def windows(grid: Any) -> Any:
        return np.lib.stride_tricks.sliding_window_view(grid, (2, 2))

    def loss(kernel: Any) -> float:
        return float(((windows(picture) * (kernel - stroke)).sum((2, 3)) ** 2).mean())

    error = (windows(picture) * (weight - stroke)).sum((2, 3))
    slope = (windows(picture) * (2 * error / 4)[:, :, None, None]).sum((0, 1))
    assert keys("how-filters-learn")[:3] == [loss(weight), slope[0, 0], 1 - 0.1 * slope[0, 0]]
    assert loss(weight - 0.1 * slope) < loss(weight) < loss(weight - slope)
    gradient_step = lesson("how-filters-learn").steps[2]
    assert gradient_step.ask is not None
    assert gradient_step.ask.then is not None
    np.testing.assert_allclose(State.of(gradient_step.ask.then).value("output")[0], slope)


QUICK = ("x_or_o", "few_dense", "few_conv", "few_augmented")


@pytest.mark.parametrize("name", QUICK)
def test_what_was_measured_is_measured_again(name: str) -> None:
    """One seed; another machine may round otherwise, so that some of the 400 unseen examples are judged otherwise."""
    accuracy, _ = EXPERIMENTS[NAMES[name]].accuracy(0)
    assert accuracy == pytest.approx(recorded()[name]["all"][0], abs=2)


def test_the_recorded_means_are_those_of_their_seeds_and_keep_the_claimed_order() -> None:
    found = recorded()
    for name, one in found.items():
        assert one["mean"] == pytest.approx(
            np.mean(one["all"]), abs=0.06 if name in NAMES else 1e-9, rel=2e-3
        )
        assert len(one["all"]) == one["seeds"] == 10
    assert found["few_conv"]["mean"] > found["few_dense"]["mean"] + 3
    assert found["few_augmented"]["mean"] > found["few_dense"]["mean"] + 3
    assert found["wrong_dropout"]["mean"] > found["wrong_dense"]["mean"] + 3


def test_what_lessons_say_of_pictures_and_series_is_what_was_trained_on() -> None:
    found = recorded()
    for name, experiment in NAMES.items():
        facts = facts_of(EXPERIMENTS[experiment])
        assert {fact: found[name][fact] for fact in facts} == facts
    for name in ("same_apparent", "same_honest", "causal_apparent", "causal_honest"):
        assert (found[name]["steps"], found[name]["held"]) == (series.STEPS, series.DATA.held)
    for name in ("counted_all", "masked_sound", "weighted_silence"):
        assert (found[name]["sound"], found[name]["steps"]) == (series.RARE, series.EARLY)


def test_the_leak_and_the_honest_network_are_measured_again() -> None:
    """One seed of each; other machines round otherwise, which 300 training steps carry on."""
    found = recorded()
    for padding in ("same", "causal"):
        one = series.forecast_errors(padding, 0)
        assert one.apparent == pytest.approx(found[f"{padding}_apparent"]["all"][0], rel=0.25)
        assert one.honest == pytest.approx(found[f"{padding}_honest"]["all"][0], rel=0.25)


def test_the_leak_looks_best_and_fails_and_silence_hides_the_error_on_sound() -> None:
    """The claims of the lessons, from the recorded seeds; ``pytest -m effects`` trains all of them again."""
    of = {name: np.array(one["all"]) for name, one in recorded().items()}
    assert (of["same_honest"] >= 5 * of["same_apparent"]).sum() >= 9
    assert of["same_apparent"].mean() < of["causal_apparent"].mean()
    assert of["same_honest"].mean() > of["naive_honest"].mean() > of["causal_honest"].mean()
    assert of["counted_sound"].mean() > 20 * of["counted_all"].mean()
    assert of["masked_sound"].mean() < of["counted_sound"].mean()
    assert of["masked_silence"].mean() > of["counted_silence"].mean()
    assert of["weighted_sound"].mean() < of["counted_sound"].mean()
    assert of["weighted_silence"].mean() < of["masked_silence"].mean()


def test_a_stack_is_blind_beyond_its_field_while_a_recurrence_has_faded() -> None:
    of = {name: np.array(one["all"]) for name, one in recorded().items()}
    assert (of["stack_lag_64"] == 0).all()
    assert (of["stack_lag_63"] > 0).all()
    assert (of["recurrent_lag_64"] > 0).all()
    assert of["recurrent_lag_63"].mean() < 0.001 * of["recurrent_lag_8"].mean()
    for lag in (8, 63, 64):
        assert series.stack_lags_of(0)[lag] == pytest.approx(of[f"stack_lag_{lag}"][0], rel=1e-2)


def test_a_very_small_number_is_not_said_to_be_0() -> None:
    assert [number_text(one) for one in (9.725e-10, 1e-16, 0.0)] == ["9.725·10⁻¹⁰", "0", "0"]


def test_the_networks_of_the_lesson_on_overfitting_are_those_that_were_measured() -> None:
    found = lesson("too-specific")
    shown = [State.of(found.steps[at].stage.fragment) for at in (0, 2, 5)]
    for state, name in zip(shown, ("few_dense", "few_conv", "wrong_dropout"), strict=True):
        layers = EXPERIMENTS[NAMES[name]].layers
        assert [node.spec.operation for node in state.shapes.network.layers] == [
            one["operation"] for one in layers
        ]
        filters = [getattr(node.spec, "filters", None) for node in state.shapes.network.layers]
        assert filters == [one.get("filters") for one in layers]
        assert state.x.shape[1:] == (EXPERIMENTS[NAMES[name]].data.size,) * 2
    assert keys("too-specific")[:2] == [144 * 32 + 32 + 32 * 2 + 2, 144]


def linked_part(name: str, part: str) -> str:
    """A part of the link to another room that stands in the last step of a lesson."""
    (link,) = [
        one["fragment"]
        for block in lesson(name).steps[-1].prose
        for one in block["content"]
        if isinstance(one, dict) and "fragment" in one
    ]
    return unquote(link.partition(f"&{part}=")[2])


@pytest.mark.parametrize(
    ("name", "experiment"), [("how-filters-learn", "x_or_o"), ("too-specific", "few_dense")]
)
def test_a_lesson_leads_to_the_training_room_with_the_experiment_that_it_speaks_of(
    name: str, experiment: str
) -> None:
    wanted = EXPERIMENTS[NAMES[experiment]]
    linked = json.loads(linked_part(name, "experiment"))
    layers = [{part: value for part, value in one.items() if part != "name"} for one in linked["layers"]]
    assert layers == [
        {part: value for part, value in one.items() if value != "none"} for one in wanted.layers
    ]
    assert StrokesData.model_validate(linked["data"]) == wanted.data
    per_epoch = -(-wanted.data.count // wanted.batch)
    assert (linked["batch"], linked["steps"]) == (wanted.batch, wanted.epochs * per_epoch)


@pytest.mark.parametrize(
    ("name", "settings"), [("series", {"padding": "same"}), ("tcn-and-rnn", {"recurrent": True})]
)
def test_a_lesson_leads_to_the_forecast_that_it_speaks_of(name: str, settings: dict[str, Any]) -> None:
    """All else is as usual, which tests/js/forecast/settings.test.js compares with what was measured."""
    assert json.loads(linked_part(name, "forecast")) == settings


def test_dropout_keeps_the_mean_of_what_it_drops() -> None:
    assert keys("too-specific")[4] == 1 / (1 - 0.5)
    kept = np.random.default_rng(0).random(100_000) >= 0.5
    assert (kept * keys("too-specific")[4]).mean() == pytest.approx(1, abs=0.02)


def test_a_series_is_read_by_its_windows_and_a_leak_reads_ahead() -> None:
    series = np.array([1, 2, 4, 7, 11, 16, 22, 29])
    found = keys("series")
    assert found[0] == series[0] - series[2]
    assert found[1:3] == [10 + 1, 10 - 2]
    assert found[4] == 2 * 16 - 11
    assert found[5] == (4 - 1) * 2
    leaky, honest = (
        State.of(lesson("series").steps[3].stage.fragment.replace("same", one)) for one in ("same", "causal")
    )
    values = leaky.value("input")[0]
    np.testing.assert_array_equal(leaky.value("output")[0, :-1], values[1:])
    np.testing.assert_array_equal(honest.value("output")[0], values)


def test_dilations_that_double_see_two_to_the_layers_and_leave_no_hole() -> None:
    assert keys("dilation")[0] == 2 * (3 - 1) + 1
    assert keys("dilation")[1] == [[row, col] for row in (0, 2, 4) for col in (0, 2, 4)]
    for at, layers in ((3, 3), (4, 6)):
        seen = {0}
        for layer in range(layers):
            seen |= {one + 2**layer for one in seen}
        assert keys("dilation")[at] == len(seen) == max(seen) + 1 == 2**layers
    assert keys("dilation")[5] == 6 * 2


def test_stamps_overlap_where_the_kernel_is_no_multiple_of_the_stride() -> None:
    def stamped(kernel: int, stride: int = 2, cells: int = 4) -> Any:
        count = np.zeros(((cells - 1) * stride + kernel,) * 2)
        for row in range(cells):
            for col in range(cells):
                count[row * stride : row * stride + kernel, col * stride : col * stride + kernel] += 1
        return count

    found = keys("bigger-again")
    assert found[0] == [1, *stamped(2, 2, 2).shape]
    assert found[1] == 1 + 2 + 3 + 4
    assert found[2] == [1, *(side - 2 for side in stamped(4).shape)]
    assert found[3] == 25 - 9
    assert found[4] == np.argwhere(stamped(3) == stamped(3).max()).tolist()
    inside = {kernel: stamped(kernel)[kernel - 1 : 7, kernel - 1 : 7] for kernel in (3, 4, 5)}
    assert [np.ptp(inside[kernel]) == 0 for kernel in (3, 4, 5)] == [False, True, False]


def test_uneven_weights_bring_the_pattern_back_and_copies_before_a_convolution_do_not() -> None:
    even = "&source=values:1x6x6:" + ",".join(["1"] * 36)
    learned = State.of(f"#v1&op=transposed_convolution&kernel=4&stride=2&weights=preset:random;seed=3{even}")
    assert np.ptp(learned.value("output")[0, 3:-3, 3:-3]) > 0.1
    copied = State.of(
        f"#v1&op=nearest_upsampling&factor=2{even}&layer=op=convolution%26weights=preset:random;seed=3&chosen=1"
    )
    assert np.ptp(copied.value("output")[0]) < 1e-6


def test_a_stack_is_flat_and_then_blind_while_a_recurrence_fades() -> None:
    state = State.of(lesson("tcn-and-rnn").steps[2].stage.fragment)
    slope = state.gradient(0, 100)[0]
    np.testing.assert_allclose(slope[37:101], 0.5**6)
    assert not slope[:37].any()
    assert not slope[101:].any()
    found = keys("tcn-and-rnn")
    kept = np.zeros(11)
    kept[0] = 1
    for at in range(1, 11):
        kept[at] = 0.8 * kept[at - 1]
    assert found[0] == pytest.approx(kept[10])
    assert found[1] == 64
    assert found[3] == 0
    assert found[5] == (1**2 + 1**2) / 20


def test_a_dense_layer_fixes_the_size_and_global_pooling_frees_it() -> None:
    found = keys("any-size")
    assert found[:2] == [3 * 8 * 8 * 2, 3 * 16 * 16 * 2]
    assert found[3] == [2, 12 - 8 + 1, 12 - 8 + 1]
    assert found[4] == 3 * 2
    one, other = (
        State.of(
            f"#v1&op=global_average_pooling&source=noise:3x8x8;seed=2&chosen=1&layer=op={last}%26filters=2%26weights=preset:random;seed=6"
        )
        for last in ("convolution%26kernel=1", "dense")
    )
    np.testing.assert_allclose(one.value("output").ravel(), other.value("output").ravel(), rtol=1e-6)


def test_there_are_the_twelve_lessons_in_their_order() -> None:
    assert list(LIBRARY.lessons()) == [
        "what-a-filter-sees",
        "shapes",
        "making-it-smaller",
        "channels",
        "is-it-an-x",
        "how-filters-learn",
        "too-specific",
        "series",
        "dilation",
        "bigger-again",
        "tcn-and-rnn",
        "any-size",
    ]
