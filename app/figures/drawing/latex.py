"""Plain text as LaTeX and BibTeX take it: nothing in it is a command, a comment's end or a character's number."""

from __future__ import annotations

import re

# Characters that LaTeX has in mathematics, and those that mean something to it.
_MATHS = {
    "−": "-",
    "×": r"\times ",
    "·": r"\cdot ",
    "⌊": r"\lfloor ",
    "⌋": r"\rfloor ",
    "⌈": r"\lceil ",
    "⌉": r"\rceil ",
    "∞": r"\infty ",
    "≈": r"\approx ",
    "→": r"\to ",
    "∗": r"\ast ",
    "Σ": r"\Sigma ",
    "√": r"\surd ",
    **{char: f"^{{{digit}}}" for char, digit in zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)},
    "⁻": "^{-}",
}
_ESCAPED = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "#": r"\#",
    "%": r"\%",
    "&": r"\&",
    "_": r"\_",
    "$": r"\$",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "|": r"\textbar{}",
    "…": r"\dots{}",
}
_UNPRINTED = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+"
)  # TeX takes them for ends of lines, or for an error


def latex(text: str) -> str:
    """Plain text as LaTeX sets it."""
    written, maths = "", False  # whether what is written ends within mathematics
    for char in _UNPRINTED.sub(" ", text):
        if (char in _MATHS) != maths:
            written, maths = (written.rstrip(" ") if maths else written) + "$", not maths
        written += _MATHS[char] if char in _MATHS else _ESCAPED.get(char, char)
    written = written.rstrip(" ") + "$" if maths else written
    return re.sub(r"^ | $", "~", written)  # a space at an end would be lost


def in_bibtex(text: str) -> str:
    """The same for a field of BibTeX, which counts braces even behind a backslash: they are left out."""
    return latex(re.sub(r"[{}\\]", "", text))


def comment(text: str) -> str:
    """Text on one line behind a ``%``; without ``^^``, by which TeX spells any character, should it be set."""
    return re.sub(r"\^(?=\^)", "^ ", re.sub(r"\s+", " ", _UNPRINTED.sub(" ", text)))


def json_comment(text: str) -> str:
    """JSON of one line likewise, which stays the same JSON: what TeX reads in its own way is escaped."""
    return re.sub(r"[\^\x00-\x1f\x7f-\x9f\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", text)
