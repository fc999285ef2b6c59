"""Random numbers of an experiment: one seed, a stream for each purpose, and a place in it for each training step.

A stream is a function of seed, purpose and number: switching one on moves no other, and an experiment goes
on from any training step without a state that had to be kept. Knows no purpose's use.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

Purpose = Literal["start", "order", "dropout", "augmentation", "noise", "labels", "split", "data"]

# Part of what makes an experiment repeat: a purpose keeps its number for ever.
_PURPOSES: dict[Purpose, int] = {
    "start": 1,
    "order": 2,
    "dropout": 3,
    "augmentation": 4,
    "noise": 5,
    "labels": 6,
    "split": 7,
    "data": 8,
}


def stream(seed: int, purpose: Purpose, number: int = 0, part: int = 0) -> np.random.Generator:
    """The numbers of one purpose: ``number`` is an epoch, a training step or an example, ``part`` one of its parts."""
    return np.random.Generator(np.random.Philox(key=[seed, _PURPOSES[purpose]], counter=[0, 0, part, number]))
