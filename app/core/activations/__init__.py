"""The closed set of activations: every other module of this package is one, found by its file. Knows none by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..discovery import found_by_file
from . import activation
from .activation import Activation

_FOUND = found_by_file(__path__, __name__, Activation, "ACTIVATION", besides={activation.__name__})
# In the order of a menu.
ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {one.name: one for one in sorted(_FOUND.values(), key=lambda one: (one.rank, one.name))}
)
