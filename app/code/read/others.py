"""Other layers in the text beside the one that is read: they are left out and named. Executes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .activating import is_activation
from .bind import Call
from .known import candidates
from .padded import LAYER as PADDING
from .scan import Token, position

MOST_NAMED = 4
LAYER = re.compile(
    r"(Lazy)?\w{0,24}?(Conv|Pool|Norm|Dropout|Dense|Linear|Flatten|Reshape|Upsampl|UpSampl|Pad|ReLU|ELU|GELU|SiLU|Swish"
    r"|Tanh|Sigmoid|Softmax|Activation|Embedding|LSTM|GRU|RNN|Attention|Concatenate|Multiply|Unfold|Fold|Shuffle"
    r"|Rescaling|Identity)\w{0,24}"
)


def after(found: list[Token], brackets: dict[int, int], call: Call) -> int:
    """The index of the next call that is a layer behind this one, or the end of the text."""
    return next(
        (
            index
            for index in _layers(found, brackets, call.after)
            if not is_activation(found[index].text) and not _is_counted(found, index, call)
        ),
        len(found) - 1,
    )


def _layers(found: list[Token], brackets: dict[int, int], start: int = 0, into: int = -1) -> Iterator[int]:
    """Where layers are called or named, of those in each other's brackets the outer one, but for one of them."""
    index = start
    while index < len(found) - 1:
        token, opening = found[index], found[index + 1]
        if token.kind == "string" and found[index - 1].text == "(" and found[index - 2].text == "make_node":
            yield index
        elif token.kind == "name" and opening.text == "(" and _is_layer(found, index):
            yield index
            if index != into:
                index = brackets.get(index + 1, index + 1)
        index += 1


def _is_layer(found: list[Token], index: int) -> bool:
    word = found[index].text
    if found[index - 1].kind == "name" and found[index - 1].text in ("def", "class"):
        return False
    if word[:1].isupper():
        return len(word) < 60 and LAYER.fullmatch(word) is not None
    if word in ("relu", "pad"):
        return False
    before = found[index - 2].text if index >= 2 and found[index - 1].text == "." else None
    return bool(candidates((word,) if before is None else (before, word)))


def note(
    text: str,
    found: list[Token],
    brackets: dict[int, int],
    call: Call,
    taken: tuple[int, ...],
    activation: str,
    flattens: bool,
) -> str | None:
    """Which layer of several is read and what is left out; None where there is one.

    ``taken`` are the tokens of the ``activation`` that is read with it. A layer that ``flattens`` does what
    Flatten before it does.
    """
    left: list[int] = []
    for index in _layers(found, brackets, into=call.index):
        token = found[index]
        within = call.start <= token.start < call.end
        # In its own brackets stand initialisers too, whose names are like those of layers.
        if within and (index == call.index or token.kind == "string" or not candidates((token.text,))):
            continue
        if _is_counted(found, index, call) or (
            token.text == "Flatten" and token.start < call.start and flattens
        ):
            continue
        if token.start < call.start and PADDING.fullmatch(token.text):
            continue
        if index in taken:
            continue
        left.append(index)
    if not left:
        return None
    named = [f"{found[index].text} (line {line_of(text, found[index])})" for index in left[:MOST_NAMED]]
    more = f" and {len(left) - MOST_NAMED:,} more" if len(left) > MOST_NAMED else ""
    more_read = f", with its {activation}" if activation else ""
    return (
        f"One layer is read: {call.name} on line {position(text, call.start, call.end).line}{more_read}. "
        f"Left out: {', '.join(named)}{more}."
    )


def line_of(text: str, token: Token) -> int:
    """The line of a token, from 1."""
    return position(text, token.start, token.end).line


def _is_counted(found: list[Token], index: int, call: Call) -> bool:
    """Whether this counts the cells that a sum of windows is divided by."""
    return found[index].text == call.name == "reduce_window" and index > call.index
