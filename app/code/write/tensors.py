"""Arrays as Python text: literals, packed bytes, a line that draws them, or a file. Knows no layer."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.errors import counted

Array = NDArray[Any]

WIDTH = 100
LITERAL_NUMBERS = 1024  # written as they are
PACKED_NUMBERS = 65_536  # written as packed bytes; above, a file is loaded
WORDS = {"nan": "np.nan", "inf": "np.inf", "-inf": "-np.inf"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an array can be had again: a line of NumPy that draws it, or words about a file that holds it."""

    line: str | None = None
    hints: tuple[str, ...] = ()


def number(value: Any, dtype: np.dtype[Any] | None = None) -> str:
    """The shortest text that is exactly this number in its precision."""
    text = str(np.asarray(value, dtype)[()])
    if text in WORDS:
        return WORDS[text]
    return text if "e" in text or text == "-0.0" else text.removesuffix(".0")


def nested(array: Array, indent: int = 0) -> str:
    """An array as nested lists, a line for each innermost list, wrapped where it is long."""
    if array.ndim == 0:
        return number(array)
    if array.ndim == 1:
        return _wrapped([number(value) for value in array], indent)
    rows = [nested(row, indent + 4) for row in array]
    short = "[" + ", ".join(rows) + "]"
    if array.ndim == 2 and len(short) + indent < WIDTH - 30 and "\n" not in short:
        return short
    pad = " " * (indent + 4)
    return "[\n" + "".join(f"{pad}{row},\n" for row in rows) + " " * indent + "]"


def _wrapped(words: list[str], indent: int) -> str:
    short = "[" + ", ".join(words) + "]"
    if len(short) + indent < WIDTH:
        return short
    pad, lines, line = " " * (indent + 4), [], ""
    for word in words:
        if line and len(pad) + len(line) + len(word) + 2 > WIDTH:
            lines.append(line.rstrip())
            line = ""
        line += f"{word}, "
    lines.append(line.rstrip())
    return "[\n" + "".join(f"{pad}{line}\n" for line in lines) + " " * indent + "]"


def assignment(
    name: str, array: Array, comment: str, origin: Origin, *, written: bool = True
) -> tuple[list[str], bool]:
    """Lines that give ``name`` the array, and whether a file is needed for it, as where it is not to be written out."""
    kind = f"np.{array.dtype.name}"
    remark = f"  # {comment}" if comment else ""
    if array.size <= 64 or (origin.line is None and array.size <= LITERAL_NUMBERS and written):
        return [*_literal(name, array, kind, remark)], False
    if origin.line is not None:
        return [f"{name} = {origin.line}{remark}"], False
    if array.size <= PACKED_NUMBERS and written:
        return _packed(name, array, remark), False
    words = [
        f"# {name} has {counted(array.size, 'number')}, too many to be written here. {line}"
        for line in origin.hints[:1]
    ]
    words += [f"# {line}" for line in origin.hints[1:]]
    return [*words, f'{name} = np.load("{name}.npy"){remark}', f"assert {name}.shape == {array.shape}"], True


def _literal(name: str, array: Array, kind: str, remark: str) -> list[str]:
    lines = f"{name} = np.array({nested(array)}, dtype={kind})".split("\n")
    if remark:
        lines[0:0] = [f"#{remark.strip().removeprefix('#')}"]
    return lines


def _packed(name: str, array: Array, remark: str) -> list[str]:
    """The bytes themselves, compressed: exact, and a seventh of the text."""
    code = "<f4" if array.dtype == np.float32 else "<f8"
    text = base64.b85encode(zlib.compress(array.astype(code).tobytes(), 9)).decode()
    pieces = [text[start : start + WIDTH - 8] for start in range(0, len(text), WIDTH - 8)]
    shape = ", ".join(map(str, array.shape))
    return [
        f"#{remark.strip().removeprefix('#')} Compressed: {counted(array.size, 'number')}.",
        "packed = (",
        *(f'    "{piece}"' for piece in pieces),
        ")",
        f'{name} = np.frombuffer(zlib.decompress(base64.b85decode(packed)), "{code}").reshape({shape})',
    ]
