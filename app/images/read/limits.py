"""How much a picture, an array or the store may hold. Knows no environment variables and no request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Frozen bounds; every refusal for size names one of these numbers."""

    upload_bytes: int = 20_000_000  # largest body of an uploaded picture or array
    upload_pixels: int = 40_000_000  # width × height of a picture, checked before it is decoded
    upload_side: int = 20_000  # width or height of a picture
    decode_bytes: int = 500_000_000  # memory that decoding one picture may take
    decode_s: int = 20  # and time, by the clock
    working_size: int = 1024  # longest side after resampling
    input_cells: int = 4_194_304  # channels × sizes of one input


DEFAULT_LIMITS = Limits()
