"""Code in reads TensorFlow's functions, JAX, Flax, and Keras' layers by channel, with their layouts and orders."""

from __future__ import annotations

import pytest

from app.code.read.read import read

from ..web.asking import Json
from .test_read import CONV, TRANSPOSED, holds

# A text, the operation, the settings that it says, the input channels.
TENSORFLOW: list[tuple[str, str, Json, int | None]] = [
    (
        'tf.nn.conv2d(x, tf.ones((5, 5, 3, 64)), strides=[1, 2, 2, 1], padding="SAME")',
        CONV,
        {"kernel": (5, 5), "filters": 64, "stride": (2, 2), "padding": "same", "bias": False},
        3,
    ),
    (
        'tf.nn.conv2d(x, W, [1, 1, 2, 2], "VALID", data_format="NCHW")',
        CONV,
        {"stride": (2, 2), "padding": "valid"},
        None,
    ),
    (
        "tf.nn.conv2d(x, W, 1, padding=[[0, 0], [1, 1], [2, 2], [0, 0]])",
        CONV,
        {"padding": ((1, 1), (2, 2))},
        None,
    ),
    (
        'tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, W, 1, "SAME"), b))',
        CONV,
        {"bias": True, "activation": "relu"},
        None,
    ),
    ('y = tf.nn.conv2d(x, W, 1, "SAME") + b', CONV, {"bias": True, "activation": "none"}, None),
    (
        'x = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "REFLECT")\ntf.nn.conv2d(x, W, 1, "VALID")',
        CONV,
        {"padding": ((1, 1), (1, 1)), "padding_mode": "reflect"},
        None,
    ),
    (
        'x = tf.pad(x, [[0, 0], [1, 1], [2, 0], [0, 0]], "SYMMETRIC")\ntf.nn.conv2d(x, W, 1, "VALID")',
        CONV,
        {"padding": ((1, 1), (2, 0)), "padding_mode": "symmetric"},
        None,
    ),
    (
        "tf.nn.conv1d(x, tf.ones([3, 2, 8]), stride=2, padding='VALID')",
        CONV,
        {"kernel": (3,), "filters": 8},
        2,
    ),
    ("tf.nn.atrous_conv2d(x, W, rate=2, padding='SAME')", CONV, {"dilation": 2, "padding": "same"}, None),
    (
        'tf.nn.depthwise_conv2d(x, tf.ones([3, 3, 4, 2]), [1, 2, 2, 1], "SAME")',
        CONV,
        {"groups": 4, "filters": 8, "stride": (2, 2)},
        4,
    ),
    (
        "tf.nn.conv2d_transpose(x, tf.ones([4, 4, 32, 64]), output_shape=[1, 56, 56, 32], strides=2)",
        TRANSPOSED,
        {"filters": 32, "output_size": (56, 56), "stride": 2, "padding": "same"},
        64,
    ),
    (
        'tf.nn.max_pool(x, ksize=2, strides=2, padding="SAME")',
        "max_pooling",
        {"kernel": 2, "stride": 2},
        None,
    ),
    (
        'tf.nn.avg_pool2d(x, [1, 3, 2, 1], [1, 2, 2, 1], "SAME")',
        "average_pooling",
        {"kernel": (3, 2), "count_include_pad": False},
        None,
    ),
    ('tf.nn.pool(x, (3, 3), "MAX")', "max_pooling", {"kernel": (3, 3), "stride": 1}, None),
]
JAX: list[tuple[str, str, Json, int | None]] = [
    (
        "x = nn.Conv(features=32, kernel_size=(3, 3))(x)",
        CONV,
        {"filters": 32, "padding": "same", "bias": True},
        None,
    ),
    ("nn.relu(nn.Conv(8, (3, 3), strides=2)(x))", CONV, {"activation": "relu", "stride": 2}, None),
    (
        'nn.Conv(8, (2,), padding="CAUSAL", kernel_dilation=4)',
        CONV,
        {"padding": "causal", "dilation": 4},
        None,
    ),
    (
        'nn.Conv(8, (4, 3), padding="CIRCULAR")',
        CONV,
        {"padding": ((1, 2), (1, 1)), "padding_mode": "circular"},
        None,
    ),
    ("nnx.Conv(3, 16, kernel_size=(3, 3), rngs=rngs)", CONV, {"filters": 16}, 3),
    (
        "nn.ConvTranspose(8, (2, 2), strides=(3, 3), padding='VALID')",
        TRANSPOSED,
        {"output_padding": (1, 1), "stride": (3, 3)},
        None,
    ),
    (
        "x = nn.max_pool(x, window_shape=(2, 2), strides=(2, 2))",
        "max_pooling",
        {"kernel": (2, 2), "stride": (2, 2)},
        None,
    ),
    (
        "nn.avg_pool(x, (3, 3), padding='SAME')",
        "average_pooling",
        {"stride": 1, "count_include_pad": True},
        None,
    ),
    ("nnx.Linear(784, 10, rngs=rngs)", "dense", {"filters": 10, "bias": True}, None),
    ("jax.lax.conv(x, jnp.ones((8, 3, 5, 5)), (2, 2), 'SAME')", CONV, {"kernel": (5, 5), "filters": 8}, 3),
    (
        "k = jnp.ones((3, 3, 4, 8))\nlax.conv_general_dilated(x, k, (1, 1), [(1, 1), (0, 2)], rhs_dilation=(2, 2),\n"
        '    dimension_numbers=("NHWC", "HWIO", "NHWC"), feature_group_count=2)',
        CONV,
        {"kernel": (3, 3), "filters": 8, "groups": 2, "padding": ((1, 1), (0, 2)), "dilation": (2, 2)},
        8,
    ),
    (
        "lax.conv_with_general_padding(x, jnp.ones((8, 3, 3, 3)), (1, 1), [(2, 3), (2, 3)], (2, 2), (1, 1))",
        TRANSPOSED,
        {"stride": (2, 2), "padding": ((0, 0), (0, 0)), "output_padding": (1, 1)},
        3,
    ),
    (
        "lax.conv_transpose(x, jnp.ones((4, 4, 8, 3)), (2, 2), [(1, 1), (1, 1)], transpose_kernel=True,\n"
        "    use_consistent_padding=True)",
        TRANSPOSED,
        {"filters": 8, "padding": ((1, 1), (1, 1))},
        3,
    ),
    (
        "lax.reduce_window(x, -jnp.inf, lax.max, (1, 3, 3, 1), (1, 2, 2, 1), 'SAME')",
        "max_pooling",
        {"kernel": (3, 3), "stride": (2, 2), "padding": "same"},
        None,
    ),
    (
        "lax.reduce_window(x, 0., lax.add, (1, 2, 2, 1), (1, 2, 2, 1), 'VALID') / 4",
        "average_pooling",
        {"divisor": None, "count_include_pad": True},
        None,
    ),
    (
        "s = lax.reduce_window(x ** 3, 0., lax.add, (1, 1, 2, 2))\ny = s ** (1 / 3)",
        "lp_pooling",
        {"p": 3, "stride": 1},
        None,
    ),
    (
        "s = lax.reduce_window(x ** 1.5, 0., lax.add, (1, 1, 2, 2))\ny = s ** (1 / 1.5)",
        "lp_pooling",
        {"p": 1.5, "stride": 1},
        None,
    ),
    ("lax.reduce_window(x, 0., lax.add, (1, 2, 2, 1))", "sum_pooling", {"kernel": (2, 2), "stride": 1}, None),
    ("lax.reduce_window(x, jnp.inf, lax.min, (1, 2, 2, 1))", "min_pooling", {"kernel": (2, 2)}, None),
    ("x = jnp.mean(x, axis=(1, 2))", "global_average_pooling", {}, None),
]
BY_CHANNEL: list[tuple[str, Json, int]] = [
    ("DepthwiseConv2D((3, 3), strides=(2, 2))", {"groups": 3, "filters": 3, "bias": True}, 3),
    (
        "layers.DepthwiseConv2D(3, depth_multiplier=2, input_shape=(32, 32, 8))",
        {"groups": 8, "filters": 16},
        8,
    ),
    ("DepthwiseConv1D(5, padding='same', use_bias=False)", {"kernel": 5, "bias": False}, 3),
    (
        'SeparableConv2D(64, 3, padding="same", activation="relu")',
        {"groups": 3, "bias": False, "activation": "none"},
        3,
    ),
]


@pytest.mark.parametrize(("text", "operation", "wanted", "channels"), TENSORFLOW)
def test_tensorflow_is_read(text: str, operation: str, wanted: Json, channels: int | None) -> None:
    found = read(text)
    holds(found, operation, wanted)
    assert found.framework == "tensorflow"
    assert found.spec.rules == "any"
    assert found.input_channels == channels


@pytest.mark.parametrize(("text", "operation", "wanted", "channels"), JAX)
def test_jax_and_flax_are_read(text: str, operation: str, wanted: Json, channels: int | None) -> None:
    found = read(text)
    holds(found, operation, wanted)
    assert found.framework == "jax"
    assert found.input_channels == channels


@pytest.mark.parametrize(("text", "wanted", "channels"), BY_CHANNEL)
def test_a_layer_by_channel_is_read_with_a_group_for_each(text: str, wanted: Json, channels: int) -> None:
    found = read(text)
    holds(found, CONV, wanted)
    assert found.framework == "keras"
    assert found.input_channels == channels
    assert any("3 are assumed" in note for note in found.notes) == ("input_shape" not in text)
    assert (
        any("two layers" in note for note in found.notes) == ("Separable" in text) == (found.pair is not None)
    )
