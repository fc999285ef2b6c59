"""Short pieces of training, and who pays for them. Knows no experiment: only what tells something between pieces."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

import anyio

from ...core.errors import TooMany

if TYPE_CHECKING:
    from .jobs import Services

T = TypeVar("T")

MOST_MESSAGES = 16  # messages and snapshots that one piece of work may leave to be sent
PIECE_S = 0.015  # of training without a pause; a single training step may take longer
UNITS_A_SECOND = 1000


async def piece_of(
    served: Services, messages: Iterator[T | None], most: int = MOST_MESSAGES
) -> tuple[list[T], bool, float]:
    """The messages of one short piece of work, at most so many; whether there are more; and the seconds it took."""
    found: list[T] = []
    took = 0.0

    def piece() -> bool:
        nonlocal took
        begun = time.perf_counter()
        more = True
        while time.perf_counter() - begun < PIECE_S and len(found) < most:
            try:
                one = next(messages)
            except StopIteration:
                more = False
                break
            if one is not None:
                found.append(one)
        took = time.perf_counter() - begun
        return more

    return found, await served.compute.train(piece), took


async def pay(served: Services, took_s: float) -> None:
    """Have the client pay for training, and wait where it has asked for more than its part.

    It pays from what its training may take, which is apart from all else: a class behind one address that trains does
    not keep its other pages from being answered.
    """
    while True:
        try:
            await served.admission.charge_training(took_s * UNITS_A_SECOND)
        except TooMany as problem:
            await anyio.sleep(problem.retry_after_s or 1)
        else:
            return


async def burst(
    served: Services, messages: Iterator[T | None], most: int = MOST_MESSAGES
) -> tuple[list[T], bool]:
    """The messages of one short piece of work, paid for, and whether there are more."""
    found, more, took_s = await piece_of(served, messages, most)
    await pay(served, took_s)
    return found, more
