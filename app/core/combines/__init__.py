"""The closed set of combines: every other module of this package is one, found by its file. Knows none by name."""

from __future__ import annotations

from ..discovery import found_by_file
from . import combine, pullback
from .combine import Combine

COMBINES = found_by_file(
    __path__, __name__, Combine, "COMBINE", besides={combine.__name__, pullback.__name__}
)
