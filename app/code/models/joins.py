"""Calls that join several tensors, and arithmetic between tensors and numbers. Knows no text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .calls import Call, rule
from .things import NotUnderstood, Tensor, Unknown, tensors_in


@rule("cat", "concat", "concatenate", "Concatenate")
def concatenate(call: Call) -> Tensor:
    """The channels of several tensors one after another."""
    default = -1 if call.is_keras else 0
    axis = (
        call.given(0, "dim", "axis", default=default) if call.function else call.given(0, "axis", default=-1)
    )
    if len(call.inputs) == 1:
        return call.x
    known = [one.axes for one in call.inputs if one.axes is not None]
    axes = known[0] if known else None
    if call.channels_last:
        fine = {-1, 3, 2, 4} if axes is None else {-1, axes + 1}
    else:
        fine = {1} | ({-1, -2, -3, -4} if axes is None else {-1 - axes})
        if axes == 0:
            fine.add(-1)
    if axis not in fine:
        raise NotUnderstood(f"it joins along axis {axis}, and the channels are joined here")
    return call.add({"operation": "concatenate"}, (), call.inputs)


@rule("Add", "add", "Sum", "FloatFunctional.add")
def add(call: Call) -> Tensor:
    """Tensors together, cell by cell."""
    return joined(call, "add")


@rule("Multiply", "multiply", "mul")
def multiply(call: Call) -> Tensor:
    """Tensors times each other, cell by cell."""
    return joined(call, "multiply")


def joined(call: Call, operation: str) -> Tensor:
    """One layer over all that it reads; raises NotUnderstood where a part is no tensor."""
    if len(call.inputs) < 2:
        raise NotUnderstood("it joins a tensor with what the text does not tell")
    return call.add({"operation": operation}, (), call.inputs)


SIGNS = {"Add": ("+", "add", 0), "Mult": ("*", "multiply", 1), "Sub": ("-", None, 0), "Div": ("/", None, 1)}


# Functions of two tensors, by the sign that they stand for.
TWO = {
    word: sign
    for sign, words in (("Add", "add"), ("Mult", "mul multiply"), ("Sub", "sub subtract"), ("Div", "div"))
    for word in words.split()
}


def arithmetic(call: Call, sign: str, left: Any, right: Any) -> Tensor:
    """A tensor and another, or a number, with a sign between them."""
    shown, operation, neutral = SIGNS.get(sign, (sign, None, None))
    both = tensors_in([left, right])
    if len(both) == 2 and isinstance(left, Tensor) and isinstance(right, Tensor):
        if operation is not None:
            return call.add({"operation": operation}, (), both)
        return call.passed(f"two tensors with {shown} between them are not joined here", "arithmetic")
    number = right if isinstance(left, Tensor) else left
    commutes = sign in ("Add", "Mult") or isinstance(left, Tensor)
    if isinstance(number, (int, float)) and number == neutral and commutes:
        return both[0]
    operand = (
        "something" if isinstance(number, Unknown) or not isinstance(number, (int, float)) else f"{number:g}"
    )
    if isinstance(number, Unknown) and number.name != "unknown":
        operand = number.name
    return call.passed(f"{shown} {operand} is not computed here", "arithmetic", both[:1])


def all_tensors(values: Sequence[Any]) -> list[Tensor]:
    """The tensors among arguments."""
    return tensors_in(list(values))
