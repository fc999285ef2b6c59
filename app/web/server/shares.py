"""How much of what all share one address may have. Knows no connection and no request."""

from __future__ import annotations

SHARE = 3  # an address may hold three times what is still free: alone three quarters, and never all


def fits(mine: int, total: int, room: int, size: int = 1) -> bool:
    """Whether an address that holds ``mine`` of ``total`` may take ``size`` more of ``room``.

    ``mine < SHARE · (room − total)``: who is alone may have most of it, a campus behind one address as well; the
    more others hold, the less each may have, and something is always left for one who comes new.
    """
    return total + size <= room and mine < SHARE * (room - total)
