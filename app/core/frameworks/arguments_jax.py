"""Arguments of JAX's functions and Flax' layers, in their order, after JAX 0.10 and Flax 0.12. Knows no operation."""

from __future__ import annotations

from .writing import (
    CHANNELS,
    CONSISTENT,
    FEATURES,
    LAYOUT,
    SPREAD,
    SWAPPED,
    Argument,
    Writing,
    count,
    fixed,
    flag,
    over,
    skipped,
)

# --- Flax ---------------------------------------------------------------------------------------------------

FLAX_REST = skipped(
    *("mask", "dtype", "param_dtype", "precision", "kernel_init", "bias_init", "conv_general_dilated"),
    *(
        "promote_dtype",
        "preferred_element_type",
        "kernel_metadata",
        "bias_metadata",
        "rngs",
        "parent",
        "name",
    ),
)
USE_BIAS = flag("use_bias", "bias", True)
FLAX_SIDES = Argument(
    "padding", "padding", "same", "sides", words=("same", "valid", "causal", "circular", "reflect")
)
STRIDES = Argument("strides", "stride", 1, "per_axis", optional=True)
KERNEL = Argument("kernel_size", "kernel", form="list")
KERNEL_DILATION = Argument("kernel_dilation", "dilation", 1, "per_axis", optional=True)
FLAX_CONV = (
    KERNEL,
    STRIDES,
    FLAX_SIDES,
    Argument("input_dilation", None, 1, only=(1, None)),
    KERNEL_DILATION,
    count("feature_group_count", "groups", 1),
    USE_BIAS,
    *FLAX_REST,
)
FLAX_TRANSPOSED = (
    KERNEL,
    STRIDES,
    FLAX_SIDES,
    KERNEL_DILATION,
    USE_BIAS,
    *FLAX_REST,
    Argument("transpose_kernel", SWAPPED, False, "flag"),
)
FEATURES_OUT = count("features", "filters")
NNX = (count("in_features", CHANNELS), count("out_features", "filters"))

# --- jax.lax ------------------------------------------------------------------------------------------------

OPERANDS = (*skipped("lhs"), Argument("rhs", "weight", form="tensor", order="OIk"))
LAST_OPERANDS = (*skipped("lhs"), Argument("rhs", "weight", form="tensor", order="kIO"))
WINDOW_STRIDES = over("window_strides", "stride")
SIDES = Argument("padding", "padding", form="sides", words=("same", "same_lower", "valid"))
RHS_DILATION = Argument("rhs_dilation", "dilation", 1, "per_axis", optional=True)
NUMBERS = Argument("dimension_numbers", LAYOUT, None, "layout")
EXACTNESS = skipped("precision", "preferred_element_type", "out_sharding")
GROUPS = (count("feature_group_count", "groups", 1), Argument("batch_group_count", None, 1, only=(1,)))
# Zeros between the cells of the input make a convolution a transposed one.
TIGHT, WIDE = fixed(SPREAD, False, default=False), fixed(SPREAD, True, default=False)

CONVOLUTIONS = (
    Writing(("flax.linen.Conv",), (FEATURES_OUT, *FLAX_CONV)),
    Writing(("flax.nnx.Conv",), (*NNX, *FLAX_CONV)),
    Writing(("jax.lax.conv",), (*OPERANDS, WINDOW_STRIDES, SIDES, *EXACTNESS)),
    Writing(
        ("jax.lax.conv_with_general_padding",),
        (*OPERANDS, WINDOW_STRIDES, SIDES, *skipped("lhs_dilation"), RHS_DILATION, *EXACTNESS, TIGHT),
    ),
    Writing(
        ("jax.lax.conv_general_dilated",),
        (
            *(*OPERANDS, WINDOW_STRIDES, SIDES, *skipped("lhs_dilation"), RHS_DILATION, NUMBERS),
            *(*GROUPS, *EXACTNESS, TIGHT),
        ),
    ),
)
ONE_BY_ONE = Argument("window_strides", None, only=(1,))
LHS_DILATION = over("lhs_dilation", "stride")
TRANSPOSED = (
    Writing(("flax.linen.ConvTranspose",), (FEATURES_OUT, *FLAX_TRANSPOSED), spread=True),
    Writing(("flax.nnx.ConvTranspose",), (*NNX, *FLAX_TRANSPOSED), spread=True),
    Writing(
        ("jax.lax.conv_transpose",),
        (
            *(*LAST_OPERANDS, over("strides", "stride"), SIDES, RHS_DILATION, NUMBERS),
            Argument("transpose_kernel", SWAPPED, False, "flag"),
            *EXACTNESS,
            Argument("use_consistent_padding", CONSISTENT, False, "flag"),
        ),
        spread=True,
    ),
    Writing(
        ("jax.lax.conv_with_general_padding",),
        (*OPERANDS, ONE_BY_ONE, SIDES, LHS_DILATION, RHS_DILATION, *EXACTNESS, WIDE),
        spread=True,
    ),
    Writing(
        ("jax.lax.conv_general_dilated",),
        (*OPERANDS, ONE_BY_ONE, SIDES, LHS_DILATION, RHS_DILATION, NUMBERS, *GROUPS, *EXACTNESS, WIDE),
        spread=True,
    ),
)
PATCHES = (
    Writing(
        ("jax.lax.conv_general_dilated_patches",),
        (
            *(*skipped("lhs"), over("filter_shape", "kernel"), WINDOW_STRIDES, SIDES),
            Argument("lhs_dilation", None, None, only=(None, 1)),
            *(RHS_DILATION, *skipped("dimension_numbers"), *EXACTNESS),
        ),
    ),
)
DENSE = (
    Writing(("flax.linen.Dense",), (FEATURES_OUT, USE_BIAS, *FLAX_REST)),
    Writing(
        ("flax.nnx.Linear",),
        (count("in_features", FEATURES), count("out_features", "filters"), USE_BIAS, *FLAX_REST),
    ),
)

# --- Pools --------------------------------------------------------------------------------------------------

# The operation on the sum of a window, which stands behind the call.
THEN = "what is done with the sum"


def flax_pool(name: str, *more: Argument) -> Writing:
    """A pool of Flax, whose stride left out is 1."""
    sides = Argument("padding", "padding", "valid", "sides")
    window = over("window_shape", "kernel")
    names = (f"flax.linen.{name}", f"flax.nnx.{name}")
    return Writing(names, (*skipped("inputs"), window, STRIDES, sides, *more))


def reduce_window(*computations: str, more: tuple[Argument, ...] = ()) -> Writing:
    """``lax.reduce_window`` with one of these computations; its numbers are for all axes of the array."""
    return Writing(
        ("jax.lax.reduce_window",),
        (
            *skipped("operand", "init_value"),
            fixed("computation", *computations),
            Argument("window_dimensions", "kernel", form="rank"),
            Argument("window_strides", "stride", 1, "rank", optional=True),
            Argument("padding", "padding", "valid", "sides"),
            Argument("base_dilation", None, None, only=(None, 1)),
            Argument("window_dilation", "dilation", 1, "rank", optional=True),
            *skipped("out_sharding"),
            *more,
        ),
    )
