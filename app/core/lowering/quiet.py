"""Calls in which NumPy does not warn of infinities and NaN, which are values here. Knows nothing else."""

from __future__ import annotations

import contextvars
import threading

import numpy as np


class _Quiet(threading.local):
    """Each thread's own context in which NumPy is told so once: ``np.errstate`` would be a sixth of a small run.

    ``call(function, *arguments)`` calls in it. A kernel calls no kernel, so it is never entered twice.
    """

    def __init__(self) -> None:
        # An empty one: a copy would keep what the first caller had in its own.
        context = contextvars.Context()
        context.run(np.seterr, all="ignore")
        self.call = context.run


quiet = _Quiet()
