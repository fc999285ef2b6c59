"""The tree of named layers that print(model) shows of PyTorch's models, read in order. Knows the form, no layer."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Any

from . import library
from .calls import Call, taken
from .draft import Draft
from .expressions import named_layers
from .machine import Machine
from .things import Container, LayerObject, NotUnderstood, Tensor

LINE = re.compile(
    r"^(?P<indent>\s*)\((?P<name>[\w.\-]+)\): (?:(?P<count>\d+) x )?(?P<rest>[A-Za-z_][\w.]*\(.*)$"
)
HEAD = re.compile(r"^\s*(?:>>>.*)?(?P<name>[A-Za-z_]\w*)\($")
MOST_DEPTH = 24
MOST_LAYERS = 4096
PLAIN_WORD = re.compile(r"=([A-Za-z_]\w*)(?=[,)])")
SHORTCUTS = ("downsample", "shortcut", "skip", "conv_skip", "identity_conv")


@dataclass
class Tree:
    """A container as it is printed: its class, its members by name, and its line."""

    called: str
    line: int
    members: list[tuple[str, Tree | LayerObject]] = field(default_factory=list)


def is_printed(text: str) -> bool:
    """Whether a text is what print(model) shows."""
    return sum(LINE.match(line) is not None for line in text.split("\n")[:4000]) >= 1


def read_printed(text: str) -> tuple[Draft, Tensor] | None:
    """The layers of a printed model in their order, with residual blocks of the usual names joined."""
    tree = _tree(text)
    if tree is None or not tree.members:
        return None
    draft = Draft("pytorch")
    machine = Machine(draft)
    named_layers(_contained(tree), "")
    draft.note(
        "A printed model tells its layers and not how they are joined: they are read in the order in which they stand."
    )
    return draft, _through(machine, tree, draft.source)


def _tree(text: str) -> Tree | None:
    """The tree of the lines; what is no such line is passed over."""
    root: Tree | None = None
    open_trees: list[Tree] = []
    count = 0
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped == ")" and open_trees:
            open_trees.pop()
            if not open_trees:
                break
            continue
        match = LINE.match(line)
        if match is None:
            head = HEAD.match(line)
            if head is not None and root is None:
                root = Tree(head["name"], number)
                open_trees = [root]
            continue
        if root is None:
            root = Tree("Model", number)
            open_trees = [root]
        count += 1
        if count > MOST_LAYERS or len(open_trees) > MOST_DEPTH:
            break
        words = match["rest"].strip()
        child: Tree | LayerObject
        child = Tree(words[:-1], number) if words.endswith("(") else _leaf(words, number)
        _placed(open_trees[-1], match["name"], child, match["count"])
        if isinstance(child, Tree):
            open_trees.append(child)
    return root


def _placed(tree: Tree, name: str, child: Tree | LayerObject, count: str | None) -> None:
    """A member under its name; ``(0-5): 6 x Block(`` are six of them."""
    if not count or not (ends := re.fullmatch(r"(\d+)-(\d+)", name)):
        tree.members.append((name, child))
        return
    for at in range(int(ends[1]), min(int(ends[2]), int(ends[1]) + 255) + 1):
        tree.members.append((str(at), child))


def _leaf(words: str, line: int) -> LayerObject:
    """A layer on one line, with its arguments as they are printed."""
    text = PLAIN_WORD.sub(
        lambda word: word[0] if word[1] in ("True", "False", "None") else f"='{word[1]}'", words
    )
    name = re.match(r"[\w.]+", words)
    path = ("torch", "nn", (name[0] if name else "layer").rpartition(".")[2])
    try:
        call = ast.parse(text, mode="eval").body
        assert isinstance(call, ast.Call)
        args = [ast.literal_eval(one) for one in call.args]
        kwargs = {one.arg: ast.literal_eval(one.value) for one in call.keywords if one.arg}
    except (SyntaxError, ValueError, TypeError, AssertionError, RecursionError, MemoryError):
        return LayerObject(path, [], {}, line)
    return LayerObject(path, args, kwargs, line)


def _contained(tree: Tree, depth: int = 0) -> Container:
    """The tree as containers, by which names are given."""
    members: list[tuple[str, Any]] = []
    for name, one in tree.members:
        if isinstance(one, LayerObject) or depth > MOST_DEPTH:
            members.append((name, one))
        else:
            members.append((name, _contained(one, depth + 1)))
    return Container(members, True, tree.line)


def _through(machine: Machine, tree: Tree, x: Tensor) -> Tensor:
    """A tensor through the tree."""
    if _is_residual(tree):
        return _through_residual(machine, tree, x)
    for name, one in tree.members:
        if isinstance(one, Tree):
            x = _through(machine, one, x)
        elif not name.startswith(("aux", "loss", "criterion")):
            x = _one(machine, one, x)
    return x


def _one(machine: Machine, layer: LayerObject, x: Tensor) -> Tensor:
    if layer.called == "Linear" and (x.axes or 0) > 0:
        x = taken(Call(machine.draft, ("torch", "flatten"), [], {}, layer.line, "", [x], True))
    if layer.called in library.CONTAINERS:
        return x
    made = machine.through(layer, [x], layer.line)
    if not isinstance(made, Tensor):
        raise NotUnderstood("a printed layer gives no tensor")
    return made


def _is_residual(tree: Tree) -> bool:
    """Whether a block adds what it reads to what it makes: torchvision's blocks, and those with a shortcut."""
    names = {name for name, _ in tree.members}
    known = re.search(r"Bottleneck$|BasicBlock$|Residual|ResBlock|ResNetBlock", tree.called)
    return bool(names & set(SHORTCUTS)) or (
        known is not None and any(name.startswith("conv") for name in names)
    )


def _through_residual(machine: Machine, tree: Tree, x: Tensor) -> Tensor:
    """Convolutions with their normalisations, the block's rectifier between them and behind the sum."""
    members = dict(tree.members)
    after = next((one for name, one in tree.members if name.startswith(("relu", "act"))), None)
    main = [
        (name, one)
        for name, one in tree.members
        if name not in SHORTCUTS and not name.startswith(("relu", "act"))
    ]
    shortcut = next((members[name] for name in SHORTCUTS if name in members), None)
    y, pending = x, False
    for name, one in main:
        if pending and name.startswith("conv") and isinstance(after, LayerObject):
            y = _one(machine, after, y)
        y = _through(machine, one, y) if isinstance(one, Tree) else _one(machine, one, y)
        pending = True
    skip = x
    if isinstance(shortcut, Tree):
        skip = _through(machine, shortcut, x)
    elif isinstance(shortcut, LayerObject):
        skip = _one(machine, shortcut, x)
    added = taken(Call(machine.draft, ("torch", "Add"), [], {}, tree.line, "", [y, skip]))
    return _one(machine, after, added) if isinstance(after, LayerObject) else added
