"""Code that is made to harm or was damaged: bounded steps, a refusal or notes, and never anything executed.

CONVSCOPE_FUZZ=thorough changes a thousand texts and files of each kind instead of a few dozen.
"""

from __future__ import annotations

import os
import random
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from app.code.models.expressions import MOST_STEPS
from app.code.models.file import read_model, unpacked
from app.code.models.reading import read_network
from app.core.errors import Problem, TooLarge
from app.core.network.graph import network_of
from app.operations import registry

from .models_of_onnx import MODELS
from .test_corpus import CASES

ROUNDS = 1000 if os.environ.get("CONVSCOPE_FUZZ") == "thorough" else 36
SEQUENTIAL = "m = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())\n"
HOSTILE = {
    "endless": "while True:\n    pass\n",
    "towers": "x = 9 ** 9 ** 9 ** 9\ny = 'a' * 10 ** 12\nz = [0] * 10 ** 12\nw = 1 << 10 ** 9\n",
    "doubling": "x = [0]\nfor _ in range(100):\n    x = x + x\n",
    "text": "x = 'a'\nfor _ in range(100):\n    x = x + x\n",
    "recursion": "def f(n):\n    return f(n + 1)\nf(0)\n",
    "mutual": "class A:\n    def __init__(self):\n        self.a = A()\nA()\n",
    "loops": "".join(f"{'    ' * at}for a{at} in range(4000):\n" for at in range(8)) + "    " * 8 + "pass\n",
    "comprehension": "x = [a for a in range(4000) for b in range(4000) for c in range(4000)]\n",
    "nested": "x = " + "(" * 80 + "1" + ")" * 80 + "\n",
    "operators": "x = " + "-" * 3000 + "1\n",
    "sums": "x = " + "+".join(["1"] * 5000) + "\n",
    "names": "\u202e = 1\nclass \u00e9\u00e8(nn.Module):\n    pass\n",
    "shadowing": "range = open\nprint = exec\nprint('import os')\n",
    "dunder": "().__class__.__bases__[0].__subclasses__()\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_code_before_a_model_is_followed_in_bounded_steps(name: str) -> None:
    found = read_network(HOSTILE[name] + SEQUENTIAL)
    if found is not None:
        network_of(found.layers, registry())
        assert len(found.notes) <= 70


def test_nothing_of_a_text_is_executed(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    text = (
        f"""
import os, pathlib
open({str(trace)!r}, "w").write("x")
os.system("touch {trace}")
pathlib.Path({str(trace)!r}).touch()
exec("open({str(trace)!r}, 'w')")
eval("__import__('os').system('touch {trace}')")
__import__("os").system("touch {trace}")
"""
        + SEQUENTIAL
    )
    found = read_network(text)
    assert found is not None
    assert len(found.layers) == 2
    assert not trace.exists()


def test_a_model_of_too_many_layers_stops_with_a_note() -> None:
    found = read_network("m = nn.Sequential(*[nn.ReLU() for _ in range(3000)])")
    assert found is not None
    assert len(found.layers) == 1024
    assert any("first 1,024 layers" in note for note in found.notes)


def test_a_text_that_is_too_long_is_refused_and_a_long_one_is_not() -> None:
    with pytest.raises(TooLarge):
        read_network("#" * 1_000_001)
    filler = "# nothing\n" * 20_000
    assert read_network(filler + SEQUENTIAL) is not None


def test_steps_are_bounded() -> None:
    assert MOST_STEPS <= 200_000


def test_damaged_texts_are_read_or_not_and_never_break() -> None:
    source = random.Random(int(os.environ.get("CONVSCOPE_FUZZ_SEED", "18")))
    signs = "()[]{}:,.=\"'\\\n\t #*-+x0"
    for _ in range(ROUNDS):
        text = list(source.choice(CASES).text)
        for _ in range(source.randint(1, 8)):
            at = source.randrange(len(text))
            if source.random() < 0.5:
                text[at] = source.choice(signs)
            elif source.random() < 0.5:
                del text[at : at + source.randint(1, 40)]
            else:
                text[at:at] = text[: source.randint(1, 80)]
            text = text or ["x"]
        with suppress(Problem):  # anything else breaks the test
            if (found := read_network("".join(text))) is not None:
                assert found.layers


@pytest.mark.parametrize("name", MODELS)
def test_damaged_files_are_refused_or_read_and_never_break(name: str) -> None:
    rng = np.random.default_rng(int(os.environ.get("CONVSCOPE_FUZZ_SEED", "5")))
    undamaged = np.frombuffer(MODELS[name]().SerializeToString(), np.uint8)
    head = undamaged.size if undamaged.size < 4000 else 2500  # most bytes of a large file are weights
    for _ in range(ROUNDS):
        data = undamaged.copy()
        for _ in range(int(rng.integers(1, 6))):
            data[rng.integers(head)] = rng.integers(256)
        if rng.random() < 0.2:
            data = data[: rng.integers(len(data))]
        with suppress(Problem):
            unpacked(read_model(data.tobytes()))
