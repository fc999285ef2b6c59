"""Expressions of a pasted text as values, in a bounded number of steps. Executes nothing."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from . import joins, library
from .calls import RULES, Call
from .draft import Draft
from .python import BUILTINS, LONGEST, bounded, compared, is_known, items_of, worked
from .things import (
    Class,
    Container,
    Dotted,
    Function,
    Instance,
    LayerObject,
    Scope,
    Size,
    Sizes,
    Stopped,
    Super,
    Tensor,
    Unknown,
    tensors_in,
)

MOST_STEPS = 120_000
DEEPEST = 60
# Names of modules that people use without showing the import.
USUAL = {
    "torch": ("torch",),
    "nn": ("torch", "nn"),
    "F": ("torch", "nn", "functional"),
    "tf": ("tensorflow",),
    "keras": ("keras",),
    "layers": ("keras", "layers"),
    "np": ("np",),
    "math": ("math",),
    "jnp": ("jnp",),
    "nnx": ("flax", "nnx"),
    "linen": ("flax", "linen"),
}
# These wrap a layer, and the wrapped layer computes the same.
WRAPPERS = frozenset(
    "weight_norm spectral_norm compile DataParallel SpectralNormalization script".split()  # noqa: SIM905
)
FLAX_NN = ("flax", "linen")


class Expressions(ABC):
    """Evaluates expressions; a derived class knows how what the text defines is called."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.steps = 0
        self.depth = 0

    def step(self) -> None:
        """Count one step; raises Stopped after too many."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Stopped("The text takes more steps than are followed here, and the rest of it is not read.")

    @abstractmethod
    def call(self, func: Any, args: list[Any], kwargs: dict[str, Any], line: int, scope: Scope) -> Any:
        """Call a value, one that the text defines too."""

    @abstractmethod
    def attribute(self, value: Any, name: str, line: int) -> Any:
        """An attribute of a value."""

    # --- One expression ---------------------------------------------------------------------------------------

    def value(self, node: ast.expr, scope: Scope) -> Any:
        """The value of an expression."""
        self.step()
        handle: Callable[[Any, Scope], Any] | None = getattr(self, f"_{type(node).__name__.lower()}", None)
        if handle is None:
            return Unknown()
        return handle(node, scope)

    def _constant(self, node: ast.Constant, scope: Scope) -> Any:
        if isinstance(node.value, (bytes, complex)):
            return Unknown()
        return node.value if node.value is Ellipsis else bounded(node.value)

    def _name(self, node: ast.Name, scope: Scope) -> Any:
        known, value = scope.find(node.id)
        if known:
            return value
        if node.id in BUILTINS:
            return BUILTINS[node.id]
        if node.id == "nn" and self.draft.framework == "jax":
            return Dotted(FLAX_NN)
        if node.id in USUAL:
            return Dotted(USUAL[node.id])
        if node.id == "super":
            return Dotted(("super",))
        if node.id[:1].isupper() or node.id in RULES or node.id in ("partial", *WRAPPERS):
            return Dotted((node.id,))
        return Unknown(node.id)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        return self.attribute(self.value(node.value, scope), node.attr, node.lineno)

    def _tuple(self, node: ast.Tuple, scope: Scope) -> Any:
        return tuple(self.entries(node.elts, scope))

    def _list(self, node: ast.List, scope: Scope) -> Any:
        return self.entries(node.elts, scope)

    _set = _list

    def entries(self, nodes: list[ast.expr], scope: Scope) -> list[Any]:
        """Values of expressions in order, those with a star spread out."""
        found: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                value = self.value(node.value, scope)
                if isinstance(value, Sizes):
                    found += library.every_size(value, self.draft)
                else:
                    several = items_of(value)
                    found += [Unknown("*")] if several is None else several
            else:
                found.append(self.value(node, scope))
            if len(found) > LONGEST:
                raise Stopped(
                    f"A list has more than {LONGEST:,} entries, and the rest of the text is not read."
                )
        return found

    def _dict(self, node: ast.Dict, scope: Scope) -> Any:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                more = self.value(value, scope)
                found |= more if isinstance(more, dict) else {}
                continue
            named = self.value(key, scope)
            if isinstance(named, (str, int, float)):
                found[named] = self.value(value, scope)
        return found

    def _joinedstr(self, node: ast.JoinedStr, scope: Scope) -> Any:
        parts = []
        for part in node.values[:64]:
            piece = part.value if isinstance(part, ast.FormattedValue) else part
            value = self.value(piece, scope)
            parts.append(str(value)[:64] if is_known(value) else "x")
        return "".join(parts)

    def _ifexp(self, node: ast.IfExp, scope: Scope) -> Any:
        test = self.truth(self.value(node.test, scope))
        return self.value(node.orelse if test is not True else node.body, scope)

    def truth(self, value: Any) -> bool | None:
        """Whether a value counts as true; None where that is not told."""
        if isinstance(value, (Unknown, Size, Sizes, Tensor)):
            return None
        if isinstance(value, (Container,)):
            return bool(value.members)
        return bool(value) if is_known(value) else True

    def _boolop(self, node: ast.BoolOp, scope: Scope) -> Any:
        is_and = isinstance(node.op, ast.And)
        value: Any = None
        for one in node.values:
            value = self.value(one, scope)
            if self.truth(value) is (not is_and):
                return value
        return value

    def _unaryop(self, node: ast.UnaryOp, scope: Scope) -> Any:
        value = self.value(node.operand, scope)
        if isinstance(node.op, ast.Not):
            test = self.truth(value)
            return Unknown() if test is None else not test
        if isinstance(value, Tensor) and isinstance(node.op, ast.USub):
            return self.draft.passed("arithmetic", node.lineno, "a sign is not changed here", [value])
        if isinstance(value, (int, float)):
            return -value if isinstance(node.op, ast.USub) else value
        return Unknown()

    def _compare(self, node: ast.Compare, scope: Scope) -> Any:
        left, result = self.value(node.left, scope), True
        for sign, right in zip(node.ops, node.comparators, strict=True):
            other = self.value(right, scope)
            one = compared(type(sign).__name__, left, other)
            if one is not True:
                return one
            left = other
        return result

    def _binop(self, node: ast.BinOp, scope: Scope) -> Any:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        return self.arithmetic(type(node.op).__name__, left, right, node.lineno)

    def arithmetic(self, sign: str, left: Any, right: Any, line: int) -> Any:
        """Two values with a sign between them."""
        if isinstance(left, Tensor) or isinstance(right, Tensor):
            first = next(one for one in (left, right) if isinstance(one, Tensor))
            call = Call(self.draft, ("operator", "add"), [], {}, line, "", [first])
            return joins.arithmetic(call, sign, left, right)
        if sign == "Add" and isinstance(left, Container) and isinstance(right, (Container, list)):
            more = (
                right.members
                if isinstance(right, Container)
                else [(str(at), one) for at, one in enumerate(right)]
            )
            return Container([*left.members, *more], left.chains, left.line, left.kind)
        return worked(sign, left, right)

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        owner = self.value(node.value, scope)
        place = self.place(node.slice, scope)
        return self.taken_from(owner, place, node.lineno)

    def place(self, node: ast.expr, scope: Scope) -> Any:
        """The index in brackets: a number, a slice, or several of them."""
        if isinstance(node, ast.Slice):
            parts = [
                None if one is None else self.value(one, scope) for one in (node.lower, node.upper, node.step)
            ]
            return slice(*parts)
        if isinstance(node, ast.Tuple):
            return tuple(self.place(one, scope) for one in node.elts)
        return self.value(node, scope)

    def taken_from(self, owner: Any, place: Any, line: int) -> Any:
        """An entry, or a slice, of a value."""
        if isinstance(owner, Sizes):
            return library.size(owner, place, self.draft)
        if isinstance(owner, Tensor):
            return library.subscript(self.draft, owner, place, line)
        if isinstance(owner, Instance) and isinstance(owner.base, Container):
            owner = owner.base
        if isinstance(owner, Container):
            return self._member(owner, place)
        if not isinstance(owner, (list, tuple, dict, str)):
            return owner if isinstance(owner, Dotted) else Unknown()
        try:
            return owner[place]
        except (LookupError, TypeError, ValueError):
            return Unknown()

    def _member(self, owner: Container, place: Any) -> Any:
        if isinstance(place, str):
            return next((member for name, member in owner.members if name == place), Unknown(place))
        try:
            found = owner.members[place]
        except (LookupError, TypeError, ValueError):
            return Unknown()
        if isinstance(found, list):
            return Container(found, owner.chains, owner.line, owner.kind)
        return found[1]

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Any:
        return Function(node, scope)

    def _namedexpr(self, node: ast.NamedExpr, scope: Scope) -> Any:
        value = self.value(node.value, scope)
        scope.names[node.target.id] = value
        return value

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, scope: Scope) -> Any:
        found: list[Any] = []
        inner = Scope({}, scope)
        self._clauses(node.generators, inner, lambda: found.append(self.value(node.elt, inner)))
        return found

    _generatorexp = _listcomp
    _setcomp = _listcomp

    def _dictcomp(self, node: ast.DictComp, scope: Scope) -> Any:
        found: dict[Any, Any] = {}
        inner = Scope({}, scope)

        def put() -> None:
            key = self.value(node.key, inner)
            if isinstance(key, (str, int, float)):
                found[key] = self.value(node.value, inner)

        self._clauses(node.generators, inner, put)
        return found

    def _clauses(self, clauses: list[ast.comprehension], scope: Scope, put: Callable[[], None]) -> None:
        """Run a comprehension's loops; one over what is not told is left out."""
        if not clauses:
            put()
            return
        for one in items_of(self.value(clauses[0].iter, scope)) or []:
            self.step()
            self.assign(clauses[0].target, one, scope)
            if all(self.truth(self.value(test, scope)) is True for test in clauses[0].ifs):
                self._clauses(clauses[1:], scope, put)

    def _call(self, node: ast.Call, scope: Scope) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            return self._super(scope)
        func = self.value(node.func, scope)
        args = self.entries(node.args, scope)
        kwargs: dict[str, Any] = {}
        for one in node.keywords:
            value = self.value(one.value, scope)
            if one.arg is not None:
                kwargs[one.arg] = value
            elif isinstance(value, dict):
                kwargs |= {str(name): given for name, given in value.items()}
        return self.call(func, args, kwargs, node.lineno, scope)

    def _super(self, scope: Scope) -> Any:
        within, itself = scope.method()
        if within is None or not isinstance(itself, Instance):
            return Unknown("super")
        return Super(itself, within)

    def _starred(self, node: ast.Starred, scope: Scope) -> Any:
        return self.value(node.value, scope)

    def _await(self, node: ast.Await, scope: Scope) -> Any:
        return Unknown()

    # --- Targets ------------------------------------------------------------------------------------------------

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Give a value to a name, an attribute, an entry, or its parts to several of them."""
        self.step()
        if isinstance(target, ast.Name):
            scope.names[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, value, scope)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value, scope)
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value, scope)
            if isinstance(owner, Instance):
                owner.attributes[target.attr] = value
            elif isinstance(owner, Class):
                owner.constants[target.attr] = value
        elif isinstance(target, ast.Subscript):
            owner, place = self.value(target.value, scope), self.place(target.slice, scope)
            put(owner, place, value)

    def _unpack(self, targets: list[ast.expr], value: Any, scope: Scope) -> None:
        several = items_of(value)
        if isinstance(value, Sizes):
            several = library.every_size(value, self.draft)
        star = next((at for at, one in enumerate(targets) if isinstance(one, ast.Starred)), None)
        if several is None:
            # A layer that is passed through, and gives several things: its cells are each of them.
            several = [value if isinstance(value, Tensor) else Unknown()] * len(targets)
        if star is not None and len(several) >= len(targets) - 1:
            after = len(targets) - star - 1
            several = [
                *several[:star],
                several[star : len(several) - after],
                *several[len(several) - after :],
            ]
        for at, one in enumerate(targets):
            self.assign(one, several[at] if at < len(several) else Unknown(), scope)


def put(owner: Any, place: Any, value: Any) -> None:
    """An entry of a dictionary, a list or a container."""
    if isinstance(owner, dict) and isinstance(place, (str, int)) and len(owner) < LONGEST:
        owner.update({place: value})
    elif isinstance(owner, list) and isinstance(place, int) and -len(owner) <= place < len(owner):
        owner[place] = value
    elif isinstance(owner, Container) and isinstance(place, str):
        owner.add(value, place)
    elif isinstance(owner, Container) and isinstance(place, int):
        count = len(owner.members)
        if -count <= place < count:
            owner.members[place] = (owner.members[place][0], value)


def named_layers(value: Any, name: str, depth: int = 0) -> None:
    """Give layers the names that they have in the source: the attributes and places that lead to them."""
    if depth > DEEPEST:
        return
    if isinstance(value, LayerObject):
        value.name = value.name or name
    elif isinstance(value, Container) and not value.name:
        value.name = name or " "
        for key, member in value.members:
            numbered = key.isdigit() and not name
            named_layers(member, "" if numbered else f"{name}.{key}" if name else key, depth + 1)
        value.name = name
    elif isinstance(value, Instance) and not value.name:
        value.name = name or " "
        for key, member in value.attributes.items():
            named_layers(member, f"{name}.{key}" if name else key, depth + 1)
        if value.base is not None:
            named_layers(value.base, name, depth + 1)
    elif isinstance(value, (list, tuple)):
        for at, member in enumerate(value):
            named_layers(member, f"{name}.{at}" if name else "", depth + 1)


def has_tensors(args: list[Any], kwargs: dict[str, Any]) -> bool:
    """Whether a call is given tensors."""
    return bool(tensors_in(args) or tensors_in(kwargs))
