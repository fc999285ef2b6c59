"""Series to forecast: what is drawn, how it is cut into windows, and what counts in the loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Unfit
from app.core.learning.sequences import examples_of
from app.data.series import BurstsData, CopyData, RecordedData, Season, SeasonsData, drawn, recorded
from app.data.table import Column, Table


def table(values: list[float]) -> Table:
    return Table((Column("v", np.array(values)),), {})


def own(values: list[float], **given: Any) -> Any:
    return recorded(RecordedData(kind="recorded", id="0" * 64, **given), table(values))


def test_trend_seasons_and_noise_are_added_up() -> None:
    plain = SeasonsData(
        kind="seasons", length=96, held=8, trend=0.5, noise=0.0, seasons=[Season(period=12, amplitude=2.0)]
    )
    steps = np.arange(96)
    np.testing.assert_allclose(drawn(plain, 0).values, steps / 2 + 2 * np.sin(np.pi * steps / 6), atol=1e-12)
    noisy = drawn(plain.model_copy(update={"noise": 0.3, "length": 5000}), 0)
    noise = noisy.values - np.arange(5000) / 2 - 2 * np.sin(np.pi * np.arange(5000) / 6)
    assert 0.28 < noise.std() < 0.32


def test_a_burst_sounds_in_each_stretch_and_all_else_is_silence() -> None:
    series = drawn(BurstsData(kind="bursts", length=4000, sound=10, every=400, period=7.0), 3)
    for stretch in series.values.reshape(10, 400):
        places = np.flatnonzero(stretch)
        assert len(places) == 10
        assert places[-1] - places[0] == 9
    assert series.silent.mean() == pytest.approx(0.975)


def test_each_value_comes_back_once_after_the_gap() -> None:
    series = drawn(CopyData(kind="copy", length=2000, gap=15), 1)
    places = np.flatnonzero(series.values)
    for first, back in zip(places[::2], places[1::2], strict=False):
        assert back - first == 16
        assert series.values[first] == series.values[back]
    assert {-1.0, 1.0} == set(series.values[places])


@given(st.integers(0, 2**32 - 1))
def test_the_same_seed_draws_the_same_series(seed: int) -> None:
    data = BurstsData(kind="bursts", length=100, every=40)
    np.testing.assert_array_equal(drawn(data, seed).values, drawn(data, seed).values)


@given(
    st.integers(40, 300),
    st.integers(1, 12),
    st.integers(2, 20),
    st.integers(1, 6),
    st.integers(1, 9),
    st.integers(0, 3),
)
def test_windows_are_the_series_and_their_targets_the_values_ahead(
    length: int, held: int, window: int, ahead: int, stride: int, skip: int
) -> None:
    data = SeasonsData(
        kind="seasons", length=length, held=held, window=window, ahead=ahead, stride=stride, skip=skip
    )
    series = drawn(data, 0)
    examples = examples_of(series)
    scaled = series.standardised(series.values).astype(np.float32)
    part, judged = examples.training, examples.validation
    assert part.values is not None
    assert part.counts is not None
    assert judged.values is not None
    assert judged.counts is not None
    for x, wanted in zip(part.x[:, 0], part.values, strict=True):
        start = int(np.flatnonzero(scaled == x[0])[0])
        np.testing.assert_array_equal(x, scaled[start : start + window])
        np.testing.assert_array_equal(wanted, scaled[start + ahead : start + ahead + window])
        assert start + ahead + window <= length - held, "nothing that is held back is trained on"
    assert (part.counts[:, :skip] == 0).all()
    assert (part.counts[:, skip:] == 1).all()
    assert len(judged) == held
    assert (judged.counts.sum(axis=1) == 1).all()
    np.testing.assert_array_equal(judged.values[:, -1], scaled[length - held :])
    for place, x in enumerate(judged.x[:, 0]):
        end = length - held + place - ahead + 1  # the last one it has lies ahead steps before
        np.testing.assert_array_equal(x, scaled[end - window : end])


def test_numbers_are_standardised_by_what_the_training_part_alone_says() -> None:
    values = [float(one % 7) for one in range(60)]
    calm, wild = own(values + [3.0] * 6, held=6), own(values + [1e6] * 6, held=6)
    assert (calm.centre, calm.scale) == (wild.centre, wild.scale)
    scaled = calm.standardised(calm.values)[:60]
    assert scaled.mean() == pytest.approx(0, abs=1e-12)
    assert scaled.std() == pytest.approx(1)


def test_a_gap_is_filled_by_a_line_that_no_loss_counts() -> None:
    series = own([np.nan, *range(20), np.nan, np.nan, 26.0, *range(30)], held=5, window=10)
    assert len(series.values) == 53
    np.testing.assert_allclose(series.values[19:23], [19, 21 + 1 / 3, 23 + 2 / 3, 26])
    assert (~series.known).sum() == 2
    examples = examples_of(series)
    assert examples.training.counts is not None
    assert (examples.training.counts == 0).any()


def counts_of(silence: str, **given: Any) -> np.ndarray[Any, Any]:
    data = BurstsData(kind="bursts", length=500, sound=10, every=50, silence=silence, **given)  # type: ignore[arg-type]
    return drawn(data, 0).weights


def test_silence_is_counted_masked_or_weighted() -> None:
    silent = drawn(BurstsData(kind="bursts", length=500, sound=10, every=50), 0).silent
    assert (counts_of("counted") == 1).all()
    np.testing.assert_array_equal(counts_of("masked") == 0, silent)
    weights = counts_of("weighted")[:452]
    assert weights[silent[:452]].sum() == pytest.approx(weights[~silent[:452]].sum())
    assert weights.mean() == pytest.approx(1)


def test_a_long_silence_is_trimmed_only_where_it_is_trained_on() -> None:
    untrimmed = drawn(BurstsData(kind="bursts", length=500, sound=10, every=50), 0)
    short = drawn(BurstsData(kind="bursts", length=500, sound=10, every=50, silence="trimmed", keep=4), 0)
    np.testing.assert_array_equal(short.values[-48:], untrimmed.values[-48:])
    np.testing.assert_array_equal(
        short.values[: short.now][~short.silent[: short.now]],
        untrimmed.values[: untrimmed.now][~untrimmed.silent[: untrimmed.now]],
    )
    runs = "".join("s" if one else "." for one in short.silent[: short.now]).split(".")
    assert max(map(len, runs)) == 4


def test_zero_stays_zero_where_silence_has_a_meaning() -> None:
    series = drawn(BurstsData(kind="bursts", length=500), 0)
    assert series.standardised(np.zeros(1))[0] == 0


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"held": 60}, "held"),
    ({"held": 10, "window": 60}, "window"),
    ({"held": 10, "quiet": 100.0, "silence": "masked"}, "silence"),
]


@pytest.mark.parametrize(("given_", "field"), REFUSED)
def test_a_series_that_leaves_nothing_to_learn_from_is_refused(given_: dict[str, Any], field: str) -> None:
    with pytest.raises(Unfit) as refused:
        examples_of(own([float(one % 5) for one in range(60)], **given_))
    assert refused.value.field == field
    assert refused.value.pointer == f"/data/{field}"


def test_a_column_of_gaps_is_refused() -> None:
    with pytest.raises(Unfit, match="no numbers"):
        own([np.nan] * 30)
