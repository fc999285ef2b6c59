"""Code in reads everything that code out writes: the layer alone, or with the padding that stands before it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.code.read.read import read
from app.code.write.subject import Subject
from app.code.write.write import write
from app.core.frameworks.catalog import Target
from app.core.geometry import geometry
from app.operations import registry

from .test_write import subjects

# Notes of snippets that pad before a convolution, an unfolding or a maximum; a mean's divisor would change.
PADDED_FIRST = ("F.pad adds it first.", "F.pad adds the padding first.", "F.pad adds −∞ first.")
SCALED = "The sum of what ceil mode clips is scaled up."
ZEROS_FIRST = "Keras' layers pad by name only: the padding is added first."


def comes_back(notes: tuple[str, ...]) -> bool:
    """Whether the snippet says the setting by its layer alone, or with the padding before it."""
    return all("numbers that it comes to" in note or note.endswith((*PADDED_FIRST, SCALED)) for note in notes)


def _is_wide(sides: tuple[int, int], taps: int) -> bool:
    return max(sides) >= taps


def _is_narrow(sides: tuple[int, int], taps: int) -> bool:
    return not _is_wide(sides, taps)


def is_said(subject: Subject, notes: tuple[str, ...], target: Target) -> bool:
    """The same for Keras, whose ZeroPadding layers are read, and whose other paddings are no layers."""
    if subject.is_plain:
        return False  # arithmetic between arrays is no layer
    if subject.kind == "winner" and notes and any(map(_is_wide, subject.reach, subject.kernel)):
        return False  # said as F.pad alone: no pool of ours takes that much
    if subject.rule == "sliding_window" and subject.layer.operation.padding_below_kernel and target == "jax":
        return all(map(_is_narrow, subject.reach, subject.kernel))  # JAX pads by numbers, and takes more
    zeros = notes == (ZEROS_FIRST,) and subject.mode == "zeros"
    return comes_back(notes) or (zeros and (max(subject.stride) == 1 or max(subject.dilation) == 1))


@given(subjects(), st.sampled_from(["pytorch", "keras", "onnx", "jax"]))
@settings(max_examples=200, deadline=None)
def test_what_code_out_wrote_code_in_reads(subject: Subject, target: Target) -> None:
    made = write(subject, target)
    if not made.expressible or not is_said(subject, made.notes, target):
        return
    found = read(made.code)
    operation = registry()[found.spec.operation]
    again = geometry(operation, found.spec, tuple(subject.layer.x.shape))
    mine = subject.layer.geometry
    assert again.walk.output_shape == mine.walk.output_shape
    assert again.combine == mine.combine
    if target != "jax":
        assert (
            again.constants == mine.constants or not subject.is_padded
        )  # without padding nothing else can be counted
    elif not mine.weighted:  # sums that are divided behind say the same divisor in other ways
        pooled = dataclasses.replace(subject.layer, operation=operation, geometry=again)
        np.testing.assert_allclose(pooled.run(), subject.layer.run(), rtol=1e-5, atol=1e-5)
    assert again.activation == mine.activation
    assert again.biased == mine.biased
    if mine.walk.affine:  # adaptive pooling to one cell is global pooling, in PyTorch's words too
        assert operation is subject.layer.operation
        assert [axis.reads for axis in again.walk.axes] == [axis.reads for axis in mine.walk.axes]
    assert again.walk.groups == mine.walk.groups
    assert found.input_channels in (None, subject.channels)


@pytest.mark.parametrize("shape", [[1, 8, 8], [2, 10], [1, 7, 8, 6]])
@pytest.mark.parametrize("p", [1, 2, 2.5])
def test_a_norm_that_is_scaled_for_ceil_mode_is_read_as_that_norm(
    client: TestClient, shape: list[int], p: float
) -> None:
    layer = {
        "operation": "lp_pooling",
        "kernel": 3,
        "stride": 2,
        "p": p,
        "ceil_mode": True,
        "rules": "pytorch",
    }
    source = {"kind": "noise", "shape": shape}
    written = client.post("/api/v1/code", json={"layers": [layer], "source": source, "target": "jax"}).json()
    assert "/ count)) ** (1 /" in written["code"]
    found = client.post("/api/v1/read", json={"text": written["code"]}).json()
    assert found["notes"] == [
        "It scales up what its windows are clipped to, as PyTorch does under ceil mode."
    ]
    outputs = [
        client.post("/api/v1/run", json={"layers": [one], "source": source}).json()["output"]
        for one in (layer, found["layers"][0])
    ]
    assert outputs[0] == outputs[1]
    padded = written["code"].replace("(0, 1)]", "(1, 1)]")
    assert padded != written["code"]
    refused = client.post("/api/v1/read", json={"text": padded}).json()
    assert refused["code"] == "unreadable"
    assert "clipped at the end alone" in refused["reason"]
