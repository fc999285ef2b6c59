"""Networks in all forms that people paste: every shape right, and what is not understood named by class and line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest

from app.code.models.draft import NetworkReading
from app.code.models.reading import read_network
from app.core.network.graph import network_of
from app.core.network.parameters import Parameters
from app.core.network.shapes import Shapes, shapes_of
from app.operations import registry

CORPUS = Path(__file__).parent / "corpus"
HEAD = re.compile(r"#### (\w+) \| ([\dx]+) \|([^|\n]*)(?:\|(.*))?$", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    name: str
    input_shape: tuple[int, ...]
    shapes: list[str]
    expected: dict[str, str]
    text: str


def cases() -> Iterator[Case]:
    for path in sorted(CORPUS.glob("*.txt")):
        parts = HEAD.split(path.read_text(encoding="utf-8"))
        for name, sizes, shapes, more, text in zip(*(parts[at::5] for at in range(1, 6)), strict=True):
            shape = tuple(map(int, sizes.split("x")))
            facts = dict(re.findall(r"(\w+)=(.+?)(?= \w+=|$)", (more or "").strip()))
            yield Case(
                f"{path.stem}.{name}",
                shape if len(shape) > 1 else (*shape, 1),
                shapes.split(),
                facts,
                text.strip("\n") + "\n",
            )


CASES = list(cases())


def laid(found: NetworkReading, case: Case) -> Shapes:
    return shapes_of(network_of(found.layers, registry()), case.input_shape)


def in_order(shapes: Shapes) -> list[str]:
    """The shapes of all layers in order, each once where several follow each other; a vector as its one number."""
    found = []
    for node in shapes.network.order:
        shape = shapes.placed[node.name].shape
        sizes = shape[:1] if shape[1:] == (1,) and len(shapes.input_shape) != 2 else shape
        found.append("x".join(map(str, sizes)))
    return [one for one, _ in groupby(found)]


def matches(found: list[str], expected: list[str]) -> bool:
    """Whether shapes are those expected, ``...`` standing for any."""
    if "..." not in expected:
        return [one for one, _ in groupby(vectors(found))] == [one for one, _ in groupby(vectors(expected))]
    at = expected.index("...")
    first, last = vectors(expected[:at]), vectors(expected[at + 1 :])
    return vectors(found)[: len(first)] == first and vectors(found)[-len(last) :] == last


def vectors(shapes: list[str]) -> list[str]:
    """A vector as its one number, also where the network is about series."""
    return [one[:-2] if re.fullmatch(r"\d+x1", one) else one for one in shapes]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_pasted_network_is_read_with_every_shape(case: Case) -> None:
    found = read_network(case.text)
    assert found is not None
    shapes = laid(found, case)
    assert matches(in_order(shapes), case.shapes), in_order(shapes)
    if "params" in case.expected:
        assert Parameters.of(shapes).size == int(case.expected["params"])
    if "names" in case.expected:
        wanted = case.expected["names"].split(",")
        names = [node.name for node in shapes.network.order]
        assert [name for name in names if name in wanted][: len(wanted)] == wanted, names
    if "note" in case.expected:
        assert any(case.expected["note"] in note for note in found.notes), found.notes
    unknown = {
        f"{match[1]}@{match[2] or 0}"
        for note in found.notes
        if (match := re.match(r"(\w+)(?: on line (\d+))? is not understood", note))
    }
    assert unknown == set(filter(None, case.expected.get("unknown", "").split(",")))


def test_the_corpus_has_all_forms_and_nearly_all_of_it_is_understood() -> None:
    assert len(CASES) >= 150
    assert len({case.name for case in CASES}) == len(CASES)
    understood = [case for case in CASES if "unknown" not in case.expected]
    assert len(understood) >= 0.8 * len(CASES)
