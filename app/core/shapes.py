"""Every size formula, once, per axis; each docstring is its formula. Knows integers only."""

from __future__ import annotations


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
