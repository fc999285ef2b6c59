"""Every size formula, once, per axis; each docstring is its formula. Knows integers only, for tables many at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Steps = NDArray[np.int64]


def extent(kernel: int, dilation: int) -> int:
    """Cells from the first to the last tap: ``dilation · (kernel − 1) + 1``."""
    return dilation * (kernel - 1) + 1


def window_count(size: int, begin: int, end: int, span: int, stride: int) -> int:
    """Windows that fit: ``⌊(size + begin + end − span) / stride⌋ + 1``; below 1 where none does.

    Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", relationship 6.
    Floor is towards minus infinity: truncation would make one window out of a kernel one cell too large.
    """
    return (size + begin + end - span) // stride + 1


def window_count_ceil(size: int, begin: int, end: int, span: int, stride: int) -> tuple[int, bool]:
    """Windows under ``ceil_mode``: ``⌈(size + begin + end − span) / stride⌉ + 1``, and whether one was dropped.

    The last window is dropped when it would start in the end padding: ``(count − 1) · stride ≥ size + begin``.
    Source: PyTorch ``pooling_output_shape`` and the ONNX pool operators.
    """
    count = -((size + begin + end - span) // -stride) + 1
    if (count - 1) * stride >= size + begin:
        return count - 1, True
    return count, False


def same_total(size: int, span: int, stride: int) -> int:
    """Padding that gives ``⌈size / stride⌉`` windows: ``max((⌈size / stride⌉ − 1) · stride + span − size, 0)``.

    The clamp at 0 matters when the stride is larger than the span. Source: TensorFlow, "Notes on padding".
    """
    return max((-(size // -stride) - 1) * stride + span - size, 0)


def transposed_size(size: int, stride: int, span: int, output_padding: int, begin: int, end: int) -> int:
    """Output of a transposed convolution: ``(size − 1) · stride + span + output_padding − begin − end``.

    Source: PyTorch ``ConvTranspose2d`` and the ONNX operator ``ConvTranspose``; begin and end crop.
    """
    return (size - 1) * stride + span + output_padding - begin - end


def spread_size(size: int, factor: int) -> int:
    """Cells with ``factor − 1`` inserted between neighbours: ``(size − 1) · factor + 1``."""
    return (size - 1) * factor + 1


def adaptive_windows(step: Steps, size: int, output: int) -> tuple[Steps, Steps]:
    """First cell and cell count of an adaptive window: ``[⌊i · size / output⌋, ⌈(i + 1) · size / output⌉)``.

    Neighbours may overlap. Source: PyTorch ``AdaptiveAvgPool2d``.
    """
    start = step * size // output
    return start, -((step + 1) * size // -output) - start


def nearest_cells(step: Steps, size: int, output: int) -> Steps:
    """The cells that nearest upsampling copies: ``⌊i · size / output⌋``. Source: PyTorch ``interpolate``."""
    return step * size // output


def linear_positions(step: Steps, size: int, output: int, align_corners: bool) -> NDArray[np.float64]:
    """Where linear upsampling reads: ``max((i + ½) · size / output − ½, 0)``, or ``i · (size − 1) / (output − 1)``.

    The second with aligned corners, where the first and last cells keep their values; a single output reads
    the first. Source: PyTorch ``interpolate``; the first is half_pixel of ONNX ``Resize``.
    """
    if align_corners:
        return step * (size - 1) / max(1, output - 1)
    return np.maximum((step + 0.5) * size / output - 0.5, 0.0)
