"""A job's frames one by one; what they are made from is let go while nobody takes any. Knows no socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

from ..server.compute import Compute
from .jobs import Frames, Piece


class Resting:
    """The frames of one job. A reader that stops would leave its input and the padded copy here, tens of megabytes.

    So after ``rest_s`` seconds without a frame both go, and the next frame has them built again: the job's message
    says all that it takes. Only the frames on their way then stay, and credits bound those.
    """

    def __init__(
        self, frames: Frames, again: Callable[[], Awaitable[Frames]], compute: Compute, rest_s: float
    ) -> None:
        self._frames: Frames | None = frames
        self._pieces: Iterator[Piece] = frames.pieces()
        self._piece = next(self._pieces, None)
        self._again = again
        self._compute = compute
        self._rest_s = rest_s
        self._timer: asyncio.TimerHandle | None = None
        self._sequence = 0
        self.made = 0
        self.more = self._piece is not None
        self._watch()

    @property
    def rests(self) -> bool:
        """Whether what frames are made from has been let go."""
        return self._frames is None

    async def frame(self) -> bytes:
        """The next frame; only while there is ``more``. Raises what keeps it from being built again."""
        self.close()
        if self._frames is None:
            self._frames = await self._again()
            self._frames.sequence = self._sequence
            self._pieces = self._frames.pieces(self.made)
            self._piece = next(self._pieces, None)
        assert self._piece is not None, "there was one more before the rest"
        frame = await self._compute.run(self._piece.work, self._piece.make)
        self.made += 1
        self._sequence = self._frames.sequence
        self._piece = next(self._pieces, None)
        self.more = self._piece is not None
        self._watch()
        return frame

    def close(self) -> None:
        """Stop the watch."""
        if self._timer is not None:
            self._timer.cancel()

    def _watch(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._rest_s, self._rest)

    def _rest(self) -> None:
        self._frames = self._piece = None
        self._pieces = iter(())
