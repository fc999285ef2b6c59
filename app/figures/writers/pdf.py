"""A figure as PDF: one page cut to its size, its font embedded as far as used. Writes what it is given.

Nothing in the file depends on the time or the machine; it is not compressed, since compressors differ.
"""

from __future__ import annotations

import functools
import io

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from ..content.about import About
from ..drawing import font
from ..drawing.colours import channels
from ..drawing.marks import (
    Figure,
    Group,
    Lines,
    Mark,
    Point,
    Polygon,
    Rect,
    Style,
    Text,
)


@functools.cache
def registered() -> str:
    """The font's name, once ReportLab knows it."""
    pdfmetrics.registerFont(TTFont(font.POSTSCRIPT_NAME, io.BytesIO(font.data())))
    return font.POSTSCRIPT_NAME


def pdf(figure: Figure, about: About) -> bytes:
    """The file."""
    out = io.BytesIO()
    canvas = Canvas(
        out,
        pagesize=(figure.width, figure.height),
        pageCompression=0,
        invariant=1,
        lang="en",
        pdfVersion=(1, 7),
        initialFontName=registered(),  # or it would name Helvetica, which is not embedded
    )
    canvas.setTitle(about.title)
    canvas.setAuthor(about.creator)
    canvas.setCreator(about.creator)
    canvas.setProducer(about.creator)
    canvas.setSubject(about.alt)
    canvas.setKeywords(about.rights)
    _add_metadata(canvas, about)
    writer = Writer(canvas, figure.height)
    if not figure.clear:
        writer.mark(Rect(0, 0, figure.width, figure.height, Style(figure.ground)))
    for mark in figure.marks:
        writer.mark(mark)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _add_metadata(canvas: Canvas, about: About) -> None:
    """Title, description and licence as XMP, where catalogues look for them."""
    dictionary = PDFDictionary({"Type": PDFName("Metadata"), "Subtype": PDFName("XML")})
    stream = PDFStream(dictionary, about.xmp(), filters=None)
    document = canvas._doc
    document.Catalog.Metadata = document.Reference(stream, "convscopeMetadata")


class Writer:
    """Marks onto a canvas whose y grows upwards."""

    def __init__(self, canvas: Canvas, height: float) -> None:
        self.canvas, self.height = canvas, height

    def mark(self, mark: Mark) -> None:
        """Draw one mark, and those within it."""
        match mark:
            case Group():
                for one in mark.marks:
                    self.mark(one)
            case Rect():
                self._stroke(mark.style)
                bottom = self.height - mark.y - mark.height
                self.canvas.rect(mark.x, bottom, mark.width, mark.height, *self._painted(mark.style))
            case Polygon():
                self._stroke(mark.style)
                path = self._path(mark.points)
                self.canvas.drawPath(path, *self._painted(mark.style))
            case Lines():
                self._stroke(Style(None, mark.stroke, mark.line, mark.dash))
                self.canvas.lines(
                    [(a, self.height - b, c, self.height - d) for (a, b), (c, d) in mark.segments]
                )
            case Text():
                self._text(mark)

    def _path(self, points: tuple[Point, ...]) -> object:
        path = self.canvas.beginPath()
        for index, (x, y) in enumerate(points):
            (path.lineTo if index else path.moveTo)(x, self.height - y)
        path.close()
        return path

    def _stroke(self, style: Style) -> None:
        if style.fill is not None:
            self.canvas.setFillColorRGB(*_parts(style.fill))
        if style.stroke is not None:
            self.canvas.setStrokeColorRGB(*_parts(style.stroke))
            self.canvas.setLineWidth(style.line)
            self.canvas.setDash([round(part, 3) for part in style.dash])

    @staticmethod
    def _painted(style: Style) -> tuple[int, int]:
        return int(style.stroke is not None), int(style.fill is not None)

    def _text(self, mark: Text) -> None:
        wide = font.width(mark.text, mark.size)
        x = mark.x - {"start": 0.0, "middle": wide / 2, "end": wide}[mark.anchor]
        line = self.canvas.beginText(x, self.height - mark.y)
        line.setFont(registered(), mark.size)
        for text, colour in mark.pieces:
            line.setFillColorRGB(*_parts(colour))
            line.textOut(text)
        self.canvas.drawText(line)


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = channels(colour)
    return round(red / 255, 4), round(green / 255, 4), round(blue / 255, 4)
