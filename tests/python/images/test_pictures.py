"""The thumbnails of the page are what their script draws today, and there is one for each sample and example."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.images.samples.samples import SAMPLES
from app.operations import registry
from tools.pictures import FOLDER, HEIGHT, PICTURES, SIDE

MOST_BYTES = 150_000  # of all of them, after the first view
NEAR = 6.0  # mean difference of a colour of 0–255: another Pillow chooses another palette


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_picture_is_what_the_script_draws(name: str) -> None:
    """When this fails because a sample or an example has changed: python -m tools.pictures."""
    with Image.open(FOLDER / name) as picture:
        kept = np.asarray(picture.convert("RGB"), float)
    drawn = np.asarray(PICTURES[name](), float)
    assert kept.shape == drawn.shape
    assert np.abs(kept - drawn).mean() < NEAR


def test_there_is_a_thumbnail_for_each_and_together_they_are_light() -> None:
    examples = sum(len(operation.examples) for operation in registry().values())
    with Image.open(FOLDER / "samples.png") as picture:
        assert picture.size == (SIDE * len(SAMPLES), SIDE)
    with Image.open(FOLDER / "examples.png") as picture:
        assert picture.height == HEIGHT * examples
    assert sum((FOLDER / name).stat().st_size for name in PICTURES) <= MOST_BYTES
