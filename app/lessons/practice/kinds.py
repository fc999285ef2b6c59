"""The kinds of exercises: each draws settings and asks one thing about them. Computes no key: the engine does.

Difficulty 1 has one idea, 2 adds stride or padding, 3 what people forget: dilation, groups, several layers.
"""

from __future__ import annotations

from typing import Any

from .exercise import Drawn, Kind, Random, grid, link

PAPER = "noise:{channels}x{rows}x{columns};seed=1;distribution=uniform"


def _paper(channels: int, rows: int, columns: int) -> str:
    return PAPER.format(channels=channels, rows=rows, columns=columns)


def _pick(random: Random, *choices: int) -> int:
    return int(random.choice(choices))


def _sizes(random: Random, difficulty: int) -> Drawn | None:
    rows, columns = int(random.integers(6, 29)), int(random.integers(6, 29))
    kernel = _pick(random, 2, 3, 4, 5, 7)
    stride = 1 if difficulty == 1 else _pick(random, 1, 2, 3)
    padding = 0 if difficulty == 1 else _pick(random, 0, 1, 2)
    dilation = 1 if difficulty < 3 else _pick(random, 1, 2, 3)
    filters = 1 if difficulty < 3 else _pick(random, 4, 8, 16, 32)
    channels = 1 if difficulty < 3 else 3
    plain = (difficulty == 2 and stride == 1 and padding == 0) or (difficulty == 3 and dilation == 1)
    if plain or padding >= kernel or dilation * (kernel - 1) + 1 > min(rows, columns):
        return None
    fragment = link(
        "convolution",
        _paper(channels, rows, columns),
        kernel=kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        filters=filters,
        weights="preset:identity",
    )
    question = (
        "Input `= plan.input_shape`, kernel `= kernel`×`= kernel`, stride `= stride`, padding `= padding`"
    )
    question += ", dilation `= dilation`, `= filters` filters." if difficulty == 3 else "."
    span = "`= dilation * (kernel - 1) + 1`" if difficulty == 3 else "`= kernel`"
    block = f"""{question} Which shape has the output?
key: plan.output_shape
wrong: changed(padding=0).plan.output_shape => You forgot the padding. It stands on both sides of each axis.
wrong: changed(stride=1).plan.output_shape => You forgot the stride: the window moves by `= stride` cells.
wrong: changed(dilation=1).plan.output_shape => You counted the taps. With the gaps between them the window spans
  more: {span}.
wrong: (channels, plan.output_shape[1], plan.output_shape[2]) => The output has a map for each filter.
wrong: (filters, plan.output_shape[1] - 1, plan.output_shape[2] - 1) => You forgot to add 1 for the first place.
hint: ⌊(size + 2 · padding − span) / stride⌋ + 1, on each axis.
explain: Rows: ⌊(`= rows` + 2·`= padding` − {span}) / `= stride`⌋ + 1 = `= plan.output_shape[1]`. Columns:
  ⌊(`= columns` + 2·`= padding` − {span}) / `= stride`⌋ + 1 = `= plan.output_shape[2]`. Maps: `= filters`."""
    return Drawn(fragment, block, shape=True)


def _padding(random: Random, difficulty: int) -> Drawn | None:
    rows = int(random.integers(6, 33))
    kernel = _pick(random, 3, 5, 7, 9, 11) if difficulty < 3 else _pick(random, 3, 4, 5, 6, 7)
    stride = 1 if difficulty == 1 else _pick(random, 1, 2, 3)
    dilation = 1 if difficulty < 3 else _pick(random, 1, 2, 3)
    span = dilation * (kernel - 1) + 1
    padding = (span - 1) // 2 if difficulty == 1 else int(random.integers(1, 5))
    size = (rows + 2 * padding - span) // stride + 1
    if size < 1 or padding < 1 or rows < span or (rows + 2 * (padding - 1) - span) // stride + 1 == size:
        return None  # the answer must be the smallest padding that gives this size
    settings: dict[str, Any] = {
        "kernel": kernel,
        "stride": stride,
        "dilation": dilation,
        "weights": "preset:box",
    }
    source = _paper(1, rows, rows)
    dilated = ", dilation `= dilation`" if difficulty == 3 else ""
    block = f"""Input `= rows`×`= rows`, kernel `= kernel`×`= kernel`, stride `= stride`{dilated}. The output shall be
`= plan.output_shape[1]`×`= plan.output_shape[1]`. Which padding on each side is the smallest that gives it?
key: padding
wrong: 2 * padding => That is the padding of both sides together.
wrong: kernel // 2 => Half the kernel keeps the size with a stride of 1 and no dilation. Here another size is wanted.
wrong: kernel - 1 => That much padding makes the output larger than the input.
wrong: 0 => Without padding the size is `= changed(padding=0).plan.output_shape[1]`.
hint: Solve ⌊(size + 2 · padding − span) / stride⌋ + 1 for the padding.
explain: (`= rows` + 2·`= padding` − `= dilation * (kernel - 1) + 1`) / `= stride`, rounded down, + 1 =
  `= plan.output_shape[1]`. With `= padding - 1` it would be
  `= floor((rows + 2 * (padding - 1) - dilation * (kernel - 1) - 1) / stride) + 1`."""
    fragment = link("convolution", source, padding=padding, **settings)
    return Drawn(fragment, block, shown=link("convolution", source, **settings))


def _sums(random: Random, difficulty: int) -> Drawn | None:
    side, kernel = (3, 2) if difficulty == 1 else (4, 2) if difficulty == 2 else (4, 3)
    padding = 1 if difficulty == 3 else 0
    source = f"values:{grid(random, 1, side, side, 0, 4)}"
    weights = grid(random, 1, kernel, kernel, -2, 2).replace("1x", "1x1x", 1)
    places = side + 2 * padding - kernel + 1
    row, col = int(random.integers(places)), int(random.integers(places))
    bias = 0 if difficulty < 2 else int(random.integers(1, 4))
    fragment = link(
        "convolution",
        source,
        kernel=kernel,
        padding=padding or None,
        bias="true" if bias else None,
        weights=f"values:{weights}{f';bias={bias}' if bias else ''}",
        step=row * places + col,
    )
    with_bias = f", and with the bias `output = output[0, {row}, {col}]`" if bias else ""
    block = f"""The window gives row {row}, column {col} of the output. It holds `input = window({row}, {col})[0]`,
and the kernel is `kernel = weight[0, 0]`.{" The bias is `= bias[0]`." if bias else ""} Which number does it give?
key: output[0, {row}, {col}]
wrong: sum(window({row}, {col})) => You added the cells. Multiply each by its weight first.
wrong: sum(window({row}, {col}) * weight[0]) => You forgot the bias.
wrong: sum(window({row}, {col}) * flipped(weight[0])) {"+ bias[0]" if bias else ""} =>
  You turned the kernel by half a turn. Here it lies on the window as it is.
wrong: -output[0, {row}, {col}] => Look at the signs again.
hint: Multiply cell by cell, then add.
explain: The products are `= window({row}, {col})[0] * weight[0, 0]`. Their sum is
  `= sum(window({row}, {col}) * weight[0])`{with_bias}."""
    return Drawn(fragment, block)


def _fields(random: Random, difficulty: int) -> Drawn | None:
    count = 2 if difficulty < 3 else 3
    layers, layer_words = [], []
    for _ in range(count):
        kernel = int(random.integers(2, 13)) if difficulty == 1 else _pick(random, 2, 3, 4, 5)
        stride = 1 if difficulty == 1 else _pick(random, 1, 2, 3)
        dilation = _pick(random, 1, 2, 4) if difficulty == 3 else 1
        layers.append({"kernel": kernel, "stride": stride, "dilation": dilation})
        more = f", dilation {dilation}" if difficulty == 3 else ""
        layer_words.append(f"kernel {kernel}, stride {stride}{more}")
    first, *further = layers
    parts = [
        f"op=convolution&kernel={one['kernel']}&stride={one['stride']}&dilation={one['dilation']}"
        for one in further
    ]
    tail = tuple(f"layer={part.replace('&', '%26')}" for part in parts)
    size, jump = 1, 1
    for one in layers:
        size += (one["kernel"] - 1) * one["dilation"] * jump
        jump *= one["stride"]
    cells = size + 3 * jump
    fragment = link("convolution", f"noise:1x{cells}", (*tail, f"chosen={count - 1}"), **first)
    plain = " + ".join(str(one["kernel"]) for one in layers)
    slow = " + ".join(f"({one['kernel']} - 1)" for one in layers)
    taps = " + ".join(f"({one['kernel']} - 1) * {one['dilation']}" for one in layers)
    block = f"""A series runs through {count} convolutions: {"; then ".join(layer_words)}. How many cells
of the series does one cell of the last output see?
key: field.size
wrong: {plain} => You added the kernels. The cells that one window and the next share count once.
wrong: {slow} + 1 => Behind a stride the windows of later layers lie further apart, and a dilation
  has gaps.
wrong: {taps} + 1 => You forgot the stride: behind a stride of s, one cell further means s cells of the series.
wrong: field.jump => That is how far apart two neighbours look.
hint: Begin with 1. Each layer adds (kernel − 1) · dilation · the strides before it.
explain: {_worked(layers)} = `= field.size` cells."""
    return Drawn(fragment, block, shown=fragment.replace(f"&chosen={count - 1}", ""))


def _worked(layers: list[dict[str, int]]) -> str:
    parts, jump = ["1"], 1
    for one in layers:
        factors = [f"({one['kernel']} − 1)"] + [str(n) for n in (one["dilation"], jump) if n > 1]
        parts.append("·".join(factors))
        jump *= one["stride"]
    return " + ".join(parts)


def _parameters(random: Random, difficulty: int) -> Drawn | None:
    kernel = _pick(random, 1, 2, 3, 5, 7)
    channels = _pick(random, 1, 2, 3, 4) if difficulty == 1 else _pick(random, 4, 6, 8, 12)
    filters = _pick(random, 4, 8, 16, 32, 64) if difficulty < 3 else channels * _pick(random, 1, 2, 3)
    groups = 1 if difficulty < 3 else _pick(random, 2, channels)
    bias = "true" if difficulty > 1 else None
    fragment = link(
        "convolution",
        _paper(channels, 8, 8),
        kernel=kernel,
        filters=filters,
        groups=groups if groups > 1 else None,
        bias=bias,
        weights="preset:random",
    )
    details = ", `= groups` groups" if groups > 1 else ""
    details += ", with bias" if bias else ", without bias"
    block = f"""A convolution reads `= channels` channels: kernel `= kernel`×`= kernel`, `= filters` filters{
        details
    }. How many
parameters has it?
key: plan.parameters
wrong: plan.weights => You forgot the bias: one number for each filter.
wrong: changed(groups=1).plan.parameters => You forgot the groups: a filter reads `= channels // groups` channels.
wrong: filters * plan.taps => You forgot the channels: a filter has a slice for each channel that it reads.
wrong: channels * plan.taps => That is one filter.
wrong: filters * channels => Each slice has `= plan.taps` weights.
hint: filters · channels of a group · taps, and the bias.
explain: `= filters` · `= channels // groups` · `= plan.taps` = `= plan.weights`{
        ", and `= filters` of the bias: `= plan.parameters`" if bias else ""
    }."""
    return Drawn(fragment, block)


def _pooling(random: Random, difficulty: int) -> Drawn | None:
    side = 4
    mean = bool(random.integers(2))
    stride = 2 if difficulty == 1 else 1
    kernel = 2 if difficulty < 3 else 3
    padding = 1 if difficulty == 3 else 0
    source = f"values:{grid(random, 1, side, side, -9 if difficulty == 3 else 0, 9)}"
    places = (side + 2 * padding - kernel) // stride + 1
    row, col = int(random.integers(places)), int(random.integers(places))
    operation = "average_pooling" if mean else "max_pooling"
    settings: dict[str, Any] = {
        "kernel": kernel,
        "stride": stride,
        "padding": padding or None,
        "step": row * places + col,
    }
    fragment = link(operation, source, **settings)
    word = "Average" if mean else "Max"
    outside = " Padding does not count." if padding else ""
    block = f"""{word} pooling, kernel `= kernel`×`= kernel`, stride `= stride`, padding `= padding`.
Which number stands at row {row}, column {col} of the output?{outside}
key: output[0, {row}, {col}]
wrong: changed(operation="{"max_pooling" if mean else "average_pooling"}").output[0, {row}, {col}] =>
  That is the {"largest cell" if mean else "mean"}. {"All cells count alike." if mean else "Only the largest counts."}
wrong: input[0, {min(row, side - 1)}, {min(col, side - 1)}] => That is the input at the
  same place. The window begins at row `= {row} * stride - padding`, column `= {col} * stride - padding`.
wrong: output[0, {row}, {col}] * plan.taps => That is a sum. Divide by the number of cells.
within: 0.01
explain: The window begins at row `= {row} * stride - padding`, column `= {col} * stride - padding`, and is
  `= kernel` cells wide. It gives `output = output[0, {row}, {col}]`."""
    return Drawn(fragment, block)


def _transposed(random: Random, difficulty: int) -> Drawn | None:
    rows, columns = int(random.integers(2, 13)), int(random.integers(2, 13))
    kernel = _pick(random, 2, 3, 4, 5)
    stride = _pick(random, 1, 2) if difficulty == 1 else _pick(random, 2, 3, 4)
    padding = 0 if difficulty == 1 else _pick(random, 0, 1, 2)
    dilation = 1 if difficulty < 3 else _pick(random, 1, 2)
    extra = None if difficulty < 3 else _pick(random, 0, 1)
    if padding >= kernel or (extra or 0) >= max(stride, dilation):
        return None
    settings: dict[str, Any] = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    fragment = link(
        "transposed_convolution",
        _paper(1, rows, columns),
        output_padding=extra,
        weights="preset:box",
        **settings,
    )
    details = f", dilation `= dilation`, output padding {extra}" if difficulty == 3 else ""
    more = f" + {extra}" if extra else ""
    block = f"""A transposed convolution reads `= rows`×`= columns`: kernel `= kernel`×`= kernel`, stride `= stride`,
padding `= padding`{details}. Which shape has the output?
key: plan.output_shape
wrong: changed(padding=0).plan.output_shape => You forgot the padding. Here it cuts the border off.
wrong: (1, rows * stride, columns * stride) => That is so only where kernel, padding and stride fit
  together.
wrong: (1, floor((rows + 2 * padding - kernel) / stride) + 1, floor((columns + 2 * padding - kernel) / stride) + 1) =>
  That is the convolution. The transposed one runs the other way.
wrong: (1, (rows - 1) * stride + kernel + 2 * padding, (columns - 1) * stride + kernel + 2 * padding) => Padding makes
  the output of a transposed convolution smaller.
hint: (size − 1) · stride + span − 2 · padding.
explain: (`= rows` − 1)·`= stride` + `= dilation * (kernel - 1) + 1` − 2·`= padding`{more} =
  `= plan.output_shape[1]` rows, and (`= columns` − 1)·`= stride` + `= dilation * (kernel - 1) + 1` −
  2·`= padding`{more} = `= plan.output_shape[2]` columns."""
    return Drawn(fragment, block, shape=True)


def _causal(random: Random, difficulty: int) -> Drawn | None:
    kernel = 2 if difficulty == 1 else _pick(random, 2, 3, 4)
    dilations = [_pick(random, 1, 2, 3, 4, 5) for _ in range(1 if difficulty < 3 else 2)]
    reach = sum((kernel - 1) * one for one in dilations)
    time = reach + int(random.integers(0, 20))
    length = time + int(random.integers(1, 6))
    first, *further = (
        f"kernel={kernel}&padding=causal&dilation={one}&weights=preset:box" for one in dilations
    )
    tail = [f"layer={f'op=convolution&{part}'.replace('&', '%26')}" for part in further]
    chosen = [f"chosen={len(dilations) - 1}"] if further else []
    fragment = "&".join(["#v1", "op=convolution", first, f"source=noise:1x{length}", *tail, *chosen])
    listed = " and ".join(map(str, dilations))
    layers = "A causal layer" if len(dilations) == 1 else "Two causal layers, one after the other,"
    have = "has" if len(dilations) == 1 else "have"
    gaps = "a dilation" if len(dilations) == 1 else "dilations"
    block = f"""{layers} {have} a kernel of {kernel} and {gaps} of {listed}.
Which is the earliest time that the output at time {time} depends on? Times are counted from 0.
key: argmax(seen({time}))[0]
wrong: {time} - {kernel} * {sum(dilations)} => A kernel of {kernel} has {kernel - 1} {"gap" if kernel == 2 else "gaps"}:
  its last tap lies at time {time} itself.
wrong: {time} - {kernel - 1} * {len(dilations)} => You forgot the dilation: the gaps between taps are {listed}.
wrong: {time} - {reach} - 1 => One too far: time {time} itself counts too.
wrong: {time} => That is the latest: a causal layer sees nothing later.
hint: A causal layer reads back (kernel − 1) · dilation steps.
explain: {time} − {" − ".join(f"({kernel} − 1)·{one}" for one in dilations)} = `= argmax(seen({time}))[0]`."""
    return Drawn(fragment, block)


KINDS = {
    kind.name: kind
    for kind in (
        Kind("sizes", "Output sizes", _sizes, ("kernel", "stride", "padding")),
        Kind("padding", "Padding for a wanted size", _padding, ("padding",)),
        Kind("sums", "Sums by hand", _sums, ("steps",)),
        Kind("fields", "Receptive fields", _fields, ("kernel", "stride", "dilation")),
        Kind("parameters", "Parameters", _parameters, ("filters", "groups")),
        Kind("pooling", "Pooling", _pooling, ("steps",)),
        Kind("transposed", "Transposed sizes", _transposed, ("kernel", "stride", "padding")),
        Kind("causal", "Causal indices", _causal, ("dilation",)),
    )
}
