"""A bar chart as SVG, drawn without a plotting library. Knows numbers and labels only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

COLOURS = ("#2b6cb0", "#b7791f")  # apart for colour-blind eyes, on light and on dark
BAR, GAP, TOP, LEFT, WIDTH, MARGIN = 9, 10, 74, 270, 460, 60
TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)


def bars(
    title: str, rows: Sequence[tuple[str, Sequence[float]]], series: Sequence[str], footnote: str
) -> str:
    """Horizontal bars from 1 on, on a logarithmic axis: to the left is faster. One bar per series in each row."""
    tall = len(series) * BAR + GAP
    bottom = TOP + len(rows) * tall
    low = min(TICKS[0], *(value for _, values in rows for value in values))
    high = max(TICKS[-1], *(value for _, values in rows for value in values))

    def across(value: float) -> float:
        return LEFT + WIDTH * math.log(value / low) / math.log(high / low)

    marks = [
        f'<text x="16" y="26" font-size="15" font-weight="600">{escape(title)}</text>',
        *_legend(series),
    ]
    for tick in TICKS:
        x = across(tick)
        weight = 1.2 if tick == 1 else 0.4
        marks.append(
            f'<path d="M{x:.1f} {TOP - 6}V{bottom}" stroke="currentColor" stroke-width="{weight}" opacity=".5"/>'
            f'<text x="{x:.1f}" y="{TOP - 10}" text-anchor="middle">{tick:g}</text>'
        )
    for number, (label, values) in enumerate(rows):
        y = TOP + number * tall
        middle = y + len(series) * BAR / 2 + 4
        marks.append(f'<text x="{LEFT - 10}" y="{middle:.1f}" text-anchor="end">{escape(label)}</text>')
        for index, value in enumerate(values):
            begin, end = sorted((across(1), across(value)))
            place = y + index * BAR
            marks.append(
                f'<rect x="{begin:.1f}" y="{place}" width="{max(1.0, end - begin):.1f}" height="{BAR - 1}" '
                f'fill="{COLOURS[index]}"><title>{escape(series[index])}: {value:.2f}</title></rect>'
            )
            beside = (end + 4, "start") if value > 1 else (begin - 4, "end")
            marks.append(
                f'<text x="{beside[0]:.1f}" y="{place + BAR - 1}" text-anchor="{beside[1]}" '
                f'font-size="9">{value:.2f}</text>'
            )
    marks.append(f'<text x="16" y="{bottom + 24}" font-size="9" opacity=".7">{escape(footnote)}</text>')
    width, height = LEFT + WIDTH + MARGIN, bottom + 36
    body = "\n".join(marks)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="system-ui, sans-serif" font-size="11" fill="currentColor" role="img">\n'
        f"<title>{escape(title)}</title>\n"
        "<style>svg{color:#1a202c;background:#fff}"
        "@media(prefers-color-scheme:dark){svg{color:#e2e8f0;background:#171923}}</style>\n"
        f"{body}\n</svg>\n"
    )


def _legend(series: Sequence[str]) -> list[str]:
    marks, x = [], LEFT
    for index, name in enumerate(series):
        marks.append(
            f'<rect x="{x}" y="36" width="10" height="10" fill="{COLOURS[index]}"/>'
            f'<text x="{x + 15}" y="45">{escape(name)}</text>'
        )
        x += 130
    return marks
