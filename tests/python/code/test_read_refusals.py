"""Code in refuses by pointing at characters; hostile text costs nothing, and nothing that is pasted runs."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.code.read.read import read
from app.code.read.scan import MOST_TEXT
from app.core.errors import Unreadable

from ..web.asking import assert_problem


def refusal(text: str) -> Unreadable | None:
    """How a text is refused, or None where it is read."""
    try:
        read(text)
    except Unreadable as problem:
        return problem
    return None


# The text with the characters that the error must point at between « and », and words of what it says.
ERRORS = [
    ("nn.Conv2d(3, 64, «kernal_size»=3)", "kernel_size"),
    ("«nn.Conv2d(3, 64)»", "kernel_size is missing"),
    ("nn.Conv2d«(»3, 64, 3", "never closed"),
    ("nn.Conv2d(3, 64, «0»)", "at least one cell"),
    ("nn.Conv2d(3, 64, 3, stride=«-1»)", "must move"),
    ('nn.Conv2d(3, 64, 3, stride=2, padding=«"same"»)', "not supported for strided"),
    ('nn.Conv2d(3, 64, 3, padding=«"causal"»)', "Invalid padding string"),
    ("nn.Conv2d(3, 64, «(3, 3, 3)»)", "2 axes"),
    ("nn.Conv2d(3, 64, (3, «x»))", "nothing is executed"),
    ("nn.Conv2d(3, 64, «k»)", "nothing is executed"),
    ('nn.Conv2d(3, 64, «f"{3}"»)', "nothing is executed"),
    ("nn.Conv2d(3, 64, «__import__('os').system('true')»)", "nothing is executed"),
    ("nn.Conv2d(3, 64, «lambda: 3»)", "nothing is executed"),
    ("nn.Conv2d(3, 64, «3.5»)", "whole number"),
    ('nn.Conv2d(3, 64, «"3"»)', "whole number"),
    ("nn.Conv2d(3, 64, «None»)", "cannot be None"),
    ("nn.Conv2d(3, 64, 3, bias=«2»)", "True or False"),
    ("nn.Conv2d(«*»args)", "nothing is executed"),
    ("nn.Conv2d(3, 64, 3, «**»options)", "nothing is executed"),
    ("nn.Conv2d(3, 64, 3, «kernel_size=3»)", "given twice"),
    ("nn.Conv2d(3, out_channels=64, «3»)", "by position stands behind"),
    ("nn.MaxPool2d(2, 2, 0, 1, False, False, «7»)", "6 values by position"),
    ("nn.Conv2d(4, 64, 3, groups=«3»)", "does not split|do not split"),
    ("nn.Conv2d(«0», 64, 3)", "at least one input channel"),
    ("nn.Conv2d(3, 64, 3, padding=«99999»)", "beyond what is computed"),
    ("nn.«Conv4d»(3, 64, 3)", "no layer of this name"),
    ("nn.«BatchNorm2d»(64)", "slides no window"),
    ("layers.«LayerNormalization»()", "slides no window"),
    ("x = nn.max_pool(x, «window»=(2, 2), strides=(2, 2))", "window_shape"),
    ("x = my.«MaxBlurPool»(x, strides=(2, 2))", "no layer of this name"),
    ("x = nn.«max_pool3»(x, strides=(2, 2), kernel_shape=3)", "max_pool"),
    ("y = my.«FancyConv»(8, strides=(2, 2), pads=1)", "no layer of this name"),
    ("x = self.«conv2d»(x)", "Paste the line that makes self.conv2d."),
    ("net = slim.«conv2d»(net, 32, [3, 3])", "no layer of this name"),
    ("net = conv2d(net, «32», [3, 3])", "must be a tensor"),
    ("tf.nn.«dropout»(x, strides=2)", "TensorFlow by the name tf.nn.dropout"),
    ("tf.nn.«conv2»(x, W, strides=[1, 2, 2, 1])", "conv2d"),
    ("tf.layers.«conv2d»(x, 32, 3, strides=2)", "Conv2D"),
    ('tf.nn.max_pool(x, 2, 2, «"FULL"», name=None)', "no padding of this name"),
    ("tf.nn.conv2d(x, W, 1, «'CAUSAL'»)", "no padding of this name"),
    ("tf.nn.max_pool(x, [«2», 2, 2, 1], [1, 2, 2, 1], 'SAME')", "batch or the channels"),
    ("«tf.nn.conv2d(x, W, padding='SAME')»", "strides is missing"),
    ("op_type: «QLinearConv»\nkernel_shape: 3, 3", "no operator of this name"),
    ("«MaxUnpool»\nkernel_shape: 3, 3", "no operator of this name"),
    ("y = «QLinearConv»<kernel_shape = [3, 3]>(x, w)", "no operator of this name"),
    ("«Conv»(3, 64, 3, 2)", "no layer of this name"),
    ("«conv2d (Conv2D)»  (None, 26, 26, 32)  320", "row of a model's summary"),
    ("│ «max_pooling2d (MaxPooling2D)» │ (None, 13, 13, 32) │ 0 │", "row of a model's summary"),
    ("«Conv2d-1»  [-1, 64, 112, 112]  9,408", "row of a model's summary"),
    ("├─«Conv2d: 1-1»  [1, 64, 112, 112]  9,408", "row of a model's summary"),
    ("lax.reduce_window(x, 1.0, «lax.mul», (1, 2, 2, 1))", "not computed here"),
    ("lax.conv_general_dilated(x, k, (1, 1), «'SAME'», lhs_dilation=(2, 2))", "String padding"),
    ("lax.conv_general_dilated(x, k, «(2, 2)», [(1, 1), (1, 1)], lhs_dilation=(2, 2))", "not computed here"),
    ("jnp.«convolve»(a, b)", "no layer of this name"),
    ("nn.Linear(«0», 3)", "at least one input"),
    ("«hello»", "no layer is said"),
    ("x = «len»(y)", "no layer of this name"),
    ("nn.LPPool2d(«0», 2)", "the exponent of a norm is above 0"),
    ("nn.LPPool2d(«True», 2)", "must be a number"),
    ("y = LpPool <kernel_shape = [2], p = «1.5»> (x)", "p must be an integer"),
    ('Conv2D(8, 3, activation=«"selu"»)', "not computed here"),
    ('Conv2D(8, 3, activation=«"leaky_relu"»)', "its slope is 0.2, and 0.01 is computed here"),
    ('Conv2D(8, 3, padding=«"full"»)', "must be"),
    ("Conv2D(8, 3, padding=«1»)", "name in quotes"),
    ('Conv2D(8, 3, padding=«"reflect"»)', "no padding rule"),
    ("Conv2D(8, 3, strides=«2», dilation_rate=2)", "not supported in conjunction"),
    ('nn.Upsample(scale_factor=2, mode=«"bicubic"»)', "not computed here"),
    ("«nn.Upsample()»", "neither size nor scale_factor"),
    ("nn.Upsample(scale_factor=«1.5»)", "whole number"),
    ('make_node("Conv", ["x", "w"], ["y"], pads=«[1, 1, 1]»)', "begin and an end"),
    ('make_node("Conv", ["x", "w"], ["y"], auto_pad=«"SAME"»)', "no rule of ONNX"),
    ('make_node("Conv", ["x", "w"], ["y"], «kernel»=[3, 3])', "kernel_shape"),
    (
        'make_node("Conv", ["x","w"], ["y"], kernel_shape=[3], pads=«[1,1]», auto_pad="VALID")',
        "cannot be used together",
    ),
    ("kernel_shape: 3, 3\n«stride»: 2, 2", "strides"),
    (
        "# a comment\nx = 1\nlayer = nn.Conv2d(\n    3,\n    64,\n    kernel_size=«-3»,\n)",
        "at least one cell",
    ),
]


@pytest.mark.parametrize(("marked", "words"), ERRORS)
def test_an_error_points_at_the_characters(marked: str, words: str) -> None:
    start, end = marked.index("«"), marked.index("»") - 1
    text = marked.replace("«", "").replace("»", "")
    with pytest.raises(Unreadable) as caught:
        read(text)
    problem = caught.value
    assert any(word in f"{problem.reason} {problem.remedy}" for word in words.split("|")), problem.detail
    position = problem.position
    assert position is not None
    assert (position.start, position.end) == (start, end), (
        problem.detail,
        text[position.start : position.end],
    )
    before = text[:start]
    assert position.line == before.count("\n") + 1
    assert position.column == len(before) - (before.rfind("\n") + 1) + 1
    assert problem.remedy.endswith(".")


def test_an_error_of_the_api_has_a_position_in_the_one_shape(client: TestClient) -> None:
    answer = client.post("/api/v1/read", json={"text": "nn.Conv2d(3, 64,\n  kernal_size=3)"})
    problem = assert_problem(answer, 422, "unreadable", "text")
    assert problem["position"] == {"line": 2, "column": 3, "start": 19, "end": 30}
    assert problem["value"] == "kernal_size"
    assert problem["pointer"] == "/text"


# --- Hostile text -------------------------------------------------------------------------------------------

LONG = 100_000
HOSTILE = {
    "open brackets": "(" * LONG,
    "open brackets in a call": "nn.Conv2d(" + "(" * LONG,
    "calls within calls": "nn.Conv2d(" * (LONG // 10),
    "closed calls within calls": "f(" * (LONG // 3) + ")" * (LONG // 3),
    "layers in lists": "nn.Conv2d(3, 64, " + "[" * 20_000 + "]" * 20_000 + ")",
    "signs": "nn.Conv2d(3, 64, " + "-" * LONG + "3)",
    "sums": "nn.Conv2d(3, 64, 1" + "+1" * (LONG // 2) + ")",
    "powers of ten": "nn.Conv2d(3, 64, 1" + "*10" * (LONG // 3) + ")",
    "a long number": "nn.Conv2d(3, 64, " + "9" * LONG + ")",
    "dots": "nn.Conv2d(3, 64, a" + ".a" * (LONG // 2) + ")",
    "methods": "nn.Conv2d(3, 64, a" + ".a()" * (LONG // 4) + ")",
    "many arguments": "nn.Conv2d(" + "1," * (LONG // 2) + ")",
    "quotes": '"' * LONG,
    "an open string": 'nn.Conv2d(3, 64, "' + "a" * LONG,
    "open strings": "'\\" * (LONG // 2),
    "triple quotes": '"""' + 'a"' * (LONG // 2),
    "a name": "x" * LONG,
    "names that assign each other": "a=b\nb=a\n" * 5_000 + "nn.Conv2d(3, 64, a)",
    "lists of lists by name": "a=[1,1,1,1,1,1,1,1]\n"
    + "".join(f"{chr(98 + i)}=[{','.join(chr(97 + i) * 8)}]\n" for i in range(20))
    + "nn.Conv2d(3, 64, u)",
    "many names": "nn.Conv2d(3, 64, [" + "k," * (LONG // 2) + "])\n",
    "summary rows": "conv2d (Conv2D) (None, 26, 26, 32) 320\n" * (LONG // 40),
    "layers in a container": "nn.Sequential(" + "nn.BatchNorm2d(3), " * (LONG // 20) + "nn.Conv2d(3, 64, 3))",
    "idioms": "jnp " + "take ( y , np . arange ( 4 ) * " * (LONG // 30),
    "a name beside jnp": "jnp " + "x" * LONG + ". reshape ( 3 , - 1 )",
    "brackets behind a tensor": "w = jnp.zeros((3, 3))\nlax.conv(x, w"
    + "[:, ::-1]" * (LONG // 9)
    + ", 1, 'SAME')",
    "windows that count": "t = lax.reduce_window(x, 0., lax.add, (1, 2, 2))\n" * (LONG // 50) + "y = t / t",
    "assignments": "k=3\n" * (LONG // 4) + "nn.Conv2d(3, 64, k)",
    "padding before": "F.pad(x, (1, 1))\n" * (LONG // 17) + "nn.Conv1d(3, 64, 3)",
    "layers": "nn.Conv2d(3, 64, 3)\n" * (LONG // 20),
    "attributes": "kernel_shape: " + "3, " * (LONG // 3),
    "attributes without end": "kernel_shape\n" * (LONG // 13),
    "backslashes": "\\" * LONG,
    "control characters": "\x00\x01\x7f" * (LONG // 3),
    "unlike letters": "ｎｎ.Conv２d(3, 64, ３)" * 1000,
    "digits of other scripts": "nn.Conv2d(3, 64, ٣)",
    "reversed text": "\u202enn.Conv2d(3, 64, 3)\u202c",
    "a surrogate's neighbour": "nn.Conv2d(3, 64, '\U0001f600')",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_read_or_refused_at_once(name: str) -> None:
    # In time of this thread's own, which no other program on the machine lengthens; all take less than half a
    # second, and what goes through such a text once for each of its characters takes minutes.
    began = time.thread_time()
    problem = refusal(HOSTILE[name])
    assert time.thread_time() - began < 5
    if problem is not None:
        assert problem.remedy
        assert len(problem.detail) < 1000


def test_nothing_that_is_pasted_is_executed(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    for text in (
        f"nn.Conv2d(3, 64, open({str(mark)!r}, 'w').write('x'))",
        f"open({str(mark)!r}, 'w')\nnn.Conv2d(3, 64, 3)",
        f"nn.Conv2d(3, 64, [open({str(mark)!r}, 'w') for _ in (1,)])",
        f"nn.Conv2d(3, 64, f\"{{open({str(mark)!r}, 'w')}}\")",
        f"k = __import__('pathlib').Path({str(mark)!r}).touch()\nnn.Conv2d(3, 64, k)",
    ):
        refusal(text)
        assert not mark.exists()


def test_a_text_beyond_the_limit_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/read", json={"text": "x" * (MOST_TEXT + 1)})
    assert_problem(answer, 413, "too_large", "text")
    assert_problem(client.post("/api/v1/read", json={"text": 3}), 422, "malformed", "text")
    assert_problem(client.post("/api/v1/read", json={}), 422, "malformed", "text")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for pasted in (text, f"nn.Conv2d({text})", f"nn.Conv2d(3, 64, {text}", f"kernel_shape: {text}"):
        problem = refusal(pasted)
        if problem is not None:
            assert problem.position is not None
            assert 0 <= problem.position.start <= problem.position.end <= len(pasted)


PIECES = [
    *"()[]{},.=:*-+/'\"\n\\#",
    "nn.Conv2d",
    "3",
    "k",
    "make_node",
    "Conv",
    "pads",
    "F.pad",
    "from_array",
    "lax.reduce_window",
    "lax.conv_general_dilated",
    "lax.pad",
    "lhs_dilation=",
    "padding=",
    "jnp.pad",
    "tf.nn.conv2d",
    "DepthwiseConv2D",
    "::-1",
    ".swapaxes",
    ".reshape",
    "jnp.ones",
    "total=",
    "total/",
    "(1,2,2,1)",
]


@given(st.lists(st.sampled_from(PIECES)))
def test_any_order_of_tokens_is_read_or_refused(pieces: list[str]) -> None:
    problem = refusal("".join(pieces))
    assert problem is None or problem.position is not None
