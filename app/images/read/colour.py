"""Colour profiles: what turns the numbers of a picture into sRGB, which is what the page shows and computes with.

Reads no file.
"""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms

from .formats import printable

_MODES = {
    "GRAY": "L",
    "RGB ": "RGB",
    "CMYK": "CMYK",
    "Lab ": "LAB",
}  # a profile's colour space -> the picture's mode
_NEAR = 2  # levels of 255 by which a profile may differ from sRGB and still be called that


@dataclass(frozen=True)
class Profile:
    """The conversion of a picture's colours, and the note that says so."""

    transform: ImageCms.ImageCmsTransform | None = None
    note: str | None = None
    name: str = ""

    def apply(self, part: Image.Image) -> Image.Image:
        """A part in mode L, RGB, CMYK or LAB as sRGB; grey stays grey."""
        if self.transform is None:
            return part
        turned = ImageCms.applyTransform(part, self.transform)
        assert turned is not None, "it is not done in place"
        return turned.getchannel(1) if part.mode == "L" else turned


def profile_of(picture: Image.Image, mode: str) -> Profile:
    """The profile of a picture whose colours are to be read in ``mode``: L, RGB, CMYK or LAB."""
    data = picture.info.get("icc_profile")
    if not data:
        return Profile(_lab_to_srgb()) if mode == "LAB" else Profile()
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(data))
        name = printable(ImageCms.getProfileDescription(source), 40) or "without a name"
        space = source.profile.xcolor_space
        if _MODES.get(space) != mode:
            return Profile(note=f"its colour profile ({name}) is for another kind of colour and is not used")
        transform = _transform(source, mode)
        if _is_identity(transform, mode):
            return Profile()
    except Exception:  # a profile is as hostile as the rest of a file
        return Profile(note="its colour profile cannot be read: the stored numbers are used as they are")
    return Profile(transform, f"its colours are turned into sRGB from its profile ({name})", name)


def _transform(source: ImageCms.ImageCmsProfile, mode: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        source,
        _srgb(),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


@functools.cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@functools.cache
def _lab_to_srgb() -> ImageCms.ImageCmsTransform:
    return _transform(ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")), "LAB")


def _is_identity(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether a transform leaves colours as they are, tried on a lattice of them."""
    if mode not in ("L", "RGB"):
        return False
    levels = np.linspace(0, 255, 18).round().astype(np.uint8)
    if mode == "L":
        before = levels[None]
        after = np.asarray(ImageCms.applyTransform(Image.fromarray(before), transform))[..., 1]
    else:
        before = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
        after = np.asarray(ImageCms.applyTransform(Image.fromarray(before), transform))
    return bool(np.abs(before.astype(int) - after).max() <= _NEAR)
