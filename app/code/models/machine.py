"""Statements of a pasted text followed in order: assignments, classes, loops over what is told. Executes nothing."""

from __future__ import annotations

import ast
from typing import Any

from . import library
from .calls import Call, layer_called, taken
from .expressions import DEEPEST, WRAPPERS, Expressions, has_tensors
from .python import BUILTINS, items_of, method
from .things import (
    Builtin,
    Class,
    Container,
    Dotted,
    Function,
    Graphed,
    Instance,
    LayerObject,
    Method,
    NotUnderstood,
    Partial,
    Scope,
    Sizes,
    Stopped,
    Super,
    Tensor,
    Unknown,
    is_layer,
    tensors_in,
)

FORWARD = ("forward", "__call__", "call")
PREPARES = ("setup",)
CONTAINER_METHODS = (
    "add",
    "append",
    "add_module",
    "extend",
    "insert",
    "pop",
    "build",
    "keys",
    "values",
    "items",
)
IGNORED_METHODS = frozenset("register_buffer register_parameter apply train eval to cuda".split())  # noqa: SIM905


class Returned(Exception):
    """A function's return."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Broken(Exception):
    """A loop's break."""


class Continued(Exception):
    """A loop's continue."""


class Machine(Expressions):
    """Follows a text; what it makes stands in ``top``, and tensors that go through layers make the draft."""

    def __init__(self, draft: Any) -> None:
        super().__init__(draft)
        self.top = Scope()
        self.made: list[Any] = []  # instances and models in the order in which they are made
        self.ran: list[tuple[Any, Any]] = []  # what was called with a tensor at the top, and what came out

    # --- Statements ---------------------------------------------------------------------------------------------

    def follow(self, body: list[ast.stmt], scope: Scope, *, lenient: bool = False) -> None:
        """Statements in order; ``lenient`` goes on behind one that cannot be followed."""
        for node in body:
            self.step()
            handle = getattr(self, f"_do_{type(node).__name__.lower()}", None)
            if handle is None:
                continue
            if not lenient:
                handle(node, scope)
                continue
            try:
                handle(node, scope)
            except (NotUnderstood, RecursionError, Returned, Broken, Continued):
                continue

    def _do_expr(self, node: ast.Expr, scope: Scope) -> None:
        self.value(node.value, scope)

    def _do_assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.value(node.value, scope)
        for target in node.targets:
            self.assign(target, value, scope)

    def _do_annassign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.assign(node.target, self.value(node.value, scope), scope)

    def _do_augassign(self, node: ast.AugAssign, scope: Scope) -> None:
        left, right = self.value(node.target, scope), self.value(node.value, scope)
        if isinstance(left, list) and isinstance(right, (list, tuple)) and isinstance(node.op, ast.Add):
            method(left, "extend", [right], {})
            return
        self.assign(node.target, self.arithmetic(type(node.op).__name__, left, right, node.lineno), scope)

    def _do_return(self, node: ast.Return, scope: Scope) -> None:
        raise Returned(None if node.value is None else self.value(node.value, scope))

    def _do_break(self, node: ast.Break, scope: Scope) -> None:
        raise Broken

    def _do_continue(self, node: ast.Continue, scope: Scope) -> None:
        raise Continued

    def _do_raise(self, node: ast.Raise, scope: Scope) -> None:
        raise Stopped(f"The text raises an error on line {node.lineno}, and what is behind it is not read.")

    def _do_if(self, node: ast.If, scope: Scope) -> None:
        if self._is_main(node.test):
            self.follow(node.body, scope, lenient=True)
            return
        test = self.truth(self.value(node.test, scope))
        if test is None and any(isinstance(one, ast.Raise) for one in node.body):
            return
        self.follow(node.body if test is True else node.orelse, scope)

    def _is_main(self, test: ast.expr) -> bool:
        return (
            isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"
        )

    def _do_for(self, node: ast.For, scope: Scope) -> None:
        for one in items_of(self.value(node.iter, scope)) or []:
            self.step()
            self.assign(node.target, one, scope)
            if not self._turn(node.body, scope):
                return
        self.follow(node.orelse, scope)

    def _do_while(self, node: ast.While, scope: Scope) -> None:
        while self.truth(self.value(node.test, scope)) is True and self._turn(node.body, scope):
            pass

    def _turn(self, body: list[ast.stmt], scope: Scope) -> bool:
        """Follow one turn of a loop; whether the loop goes on."""
        try:
            self.follow(body, scope)
        except Continued:
            return True
        except Broken:
            return False
        return True

    def _do_with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
        for item in node.items:
            value = self.value(item.context_expr, scope)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, value, scope)
        self.follow(node.body, scope)

    def _do_try(self, node: ast.Try, scope: Scope) -> None:
        self.follow(node.body, scope)
        self.follow(node.orelse, scope)
        self.follow(node.finalbody, scope)

    def _do_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        scope.names[node.name] = Function(node, scope)

    def _do_classdef(self, node: ast.ClassDef, scope: Scope) -> None:
        bases = [self.value(base, scope) for base in node.bases]
        made = Class(node.name, bases, {}, {}, scope, node.lineno)
        inner = Scope({}, scope)
        for one in node.body:
            if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)):
                made.methods[one.name] = one
            elif isinstance(one, (ast.Assign, ast.AnnAssign)):
                if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                    made.fields.append(one.target.id)
                self.follow([one], inner)
        made.constants = inner.names
        scope.names[node.name] = made

    def _do_import(self, node: ast.Import, scope: Scope) -> None:
        for one in node.names:
            path = library.path_of(tuple(one.name.split(".")[:8]))
            if one.asname:
                scope.names[one.asname] = Dotted(_short(path))
            else:
                scope.names.setdefault(path[0], Dotted(path[:1]))

    def _do_importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        path = tuple((node.module or "").split(".")[:8])
        for one in node.names:
            if one.name != "*" and one.name not in BUILTINS:
                scope.names[one.asname or one.name] = Dotted(_short(library.path_of((*path, one.name))))

    # --- Attributes -----------------------------------------------------------------------------------------------

    def attribute(self, value: Any, name: str, line: int) -> Any:
        """An attribute of a value, as far as it is told."""
        if isinstance(value, Dotted):
            return library.dotted(value, name)
        if isinstance(value, Instance):
            return self._of_instance(value, name)
        if isinstance(value, Super):
            return Method(value, name)
        if isinstance(value, Tensor):
            found = library.attribute(self.draft, value, name)
            return Method(value, name) if found is None else found
        if isinstance(value, Class):
            if (found := value.method(name)) is not None:
                return Function(
                    found[0], value.scope, value if _is_class_method(found[0]) else None, found[1]
                )
            known, constant = value.constant(name)
            return constant if known else Unknown(name)
        if isinstance(value, LayerObject):
            if name in ("out_features", "out_channels"):
                return value.given(1, name, default=Unknown(name))
            if name in ("in_features", "in_channels"):
                return value.given(0, name, default=Unknown(name))
            return Unknown(name) if name in ("weight", "bias") else Method(value, name)
        if isinstance(value, Graphed) and name in ("input", "output", "inputs", "outputs"):
            return value.inputs if name.startswith("in") else value.outputs
        if isinstance(value, (Container, list, dict, str, tuple, Graphed)):
            return Method(value, name)
        return Unknown(name)

    def _of_instance(self, value: Instance, name: str) -> Any:
        if name in value.attributes:
            return value.attributes[name]
        if name == "__class__":
            return value.made_of
        if (found := value.made_of.method(name)) is not None:
            function = Function(found[0], found[1].scope, value, found[1])
            if any(isinstance(one, ast.Name) and one.id == "property" for one in found[0].decorator_list):
                return self.call(function, [], {}, found[0].lineno, self.top)
            return function
        known, constant = value.made_of.constant(name)
        if known:
            return constant
        if isinstance(value.base, Container):
            member = next((one for key, one in value.base.members if key == name), None)
            return Method(value.base, name) if member is None else member
        return Method(value, name) if name in (*CONTAINER_METHODS, *IGNORED_METHODS) else Unknown(name)

    # --- Calls ----------------------------------------------------------------------------------------------------

    def call(self, func: Any, args: list[Any], kwargs: dict[str, Any], line: int, scope: Scope) -> Any:
        """Follow a call of whatever was found to be called."""
        self.step()
        self.depth += 1
        if self.depth > DEEPEST:
            raise Stopped("The text is nested deeper than is followed here, and the rest of it is not read.")
        try:
            return self._call_of(func, args, kwargs, line, scope)
        finally:
            self.depth -= 1

    def _call_of(self, func: Any, args: list[Any], kwargs: dict[str, Any], line: int, scope: Scope) -> Any:
        if isinstance(func, Function):
            return self._run(func, args, kwargs, line)
        if isinstance(func, Class):
            return self.instance(func, args, kwargs, line)
        if isinstance(func, Builtin):
            return self._built_in(func, args, kwargs, scope)
        if isinstance(func, Partial):
            return self.call(func.func, [*func.args, *args], {**func.kwargs, **kwargs}, line, scope)
        if isinstance(func, (LayerObject, Container, Instance, Graphed)):
            return self.through(func, args, line, kwargs)
        if isinstance(func, Method):
            return self._method(func, args, kwargs, line, scope)
        if isinstance(func, Dotted):
            return self._library(func, args, kwargs, line)
        if isinstance(func, Unknown) and tensors_in(args):
            return self.draft.passed(
                func.name or "a call", line, "it is not defined in the text", tensors_in(args)[:1]
            )
        return Unknown(getattr(func, "name", "") or "unknown")

    def _library(self, func: Dotted, args: list[Any], kwargs: dict[str, Any], line: int) -> Any:
        if func.last in WRAPPERS and args and is_layer(args[0]):
            return args[0]
        if func.last == "__init__" or func.path == ("super",):
            return Unknown("super")
        made = library.called(self.draft, func.path, args, kwargs, line)
        if isinstance(made, (Container, Graphed)):
            self.made.append(made)
        return made

    def _built_in(self, func: Builtin, args: list[Any], kwargs: dict[str, Any], scope: Scope) -> Any:
        if func.name == "sum" and any(tensors_in([one]) for one in args):
            several = tensors_in(args)
            return taken(Call(self.draft, ("torch", "Add"), [], {}, 0, "", several))
        if any(isinstance(one, Sizes) for one in args):
            if func.name in ("list", "tuple"):
                return library.every_size(args[0], self.draft)
            return Unknown(func.name)
        try:
            return func.run(*args, **kwargs)
        except TypeError:
            return Unknown(func.name)

    def _method(self, func: Method, args: list[Any], kwargs: dict[str, Any], line: int, scope: Scope) -> Any:
        owner = func.owner
        if isinstance(owner, Super):
            return self._of_super(owner, func.name, args, kwargs, line)
        if isinstance(owner, Tensor):
            return library.method(self.draft, owner, func.name, args, kwargs, line)
        if isinstance(owner, Container):
            return self._of_container(owner, func.name, args, kwargs, line)
        if isinstance(owner, Instance):
            if func.name == "add_module" and len(args) == 2 and isinstance(args[0], str):
                owner.attributes[args[0]] = args[1]
            return owner if func.name in ("to", "cuda", "eval", "train") else None
        if isinstance(owner, (LayerObject, Graphed)):
            return owner
        return method(owner, func.name, args, kwargs)

    def _of_container(
        self, owner: Container, name: str, args: list[Any], kwargs: dict[str, Any], line: int
    ) -> Any:
        if name in ("add", "append") and args:
            owner.add(args[0])
        elif name == "add_module" and len(args) == 2:
            owner.add(args[1], str(args[0]))
        elif name == "extend" and args:
            for one in items_of(args[0]) or []:
                owner.add(one)
        elif name == "insert" and len(args) == 2 and isinstance(args[0], int):
            owner.members.insert(args[0], (str(args[0]), args[1]))
        elif name == "pop" and owner.members:
            owner.members.pop()
        elif name == "build" and (args or kwargs):
            given = args[0] if args else kwargs.get("input_shape")
            if isinstance(given, (list, tuple)) and len(given) > 1:
                owner.first_shape = tuple(given[1:])
        elif name in ("items", "keys", "values"):
            pairs = list(owner.members)
            return pairs if name == "items" else [pair[name == "values"] for pair in pairs]
        elif name in ("to", "cuda", "eval", "train", "double", "float"):
            return owner
        elif name in ("forward", "call", "__call__") and tensors_in(args):
            return self.through(owner, args, line, kwargs)
        return None

    def _of_super(self, owner: Super, name: str, args: list[Any], kwargs: dict[str, Any], line: int) -> Any:
        ancestors = owner.within.ancestors()[1:]
        for one in ancestors:
            if name in one.methods:
                return self._run(
                    Function(one.methods[name], one.scope, owner.instance, one), args, kwargs, line
                )
        if name == "__init__":
            self._base(owner.instance, args, kwargs, line)
            return None
        if name in FORWARD and owner.instance.base is not None:
            return self.through(owner.instance.base, args, line, kwargs)
        return None

    def _base(self, instance: Instance, args: list[Any], kwargs: dict[str, Any], line: int) -> None:
        """The library's layer or container that an object is made of."""
        root = next(iter(instance.made_of.roots()), None)
        if root is None or root.last in ("Module", "Model", "Layer", "object"):
            return
        if root.last in library.CONTAINERS:
            instance.base = library.container(root.path, args, kwargs, line)
        else:
            instance.base = LayerObject(root.path, args, kwargs, line)

    def instance(self, made_of: Class, args: list[Any], kwargs: dict[str, Any], line: int) -> Instance:
        """An object of a class of the text."""
        made = Instance(made_of, {}, line)
        found = made_of.method("__init__")
        if found is not None:
            self._run(Function(found[0], found[1].scope, made, found[1]), args, kwargs, line)
        else:
            fields = [name for one in reversed(made_of.ancestors()) for name in one.fields]
            for name, value in zip(fields, args, strict=False):
                made.attributes[name] = value
            made.attributes.update({name: value for name, value in kwargs.items() if name in fields})
            for name in fields:
                if name not in made.attributes and not made_of.constant(name)[0]:
                    made.attributes[name] = Unknown(name)
            self._base(made, args, kwargs, line)
        for name in PREPARES:
            if (found := made_of.method(name)) is not None:
                self._run(Function(found[0], found[1].scope, made, found[1]), [], {}, line)
        self.made.append(made)
        return made

    def _run(self, func: Function, args: list[Any], kwargs: dict[str, Any], line: int) -> Any:
        """Follow a function of the text."""
        node = func.node
        given = list(args)
        static = not isinstance(node, ast.Lambda) and any(
            isinstance(one, ast.Name) and one.id == "staticmethod" for one in node.decorator_list
        )
        if func.bound is not None and not static:
            given = [func.bound, *given]
        inner = Scope({}, func.scope, func.within, func.bound)
        self._bind(node.args, given, dict(kwargs), inner)
        if isinstance(node, ast.Lambda):
            return self.value(node.body, inner)
        try:
            self.follow(node.body, inner)
        except Returned as returned:
            return returned.value
        return None

    def _bind(self, spec: ast.arguments, given: list[Any], kwargs: dict[str, Any], inner: Scope) -> None:
        """Give a function's parameters their values: those given, or their defaults."""
        plain = [*spec.posonlyargs, *spec.args]
        defaults: list[ast.expr | None] = [None] * (len(plain) - len(spec.defaults)) + list(spec.defaults)
        around = inner.around or inner
        for at, (one, default) in enumerate(zip(plain, defaults, strict=True)):
            if at < len(given):
                inner.names[one.arg] = given[at]
            elif one.arg in kwargs:
                inner.names[one.arg] = kwargs.pop(one.arg)
            else:
                inner.names[one.arg] = Unknown(one.arg) if default is None else self.value(default, around)
        for only, standing in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
            if only.arg in kwargs:
                inner.names[only.arg] = kwargs.pop(only.arg)
            else:
                inner.names[only.arg] = (
                    Unknown(only.arg) if standing is None else self.value(standing, around)
                )
        if spec.vararg is not None:
            inner.names[spec.vararg.arg] = tuple(given[len(plain) :])
        if spec.kwarg is not None:
            inner.names[spec.kwarg.arg] = kwargs

    # --- Tensors through layers -------------------------------------------------------------------------------------

    def through(self, layer: Any, args: list[Any], line: int, kwargs: dict[str, Any] | None = None) -> Any:
        """A tensor through a layer, a container, an object or a model; its layers go into the draft."""
        self.step()
        kwargs = kwargs or {}
        if isinstance(layer, Instance):
            return self._through_instance(layer, args, kwargs, line)
        if not has_tensors(args, kwargs):
            return Unknown(getattr(layer, "called", "") or "unknown")
        if isinstance(layer, LayerObject):
            if layer.called in ("Lambda", "Activation") and self._function_of(layer) is not None:
                return self.call(self._function_of(layer), args[:1], {}, line, self.top)
            more = tensors_in(list(kwargs.values()))
            return layer_called(self.draft, layer, [*args, *more], line)
        if isinstance(layer, Container):
            x: Any = args[0] if args else next(iter(kwargs.values()))
            for _, member in layer.members:
                if isinstance(member, LayerObject) and member.called in ("Input", "InputLayer"):
                    continue
                if isinstance(member, Tensor):  # the input, as Keras' lists have it
                    continue
                x = self.call(member, [x], {}, line, self.top)
            return x
        if isinstance(layer, Graphed):
            return self.draft.passed(
                "a model within a model", line, "its layers are told once alone", tensors_in(args)[:1]
            )
        return self.call(layer, args, kwargs, line, self.top)

    def _function_of(self, layer: LayerObject) -> Any:
        """The function of the text that a layer wraps."""
        given = layer.given(0, "function", "activation")
        return given if isinstance(given, Function) else None

    def _through_instance(self, layer: Instance, args: list[Any], kwargs: dict[str, Any], line: int) -> Any:
        layer.used += 1
        for name in FORWARD:
            found = layer.made_of.method(name)
            if found is not None:
                return self._run(Function(found[0], found[1].scope, layer, found[1]), args, kwargs, line)
        if layer.base is not None:
            return self.through(layer.base, args, line, kwargs)
        called = layer.made_of.name
        if tensors_in(args):
            return self.draft.passed(called, line, "it has no forward in the text", tensors_in(args)[:1])
        return Unknown(called)


def _short(path: tuple[str, ...]) -> tuple[str, ...]:
    """Modules by the names that they have here: jax.numpy is jnp."""
    if path[:2] == ("jax", "numpy"):
        return ("jnp", *path[2:])
    if path[0] in ("numpy", "cupy"):
        return ("np", *path[1:])
    return path


def _is_class_method(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "classmethod" for one in node.decorator_list)
