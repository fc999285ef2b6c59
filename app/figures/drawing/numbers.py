"""Numbers and shapes as people read them: the page's ``format.js`` in Python. Knows no figure."""

from __future__ import annotations

import math
from collections.abc import Sequence

MINUS = "−"
SUPERSCRIPTS = str.maketrans("0123456789-.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·")
LARGE, SMALL = 1e6, 1e-3  # from here on, and below, powers of ten
ABOUT_ZERO = "≈0"  # in a cell: nothing but the rounding of a sum
SETTLED = 10  # digits in which machines agree, however they sum


def settled(value: float) -> float:
    """A value without its last bits, which depend on the order in which a machine adds."""
    return float(f"{value:.{SETTLED}g}")


def number(value: float, digits: int = 4) -> str:
    """A number in a few significant digits: ``0.25``, ``−1.5``, ``1,234``, ``−∞``, ``1.2·10⁻⁵``; whole ones whole."""
    if math.isnan(value):
        return "NaN"
    value = settled(value)
    size, sign = abs(value), MINUS if value < 0 else ""
    if math.isinf(size):
        return f"{sign}∞"
    if size < LARGE and size == int(size):
        return f"{sign}{int(size):,}" if size else "0"
    rounded = float(f"{size:.{digits}g}")
    if rounded >= LARGE or rounded < SMALL:
        mantissa, _, exponent = f"{size:.{digits - 1}e}".partition("e")
        return f"{sign}{_trimmed(mantissa)}·10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    exponent_of = int(f"{rounded:e}".partition("e")[2])
    return sign + _trimmed(f"{rounded:,.{max(0, digits - 1 - exponent_of)}f}")


def factor(value: float, digits: int = 3) -> str:
    """A number as a factor of a product: a negative one, or a power of ten, stands in brackets."""
    text = number(value, digits)
    return f"({text})" if text.startswith(MINUS) or "·" in text else text


def in_cell(value: float, digits: int, *, bare: bool) -> str:
    """A number for a cell; where little room is, bare: ``.33`` for ``0.33``."""
    text = number(value, digits)
    if not bare:
        return text
    return text.replace("0.", ".", 1) if text.lstrip(MINUS).startswith("0.") else text


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain(value: float) -> str:
    """A length as files have it, with at most three decimals: ``1.5``, ``0``, ``-0.25``."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def shape(sizes: Sequence[int]) -> str:
    """``3×28×28``"""
    return "×".join(map(str, sizes))


def many(count: int, one: str, several: str | None = None) -> str:
    """``1 step``, ``196 steps``"""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """``rows``, ``rows and cols``, ``depth, rows and cols``"""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
