"""The token of a class server, and the tokens of one day that are made from it. Knows no request."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import re
import time
from dataclasses import dataclass

DAY_S = 24 * 3600
_DAY = re.compile(r"day\.(\d{1,11})\.([\w-]{22})\Z", re.ASCII)


class OneDay(Exception):
    """A token of one day whose day is over."""


@dataclass(frozen=True)
class Tokens:
    """The token that the API demands: the class's own token, or one of a day, which anyone may see in a link.

    A token of one day is ``day.<moment of its end>.<HMAC of that moment>``, so every server with the same token
    takes it and none has to remember it. The key is derived from the class's token by scrypt: whoever has a link
    and wants to guess the token that it came from pays for each guess.
    """

    own: str

    @functools.cached_property
    def _key(self) -> bytes:
        return hashlib.scrypt(self.own.encode(), salt=b"convscope day token 1", n=2**14, r=8, p=1, dklen=32)

    def is_own(self, given: str) -> bool:
        """Whether this is the class's token, compared in constant time."""
        return hmac.compare_digest(given.encode(), self.own.encode())

    def takes(self, given: str, now_s: float | None = None) -> bool:
        """Whether this opens the API; raises OneDay for a token whose day is over."""
        if self.is_own(given):
            return True
        found = _DAY.match(given)
        if found is None or not hmac.compare_digest(found[2].encode(), self._proof(int(found[1])).encode()):
            return False
        if int(found[1]) <= (time.time() if now_s is None else now_s):
            raise OneDay
        return True

    def of_one_day(self, now_s: float | None = None) -> tuple[str, int]:
        """A token that opens the API for a day from now, and the moment when it ends."""
        end = int(time.time() if now_s is None else now_s) + DAY_S
        return f"day.{end}.{self._proof(end)}", end

    def _proof(self, end: int) -> str:
        proof = hmac.digest(self._key, f"{end}".encode(), hashlib.sha256)[:16]
        return base64.urlsafe_b64encode(proof).decode().rstrip("=")
