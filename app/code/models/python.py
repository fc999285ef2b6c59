"""What Python's own functions and methods give for plain values, in bounds. Knows no framework; calls nothing else."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from .things import (
    Builtin,
    Class,
    Container,
    Dotted,
    Instance,
    LayerObject,
    NotUnderstood,
    Size,
    Sizes,
    Tensor,
    Unknown,
)

LARGEST = 2**40
LONGEST = 4096  # entries of a list, characters of a text
PLAIN = (int, float, str, bool, type(None), list, tuple, dict)

OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "Div": operator.truediv,
    "FloorDiv": operator.floordiv,
    "Mod": operator.mod,
    "Pow": operator.pow,
    "LShift": operator.lshift,
    "RShift": operator.rshift,
    "BitAnd": operator.and_,
    "BitOr": operator.or_,
    "BitXor": operator.xor,
}
COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
    "Is": operator.is_,
    "IsNot": operator.is_not,
}


def is_known(value: Any) -> bool:
    """Whether a value is told in the text, and no tensor, layer or name of a library."""
    return isinstance(value, PLAIN)


def worked(sign: str, left: Any, right: Any) -> Any:
    """Arithmetic of plain values; unknown where one is, or where the result would be too large."""
    if not (is_known(left) and is_known(right)):
        return Unknown()
    numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
    if sign in ("Pow", "LShift") and not (numbers and abs(right) <= 40 and abs(left) <= LARGEST):
        return Unknown()
    if sign == "Mult" and not numbers and not _repeats(left, right):
        return Unknown()
    if sign == "Mod" and isinstance(left, str):
        return left
    try:
        value = OPERATORS[sign](left, right)
    except (ArithmeticError, TypeError, ValueError, KeyError):
        return Unknown()
    return bounded(value)


def _repeats(left: Any, right: Any) -> bool:
    """Whether a list is repeated no longer than lists may be."""
    sequence, count = (left, right) if isinstance(right, int) else (right, left)
    sized = isinstance(sequence, (list, tuple, str)) and isinstance(count, int)
    return sized and len(sequence) * max(count, 0) <= LONGEST


def bounded(value: Any) -> Any:
    """A value, or that it is unknown where it is too large."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) > LARGEST:
        return Unknown()
    if isinstance(value, complex):
        return Unknown()
    if isinstance(value, (list, tuple, str, dict)) and len(value) > LONGEST:
        return Unknown()
    return value


def compared(sign: str, left: Any, right: Any) -> Any:
    """A comparison; unknown where a side is, apart from whether something is None."""
    if isinstance(left, (Unknown, Size, Sizes)) or isinstance(right, (Unknown, Size, Sizes)):
        return Unknown()
    if sign in ("In", "NotIn"):
        if not isinstance(right, (list, tuple, dict, str)):
            return Unknown()
        try:
            found = left in right
        except TypeError:
            return Unknown()
        return found if sign == "In" else not found
    if sign in ("Is", "IsNot", "Eq", "NotEq") and (left is None or right is None):
        same = left is None and right is None
        return same if sign in ("Is", "Eq") else not same
    try:
        return bool(COMPARISONS[sign](left, right))
    except (TypeError, KeyError):
        return Unknown()


def _range(*given: Any) -> Any:
    if not all(isinstance(one, int) for one in given) or not 1 <= len(given) <= 3:
        return Unknown()
    if len(given) == 3 and given[2] == 0:
        return Unknown()
    found = range(*given)
    return list(found) if len(found) <= LONGEST else Unknown()


def items_of(value: Any) -> list[Any] | None:
    """The values that a loop goes through; None where they are unknown."""
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, dict):
        return list(value)
    if isinstance(value, str):
        return list(value)
    if isinstance(value, Container):
        return [member for _, member in value.members]
    if isinstance(value, Instance) and isinstance(value.base, Container):
        return [member for _, member in value.base.members]
    return None


def _length(value: Any) -> Any:
    found = items_of(value)
    return Unknown() if found is None else len(found)


def _enumerate(value: Any, start: Any = 0) -> Any:
    found = items_of(value)
    return Unknown() if found is None or not isinstance(start, int) else list(enumerate(found, start))


def _zip(*given: Any, strict: Any = None) -> Any:
    lists = [items_of(one) for one in given]
    return (
        Unknown() if any(one is None for one in lists) else [tuple(one) for one in zip(*lists, strict=False)]
    )


def _reversed(value: Any) -> Any:
    found = items_of(value)
    return Unknown() if found is None else found[::-1]


def _list(value: Any = ()) -> Any:
    if isinstance(value, Sizes):
        return value
    found = items_of(value)
    return Unknown() if found is None else found


def _tuple(value: Any = ()) -> Any:
    found = items_of(value)
    return Unknown() if found is None else tuple(found)


def _dict(*given: Any, **named: Any) -> Any:
    if not given:
        return dict(named)
    value = given[0]
    if isinstance(value, dict):
        return {**value, **named}
    found = items_of(value)
    if found is None or not all(isinstance(one, (list, tuple)) and len(one) == 2 for one in found):
        return Unknown()
    return {**{one[0]: one[1] for one in found if isinstance(one[0], (str, int))}, **named}


def _plainly(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of plain values; unknown for all others, and where it fails."""

    def run(*given: Any, **named: Any) -> Any:
        if any(isinstance(one, (Unknown, Size)) for one in given):
            return Unknown()
        try:
            return bounded(function(*given, **named))
        except (TypeError, ValueError, ArithmeticError, AttributeError, IndexError, KeyError):
            return Unknown()

    return run


def _sum(value: Any, start: Any = 0) -> Any:
    found = items_of(value) or []
    for one in found:
        start = worked("Add", start, one)
    return start


def _isinstance(value: Any, kinds: Any) -> Any:
    """Whether a value is one of the types that the text names, where that can be told."""
    given = kinds if isinstance(kinds, (list, tuple)) else (kinds,)
    plain = {"int": int, "float": float, "str": str, "bool": bool, "list": list, "tuple": tuple, "dict": dict}
    for kind in given:
        if isinstance(kind, Builtin) and kind.name in plain and isinstance(value, plain[kind.name]):
            return True
        if isinstance(kind, Class) and isinstance(value, Instance) and kind in value.made_of.ancestors():
            return True
        if isinstance(kind, Dotted) and isinstance(value, LayerObject) and kind.last == value.called:
            return True
        if isinstance(kind, Dotted) and isinstance(value, Tensor) and kind.last == "Tensor":
            return True
    return False if not isinstance(value, (Unknown, Size)) else Unknown()


def _int(value: Any = 0) -> Any:
    return int(value) if isinstance(value, (int, float)) and math.isfinite(value) else Unknown()


def _same(value: Any = (), *_: Any, **__: Any) -> Any:
    return value


BUILTINS: dict[str, Builtin] = {
    name: Builtin(name, run)
    for name, run in {
        "range": _range,
        "len": _length,
        "enumerate": _enumerate,
        "zip": _zip,
        "reversed": _reversed,
        "list": _list,
        "tuple": _tuple,
        "set": _list,
        "sorted": _plainly(sorted),
        "dict": _dict,
        "OrderedDict": _dict,
        "sum": _sum,
        "max": _plainly(max),
        "min": _plainly(min),
        "abs": _plainly(abs),
        "round": _plainly(round),
        "divmod": _plainly(divmod),
        "pow": lambda left, right, *_: worked("Pow", left, right),
        "int": _int,
        "float": _plainly(float),
        "str": _plainly(str),
        "bool": _plainly(bool),
        "all": _plainly(all),
        "any": _plainly(any),
        "iter": _list,
        "isinstance": _isinstance,
        "print": lambda *_, **__: None,
        "type": lambda *_: Unknown("type"),
        "id": lambda *_: Unknown("id"),
    }.items()
}
MATHS: dict[str, Callable[..., Any]] = {
    name: _plainly(getattr(math, name))
    for name in ("ceil", "floor", "sqrt", "log", "log2", "log10", "prod", "gcd", "trunc", "exp")
} | {"pow": lambda left, right: worked("Pow", left, right)}
TEXT_METHODS = ("lower", "upper", "strip", "startswith", "endswith", "split", "replace", "format", "join")


def method(owner: Any, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """A method of a list, a dictionary or a text; raises NotUnderstood where it is none that is known."""
    if isinstance(owner, list):
        return _of_list(owner, name, args)
    if isinstance(owner, dict):
        return _of_dict(owner, name, args)
    if isinstance(owner, str) and name in TEXT_METHODS:
        if name == "replace" and (len(owner) > 256 or any(not isinstance(one, str) for one in args)):
            return Unknown()
        if name in ("format", "join"):
            return owner[:64]
        return _plainly(getattr(owner, name))(*args)
    if isinstance(owner, tuple) and name in ("index", "count"):
        return _plainly(getattr(owner, name))(*args)
    raise NotUnderstood(f"{name} is not known here")


def _of_list(owner: list[Any], name: str, args: list[Any]) -> Any:
    if len(owner) > LONGEST:
        raise NotUnderstood("this list is too long")
    if name == "append" and args:
        owner.append(args[0])
    elif name in ("extend", "update") and args:
        owner.extend(items_of(args[0]) or [])
    elif name == "insert" and len(args) == 2 and isinstance(args[0], int):
        owner.insert(args[0], args[1])
    elif name == "add" and args:
        owner.append(args[0])
    elif name == "pop":
        place = args[0] if args else -1
        return owner.pop(place) if isinstance(place, int) and -len(owner) <= place < len(owner) else Unknown()
    elif name == "reverse":
        owner.reverse()
    elif name == "copy":
        return list(owner)
    elif name == "clear":
        owner.clear()
    elif name in ("index", "count"):
        return _plainly(getattr(owner, name))(*args)
    return None


def _of_dict(owner: dict[Any, Any], name: str, args: list[Any]) -> Any:
    if name == "get" and args:
        return owner.get(args[0], args[1] if len(args) > 1 else None)
    if name == "items":
        return list(owner.items())
    if name == "keys":
        return list(owner)
    if name == "values":
        return list(owner.values())
    if name == "copy":
        return dict(owner)
    if name == "update" and args and isinstance(args[0], dict):
        owner.update(args[0])
        return None
    if name in ("pop", "setdefault") and args:
        default = args[1] if len(args) > 1 else Unknown()
        return owner.pop(args[0], default) if name == "pop" else owner.setdefault(args[0], default)
    return None
