"""Code in: snippets as people have them become layers of ours, whatever their framework."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from app.code.read.read import Reading, read
from app.operations import registry

from ..web.asking import Json

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
    ("torch.conv2d(x, w, stride=2)", CONV, {"stride": 2, "bias": False}, None),
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
    ("nn.LPPool2d(1.5, 3, ceil_mode=True)", "lp_pooling", {"p": 1.5, "kernel": 3, "ceil_mode": True}, None),
    ("F.lp_pool2d(x, norm_type=0.5, kernel_size=2)", "lp_pooling", {"p": 0.5, "kernel": 2}, None),
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
    dumped = found.spec.model_dump()
    assert {name: dumped[name] for name in wanted} == wanted


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
            assert record.writings or record.called, f"{operation.name} does not say how {framework} has it"
            assert all(writing.names for writing in record.writings)


def test_what_is_not_written_out_is_noted() -> None:
    assert "number of filters" in read("F.conv2d(x, w)").notes[0]
    assert "3 are assumed" in read("F.conv2d(x, w)").notes[0]
    assert "Left out" in read("nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2))").notes[0]
    assert "left out" in read("x = F.pad(x, (1, 1))\nnn.MaxPool1d(3)").notes[0]
    assert read("nn.Conv2d(1, 2, 3)").notes == ()


def test_a_pasted_layer_sets_the_page(client: TestClient) -> None:
    answer = client.post("/api/v1/read", json={"text": "nn.Conv2d(3, 8, 7, stride=2, padding=3)"})
    assert answer.status_code == 200
    dumped = answer.json()
    assert (dumped["framework"], dumped["input_channels"], dumped["axes"]) == ("pytorch", 3, 2)
    said = {"kernel": 7, "stride": 2, "padding": 3, "filters": 8}
    assert dumped["layers"] == [{"operation": "convolution", "rules": "pytorch", **said}]
    source = {"kind": "noise", "shape": [3, 28, 28]}
    planned = client.post("/api/v1/plan", json={"layers": dumped["layers"], "source": source}).json()
    assert planned["layers"][0]["output_shape"] == [8, 14, 14]
