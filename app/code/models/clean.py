"""The noise of real pastes taken off: fences, prompts, line numbers, typographic quotes, tabs. Knows no model."""

from __future__ import annotations

import ast
import itertools
import re
import textwrap

TYPOGRAPHY = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"',
        "\u00bb": '"', "\u00a0": " ", "\u2003": " ", "\u2009": " ", "\u202f": " ", "\u200b": None, "\ufeff": None,
        "\u2212": "-", "\u2013": "-", "\u00d7": "*", "\u2060": None, "\r": "\n", "\f": "\n", "\v": "\n",
    }
)  # fmt: skip
FENCE = re.compile(r"^\s*(```|~~~)")
PROMPT = re.compile(r"^\s*(?:>>>|In \[\d*\]:) ?")
CONTINUED = re.compile(r"^\s*(?:\.\.\.:?) ?")
NUMBERED = re.compile(r"^(\s*\d{1,5}(?:[ \t]*[|:.])?)(?=\s|$)(.*)$")
MAGIC = re.compile(r"^\s*[%!][A-Za-z%]")
DIFF = re.compile(r"^[+] ?(?=\S|\s)")
MOST_MENDED = 40
PARSED = 2_000_000  # characters that are parsed in all while broken lines are taken out
MOST_BRACKETS = 90


def cleaned(text: str) -> str:
    """The program in a text, each line where it was; what is no program is left as empty lines."""
    text = text.replace("\r\n", "\n").translate(TYPOGRAPHY)
    lines = text.split("\n")
    lines = _fenced(lines)
    lines = _prompted(lines)
    lines = _numbered(lines)
    lines = ["" if MAGIC.match(line) else line for line in lines]
    lines = [_spaced(line) for line in lines]
    return textwrap.dedent("\n".join(lines))


def _fenced(lines: list[str]) -> list[str]:
    """The text between fences, where there are some."""
    if not any(FENCE.match(line) for line in lines):
        return lines
    found, fenced = [], False
    for line in lines:
        if FENCE.match(line):
            fenced = not fenced
            found.append("")
        else:
            found.append(line if fenced else "")
    if any(line.strip() for line in found):
        return found
    return ["" if FENCE.match(line) else line for line in lines]


def _prompted(lines: list[str]) -> list[str]:
    """The text typed at a prompt, without the answers; a printed model is an answer and is read elsewhere."""
    if not any(PROMPT.match(line) for line in lines):
        return lines
    found, typing = [], False
    for line in lines:
        if (match := PROMPT.match(line)) is not None:
            typing = True
            found.append(line[match.end() :])
        elif typing and (match := CONTINUED.match(line)) is not None:
            found.append(line[match.end() :])
        else:
            typing = False
            found.append("")
    return found


def _numbered(lines: list[str]) -> list[str]:
    """Lines without the numbers that a listing puts before them."""
    filled = [line for line in lines if line.strip()]
    matches = [NUMBERED.match(line) for line in filled]
    if len(filled) < 2 or not all(matches):
        return lines
    numbers = [int(re.sub(r"\D", "", match[1])) for match in matches if match is not None]
    if any(later <= earlier for earlier, later in itertools.pairwise(numbers)):
        return lines
    found = [match[2] if (match := NUMBERED.match(line)) else "" for line in lines]
    # One blank stands behind each number, or a tab; all lines lose as much.
    least = min((len(line) - len(line.lstrip()) for line in found if line.strip()), default=0)
    return [line[least:] for line in found]


def _spaced(line: str) -> str:
    """Tabs before a line as four blanks."""
    stripped = line.lstrip(" \t")
    return line[: len(line) - len(stripped)].expandtabs(4) + stripped


def is_too_deep(text: str) -> bool:
    """Whether brackets are nested deeper than any model's are: the parser would need much memory for it."""
    depth = 0
    for character in text:
        if character in "([{":
            depth += 1
            if depth > MOST_BRACKETS:
                return True
        elif character in ")]}" and depth:
            depth -= 1
    return False


def parsed(text: str) -> tuple[ast.Module, list[int]] | None:
    """The program, and the numbers of the lines that had to be taken out; None where nothing is left of it."""
    if is_too_deep(text):
        return None
    lines = text.split("\n")
    left_out: list[int] = []
    budget = PARSED
    while budget > 0 and len(left_out) <= MOST_MENDED:
        budget -= len(text) + 100
        try:
            return ast.parse("\n".join(lines)), left_out
        except SyntaxError as error:
            at = min(max((error.lineno or 1) - 1, 0), len(lines) - 1)
            while at >= 0 and (not lines[at].strip() or at + 1 in left_out):
                at -= 1
            if at < 0:
                return None
            indented = len(lines[at]) - len(lines[at].lstrip())
            lines[at] = " " * indented + "pass"
            left_out.append(at + 1)
        except (ValueError, RecursionError, MemoryError):
            return None
    return None
