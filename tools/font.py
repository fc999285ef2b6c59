"""Makes the page's font: python tools/font.py SourceSans3[wght].ttf, after the font or a letter has changed.

The variable font comes with the package fontpkg-source-sans-3 (3.52); fonttools and brotli make the subset. None of the
three is needed to run or to check Convscope. The letters are those that the page writes; the weights lie between text
and titles. The licence reserves the font's name, so the subset has one of its own.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset, ttLib  # type: ignore[import-not-found]
from fontTools.varLib import instancer  # type: ignore[import-not-found]

NAME = "Convscope Sans"
TARGET = Path(__file__).resolve().parents[1] / "static" / "font" / "convscope-sans.woff2"
MOST_BYTES = 25_000
WEIGHTS = (400, 600)
LETTERS = (
    "".join(map(chr, range(0x20, 0x7F)))
    + "ÄÖÜäöüßéèêàâçëïôûñ«»\u00a0°±²³µ¶·¹¼½¾×÷†‡•…‰′″‹›–—‘’‚“”„€™"
    + "←↑→↓↔−∂∆∏∑√∞≈≠≤≥◊Σσµπηθλαβγδεφω⁰⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉▸▹∙"
)
NAMES_OF_THE_FONT = {1: NAME, 3: f"3.052;{NAME}", 4: NAME, 6: "ConvscopeSans", 16: NAME, 25: "ConvscopeSans"}
KEPT_NAMES = (0, 13, 14)  # copyright, licence, where the licence is


def main(source: str) -> None:
    """Cut the letters and weights out, name the result anew and write it as WOFF2."""
    font = ttLib.TTFont(source)
    missing = sorted({letter for letter in LETTERS if ord(letter) not in font.getBestCmap()})
    if missing:
        raise SystemExit(f"{source} has no {' '.join(missing)}. Take these letters out of LETTERS.")
    options = subset.Options()
    options.layout_features = ["kern", "mark", "ccmp", "locl"]
    options.name_IDs = ["*"]
    options.hinting = False
    options.notdef_outline = True
    cutter = subset.Subsetter(options)
    cutter.populate(text=LETTERS)
    cutter.subset(font)
    font = instancer.instantiateVariableFont(font, {"wght": WEIGHTS})
    names = font["name"]
    for record in list(names.names):
        if record.nameID not in KEPT_NAMES:
            names.removeNames(record.nameID)
    for number, words in NAMES_OF_THE_FONT.items():
        names.setName(words, number, 3, 1, 0x409)
    names.setName("Regular", 2, 3, 1, 0x409)
    for axis in font["fvar"].axes:
        axis.axisNameID = names.addMultilingualName({"en": "Weight"}, ttFont=font)
    for instance in list(font["fvar"].instances):
        font["fvar"].instances.remove(instance)
    if "STAT" in font:
        del font["STAT"]  # its names went
    font.flavor = "woff2"
    TARGET.parent.mkdir(exist_ok=True)
    font.save(TARGET)
    size = TARGET.stat().st_size
    sys.stdout.write(f"{TARGET.name}: {size} bytes, {len(font.getBestCmap())} letters\n")
    if size > MOST_BYTES:
        raise SystemExit(
            f"{TARGET.name} has {size} bytes; at most {MOST_BYTES} are allowed. Take fewer letters."
        )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1])
