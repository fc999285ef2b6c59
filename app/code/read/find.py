"""Where in a text a layer is said: as a call, as an ONNX node, or as a node's attributes. Executes nothing."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterator

from ...core.errors import Unreadable
from ...core.frameworks.catalog import TITLES
from . import summary_rows
from .bind import Call
from .known import (
    Known,
    candidates,
    framework_of,
    names,
    of_onnx,
    onnx_attributes,
)
from .scan import Token, unreadable
from .values import (
    Given,
    Opaque,
    Reader,
    Value,
)

NODES = {"make_node", "Node"}
# Layers that people paste, and why they are none of ours.
OTHERS = {
    r"(Lazy)?BatchNorm\w*|LayerNorm\w*|GroupNorm|InstanceNorm\w*|Dropout\w*|LayerNormalization": (
        "this layer slides no window",
        "Paste the convolution or pool beside it.",
    ),
    r"Conv(LSTM)\dD?|(Lazy)?(LSTM|GRU|RNN|SimpleRNN)(Cell)?": (
        "this layer has a state",
        "Paste a convolution.",
    ),
}
# Words before an operator's name in viewers and JSON, and words of viewers that are like names of operators.
TYPES = {"type", "op_type", "optype", "op", "operator"}
VIEWERS = {"NodeProperties", "ModelProperties"}
LIKELY = re.compile("conv|pool|upsam|dense|linear|unfold|resize", re.IGNORECASE)
USUAL = "nn.Conv2d(3, 64, 7, stride=2, padding=3)"
EXAMPLES = {
    "keras": 'layers.Conv2D(64, 3, padding="same")',
    "tensorflow": 'tf.nn.conv2d(x, filters, strides=2, padding="SAME")',
    "jax": "lax.conv_general_dilated(x, weight, (2, 2), [(1, 1), (1, 1)])",
}
OPERATORS = "Conv, ConvTranspose, MaxPool or AveragePool"


def calls(text: str, found: list[Token], reader: Reader, start: int = 0) -> Call | None:
    """The first call of a known layer from a token on, or None."""
    index = start
    while index < len(found) - 1:
        token = found[index]
        opening = found[index + 1]
        if token.kind == "name" and opening.kind == "sign":
            if opening.text == "(" and (call := _call(text, found, reader, index)) is not None:
                return call
            if opening.text in ("[", "<") and of_onnx(token.text):
                return _attributes(text, found, reader, index, index + 2)
        index += 1
    return None


def _call(text: str, found: list[Token], reader: Reader, index: int) -> Call | None:
    token = found[index]
    if index and found[index - 1].kind == "name" and found[index - 1].text in ("def", "class"):
        return None
    if token.text in NODES:
        return _node(text, found, reader, index)
    path, first = _path(found, index)
    known = candidates(path)
    if not known or summary_rows.row(found, index) is not None:
        return None
    given, closing = reader.arguments(index + 1)
    if len(path) == 1 and not (known := _said_alone(known, given)):
        return None
    return Call(
        token.text, known, tuple(given), found[first].start, token.end, found[closing].end, closing + 1, index
    )


def _path(found: list[Token], index: int) -> tuple[tuple[str, ...], int]:
    """The dotted name that ends at a token, and the index of its first."""
    first = index
    while first >= 2 and found[first - 1].text == "." and found[first - 2].kind == "name":
        first -= 2
    return tuple(found[place].text for place in range(first, index + 1, 2)), first


def _said_alone(known: tuple[Known, ...], given: list[Given]) -> tuple[Known, ...]:
    """Of the layers that a name without a module may be those that it is not by accident.

    ``Conv`` is an operator of ONNX, whose inputs are tensors, and a layer of Flax, whose kernel is a list; many
    people have a layer of their own by this name.
    """
    named = {one.name for one in given}
    plain = [one.value.what for one in given if one.name is None]
    numbers = any(isinstance(what, (int, float)) for what in plain)
    flax = named & {"features", "in_features", "kernel_size"} or any(
        isinstance(what, tuple) for what in plain[1:2]
    )
    return tuple(
        one
        for one in known
        if not (one.framework == "onnx" and numbers)
        and not (one.module.startswith("flax") and one.path[-1] in ("Conv", "ConvTranspose") and not flax)
    )


def _node(text: str, found: list[Token], reader: Reader, index: int) -> Call | None:
    """``make_node("Conv", inputs, outputs, ...)``: the inputs are what a function is given by position."""
    given, closing = reader.arguments(index + 1)
    named = {one.name: one.value for one in given if one.name is not None}
    plain = [one.value for one in given if one.name is None]
    kind = named.get("op_type") or (plain[0] if plain else None)
    if kind is None or not isinstance(kind.what, str) or not (known := of_onnx(kind.what)):
        return None
    inputs = named.get("inputs") or (plain[1] if len(plain) > 1 else None)
    tensors: list[Given] = []
    if inputs is not None and isinstance(inputs.what, tuple):
        tensors = [Given(None, _tensor(reader, one, index), one.start, one.end) for one in inputs.what]
    attributes = [one for one in given if one.name not in (None, "op_type")]
    arguments = (*tensors, *attributes)
    return Call(
        kind.what,
        known,
        arguments,
        found[index].start,
        found[index].end,
        found[closing].end,
        closing + 1,
        next((place for place in range(index, closing) if found[place].start == kind.start), index),
    )


def _tensor(reader: Reader, value: Value, index: int) -> Value:
    """An input of a node: the array of its name where that was assigned before, None where it is left out."""
    if value.what == "":
        return Value(None, value.start, value.end)
    if isinstance(value.what, str):
        known = reader.initializer(value.what) or reader.variable(value.what, index)
        if known is not None:
            return Value(known.what, value.start, value.end)
    return Value(Opaque(), value.start, value.end)


# --- Attributes, as Netron and onnx show them ---------------------------------------------------------------


def attributes(text: str, found: list[Token], reader: Reader) -> Call | None:
    """``kernel_shape: 3, 3`` and the like: a list of attributes, with or without the operator's name.

    Where no operator is named it is guessed, and only there: what is called, or named and unknown, is no such list.
    """
    known = onnx_attributes()
    if not any(token.text in known and token.kind in ("name", "string") for token in found):
        return None
    if next(_named(found), None) is not None:
        return None
    operator = next(
        (
            index
            for index, token in enumerate(found)
            if token.kind in ("name", "string") and of_onnx(token.text)
        ),
        None,
    )
    return _attributes(text, found, reader, operator, 0)


def _named(found: list[Token]) -> Iterator[Token]:
    """Names that a text calls, or gives as operators, and that are unknown here: ``max_pool(…)``, ``op_type: Scan``."""
    known = onnx_attributes()
    for index, token in enumerate(found[:-1]):
        after, before = found[index + 1], found[index - 1] if index else None
        if token.kind not in ("name", "string") or token.text in known or of_onnx(token.text):
            continue
        said = before is not None and before.text in (":", "=") and index >= 2
        typed = said and found[index - 2].text.lower() in TYPES
        called = after.text in ("(", "<", "[") and after.start == token.end
        alone = not said and _is_operator(token.text, after.text)
        if typed or (token.kind == "name" and (called or alone)):
            yield token


def _is_operator(word: str, after: str) -> bool:
    """Whether a word alone is an operator's name as ONNX has them, and not a heading of a viewer."""
    is_camel = re.fullmatch(r"([A-Z][a-z0-9]+){2,6}", word[:60]) is not None
    return is_camel and after not in (":", "=", ".") and word not in VIEWERS


def _attributes(text: str, found: list[Token], reader: Reader, operator: int | None, start: int) -> Call:
    given: list[Given] = []
    known = onnx_attributes()
    index, closing = start, _closing(found, start) if start else len(found) - 1
    while index < closing:
        token = found[index]
        if token.kind not in ("name", "string") or index == operator:
            index += 1
            continue
        separator = found[index + 1].kind == "sign" and found[index + 1].text in (":", "=")
        if token.text not in known:
            if separator and given and _looks_like(token.text):
                raise _no_attribute(text, token, known)
            index += 1
            continue
        value, index = _value(found, reader, index + 2 if separator else index + 1)
        given.append(Given(token.text, value, token.start, value.end))
    name = found[operator].text if operator is not None else _guessed({one.name or "" for one in given})
    place = found[operator] if operator is not None else found[0]
    return Call(
        name,
        of_onnx(name),
        tuple(given),
        place.start,
        place.end,
        found[closing].end if start else len(text),
        closing,
        operator or 0,
        operator is None,
    )


def _closing(found: list[Token], start: int) -> int:
    """Where the brackets end whose first token is at ``start``: the token that closes them, or the end of the text."""
    depth = 0
    for index in range(start, len(found) - 1):
        text = found[index].text if found[index].kind == "sign" else ""
        if text in ("]", ">") and not depth:
            return index
        depth += (text == "[") - (text == "]")
    return len(found) - 1


def _looks_like(word: str) -> bool:
    """Whether a name beside a colon could be a misspelt attribute, and not a heading of some viewer."""
    return bool(difflib.get_close_matches(word, onnx_attributes(), 1, 0.75))


def _no_attribute(text: str, token: Token, known: frozenset[str]) -> Unreadable:
    close = difflib.get_close_matches(token.text, known, 1, 0.75)
    reason = "no operator here has an attribute of this name"
    return unreadable(text, token.start, token.end, reason, f"Use {close[0]}, if that is what is meant.")


def _value(found: list[Token], reader: Reader, index: int) -> tuple[Value, int]:
    """A bracketed list, a word, or numbers that stand one after another."""
    first = found[index]
    if first.kind != "number" and not (first.kind == "sign" and first.text == "-"):
        value, index = reader.value(index)
        return value, max(index, 1)
    numbers: list[Value] = []
    while found[index].kind == "number" or (found[index].kind == "sign" and found[index].text in (",", "-")):
        if found[index].text == ",":
            index += 1
            continue
        value, after = reader.value(index)
        numbers.append(value)
        index = max(after, index + 1)
    if len(numbers) == 1:
        return numbers[0], index
    return Value(tuple(numbers), numbers[0].start, numbers[-1].end), index


def _guessed(given: set[str]) -> str:
    """Which operator has just these attributes, where none is named."""
    if given & {"output_padding", "output_shape"}:
        return "ConvTranspose"
    if "count_include_pad" in given:
        return "AveragePool"
    if "p" in given:
        return "LpPool"
    if given & {"storage_order", "ceil_mode"}:
        return "MaxPool"
    if given & {"mode", "coordinate_transformation_mode", "nearest_mode"}:
        return "Resize"
    return "Gemm" if given & {"transB", "transA"} else "Conv"


# --- Nothing found ------------------------------------------------------------------------------------------


def unknown(text: str, found: list[Token]) -> Unreadable:
    """Why no layer was found: the called name that is most like one, or that there is none at all."""
    for index in range(len(found) - 1):
        if (row := summary_rows.row(found, index)) is not None:
            return unreadable(
                text, found[row[0]].start, found[row[1]].end, summary_rows.REASON, summary_rows.REMEDY
            )
    called = [
        index
        for index, (token, after) in enumerate(itertools.pairwise(found))
        if token.kind == "name" and after.kind == "sign" and after.text == "("
    ]
    for index in called:
        token = found[index]
        for pattern, (reason, remedy) in OTHERS.items():
            if re.fullmatch(pattern, token.text):
                return unreadable(text, token.start, token.end, reason, remedy)
    likely = [index for index in called if LIKELY.search(found[index].text)]
    if not called and (operator := next(_named(found), None)) is not None:
        reason = "no operator of this name is known here"
        return unreadable(text, operator.start, operator.end, reason, f"Use an operator such as {OPERATORS}.")
    if not called:
        end = min(len(text), 1)
        if found[0].kind != "end":
            end = found[0].end
        return unreadable(
            text,
            found[0].start,
            max(end, found[0].start),
            "no layer is said here",
            f"Paste one, such as {USUAL}.",
        )
    return _unknown_name(text, found, (likely or called)[0])


def _unknown_name(text: str, found: list[Token], index: int) -> Unreadable:
    """A call that is none of ours, in the words of the framework that its module belongs to."""
    token, path = found[index], _path(found, index)[0]
    framework = framework_of(path)
    theirs = [
        name
        for name, known in names().items()
        if framework is None or any(one.framework == framework for one in known)
    ]
    alike = {name.lower(): name for name in theirs if name != token.text}
    close = [alike[word] for word in difflib.get_close_matches(token.text[:40].lower(), alike, 1, 0.7)]
    usual = EXAMPLES.get(framework or "", USUAL)
    remedy = f"Use {close[0]}, if that is what is meant." if close else f"Paste a layer such as {usual}."
    if path[0] in ("self", "cls") and len(path) > 1:
        remedy = f"Paste the line that makes {'.'.join(path)[:60]}."
    reason = "no layer of this name is known here"
    if framework is not None:
        reason = f"no layer of {TITLES[framework]} by the name {'.'.join(path[-4:])[-60:]} is known here"
    return unreadable(text, token.start, token.end, reason, remedy)
