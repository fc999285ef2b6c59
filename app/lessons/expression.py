"""The closed language of keys and numbers: parsed as an expression of Python, checked, walked. Executes no Python.

Names come from whoever asks; arithmetic, comparisons, indices, and calls of functions that are offered by name.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

MOST_CHARACTERS = 400
MOST_DEPTH = 24
MOST_POWER = 64
MOST_NUMBER = 1e18
MOST_CELLS = 1_000_000  # of an array that an expression makes


class Faulty(Exception):
    """An expression that cannot be read or has no value; ``column`` counts its characters from 0."""

    def __init__(self, reason: str, remedy: str, column: int = 0) -> None:
        super().__init__(f"{reason}. {remedy}")
        self.reason, self.remedy, self.column = reason, remedy, column


class Names(Protocol):
    """The names of an expression: values, and functions that it may call."""

    def value(self, name: str) -> Any:
        """The value of a name; raises KeyError for one that is not there."""

    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """The functions by name."""

    def known(self) -> list[str]:
        """All names, for a remedy."""


class Record(Protocol):
    """A value with parts, such as a plan."""

    def part(self, name: str) -> Any:
        """One part; raises KeyError for one that is not there."""

    def parts(self) -> list[str]:
        """The names of all parts."""


_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression that was read: its text, and its tree."""

    text: str
    tree: ast.expr

    def value(self, names: Names) -> Any:
        """Its value; raises Faulty where it has none."""
        return _Walk(names).of(self.tree)

    @property
    def asked(self) -> tuple[str, tuple[int, ...]] | None:
        """The grid and the cell where all of it is one cell, such as ``output[0, 1, 2]``."""
        tree = self.tree
        if not (isinstance(tree, ast.Subscript) and isinstance(tree.value, ast.Name)):
            return None
        index = tree.slice
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        numbers = [part.value for part in parts if isinstance(part, ast.Constant)]
        if len(numbers) != len(parts) or not all(isinstance(one, int) for one in numbers):
            return None
        return tree.value.id, tuple(int(one) for one in numbers if isinstance(one, int))

    @property
    def words(self) -> frozenset[str]:
        """The names and the parts that it mentions."""
        found = (getattr(node, "id", getattr(node, "attr", None)) for node in ast.walk(self.tree))
        return frozenset(one for one in found if isinstance(one, str))


def read_expression(text: str) -> Expression:
    """The expression that a text says; raises Faulty."""
    text = text.strip()
    if not text:
        raise Faulty("there is no expression", "Write one such as output[0, 1, 2].")
    if len(text) > MOST_CHARACTERS:
        raise Faulty(f"an expression has at most {MOST_CHARACTERS} characters", "Make it shorter.")
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        column = max(0, (getattr(error, "offset", None) or 1) - 1)
        raise Faulty(
            "this is no expression", "Write one such as output[0, 1, 2] or 2 * kernel.", column
        ) from None
    _check(tree, 0)
    return Expression(text, tree)


def _check(node: ast.expr, depth: int) -> None:
    if depth > MOST_DEPTH:
        raise Faulty("this is nested too deeply", "Make it simpler.", node.col_offset)
    for inner in _inner(node):
        _check(inner, depth + 1)


def _inner(node: ast.expr) -> list[ast.expr]:
    """The expressions within one, which is of a kind that the language has; raises Faulty for another."""
    match node:
        case ast.Constant(value=bool() | int() | float() | str()) | ast.Name():
            return []
        case ast.Tuple(elts=elements):
            return elements
        case ast.UnaryOp(op=sign, operand=inner) if type(sign) in _UNARY:
            return [inner]
        case ast.BinOp(op=sign, left=left, right=right) if type(sign) in _BINARY:
            return [left, right]
        case ast.Compare(left=left, ops=signs, comparators=others) if all(
            type(one) in _COMPARED for one in signs
        ):
            return [left, *others]
        case ast.BoolOp(values=values):
            return values
        case ast.IfExp(test=test, body=body, orelse=other):
            return [test, body, other]
        case ast.Attribute(value=inner):
            return [inner]
        case ast.Subscript(value=inner, slice=index):
            return [inner, index]
        case ast.Slice(lower=lower, upper=upper, step=step):
            return [part for part in (lower, upper, step) if part is not None]
        case ast.Call(func=ast.Name(), args=given, keywords=named) if all(one.arg for one in named):
            return [*given, *(one.value for one in named)]
    reason = f"{type(node).__name__} is not part of this language"
    raise Faulty(reason, "Use numbers, names, indices, + − * / and the functions.", node.col_offset)


class _Walk:
    """The values of the parts of one expression."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def of(self, node: ast.expr) -> Any:
        """The value of a part."""
        try:
            found = self._of(node)
        except Faulty:
            raise
        except ZeroDivisionError:
            raise Faulty("this divides by zero", "Change what it divides by.", node.col_offset) from None
        except (TypeError, ValueError, IndexError, OverflowError) as error:
            raise Faulty(
                f"this has no value: {error}", "Check shapes and indices.", node.col_offset
            ) from None
        if isinstance(found, (int, float)) and not isinstance(found, bool) and abs(found) > MOST_NUMBER:
            raise Faulty("this is beyond what a lesson needs", "Use smaller numbers.", node.col_offset)
        if isinstance(found, np.ndarray) and found.size > MOST_CELLS:
            raise Faulty("this is a larger array than a lesson needs", "Use a smaller one.", node.col_offset)
        return found.item() if isinstance(found, np.generic) else found

    def _of(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return self._named(name, node)
            case ast.Tuple(elts=elements):
                return tuple(self.of(one) for one in elements)
            case ast.UnaryOp(op=sign, operand=inner):
                return _UNARY[type(sign)](self.of(inner))
            case ast.BinOp(op=sign, left=left, right=right):
                return self._binary(sign, self.of(left), self.of(right), node)
            case ast.Compare(left=left, ops=signs, comparators=others):
                return self._compared(left, signs, others)
            case ast.BoolOp(op=joint, values=values):
                found = (bool(self.of(one)) for one in values)
                return all(found) if isinstance(joint, ast.And) else any(found)
            case ast.IfExp(test=test, body=body, orelse=other):
                return self.of(body) if self.of(test) else self.of(other)
            case ast.Attribute(value=inner, attr=name):
                return self._part(self.of(inner), name, node)
            case ast.Subscript(value=inner, slice=index):
                return self._at(self.of(inner), self._index(index), node)
            case ast.Call(func=ast.Name(id=name), args=given, keywords=named):
                return self._called(name, given, named, node)
        raise Faulty("this is not part of this language", "Make it simpler.", node.col_offset)

    def _named(self, name: str, node: ast.expr) -> Any:
        try:
            return self.names.value(name)
        except KeyError:
            known = ", ".join(self.names.known())
            raise Faulty(f"nothing here is called {name}", f"Use {known}.", node.col_offset) from None

    def _binary(self, sign: ast.operator, left: Any, right: Any, node: ast.expr) -> Any:
        if isinstance(left, str) or isinstance(right, str):
            raise Faulty("words cannot be calculated with", "Use numbers.", node.col_offset)
        if isinstance(sign, ast.Pow) and not (isinstance(right, (int, float)) and abs(right) <= MOST_POWER):
            reason = f"an exponent lies within ±{MOST_POWER}"
            raise Faulty(reason, "Use a smaller one.", node.col_offset)
        if isinstance(left, tuple) or isinstance(right, tuple):
            raise Faulty("a shape is no number", "Take one of its sizes, such as [1].", node.col_offset)
        return _BINARY[type(sign)](left, right)

    def _compared(self, left: ast.expr, signs: list[ast.cmpop], others: list[ast.expr]) -> Any:
        value, found = self.of(left), True
        for sign, other in zip(signs, others, strict=True):
            against = self.of(other)
            result = _COMPARED[type(sign)](value, against)
            if len(others) == 1:
                return result
            found, value = found and bool(result), against
        return found

    def _part(self, value: Any, name: str, node: ast.expr) -> Any:
        parts = getattr(value, "parts", None)
        if parts is None:
            raise Faulty(f"this has no part called {name}", "Leave the dot out.", node.col_offset)
        try:
            return value.part(name)
        except KeyError:
            remedy = f"Use {', '.join(parts())}."
            raise Faulty(f"this has no part called {name}", remedy, node.col_offset) from None

    def _index(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Slice):
            parts = [None if one is None else self.of(one) for one in (node.lower, node.upper, node.step)]
            return slice(*parts)
        if isinstance(node, ast.Tuple):
            return tuple(self._index(one) for one in node.elts)
        return self.of(node)

    def _at(self, value: Any, index: Any, node: ast.expr) -> Any:
        whole = isinstance(index, (int, slice)) or (
            isinstance(index, tuple) and isinstance(value, np.ndarray)
        )
        if not whole:
            raise Faulty("an index is a whole number", "Use numbers from 0.", node.col_offset)
        if not isinstance(value, (np.ndarray, tuple)):
            raise Faulty("this has no cells", "Index a grid or a shape.", node.col_offset)
        found: Any = value[index]
        return found

    def _called(self, name: str, given: list[ast.expr], named: list[ast.keyword], node: ast.expr) -> Any:
        functions = self.names.functions()
        if name not in functions:
            known = ", ".join(functions)
            raise Faulty(f"there is no function {name}", f"Use {known}.", node.col_offset)
        arguments = [self.of(one) for one in given]
        keywords = {str(one.arg): self.of(one.value) for one in named}
        try:
            return functions[name](*arguments, **keywords)
        except KeyError as error:
            raise Faulty(f"there is no {error}", "Use names that are there.", node.col_offset) from None
