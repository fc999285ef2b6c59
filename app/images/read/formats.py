"""The formats of pictures that are read, by name, type and first bytes; and what else people send. Decodes nothing."""

from __future__ import annotations

import re

from ...core.errors import Problem, Unfit, Unsupported, counted

# Formats that are read, by Pillow's name, with the types that declare each. A camera's MPO is a JPEG with more to it.
FORMATS = {
    "PNG": ("image/png", "image/x-png", "image/apng", "image/vnd.mozilla.apng"),
    "JPEG": ("image/jpeg", "image/jpg", "image/pjpeg", "image/x-jpeg"),
    "WEBP": ("image/webp",),
    "AVIF": ("image/avif", "image/avif-sequence"),
    "TIFF": ("image/tiff", "image/tiff-fx", "image/x-tiff"),
    "GIF": ("image/gif",),
    "BMP": ("image/bmp", "image/x-bmp", "image/x-ms-bmp", "image/x-windows-bmp"),
}
NPY = "application/x-npy"
READ = "PNG, JPEG, WebP, AVIF, TIFF, GIF or BMP"
_NAMES = {"WEBP": "WebP", "MPO": "JPEG"}
# Types that say nothing about the content; curl declares a form unless it is told otherwise.
_UNDECLARED = {
    *("", "image/*", "*/*", "application/octet-stream", "binary/octet-stream"),
    "application/x-www-form-urlencoded",
}

# Other files that people send: how each begins (offset, bytes), what it is, and what to do.
_OTHERS = (
    (4, b"ftyphei", "a HEIC picture", "Save it as JPEG."),
    (4, b"ftyphev", "a HEIC picture", "Save it as JPEG."),
    (4, b"ftypmif1", "a HEIF picture", "Save it as JPEG."),
    (4, b"ftypmsf1", "a HEIF picture", "Save it as JPEG."),
    (4, b"ftyp", "a film", "Save one frame of it as PNG."),
    (0, b"\xff\x0a", "a JPEG XL picture", "Save it as PNG or JPEG."),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL picture", "Save it as PNG or JPEG."),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000 picture", "Save it as PNG or JPEG."),
    (0, b"\0\0\x01\0", "an icon", "Save it as PNG."),
    (0, b"8BPS", "a Photoshop file", "Save it as PNG."),
    (0, b"%PDF", "a PDF document", "Save its picture as PNG."),
    (0, b"PK\x03\x04", "a ZIP archive", "Unpack it and send one picture."),
)
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_BEGINNINGS = {
    "PNG": (b"\x89PNG",),
    "JPEG": (b"\xff\xd8",),
    "AVIF": (b"\0\0\0",),
    "TIFF": TIFF,
    "GIF": (b"GIF8",),
    "BMP": (b"BM",),
}
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
# Markup that may stand before the first element of an XML document; none of these can be long without end.
_BEFORE_XML = re.compile(
    r"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s+(\w+)[^>\[]*(?:\[[^\]]*\])?[^>]*>", re.DOTALL | re.IGNORECASE
)
_ELEMENT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_HEAD_BYTES = 4096  # within which a text says what it is


def named(name: str) -> str:
    """A format's name as people write it."""
    return _NAMES.get(name, name)


def declared_note(name: str, declared: str | None) -> tuple[str, ...]:
    """The note on content of the format ``name`` that was declared as another; nothing where they agree."""
    kind = (declared or "").partition(";")[0].strip().lower()
    if kind in _UNDECLARED or kind in FORMATS.get(name, (NPY,)):
        return ()
    says = next((named(one) for one, kinds in FORMATS.items() if kind in kinds), kind)
    says = ".npy" if kind == NPY else says
    return (f"its name or type says {printable(says)}, its content is {named(name)}: the content was read",)


def printable(text: str, most: int = 60) -> str:
    """Text from a stranger, on one line and not long."""
    plain = "".join(char if char.isprintable() else " " for char in text[: 4 * most])
    return " ".join(plain.split())[:most]


def unknown(data: bytes) -> Problem:
    """The refusal of bytes that are none of the formats read here; a known other format is named."""
    text = _text_of(data)
    if text is not None:
        return _markup(text)
    brands = data[8 : min(64, int.from_bytes(data[:4], "big"))] if data[4:8] == b"ftyp" else b""
    if b"avif" in brands or b"avis" in brands:
        return damaged("AVIF", None)
    for offset, magic, name, remedy in _OTHERS:
        if data.startswith(magic, offset):
            return _refused(name, remedy)
    for name, magics in _BEGINNINGS.items():
        if name != "AVIF" and data.startswith(magics):
            return damaged(name, None)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return damaged("WEBP", None)
    return _refused(
        f"{counted(len(data), 'byte')} of something else",
        "Send the file of a picture in one of these formats.",
    )


def damaged(name: str, error: Exception | None) -> Problem:
    """The refusal of a picture that cannot be decoded."""
    text = str(error).lower() if error else ""
    cut = any(word in text for word in ("truncated", "not enough", "unexpected end", "incomplete", "eof"))
    what = "a picture" if name == "picture" else a_picture(name)
    reason = "it ends before the picture is complete" if cut else "its content is damaged"
    return Unfit("image", what, reason, "Send the whole file, or open it and save it again.")


def a_picture(name: str) -> str:
    """``a JPEG picture``, ``an AVIF picture``."""
    return f"{'an' if name == 'AVIF' else 'a'} {named(name)} picture"


def _refused(what: str, remedy: str) -> Problem:
    return Unsupported("image", what, f"only {READ} is read here", remedy)


def _text_of(data: bytes) -> str | None:
    """The beginning of a text that is markup, in whatever encoding, or None."""
    head = data[:_HEAD_BYTES]
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            text = head[len(bom) :].decode(encoding, "replace")
            break
    else:
        text = head.decode("latin-1")
    text = text.lstrip()
    return text if text.startswith("<") else None


def _markup(text: str) -> Problem:
    """A drawing, a page or another document, by its first element."""
    at, doctype = 0, ""
    while found := _BEFORE_XML.match(text, at):
        at = found.end()
        doctype = (found[1] or doctype).lower()
    element = _ELEMENT.match(text, at)
    name = element[1].lower() if element and doctype != "html" else doctype
    if name == "svg":
        return _refused("an SVG drawing", "Save it as PNG: export it from the program that draws it.")
    if name == "html":
        return _refused("a web page", "Save the picture itself, not the page that shows it.")
    return _refused("an XML document", f"Send a picture: {READ}.")
