"""Code in: the activation that stands with a layer, whatever a framework calls it, and what is another one."""

from __future__ import annotations

import pytest

from app.code.read.read import read
from app.core.activations import ACTIVATIONS
from app.core.errors import Unreadable

CONV = "nn.Conv2d(3, 8, 3)"
KERAS = "keras.layers.Conv2D(8, 3)"
TENSORFLOW = 'tf.nn.conv2d(x, W, 1, "SAME")'
LAX = "lax.conv(x, w, (1, 1), 'SAME')"
NODE = 'helper.make_node("Conv", ["x", "w"], ["a"], kernel_shape=[3, 3])\nhelper.make_node('
MEANT: list[tuple[str, str]] = [
    (f"nn.Sequential({CONV}, nn.LeakyReLU())", "leaky_relu"),
    (f"nn.Sequential({CONV}, nn.LeakyReLU(0.01, inplace=True))", "leaky_relu"),
    (f"nn.Sequential({CONV}, nn.LeakyReLU(negative_slope=1e-2))", "leaky_relu"),
    (f"nn.Sequential({CONV}, nn.Sigmoid())", "sigmoid"),
    (f"nn.Sequential({CONV}, nn.Tanh())", "tanh"),
    (f"nn.Sequential({CONV}, nn.GELU())", "gelu"),
    (f"nn.Sequential({CONV}, nn.GELU('none'))", "gelu"),
    (f"nn.Sequential({CONV}, nn.SiLU(inplace=True))", "silu"),
    (f"nn.Sequential({CONV}, nn.Softmax(dim=1))", "softmax"),
    (f"nn.Sequential({CONV}, nn.Softmax(-3))", "softmax"),
    ("F.gelu(F.conv2d(x, w))", "gelu"),
    ("F.leaky_relu(F.conv2d(x, w), 0.01)", "leaky_relu"),
    ("y = F.conv2d(x, w)\ny = torch.softmax(y, 1)", "softmax"),
    (f"{CONV}.sigmoid()", "sigmoid"),
    ("F.conv2d(x, w).softmax(dim=1)", "softmax"),
    ("nn.Linear(9, 3)\nnn.Softmax(dim=-1)", "softmax"),
    ('layers.Conv2D(8, 3, activation="sigmoid")', "sigmoid"),
    ('layers.Conv2D(8, 3, activation="swish")', "silu"),
    ('layers.Conv2D(8, 3, activation="gelu")', "gelu"),
    ("layers.Conv2D(8, 3, activation=tf.nn.silu)", "silu"),
    ('layers.Dense(8, activation="softmax")', "softmax"),
    ('layers.Conv2D(8, 3, activation="linear")', "none"),
    (f"{KERAS}\nkeras.layers.ReLU()", "relu"),
    (f"{KERAS}\nkeras.layers.LeakyReLU(negative_slope=0.01)", "leaky_relu"),
    (f"{KERAS}\nkeras.layers.LeakyReLU(alpha=0.01)", "leaky_relu"),
    (f'{KERAS}\nkeras.layers.Activation("tanh")', "tanh"),
    (f"{KERAS}\nkeras.layers.Activation(tf.nn.silu)", "silu"),
    (f'{KERAS}\nkeras.layers.Activation("linear")', "none"),
    (f"{KERAS}\nkeras.layers.Softmax()", "softmax"),
    (f"{KERAS}\nkeras.ops.gelu(y, approximate=False)", "gelu"),
    (f"tf.nn.swish({TENSORFLOW})", "silu"),
    (f"tf.nn.leaky_relu({TENSORFLOW}, alpha=0.01)", "leaky_relu"),
    (f"tf.nn.gelu({TENSORFLOW})", "gelu"),
    (f"tf.nn.softmax({TENSORFLOW})", "softmax"),
    (f"jax.nn.sigmoid({LAX})", "sigmoid"),
    (f"jax.nn.leaky_relu({LAX})", "leaky_relu"),
    (f"jax.nn.gelu({LAX}, approximate=False)", "gelu"),
    (f"jax.nn.gelu({LAX}, False)", "gelu"),
    (f"jnp.tanh({LAX})", "tanh"),
    (f"jax.nn.softmax({LAX}, axis=1)", "softmax"),
    ("x = nn.Conv(8, (3, 3))(x)\nx = nn.silu(x)", "silu"),
    ("x = nn.Conv(8, (3, 3))(x)\nx = nn.softmax(x)", "softmax"),
    (NODE + '"LeakyRelu", ["a"], ["y"], alpha=0.01)', "leaky_relu"),
    (NODE + '"LeakyRelu", ["a"], ["y"])', "leaky_relu"),
    (NODE + '"Sigmoid", ["a"], ["y"])', "sigmoid"),
    (NODE + '"Gelu", ["a"], ["y"])', "gelu"),
    (NODE + '"Softmax", ["a"], ["y"], axis=1)', "softmax"),
    (NODE + '"Sigmoid", ["a"], ["b"])\nhelper.make_node("Mul", ["a", "b"], ["y"])', "silu"),
    ("a = Conv <kernel_shape = [3, 3]> (x, w)\ny = LeakyRelu <alpha = 0.01> (a)", "leaky_relu"),
    ("a = Conv <kernel_shape = [3, 3]> (x, w)\ny = Tanh (a)", "tanh"),
]
OTHERS: list[tuple[str, str]] = [
    (f"nn.Sequential({CONV}, nn.LeakyReLU(0.2))", "LeakyReLU on line 1 is left out: its slope is 0.2"),
    (f"nn.Sequential({CONV}, nn.LeakyReLU(slope))", "its slope is not written out"),
    (
        f"nn.Sequential({CONV},\n  nn.GELU(approximate='tanh'))",
        "GELU on line 2 is left out: it is the approx",
    ),
    (f"nn.Sequential({CONV}, nn.GELU('tanh'))", "it is the approximation by tanh"),
    (f"nn.Sequential({CONV}, nn.Softmax(dim=2))", "its axis is 2"),
    (f"nn.Sequential({CONV}, nn.Softmax(dim=-1))", "its axis is -1"),
    ("nn.Sequential(nn.Conv1d(3, 8, 3), nn.Softmax())", "it does not say its axis"),
    ("F.leaky_relu(F.conv2d(x, w), 0.1)", "its slope is 0.1"),
    (f"{KERAS}\nkeras.layers.LeakyReLU()", "its slope is 0.3"),
    (f"{KERAS}\nkeras.layers.ReLU(6.0)", "its bounds or slope"),
    (f"{KERAS}\nkeras.layers.ReLU(max_value=6)", "its bounds or slope"),
    (f"{KERAS}\nkeras.layers.Softmax(axis=1)", "its axis is 1"),
    (f"{KERAS}\nkeras.ops.gelu(y)", "it is the approximation by tanh"),
    (f'{KERAS}\nkeras.layers.Activation("selu")', "Activation on line 2 is left out"),
    (f"tf.nn.leaky_relu({TENSORFLOW})", "its slope is 0.2"),
    (f"tf.nn.softmax({TENSORFLOW}, axis=1)", "its axis is 1"),
    (f"jax.nn.gelu({LAX})", "it is the approximation by tanh"),
    (f"jax.nn.softmax({LAX})", "its axis is -1"),
    (NODE + '"LeakyRelu", ["a"], ["y"], alpha=0.2)', "its slope is 0.2"),
    (NODE + '"Gelu", ["a"], ["y"], approximate="tanh")', "it is the approximation by tanh"),
    (NODE + '"Softmax", ["a"], ["y"])', "its axis is -1"),
    ("a = Conv <kernel_shape = [3, 3]> (x, w)\ny = LeakyRelu <alpha = 0.2> (a)", "its slope is 0.2"),
]


@pytest.mark.parametrize(("text", "name"), MEANT)
def test_an_activation_is_read_by_whatever_name_it_goes(text: str, name: str) -> None:
    found = read(text)
    assert found.spec.activation == name
    assert not any("eft out" in note for note in found.notes), found.notes


@pytest.mark.parametrize(("text", "words"), OTHERS)
def test_an_activation_with_other_arguments_is_left_out_by_name(text: str, words: str) -> None:
    found = read(text)
    assert found.spec.activation == "none"
    assert any(words in note for note in found.notes), found.notes


@pytest.mark.parametrize("name", [one for one in ACTIVATIONS if one != "none"])
def test_every_name_in_the_registry_is_read(name: str) -> None:
    for word in ACTIVATIONS[name].names:
        more = ", axis=1" if name == "softmax" else ", approximate=False" if name == "gelu" else ""
        assert read(f"jax.nn.{word}({LAX}{more})").spec.activation == name


def test_an_activation_of_the_layers_own_is_not_replaced_by_the_next() -> None:
    found = read('layers.Conv2D(8, 3, activation="tanh")\nlayers.ReLU()')
    assert found.spec.activation == "tanh"
    assert any("ReLU (line 2)" in note for note in found.notes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('Conv2D(8, 3, activation="leaky_relu")', "its slope is 0.2"),
        ('Conv2D(8, 3, activation="wave")', "is not computed here"),
        ('Conv2D(8, 3, activation="softmax", data_format="channels_first")', "over the last axis"),
    ],
)
def test_an_argument_that_is_another_activation_is_refused(text: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read(text)


def test_a_text_that_breaks_off_in_the_activation_is_still_read() -> None:
    assert read(f"{CONV}\nnn.LeakyReLU(").spec.activation == "leaky_relu"


def test_a_product_with_something_else_is_a_sigmoid_and_a_layer_that_is_left_out() -> None:
    found = read(NODE + '"Sigmoid", ["a"], ["b"])\nhelper.make_node("Mul", ["b", "k"], ["y"])')
    assert found.spec.activation == "sigmoid"
    assert any("Mul (line 3)" in note for note in found.notes)
