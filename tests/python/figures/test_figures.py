"""Every figure of the gallery is right, recomputed here by definition; SVG files are whole, named and free."""

from __future__ import annotations

import base64
import io
import itertools
import math
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from reportlab.pdfbase.ttfonts import TTFontFile

from app.figures.content.gallery import GALLERY, Preset
from app.figures.drawing.colours import (
    contrast,
    ink_on,
    luminance,
    oklab,
)
from app.figures.drawing.themes import THEMES

from .figures import (
    SVG,
    Json,
    cells,
    drawn,
    values,
)

GOLDEN = Path(__file__).parents[2] / "golden" / "figures"
PRESETS = {preset.name: preset for preset in GALLERY}

# What Dumoulin and Visin say of each: input, kernel, stride, padding at both ends, zeros between cells, dilation,
# output. For a transposed convolution the padding is that of the window's walk over the stretched input.
CLASSIC = {
    "no_padding_no_strides": (4, 3, 1, (0, 0), 1, 1, 2),
    "arbitrary_padding_no_strides": (5, 4, 1, (2, 2), 1, 1, 6),
    "half_padding_no_strides": (5, 3, 1, (1, 1), 1, 1, 5),
    "full_padding_no_strides": (5, 3, 1, (2, 2), 1, 1, 7),
    "no_padding_strides": (5, 3, 2, (0, 0), 1, 1, 2),
    "padding_strides": (5, 3, 2, (1, 1), 1, 1, 3),
    "padding_strides_odd": (6, 3, 2, (1, 1), 1, 1, 3),
    "no_padding_no_strides_transposed": (2, 3, 1, (2, 2), 1, 1, 4),
    "arbitrary_padding_no_strides_transposed": (6, 4, 1, (1, 1), 1, 1, 5),
    "half_padding_no_strides_transposed": (5, 3, 1, (1, 1), 1, 1, 5),
    "full_padding_no_strides_transposed": (7, 3, 1, (0, 0), 1, 1, 5),
    "no_padding_strides_transposed": (2, 3, 1, (2, 2), 2, 1, 5),
    "padding_strides_transposed": (3, 3, 1, (1, 1), 2, 1, 5),
    "padding_strides_odd_transposed": (3, 3, 1, (1, 2), 2, 1, 6),
    "dilation": (7, 3, 1, (0, 0), 1, 2, 3),
    "numbers": (5, 3, 1, (0, 0), 1, 1, 3),
    "numbers_padding_strides": (5, 3, 2, (1, 1), 1, 1, 3),
    "max_pooling": (5, 3, 1, (0, 0), 1, 1, 3),
    "average_pooling": (5, 3, 1, (0, 0), 1, 1, 3),
}
NUMBERS = [[12, 12, 17], [10, 17, 19], [9, 6, 14]]
MAXIMA = [[3, 3, 3], [3, 3, 3], [3, 2, 3]]
MEANS = [[1.7, 1.7, 1.7], [1.0, 1.2, 1.8], [1.1, 0.8, 1.3]]


def request_of(preset: Preset, **changes: object) -> Json:
    return {**preset.request(), **changes}


def parsed(request: Json) -> ET.Element:
    return ET.fromstring(drawn(request))


def padded_input(preset: Preset) -> np.ndarray:
    size, _, _, (begin, end), spread, _, _ = CLASSIC[preset.name]
    stretched = np.zeros(((size - 1) * spread + 1,) * 2)
    stretched[::spread, ::spread] = preset.values
    return np.pad(stretched, ((begin, end), (begin, end)))


def by_definition(preset: Preset) -> np.ndarray:
    """The output, window by window; every kernel of these is a box or its own values, laid on as it is."""
    _, kernel, stride, _, _, dilation, output = CLASSIC[preset.name]
    padded = padded_input(preset)
    weights = preset.weights and (
        preset.weights["values"][0][0]
        if preset.weights["kind"] == "values"
        else np.full((kernel, kernel), kernel**-2)
    )
    found = np.zeros((output, output))
    for row, col in np.ndindex(output, output):
        window = padded[
            row * stride : row * stride + dilation * (kernel - 1) + 1 : dilation,
            col * stride : col * stride + dilation * (kernel - 1) + 1 : dilation,
        ]
        if weights is not None:
            found[row, col] = (window * weights).sum()
        else:
            found[row, col] = window.max() if preset.name == "max_pooling" else window.mean()
    return found


@pytest.mark.parametrize("name", CLASSIC)
def test_a_figure_of_the_gallery_has_the_shapes_and_numbers_that_the_definition_gives(name: str) -> None:
    preset = PRESETS[name]
    final = parsed(request_of(preset, step="final"))
    np.testing.assert_allclose(values(final, "input"), padded_input(preset))
    np.testing.assert_allclose(values(final, "output"), by_definition(preset), rtol=1e-6)


@pytest.mark.parametrize("name", CLASSIC)
def test_a_step_of_the_gallery_shows_its_window_and_its_output_cell(name: str) -> None:
    preset = PRESETS[name]
    _, kernel, stride, (begin, _), _, dilation, output = CLASSIC[name]
    step = parsed(preset.request())
    row, col = divmod(preset.step, output)
    taps = {
        (row * stride + down * dilation - begin, col * stride + across * dilation - begin)
        for down, across in np.ndindex(kernel, kernel)
    }
    outlined = {element.get("data-window") for element in step.iter()} - {None}
    single = {element.get("data-tap") for element in step.iter()} - {None}
    if dilation == 1:
        top, left = min(taps)
        assert outlined == {f"{top},{left},{kernel},{kernel}"}
    else:
        assert single == {f"{down},{across}" for down, across in taps}
    states = {place: element.get("data-state") for place, element in cells(step, "output").items()}
    for place in np.ndindex(output, output):
        number = place[0] * output + place[1]
        assert states[place] == (
            "now" if number == preset.step else "done" if number < preset.step else "later"
        )
    shown = values(step, "output").ravel()
    np.testing.assert_allclose(
        shown[: preset.step + 1], by_definition(preset).ravel()[: preset.step + 1], rtol=1e-6
    )
    assert np.isnan(shown[preset.step + 1 :]).all()


def test_the_figures_with_numbers_have_the_numbers_of_the_guide() -> None:
    for name, known, digits in (
        ("numbers", NUMBERS, 6),
        ("max_pooling", MAXIMA, 6),
        ("average_pooling", MEANS, 1),
    ):
        found = values(parsed(request_of(PRESETS[name], step="final")), "output")
        np.testing.assert_array_equal(np.round(found + 1e-9, digits), known)


def test_stamps_add_up_to_what_gathering_gives() -> None:
    preset = PRESETS["stamps"]
    stamped = values(parsed(request_of(preset, step=3)), "output")
    gathered = values(parsed(request_of(preset, step="final", walk="gather")), "output")
    kernel, x = np.array(preset.request()["weights"]["values"])[0, 0], np.array(preset.values)
    by_hand = np.zeros((5, 5))
    for row, col in np.ndindex(2, 2):
        by_hand[2 * row : 2 * row + 3, 2 * col : 2 * col + 3] += x[row, col] * kernel
    np.testing.assert_allclose(stamped, by_hand)
    np.testing.assert_allclose(gathered, by_hand)
    step = parsed(preset.request())
    now = {place for place, element in cells(step, "output").items() if element.get("data-state") == "now"}
    assert now == set(itertools.product(range(2, 5), range(3)))


def test_printed_numbers_are_the_values_of_their_cells() -> None:
    step = parsed(PRESETS["numbers"].request())
    kernel = step.find(f"./{SVG}g[@data-part='kernel']")
    assert kernel is not None
    text = [element.text for element in kernel]
    assert [item for item in text if item] == ["0", "1", "2", "2", "2", "0", "0", "1", "2"]
    words = ["".join(element.itertext()) for element in step.iter(f"{SVG}text")]
    assert "Step 5 of 9 (row 1, col 1): 0·0 + 1·1 + 3·2 + 1·2 + 2·2 + 2·0 + 0·0 + 0·1 + 2·2 = 17" in words
    assert "rows and columns: ⌊(5 + 2·0 − 3) / 1⌋ + 1 = 3" in words
    assert {"Input 5×5", "Kernel 3×3", "Output 3×3"} <= set(words)


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (1, "(|−1| + |3|) = 4"),
        (2, "√(|−1|² + |3|²) ≈ 3.162"),
        (3, "³√(|−1|³ + |3|³) ≈ 3.037"),
        (1.5, "¹·⁵√(|−1|¹·⁵ + |3|¹·⁵) ≈ 3.374"),
        (0.5, "⁰·⁵√(|−1|⁰·⁵ + |3|⁰·⁵) ≈ 7.464"),
    ],
)
def test_a_norm_is_written_as_a_root(p: float, words: str) -> None:
    request = {
        "layers": [{"operation": "lp_pooling", "kernel": [1, 2], "p": p}],
        "source": {"kind": "values", "values": [[[-1, 3]]]},
        "step": 0,
        "width_mm": 90,
    }
    root = ET.fromstring(drawn(request))
    assert any(words in "".join(element.itertext()) for element in root.iter(f"{SVG}text"))
    assert (rb"\surd$(" in drawn(request, "tikz")) == (p != 1)


def test_a_clipped_window_under_pytorchs_rules_is_told_with_its_factor() -> None:
    request = {
        "layers": [{"operation": "lp_pooling", "kernel": 4, "ceil_mode": True, "rules": "pytorch"}],
        "source": {"kind": "values", "values": [1, 2, 3, 4, 5, 6]},
        "step": 1,
        "width_mm": 120,
    }
    texts = ["".join(element.itertext()) for element in ET.fromstring(drawn(request)).iter(f"{SVG}text")]
    assert any("√(4 / 2 · (|5|² + |6|²)) ≈ 11.05" in text for text in texts), texts


@pytest.mark.parametrize(("at", "words"), [(399, " more), 7) = 7"), (0, " more)) = 7")])
def test_the_largest_value_is_told_where_others_are_left_out(at: int, words: str) -> None:
    values = np.zeros(400)
    values[at] = 7
    request = {
        "layers": [{"operation": "global_max_pooling"}],
        "source": {"kind": "values", "values": values.reshape(1, 20, 20).tolist()},
        "step": 0,
        "width_mm": 60,
    }
    texts = ["".join(element.itertext()) for element in ET.fromstring(drawn(request)).iter(f"{SVG}text")]
    assert any(text.endswith(words) for text in texts), texts


@pytest.mark.parametrize("layout", ["side", "classic"])
@pytest.mark.parametrize("theme", THEMES)
def test_text_is_text_in_a_named_and_embedded_font(theme: str, layout: str) -> None:
    root = parsed(request_of(PRESETS["numbers"], theme=theme, layout=layout))
    style = root.findtext(f"{SVG}style") or ""
    assert 'font-family: "DejaVu Sans"' in style
    embedded = base64.b64decode(style.partition("base64,")[2].partition(")")[0])
    font = TTFontFile(io.BytesIO(embedded))
    written = {char for element in root.iter(f"{SVG}text") for char in "".join(element.itertext())}
    assert {ord(char) for char in written} <= font.charToGlyph.keys()
    assert len(embedded) < 15_000
    assert root.get("width") == ("160mm" if layout == "side" else "85mm")
    assert root.find(f".//{SVG}image") is None


def test_a_figure_is_as_wide_as_asked_for_and_holds_all_it_draws() -> None:
    for preset, width, font_pt in itertools.product(GALLERY, (60.0, 178.0), (6.0, 10.0)):
        root = parsed(request_of(preset, width_mm=width, font_pt=font_pt))
        assert root.get("width") == f"{width:g}mm"
        wide, high = (float(item) for item in root.get("viewBox", "").split()[2:])
        for element in root.iter(f"{SVG}rect"):
            x, y = float(element.get("x", 0)), float(element.get("y", 0))
            assert x >= 0
            assert y >= 0
            assert x + float(element.get("width", 0)) <= wide + 0.01
            assert y + float(element.get("height", 0)) <= high + 0.01
        for element in root.iter(f"{SVG}polygon"):
            points = np.array([pair.split(",") for pair in element.get("points", "").split()], float)
            assert (points >= 0).all()
            assert (points <= [wide + 0.01, high + 0.01]).all()


def test_a_file_says_what_it_shows_and_that_it_is_free() -> None:
    root = parsed(PRESETS["numbers"].request())
    assert root.findtext(f"{SVG}title") == "A convolution with its numbers"
    assert "Output so far: 12, 12, 17; 10, 17, not yet" in (root.findtext(f"{SVG}desc") or "")
    text = drawn(PRESETS["numbers"].request()).decode()
    assert "https://creativecommons.org/publicdomain/zero/1.0/" in text
    assert ">Convolution of a 5×5 input with a 3×3 kernel, stride 1: the output is 3×3." in text


def test_hostile_words_stay_words() -> None:
    title = '</title><script>alert(1)</script> & "quoted" \x0b ]]>'
    root = parsed(request_of(PRESETS["numbers"], title=title))
    assert root.find(f".//{SVG}script") is None
    assert (root.findtext(f"{SVG}title") or "").startswith("</title><script>alert(1)</script> &")


GREY = THEMES["grey"]
ROLES = ("input", "kernel", "output", "padding")


def test_the_roles_of_the_grey_theme_differ_without_colour() -> None:
    shades = [GREY.colour(role) for role in ROLES]
    for one, other in itertools.combinations(shades, 2):
        assert contrast(one, other) >= 1.4, (one, other)
    for shade in shades:
        assert contrast(shade, GREY.ground) >= 2.5


def test_the_values_of_the_grey_theme_only_ever_grow_lighter() -> None:
    scale = GREY.scale(-5, 5, picture=False)
    shades = [luminance(scale.colour(value)) for value in np.linspace(-5, 5, 101)]
    assert all(one < other for one, other in itertools.pairwise(shades))


@pytest.mark.parametrize("theme", THEMES)
def test_words_can_be_read_on_their_ground(theme: str) -> None:
    look = THEMES[theme]
    for role in (*ROLES, "ink", "muted"):
        assert contrast(look.word(role), look.ground) >= 4.5, role


def test_the_rounding_of_sums_that_are_zero_is_not_coloured_as_more() -> None:
    zero = THEMES["light"].scale(-1.0, 1.0, picture=False).colour(0.0)
    rounding = THEMES["light"].scale(-2.2e-6, 0.0, picture=False, product=70.0)
    assert contrast(rounding.colour(-2.2e-6), zero) < 1.05
    for product in (0.1, 0.0, math.inf, math.nan):
        small = THEMES["light"].scale(-2.2e-6, 0.0, picture=False, product=product)
        assert contrast(small.colour(-2.2e-6, soft=False), zero) > 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_one_ink_prints_on_every_value(theme: str) -> None:
    look = THEMES[theme]
    scale = look.scale(-3, 3, picture=False)
    fills = [scale.colour(value) for value in np.linspace(-3, 3, 255)]
    assert {ink_on(fill, look.ink) for fill in fills} == {look.ink}
    assert min(contrast(fill, look.ink) for fill in fills) > {"light": 9.3, "dark": 6.2}[theme] - 0.05


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("soft", [True, False])
def test_a_larger_value_is_further_from_the_colour_of_zero(theme: str, soft: bool) -> None:
    scale = THEMES[theme].scale(-1, 1, picture=False)
    zero = scale.colour(0.0, soft=soft)
    for sign in (-1, 1):
        away = [
            math.dist(oklab(scale.colour(sign * part, soft=soft)), oklab(zero))
            for part in np.linspace(0, 1, 65)
        ]
        assert all(one < other + 0.004 for one, other in itertools.pairwise(away))
        assert away[-1] > 0.1


def test_cells_too_small_for_a_number_have_the_deep_colours() -> None:
    def fills(size: int) -> set[str | None]:
        request = {
            "layers": [{"operation": "max_pooling", "kernel": 2}],
            "source": {"kind": "values", "values": (np.eye(size) * 2 - 1).tolist()},
            "fills": "values",
            "width_mm": 100.0,
        }
        return {one.get("fill") for one in cells(parsed(request), "input").values()}

    light = THEMES["light"]
    assert fills(10) == {light.soft.colours[0], light.soft.colours[-1]}
    assert fills(50) == {light.deep.colours[0], light.deep.colours[-1]}
