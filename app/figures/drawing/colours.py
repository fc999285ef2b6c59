"""Values to colours, and mixing: the page's ``colour.js`` in Python. Pure numbers; knows no theme by name."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

READABLE = 4.5  # WCAG's least contrast of text
LEVELS = 254  # steps of a scale: a colour is one of a few hundred, so that a palette can hold them


@dataclass(frozen=True, slots=True)
class Ramp:
    """A signed scale: colours at equal distances from −1 to 1, by way of 0, with Oklab between them.

    ``bend`` raises small values, as |t| to that power: where colour carries all, their sign must show.
    """

    colours: tuple[str, ...]
    bend: float = 1.0

    def at(self, part: float) -> str:
        """The colour of a part from −1 to 1."""
        return _between(self, round(part * (LEVELS // 2)))


@dataclass(frozen=True, slots=True)
class Scale:
    """A signed scale reaches from −high to high; an unsigned one, of a picture, from low, black, to high, white.

    ``soft`` is for cells that are large enough for a number, ``deep`` for smaller ones.
    """

    kind: str  # signed or unsigned
    low: float
    high: float
    soft: Ramp
    deep: Ramp
    nan: str

    def colour(self, value: float, *, soft: bool = True) -> str:
        """The colour of a value; ends are clamped, NaN has its own grey."""
        if math.isnan(value):
            return self.nan
        if self.kind == "signed":
            return (self.soft if soft else self.deep).at(max(-1.0, min(1.0, value / self.high)))
        level = self.level(value)
        return packed(level, level, level)

    def level(self, value: float) -> int:
        """A value of a picture as one of 256 steps of brightness."""
        if math.isnan(value):
            return 0
        part = max(0.0, min(1.0, (value - self.low) / (self.high - self.low)))
        return round(round(part * LEVELS) / LEVELS * 255)


@functools.lru_cache(maxsize=4096)
def _between(ramp: Ramp, level: int) -> str:
    part = math.copysign((abs(level) / (LEVELS // 2)) ** ramp.bend, level)
    place = (part + 1) / 2 * (len(ramp.colours) - 1)
    first = min(int(place), len(ramp.colours) - 2)
    share = place - first
    if share in (0.0, 1.0):
        return ramp.colours[first + int(share)]
    pairs = zip(oklab(ramp.colours[first]), oklab(ramp.colours[first + 1]), strict=True)
    lightness, a, b = (one + (other - one) * share for one, other in pairs)
    return packed(*(_gamma(channel) for channel in _linear(lightness, a, b)))


def oklab(colour: str) -> tuple[float, float, float]:
    """Lightness, a and b of ``#rrggbb`` in Oklab (Björn Ottosson, 2020)."""
    red, green, blue = (_degamma(level / 255) for level in channels(colour))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
    )


def oklch(lightness: float, chroma: float, hue: float) -> str:
    """Oklab by lightness, chroma and hue; chroma is reduced until a screen can show it."""
    angle = math.radians(hue)
    for step in range(51):
        part = 1 - step / 50
        found = _linear(lightness, chroma * part * math.cos(angle), chroma * part * math.sin(angle))
        if all(-1e-4 <= channel <= 1.0001 for channel in found):
            break
    return packed(*(_gamma(channel) for channel in found))


def _linear(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    """Linear red, green and blue of Oklab."""
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short,
    )


def _degamma(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _gamma(part: float) -> int:
    level = 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
    return max(0, min(255, round(level * 255)))


def packed(red: int, green: int, blue: int) -> str:
    """``#rrggbb``"""
    return f"#{red:02x}{green:02x}{blue:02x}"


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of ``#rrggbb``."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@functools.lru_cache(maxsize=4096)
def mixed(one: str, other: str, share: float) -> str:
    """``one`` with ``share`` of ``other`` laid over it: what a translucent area would give, in every format alike."""
    pairs = zip(channels(one), channels(other), strict=True)
    return packed(*(round(first + (second - first) * share) for first, second in pairs))


@functools.lru_cache(maxsize=4096)
def luminance(colour: str) -> float:
    """WCAG relative luminance."""
    linear = [_degamma(level / 255) for level in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG contrast, 1 to 21."""
    first, second = luminance(one), luminance(other)
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


def ink_on(colour: str, ink: str) -> str:
    """The ink where it can be read on a colour, else black or white: at least 4.5 to 1 on any colour."""
    if contrast(colour, ink) >= READABLE:
        return ink
    return "#000000" if contrast(colour, "#000000") >= contrast(colour, "#ffffff") else "#ffffff"
