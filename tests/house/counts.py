"""The rule that a number of things is said by ``counted`` or ``many``, which know one from several."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from .files import without_comments
from .python_rules import Program, tree_of

PLURALS = (
    *(
        "activations",
        "axes",
        "biases",
        "bits",
        "blanks",
        "bytes",
        "cells",
        "channels",
        "characters",
        "colours",
    ),
    *("columns", "connections", "controls", "days", "entries", "errors", "experiments", "faults", "filters"),
    *(
        "frames",
        "groups",
        "hours",
        "images",
        "inputs",
        "keys",
        "kernels",
        "lanes",
        "layers",
        "lines",
        "lists",
    ),
    *("maps", "messages", "minutes", "networks", "numbers", "operations", "outputs", "pages"),
    *(
        "parameters",
        "parts",
        "pictures",
        "pieces",
        "pins",
        "pixels",
        "planes",
        "products",
        "requests",
        "rows",
    ),
    *("samples", "scans", "seconds", "segments", "settings", "sides", "sizes", "snapshots", "steps", "taps"),
    *("units", "uploads", "values", "ways", "weights", "windows", "words", "zeros"),
)
# With at most one word between: "3 spatial axes".
_COUNTED = rf" (?:(?:equal|input|output|spatial|whole|more|other|training) )?(?:{'|'.join(PLURALS)})\b"
BEHIND = re.compile(_COUNTED)
ONE = re.compile(rf"(?<![\d.,])(?<!−)(?<!− )1{_COUNTED}")
IN_TEMPLATE = re.compile(rf"(?<!× )(?<!×)\$\{{(?P<count>[^{{}}]*)\}}{_COUNTED}")
TEXT = re.compile(r"times\(|.* if ")  # which is no number, or says it
CONSTANT = re.compile(r"[A-Z_]+\Z")  # which is a number of several


def counts_in_python(programs: Iterable[Program]) -> list[str]:
    """Every number before a plural is a constant of several, or the last of a product such as 3 × 4 pixels."""
    return [
        f"{path}:{node.lineno} counts {ast.unparse(value.value)}{text.value!s:.30} without counted()"
        for path, program in programs
        for node in ast.walk(tree_of(program))
        if isinstance(node, ast.JoinedStr)
        for before, value, text in zip([None, *node.values], node.values, node.values[1:], strict=False)
        if isinstance(value, ast.FormattedValue)
        and isinstance(text, ast.Constant)
        and BEHIND.match(str(text.value))
        and not CONSTANT.match(ast.unparse(value.value))
        and not TEXT.match(ast.unparse(value.value))
        and not (isinstance(before, ast.Constant) and str(before.value).rstrip().endswith("×"))
    ]


def counts_in_the_page(programs: Iterable[Program]) -> list[str]:
    """The same of the page's templates, where ``many`` says it."""
    return [
        f"{path}:{number} counts {found[0]} without many()"
        for path, program in programs
        for number, line in enumerate(without_comments(program).splitlines(), start=1)
        for found in IN_TEMPLATE.finditer(line)
        if not CONSTANT.match(found["count"])
    ]


def one_in_the_plural(programs: Iterable[Program]) -> list[str]:
    """No text says "1 channels"."""
    return [
        f"{path}:{number} says {found[0]}"
        for path, program in programs
        for number, line in enumerate(program.splitlines(), start=1)
        for found in ONE.finditer(line)
    ]
