"""The values of names in a pasted model: tensors, layers, containers, classes. Knows no framework's layers."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str, ...]


class NotUnderstood(Exception):
    """A piece of a model that is not understood, and why."""


class Stopped(Exception):
    """Reading ends here: the text raises an error of its own, or takes more steps than are followed."""


@dataclass(frozen=True, eq=False)
class Tensor:
    """The output of a layer of the draft, or the input (−1); ``shape`` is channels first, None where not told.

    ``axes`` is the number of spatial axes where that is known: 0 is a vector.
    """

    node: int
    axes: int | None = None
    channels: int | None = None
    shape: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Unknown:
    """Something that the text does not tell, by the name that it has there."""

    name: str = "unknown"


@dataclass(frozen=True)
class Size:
    """The size of a tensor on an axis that the text does not tell; axis 0 is the batch."""

    axis: int


@dataclass(frozen=True)
class Sizes:
    """All sizes of a tensor, batch first."""

    tensor: Tensor


@dataclass(frozen=True)
class Dotted:
    """A name of a library, in full: ``("torch", "nn", "Conv2d")``."""

    path: Path

    @property
    def last(self) -> str:
        """The word that is called."""
        return self.path[-1]


@dataclass(eq=False)
class LayerObject:
    """A layer of a library that was made and can be called: its class, arguments, and the line that makes it."""

    path: Path
    args: list[Any]
    kwargs: dict[str, Any]
    line: int
    name: str = ""
    used: int = 0

    @property
    def called(self) -> str:
        """Its class."""
        return self.path[-1]

    def given(self, place: int, *names: str, default: Any = None) -> Any:
        """An argument by one of its names or its place."""
        for name in names:
            if name in self.kwargs:
                return self.kwargs[name]
        return self.args[place] if len(self.args) > place else default


@dataclass(eq=False)
class Container:
    """Layers in order, each with a name: a Sequential (``chains``), a ModuleList or a ModuleDict."""

    members: list[tuple[str, Any]] = field(default_factory=list)
    chains: bool = True
    line: int = 0
    kind: str = "Sequential"
    name: str = ""
    first_shape: tuple[int, ...] | None = None  # of the input, where a layer of Keras tells it

    def add(self, member: Any, name: str = "") -> None:
        """One more at the end."""
        self.members.append((name or str(len(self.members)), member))


@dataclass(eq=False)
class Graphed:
    """A functional model of Keras: the tensor that goes in and the one that comes out."""

    inputs: Any
    outputs: Any
    line: int = 0


@dataclass(eq=False)
class Class:
    """A class of the text: its bases as values, its methods, and its constants in their order."""

    name: str
    bases: list[Any]
    methods: dict[str, ast.FunctionDef | ast.AsyncFunctionDef]
    constants: dict[str, Any]
    scope: Scope
    line: int
    fields: list[str] = field(default_factory=list)  # of a dataclass, those without a value too

    def ancestors(self) -> list[Class]:
        """It and the classes of the text that it derives from, the nearest first."""
        found: list[Class] = []
        waiting = [self]
        while waiting and len(found) < 32:
            one = waiting.pop(0)
            if one not in found:
                found.append(one)
                waiting += [base for base in one.bases if isinstance(base, Class)]
        return found

    def roots(self) -> list[Dotted]:
        """The classes of libraries that it derives from."""
        return [base for one in self.ancestors() for base in one.bases if isinstance(base, Dotted)]

    def method(self, name: str) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef, Class] | None:
        """A method and the class that has it."""
        return next(((one.methods[name], one) for one in self.ancestors() if name in one.methods), None)

    def constant(self, name: str) -> tuple[bool, Any]:
        """Whether it has such a constant, and which."""
        for one in self.ancestors():
            if name in one.constants:
                return True, one.constants[name]
        return False, None


@dataclass(eq=False)
class Instance:
    """An object of a class of the text; ``base`` is the library's layer or container that it is made of."""

    made_of: Class
    attributes: dict[str, Any]
    line: int
    base: LayerObject | Container | None = None
    name: str = ""
    used: int = 0


@dataclass(eq=False)
class Super:
    """``super()`` within a method: the object, and the class whose ancestors are meant."""

    instance: Instance
    within: Class


@dataclass(eq=False)
class Function:
    """A function of the text, with the names around it; ``bound`` is what it was taken from."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    bound: Any = None
    within: Class | None = None


@dataclass(eq=False)
class Partial:
    """A call with some of its arguments."""

    func: Any
    args: Sequence[Any]
    kwargs: Mapping[str, Any]


@dataclass(eq=False)
class Method:
    """A method of a value that is no object of the text: a list's append, a tensor's view."""

    owner: Any
    name: str


@dataclass(eq=False)
class Builtin:
    """A function of Python that is known here."""

    name: str
    run: Callable[..., Any]


@dataclass(eq=False)
class Scope:
    """Names and what they stand for, here and around."""

    names: dict[str, Any] = field(default_factory=dict)
    around: Scope | None = None
    within: Class | None = None
    itself: Any = None  # what methods call self

    def find(self, name: str) -> tuple[bool, Any]:
        """Whether a name is known, and what it is."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return True, scope.names[name]
            scope = scope.around
        return False, None

    def method(self) -> tuple[Class | None, Any]:
        """The class and the object of the method that this is in."""
        scope: Scope | None = self
        while scope is not None:
            if scope.within is not None:
                return scope.within, scope.itself
            scope = scope.around
        return None, None


LAYERS = (LayerObject, Container, Instance, Graphed)


def is_layer(value: Any) -> bool:
    """Whether it is something that a tensor goes through."""
    return isinstance(value, LAYERS) or (isinstance(value, Dotted) and value.last[:1].islower())


def tensors_in(value: Any, depth: int = 0) -> list[Tensor]:
    """The tensors of a value, of lists too."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, (list, tuple)) and depth < 4:
        return [one for part in value[:256] for one in tensors_in(part, depth + 1)]
    if isinstance(value, dict) and depth < 4:
        return [one for part in list(value.values())[:256] for one in tensors_in(part, depth + 1)]
    return []
