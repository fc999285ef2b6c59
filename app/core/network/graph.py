"""The graph of a network: names, what reads what, and an order in which layers can be computed. Knows no shape."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..errors import NotFound, Unfit, counted
from ..operation import Operation
from ..place import SOURCE
from ..spec import LayerSpec

MOST_LAYERS = 1024
MOST_NAMED = 6  # names that a refusal lists


@dataclass(frozen=True, slots=True)
class Node:
    """One layer at its place: ``inputs`` are the layers that it reads, ``spec`` has no name and no inputs.

    ``index`` is its place in the request, which pointers of refusals begin with.
    """

    index: int
    name: str
    inputs: tuple[str, ...]
    operation: Operation
    spec: LayerSpec

    @property
    def pointer(self) -> str:
        """Where the request has it."""
        return f"/layers/{self.index}"


@dataclass(frozen=True)
class Network:
    """Layers in the order of the request; ``order`` has them so that each comes after those that it reads."""

    layers: tuple[Node, ...]
    order: tuple[Node, ...]

    @functools.cached_property
    def by_name(self) -> Mapping[str, Node]:
        """The layers by name."""
        return {node.name: node for node in self.layers}

    @functools.cached_property
    def readers(self) -> Mapping[str, tuple[Node, ...]]:
        """Who reads a layer, or the source, each once."""
        found: dict[str, list[Node]] = {SOURCE: [], **{node.name: [] for node in self.layers}}
        for node in self.order:
            for name in dict.fromkeys(node.inputs):
                found[name].append(node)
        return {name: tuple(nodes) for name, nodes in found.items()}

    @property
    def last(self) -> Node:
        """The layer whose output is the network's."""
        return self.layers[-1]

    def chosen(self, name: str | None) -> Node:
        """The layer of that name, or the last; raises NotFound."""
        if name is None:
            return self.last
        if name not in self.by_name:
            raise NotFound("layer", name, "no layer has this name", f"Use one of {_listed(self.by_name)}.")
        return self.by_name[name]

    def upto(self, node: Node) -> Network:
        """The layers that one needs, as a network whose last it is."""
        order = self.before(node)
        others = sorted((one for one in order if one is not node), key=lambda one: one.index)
        return Network((*others, node), order)

    def before(self, node: Node) -> tuple[Node, ...]:
        """All that a layer needs, in the order in which it can be computed, itself the last."""
        needed = {node.name}
        for one in reversed(self.order):
            if one.name in needed:
                needed.update(one.inputs)
        return tuple(one for one in self.order if one.name in needed)


def network_of(specs: Sequence[LayerSpec], operations: Mapping[str, Operation]) -> Network:
    """The network that specs say; raises Unfit for names and inputs that make none."""
    names = _names(specs, operations)
    layers = []
    for index, (spec, name) in enumerate(zip(specs, names, strict=True)):
        before = names[index - 1] if index else SOURCE
        inputs = (before,) if spec.inputs is None else spec.inputs
        operation = operations[spec.operation]
        layers.append(Node(index, name, inputs, operation, _joined(operation, spec, name, inputs, index)))
    _check_names(layers)
    order = tuple(_ordered(layers))
    read = {name for node in layers for name in node.inputs}
    for node in layers[:-1]:
        if node.name not in read:
            raise Unfit(
                "layers",
                node.name,
                f"no layer reads {node.name}, and it is not the last",
                f"Leave it out, name it in the inputs of another layer, or move it behind {layers[-1].name}.",
                pointer=node.pointer,
            )
    return Network(tuple(layers), order)


def _names(specs: Sequence[LayerSpec], operations: Mapping[str, Operation]) -> list[str]:
    """The names given, and for the others the prefix of the operation with the next free number."""
    taken: dict[str, int] = {}
    for index, spec in enumerate(specs):
        if spec.name is None:
            continue
        if spec.name in taken:
            raise Unfit(
                "name",
                spec.name,
                f"layer {taken[spec.name] + 1} is called {spec.name} too",
                "Give each layer a name of its own.",
                pointer=f"/layers/{index}/name",
            )
        taken[spec.name] = index
    names, numbers = [], dict[str, int]()
    for spec in specs:
        name = spec.name
        while name is None or (spec.name is None and name in taken):
            prefix = operations[spec.operation].called
            numbers[prefix] = numbers.get(prefix, 0) + 1
            name = f"{prefix}{numbers[prefix]}"
        names.append(name)
    return names


def _joined(
    operation: Operation, spec: LayerSpec, name: str, inputs: tuple[str, ...], index: int
) -> LayerSpec:
    """The bare spec; an operation that joins several inputs cell by cell is told how many there are."""
    bare = spec.bare
    if operation.channels != "inputs" or len(inputs) == 1:
        return bare
    parts: int = bare.parts  # type: ignore[attr-defined]
    if "parts" in bare.model_fields_set and parts != len(inputs):
        raise Unfit(
            "parts",
            parts,
            f"{name} reads {counted(len(inputs), 'layer')}",
            f"Leave parts out, or use {len(inputs)}.",
            pointer=f"/layers/{index}/parts",
        )
    return bare.model_copy(update={"parts": len(inputs)})


def _check_names(layers: Sequence[Node]) -> None:
    known = {node.name for node in layers} | {SOURCE}
    for node in layers:
        for place, name in enumerate(node.inputs):
            if name not in known:
                raise Unfit(
                    "inputs",
                    name,
                    f"{node.name} reads it, and no layer has this name",
                    f"Use one of {_listed([SOURCE, *(one.name for one in layers if one is not node)])}.",
                    pointer=f"{node.pointer}/inputs/{place}",
                )


def _ordered(layers: Sequence[Node]) -> Iterator[Node]:
    """Layers after all that they read, otherwise in the order given; raises Unfit for a cycle."""
    by_name = {node.name: node for node in layers}
    state: dict[str, int] = {}  # 1 while what it reads is looked at, 2 once it is done
    for start in layers:
        pending = [start]
        while pending:
            node = pending[-1]
            if state.get(node.name) == 2:
                pending.pop()
                continue
            if node.name not in state:
                state[node.name] = 1
                needed = [by_name[name] for name in node.inputs if name != SOURCE]
                pending += [one for one in reversed(needed) if state.get(one.name) != 2]
                for one in needed:
                    if state.get(one.name) == 1:
                        raise _cycle(by_name, node, one)
                continue
            state[node.name] = 2
            pending.pop()
            yield node


def _cycle(by_name: Mapping[str, Node], node: Node, again: Node) -> Unfit:
    """The refusal of a layer that reads what comes of itself, with the way around."""
    way, seen = [node.name], {node.name}
    found = _way(by_name, again.name, node.name) if again is not node else []
    for name in found:
        if name not in seen:
            way.append(name)
            seen.add(name)
    chain = " reads ".join([*way[:MOST_NAMED], *(["…"] if len(way) > MOST_NAMED else []), node.name])
    return Unfit(
        "inputs",
        again.name,
        f"layer {chain}: a layer cannot read what comes of itself",
        "Let one of them read an earlier layer, or input.",
        pointer=f"{node.pointer}/inputs",
    )


def _way(by_name: Mapping[str, Node], first: str, last: str) -> list[str]:
    """The layers on a way from what reads to what is read, both included."""
    came: dict[str, str | None] = {first: None}
    waiting = [first]
    for name in waiting:
        if name == last:
            break
        for other in by_name[name].inputs if name in by_name else ():
            if other not in came:
                came[other] = name
                waiting.append(other)
    way: list[str] = []
    at: str | None = last
    while at is not None and at in came:
        way.append(at)
        at = came[at]
    return way[::-1]


def _listed(names: Sequence[str] | Mapping[str, object]) -> str:
    shown = list(names)
    return ", ".join(shown[:MOST_NAMED]) + (", …" if len(shown) > MOST_NAMED else "")
