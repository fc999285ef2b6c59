"""The open connections of one process: who may have one more, and which gives way for it. Knows no bytes."""

from __future__ import annotations

import ipaddress
from collections import Counter, OrderedDict
from collections.abc import Iterable
from typing import Protocol

from ...core.errors import Busy, Problem, TooMany
from ..server.shares import fits
from .clients import named

AGAIN_S = 5


class Connection(Protocol):
    """A connection that may have to give way."""

    def give_way(self) -> None:
        """End without an answer: no whole request has come."""


class Connections:
    """Counts connections by address, and knows which of them wait for a head, the longest first.

    A connection without a whole head costs its owner nothing and holds a place, so it is what gives way: that of
    the same address when the address is over its share, that of anybody when all places are taken. When none
    waits, the newcomer is refused, in one of a few places that are kept for refusals and for probes.
    """

    def __init__(self, room: int, reserve: int, proxies: Iterable[str] = ()) -> None:
        self.room = room
        self.reserve = reserve
        self._proxies = [ipaddress.ip_network(proxy) for proxy in proxies]
        self._address: dict[object, str] = {}
        self._held: Counter[str] = Counter()
        self._waiting: OrderedDict[Connection, None] = OrderedDict()
        self._waiting_of: dict[str, OrderedDict[Connection, None]] = {}

    def __len__(self) -> int:
        return len(self._address)

    def held(self, host: str) -> int:
        """How many connections an address has."""
        return self._held[named(host)]

    def opened(self, connection: Connection, host: str) -> Problem | None:
        """Note a new connection; the refusal that it is to answer with, if it finds no place.

        One that finds not even a place for a refusal is ended at once.
        """
        address = named(host)
        refusal: Problem | None = None
        # Where nothing is free the share is that of one free place: who has next to nothing comes before others.
        within = fits(self._held[address], min(len(self), self.room - 1), self.room)
        if not within and not self._is_a_proxy(host):
            if not self._make_way(self._waiting_of.get(address)):
                refusal = TooMany("as many connections of this address are open as it may have", AGAIN_S)
        elif len(self) >= self.room and not self._make_way(self._waiting):
            refusal = Busy("as many connections are open as this server can serve", AGAIN_S)
        if len(self) >= self.room + self.reserve:
            connection.give_way()
            return refusal
        self.joined(connection, host)
        self.waits(connection)
        return refusal

    def joined(self, connection: object, host: str) -> None:
        """Count a connection that is there already, such as a socket that was an HTTP connection before."""
        address = named(host)
        self._address[connection] = address
        self._held[address] += 1

    def waits(self, connection: Connection) -> None:
        """No request of it is under way: from now on it waits for a head."""
        if (address := self._address.get(connection)) is not None:
            self._waiting[connection] = None
            self._waiting_of.setdefault(address, OrderedDict())[connection] = None

    def works(self, connection: Connection) -> None:
        """A whole head has come: it gives way for nobody."""
        self._waiting.pop(connection, None)
        address = self._address.get(connection, "")
        if (mine := self._waiting_of.get(address)) is not None:
            mine.pop(connection, None)
            if not mine:
                del self._waiting_of[address]

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""
        self.works(connection)
        self.left(connection)

    def left(self, connection: object) -> None:
        """Forget a connection that waited for no head."""
        if (address := self._address.pop(connection, None)) is not None:
            self._held[address] -= 1
            if not self._held[address]:
                del self._held[address]

    def _make_way(self, waiting: OrderedDict[Connection, None] | None) -> bool:
        """End the connection that has waited the longest; whether there was one."""
        if not waiting:
            return False
        oldest = next(iter(waiting))
        self.closed(oldest)
        oldest.give_way()
        return True

    def _is_a_proxy(self, host: str) -> bool:
        """Whether all clients come from there: their shares are counted by request."""
        if not self._proxies:
            return False
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._proxies)
