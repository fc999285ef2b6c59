"""Refusals that several operations share, in the frameworks' own words. Knows settings, no operation.

Measured on PyTorch 2.13.0, Keras 3.15.1 and the operator texts of ONNX 1.22; ``tests/frameworks`` holds what
they answered. Where a framework's sentence goes on with numbers, the sentence stops before them.
"""

from __future__ import annotations

from .framework import Check

EVERY = (1, 2, 3)


def none_of(field: str, bare: object = 1, *, axes: tuple[int, ...] = EVERY) -> Check:
    """The layer has no such argument: only the value that changes nothing is taken."""
    value = "null" if bare is None else str(bare).lower()
    return Check("only", field, f"Use {value}, or other rules.", values=(bare,), axes=axes)


def one_for_all(field: str) -> Check:
    """The layer takes one number for all axes."""
    return Check("alike", field, "Use the same number on every axis, or other rules.")


def whole_number(field: str, words: str) -> Check:
    """The layer takes whole numbers alone."""
    return Check("whole", field, "Use a whole number, or other rules.", words)


CROPPED_FIRST = Check(
    "mixed",
    "padding",
    "Use two layers, of which the first pads.",
    values=("reflect", "circular"),
    others=("padding_mode",),
)


def border_of(words: str) -> tuple[Check, ...]:
    """The borders that PyTorch and ONNX can pad with, and the words of their refusals."""
    return (
        Check(
            "names",
            "padding_mode",
            "Use zeros, constant, reflect, replicate or circular.",
            words=words,
            values=("zeros", "constant", "reflect", "replicate", "circular"),
        ),
        CROPPED_FIRST,
    )


# --- PyTorch ------------------------------------------------------------------------------------------------

PYTORCH_WINDOW = {
    "kernel:least": "kernel size should be greater than zero",
    "stride:least": "non-positive stride is not supported",
    "dilation:least": "dilation should be greater than zero",
    "padding:least": "negative padding is not supported",
}
PYTORCH_CHANNELS = {
    "groups:least": "groups must be a positive integer",
    "groups:split": "in_channels must be divisible by groups",
    "filters:split": "out_channels must be divisible by groups",
}
PYTORCH_CONV = {
    **PYTORCH_WINDOW,
    **PYTORCH_CHANNELS,
    "kernel:fit": "Kernel size can't be greater than actual input size",
    "padding:reflect": "Padding size should be less than the corresponding input dimension",
    "padding:circular": "Padding value causes wrapping around more than once.",
}
PYTORCH_POOL = {
    "kernel:least": "kernel size should be greater than zero",
    "stride:least": "stride should be greater than zero",
    "dilation:least": "dilation should be greater than zero",
    "padding:least": "pad must be non-negative",
    "kernel:fit": "Output size is too small",
    "divisor:least": "divisor must be not zero",
}
PYTORCH_SYMMETRIC = Check(
    "symmetric",
    "padding",
    "Use the same number on both sides, or pad with F.pad first.",
    words="argument 'padding' must be tuple of ints",
)
PYTORCH_NUMBERS = Check(
    "names", "padding", "Use a number.", words="argument 'padding' must be tuple of ints, not str"
)
PYTORCH_CONV_PADDING = (
    Check(
        "names",
        "padding",
        "Use valid, same or a number.",
        words="Invalid padding string '{padding}', should be one of {'valid', 'same'}",
        values=("valid", "same"),
    ),
    Check(
        "together",
        "padding",
        "Use stride 1, or give the padding as a number.",
        words="padding='same' is not supported for strided convolutions",
        values=("same",),
        others=("stride",),
    ),
    PYTORCH_SYMMETRIC,
)
PYTORCH_POOL_PADDING = (
    PYTORCH_NUMBERS,
    PYTORCH_SYMMETRIC,
    Check(
        "at_most_half",
        "padding",
        "Use at most half the kernel; dilation does not help.",
        words="pad should be at most half of effective kernel size",
    ),
)
PYTORCH_WITHIN_INPUT = Check(
    "within_input",
    "kernel",
    "Use a kernel no larger than the input without its padding.",
    words="input image smaller than kernel size",
    axes=(3,),
)

PYTORCH_BORDER = border_of("Unrecognised padding mode {padding_mode}")

# --- Keras --------------------------------------------------------------------------------------------------

KERAS_WINDOW = {
    f"{field}:least": f"The `{name}` argument must be a tuple of integers that satisfy `value > 0`"
    for field, name in (("kernel", "kernel_size"), ("stride", "strides"), ("dilation", "dilation_rate"))
} | {"kernel:fit": "Computed output size would be zero or negative."}
KERAS_CHANNELS = {
    "groups:least": "The number of groups must be a positive integer.",
    "groups:split": "The number of input channels must be evenly divisible by the number of groups.",
    "filters:split": "The number of filters must be evenly divisible by the number of groups.",
    "filters:least": "Invalid value for argument `filters`. Expected a strictly positive value.",
}
KERAS_POOL = {
    **KERAS_WINDOW,
    "kernel:least": KERAS_WINDOW["kernel:least"].replace("kernel_size", "pool_size"),
}
KERAS_CAUSAL = Check(
    "names",
    "padding",
    "Use valid, same or causal.",
    words="The `padding` argument must be a list/tuple or one of {'valid', 'same', 'causal'}. Received: {padding}",
    values=("valid", "same", "causal"),
    axes=(1,),
)
KERAS_PADDING = Check(
    "names",
    "padding",
    "Use valid or same.",
    words="The `padding` argument must be a list/tuple or one of {'valid', 'same'}. Received: {padding}",
    values=("valid", "same"),
)
KERAS_NO_NUMBERS = Check(
    "only_names",
    "padding",
    "Use valid or same, or a ZeroPadding layer first.",
    words="'int' object has no attribute 'lower'",
)
KERAS_POOL_PADDING = (
    Check(
        "names",
        "padding",
        "Use valid or same.",
        words="Argument `padding` must be either 'valid' or 'same'. Received: padding={padding}",
        values=("valid", "same"),
    ),
    KERAS_NO_NUMBERS,
)
KERAS_STRIDE_OR_DILATION = Check(
    "together",
    "stride",
    "Use stride 1 or dilation 1.",
    words="`strides > 1` not supported in conjunction with `dilation_rate > 1`.",
    others=("dilation",),
)

KERAS_BORDER = (
    Check("names", "padding_mode", "Use zeros, or other rules.", values=("zeros",)),
    Check(
        "negative",
        "padding",
        "Use 0 or more, or a Cropping layer.",
        words="The `padding` argument must be a tuple of integers that satisfy `value >= 0`",
    ),
)

# --- ONNX ---------------------------------------------------------------------------------------------------

ONNX_WINDOW = {
    "kernel:least": "Attribute kernel_shape must only contain positive values",
    "stride:least": "Attribute strides must only contain positive values",
    "dilation:least": "Attribute dilations must only contain positive values",
    "padding:least": "Attribute pads must not contain negative values",
    "output_padding:least": "Attribute output_padding must not contain negative values",
}
ONNX_CONV = {
    **ONNX_WINDOW,
    "groups:split": "X.shape[1] == (W.shape[1] * group) == C",
    "filters:split": "W.shape[0] mod G == 0",
}
ONNX_PADDING = Check(
    "names",
    "padding",
    "Use valid, same, same_lower or numbers.",
    words="auto_pad must be either NOTSET, SAME_UPPER, SAME_LOWER or VALID.",
    values=("valid", "same", "same_lower"),
)
ONNX_BORDER = border_of("Supported modes: `constant`(default), `reflect`, `edge`, `wrap`")
