"""Sources: closed and strict models, and the arrays that they stand for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.core.errors import NotFound, Problem, TooLarge, Unfit
from app.images.read.limits import Limits
from app.images.samples.samples import SAMPLES
from app.images.sources import ImageSource, NoiseSource, SampleSource, Source, ValueSource, resolve
from app.images.store.store import DirectoryStore

SOURCE: TypeAdapter[Any] = TypeAdapter(Source)


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path)


def made(store: DirectoryStore, limits: Limits | None = None, /, **fields: Any) -> np.ndarray:
    return resolve(SOURCE.validate_python(fields), store, limits or Limits())


def kept(store: DirectoryStore, array: np.ndarray) -> str:
    return store.put(array).id


shown = {
    "size": st.none() | st.integers(1, 40),
    "channels": st.sampled_from(["own", "grey", "rgb"]),
    "scale": st.sampled_from(["own", "0-1", "0-255", "mean_std"]),
}
numbers = st.floats(width=32, allow_nan=False) | st.just("NaN")
sources = st.one_of(
    st.fixed_dictionaries(
        {"kind": st.just("sample"), "name": st.sampled_from(sorted(SAMPLES))}, optional=shown
    ),
    st.fixed_dictionaries(
        {"kind": st.just("noise"), "shape": st.lists(st.integers(1, 6), min_size=2, max_size=4)},
        optional={"seed": st.integers(0, 9), "distribution": st.sampled_from(["normal", "uniform"])},
    ),
    st.fixed_dictionaries({"kind": st.just("values"), "values": st.lists(numbers, min_size=1)}),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(sources)
def test_every_source_is_a_read_only_array_of_channels_and_axes(store: DirectoryStore, fields: Any) -> None:
    source = SOURCE.validate_python(fields)
    array = resolve(source, store)
    assert array.dtype == (np.float64 if fields["kind"] == "values" else np.float32)
    assert 2 <= array.ndim <= 4
    assert not array.flags.writeable
    again = SOURCE.validate_python(json.loads(source.model_dump_json()))
    assert again == source
    assert hash(again) == hash(source)
    np.testing.assert_array_equal(resolve(again, store), array)


@pytest.mark.parametrize("model", [SampleSource, ImageSource, ValueSource, NoiseSource])
def test_every_field_is_described_and_every_example_is_valid(model: Any) -> None:
    schema = model.model_json_schema()
    assert all(field.get("description") for field in schema["properties"].values())
    assert schema["examples"]
    assert schema["additionalProperties"] is False
    for example in schema["examples"]:
        assert isinstance(SOURCE.validate_python(example), model)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"kind": "sample"}, ("sample", "name")),
        ({"kind": "sample", "name": "cat"}, ("sample", "name")),
        ({"kind": "sample", "name": "cross", "colour": 1}, ("sample", "colour")),
        ({"kind": "sample", "name": "cross", "size": 0}, ("sample", "size")),
        ({"kind": "sample", "name": "cross", "size": True}, ("sample", "size")),
        ({"kind": "sample", "name": "cross", "size": "9"}, ("sample", "size")),
        ({"kind": "sample", "name": "cross", "size": 9.0}, ("sample", "size")),
        ({"kind": "sample", "name": "cross", "mean": []}, ("sample", "mean")),
        ({"kind": "sample", "name": "cross", "mean": [True]}, ("sample", "mean")),
        ({"kind": "sample", "name": "cross", "mean": 0.5}, ("sample", "mean")),
        ({"kind": "sample", "name": "cross", "mean": [float("nan")]}, ("sample", "mean")),
        ({"kind": "sample", "name": "cross", "std": [0]}, ("sample", "std")),
        ({"kind": "image", "id": "../etc"}, ("image", "id")),
        ({"kind": "image", "id": "A" * 64}, ("image", "id")),
        ({"kind": "image", "id": "0" * 64 + "\n"}, ("image", "id")),
        ({"kind": "noise", "shape": [3]}, ("noise", "shape")),
        ({"kind": "noise", "shape": [3, 0]}, ("noise", "shape")),
        ({"kind": "noise", "shape": [1, 1, 1, 1, 1]}, ("noise", "shape")),
        ({"kind": "noise", "shape": [3, 3], "seed": -1}, ("noise", "seed")),
        ({"kind": "noise", "shape": [3, 3], "seed": 2**32}, ("noise", "seed")),
        ({"kind": "values", "values": [[1, 2], [3]]}, ("values", "values")),
        ({"kind": "values", "values": [[[[[1]]]]]}, ("values", "values")),
        ({"kind": "film"}, ()),
        ([], ()),
    ],
)
def test_what_does_not_fit_the_schema_is_refused_where_it_stands(fields: Any, where: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        SOURCE.validate_python(fields)
    assert refused.value.errors()[0]["loc"] == where


def test_typed_values_are_channels_first_and_bare_ones_are_one_channel(store: DirectoryStore) -> None:
    assert made(store, kind="values", values=[1, 2, 3]).shape == (1, 3)
    assert made(store, kind="values", values=[[1, 2, 3]]).shape == (1, 1, 3)
    assert made(store, kind="values", values=[[[1, 2]], [[3, 4]]]).shape == (2, 1, 2)
    assert made(store, kind="values", values=[[[[1, 2]]]]).shape == (1, 1, 1, 2)


def test_noise_is_the_same_for_the_same_seed_only(store: DirectoryStore) -> None:
    first = made(store, kind="noise", shape=[3, 50, 50])
    np.testing.assert_array_equal(first, np.random.default_rng(0).standard_normal((3, 50, 50), np.float32))
    assert (first != made(store, kind="noise", shape=[3, 50, 50], seed=1)).any()
    uniform = made(store, kind="noise", shape=[3, 50, 50], distribution="uniform")
    assert 0 <= uniform.min() < 0.01
    assert 0.99 < uniform.max() < 1


def test_a_sample_keeps_its_own_values_unless_asked_otherwise(store: DirectoryStore) -> None:
    assert set(made(store, kind="sample", name="cross").ravel()) == {-1, 1}
    assert set(made(store, kind="sample", name="cross", scale="0-1").ravel()) == {0, 1}
    assert set(made(store, kind="sample", name="cross", scale="0-255").ravel()) == {0, 255}
    assert made(store, kind="sample", name="grid").max() == 9
    assert made(store, kind="sample", name="grid", scale="0-1").max() == 1


def test_a_sample_is_drawn_at_its_size_or_kept_at_its_own(store: DirectoryStore) -> None:
    assert made(store, kind="sample", name="digit", size=100).shape == (1, 100, 100)
    assert made(store, kind="sample", name="stack", size=5).shape == (1, 5, 5, 5)
    assert made(store, kind="sample", name="series", size=200).shape == (1, 200)
    assert made(store, kind="sample", name="cross", size=100).shape == (1, 9, 9)
    assert made(store, kind="sample", name="cross", size=5).shape == (1, 5, 5)
    assert made(store, kind="sample", name="scene", size=28, channels="grey").shape == (1, 28, 28)
    assert made(store, kind="sample", name="series", channels="rgb").shape == (3, 64)


def test_an_uploaded_picture_is_resampled_and_lies_in_0_to_1(store: DirectoryStore) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 40, 60), dtype=np.uint8)
    id = kept(store, pixels)
    np.testing.assert_array_equal(made(store, kind="image", id=id), pixels / np.float32(255))
    np.testing.assert_array_equal(made(store, kind="image", id=id, scale="0-255"), pixels)
    assert made(store, kind="image", id=id, size=30, channels="grey").shape == (1, 20, 30)
    standardised = made(store, kind="image", id=id, scale="mean_std", mean=[0.5, 0.4, 0.3], std=[0.2])
    np.testing.assert_allclose(standardised[1], (pixels[1] / 255 - 0.4) / 0.2, atol=1e-5)
    with pytest.raises(Unfit, match="2 values for 3 channels"):
        made(store, kind="image", id=id, scale="mean_std", mean=[0.5, 0.4])


def test_an_uploaded_array_is_used_as_it_is(store: DirectoryStore) -> None:
    series = np.array([1.5, -2, np.nan], np.float64)
    np.testing.assert_array_equal(made(store, kind="image", id=kept(store, series)), series[None])
    square = np.arange(4, dtype=np.float32).reshape(2, 2)
    np.testing.assert_array_equal(made(store, kind="image", id=kept(store, square)), square[None])
    volume = kept(store, np.zeros((2, 3, 4, 5), np.float32))
    assert made(store, kind="image", id=volume).shape == (2, 3, 4, 5)
    with pytest.raises(Unfit, match="spatial axes"):
        made(store, kind="image", id=volume, size=2)
    with pytest.raises(Unfit, match="2 channels"):
        made(store, kind="image", id=volume, channels="grey")
    with pytest.raises(Unfit, match="5 axes"):
        made(store, kind="image", id=kept(store, np.zeros((1, 1, 1, 1, 1), np.float32)))


def test_rows_are_channels_of_a_series_where_that_is_said(store: DirectoryStore) -> None:
    rows = [[1.0, 2, 3], [4, 5, 6]]
    stored = kept(store, np.array(rows))
    for fields in ({"kind": "values", "values": rows}, {"kind": "image", "id": stored}):
        np.testing.assert_array_equal(made(store, **fields, axes=1), rows)
        np.testing.assert_array_equal(made(store, **fields, axes=2), [rows])
        np.testing.assert_array_equal(made(store, **fields), [rows])
        with pytest.raises(Unfit, match="axes = 3: an array of 2 axes") as refused:
            made(store, **fields, axes=3)
        assert refused.value.remedy == "Use 1, 2 or null."
    picture = kept(store, np.zeros((3, 4, 4), np.uint8))
    assert made(store, kind="image", id=picture, axes=2).shape == (3, 4, 4)
    with pytest.raises(Unfit, match="axes = 1"):
        made(store, kind="image", id=picture, axes=1)


def test_an_upload_that_is_gone_is_not_found(store: DirectoryStore) -> None:
    with pytest.raises(NotFound):
        made(store, kind="image", id="1" * 64)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "noise", "shape": [64, 1000, 1000]}, "source.shape"),
        ({"kind": "noise", "shape": [10**30, 1]}, "source.shape"),
        ({"kind": "sample", "name": "scene", "size": 10**9}, "source.size"),
        ({"kind": "sample", "name": "stack", "size": 1024}, "source.size"),
        ({"kind": "values", "values": [[0] * 1000] * 5000}, "source.values"),
    ],
)
def test_more_than_the_server_computes_is_refused_before_it_is_made(
    store: DirectoryStore, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(TooLarge) as refused:
        made(store, **fields)
    assert refused.value.field == field


def test_a_picture_larger_than_the_working_size_must_be_given_one(store: DirectoryStore) -> None:
    id = kept(store, np.zeros((3, 40, 60), np.uint8))
    with pytest.raises(TooLarge, match="60×40") as refused:
        made(store, Limits(working_size=50), kind="image", id=id)
    assert refused.value.remedy == "Use at most 50."
    assert made(store, Limits(working_size=50), kind="image", id=id, size=50).shape == (3, 33, 50)
    with pytest.raises(Problem):
        made(store, Limits(working_size=50), kind="image", id=id, size=51)
