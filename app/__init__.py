"""Convscope: watch a convolution slide over your own image, with the real numbers."""

__version__ = "0.1.0"
