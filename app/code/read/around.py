"""Reads what stands around a call and belongs to the layer: a bias, an activation, a division of sums of windows.

It is told as arguments of the call that nobody writes, or as settings. Knows tokens, and executes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...core.activations.relu import ACTIVATION as RELU
from ...core.activations.sigmoid import ACTIVATION as SIGMOID
from ...core.activations.silu import ACTIVATION as SILU
from ...core.errors import Unreadable
from ...core.frameworks.arguments_jax import THEN
from ...core.frameworks.writing import SPREAD
from . import activating
from .bind import Call
from .scan import Token
from .values import (
    OPENING,
    Given,
    Opaque,
    Reader,
    Shape,
    Value,
    whole_numbers,
)

FURTHEST = 60  # tokens behind a call that may still belong to its layer
BIAS = re.compile(r"b\d*|b_\w+|\w*bias\w*", re.IGNORECASE)
WINDOWS = "reduce_window"


@dataclass(frozen=True, slots=True)
class Around:
    """The findings: whether a bias belongs to the layer, and which activation.

    ``taken`` are the tokens that name the activation; ``left_out`` the token of one that is none of ours, and why.
    """

    bias: bool
    activation: str | None = None
    taken: tuple[int, ...] = ()
    left_out: tuple[int, str] | None = None


def partners(found: list[Token]) -> dict[int, int]:
    """The closing bracket of each opening one, by index."""
    stack: list[int] = []
    known: dict[int, int] = {}
    for index, token in enumerate(found):
        if token.kind != "sign":
            continue
        if token.text in OPENING:
            stack.append(index)
        elif stack and token.text == OPENING[found[stack[-1]].text]:
            known[stack.pop()] = index
    return known


def given(found: list[Token], reader: Reader, call: Call) -> tuple[Given, ...]:
    """Arguments that stand around the call, for the writings that ask for them."""
    asked = {one.name for known in call.known for one in known.writing.arguments if not one.is_written}
    if THEN in asked and call.name == WINDOWS:
        return tuple(_given(name, what, call) for name, what in _then(found, reader, call).items())
    if SPREAD in asked:
        return (_given(SPREAD, _is_spread(call), call),)
    return ()


def _given(name: str, what: object, call: Call) -> Given:
    value = what if isinstance(what, Value) else Value(what, call.start, call.end)
    return Given(name, value, value.start, value.end)


def _is_spread(call: Call) -> bool:
    """Whether zeros stand between the cells of the input: a stride, or at stride 1 a kernel turned around."""
    plain = [one.value for one in call.given if one.name is None]
    named = {one.name: one.value for one in call.given}
    spread = named.get("lhs_dilation") or (plain[4] if len(plain) > 4 else None)
    if spread is None or spread.what is None:
        return False
    weight = named.get("rhs") or (plain[1] if len(plain) > 1 else None)
    turned = weight is not None and isinstance(weight.what, (Shape, Opaque)) and weight.what.turned
    return turned or set(whole_numbers(spread) or (1,)) != {1}


# --- What is done with a sum of windows ----------------------------------------------------------------------


def _then(found: list[Token], reader: Reader, call: Call) -> dict[str, object]:
    """The mean or norm that a sum of windows becomes: by a divisor or a count of cells, or by its root."""
    if not any(isinstance(one.value.what, Opaque) and one.value.what.name == "add" for one in call.given):
        return {}
    index = _behind(found, call)
    if index is None:
        scaled = _scaled(found, call)
        if scaled is None:
            return {THEN: "sum"}
        return {
            THEN: "norm",
            "the root behind": _root(found, reader, scaled + 1),
            "clipped windows scaled up": True,
        }
    if found[index].text == "**":
        return {THEN: "norm", "the root behind": _root(found, reader, index + 1)}
    value, _ = reader.value(index + 1)
    if _is_count(value):
        return {"the divisor behind": int(value.what)}
    return _counted(found, reader, index + 1) or {"the divisor behind": value.what}


def _is_count(value: Value) -> bool:
    return (
        isinstance(value.what, (int, float))
        and not isinstance(value.what, bool)
        and value.what == int(value.what)
    )


def _behind(found: list[Token], call: Call) -> int | None:
    """The sign / or ** that the sum is met with: behind the call, or behind the name that it was assigned to."""
    index = call.after
    while found[index].text == "[" or found[index].text == "]" or found[index - 1].text == "[":
        index += 1
    if found[index].text in ("/", "**"):
        return index
    first = _first(found, call)
    if first < 2 or found[first - 1].text != "=" or found[first - 2].kind != "name":
        return None
    name = found[first - 2].text
    for place in range(call.after, len(found) - 1):
        if found[place].text == name and found[place].kind == "name":
            return place + 1 if found[place + 1].text in ("/", "**") else None
    return None


def _scaled(found: list[Token], call: Call) -> int | None:
    """The ** behind ``(total * (9 / count))``, in which the sum of what a window is clipped to is scaled up."""
    first = _first(found, call)
    if first < 2 or found[first - 1].text != "=" or found[first - 2].kind != "name":
        return None
    name = found[first - 2].text
    for place in range(call.after, len(found) - 3):
        if [token.text for token in found[place - 1 : place + 3]] == ["(", name, "*", "("]:
            end = partners(found).get(place - 1, len(found))
            return end + 1 if end + 1 < len(found) and found[end + 1].text == "**" else None
    return None


def _first(found: list[Token], call: Call) -> int:
    """The index of the first token of a call's dotted name."""
    index = call.index
    while index >= 2 and found[index - 1].text == ".":
        index -= 2
    return index


def _root(found: list[Token], reader: Reader, index: int) -> object:
    """The p of ``** (1 / p)``, or of ``** 0.5``."""
    if [token.text for token in found[index : index + 3]] == ["(", "1", "/"]:
        return reader.value(index + 3)[0].what
    value, _ = reader.value(index)
    inverse = 1 / value.what if isinstance(value.what, float) and value.what > 0 else 0.0
    return inverse or Opaque()


def _counted(found: list[Token], reader: Reader, index: int) -> dict[str, object]:
    """The cells that a count counts: ones under the same windows, with padding of their own where that counts."""
    start = _assigned(reader, found, index)
    words = [token.text for token in found[start : start + FURTHEST]]
    if WINDOWS not in words[:6]:
        return {}
    counted, _ = reader.arguments(start + words.index(WINDOWS) + 1)
    if not counted:
        return {}
    opening = start + words.index(WINDOWS) + 2
    ones = _assigned(reader, found, opening)
    made = [token.text for token in found[ones : ones + 8]]
    if "pad" not in made:
        return {"padding counted": False} if made and any(word.startswith("ones") for word in made) else {}
    notes: dict[str, object] = {"padding counted": True}
    padded, _ = reader.arguments(ones + made.index("pad") + 1)
    over = next((one.value for one in counted if one.name == "padding"), None)
    if len(padded) > 1 and over is not None and isinstance(over.what, tuple):
        past = [whole_numbers(pair) for pair in over.what]
        if any(pair is not None and pair[-1:] != (0,) for pair in past):
            notes |= {"windows past the end": True, "padding": padded[1].value}
    return notes


def _assigned(reader: Reader, found: list[Token], index: int) -> int:
    """Where the value of a name was written down, or the place itself."""
    places = [place for place in reader.assigned.get(found[index].text, []) if place < index]
    return places[-1] if found[index].kind == "name" and places else index


# --- Bias and activation -------------------------------------------------------------------------------------


def behind(found: list[Token], reader: Reader, call: Call, until: int, output: activating.Output) -> Around:
    """The bias and the activation that belong to a layer, up to the next one at ``until``."""
    wrapped = _wrapping(found, call)
    bias = any(found[index].text == "bias_add" for index in wrapped)
    for index in wrapped:
        if activating.is_activation(found[index].text):
            return _activated(found, reader, index, bias, output)
    last = min(until, len(found) - 1)
    for index in range(call.after, last):
        token, following = found[index], found[index + 1]
        near = index < call.after + FURTHEST
        if (
            near
            and token.text == "+"
            and token.kind == "sign"
            and BIAS.fullmatch(_last_name(found, index + 1))
        ):
            bias = True
        elif token.kind == "name" and following.text in ("(", "<"):
            if token.text == "bias_add":
                bias = bias or near
            elif _is_maximum_of_zero(found, index):
                return Around(bias, RELU.name, (index,))
            elif activating.is_activation(token.text):
                return _activated(found, reader, index, bias, output)
            elif token.text[:1].isupper():
                break
        elif token.kind == "string" and token.text in activating.OPERATORS:
            return _activated(found, reader, index, bias, output)
    return Around(bias)


def _activated(
    found: list[Token], reader: Reader, index: int, bias: bool, output: activating.Output
) -> Around:
    """The layer with the activation whose call encloses it."""
    word = found[index].text
    given = _arguments(found, reader, index)
    path = _path(found, index) if found[index].kind == "name" else (word,)
    if word == activating.WRAPPER:
        what = given[0].value.what if given else None
        word = what.name or "" if isinstance(what, Opaque) else str(what)
        path, given = (word,), ()
        if activating.named(word) is None:
            if activating.is_none(word):
                return Around(bias, taken=(index,))
            return Around(bias, left_out=(index, "this activation is not computed here"))
    name = activating.named(word)
    reason = activating.difference(path, given, output)
    if reason is not None:
        return Around(bias, left_out=(index, reason))
    if name == SIGMOID.name and (product := _product(found, index)) is not None:
        return Around(bias, SILU.name, (index, product))
    return Around(bias, name, (index,))


def _arguments(found: list[Token], reader: Reader, index: int) -> tuple[Given, ...]:
    """The arguments of an activation: in brackets behind its name, as an operator's attributes, or beside its name."""
    if found[index + 1].text == "<":
        attributes = []
        for place in range(index + 2, min(index + FURTHEST, len(found) - 2)):
            if found[place].text == ">":
                break
            if found[place].kind == "name" and found[place + 1].text == "=":
                value, _ = reader.value(place + 2)
                attributes.append(Given(found[place].text, value, found[place].start, value.end))
        return tuple(attributes)
    opening = index + 1
    if found[index].kind == "string":
        opening = next((place for place in range(index, -1, -1) if found[place].text == "("), index)
    try:
        given, _ = reader.arguments(opening)
    except (Unreadable, KeyError):  # a text that breaks off: the layer before it is whole
        return ()
    # Beside an operator's name stand its tensors.
    return tuple(one for one in given if one.name) if found[index].kind == "string" else tuple(given)


def _product(found: list[Token], index: int) -> int | None:
    """The node that multiplies what this one makes by what it was made of, which is SiLU in ONNX."""
    if found[index].kind != "string":
        return None
    behind = range(index + 1, min(index + FURTHEST, len(found) - 1))
    after = next(
        (place for place in behind if found[place].kind == "string" and found[place].text == "Mul"), None
    )
    if after is None:
        return None
    of, product = _tensors(found, index), _tensors(found, after)
    return after if len(of) >= 2 and len(product) >= 2 and set(of[:2]) == set(product[:2]) else None


def _tensors(found: list[Token], index: int) -> list[str]:
    """The names of a node's inputs and outputs, in the lists behind its operator."""
    names = []
    for token in found[index + 1 : index + FURTHEST]:
        if token.text == ")":
            break
        if token.kind == "string":
            names.append(token.text)
    return names


def _path(found: list[Token], index: int) -> tuple[str, ...]:
    """The dotted name that ends at a token."""
    first = index
    while first >= 2 and found[first - 1].text == "." and found[first - 2].kind == "name":
        first -= 2
    return tuple(token.text for token in found[first : index + 1 : 2])


def _wrapping(found: list[Token], call: Call) -> list[int]:
    """The names of the calls that stand directly around this one: ``relu(bias_add(conv2d(…), b))``."""
    words = []
    index = _first(found, call) - 1
    while index >= 1 and found[index].text == "(" and found[index - 1].kind == "name":
        words.append(index - 1)
        index -= 2
        while index >= 1 and found[index].text == "." and found[index - 1].kind == "name":
            index -= 2
    return words


def _last_name(found: list[Token], index: int) -> str:
    """The last word of a dotted name, and no call's."""
    while found[index].kind == "name" and found[index + 1].text == "." and found[index + 2].kind == "name":
        index += 2
    if found[index].kind != "name":
        return ""
    is_reshape = found[index].text == "reshape" and found[index - 1].text == "."
    return found[index - 2 if is_reshape else index].text


def _is_maximum_of_zero(found: list[Token], index: int) -> bool:
    """``jnp.maximum(y, 0)``."""
    words = [token.text for token in found[index : index + 6]]
    return (
        words[0] == "maximum" and words[1:2] == ["("] and words[3:6] in ([",", "0", ")"], [",", "0.0", ")"])
    )
