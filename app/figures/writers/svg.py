"""A figure as SVG: text as text in a named font, which is embedded. Writes what it is given and decides nothing."""

from __future__ import annotations

import base64
from xml.sax.saxutils import escape, quoteattr

from ..content.about import About
from ..drawing import font
from ..drawing.marks import (
    POINTS_PER_MM,
    Data,
    Figure,
    Group,
    Lines,
    Mark,
    Polygon,
    Rect,
    Style,
    Text,
    flat,
)
from ..drawing.numbers import plain


def svg(figure: Figure, about: About) -> bytes:
    """The file."""
    width, height = plain(figure.width), plain(figure.height)
    size = (
        f'width="{plain(figure.width / POINTS_PER_MM)}mm" height="{plain(figure.height / POINTS_PER_MM)}mm"'
    )
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width} {height}" '
        'role="img" aria-labelledby="title desc">',
        f'<title id="title">{escape(about.title)}</title>',
        f'<desc id="desc">{escape(about.alt)}</desc>',
        f"<metadata>{about.rdf()}</metadata>",
        _style(figure),
    ]
    if not figure.clear:
        parts.append(f'<rect width="{width}" height="{height}" fill="{figure.ground}"/>')
    parts += [_mark(mark) for mark in figure.marks]
    parts.append("</svg>\n")
    return "\n".join(parts).encode()


def _style(figure: Figure) -> str:
    used = sorted({char for mark in flat(figure.marks) if isinstance(mark, Text) for char in mark.text})
    families = ", ".join([f'"{font.NAME}"', *font.FALLBACKS])
    face = ""
    if used:
        data = base64.b64encode(font.subset("".join(used))).decode()
        face = f'@font-face {{ font-family: "{font.NAME}"; src: url(data:font/ttf;base64,{data}); }}\n'
    return f"<style>{face}text {{ font-family: {families}; white-space: pre; }}</style>"


def _mark(mark: Mark) -> str:
    match mark:
        case Group():
            inner = "\n".join(_mark(one) for one in mark.marks)
            return f"<g data-part={quoteattr(mark.name)}{_data(mark.data)}>\n{inner}\n</g>"
        case Rect():
            box = (
                f'x="{plain(mark.x)}" y="{plain(mark.y)}" '
                f'width="{plain(mark.width)}" height="{plain(mark.height)}"'
            )
            return f"<rect {box}{_painted(mark.style)}{_data(mark.data)}/>"
        case Polygon():
            points = " ".join(f"{plain(x)},{plain(y)}" for x, y in mark.points)
            return f'<polygon points="{points}"{_painted(mark.style)}{_data(mark.data)}/>'
        case Lines():
            path = " ".join(
                f"M{plain(a)} {plain(b)}L{plain(c)} {plain(d)}" for (a, b), (c, d) in mark.segments
            )
            style = Style(None, mark.stroke, mark.line, mark.dash)
            return f'<path d="{path}"{_painted(style)}{_data(mark.data)}/>'
        case Text():
            return _text(mark)


def _text(mark: Text) -> str:
    anchor = "" if mark.anchor == "start" else f' text-anchor="{mark.anchor}"'
    opening = (
        f'<text x="{plain(mark.x)}" y="{plain(mark.y)}" font-size="{plain(mark.size)}"{anchor}'
        f"{_data(mark.data)}"
    )
    if len(mark.pieces) == 1:
        ((text, colour),) = mark.pieces
        return f'{opening} fill="{colour}">{escape(text)}</text>'
    spans = "".join(f'<tspan fill="{colour}">{escape(text)}</tspan>' for text, colour in mark.pieces)
    return f"{opening}>{spans}</text>"


def _painted(style: Style) -> str:
    text = f' fill="{style.fill or "none"}"'
    if style.stroke is not None:
        text += f' stroke="{style.stroke}" stroke-width="{plain(style.line)}"'
    if style.dash:
        text += f' stroke-dasharray="{" ".join(plain(part) for part in style.dash)}"'
    return text


def _data(data: Data) -> str:
    return "".join(f" data-{name}={quoteattr(value)}" for name, value in data)
