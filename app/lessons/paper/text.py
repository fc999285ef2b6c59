"""Text and figures in the flow of a PDF: styles, inline prose, the document. Knows no lesson and no exercise."""

from __future__ import annotations

import functools
import io
from html import escape
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, ListFlowable, PageBreak, Paragraph, SimpleDocTemplate

from ...figures.drawing.marks import POINTS_PER_MM, Figure
from ...figures.drawing.themes import THEMES
from ...figures.writers.pdf import Writer, registered
from ..lesson import Blocks, Inline, Json

MARGIN_MM = 20.0
SIZES = {"title": 20.0, "heading": 13.0, "text": 10.0, "small": 8.0}
Story = list[Flowable]


@functools.cache
def _style(name: str) -> ParagraphStyle:
    """A style of text; the figures' font has one weight, so that size alone marks headings."""
    font = registered()
    pdfmetrics.registerFontFamily(font, normal=font, bold=font, italic=font, boldItalic=font)
    size = SIZES[name]
    colour = HexColor(THEMES["print"].muted if name == "small" else THEMES["print"].ink)
    before = size * 0.8 if name == "heading" else 0
    return ParagraphStyle(
        name,
        fontName=font,
        fontSize=size,
        leading=size * 1.4,
        spaceBefore=before,
        spaceAfter=size * 0.5,
        textColor=colour,
    )


class Drawing(Flowable):  # type: ignore[misc]  # the library has no types
    """A figure in the flow of text."""

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self.figure = figure
        self.width, self.height = figure.width, figure.height

    def wrap(self, *_: float) -> tuple[float, float]:
        """Its size."""
        return self.width, self.height + 6

    def draw(self) -> None:
        """All of its marks."""
        writer = Writer(self.canv, self.height)
        for mark in self.figure.marks:
            writer.mark(mark)


def words(text: str, style: str = "text") -> Paragraph:
    """A paragraph of plain text."""
    return Paragraph(escape(text), _style(style))


def blocks_of(blocks: Blocks) -> Story:
    """Paragraphs and lists."""
    found: Story = []
    for block in blocks:
        if block["kind"] == "paragraph":
            found.append(prose(block["content"]))
        else:
            items = [prose(item) for item in block["items"]]
            bullets = "1" if block["ordered"] else "bullet"
            found.append(listed(items, bullets))
    return found


def prose(content: Inline) -> Paragraph:
    """A paragraph of inline prose."""
    return Paragraph(_markup(content), _style("text"))


def listed(items: list[Paragraph], bullets: str) -> Flowable:
    """A list; its bullets are numbers, letters or points."""
    return ListFlowable(items, bulletType=bullets, bulletFontName=registered())


def together(story: Story) -> Flowable:
    """Lines that stand on one page together."""
    return KeepTogether(story)


def page_break() -> Flowable:
    """Begin a page of its own for all that follows."""
    return PageBreak()


def _markup(content: Inline) -> str:
    """Inline prose in the markup of paragraphs, in the colours of roles."""
    return "".join(escape(one) if isinstance(one, str) else _node(one) for one in content)


def _node(node: Json) -> str:
    inner: Any = node.get("content")
    text = _markup(inner) if inner is not None else escape(node["text"])
    if role := node.get("role"):
        return f'<font color="{THEMES["print"].word(role)}">{text}</font>'
    return f"<u>{text}</u>" if node["kind"] == "strong" else text


def document(title: str, story: Story) -> bytes:
    """The file; nothing in it depends on the time or the machine."""
    out = io.BytesIO()
    margin = MARGIN_MM * POINTS_PER_MM
    template = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin,
        bottomMargin=margin,
        title=title,
        author="Convscope",
        creator="Convscope",
        producer="Convscope",
        lang="en",
        invariant=1,
        initialFontName=registered(),
    )

    def foot(canvas: Canvas, page: Any) -> None:
        canvas.setFont(registered(), SIZES["small"])
        canvas.setFillColor(HexColor(THEMES["print"].muted))
        canvas.drawString(margin, margin / 2, f"Convscope · {title}")
        canvas.drawRightString(A4[0] - margin, margin / 2, str(page.page))

    template.build(story, onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()
