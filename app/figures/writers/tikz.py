"""A figure as a TikZ picture, to be put into a LaTeX file and set in its fonts. Knows marks, no layer."""

from __future__ import annotations

from ..content.about import About
from ..drawing.latex import comment, json_comment, latex
from ..drawing.marks import (
    Figure,
    Group,
    Lines,
    Mark,
    Polygon,
    Rect,
    Style,
    Text,
)
from ..drawing.numbers import plain

_ANCHORS = {"start": "base west", "middle": "base", "end": "base east"}


def tikz(figure: Figure, about: About) -> bytes:
    """The file: a ``tikzpicture`` that needs the package tikz and nothing else."""
    writer = _Writer()
    sheet = f"(0,0) rectangle ({plain(figure.width)},{plain(-figure.height)})"
    body = [] if figure.clear else [writer.style(Style(figure.ground), sheet)]
    for mark in figure.marks:
        body += writer.mark(mark)
    head = [
        f"% {comment(about.title)}",
        f"% {comment(about.caption)}",
        f"% {comment(about.rights)}",
        f"% {about.licence}",
        f"% Drawn by {about.creator} from {json_comment(about.spec)}",
        r"% Needs \usepackage{tikz}. The font is the document's, in its sans serif.",
        r"\begin{tikzpicture}[x=1bp,y=1bp,line cap=butt,line join=miter,inner sep=0,outer sep=0]",
        rf"\path[use as bounding box] {sheet};",
    ]
    colours = [
        rf"\definecolor{{{name}}}{{HTML}}{{{colour[1:].upper()}}}" for colour, name in writer.colours.items()
    ]
    return "\n".join([*head, *colours, *body, r"\end{tikzpicture}", ""]).encode()


class _Writer:
    """Marks as TikZ commands; it keeps the colours that they use."""

    def __init__(self) -> None:
        self.colours: dict[str, str] = {}

    def colour(self, colour: str) -> str:
        """A colour's name in the picture."""
        return self.colours.setdefault(colour, f"convscope{_letters(len(self.colours))}")

    def mark(self, mark: Mark) -> list[str]:
        match mark:
            case Group():
                inner = [line for one in mark.marks for line in self.mark(one)]
                return [f"% {mark.name}", *inner]
            case Rect():
                x, y = plain(mark.x), plain(-mark.y)
                corner = f"({plain(mark.x + mark.width)},{plain(-mark.y - mark.height)})"
                return [self.style(mark.style, f"({x},{y}) rectangle {corner}")]
            case Polygon():
                points = " -- ".join(f"({plain(x)},{plain(-y)})" for x, y in mark.points)
                return [self.style(mark.style, f"{points} -- cycle")]
            case Lines():
                path = " ".join(
                    f"({plain(a)},{plain(-b)}) -- ({plain(c)},{plain(-d)})"
                    for (a, b), (c, d) in mark.segments
                )
                return [self.style(Style(None, mark.stroke, mark.line, mark.dash), path)]
            case Text():
                return [self._text(mark)]

    def style(self, style: Style, path: str) -> str:
        """A path with its fill and edge."""
        options = []
        if style.fill is not None:
            options.append(f"fill={self.colour(style.fill)}")
        if style.stroke is not None:
            options.append(f"draw={self.colour(style.stroke)},line width={plain(style.line)}bp")
        if style.dash:
            on, off = style.dash
            options.append(f"dash pattern=on {plain(on)}bp off {plain(off)}bp")
        return rf"\path[{','.join(options)}] {path};"

    def _text(self, mark: Text) -> str:
        size = plain(mark.size)
        pieces = "".join(
            rf"\textcolor{{{self.colour(colour)}}}{{{latex(text)}}}" for text, colour in mark.pieces
        )
        return (
            rf"\node[anchor={_ANCHORS[mark.anchor]},font=\sffamily\fontsize{{{size}bp}}{{{size}bp}}\selectfont] "
            rf"at ({plain(mark.x)},{plain(-mark.y)}) {{{pieces}}};"
        )


def _letters(index: int) -> str:
    """A, B, …, Z, BA: TeX's names have no digits."""
    high, low = divmod(index, 26)
    return (_letters(high) if high else "") + chr(ord("A") + low)
