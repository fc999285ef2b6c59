"""Code in: snippets as people have them become layers of ours, whatever their framework."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from app.code.read import Reading, read
from app.operations import registry

from .asking import Json

CONV = "convolution"
TRANSPOSED = "transposed_convolution"

# A text, the operation, the settings that it says, the framework, the input channels.
PYTORCH: list[tuple[str, str, Json, int | None]] = [
    (
        "nn.Conv2d(3, 64, 7, stride=2, padding=3)",
        CONV,
        {"kernel": 7, "stride": 2, "padding": 3, "filters": 64},
        3,
    ),
    ("nn.Conv2d(3, 64, kernel_size=3)", CONV, {"kernel": 3, "bias": True, "stride": 1}, 3),
    ("torch.nn.Conv2d(16, 33, (3, 5), stride=(2, 1), padding=(4, 2))", CONV, {"padding": (4, 2)}, 16),
    (
        "m = nn.Conv2d(16, 33, (3, 5), stride=(2, 1), padding=(4, 2), dilation=(3, 1))",
        CONV,
        {"kernel": (3, 5), "stride": (2, 1), "dilation": (3, 1)},
        16,
    ),
    ("self.conv1 = nn.Conv2d(1, 6, 5)  # LeNet", CONV, {"kernel": 5, "filters": 6}, 1),
    (
        "nn.Conv2d(32, 32, 3, 1, 1, groups=32, bias=False)",
        CONV,
        {"groups": 32, "bias": False, "padding": 1},
        32,
    ),
    (
        "nn.Conv2d(3, 64, 3, 1, 1, 2, 1, False, 'reflect')",
        CONV,
        {"padding_mode": "reflect", "dilation": 2},
        3,
    ),
    ('nn.Conv2d(in_channels=3, out_channels=8, kernel_size=3, padding="same")', CONV, {"padding": "same"}, 3),
    (
        "Conv2d(3, 64, kernel_size=(7, 7), stride=(2, 2), padding=(3, 3), bias=False)",
        CONV,
        {"bias": False},
        3,
    ),
    ("  (conv1): Conv2d(64, 128, kernel_size=(1, 1), stride=(2, 2))", CONV, {"kernel": (1, 1)}, 64),
    ("nn.Conv1d(16, 33, 3, stride=2)", CONV, {"kernel": 3, "stride": 2}, 16),
    ("nn.Conv3d(16, 33, (3, 5, 2), stride=(2, 1, 1), padding=(4, 2, 0))", CONV, {"padding": (4, 2, 0)}, 16),
    ("nn.LazyConv2d(32, 3, padding=1)", CONV, {"filters": 32, "padding": 1}, None),
    ("F.conv2d(x, w, stride=2)", CONV, {"stride": 2, "bias": False}, None),
    (
        "filters = torch.randn(8, 4, 3, 3)\ninputs = torch.randn(1, 4, 5, 5)\nF.conv2d(inputs, filters, padding=1)",
        CONV,
        {"filters": 8, "kernel": (3, 3), "padding": 1},
        4,
    ),
    ("torch.nn.functional.conv1d(x, torch.zeros((6, 2, 5)), None, 2, groups=2)", CONV, {"kernel": (5,)}, 4),
    ("nn.Conv2d(3, 8, 3).relu()", CONV, {"activation": "relu"}, 3),
    (
        "nn.Sequential(\n    nn.Conv2d(1, 20, 5),\n    nn.ReLU(),\n)",
        CONV,
        {"activation": "relu", "kernel": 5},
        1,
    ),
    ("k = 3\nlayer = nn.Conv2d(3, 8, k, padding=k // 2)", CONV, {"kernel": 3, "padding": 1}, 3),
    ("nn.Conv2d(3, 2 * 16, 4 - 1)", CONV, {"filters": 32, "kernel": 3}, 3),
    ("x = F.pad(x, (2, 0))\nnn.Conv1d(4, 4, 3)", CONV, {"padding": ((2, 0),), "rules": "any"}, 4),
    (
        "nn.Sequential(nn.ReflectionPad2d(1), nn.Conv2d(3, 3, 3))",
        CONV,
        {"padding": ((1, 1), (1, 1)), "padding_mode": "reflect"},
        3,
    ),
    (
        "nn.ConvTranspose2d(16, 33, 3, stride=2, padding=1, output_padding=1)",
        TRANSPOSED,
        {"output_padding": 1, "filters": 33, "padding": 1},
        16,
    ),
    ("ConvTranspose2d(64, 32, (4, 4), (2, 2), (1, 1))", TRANSPOSED, {"kernel": (4, 4), "stride": (2, 2)}, 64),
    ("nn.ConvTranspose1d(2, 4, 3, 2, 0, 1, 2, False, 1)", TRANSPOSED, {"groups": 2, "bias": False}, 2),
    ("nn.MaxPool2d(2)", "max_pooling", {"kernel": 2, "stride": None, "ceil_mode": False}, None),
    ("nn.MaxPool2d(kernel_size=3, stride=2, padding=1)", "max_pooling", {"stride": 2, "padding": 1}, None),
    ("nn.MaxPool2d(3, 2, 1, 1, True, True)", "max_pooling", {"ceil_mode": True}, None),
    (
        "MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False)",
        "max_pooling",
        {"kernel": 3},
        None,
    ),
    ("x = F.max_pool2d(F.relu(x), (2, 2))", "max_pooling", {"kernel": (2, 2)}, None),
    ("F.max_pool2d(x, 3, 2, 1, 1, True)", "max_pooling", {"ceil_mode": True, "padding": 1}, None),
    ("nn.AvgPool2d(3, stride=2)", "average_pooling", {"count_include_pad": True, "divisor": None}, None),
    ("nn.AvgPool2d(2, divisor_override=3)", "average_pooling", {"divisor": 3}, None),
    ("F.avg_pool1d(x, 3, 1, 1, False, False)", "average_pooling", {"count_include_pad": False}, None),
    ("nn.LPPool2d(2, 3, stride=2)", "lp_pooling", {"p": 2, "kernel": 3, "stride": 2}, None),
    ("nn.AdaptiveAvgPool2d((5, 7))", "adaptive_average_pooling", {"size": (5, 7)}, None),
    ("nn.AdaptiveAvgPool2d(1)", "global_average_pooling", {}, None),
    ("nn.AdaptiveAvgPool2d(output_size=(1, 1))", "global_average_pooling", {}, None),
    ("F.adaptive_max_pool2d(x, 4)", "adaptive_max_pooling", {"size": 4}, None),
    ("nn.Upsample(scale_factor=2)", "nearest_upsampling", {"factor": 2}, None),
    ("nn.Upsample(scale_factor=2.0, mode='nearest')", "nearest_upsampling", {"factor": 2}, None),
    (
        'nn.Upsample(size=(8, 8), mode="bilinear", align_corners=True)',
        "bilinear_upsampling",
        {"size": (8, 8), "align_corners": True},
        None,
    ),
    (
        'F.interpolate(x, scale_factor=2, mode="bilinear")',
        "bilinear_upsampling",
        {"align_corners": False},
        None,
    ),
    ("nn.UpsamplingBilinear2d(scale_factor=2)", "bilinear_upsampling", {"align_corners": True}, None),
    ("nn.Unfold(kernel_size=(2, 3))", "unfold", {"kernel": (2, 3)}, None),
    ("F.unfold(x, 3, padding=1)", "unfold", {"padding": 1}, None),
    ("nn.Linear(784, 10)", "dense", {"filters": 10, "bias": True}, None),
    ("nn.Linear(in_features=20, out_features=30, bias=False)", "dense", {"bias": False}, None),
]
KERAS: list[tuple[str, str, Json]] = [
    (
        'Conv1D(32, 2, padding="causal", dilation_rate=4)',
        CONV,
        {"padding": "causal", "dilation": 4, "kernel": 2},
    ),
    (
        'layers.Conv2D(32, (3, 3), activation="relu")',
        CONV,
        {"activation": "relu", "filters": 32, "kernel": (3, 3)},
    ),
    ("tf.keras.layers.Conv2D(64, 3, strides=2, padding='same')", CONV, {"stride": 2, "padding": "same"}),
    (
        'keras.layers.Conv2D(filters=8, kernel_size=5, use_bias=False, padding="SAME")',
        CONV,
        {"padding": "same"},
    ),
    ('x = Conv2D(16, 3, data_format="channels_last", name="c1")(inputs)', CONV, {"filters": 16}),
    ("model.add(Conv2D(32, (3, 3), (2, 2), input_shape=(28, 28, 1)))", CONV, {"stride": (2, 2)}),
    ("Conv2D(32, 3, activation=tf.nn.relu, kernel_regularizer=l2(0.01))", CONV, {"activation": "relu"}),
    ("keras.layers.Conv2D(8, 3, groups=4)", CONV, {"groups": 4}),
    (
        "x = ZeroPadding2D(((0, 1), (0, 1)))(x)\nx = Conv2D(32, 3, strides=2)(x)",
        CONV,
        {"padding": ((0, 1), (0, 1))},
    ),
    ("Conv3D(4, 3)", CONV, {"kernel": 3}),
    (
        'Conv2DTranspose(64, (5, 5), strides=(2, 2), padding="same", use_bias=False)',
        TRANSPOSED,
        {"padding": "same"},
    ),
    ("layers.Conv1DTranspose(3, 4, 2, output_padding=1)", TRANSPOSED, {"output_padding": 1, "stride": 2}),
    ("MaxPooling2D((2,2))", "max_pooling", {"kernel": (2, 2), "stride": None}),
    ("MaxPool2D()", "max_pooling", {"kernel": 2}),
    ('layers.MaxPooling1D(pool_size=3, strides=1, padding="same")', "max_pooling", {"padding": "same"}),
    ("AveragePooling2D(pool_size=(2, 3))", "average_pooling", {"kernel": (2, 3), "count_include_pad": False}),
    ("GlobalAveragePooling2D()", "global_average_pooling", {"rules": "keras"}),
    ("GlobalAveragePooling2D(keepdims=True)", "global_average_pooling", {"rules": "any"}),
    ("keras.layers.GlobalMaxPool1D()", "global_max_pooling", {}),
    ("UpSampling2D(size=(2, 3))", "nearest_upsampling", {"factor": (2, 3)}),
    ('UpSampling2D(2, interpolation="bilinear")', "bilinear_upsampling", {"factor": 2}),
    ("UpSampling1D(3)", "nearest_upsampling", {"factor": 3}),
    ('Dense(10, activation="relu")', "dense", {"filters": 10, "activation": "relu"}),
    ("keras.ops.unfold(x, 3, dilation=2, padding=1, stride=1)", "unfold", {"dilation": 2, "padding": 1}),
]
NETRON = """kernel_shape: 3, 3
dilations: 1, 1
group: 1
pads: 1, 1, 1, 1
strides: 2, 2"""
ONNX: list[tuple[str, str, Json]] = [
    (
        'onnx.helper.make_node("Conv", inputs=["x", "w"], outputs=["y"], kernel_shape=[3,3], pads=[1,1,1,1])',
        CONV,
        {"kernel": (3, 3), "padding": ((1, 1), (1, 1)), "stride": 1, "bias": False},
    ),
    (
        'helper.make_node("Conv", ["x", "w", "b"], ["y"], strides=[2, 2], auto_pad="SAME_LOWER", kernel_shape=[3, 3])',
        CONV,
        {"padding": "same_lower", "stride": (2, 2), "bias": True},
    ),
    (
        'w = np.zeros((8, 2, 5), np.float32)\nmake_node("Conv", ["x", "w"], ["y"], group=2)',
        CONV,
        {"filters": 8, "kernel": (5,), "groups": 2},
    ),
    (NETRON, CONV, {"kernel": (3, 3), "stride": (2, 2), "padding": ((1, 1), (1, 1))}),
    (f"type: Conv\n{NETRON}", CONV, {"kernel": (3, 3)}),
    ("MaxPool\nceil_mode\n1\nkernel_shape\n3,3\nstrides\n2,2\n", "max_pooling", {"ceil_mode": True}),
    ("auto_pad: SAME_UPPER\nkernel_shape: 2\nstrides: 2", CONV, {"padding": "same", "kernel": 2}),
    ("count_include_pad: 1\nkernel_shape: 2, 2", "average_pooling", {"count_include_pad": True, "stride": 1}),
    (
        "%y = Conv[dilations = [1, 1], group = 1, kernel_shape = [3, 3], pads = [0, 1, 0, 1]](%x, %w)",
        CONV,
        {"padding": ((0, 0), (1, 1))},
    ),
    ("y = LpPool <kernel_shape = [2, 2], p = 1> (x)", "lp_pooling", {"p": 1, "kernel": (2, 2)}),
    ('{"kernel_shape": [1, 1], "strides": [2, 2], "group": 1}', CONV, {"kernel": (1, 1), "stride": (2, 2)}),
    (
        'make_node("ConvTranspose", ["x", "w"], ["y"], kernel_shape=[3], strides=[2], output_padding=[1])',
        TRANSPOSED,
        {"output_padding": (1,), "stride": (2,)},
    ),
    ("output_shape: 10, 8\nkernel_shape: 3, 3\nstrides: 3, 2", TRANSPOSED, {"output_size": (10, 8)}),
    (
        'make_node("AveragePool", ["x"], ["y"], kernel_shape=[2, 2], ceil_mode=1)',
        "average_pooling",
        {"ceil_mode": True},
    ),
    ('make_node("GlobalAveragePool", ["x"], ["y"])', "global_average_pooling", {}),
    (
        'scales = np.array([1, 1, 2, 2], np.float32)\nmake_node("Resize", ["x", "", "scales"], ["y"], mode="linear")',
        "bilinear_upsampling",
        {"align_corners": False},
    ),
    ('make_node("Gemm", ["a", "b", "c"], ["y"], transB=1)', "dense", {"bias": True}),
]


def holds(found: Reading, operation: str, wanted: Json) -> None:
    assert found.spec.operation == operation
    told = found.spec.model_dump()
    assert {name: told[name] for name in wanted} == wanted


@pytest.mark.parametrize(("text", "operation", "wanted", "channels"), PYTORCH)
def test_pytorch_is_read(text: str, operation: str, wanted: Json, channels: int | None) -> None:
    found = read(text)
    holds(found, operation, wanted)
    assert found.framework == "pytorch"
    assert found.input_channels == channels


@pytest.mark.parametrize(("text", "operation", "wanted"), KERAS)
def test_keras_is_read(text: str, operation: str, wanted: Json) -> None:
    found = read(text)
    holds(found, operation, wanted)
    assert found.framework == "keras"


@pytest.mark.parametrize(("text", "operation", "wanted"), ONNX)
def test_onnx_is_read(text: str, operation: str, wanted: Json) -> None:
    found = read(text)
    holds(found, operation, wanted)
    assert found.framework == "onnx"


def test_each_declared_name_is_read_as_its_operation() -> None:
    for operation in registry().values():
        for framework, record in operation.frameworks.items():
            assert record.writings, f"{operation.name} says nothing of how {framework} writes it"
            assert all(writing.names for writing in record.writings)


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
    ('tf.nn.max_pool(x, ksize=2, strides=2, padding="SAME")', "max_pooling", {"kernel": 2, "stride": 2}, None),
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
    ('nn.Conv(8, (2,), padding="CAUSAL", kernel_dilation=4)', CONV, {"padding": "causal", "dilation": 4}, None),
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
    assert any("two layers" in note for note in found.notes) == ("Separable" in text)


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        ("kernel_shape: 3, 3\nstrides: 2, 2", "Conv"),
        ("strides=[2, 2], pads=[1, 1, 1, 1], kernel_shape=[2, 2], ceil_mode=1", "MaxPool"),
        ("output_shape: 10, 8\nkernel_shape: 3, 3\nstrides: 3, 2", "ConvTranspose"),
    ],
)
def test_a_guess_says_that_it_guessed(text: str, operator: str) -> None:
    assert f"{operator} is guessed" in read(text).notes[0]
    named = read(f"{operator}\n{text}")
    assert not any("guessed" in note for note in named.notes)


@pytest.mark.parametrize(
    ("text", "kept", "left"),
    [
        ("nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2))", "Conv2d on line 1.", ["MaxPool2d (line 1)"]),
        (
            "nn.Sequential(\n  nn.BatchNorm2d(3),\n  nn.Conv2d(3, 8, 3),\n  nn.ReLU(),\n  nn.Flatten(),\n)",
            "Conv2d on line 3, with its ReLU.",
            ["BatchNorm2d (line 2)", "Flatten (line 5)"],
        ),
        ("x = F.max_pool2d(F.relu(F.conv2d(x, w)), 2)", "max_pool2d on line 1.", ["conv2d (line 1)"]),
        ("model.add(Conv2D(8, 3))\nmodel.add(Dropout(0.5))", "Conv2D on line 1.", ["Dropout (line 2)"]),
        ("x = nn.Conv(8, (3, 3))(x)\nx = nn.max_pool(x, (2, 2))", "Conv on line 1.", ["max_pool (line 2)"]),
        (
            'make_node("Conv", ["x", "w"], ["a"])\nmake_node("Relu", ["a"], ["b"])\nmake_node("MaxPool", ["b"], ["y"])',
            "Conv on line 1, with its ReLU.",
            ["MaxPool (line 3)"],
        ),
    ],
)
def test_of_several_layers_the_one_that_is_kept_and_those_left_out_are_named(
    text: str, kept: str, left: list[str]
) -> None:
    note = read(text).notes[0]
    assert note == f"One layer is read: {kept} Left out: {', '.join(left)}."


@pytest.mark.parametrize(
    "text",
    [
        "nn.Conv2d(1, 2, 3)",
        "nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())",
        "nn.Sequential(nn.ReflectionPad2d(1), nn.Conv2d(3, 3, 3))",
        "F.relu(F.max_pool2d(x, 2))",
        "Conv2D(8, 3, kernel_initializer=HeNormal(), kernel_regularizer=l2(0.01))",
    ],
)
def test_a_layer_alone_has_no_note(text: str) -> None:
    assert read(text).notes == ()


@pytest.mark.parametrize(
    ("text", "features"),
    [
        ("nn.Linear(10, 3)", 10),
        ("F.linear(x, torch.zeros(3, 40))", 40),
        ("nnx.Linear(784, 10, rngs=rngs)", 784),
        ("Dense(10, input_shape=(28, 28))", 784),
        ("nn.LazyLinear(10)", None),
        ("Dense(10)", None),
    ],
)
def test_a_dense_layer_says_how_many_numbers_it_takes(text: str, features: int | None) -> None:
    found = read(text)
    assert found.input_features == features
    assert any(f"takes {features} numbers" in note for note in found.notes) == (features is not None)


@pytest.mark.parametrize(
    ("text", "unset"),
    [
        ("nn.ConvTranspose2d(64, 32, 4, 2, 1)", {"output_padding", "bias", "dilation", "groups"}),
        ("nn.AvgPool2d(2)", {"count_include_pad", "stride", "divisor", "padding", "ceil_mode"}),
        ("nn.Conv2d(3, 8, 3)", {"bias", "stride", "padding", "padding_mode"}),
        ("Conv2D(8, 3)", {"padding", "bias", "stride"}),
        ("MaxPooling2D()", {"kernel", "stride", "padding"}),
        ('make_node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2])', {"stride", "padding", "ceil_mode"}),
    ],
)
def test_a_default_of_the_framework_stays_unset(text: str, unset: set[str]) -> None:
    assert not read(text).spec.model_fields_set & unset


def test_what_other_rules_have_as_their_default_takes_the_place_of_this_one(client: TestClient) -> None:
    def shape(text: str, rules: str, **more: object) -> list[int]:
        (layer,) = client.post("/api/v1/read", json={"text": text}).json()["layers"]
        body = {"layers": [{**layer, "rules": rules, **more}], "input_shape": [64, 28, 28]}
        answer = client.post("/api/v1/plan", json=body)
        assert answer.status_code == 200, answer.text
        found: list[int] = answer.json()["layers"][0]["output_shape"]
        return found

    transposed = "nn.ConvTranspose2d(64, 32, 4, 2, 1)"
    assert shape(transposed, "pytorch") == [32, 56, 56]
    assert shape(transposed, "keras", padding="same") == [32, 56, 56]
    assert shape("nn.MaxPool2d(2)", "pytorch") == [64, 14, 14]
    assert shape("nn.MaxPool2d(2)", "onnx") == [64, 27, 27]
    for text, rules in (("nn.AvgPool2d(2)", "keras"), ("Conv2D(8, 3)", "pytorch"), ("nn.AvgPool2d(2)", "onnx")):
        shape(text, rules)


def test_a_default_that_no_rules_have_is_set() -> None:
    assert read("nn.avg_pool(x, (2, 2))").spec.model_fields_set >= {"stride", "count_include_pad"}
    padded = read("x = F.pad(x, (2, 0))\nnn.Conv1d(4, 4, 3)").spec
    assert (padded.rules, padded.model_dump()["bias"]) == ("any", True)


def test_what_is_not_written_out_is_noted() -> None:
    assert "number of filters" in read("F.conv2d(x, w)").notes[0]
    assert "3 are assumed" in read("F.conv2d(x, w)").notes[0]
    assert "Left out" in read("nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2))").notes[0]
    assert "left out" in read("x = F.pad(x, (1, 1))\nnn.MaxPool1d(3)").notes[0]
    assert read("nn.Conv2d(1, 2, 3)").notes == ()


def test_a_pasted_layer_sets_the_page(client: TestClient) -> None:
    answer = client.post("/api/v1/read", json={"text": "nn.Conv2d(3, 8, 7, stride=2, padding=3)"})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["framework"], told["input_channels"], told["axes"]) == ("pytorch", 3, 2)
    said = {"kernel": 7, "stride": 2, "padding": 3, "filters": 8}
    assert told["layers"] == [{"operation": "convolution", "rules": "pytorch", **said}]
    source = {"kind": "noise", "shape": [3, 28, 28]}
    planned = client.post("/api/v1/plan", json={"layers": told["layers"], "source": source}).json()
    assert planned["layers"][0]["output_shape"] == [8, 14, 14]
