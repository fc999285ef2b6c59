"""GIF, APNG and WebP: one palette, a frame for each step, each frame what its figure shows; walked in pieces."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from PIL import Image, ImageSequence

from app.core.errors import TooLarge
from app.figures.bounds import FigureLimits
from app.figures.content.gallery import GALLERY

from .figures import Json, drawn, export_of

PRESETS = {preset.name: preset.request() for preset in GALLERY}
BODY: Json = {**PRESETS["numbers"], "width_mm": 80.0, "dpi": 96.0, "fps": 4.0}
SHORT: Json = {**BODY, "dpi": 60.0, "steps": {"first": 3, "count": 2}}
FREE = "https://creativecommons.org/publicdomain/zero/1.0/"


def frames(file: bytes) -> list[np.ndarray]:
    with Image.open(io.BytesIO(file)) as picture:
        return [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(picture)]


def gif_palettes(file: bytes) -> tuple[int, list[bool], list[int]]:
    """Entries of the shared palette, whether each frame has one of its own, and the delays; by the format's text."""
    shared = 2 ** ((file[10] & 7) + 1) if file[10] & 0x80 else 0
    at, own, delays = 13 + 3 * shared, [], []
    while file[at] != 0x3B:
        if file[at] == 0x21:
            if file[at + 1] == 0xF9:
                delays.append(int.from_bytes(file[at + 4 : at + 6], "little"))
            at += 2
        else:
            assert file[at] == 0x2C
            own.append(bool(file[at + 9] & 0x80))
            at += 11
        while file[at]:
            at += file[at] + 1
        at += 1
    return shared, own, delays


def test_a_gif_has_one_palette_and_a_frame_for_each_step() -> None:
    file = drawn(BODY, "gif")
    shared, own, delays = gif_palettes(file)
    assert shared == 256
    assert own == [False] * 9
    assert delays == [25] * 8 + [200]
    assert b"NETSCAPE2.0\x03\x01\x00\x00" in file


@pytest.mark.parametrize("form", ["gif", "apng", "webp"])
def test_every_frame_is_the_figure_of_its_step(form: str) -> None:
    file = drawn(BODY, form)
    found = frames(file)
    assert len(found) == 9
    exact = [frames(drawn({**BODY, "step": step}, "png"))[0] for step in range(9)]
    for frame, wanted in zip(found, exact, strict=True):
        height = min(len(frame), len(wanted))  # a film keeps room for the longest sum
        off = np.abs(frame[:height].astype(int) - wanted[:height]).max(axis=-1)
        if form == "webp":
            assert off[: height * 3 // 4].max() == 0
        else:
            assert off[: height * 3 // 4].max() <= 48  # an edge in the nearest colour of the palette
            assert np.mean(off[: height * 3 // 4] > 0) < 0.12
    assert all((one != other).any() for one, other in itertools.pairwise(found))


@pytest.mark.parametrize(("form", "magic"), [("gif", b"GIF89a"), ("apng", b"\x89PNG"), ("webp", b"RIFF")])
def test_an_animation_is_free_and_says_so(form: str, magic: bytes) -> None:
    file = drawn({**BODY, "steps": {"count": 2}}, form)
    assert file.startswith(magic)
    with Image.open(io.BytesIO(file)) as picture:
        picture.load()
        metadata = repr(picture.info)
    assert FREE in metadata
    assert "A convolution with its numbers" in metadata


def test_the_same_animation_has_the_same_pixels() -> None:
    body = {**PRESETS["stamps"], "width_mm": 60.0, "dpi": 72.0}
    for form in ("gif", "apng", "webp"):
        assert drawn(body, form) == drawn(body, form)


def test_an_animation_is_made_in_as_many_pieces_as_it_has_frames() -> None:
    export = export_of({**BODY, "steps": {"first": 1, "every": 3}}, "gif")
    pieces = list(export.pieces())
    assert len(pieces) == export.count == 3 + 3
    for piece in pieces:
        piece.make()
    assert len(frames(export.result)) == 3


@pytest.mark.parametrize(
    ("limits", "field", "words"),
    [
        (FigureLimits(frames=8), "steps", "an animation has at most 8 frames"),
        (FigureLimits(frame_cells=100), "steps", "all frames together draw at most 100 cells"),
        (FigureLimits(frame_pixels=1000), "dpi", "all frames together may have 1,000 pixels here"),
        (FigureLimits(pixels=1000), "dpi", "a picture may have 1,000 pixels here"),
    ],
)
def test_too_long_an_animation_is_refused_before_work(limits: FigureLimits, field: str, words: str) -> None:
    with pytest.raises(TooLarge) as refused:
        export_of(BODY, "gif", limits)
    assert refused.value.field == field
    assert refused.value.reason == words


def test_a_walk_of_many_millions_of_steps_is_refused_at_once() -> None:
    body = {
        "layers": [{"operation": "convolution", "kernel": 1}],
        "source": {"kind": "noise", "shape": [1, 2000, 2000]},
    }
    with pytest.raises(TooLarge):
        export_of({**body, "steps": {}}, "gif")


@pytest.mark.parametrize("form", ["gif", "apng", "webp"])
@pytest.mark.parametrize("plays", [0, 1, 2, 7])
def test_an_animation_plays_as_often_as_it_is_asked_to(form: str, plays: int) -> None:
    file = drawn({**SHORT, "plays": plays}, form)
    assert len(frames(file)) == 2
    if form == "gif":  # by each format's own text: GIF counts repetitions, and none means once
        _, found, rest = file.partition(b"NETSCAPE2.0\x03\x01")
        assert bool(found) == (plays != 1)
        loops = int.from_bytes(rest[:2], "little") if found else 0
        assert loops == max(0, plays - 1)
    elif form == "apng":
        assert int.from_bytes(file.partition(b"acTL")[2][4:8], "big") == plays
    else:
        assert int.from_bytes(file.partition(b"ANIM")[2][8:10], "little") == plays


@pytest.mark.parametrize("form", ["png", "gif", "apng", "webp"])
def test_what_lies_behind_a_clear_picture_shows_through_and_its_cells_stay(form: str) -> None:
    body = {**SHORT, "background": "clear"} | ({"steps": None, "step": 3} if form == "png" else {})
    for clear, opaque_frame in zip(opaque(drawn(body, form)), frames(drawn({**SHORT}, "apng")), strict=False):
        assert clear[0, -1, 3] == 0
        drawn_there = clear[..., 3] == 255
        assert 0.2 < drawn_there.mean() < 0.98
        away = np.abs(clear[..., :3].astype(int) - opaque_frame.astype(int)).max(axis=-1)
        assert np.quantile(away[drawn_there], 0.9) <= 8


def opaque(file: bytes) -> list[np.ndarray]:
    with Image.open(io.BytesIO(file)) as picture:
        return [np.asarray(frame.convert("RGBA")) for frame in ImageSequence.Iterator(picture)]


@pytest.mark.parametrize("form", ["gif", "apng", "webp"])
def test_a_clear_frame_leaves_nothing_of_the_frame_before(form: str) -> None:
    body = {**SHORT, "background": "clear", "parts": ["numbers", "kernel"], "layout": "classic"}
    alone = opaque(drawn({**body, "steps": {"first": 8}}, form))[0]
    after = opaque(drawn({**body, "steps": {"first": 0, "every": 8}}, form))[1]
    np.testing.assert_array_equal(alone[..., 3] < 128, after[..., 3] < 128)


@pytest.mark.parametrize(("form", "area"), [("svg", b"<rect"), ("pdf", b" re f"), ("tikz", b"fill=")])
def test_a_clear_drawing_has_one_area_less(form: str, area: bytes) -> None:
    body = {**PRESETS["numbers"], "width_mm": 80.0}
    filled, clear = drawn(body, form), drawn({**body, "background": "clear"}, form)
    assert filled.count(area) == clear.count(area) + 1
