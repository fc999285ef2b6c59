"""Arguments of calls as values: numbers, names, lists, and the shapes of tensors. Evaluates no name, calls nothing.

Anything else is opaque: it has a place, and is refused only where it is needed.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .scan import Token, unreadable

DEEPEST = 40
MOST_ARGUMENTS = 64
LARGEST = 2**31
LONGEST_CUT = 8  # tokens of one entry in brackets behind a tensor; no entry that is read has more
OPENING = {"(": ")", "[": "]", "{": "}"}
CLOSING = frozenset(OPENING.values())
CONSTANTS: dict[str, Any] = {
    "True": True,
    "False": False,
    "None": None,
    "true": True,
    "false": False,
    "null": None,
}

# Calls that make a tensor of a shape, and those that keep the shape of what they are given or called on.
SHAPED = {
    "randn",
    "rand",
    "zeros",
    "ones",
    "empty",
    "normal",
    "uniform",
    "standard_normal",
    "random",
    "reshape",
    "view",
}
KEEPING = {
    "array",
    "asarray",
    "tensor",
    "from_numpy",
    "Parameter",
    "FloatTensor",
    "constant",
    "convert_to_tensor",
}
MOVING = {"swapaxes", "moveaxis", "transpose", "permute"}
METHODS = {"astype", "round", "to", "float", "double", "copy", "contiguous", "cuda"}


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something that is not evaluated; ``name`` is its last word where it is a name, ``turned`` as of a Shape."""

    name: str | None = None
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A tensor of which only the shape is known, and whether it was turned around: ``[:, :, ::-1, ::-1]``."""

    sizes: tuple[int, ...]
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A value and its place. ``what`` is a number, text, True, False, None, a tuple of Values, Opaque or Shape."""

    what: Any
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Given:
    """One argument of a call: by name or by position, with the place of the whole."""

    name: str | None
    value: Value
    start: int
    end: int


class Reader:
    """Reads values and calls out of tokens."""

    def __init__(self, text: str, found: list[Token]) -> None:
        self.text = text
        self.tokens = found
        self.assigned = _assignments(found)
        self._resolving: set[int] = set()
        self._initializers: dict[str, Value] | None = None
        self._known: dict[int, Value] = {}  # by place, so that what is used often is read once

    def arguments(self, opening: int) -> tuple[list[Given], int]:
        """The arguments of the call whose bracket is at ``opening``, and the index of its closing bracket."""
        given: list[Given] = []
        closing = OPENING[self.tokens[opening].text]
        index = opening + 1
        while True:
            token = self.tokens[index]
            if token.text == closing and token.kind == "sign":
                return given, index
            if token.kind == "end":
                start = self.tokens[opening].start
                raise unreadable(
                    self.text, start, start + 1, "this bracket is never closed", f"Add a {closing}."
                )
            if token.kind == "sign" and token.text in ("*", "**"):
                reason = "arguments out of a variable cannot be read, since nothing is executed"
                raise unreadable(self.text, token.start, token.end, reason, "Write them out.")
            argument, index = self._argument(index, closing)
            if argument.name is None and given and given[-1].name is not None:
                reason = "a value by position stands behind one by name"
                raise unreadable(self.text, argument.start, argument.end, reason, "Give its name.")
            given.append(argument)
            if len(given) > MOST_ARGUMENTS:
                reason = f"no layer has more than {MOST_ARGUMENTS} arguments"
                raise unreadable(self.text, argument.start, argument.end, reason, "Leave the others out.")
            if self.tokens[index].text == "," and self.tokens[index].kind == "sign":
                index += 1

    def _argument(self, index: int, closing: str) -> tuple[Given, int]:
        first = self.tokens[index]
        name = None
        after = self.tokens[index + 1]
        if first.kind == "name" and after.kind == "sign" and after.text == "=":
            name, index = first.text, index + 2
        value, index = self.item(index, closing, 0)
        return Given(name, value, first.start, value.end), index

    def item(self, index: int, closing: str, depth: int) -> tuple[Value, int]:
        """One entry of a list or call, up to its comma or closing bracket; opaque where it is more than a value."""
        start = index
        value, index = self.value(index, depth)
        token = self.tokens[index]
        if token.kind == "end" or (token.kind == "sign" and token.text in (",", closing)):
            return value, index
        index = self._skip(index)
        end = self.tokens[max(start, index - 1)].end
        return Value(Opaque(), self.tokens[start].start, end), index

    def _skip(self, index: int) -> int:
        """The next comma or closing bracket at this level, or the end."""
        depth = 0
        while self.tokens[index].kind != "end":
            token = self.tokens[index]
            if token.kind == "sign":
                if token.text in OPENING:
                    depth += 1
                elif token.text in CLOSING:
                    if depth == 0:
                        return index
                    depth -= 1
                elif token.text == "," and depth == 0:
                    return index
            index += 1
        return index

    def value(self, index: int, depth: int = 0) -> tuple[Value, int]:
        """The value at ``index`` with sums and products of whole numbers worked out, and what follows it."""
        left, index = self._product(index, depth)
        while self._is_sign(index, "+", "-"):
            sign = self.tokens[index].text
            right, index = self._product(index + 1, depth)
            left = _worked(sign, left, right)
        return left, index

    def _product(self, index: int, depth: int) -> tuple[Value, int]:
        left, index = self._signed(index, depth)
        while self._is_sign(index, "*", "//", "%"):
            sign = self.tokens[index].text
            right, index = self._signed(index + 1, depth)
            left = _worked(sign, left, right)
        return left, index

    def _signed(self, index: int, depth: int) -> tuple[Value, int]:
        start, negative = self.tokens[index].start, False
        while self._is_sign(index, "+", "-"):
            negative ^= self.tokens[index].text == "-"
            index += 1
        value, index = self._primary(index, depth)
        what = value.what
        if negative:
            what = -what if _is_number(what) else Opaque()
        return Value(what, start, value.end), index

    def _primary(self, index: int, depth: int) -> tuple[Value, int]:
        token = self.tokens[index]
        if depth > DEEPEST:
            reason = f"this is nested deeper than {DEEPEST} levels"
            raise unreadable(self.text, token.start, token.end, reason, "Write it out more simply.")
        if token.kind == "number":
            return self._methods(Value(self._number(token), token.start, token.end), index + 1, depth)
        if token.kind == "string":
            return Value(token.text, token.start, token.end), index + 1
        if token.kind == "name":
            return self._name(index, depth)
        if token.kind == "sign" and token.text in ("(", "["):
            value, index = self._list(index, depth)
            return self._methods(value, index, depth)
        # The bracket or comma that ends an empty entry is left where it is.
        end = index if token.kind == "end" or token.text in CLOSING or token.text == "," else index + 1
        return Value(Opaque(), token.start, token.end), end

    def _number(self, token: Token) -> Any:
        digits = token.text.replace("_", "")
        if len(digits) > 30:
            raise unreadable(
                self.text, token.start, token.end, "this is beyond what is computed here", "Use less."
            )
        return int(digits) if digits.isdigit() else float(digits)

    def _list(self, index: int, depth: int) -> tuple[Value, int]:
        """A list, a tuple, or a value in brackets."""
        start, closing = self.tokens[index], OPENING[self.tokens[index].text]
        index += 1
        entries: list[Value] = []
        commas = 0
        while not self._is_sign(index, closing):
            if self.tokens[index].kind == "end":
                raise unreadable(
                    self.text, start.start, start.end, "this bracket is never closed", f"Add a {closing}."
                )
            before = index
            value, index = self.item(index, closing, depth + 1)
            entries.append(value)
            if self._is_sign(index, ","):
                commas, index = commas + 1, index + 1
            elif index == before or not self._is_sign(index, closing):
                token = self.tokens[index]
                raise unreadable(self.text, token.start, token.end, "this closes nothing", f"Use {closing}.")
        end = self.tokens[index].end
        if closing == ")" and len(entries) == 1 and not commas:
            return Value(entries[0].what, start.start, end), index + 1
        return Value(tuple(entries), start.start, end), index + 1

    def _name(self, index: int, depth: int) -> tuple[Value, int]:
        """A constant, a variable that was assigned before, or a call that may make a tensor."""
        first = self.tokens[index]
        if first.text in CONSTANTS:
            return Value(CONSTANTS[first.text], first.start, first.end), index + 1
        if (known := self.variable(first.text, index)) is not None:
            return self._methods(Value(known.what, first.start, first.end), index + 1, depth)
        last = index
        while self._is_sign(last + 1, ".") and self.tokens[last + 2].kind == "name":
            last += 2
        token = self.tokens[last]
        if self._is_sign(last + 1, "("):
            made, after = self._called(token, Value(Opaque(), first.start, token.end), last + 1, depth)
            return self._methods(made, after, depth)
        if token.text in ("inf", "nan") and last > index:
            return Value(float(token.text), first.start, token.end), last + 1
        return self._methods(Value(Opaque(token.text), first.start, token.end), last + 1, depth)

    def _methods(self, value: Value, index: int, depth: int) -> tuple[Value, int]:
        """The shape of a value after the methods and brackets behind it."""
        while True:
            if self._is_sign(index, ".") and self.tokens[index + 1].kind == "name":
                token = self.tokens[index + 1]
                if not self._is_sign(index + 2, "("):
                    value, index = Value(Opaque(token.text), value.start, token.end), index + 2
                    continue
                value, index = self._called(token, value, index + 2, depth)
            elif self._is_sign(index, "[") and (isinstance(value.what, Opaque) or shape_of(value)):
                cuts: list[str] = []
                while not cuts or self._is_sign(index, ","):
                    start, index = index + 1, self._skip(index + 1)
                    cuts.append("".join(token.text for token in self.tokens[start:index][:LONGEST_CUT]))
                value = Value(cut(value, cuts), value.start, self.tokens[index].end)
                index = min(index + 1, len(self.tokens) - 1)
            else:
                return value, index

    def _called(self, name: Token, base: Value, opening: int, depth: int) -> tuple[Value, int]:
        """A call by its last name: the shape that it makes, or something opaque."""
        if depth > DEEPEST:
            reason = f"this is nested deeper than {DEEPEST} levels"
            raise unreadable(self.text, name.start, name.end, reason, "Write it out more simply.")
        index = opening + 1
        entries: list[tuple[str | None, Value]] = []
        while not self._is_sign(index, ")") and self.tokens[index].kind != "end":
            keyword = None
            if self.tokens[index].kind == "name" and self._is_sign(index + 1, "="):
                keyword, index = self.tokens[index].text, index + 2
            before = index
            value, index = self.item(index, ")", depth + 1)
            entries.append((keyword, value))
            if self._is_sign(index, ",") or index == before:
                index = min(index + 1, len(self.tokens) - 1)
        end = self.tokens[index].end
        index = min(index + 1, len(self.tokens) - 1)
        return Value(_made(name.text, base, entries), base.start, end), index

    def _is_sign(self, index: int, *signs: str) -> bool:
        if index >= len(self.tokens):
            return False
        token = self.tokens[index]
        return token.kind == "sign" and token.text in signs

    def initializer(self, name: str) -> Value | None:
        """The array that a constant of an ONNX graph is made of: ``from_array(array, "name")``."""
        if self._initializers is None:
            self._initializers = {}
            places = [index for index, token in enumerate(self.tokens) if token.text == "from_array"]
            for place in places[:MOST_ARGUMENTS]:
                if self._is_sign(place + 1, "("):
                    value, index = self.item(place + 2, ")", 0)
                    label = self.tokens[index + 1] if self._is_sign(index, ",") else self.tokens[index]
                    if label.kind == "string":
                        self._initializers[label.text] = value
        return self._initializers.get(name)

    def variable(self, name: str, before: int) -> Value | None:
        """The value or tensor that was assigned to a name before a token."""
        assigned = self.assigned.get(name, [])
        last = bisect.bisect_left(assigned, before) - 1
        while last >= 0 and assigned[last] in self._resolving:  # a name made of itself is what it was before
            last -= 1
        if last < 0 or len(self._resolving) > DEEPEST // 4:
            return None
        place = assigned[last]
        if place not in self._known:
            self._resolving.add(place)
            try:
                self._known[place] = self.value(place)[0]
            finally:
                self._resolving.discard(place)
        value = self._known[place]
        return None if isinstance(value.what, Opaque) and not value.what.turned else value


def _assignments(found: list[Token]) -> Mapping[str, list[int]]:
    """Where each plain name is assigned, outside brackets: the index of the value's first token."""
    places: dict[str, list[int]] = {}
    depth = 0
    for index, token in enumerate(found[:-2]):
        if token.kind == "sign" and token.text in OPENING:
            depth += 1
        elif token.kind == "sign" and token.text in CLOSING:
            depth = max(0, depth - 1)
        elif (
            depth == 0
            and token.kind == "name"
            and found[index + 1].text == "="
            and found[index + 1].kind == "sign"
        ):
            places.setdefault(token.text, []).append(index + 2)
    return places


def _is_number(what: object) -> bool:
    return isinstance(what, (int, float)) and not isinstance(what, bool)


def _worked(sign: str, left: Value, right: Value) -> Value:
    """Sums, products and quotients of whole numbers; anything else is opaque."""
    a, b = left.what, right.what
    what: Any = Opaque()
    if _is_number(a) and _is_number(b) and isinstance(a, int) and isinstance(b, int):
        if sign in ("//", "%"):
            what = Opaque() if b == 0 else a // b if sign == "//" else a % b
        else:
            what = {"+": a + b, "-": a - b, "*": a * b}[sign]
        if isinstance(what, int) and abs(what) > LARGEST:
            what = Opaque()
    return Value(what, left.start, right.end)


def whole_numbers(value: Value) -> tuple[int, ...] | None:
    """A list of whole numbers as such, else None."""
    if not isinstance(value.what, tuple):
        return None
    found = [entry.what for entry in value.what]
    return tuple(found) if all(isinstance(n, int) and not isinstance(n, bool) for n in found) else None


def shape_of(value: Value) -> tuple[int, ...] | None:
    """The shape of a tensor or of nested lists, where it is known."""
    if isinstance(value.what, Shape):
        return value.what.sizes
    sizes: list[int] = []
    what = value.what
    while isinstance(what, tuple) and what:
        sizes.append(len(what))
        what = what[0].what
    return tuple(sizes) if sizes and (_is_number(what)) else None


def cut(value: Value, cuts: list[str]) -> Shape | Opaque:
    """A tensor with brackets behind it: whole axes, turned around or not, and new ones; else something opaque."""
    sizes = list(shape_of(value) or ())
    turned = _is_turned(value) != ("::-1" in cuts)
    kept: list[int] = []
    for one in cuts:
        if one in ("None", "np.newaxis", "jnp.newaxis"):
            kept.append(1)
        elif one in (":", "::-1"):
            kept += sizes[:1]
            del sizes[:1]
        elif one != "...":
            return Opaque()
    return Shape((*kept, *sizes), turned) if shape_of(value) else Opaque(turned=turned)


def _is_turned(value: Value) -> bool:
    return isinstance(value.what, (Shape, Opaque)) and value.what.turned


def _moved(name: str, tensor: Value, numbers: list[Value]) -> Any:
    """A tensor whose axes change places: ``swapaxes``, ``moveaxis``, ``transpose`` and ``permute``."""
    sizes, turned = shape_of(tensor), _is_turned(tensor)
    lists = [whole_numbers(one) or (one.what,) for one in numbers]
    flat = [number for one in lists for number in one]
    if sizes is None or not all(isinstance(axis, int) and -len(sizes) <= axis < len(sizes) for axis in flat):
        return Opaque(turned=turned)
    axes = [axis % len(sizes) for axis in flat]
    if name == "swapaxes" and len(axes) == 2:
        order = list(range(len(sizes)))
        order[axes[0]], order[axes[1]] = axes[1], axes[0]
    elif name == "moveaxis" and len(lists) == 2 and len(lists[0]) == len(lists[1]):
        places = dict(zip(axes[len(lists[0]) :], axes[: len(lists[0])], strict=True))
        others = iter(axis for axis in range(len(sizes)) if axis not in axes[: len(lists[0])])
        order = [places[axis] if axis in places else next(others, -1) for axis in range(len(sizes))]
    else:
        order = axes or list(range(len(sizes)))[::-1]
    if sorted(order) != list(range(len(sizes))):
        return Opaque(turned=turned)
    return Shape(tuple(sizes[axis] for axis in order), turned)


def _reshaped(sizes: tuple[int, ...], base: Value) -> Any:
    """A shape that is asked for, with one −1 worked out where the tensor's own is known."""
    if min(sizes) >= 0:
        return Shape(sizes, _is_turned(base))
    own, unknown = shape_of(base), -math.prod(sizes)
    if own is None or sorted(sizes)[:1] != [-1] or sizes.count(-1) != 1 or not unknown:
        return Opaque(turned=_is_turned(base))
    return Shape(tuple(size if size >= 0 else math.prod(own) // unknown for size in sizes), _is_turned(base))


def _made(name: str, base: Value, entries: list[tuple[str | None, Value]]) -> Any:
    """The result of a call of this name, as far as it is known without calling anything."""
    plain = [value for keyword, value in entries if keyword is None]
    if name == "float" and len(plain) == 1 and isinstance(plain[0].what, str) and len(plain[0].what) < 10:
        return {"inf": math.inf, "-inf": -math.inf}.get(plain[0].what, Opaque())
    if name in METHODS:
        return base.what if isinstance(base.what, (Shape, tuple)) or _is_turned(base) else Opaque()
    if name in KEEPING and plain:
        return plain[0].what if shape_of(plain[0]) or _is_turned(plain[0]) else Opaque()
    if name in MOVING or name == "flip":
        on_itself = not plain or shape_of(base) is not None or _is_turned(base)
        tensor, others = (base, plain) if on_itself else (plain[0], plain[1:])
        if name in MOVING:
            return _moved(name, tensor, others)
        return cut(tensor, ["::-1"])
    if name == "conv_dimension_numbers" and len(plain) == 3:
        return plain[2].what  # of jax.lax, beside the shapes
    if name in SHAPED:
        asked = [value for keyword, value in entries if keyword in ("size", "shape")] or plain
        numbers = [value.what for value in asked]
        if numbers and all(isinstance(n, int) and not isinstance(n, bool) for n in numbers):
            return _reshaped(tuple(numbers), base)
        for value in reversed(asked):
            sizes = whole_numbers(value)
            if sizes:
                return _reshaped(sizes, base)
    return Opaque()
