"""Padding that stands before a layer, as F.pad and padding layers say it, read into the layer's own padding.

Executes nothing.
"""

from __future__ import annotations

import itertools
import math
import re
from typing import TYPE_CHECKING

from .scan import Token
from .values import (
    Given,
    Reader,
    Value,
    whole_numbers,
)

if TYPE_CHECKING:
    from .draft import Draft

Pads = tuple[tuple[int, int], ...]

MODES = {
    "ZeroPad": "zeros",
    "ZeroPadding": "zeros",
    "ConstantPad": "constant",
    "ReflectionPad": "reflect",
    "ReplicationPad": "replicate",
    "CircularPad": "circular",
}
OF_ARRAYS = {"jnp", "np", "numpy", "tf"}
OF_ARRAY_MODES = {
    "constant": "constant",
    "reflect": "reflect",
    "symmetric": "symmetric",
    "edge": "replicate",
    "wrap": "circular",
}
LAYER = re.compile(r"(Zero|Constant|Reflection|Replication|Circular)Pad([123])d|ZeroPadding([123])D")


def take(draft: Draft, found: list[Token], reader: Reader) -> None:
    """The padding right before the layer becomes the layer's, where that means the same; else a note says so."""
    before = None
    for index, (token, after) in enumerate(itertools.pairwise(found)):
        if token.start >= draft.call.start:
            break
        if (
            token.kind == "name"
            and after.text == "("
            and (token.text == "pad" or LAYER.fullmatch(token.text))
        ):
            before = index
    if before is None:
        return
    given, _ = reader.arguments(before + 1)
    module = found[before - 2].text if before > 1 and found[before - 1].text == "." else ""
    said = _said(found[before].text, module, given, draft.axes)
    if said is None or not _merged(draft, *said):
        draft.notes.append(f"The padding before {draft.call.name} ({found[before].text}) is left out.")


def _said(name: str, module: str, given: list[Given], axes: int | None) -> tuple[Pads, str, float] | None:
    """Sides per axis, the mode and the number in them; None where they are not written out."""
    if name == "pad" and module in OF_ARRAYS:
        return _of_array(given, axes)
    by_name = {one.name: one.value for one in given if one.name is not None}
    plain = [one.value for one in given if one.name is None]
    if name == "pad":
        if module not in ("F", "functional") or len(plain) < 1:
            return None
        sides = by_name.get("pad") or (plain[1] if len(plain) > 1 else None)
        mode = by_name.get("mode") or (plain[2] if len(plain) > 2 else None)
        fill = by_name.get("value") or (plain[3] if len(plain) > 3 else None)
        word = "constant" if mode is None else str(mode.what)
        number = 0.0 if fill is None else fill.what
        pads = None if sides is None else _last_axis_first(sides)
    else:
        kind = next(word for word in sorted(MODES, key=len, reverse=True) if name.startswith(word))
        word, number = MODES[kind], 0.0
        sides = by_name.get("padding") or (plain[0] if plain else None)
        axes = int(re.sub(r"\D", "", name))
        if kind == "ConstantPad":
            value = by_name.get("value") or (plain[1] if len(plain) > 1 else None)
            number = 0.0 if value is None else value.what
        if sides is None:
            return None
        pads = _keras(sides, axes) if kind == "ZeroPadding" else _torch(sides, axes)
    if pads is None or not isinstance(number, (int, float)) or min(map(min, pads)) < 0:
        return None
    if word == "constant" and number == 0:
        word = "zeros"
    return pads, word, float(number)


def _of_array(given: list[Given], axes: int | None) -> tuple[Pads, str, float] | None:
    """``jnp.pad(x, [(0, 0), (1, 1), (1, 1)], mode="edge")``: a pair for each axis of the array."""
    by_name = {one.name: one.value.what for one in given}
    plain = [one.value.what for one in given if one.name is None]
    pairs = by_name.get("pad_width") or by_name.get("paddings") or (plain[1] if len(plain) > 1 else None)
    mode = by_name.get("mode") or (plain[2] if len(plain) > 2 else "constant")
    number = by_name.get("constant_values", 0)
    if not isinstance(pairs, tuple) or not isinstance(number, (int, float)):
        return None
    pads = [whole_numbers(pair) for pair in pairs]
    if (
        not isinstance(mode, str)
        or mode.lower() not in OF_ARRAY_MODES
        or any(len(p or ()) != 2 for p in pads)
    ):
        return None
    cuts = [cut for cut in ((2, 0), (1, 1), (1, 0)) if axes in (None, len(pads) - sum(cut))]
    cut = next((cut for cut in cuts if _is_outside(pads, *cut)), (0, 0))
    kept = pads[cut[0] : len(pads) - cut[1]]
    sides = tuple((pair[0], pair[1]) for pair in kept if pair is not None)
    if not 1 <= len(sides) <= 3 or min(map(min, sides)) < 0:
        return None
    word = OF_ARRAY_MODES[mode.lower()]
    return sides, "zeros" if word == "constant" and number == 0 else word, float(number)


def _is_outside(pads: list[tuple[int, ...] | None], before: int, behind: int) -> bool:
    """Whether batch and channels can be here: nothing is padded on them, and an axis is left."""
    outer = [*pads[:before], *pads[len(pads) - behind :]]
    return 1 <= len(pads) - before - behind <= 3 and all(pair == (0, 0) for pair in outer)


def _last_axis_first(sides: Value) -> Pads | None:
    numbers = whole_numbers(sides)
    if not numbers or len(numbers) not in (2, 4, 6):
        return None
    return tuple((numbers[place], numbers[place + 1]) for place in range(len(numbers) - 2, -1, -2))


def _torch(sides: Value, axes: int) -> Pads | None:
    if isinstance(sides.what, int):
        return ((sides.what, sides.what),) * axes
    pads = _last_axis_first(sides)
    return pads if pads is not None and len(pads) == axes else None


def _keras(sides: Value, axes: int) -> Pads | None:
    """A number, a number per axis, a pair per axis; on one axis a pair is its two sides."""
    what = sides.what
    if isinstance(what, int):
        return ((what, what),) * axes
    numbers = whole_numbers(sides)
    if numbers is not None and axes == 1 and len(numbers) == 2:
        return ((numbers[0], numbers[1]),)
    if numbers is not None:
        return tuple((number, number) for number in numbers) if len(numbers) == axes else None
    if not isinstance(what, tuple) or len(what) != axes:
        return None
    pairs = [whole_numbers(entry) for entry in what]
    if any(pair is None or len(pair) != 2 for pair in pairs):
        return None
    return tuple((pair[0], pair[1]) for pair in pairs if pair is not None)


def _merged(draft: Draft, pads: Pads, mode: str, number: float) -> bool:
    """Put the padding into the layer, if its own is none and its cells would hold the same."""
    operation = draft.known.operation
    if draft.value("padding") not in (0, "valid") or (draft.axes or len(pads)) != len(pads):
        return False
    if "padding_mode" in operation.spec.model_fields:
        draft.settings["padding_mode"] = mode
        if mode == "constant":
            if not math.isfinite(number):
                return False
            draft.settings["padding_value"] = number
    elif (
        mode not in ("zeros", "constant")
        or number != operation.combination.fill
        or operation.combination.finish == "divide"
    ):
        return False
    if operation.padding_below_kernel and not _is_below(pads, draft.value("kernel")):
        return False
    draft.settings["padding"] = pads
    draft.axes = len(pads)
    draft.rules = "any"  # padding of its own before a layer is not the layer's
    return True


def _is_below(pads: Pads, kernel: int | tuple[int, ...] | None) -> bool:
    """Whether no window can lie in the padding alone, which a pool's own padding is not allowed."""
    if kernel is None:
        return False
    taps = (
        (kernel,) * len(pads) if isinstance(kernel, int) else kernel * (len(pads) if len(kernel) == 1 else 1)
    )
    return all(max(pair) < count for pair, count in zip(pads, taps, strict=True))
