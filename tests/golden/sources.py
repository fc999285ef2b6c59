"""The shapes of inputs at the sizes and channels asked for, as the page must know them before the server says so."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from app.images.samples.samples import SAMPLES, sample_list
from app.images.sources import ImageSource, SampleSource, ValueSource, resolve
from app.images.store.store import DirectoryStore

SIZES = (None, 1, 2, 3, 4, 5, 7, 10, 32, 50)
CHANNELS = ("own", "grey", "rgb")
PICTURES = ((1, 9, 5), (3, 20, 7), (3, 6, 12), (1, 3, 50))
ARRAYS = ((7,), (2, 7), (2, 3, 4), (2, 2, 3, 4))


def recorded() -> str:
    """The page's list of samples and pictures, and one source a line with the shape of its input."""
    sources: list[SampleSource | ImageSource | ValueSource] = [
        SampleSource(kind="sample", name=name, size=size, channels=channels)
        for name, size, channels in itertools.product(SAMPLES, SIZES, CHANNELS)
    ]
    with TemporaryDirectory() as folder:
        store = DirectoryStore(Path(folder))
        stored = [store.put(np.zeros(shape, np.uint8)) for shape in PICTURES]
        sources += [
            ImageSource(kind="image", id=one.id, size=size, channels=channels)
            for one, size, channels in itertools.product(stored, SIZES, CHANNELS)
        ]
        arrays = [store.put(np.zeros(shape)) for shape in ARRAYS]
        for array, one in zip(ARRAYS, arrays, strict=True):
            for axes in (None, *sorted({len(array) - 1, len(array)} & {1, 2, 3})):
                sources.append(ImageSource(kind="image", id=one.id, axes=axes))
                values = {"kind": "values", "values": np.zeros(array).tolist(), "axes": axes}
                sources.append(ValueSource.model_validate(values))
        shapes = [list(resolve(source, store).shape) for source in sources]
    described = {
        one.id: {"id": one.id, "kind": one.kind, "shape": list(one.shape)} for one in (*stored, *arrays)
    }
    cases = ",\n".join(
        json.dumps({"source": source.model_dump(exclude_defaults=True), "shape": shape})
        for source, shape in zip(sources, shapes, strict=True)
    )
    samples = json.dumps(sample_list(), ensure_ascii=False)
    return f'{{"samples":{samples},\n"uploads":{json.dumps(described)},\n"cases":[\n{cases}\n]}}\n'
