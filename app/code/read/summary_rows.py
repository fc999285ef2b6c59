"""Rows of a model's summary, which name a layer and its output's shape and do not say the layer. Knows tokens."""

from __future__ import annotations

from .scan import Token

FRAME = {"│", "┃", "|", "║"}
REASON = (
    "this is a row of a model's summary: it says the output's shape and the number of parameters, "
    "not the kernel, stride or padding"
)
REMEDY = "Paste the code of the layer, or what print(model) shows."


def row(found: list[Token], index: int) -> tuple[int, int] | None:
    """The tokens of a row's name and class, where one begins at ``index``; else None.

    ``conv2d (Conv2D)  (None, 26, 26, 32)  320`` of Keras, ``Conv2d-1  [-1, 64, 112, 112]`` of torchsummary and
    ``Conv2d: 1-1  [1, 64, 112, 112]`` of torchinfo.
    """
    words = [token.text for token in found[index : index + 12]]
    if not words or found[index].kind != "name":
        return None
    if words[1:2] == ["("] and words[3:4] == [")"] and found[index + 2].kind == "name":
        behind = [word for word in words[4:] if word not in FRAME]
        shape = behind[1:3] if behind[:1] == ["["] else behind[:2]
        return (index, index + 3) if shape in (["(", "None"], ["(", "?"]) else None
    behind = words[1:]
    if behind[:1] == [":"]:
        behind = behind[2:]
    if behind[:1] == ["-"] and behind[1:2] and behind[1].isdigit() and behind[2:3] == ["["]:
        return index, index + words.index("[") - 1
    return None
