"""The rules about the page's JavaScript as functions: each takes paths and texts and returns its offences."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tests.house.files import without_comments

Program = tuple[str, str]  # path from the root, text

DRAWS = "static/js/picture/canvas.js"
# Pictures of their own, beside the stage: a map on a card, a diagram of a series.
ALSO_DRAW = (
    "static/js/network/chain/thumbnail.js",
    "static/js/network/model/filters.js",
    "static/js/network/chain/dilation.js",
    "static/js/train/pictures.js",
)
CONNECTS = "static/js/server/connection.js"
WORDS = re.compile(
    r"^static/js/words/(?:page|stage|dialogs)\.js$"
)  # files that hold words of the interface and nothing else
WORD = re.compile(r"^  (\w+):", re.MULTILINE)

# Words of more than a unit where an element is given its text or its name.
SPOKEN = re.compile(
    r"""(?: \btext | "aria-label" | \balt ):[ ] (?: "[^"]*[A-Za-z]{3} | `[^`]*? \}[ ]\(?[a-z]{3} )""",
    re.VERBOSE,
)

# Names that only a canvas context has; fill, clip and arc are left out, since arrays and marks have them too.
CANVAS = re.compile(
    r"""
    \.getContext\b | \bOffscreenCanvas\b | \bPath2D\b
    | \.(?: fillRect | strokeRect | clearRect | fillText | strokeText | measureText | beginPath | closePath
          | moveTo | lineTo | quadraticCurveTo | bezierCurveTo | drawImage | createImageData | getImageData
          | putImageData | createPattern | createLinearGradient | setLineDash | setTransform
          | fillStyle | strokeStyle | lineWidth | globalAlpha | imageSmoothingEnabled )\b
    """,
    re.VERBOSE,
)
CONNECTION = re.compile(
    r"""
    (?<![\w.]) fetch \s* \(
    | \b(?: window | globalThis | self ) \. fetch \b
    | \bnew \s+ (?: globalThis\. | window\. )? (?: WebSocket | EventSource | XMLHttpRequest | WebTransport )\b
    | \bsendBeacon \b
    """,
    re.VERBOSE,
)
ELSEWHERE = re.compile(r"""(?: https? | wss? ) :// (?! www\.w3\.org/ )[\w.-]+\.\w+""", re.VERBOSE)
IMPORT = re.compile(
    r"""
    (?: ^[ ]* (?: import | export ) \b [^;"'`()=]*? \bfrom | ^[ ]* import | \bimport \s* \( ) \s*
    (["'`]) (?P<from>[^"'`\n]+) \1
    """,
    re.VERBOSE | re.MULTILINE,
)


def _matches(pattern: re.Pattern[str], path: str, text: str) -> list[str]:
    return [
        f"{path}:{number} has {found[0].strip()}"
        for number, line in enumerate(without_comments(text).splitlines(), start=1)
        for found in pattern.finditer(line)
    ]


def canvases_touched(programs: Iterable[Program]) -> list[str]:
    """Only picture/canvas.js touches a canvas context, and the modules that paint a picture beside the stage."""
    drawing = {DRAWS, *ALSO_DRAW}
    return [
        offence for path, text in programs if path not in drawing for offence in _matches(CANVAS, path, text)
    ]


def words_elsewhere(programs: Iterable[Program]) -> list[str]:
    """The words of an element stand with the other words of the interface."""
    return [
        offence
        for path, text in programs
        if not WORDS.search(path)
        for offence in _matches(SPOKEN, path, text)
    ]


def connections_opened(programs: Iterable[Program]) -> list[str]:
    """Only server/connection.js opens a connection."""
    return [
        offence for path, text in programs if path != CONNECTS for offence in _matches(CONNECTION, path, text)
    ]


def foreign_imports(programs: Iterable[Program]) -> list[str]:
    """The page's modules are all its own: every import is relative and names a file."""
    return [
        f"{path} imports {found['from']}"
        for path, text in programs
        for found in IMPORT.finditer(without_comments(text))
        if not re.fullmatch(r"\.{1,2}/[\w./-]+\.js", found["from"])
    ]


def foreign_addresses(programs: Iterable[Program]) -> list[str]:
    """The page names no other host, but for the names of W3C's vocabularies."""
    return [offence for path, text in programs for offence in _matches(ELSEWHERE, path, text)]


def modules_without_comment(programs: Iterable[Program]) -> list[str]:
    """The first line of a module says what it is."""
    return [f"{path} does not say what it is" for path, text in programs if not text.startswith(("//", "/*"))]


def words_unused(programs: Iterable[Program]) -> list[str]:
    """Words of the interface that no other module names: nobody will read them."""
    found = list(programs)
    others = "\n".join(without_comments(text) for path, text in found if not WORDS.search(path))
    interface = {path: text for path, text in found if WORDS.search(path)}
    named = set(re.findall(r"\w+", others))
    within = {name for text in interface.values() for name in re.findall(r"\btext\.(\w+)", text)}
    return [
        f"{path}: {word} is used nowhere"
        for path, text in interface.items()
        for word in WORD.findall(text)
        if word not in named | within
    ]
