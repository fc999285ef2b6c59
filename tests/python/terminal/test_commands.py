"""The command line speaks the API's vocabulary: the same bodies, the same answers, one line for a refusal."""

from __future__ import annotations

import ast
import io
import json
from pathlib import Path

import numpy as np
import pytest

from app.images.read.npy import npy_bytes
from app.operations import registry
from app.terminal.cli import main

from ..code.models_of_onnx import residual
from ..web.asking import png, run_body

LAYER = {"operation": "max_pooling", "kernel": 2}


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CONVSCOPE_UPLOADS", str(tmp_path / "uploads"))
    return tmp_path


def spec(folder: Path, body: object) -> str:
    file = folder / "spec.json"
    file.write_text(json.dumps(body), encoding="utf-8")
    return str(file)


def test_a_plan_is_printed(uploads: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", spec(uploads, {"layers": [LAYER], "input_shape": [3, 8, 8]}), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["layers"][0]["output_shape"] == [3, 4, 4]


def test_a_picture_is_run_into_an_array_and_a_picture(uploads: Path) -> None:
    picture = uploads / "photo.png"
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    picture.write_bytes(png(pixels))
    file = spec(uploads, {"layers": [LAYER]})
    assert main(["run", file, "--image", str(picture), "-o", str(uploads / "out.npy")]) == 0
    output = np.load(uploads / "out.npy")
    np.testing.assert_allclose(output[0], pixels[1::2, 1::2] / 255, rtol=1e-6)
    assert main(["run", file, "--image", str(picture), "--size", "4", "-o", str(uploads / "out.png")]) == 0
    assert (uploads / "out.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("command", ["run", "figure"])
def test_a_file_is_what_its_content_says_and_the_difference_is_told(
    uploads: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    array = npy_bytes(pixels[None].astype(np.float32))
    for name, content, note in (
        ("photo.jpg", png(pixels), "its name or type says JPEG, its content is PNG"),
        ("photo.tiff", array, "its name or type says TIFF, its content is .npy"),
        ("numbers.npy", png(pixels), "its name or type says .npy, its content is PNG"),
        ("photo", png(pixels), ""),
        ("photo.PNG", png(pixels), ""),
        ("numbers.dat", array, ""),
    ):
        picture, out = uploads / name, str(uploads / ("out.npy" if command == "run" else "out.svg"))
        picture.write_bytes(content)
        words = [command, "max_pooling", "kernel=2", "--image", str(picture), "-o", out]
        assert main(words) == 0
        assert [line for line in capsys.readouterr().err.splitlines() if "content" in line] == (
            [f"convscope: {picture}: {note}: the content was read"] if note else []
        )
        assert main([*words, "-q"]) == 0
        assert "content" not in capsys.readouterr().err


def test_code_is_written_and_read(uploads: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = uploads / "layer.py"
    assert main(["code", spec(uploads, run_body(target="pytorch")), "-o", str(target)]) == 0
    assert ast.parse(target.read_text(encoding="utf-8")).body
    assert main(["read", str(target)]) == 0
    assert json.loads(capsys.readouterr().out)["layers"][0]["kernel"] in (2, [2, 2])


def test_sizes_are_solved_for(uploads: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = {"layer": {"operation": "convolution"}, "input_shape": [1, 28, 28], "sizes": [14, 14], "most": 1}
    assert main(["solve", spec(uploads, body), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["count"] > 10


def test_operations_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operations"]) == 0
    assert capsys.readouterr().out.count("\n") == 2 * len(registry())
    assert main(["operations", "--json"]) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)] == list(registry())


def test_a_body_is_read_from_standard_input(
    uploads: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    body = json.dumps({"layers": [LAYER], "input_shape": [1, 4]}).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(body)))
    assert main(["plan", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["version"] == 1


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["plan", "{}"], "layers"),
        (
            ["plan", '{"layers": [{"operation": "max_pooling", "stride": 0}], "input_shape": [1, 4]}'],
            "must move",
        ),
        (["run", "no json"], "JSON"),
        (["run", '{"layers": [{"operation": "max_pooling"}]}', "--image", "missing.png"], "missing.png"),
        (["read", "print(1)"], "print"),
    ],
)
def test_a_refusal_is_one_line_and_status_1(
    uploads: Path, capsys: pytest.CaptureFixture[str], command: list[str], words: str
) -> None:
    name, text, *rest = command
    file = uploads / "given"
    file.write_text(text, encoding="utf-8")
    assert main([name, str(file), *rest]) == 1
    error = capsys.readouterr().err
    assert error.startswith("convscope: ")
    assert error.count("\n") == 1
    assert words in error


def said(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    assert main(list(command)) == 0
    return capsys.readouterr().out


def test_a_layer_can_be_spelled_out(uploads: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = said(capsys, "plan", "convolution", "kernel=3,5", "stride=2", "padding=same", "--input", "3x28x28")
    assert plan.splitlines()[0] == "3×28×28 → 1×14×14"
    assert "45 parameters" in plan
    assert said(capsys, "run", "max_pooling", "kernel=3", "--sample", "cross").startswith("output 1×3×3\n")
    solved = said(
        capsys, "solve", "transposed_convolution", "kernel=4", "--input", "1x28x28", "--to", "56x56"
    )
    assert "stride=2" in solved
    code = said(capsys, "code", "max_pooling", "kernel=2", "--target", "numpy")
    assert ast.parse(code).body
    answer = json.loads(said(capsys, "code", "max_pooling", "--target", "keras", "--json"))
    assert answer["language"] == "python"


def test_printed_numbers_are_those_of_the_api(uploads: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = said(capsys, "run", "average_pooling", "kernel=2", "--sample", "cross")
    numbers = [float(word) for word in printed.split("\n", 1)[1].split()]
    answer = json.loads(said(capsys, "run", "average_pooling", "kernel=2", "--sample", "cross", "--json"))
    np.testing.assert_allclose(numbers, np.ravel(answer["output"]), rtol=1e-5)


@pytest.mark.parametrize("form", ["svg", "gif", "pdf", "png", "tex"])
def test_a_figure_of_a_picture_is_drawn_from_the_command_line(uploads: Path, form: str) -> None:
    picture, out = uploads / "photo.png", uploads / f"figure.{form}"
    picture.write_bytes(png(np.arange(36, dtype=np.uint8).reshape(6, 6) * 7))
    spelled = ["figure", "max_pooling", "kernel=3", "--image", str(picture), "--step", "1", "-q"]
    assert main([*spelled, "-o", str(out)]) == 0
    magic = {"svg": b"<?xml", "gif": b"GIF8", "pdf": b"%PDF", "png": b"\x89PNG", "tex": b"%"}
    assert out.read_bytes().startswith(magic[form])


def test_a_misspelt_command_is_status_2(uploads: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "max_pooling", "-o", str(uploads / "out.svg")]) == 2
    assert "convscope figure draws pictures" in capsys.readouterr().err
    assert main(["plan", "max_pooling", "kernel", "--input", "1x4x4"]) == 2
    assert "write parameters as name=value" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stopped:
        main(["plan", "max_pooling", "--input", "wide"])
    assert stopped.value.code == 2
    assert not (uploads / "out.svg").exists()


def test_a_refusal_is_told_as_the_api_does_with_json(
    uploads: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["run", "max_pooling", "stride=0"], ["figure", "max_pooling", "stride=0", "-o", "-"]):
        assert main([*command, "--json"]) == 1
        answer = json.loads(capsys.readouterr().err)
        assert answer["field"] == "stride"
        assert answer["remedy"]


MODEL = """
import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3)
        self.norm = nn.GroupNorm(2, 4)
        self.fc = nn.Linear(4 * 36, 10)
    def forward(self, x):
        x = self.norm(self.conv1(x)).relu()
        return self.fc(x.flatten(1))
"""


def test_a_model_in_code_is_planned(uploads: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = uploads / "model.py"
    file.write_text(MODEL, encoding="utf-8")
    assert main(["plan", str(file), "--input", "1x8x8"]) == 0
    printed = capsys.readouterr()
    assert "conv1" in printed.out
    assert "4×6×6" in printed.out
    assert "GroupNorm on line 7 is not understood" in printed.err
    assert main(["plan", str(file)]) == 2
    assert "--input 1x64x64" in capsys.readouterr().err


def test_a_model_file_is_planned_on_the_shape_that_it_tells(
    uploads: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = uploads / "model.onnx"
    file.write_bytes(residual().SerializeToString())
    assert main(["plan", str(file), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["network"]["output_shape"] == [5]
    file.write_bytes(b"no model")
    assert main(["plan", str(file)]) == 1
    assert "no .onnx file" in capsys.readouterr().err
