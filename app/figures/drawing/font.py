"""The one font of all figures: its bytes, its widths and subsets of it. Knows font files, no figure.

DejaVu Sans has what the figures say and Pillow's built-in font lacks: floor and ceiling brackets, the
multiplication and minus signs, Sigma, infinity. It comes in the package ziafont, which has it as its own font.
"""

from __future__ import annotations

import functools
import io
import struct
from importlib.resources import files

from reportlab.pdfbase.ttfonts import TTFontFile, TTFontMaker

NAME = "DejaVu Sans"
POSTSCRIPT_NAME = "DejaVuSans"
FALLBACKS = ("Verdana", "sans-serif")  # Verdana has nearly the same widths

# Heights in parts of the size: of a capital, and of what hangs below the line.
CAPITAL = 0.729
DESCENT = 0.236


@functools.cache
def data() -> bytes:
    """The font file."""
    return (files("ziafont") / "fonts" / "DejaVuSans.ttf").read_bytes()


@functools.cache
def face() -> TTFontFile:
    """The font, parsed."""
    return TTFontFile(io.BytesIO(data()))


def width(text: str, size: float) -> float:
    """How wide a line of text is."""
    widths = face().charWidths
    return float(sum(widths.get(ord(char), face().defaultWidth) for char in text)) * size / 1000


def has(text: str) -> bool:
    """Whether the font has every character of a text."""
    return all(ord(char) in face().charToGlyph for char in text)


@functools.lru_cache(maxsize=64)
def subset(characters: str) -> bytes:
    """A font file with these characters only (each once, ascending), as a browser takes it.

    ReportLab makes the subset, for use in a PDF, where codes are its own; here its table of codes is replaced
    by one of Unicode.
    """
    codes = [ord(char) for char in characters if ord(char) in face().charToGlyph]
    tables = _tables(face().makeSubset(codes))
    glyphs = struct.unpack_from(f">{len(codes)}H", tables["cmap"], 22)
    tables["cmap"] = _unicode_cmap(dict(zip(codes, glyphs, strict=True)))
    tables["name"] = _names(tables["name"])
    maker = TTFontMaker()
    for tag, table in tables.items():
        maker.add(tag, table)
    made: bytes = maker.makeStream()
    return made


def _tables(font: bytes) -> dict[str, bytes]:
    """The tables of a font file by tag."""
    (count,) = struct.unpack_from(">H", font, 4)
    found = {}
    for index in range(count):
        tag, _, offset, length = struct.unpack_from(">4sLLL", font, 12 + 16 * index)
        found[tag.decode("ascii")] = font[offset : offset + length]
    return found


def _names(table: bytes) -> bytes:
    """The ``name`` table with the copyright and the names only; the rest is longer than the glyphs."""
    _, count, strings = struct.unpack_from(">HHH", table)
    kept = []
    for index in range(count):
        record = struct.unpack_from(">6H", table, 6 + 12 * index)
        platform, encoding, language, name, length, offset = record
        if (platform, encoding, language) == (3, 1, 0x409) and name in (0, 1, 2, 4, 6):
            text = table[strings + offset : strings + offset + length]
            kept.append((platform, encoding, language, name, text))
    header, body = b"", b""
    for platform, encoding, language, name, text in kept:
        header += struct.pack(">6H", platform, encoding, language, name, len(text), len(body))
        body += text
    return struct.pack(">HHH", 0, len(kept), 6 + 12 * len(kept)) + header + body


def _unicode_cmap(glyphs: dict[int, int]) -> bytes:
    """A ``cmap`` table of format 4 with one segment a character; all lie in the basic plane."""
    codes = [*sorted(glyphs), 0xFFFF]
    deltas = [(glyphs[code] - code) % 0x10000 for code in codes[:-1]] + [1]
    count = len(codes)
    power = 1 << (count.bit_length() - 1)
    body = struct.pack(">HHHH", count * 2, power * 2, power.bit_length() - 1, (count - power) * 2)
    body += struct.pack(f">{count}HH", *codes, 0)
    body += struct.pack(f">{count}H", *codes)
    body += struct.pack(f">{count}H", *deltas)
    body += struct.pack(f">{count}H", *[0] * count)
    return struct.pack(">HHHHL", 0, 1, 3, 1, 12) + struct.pack(">HHH", 4, len(body) + 6, 0) + body
