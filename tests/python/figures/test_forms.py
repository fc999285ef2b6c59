"""PDF, TikZ, PNG and film strips: the same everywhere, with their words, their font, their size, their limits."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from app.core.errors import TooLarge, Unfit
from app.figures.bounds import FigureLimits
from app.figures.content.gallery import GALLERY
from app.figures.drawing import font
from app.operations import registry

from ...golden.figures import FIGURES
from .figures import (
    SVG,
    Json,
    cells,
    drawn,
    export_of,
)

PRESETS = {preset.name: preset.request() for preset in GALLERY}
NUMBERS = PRESETS["numbers"]
FREE = "https://creativecommons.org/publicdomain/zero/1.0/"


@pytest.mark.parametrize("form", ["svg", "pdf", "tikz", "png"])
def test_the_same_request_gives_the_same_bytes(form: str) -> None:
    for body in FIGURES.values():
        assert drawn(body, form) == drawn(body, form)


def test_another_process_gives_the_same_bytes() -> None:
    code = (
        "import hashlib, json, sys; from tests.golden.figures import FIGURES; "
        "from tests.python.figures.figures import drawn; "
        "print(hashlib.sha256(b''.join(drawn(b, f) for b in reversed(FIGURES.values()) "
        "for f in ('svg', 'pdf', 'tikz', 'png'))).hexdigest())"
    )
    answers = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert len(answers) == 1


def test_a_pdf_is_cut_to_its_size_and_embeds_its_only_font() -> None:
    file = drawn({**NUMBERS, "width_mm": 127.0}, "pdf")
    assert file.startswith(b"%PDF-1.7")
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", file)
    assert box is not None
    assert float(box[1]) == pytest.approx(360, abs=0.01)
    assert re.findall(rb"/BaseFont /([\w+-]+)", file) == [b"AAAAAA+DejaVuSans"]
    assert b"/FontFile2" in file
    assert b"/ToUnicode" in file
    assert b"Helvetica" not in file
    assert b"/XObject <<\n/" not in file  # no picture: all is drawn


def test_a_pdf_says_what_it_shows_and_that_it_is_free() -> None:
    file = drawn(NUMBERS, "pdf")
    packet = file[file.index(b"<?xpacket begin") : file.index(b'<?xpacket end="r"?>')]
    text = packet.decode()
    assert FREE in text
    assert ">A convolution with its numbers<" in text
    assert "Convolution of a 5×5 input with a 3×3 kernel" in text
    ET.fromstring(text[text.index("<x:xmpmeta") :])


def test_tikz_is_a_picture_in_the_documents_font() -> None:
    text = drawn(NUMBERS, "tikz").decode()
    assert text.count(r"\begin{tikzpicture}") == text.count(r"\end{tikzpicture}") == 1
    assert FREE in text
    assert r"\lfloor" in text
    assert (
        text.isascii()
        or {char for char in text.partition(r"\begin{tikzpicture}")[2] if ord(char) > 127} == set()
    )
    body = text.partition(r"\begin{tikzpicture}")[2]
    defined = set(re.findall(r"\\definecolor\{(\w+)\}", body))
    assert set(re.findall(r"(?:fill=|draw=|\\textcolor\{)(convscope\w+)", body)) == defined
    depth = 0
    for char in re.sub(r"\\[{}]", "", body):
        depth += {"{": 1, "}": -1}.get(char, 0)
        assert depth >= 0
    assert depth == 0


def examples() -> list[tuple[str, Json]]:
    return [
        (
            f"{operation.name}: {example['title']}",
            {key: value for key, value in example.items() if key in ("layers", "source", "weights")},
        )
        for operation in registry().values()
        for example in operation.examples
    ]


@pytest.mark.parametrize(
    ("title", "body"), examples(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_example_is_drawn_in_characters_that_font_and_latex_have(title: str, body: Json) -> None:
    for step in (0, "final"):
        try:
            root = ET.fromstring(drawn({**body, "step": step}))
            text = drawn({**body, "step": step}, "tikz").decode()
        except TooLarge:  # an example may be a whole photograph
            continue
        for element in root.iter(f"{SVG}text"):
            assert font.has("".join(element.itertext())), element
        picture = text.partition(r"\begin{tikzpicture}")[2]
        assert {char for char in picture if ord(char) > 127} == set()


def test_a_title_cannot_leave_its_comment() -> None:
    text = drawn({**NUMBERS, "title": "a\n\\input{/etc/passwd}\u2028\\end{tikzpicture}"}, "tikz").decode()
    before = text.partition(r"\begin{tikzpicture}")[0]
    assert all(line.startswith("%") for line in before.split("\n") if line)


@pytest.mark.parametrize(("dpi", "width"), [(72.0, 454), (300.0, 1890)])
def test_a_png_has_the_resolution_asked_for_and_its_words(dpi: float, width: int) -> None:
    with Image.open(io.BytesIO(drawn({**NUMBERS, "dpi": dpi}, "png"))) as picture:
        picture.load()
        assert picture.width == width
        assert picture.info["dpi"][0] == pytest.approx(dpi, abs=0.1)
        assert FREE in str(picture.info["Copyright"])
        assert "Output so far: 12, 12, 17" in str(picture.info["Description"])


def test_a_png_shows_what_the_svg_says() -> None:
    root = ET.fromstring(drawn({**NUMBERS, "step": "final", "parts": []}))
    with Image.open(
        io.BytesIO(drawn({**NUMBERS, "step": "final", "parts": [], "dpi": 144.0}, "png"))
    ) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    for grid in ("input", "output"):
        for element in cells(root, grid).values():
            x, y, wide, high = (float(element.get(name, 0)) for name in ("x", "y", "width", "height"))
            red, green, blue = pixels[round((y + high / 2) * 2), round((x + wide / 2) * 2)]
            assert f"#{red:02x}{green:02x}{blue:02x}" == element.get("fill")


def test_a_film_strip_has_a_picture_for_each_step() -> None:
    body: Json = {**NUMBERS, "steps": {"first": 1, "every": 2, "columns": 2}}
    root = ET.fromstring(drawn(body))
    groups = [element for element in root.iter(f"{SVG}g") if element.get("data-part") == "step"]
    assert [element.get("data-step") for element in groups] == ["1", "3", "5", "7"]
    for group in groups:
        states = [cell.get("data-state") for cell in cells(group, "output").values()]
        assert states.index("now") == int(group.get("data-step", ""))
    wide, high = (float(item) for item in root.get("viewBox", "").split()[2:])
    for element in root.iter(f"{SVG}rect"):
        assert float(element.get("x", 0)) + float(element.get("width", 0)) <= wide + 0.01
        assert float(element.get("y", 0)) + float(element.get("height", 0)) <= high + 0.01


@pytest.mark.parametrize(
    ("change", "form", "field", "limit"),
    [
        (
            {"source": {"kind": "noise", "shape": [1, 80, 80]}, "weights": None},
            "svg",
            "figure",
            "10,000 cells",
        ),
        ({"steps": {}, "source": {"kind": "noise", "shape": [1, 40, 40]}}, "svg", "steps", "10,000 cells"),
        ({"dpi": 1200.0, "width_mm": 600.0}, "png", "dpi", "40,000,000 pixels"),
    ],
)
def test_too_large_an_export_is_refused_before_work_and_the_limit_is_named(
    change: Json, form: str, field: str, limit: str
) -> None:
    with pytest.raises(TooLarge) as refused:
        export_of({**NUMBERS, **change}, form)
    assert refused.value.field == field
    assert limit in refused.value.reason


def test_a_long_replay_is_refused_before_it_begins() -> None:
    with pytest.raises(TooLarge) as refused:
        export_of(NUMBERS, limits=FigureLimits(work=10))
    assert "a figure replays at most 10" in refused.value.reason


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"step": 9}, "step"),
        ({"lane": 1}, "lane"),
        ({"channel": 1}, "channel"),
        ({"steps": {"first": 9}}, "steps"),
    ],
)
def test_what_is_not_there_is_refused_by_name(change: Json, field: str) -> None:
    with pytest.raises(Unfit) as refused:
        export_of({**NUMBERS, **change})
    assert refused.value.field == field
    assert "Use " in refused.value.remedy


@pytest.mark.parametrize("form", ["svg", "pdf", "png"])
def test_exports_at_the_same_time_do_not_disturb_each_other(form: str) -> None:
    bodies = [*FIGURES.values()] * 4
    alone = [drawn(body, form) for body in FIGURES.values()] * 4
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda body: drawn(body, form), bodies)) == alone
