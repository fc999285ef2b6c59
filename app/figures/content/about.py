"""The words beside a figure: title, caption, alternative text, BibTeX, licence. Knows a replay, no file format."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np

from ... import __version__
from ...core.geometry import Geometry
from ...core.operation import Operation
from ...core.spec import LayerSpec
from ..drawing.latex import in_bibtex
from ..drawing.numbers import ABOUT_ZERO, many, number, shape
from .shown import Shown
from .words import formulas, total_text, where

LICENCE = "https://creativecommons.org/publicdomain/zero/1.0/"
LICENCE_NAME = "CC0 1.0 Universal"
RIGHTS = "CC0 1.0 Universal: no rights reserved; to be used for anything, without asking and without credit."
CREATOR = f"Convscope {__version__}"
SILENT = {"padding": 0, "output_padding": 0, "dilation": 1, "groups": 1}  # what needs no word
READ_CELLS = 36  # an alternative text reads out grids of at most that many cells


@dataclass(frozen=True, slots=True)
class About:
    """The words that travel with a figure, in its file and beside it."""

    title: str
    caption: str
    alt: str
    bibtex: str
    spec: str  # the request that gives this figure again, as JSON
    creator: str = CREATOR
    rights: str = RIGHTS
    licence: str = LICENCE

    def rdf(self) -> str:
        """Title, description and licence in the words of Dublin Core and Creative Commons."""
        return (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:cc="http://creativecommons.org/ns#" '
            'xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"><rdf:Description rdf:about="">'
            f"<dc:title>{_language(self.title)}</dc:title>"
            f"<dc:description>{_language(self.caption)}</dc:description>"
            f"<dc:creator><rdf:Seq><rdf:li>{escape(self.creator)}</rdf:li></rdf:Seq></dc:creator>"
            f"<dc:rights>{_language(self.rights)}</dc:rights><dc:source>{escape(self.spec)}</dc:source>"
            f"<xmpRights:WebStatement>{self.licence}</xmpRights:WebStatement>"
            f'<cc:license rdf:resource="{self.licence}"/></rdf:Description></rdf:RDF>'
        )

    def xmp(self) -> bytes:
        """The same as an XMP packet, for formats that take one."""
        opening = (
            '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        )
        return f'{opening}{self.rdf()}</x:xmpmeta><?xpacket end="r"?>'.encode()

    def keywords(self) -> dict[str, str]:
        """The words by the keywords that PNG has for them."""
        return {
            "Title": self.title,
            "Author": self.creator,
            "Description": self.alt,
            "Copyright": f"{self.rights} {self.licence}",
            "Source": self.spec,
            "Software": self.creator,
        }

    def to_json(self) -> dict[str, str]:
        """What ``format: "json"`` answers."""
        return {
            "title": self.title,
            "caption": self.caption,
            "alt": self.alt,
            "bibtex": self.bibtex,
            "licence": self.licence,
            "rights": self.rights,
        }


def _language(text: str) -> str:
    return f'<rdf:Alt><rdf:li xml:lang="x-default">{escape(text)}</rdf:li></rdf:Alt>'


def about(
    shown: Shown, spec: LayerSpec, request: str, title: str | None = None, steps: Sequence[int] = ()
) -> About:
    """The words of a figure of one step, of the final state, or of several steps."""
    layer, built = shown.layer, shown.layer.geometry
    title = "".join(char for char in title or "" if char.isprintable()).strip() or title_of(
        layer.operation, built
    )
    sizes = "; ".join("".join(text for text, _ in line) for line in formulas(built))
    moment = _moments(steps, shown) if steps else _moment(shown)
    sentence = sentence_of(layer.operation, built, spec, scattering=shown.scattering)
    caption = f"{sentence} {moment} {_capital(sizes)}."
    alt = " ".join((f"{sentence} {moment}", *_read_out(shown), f"{_capital(sizes)}."))
    return About(title, caption, alt, bibtex(title, request), request)


def _sizes(sizes: tuple[int, ...]) -> tuple[int, ...]:
    return sizes[1:] if sizes[0] == 1 and len(sizes) > 1 else sizes


def title_of(operation: Operation, built: Geometry) -> str:
    """``Convolution: 5×5 to 3×3``"""
    return (
        f"{operation.title}: {shape(_sizes(built.walk.input_shape))} to {shape(_sizes(built.output_shape))}"
    )


def sentence_of(operation: Operation, built: Geometry, spec: LayerSpec, *, scattering: bool = False) -> str:
    """``Convolution of a 5×5 input with a 3×3 kernel, stride 2, padding 1: the output is 3×3.``"""
    given = f"{operation.title} of {_an('input', _sizes(built.walk.input_shape))}"
    if built.weighted:
        given += f" with {_an('kernel', built.walk.tap_shape)}"
    elif hasattr(spec, "kernel"):
        given += f" with {_an('window', built.walk.tap_shape)}"
    for field in ("stride", "padding", "output_padding", "dilation", "groups", "factor"):
        value = getattr(spec, field, None)
        if value is None or value == SILENT.get(field):
            continue
        given += f", {field.replace('_', ' ')} {_value(value)}"
    if getattr(spec, "ceil_mode", False):
        given += ", the size rounded up"
    walked = ", walked over the input by stamping" if scattering else ""
    return f"{given}{walked}: the output is {shape(_sizes(built.output_shape))}."


def _an(thing: str, sizes: tuple[int, ...]) -> str:
    """``a 5×5 input``, ``an input of 12 cells``"""
    if len(sizes) == 1:
        return f"{'an' if thing == 'input' else 'a'} {thing} of {many(sizes[0], 'cell')}"
    return f"a{'n' if sizes[0] in (8, 11, 18) else ''} {shape(sizes)} {thing}"


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(_value(item) for item in value) + ")"
    return str(value)


def _moment(shown: Shown) -> str:
    if shown.step is None:
        return f"The final state, after {many(shown.walk.steps, 'step')}."
    if shown.scattering:
        return f"{where(shown)}: what the input cell adds to the output."
    return f"{where(shown)}: the window on the input and the output cell that it gives, {total_text(shown)}."


def _moments(steps: Sequence[int], shown: Shown) -> str:
    total = f"of {shown.walk.steps:,}"
    if len(steps) == 1:
        return f"Step {steps[0] + 1:,} {total}."
    apart = steps[1] - steps[0]
    every = "" if apart == 1 else f", every {apart}th"
    return f"Steps {steps[0] + 1:,} to {steps[-1] + 1:,} {total}{every}, one picture each."


def _read_out(shown: Shown) -> list[str]:
    """The small grids as words, row by row."""
    lines = []
    plane = shown.layer.x[shown.channel]
    if plane.size <= READ_CELLS:
        lines.append(f"Input: {_rows(plane.reshape(-1, plane.shape[-1]).tolist())}.")
    kernel = shown.kernel(shown.channel) if shown.layer.geometry.weighted else None
    if kernel is not None and kernel.size <= READ_CELLS:
        lines.append(f"Kernel: {_rows(kernel.reshape(-1, kernel.shape[-1]).tolist())}.")
    if shown.values.size <= READ_CELLS:
        so_far = " so far" if shown.step is not None else ""
        cells = np.where(shown.noise, ABOUT_ZERO, shown.values.astype(object))
        lines.append(f"Output{so_far}: {_rows(cells.reshape(-1, cells.shape[-1]).tolist())}.")
    return lines


def _rows(rows: Sequence[Sequence[float | str]]) -> str:
    return "; ".join(", ".join(_read(value) for value in row) for row in rows)


def _read(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return "not yet" if math.isnan(value) else number(value, 3)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def bibtex(title: str, request: str) -> str:
    """An entry for whoever wants to cite although nobody must; its key follows from the figure."""
    key = hashlib.sha256(request.encode()).hexdigest()[:8]
    fields = {
        "title": in_bibtex(title),
        "author": "{Convscope}",
        "howpublished": f"Drawn by Convscope {__version__}",
        "note": f"{LICENCE_NAME}; layout after V. Dumoulin and F. Visin, arXiv:1603.07285"
        if '"classic"' in request
        else LICENCE_NAME,
    }
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{convscope-{key},\n{body}\n}}\n"
