"""Convscope: watch a convolution slide over your own image, with the real numbers.

``layer``, ``network``, ``read``, ``train``, ``forecast``, ``Layer``, ``Result`` and ``Problem`` are for notebooks and
scripts; what they need is loaded when they are first used.
"""

from typing import Any

__version__ = "0.1.0"

_PUBLIC = ("layer", "network", "read", "train", "forecast", "Layer", "Result", "Problem")


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "network":
        from .terminal.networks import network  # noqa: PLC0415 - as below

        return network
    if name == "train":
        from .terminal.train import train  # noqa: PLC0415 - as below

        return train
    if name == "forecast":
        from .terminal.forecast import forecasted  # noqa: PLC0415 - as below

        return forecasted
    from .terminal import notebook  # noqa: PLC0415 - the command line and the server do without

    return getattr(notebook, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_PUBLIC])
