"""The words of a figure: the worked sum and formulas, wrapped to a width. Knows one step, no file format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...core.activations import ACTIVATIONS
from ...core.activations.none import ACTIVATION as NO_ACTIVATION
from ...core.geometry import Geometry
from ..drawing import font
from ..drawing.marks import Text
from ..drawing.numbers import (
    SUPERSCRIPTS,
    factor,
    listed,
    many,
    number,
    settled,
)
from .shown import Shown, Term, Window, rounding

# A piece of text and its role; a token is never broken across lines.
Piece = tuple[str, str]
Token = tuple[Piece, ...]

SUM_LINES = 4
MOST_TERMS = 400  # more never fit the lines of the widest figure
LEADING = 1.45  # from one line of text to the next, in sizes
AXIS_WORDS = {"depth": "depth", "row": "rows", "col": "columns"}
DIGITS = 3


def equals(value: float) -> str:
    """``=`` where the printed number is the number (as float32), else ``≈``."""
    if not np.isfinite(value) or settled(value) == int(settled(value)):
        return "="
    return "=" if np.float32(f"{value:.4g}") == np.float32(value) else "≈"


def equal_to(value: float, *, noise: bool) -> tuple[str, str]:
    """The sign before a number, and the number; ``≈`` and ``0`` where it is nothing but rounding."""
    return ("≈", "0") if noise else (equals(value), number(value))


def where(shown: Shown) -> str:
    """``Step 4 of 9 (row 1, col 0)``"""
    if shown.step is None or shown.position is None:
        return f"All {many(shown.walk.steps, 'step')}"
    names = [axis.name for axis in shown.axes]
    place = ", ".join(
        f"{name} {at}" for name, at in zip(names, shown.position[3 - len(names) :], strict=True)
    )
    return f"Step {shown.step + 1:,} of {shown.walk.steps:,} ({place})"


def total_of(shown: Shown) -> float:
    """The value of the step's output cell, after the activation."""
    assert shown.position is not None
    return float(shown.values[shown.position])


def total_text(shown: Shown) -> str:
    """The same as people read it."""
    assert shown.position is not None
    return "≈ 0" if shown.noise[shown.position] else number(total_of(shown))


@dataclass(frozen=True, slots=True)
class Worked:
    """A step's arithmetic: the first of its terms, how many there are in all, and what follows them."""

    terms: list[Token]
    count: int
    tail: list[Token]
    joint: str = " + "  # between the last term that is told and the word that some are left out
    kept: tuple[int, Token] | None = (
        None  # a term, by its number, that is told even where the others are left out
    )


def worked(shown: Shown) -> Worked:
    """The arithmetic of a step, in the colours of what its numbers come from."""
    if shown.scattering:
        return _stamped(shown)
    window = shown.window
    assert window is not None, "a gathering step has a window"
    assert shown.position is not None, "a gathering step has a position"
    sign, total = equal_to(total_of(shown), noise=bool(shown.noise[shown.position]))
    result: list[Token] = [((f" {sign} ", "ink"), (total, "output"))]
    built = shown.layer.geometry
    combine = built.combination
    if combine.term in ("product", "factor"):
        return _sum(shown, window, result)
    if combine.reduce == "pick":
        picks = None if shown.step is None else shown.walk.picks(shown.step, 1)
        taken = shown.lane % shown.walk.lanes_per_group if picks is None else int(picks[0])
        value = float(window.values.reshape(-1)[taken])
        return Worked([(("copies ", "ink"), (number(value, DIGITS), "input"))], 1, [])
    cells = [
        term for term in window.terms(MOST_TERMS) if built.constants.divisor is None or term.kind != "beyond"
    ]
    left_out = max(0, len(window) - MOST_TERMS)
    parts: list[Token] = [(_value(term),) for term in cells]
    words = combine.words
    opening, closing = words.opening, words.closing
    if combine.finish == "divide":
        closing = closing.format(divisor=_divisor(built, window))
    if combine.term == "power":
        p = built.constants.p
        power = "" if p == 1 else f"{p:g}".translate(SUPERSCRIPTS)
        parts = [(("|", "ink"), *part, (f"|{power}", "ink")) for part in parts]
        index = "" if p == 2 else power  # of a root, as schools write it
        if built.constants.divisor is not None and (count := _divisor(built, window)) != len(window):
            opening, closing = f"({len(window)} / {count} · {opening}", f"{closing})"
        opening = opening if p == 1 else f"{index}√{opening}"
    if activation := _activation(built):
        closing += f", {activation}"
    terms: list[Token] = [(*part, (words.between, "ink")) for part in parts[:-1]] + parts[-1:]
    if terms:
        terms[0] = ((opening, "ink"), *terms[0])
    kept: tuple[int, Token] | None = None
    if combine.selects:
        extreme = np.argmax if combine.reduce == "largest" else np.argmin
        first = int(extreme(window.values))
        value = float(window.values.ravel()[first])
        kept = (first, (_value(Term(0, (0, 0, 0), value, window.kinds[first % len(window.kinds)], None)),))
    return Worked(terms, len(terms) + left_out, [((closing, "ink"),), *result], "", kept)


def _activation(built: Geometry) -> str:
    """The name of the activation, or nothing where there is none."""
    return "" if built.activation == NO_ACTIVATION.name else ACTIVATIONS[built.activation].title


def _value(term: Term) -> Piece:
    return number(term.value, DIGITS), "input" if term.kind == "cell" else "padding"


def _sum(shown: Shown, window: Window, result: list[Token]) -> Worked:
    """``0.5·2 + 1·(−3) + 0.1 (bias) = −1.9``"""
    terms: list[Token] = []
    for term in window.terms(MOST_TERMS):
        role = "input" if term.kind == "cell" else "padding"
        weight = 0.0 if term.weight is None else term.weight
        plus = " + " if terms else ""
        terms.append(((plus, "ink"), (factor(term.value), role), ("·", "ink"), (factor(weight), "kernel")))
    tail: list[Token] = []
    if shown.bias is not None:
        tail.append(((" + ", "ink"), (factor(shown.bias), "kernel"), (" (bias)", "muted")))
    if activation := _activation(shown.layer.geometry):
        assert window.weights is not None, "products have factors"
        with np.errstate(all="ignore"):
            products = window.values * window.weights
            total = float(products.sum()) + (shown.bias or 0.0)
            sizes = np.abs(products).sum() + abs(shown.bias or 0.0)
        sign, text = equal_to(total, noise=bool(0 < abs(total) <= rounding(shown.layer, sizes)))
        tail.append(((f" {sign} {text}, {activation}", "ink"),))
    return Worked(terms, len(window), tail + result)


def _stamped(shown: Shown) -> Worked:
    """``3 × kernel is added to 9 output cells``"""
    stamp = shown.stamp
    assert stamp is not None, "a scattering step stamps"
    several = len(stamp.read) > 1
    terms: list[Token] = []
    for channel, value in list(zip(stamp.channels, stamp.read.tolist(), strict=True))[:MOST_TERMS]:
        plus = " + " if terms else ""
        kernel = f"kernel[{channel}]" if several else "kernel"
        terms.append(((plus, "ink"), (factor(value), "input"), (" × ", "ink"), (kernel, "kernel")))
    words = f" is added to {many(len(stamp.cells), 'output cell')}"
    words += f", {many(stamp.cropped, 'tap')} cropped" if stamp.cropped else ""
    return Worked(terms, len(stamp.read), [((words, "ink"),)])


def _divisor(built: Geometry, window: Window) -> int:
    if isinstance(built.constants.divisor, int):
        return built.constants.divisor
    if built.constants.divisor == "elements":
        return len(window.channels) * window.count("cell")
    return len(window.channels) * window.count("cell", "padding", "inserted")


def formulas(built: Geometry) -> list[list[Piece]]:
    """The worked size formulas, those alike told once: ``rows and columns: ⌊(5 + 2·1 − 3) / 2⌋ + 1 = 3``."""
    axes: dict[tuple[tuple[str, str | None], ...], list[str]] = {}
    for axis, tokens in zip(built.walk.axes, built.formulas, strict=True):
        axes.setdefault(tokens, []).append(AXIS_WORDS[axis.name])
    lines = []
    for tokens, names in axes.items():
        line: list[Piece] = [(f"{listed(names)}: ", "muted")]
        line += [(text, _role(role)) for text, role in tokens]
        lines.append(line)
    return lines


def _role(role: str | None) -> str:
    return {"input": "input", "kernel": "kernel", "padding": "padding", "output": "output"}.get(
        role or "", "ink" if role is None else "kernel"
    )


Colour = Callable[[str], str]


def lines_of(tokens: list[Token], size: float, width: float, most: int) -> list[list[Piece]] | None:
    """The tokens in lines of at most that width, or None where they take more than ``most`` lines."""
    lines: list[list[Piece]] = [[]]
    at = 0.0
    for token in tokens:
        wide = sum(font.width(text, size) for text, _ in token)
        if at and at + wide > width:
            (text, role), *rest = token
            lines.append([(text.lstrip(), role), *rest])
            at = wide
        else:
            lines[-1] += token
            at += wide
    return lines if len(lines) <= most else None


def wrapped(
    head: Token, worked: Worked, size: float, width: float, most: int = SUM_LINES
) -> list[list[Piece]]:
    """Head, terms and tail in at most ``most`` lines; terms that find no room are left out, and it is said."""

    def shortened(count: int) -> list[Token]:
        kept = [worked.kept[1]] if worked.kept and worked.kept[0] >= count else []
        left_out = worked.count - count - len(kept)
        words = f"{worked.joint}… ({left_out:,} more)" + (", " if kept else "")
        omitted: list[Token] = [((words, "muted"),)] if left_out else []
        return [head, *worked.terms[:count], *omitted, *kept, *worked.tail]

    lines = lines_of(shortened(len(worked.terms)), size, width, most)
    if lines is not None:
        return lines
    low, high = 0, len(worked.terms)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if lines_of(shortened(middle), size, width, most) else (low, middle)
    # On the narrowest figures not even one term finds room in so few lines.
    return lines_of(shortened(low), size, width, most) or lines_of(shortened(low), size, width, 1000) or []


def set_lines(
    lines: list[list[Piece]], x: float, y: float, size: float, colour: Colour, name: str
) -> list[Text]:
    """Lines one below the other, from a first baseline on; neighbouring pieces of one colour are joined."""
    made = []
    for index, line in enumerate(lines):
        pieces: list[tuple[str, str]] = []
        for text, role in line:
            if not text:
                continue
            shade = colour(role)
            if pieces and pieces[-1][1] == shade:
                pieces[-1] = (pieces[-1][0] + text, shade)
            else:
                pieces.append((text, shade))
        if pieces:
            last, shade = pieces[-1]
            pieces[-1] = (last.rstrip(), shade)
            data = (("line", name),)
            made.append(Text(x, y + index * LEADING * size, size, "start", tuple(pieces), data))
    return made


def span_of(text: str) -> float:
    """Width of a text in parts of its size."""
    return font.width(text, 1.0)
