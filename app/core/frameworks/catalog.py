"""The one list of frameworks, and what Convscope can do with each. Knows no setting and no operation.

``static/js/layer/catalog.js`` is its mirror; ``tests/golden/sets.json`` holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Rules = Literal["any", "pytorch", "keras", "onnx"]
Target = Literal["pytorch", "keras", "jax", "onnx", "numpy"]
OutputSize = Literal["settles", "overrules", "extends"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One framework: its name for people, which of the three things there are for it, and where its sizes differ.

    ``output_size`` says what that setting of a transposed layer does to the padding: ``settles`` it, and both are
    refused; ``overrules`` the one that is given; ``extends``, so that the padding stays and the output padding
    makes up the difference. ``stretches`` says that a transposed layer reaches size · stride cells also where the
    kernel is smaller than the stride, and takes an output padding beside same.
    """

    title: str
    rules: bool = False  # a layer may follow its refusals and defaults
    written: bool = False  # code out writes it
    read: bool = False  # code in reads it
    output_size: OutputSize = "settles"
    stretches: bool = False


# NumPy is no framework and is here as a target of code out.
FRAMEWORKS = {
    "pytorch": Entry("PyTorch", rules=True, written=True, read=True, output_size="extends"),
    "keras": Entry("Keras", rules=True, written=True, read=True, stretches=True),
    "tensorflow": Entry("TensorFlow", read=True),
    "jax": Entry("JAX", written=True, read=True),
    "onnx": Entry("ONNX", rules=True, written=True, read=True, output_size="overrules"),
    "numpy": Entry("NumPy", written=True),
}
NONE = Entry("")  # for rules that are no framework's
TITLES = {name: one.title for name, one in FRAMEWORKS.items()}
WITH_RULES = tuple(name for name, one in FRAMEWORKS.items() if one.rules)
WRITTEN = tuple(name for name, one in FRAMEWORKS.items() if one.written)
READ = tuple(name for name, one in FRAMEWORKS.items() if one.read)
# Defaults of a framework's own, where they are not the operation's.
DEFAULTS_WITH_FILTERS: Mapping[str, Mapping[str, Any]] = {"pytorch": {"bias": True}, "keras": {"bias": True}}
DEFAULTS_OF_POOLS: Mapping[str, Mapping[str, Any]] = {"keras": {"padding": "valid"}, "onnx": {"stride": 1}}

# Type checkers and the API's schema read the two Literals, which cannot be computed.
assert get_args(Rules) == ("any", *WITH_RULES), "app/core/frameworks/catalog.py: name the new rules in Rules"
assert get_args(Target) == WRITTEN, "app/core/frameworks/catalog.py: name the new target in Target"


def catalog() -> dict[str, dict[str, Any]]:
    """The list as the page mirrors it."""
    return {name: asdict(one) for name, one in FRAMEWORKS.items()}
