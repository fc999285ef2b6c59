"""What TeX reads of a figure, its picture, its comments and its BibTeX: text stays text, whatever it says."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.figures.content.gallery import GALLERY
from app.figures.drawing.latex import latex

from .figures import drawn, export_of

NUMBERS = next(preset.request() for preset in GALLERY if preset.name == "numbers")

HOSTILE_TITLES = (
    *(
        "^^5cinput{/etc/passwd}",
        "^^5C^^69nput x",
        "^^^5c",
        "^^^^005cinput x",
        "a^^M\\end{tikzpicture}",
        "^^5c$×^^5c",
    ),
    *("$\\input{x}$", "~#_&%^|", "−$×", "{{}", "}@misc{x,", "\x1b[31m", "a\x85b\u2028c", "\\^^5c"),
)


@pytest.mark.parametrize("title", HOSTILE_TITLES)
def test_a_title_is_text_to_tex_and_never_a_command(title: str) -> None:
    """``^^5c`` is a backslash to TeX wherever it is read, so no file of ours has two carets together."""
    export = export_of({**NUMBERS, "title": title}, "json")
    for piece in export.pieces():
        piece.make()
    assert export.about is not None
    words = export.about.to_json()
    file = drawn({**NUMBERS, "title": title}, "tikz").decode()
    for text in (words["bibtex"], file):
        assert "^^" not in text
        assert not re.search(r"\\(input|end\{tikzpicture\}\s*\S)", text.partition("\\begin{tikzpicture}")[2])
    entry = words["bibtex"]
    assert entry.count("{") == entry.count("}"), "BibTeX counts braces"
    assert "\\input" not in entry
    plain = re.sub(r"\\[a-z]+(\{\})?|\\.", "", entry)
    assert plain.count("$") % 2 == 0
    spec = next(line for line in file.split("\n") if line.startswith("% Drawn by")).partition(" from ")[2]
    assert json.loads(spec)["title"] == title, "the request can still be read from the file"


@given(st.text(max_size=40))
def test_whatever_a_text_says_latex_sets_it_and_does_nothing(text: str) -> None:
    written = latex(text)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", written)
    bare = re.sub(
        r"\\(textbackslash|textasciitilde|textasciicircum|textbar|dots)\{\}|\\[{}#%&_$]", "", written
    )
    maths = bare.split("$")
    assert len(maths) % 2 == 1, "what is begun in mathematics ends"
    assert not re.search(r"[\\{}#%&_^|]", "".join(maths[::2]))
    assert "^^" not in written
