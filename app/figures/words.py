"""What a figure says in words: the worked sum and formulas, wrapped to a width. Knows one step, no file format."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..core.geometry import Geometry
from . import font
from .marks import Text
from .numbers import factor, listed, many, number, settled
from .shown import Shown, Term

# A piece of text and its role; a token is never broken across lines.
Piece = tuple[str, str]
Token = tuple[Piece, ...]

SUM_LINES = 4
LEADING = 1.45  # from one line of text to the next, in sizes
AXIS_WORDS = {"depth": "depth", "row": "rows", "col": "columns"}
DIGITS = 3


def equals(value: float) -> str:
    """``=`` where the printed number is the number (as float32), else ``≈``."""
    if not np.isfinite(value) or settled(value) == int(settled(value)):
        return "="
    return "=" if np.float32(f"{value:.4g}") == np.float32(value) else "≈"


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


def worked(shown: Shown) -> tuple[list[Token], list[Token]]:
    """The step's arithmetic: its terms, and what they come to."""
    if shown.scattering:
        return _stamped(shown)
    total = total_of(shown)
    result: list[Token] = [((f" {equals(total)} ", "ink"), (number(total), "output"))]
    combine = shown.layer.geometry.combine
    if combine in ("sum_of_products", "weighted_sum"):
        terms, tail = _sum(shown)
        return terms, tail + result
    if combine == "copy":
        lane = shown.lane % shown.walk.lanes_per_group
        return [(("copies ", "ink"), (number(shown.terms[lane].value, DIGITS), "input"))], []
    cells = [term for term in shown.terms if combine != "mean" or term.kind != "beyond"]
    if combine == "max":
        return _called("max(", [(_value(term),) for term in cells], ", ", ")"), result
    if combine == "mean":
        divisor = _divisor(shown.layer.geometry, shown.terms)
        return _called("(", [(_value(term),) for term in cells], " + ", f") / {divisor}"), result
    p = shown.layer.geometry.finish.p
    power = "" if p == 1 else str(p).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    parts: list[Token] = [(("|", "ink"), _value(term), (f"|{power}", "ink")) for term in cells]
    return _called("(", parts, " + ", ")" if p == 1 else f")^(1/{p})"), result


def _value(term: Term) -> Piece:
    return number(term.value, DIGITS), "input" if term.kind == "cell" else "padding"


def _called(opening: str, parts: list[Token], between: str, closing: str) -> list[Token]:
    """``max(1, 2, 3)``: the parts with what stands before, between and after."""
    tokens: list[Token] = [(*part, (between, "ink")) for part in parts[:-1]]
    tokens.append((*(parts[-1] if parts else ()), (closing, "ink")))
    return [((opening, "ink"), *tokens[0]), *tokens[1:]]


def _sum(shown: Shown) -> tuple[list[Token], list[Token]]:
    terms: list[Token] = []
    for index, term in enumerate(shown.terms):
        role = "input" if term.kind == "cell" else "padding"
        weight = 0.0 if term.weight is None else term.weight
        plus = " + " if index else ""
        terms.append(
            (
                (plus, "ink"),
                (factor(term.value), role),
                ("·", "ink"),
                (factor(weight), "kernel"),
            )
        )
    tail: list[Token] = []
    if shown.bias is not None:
        tail.append(((" + ", "ink"), (factor(shown.bias), "kernel"), (" (bias)", "muted")))
    if shown.layer.geometry.activation == "relu":
        products = sum(term.value * (term.weight or 0.0) for term in shown.terms) + (shown.bias or 0.0)
        tail.append(((f" {equals(products)} {number(products)}, ReLU", "ink"),))
    return terms, tail


def _stamped(shown: Shown) -> tuple[list[Token], list[Token]]:
    taps = int(np.prod([axis.writes.taps for axis in shown.axes]))
    tokens: list[Token] = []
    for index, term in enumerate(shown.terms):
        plus = "+ " if index else ""
        tokens.append(
            (
                (plus, "ink"),
                (factor(term.value), "input"),
                (" × ", "ink"),
                ("kernel", "kernel"),
                (" " if len(shown.terms) == 1 else f"[{term.channel}] ", "kernel"),
            )
        )
    cropped = taps - len(shown.stamps)
    words = f"is added to {many(len(shown.stamps), 'output cell')}"
    words += f", {many(cropped, 'tap')} cropped" if cropped else ""
    return tokens, [((words, "ink"),)]


def _divisor(built: Geometry, terms: tuple[Term, ...]) -> int:
    if isinstance(built.finish.divisor, int):
        return built.finish.divisor
    counted = ("cell",) if built.finish.divisor == "elements" else ("cell", "padding", "inserted")
    return sum(term.kind in counted for term in terms)


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
    head: list[Token], terms: list[Token], tail: list[Token], size: float, width: float, most: int = SUM_LINES
) -> list[list[Piece]]:
    """Head, terms and tail in at most ``most`` lines; terms that find no room are left out, and it is said."""
    whole = lines_of(head + terms + tail, size, width, most)
    if whole is not None:
        return whole
    low, high = 0, len(terms)
    while high - low > 1:
        middle = (low + high) // 2
        fits = lines_of(head + terms[:middle] + [_omitted(len(terms) - middle)] + tail, size, width, most)
        low, high = (middle, high) if fits is not None else (low, middle)
    shortened = head + terms[:low] + [_omitted(len(terms) - low)] + tail
    return lines_of(shortened, size, width, most) or lines_of(shortened, size, width, most + 8) or []


def _omitted(count: int) -> Token:
    return ((f" + … ({count:,} more)", "muted"),)


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
