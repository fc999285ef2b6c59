"""Values to colours, and mixing: the page's ``colour.js`` in Python. Pure numbers; knows no theme by name."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

LEVELS = 254  # steps of a scale: a colour is one of a few hundred, so that a palette can hold them


@dataclass(frozen=True, slots=True)
class Ramp:
    """A signed scale in Oklch: lightness at zero, then lightness, chroma and hue at either end."""

    zero: float
    negative: tuple[float, float, float]
    positive: tuple[float, float, float]
    nan: float


@dataclass(frozen=True, slots=True)
class Scale:
    """A signed scale reaches from −high to high; an unsigned one from low, ``dark``, to high, ``light``."""

    kind: str  # signed or unsigned
    low: float
    high: float
    ramp: Ramp
    dark: float = 0.0
    light: float = 1.0

    def colour(self, value: float) -> str:
        """The colour of a value; ends are clamped, NaN has its own grey."""
        if math.isnan(value):
            return oklch(self.ramp.nan, 0, 0)
        if self.kind == "signed":
            part = max(-1.0, min(1.0, value / self.high))
            return signed(self.ramp, round(part * (LEVELS // 2)))
        part = max(0.0, min(1.0, (value - self.low) / (self.high - self.low)))
        level = round((self.dark + (self.light - self.dark) * round(part * LEVELS) / LEVELS) * 255)
        return packed(level, level, level)


@functools.lru_cache(maxsize=4096)
def signed(ramp: Ramp, level: int) -> str:
    """Lightness runs evenly from zero outwards; chroma rises faster at first, so that small values show their sign."""
    part = abs(level) / (LEVELS // 2)
    lightness, chroma, hue = ramp.negative if level < 0 else ramp.positive
    return oklch(ramp.zero + (lightness - ramp.zero) * part, chroma * part**0.6, hue)


def oklch(lightness: float, chroma: float, hue: float) -> str:
    """Oklab (Björn Ottosson, 2020) by lightness, chroma and hue; chroma is reduced until a screen can show it."""
    angle = math.radians(hue)
    for step in range(51):
        part = 1 - step / 50
        a, b = chroma * part * math.cos(angle), chroma * part * math.sin(angle)
        long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
        middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
        short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
        channels = (
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short,
        )
        if step == 50 or all(-1e-4 <= channel <= 1.0001 for channel in channels):
            break
    return packed(*(_gamma(channel) for channel in channels))


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
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (level / 255 for level in channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG contrast, 1 to 21."""
    first, second = luminance(one), luminance(other)
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


def ink_on(colour: str) -> str:
    """Black or white, whichever is easier to read: at least 4.5 to 1 on any colour."""
    return "#000000" if contrast(colour, "#000000") >= contrast(colour, "#ffffff") else "#ffffff"
